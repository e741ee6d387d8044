package dmakit.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.AddressLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory of boards that exist: their regions and numbers, in trees of our own. */
class RealMemoryTest {
    private static final long MIB = 1L << 20;
    private static final long FOUR_GIB = 1L << 32;
    private static final String OF = "OF: reserved mem: ";

    @TempDir Path folder;

    private Simulation boot(String source) throws IOException {
        return boot(source, "");
    }

    private Simulation boot(String source, String commandLine) throws IOException {
        Path file = folder.resolve("board.dts");
        Files.writeString(file, "/dts-v1/;\n" + source, StandardCharsets.UTF_8);
        Simulation.Options plain = Simulation.Options.seeded(1);
        return Simulation.boot(
                Board.of(file.toString()),
                new Simulation.Options(plain.seed(), plain.cache(), commandLine));
    }

    private static List<String> lines(Kernel kernel) {
        return kernel.log().buffer().texts();
    }

    private static Device device(Kernel kernel, String name) {
        return kernel.platform().device(name).map(PlatformDevice::device).orElseThrow();
    }

    /** A driver that takes whatever its device has. */
    private record Taker(String compatible) implements PlatformDriver {
        @Override
        public String name() {
            return "taker-" + compatible;
        }

        @Override
        public List<OfMatch> ofMatch() {
            return List.of(new OfMatch(compatible));
        }

        @Override
        public void probe(PlatformDevice device) {}
    }

    private static void bind(Kernel kernel, String compatible) {
        kernel.run("insmod", () -> kernel.platform().register(new Taker(compatible)));
    }

    private static CoherentBuffer alloc(Kernel kernel, Device device, long size) {
        return kernel.call("alloc", () -> kernel.dma().allocCoherent(device, size, Gfp.KERNEL));
    }

    private static final String LS1046A =
            """
            / {
                model = "LS1046A with 8 GiB";
                #address-cells = <2>;
                #size-cells = <2>;
                memory@80000000 {
                    device_type = "memory";
                    reg = <0x0 0x80000000 0x0 0x80000000>, <0x8 0x80000000 0x1 0x80000000>;
                };
                reserved-memory {
                    #address-cells = <2>;
                    #size-cells = <2>;
                    ranges;
                    bman_fbpr: bman-fbpr {
                        compatible = "shared-dma-pool";
                        size = <0 0x1000000>;
                        alignment = <0 0x1000000>;
                        no-map;
                    };
                    qman_fqd: qman-fqd {
                        compatible = "shared-dma-pool";
                        size = <0 0x800000>;
                        alignment = <0 0x800000>;
                        no-map;
                    };
                    qman_pfdr: qman-pfdr {
                        compatible = "shared-dma-pool";
                        size = <0 0x2000000>;
                        alignment = <0 0x2000000>;
                        no-map;
                    };
                };
                soc {
                    compatible = "simple-bus";
                    #address-cells = <2>;
                    #size-cells = <2>;
                    ranges;
                    qman@1880000 {
                        compatible = "fsl,qman";
                        reg = <0x0 0x1880000 0x0 0x10000>;
                        memory-region = <&qman_fqd &qman_pfdr>;
                    };
                    bman@1890000 {
                        compatible = "fsl,bman";
                        reg = <0x0 0x1890000 0x0 0x10000>;
                        memory-region = <&bman_fbpr>;
                    };
                };
            };
            """;

