package dmakit.kernel.reserved;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.TestTrees;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ReservedMemoryTest {
    private static final String OF = "OF: reserved mem: ";
    private static final long MIB = 1L << 20;

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 256 * MIB)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));

    @AfterEach
    void close() {
        machine.close();
    }

    private static String tree(String regions, String devices) {
        return """
        /dts-v1/;
        / {
            #address-cells = <1>;
            #size-cells = <1>;
            memory@0 { device_type = "memory"; reg = <0 0x10000000>; };
            reserved-memory {
                #address-cells = <1>;
                #size-cells = <1>;
                ranges;
                %s
            };
            soc {
                compatible = "simple-bus";
                #address-cells = <1>;
                #size-cells = <1>;
                ranges;
                %s
            };
        };
        """
                .formatted(regions, devices);
    }

    private Kernel boot(String regions, String devices, String commandLine) {
        return Kernel.boot(
                machine,
                TestTrees.of(tree(regions, devices)),
                TestTrees.LINES,
                _ -> {},
                commandLine);
    }

    private Kernel boot(String regions) {
        return boot(regions, "", "cma=0");
    }

    private static List<String> log(Kernel kernel) {
        return kernel.log().buffer().texts();
    }

    /** The lines between the banner and the zones. */
    private static List<String> regionLines(Kernel kernel) {
        List<String> lines = log(kernel);
        return lines.subList(2, lines.indexOf("Zone ranges:"));
    }

    private static Device device(Kernel kernel, String name) {
        return kernel.platform().device(name).orElseThrow().device();
    }

    private static void refuses(Errno errno, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Nested
    class AtBoot {
        @Test
        void everyKindOfRegionHasItsLinesDynamicOnesFirst() {
            Kernel kernel =
                    boot(
                            """
                            firmware@1000000 { reg = <0x1000000 0x100000>; no-map; };
                            dsp@2000000 {
                                compatible = "shared-dma-pool";
                                reg = <0x2000000 0x400000>;
                                no-map;
                            };
                            video {
                                compatible = "shared-dma-pool";
                                size = <0x800000>;
                                reusable;
                            };
                            wifi@3000000 {
                                compatible = "restricted-dma-pool";
                                reg = <0x3000000 0x200000>;
                            };
                            off@4000000 { reg = <0x4000000 0x1000>; status = "disabled"; };
                            """);
            assertThat(regionLines(kernel))
                    .containsExactly(
                            "Reserved memory: created CMA memory pool at 0x000000000f800000,"
                                    + " size 8 MiB",
                            OF + "initialized node video, compatible id shared-dma-pool",
                            OF
                                    + "0x000000000f800000..0x000000000fffffff (8192 KiB) map"
                                    + " reusable video",
                            OF
                                    + "0x0000000001000000..0x00000000010fffff (1024 KiB) nomap"
                                    + " non-reusable firmware@1000000",
                            "Reserved memory: created DMA memory pool at 0x0000000002000000,"
                                    + " size 4 MiB",
                            OF + "initialized node dsp@2000000, compatible id shared-dma-pool",
                            OF
                                    + "0x0000000002000000..0x00000000023fffff (4096 KiB) nomap"
                                    + " non-reusable dsp@2000000",
                            "Reserved memory: created restricted DMA pool at"
                                    + " 0x0000000003000000, size 2 MiB",
                            OF
                                    + "initialized node wifi@3000000, compatible id"
                                    + " restricted-dma-pool",
                            OF
                                    + "0x0000000003000000..0x00000000031fffff (2048 KiB) map"
                                    + " non-reusable wifi@3000000");
            assertThat(kernel.files().read("/proc/iomem"))
                    .contains("02000000-023fffff : reserved\n")
                    .contains("  03000000-031fffff : reserved\n")
                    .contains("02400000-0fffffff : System RAM\n")
                    .doesNotContain("04000000");
        }

        @Test
        void aTreeWithoutRegionsSaysSo() {
            Kernel kernel =
                    Kernel.boot(
                            machine,
                            TestTrees.of("/dts-v1/; / { #address-cells = <1>; };"),
                            TestTrees.LINES,
                            _ -> {},
                            "");
            assertThat(regionLines(kernel))
                    .containsExactly(OF + "Reserved memory: No reserved-memory node in the DT");
        }

        @Test
        void aNodeThatSpeaksOfOtherAddressesIsIgnored() {
            String source =
                    tree("x@1000000 { reg = <0x1000000 0x1000>; };", "")
                            .replaceFirst("ranges;", "");
            Kernel kernel =
                    Kernel.boot(machine, TestTrees.of(source), TestTrees.LINES, _ -> {}, "");
            assertThat(regionLines(kernel))
                    .containsExactly(OF + "Reserved memory: unsupported node format, ignoring");
        }

        @Test
        void propertiesThatAreMalformedSkipTheirNode() {
            Kernel kernel =
                    boot(
                            """
                            a@1000000 { reg = <0x1000000>; };
                            b { size = <0 0x1000>; };
                            c { size = <0x1000>; alignment = <0 0x1000>; };
                            d { size = <0x1000>; alloc-ranges = <0x1000>; };
                            e@1100000 { reg = <0x1100000 0>; };
                            f { size = <0x20000000>; };
                            g { size = <0>; };
                            """);
            assertThat(regionLines(kernel))
                    .containsExactly(
                            OF
                                    + "Reserved memory: invalid reg property in 'a@1000000',"
                                    + " skipping node.",
                            OF
                                    + "Reserved memory: failed to reserve memory for node"
                                    + " 'e@1100000': base 0x0000000001100000, size 0 MiB",
                            OF + "invalid size property in 'b' node.",
                            OF + "invalid alignment property in 'c' node.",
                            OF + "invalid alloc-ranges property in 'd', skipping node.",
                            OF + "failed to allocate memory for node 'f': size 512 MiB",
                            OF + "failed to allocate memory for node 'g': size 0 MiB");
        }

        @Test
        void aRegionThatFailsGoesBackToTheSystem() {
            Kernel kernel =
                    boot(
                            """
                            odd@1100000 {
                                compatible = "shared-dma-pool";
                                reg = <0x1100000 0x200000>;
                                reusable;
                            };
                            both@1400000 {
                                compatible = "shared-dma-pool";
                                reg = <0x1400000 0x200000>;
                                reusable;
                                no-map;
                            };
                            """);
            assertThat(regionLines(kernel))
                    .containsExactly(
                            "Reserved memory: incorrect alignment of CMA region",
                            OF + "node odd@1100000 compatible matching fail",
                            OF + "node both@1400000 compatible matching fail");
            assertThat(kernel.mm().pages().isFree(0x1100000)).isTrue();
            assertThat(kernel.mm().pages().isFree(0x1400000)).isTrue();
            assertThat(kernel.files().read("/proc/iomem")).doesNotContain("011", "014");
        }

        @Test
        void theCommandLineOverridesTheDefaultAreaOfTheTree() {
            String regions =
                    """
                    linux,cma {
                        compatible = "shared-dma-pool";
                        size = <0x1000000>;
                        reusable;
                        linux,cma-default;
                    };
                    """;
            Kernel kernel = boot(regions, "", "cma=8M");
            assertThat(log(kernel))
                    .containsSubsequence(
                            "Reserved memory: bypass linux,cma node, using cmdline CMA params"
                                    + " instead",
                            OF + "node linux,cma compatible matching fail",
                            "Zone ranges:",
                            "cma: Reserved 8 MiB at 0x000000000f400000 on node -1",
                            "Kernel command line: cma=8M");
            assertThat(kernel.files().read("/proc/meminfo"))
                    .contains("CmaTotal:           8192 kB");
        }

        @Test
        void regionsThatOverlapAreToldOf() {
            Kernel kernel =
                    boot(
                            """
                            a@1000000 { reg = <0x1000000 0x200000>; };
                            b@1100000 { reg = <0x1100000 0x200000>; };
                            """);
            assertThat(regionLines(kernel))
                    .last()
                    .isEqualTo(
                            OF
                                    + "OVERLAP DETECTED!\n"
                                    + "a@1000000 (0x0000000001000000--0x0000000001200000) overlaps"
                                    + " with b@1100000 (0x0000000001100000--0x0000000001300000)");
        }

        @Test
        void aRegionThatIsReservedAlreadyIsNotTakenOut() {
            Kernel kernel =
                    boot(
                            """
                            a@1000000 { reg = <0x1000000 0x200000>; };
                            b@1100000 { reg = <0x1100000 0x200000>; no-map; };
                            """);
            assertThat(regionLines(kernel))
                    .first()
                    .isEqualTo(
                            OF
                                    + "Reserved memory: failed to reserve memory for node"
                                    + " 'b@1100000': base 0x0000000001100000, size 2 MiB");
        }

        @Test
        void onlyTheFirstRangeOfANodeIsOfUse() {
            Kernel kernel = boot("a@1000000 { reg = <0x1000000 0x1000>, <0x1100000 0x1000>; };");
            assertThat(regionLines(kernel))
                    .containsExactly(
                            OF
                                    + "fdt_scan_reserved_mem_reg_nodes() ignores 1 regions in node"
                                    + " 'a@1000000'",
                            OF
                                    + "0x0000000001000000..0x0000000001000fff (4 KiB) map"
                                    + " non-reusable a@1000000");
            assertThat(kernel.mm().pages().isFree(0x1100000)).isFalse();
        }

        @Test
        void thereAreAsManyRegionsAsTheMaximumAndNoMore() {
            StringBuilder regions = new StringBuilder();
            for (int i = 0; i <= ReservedMemory.REGION_COUNT_MAX; i++) {
                int at = 0x200_0000 + i * 0x1000;
                regions.append("r@%x { reg = <0x%x 0x1000>; };\n".formatted(at, at));
            }
            Kernel kernel = boot(regions.toString());
            assertThat(regionLines(kernel))
                    .hasSize(ReservedMemory.REGION_COUNT_MAX + 1)
                    .last()
                    .isEqualTo(OF + "not enough space for all defined regions.");
            assertThat(kernel.mm().pages().isFree(0x204_0000)).isFalse();
        }

        @Test
        void memmapTakesMemoryOut() {
            Kernel kernel = boot("", "", "memmap=1M$0x2000000,64K$48M memmap=4K@0 memmap=$");
            assertThat(kernel.files().read("/proc/iomem"))
                    .contains("02000000-020fffff : Reserved\n")
                    .contains("03000000-0300ffff : Reserved\n");
            Device device = new Device("card0", "platform", null, null);
            kernel.coherentMemory().declare(device, 0x200_0000, 0x200_0000, MIB);
            assertThat(kernel.dma().allocCoherent(device, 4096, Gfp.KERNEL).dma())
                    .isEqualTo(0x200_0000);
        }
    }

    @Nested
    class DynamicRegions {
        private long placeOf(String properties) {
            Kernel kernel =
                    boot(
                            """
                            fixed@4000000 { reg = <0x4000000 0x1000000>; };
                            wanted { %s };
                            """
                                    .formatted(properties));
            Region region =
                    kernel.reservedMemory()
                            .lookup(
                                    kernel.deviceTree()
                                            .node("/reserved-memory/wanted")
                                            .orElseThrow())
                            .orElseThrow();
            return region.base();
        }

        @Test
        void areAsHighAsPossible() {
            assertThat(placeOf("size = <0x100000>;")).isEqualTo(0xff0_0000);
        }

        @Test
        void areAligned() {
            assertThat(placeOf("size = <0x100000>; alignment = <0x1000000>;"))
                    .isEqualTo(0xf00_0000);
        }

        @Test
        void areInTheFirstRangeThatHasRoom() {
            assertThat(
                            placeOf(
                                    "size = <0x100000>; alloc-ranges = <0x4000000 0x800000>,"
                                            + " <0x6000000 0x1000000>;"))
                    .isEqualTo(0x6f0_0000);
        }

        @Test
        void areCloseToARegionThatTouchesTheStartOfTheirRange() {
            assertThat(placeOf("size = <0x100000>; alloc-ranges = <0x5000000 0x1000000>;"))
                    .isEqualTo(0x500_0000);
        }

        @Test
        void areCloseToARegionThatTouchesTheEndOfTheirRange() {
            assertThat(placeOf("size = <0x100000>; alloc-ranges = <0x3000000 0x1000000>;"))
                    .isEqualTo(0x3f0_0000);
        }

        @Test
        void ofCmaAreAlignedToPageBlocks() {
            assertThat(
                            placeOf(
                                    "compatible = \"shared-dma-pool\"; reusable;"
                                            + " size = <0x200000>; alloc-ranges = <0x6000000"
                                            + " 0x1100000>;"))
                    .isEqualTo(0x6e0_0000);
        }
    }

    @Nested
    class ForDrivers {
        private final Kernel kernel =
                boot(
                        """
                        dsp: dsp@2000000 {
                            compatible = "shared-dma-pool";
                            reg = <0x2000000 0x10000>;
                            no-map;
                        };
                        other: other@2100000 {
                            compatible = "shared-dma-pool";
                            reg = <0x2100000 0x10000>;
                            no-map;
                        };
                        mapped: mapped@2200000 {
                            compatible = "shared-dma-pool";
                            reg = <0x2200000 0x10000>;
                        };
                        video: video@4000000 {
                            compatible = "shared-dma-pool";
                            reg = <0x4000000 0x200000>;
                            reusable;
                        };
                        plain: plain@3000000 { reg = <0x3000000 0x1000>; };
                        off: off@3100000 { reg = <0x3100000 0x1000>; status = "disabled"; };
                        """,
                        """
                        engine@10001000 {
                            compatible = "test,engine";
                            reg = <0x10001000 0x100>;
                            memory-region = <&dsp>, <&video>, <&plain>, <&off>, <&other>,
                                            <&mapped>, <0x7777>;
                            memory-region-names = "firmware", "frames";
                        };
                        second@10002000 {
                            compatible = "test,engine";
                            reg = <0x10002000 0x100>;
                            memory-region = <&dsp>;
                        };
                        none@10003000 { compatible = "test,engine"; reg = <0x10003000 0x100>; };
                        """,
                        "cma=0");
        private final ReservedMemory memory = kernel.reservedMemory();
        private final Device engine = device(kernel, "10001000.engine");

        private CoherentBuffer alloc(Device device, long size) {
            return kernel.call("alloc", () -> kernel.dma().allocCoherent(device, size, Gfp.KERNEL));
        }

        private void attach(int index) {
            memory.attachByIndex(engine, engine.ofNode(), index);
        }

        @Test
        void nothingIsAttachedByItself() {
            assertThat(engine.dma().pool()).isNull();
            assertThat(engine.dma().cmaArea()).isNull();
        }

        @Test
        void aCoherentPoolIsTheFirstRegion() {
            memory.attach(engine);
            assertThat(log(kernel))
                    .last()
                    .isEqualTo(
                            "platform 10001000.engine: assigned reserved memory node"
                                    + " dsp@2000000");
            assertThat(alloc(engine, 4096).dma()).isEqualTo(0x200_0000);
        }

        @Test
        void aSecondCoherentPoolIsRefused() {
            attach(0);
            refuses(Errno.EBUSY, () -> attach(4));
            refuses(Errno.EBUSY, () -> attach(0));
            memory.release(engine);
            attach(4);
            assertThat(alloc(engine, 4096).dma()).isEqualTo(0x210_0000);
        }

        @Test
        void devicesOfOneRegionShareIt() {
            Device second = device(kernel, "10002000.second");
            memory.attach(engine);
            memory.attach(second);
            assertThat(alloc(engine, 4096).dma()).isEqualTo(0x200_0000);
            assertThat(alloc(second, 4096).dma()).isEqualTo(0x200_1000);
        }

        @Test
        void aPoolThatIsMappedOtherwiseCannotBeAttached() {
            refuses(Errno.EINVAL, () -> attach(5));
            assertThat(log(kernel))
                    .last()
                    .isEqualTo("memremap attempted on ram 0x0000000002200000 size: 0x10000");
        }

        @Test
        void aCmaAreaServesAllSizesOfItsDevice() {
            memory.attachByName(engine, engine.ofNode(), "frames");
            assertThat(alloc(engine, 4096).dma()).isEqualTo(0x400_0000);
            assertThat(alloc(engine, 3 * 4096).dma()).isEqualTo(0x400_4000);
            assertThat(kernel.files().read("/sys/kernel/mm/cma/video@4000000/alloc_pages_success"))
                    .isEqualTo("4\n");
            memory.release(engine);
            assertThat(engine.dma().cmaArea()).isNull();
        }

        @Test
        void aFullCmaAreaOfADeviceIsFollowedByThePageAllocator() {
            attach(1);
            alloc(engine, 2 * MIB);
            assertThat(alloc(engine, 8192).dma())
                    .satisfies(dma -> assertThat(dma >>> 21).isNotEqualTo(0x400_0000 >>> 21));
        }

        @Test
        void failuresAreToldByTheirNumbers() {
            refuses(Errno.EINVAL, () -> attach(2));
            refuses(Errno.ENODEV, () -> attach(6));
            refuses(Errno.ENODEV, () -> attach(7));
            refuses(Errno.ENODEV, () -> attach(-1));
            refuses(Errno.ENODEV, () -> memory.attach(device(kernel, "10003000.none")));
            refuses(
                    Errno.ENODEV,
                    () -> memory.attachByName(engine, engine.ofNode(), "no such name"));
            refuses(Errno.EINVAL, () -> memory.attach(new Device("soft", "platform", null, null)));
        }

        @Test
        void aDisabledRegionIsPassedOver() {
            int lines = log(kernel).size();
            attach(3);
            assertThat(engine.dma().pool()).isNull();
            assertThat(log(kernel)).hasSize(lines);
        }

        @Test
        void allRegionsAreReleasedTogether() {
            attach(0);
            attach(1);
            memory.release(engine);
            assertThat(engine.dma().pool()).isNull();
            assertThat(engine.dma().cmaArea()).isNull();
            memory.release(engine);
        }
    }

    @Test
    void theGlobalRegionServesDevicesThatDoNotSnoop() {
        Kernel kernel =
                boot(
                        """
                        pool@2000000 {
                            compatible = "shared-dma-pool";
                            reg = <0x2000000 0x2000>;
                            no-map;
                            linux,dma-default;
                        };
                        """,
                        """
                        plain@10001000 { compatible = "a,b"; reg = <0x10001000 0x100>; };
                        snoops@10002000 {
                            compatible = "a,b";
                            reg = <0x10002000 0x100>;
                            dma-coherent;
                        };
                        """,
                        "cma=0");
        assertThat(log(kernel)).contains("DMA: default coherent area is set");
        Device plain = device(kernel, "10001000.plain");
        kernel.run(
                "test",
                () -> {
                    CoherentBuffer first = kernel.dma().allocCoherent(plain, 4096, Gfp.ATOMIC);
                    assertThat(first.dma()).isEqualTo(0x200_0000);
                    refuses(
                            Errno.ENOMEM,
                            () -> kernel.dma().allocCoherent(plain, 8192, Gfp.KERNEL));
                    kernel.dma().freeCoherent(plain, first);
                    assertThat(kernel.dma().allocCoherent(plain, 8192, Gfp.KERNEL).dma())
                            .isEqualTo(0x200_0000);
                    Device snoops = device(kernel, "10002000.snoops");
                    snoops.dma().coherent(true);
                    assertThat(kernel.dma().allocCoherent(snoops, 4096, Gfp.KERNEL).dma())
                            .satisfies(
                                    dma -> assertThat(dma >>> 13).isNotEqualTo(0x200_0000 >>> 13));
                });
    }
}
