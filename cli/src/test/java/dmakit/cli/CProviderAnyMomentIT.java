package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sync.HrTimer;
import dmakit.machine.Machine;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.random.Rng;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Copies by a provider in C are stopped at moments that the seed chooses, in every way there is:
 * nothing moves afterwards, no callback comes, nothing is left, and the channel works as before.
 */
class CProviderAnyMomentIT {
    private static final Path PROVIDER =
            Path.of(System.getProperty("dmakit.root"), "cmodule/src/test/c/dma_bcm2835.c");

    private static final String CONTROLLER = "3f007000.dma-controller";
    private static final int RUN_COUNT = 30;
    private static final int COPIES = 4;
    private static final int BYTES = 8192;
    private static final byte SPOILT = 0x5a;
    private static final long PS_PER_NS = 1_000;
    private static final long PS_PER_US = 1_000_000;

    /** A little more than all copies of a run take. */
    private static final long MOMENT_PS_MAX = 60 * PS_PER_US;

    private static final long QUIET_PS = 100 * PS_PER_US;

    /** How copies are stopped. */
    enum End {
        TERMINATE_ASYNC,
        TERMINATE_SYNC,
        TERMINATE_IN_CALLBACK,
        TERMINATE_IN_INTERRUPT,
        RELEASE,
        UNBIND_PROVIDER
    }

    @BeforeAll
    static void needsACompiler() {
        Corpus.needsACompiler();
    }

    @ParameterizedTest
    @CsvSource({
        "rpi3, ''",
        "rpi3, swiotlb=force",
        "rpi3-smmu, iommu.strict=1",
        "rpi3-smmu, iommu.strict=0",
    })
    void nothingGoesOnAndNothingIsLeft(String board, String words) {
        var options =
                new Simulation.Options(
                        1,
                        Optional.<Machine.Cache>empty(),
                        "initcall_blacklist=bcm2835_dma_driver_init " + words);
        try (Simulation simulation = Simulation.boot(Board.of(board), options);
                CSystem system = start(simulation.kernel())) {
            Kernel kernel = simulation.kernel();
            var module = system.load(ModuleSource.of(PROVIDER));
            assertThat(kernel.call("insmod", module::init)).isZero();
            kernel.run("client", () -> new Runs(kernel).run());
            kernel.run(
                    "rmmod",
                    () -> {
                        module.exit();
                        module.unload();
                    });
            assertThat(kernel.findings().all()).isEmpty();
            assertThat(kernel.log().buffer().texts())
                    .noneMatch(line -> line.contains("Unhandled context fault"));
        }
    }

    private static CSystem start(Kernel kernel) {
        kernel.findings().enable();
        return CSystem.start(kernel, CSystem.Options.USUAL);
    }

    /** The runs on one kernel. */
    private static final class Runs {
        private final Kernel kernel;
        private final Cpu cpu;
        private final Rng rng = Rng.named(1, "moments");
        private final long[] sources = new long[COPIES];
        private final long[] destinations = new long[COPIES];
        private final long[] sourceDmas = new long[COPIES];
        private final long[] destinationDmas = new long[COPIES];
        private Channel channel;
        private int callbacks;
        private Runnable inCallback = () -> {};

        Runs(Kernel kernel) {
            this.kernel = kernel;
            cpu = kernel.machine().cpu();
            channel = requested();
        }

        void run() {
            for (int i = 0; i < COPIES; i++) {
                sources[i] = kernel.mm().slab().kmalloc(BYTES, Gfp.KERNEL);
                destinations[i] = kernel.mm().slab().kmalloc(BYTES, Gfp.KERNEL);
            }
            works();
            End[] ends = End.values();
            for (int i = 0; i < RUN_COUNT; i++) {
                End end = ends[i % ends.length];
                once(end);
                assertThat(kernel.findings().all()).as("run %d, %s", i, end).isEmpty();
                works();
            }
            kernel.dmaEngine().release(channel);
            for (int i = 0; i < COPIES; i++) {
                kernel.mm().slab().kfree(sources[i]);
                kernel.mm().slab().kfree(destinations[i]);
            }
            assertThat(kernel.dma().holdsOf(_ -> true)).isFalse();
        }

        private Channel requested() {
            return kernel.dmaEngine()
                    .requestChannel(Capabilities.of(TransactionType.MEMCPY), ChannelFilter.ANY)
                    .orElseThrow();
        }

