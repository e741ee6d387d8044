package dmakit.board.pl330;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PL330s as the trees of machines have them, each built as kernels report it there. */
class RealTreesTest {
    private static final String ZYNQ =
            """
            #address-cells = <1>;
            #size-cells = <1>;
            compatible = "xlnx,zynq-zc702", "xlnx,zynq-7000";
            interrupt-parent = <&intc>;
            memory@0 { device_type = "memory"; reg = <0x0 0x40000000>; };
            axi {
                compatible = "simple-bus";
                #address-cells = <1>;
                #size-cells = <1>;
                ranges;
                intc: interrupt-controller@f8f01000 {
                    compatible = "arm,cortex-a9-gic";
                    #interrupt-cells = <3>;
                    interrupt-controller;
                    reg = <0xf8f01000 0x1000>, <0xf8f00100 0x100>;
                };
                dmac@f8003000 {
                    compatible = "arm,pl330", "arm,primecell";
                    reg = <0xf8003000 0x1000>;
                    interrupt-names = "abort", "dma0", "dma1", "dma2", "dma3",
                                      "dma4", "dma5", "dma6", "dma7";
                    interrupts = <0 13 4>, <0 14 4>, <0 15 4>, <0 16 4>, <0 17 4>,
                                 <0 40 4>, <0 41 4>, <0 42 4>, <0 43 4>;
                    #dma-cells = <1>;
                    #dma-channels = <8>;
                    #dma-requests = <4>;
                };
            };
            """;

    private static final String GIC =
            """
            #address-cells = <2>;
            #size-cells = <2>;
            interrupt-parent = <&gic>;
            gic: interrupt-controller@fee00000 {
                compatible = "arm,gic-400";
                #interrupt-cells = <3>;
                interrupt-controller;
                reg = <0 0xfee00000 0 0x10000>;
            };
            """;

    private static final String JUNO =
            "compatible = \"arm,juno\", \"arm,vexpress\";\n"
                    + GIC
                    + """
                    memory@80000000 {
                        device_type = "memory";
                        reg = <0 0x80000000 0 0x7f000000>, <8 0x80000000 1 0x80000000>;
                    };
                    dma-controller@7ff00000 {
                        compatible = "arm,pl330", "arm,primecell";
                        reg = <0 0x7ff00000 0 0x1000>;
                        #dma-cells = <1>;
                        interrupts = <0 88 4>, <0 89 4>, <0 90 4>, <0 91 4>, <0 92 4>,
                                     <0 108 4>, <0 109 4>, <0 110 4>, <0 111 4>;
                    };
                    """;

    private static final String RK3399 =
            "compatible = \"pine64,rockpro64\", \"rockchip,rk3399\";\n"
                    + GIC
                    + """
                    memory@200000 { device_type = "memory"; reg = <0 0x200000 0 0x7fe00000>; };
                    dma-controller@ff6d0000 {
                        compatible = "arm,pl330", "arm,primecell";
                        reg = <0 0xff6d0000 0 0x4000>;
                        interrupts = <0 5 4>, <0 6 4>;
                        #dma-cells = <1>;
                        arm,pl330-periph-burst;
                    };
                    dma-controller@ff6e0000 {
                        compatible = "arm,pl330", "arm,primecell";
                        reg = <0 0xff6e0000 0 0x4000>;
                        interrupts = <0 7 4>, <0 8 4>;
                        #dma-cells = <1>;
                        arm,pl330-periph-burst;
                    };
                    """;

    private static final String ANY =
            "compatible = \"test,board\";\n"
                    + GIC
                    + """
                    memory@0 { device_type = "memory"; reg = <0 0 0 0x40000000>; };
                    dma-controller@f0000000 {
                        compatible = "arm,pl330", "arm,primecell";
                        reg = <0 0xf0000000 0 0x1000>;
                        interrupts = <0 7 4>;
                        #dma-cells = <1>;
                        dma-channels = <4>;
                        dma-requests = <12>;
                    };
                    """;

