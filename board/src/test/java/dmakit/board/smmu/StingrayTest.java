package dmakit.board.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.S2cr;
import dmakit.datasheet.smmu.GlobalRegister.Smr;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.iommu.IommuGroup;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.bus.Bus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A board like Broadcom's Stingray as its tree describes it: an MMU-500 with two cells per stream,
 * 64 context banks and 65 interrupts, and masters that name it in {@code iommus}.
 */
class StingrayTest {
    private static final String SMMU = "arm-smmu 64000000.mmu: ";
    private static final int BYTES = 4096;

    private static String tree(String smmuStatus) {
        StringBuilder interrupts = new StringBuilder("<0 704 4>");
        for (int i = 0; i < 64; i++) {
            interrupts.append(", <0 ").append(711 + i).append(" 4>");
        }
        return """
        /dts-v1/;
        / {
            #address-cells = <2>;
            #size-cells = <2>;
            compatible = "brcm,stingray";
            model = "A board like Stingray";
            interrupt-parent = <&gic>;
            memory@80000000 {
                device_type = "memory";
                reg = <0 0x80000000 0 0x10000000>, <8 0x80000000 0 0x10000000>;
            };
            gic: interrupt-controller@63c00000 {
                compatible = "arm,gic-v3";
                reg = <0 0x63c00000 0 0x10000>;
                interrupt-controller;
                #interrupt-cells = <3>;
            };
            scr {
                compatible = "simple-bus";
                #address-cells = <1>;
                #size-cells = <1>;
                ranges = <0x0 0x0 0x61000000 0x05000000>;
                smmu: mmu@3000000 {
                    compatible = "arm,mmu-500";
                    reg = <0x03000000 0x80000>;
                    #global-interrupts = <1>;
                    interrupts = %s;
                    #iommu-cells = <2>;
                    status = "%s";
                };
            };
            hsls {
                compatible = "simple-bus";
                #address-cells = <1>;
                #size-cells = <1>;
                ranges = <0x0 0x0 0x68900000 0x17700000>;
                dma0: dma-controller@310000 {
                    compatible = "brcm,bcm2835-dma";
                    reg = <0x00310000 0x1000>;
                    interrupts = <0 193 4>;
                    #dma-cells = <1>;
                    brcm,dma-channel-mask = <1>;
                    iommus = <&smmu 0x6000 0x0000>;
                };
                enet0: ethernet@340000 {
                    compatible = "test,amac";
                    reg = <0x00340000 0x1000>;
                    iommus = <&smmu 0x6100 0x00ff>, <&smmu 0x6200 0x0000>;
                    dma-coherent;
                };
                sdio0: sdhci@3f1000 {
                    compatible = "test,sdhci";
                    reg = <0x003f1000 0x100>;
                    iommus = <&smmu 0x6002 0x0000>;
                };
                sdio1: sdhci@3f2000 {
                    compatible = "test,sdhci";
                    reg = <0x003f2000 0x100>;
                    iommus = <&smmu 0x6003 0x0000>;
                };
                twin@3f3000 {
                    compatible = "test,twin";
                    reg = <0x003f3000 0x100>;
                    iommus = <&smmu 0x6300 0x0000>;
                };
                twin@3f4000 {
                    compatible = "test,twin";
                    reg = <0x003f4000 0x100>;
                    iommus = <&smmu 0x6300 0x0000>;
                };
                far@3f5000 {
                    compatible = "test,far";
                    reg = <0x003f5000 0x100>;
                    iommus = <&smmu 0xe000 0x0000>;
                };
                crossing@3f6000 {
                    compatible = "test,crossing";
                    reg = <0x003f6000 0x100>;
                    iommus = <&smmu 0x6000 0x0003>;
                };
            };
        };
        """
                .formatted(interrupts, smmuStatus);
    }

