package dmakit.board.dmatest;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Simulation;
import dmakit.board.dmatest.TestedController.Caches;
import dmakit.board.dmatest.TestedController.Way;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.SiteSource;
import dmakit.kernel.check.SourceLine;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.SlaveCaps;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.sync.HrTimer;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a channel does is stopped at a moment that the seed chooses, in every way there is, by
 * every way from memory to the controller. Afterwards the chip moves no byte more, no callback
 * comes, nothing is left behind, and the channel works as before.
 */
class AnyMomentTest {
    private static final int RUN_COUNT = 2_000;

    /** Every way from memory, without checks and with them. */
    private static final int BOOTS = 2 * Way.values().length;

    private static final int RUNS = 30;

    /** Checks see each access of a chip, which takes long. */
    private static final int CHECKED_RUNS = 10;

    /** Pages that tables of an IOMMU may take, which grow with what was ever mapped. */
    private static final int TABLE_PAGES_MAX = 16;

    private static final long PS_PER_NS = 1_000;
    private static final long PS_PER_US = 1_000_000;
    private static final long QUIET_PS = 100 * PS_PER_US;
    private static final int DONE_MS_MAX = 1_000;

    /** What an IOMMU's driver says of an address that nobody mapped. */
    private static final Pattern FAULT =
            Pattern.compile("Unhandled context fault|DMAR: \\[DMA|fault status reg");

    /** What a client does. */
    enum Kind {
        COPY,
        LIST,
        RING
    }

    /** How it is stopped. */
    enum End {
        TERMINATE_ASYNC,
        TERMINATE_SYNC,
        TERMINATE_ALL,
        TERMINATE_IN_CALLBACK,
        TERMINATE_IN_INTERRUPT,
        PAUSE_AND_RESUME,
        PAUSE_AND_TERMINATE,
        RELEASE,
        UNBIND_PROVIDER
    }

    /** One boot's share. */
    record Share(TestedController controller, Kind kind, int boot) {
        Way way() {
            return Way.values()[boot % Way.values().length];
        }

        boolean isChecked() {
            return boot >= Way.values().length;
        }

        int runs() {
            return isChecked() ? CHECKED_RUNS : RUNS;
        }
    }

    private static List<Kind> kinds(TestedController controller) {
        return controller.hasFifo() ? List.of(Kind.values()) : List.of(Kind.COPY);
    }

    static List<Share> shares() {
        List<Share> shares = new ArrayList<>();
        for (int boot = 0; boot < BOOTS; boot++) {
            for (TestedController controller : TestedController.values()) {
                for (Kind kind : kinds(controller)) {
                    shares.add(new Share(controller, kind, boot));
                }
            }
        }
        return shares;
    }

    @Test
    void thereAreTwoThousandRuns() {
        assertThat(shares().stream().mapToInt(Share::runs).sum()).isGreaterThanOrEqualTo(RUN_COUNT);
    }

    @ParameterizedTest
    @MethodSource("shares")
    void nothingGoesOnAndNothingIsLeft(Share share) {
        List<String> log = new ArrayList<>();
        try (Simulation simulation =
                share.controller().bootWithFifo(share.way(), Caches.SNOOPED, share.boot(), log)) {
            Kernel kernel = simulation.kernel();
            if (share.isChecked()) {
                kernel.findings().foreignSites(new Nowhere());
                kernel.findings().enable();
            }
            MovingClient client =
                    switch (share.kind()) {
                        case COPY -> new CopyClient(kernel, share.controller());
                        case LIST -> new FifoClient(kernel, false);
                        case RING -> new FifoClient(kernel, true);
                    };
            kernel.run("client", () -> new Runs(kernel, share, client, log).run());
        }
    }

    /** Where all of this is does not matter, and looking for it takes long. */
    private static final class Nowhere implements SiteSource {
        @Override
        public long here() {
            return FOREIGN | 1;
        }

        @Override
        public SourceLine lineOf(long site) {
            return SourceLine.UNKNOWN;
        }
    }

    /** The runs on one kernel. */
    private static final class Runs {
        private final Kernel kernel;
        private final Share share;
        private final MovingClient client;
        private final List<String> log;
        private DmaDevice provider;
        private long spanPs;

        Runs(Kernel kernel, Share share, MovingClient client, List<String> log) {
            this.kernel = kernel;
            this.share = share;
            this.client = client;
            this.log = log;
        }

