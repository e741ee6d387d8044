package dmakit.board.bcm2835;

import static dmakit.board.bcm2835.Bcm2835MemcpyTest.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveCaps;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.scatterlist.Scatterlist;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class Bcm2835SlaveTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;
    private static final long DATA = DmaRig.FIFO_PHYS + LoopbackFifoRegister.DATA.offset();
    private static final long DATA_ON_BUS = 0x7e30_0000L + LoopbackFifoRegister.DATA.offset();
    private static final int BURST_WORDS = 8;
    private static final int RATE = 40_000_000;

    private final DmaRig rig = new DmaRig();
    private int sent;
    private int received;

    @AfterEach
    void close() {
        rig.close();
    }

    private Channel tx() {
        return configured("tx", DATA);
    }

    private Channel rx() {
        return configured("rx", DATA);
    }

    private Channel configured(String name, long data) {
        Channel chan = rig.engine.requestChan(rig.client(), name);
        chan.slaveConfig(
                name.equals("tx")
                        ? SlaveConfig.toDevice(data, BusWidth.BYTES_4, BURST_WORDS)
                        : SlaveConfig.fromDevice(data, BusWidth.BYTES_4, BURST_WORDS));
        return chan;
    }

    private void runLine(Ctrl... more) {
        int control = Ctrl.ENABLE.mask() | Ctrl.TX_REQ_EN.mask() | Ctrl.RX_REQ_EN.mask();
        for (Ctrl bit : more) {
            control |= bit.mask();
        }
        rig.fifo(LoopbackFifoRegister.RATE, RATE);
        // Transmit while 8 words fit, receive from 8 words on.
        rig.fifo(LoopbackFifoRegister.WATERMARK, BURST_WORDS << 16 | 64 - BURST_WORDS);
        rig.fifo(LoopbackFifoRegister.CTRL, control);
    }

    private void assertNothingLost() {
        assertThat(rig.fifo(LoopbackFifoRegister.TX_OVERRUNS)).isZero();
        assertThat(rig.fifo(LoopbackFifoRegister.RX_OVERRUNS)).isZero();
        assertThat(rig.fifo(LoopbackFifoRegister.RX_UNDERRUNS)).isZero();
    }

    @Nested
    class Single {
        private void loops(int length, long txData, long rxData) {
            rig.run(() -> {
                Channel tx = configured("tx", txData);
                Channel rx = configured("rx", rxData);
                byte[] data = bytes(length, length);
                long out = rig.buffer(length);
                long in = rig.buffer(length);
                rig.store(out, data);
                long outDma = rig.map(tx, out, length, DmaDirection.TO_DEVICE);
                long inDma = rig.map(rx, in, length, DmaDirection.FROM_DEVICE);
                rx.prepSlaveSingle(inDma, length, TransferDirection.DEV_TO_MEM, FLAGS)
                        .callback(() -> received++)
                        .submit();
                tx.prepSlaveSingle(outDma, length, TransferDirection.MEM_TO_DEV, FLAGS)
                        .callback(() -> sent++)
                        .submit();
                rx.issuePending();
                tx.issuePending();
                runLine(Ctrl.LOOP);
                rig.await(() -> sent == 1 && received == 1);
                rig.unmap(rx, inDma, length, DmaDirection.FROM_DEVICE);
                rig.unmap(tx, outDma, length, DmaDirection.TO_DEVICE);
                assertThat(rig.load(in, length)).isEqualTo(data);
                assertNothingLost();
                rig.engine.release(tx);
                rig.engine.release(rx);
            });
        }

        @Test
        void goesThroughTheFifoAndBack() {
            loops(4096, DATA, DATA);
        }

        @Test
        void isSplitWhereALiteChannelCannotTakeItWhole() {
            rig.run(() -> {
                for (int full = 0; full < 7; full++) {
                    rig.memcpyChannel();
                }
            });
            loops(200_000, DATA, DATA);
        }

        @Test
        void findsTheFifoByItsBusAddressToo() {
            loops(1024, DATA_ON_BUS, DATA_ON_BUS);
        }
    }

    @Test
    void scatteredMemoryIsGatheredInOrder() {
        rig.run(() -> {
            Channel tx = tx();
            Channel rx = rx();
            int[] lengths = {64, 4, 4096, 252, 1024};
            int total = Arrays.stream(lengths).sum();
            byte[] data = bytes(total, 3);
            Scatterlist sg = new Scatterlist(lengths.length);
            int at = 0;
            for (int i = 0; i < lengths.length; i++) {
                long piece = rig.buffer(lengths[i]);
                rig.store(piece, Arrays.copyOfRange(data, at, at + lengths[i]));
                sg.setBuffer(i, piece, lengths[i]);
                at += lengths[i];
            }
            int mapped =
                    rig.mapping.mapSg(
                            rig.dmaDevice(tx), sg, lengths.length, DmaDirection.TO_DEVICE);
            CoherentBuffer in = rig.coherent(rig.dmaDevice(rx), total);
            rx.prepSlaveSingle(in.dma(), total, TransferDirection.DEV_TO_MEM, FLAGS)
                    .callback(() -> received++)
                    .submit();
            tx.prepSlaveSg(sg, mapped, TransferDirection.MEM_TO_DEV, FLAGS)
                    .callback(() -> sent++)
                    .submit();
            rx.issuePending();
            tx.issuePending();
            runLine(Ctrl.LOOP);
            rig.await(() -> received == 1);
            assertThat(sent).isEqualTo(1);
            assertThat(rig.load(in.va(), total)).isEqualTo(data);
            rig.mapping.unmapSg(rig.dmaDevice(tx), sg, lengths.length, DmaDirection.TO_DEVICE);
        });
    }

    @Nested
    class Cyclic {
        private static final int PERIOD = 1024;
        private static final int RING = 4 * PERIOD;

        private Channel receiving(CoherentBuffer ring, Runnable onPeriod) {
            Channel rx = rx();
            rx.prepCyclic(ring.dma(), RING, PERIOD, TransferDirection.DEV_TO_MEM, FLAGS)
                    .callback(onPeriod)
                    .submit();
            rx.issuePending();
            rig.fifo(LoopbackFifoRegister.RX_NEXT, 0);
            runLine(Ctrl.SOURCE);
            return rx;
        }

        private int word(CoherentBuffer ring, int index) {
            return ByteBuffer.wrap(rig.load(ring.va() + 4L * index, 4))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getInt();
        }

        @Test
        void callsBackEachPeriodAndGoesRoundTheRing() {
            rig.run(() -> {
                CoherentBuffer ring = rig.coherent(rig.device("3f007000.dma-controller"), RING);
                List<Integer> firstWords = new ArrayList<>();
                Channel rx =
                        receiving(
                                ring,
                                () -> {
                                    int period = received % 4;
                                    firstWords.add(word(ring, period * PERIOD / 4));
                                    received++;
                                });
                rig.await(() -> received >= 10);
                rx.terminateSync();
                assertThat(firstWords.subList(0, 10))
                        .containsExactly(0, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2304);
                assertNothingLost();
            });
        }

        @Test
        void coalescesPeriodsWhileTaskletsAreKeptOff() {
            rig.run(() -> {
                CoherentBuffer ring = rig.coherent(rig.device("3f007000.dma-controller"), RING);
                Channel rx = receiving(ring, () -> received++);
                rig.await(() -> received == 1);
                rig.sched.contexts().bhDisable();
                int before = rig.fifo(LoopbackFifoRegister.RX_NEXT);
                rig.sched.udelay(3 * PERIOD * 1_000_000L / RATE + 20);
                assertThat(rig.fifo(LoopbackFifoRegister.RX_NEXT) - before)
                        .isGreaterThan(3 * PERIOD / 4);
                assertThat(received).isEqualTo(1);
                rig.sched.contexts().bhEnable();
                assertThat(received).isEqualTo(2);
                rx.terminateSync();
            });
        }

        @Test
        void residueIsOfTheRingAndTheCookieNeverCompletes() {
            rig.run(() -> {
                CoherentBuffer ring = rig.coherent(rig.device("3f007000.dma-controller"), RING);
                Channel rx = rx();
                int cookie =
                        rx.prepCyclic(ring.dma(), RING, PERIOD, TransferDirection.DEV_TO_MEM, FLAGS)
                                .callback(() -> received++)
                                .submit();
                rx.issuePending();
                runLine(Ctrl.SOURCE);
                TxState state = new TxState();
                boolean wrapped = false;
                int last = RING;
                while (received < 12) {
                    assertThat(rx.txStatus(cookie, state)).isEqualTo(DmaStatus.IN_PROGRESS);
                    assertThat(state.residue()).isBetween(0, RING);
                    wrapped |= state.residue() > last;
                    last = state.residue();
                    rig.sched.usleepRange(10, 10);
                }
                assertThat(wrapped).isTrue();
                rx.terminateSync();
            });
        }

        @Test
        void pausedItStandsStillAndGoesOnWithoutLoss() {
            rig.run(() -> {
                CoherentBuffer ring = rig.coherent(rig.device("3f007000.dma-controller"), RING);
                Channel rx = receiving(ring, () -> received++);
                rig.await(() -> received == 3);
                rx.pause();
                rig.sched.usleepRange(10, 10);
                int held = received;
                rig.sched.msleep(5);
                assertThat(received).isBetween(held, held + 1);
                int atPause = received;
                rx.resume();
                rig.await(() -> received >= atPause + 4);
                rx.terminateSync();
            });
        }

        @Test
        void itsOwnCallbackMayEndIt() {
            rig.run(() -> {
                CoherentBuffer ring = rig.coherent(rig.device("3f007000.dma-controller"), RING);
                Channel[] rx = new Channel[1];
                rx[0] =
                        receiving(
                                ring,
                                () -> {
                                    received++;
                                    rx[0].terminateAsync();
                                });
                rig.await(() -> received == 1);
                rx[0].synchronize();
                rig.sched.msleep(5);
                assertThat(received).isEqualTo(1);
                rig.engine.release(rx[0]);
            });
        }

        @Test
        void aPeriodThatDoesNotDivideTheRingIsWarnedOfOnce() {
            rig.run(() -> {
                CoherentBuffer ring = rig.coherent(rig.device("3f007000.dma-controller"), RING);
                Channel rx = rx();
                for (int i = 0; i < 2; i++) {
                    rx.prepCyclic(ring.dma(), 4096, 1000, TransferDirection.DEV_TO_MEM, FLAGS);
                }
                rx.terminateSync();
            });
            assertThat(rig.log.buffer().texts())
                    .filteredOn(line ->
                            line.endsWith(
                                    "bcm2835_dma_prep_dma_cyclic: buffer_length (4096) is"
                                            + " not a multiple of period_len (1000)"))
                    .hasSize(1);
        }

        @Test
        void aSourceThatDoesNotAnswerEndsInErrorAndIsTold() {
            rig.run(() -> {
                CoherentBuffer ring = rig.coherent(rig.device("3f007000.dma-controller"), RING);
                Channel rx = configured("rx", 0x3f70_0000L);
                List<TransferResult> heard = new ArrayList<>();
                int cookie =
                        rx.prepCyclic(ring.dma(), RING, PERIOD, TransferDirection.DEV_TO_MEM, FLAGS)
                                .callbackResult((result, residue) -> heard.add(result))
                                .submit();
                runLine(Ctrl.SOURCE);
                rx.issuePending();
                rig.await(() -> heard.size() == 1);
                assertThat(heard).containsExactly(TransferResult.READ_FAILED);
                assertThat(rx.txStatus(cookie, null)).isEqualTo(DmaStatus.ERROR);
                rx.terminateSync();
            });
        }
    }

    @Nested
    class Refuses {
        private void refuses(Channel chan, TransferDirection direction) {
            assertThatThrownBy(() -> chan.prepSlaveSingle(0xc000_0000L, 64, direction, FLAGS))
                    .isInstanceOfSatisfying(
                            DmaException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        }

        @Test
        void directionsItHasNot() {
            rig.run(() -> {
                Channel chan = tx();
                refuses(chan, TransferDirection.DEV_TO_DEV);
                refuses(chan, TransferDirection.MEM_TO_MEM);
                refuses(chan, TransferDirection.NONE);
            });
            assertThat(rig.log.buffer().texts())
                    .anyMatch(line -> line.endsWith("bcm2835_dma_prep_slave_sg: bad direction?"));
        }

        @Test
        void widthsItHasNot() {
            rig.run(() -> {
                Channel chan = rig.engine.requestChan(rig.client(), "tx");
                refuses(chan, TransferDirection.MEM_TO_DEV);
                chan.slaveConfig(SlaveConfig.toDevice(DATA, BusWidth.BYTES_2, 1));
                refuses(chan, TransferDirection.MEM_TO_DEV);
            });
        }

        @Test
        void ringsAndListsOfNothing() {
            rig.run(() -> {
                Channel chan = tx();
                assertThatThrownBy(() ->
                                chan.prepCyclic(
                                        0xc000_0000L, 0, 64, TransferDirection.MEM_TO_DEV, FLAGS))
                        .isInstanceOf(DmaException.class);
                assertThatThrownBy(() ->
                                chan.prepCyclic(
                                        0xc000_0000L, 64, 0, TransferDirection.MEM_TO_DEV, FLAGS))
                        .isInstanceOf(DmaException.class);
                assertThatThrownBy(() ->
                                chan.prepSlaveSg(
                                        new Scatterlist(1), 0, TransferDirection.MEM_TO_DEV, FLAGS))
                        .isInstanceOf(DmaException.class);
                assertThatThrownBy(() ->
                                chan.prepSlaveSg(
                                        new Scatterlist(1), 2, TransferDirection.MEM_TO_DEV, FLAGS))
                        .isInstanceOf(DmaException.class);
            });
        }

        @Test
        void moreControlBlocksThanAChannelMayHave() {
            rig.run(() -> {
                for (int full = 0; full < 7; full++) {
                    rig.memcpyChannel();
                }
                Channel lite = tx();
                long most = 1 << 16;
                lite.prepMemcpy(0x1_0000, 0x2_0000, most * 65_532, FLAGS);
                lite.terminateSync();
                ring(lite, most);
                lite.terminateSync();
                assertThatThrownBy(() -> ring(lite, most + 1))
                        .isInstanceOfSatisfying(
                                DmaException.class,
                                e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
                rig.engine.release(lite);
            });
        }

        private void ring(Channel chan, long words) {
            chan.prepCyclic(0xc000_0000L, 4 * words, 4, TransferDirection.MEM_TO_DEV, FLAGS);
        }
    }

    @Test
    void capsAreThoseOfTheChip() {
        rig.run(() -> {
            SlaveCaps caps = tx().slaveCaps();
            assertThat(caps.sourceWidths()).containsExactly(BusWidth.BYTES_4);
            assertThat(caps.destinationWidths()).containsExactly(BusWidth.BYTES_4);
            assertThat(caps.directions())
                    .containsExactly(
                            TransferDirection.MEM_TO_MEM,
                            TransferDirection.MEM_TO_DEV,
                            TransferDirection.DEV_TO_MEM);
            assertThat(caps.canPause()).isTrue();
            assertThat(caps.canTerminate()).isTrue();
            assertThat(caps.descriptorReuse()).isTrue();
        });
    }
}
