package dmakit.board.pl330;

import static dmakit.board.pl330.Pl330System.FLAGS;
import static dmakit.board.pl330.Pl330System.bytes;
import static dmakit.board.pl330.Pl330System.dev;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.kernel.DmaException;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The mSGDMA of board {@code stratix10}, and Linux's driver for it. */
class MsgdmaBoardTest {
    private static final String CORE = "f9000000.dma-controller";

    private Pl330System system = new Pl330System();

    @AfterEach
    void close() {
        system.close();
    }

    private void behindTheSmmu() {
        system.close();
        system =
                new Pl330System(
                        Board.of("stratix10-smmu")
                                .withOverlay(
                                        "/dts-v1/; /plugin/; &msgdma { iommus = <&smmu 9>; };",
                                        "smmu.dtso"),
                        "");
    }

    private Channel channel() {
        return system.kernel
                .dmaEngine()
                .requestChannel(
                        Capabilities.of(TransactionType.MEMCPY),
                        channel -> channel.device().dev().name().equals(CORE))
                .orElseThrow();
    }

    private void copies(Channel chan, int size) {
        byte[] data = bytes(size, size);
        long from = system.buffer(size);
        long to = system.buffer(size);
        system.store(from, data);
        long src = system.map(chan, from, size, DmaDirection.TO_DEVICE);
        long dst = system.map(chan, to, size, DmaDirection.FROM_DEVICE);
        assertThat(system.finishes(chan.prepMemcpy(dst, src, size, FLAGS))).isTrue();
        system.unmap(chan, dst, size, DmaDirection.FROM_DEVICE);
        system.unmap(chan, src, size, DmaDirection.TO_DEVICE);
        assertThat(system.load(to, size)).isEqualTo(data);
        system.free(from, size);
        system.free(to, size);
    }

    @Test
    void theDriverSaysThatItIsThere() {
        assertThat(system.said("altera-msgdma " + CORE + ": Altera mSGDMA driver probe success"))
                .isTrue();
    }

