package dmakit.board.axidmac;

import static dmakit.board.axidmac.AxiDmacRig.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sync.Completion;
import dmakit.machine.bus.Target;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The AXI-DMACs of board {@code zynqmp}, and Linux's driver for them. */
class AxiDmacTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;

    /** What one core reads, the other one writes. */
    private static void loop(AxiDmacRig rig, Channel tx, Channel rx, int size) {
        byte[] sent = bytes(size, size);
        long from = rig.buffer(sent);
        long to = rig.buffer(size);
        long source = rig.map(tx, from, size, DmaDirection.TO_DEVICE);
        long target = rig.map(rx, to, size, DmaDirection.FROM_DEVICE);
        Completion received =
                rig.start(rx.prepSlaveSingle(target, size, TransferDirection.DEV_TO_MEM, FLAGS));
        Completion gone =
                rig.start(tx.prepSlaveSingle(source, size, TransferDirection.MEM_TO_DEV, FLAGS));
        assertThat(rig.comes(gone)).isTrue();
        assertThat(rig.comes(received)).isTrue();
        rig.unmap(tx, source, size, DmaDirection.TO_DEVICE);
        rig.unmap(rx, target, size, DmaDirection.FROM_DEVICE);
        assertThat(rig.load(to, size)).isEqualTo(sent);
        rig.free(from);
        rig.free(to);
    }

    @ParameterizedTest
    @CsvSource({
        "zynqmp, '', ''",
        "zynqmp, '', swiotlb=force",
        "zynqmp, '&amba_pl { dma-coherent; };', ''",
        "zynqmp-smmu, '', iommu.strict=1",
        "zynqmp-smmu, '', iommu.strict=0",
        "zynqmp, '" + AxiDmacRig.SCATTER_GATHER + "', ''",
        "zynqmp, '" + AxiDmacRig.SCATTER_GATHER + "', swiotlb=force",
        "zynqmp-smmu, '" + AxiDmacRig.SCATTER_GATHER + "', iommu.strict=1"
    })
    void transfersOfAllSizesGoFromOneToTheOther(String board, String overlay, String commandLine) {
        try (AxiDmacRig rig = new AxiDmacRig(board, overlay, commandLine)) {
            rig.run(() -> {
                Channel tx = rig.channel("tx");
                Channel rx = rig.channel("rx");
                for (int size : new int[] {8, 64, 128, 136, 4096, 40_000}) {
                    loop(rig, tx, rx, size);
                }
                for (int i = 0; i < 100; i++) {
                    loop(rig, tx, rx, 64);
                }
                rig.release(tx, rx);
            });
            assertThat(rig.kernel.findings().all()).isEmpty();
        }
    }

    /** A buffer that a transfer of the pair uses, mapped for its core. */
    private record Lent(AxiDmacRig rig, Channel channel, long va, long dma, int size, boolean out)
            implements AutoCloseable {
        static Lent out(AxiDmacRig rig, Channel channel, byte[] content) {
            long va = rig.buffer(content);
            return new Lent(
                    rig,
                    channel,
                    va,
                    rig.map(channel, va, content.length, DmaDirection.TO_DEVICE),
                    content.length,
                    true);
        }

        static Lent in(AxiDmacRig rig, Channel channel, int size) {
            long va = rig.buffer(new byte[size]);
            return new Lent(
                    rig,
                    channel,
                    va,
                    rig.map(channel, va, size, DmaDirection.FROM_DEVICE),
                    size,
                    false);
        }

        /** Takes the buffer back and says what is in it. */
        byte[] takeBack() {
            rig.unmap(channel, dma, size, out ? DmaDirection.TO_DEVICE : DmaDirection.FROM_DEVICE);
            byte[] content = rig.load(va, size);
            rig.free(va);
            return content;
        }

        @Override
        public void close() {
            takeBack();
        }
    }

    private static byte[] join(byte[]... pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            all.writeBytes(piece);
        }
        return all.toByteArray();
    }

    @Nested
    class Lists {
        @ParameterizedTest
        @ValueSource(strings = {"", AxiDmacRig.SCATTER_GATHER})
        void goOutAsOnePacketAndComeAsOneTransfer(String overlay) {
            try (AxiDmacRig rig = new AxiDmacRig("zynqmp", overlay, "")) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    Channel rx = rig.channel("rx");
                    int[] sizes = {64, 8, 4096, 1000, 24, 8, 8, 512};
                    List<Lent> pieces = new ArrayList<>();
                    long[] dmas = new long[sizes.length];
                    long[] lengths = new long[sizes.length];
                    byte[] all = new byte[0];
                    for (int i = 0; i < sizes.length; i++) {
                        byte[] content = bytes(sizes[i], i);
                        all = join(all, content);
                        pieces.add(Lent.out(rig, tx, content));
                        dmas[i] = pieces.get(i).dma();
                        lengths[i] = sizes[i];
                    }
                    try (Lent first = Lent.in(rig, rx, 4096);
                            Lent second = Lent.in(rig, rx, all.length - 4096)) {
                        Scatterlist list = new Scatterlist(2);
                        list.setDma(0, first.dma(), 4096);
                        list.setDma(1, second.dma(), second.size());
                        Completion received =
                                rig.start(
                                        rx.prepSlaveSg(
                                                list, 2, TransferDirection.DEV_TO_MEM, FLAGS));
                        Completion gone =
                                rig.start(
                                        tx.prepPeripheralVec(
                                                dmas,
                                                lengths,
                                                TransferDirection.MEM_TO_DEV,
                                                FLAGS));
                        assertThat(rig.comes(gone)).isTrue();
                        assertThat(rig.comes(received)).isTrue();
                        rig.kernel
                                .dma()
                                .syncSingleForCpu(
                                        rx.device().dev(),
                                        first.dma(),
                                        first.size(),
                                        DmaDirection.FROM_DEVICE);
                        assertThat(rig.load(first.va(), 4096)).isEqualTo(Arrays.copyOf(all, 4096));
                        rig.kernel
                                .dma()
                                .syncSingleForCpu(
                                        rx.device().dev(),
                                        second.dma(),
                                        second.size(),
                                        DmaDirection.FROM_DEVICE);
                        assertThat(rig.load(second.va(), second.size()))
                                .isEqualTo(Arrays.copyOfRange(all, 4096, all.length));
                    }
                    pieces.forEach(Lent::close);
                    rig.release(tx, rx);
                });
                assertThat(rig.kernel.findings().all()).isEmpty();
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", AxiDmacRig.SCATTER_GATHER})
        void issuedTogetherEndInOrder(String overlay) {
            List<Integer> heard = new ArrayList<>();
            try (AxiDmacRig rig = new AxiDmacRig("zynqmp", overlay, "")) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    Channel rx = rig.channel("rx");
                    int count = 30;
                    byte[] content = bytes(64 * count, 1);
                    try (Lent from = Lent.out(rig, tx, content);
                            Lent to = Lent.in(rig, rx, content.length)) {
                        Completion received =
                                rig.start(
                                        rx.prepSlaveSingle(
                                                to.dma(), 64, TransferDirection.DEV_TO_MEM, FLAGS));
                        for (int i = 1; i < count; i++) {
                            int number = i;
                            rx.prepSlaveSingle(
                                            to.dma() + 64L * i,
                                            64,
                                            TransferDirection.DEV_TO_MEM,
                                            FLAGS)
                                    .callback(() -> heard.add(number))
                                    .submit();
                        }
                        rx.issuePending();
                        for (int i = 0; i < count; i++) {
                            tx.prepSlaveSingle(
                                            from.dma() + 64L * i,
                                            64,
                                            TransferDirection.MEM_TO_DEV,
                                            FLAGS)
                                    .submit();
                        }
                        tx.issuePending();
                        assertThat(rig.comes(received)).isTrue();
                        rig.pause(1000);
                        rig.kernel
                                .dma()
                                .syncSingleForCpu(
                                        rx.device().dev(),
                                        to.dma(),
                                        to.size(),
                                        DmaDirection.FROM_DEVICE);
                        assertThat(rig.load(to.va(), to.size())).isEqualTo(content);
                    }
                    rig.release(tx, rx);
                });
            }
            assertThat(heard).hasSize(29).isSorted();
        }

        @Test
        void longerThanTheCoreCountsAreCut() {
            try (AxiDmacRig rig =
                    new AxiDmacRig(
                            "zynqmp",
                            """
                            &{/amba-pl/dma-controller@a0040000/adi,channels/dma-channel@0} {
                                adi,length-width = <10>;
                            };
                            """,
                            "")) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    Channel rx = rig.channel("rx");
                    loop(rig, tx, rx, 10_000);
                    rig.release(tx, rx);
                });
                assertThat(rig.kernel.findings().all()).isEmpty();
            }
        }

        @Test
        void thatTheCoreCannotDoAreRefused() {
            try (AxiDmacRig rig = new AxiDmacRig()) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    long[] dma = {0x1000};
                    long[] odd = {0x1004};
                    long[] eight = {8};
                    for (Runnable refused :
                            List.<Runnable>of(
                                    () ->
                                            tx.prepPeripheralVec(
                                                    dma,
                                                    eight,
                                                    TransferDirection.DEV_TO_MEM,
                                                    FLAGS),
                                    () ->
                                            tx.prepPeripheralVec(
                                                    odd,
                                                    eight,
                                                    TransferDirection.MEM_TO_DEV,
                                                    FLAGS),
                                    () ->
                                            tx.prepSlaveSingle(
                                                    0x1000,
                                                    12,
                                                    TransferDirection.MEM_TO_DEV,
                                                    FLAGS),
                                    () ->
                                            tx.prepCyclic(
                                                    0x1000,
                                                    64,
                                                    24,
                                                    TransferDirection.MEM_TO_DEV,
                                                    FLAGS))) {
                        assertThatThrownBy(refused::run)
                                .isInstanceOfSatisfying(
                                        DmaException.class,
                                        e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
                    }
                    rig.release(tx);
                });
            }
        }

        @Test
        void ofMorePiecesThanThereMayBeAreRefused() {
            try (AxiDmacRig rig = new AxiDmacRig()) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    long size = ((1L << 16) + 1) * 8;
                    assertThatThrownBy(() ->
                                    tx.prepCyclic(
                                            0x1000, size, 8, TransferDirection.MEM_TO_DEV, FLAGS))
                            .isInstanceOf(DmaException.class)
                            .hasMessageContaining("more than 65536 pieces");
                    rig.release(tx);
                });
            }
        }
    }

    @Nested
    class PacketsThatEndEarly {
        @Test
        void completeWithWhatIsLeft() {
            int[] residue = {-1};
            try (AxiDmacRig rig = new AxiDmacRig()) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    Channel rx = rig.channel("rx");
                    byte[] content = bytes(200, 5);
                    Lent from = Lent.out(rig, tx, content);
                    Lent to = Lent.in(rig, rx, 4096);
                    Completion received = rig.completion();
                    rx.prepSlaveSingle(to.dma(), 4096, TransferDirection.DEV_TO_MEM, FLAGS)
                            .callbackResult((result, left) -> {
                                assertThat(result).isEqualTo(TransferResult.NOERROR);
                                residue[0] = left;
                                received.complete();
                            })
                            .submit();
                    rx.issuePending();
                    rig.start(
                            tx.prepSlaveSingle(
                                    from.dma(), 200, TransferDirection.MEM_TO_DEV, FLAGS));
                    assertThat(rig.comes(received)).isTrue();
                    from.close();
                    assertThat(Arrays.copyOf(to.takeBack(), 200)).isEqualTo(content);
                    loop(rig, tx, rx, 4096);
                    rig.release(tx, rx);
                });
                assertThat(rig.kernel.findings().all()).isEmpty();
            }
            assertThat(residue[0]).isEqualTo(4096 - 200);
        }

        @Test
        void leaveTheOtherEntriesOfTheListAlone() {
            int[] residue = {-1};
            try (AxiDmacRig rig = new AxiDmacRig()) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    Channel rx = rig.channel("rx");
                    Lent from = Lent.out(rig, tx, bytes(200, 6));
                    Lent to = Lent.in(rig, rx, 6 * 1024);
                    Scatterlist list = new Scatterlist(6);
                    for (int i = 0; i < 6; i++) {
                        list.setDma(i, to.dma() + 1024L * i, 1024);
                    }
                    Completion received = rig.completion();
                    rx.prepSlaveSg(list, 6, TransferDirection.DEV_TO_MEM, FLAGS)
                            .callbackResult((result, left) -> {
                                residue[0] = left;
                                received.complete();
                            })
                            .submit();
                    rx.issuePending();
                    rig.start(
                            tx.prepSlaveSingle(
                                    from.dma(), 200, TransferDirection.MEM_TO_DEV, FLAGS));
                    assertThat(rig.comes(received)).isTrue();
                    from.close();
                    byte[] content = to.takeBack();
                    assertThat(Arrays.copyOfRange(content, 200, content.length)).containsOnly(0);
                    loop(rig, tx, rx, 2048);
                    rig.release(tx, rx);
                });
            }
            assertThat(residue[0]).isEqualTo(6 * 1024 - 200);
        }
    }

    @Nested
    class Rings {
        /** Long enough for the CPU to keep up with the core. */
        private static final int RING = 1 << 17;

        @Test
        void callBackForEachPeriodUntilTheyAreTerminated() {
            int[] periods = new int[1];
            try (AxiDmacRig rig = new AxiDmacRig()) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    Channel rx = rig.channel("rx");
                    byte[] content = bytes(RING, 7);
                    Lent from = Lent.out(rig, tx, content);
                    Lent to = Lent.in(rig, rx, RING);
                    Completion all = rig.completion();
                    rx.prepCyclic(to.dma(), RING, RING / 4, TransferDirection.DEV_TO_MEM, FLAGS)
                            .callback(() -> {
                                if (++periods[0] == 12) {
                                    all.complete();
                                }
                            })
                            .submit();
                    rx.issuePending();
                    // No callback: the core goes around by itself.
                    tx.prepCyclic(from.dma(), RING, RING, TransferDirection.MEM_TO_DEV, FLAGS)
                            .submit();
                    tx.issuePending();
                    assertThat(rig.comes(all)).isTrue();
                    rx.terminateSync();
                    int heard = periods[0];
                    tx.terminateSync();
                    rig.pause(500);
                    assertThat(periods[0]).isEqualTo(heard);
                    from.close();
                    assertThat(to.takeBack()).isEqualTo(content);
                    rig.release(tx, rx);
                });
                assertThat(rig.kernel.findings().all()).isEmpty();
            }
        }

        @Test
        void ofChainsTellOncePerRound() {
            int[] rounds = new int[1];
            try (AxiDmacRig rig = new AxiDmacRig("zynqmp", AxiDmacRig.SCATTER_GATHER, "")) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    Channel rx = rig.channel("rx");
                    byte[] content = bytes(RING, 8);
                    Lent from = Lent.out(rig, tx, content);
                    Lent to = Lent.in(rig, rx, RING);
                    Completion all = rig.completion();
                    rx.prepCyclic(to.dma(), RING, RING / 4, TransferDirection.DEV_TO_MEM, FLAGS)
                            .callback(() -> {
                                if (++rounds[0] == 3) {
                                    all.complete();
                                }
                            })
                            .submit();
                    rx.issuePending();
                    tx.prepCyclic(from.dma(), RING, RING / 4, TransferDirection.MEM_TO_DEV, FLAGS)
                            .submit();
                    tx.issuePending();
                    assertThat(rig.comes(all)).isTrue();
                    rx.terminateSync();
                    tx.terminateSync();
                    from.close();
                    assertThat(to.takeBack()).isEqualTo(content);
                    rig.release(tx, rx);
                });
                assertThat(rig.kernel.findings().all()).isEmpty();
            }
        }
    }

    @Nested
    class TransfersThatRepeat {
        private static final int REPEAT = PrepFlags.REPEAT;
        private static final int LOAD_EOT = PrepFlags.LOAD_EOT;

        /** A vector that repeats, and one behind it; whether the second one ends. */
        private boolean isReplaced(
                AxiDmacRig rig, boolean heard, int flagsOfSecond, byte[] first, byte[] second) {
            boolean[] ended = new boolean[1];
            rig.run(() -> {
                Channel tx = rig.channel("tx");
                Lent repeated = Lent.out(rig, tx, first);
                Lent other = Lent.out(rig, tx, second);
                int[] rounds = new int[1];
                Descriptor desc =
                        tx.prepPeripheralVec(
                                new long[] {repeated.dma()},
                                new long[] {first.length},
                                TransferDirection.MEM_TO_DEV,
                                FLAGS | REPEAT);
                if (heard) {
                    desc.callback(() -> rounds[0]++);
                }
                int cookie = desc.submit();
                tx.issuePending();
                Channel rx = rig.channel("rx");
                Lent sink = Lent.in(rig, rx, first.length);
                rx.prepCyclic(
                                sink.dma(),
                                first.length,
                                first.length,
                                TransferDirection.DEV_TO_MEM,
                                FLAGS)
                        .submit();
                rx.issuePending();
                rig.pause(500);
                assertThat(tx.txStatus(cookie, new TxState())).isEqualTo(DmaStatus.IN_PROGRESS);
                assertThat(rounds[0] > 2).isEqualTo(heard);
                Completion done =
                        rig.start(
                                tx.prepPeripheralVec(
                                        new long[] {other.dma()},
                                        new long[] {second.length},
                                        TransferDirection.MEM_TO_DEV,
                                        FLAGS | flagsOfSecond));
                ended[0] = rig.comes(done);
                if (ended[0]) {
                    assertThat(tx.txStatus(cookie, new TxState())).isEqualTo(DmaStatus.COMPLETE);
                }
                tx.terminateSync();
                rx.terminateSync();
                repeated.close();
                other.close();
                sink.close();
                rig.release(tx, rx);
            });
            return ended[0];
        }

        @ParameterizedTest
        @CsvSource({
            "'', true",
            "'', false",
            "'" + AxiDmacRig.SCATTER_GATHER + "', true",
            "'" + AxiDmacRig.SCATTER_GATHER + "', false"
        })
        void endWhenOneComesToTakeTheirPlace(String overlay, boolean heard) {
            try (AxiDmacRig rig = new AxiDmacRig("zynqmp", overlay, "")) {
                assertThat(isReplaced(rig, heard, LOAD_EOT, bytes(1 << 16, 9), bytes(64, 10)))
                        .isTrue();
                assertThat(rig.kernel.findings().all()).isEmpty();
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void areNotReplacedByOneThatDoesNotSaySo(boolean heard) {
            try (AxiDmacRig rig = new AxiDmacRig()) {
                assertThat(isReplaced(rig, heard, 0, bytes(1 << 16, 11), bytes(64, 12))).isFalse();
                assertThat(rig.said("Discarding non EOT transfer after cyclic")).isTrue();
                assertThat(rig.kernel.findings().all())
                        .anySatisfy(finding ->
                                assertThat(finding.message()).contains("DMA_PREP_LOAD_EOT"));
            }
        }
    }

    @Nested
    class Rows {
        private static final int ROWS = 6;

        private byte[] copied(AxiDmacRig rig, int flags, boolean ends) {
            byte[][] result = new byte[1][];
            rig.run(() -> {
                Channel copy = rig.channel("copy");
                Lent from = Lent.out(rig, copy, bytes(ROWS * 256, 13));
                Lent to = Lent.in(rig, copy, ROWS * 128);
                Descriptor desc =
                        copy.prepInterleaved(
                                InterleavedTemplate.rectangle(
                                        from.dma(), to.dma(), ROWS, 120, 136, 8),
                                flags);
                int[] rounds = new int[1];
                int cookie = desc.callback(() -> rounds[0]++).submit();
                copy.issuePending();
                rig.pause(200);
                assertThat(copy.txStatus(cookie, new TxState()) == DmaStatus.COMPLETE)
                        .isEqualTo(ends);
                assertThat(rounds[0] == 1).isEqualTo(ends);
                copy.terminateSync();
                from.close();
                result[0] = to.takeBack();
                rig.release(copy);
            });
            return result[0];
        }

        @ParameterizedTest
        @CsvSource({"zynqmp, ''", "zynqmp, swiotlb=force", "zynqmp-smmu, ''"})
        void areCopiedOnce(String board, String commandLine) {
            byte[] content = bytes(ROWS * 256, 13);
            try (AxiDmacRig rig = new AxiDmacRig(board, "", commandLine)) {
                byte[] copied = copied(rig, 0, true);
                for (int row = 0; row < ROWS; row++) {
                    assertThat(Arrays.copyOfRange(copied, 128 * row, 128 * row + 120))
                            .isEqualTo(Arrays.copyOfRange(content, 256 * row, 256 * row + 120));
                    assertThat(Arrays.copyOfRange(copied, 128 * row + 120, 128 * row + 128))
                            .containsOnly(0);
                }
                assertThat(rig.kernel.findings().all()).isEmpty();
            }
        }

        /** Linux's driver takes a capability's number for a flag. */
        @Test
        void goAroundWhenTheClientWantsToHearOfThem() {
            try (AxiDmacRig rig = new AxiDmacRig()) {
                copied(rig, FLAGS, false);
            }
        }

        @Test
        void areRefusedWithTheFlagToRepeat() {
            try (AxiDmacRig rig = new AxiDmacRig()) {
                rig.run(() -> {
                    Channel copy = rig.channel("copy");
                    assertThatThrownBy(() ->
                                    copy.prepInterleaved(
                                            InterleavedTemplate.rectangle(
                                                    0x1000, 0x2000, 2, 8, 0, 0),
                                            PrepFlags.REPEAT))
                            .isInstanceOf(DmaException.class)
                            .hasMessageContaining("does not repeat");
                    rig.release(copy);
                });
            }
        }
    }

    @Nested
    class Leaving {
        @Test
        void terminatedTransfersCallNobodyAndTheNextOneRuns() {
            int[] heard = new int[1];
            try (AxiDmacRig rig = new AxiDmacRig()) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    Channel rx = rig.channel("rx");
                    Lent to = Lent.in(rig, rx, 4096);
                    rx.prepSlaveSingle(to.dma(), 4096, TransferDirection.DEV_TO_MEM, FLAGS)
                            .callback(() -> heard[0]++)
                            .submit();
                    rx.issuePending();
                    rig.pause(50);
                    rx.terminateSync();
                    to.close();
                    loop(rig, tx, rx, 4096);
                    rig.release(tx, rx);
                });
                assertThat(rig.kernel.findings().all()).isEmpty();
            }
            assertThat(heard[0]).isZero();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", AxiDmacRig.SCATTER_GATHER})
        void aDriverThatLeavesInTheMidstStopsTheCore(String overlay) {
            try (AxiDmacRig rig = new AxiDmacRig("zynqmp", overlay, "")) {
                rig.run(() -> {
                    Channel tx = rig.channel("tx");
                    Lent from = Lent.out(rig, tx, bytes(8192, 14));
                    tx.prepCyclic(from.dma(), 8192, 1024, TransferDirection.MEM_TO_DEV, FLAGS)
                            .callback(() -> {})
                            .submit();
                    tx.issuePending();
                    rig.pause(30);
                    rig.kernel.platform().unbind(rig.device(AxiDmacRig.TX));
                    from.close();
                    rig.release(tx);
                    rig.kernel.platform().unbind(rig.device(AxiDmacRig.RX));
                });
                Target core = rig.simulation.machine().bus().rangeAt(0xa004_0000L).target();
                assertThat(core.read(AxiDmacRegister.CONTROL.offset(), 4)).isZero();
                // What its client had mapped is the client's mistake.
                assertThat(rig.kernel.findings().all())
                        .extracting(Finding::id)
                        .doesNotContain(FindingId.DEVICE_UNMAPPED_ACCESS, FindingId.POOL_BUSY);
            }
        }
    }
}
