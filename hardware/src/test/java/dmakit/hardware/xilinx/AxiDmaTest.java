package dmakit.hardware.xilinx;

import static dmakit.hardware.xilinx.AxiDmaBench.ALL_IRQS;
import static dmakit.hardware.xilinx.AxiDmaBench.MM2S;
import static dmakit.hardware.xilinx.AxiDmaBench.S2MM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.xilinx.AxiDmaDescriptor;
import dmakit.datasheet.xilinx.AxiDmaDescriptor.Control;
import dmakit.datasheet.xilinx.AxiDmaDescriptor.Status;
import dmakit.datasheet.xilinx.AxiDmaRegister;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmacr;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmasr;
import dmakit.hardware.AxiStream;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AxiDmaTest {
    private static final int SOF = Control.TXSOF.mask();
    private static final int EOF = Control.TXEOF.mask();
    private static final long TX = 0x1000;
    private static final long RX = 0x2000;
    private static final long SOURCE = 0x10_0000;
    private static final long TARGET = 0x20_0000;
    private static final long NOWHERE = 0x5000_0000L;

    @Nested
    class AfterPowerOn {
        @Test
        void registersHaveTheResetValuesOfTheManual() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                for (int channel : new int[] {MM2S, S2MM}) {
                    for (AxiDmaRegister register : AxiDmaRegister.values()) {
                        int wanted = register.reset();
                        if (register == AxiDmaRegister.DMASR) {
                            wanted |= Dmasr.SG_INCLD.mask();
                        }
                        assertThat(bench.read(channel, register))
                                .as("%s", register)
                                .isEqualTo(wanted);
                    }
                }
            }
        }

        @Test
        void aCoreWithoutScatterGatherSaysSo() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SIMPLE)) {
                assertThat(bench.status(MM2S)).isEqualTo(AxiDmaRegister.DMASR.reset());
            }
        }

        @Test
        void aTailDoesNotStartAChannelThatDoesNotRun() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.tail(MM2S, TX);
                assertThat(bench.finish(10)).isZero();
            }
        }
    }

    @Nested
    class Sending {
        @Test
        void gathersAPacketFromItsBuffers() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                byte[] data = bench.fill(SOURCE, 300, 1);
                bench.descriptor(TX, TX + 64, SOURCE, SOF | 100);
                bench.descriptor(TX + 64, TX + 128, SOURCE + 100, 150);
                bench.descriptor(TX + 128, TX, SOURCE + 250, EOF | 50);
                bench.word(TX, AxiDmaDescriptor.APP1, 0x1234);
                bench.start(MM2S, TX, TX + 128);
                bench.finish();
                byte[] sent = new byte[300];
                assertThat(bench.sent.available()).isEqualTo(300);
                assertThat(bench.sent.take(sent, 0, 300)).isTrue();
                assertThat(sent).isEqualTo(data);
                assertThat(bench.sent.word(1)).isEqualTo(0x1234);
                assertThat(bench.word(TX + 64, AxiDmaDescriptor.STATUS))
                        .isEqualTo(Status.CMPLT.mask() | 150);
                assertThat(bench.is(MM2S, Dmasr.IDLE)).isTrue();
                assertThat(bench.is(MM2S, Dmasr.IOC_IRQ)).isTrue();
                assertThat(bench.mm2sIrq.isAsserted()).isTrue();
                assertThat(bench.read(MM2S, AxiDmaRegister.CURDESC)).isEqualTo((int) TX + 128);
            }
        }

        @Test
        void takesTheTimeOfTheManual() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.descriptor(TX, TX, SOURCE, SOF | EOF | 256);
                bench.start(MM2S, TX, TX);
                while (bench.sent.available() < 256) {
                    bench.finish(1);
                }
                // 10 to the fetch, 28 to the read, 6 to the first beat, 64 beats.
                assertThat(bench.machine.clock().now()).isEqualTo(Timing.ps(10 + 28 + 6 + 64));
            }
        }

        @Test
        void waitsForAStreamThatTakesNothing() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                byte[] data = bench.fill(SOURCE, 4000, 2);
                bench.descriptor(TX, TX, SOURCE, SOF | EOF | 4000);
                bench.start(MM2S, TX, TX);
                bench.finish();
                assertThat(bench.sent.available()).isEqualTo(AxiDmaBench.FIFO_BYTES);
                assertThat(bench.is(MM2S, Dmasr.IDLE)).isFalse();
                byte[] sent = new byte[4000];
                for (int at = 0; at < 4000; ) {
                    int bytes = bench.sent.available();
                    bench.sent.take(sent, at, bytes);
                    at += bytes;
                    bench.finish();
                }
                assertThat(sent).isEqualTo(data);
                assertThat(bench.is(MM2S, Dmasr.IDLE)).isTrue();
            }
        }

        @Test
        void goesOnBehindItsTailWhenTheTailMoves() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.descriptor(TX, TX + 64, SOURCE, SOF | EOF | 16);
                bench.descriptor(TX + 64, TX, SOURCE, SOF | EOF | 16);
                bench.start(MM2S, TX, TX);
                bench.finish();
                bench.write(MM2S, AxiDmaRegister.CURDESC, 0x7000); // not while it runs
                bench.tail(MM2S, TX + 64);
                bench.finish();
                assertThat(bench.sent.available()).isEqualTo(16);
                assertThat(Status.CMPLT.isSet(bench.word(TX + 64, AxiDmaDescriptor.STATUS)))
                        .isTrue();
            }
        }

        @Test
        void readsOneWordAgainAndAgainThroughAKeyhole() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                byte[] word = bench.fill(SOURCE, 4, 3);
                bench.descriptor(TX, TX, SOURCE, SOF | EOF | 12);
                bench.write(MM2S, AxiDmaRegister.CURDESC, TX);
                bench.control(MM2S, Dmacr.RS.mask() | Dmacr.KEYHOLE.mask(), 1);
                bench.tail(MM2S, TX);
                bench.finish();
                byte[] sent = new byte[12];
                bench.sent.take(sent, 0, 12);
                for (int i = 0; i < 3; i++) {
                    assertThat(Arrays.copyOfRange(sent, 4 * i, 4 * i + 4)).isEqualTo(word);
                }
            }
        }

        @Test
        void withoutRealignmentTheLowBitsOfAnAddressAreNotThere() {
            AxiDma.Build build = new AxiDma.Build(true, 32, 16, 4, 4, false, false);
            try (AxiDmaBench bench = AxiDmaBench.open(build)) {
                byte[] data = bench.fill(SOURCE, 16, 4);
                bench.descriptor(TX, TX, SOURCE + 3, SOF | EOF | 16);
                bench.start(MM2S, TX, TX);
                bench.finish();
                byte[] sent = new byte[16];
                bench.sent.take(sent, 0, 16);
                assertThat(sent).isEqualTo(data);
            }
        }
    }

    @Nested
    class Receiving {
        private final byte[] packet = AxiDmaBench.bytes(200, 5);

        private void put(AxiDmaBench bench, byte[] bytes) {
            bench.received.put(bytes, 0, bytes.length, true, new int[] {1, 2, 3, 4, bytes.length});
        }

        @Test
        void scattersAPacketAndSaysWhereItBeginsAndEnds() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.descriptor(RX, RX + 64, TARGET, 128);
                bench.descriptor(RX + 64, RX + 128, TARGET + 128, 128);
                bench.descriptor(RX + 128, RX, TARGET + 256, 128);
                bench.start(S2MM, RX, RX + 128);
                put(bench, packet);
                bench.finish();
                assertThat(bench.peek(TARGET, 200)).isEqualTo(packet);
                assertThat(bench.word(RX, AxiDmaDescriptor.STATUS))
                        .isEqualTo(Status.CMPLT.mask() | Status.RXSOF.mask() | 128);
                assertThat(bench.word(RX + 64, AxiDmaDescriptor.STATUS))
                        .isEqualTo(Status.CMPLT.mask() | Status.RXEOF.mask() | 72);
                assertThat(bench.word(RX + 64, AxiDmaDescriptor.APP4)).isEqualTo(200);
                assertThat(bench.word(RX + 128, AxiDmaDescriptor.STATUS)).isZero();
                assertThat(bench.is(S2MM, Dmasr.IOC_IRQ)).isTrue();
                assertThat(bench.is(S2MM, Dmasr.IDLE)).isFalse();
            }
        }

        @Test
        void interruptsAfterAsManyPacketsAsTheThresholdSays() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                for (int i = 0; i < 4; i++) {
                    bench.descriptor(RX + 64 * i, RX + 64 * (i + 1), TARGET, 256);
                }
                bench.start(S2MM, RX, RX + 192);
                bench.control(S2MM, Dmacr.RS.mask() | ALL_IRQS, 3);
                for (int i = 1; i <= 3; i++) {
                    assertThat(bench.s2mmIrq.isAsserted()).as("before packet %d", i).isFalse();
                    put(bench, packet);
                    bench.finish();
                }
                assertThat(bench.s2mmIrq.isAsserted()).isTrue();
                bench.write(S2MM, AxiDmaRegister.DMASR, Dmasr.IOC_IRQ.mask());
                assertThat(bench.s2mmIrq.isAsserted()).isFalse();
                assertThat(Dmasr.IRQ_THRESHOLD_STS.get(bench.status(S2MM))).isEqualTo(3);
            }
        }

        @Test
        void interruptsWhenNoPacketFollowsForAWhile() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.descriptor(RX, RX + 64, TARGET, 256);
                bench.descriptor(RX + 64, RX, TARGET, 256);
                bench.start(S2MM, RX, RX + 64);
                bench.control(S2MM, Dmacr.RS.mask() | ALL_IRQS | Dmacr.IRQ_DELAY.of(4), 3);
                put(bench, packet);
                while (!Status.CMPLT.isSet(bench.word(RX, AxiDmaDescriptor.STATUS))) {
                    bench.finish(1);
                }
                long ended = bench.machine.clock().now();
                assertThat(bench.s2mmIrq.isAsserted()).isFalse();
                while (!bench.s2mmIrq.isAsserted()) {
                    bench.finish(1);
                }
                assertThat(bench.machine.clock().now() - ended).isEqualTo(Timing.ps(4 * 125));
                assertThat(bench.is(S2MM, Dmasr.DLY_IRQ)).isTrue();
                assertThat(bench.is(S2MM, Dmasr.IOC_IRQ)).isFalse();
            }
        }

        @Test
        void stopsAtOnceWhileItWaitsForAPacket() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.descriptor(RX, RX, TARGET, 256);
                bench.start(S2MM, RX, RX);
                bench.finish();
                bench.control(S2MM, 0, 1);
                assertThat(bench.is(S2MM, Dmasr.HALTED)).isTrue();
                put(bench, packet);
                assertThat(bench.finish(10)).isZero();
            }
        }
    }

    @Nested
    class ARing {
        @Test
        void goesRoundForEverWithoutALookAtItsStatus() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.descriptor(TX, TX + 64, SOURCE, SOF | EOF | 64);
                bench.descriptor(TX + 64, TX, SOURCE + 64, SOF | EOF | 64);
                bench.write(MM2S, AxiDmaRegister.CURDESC, TX);
                bench.control(MM2S, Dmacr.RS.mask() | Dmacr.CYCLIC_BD_ENABLE.mask(), 1);
                bench.tail(MM2S, 0x9000);
                byte[] taken = new byte[64];
                for (int i = 0; i < 100; i++) {
                    while (bench.sent.available() == 0) {
                        bench.finish(1);
                    }
                    bench.sent.take(taken, 0, 64);
                }
                assertThat(bench.is(MM2S, Dmasr.HALTED)).isFalse();
            }
        }
    }

    @Nested
    class Errors {
        private void stopped(AxiDmaBench bench, int channel, Dmasr flag) {
            assertThat(bench.is(channel, flag)).as("%s", flag).isTrue();
            assertThat(bench.is(channel, Dmasr.HALTED)).isTrue();
            assertThat(bench.is(channel, Dmasr.ERR_IRQ)).isTrue();
            assertThat(Dmacr.RS.isSet(bench.read(channel, AxiDmaRegister.DMACR))).isFalse();
            bench.control(channel, Dmacr.RS.mask(), 1);
            assertThat(bench.is(channel, Dmasr.HALTED)).as("until a reset").isTrue();
            assertThat(bench.finish(10)).isZero();
        }

        @Test
        void aDescriptorWhereNothingIs() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.start(MM2S, NOWHERE, NOWHERE);
                bench.finish();
                stopped(bench, MM2S, Dmasr.SG_DEC_ERR);
                assertThat(bench.mm2sIrq.isAsserted()).isFalse(); // DMACR was stored to since
            }
        }

        @Test
        void aDescriptorThatIsCompleteAlready() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.descriptor(TX, TX, SOURCE, SOF | EOF | 16);
                bench.word(TX, AxiDmaDescriptor.STATUS, Status.CMPLT.mask());
                bench.start(MM2S, TX, TX);
                bench.finish();
                stopped(bench, MM2S, Dmasr.SG_INT_ERR);
            }
        }

        @Test
        void aChainThatLeadsBackToItself() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.descriptor(TX, TX, SOURCE, SOF | EOF | 16);
                bench.start(MM2S, TX, TX + 64);
                bench.finish();
                stopped(bench, MM2S, Dmasr.SG_INT_ERR);
            }
        }

        @Test
        void aBufferOfNoBytes() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.descriptor(TX, TX, SOURCE, SOF | EOF);
                bench.start(MM2S, TX, TX);
                bench.finish();
                stopped(bench, MM2S, Dmasr.DMA_INT_ERR);
                assertThat(bench.word(TX, AxiDmaDescriptor.STATUS))
                        .isEqualTo(Status.DMA_INT_ERR.mask());
            }
        }

        @Test
        void aBufferWhereNothingIs() {
            try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
                bench.descriptor(TX, TX, NOWHERE, SOF | EOF | 64);
                bench.start(MM2S, TX, TX);
                bench.finish();
                stopped(bench, MM2S, Dmasr.DMA_DEC_ERR);
                assertThat(bench.word(TX, AxiDmaDescriptor.STATUS))
                        .isEqualTo(Status.DMA_DEC_ERR.mask());
            }
        }

        @Test
        void ofAReceiverStopTheReceiverAlone() {
            try (AxiDmaBench bench = AxiDmaBench.looped(AxiDmaBench.SCATTERED)) {
                bench.descriptor(TX, TX, SOURCE, SOF | EOF | 64);
                bench.descriptor(RX, RX, NOWHERE, 64);
                bench.start(S2MM, RX, RX);
                bench.start(MM2S, TX, TX);
                bench.finish();
                stopped(bench, S2MM, Dmasr.DMA_DEC_ERR);
                assertThat(bench.is(MM2S, Dmasr.IDLE)).isTrue();
            }
        }

        @Test
        void endWithAReset() {
            try (AxiDmaBench bench = AxiDmaBench.looped(AxiDmaBench.SCATTERED)) {
                bench.start(MM2S, NOWHERE, NOWHERE);
                bench.finish();
                bench.write(S2MM, AxiDmaRegister.DMACR, Dmacr.RESET.mask()); // of either channel
                assertThat(Dmacr.RESET.isSet(bench.read(MM2S, AxiDmaRegister.DMACR))).isTrue();
                bench.finish();
                assertThat(Dmacr.RESET.isSet(bench.read(MM2S, AxiDmaRegister.DMACR))).isFalse();
                byte[] data = bench.fill(SOURCE, 64, 6);
                bench.descriptor(TX, TX, SOURCE, SOF | EOF | 64);
                bench.descriptor(RX, RX, TARGET, 64);
                bench.start(S2MM, RX, RX);
                bench.start(MM2S, TX, TX);
                bench.finish();
                assertThat(bench.peek(TARGET, 64)).isEqualTo(data);
            }
        }
    }

    @Nested
    class WithoutScatterGather {
        private void run(AxiDmaBench bench, int channel, long address, int bytes) {
            bench.control(channel, Dmacr.RS.mask() | ALL_IRQS, 1);
            bench.write(channel, AxiDmaRegister.ADDRESS, address);
            bench.write(channel, AxiDmaRegister.LENGTH, bytes);
        }

        @Test
        void aStoreToTheLengthMovesAPacket() {
            try (AxiDmaBench bench = AxiDmaBench.looped(AxiDmaBench.SIMPLE)) {
                byte[] data = bench.fill(SOURCE, 500, 7);
                run(bench, S2MM, TARGET, 1000);
                run(bench, MM2S, SOURCE, 500);
                bench.finish();
                assertThat(bench.peek(TARGET, 500)).isEqualTo(data);
                assertThat(bench.read(S2MM, AxiDmaRegister.LENGTH)).isEqualTo(500);
                assertThat(bench.is(S2MM, Dmasr.IOC_IRQ)).isTrue();
                assertThat(bench.is(MM2S, Dmasr.IOC_IRQ)).isTrue();
                assertThat(bench.is(S2MM, Dmasr.IDLE)).isTrue();
            }
        }

        @Test
        void aPacketLongerThanItsBufferIsAnInternalError() {
            try (AxiDmaBench bench = AxiDmaBench.looped(AxiDmaBench.SIMPLE)) {
                run(bench, S2MM, TARGET, 64);
                run(bench, MM2S, SOURCE, 100);
                bench.finish();
                assertThat(bench.is(S2MM, Dmasr.DMA_INT_ERR)).isTrue();
                assertThat(bench.peek(TARGET + 64, 4)).isEqualTo(new byte[4]);
            }
        }

        @Test
        void theLengthHasAsManyBitsAsTheCore() {
            try (AxiDmaBench bench = AxiDmaBench.looped(AxiDmaBench.SIMPLE)) {
                run(bench, MM2S, SOURCE, 1 << 14);
                assertThat(bench.finish(10)).isZero();
            }
        }
    }

    @Test
    void addressesBeyondFourGibAreReachedWithTheHighHalves() {
        try (AxiDmaBench bench = AxiDmaBench.open(AxiDmaBench.SCATTERED)) {
            bench.start(MM2S, 1L << 32 | TX, 1L << 32 | TX);
            bench.finish();
            assertThat(bench.is(MM2S, Dmasr.SG_DEC_ERR)).isTrue();
            assertThat(bench.read(MM2S, AxiDmaRegister.CURDESC_MSB)).isEqualTo(1);
        }
    }

    @Test
    void buildsThatNobodyMakesAreRefused() {
        assertThatThrownBy(() -> new AxiDma.Build(true, 31, 23, 4, 4, true, true))
                .hasMessageContaining("31 address bits");
        assertThatThrownBy(() -> new AxiDma.Build(true, 32, 27, 4, 4, true, true))
                .hasMessageContaining("27 length bits");
        assertThatThrownBy(() -> new AxiDma.Build(true, 32, 23, 256, 4, true, true))
                .hasMessageContaining("256 bytes");
        assertThatThrownBy(() -> new AxiStream("s", AxiStream.CAPACITY_MAX + 1))
                .hasMessageContaining("FIFO");
    }
}
