package dmakit.kernel.asynctx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.raid.FieldOracle;
import dmakit.machine.memory.Ram;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Syndromes and recovery by engine and CPU, judged by bits and equations. */
class RaidOracleTest {
    /** Who does the work. */
    enum Way {
        /** No engine. */
        CPU(_ -> {}),
        /** One engine for everything. */
        ENGINE(fixture -> fixture.provider(AsyncFixture.EVERYTHING)),
        /** Chains that go to and fro between three engines. */
        ENGINES(fixture -> {
            fixture.provider(TransactionType.MEMCPY, TransactionType.INTERRUPT);
            fixture.provider(TransactionType.XOR, TransactionType.INTERRUPT);
            fixture.provider(TransactionType.PQ, TransactionType.PQ_VAL, TransactionType.INTERRUPT);
        }),
        /** Engines without interrupts, between which the CPU waits. */
        DUMB_ENGINES(fixture -> {
            fixture.provider(TransactionType.XOR);
            fixture.provider(TransactionType.PQ);
        }),
        /** Sums by an engine, products by the CPU. */
        MIXED(fixture -> fixture.provider(TransactionType.XOR, TransactionType.MEMCPY));

        private final Consumer<AsyncFixture> providers;

        Way(Consumer<AsyncFixture> providers) {
            this.providers = providers;
        }
    }

    private static final int ROUNDS = 25;

    /** A stripe of random data at random offsets, some of it missing. */
    private static final class Stripe {
        final AsyncFixture fixture;
        final int disks;
        final int bytes;
        final long[] blocks;
        final long[] offsets;
        final byte[] @Nullable [] data;

        Stripe(AsyncFixture fixture, int disks, int bytes, int missingOneIn) {
            this.fixture = fixture;
            this.disks = disks;
            this.bytes = bytes;
            blocks = new long[disks];
            offsets = new long[disks];
            data = new byte[disks][];
            for (int i = 0; i < disks; i++) {
                offsets[i] = fixture.rng.nextInt(64);
                boolean isMissing =
                        i < disks - 2 && missingOneIn > 0 && fixture.rng.oneIn(missingOneIn);
                blocks[i] = isMissing ? AsyncTx.NO_PAGE : fixture.page();
                if (!isMissing) {
                    data[i] = fixture.random(bytes);
                    fixture.store(blocks[i], offsets[i], data[i]);
                }
            }
        }

        byte[][] dataBlocks() {
            return Arrays.copyOf(data, disks - 2);
        }

        byte[] p() {
            return FieldOracle.p(dataBlocks(), bytes);
        }

        byte[] q() {
            return FieldOracle.q(dataBlocks(), bytes);
        }

        void complete() {
            data[disks - 2] = p();
            data[disks - 1] = q();
            fixture.store(blocks[disks - 2], offsets[disks - 2], data[disks - 2]);
            fixture.store(blocks[disks - 1], offsets[disks - 1], data[disks - 1]);
        }

        byte[] load(int disk) {
            return fixture.load(blocks[disk], offsets[disk], bytes);
        }

        void lose(int disk) {
            fixture.store(blocks[disk], offsets[disk], fixture.random(bytes));
        }

        void free() {
            for (long block : blocks) {
                if (block != AsyncTx.NO_PAGE) {
                    fixture.kernel.mm().pages().freePages(block, 0);
                }
            }
        }
    }

    private static void check(Way way, Consumer<AsyncFixture> body) {
        for (long seed = 1; seed <= 2; seed++) {
            try (AsyncFixture fixture = new AsyncFixture(seed)) {
                way.providers.accept(fixture);
                fixture.run(() -> body.accept(fixture));
                for (ParityProvider provider : fixture.providers) {
                    assertThat(provider.unacknowledged()).isZero();
                    assertThat(provider.openMappings()).isZero();
                }
            }
        }
    }

    /** Shorter ones bounce where the device does not snoop, and chains do not survive that. */
    private static int bytes(AsyncFixture fixture) {
        return 2 * Ram.LINE_BYTES + fixture.rng.nextInt(300);
    }

    private static int disks(AsyncFixture fixture) {
        // Most arrays are small, but there are others.
        return fixture.rng.oneIn(5) ? 4 + fixture.rng.nextInt(252) : 4 + fixture.rng.nextInt(14);
    }

