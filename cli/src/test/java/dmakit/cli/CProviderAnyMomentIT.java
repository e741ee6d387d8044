package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
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
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
    private static final long NEVER_MAPPED = 0x10_0000;
    private static final byte SPOILT = 0x5a;
    private static final long PS_PER_NS = 1_000;
    private static final long PS_PER_US = 1_000_000;
    private static final long QUIET_PS = 300 * PS_PER_US;

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
        with(
                board,
                words,
                kernel -> {
                    kernel.run("client", () -> new Runs(kernel).run());
                    assertThat(kernel.findings().all()).isEmpty();
                    assertThat(kernel.log().buffer().texts())
                            .noneMatch(line -> line.contains("Unhandled context fault"));
                });
    }

    /** Who is to blame is asked while the controller is at its access, when no code can run. */
    @Test
    void anAddressThatWasNeverMappedIsToldOfAndTheRunGoesOn() {
        with(
                "rpi3-smmu",
                "iommu.strict=1",
                kernel -> {
                    kernel.run("client", () -> new Runs(kernel).copyToNowhere());
                    assertThat(kernel.findings().all())
                            .extracting(Finding::id)
                            .containsExactly(FindingId.DEVICE_UNMAPPED_ACCESS);
                    assertThat(kernel.findings().all().getFirst().channel()).isEqualTo("dma0chan0");
                    assertThat(kernel.log().buffer().texts())
                            .anyMatch(line -> line.contains("Unhandled context fault"));
                });
    }

    private static void with(String board, String words, Consumer<Kernel> body) {
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
            body.accept(kernel);
            kernel.run(
                    "rmmod",
                    () -> {
                        module.exit();
                        module.unload();
                    });
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
        private long spanPs;
        private Runnable inCallback = () -> {};

        Runs(Kernel kernel) {
            this.kernel = kernel;
            cpu = kernel.machine().cpu();
            channel = requested();
            for (int i = 0; i < COPIES; i++) {
                sources[i] = kernel.mm().slab().kmalloc(BYTES, Gfp.KERNEL);
                destinations[i] = kernel.mm().slab().kmalloc(BYTES, Gfp.KERNEL);
            }
        }

        void run() {
            works();
            End[] ends = End.values();
            for (int i = 0; i < RUN_COUNT; i++) {
                End end = ends[i % ends.length];
                once(end);
                assertThat(kernel.findings().all()).as("run %d, %s", i, end).isEmpty();
                works();
            }
            end();
            assertThat(kernel.dma().holdsOf(_ -> true)).isFalse();
        }

        void copyToNowhere() {
            start();
            kernel.sched().msleep(1);
            assertThat(callbacks).isEqualTo(COPIES);
            channel.prepMemcpy(NEVER_MAPPED, sourceDmas[0], BYTES, PrepFlags.ACK).submit();
            channel.issuePending();
            kernel.sched().msleep(1);
            channel.terminateSync();
            unmapAll();
            end();
        }

        private void end() {
            kernel.dmaEngine().release(channel);
            for (int i = 0; i < COPIES; i++) {
                kernel.mm().slab().kfree(sources[i]);
                kernel.mm().slab().kfree(destinations[i]);
            }
        }

        private Channel requested() {
            return kernel.dmaEngine()
                    .requestChannel(Capabilities.of(TransactionType.MEMCPY), ChannelFilter.ANY)
                    .orElseThrow();
        }

        private void once(End end) {
            start();
            stop(end, rng.nextLong(spanPs + spanPs / 4));
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
            long start = kernel.machine().clock().now();
            start();
            for (int us = 0; callbacks < COPIES; us++) {
                assertThat(us).as("microseconds without all callbacks").isLessThan(10_000);
                cpu.spend(PS_PER_US);
            }
            spanPs = kernel.machine().clock().now() - start;
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
