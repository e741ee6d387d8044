package dmakit.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class WriteBufferTest {
    private static final int SIZE = 0x1000;
    private static final int LONG_ENOUGH_PS = 100_000_000;

    private final Ram ram = new Ram(List.of(new Ram.Bank(0, SIZE)), false);
    private final DeviceView dram = new DeviceView(ram, CpuView.withoutEviction(ram), false);
    private final Clock clock = new Clock();

    @AfterEach
    void close() {
        ram.close();
    }

    private WriteBuffer gathering(long seed) {
        return new WriteBuffer(clock, dram, new Rng(seed));
    }

    @Nested
    class WithoutChance {
        private final WriteBuffer buffer = new WriteBuffer(clock, dram, null);

        @Test
        void everyStoreReachesRamAtOnce() {
            buffer.store(0x10, 4, 0x1234_5678);
            assertThat(dram.load32(0x10)).isEqualTo(0x1234_5678);
            buffer.fill(0x20, 8, (byte) 1);
            assertThat(dram.load64(0x20)).isEqualTo(0x0101_0101_0101_0101L);
            buffer.store(0x30, new byte[] {0, 5, 6}, 1, 2);
            assertThat(dram.load16(0x30)).isEqualTo((short) 0x0605);
            assertThat(clock.nextAt()).isEqualTo(Clock.NEVER);
        }
    }

    @Nested
    class WithChance {
        @Test
        void aStoreWaitsAndOnlyTheCpuSeesIt() {
            WriteBuffer buffer = gathering(1);
            dram.store64(0x10, -1);
            buffer.store(0x12, 2, 0x1234);
            assertThat(dram.load64(0x10)).isEqualTo(-1);
            assertThat(buffer.load(0x10, 8)).isEqualTo(0xffff_ffff_1234_ffffL);
            assertThat(buffer.load(0x13, 1)).isEqualTo(0x12);
            byte[] bytes = new byte[5];
            buffer.load(0x11, bytes, 1, 3);
            assertThat(bytes).containsExactly(0, -1, 0x34, 0x12, 0);
        }

        @Test
        void drainingLetsAllOfItReachRamAndOnlyWhatWasStored() {
            WriteBuffer buffer = gathering(1);
            dram.fill(0, SIZE, (byte) -1);
            buffer.store(0x3e, 4, 0x1122_3344);
            buffer.store(0x80, 8, 0);
            buffer.fill(0xc0, 64, (byte) 7);
            buffer.drain();
            assertThat(dram.load64(0x3c)).isEqualTo(0xffff_1122_3344_ffffL);
            assertThat(dram.load64(0x80)).isZero();
            assertThat(dram.load8(0x88)).isEqualTo((byte) -1);
            assertThat(dram.load64(0xc0)).isEqualTo(0x0707_0707_0707_0707L);
            assertThat(dram.load64(0xf8)).isEqualTo(0x0707_0707_0707_0707L);
        }

        @Test
        void whatWaitsReachesRamInTimeByItself() {
            for (long seed = 0; seed < 50; seed++) {
                WriteBuffer buffer = gathering(seed);
                buffer.fill(0, 4 * Ram.LINE_BYTES, (byte) (seed + 1));
                clock.advanceBy(LONG_ENOUGH_PS);
                byte[] seen = new byte[4 * Ram.LINE_BYTES];
                dram.load(0, seen, 0, seen.length);
                assertThat(seen).as("seed %d", seed).containsOnly((byte) (seed + 1));
                assertThat(clock.nextAt()).isEqualTo(Clock.NEVER);
            }
        }

        @Test
        void aLineTooManyMakesOneOfThemReachRam() {
            WriteBuffer buffer = gathering(1);
            int lines = WriteBuffer.ENTRY_COUNT + 1;
            for (int i = 0; i < lines; i++) {
                buffer.store(i * 64L, 1, 1);
            }
            int arrived = 0;
            for (int i = 0; i < lines; i++) {
                arrived += dram.load8(i * 64L);
                assertThat(buffer.load(i * 64L, 1)).isEqualTo(1);
            }
            assertThat(arrived).isEqualTo(1);
        }

        @Test
        void theSeedChoosesWhichOfTwoStoresArrivesFirst() {
            int firstAlone = 0;
            int secondAlone = 0;
            for (long seed = 0; seed < 200; seed++) {
                dram.fill(0, SIZE, (byte) 0);
                WriteBuffer buffer = gathering(seed);
                buffer.store(0x00, 8, 1);
                buffer.store(0x38, 8, 1);
                while (dram.load64(0x00) == 0 && dram.load64(0x38) == 0) {
                    clock.advanceTo(clock.nextAt());
                }
                firstAlone += dram.load64(0x38) == 0 ? 1 : 0;
                secondAlone += dram.load64(0x00) == 0 ? 1 : 0;
                buffer.drain();
            }
            assertThat(firstAlone).isGreaterThan(10);
            assertThat(secondAlone).isGreaterThan(10);
        }

        @Test
        void anAlignedStoreIsNeverSeenInPart() {
            for (long seed = 0; seed < 100; seed++) {
                dram.fill(0, SIZE, (byte) 0);
                WriteBuffer buffer = gathering(seed);
                for (int at = 0; at < 512; at += 8) {
                    buffer.store(at, 8, -1);
                }
                while (clock.nextAt() != Clock.NEVER) {
                    for (int at = 0; at < 512; at += 8) {
                        assertThat(dram.load64(at)).as("seed %d", seed).isIn(0L, -1L);
                    }
                    clock.advanceTo(clock.nextAt());
                }
            }
        }

        @Test
        void theCpuAlwaysSeesItsOwnLastStore() {
            for (long seed = 0; seed < 200; seed++) {
                dram.fill(0, SIZE, (byte) 0);
                byte[] expected = new byte[1024];
                WriteBuffer buffer = gathering(seed);
                Rng rng = Rng.named(seed, "stores");
                for (int i = 0; i < 200; i++) {
                    int bytes = 1 << rng.nextInt(4);
                    int at = rng.nextInt(expected.length - 8);
                    long value = rng.nextLong();
                    buffer.store(at, bytes, value);
                    for (int b = 0; b < bytes; b++) {
                        expected[at + b] = (byte) (value >>> (8 * b));
                    }
                    clock.advanceBy(rng.nextInt(200_000));
                    byte[] seen = new byte[expected.length];
                    buffer.load(0, seen, 0, seen.length);
                    assertThat(seen).as("seed %d store %d", seed, i).isEqualTo(expected);
                    assertThat((byte) buffer.load(at, 1)).isEqualTo(expected[at]);
                }
                buffer.drain();
                byte[] seen = new byte[expected.length];
                dram.load(0, seen, 0, seen.length);
                assertThat(seen).as("seed %d", seed).isEqualTo(expected);
            }
        }
    }
}
