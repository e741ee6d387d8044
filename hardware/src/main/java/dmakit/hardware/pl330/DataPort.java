package dmakit.hardware.pl330;

import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import java.util.Arrays;

/** Bursts on the bus, through the MFIFO. */
final class DataPort {
    /** Bytes of the longest burst: 16 beats of 16 bytes. */
    static final int BURST_BYTES_MAX = 256;

    private static final long ADDRESS_MASK = 0xffff_ffffL;
    private static final long ADDRESS_END = 1L << 32;
    private static final int WORD_BYTES = 4;

    private final MasterPort port;
    private final Mfifo mfifo;
    private final byte[] burst = new byte[BURST_BYTES_MAX];

    DataPort(MasterPort port, Mfifo mfifo) {
        this.port = port;
        this.mfifo = mfifo;
    }

    /** Reads part of a program. */
    BusAnswer fetch(int address, byte[] into, int bytes) {
        port.hold(Timing.fetchPs(bytes));
        return port.read(address & ADDRESS_MASK, into, 0, bytes);
    }

    /** Reads a burst into the MFIFO and steps the source address. */
    BusAnswer load(ProgramThread thread, boolean single) {
        int bytes = thread.loadBytes(single);
        int beats = single ? 1 : thread.sourceBeats;
        port.hold(Timing.readPs(beats));
        BusAnswer answer =
                thread.sourceAdvances
                        ? ascending(thread.sar, bytes, thread.sourceBeat, false)
                        : standing(thread.sar, beats, bytes / beats, false);
        if (answer.isDone()) {
            mfifo.put(thread.index, burst, bytes);
            thread.sar += thread.sourceAdvances ? bytes : 0;
        }
        return answer;
    }

    /** Writes a burst from the MFIFO, or zeros, and steps the destination address. */
    BusAnswer store(ProgramThread thread, boolean single, boolean zeros) {
        int bytes = thread.storeBytes(single);
        int beats = single ? 1 : thread.destBeats;
        port.hold(Timing.writePs(beats));
        if (zeros) {
            Arrays.fill(burst, 0, bytes, (byte) 0);
        } else {
            mfifo.take(thread.index, burst, bytes);
            swap(bytes, thread.swapBytes);
        }
        BusAnswer answer =
                thread.destAdvances
                        ? ascending(thread.dar, bytes, thread.destBeat, true)
                        : standing(thread.dar, beats, bytes / beats, true);
        if (answer.isDone()) {
            thread.dar += thread.destAdvances ? bytes : 0;
        }
        return answer;
    }

    /** Whether two ranges that ascend without a wrap are RAM from end to end. */
    boolean reachesRam(int from, int to, long bytes) {
        long source = from & ADDRESS_MASK;
        long dest = to & ADDRESS_MASK;
        return source + bytes <= ADDRESS_END
                && dest + bytes <= ADDRESS_END
                && port.reachesRam(source, bytes, false)
                && port.reachesRam(dest, bytes, true);
    }

    /** Copies what {@link #reachesRam}, as reads and writes of {@code unit} bytes in turn. */
    BusAnswer copy(int from, int to, long bytes, int unit, long heldPs) {
        port.hold(heldPs);
        return port.copy(from & ADDRESS_MASK, to & ADDRESS_MASK, bytes, unit);
    }

    /** Puts the bytes of each whole group the other way round. */
    private void swap(int bytes, int group) {
        for (int start = 0; group > 1 && start + group <= bytes; start += group) {
            for (int i = start, j = start + group - 1; i < j; i++, j--) {
                byte kept = burst[i];
                burst[i] = burst[j];
                burst[j] = kept;
            }
        }
    }

    /** Beats to or from one address, one by one. */
    private BusAnswer standing(int address, int beats, int bytes, boolean write) {
        BusAnswer answer = BusAnswer.Done.DONE;
        for (int i = 0; i < beats && answer.isDone(); i++) {
            answer = access(address & ADDRESS_MASK, i * bytes, bytes, write);
        }
        return answer;
    }

    /** A burst to or from ascending addresses; registers get narrow beats as they are. */
    private BusAnswer ascending(int start, int bytes, int beat, boolean write) {
        long address = start & ADDRESS_MASK;
        if (beat >= WORD_BYTES || port.reachesRam(address, bytes, write)) {
            int head = (int) Math.min(bytes, ADDRESS_END - address);
            BusAnswer answer = access(address, 0, head, write);
            return head == bytes || !answer.isDone()
                    ? answer
                    : access(0, head, bytes - head, write);
        }
        BusAnswer answer = BusAnswer.Done.DONE;
        for (int done = 0; done < bytes && answer.isDone(); ) {
            long at = (address + done) & ADDRESS_MASK;
            int step = (int) Math.min(beat - (at & (beat - 1)), bytes - done);
            answer = access(at, done, step, write);
            done += step;
        }
        return answer;
    }

    private BusAnswer access(long address, int at, int bytes, boolean write) {
        return write ? port.write(address, burst, at, bytes) : port.read(address, burst, at, bytes);
    }
}