    @Test
    void onAnLs1046aTheBufferManagerHasAllOfItsAlignedPool() throws IOException {
        try (Simulation simulation = boot(LS1046A)) {
            Kernel kernel = simulation.kernel();
            assertThat(lines(kernel))
                    .containsSubsequence(
                            "Machine model: LS1046A with 8 GiB",
                            "Reserved memory: created DMA memory pool at 0x00000009ff000000,"
                                    + " size 16 MiB",
                            OF + "initialized node bman-fbpr, compatible id shared-dma-pool",
                            OF
                                    + "0x00000009ff000000..0x00000009ffffffff (16384 KiB) nomap"
                                    + " non-reusable bman-fbpr",
                            "Reserved memory: created DMA memory pool at 0x00000009fe800000,"
                                    + " size 8 MiB",
                            OF + "initialized node qman-fqd, compatible id shared-dma-pool",
                            OF
                                    + "0x00000009fe800000..0x00000009feffffff (8192 KiB) nomap"
                                    + " non-reusable qman-fqd",
                            "Reserved memory: created DMA memory pool at 0x00000009fc000000,"
                                    + " size 32 MiB",
                            OF + "initialized node qman-pfdr, compatible id shared-dma-pool",
                            OF
                                    + "0x00000009fc000000..0x00000009fdffffff (32768 KiB) nomap"
                                    + " non-reusable qman-pfdr",
                            "Zone ranges:",
                            "  DMA      [mem 0x0000000080000000-0x00000000ffffffff]",
                            "  DMA32    empty",
                            "  Normal   [mem 0x0000000100000000-0x00000009ffffffff]",
                            "cma: Reserved 32 MiB at 0x00000000fe000000 on node -1");
            Device bman = device(kernel, "1890000.bman");
            bind(kernel, "fsl,bman");
            kernel.dma().setMaskAndCoherent(bman, DmaMapping.bitMask(40));
            kernel.reservedMemory().attach(bman);
            assertThat(lines(kernel))
                    .last()
                    .isEqualTo(
                            "taker-fsl,bman 1890000.bman: assigned reserved memory node"
                                    + " bman-fbpr");
            CoherentBuffer all = alloc(kernel, bman, 16 * MIB);
            assertThat(all.dma()).isEqualTo(0x9_ff00_0000L);
            assertThatThrownBy(() -> alloc(kernel, bman, 1)).isInstanceOf(DmaException.class);
        }
    }

    private static final String MESON_GX =
            """
            / {
                model = "Meson GX with 2 GiB";
                #address-cells = <2>;
                #size-cells = <2>;
                memory@0 { device_type = "memory"; reg = <0x0 0x0 0x0 0x80000000>; };
                reserved-memory {
                    #address-cells = <2>;
                    #size-cells = <2>;
                    ranges;
                    hwrom@0 { reg = <0x0 0x0 0x0 0x1000000>; no-map; };
                    secmon@10000000 { reg = <0x0 0x10000000 0x0 0x200000>; no-map; };
                    secmon@5000000 { reg = <0x0 0x05000000 0x0 0x300000>; no-map; };
                    linux,cma {
                        compatible = "shared-dma-pool";
                        reusable;
                        size = <0x0 0x10000000>;
                        alignment = <0x0 0x400000>;
                        linux,cma-default;
                    };
                };
                soc {
                    compatible = "simple-bus";
                    #address-cells = <2>;
                    #size-cells = <2>;
                    ranges;
                    vpu@d0100000 {
                        compatible = "amlogic,meson-gx-vpu";
                        reg = <0x0 0xd0100000 0x0 0x100000>;
                    };
                };
            };
            """;

