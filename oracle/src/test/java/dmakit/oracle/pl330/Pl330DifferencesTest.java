package dmakit.oracle.pl330;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Register;
import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330Register.Ftr;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.datasheet.pl330.Pl330StatusRegister.Csr;
import dmakit.datasheet.pl330.ThreadState;
import dmakit.oracle.Computer;
import dmakit.oracle.Listed;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Each difference of {@link Pl330Difference}, and what both say of programs that are wrong. */
class Pl330DifferencesTest {
    private static final int SOURCE = 0x20_0000;
    private static final int DEST = 0x30_0000;
    private static final int WORDS = Assembly.control(2, 1, true, 2, 1, true);
    private static final int PROGRAM = Pl330Pair.PROGRAMS;

    /** QEMU gives up a thread that cannot go on. */
    private static final int LOCKUP = 1 << 31;

    private final Pl330Pair pair = new Pl330Pair();

    @BeforeEach
    void memory() {
        byte[] source = new byte[64];
        byte[] dest = new byte[64];
        for (int i = 0; i < source.length; i++) {
            source[i] = (byte) (i + 1);
            dest[i] = (byte) 0xee;
        }
        pair.powerOn();
        pair.poke(SOURCE, source);
        pair.poke(DEST, dest);
    }

    @AfterEach
    void close() {
        pair.close();
    }

    private static Assembly copy(int control, int from, int to) {
        return new Assembly()
                .move(Assembly.CCR, control)
                .move(Assembly.SAR, from)
                .move(Assembly.DAR, to);
    }

    private static int cpc(Computer side) {
        return Pl330Pair.load(side, Pl330Pair.offset(0, Pl330StatusRegister.CPC));
    }

    private static int dar(Computer side) {
        return Pl330Pair.load(side, Pl330Pair.offset(0, Pl330ChannelRegister.DAR));
    }

    private static int state(Computer side) {
        return Csr.CHANNEL_STATUS.get(
                Pl330Pair.load(side, Pl330Pair.offset(0, Pl330StatusRegister.CSR)));
    }

    private static int fault(Computer side) {
        return Pl330Pair.load(side, Pl330Register.FTR0.offset());
    }

    private void differ(Pl330Difference difference, Register register, int ours, int qemu) {
        Listed.register(
                difference,
                Pl330Pair.load(pair.ours(), register.offset()),
                ours,
                Pl330Pair.load(pair.qemu, register.offset()),
                qemu);
    }

    private void memoriesDiffer(Pl330Difference difference, int bytes, String ours, String qemu) {
        Listed.memory(
                difference, pair.ours().peek(DEST, bytes), ours, pair.qemu.peek(DEST, bytes), qemu);
    }

    @Test
    void theCounterStaysAtTheEnd() {
        pair.run(0, new Assembly().nop().end());
        Listed.register(
                Pl330Difference.PC_AFTER_END,
                cpc(pair.ours()),
                PROGRAM + 1,
                cpc(pair.qemu),
                PROGRAM + 2);
    }

    @Test
    void aWakeupNumberIsThePeripheralsToo() {
        pair.run(0, new Assembly().waitForBurst(3).end());
        long csr = Pl330Pair.offset(0, Pl330StatusRegister.CSR);
        Listed.register(
                Pl330Difference.WAKEUP_NUMBER,
                Csr.WAKEUP_NUMBER.get(Pl330Pair.load(pair.ours(), csr)),
                3,
                Csr.WAKEUP_NUMBER.get(Pl330Pair.load(pair.qemu, csr)),
                0);
    }

    @Test
    void dataThatIsLeftIsDropped() {
        pair.run(0, copy(WORDS, SOURCE, DEST).load().end());
        assertThat(state(pair.ours())).isEqualTo(ThreadState.STOPPED.value());
        differ(Pl330Difference.DATA_LEFT, Pl330Register.FTR0, 0, LOCKUP);
    }

    @Test
    void bytesAreSwapped() {
        int swapped = WORDS | 2 << 28;
        pair.run(0, copy(swapped, SOURCE, DEST).load().store().end());
        memoriesDiffer(Pl330Difference.ENDIAN_SWAP, 5, "04030201ee", "01020304ee");
    }

    @Test
    void burstsAreNoWiderThanTheBus() {
        pair.run(0, copy(Assembly.control(4, 1, true, 4, 1, true), SOURCE, DEST).end());
        differ(Pl330Difference.BURST_SIZE, Pl330Register.FTR0, Ftr.OPERAND_INVALID.mask(), 0);
    }

