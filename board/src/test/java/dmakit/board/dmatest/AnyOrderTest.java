package dmakit.board.dmatest;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Simulation;
import dmakit.board.dmatest.TestedController.Caches;
import dmakit.board.dmatest.TestedController.Way;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A client that keeps to the rules calls dmaengine in any order, beside a model of what it has to
 * see: cookies, states, callbacks and their order, bytes.
 */
class AnyOrderTest {
    private static final int SEQUENCE_COUNT = 40;
    private static final int STEP_COUNT = 40;
    private static final int OUTSTANDING_MAX = 12;
    private static final int BYTES = 256;
    private static final int LG2_SLOT = 9;
    private static final int FLAGS = PrepFlags.ACK | PrepFlags.INTERRUPT;
    private static final long PS_PER_US = 1_000_000;
    private static final int DONE_MS_MAX = 100;

    /** Where a transfer stands, as the client may know it. */
    private enum Stage {
        SUBMITTED,
        ISSUED,
        CALLED_BACK,
        DROPPED
    }

    private static final class Known {
        private final int cookie;
        private final int slot;
        private final byte value;
        private Stage stage = Stage.SUBMITTED;

        Known(int cookie, int slot, byte value) {
            this.cookie = cookie;
            this.slot = slot;
            this.value = value;
        }
    }

    @ParameterizedTest
    @EnumSource
    void theClientSeesWhatTheModelSays(TestedController controller) {
        List<String> log = new ArrayList<>();
        try (Simulation simulation = controller.boot(Way.DIRECT, Caches.SNOOPED, 1, log)) {
            Kernel kernel = simulation.kernel();
            kernel.run(
                    "client",
                    () -> {
                        Channel channel =
                                kernel.dmaEngine()
                                        .requestChannel(
                                                Capabilities.of(TransactionType.MEMCPY),
                                                each ->
                                                        each.device()
                                                                .dev()
                                                                .name()
                                                                .equals(controller.device()))
                                        .orElseThrow();
                        for (int seed = 0; seed < SEQUENCE_COUNT; seed++) {
                            var sequence = new Sequence(kernel, controller, channel, seed);
                            try {
                                sequence.run();
                            } catch (RuntimeException | AssertionError e) {
                                throw new AssertionError(controller + ", seed " + seed, e);
                            }
                        }
                        kernel.dmaEngine().release(channel);
                    });
        }
    }

    /** One random sequence of calls, and the model beside it. */
    private static final class Sequence {
        private final Kernel kernel;
        private final TestedController controller;
        private final Channel channel;
        private final Device device;
        private final Rng rng;
        private final TxState state = new TxState();
        private final List<Known> all = new ArrayList<>();
        private final List<Known> calledBack = new ArrayList<>();
        private final long source;
        private final long destination;
        private final long sourceDma;
        private final long destinationDma;
        private int lastCookie;

        Sequence(Kernel kernel, TestedController controller, Channel channel, int seed) {
            this.kernel = kernel;
            this.controller = controller;
            this.channel = channel;
            device = channel.device().dev();
            rng = Rng.named(seed, "calls in any order");
            source = kernel.mm().pages().getFreePages(Gfp.KERNEL, 2);
            destination = kernel.mm().pages().getFreePages(Gfp.KERNEL, 2);
            int bytes = OUTSTANDING_MAX << LG2_SLOT;
            sourceDma = kernel.dma().mapSingle(device, source, bytes, DmaDirection.TO_DEVICE);
            destinationDma =
                    kernel.dma().mapSingle(device, destination, bytes, DmaDirection.BIDIRECTIONAL);
        }

        void run() {
            for (int step = 0; step < STEP_COUNT; step++) {
                switch (rng.nextInt(10)) {
                    case 0, 1, 2, 3 -> submit();
                    case 4, 5 -> issue();
                    case 6 -> kernel.machine().cpu().spend(rng.nextLong(20 * PS_PER_US));
                    case 7 -> kernel.sched().msleep(1);
                    case 8 -> terminate();
                    default -> {
                        // Only looks.
                    }
                }
                look();
            }
            issue();
            for (int ms = 0; outstanding() > 0; ms++) {
                assertThat(ms).as("milliseconds without a callback").isLessThan(DONE_MS_MAX);
                kernel.sched().msleep(1);
            }
            look();
            terminate();
            int bytes = OUTSTANDING_MAX << LG2_SLOT;
            kernel.dma().unmapSingle(device, destinationDma, bytes, DmaDirection.BIDIRECTIONAL);
            kernel.dma().unmapSingle(device, sourceDma, bytes, DmaDirection.TO_DEVICE);
            kernel.mm().pages().freePagesAt(destination, 2);
            kernel.mm().pages().freePagesAt(source, 2);
        }