    @Test
    void onMesonGxEveryDeviceHasTheTreesDefaultArea() throws IOException {
        try (Simulation simulation = boot(MESON_GX)) {
            Kernel kernel = simulation.kernel();
            assertThat(lines(kernel))
                    .containsSubsequence(
                            "Reserved memory: created CMA memory pool at 0x0000000070000000,"
                                    + " size 256 MiB",
                            OF + "initialized node linux,cma, compatible id shared-dma-pool",
                            OF
                                    + "0x0000000070000000..0x000000007fffffff (262144 KiB) map"
                                    + " reusable linux,cma",
                            OF
                                    + "0x0000000000000000..0x0000000000ffffff (16384 KiB) nomap"
                                    + " non-reusable hwrom@0",
                            OF
                                    + "0x0000000010000000..0x00000000101fffff (2048 KiB) nomap"
                                    + " non-reusable secmon@10000000",
                            OF
                                    + "0x0000000005000000..0x00000000052fffff (3072 KiB) nomap"
                                    + " non-reusable secmon@5000000",
                            "Zone ranges:");
            assertThat(lines(kernel)).noneMatch(line -> line.startsWith("cma: Reserved"));
            assertThat(kernel.files().read("/proc/meminfo"))
                    .contains("CmaTotal:         262144 kB\n");
            assertThat(kernel.files().read("/proc/iomem"))
                    .contains("00000000-00ffffff : reserved\n")
                    .contains("05000000-052fffff : reserved\n")
                    .contains("10000000-101fffff : reserved\n")
                    .contains("10200000-7fffffff : System RAM\n")
                    .contains("-7fffffff : reserved\n");
            Device vpu = device(kernel, "d0100000.vpu");
            CoherentBuffer frame = alloc(kernel, vpu, 8 * MIB);
            assertThat(frame.dma()).isBetween(0x7000_0000L, 0x7fff_ffffL);
            assertThat(frame.dma() % MIB).isZero();
            String statistics = "/sys/kernel/mm/cma/linux,cma/";
            long before = Long.parseLong(pages(kernel, statistics + "alloc_pages_success"));
            kernel.run("free", () -> kernel.dma().freeCoherent(vpu, frame));
            assertThat(pages(kernel, statistics + "alloc_pages_success"))
                    .isEqualTo(Long.toString(before));
            assertThat(pages(kernel, statistics + "release_pages_success")).isEqualTo("2048");
        }
    }

    private static String pages(Kernel kernel, String file) {
        return kernel.files().read(file).strip();
    }

    private static final String PCI_64 =
            """
            / {
                model = "A root port under 64-bit memory";
                #address-cells = <2>;
                #size-cells = <2>;
                interrupt-parent = <&gic>;
                memory@80000000 {
                    device_type = "memory";
                    reg = <0x0 0x80000000 0x0 0x40000000>, <0x8 0x80000000 0x0 0x80000000>;
                };
                gic: interrupt-controller@1000000 {
                    reg = <0x0 0x1000000 0x0 0x1000>;
                    interrupt-controller;
                    #interrupt-cells = <1>;
                    #address-cells = <0>;
                };
                pcie@40000000 {
                    compatible = "pci-host-ecam-generic";
                    device_type = "pci";
                    #address-cells = <3>;
                    #size-cells = <2>;
                    reg = <0x0 0x40000000 0x0 0x100000>;
                    bus-range = <0 0>;
                    ranges = <0x02000000 0x0 0x50000000 0x0 0x50000000 0x0 0x10000000>;
                    dma-coherent;
                    #interrupt-cells = <1>;
                    interrupt-map-mask = <0 0 0 7>;
                    interrupt-map = <0 0 0 1 &gic 5>;
                    edu@2,0 { compatible = "pci1234,11e8"; reg = <0x1000 0 0 0 0>; };
                };
            };
            """;