    @Test
    void zerosEndWhereABurstDoes() {
        pair.run(0, copy(WORDS, SOURCE, DEST + 1).zeros().end());
        assertThat(pair.ours().peek(DEST, 8)).isEqualTo(pair.qemu.peek(DEST, 8));
        Listed.register(
                Pl330Difference.UNALIGNED_ZEROS,
                dar(pair.ours()),
                DEST + 4,
                dar(pair.qemu),
                DEST + 5);
    }

    @Test
    void zerosStepOncePerInstruction() {
        int bytes = Assembly.control(0, 1, true, 0, 16, true);
        Assembly code = copy(bytes, SOURCE, DEST).loop(0, 32);
        int start = code.here();
        pair.run(0, code.zeros().endLoop(0, start).end());
        assertThat(dar(pair.ours())).isEqualTo(DEST + 32 * 16);
        assertThat(dar(pair.qemu))
                .as(Pl330Difference.ZEROS_QUEUED.name())
                .isGreaterThanOrEqualTo(DEST + 32 * 16);
    }

    @Test
    void aStoreWithoutDataFaultsWhereItIs() {
        byte[] program = copy(WORDS, SOURCE, DEST).store().end();
        pair.run(0, program);
        assertThat(fault(pair.ours())).isEqualTo(Ftr.ST_DATA_UNAVAILABLE.mask());
        assertThat(fault(pair.qemu) & Ftr.ST_DATA_UNAVAILABLE.mask()).isNotZero();
        int store = PROGRAM + program.length - 2;
        Listed.register(
                Pl330Difference.STORE_WITHOUT_DATA,
                cpc(pair.ours()),
                store,
                cpc(pair.qemu),
                store + 1);
    }

    @Test
    void whereNothingAnswersALoadAborts() {
        pair.run(0, copy(WORDS, 0x6000_0000, DEST).load().store().end());
        differ(Pl330Difference.BUS_ERROR, Pl330Register.FTR0, Ftr.DATA_READ_ERR.mask(), 0);
        memoriesDiffer(Pl330Difference.BUS_ERROR, 5, "eeeeeeeeee", "00000000ee");
    }

    @Test
    void aChannelThatRunsIsNotStartedAgain() {
        pair.run(0, new Assembly().waitForEvent(5).end());
        pair.run(0, new Assembly().waitForEvent(5).end());
        differ(
                Pl330Difference.GO_WHILE_RUNNING,
                Pl330Register.FTRD,
                0,
                1 << 30 | Ftr.OPERAND_INVALID.mask());
        assertThat(state(pair.ours())).isEqualTo(ThreadState.WAITING_FOR_EVENT.value());
    }

    @Test
    void aPeripheralWithoutARequestIsWaitedFor() {
        pair.lowerRequest(2);
        pair.run(0, new Assembly().waitForBurst(2).end());
        Listed.register(
                Pl330Difference.PERIPHERAL_REQUESTS,
                state(pair.ours()),
                ThreadState.WAITING_FOR_PERIPHERAL.value(),
                state(pair.qemu),
                ThreadState.STOPPED.value());
    }

    /** Programs that are wrong, of which both models say the same. */
    @Nested
    class Wrong {
        private void faultsAlike(byte[] program, int fault) {
            pair.run(0, program);
            assertThat(fault(pair.ours())).isEqualTo(fault(pair.qemu)).isEqualTo(fault);
            assertThat(state(pair.ours()))
                    .isEqualTo(state(pair.qemu))
                    .isEqualTo(ThreadState.FAULTING.value());
            // The wrong instruction comes first, the end last.
            int behind = PROGRAM + program.length - 1;
            Listed.register(
                    Pl330Difference.PC_AFTER_FAULT,
                    cpc(pair.ours()),
                    PROGRAM,
                    cpc(pair.qemu),
                    behind);
            long fsrc = Pl330Register.FSRC.offset();
            assertThat(Pl330Pair.load(pair.ours(), fsrc))
                    .isEqualTo(Pl330Pair.load(pair.qemu, fsrc))
                    .isEqualTo(1);
            pair.kill(0);
            assertThat(state(pair.ours()))
                    .isEqualTo(state(pair.qemu))
                    .isEqualTo(ThreadState.STOPPED.value());
            assertThat(fault(pair.ours())).isEqualTo(fault(pair.qemu)).isZero();
        }