    @TempDir Path folder;

    /** Boots a tree, copies on every channel that is free, and answers the log. */
    private List<String> copies(String tree) throws IOException {
        Path file = folder.resolve("board.dts");
        Files.writeString(file, "/dts-v1/;\n/ {\n" + tree + "};\n");
        List<String> log = new ArrayList<>();
        try (Simulation simulation =
                Simulation.boot(
                        Board.of(file.toString()),
                        Simulation.Options.seeded(1),
                        List.of(),
                        log::add)) {
            Kernel kernel = simulation.kernel();
            kernel.run("copy", () -> copyOnAll(kernel));
        }
        return log;
    }

    private static void copyOnAll(Kernel kernel) {
        List<Channel> taken = new ArrayList<>();
        while (true) {
            Channel chan =
                    kernel.dmaEngine()
                            .requestChannel(
                                    Capabilities.of(TransactionType.MEMCPY), channel -> true)
                            .orElse(null);
            if (chan == null) {
                break;
            }
            taken.add(chan);
            CoherentBuffer buffer =
                    kernel.dma().allocCoherent(chan.device().dev(), 4096, Gfp.KERNEL);
            byte[] data = Pl330System.bytes(1000, taken.size());
            kernel.machine().cpu().store(buffer.va(), data, 0, data.length);
            Completion done = new Completion(kernel.sched());
            chan.prepMemcpy(buffer.dma() + 2048, buffer.dma(), data.length, Pl330System.FLAGS)
                    .callback(done::complete)
                    .submit();
            chan.issuePending();
            assertThat(done.waitForTimeout(Jiffies.ofMillis(100))).isNotZero();
            byte[] copied = new byte[data.length];
            kernel.machine().cpu().load(buffer.va() + 2048, copied, 0, copied.length);
            assertThat(copied).isEqualTo(data);
            kernel.dma().freeCoherent(chan.device().dev(), buffer);
        }
        assertThat(taken).hasSizeGreaterThanOrEqualTo(4);
        taken.forEach(kernel.dmaEngine()::release);
    }

    private static void says(List<String> log, String... lines) {
        for (String line : lines) {
            assertThat(log).anyMatch(each -> each.endsWith(line));
        }
    }

    @Test
    void zynqHasOneOf8ChannelsAnd16Events() throws IOException {
        says(
                copies(ZYNQ),
                "dma-pl330 f8003000.dmac: Loaded driver for PL330 DMAC-241330",
                "\tDBUFF-128x8bytes Num_Chans-8 Num_Peri-4 Num_Events-16");
    }

    @Test
    void junoHasOneOf16BytesAndKiloEntries() throws IOException {
        says(
                copies(JUNO),
                "dma-pl330 7ff00000.dma-controller: Loaded driver for PL330 DMAC-341330",
                "\tDBUFF-1024x16bytes Num_Chans-8 Num_Peri-8 Num_Events-8");
    }

    @Test
    void rk3399HasTwoWithTwoInterruptsEach() throws IOException {
        says(
                copies(RK3399),
                "dma-pl330 ff6d0000.dma-controller: Loaded driver for PL330 DMAC-241330",
                "\tDBUFF-32x8bytes Num_Chans-6 Num_Peri-12 Num_Events-12",
                "\tDBUFF-128x8bytes Num_Chans-8 Num_Peri-20 Num_Events-16");
    }

    @Test
    void anyOtherIsBuiltAsItsTreeSays() throws IOException {
        says(copies(ANY), "\tDBUFF-128x8bytes Num_Chans-4 Num_Peri-12 Num_Events-16");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dma-channels = <9>;", "dma-requests = <33>;"})
    void moreThanTheControllerCanHaveIsRefused(String size) {
        String tree = ANY.replace("dma-channels = <4>;", "").replace("dma-requests = <12>;", size);
        assertThatThrownBy(() -> copies(tree)).hasMessageContaining("wanted");
    }
}
