package dmakit.board.ioat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.module.BuiltInModule;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IoatTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;
    private static final int ROW = 5000;
    private static final int ROWS = 20;
    private static final long NOWHERE = 0x70_0000_0000L;

    /** The sister function, which checks by halting and has exclusive or by itself. */
    private static final String EIGHT_SOURCES =
            """
            /dts-v1/;
            /plugin/;

            &ioat {
                compatible = "pci8086,c51";
            };
            """;

    private final List<String> log = new ArrayList<>();
    private Simulation simulation = boot(Board.of("pc"), "");
    private Kernel kernel = simulation.kernel();

    private Simulation boot(Board board, String commandLine) {
        var options = new Simulation.Options(1, Optional.empty(), commandLine);
        return Simulation.boot(board, options, List.of(), log::add);
    }

    private void reboot(Board board, String commandLine) {
        simulation.close();
        simulation = boot(board, commandLine);
        kernel = simulation.kernel();
    }

    private void rebootWithEightSources() {
        reboot(Board.of("pc").withOverlay(EIGHT_SOURCES, "ioat.dtso"), "");
    }

    @AfterEach
    void close() {
        simulation.close();
    }

    // A channel with rows of random bytes.

    private final class Rows implements AutoCloseable {
        final Channel channel;
        final CoherentBuffer memory;
        final byte[][] expected = new byte[ROWS][ROW];

        Rows(TransactionType type, long seed) {
            channel = kernel.dmaEngine().requestChanByMask(Capabilities.of(type));
            memory =
                    kernel.dma()
                            .allocCoherent(channel.device().dev(), (long) ROW * ROWS, Gfp.KERNEL);
            Rng rng = new Rng(seed);
            for (int row = 0; row < ROWS; row++) {
                for (int i = 0; i < ROW; i++) {
                    expected[row][i] = (byte) rng.nextLong();
                }
                store(row, expected[row]);
            }
        }

        long at(int row) {
            return memory.dma() + (long) row * ROW;
        }

        long[] rows(int first, int count) {
            long[] rows = new long[count];
            for (int i = 0; i < count; i++) {
                rows[i] = at(first + i);
            }
            return rows;
        }

        void store(int row, byte[] bytes) {
            kernel.machine().cpu().store(memory.va() + (long) row * ROW, bytes, 0, ROW);
        }

        void check() {
            byte[] now = new byte[ROW];
            for (int row = 0; row < ROWS; row++) {
                kernel.machine().cpu().load(memory.va() + (long) row * ROW, now, 0, ROW);
                assertThat(now).as("row %d", row).isEqualTo(expected[row]);
            }
        }

        /** Expects P and Q of rows by the definition: Horner's way, bit by bit. */
        void expectSums(int first, byte[] coefficients, int p, int q, boolean goesOn) {
            for (int i = 0; i < ROW; i++) {
                int sum = goesOn && p >= 0 ? expected[p][i] : 0;
                int weighted = goesOn && q >= 0 ? expected[q][i] : 0;
                for (int row = 0; row < coefficients.length; row++) {
                    sum ^= expected[first + row][i];
                    weighted ^= times(coefficients[row] & 0xff, expected[first + row][i] & 0xff);
                }
                if (p >= 0) {
                    expected[p][i] = (byte) sum;
                }
                if (q >= 0) {
                    expected[q][i] = (byte) weighted;
                }
            }
        }

        void complete(Descriptor desc) {
            Completion done = new Completion(kernel.sched());
            int cookie = desc.callback(done::complete).submit();
            channel.issuePending();
            assertThat(done.waitForTimeout(Jiffies.ofMillis(3000))).as("%s", log).isPositive();
            assertThat(channel.txStatus(cookie, null)).isEqualTo(DmaStatus.COMPLETE);
        }

        @Override
        public void close() {
            kernel.dma().freeCoherent(channel.device().dev(), memory);
            kernel.dmaEngine().release(channel);
        }
    }

    /** Not the way the chip does it: from the highest bit of the factor down. */
    private static int times(int a, int b) {
        int product = 0;
        for (int bit = 7; bit >= 0; bit--) {
            product = product << 1 ^ (product >= 0x80 ? 0x11d : 0);
            product ^= (b >> bit & 1) != 0 ? a : 0;
        }
        return product & 0xff;
    }

    private static byte[] powers(int count) {
        byte[] powers = new byte[count];
        int power = 1;
        for (int i = 0; i < count; i++) {
            powers[i] = (byte) power;
            power = times(power, 2);
        }
        return powers;
    }

    private void run(Runnable body) {
        kernel.run("test", body);
    }

    @Test
    void copies() {
        run(() -> {
            Channel channel = ioat(TransactionType.MEMCPY);
            kernel.dmaEngine().release(channel);
            try (Rows rows = new Rows(TransactionType.XOR, 1)) {
                rows.complete(rows.channel.prepMemcpy(rows.at(3), rows.at(1), ROW, FLAGS));
                rows.expected[3] = rows.expected[1];
                rows.complete(rows.channel.prepMemcpy(rows.at(5) + 17, rows.at(2) + 3, 1, FLAGS));
                rows.expected[5][17] = rows.expected[2][3];
                rows.check();
            }
        });
    }

    private Channel ioat(TransactionType type) {
        return kernel.dmaEngine()
                .requestChannel(
                        Capabilities.of(type),
                        channel -> channel.device().dev().name().equals("0000:00:05.0"))
                .orElseThrow();
    }

    @Test
    void sumsAndChecksUpTo16Sources() {
        run(() -> {
            try (Rows rows = new Rows(TransactionType.XOR, 2)) {
                assertThat(rows.channel.device().maxXor()).isEqualTo(16);
                for (int count = 2; count <= 16; count++) {
                    exclusiveOr(rows, count);
                }
                rows.check();
            }
        });
    }

    private static void exclusiveOr(Rows rows, int count) {
        rows.complete(rows.channel.prepXor(rows.at(0), rows.rows(1, count), ROW, FLAGS));
        rows.expectSums(1, new byte[count], 0, -1, false);
        SumCheck result = new SumCheck();
        result.set(SumCheck.Q);
        if (count < rows.channel.device().maxXor()) {
            rows.complete(rows.channel.prepXorVal(rows.rows(0, count + 1), ROW, result, FLAGS));
            assertThat(result.bits()).as("%d sources", count).isZero();
            rows.complete(rows.channel.prepXorVal(rows.rows(1, count + 1), ROW, result, FLAGS));
            assertThat(result.bits()).as("%d sources", count).isEqualTo(SumCheck.P);
        }
    }

    @Test
    void checksThatTwoSourcesAreEqual() {
        run(() -> {
            try (Rows rows = new Rows(TransactionType.XOR_VAL, 2)) {
                rows.complete(rows.channel.prepMemcpy(rows.at(0), rows.at(1), ROW, FLAGS));
                SumCheck result = new SumCheck();
                rows.complete(rows.channel.prepXorVal(rows.rows(0, 2), ROW, result, FLAGS));
                assertThat(result.bits()).isZero();
                rows.complete(rows.channel.prepXorVal(rows.rows(1, 2), ROW, result, FLAGS));
                assertThat(result.bits()).isEqualTo(SumCheck.P);
            }
        });
    }

    @Test
    void computesAndChecksSyndromesOfUpTo16Sources() {
        run(() -> {
            try (Rows rows = new Rows(TransactionType.PQ, 3)) {
                for (int count = 2; count <= 16; count++) {
                    syndrome(rows, count);
                }
                rows.check();
            }
        });
    }

    private static void syndrome(Rows rows, int count) {
        byte[] powers = powers(count);
        long[] pq = rows.rows(0, 2);
        long[] sources = rows.rows(2, count);
        rows.complete(rows.channel.prepPq(pq, sources, powers, ROW, FLAGS));
        rows.expectSums(2, powers, 0, 1, false);
        SumCheck result = new SumCheck();
        rows.complete(rows.channel.prepPqVal(pq, sources, powers, ROW, result, FLAGS));
        assertThat(result.bits()).as("%d sources", count).isZero();
        byte[] others = powers.clone();
        others[count - 1] ^= 1;
        rows.complete(rows.channel.prepPqVal(pq, sources, others, ROW, result, FLAGS));
        assertThat(result.bits()).as("%d sources", count).isEqualTo(SumCheck.Q);
        long[] wrongP = {rows.at(1), rows.at(1)};
        rows.complete(rows.channel.prepPqVal(wrongP, sources, powers, ROW, result, FLAGS));
        assertThat(result.bits()).as("%d sources", count).isEqualTo(SumCheck.P);
    }

    @Test
    void leavesOutPOrQAndGoesOn() {
        run(() -> {
            try (Rows rows = new Rows(TransactionType.PQ, 4)) {
                byte[] powers = powers(5);
                long[] pq = rows.rows(0, 2);
                rows.complete(
                        rows.channel.prepPq(
                                pq, rows.rows(2, 5), powers, ROW, FLAGS | PrepFlags.PQ_DISABLE_P));
                rows.expectSums(2, powers, -1, 1, false);
                rows.complete(
                        rows.channel.prepPq(
                                pq, rows.rows(2, 5), powers, ROW, FLAGS | PrepFlags.PQ_DISABLE_Q));
                rows.expectSums(2, powers, 0, -1, false);
                rows.complete(
                        rows.channel.prepPq(
                                pq, rows.rows(7, 5), powers, ROW, FLAGS | PrepFlags.CONTINUE));
                rows.expectSums(7, powers, 0, 1, true);
                rows.complete(
                        rows.channel.prepPq(
                                pq,
                                rows.rows(12, 5),
                                powers,
                                ROW,
                                FLAGS | PrepFlags.CONTINUE | PrepFlags.PQ_DISABLE_P));
                rows.expectSums(12, powers, -1, 1, true);
                rows.complete(
                        rows.channel.prepPq(
                                pq,
                                rows.rows(12, 1),
                                new byte[] {77},
                                ROW,
                                FLAGS | PrepFlags.PQ_DISABLE_P));
                rows.expectSums(12, new byte[] {77}, -1, 1, false);
                rows.check();
            }
        });
    }

    @Test
    void refusesMoreSourcesThanItHas() {
        run(() -> {
            try (Rows rows = new Rows(TransactionType.PQ, 4)) {
                assertThatThrownBy(() ->
                                rows.channel.prepPq(
                                        rows.rows(0, 2), rows.rows(2, 17), powers(17), ROW, FLAGS))
                        .isInstanceOfSatisfying(
                                DmaException.class,
                                e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
                assertThatThrownBy(() ->
                                rows.channel.prepPq(
                                        rows.rows(0, 2),
                                        rows.rows(2, 14),
                                        powers(14),
                                        ROW,
                                        FLAGS | PrepFlags.CONTINUE))
                        .isInstanceOf(DmaException.class);
            }
        });
    }

    @Test
    void aDescriptorThatMovesNothingCompletesInOrder() {
        run(() -> {
            try (Rows rows = new Rows(TransactionType.XOR, 4)) {
                List<String> order = new ArrayList<>();
                rows.channel
                        .prepMemcpy(rows.at(1), rows.at(0), ROW, PrepFlags.ACK)
                        .callback(() -> order.add("copy"))
                        .submit();
                Descriptor nothing = rows.channel.prepInterrupt(FLAGS);
                rows.complete(nothing.callback(() -> order.add("nothing")));
                assertThat(order).containsExactly("copy");
            }
        });
    }

    @Test
    void operationsThatDoNotInterruptAreFoundByTheTimer() {
        run(() -> {
            try (Rows rows = new Rows(TransactionType.XOR, 4)) {
                List<String> order = new ArrayList<>();
                rows.channel
                        .prepMemcpy(rows.at(1), rows.at(0), ROW, PrepFlags.ACK)
                        .callback(() -> order.add("copy"))
                        .submit();
                rows.channel.issuePending();
                kernel.sched().msleep(50);
                assertThat(order).isEmpty();
                kernel.sched().msleep(100);
                assertThat(order).containsExactly("copy");
            }
        });
    }

    @Test
    void theRingIsUsedAgainAndAgain() {
        run(() -> {
            try (Rows rows = new Rows(TransactionType.XOR, 4)) {
                for (int i = 0; i < 9000; i++) {
                    Descriptor last = null;
                    for (int j = 0; j < 8; j++) {
                        last = rows.channel.prepMemcpy(rows.at(1), rows.at(0), 8, PrepFlags.ACK);
                        last.submit();
                    }
                    int cookie = last.cookie();
                    rows.channel.issuePending();
                    while (rows.channel.txStatus(cookie, null) != DmaStatus.COMPLETE) {
                        kernel.sched().udelay(1);
                    }
                }
            }
        });
    }

    @Nested
    class Failures {
        @Test
        void areToldAndWhatCameAfterIsAborted() {
            run(() -> {
                try (Rows rows = new Rows(TransactionType.XOR, 5)) {
                    List<String> order = new ArrayList<>();
                    submit(rows, rows.at(1), rows.at(0), order);
                    submit(rows, rows.at(2), NOWHERE, order);
                    submit(rows, rows.at(3), rows.at(0), order);
                    rows.channel.issuePending();
                    kernel.sched().msleep(5);
                    assertThat(order).containsExactly("NOERROR 0", "READ_FAILED 64", "ABORTED 64");
                    submit(rows, NOWHERE, rows.at(0), order);
                    rows.channel.issuePending();
                    kernel.sched().msleep(5);
                    assertThat(order.getLast()).isEqualTo("WRITE_FAILED 64");
                    rows.complete(rows.channel.prepMemcpy(rows.at(3), rows.at(1), ROW, FLAGS));
                }
            });
        }

        private void submit(Rows rows, long to, long from, List<String> order) {
            rows.channel
                    .prepMemcpy(to, from, 64, FLAGS)
                    .callbackResult((TransferResult result, int residue) ->
                            order.add(result + " " + residue))
                    .submit();
        }
    }

    @Nested
    class WithEightSources {
        @Test
        void aCheckThatHaltsIsToldAndTheChannelGoesOn() {
            rebootWithEightSources();
            run(() -> {
                try (Rows rows = new Rows(TransactionType.XOR, 2)) {
                    assertThat(rows.channel.device().maxXor()).isEqualTo(8);
                    for (int count = 2; count <= 8; count++) {
                        exclusiveOr(rows, count);
                        syndrome(rows, count);
                    }
                    rows.check();
                }
            });
        }
    }

    @Test
    void passesTheKernelsTest() {
        dmatest();
    }

    @Test
    void passesTheKernelsTestBehindAnIommuAndThroughBounceBuffers() {
        for (String commandLine : List.of("intel_iommu=on", "swiotlb=force")) {
            reboot(Board.of("pc"), commandLine);
            dmatest();
        }
    }

    private void dmatest() {
        log.clear();
        run(() -> {
            BuiltInModule module = kernel.dmatest().module();
            module.set("iterations", "100");
            module.set("channel", "dma1chan2");
            module.set("run", "1");
            module.get("wait");
        });
        assertThat(log.stream().filter(line -> line.contains("summary")))
                .hasSize(3)
                .allMatch(line -> line.contains("summary 100 tests, 0 failures"))
                .anyMatch(line -> line.contains("-copy0"))
                .anyMatch(line -> line.contains("-xor0"))
                .anyMatch(line -> line.contains("-pq0"));
    }

    @Test
    void worksWithThePinAndWithOneMessage() {
        reboot(Board.of("pc"), "pci=nomsi");
        dmatest();
    }

    @Test
    void leavesNothingWhenItsDriverGoes() {
        run(() -> {
            Channel channel = ioat(TransactionType.XOR);
            List<String> order = new ArrayList<>();
            CoherentBuffer memory =
                    kernel.dma().allocCoherent(channel.device().dev(), 1 << 20, Gfp.KERNEL);
            channel.prepMemcpy(memory.dma(), memory.dma() + (1 << 19), 1 << 19, FLAGS)
                    .callback(() -> order.add("done"))
                    .submit();
            channel.issuePending();
            kernel.sched().udelay(3);
            kernel.dma().freeCoherent(channel.device().dev(), memory);
            kernel.pci()
                    .unbind(
                            kernel.pci().devices().stream()
                                    .filter(device -> device.name().equals("0000:00:05.0"))
                                    .findFirst()
                                    .orElseThrow());
            kernel.sched().msleep(10);
            assertThat(order).isEmpty();
            kernel.dmaEngine().release(channel);
        });
        assertThat(log).anyMatch(line -> line.endsWith("Removing dma and dca services"));
        assertThat(Arrays.asList(log.toArray())).noneMatch(line -> line.toString().contains("BUG"));
    }
}
