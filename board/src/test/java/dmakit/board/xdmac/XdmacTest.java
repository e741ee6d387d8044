package dmakit.board.xdmac;

import static dmakit.board.xdmac.XdmacSystem.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.InterleavedTemplate.Chunk;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.SlaveCaps;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.mapping.OwnershipViolation;
import dmakit.kernel.module.BuiltInModule;
import dmakit.kernel.scatterlist.Scatterlist;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class XdmacTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;
    private static final int SIZE = 8192;
    private static final int RATE = 40_000_000;
    private static final byte PATTERN = (byte) 0xa5;

    private final XdmacSystem system = new XdmacSystem();
    private int calls;

    @AfterEach
    void close() {
        system.close();
    }

    @Test
    void theDriverSaysWhatItFound() {
        assertThat(system.log)
                .anyMatch(line ->
                        line.endsWith(
                                "at_xdmac e0068000.dma-controller: 16 channels, mapped at"
                                        + " 0xe0068000"));
        system.run(() -> {
            SlaveCaps caps = system.rx().slaveCaps();
            assertThat(caps.residueGranularity()).isEqualTo(ResidueGranularity.BURST);
            assertThat(caps.directions())
                    .containsExactly(TransferDirection.MEM_TO_DEV, TransferDirection.DEV_TO_MEM);
            assertThat(caps.canPause() && caps.canResume() && caps.canTerminate()).isTrue();
            assertThat(caps.descriptorReuse()).isFalse();
        });
    }

    // Memory.

    /** Fills two buffers, has something done to the second, and answers what it holds then. */
    private byte[] into(TransactionType type, int seed, Operation operation) {
        byte[][] result = new byte[1][];
        system.run(() -> {
            Channel channel = system.channel(type);
            long source = system.buffer(SIZE);
            long dest = system.buffer(SIZE);
            system.store(source, bytes(SIZE, seed));
            system.store(dest, bytes(SIZE, seed + 100));
            long from = system.map(channel, source, SIZE, DmaDirection.TO_DEVICE);
            long to = system.map(channel, dest, SIZE, DmaDirection.BIDIRECTIONAL);
            system.complete(channel, operation.prepare(channel, from, to));
            system.unmap(channel, to, SIZE, DmaDirection.BIDIRECTIONAL);
            system.unmap(channel, from, SIZE, DmaDirection.TO_DEVICE);
            result[0] = system.load(dest, SIZE);
            system.kernel.dmaEngine().release(channel);
        });
        return result[0];
    }

    @FunctionalInterface
    private interface Operation {
        Descriptor prepare(Channel channel, long from, long to);
    }

    @Test
    void copiesAnyBytesToAnywhere() {
        for (int i = 0; i < 64; i++) {
            int seed = i;
            int at = i * 37 % 61;
            int target = i * 53 % 67;
            int length = 1 + i * i % 2000;
            byte[] expected = bytes(SIZE, seed + 100);
            System.arraycopy(bytes(SIZE, seed), at, expected, target, length);
            assertThat(
                            into(
                                    TransactionType.MEMCPY,
                                    seed,
                                    (channel, from, to) ->
                                            channel.prepMemcpy(
                                                    to + target, from + at, length, FLAGS)))
                    .as("%d bytes from %d to %d", length, at, target)
                    .isEqualTo(expected);
        }
    }

    @Test
    void fillsAnyBytes() {
        for (int i = 0; i < 32; i++) {
            int target = i * 53 % 67;
            int length = 1 + i * i % 2000;
            byte[] expected = bytes(SIZE, i + 100);
            Arrays.fill(expected, target, target + length, PATTERN);
            assertThat(
                            into(
                                    TransactionType.MEMSET,
                                    i,
                                    (channel, from, to) ->
                                            channel.prepMemset(
                                                    to + target, PATTERN, length, FLAGS)))
                    .as("%d bytes at %d", length, target)
                    .isEqualTo(expected);
        }
    }

    @Test
    void fillsScatteredMemoryWhateverItsPattern() {
        // Evenly apart, unevenly, backwards, of different lengths, a single one.
        int[][] lists = {
            {0, 64, 256, 64, 512, 64, 768, 64},
            {0, 64, 256, 64, 500, 64, 768, 12},
            {3000, 100, 2000, 100, 1000, 100},
            {5, 3, 9, 17, 100, 1},
            {77, 500},
            {0, 8, 16, 8, 32, 8, 48, 8, 63, 8, 79, 8}
        };
        for (int[] list : lists) {
            byte[] expected = bytes(SIZE, 100);
            for (int i = 0; i < list.length; i += 2) {
                Arrays.fill(expected, list[i], list[i] + list[i + 1], PATTERN);
            }
            assertThat(
                            into(
                                    TransactionType.MEMSET_SG,
                                    0,
                                    (channel, from, to) -> {
                                        Scatterlist sgl = new Scatterlist(list.length / 2);
                                        for (int i = 0; i < list.length; i += 2) {
                                            sgl.setDma(i / 2, to + list[i], list[i + 1]);
                                        }
                                        return channel.prepMemsetSg(
                                                sgl, list.length / 2, PATTERN, FLAGS);
                                    }))
                    .as("%s", Arrays.toString(list))
                    .isEqualTo(expected);
        }
    }

    @Test
    void copiesARectangle() {
        for (int gap : new int[] {0, 4, 13}) {
            byte[] source = bytes(SIZE, 9);
            byte[] expected = bytes(SIZE, 109);
            for (int row = 0; row < 20; row++) {
                System.arraycopy(source, 8 + row * (48 + gap), expected, 16 + row * 80, 48);
            }
            assertThat(
                            into(
                                    TransactionType.INTERLEAVE,
                                    9,
                                    (channel, from, to) ->
                                            channel.prepInterleaved(
                                                    InterleavedTemplate.rectangle(
                                                            from + 8, to + 16, 20, 48, gap, 32),
                                                    FLAGS)))
                    .as("gap %d", gap)
                    .isEqualTo(expected);
        }
    }

    @Test
    void gathersChunksOfOneFrame() {
        byte[] source = bytes(SIZE, 4);
        byte[] expected = bytes(SIZE, 104);
        System.arraycopy(source, 0, expected, 0, 10);
        System.arraycopy(source, 30, expected, 10, 5);
        System.arraycopy(source, 135, expected, 15, 64);
        assertThat(
                        into(
                                TransactionType.INTERLEAVE,
                                4,
                                (channel, from, to) ->
                                        channel.prepInterleaved(
                                                new InterleavedTemplate(
                                                        from,
                                                        to,
                                                        TransferDirection.MEM_TO_MEM,
                                                        true,
                                                        true,
                                                        true,
                                                        false,
                                                        1,
                                                        List.of(
                                                                new Chunk(10, 20),
                                                                new Chunk(5, 100),
                                                                new Chunk(64, 0))),
                                                FLAGS)))
                .isEqualTo(expected);
    }

    @Test
    void refusesFramesOfSeveralChunksAndBlocksOfMoreThan4096Rows() {
        system.run(() -> {
            Channel channel = system.channel(TransactionType.INTERLEAVE);
            assertThatThrownBy(() ->
                            channel.prepInterleaved(
                                    InterleavedTemplate.rectangle(
                                            0x6100_0000, 0x6200_0000, 4097, 8, 8, 8),
                                    FLAGS))
                    .isInstanceOfSatisfying(
                            DmaException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
            assertThatThrownBy(() ->
                            channel.prepInterleaved(
                                    new InterleavedTemplate(
                                            0x6100_0000,
                                            0x6200_0000,
                                            TransferDirection.MEM_TO_MEM,
                                            true,
                                            true,
                                            true,
                                            true,
                                            2,
                                            List.of(new Chunk(8, 8), new Chunk(8, 8))),
                                    FLAGS))
                    .isInstanceOf(DmaException.class);
        });
    }

    // Peripherals.

    @Test
    void listsGoThroughTheFifoAndBack() {
        system.run(() -> {
            Channel tx = system.tx();
            Channel rx = system.rx();
            byte[] data = bytes(SIZE, 5);
            long out = system.buffer(SIZE);
            long in = system.buffer(SIZE);
            system.store(out, data);
            Scatterlist outSg = new Scatterlist(3);
            outSg.setBuffer(0, out, 4096);
            outSg.setBuffer(1, out + 4096, 96);
            outSg.setBuffer(2, out + 4192, SIZE - 4192);
            Scatterlist inSg = new Scatterlist(2);
            inSg.setBuffer(0, in, 1024);
            inSg.setBuffer(1, in + 1024, SIZE - 1024);
            int outs =
                    system.kernel
                            .dma()
                            .mapSg(system.controller(), outSg, 3, DmaDirection.TO_DEVICE);
            int ins =
                    system.kernel
                            .dma()
                            .mapSg(system.controller(), inSg, 2, DmaDirection.FROM_DEVICE);
            rx.prepSlaveSg(inSg, ins, TransferDirection.DEV_TO_MEM, FLAGS)
                    .callback(() -> calls++)
                    .submit();
            tx.prepSlaveSg(outSg, outs, TransferDirection.MEM_TO_DEV, FLAGS)
                    .callback(() -> calls++)
                    .submit();
            rx.issuePending();
            tx.issuePending();
            system.runLine(RATE, Ctrl.LOOP);
            system.await(() -> calls == 2);
            system.kernel.dma().unmapSg(system.controller(), inSg, 2, DmaDirection.FROM_DEVICE);
            system.kernel.dma().unmapSg(system.controller(), outSg, 3, DmaDirection.TO_DEVICE);
            assertThat(system.load(in, SIZE)).isEqualTo(data);
            assertThat(system.fifo(LoopbackFifoRegister.TX_OVERRUNS)).isZero();
            assertThat(system.fifo(LoopbackFifoRegister.RX_UNDERRUNS)).isZero();
            system.kernel.dmaEngine().release(tx);
            system.kernel.dmaEngine().release(rx);
        });
    }

    @Test
    void aRingCallsBackPeriodByPeriodUntilItIsTerminated() {
        system.run(() -> {
            Channel rx = system.rx();
            long ring = system.buffer(4096);
            long dma = system.map(rx, ring, 4096, DmaDirection.FROM_DEVICE);
            Descriptor desc = rx.prepCyclic(dma, 4096, 1024, TransferDirection.DEV_TO_MEM, FLAGS);
            int cookie = desc.callback(() -> calls++).submit();
            rx.issuePending();
            system.runLine(RATE, Ctrl.SOURCE);
            system.await(() -> calls == 9);
            TxState state = new TxState();
            assertThat(rx.txStatus(cookie, state)).isEqualTo(DmaStatus.IN_PROGRESS);
            assertThat(state.residue()).isBetween(1, 4096);
            rx.terminateSync();
            int atRest = calls;
            system.kernel.sched().msleep(5);
            assertThat(calls).isEqualTo(atRest);
            system.unmap(rx, dma, 4096, DmaDirection.FROM_DEVICE);
            ByteBuffer words =
                    ByteBuffer.wrap(system.load(ring, 4096)).order(ByteOrder.LITTLE_ENDIAN);
            for (int period = 0; period < 4; period++) {
                int first = words.getInt(period * 1024);
                assertThat(words.getInt(period * 1024 + 4)).isEqualTo(first + 1);
            }
            system.kernel.dmaEngine().release(rx);
        });
    }

    @Test
    void theResidueFallsAndStandsStillWhilePaused() {
        system.run(() -> {
            Channel rx = system.rx();
            long in = system.buffer(SIZE);
            long dma = system.map(rx, in, SIZE, DmaDirection.FROM_DEVICE);
            int cookie =
                    rx.prepSlaveSingle(dma, SIZE, TransferDirection.DEV_TO_MEM, FLAGS)
                            .callback(() -> calls++)
                            .submit();
            TxState state = new TxState();
            rx.txStatus(cookie, state);
            assertThat(state.residue()).isEqualTo(SIZE);
            rx.issuePending();
            system.runLine(RATE, Ctrl.SOURCE);
            system.await(() -> residue(rx, cookie) < SIZE / 2);
            rx.pause();
            int left = residue(rx, cookie);
            assertThat(left % (4 * XdmacSystem.BURST_WORDS)).isZero();
            system.kernel.sched().msleep(1);
            assertThat(residue(rx, cookie)).isEqualTo(left);
            rx.resume();
            system.await(() -> calls == 1);
            assertThat(rx.txStatus(cookie, state)).isEqualTo(DmaStatus.COMPLETE);
            assertThat(state.residue()).isZero();
            system.unmap(rx, dma, SIZE, DmaDirection.FROM_DEVICE);
            system.kernel.dmaEngine().release(rx);
        });
    }

    private static int residue(Channel channel, int cookie) {
        TxState state = new TxState();
        channel.txStatus(cookie, state);
        return state.residue();
    }

    @Test
    void aChannelThatWasPausedAndTerminatedRunsAgain() {
        system.run(() -> {
            Channel channel = system.channel(TransactionType.MEMCPY);
            channel.pause();
            channel.terminateSync();
            long buffer = system.buffer(SIZE);
            long dma = system.map(channel, buffer, SIZE, DmaDirection.BIDIRECTIONAL);
            system.complete(channel, channel.prepMemcpy(dma, dma + 4096, 4096, FLAGS));
            system.unmap(channel, dma, SIZE, DmaDirection.BIDIRECTIONAL);
            system.kernel.dmaEngine().release(channel);
        });
    }

    // The kernel's own test.

    @Test
    void passesTheKernelsTest() {
        for (String mode : List.of("0", "1")) {
            system.run(() -> {
                BuiltInModule dmatest = system.kernel.dmatest().module();
                dmatest.set("dmatest", mode);
                dmatest.set("iterations", "300");
                dmatest.set("max_channels", "4");
                dmatest.set("channel", "");
                dmatest.set("run", "1");
                dmatest.get("wait");
            });
        }
        assertThat(system.log.stream().filter(line -> line.contains("summary")))
                .hasSizeGreaterThanOrEqualTo(8)
                .allMatch(line -> line.contains("summary 300 tests, 0 failures"));
        assertThat(system.log).anyMatch(line -> line.contains("-set0: summary"));
    }

    // Failures.

    @Test
    void aRefusedReadIsLoggedAndTheNextTransferRuns() {
        system.run(() -> {
            Channel channel = system.channel(TransactionType.MEMCPY);
            long buffer = system.buffer(SIZE);
            long dma = system.map(channel, buffer, SIZE, DmaDirection.BIDIRECTIONAL);
            system.complete(channel, channel.prepMemcpy(dma, 0x1000, 64, FLAGS));
            system.complete(channel, channel.prepMemcpy(0x1000, dma, 64, FLAGS));
            system.complete(channel, channel.prepMemcpy(dma, dma + 4096, 4096, FLAGS));
            system.unmap(channel, dma, SIZE, DmaDirection.BIDIRECTIONAL);
            system.kernel.dmaEngine().release(channel);
        });
        assertThat(system.log)
                .anyMatch(line -> line.endsWith("dma dma0chan0: read bus error!!!"))
                .anyMatch(line -> line.endsWith("dma dma0chan0: write bus error!!!"));
    }

    @Nested
    class WhenTheDriverLeaves {
        @Test
        void nothingRunsAndNothingIsCalledBack() {
            system.run(() -> {
                Channel rx = system.rx();
                long ring = system.buffer(4096);
                long dma = system.map(rx, ring, 4096, DmaDirection.FROM_DEVICE);
                rx.prepCyclic(dma, 4096, 1024, TransferDirection.DEV_TO_MEM, FLAGS)
                        .callback(() -> calls++)
                        .submit();
                rx.issuePending();
                system.runLine(RATE, Ctrl.SOURCE);
                system.await(() -> calls == 2);
                // Only what the client has mapped is left.
                assertThatThrownBy(system::unbind)
                        .isInstanceOf(OwnershipViolation.class)
                        .hasMessageMatching(
                                ".* still holds \\[[^\\[\\]]*0x1000 bytes[^\\[\\]]*\\]");
                int atRest = calls;
                byte[] before = system.load(ring, 4096);
                system.kernel.sched().msleep(5);
                assertThat(calls).isEqualTo(atRest);
                assertThat(system.load(ring, 4096)).isEqualTo(before);
            });
        }
    }
}
