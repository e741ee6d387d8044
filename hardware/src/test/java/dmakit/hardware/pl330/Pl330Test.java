package dmakit.hardware.pl330;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.Field;
import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330ChannelRegister.Ccr;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330Register.Cr0;
import dmakit.datasheet.pl330.Pl330Register.Cr1;
import dmakit.datasheet.pl330.Pl330Register.Crd;
import dmakit.datasheet.pl330.Pl330Register.Ftr;
import dmakit.datasheet.pl330.Pl330Register.Ftrd;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.datasheet.pl330.Pl330StatusRegister.Csr;
import dmakit.datasheet.pl330.ThreadState;
import dmakit.hardware.RequestLine.Acknowledge;
import dmakit.machine.bus.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Pl330Test {
    private static final int PROGRAM = 0x1000;
    private static final int OTHER_PROGRAM = 0x2000;
    private static final int FROM = 0x10_0000;
    private static final int TO = 0x20_0000;
    private static final int NOWHERE = 0x7000_0000;
    private static final int EVENT = 5;
    private static final long LONG_PS = 1_000_000_000L;

    private Pl330Bench bench = new Pl330Bench();

    @AfterEach
    void close() {
        bench.close();
    }

    private void rebuild(Pl330Build build) {
        bench.close();
        bench = new Pl330Bench(build);
    }

    /** Runs a program to its end on channel 0. */
    private void runs(Code code) {
        bench.poke(PROGRAM, code.end());
        bench.go(0, PROGRAM);
        bench.settle();
    }

    /** A device that remembers what is stored, and answers loads with 1, 2, 3 and so on. */
    private static final class Recorder implements Target {
        final List<String> accesses = new ArrayList<>();
        private int next = 1;

        @Override
        public long read(long offset, int bytes) {
            accesses.add("r" + bytes + "@" + offset);
            return next++;
        }

        @Override
        public void write(long offset, int bytes, long value) {
            accesses.add("w" + bytes + "@" + offset + "=" + Long.toHexString(value));
        }
    }

    @Test
    void aProgramCopiesAndInterrupts() {
        byte[] content = bench.fill(FROM, 4096, 1);
        Code code = new Code().copy(Code.copyControl(3, 4), FROM, TO).lp(1, 128);
        int loop = code.here();
        bench.poke(PROGRAM, code.ld().st().lpend(1, loop).sev(EVENT).end());
        bench.write(Pl330Register.INTEN, 1 << EVENT);

        bench.go(2, PROGRAM);
        assertThat(bench.is(2, ThreadState.STOPPED)).isFalse();
        bench.settle();

        assertThat(bench.peek(TO, 4096)).isEqualTo(content);
        assertThat(bench.is(2, ThreadState.STOPPED)).isTrue();
        assertThat(bench.events.get(EVENT).isAsserted()).isTrue();
        assertThat(bench.read(Pl330Register.INTMIS)).isEqualTo(1 << EVENT);
        assertThat(bench.read(2, Pl330ChannelRegister.SAR)).isEqualTo(FROM + 4096);
        assertThat(bench.read(2, Pl330ChannelRegister.DAR)).isEqualTo(TO + 4096);
        bench.write(Pl330Register.INTCLR, 1 << EVENT);
        assertThat(bench.events.get(EVENT).isAsserted()).isFalse();
    }

    @Nested
    class Instructions {
        @Test
        void nestedLoopsMultiply() {
            byte[] content = bench.fill(FROM, 6 * 7 * 8, 2);
            Code code = new Code().copy(Code.copyControl(3, 1), FROM, TO).lp(0, 6);
            int outer = code.here();
            code.lp(1, 7);
            int inner = code.here();
            runs(code.ld().st().lpend(1, inner).lpend(0, outer));

            assertThat(bench.peek(TO, content.length)).isEqualTo(content);
            assertThat(bench.read(0, Pl330ChannelRegister.DAR)).isEqualTo(TO + content.length);
            assertThat(bench.read(0, Pl330ChannelRegister.LC0)).isZero();
        }

        @Test
        void aLoopOf256RoundsIsTheLongest() {
            bench.fill(FROM, 1024, 3);
            Code code = new Code().copy(Code.copyControl(2, 1), FROM, TO).lp(0, 256);
            int loop = code.here();
            runs(code.ld().st().lpend(0, loop));

            assertThat(bench.read(0, Pl330ChannelRegister.DAR)).isEqualTo(TO + 1024);
        }

        @Test
        void sourceAndDestinationBurstsMayDiffer() {
            byte[] content = bench.fill(FROM, 64, 4);
            int control = Code.copyControl(3, 8) & ~Ccr.DST_BURST_LEN.mask();
            control = Ccr.DST_BURST_SIZE.with(control, 1);
            control = Ccr.DST_BURST_LEN.with(control, 15);
            runs(new Code().copy(control, FROM, TO).ld().st().st());

            assertThat(bench.peek(TO, 64)).isEqualTo(content);
        }

        @Test
        void aBurstFromAnUnalignedAddressEndsWhereAnAlignedOneWould() {
            byte[] content = bench.fill(FROM, 64, 5);
            Code code = new Code().copy(Code.copyControl(3, 4), FROM + 3, TO + 3);
            runs(code.ld().st());

            assertThat(bench.peek(TO + 3, 29)).isEqualTo(Arrays.copyOfRange(content, 3, 32));
            assertThat(bench.peek(TO + 32, 1)).containsExactly(0);
            assertThat(bench.read(0, Pl330ChannelRegister.SAR)).isEqualTo(FROM + 32);
        }

        @Test
        void zerosNeedNoLoad() {
            bench.fill(TO, 64, 6);
            runs(new Code().copy(Code.copyControl(3, 4), FROM, TO).stz());

            assertThat(bench.peek(TO, 32)).containsOnly(0);
            assertThat(bench.peek(TO + 32, 32)).isNotEqualTo(new byte[32]);
        }

        @Test
        void halfwordsAreAddedToAddresses() {
            Code code = new Code().copy(Code.copyControl(0, 1), FROM, TO);
            runs(code.addh(false, 0xffff).addh(true, 0x1234).adnh(true, 0xffff));

            assertThat(bench.read(0, Pl330ChannelRegister.SAR)).isEqualTo(FROM + 0xffff);
            assertThat(bench.read(0, Pl330ChannelRegister.DAR)).isEqualTo(TO + 0x1233);
        }

        @Test
        void aFixedSideRepeatsItsAddress() {
            Recorder device = new Recorder();
            bench.attach(device);
            int control = Code.control(2, 3, false, true);
            runs(new Code().copy(control, Pl330Bench.DEVICE + 8, TO).ld().st());

            assertThat(device.accesses).containsExactly("r4@8", "r4@8", "r4@8");
            assertThat(bench.peek(TO, 12)).containsExactly(1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0);
        }

        @Test
        void narrowBeatsReachRegistersAsTheyAre() {
            Recorder device = new Recorder();
            bench.attach(device);
            bench.poke(FROM, new byte[] {1, 2, 3, 4});
            int control = Code.copyControl(0, 4);
            runs(new Code().copy(control, FROM, Pl330Bench.DEVICE).ld().st());

            assertThat(device.accesses).containsExactly("w1@0=1", "w1@1=2", "w1@2=3", "w1@3=4");
        }

        @ParameterizedTest
        @CsvSource({"1, 0100030205040706", "2, 0302010007060504", "3, 0706050403020100"})
        void bytesOfAGroupChangePlaces(int lg2Group, String swapped) {
            bench.poke(FROM, new byte[] {0, 1, 2, 3, 4, 5, 6, 7});
            int control = Ccr.ENDIAN_SWAP_SIZE.with(Code.copyControl(3, 1), lg2Group);
            runs(new Code().copy(control, FROM, TO).ld().st());

            assertThat(HexFormat.of().formatHex(bench.peek(TO, 8))).isEqualTo(swapped);
        }

        @Test
        void barriersAndNoOperationsPass() {
            byte[] content = bench.fill(FROM, 8, 7);
            Code code = new Code().copy(Code.copyControl(3, 1), FROM, TO);
            runs(code.ld().of(0x12).of(0x18).st().of(0x13));

            assertThat(bench.peek(TO, 8)).isEqualTo(content);
        }

        @Test
        void aChannelMayEndItself() {
            bench.poke(PROGRAM, new Code().copy(0, 1, 2).of(0x01).move(Code.SAR, 3).end());
            bench.go(0, PROGRAM);
            bench.settle();

            assertThat(bench.is(0, ThreadState.STOPPED)).isTrue();
            assertThat(bench.read(0, Pl330ChannelRegister.SAR)).isEqualTo(1);
        }

        @Test
        void overlappingBytesAreCopiedBurstByBurst() {
            bench.poke(FROM, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
            Code code = new Code().copy(Code.copyControl(3, 1), FROM, FROM + 8).lp(0, 20);
            int loop = code.here();
            runs(code.ld().st().lpend(0, loop));

            byte[] wanted = new byte[160];
            for (int i = 0; i < wanted.length; i++) {
                wanted[i] = (byte) (1 + i % 8);
            }
            assertThat(bench.peek(FROM, 160)).isEqualTo(wanted);
        }

        @Test
        void anEndlessLoopTakesTimeAndIsKilled() {
            Code code = new Code();
            int loop = code.here();
            bench.poke(PROGRAM, code.of(0x18).lpendForever(loop).end());
            bench.go(0, PROGRAM);
            bench.pass(1000 * LONG_PS);
            assertThat(bench.is(0, ThreadState.EXECUTING)).isTrue();

            bench.kill(0);
            bench.settle();
            assertThat(bench.is(0, ThreadState.STOPPED)).isTrue();
        }

        @Test
        void aProgramMayRunAcrossTheEndOfTheAddressSpace() {
            Code code = new Code().copy(Code.copyControl(3, 1), -4, TO);
            bench.poke(PROGRAM, code.ld().end());
            bench.go(0, PROGRAM);
            bench.settle();

            assertThat(bench.fault(0)).isEqualTo(Ftr.DATA_READ_ERR.mask());
        }
    }

    @Nested
    class Faults {
        private void faults(Code code, Field why) {
            bench.poke(PROGRAM, code.end());
            bench.go(0, PROGRAM);
            bench.settle();
            assertThat(bench.is(0, ThreadState.FAULTING)).isTrue();
            assertThat(bench.fault(0)).isEqualTo(why.mask());
            assertThat(bench.read(Pl330Register.FSRC)).isEqualTo(1);
            assertThat(bench.abort.isAsserted()).isTrue();
        }

        @Test
        void anOpcodeThatIsNone() {
            faults(new Code().of(0x18).of(0xff), Ftr.UNDEF_INSTR);
            assertThat(bench.read(0, Pl330StatusRegister.CPC)).isEqualTo(PROGRAM + 1);
        }

        @Test
        void startingAChannelFromAChannel() {
            faults(new Code().of(0xa0, 1, 0, 0, 0, 0), Ftr.UNDEF_INSTR);
        }

        @ParameterizedTest
        @ValueSource(ints = {3, 7, 8, 0xff})
        void movingToARegisterThatIsNone(int register) {
            faults(new Code().move(register, 0), Ftr.OPERAND_INVALID);
        }

        @Test
        void beatsWiderThanTheBus() {
            faults(new Code().move(Code.CCR, Code.copyControl(4, 1)), Ftr.OPERAND_INVALID);
        }

        @Test
        void groupsOfMoreThan16Bytes() {
            faults(new Code().move(Code.CCR, 5 << 28), Ftr.OPERAND_INVALID);
        }

        @ParameterizedTest
        @ValueSource(ints = {0x06, 0x0a, 0x2a})
        void aKindOfRequestThatIsNone(int opcode) {
            faults(new Code().of(opcode, 0), Ftr.OPERAND_INVALID);
        }

        @Test
        void aPeripheralOrEventThatTheBuildLacks() {
            rebuild(Pl330Build.secure(8, 4, 8, 8, 64));
            faults(new Code().wfpSingle(4), Ftr.OPERAND_INVALID);
            bench.kill(0);
            faults(new Code().sev(8), Ftr.OPERAND_INVALID);
            bench.kill(0);
            faults(new Code().wfe(31), Ftr.OPERAND_INVALID);
        }

        @ParameterizedTest
        @CsvSource({"0x34, 1", "0x36, 1", "0x30, 4", "0x35, 2", "0x25, 1"})
        void operandBitsThatMustBeZero(int opcode, int operand) {
            faults(new Code().of(opcode, operand), Ftr.OPERAND_INVALID);
        }

        @Test
        void aStoreOfWhatWasNotLoaded() {
            faults(new Code().copy(Code.copyControl(3, 4), FROM, TO).st(), Ftr.ST_DATA_UNAVAILABLE);
        }

        @Test
        void aBurstThatTheMfifoNeverHolds() {
            rebuild(Pl330Build.secure(8, 4, 8, 8, 4));
            faults(new Code().copy(Code.copyControl(3, 5), FROM, TO).ld(), Ftr.MFIFO_ERR);
            bench.kill(0);
            faults(new Code().copy(Code.copyControl(3, 5), FROM, TO).st(), Ftr.MFIFO_ERR);
        }

        @Test
        void theBusRefusesARead() {
            faults(new Code().copy(Code.copyControl(3, 4), NOWHERE, TO).ld(), Ftr.DATA_READ_ERR);
        }

        @Test
        void theBusRefusesAWrite() {
            faults(
                    new Code().copy(Code.copyControl(3, 4), FROM, NOWHERE).ld().st(),
                    Ftr.DATA_WRITE_ERR);
        }

        @Test
        void theBusRefusesTheProgram() {
            bench.go(0, NOWHERE);
            bench.settle();

            assertThat(bench.fault(0)).isEqualTo(Ftr.INSTR_FETCH_ERR.mask());
        }

        @Test
        void loadsUntilTheMfifoIsFullLockUpAfter1024Cycles() {
            Code code = new Code().copy(Code.copyControl(3, 16), FROM, TO).lp(0, 5);
            int loop = code.here();
            bench.poke(PROGRAM, code.ld().lpend(0, loop).end());
            bench.go(0, PROGRAM);
            long before = bench.now();
            bench.settle();

            assertThat(bench.fault(0)).isEqualTo(Ftr.LOCKUP_ERR.mask());
            assertThat(bench.now() - before)
                    .isGreaterThan(Timing.WATCHDOG_CYCLES * Timing.CYCLE_PS);
        }

        @Test
        void theWatchdogMayInterruptOnly() {
            bench.write(Pl330Register.WD, 1);
            Code code = new Code().copy(Code.copyControl(3, 16), FROM, TO).lp(0, 5);
            int loop = code.here();
            bench.poke(PROGRAM, code.ld().lpend(0, loop).end());
            bench.go(0, PROGRAM);
            bench.settle();

            assertThat(bench.abort.isAsserted()).isTrue();
            assertThat(bench.fault(0)).isZero();
            assertThat(bench.is(0, ThreadState.QUEUE_BUSY)).isTrue();
            bench.kill(0);
            assertThat(bench.abort.isAsserted()).isFalse();
        }

        @Test
        void aChannelThatLacksRoomGoesOnWhenAnotherStores() {
            bench.fill(FROM, 4096, 8);
            Code hog = new Code().copy(Code.copyControl(3, 16), FROM, TO);
            hog.ld().ld().ld().ld().wfpSingle(1).st().st().st().st();
            bench.poke(PROGRAM, hog.end());
            Code late = new Code().copy(Code.copyControl(3, 16), FROM, TO + 0x1000);
            bench.poke(OTHER_PROGRAM, late.ld().st().end());
            bench.go(0, PROGRAM);
            bench.settle();
            bench.go(1, OTHER_PROGRAM);
            bench.settle();
            assertThat(bench.is(1, ThreadState.QUEUE_BUSY)).isTrue();

            bench.dma.request(1).setSingle(true);
            bench.settle();
            assertThat(bench.is(1, ThreadState.STOPPED)).isTrue();
            assertThat(bench.peek(TO + 0x1000, 128)).isEqualTo(bench.peek(FROM, 128));
        }

        @Test
        void killingIsTheWayOut() {
            faults(new Code().of(0xff), Ftr.UNDEF_INSTR);
            bench.go(0, PROGRAM);
            assertThat(bench.is(0, ThreadState.FAULTING)).isTrue();

            bench.kill(0);
            assertThat(bench.is(0, ThreadState.STOPPED)).isTrue();
            assertThat(bench.fault(0)).isZero();
            assertThat(bench.abort.isAsserted()).isFalse();
        }

        @Test
        void othersGoOn() {
            byte[] content = bench.fill(FROM, 32, 9);
            faults(new Code().of(0xff), Ftr.UNDEF_INSTR);
            Code code = new Code().copy(Code.copyControl(3, 4), FROM, TO);
            bench.poke(OTHER_PROGRAM, code.ld().st().end());
            bench.go(1, OTHER_PROGRAM);
            bench.settle();

            assertThat(bench.peek(TO, 32)).isEqualTo(content);
        }
    }

    @Nested
    class Debugging {
        @Test
        void theManagerRefusesAChannelThatIsNotThere() {
            rebuild(Pl330Build.secure(4, 4, 8, 8, 64));
            bench.go(4, PROGRAM);

            assertThat(bench.read(Pl330Register.FSRD)).isEqualTo(1);
            assertThat(bench.read(Pl330Register.FTRD))
                    .isEqualTo(Ftrd.DBG_INSTR.mask() | Ftrd.OPERAND_INVALID.mask());
            assertThat(bench.abort.isAsserted()).isTrue();
            bench.killManager();
            assertThat(bench.read(Pl330Register.FSRD)).isZero();
        }

        @Test
        void startingAChannelThatRunsDoesNothing() {
            bench.poke(PROGRAM, new Code().wfpSingle(0).end());
            bench.poke(OTHER_PROGRAM, new Code().end());
            bench.go(0, PROGRAM);
            bench.settle();
            bench.go(0, OTHER_PROGRAM);
            bench.settle();

            assertThat(bench.is(0, ThreadState.WAITING_FOR_PERIPHERAL)).isTrue();
            assertThat(bench.read(Pl330Register.FSRD)).isZero();
        }

        @Test
        void otherInstructionsAreRefused() {
            bench.debug(true, 0, 0x18, 0, 0);

            assertThat(bench.fault(0)).isEqualTo(Ftr.DBG_INSTR.mask() | Ftr.UNDEF_INSTR.mask());
        }

        @Test
        void anEventMayBeSent() {
            bench.debug(false, 0, 0x34, EVENT << 3, 0);

            assertThat(bench.read(Pl330Register.INT_EVENT_RIS)).isEqualTo(1 << EVENT);
            assertThat(bench.read(Pl330Register.INTMIS)).isZero();
        }

        @Test
        void isBusyForACycle() {
            bench.write(Pl330Register.DBGINST0, 0x01 << 16);
            bench.write(Pl330Register.DBGCMD, 0);
            assertThat(bench.read(Pl330Register.DBGSTATUS)).isEqualTo(1);
            bench.pass(Timing.CYCLE_PS);
            assertThat(bench.read(Pl330Register.DBGSTATUS)).isZero();
        }

        @Test
        void otherCommandsAndChannelsDoNothing() {
            rebuild(Pl330Build.secure(4, 4, 8, 8, 64));
            bench.write(Pl330Register.DBGINST0, 0xff << 16);
            bench.write(Pl330Register.DBGCMD, 1);
            assertThat(bench.read(Pl330Register.DBGSTATUS)).isZero();
            bench.debug(true, 7, 0xff, 0, 0);
            assertThat(bench.read(Pl330Register.FSRC)).isZero();
        }

        @Test
        void killingDropsWhatWasLoaded() {
            bench.poke(
                    PROGRAM,
                    new Code()
                            .copy(Code.copyControl(3, 16), FROM, TO)
                            .ld()
                            .ld()
                            .ld()
                            .ld()
                            .wfpSingle(0)
                            .end());
            for (int i = 0; i < 3; i++) {
                bench.go(0, PROGRAM);
                bench.settle();
                assertThat(bench.is(0, ThreadState.WAITING_FOR_PERIPHERAL)).isTrue();
                bench.kill(0);
            }
        }

        @Test
        void aProgramMayBeRewrittenBeforeTheNextStart() {
            runs(new Code().move(Code.SAR, 1));
            runs(new Code().move(Code.SAR, 2));

            assertThat(bench.read(0, Pl330ChannelRegister.SAR)).isEqualTo(2);
        }
    }

    @Nested
    class Events {
        @Test
        void wakeTheThreadsThatWait() {
            bench.poke(PROGRAM, new Code().wfe(EVENT).move(Code.SAR, 1).end());
            bench.poke(OTHER_PROGRAM, new Code().sev(EVENT).end());
            bench.go(0, PROGRAM);
            bench.go(1, PROGRAM);
            bench.settle();
            assertThat(bench.is(0, ThreadState.WAITING_FOR_EVENT)).isTrue();
            assertThat(Csr.WAKEUP_NUMBER.get(bench.read(0, Pl330StatusRegister.CSR)))
                    .isEqualTo(EVENT);

            bench.go(2, OTHER_PROGRAM);
            bench.settle();
            assertThat(bench.read(0, Pl330ChannelRegister.SAR)).isEqualTo(1);
            assertThat(bench.read(1, Pl330ChannelRegister.SAR)).isEqualTo(1);
            assertThat(bench.read(Pl330Register.INT_EVENT_RIS)).isZero();
        }

        @Test
        void areRememberedOnce() {
            runs(new Code().sev(EVENT).sev(EVENT).wfe(EVENT).move(Code.SAR, 1).wfe(EVENT));

            assertThat(bench.read(0, Pl330ChannelRegister.SAR)).isEqualTo(1);
            assertThat(bench.is(0, ThreadState.WAITING_FOR_EVENT)).isTrue();
        }

        @Test
        void interruptOnlyWhenEnabledAsTheyAreSent() {
            runs(new Code().sev(EVENT));
            bench.write(Pl330Register.INTEN, 1 << EVENT);
            assertThat(bench.events.get(EVENT).isAsserted()).isFalse();
            assertThat(bench.read(Pl330Register.INT_EVENT_RIS)).isEqualTo(1 << EVENT);

            bench.write(Pl330Register.INTCLR, 1 << EVENT);
            assertThat(bench.read(Pl330Register.INT_EVENT_RIS)).isZero();
        }

        @Test
        void clearingLeavesEventsOfThreads() {
            runs(new Code().sev(EVENT));
            bench.write(Pl330Register.INTCLR, -1);

            assertThat(bench.read(Pl330Register.INT_EVENT_RIS)).isEqualTo(1 << EVENT);
        }

        @Test
        void enableBitsExistForTheBuildsEvents() {
            rebuild(Pl330Build.secure(8, 4, 8, 8, 64));
            bench.write(Pl330Register.INTEN, -1);

            assertThat(bench.read(Pl330Register.INTEN)).isEqualTo(0xff);
        }
    }

    @Nested
    class Requests {
        private final List<Acknowledge> heard = new ArrayList<>();

        private void start(Code code) {
            bench.dma.request(2).onAcknowledge(heard::add);
            bench.poke(PROGRAM, code.end());
            bench.go(0, PROGRAM);
            bench.settle();
        }

        private Code fourBeats() {
            return new Code().copy(Code.copyControl(2, 4), FROM, TO);
        }

        @Test
        void aSingleMovesOneBeatWhateverTheBurstIs() {
            bench.fill(FROM, 16, 1);
            start(fourBeats().wfpSingle(2).ldp(false, 2).of(0x09));
            assertThat(bench.is(0, ThreadState.WAITING_FOR_PERIPHERAL)).isTrue();
            bench.dma.request(2).setSingle(true);
            bench.settle();

            assertThat(bench.read(0, Pl330ChannelRegister.SAR)).isEqualTo(FROM + 4);
            assertThat(bench.read(0, Pl330ChannelRegister.DAR)).isEqualTo(TO + 4);
            assertThat(heard).containsExactly(Acknowledge.SINGLE);
        }

        @Test
        void aSingleIsServedFromABurstRequest() {
            bench.dma.request(2).set(true);
            start(fourBeats().wfpSingle(2).ldp(false, 2).of(0x09));

            assertThat(heard).containsExactly(Acknowledge.SINGLE);
        }

        @Test
        void aBurstWaitsForABurst() {
            bench.dma.request(2).setSingle(true);
            start(fourBeats().wfpBurst(2).of(0x07).stp(true, 2));
            assertThat(bench.is(0, ThreadState.WAITING_FOR_PERIPHERAL)).isTrue();
            assertThat(Csr.DMAWFP_B_NS.isSet(bench.read(0, Pl330StatusRegister.CSR))).isTrue();

            bench.dma.request(2).set(true);
            bench.settle();
            assertThat(bench.read(0, Pl330ChannelRegister.DAR)).isEqualTo(TO + 16);
            assertThat(heard).containsExactly(Acknowledge.BURST);
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void thePeripheralMayChoose(boolean burst) {
            bench.dma.request(2).setSingle(true);
            bench.dma.request(2).set(burst);
            start(fourBeats().wfpEither(2).ldp(false, 2).of(0x09).ldp(true, 2).of(0x0b));

            assertThat(bench.read(0, Pl330ChannelRegister.DAR)).isEqualTo(TO + (burst ? 16 : 4));
            assertThat(heard).containsExactly(burst ? Acknowledge.BURST : Acknowledge.SINGLE);
        }

        @Test
        void flushingAsksThePeripheralAnew() {
            start(new Code().flushp(2));

            assertThat(heard).containsExactly(Acknowledge.FLUSH);
        }

        @Test
        void aLoopGoesOnUntilTheLastRequest() {
            bench.dma.request(2).set(true);
            bench.dma
                    .request(2)
                    .onAcknowledge(what -> {
                        heard.add(what);
                        bench.dma.request(2).setLast(heard.size() == 3);
                    });
            Code code = fourBeats();
            int loop = code.here();
            code.wfpEither(2).ldp(true, 2).of(0x0b).lpendForever(loop);
            bench.poke(PROGRAM, code.end());
            bench.go(0, PROGRAM);
            bench.settle();

            assertThat(bench.is(0, ThreadState.STOPPED)).isTrue();
            assertThat(heard).hasSize(4);
            assertThat(bench.read(0, Pl330ChannelRegister.DAR)).isEqualTo(TO + 64);
        }

        @Test
        void aLoopEndOfTheOtherKindFallsThrough() {
            bench.dma.request(2).setSingle(true);
            Code code = fourBeats().wfpSingle(2).lp(1, 5);
            int loop = code.here();
            // DMALPENDB
            start(code.addh(false, 1).of(0x3f, code.here() - loop));

            assertThat(bench.read(0, Pl330ChannelRegister.SAR)).isEqualTo(FROM + 1);
        }
    }

    @Nested
    class NonSecure {
        private static final int SECURE_ACCESS = 0;

        private void start(Code code) {
            rebuild(Pl330Build.secure(8, 4, 8, 8, 64).nonSecure(0b0010, 0b0100));
            bench.poke(PROGRAM, code.end());
            bench.go(0, PROGRAM, true);
            bench.settle();
        }

        @Test
        void threadsSaySo() {
            start(new Code());

            assertThat(Csr.CNS.isSet(bench.read(0, Pl330StatusRegister.CSR))).isTrue();
            assertThat(Cr0.MGR_NS_AT_RST.isSet(bench.read(Pl330Register.CR0))).isTrue();
            assertThat(bench.read(Pl330Register.CR3)).isEqualTo(0b0010);
            assertThat(bench.read(Pl330Register.CR4)).isEqualTo(0b0100);
        }

        @Test
        void theManagerStartsNoSecureChannel() {
            start(new Code());
            bench.go(1, PROGRAM, false);

            assertThat(bench.read(Pl330Register.FTRD))
                    .isEqualTo(Ftrd.DBG_INSTR.mask() | Ftrd.DMAGO_ERR.mask());
        }

        @Test
        void eventsMustBeNonSecure() {
            start(new Code().sev(1).sev(2));
            assertThat(bench.fault(0)).isEqualTo(Ftr.CH_EVNT_ERR.mask());
            start(new Code().wfe(3));
            assertThat(bench.fault(0)).isEqualTo(Ftr.CH_EVNT_ERR.mask());
            bench.debug(false, 0, 0x34, 3 << 3, 0);
            assertThat(bench.read(Pl330Register.FTRD))
                    .isEqualTo(Ftrd.DBG_INSTR.mask() | Ftrd.MGR_EVNT_ERR.mask());
        }

        @Test
        void peripheralsMustBeNonSecure() {
            start(new Code().flushp(2).flushp(1));

            assertThat(bench.fault(0)).isEqualTo(Ftr.CH_PERIPH_ERR.mask());
        }

        @Test
        void accessesMustBeNonSecure() {
            start(new Code().copy(Code.copyControl(3, 1) | SECURE_ACCESS, FROM, TO).ld());
            assertThat(bench.fault(0)).isEqualTo(Ftr.CH_RDWR_ERR.mask());

            int nonSecureRead = Ccr.SRC_PROT_CTRL.with(Code.copyControl(3, 1), 2);
            start(new Code().copy(nonSecureRead, FROM, TO).ld().st());
            assertThat(bench.fault(0)).isEqualTo(Ftr.CH_RDWR_ERR.mask());

            int nonSecure = Ccr.DST_PROT_CTRL.with(nonSecureRead, 2);
            start(new Code().copy(nonSecure, FROM, TO).ld().st());
            assertThat(bench.is(0, ThreadState.STOPPED)).isTrue();
        }
    }

    @Nested
    class Builds {
        @Test
        void showTheirSizes() {
            rebuild(Pl330Build.secure(3, 5, 7, 16, 1024));
            int cr0 = bench.read(Pl330Register.CR0);
            int crd = bench.read(Pl330Register.CRD);

            assertThat(Cr0.NUM_CHNLS.get(cr0)).isEqualTo(2);
            assertThat(Cr0.NUM_PERIPH_REQ.get(cr0)).isEqualTo(4);
            assertThat(Cr0.NUM_EVENTS.get(cr0)).isEqualTo(6);
            assertThat(Cr0.PERIPH_REQ.isSet(cr0)).isTrue();
            assertThat(Cr1.I_CACHE_LEN.get(bench.read(Pl330Register.CR1))).isEqualTo(5);
            assertThat(Crd.DATA_BUFFER_DEP.get(crd)).isEqualTo(1023);
            assertThat(Crd.DATA_WIDTH.get(crd)).isEqualTo(4);
        }

        @Test
        void haveAnIdentity() {
            rebuild(Pl330Build.STRATIX10.withRevision(2));

            assertThat(bench.read(Pl330Register.PERIPH_ID_0)).isEqualTo(0x30);
            assertThat(bench.read(Pl330Register.PERIPH_ID_1)).isEqualTo(0x13);
            assertThat(bench.read(Pl330Register.PERIPH_ID_2)).isEqualTo(0x24);
            assertThat(bench.read(Pl330Register.PCELL_ID_3)).isEqualTo(0xb1);
        }

        @Test
        void mayBootTheManager() {
            rebuild(Pl330Build.STRATIX10.bootingAt(PROGRAM));
            bench.poke(OTHER_PROGRAM, new Code().move(Code.SAR, 7).end());
            bench.poke(PROGRAM, new Code().of(0xa0, 3, 0, 0x20, 0, 0).end());
            bench.settle();

            assertThat(bench.read(Pl330Register.CR2)).isEqualTo(PROGRAM);
            assertThat(bench.read(3, Pl330ChannelRegister.SAR)).isEqualTo(7);
            assertThat(bench.read(Pl330Register.DSR) & 0xf).isZero();
        }

        @Test
        void haveLimits() {
            assertThatThrownBy(() -> Pl330Build.secure(9, 4, 8, 8, 64))
                    .hasMessageContaining("9 channels");
            assertThatThrownBy(() -> Pl330Build.secure(8, 33, 8, 8, 64))
                    .hasMessageContaining("33 peripherals");
            assertThatThrownBy(() -> Pl330Build.secure(8, 4, 33, 8, 64))
                    .hasMessageContaining("33 events");
            assertThatThrownBy(() -> Pl330Build.secure(8, 4, 8, 8, 1025))
                    .hasMessageContaining("1025 entries");
            assertThatThrownBy(() -> Pl330Build.secure(8, 4, 8, 12, 64))
                    .hasMessageContaining("powers of 2");
        }
    }

    @Test
    void channelsTakeTurns() {
        bench.fill(FROM, 4096, 11);
        for (int channel = 0; channel < 4; channel++) {
            int to = TO + channel * 0x1000;
            Code code = new Code().copy(Code.copyControl(3, 16), FROM, to).lp(0, 32);
            int loop = code.here();
            bench.poke(PROGRAM + channel * 0x100, code.ld().st().lpend(0, loop).end());
        }
        for (int channel = 0; channel < 4; channel++) {
            bench.go(channel, PROGRAM + channel * 0x100);
        }
        bench.pass(20_000 * Timing.CYCLE_PS / 10);
        List<Integer> moved = new ArrayList<>();
        for (int channel = 0; channel < 4; channel++) {
            moved.add(bench.read(channel, Pl330ChannelRegister.DAR) - TO - channel * 0x1000);
        }

        assertThat(moved).allSatisfy(bytes -> assertThat(bytes).isBetween(128, 4096));
        assertThat(
                        moved.stream().mapToInt(i -> i).max().orElseThrow()
                                - moved.stream().mapToInt(i -> i).min().orElseThrow())
                .isLessThanOrEqualTo(256);
    }

    @Test
    void aRegisterReadShowsHowFarALoopIs() {
        bench.fill(FROM, 128 * 256, 12);
        Code code = new Code().copy(Code.copyControl(3, 16), FROM, TO).lp(0, 256);
        int loop = code.here();
        bench.poke(PROGRAM, code.ld().st().lpend(0, loop).end());
        bench.go(0, PROGRAM);
        bench.pass(6_000 * Timing.CYCLE_PS);
        int moved = bench.read(0, Pl330ChannelRegister.DAR) - TO;

        assertThat(moved).isBetween(128 * 50, 128 * 200).isEqualTo(moved / 128 * 128);
        assertThat(bench.peek(TO, moved)).isEqualTo(bench.peek(FROM, moved));
        assertThat(bench.peek(TO + moved + 128, 16)).containsOnly(0);
        bench.settle();
        assertThat(bench.read(0, Pl330ChannelRegister.DAR)).isEqualTo(TO + 128 * 256);
    }
}