        void run() {
            // What is allocated once and kept is there after this.
            client.allocate();
            client.request();
            provider = client.channels().getFirst().device();
            Rng rng = Rng.named(share.boot(), share.toString());
            for (int i = 0; i < 4; i++) {
                spanPs = Math.max(spanPs, works(rng));
            }
            startTimers();
            client.release();
            Census before = Census.of(kernel);
            for (int i = 0; i < share.runs(); i++) {
                End end = anyEnd(rng);
                long seed = rng.nextLong();
                String what = "%s, %s, run %d, seed %d".formatted(share, end, i, seed);
                try {
                    once(end, new Rng(seed));
                    isAsBefore(before);
                    assertThat(log).noneMatch(line -> FAULT.matcher(line).find());
                } catch (RuntimeException | AssertionError e) {
                    List<String> tail = log.subList(Math.max(0, log.size() - 30), log.size());
                    throw new AssertionError(what + "\n" + String.join("\n", tail), e);
                }
            }
            client.free();
        }

        private void isAsBefore(Census before) {
            Census now = Census.of(kernel);
            if (share.way().translates()) {
                assertThat(now.freePages())
                        .isCloseTo(before.freePages(), Offset.offset((long) TABLE_PAGES_MAX));
                before = before.withFreePages(now.freePages());
            }
            assertThat(now).isEqualTo(before);
        }

        private End anyEnd(Rng rng) {
            List<End> possible =
                    Arrays.stream(End.values())
                            .filter(end -> isPossible(end, provider.described()))
                            .toList();
            return possible.get(rng.nextInt(possible.size()));
        }

        private boolean isPossible(End end, SlaveCaps offers) {
            return switch (end) {
                case PAUSE_AND_RESUME -> offers.canPause() && offers.canResume();
                case PAUSE_AND_TERMINATE -> offers.canPause();
                case RELEASE, UNBIND_PROVIDER -> true;
                case TERMINATE_ASYNC,
                        TERMINATE_SYNC,
                        TERMINATE_ALL,
                        TERMINATE_IN_CALLBACK,
                        TERMINATE_IN_INTERRUPT ->
                        offers.canTerminate();
            };
        }

        private void once(End end, Rng rng) {
            client.reset();
            client.request();
            client.start(rng);
            long moment = rng.nextLong(spanPs + spanPs / 4);
            stop(end, moment, rng);
            int seen = client.callbacks();
            client.quiet();
            client.unmap();
            client.spoilBuffers();
            kernel.machine().cpu().spend(QUIET_PS);
            kernel.sched().msleep(1);
            assertThat(client.callbacks()).as("callbacks").isEqualTo(seen);
            assertThat(client.areSpoiled()).as("nobody wrote to the buffers").isTrue();
            assertThat(kernel.findings().all()).isEmpty();
            if (client.channels().isEmpty()) {
                client.request();
                provider = client.channels().getFirst().device();
            }
            works(rng);
            client.release();
        }

        private void stop(End end, long moment, Rng rng) {
            if (end != End.TERMINATE_IN_INTERRUPT) {
                kernel.machine().cpu().spend(moment);
            }
            List<Channel> channels = client.channels();
            switch (end) {
                case TERMINATE_ASYNC -> {
                    channels.forEach(Channel::terminateAsync);
                    kernel.machine().cpu().spend(rng.nextLong(PS_PER_US));
                    channels.forEach(Channel::synchronize);
                }
                case TERMINATE_SYNC -> channels.forEach(Channel::terminateSync);
                case TERMINATE_ALL -> {
                    channels.forEach(Channel::terminateAll);
                    channels.forEach(Channel::synchronize);
                }
                case TERMINATE_IN_CALLBACK -> {
                    client.inCallback(() -> channels.forEach(Channel::terminateAsync));
                    kernel.sched().msleep(1);
                    client.inCallback(() -> {});
                    channels.forEach(Channel::terminateAsync);
                    channels.forEach(Channel::synchronize);
                }
                case TERMINATE_IN_INTERRUPT -> {
                    terminateInInterrupt(channels, moment);
                    channels.forEach(Channel::synchronize);
                }
                case PAUSE_AND_RESUME -> {
                    client.hold();
                    channels.forEach(Channel::pause);
                    standsStill(channels);
                    channels.forEach(Channel::resume);
                    client.goOn();
                    awaitDone();
                    channels.forEach(Channel::terminateSync);
                }
                case PAUSE_AND_TERMINATE -> {
                    channels.forEach(Channel::pause);
                    channels.forEach(Channel::terminateSync);
                }
                case RELEASE -> {
                    channels.forEach(Runs::dropAll);
                    client.release();
                }
                case UNBIND_PROVIDER -> unbindProvider();
            }
        }

