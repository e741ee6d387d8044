package dmakit.bench.kernel;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Does a transfer cost more where there are many controllers and channels? */
public class ManyChannelsBenchmark {
    /** Transfers of one invocation. */
    public static final int TRANSFERS = 4096;

    private static final int CHANNELS_EACH = 16;

    /** Behind those of the board's own devices. */
    private static final int FIRST_INTERRUPT = 256;

    private static final int BYTES = 64;
    private static final int FLAGS = PrepFlags.ACK | PrepFlags.INTERRUPT;

    /** A board with so many copy engines and all of their channels in use. */
    @State(Scope.Thread)
    public abstract static class Controllers {
        final Simulation simulation;
        final List<Channel> channels = new ArrayList<>();
        final Completion done;
        final long source;
        final long destination;

        Controllers(int count) {
            StringBuilder overlay = new StringBuilder("/dts-v1/; /plugin/; &amba_pl {\n");
            for (int i = 0; i < count; i++) {
                overlay.append(
                        ("copier@a1%03x000 { compatible = \"dmakit,axi-copy\"; #dma-cells = <1>;"
                                        + " reg = <0x0 0xa1%03x000 0x0 0x1000>;"
                                        + " interrupts = <0 %d 4>; dma-channels = <%d>; };\n")
                                .formatted(i, i, FIRST_INTERRUPT + i, CHANNELS_EACH));
            }
            overlay.append("}; &axi_copy { status = \"disabled\"; };");
            overlay.append("&axi_cdma { status = \"disabled\"; };");
            simulation =
                    Simulation.boot(
                            Board.of("zynqmp").withOverlay(overlay.toString(), "controllers"),
                            new Simulation.Options(1, Optional.of(new Machine.Cache.None()), ""));
            Kernel kernel = simulation.kernel();
            done = new Completion(kernel.sched());
            CoherentBuffer buffer =
                    kernel.call(
                            "setup",
                            () -> {
                                for (int i = 0; i < count * CHANNELS_EACH; i++) {
                                    channels.add(
                                            kernel.dmaEngine()
                                                    .requestChanByMask(
                                                            Capabilities.of(
                                                                    TransactionType.MEMCPY)));
                                }
                                return kernel.dma()
                                        .allocCoherent(
                                                channels.getFirst().device().dev(),
                                                2 * BYTES,
                                                Gfp.KERNEL);
                            });
            source = buffer.dma();
            destination = buffer.dma() + BYTES;
        }

        void transfer() {
            Runnable complete = done::complete;
            simulation
                    .kernel()
                    .run(
                            "bench",
                            () -> {
                                for (int i = 0; i < TRANSFERS; i += channels.size()) {
                                    for (Channel channel : channels) {
                                        channel.prepMemcpy(destination, source, BYTES, FLAGS)
                                                .callback(complete)
                                                .submit();
                                        channel.issuePending();
                                    }
                                    for (int k = 0; k < channels.size(); k++) {
                                        done.waitFor();
                                    }
                                }
                            });
        }

        /** Switches the machine off. */
        @TearDown
        public void close() {
            simulation.machine().close();
        }
    }

    /** 16 channels on one controller. */
    public static class Few extends Controllers {
        /** Boots the board. */
        public Few() {
            super(1);
        }
    }

    /** 1,024 channels on 64 controllers. */
    public static class Many extends Controllers {
        /** Boots the board. */
        public Many() {
            super(64);
        }
    }

    /** All 16 busy, then all done. */
    @Benchmark
    public void few(Few controllers) {
        controllers.transfer();
    }

    /** All 1,024 busy, then all done. */
    @Benchmark
    public void many(Many controllers) {
        controllers.transfer();
    }
}