        private void once(End end) {
            start();
            stop(end, rng.nextLong(MOMENT_PS_MAX));
            int seen = callbacks;
            unmapAll();
            if (end == End.UNBIND_PROVIDER) {
                unbindProvider();
            }
            destinationsAre(SPOILT);
            kernel.machine().cpu().spend(QUIET_PS);
            kernel.sched().msleep(1);
            assertThat(callbacks).as("callbacks after %s", end).isEqualTo(seen);
            byte[] spoilt = new byte[BYTES];
            Arrays.fill(spoilt, SPOILT);
            for (long each : destinations) {
                assertThat(load(each)).as("a buffer after %s", end).isEqualTo(spoilt);
            }
        }

        private void stop(End end, long moment) {
            if (end != End.TERMINATE_IN_INTERRUPT) {
                cpu.spend(moment);
            }
            switch (end) {
                case TERMINATE_ASYNC -> {
                    channel.terminateAsync();
                    cpu.spend(rng.nextLong(PS_PER_US));
                    channel.synchronize();
                }
                case TERMINATE_SYNC, UNBIND_PROVIDER -> channel.terminateSync();
                case TERMINATE_IN_CALLBACK -> {
                    inCallback = channel::terminateAsync;
                    kernel.sched().msleep(1);
                    inCallback = () -> {};
                    channel.terminateSync();
                }
                case TERMINATE_IN_INTERRUPT -> {
                    var timer =
                            new HrTimer(
                                    kernel.timers(),
                                    "terminate",
                                    () -> {
                                        channel.terminateAsync();
                                        return false;
                                    });
                    timer.start((kernel.machine().clock().now() + moment) / PS_PER_NS);
                    cpu.spend(moment + 10 * PS_PER_US);
                    assertThat(timer.isActive()).isFalse();
                    channel.synchronize();
                }
                case RELEASE -> {
                    channel.terminateAsync();
                    kernel.dmaEngine().release(channel);
                    channel = requested();
                }
            }
        }

        /** The driver leaves its device while the channel is held, and comes back. */
        private void unbindProvider() {
            var device = kernel.platform().device(CONTROLLER).orElseThrow();
            kernel.platform().unbind(device);
            kernel.dmaEngine().release(channel);
            kernel.platform().attach(device);
            channel = requested();
        }

        private void start() {
            callbacks = 0;
            Device device = channel.device().dev();
            for (int i = 0; i < COPIES; i++) {
                cpu.fill(sources[i], BYTES, (byte) i);
                sourceDmas[i] =
                        kernel.dma().mapSingle(device, sources[i], BYTES, DmaDirection.TO_DEVICE);
                destinationDmas[i] =
                        kernel.dma()
                                .mapSingle(
                                        device, destinations[i], BYTES, DmaDirection.FROM_DEVICE);
                assertThat(kernel.dma().mappingError(device, sourceDmas[i])).isFalse();
                assertThat(kernel.dma().mappingError(device, destinationDmas[i])).isFalse();
                channel.prepMemcpy(
                                destinationDmas[i],
                                sourceDmas[i],
                                BYTES,
                                PrepFlags.INTERRUPT | PrepFlags.ACK)
                        .callback(() -> {
                            callbacks++;
                            inCallback.run();
                        })
                        .submit();
                if (rng.oneIn(2)) {
                    channel.issuePending();
                }
            }
            channel.issuePending();
        }

        private void works() {
            start();
            for (int ms = 0; callbacks < COPIES; ms++) {
                assertThat(ms).as("milliseconds without all callbacks").isLessThan(100);
                kernel.sched().msleep(1);
            }
            unmapAll();
            for (int i = 0; i < COPIES; i++) {
                assertThat(load(destinations[i])).containsOnly(i);
            }
        }

        private void unmapAll() {
            Device device = channel.device().dev();
            for (int i = 0; i < COPIES; i++) {
                kernel.dma().unmapSingle(device, sourceDmas[i], BYTES, DmaDirection.TO_DEVICE);
                kernel.dma()
                        .unmapSingle(device, destinationDmas[i], BYTES, DmaDirection.FROM_DEVICE);
            }
        }

        private void destinationsAre(byte value) {
            for (long each : destinations) {
                cpu.fill(each, BYTES, value);
            }
        }

        private byte[] load(long va) {
            byte[] bytes = new byte[BYTES];
            cpu.load(va, bytes, 0, BYTES);
            return bytes;
        }
    }
}
