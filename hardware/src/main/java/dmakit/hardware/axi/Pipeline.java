package dmakit.hardware.axi;

/**
 * When the steps of a burst happen, in cycles: each channel of the bus, and each stage of the
 * engine, remembers when it was used last.
 *
 * <pre>
 *   command -&gt; read request -&gt; AR -&gt; memory -&gt; R --+
 *      |                                              +-&gt; output FIFO -&gt; W -&gt; B
 *      +------&gt; write request -&gt; AW -----------------+
 * </pre>
 *
 * <p>The stages, and what waits for what, are those of the AXI central DMA and the AXI RAM of the
 * verilog-axi collection. {@code spec/axi-copy-cycles.txt} has the cycles that a simulation of its
 * Verilog took; a test compares all of them. A 16-beat burst takes 17 cycles once the pipeline is
 * full, and filling and emptying it 7: 7 + n/w + ceil(n/16w) for n bytes in beats of w.
 */
final class Pipeline {
    /** No burst may cross a multiple of this, in bytes. */
    static final int BOUNDARY = 4096;

    /** Long before power-on: never used yet. */
    private static final long NEVER = -64;

    private long commandAt = NEVER;
    private long readRequestAt = NEVER;
    private long readAddressAt = NEVER;
    private long memoryAt = NEVER;
    private long readBeatAt = NEVER;
    private long writeRequestAt = NEVER;
    private long writeAddressAt = NEVER;
    private long outputAt = NEVER;
    private long writeBeatAt = NEVER;
    private long responseAt = NEVER;

    void copyFrom(Pipeline other) {
        commandAt = other.commandAt;
        readRequestAt = other.readRequestAt;
        readAddressAt = other.readAddressAt;
        memoryAt = other.memoryAt;
        readBeatAt = other.readBeatAt;
        writeRequestAt = other.writeRequestAt;
        writeAddressAt = other.writeAddressAt;
        outputAt = other.outputAt;
        writeBeatAt = other.writeBeatAt;
        responseAt = other.responseAt;
    }

    /** Whether everything happened so many cycles after it happened in another pipeline. */
    boolean isLaterBy(long cycles, Pipeline other) {
        return commandAt - other.commandAt == cycles
                && readRequestAt - other.readRequestAt == cycles
                && readAddressAt - other.readAddressAt == cycles
                && memoryAt - other.memoryAt == cycles
                && readBeatAt - other.readBeatAt == cycles
                && writeRequestAt - other.writeRequestAt == cycles
                && writeAddressAt - other.writeAddressAt == cycles
                && outputAt - other.outputAt == cycles
                && writeBeatAt - other.writeBeatAt == cycles
                && responseAt - other.responseAt == cycles;
    }

    void delayBy(long cycles) {
        commandAt += cycles;
        readRequestAt += cycles;
        readAddressAt += cycles;
        memoryAt += cycles;
        readBeatAt += cycles;
        writeRequestAt += cycles;
        writeAddressAt += cycles;
        outputAt += cycles;
        writeBeatAt += cycles;
        responseAt += cycles;
    }

    /** From when on the next burst may start. */
    long nextStart() {
        return Math.max(readRequestAt, writeRequestAt) + 1;
    }

    /** When the latest burst started. */
    long started() {
        return commandAt;
    }

    /** When the latest burst has been answered, and its end is known. */
    long done() {
        return responseAt + 1;
    }

    /** Bytes that one burst moves from or to an address, at most. */
    static int burstBytes(long address, long bytes, int beatBytes, int burstBytesMax) {
        int inBurst = burstBytesMax - (int) (address & (beatBytes - 1));
        int inPage = BOUNDARY - (int) (address & (BOUNDARY - 1));
        int most = Math.min(inBurst, inPage);
        return Long.compareUnsigned(bytes, most) < 0 ? (int) bytes : most;
    }

    private static int beats(long address, int bytes, int beatBytes) {
        int offset = (int) (address & (beatBytes - 1));
        return (bytes + offset - 1) / beatBytes + 1;
    }

    /**
     * Takes one write burst through all stages, and the read bursts that it needs.
     *
     * @param startAt the cycle in which it starts, not before {@link #nextStart}
     * @param bytes at most what {@link #burstBytes} allows at the destination
     */
    void burst(long startAt, long source, long dest, int bytes, int beatBytes, int burstBytesMax) {
        commandAt = startAt;
        writeRequestAt = Math.max(commandAt + 1, Math.max(outputAt, writeAddressAt) + 1);
        writeAddressAt = Math.max(writeRequestAt, writeBeatAt) + 1;
        int beatsLeft = beats(dest, bytes, beatBytes);
        // Where the source starts further inside its word, the first beat out needs two beats in.
        boolean isBubble = (source & (beatBytes - 1)) > (dest & (beatBytes - 1));
        readRequestAt = commandAt;
        long from = source;
        int left = bytes;
        while (left > 0) {
            int piece = burstBytes(from, left, beatBytes, burstBytesMax);
            int beatsIn = beats(from, piece, beatBytes);
            long first = read(beatsIn);
            if (isBubble) {
                isBubble = false;
                first++;
                beatsIn--;
            }
            int beatsOut = Math.min(beatsIn, beatsLeft);
            if (beatsOut > 0) {
                write(first, beatsOut);
                beatsLeft -= beatsOut;
            }
            from += piece;
            left -= piece;
        }
        if (beatsLeft > 0) {
            write(Math.max(outputAt, readBeatAt) + 1, beatsLeft);
        }
        responseAt = Math.max(writeBeatAt + 1, responseAt + 2);
    }

    /** Reads a burst; answers when its first beat arrives. The others follow without a gap. */
    private long read(int beats) {
        readRequestAt = Math.max(readRequestAt, readAddressAt) + 1;
        readAddressAt = Math.max(readRequestAt, memoryAt) + 1;
        long firstMemory = Math.max(readAddressAt + 1, readBeatAt);
        long first = Math.max(firstMemory, writeRequestAt) + 1;
        readBeatAt = first + beats - 1;
        // The memory holds one beat that nobody takes yet.
        memoryAt = beats == 1 ? firstMemory : readBeatAt - 1;
        return first;
    }

    /** Puts beats into the output FIFO, one each cycle; they leave it two cycles later. */
    private void write(long first, int beats) {
        outputAt = first + beats - 1;
        long firstWrite = Math.max(first + 2, Math.max(writeAddressAt, writeBeatAt) + 1);
        writeBeatAt = firstWrite + beats - 1;
    }
}
