package dmakit.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.random.Rng;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CpuViewTest {
    private static final int SIZE = 0x1_0000;
    private static final int LINE = Ram.LINE_BYTES;

    private final Ram ram = new Ram(List.of(new Ram.Bank(0, SIZE)), false);
    private final CpuView cpu = CpuView.withoutEviction(ram);
    private final DeviceView device = new DeviceView(ram, cpu, false);

    @AfterEach
    void close() {
        ram.close();
    }

    @Nested
    class WithoutEviction {
        @Test
        void aStoreStaysInTheCacheUntilItIsCleaned() {
            cpu.store32(0x100, 0x1234_5678);
            assertThat(device.load32(0x100)).isZero();
            assertThat(cpu.isDirty(0x100)).isTrue();
            assertThat(cpu.clean(0x100, 4)).isEqualTo(1);
            assertThat(device.load32(0x100)).isEqualTo(0x1234_5678);
            assertThat(cpu.isDirty(0x100)).isFalse();
            assertThat(cpu.isCached(0x100)).isTrue();
        }

        @Test
        void aLoadSeesTheOldBytesUntilTheLineIsInvalidated() {
            assertThat(cpu.load8(0x100)).isZero();
            device.store8(0x100, (byte) 7);
            assertThat(cpu.load8(0x100)).isZero();
            assertThat(cpu.invalidate(0x100, 1)).isEqualTo(1);
            assertThat(cpu.load8(0x100)).isEqualTo((byte) 7);
        }

        @Test
        void dirtyLinesInsideAnInvalidatedRangeAreLost() {
            cpu.fill(0x100, 3 * LINE, (byte) 1);
            assertThat(cpu.invalidate(0x100, 3 * LINE)).isEqualTo(3);
            assertThat(cpu.load64(0x100)).isZero();
        }

        @Test
        void partlyCoveredLinesAreCleanedBeforeTheyAreDropped() {
            cpu.fill(0x100, 3 * LINE, (byte) 1);
            cpu.invalidate(0x101, 3 * LINE - 2);
            assertThat(cpu.load8(0x100)).isEqualTo((byte) 1);
            assertThat(cpu.load8(0x100 + LINE - 1)).isEqualTo((byte) 1);
            assertThat(cpu.load8(0x100 + LINE)).isZero();
            assertThat(cpu.load8(0x100 + 3 * LINE - 1)).isEqualTo((byte) 1);
            assertThat(cpu.counters().cleaned()).isEqualTo(2);
        }

        @Test
        void maintenanceOfNothingDoesNothing() {
            cpu.store8(0x100, (byte) 1);
            assertThat(cpu.clean(0x100, 0)).isZero();
            assertThat(cpu.invalidate(0x100, 0)).isZero();
            assertThat(cpu.isDirty(0x100)).isTrue();
        }

        @Test
        void anAccessAcrossTwoLinesIsOneValue() {
            cpu.store64(LINE - 3, 0x1122_3344_5566_7788L);
            assertThat(cpu.load64(LINE - 3)).isEqualTo(0x1122_3344_5566_7788L);
            assertThat(cpu.load16(LINE - 1)).isEqualTo((short) 0x5566);
            assertThat(cpu.load32(LINE - 2)).isEqualTo(0x4455_6677);
            assertThat(cpu.isDirty(0)).isTrue();
            assertThat(cpu.isDirty(LINE)).isTrue();
            cpu.clean(0, 2 * LINE);
            assertThat(device.load64(LINE - 3)).isEqualTo(0x1122_3344_5566_7788L);
        }

        @Test
        void aBulkLoadFillsOnlyTheLinesThatMissInRunsOfAnyShape() {
            for (int i = 0; i < SIZE / LINE; i++) {
                device.store8((long) i * LINE, (byte) 1);
                if (i % 3 == 0 || i % 16 < 9) {
                    cpu.load8((long) i * LINE);
                }
                device.store8((long) i * LINE, (byte) 2);
            }
            long cached = cpu.counters().filled();
            byte[] into = new byte[SIZE];
            cpu.load(0, into, 0, SIZE);
            for (int i = 0; i < SIZE / LINE; i++) {
                boolean wasCached = i % 3 == 0 || i % 16 < 9;
                assertThat(into[i * LINE]).as("line %d", i).isEqualTo((byte) (wasCached ? 1 : 2));
            }
            assertThat(cpu.counters().filled()).isEqualTo(SIZE / LINE);
            assertThat(cached).isLessThan(SIZE / LINE);
        }

        @Test
        void mismatchFindsTheFirstByteThatDiffers() {
            cpu.fill(0x100, 500, (byte) 5);
            device.fill(0x1000, 500, (byte) 5);
            assertThat(cpu.mismatch(0x100, 0x1000, 500)).isEqualTo(-1);
            device.store8(0x1000 + 300, (byte) 6);
            assertThat(cpu.mismatch(0x100, 0x1000, 500)).isEqualTo(-1);
            cpu.invalidate(0x1000, 500);
            assertThat(cpu.mismatch(0x100, 0x1000, 500)).isEqualTo(300);
            assertThat(cpu.mismatch(0x100, 0x1000, 0)).isEqualTo(-1);
        }
    }

    @Nested
    class LeastRecentlyUsed {
        private final CpuView lru = CpuView.leastRecentlyUsed(ram, 4 * 2 * LINE, 2);

        @Test
        void theLineUsedLongestAgoIsWrittenBackAndGivenUp() {
            lru.store8(0, (byte) 1);
            lru.store8(4 * LINE, (byte) 2);
            lru.load8(0);
            lru.load8(8 * LINE);
            assertThat(lru.isCached(0)).isTrue();
            assertThat(lru.isCached(4 * LINE)).isFalse();
            assertThat(device.load8(4 * LINE)).isEqualTo((byte) 2);
            assertThat(device.load8(0)).isZero();
            assertThat(lru.counters().evicted()).isEqualTo(1);
            assertThat(lru.counters().writtenBack()).isEqualTo(1);
        }

        @Test
        void anInvalidatedLineGivesItsPlaceFirst() {
            lru.load8(0);
            lru.load8(4 * LINE);
            lru.invalidate(4 * LINE, LINE);
            lru.load8(8 * LINE);
            assertThat(lru.isCached(0)).isTrue();
            assertThat(lru.counters().evicted()).isZero();
        }

        @Test
        void aRangeLargerThanTheCacheKeepsItsLastLinesAndLosesNoByte() {
            byte[] bytes = new byte[64 * LINE];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (i * 31);
            }
            lru.store(0, bytes, 0, bytes.length);
            for (int line = 0; line < 64; line++) {
                assertThat(lru.isDirty((long) line * LINE))
                        .as("line %d", line)
                        .isEqualTo(line >= 56);
            }
            byte[] back = new byte[bytes.length];
            lru.load(0, back, 0, back.length);
            assertThat(back).isEqualTo(bytes);
            lru.copy(0, 5, bytes.length);
            lru.load(5, back, 0, back.length);
            assertThat(back).isEqualTo(bytes);
        }

        @Test
        void aGeometryThatDoesNotAddUpIsRefused() {
            assertThatThrownBy(() -> CpuView.leastRecentlyUsed(ram, 3 * LINE, 1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> CpuView.leastRecentlyUsed(ram, 4 * LINE, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> CpuView.leastRecentlyUsed(ram, 100, 1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> CpuView.leastRecentlyUsed(ram, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** What a driver does around one transfer, and what it forgets. */
    private enum Forgets {
        NOTHING,
        CLEAN_BEFORE_DEVICE_READS,
        INVALIDATE_BEFORE_DEVICE_WRITES,
        INVALIDATE_AFTER_DEVICE_WROTE
    }

    /** One machine with an adversary for a cache, and one driver on it. */
    private static final class Driver {
        private static final int BUFFER = 0x2000;
        private static final int LENGTH = 512;

        private final CpuView cpu;
        private final DeviceView device;
        private final Rng rng;
        private final Forgets forgets;

        Driver(Ram ram, long seed, Forgets forgets) {
            ram.lines.fill((byte) 0);
            cpu = CpuView.adversary(ram, Rng.named(seed, "cache"));
            device = new DeviceView(ram, cpu, false);
            rng = Rng.named(seed, "driver");
            this.forgets = forgets;
        }

        /** Whether all bytes arrived, in both directions. */
        boolean transfersRightBytes() {
            boolean right = true;
            for (int round = 0; round < 4; round++) {
                right &= sends((byte) (round + 1)) & receives((byte) (round + 101));
            }
            return right;
        }

        private boolean sends(byte value) {
            cpu.fill(BUFFER, LENGTH, value);
            disturb();
            if (forgets != Forgets.CLEAN_BEFORE_DEVICE_READS) {
                cpu.clean(BUFFER, LENGTH);
            }
            disturb();
            byte[] seen = new byte[LENGTH];
            for (int at = 0; at < LENGTH; at += LINE) {
                device.load(BUFFER + at, seen, at, LINE);
            }
            return holds(seen, value);
        }

        private boolean receives(byte value) {
            cpu.fill(BUFFER, LENGTH, (byte) 77);
            disturb();
            if (forgets != Forgets.INVALIDATE_BEFORE_DEVICE_WRITES) {
                cpu.invalidate(BUFFER, LENGTH);
            }
            disturb();
            byte[] sent = new byte[LINE];
            java.util.Arrays.fill(sent, value);
            for (int at = 0; at < LENGTH; at += LINE) {
                device.store(BUFFER + at, sent, 0, LINE);
                disturb();
            }
            if (forgets != Forgets.INVALIDATE_AFTER_DEVICE_WROTE) {
                cpu.invalidate(BUFFER, LENGTH);
            }
            disturb();
            byte[] seen = new byte[LENGTH];
            cpu.load(BUFFER, seen, 0, LENGTH);
            return holds(seen, value);
        }

        /** Other code runs: accesses next to the buffer, at which the cache may act. */
        private void disturb() {
            int accesses = rng.nextInt(30);
            for (int i = 0; i < accesses; i++) {
                cpu.store8(BUFFER - 1 - rng.nextInt(0x200), (byte) i);
                cpu.load8(BUFFER + LENGTH + rng.nextInt(0x200));
            }
        }

        private static boolean holds(byte[] bytes, byte value) {
            for (byte b : bytes) {
                if (b != value) {
                    return false;
                }
            }
            return true;
        }
    }

    @Nested
    class Adversary {
        private static final int SEEDS = 500;

        private int wrongSeeds(Forgets forgets) {
            int wrong = 0;
            for (long seed = 0; seed < SEEDS; seed++) {
                wrong += new Driver(ram, seed, forgets).transfersRightBytes() ? 0 : 1;
            }
            return wrong;
        }

        @Test
        void aDriverThatKeepsTheRulesIsRightInEverySeed() {
            for (long seed = 0; seed < SEEDS; seed++) {
                assertThat(new Driver(ram, seed, Forgets.NOTHING).transfersRightBytes())
                        .as("seed %d", seed)
                        .isTrue();
            }
        }

        @Test
        void aDriverThatForgetsToCleanIsWrong() {
            assertThat(wrongSeeds(Forgets.CLEAN_BEFORE_DEVICE_READS)).isGreaterThan(SEEDS / 2);
        }

        @Test
        void aDriverThatForgetsToInvalidateBeforeIsWrongInSomeSeedsOnly() {
            assertThat(wrongSeeds(Forgets.INVALIDATE_BEFORE_DEVICE_WRITES))
                    .isBetween(SEEDS / 20, SEEDS - 1);
        }

        @Test
        void aDriverThatForgetsToInvalidateAfterIsWrongInSomeSeedsOnly() {
            assertThat(wrongSeeds(Forgets.INVALIDATE_AFTER_DEVICE_WROTE))
                    .isBetween(SEEDS / 20, SEEDS - 1);
        }

        @Test
        void onACoherentMachineTheSameDriversAreRight() {
            try (Ram coherent = new Ram(List.of(new Ram.Bank(0, SIZE)), true)) {
                for (Forgets forgets : Forgets.values()) {
                    assertThat(new Driver(coherent, 1, forgets).transfersRightBytes()).isTrue();
                }
            }
        }

        @Test
        void oneSeedActsTheSameTwice() {
            assertThat(countersOf(5)).isEqualTo(countersOf(5)).isNotEqualTo(countersOf(6));
        }

        private List<Long> countersOf(long seed) {
            Driver driver = new Driver(ram, seed, Forgets.NOTHING);
            driver.transfersRightBytes();
            CacheCounters counters = driver.cpu.counters();
            assertThat(counters.evicted()).isPositive();
            assertThat(counters.speculated()).isPositive();
            assertThat(counters.writtenBack()).isPositive();
            return List.of(counters.evicted(), counters.speculated(), counters.writtenBack());
        }
    }
}