        /** Each first byte, with operands of 0, in front of an instruction that ends everything. */
        @Test
        void everyOpcodeIsKnownToBothOrToNeither() {
            for (int opcode = 0; opcode < 256; opcode++) {
                if (isEndlessLoop(opcode)) {
                    continue;
                }
                pair.powerOn();
                pair.run(0, new Assembly().of(opcode, 0, 0, 0, 0, 0, 0x01, 0x01).bytes());
                int known = fault(pair.qemu) & LOCKUP; // DATA_LEFT
                assertThat(fault(pair.ours()))
                        .as("faults of opcode 0x%02x: ours, then QEMU's", opcode)
                        .isEqualTo(fault(pair.qemu) & ~known);
                if (known == 0) {
                    assertThat(state(pair.ours()))
                            .as("state after opcode 0x%02x: ours, then QEMU's", opcode)
                            .isEqualTo(state(pair.qemu));
                }
            }
        }

        /** DMALPEND of DMALPFE that jumps to itself: QEMU would never answer again. */
        private static boolean isEndlessLoop(int opcode) {
            return (opcode & 0xf8) == 0x28 && (opcode & 0xfd) != 0x29;
        }

        @Test
        void opcodesThatAreNone() {
            for (int opcode : new int[] {0x02, 0x10, 0x14, 0x1f, 0x40, 0x60, 0x80, 0xff}) {
                faultsAlike(new Assembly().of(opcode).end(), Ftr.UNDEF_INSTR.mask());
            }
        }

        @Test
        void instructionsOfTheManager() {
            faultsAlike(new Assembly().of(0xa0, 1, 0, 0, 0, 0).end(), Ftr.UNDEF_INSTR.mask());
        }

        @Test
        void operandsOutOfRange() {
            int invalid = Ftr.OPERAND_INVALID.mask();
            faultsAlike(new Assembly().sendEvent(Pl330Pair.EVENTS).end(), invalid);
            faultsAlike(new Assembly().of(0x34, 0x01).end(), invalid);
            faultsAlike(new Assembly().waitForEvent(Pl330Pair.EVENTS).end(), invalid);
            faultsAlike(new Assembly().flush(Pl330Pair.PERIPHERALS).end(), invalid);
            faultsAlike(new Assembly().waitForBurst(Pl330Pair.PERIPHERALS).end(), invalid);
            faultsAlike(new Assembly().loadBurst(Pl330Pair.PERIPHERALS).end(), invalid);
            faultsAlike(new Assembly().move(3, 0).end(), invalid);
            faultsAlike(new Assembly().of(0x06).end(), invalid);
            faultsAlike(new Assembly().of(0x0a).end(), invalid);
        }
    }

    /** Instructions by the debug registers, which both take or refuse alike. */
    @Nested
    class ByTheDebugRegisters {
        @Test
        void goOfAChannelThatIsNotThereIsRefused() {
            pair.debug(false, 0, 0xa0, Pl330Pair.CHANNELS, PROGRAM);
            int refused = 1 << 30 | Ftr.OPERAND_INVALID.mask();
            long ftrd = Pl330Register.FTRD.offset();
            assertThat(Pl330Pair.load(pair.ours(), ftrd))
                    .isEqualTo(Pl330Pair.load(pair.qemu, ftrd))
                    .isEqualTo(refused);
        }

        @Test
        void anEventWakesAChannel() {
            pair.run(0, copy(WORDS, SOURCE, DEST).waitForEvent(9).load().store().end());
            assertThat(state(pair.ours()))
                    .isEqualTo(state(pair.qemu))
                    .isEqualTo(ThreadState.WAITING_FOR_EVENT.value());
            pair.debug(false, 0, 0x34, 9 << 3, 0);
            assertThat(state(pair.ours()))
                    .isEqualTo(state(pair.qemu))
                    .isEqualTo(ThreadState.STOPPED.value());
            assertThat(pair.ours().peek(DEST, 8)).isEqualTo(pair.qemu.peek(DEST, 8));
        }

        @Test
        void aWaitingChannelCanBeKilled() {
            pair.run(0, new Assembly().waitForEvent(9).end());
            pair.kill(0);
            assertThat(state(pair.ours()))
                    .isEqualTo(state(pair.qemu))
                    .isEqualTo(ThreadState.STOPPED.value());
        }

        @Test
        void otherCommandsAreIgnored() {
            pair.store(Pl330Register.DBGINST0, 0x01 << 16 | 1);
            pair.store(Pl330Register.DBGCMD, 1);
            byte[] before = pair.ours().peek(DEST, 16);
            assertThat(Arrays.equals(before, pair.qemu.peek(DEST, 16))).isTrue();
            assertThat(fault(pair.ours())).isEqualTo(fault(pair.qemu)).isZero();
        }
    }
}