        private long outstanding() {
            return all.stream()
                    .filter(each -> each.stage == Stage.SUBMITTED || each.stage == Stage.ISSUED)
                    .count();
        }

        private void submit() {
            if (outstanding() == OUTSTANDING_MAX) {
                return;
            }
            int slot = freeSlot();
            byte value = (byte) rng.nextLong();
            // The devices of this test snoop: the CPU's stores are seen without a sync.
            kernel.machine().cpu().fill(source + (slot << LG2_SLOT), BYTES, value);
            var descriptor =
                    channel.prepMemcpy(
                            destinationDma + (slot << LG2_SLOT),
                            sourceDma + (slot << LG2_SLOT),
                            BYTES,
                            FLAGS);
            Known[] known = new Known[1];
            int cookie = descriptor.callback(() -> calledBack(known[0])).submit();
            known[0] = new Known(cookie, slot, value);
            if (lastCookie != 0) {
                assertThat(cookie).as("cookies follow each other").isEqualTo(lastCookie + 1);
            }
            lastCookie = cookie;
            all.add(known[0]);
        }

        private int freeSlot() {
            for (int slot = 0; slot < OUTSTANDING_MAX; slot++) {
                int wanted = slot;
                if (all.stream()
                        .noneMatch(each ->
                                each.slot == wanted
                                        && (each.stage == Stage.SUBMITTED
                                                || each.stage == Stage.ISSUED))) {
                    return slot;
                }
            }
            throw new AssertionError("all slots are taken");
        }

        private void calledBack(Known known) {
            assertThat(known.stage)
                    .as("cookie %d is called back once, and not when dropped", known.cookie)
                    .isIn(Stage.ISSUED, earliest());
            known.stage = Stage.CALLED_BACK;
            calledBack.add(known);
            long last = destination + (known.slot << LG2_SLOT) + BYTES - 1;
            assertThat(kernel.machine().cpu().load8(last)).isEqualTo(known.value);
        }

        /** Drivers of some controllers start what is submitted with what was issued before. */
        private Stage earliest() {
            return controller.waitsForIssue() ? Stage.ISSUED : Stage.SUBMITTED;
        }

        private void issue() {
            for (Known each : all) {
                if (each.stage == Stage.SUBMITTED) {
                    each.stage = Stage.ISSUED;
                }
            }
            channel.issuePending();
        }

        private void terminate() {
            if (!channel.device().described().canTerminate()) {
                return;
            }
            channel.terminateAsync();
            channel.synchronize();
            for (Known each : all) {
                if (each.stage == Stage.SUBMITTED || each.stage == Stage.ISSUED) {
                    each.stage = Stage.DROPPED;
                }
            }
        }

        private void look() {
            assertThat(calledBack.stream().map(each -> each.cookie).toList())
                    .as("callbacks come in the order of submission")
                    .isSorted();
            for (Known each : all) {
                switch (each.stage) {
                    case SUBMITTED -> {
                        if (earliest() == Stage.ISSUED) {
                            assertThat(status(each)).isEqualTo(DmaStatus.IN_PROGRESS);
                        }
                    }
                    case ISSUED -> assertThat(status(each)).isNotEqualTo(DmaStatus.ERROR);
                    case CALLED_BACK -> {
                        assertThat(status(each)).isEqualTo(DmaStatus.COMPLETE);
                        assertThat(state.residue()).isZero();
                    }
                    case DROPPED -> {
                        // Nothing is said of its cookie until a later one completes.
                    }
                }
            }
        }

        private DmaStatus status(Known known) {
            DmaStatus status = channel.txStatus(known.cookie, state);
            assertThat(Integer.compareUnsigned(state.residue(), BYTES)).isNotPositive();
            assertThat(state.used()).isEqualTo(lastCookie);
            return status;
        }
    }
}