    private static Simulation boot(Path folder, String smmuStatus) throws IOException {
        Path file = folder.resolve("stingray.dts");
        Files.writeString(file, tree(smmuStatus), StandardCharsets.UTF_8);
        return Simulation.boot(Board.of(file.toString()), Simulation.Options.seeded(1));
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

    private static void take(Kernel kernel, String... kinds) {
        kernel.run(
                "drivers",
                () -> {
                    for (String kind : kinds) {
                        kernel.platform().register(new Taker("test," + kind));
                    }
                });
    }

    private static List<String> lines(Kernel kernel) {
        return kernel.log().buffer().records().stream().map(record -> record.text()).toList();
    }

    private static Device device(Kernel kernel, String name) {
        return kernel.platform().device(name).map(PlatformDevice::device).orElseThrow();
    }

    private static IommuGroup groupOf(Kernel kernel, String name) {
        return kernel.iommus().groupOf(device(kernel, name)).orElseThrow();
    }

    /** Whether a stream is matched by a group, and where that sends it; -1 for no group. */
    private static int typeOf(Kernel kernel, int stream) {
        Bus.Range smmu = kernel.machine().bus().rangeAt(0x6400_0000L);
        for (int i = 0; i < 128; i++) {
            int smr = (int) smmu.target().read(GlobalRegister.SMR.offset() + i * 4L, 4);
            if (Smr.VALID.isSet(smr) && ((Smr.ID.get(smr) ^ stream) & ~Smr.MASK.get(smr)) == 0) {
                int way = (int) smmu.target().read(GlobalRegister.S2CR.offset() + i * 4L, 4);
                return S2cr.TYPE.get(way);
            }
        }
        return -1;
    }

    @Test
    void bootsWithTheLinesThatLinuxWrites(@TempDir Path folder) throws IOException {
        try (Simulation simulation = boot(folder, "okay")) {
            assertThat(lines(simulation.kernel()))
                    .containsSubsequence(
                            SMMU + "probing hardware configuration...",
                            SMMU + "SMMUv2 with:",
                            SMMU + "\tstage 1 translation",
                            SMMU + "\tstream matching with 128 register groups",
                            SMMU + "\t64 context banks (0 stage-2 only)",
                            SMMU + "\tSupported page sizes: 0x40201000",
                            SMMU + "\tStage-1: 48-bit VA -> 48-bit IPA",
                            "bcm2835-dma 68c10000.dma-controller: Adding to iommu group 0");
        }
    }

    @Test
    void eachMasterHasAGroupAndAllOfItsStreamsAreTranslated(@TempDir Path folder)
            throws IOException {
        try (Simulation simulation = boot(folder, "okay")) {
            Kernel kernel = simulation.kernel();
            take(kernel, "amac", "sdhci");
            assertThat(lines(kernel))
                    .containsSubsequence(
                            "taker-test,amac 68c40000.ethernet: Adding to iommu group 1",
                            "taker-test,sdhci 68cf1000.sdhci: Adding to iommu group 2",
                            "taker-test,sdhci 68cf2000.sdhci: Adding to iommu group 3");
            for (int stream : new int[] {0x6000, 0x6002, 0x6003, 0x6100, 0x61ff, 0x6200}) {
                assertThat(typeOf(kernel, stream)).isEqualTo(GlobalRegister.TYPE_TRANSLATE);
            }
            assertThat(typeOf(kernel, 0x6201)).isEqualTo(-1);
            assertThat(typeOf(kernel, 0x6300)).isEqualTo(-1);
        }
    }

    @Test
    void mastersOfOneStreamShareAGroup(@TempDir Path folder) throws IOException {
        try (Simulation simulation = boot(folder, "okay")) {
            Kernel kernel = simulation.kernel();
            take(kernel, "twin");
            assertThat(groupOf(kernel, "68cf3000.twin"))
                    .isSameAs(groupOf(kernel, "68cf4000.twin"))
                    .isNotSameAs(groupOf(kernel, "68c10000.dma-controller"));
        }
    }

    @Test
    void anIdTheHardwareCannotCompareIsRefused(@TempDir Path folder) throws IOException {
        try (Simulation simulation = boot(folder, "okay")) {
            Kernel kernel = simulation.kernel();
            take(kernel, "far");
            assertThat(lines(kernel))
                    .anyMatch(line ->
                            line.endsWith("stream ID 0xe000 out of range for SMMU (0x7fff)"));
            assertThat(kernel.iommus().groupOf(device(kernel, "68cf5000.far"))).isEmpty();
        }
    }

    @Test
    void streamsThatOverlapOthersInPartAreRefused(@TempDir Path folder) throws IOException {
        try (Simulation simulation = boot(folder, "okay")) {
            Kernel kernel = simulation.kernel();
            take(kernel, "crossing");
            assertThat(kernel.iommus().groupOf(device(kernel, "68cf6000.crossing"))).isEmpty();
            assertThat(typeOf(kernel, 0x6000)).isEqualTo(GlobalRegister.TYPE_TRANSLATE);
        }
    }

    @Test
    void aDisabledSmmuTranslatesForNobody(@TempDir Path folder) throws IOException {
        try (Simulation simulation = boot(folder, "disabled")) {
            Kernel kernel = simulation.kernel();
            take(kernel, "amac", "sdhci");
            assertThat(lines(kernel))
                    .noneMatch(line -> line.contains("arm-smmu") || line.contains("iommu group"));
            assertThat(kernel.iommus().groups()).isEmpty();
            copies(kernel, false);
        }
    }

    @Test
    void theDmaControllerReachesMemoryAbove4GigabytesThroughIt(@TempDir Path folder)
            throws IOException {
        try (Simulation simulation = boot(folder, "okay")) {
            copies(simulation.kernel(), true);
        }
    }

    /** Copies a page that lies above 4 GiB, with a controller of 32 bits. */
    private static void copies(Kernel kernel, boolean translated) {
        kernel.run(
                "copy",
                () -> {
                    Channel channel =
                            kernel.dmaEngine()
                                    .requestChanByMask(Capabilities.of(TransactionType.MEMCPY));
                    Device dev = channel.device().dev();
                    long from = kernel.mm().pages().getFreePages(Gfp.KERNEL, 0);
                    long to = kernel.mm().pages().getFreePages(Gfp.KERNEL, 0);
                    assertThat(kernel.machine().cpu().physOf(to)).isGreaterThan(0xffff_ffffL);
                    kernel.machine().cpu().fill(from, BYTES, (byte) 7);
                    long source = kernel.dma().mapSingle(dev, from, BYTES, DmaDirection.TO_DEVICE);
                    long target = kernel.dma().mapSingle(dev, to, BYTES, DmaDirection.FROM_DEVICE);
                    assertThat(source >>> 32).isZero();
                    assertThat(source > 0xf000_0000L).isEqualTo(translated);
                    Completion done = new Completion(kernel.sched());
                    channel.prepMemcpy(target, source, BYTES, PrepFlags.INTERRUPT | PrepFlags.ACK)
                            .callback(done::complete)
                            .submit();
                    channel.issuePending();
                    assertThat(done.waitForTimeout(Jiffies.ofMillis(100))).isNotZero();
                    kernel.dma().unmapSingle(dev, target, BYTES, DmaDirection.FROM_DEVICE);
                    kernel.dma().unmapSingle(dev, source, BYTES, DmaDirection.TO_DEVICE);
                    assertThat(kernel.machine().cpu().load8(to + BYTES - 1)).isEqualTo((byte) 7);
                });
    }
}
