package dmakit.hardware.axi;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.axi.AxiCopyChannelRegister;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Config;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Ctrl;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Status;
import dmakit.datasheet.axi.AxiCopyRegister;
import dmakit.datasheet.axi.AxiCopyRegister.Arbiter;
import dmakit.datasheet.axi.AxiCopyRegister.Capabilities;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AxiCopyTest {
    private static final long SOURCE = 0x10_0000;
    private static final long DEST = 0x20_0000;

    private final CopyRig rig = new CopyRig();

    @AfterEach
    void closeMachine() {
        rig.close();
    }

    private int status(int channel) {
        return rig.read(channel, AxiCopyChannelRegister.STATUS);
    }

    @Test
    void saysWhatWasBuilt() {
        int value = rig.read(AxiCopyRegister.CAPABILITIES);
        assertThat(Capabilities.CHANNELS.get(value)).isEqualTo(16);
        assertThat(Capabilities.LG2_BUS_BYTES.get(value)).isEqualTo(4);
    }

    @Test
    void copiesAnyBytesAndNoOthers() {
        for (int offset = 0; offset < 20; offset += 3) {
            for (int bytes : new int[] {1, 2, 15, 16, 17, 100, 4095, 4097}) {
                rig.fill(DEST, 8192, 1);
                byte[] expected = rig.peek(DEST, 8192);
                byte[] source = rig.fill(SOURCE + offset, bytes, bytes);
                System.arraycopy(source, 0, expected, 100 - offset, bytes);
                rig.start(0, SOURCE + offset, DEST + 100 - offset, bytes);
                rig.finish();
                assertThat(rig.peek(DEST, 8192)).as("%d at %d", bytes, offset).isEqualTo(expected);
            }
        }
    }

    @Test
    void interruptsWhenDoneUntilThatIsCleared() {
        rig.start(2, SOURCE, DEST, 64);
        assertThat(Status.BUSY.isSet(status(2))).isTrue();
        rig.finish();
        assertThat(status(2)).isEqualTo(Status.DONE.mask());
        assertThat(rig.read(AxiCopyRegister.INTERRUPTS)).isEqualTo(1 << 2);
        assertThat(rig.irq.isAsserted()).isTrue();
        rig.write(2, AxiCopyChannelRegister.STATUS, Status.DONE.mask());
        assertThat(rig.irq.isAsserted()).isFalse();
    }

    @Test
    void aCopyOfNothingIsDone() {
        rig.start(0, SOURCE, DEST, 0);
        rig.finish();
        assertThat(status(0)).isEqualTo(Status.DONE.mask());
    }

    @Test
    void countsBeatsAndBursts() {
        rig.write(0, AxiCopyChannelRegister.CONFIG, CopyRig.config(8, 16));
        rig.start(0, SOURCE, DEST, 1024);
        rig.finish();
        assertThat(rig.read(AxiCopyRegister.BEATS)).isEqualTo(128);
        assertThat(rig.read(AxiCopyRegister.BURSTS)).isEqualTo(8);
    }

    @Test
    void settingsOfABusyChannelStayAsTheyAre() {
        rig.start(0, SOURCE, DEST, 4096);
        rig.write(0, AxiCopyChannelRegister.DEST, 0);
        rig.write(0, AxiCopyChannelRegister.LENGTH, 1);
        byte[] source = rig.fill(SOURCE, 4096, 3);
        rig.finish();
        assertThat(rig.peek(DEST, 4096)).isEqualTo(source);
    }

    @Test
    void theResidueIsWhatHasNotBeenWritten() {
        rig.write(0, AxiCopyChannelRegister.CONFIG, CopyRig.config(4, 16));
        rig.start(0, SOURCE, DEST, 640);
        rig.pass(24 + 17 + 17);
        assertThat(rig.read(0, AxiCopyChannelRegister.LENGTH)).isEqualTo(640 - 3 * 64);
    }

    @Nested
    class OnARefusal {
        @Test
        void ofAReadKeepsWhatIsBeforeIt() {
            byte[] end = rig.fill(CopyRig.RAM_SIZE - 4096, 4096, 5);
            rig.start(1, CopyRig.RAM_SIZE - 4096, DEST, 8192);
            rig.finish();
            assertThat(status(1)).isEqualTo(Status.READ_ERROR.mask());
            assertThat(rig.read(1, AxiCopyChannelRegister.LENGTH)).isEqualTo(4096);
            assertThat(rig.peek(DEST, 4096)).isEqualTo(end);
            assertThat(rig.irq.isAsserted()).isTrue();
        }

        @Test
        void ofAWriteStopsToo() {
            rig.start(1, SOURCE, -4096, 8192);
            rig.finish();
            assertThat(status(1)).isEqualTo(Status.WRITE_ERROR.mask());
            assertThat(rig.read(1, AxiCopyChannelRegister.LENGTH)).isEqualTo(8192);
        }

        @Test
        void theOtherChannelsGoOn() {
            byte[] source = rig.fill(SOURCE, 4096, 6);
            rig.start(1, -8, DEST + 8192, 4096);
            rig.start(2, SOURCE, DEST, 4096);
            rig.finish();
            assertThat(status(2)).isEqualTo(Status.DONE.mask());
            assertThat(rig.peek(DEST, 4096)).isEqualTo(source);
        }
    }

    @Nested
    class Stopped {
        @Test
        void endsWithTheBurstsOnTheirWay() {
            rig.write(0, AxiCopyChannelRegister.CONFIG, CopyRig.config(4, 16));
            rig.start(0, SOURCE, DEST, 1 << 16);
            rig.pass(1000);
            rig.write(0, AxiCopyChannelRegister.CTRL, Ctrl.STOP.mask());
            rig.finish();
            assertThat(status(0)).isZero();
            int left = rig.read(0, AxiCopyChannelRegister.LENGTH);
            // 1000 cycles are 58 bursts; one or two more had started.
            assertThat((1 << 16) - left).isBetween(58 * 64, 61 * 64);
        }

        @Test
        void startsAgain() {
            rig.start(0, SOURCE, DEST, 1 << 16);
            rig.write(0, AxiCopyChannelRegister.CTRL, Ctrl.STOP.mask());
            rig.finish();
            byte[] source = rig.fill(SOURCE, 64, 9);
            rig.start(0, SOURCE, DEST, 64);
            rig.finish();
            assertThat(status(0)).isEqualTo(Status.DONE.mask());
            assertThat(rig.peek(DEST, 64)).isEqualTo(source);
        }
    }

    @Nested
    class OfThreeChannels {
        /** Who is done first, second, third; all start with 4 KiB in the same cycle. */
        private List<Integer> order(int policy, int... priorities) {
            rig.write(AxiCopyRegister.ARBITER, Arbiter.POLICY.of(policy));
            for (int i = 0; i < 3; i++) {
                int priority = i < priorities.length ? priorities[i] : 0;
                rig.write(
                        i,
                        AxiCopyChannelRegister.CONFIG,
                        Config.PRIORITY.with(CopyRig.config(16, 16), priority));
                rig.start(i, SOURCE, DEST + i * 4096L, 4096);
            }
            List<Integer> order = new ArrayList<>();
            while (order.size() < 3) {
                rig.pass(1);
                for (int i = 0; i < 3; i++) {
                    if (Status.DONE.isSet(status(i)) && !order.contains(i)) {
                        order.add(i);
                    }
                }
            }
            return order;
        }

        @Test
        void theLowestNumberGoesFirstWhereThatIsFixed() {
            assertThat(order(0)).containsExactly(0, 1, 2);
            assertThat(rig.read(AxiCopyRegister.BURSTS)).isEqualTo(48);
        }

        @Test
        void theHighestPriorityGoesFirstWhereThatCounts() {
            assertThat(order(2, 1, 3, 2)).containsExactly(1, 2, 0);
        }

        @Test
        void allAdvanceAlikeInTurn() {
            for (int i = 0; i < 3; i++) {
                rig.write(i, AxiCopyChannelRegister.CONFIG, CopyRig.config(16, 16));
                rig.start(i, SOURCE, DEST + i * 4096L, 4096);
            }
            rig.pass(24 + 17 * 8);
            for (int i = 0; i < 3; i++) {
                assertThat(rig.read(i, AxiCopyChannelRegister.LENGTH)).isEqualTo(4096 - 3 * 256);
            }
        }

        @Test
        void theBusLosesNoCycleOnAChange() {
            for (int i = 0; i < 3; i++) {
                rig.write(i, AxiCopyChannelRegister.CONFIG, CopyRig.config(16, 16));
                rig.start(i, SOURCE, DEST + i * 4096L, 4096);
            }
            assertThat(rig.cyclesUntil(3)).isEqualTo(7 + 3 * (256 + 16));
        }
    }
}