    @Test
    void aCoreWithoutOneOfItsBlocksIsRefused() {
        assertThatThrownBy(() ->
                        new Pl330System(
                                Board.of("stratix10")
                                        .withOverlay(
                                                "/dts-v1/; /plugin/; &msgdma { reg-names ="
                                                        + " \"csr\", \"desc\"; };",
                                                "names.dtso"),
                                ""))
                .hasMessageContaining("resp");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 63, 4096, 70_001, 1 << 20})
    void copiesOfAnyLengthArrive(int size) {
        system.run(() -> {
            Channel chan = channel();
            copies(chan, size);
            system.release(chan);
        });
    }

    @Test
    void copiesArriveBehindAnIommu() {
        behindTheSmmu();
        system.run(() -> {
            Channel chan = channel();
            copies(chan, 70_001);
            system.release(chan);
            system.kernel.platform().unbind(system.device(CORE));
        });
    }

    @Test
    void transfersIssuedTogetherAllEndInOrder() {
        List<Integer> heard = new ArrayList<>();
        system.run(() -> {
            Channel chan = channel();
            CoherentBuffer buffer = system.kernel.dma().allocCoherent(dev(chan), 4096, Gfp.KERNEL);
            for (int i = 0; i < 200; i++) {
                int number = i;
                chan.prepMemcpy(buffer.dma() + 2048, buffer.dma(), 64, FLAGS)
                        .callback(() -> heard.add(number))
                        .submit();
            }
            assertThat(
                            system.finishes(
                                    chan.prepMemcpy(buffer.dma() + 2048, buffer.dma(), 8, FLAGS)))
                    .isTrue();
            system.kernel.dma().freeCoherent(dev(chan), buffer);
            system.release(chan);
        });
        assertThat(heard).isSorted().hasSize(200);
    }

    @Test
    void listsLongerThanTheCoreHoldsReachARegister() {
        int entries = 300;
        int[] sum = new int[1];
        system.run(() -> {
            Channel chan = channel();
            chan.slaveConfig(SlaveConfig.toDevice(Pl330System.DATA, BusWidth.BYTES_4, 1));
            CoherentBuffer buffer =
                    system.kernel.dma().allocCoherent(dev(chan), entries * 8L, Gfp.KERNEL);
            byte[] data = new byte[entries * 8];
            Scatterlist list = new Scatterlist(entries);
            for (int i = 0; i < entries; i++) {
                data[8 * i] = (byte) i;
                data[8 * i + 4] = 1;
                sum[0] += (i & 0xff) + 1;
                list.setDma(i, buffer.dma() + 8L * i, 8);
            }
            system.store(buffer.va(), data);
            system.fifo(LoopbackFifoRegister.RATE, 1_000_000_000);
            system.fifo(LoopbackFifoRegister.CTRL, Ctrl.ENABLE.mask());
            assertThat(
                            system.finishes(
                                    chan.prepSlaveSg(
                                            list, entries, TransferDirection.MEM_TO_DEV, FLAGS)))
                    .isTrue();
            system.kernel.sched().usleepRange(10, 10);
            system.kernel.dma().freeCoherent(dev(chan), buffer);
            system.release(chan);
        });
        assertThat(system.fifo(LoopbackFifoRegister.TX_OVERRUNS)).isZero();
        assertThat(system.fifo(LoopbackFifoRegister.TX_SUM)).isEqualTo(sum[0]);
    }

    @Test
    void aRefusedAccessIsInTheResultAndTheNextTransferRuns() {
        List<TransferResult> results = new ArrayList<>();
        int[] residue = new int[1];
        system.run(() -> {
            Channel chan = channel();
            CoherentBuffer to = system.kernel.dma().allocCoherent(dev(chan), 64, Gfp.KERNEL);
            Completion done = new Completion(system.kernel.sched());
            chan.prepMemcpy(to.dma(), 0xc000_0000L, 64, FLAGS)
                    .callbackResult((result, left) -> {
                        results.add(result);
                        residue[0] = left;
                        done.complete();
                    })
                    .submit();
            chan.issuePending();
            assertThat(done.waitForTimeout(Jiffies.ofMillis(100))).isNotZero();
            copies(chan, 4096);
            system.kernel.dma().freeCoherent(dev(chan), to);
            system.release(chan);
        });
        assertThat(results).containsExactly(TransferResult.READ_FAILED);
        assertThat(residue[0]).isEqualTo(64);
    }

    @Test
    void terminatingResetsTheCoreAndUnbindingLeavesNothing() {
        int[] heard = new int[1];
        system.run(() -> {
            Channel chan = channel();
            CoherentBuffer buffer =
                    system.kernel.dma().allocCoherent(dev(chan), 1 << 20, Gfp.KERNEL);
            Descriptor desc =
                    chan.prepMemcpy(buffer.dma() + (1 << 19), buffer.dma(), 1 << 19, FLAGS);
            int cookie = desc.callback(() -> heard[0]++).submit();
            chan.issuePending();
            system.kernel.sched().usleepRange(20, 20);
            assertThat(chan.txStatus(cookie, new TxState())).isEqualTo(DmaStatus.IN_PROGRESS);
            chan.terminateSync();
            system.kernel.sched().usleepRange(5000, 5000);
            copies(chan, 4096);
            system.kernel.dma().freeCoherent(dev(chan), buffer);
            system.release(chan);
            system.kernel.platform().unbind(system.device(CORE));
        });
        assertThat(heard[0]).isZero();
        assertThat(system.said("Altera mSGDMA driver removed")).isTrue();
    }

    @Test
    void aTransferMayTakeNoMoreDescriptorsThanThereAre() {
        system.run(() -> {
            Channel chan = channel();
            chan.slaveConfig(SlaveConfig.toDevice(Pl330System.DATA, BusWidth.BYTES_4, 1));
            Scatterlist list = new Scatterlist(1025);
            for (int i = 0; i < 1025; i++) {
                list.setDma(i, 0x1000, 4);
            }
            assertThatThrownBy(
                            () -> chan.prepSlaveSg(list, 1025, TransferDirection.MEM_TO_DEV, FLAGS))
                    .isInstanceOf(DmaException.class)
                    .hasMessageContaining("1025 descriptors, 1024 are free");
            system.release(chan);
        });
    }
}
