package dmakit.bench.kernel;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.Completion;
import dmakit.machine.cpu.Cpu;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does one small copy cost by dmaengine, from its descriptor to its callback? The driver, the
 * chip's model, the interrupt and the tasklet are all in it.
 */
public class TransferBenchmark {
    /** Copies of one invocation. */
    public static final int OPERATIONS = 4096;

    private static final int SMALL_BYTES = 64;
    private static final int STREAMED_BYTES = 4096;
    private static final int FLAGS = PrepFlags.ACK | PrepFlags.INTERRUPT;
    private static final int POLL_US = 5;

    /** A board whose devices snoop, and memory both sides see. */
    @State(Scope.Thread)
    public static class Coherent {
        final BootedBoard board = new BootedBoard(BootedBoard.COHERENT);
        final Sched sched = board.kernel().sched();
        final Channel channel = board.channel();
        final Completion completion = new Completion(sched);
        final Runnable complete = completion::complete;
        final Runnable count = this::count;
        final long source = board.coherent(SMALL_BYTES).dma();
        final long destination = board.coherent(SMALL_BYTES).dma();
        private int done;

        private void count() {
            done++;
        }

        void start(Runnable callback) {
            channel.prepMemcpy(destination, source, SMALL_BYTES, FLAGS).callback(callback).submit();
            channel.issuePending();
        }

        /** Switches the machine off. */
        @TearDown
        public void close() {
            board.close();
        }
    }

    /** A board whose devices do not snoop, and ordinary memory. */
    @State(Scope.Thread)
    public static class NonCoherent {
        final BootedBoard board = new BootedBoard(BootedBoard.NON_COHERENT);
        final Cpu cpu = board.machine().cpu();
        final DmaMapping dma = board.kernel().dma();
        final Device device = board.device();
        final Channel channel = board.channel();
        final Completion completion = new Completion(board.kernel().sched());
        final Runnable complete = completion::complete;
        final long source = board.pages(STREAMED_BYTES);
        final long destination = board.pages(STREAMED_BYTES);

        void copy(byte content) {
            cpu.fill(source, STREAMED_BYTES, content);
            cpu.fill(destination, STREAMED_BYTES, (byte) 0);
            long from = dma.mapSingle(device, source, STREAMED_BYTES, DmaDirection.TO_DEVICE);
            long to = dma.mapSingle(device, destination, STREAMED_BYTES, DmaDirection.FROM_DEVICE);
            channel.prepMemcpy(to, from, STREAMED_BYTES, FLAGS).callback(complete).submit();
            channel.issuePending();
            completion.waitFor();
            dma.unmapSingle(device, to, STREAMED_BYTES, DmaDirection.FROM_DEVICE);
            dma.unmapSingle(device, from, STREAMED_BYTES, DmaDirection.TO_DEVICE);
        }

        /** Switches the machine off. */
        @TearDown
        public void close() {
            board.close();
        }
    }

    /** Up to the callback; the CPU has nothing else to do and passes the time. */
    @Benchmark
    public void callback(Coherent state) {
        state.board.run(() -> {
            for (int i = 0; i < OPERATIONS; i++) {
                int wanted = state.done + 1;
                state.start(state.count);
                while (state.done != wanted) {
                    state.sched.udelay(POLL_US);
                }
            }
        });
    }

    /** Up to the task that was asleep meanwhile. */
    @Benchmark
    public void completion(Coherent state) {
        state.board.run(() -> {
            for (int i = 0; i < OPERATIONS; i++) {
                state.start(state.complete);
                state.completion.waitFor();
            }
        });
    }

    /** All of it without coherence: written, lent, copied, waited for, taken back. */
    @Benchmark
    public void streamed(NonCoherent state) {
        state.board.run(() -> {
            for (int i = 0; i < OPERATIONS; i++) {
                state.copy((byte) i);
            }
        });
    }
}
