package dmakit.board.bcm2835;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.hardware.bcm2835.Bcm2835Dma.Disturbance;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.mm.PageAllocator;
import dmakit.machine.Machine;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Bcm2835MemcpyTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;
    private static final int FULL = 0;
    private static final int LITE = 9;
    private static final int GUARD = 64;

    private final DmaRig rig = new DmaRig();
    private int done;

    @AfterEach
    void close() {
        rig.close();
    }

    /** Copies by streaming mappings and compares, with guards around the destination. */
    private void copies(Channel chan, int sourceOffset, int destinationOffset, int length) {
        byte[] data = bytes(length, length + 31 * sourceOffset);
        byte[] guards = bytes(length + 2 * GUARD, 99);
        long source = rig.buffer(length + sourceOffset);
        long room = rig.buffer(length + destinationOffset + 2 * GUARD);
        long destination = room + destinationOffset;
        rig.store(source + sourceOffset, data);
        rig.store(destination, guards);
        int before = done;
        long src = rig.map(chan, source + sourceOffset, length, DmaDirection.TO_DEVICE);
        long dst = rig.map(chan, destination, guards.length, DmaDirection.BIDIRECTIONAL);
        chan.prepMemcpy(dst + GUARD, src, length, FLAGS).callback(() -> done++).submit();
        chan.issuePending();
        rig.await(() -> done > before);
        rig.unmap(chan, dst, guards.length, DmaDirection.BIDIRECTIONAL);
        rig.unmap(chan, src, length, DmaDirection.TO_DEVICE);
        byte[] wanted = guards.clone();
        System.arraycopy(data, 0, wanted, GUARD, length);
        assertThat(rig.load(destination, guards.length))
                .as("%d bytes from +%d to +%d", length, sourceOffset, destinationOffset)
                .isEqualTo(wanted);
        rig.mm.pages().freePagesAt(source, orderOf(length + sourceOffset));
        rig.mm.pages().freePagesAt(room, orderOf(length + destinationOffset + 2 * GUARD));
    }

    private static int orderOf(int bytes) {
        return PageAllocator.orderFor(bytes);
    }

    static byte[] bytes(int count, long seed) {
        Rng rng = Rng.named(seed, "bytes");
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) rng.nextInt(256);
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {FULL, LITE})
    void everyAlignmentAndSmallLengthArrives(int index) {
        rig.run(() -> {
            Channel chan = rig.memcpyChannel(index);
            for (int offset = 0; offset < 16; offset++) {
                for (int length : new int[] {1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 130}) {
                    copies(chan, offset, offset * 7 % 16, length);
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {65_531, 65_532, 65_533, 65_536, 131_064, 131_065, 400_001, 1 << 20})
    void aLiteChannelSplitsWhatIsTooLongForIt(int length) {
        rig.run(() -> copies(rig.memcpyChannel(LITE), 3, 1, length));
    }

    @Test
    void aFullChannelMovesMegabytesInOneBlock() {
        rig.run(() -> copies(rig.memcpyChannel(FULL), 0, 0, 3 << 20));
    }

    @Test
    void descriptorsCompleteInTheOrderOfSubmission() {
        List<Integer> heard = new ArrayList<>();
        rig.run(() -> {
            Channel chan = rig.memcpyChannel();
            var buffer = rig.coherent(rig.dmaDevice(chan), 4096);
            for (int i = 0; i < 20; i++) {
                int number = i;
                chan.prepMemcpy(buffer.dma() + 2048, buffer.dma(), 64 + i, FLAGS)
                        .callback(() -> heard.add(number))
                        .submit();
            }
            assertThat(heard).isEmpty();
            chan.issuePending();
            rig.await(() -> heard.size() == 20);
        });
        assertThat(heard).isSorted().hasSize(20);
    }

    @Test
    void allFifteenChannelsMoveAtOnce() {
        rig.run(() -> {
            List<Channel> channels = new ArrayList<>();
            List<Long> destinations = new ArrayList<>();
            List<byte[]> contents = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                Channel chan = rig.memcpyChannel();
                int length = 100_000 + 997 * i;
                byte[] data = bytes(length, i);
                long src = rig.buffer(length);
                long dst = rig.buffer(length);
                rig.store(src, data);
                chan.prepMemcpy(
                                rig.map(chan, dst, length, DmaDirection.FROM_DEVICE),
                                rig.map(chan, src, length, DmaDirection.TO_DEVICE),
                                length,
                                FLAGS)
                        .callback(() -> done++)
                        .submit();
                channels.add(chan);
                destinations.add(dst);
                contents.add(data);
            }
            channels.forEach(Channel::issuePending);
            rig.await(() -> done == 15);
            for (int i = 0; i < 15; i++) {
                int length = contents.get(i).length;
                long dma = 0xc000_0000L + DmaRig.phys(destinations.get(i));
                rig.unmap(channels.get(i), dma, length, DmaDirection.FROM_DEVICE);
                assertThat(rig.load(destinations.get(i), length))
                        .as("channel %d", i)
                        .isEqualTo(contents.get(i));
            }
        });
    }

    @Nested
    class Refuses {
        private void refuses(long dst, long src, long size) {
            rig.run(() -> {
                Channel chan = rig.memcpyChannel();
                assertThatThrownBy(() -> chan.prepMemcpy(dst, src, size, FLAGS))
                        .isInstanceOfSatisfying(
                                DmaException.class,
                                e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
                rig.engine.release(chan);
            });
        }

        @Test
        void noLengthAndNoAddress() {
            refuses(0xc000_0000L, 0xc000_1000L, 0);
            refuses(0xc000_0000L, 0xc000_1000L, -1);
            refuses(0, 0xc000_1000L, 64);
            refuses(0xc000_0000L, 0, 64);
        }

        @Test
        void addressesItsRegistersCannotHold() {
            refuses(0x1_0000_0000L, 0xc000_1000L, 64);
            refuses(0xffff_fff0L, 0xc000_1000L, 17);
        }
    }

    @Nested
    class Residue {
        private final TxState state = new TxState();

        @Test
        void fallsFromAllToNothingWhileTheTransferRuns() {
            rig.run(() -> {
                Channel chan = rig.memcpyChannel(LITE);
                int length = 1 << 20;
                long dma = rig.coherent(rig.dmaDevice(chan), 2L * length).dma();
                int cookie =
                        chan.prepMemcpy(dma + length, dma, length, FLAGS)
                                .callback(() -> done++)
                                .submit();
                assertThat(chan.txStatus(cookie, state)).isEqualTo(DmaStatus.IN_PROGRESS);
                assertThat(state.residue()).isZero();
                chan.issuePending();
                int last = length + 1;
                int distinct = 0;
                while (chan.txStatus(cookie, state) == DmaStatus.IN_PROGRESS) {
                    assertThat(state.residue()).isBetween(0, Math.min(last, length));
                    distinct += state.residue() < last ? 1 : 0;
                    last = state.residue();
                    rig.sched.usleepRange(100, 100);
                }
                assertThat(distinct).isGreaterThan(10);
                assertThat(state.residue()).isZero();
            });
        }

        @Test
        void ofAWaitingDescriptorIsItsLength() {
            rig.run(() -> {
                Channel chan = rig.memcpyChannel();
                long dma = rig.coherent(rig.dmaDevice(chan), 1 << 20).dma();
                chan.prepMemcpy(dma + (1 << 19), dma, 1 << 19, FLAGS).submit();
                int second = chan.prepMemcpy(dma + 4096, dma, 1234, FLAGS).submit();
                chan.issuePending();
                chan.txStatus(second, state);
                assertThat(state.residue()).isEqualTo(1234);
                chan.terminateSync();
            });
        }
    }

    @Nested
    class Pausing {
        @Test
        void holdsTheTransferAndResumingEndsItWhole() {
            rig.run(() -> {
                Channel chan = rig.memcpyChannel();
                int length = 1 << 20;
                var buffer = rig.coherent(rig.dmaDevice(chan), 2L * length);
                rig.store(buffer.va(), bytes(length, 5));
                int cookie =
                        chan.prepMemcpy(buffer.dma() + length, buffer.dma(), length, FLAGS)
                                .callback(() -> done++)
                                .submit();
                chan.issuePending();
                rig.sched.usleepRange(200, 200);
                chan.pause();
                TxState state = new TxState();
                assertThat(chan.txStatus(cookie, state)).isEqualTo(DmaStatus.PAUSED);
                rig.sched.usleepRange(100, 100);
                chan.txStatus(cookie, state);
                int held = state.residue();
                assertThat(held).isBetween(1, length - 1);
                rig.sched.msleep(20);
                chan.txStatus(cookie, state);
                assertThat(state.residue()).isEqualTo(held);
                assertThat(done).isZero();
                chan.resume();
                rig.await(() -> done == 1);
                assertThat(rig.load(buffer.va() + length, length)).isEqualTo(bytes(length, 5));
            });
        }

        @Test
        void holdsWhatIsIssuedMeanwhile() {
            rig.run(() -> {
                Channel chan = rig.memcpyChannel();
                long dma = rig.coherent(rig.dmaDevice(chan), 4096).dma();
                chan.pause();
                chan.prepMemcpy(dma + 2048, dma, 64, FLAGS).callback(() -> done++).submit();
                chan.issuePending();
                rig.sched.msleep(5);
                assertThat(done).isZero();
                chan.resume();
                rig.await(() -> done == 1);
            });
        }
    }

    @Nested
    class Terminating {
        @Test
        void aRunningTransferStopsItAndTheChannelGoesOnWithTheNext() {
            rig.run(() -> {
                Channel chan = rig.memcpyChannel();
                int length = 1 << 20;
                var buffer = rig.coherent(rig.dmaDevice(chan), 2L * length);
                rig.store(buffer.va(), bytes(length, 5));
                chan.prepMemcpy(buffer.dma() + length, buffer.dma(), length, FLAGS)
                        .callback(() -> done += 100)
                        .submit();
                chan.issuePending();
                rig.sched.usleepRange(150, 150);
                chan.terminateSync();
                byte[] stopped = rig.load(buffer.va() + length, length);
                rig.sched.msleep(20);
                assertThat(rig.load(buffer.va() + length, length)).isEqualTo(stopped);
                assertThat(stopped[length - 1]).isZero();
                chan.prepMemcpy(buffer.dma() + length, buffer.dma(), length, FLAGS)
                        .callback(() -> done++)
                        .submit();
                chan.issuePending();
                rig.await(() -> done == 1);
                assertThat(rig.load(buffer.va() + length, length)).isEqualTo(bytes(length, 5));
            });
        }

        @Test
        void inEveryStateLeavesTheChannelUsable() {
            rig.run(() -> {
                Channel chan = rig.memcpyChannel();
                long dma = rig.coherent(rig.dmaDevice(chan), 1 << 20).dma();
                Runnable prepare = () -> chan.prepMemcpy(dma + (1 << 19), dma, 1 << 16, FLAGS);
                Runnable submit =
                        () ->
                                chan.prepMemcpy(dma + (1 << 19), dma, 1 << 16, FLAGS)
                                        .callback(() -> done += 100)
                                        .submit();
                List<Runnable> states =
                        List.of(
                                () -> {},
                                prepare,
                                submit,
                                () -> {
                                    submit.run();
                                    submit.run();
                                    chan.issuePending();
                                },
                                () -> {
                                    submit.run();
                                    chan.issuePending();
                                    chan.pause();
                                },
                                () -> {
                                    submit.run();
                                    chan.issuePending();
                                    rig.sched.udelay(1);
                                });
                for (Runnable state : states) {
                    done = 0;
                    state.run();
                    chan.terminateSync();
                    chan.prepMemcpy(dma + 4096, dma, 64, FLAGS).callback(() -> done++).submit();
                    chan.issuePending();
                    rig.await(() -> done == 1);
                }
            });
        }
    }

    @Nested
    class BusErrors {
        private final List<String> heard = new ArrayList<>();

        private void copy(Channel chan, long dst, long src, int length) {
            chan.prepMemcpy(dst, src, length, FLAGS)
                    .callbackResult((result, residue) -> heard.add(result + " " + residue))
                    .submit();
        }

        @Test
        void ofASourceAreToldToTheCallbackAndTheQueueGoesOn() {
            rig.run(() -> {
                Channel chan = rig.memcpyChannel();
                long dma = rig.coherent(rig.dmaDevice(chan), 4096).dma();
                copy(chan, dma, 0x1000_0000L, 256);
                copy(chan, dma + 2048, dma, 64);
                chan.issuePending();
                rig.await(() -> heard.size() == 2);
            });
            assertThat(heard)
                    .containsExactly(
                            TransferResult.READ_FAILED + " 256", TransferResult.NOERROR + " 0");
            assertThat(rig.log.buffer().texts())
                    .anyMatch(line ->
                            line.contains(
                                    "bcm2835-dma 3f007000.dma-controller: channel 0:"
                                            + " cannot read dma:0x10000000"));
        }

        @Test
        void thatStopNothingAreToldWhenTheTransferEnds() {
            byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8};
            rig.run(() -> {
                Channel chan = rig.memcpyChannel(0);
                CoherentBuffer buffer = rig.coherent(rig.dmaDevice(chan), 4096);
                rig.store(buffer.va(), bytes);
                rig.dma.disturb(0, Disturbance.READ_FIFO);
                copy(chan, buffer.dma() + 2048, buffer.dma(), bytes.length);
                copy(chan, buffer.dma() + 3072, buffer.dma(), bytes.length);
                chan.issuePending();
                rig.await(() -> heard.size() == 2);
                assertThat(rig.load(buffer.va() + 2048, bytes.length)).isEqualTo(bytes);
            });
            assertThat(heard)
                    .containsExactly(
                            TransferResult.READ_FAILED + " 0", TransferResult.NOERROR + " 0");
            assertThat(rig.log.buffer().texts())
                    .anyMatch(line ->
                            line.endsWith(
                                    "channel 0: what was read may be wrong, DEBUG 0x04000002"));
        }

        @Test
        void ofADestinationAreLostWithoutAWord() {
            rig.run(() -> {
                Channel chan = rig.memcpyChannel();
                long dma = rig.coherent(rig.dmaDevice(chan), 4096).dma();
                copy(chan, 0x1000_0000L, dma, 256);
                chan.issuePending();
                rig.await(() -> heard.size() == 1);
            });
            assertThat(heard).containsExactly(TransferResult.NOERROR + " 0");
        }
    }

    @Test
    void aCoherentBoardNeedsNoCacheMaintenance() {
        try (DmaRig coherent = DmaRig.coherent()) {
            coherent.run(() -> {
                Channel chan = coherent.memcpyChannel();
                var buffer = coherent.coherent(coherent.dmaDevice(chan), 1 << 17);
                byte[] data = bytes(1 << 16, 8);
                coherent.store(buffer.va(), data);
                chan.prepMemcpy(buffer.dma() + (1 << 16), buffer.dma(), 1 << 16, FLAGS)
                        .callback(() -> done++)
                        .submit();
                chan.issuePending();
                coherent.await(() -> done == 1);
                assertThat(coherent.load(buffer.va() + (1 << 16), 1 << 16)).isEqualTo(data);
            });
        }
    }

    @Test
    void channelsOfTheSharedLineInterruptEachForItself() {
        rig.run(() -> {
            List<Channel> shared = new ArrayList<>();
            for (int index = 11; index <= 14; index++) {
                shared.add(rig.memcpyChannel(index));
            }
            long dma = rig.coherent(rig.dmaDevice(shared.getFirst()), 4096).dma();
            for (int round = 1; round <= 10; round++) {
                int wanted = round * 4;
                for (Channel chan : shared) {
                    chan.prepMemcpy(dma + 2048, dma, 64, FLAGS).callback(() -> done++).submit();
                    chan.issuePending();
                }
                rig.await(() -> done == wanted);
            }
            shared.forEach(rig.engine::release);
        });
        assertThat(rig.log.buffer().texts()).noneMatch(line -> line.contains("nobody cared"));
    }

    @Test
    void aReusedDescriptorCopiesAgain() {
        rig.run(() -> {
            Channel chan = rig.memcpyChannel();
            var buffer = rig.coherent(rig.dmaDevice(chan), 4096);
            var desc = chan.prepMemcpy(buffer.dma() + 2048, buffer.dma(), 64, FLAGS);
            desc.callback(() -> done++).setReuse();
            for (int i = 1; i <= 3; i++) {
                byte[] data = bytes(64, i);
                rig.store(buffer.va(), data);
                int wanted = i;
                desc.submit();
                chan.issuePending();
                rig.await(() -> done == wanted);
                rig.sched.usleepRange(5, 5);
                assertThat(rig.load(buffer.va() + 2048, 64)).isEqualTo(data);
            }
            desc.free();
            rig.engine.release(chan);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void whatIsSoakedInRandomComesOutRight(int policy) {
        int seeds = policy == 2 ? 160 : 20;
        for (int seed = 1; seed <= seeds; seed++) {
            Machine.Cache cache =
                    switch (policy) {
                        case 0 -> new Machine.Cache.None();
                        case 1 -> new Machine.Cache.Lru(32 << 10, 4);
                        default -> new Machine.Cache.Adversary();
                    };
            try (DmaRig soaked = new DmaRig(cache, seed)) {
                long now = seed;
                soaked.run(() -> soak(soaked, now));
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("policy " + policy + ", seed " + seed, failure);
            }
        }
    }

    private static void soak(DmaRig rig, long seed) {
        Rng rng = Rng.named(seed, "soak");
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            channels.add(rig.memcpyChannel(i * 5));
        }
        int area = 1 << 17;
        long source = rig.buffer(area);
        long destination = rig.buffer(area);
        byte[] wanted = bytes(area, seed);
        byte[] from = bytes(area, seed + 1);
        rig.store(destination, wanted);
        for (int round = 0; round < 12; round++) {
            Channel chan = channels.get(rng.nextInt(3));
            int length = 1 + rng.nextInt(rng.nextInt(4) == 0 ? 70_000 : 300);
            int at = rng.nextInt(area - length);
            int to = rng.nextInt(area - length);
            rig.store(source + at, Arrays.copyOfRange(from, at, at + length));
            long src = rig.map(chan, source + at, length, DmaDirection.TO_DEVICE);
            long dst = rig.map(chan, destination + to, length, DmaDirection.FROM_DEVICE);
            int[] done = new int[1];
            chan.prepMemcpy(dst, src, length, FLAGS).callback(() -> done[0]++).submit();
            if (rng.nextInt(8) == 0) {
                chan.issuePending();
                chan.pause();
                chan.resume();
            }
            chan.issuePending();
            rig.await(() -> done[0] == 1);
            rig.unmap(chan, dst, length, DmaDirection.FROM_DEVICE);
            rig.unmap(chan, src, length, DmaDirection.TO_DEVICE);
            System.arraycopy(from, at, wanted, to, length);
            assertThat(rig.load(destination + to, length))
                    .as("round %d", round)
                    .isEqualTo(Arrays.copyOfRange(wanted, to, to + length));
        }
        assertThat(rig.load(destination, area)).isEqualTo(wanted);
    }
}
