package dmakit.machine.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.bus.BusAnswer.Cause;
import dmakit.machine.bus.BusAnswer.Fault;
import dmakit.machine.bus.Windows.Window;
import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MasterPortTest {
    private static final long REGISTERS = 0x6000;
    private static final int BURST = 32;

    // [0, 0x2000), then, without a gap, [0x2000, 0x3000); a gap; [0x8000, 0x9000).
    private final Ram ram =
            new Ram(
                    List.of(
                            new Ram.Bank(0, 0x2000),
                            new Ram.Bank(0x2000, 0x1000),
                            new Ram.Bank(0x8000, 0x1000)),
                    false);
    private final CpuView caches = CpuView.withoutEviction(ram);
    private final Bus bus = new Bus(ram, caches);
    private final DeviceView dram = new DeviceView(ram, caches, false);
    private final RecordingTarget registers = new RecordingTarget();
    private final MasterPort port = bus.master("dma", Windows.IDENTITY, false);

    MasterPortTest() {
        bus.attach("registers", REGISTERS, 0x16, registers);
    }

    @AfterEach
    void close() {
        ram.close();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] counted(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 7 + 1);
        }
        return bytes;
    }

    private byte[] inRam(long phys, int length) {
        byte[] into = new byte[length];
        dram.load(ram.offsetOf(phys, length), into, 0, length);
        return into;
    }

    @Nested
    class InRam {
        @Test
        void bytesGoWhereTheWindowsSay() {
            port.translateBy(
                    new Windows(
                            List.of(
                                    new Window(0xc000_0000L, 0x8000, 0x800),
                                    new Window(0xc000_0800L, 0x100, 0x800))));
            byte[] sent = counted(0x100);
            assertThat(port.write(0xc000_0780L, sent, 0, 0x100).isDone()).isTrue();
            assertThat(inRam(0x8780, 0x80)).isEqualTo(Arrays.copyOf(sent, 0x80));
            assertThat(inRam(0x100, 0x80)).isEqualTo(Arrays.copyOfRange(sent, 0x80, 0x100));
            byte[] back = new byte[0x102];
            assertThat(port.read(0xc000_0780L, back, 1, 0x100).isDone()).isTrue();
            assertThat(Arrays.copyOfRange(back, 1, 0x101)).isEqualTo(sent);
            assertThat(back[0] | back[0x101]).isZero();
        }

        @Test
        void theSeamOfAdjacentBanksIsNotNoticed() {
            byte[] sent = counted(0x200);
            assertThat(port.write(0x1f00, sent, 0, 0x200).isDone()).isTrue();
            assertThat(inRam(0x1f00, 0x200)).isEqualTo(sent);
            assertThat(port.copy(0x1f00, 0x8000, 0x200, BURST).isDone()).isTrue();
            assertThat(inRam(0x8000, 0x200)).isEqualTo(sent);
            assertThat(port.reachesRam(0x1000, 0x2000, true)).isTrue();
        }

        @Test
        void anAccessOfNothingIsDoneAnywhere() {
            assertThat(port.read(0x5000, new byte[0], 0, 0).isDone()).isTrue();
            assertThat(port.write(0x5000, new byte[0], 0, 0).isDone()).isTrue();
            assertThat(port.copy(0x5000, 0x5000, 0, BURST).isDone()).isTrue();
        }

        @Test
        void aCopyCrossesWindowsOfBothSides() {
            byte[] sent = counted(0x300);
            port.write(0x100, sent, 0, 0x300);
            port.translateBy(
                    new Windows(
                            List.of(
                                    new Window(0x1_0000, 0x100, 0x180),
                                    new Window(0x1_0180, 0x280, 0x180),
                                    new Window(0x2_0000, 0x8000, 0x100),
                                    new Window(0x2_0100, 0x8800, 0x200))));
            assertThat(port.copy(0x1_0000, 0x2_0000, 0x300, BURST).isDone()).isTrue();
            assertThat(inRam(0x8000, 0x100)).isEqualTo(Arrays.copyOf(sent, 0x100));
            assertThat(inRam(0x8800, 0x200)).isEqualTo(Arrays.copyOfRange(sent, 0x100, 0x300));
        }

        @Test
        void aCopyOntoItselfDoesWhatItsBurstsDo() {
            for (long seed = 0; seed < 300; seed++) {
                Rng rng = new Rng(seed);
                int burst = 1 + rng.nextInt(100);
                int length = rng.nextInt(1000);
                int from = 200 + rng.nextInt(200);
                int to = from - 200 + rng.nextInt(400);
                byte[] expected = counted(0x800);
                port.write(0, expected, 0, expected.length);
                for (int done = 0; done < length; done += burst) {
                    int count = Math.min(burst, length - done);
                    System.arraycopy(expected, from + done, expected, to + done, count);
                }
                assertThat(port.copy(from, to, length, burst).isDone()).isTrue();
                assertThat(inRam(0, expected.length)).as("seed %d", seed).isEqualTo(expected);
            }
        }

        @Test
        void aCoherentMasterSeesWhatTheCpuStoredAndTheCpuWhatItWrites() {
            MasterPort coherent = bus.master("coherent", Windows.IDENTITY, true);
            caches.store64(0x100, 0x1122_3344_5566_7788L);
            byte[] seen = new byte[8];
            port.read(0x100, seen, 0, 8);
            assertThat(seen).isEqualTo(new byte[8]);
            coherent.read(0x100, seen, 0, 8);
            assertThat(seen[0]).isEqualTo((byte) 0x88);
            coherent.write(0x100, bytes(9), 0, 1);
            assertThat(caches.load64(0x100)).isEqualTo(0x1122_3344_5566_7709L);
            assertThat(caches.counters().cleaned()).isZero();
            assertThat(caches.counters().snooped()).isEqualTo(2);
        }
    }

    @Nested
    class InRegisters {
        @Test
        void wordsAreReadWhole() {
            byte[] into = new byte[8];
            assertThat(port.read(REGISTERS + 4, into, 0, 8).isDone()).isTrue();
            assertThat(registers.accesses).containsExactly("r4@4", "r4@8");
            assertThat(into).isEqualTo(bytes(4, 5, 6, 7, 8, 9, 10, 11));
        }

        @Test
        void oddEndsAreSplitIntoAlignedAccesses() {
            byte[] into = new byte[9];
            port.read(REGISTERS + 1, into, 0, 9);
            assertThat(registers.accesses).containsExactly("r1@1", "r2@2", "r4@4", "r2@8");
            assertThat(into).isEqualTo(bytes(1, 2, 3, 4, 5, 6, 7, 8, 9));
        }

        @Test
        void everyStartAndLengthTouchesEachByteOnceAndAligned() {
            for (int start = 0; start < 8; start++) {
                for (int length = 1; length <= 12; length++) {
                    registers.accesses.clear();
                    byte[] into = new byte[length];
                    assertThat(port.read(REGISTERS + start, into, 0, length).isDone()).isTrue();
                    int next = start;
                    for (String access : registers.accesses) {
                        int bytes = access.charAt(1) - '0';
                        int at = Integer.parseInt(access.substring(3), 16);
                        assertThat(at).isEqualTo(next);
                        assertThat(at % bytes).as(access).isZero();
                        next += bytes;
                    }
                    assertThat(next).isEqualTo(start + length);
                    assertThat(into[length - 1]).isEqualTo((byte) (start + length - 1));
                }
            }
        }

        @Test
        void writesCarryTheirBytesZeroExtended() {
            port.write(REGISTERS + 2, bytes(0xff, 0x80, 0xfe, 0xff, 0xff, 0xff, 0x81), 0, 7);
            assertThat(registers.accesses).containsExactly("w2@2=80ff", "w4@4=fffffffe", "w1@8=81");
        }

        @Test
        void theEndOfTheRangeIsADecodeError() {
            byte[] into = new byte[8];
            assertThat(port.read(REGISTERS + 0x10, into, 0, 8))
                    .isEqualTo(new Fault(REGISTERS + 0x14, Cause.DECODE, false));
            assertThat(port.write(REGISTERS + 0x14, into, 0, 4))
                    .isEqualTo(new Fault(REGISTERS + 0x14, Cause.DECODE, true));
            assertThat(port.read(REGISTERS + 0x14, into, 0, 2).isDone()).isTrue();
        }

        @Test
        void aCopyRefusesThemOnTheRightSide() {
            assertThat(port.copy(REGISTERS, 0x100, 4, BURST))
                    .isEqualTo(new Fault(REGISTERS, Cause.TARGET, false));
            assertThat(port.copy(0x100, REGISTERS, 4, BURST))
                    .isEqualTo(new Fault(REGISTERS, Cause.TARGET, true));
            assertThat(port.reachesRam(REGISTERS, 4, true)).isFalse();
        }
    }

    @Nested
    class Refused {
        @Test
        void whatNoWindowReaches() {
            port.translateBy(new Windows(List.of(new Window(0, 0, 0x100))));
            byte[] sent = counted(0x10);
            assertThat(port.write(0xf8, sent, 0, 0x10))
                    .isEqualTo(new Fault(0x100, Cause.NO_TRANSLATION, true));
            assertThat(inRam(0xf8, 8)).isEqualTo(Arrays.copyOf(sent, 8));
            assertThat(inRam(0x100, 8)).isEqualTo(new byte[8]);
            assertThat(port.copy(0, 0xf8, 0x10, BURST))
                    .isEqualTo(new Fault(0x100, Cause.NO_TRANSLATION, true));
            assertThat(port.copy(0xf8, 0, 0x10, BURST))
                    .isEqualTo(new Fault(0x100, Cause.NO_TRANSLATION, false));
        }

        @Test
        void whatNothingAnswersAt() {
            assertThat(port.read(0x2ff8, new byte[0x10], 0, 0x10))
                    .isEqualTo(new Fault(0x3000, Cause.DECODE, false));
            assertThat(port.copy(0x2ff8, 0x100, 0x10, BURST))
                    .isEqualTo(new Fault(0x3000, Cause.DECODE, false));
            assertThat(port.copy(0x100, 0x2ff8, 0x10, BURST))
                    .isEqualTo(new Fault(0x3000, Cause.DECODE, true));
            assertThat(port.reachesRam(0x2ff8, 0x10, false)).isFalse();
            assertThat(new Fault(0x3000, Cause.DECODE, true))
                    .hasToString("decode error at write to bus:0x3000");
        }

        @Test
        void whatLiesAtTheTopOfTheAddressSpace() {
            assertThat(port.read(-8, new byte[0x10], 0, 0x10))
                    .isEqualTo(new Fault(-8, Cause.DECODE, false));
            assertThat(port.write(-1, new byte[2], 0, 2))
                    .isEqualTo(new Fault(-1, Cause.NO_TRANSLATION, true));
            assertThat(port.reachesRam(-0x1000, 0x2000, false)).isFalse();
        }
    }

    /** Random accesses over windows of any shape, against a byte-by-byte account. */
    @Test
    void anyAccessDoesWhatItsBytesWouldDoOneByOne() {
        for (long seed = 0; seed < 500; seed++) {
            Rng rng = new Rng(seed);
            Window[] windows = new Window[3];
            for (int i = 0; i < windows.length; i++) {
                windows[i] =
                        new Window(rng.nextInt(0x400), rng.nextInt(0x9400), 1 + rng.nextInt(0x400));
            }
            Windows translation = new Windows(List.of(windows));
            MasterPort random = bus.master("random", translation, false);
            int length = rng.nextInt(0x200);
            long address = rng.nextInt(0x400);
            byte[] whole = new byte[length];
            BusAnswer answer = random.read(address, whole, 0, length);
            for (int i = 0; i < length; i++) {
                byte[] one = new byte[1];
                BusAnswer each = random.read(address + i, one, 0, 1);
                if (!each.isDone()) {
                    assertThat(answer).as("seed %d", seed).isEqualTo(each);
                    break;
                }
                assertThat(whole[i]).as("seed %d byte %d", seed, i).isEqualTo(one[0]);
                assertThat(i < length - 1 || answer.isDone()).as("seed %d", seed).isTrue();
            }
        }
    }
}
