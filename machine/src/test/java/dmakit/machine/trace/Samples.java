package dmakit.machine.trace;

import java.io.IOException;
import java.io.Writer;
import java.util.List;

/** One event of every kind, in order of time, and writers that refuse. */
final class Samples {
    static final String NASTY = "a\"b\\c\n\t\u0000\u001f\u007f\u00e9\u2028\ud83d\ude00\ud800";

    static final List<TraceEvent> ONE_OF_EACH =
            List.of(
                    new TraceEvent.TaskSwitch(0, "insmod"),
                    new TraceEvent.Log(1_500_000, 6, NASTY),
                    new TraceEvent.Call(2_000_000, "insmod", "dma_map_single", "dev, 0x10", false),
                    new TraceEvent.Call(2_000_000, "insmod", "spin_lock_irqsave", "vchan", true),
                    new TraceEvent.RegisterAccess(2_000_001, "dma0", "CS", 0, 4, -1, true),
                    new TraceEvent.CacheMaintenance(2_100_000, "clean", 0x1000, 64, 1),
                    new TraceEvent.StateChange(2_200_000, "dma0", "Idle", "Moving", "cb=0x20"),
                    new TraceEvent.Fetch(2_200_000, "dma0", 0xc000_0020L, "TI=1"),
                    new TraceEvent.Transfer(2_300_000, 3_300_001, "dma0", 0xc000_1000L, -64, 64),
                    new TraceEvent.BusError(3_300_001, "dma0", 0, "decode error", false),
                    new TraceEvent.StateChange(3_300_001, "dma0", "Moving", "Halted", ""),
                    new TraceEvent.InterruptLevel(3_300_001, 16, true),
                    new TraceEvent.TaskSwitch(3_300_002, ""),
                    new TraceEvent.WakeUp(3_350_000, "insmod"),
                    new TraceEvent.Interrupt(3_340_000, 3_400_000, 16, "dma0"),
                    new TraceEvent.TaskSwitch(3_400_000, "insmod"));

    private Samples() {}

    /** A writer on a full disk. */
    static final class Full extends Writer {
        boolean closed;

        @Override
        public void write(char[] buffer, int from, int length) throws IOException {
            throw new IOException("No space left on device");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            closed = true;
        }
    }
}