        /** The timer's interrupt is requested with the first one, and stays. */
        private void startTimers() {
            HrTimer first = new HrTimer(kernel.timers(), "first", () -> false);
            first.start(0);
            kernel.sched().msleep(1);
        }

        private void terminateInInterrupt(List<Channel> channels, long moment) {
            var timer =
                    new HrTimer(
                            kernel.timers(),
                            "terminate",
                            () -> {
                                channels.forEach(Channel::terminateAsync);
                                return false;
                            });
            timer.start((kernel.machine().clock().now() + moment) / PS_PER_NS);
            kernel.machine().cpu().spend(moment + 10 * PS_PER_US);
            assertThat(timer.isActive()).isFalse();
        }

        /** What is in flight may land; from then on nothing moves. */
        private void standsStill(List<Channel> channels) {
            kernel.machine().cpu().spend(20 * PS_PER_US);
            int[] before = residues(channels);
            kernel.machine().cpu().spend(QUIET_PS);
            assertThat(residues(channels)).as("residues while paused").isEqualTo(before);
        }

        private int[] residues(List<Channel> channels) {
            TxState state = new TxState();
            return channels.stream()
                    .mapToInt(channel -> {
                        channel.txStatus(client.lastCookie(channel), state);
                        return state.residue();
                    })
                    .toArray();
        }

        private void unbindProvider() {
            String name = provider.dev().name();
            if (share.kind() != Kind.COPY) {
                // As the links between devices do it: who depends on a device leaves first.
                client.release();
            } else if (share.isChecked() || share.way() != Way.DIRECT) {
                // Memory that is taken back while a device still uses it is a mistake; where
                // nothing lies in between and no mistakes are looked for it does no harm.
                stopTransfers();
            }
            // The driver must not leave while its device holds memory.
            client.unmap();
            var platform = kernel.platform().device(name);
            if (platform.isPresent()) {
                PlatformDevice device = platform.get();
                kernel.platform().unbind(device);
                client.gone();
                kernel.platform().attach(device);
            } else {
                var function = kernel.pci().device(name).orElseThrow();
                kernel.pci().unbind(function);
                client.gone();
                kernel.pci().attach(function);
            }
        }

        private void stopTransfers() {
            if (provider.described().canTerminate()) {
                client.channels().forEach(Channel::terminateSync);
            } else {
                client.channels().forEach(Runs::dropAll);
                client.release();
            }
        }

        /** Where a provider has no such call, the release that follows is the end. */
        private static void dropAll(Channel channel) {
            try {
                channel.terminateAsync();
            } catch (DmaException refused) {
                assertThat(refused.errno()).isEqualTo(Errno.EINVAL);
            }
        }

        private void awaitDone() {
            for (int ms = 0; !client.isDone(); ms++) {
                assertThat(ms).as("milliseconds without all callbacks").isLessThan(DONE_MS_MAX);
                kernel.sched().msleep(1);
            }
        }

        /** Lets the client work undisturbed; answers how long it took. */
        private long works(Rng rng) {
            client.reset();
            long start = kernel.machine().clock().now();
            client.start(rng);
            while (!client.isDone()
                    && kernel.machine().clock().now() - start < DONE_MS_MAX * 1000 * PS_PER_US) {
                kernel.machine().cpu().spend(PS_PER_US);
            }
            long took = kernel.machine().clock().now() - start;
            assertThat(client.isDone()).as("all callbacks came").isTrue();
            if (provider.described().canTerminate()) {
                client.channels().forEach(Channel::terminateSync);
            }
            client.quiet();
            client.unmap();
            assertThat(client.isMoved()).as("all bytes were moved").isTrue();
            assertThat(kernel.findings().all()).isEmpty();
            return took;
        }
    }

    /** What must be the same before and after. */
    private record Census(long freePages, List<String> interrupts, int clients, boolean lent) {
        static Census of(Kernel kernel) {
            return new Census(
                    Arrays.stream(Zone.values()).mapToLong(kernel.mm().pages()::freePages).sum(),
                    kernel.irqs().requested().stream()
                            .map(line -> line.irq() + " " + line.names())
                            .toList(),
                    channels(kernel).mapToInt(Channel::clientCount).sum(),
                    kernel.dma().holdsOf(_ -> true));
        }

        Census withFreePages(long count) {
            return new Census(count, interrupts, clients, lent);
        }

        private static Stream<Channel> channels(Kernel kernel) {
            return kernel.dmaEngine().devices().stream()
                    .flatMap(device -> device.channels().stream());
        }
    }
}