    @Test
    void aPciFunctionOf32BitsHasCoherentMemoryBelowFourGibibytesAndBouncesTheRest()
            throws IOException {
        try (Simulation simulation = boot(PCI_64)) {
            Kernel kernel = simulation.kernel();
            assertThat(lines(kernel))
                    .containsSubsequence(
                            "  DMA      [mem 0x0000000080000000-0x00000000ffffffff]",
                            "  DMA32    empty",
                            "  Normal   [mem 0x0000000100000000-0x00000008ffffffff]",
                            "cma: Reserved 32 MiB at 0x00000000be000000 on node -1",
                            "software IO TLB: area num 1.",
                            "software IO TLB: mapped [mem 0x00000000ba000000-0x00000000be000000]"
                                    + " (64MB)");
            Device edu = kernel.pci().devices().getFirst().device();
            DmaMapping dma = kernel.dma();
            kernel.run(
                    "driver",
                    () -> {
                        dma.setMaskAndCoherent(edu, DmaMapping.bitMask(32));
                        for (long size : new long[] {4096, 3 * 4096, 4 * MIB, 8 * MIB}) {
                            CoherentBuffer buffer = dma.allocCoherent(edu, size, Gfp.KERNEL);
                            assertThat(buffer.dma() + size).isLessThanOrEqualTo(FOUR_GIB);
                            dma.freeCoherent(edu, buffer);
                        }
                        long page = kernel.mm().pages().allocPages(Gfp.KERNEL, 0);
                        assertThat(page).isGreaterThan(FOUR_GIB);
                        long mapped = dma.mapPage(edu, page, 0, 4096, DmaDirection.TO_DEVICE);
                        assertThat(mapped).isBetween(0xba00_0000L, 0xbdff_ffffL);
                        dma.unmapPage(edu, mapped, 4096, DmaDirection.TO_DEVICE);
                        dma.setMaskAndCoherent(edu, DmaMapping.bitMask(64));
                        CoherentBuffer high = dma.allocCoherent(edu, 4096, Gfp.KERNEL);
                        assertThat(high.dma()).isGreaterThan(FOUR_GIB);
                    });
        }
    }

    private static final String ISA =
            """
            / {
                model = "A PC with an ISA sound card";
                #address-cells = <1>;
                #size-cells = <1>;
                memory@0 { device_type = "memory"; reg = <0 0x10000000>; };
                interrupt-controller@fee00000 {
                    compatible = "intel,ce4100-lapic";
                    reg = <0xfee00000 0x1000>;
                    interrupt-controller;
                    #interrupt-cells = <1>;
                };
                lpc {
                    compatible = "simple-bus";
                    #address-cells = <1>;
                    #size-cells = <1>;
                    ranges;
                    dma-ranges = <0 0 0x01000000>;
                    sound@e0000220 { compatible = "creative,sb16"; reg = <0xe0000220 0x10>; };
                };
            };
            """;

    @Test
    void anIsaDeviceHasMemoryBelow16MebibytesOrNone() throws IOException {
        try (Simulation simulation = boot(ISA)) {
            Kernel kernel = simulation.kernel();
            assertThat(lines(kernel))
                    .containsSubsequence(
                            "Zone ranges:",
                            "  DMA      [mem 0x0000000000000000-0x0000000000ffffff]",
                            "  DMA32    [mem 0x0000000001000000-0x000000000fffffff]",
                            "  Normal   empty",
                            "DMA: preallocated 128 KiB GFP_KERNEL pool for atomic allocations",
                            "DMA: preallocated 128 KiB GFP_KERNEL|GFP_DMA pool for atomic"
                                    + " allocations",
                            "DMA: preallocated 128 KiB GFP_KERNEL|GFP_DMA32 pool for atomic"
                                    + " allocations");
            Device sound = device(kernel, "e0000220.sound");
            bind(kernel, "creative,sb16");
            assertThat(sound.dma().coherentDmaMask()).isEqualTo(0xff_ffff);
            assertThat(sound.dma().busDmaLimit()).isEqualTo(0xff_ffff);
            kernel.run(
                    "driver",
                    () -> {
                        DmaMapping dma = kernel.dma();
                        List<CoherentBuffer> taken = new ArrayList<>();
                        try {
                            while (true) {
                                taken.add(dma.allocCoherent(sound, 64 << 10, Gfp.KERNEL));
                                assertThat(taken.getLast().dma()).isLessThan(16 * MIB);
                            }
                        } catch (DmaException e) {
                            assertThat(taken.size()).isBetween(14 * 16, 16 * 16);
                        }
                        dma.setMask(sound, DmaMapping.bitMask(32));
                        dma.setCoherentMask(sound, DmaMapping.bitMask(32));
                        // The bus did not grow with the mask.
                        assertThatThrownBy(() -> dma.allocCoherent(sound, 64 << 10, Gfp.KERNEL))
                                .isInstanceOf(DmaException.class);
                        taken.forEach(buffer -> dma.freeCoherent(sound, buffer));
                    });
        }
    }

