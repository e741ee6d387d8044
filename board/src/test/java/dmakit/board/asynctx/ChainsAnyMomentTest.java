package dmakit.board.asynctx;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.asynctx.AsyncSubmit;
import dmakit.kernel.asynctx.AsyncTx;
import dmakit.kernel.asynctx.AsyncTxFlags;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.random.Rng;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Chains of copies and sums that change channels, waited for at moments that the seed chooses;
 * between chains the drivers of the engines come and go.
 */
class ChainsAnyMomentTest {
    private static final int ROUNDS = 24;

    /** Checks see each access of a chip, which takes long. */
    private static final int CHECKED_ROUNDS = 8;

    private static final int PAGES = 6;
    private static final int BYTES = 4096;
    private static final int OPERATIONS_MAX = 10;
    private static final long PS_PER_US = 1_000_000;
    private static final long MOMENT_PS_MAX = 30 * PS_PER_US;
    private static final long QUIET_PS = 100 * PS_PER_US;
    private static final String[] ENGINES = {"0000:00:04.0", "0000:00:05.0"};

    @ParameterizedTest
    @CsvSource({
        "'', false",
        "'', true",
        "intel_iommu=on iommu.strict=1, false",
        "intel_iommu=on iommu.strict=1, true",
        "intel_iommu=on iommu.strict=0, false",
        "intel_iommu=on iommu.strict=0, true",
    })
    void aChainIsDoneWhenItsWaitEnds(String words, boolean checked) {
        var options = new Simulation.Options(1, Optional.empty(), words);
        try (Simulation simulation = Simulation.boot(Board.of("pc"), options)) {
            Kernel kernel = simulation.kernel();
            if (checked) {
                kernel.findings().enable();
            }
            Runs runs = new Runs(kernel);
            kernel.run("async", () -> runs.run(checked ? CHECKED_ROUNDS : ROUNDS));
            assertThat(kernel.findings().all()).isEmpty();
            assertThat(runs.byEngine).isPositive();
            assertThat(kernel.log().buffer().texts())
                    .noneMatch(line -> line.contains("DMAR: [DMA"));
        }
    }

    /** The chains on one kernel. */
    private static final class Runs {
        private final Kernel kernel;
        private final Cpu cpu;
        private final AsyncTx async;
        private final Rng rng = Rng.named(1, "chains");
        private final long[] pages = new long[PAGES];
        private final byte[][] wanted = new byte[PAGES][BYTES];
        private int callbacks;
        private int byEngine;

        Runs(Kernel kernel) {
            this.kernel = kernel;
            cpu = kernel.machine().cpu();
            async = kernel.asyncTx();
        }

        void run(int rounds) {
            for (int i = 0; i < PAGES; i++) {
                pages[i] = kernel.mm().pages().allocPages(Gfp.KERNEL, 0);
                store(i, anyBytes());
            }
            for (int round = 0; round < rounds; round++) {
                Optional<String> absent =
                        rng.oneIn(3)
                                ? Optional.of(ENGINES[rng.nextInt(ENGINES.length)])
                                : Optional.empty();
                absent.ifPresent(
                        name -> kernel.pci().unbind(kernel.pci().device(name).orElseThrow()));
                kernel.dmaEngine().get();
                chain(round);
                kernel.dmaEngine().put();
                assertThat(clients()).isZero();
                assertThat(kernel.dma().holdsOf(_ -> true)).isFalse();
                absent.ifPresent(
                        name -> kernel.pci().attach(kernel.pci().device(name).orElseThrow()));
            }
            for (long page : pages) {
                kernel.mm().pages().freePages(page, 0);
            }
        }

        private void chain(int round) {
            callbacks = 0;
            int count = 1 + rng.nextInt(OPERATIONS_MAX);
            Descriptor last = null;
            for (int i = 0; i < count; i++) {
                last = operation(last);
                byEngine += last == null ? 0 : 1;
                if (rng.oneIn(3)) {
                    async.issuePendingAll();
                }
            }
            async.issuePendingAll();
            cpu.spend(rng.nextLong(MOMENT_PS_MAX));
            async.quiesce(last);
            for (int i = 0; i < PAGES; i++) {
                assertThat(load(i)).as("round %d, page %d", round, i).isEqualTo(wanted[i]);
            }
            kernel.sched().msleep(1);
            assertThat(callbacks).as("round %d", round).isEqualTo(count);
            for (int i = 0; i < PAGES; i++) {
                store(i, anyBytes());
            }
            cpu.spend(QUIET_PS);
            for (int i = 0; i < PAGES; i++) {
                assertThat(load(i)).as("round %d, page %d later", round, i).isEqualTo(wanted[i]);
            }
        }

        /** One more, behind the last. */
        private @Nullable Descriptor operation(@Nullable Descriptor last) {
            int to = rng.nextInt(PAGES);
            int one = (to + 1 + rng.nextInt(PAGES - 1)) % PAGES;
            int other = (to + 1 + rng.nextInt(PAGES - 1)) % PAGES;
            if (one == other || rng.oneIn(2)) {
                wanted[to] = wanted[one].clone();
                return async.memcpy(
                        pages[to], pages[one], 0, 0, BYTES, after(last, AsyncTxFlags.FENCE));
            }
            byte[] sum = new byte[BYTES];
            for (int i = 0; i < BYTES; i++) {
                sum[i] = (byte) (wanted[one][i] ^ wanted[other][i]);
            }
            wanted[to] = sum;
            return async.xor(
                    pages[to],
                    new long[] {pages[one], pages[other]},
                    0,
                    2,
                    BYTES,
                    after(last, AsyncTxFlags.FENCE | AsyncTxFlags.XOR_ZERO_DST));
        }

        private AsyncSubmit after(@Nullable Descriptor last, int flags) {
            return new AsyncSubmit().init(flags, last, () -> callbacks++, new long[2]);
        }

        private int clients() {
            return kernel.dmaEngine().devices().stream()
                    .flatMap(device -> device.channels().stream())
                    .mapToInt(Channel::clientCount)
                    .sum();
        }

        private byte[] anyBytes() {
            byte[] bytes = new byte[BYTES];
            for (int i = 0; i < BYTES; i++) {
                bytes[i] = (byte) rng.nextInt(256);
            }
            return bytes;
        }

        private void store(int page, byte[] bytes) {
            wanted[page] = bytes;
            cpu.store(AddressLayout.LINEAR_BASE + pages[page], bytes, 0, BYTES);
        }

        private byte[] load(int page) {
            byte[] bytes = new byte[BYTES];
            cpu.load(AddressLayout.LINEAR_BASE + pages[page], bytes, 0, BYTES);
            return bytes;
        }
    }
}