    @ParameterizedTest
    @EnumSource
    void syndromesAreThoseOfTheOracle(Way way) {
        check(
                way,
                fixture -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        Stripe stripe = new Stripe(fixture, disks(fixture), bytes(fixture), 5);
                        if (Arrays.stream(stripe.blocks, 0, stripe.disks - 2)
                                .allMatch(block -> block == AsyncTx.NO_PAGE)) {
                            continue;
                        }
                        int without = fixture.rng.nextInt(3);
                        long[] blocks = stripe.blocks.clone();
                        if (without > 0) {
                            blocks[stripe.disks - without] = AsyncTx.NO_PAGE;
                        }
                        int[] called = new int[1];
                        fixture.submit.init(0, null, () -> called[0]++, new long[stripe.disks]);
                        Descriptor desc =
                                fixture.async.genSyndrome(
                                        blocks,
                                        stripe.offsets.clone(),
                                        stripe.disks,
                                        stripe.bytes,
                                        fixture.submit);
                        fixture.finish(desc);
                        assertThat(called[0]).isEqualTo(1);
                        assertThat(stripe.load(stripe.disks - 2))
                                .isEqualTo(
                                        without == 2 ? stripe.data[stripe.disks - 2] : stripe.p());
                        assertThat(stripe.load(stripe.disks - 1))
                                .isEqualTo(
                                        without == 1 ? stripe.data[stripe.disks - 1] : stripe.q());
                        stripe.free();
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void aCheckTellsWhichOfTheTwoDoesNotFit(Way way) {
        check(
                way,
                fixture -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        Stripe stripe = new Stripe(fixture, disks(fixture), bytes(fixture), 7);
                        stripe.complete();
                        int wrong = 0;
                        for (int bit = 0; bit < 2; bit++) {
                            if (fixture.rng.oneIn(2)) {
                                int disk = stripe.disks - 2 + bit;
                                byte[] other = stripe.data[disk].clone();
                                other[fixture.rng.nextInt(stripe.bytes)] ^= 0x40;
                                fixture.store(stripe.blocks[disk], stripe.offsets[disk], other);
                                wrong |= bit == 0 ? SumCheck.P : SumCheck.Q;
                            }
                        }
                        long[] blocks = stripe.blocks.clone();
                        int without = fixture.rng.nextInt(3);
                        if (without > 0) {
                            blocks[stripe.disks - without] = AsyncTx.NO_PAGE;
                            wrong &= without == 1 ? SumCheck.P : SumCheck.Q;
                        }
                        long[] kept = blocks.clone();
                        long spare = fixture.page();
                        SumCheck result = new SumCheck();
                        int[] called = new int[1];
                        fixture.submit.init(0, null, () -> called[0]++, new long[stripe.disks]);
                        Descriptor desc =
                                fixture.async.syndromeVal(
                                        blocks,
                                        stripe.offsets,
                                        stripe.disks,
                                        stripe.bytes,
                                        result,
                                        spare,
                                        5,
                                        fixture.submit);
                        fixture.finish(desc);
                        assertThat(called[0]).isEqualTo(1);
                        assertThat(result.bits()).isEqualTo(wrong);
                        assertThat(blocks).isEqualTo(kept);
                        fixture.kernel.mm().pages().freePages(spare, 0);
                        stripe.free();
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void everyPairOfLostDataBlocksComesBack(Way way) {
        check(
                way,
                fixture -> {
                    for (int disks : new int[] {4, 5, 6, 9}) {
                        for (int a = 0; a < disks - 2; a++) {
                            for (int b = 0; b < disks - 2; b++) {
                                if (a != b) {
                                    recoverTwo(fixture, new Stripe(fixture, disks, 197, 0), a, b);
                                }
                            }
                        }
                    }
                    for (int round = 0; round < ROUNDS / 2; round++) {
                        Stripe stripe = new Stripe(fixture, disks(fixture), bytes(fixture), 6);
                        int a = fixture.rng.nextInt(stripe.disks - 2);
                        int b = fixture.rng.nextInt(stripe.disks - 2);
                        if (a != b && stripe.data[a] != null && stripe.data[b] != null) {
                            recoverTwo(fixture, stripe, a, b);
                        } else {
                            stripe.free();
                        }
                    }
                });
    }

    private static void recoverTwo(AsyncFixture fixture, Stripe stripe, int a, int b) {
        stripe.complete();
        byte[][] wanted = FieldOracle.recovered(stripe.data, a, b, stripe.bytes);
        stripe.lose(a);
        stripe.lose(b);
        long[] blocks = stripe.blocks.clone();
        long[] offsets = stripe.offsets.clone();
        int[] called = new int[1];
        fixture.submit.init(0, null, () -> called[0]++, new long[stripe.disks]);
        Descriptor desc =
                fixture.async.raid6TwoDataRecov(
                        stripe.disks, stripe.bytes, a, b, blocks, offsets, fixture.submit);
        fixture.finish(desc);
        assertThat(called[0]).isEqualTo(1);
        assertThat(stripe.load(a)).isEqualTo(wanted[0]).isEqualTo(stripe.data[a]);
        assertThat(stripe.load(b)).isEqualTo(wanted[1]).isEqualTo(stripe.data[b]);
        assertThat(stripe.load(stripe.disks - 2)).isEqualTo(stripe.data[stripe.disks - 2]);
        assertThat(stripe.load(stripe.disks - 1)).isEqualTo(stripe.data[stripe.disks - 1]);
        assertThat(blocks).isEqualTo(stripe.blocks);
        assertThat(offsets).isEqualTo(stripe.offsets);
        stripe.free();
    }

    @ParameterizedTest
    @EnumSource
    void everyDataBlockLostWithPComesBackWithP(Way way) {
        check(
                way,
                fixture -> {
                    for (int disks : new int[] {4, 5, 6, 9}) {
                        for (int a = 0; a < disks - 2; a++) {
                            recoverWithP(fixture, new Stripe(fixture, disks, 197, 0), a);
                        }
                    }
                    for (int round = 0; round < ROUNDS / 2; round++) {
                        Stripe stripe = new Stripe(fixture, disks(fixture), bytes(fixture), 6);
                        int a = fixture.rng.nextInt(stripe.disks - 2);
                        long there =
                                Arrays.stream(stripe.blocks, 0, stripe.disks - 2)
                                        .filter(block -> block != AsyncTx.NO_PAGE)
                                        .count();
                        if (stripe.data[a] != null && there > 1) {
                            recoverWithP(fixture, stripe, a);
                        } else {
                            stripe.free();
                        }
                    }
                });
    }

    private static void recoverWithP(AsyncFixture fixture, Stripe stripe, int a) {
        int p = stripe.disks - 2;
        stripe.complete();
        byte[][] wanted = FieldOracle.recovered(stripe.data, a, p, stripe.bytes);
        stripe.lose(a);
        stripe.lose(p);
        long[] blocks = stripe.blocks.clone();
        long[] offsets = stripe.offsets.clone();
        int[] called = new int[1];
        fixture.submit.init(0, null, () -> called[0]++, new long[stripe.disks]);
        Descriptor desc =
                fixture.async.raid6DataPRecov(
                        stripe.disks, stripe.bytes, a, blocks, offsets, fixture.submit);
        fixture.finish(desc);
        assertThat(called[0]).isEqualTo(1);
        assertThat(stripe.load(a)).isEqualTo(wanted[0]).isEqualTo(stripe.data[a]);
        assertThat(stripe.load(p)).isEqualTo(wanted[1]).isEqualTo(stripe.data[p]);
        assertThat(blocks).isEqualTo(stripe.blocks);
        assertThat(offsets).isEqualTo(stripe.offsets);
        stripe.free();
    }

    @Test
    void anEngineGoesOnFromPAndQWhereItTakesTooFewSources() {
        check(
                Way.ENGINE,
                fixture -> {
                    ParityProvider raid = fixture.providers.getFirst();
                    Stripe stripe = new Stripe(fixture, 2 + 20, 128, 0);
                    fixture.submit.init(0, null, null, new long[stripe.disks]);
                    fixture.finish(
                            fixture.async.genSyndrome(
                                    stripe.blocks,
                                    stripe.offsets,
                                    stripe.disks,
                                    128,
                                    fixture.submit));
                    // 8, then three places are P and Q: 5, 5 and 2.
                    assertThat(raid.done)
                            .containsExactly(
                                    "raid0.0 pq 8", "raid0.0 pq 5", "raid0.0 pq 5", "raid0.0 pq 2");
                    raid.done.clear();
                    stripe.blocks[stripe.disks - 2] = AsyncTx.NO_PAGE;
                    fixture.submit.init(0, null, null, new long[stripe.disks]);
                    fixture.finish(
                            fixture.async.genSyndrome(
                                    stripe.blocks,
                                    stripe.offsets,
                                    stripe.disks,
                                    128,
                                    fixture.submit));
                    assertThat(raid.done)
                            .containsExactly("raid0.0 pq 8", "raid0.0 pq 7", "raid0.0 pq 5");
                });
    }

    @Test
    void aDifferenceIsAddedToSyndromesByTheCpuAlone() {
        check(
                Way.ENGINE,
                fixture -> {
                    Stripe stripe = new Stripe(fixture, 9, 200, 0);
                    stripe.complete();
                    byte[][] after = stripe.dataBlocks();
                    long[] blocks = new long[9];
                    Arrays.fill(blocks, AsyncTx.NO_PAGE);
                    blocks[7] = stripe.blocks[7];
                    blocks[8] = stripe.blocks[8];
                    for (int disk : new int[] {2, 4}) {
                        byte[] difference = fixture.random(200);
                        after[disk] = after[disk].clone();
                        for (int i = 0; i < 200; i++) {
                            after[disk][i] ^= difference[i];
                        }
                        blocks[disk] = stripe.blocks[disk];
                        fixture.store(blocks[disk], stripe.offsets[disk], difference);
                    }
                    fixture.submit.init(
                            AsyncTxFlags.ACK | AsyncTxFlags.PQ_XOR_DST, null, null, new long[9]);
                    assertThat(
                                    fixture.async.genSyndrome(
                                            blocks, stripe.offsets, 9, 200, fixture.submit))
                            .isNull();
                    assertThat(stripe.load(7)).isEqualTo(FieldOracle.p(after, 200));
                    assertThat(stripe.load(8)).isEqualTo(FieldOracle.q(after, 200));
                });
    }

    @Test
    void recoveryWithoutScribbleSpaceIsTheCpusAndOverwritesTheTable() {
        check(
                Way.ENGINE,
                fixture -> {
                    Stripe stripe = new Stripe(fixture, 7, 100, 0);
                    stripe.complete();
                    stripe.lose(1);
                    stripe.lose(3);
                    long[] blocks = stripe.blocks.clone();
                    fixture.submit.init(AsyncTxFlags.ACK, null, null, null);
                    assertThat(
                                    fixture.async.raid6TwoDataRecov(
                                            7, 100, 3, 1, blocks, stripe.offsets, fixture.submit))
                            .isNull();
                    assertThat(stripe.load(1)).isEqualTo(stripe.data[1]);
                    assertThat(stripe.load(3)).isEqualTo(stripe.data[3]);
                    assertThat(blocks[0]).isEqualTo(Parts.va(stripe.blocks[0], stripe.offsets[0]));
                    assertThat(fixture.providers.getFirst().done).isEmpty();
                });
    }

    @Test
    void whatLinuxCallsABugIsOne() {
        check(
                Way.CPU,
                fixture -> {
                    Stripe stripe = new Stripe(fixture, 6, 64, 0);
                    fixture.submit.init(0, null, null, new long[300]);
                    long[] without = stripe.blocks.clone();
                    without[4] = AsyncTx.NO_PAGE;
                    without[5] = AsyncTx.NO_PAGE;
                    AsyncTx async = fixture.async;
                    bug(() -> async.genSyndrome(without, stripe.offsets, 6, 64, fixture.submit));
                    bug(() ->
                            async.genSyndrome(
                                    new long[256], new long[256], 256, 64, fixture.submit));
                    bug(() ->
                            async.syndromeVal(
                                    stripe.blocks,
                                    stripe.offsets,
                                    3,
                                    64,
                                    new SumCheck(),
                                    stripe.blocks[0],
                                    0,
                                    fixture.submit));
                    bug(() ->
                            async.syndromeVal(
                                    stripe.blocks,
                                    stripe.offsets,
                                    6,
                                    64,
                                    new SumCheck(),
                                    AsyncTx.NO_PAGE,
                                    0,
                                    fixture.submit));
                    bug(() ->
                            async.raid6TwoDataRecov(
                                    6, 64, 1, 1, stripe.blocks, stripe.offsets, fixture.submit));
                });
    }

    private static void bug(Runnable operation) {
        assertThatThrownBy(operation::run).isInstanceOf(IllegalStateException.class);
    }
}