    private static final String COHERENT_ETHERNET =
            """
            / {
                model = "A coherent ethernet among others";
                #address-cells = <1>;
                #size-cells = <1>;
                memory@80000000 { device_type = "memory"; reg = <0x80000000 0x10000000>; };
                soc {
                    compatible = "simple-bus";
                    #address-cells = <1>;
                    #size-cells = <1>;
                    ranges;
                    ethernet@1000000 {
                        compatible = "test,ethernet";
                        reg = <0x1000000 0x1000>;
                        dma-coherent;
                    };
                    spi@2000000 { compatible = "test,spi"; reg = <0x2000000 0x1000>; };
                };
            };
            """;

    @Test
    void aCoherentEthernetHasOrdinaryMemoryBesideDevicesThatHaveNot() throws IOException {
        try (Simulation simulation = boot(COHERENT_ETHERNET)) {
            Kernel kernel = simulation.kernel();
            assertThat(lines(kernel))
                    .containsSubsequence(
                            "cma: Reserved 32 MiB at 0x000000008dc00000 on node -1",
                            "DMA: preallocated 128 KiB GFP_KERNEL pool for atomic allocations");
            bind(kernel, "test,ethernet");
            bind(kernel, "test,spi");
            Device ethernet = device(kernel, "1000000.ethernet");
            Device spi = device(kernel, "2000000.spi");
            DmaMapping dma = kernel.dma();
            kernel.run(
                    "drivers",
                    () -> {
                        CoherentBuffer ring = dma.allocCoherent(ethernet, 4096, Gfp.KERNEL);
                        CoherentBuffer fifo = dma.allocCoherent(spi, 4096, Gfp.KERNEL);
                        assertThat(AddressLayout.isLinear(ring.va())).isTrue();
                        assertThat(AddressLayout.isVmalloc(fifo.va())).isTrue();
                        long pools = used(kernel);
                        CoherentBuffer small = dma.allocCoherent(ethernet, 4096, Gfp.ATOMIC);
                        assertThat(used(kernel)).isEqualTo(pools);
                        CoherentBuffer urgent = dma.allocCoherent(spi, 4096, Gfp.ATOMIC);
                        assertThat(urgent.dma()).isBetween(0x8dc0_0000L, 0x8fbf_ffffL);
                        assertThat(dma.needSync(ethernet, ring.dma())).isFalse();
                        assertThat(dma.needSync(spi, fifo.dma())).isTrue();
                        assertThat(poolBytes(kernel)).isEqualTo(128 << 10);
                        kernel.sched().msleep(1);
                        assertThat(poolBytes(kernel)).isEqualTo(256 << 10);
                        dma.freeCoherent(ethernet, ring);
                        dma.freeCoherent(ethernet, small);
                        dma.freeCoherent(spi, fifo);
                        dma.freeCoherent(spi, urgent);
                    });
        }
    }

    private static long poolBytes(Kernel kernel) {
        return Long.parseLong(pages(kernel, "/sys/kernel/debug/dma_pools/pool_size_dma"));
    }

    /** Pages of the CMA area that are in use: those of the atomic pools. */
    private static long used(Kernel kernel) {
        return kernel.cma().areas().getFirst().usedPages();
    }

    @Test
    void aBoardWithLittleRamBootsWithoutTheDefaultArea() throws IOException {
        String small =
                COHERENT_ETHERNET.replace("<0x80000000 0x10000000>", "<0x80000000 0x1000000>");
        try (Simulation simulation = boot(small)) {
            assertThat(lines(simulation.kernel()))
                    .contains("cma: Failed to reserve 32 MiB on node -1");
        }
    }
}
