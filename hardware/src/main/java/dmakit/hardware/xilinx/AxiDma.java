package dmakit.hardware.xilinx;

import dmakit.datasheet.xilinx.AxiDmaRegister;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmacr;
import dmakit.hardware.AxiStream;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.WordRegisters;
import dmakit.machine.Check;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import org.jspecify.annotations.Nullable;

/**
 * An AXI DMA: MM2S carries memory to a stream, S2MM a stream to memory. AXI DMA v7.1, PG021.
 *
 * <p>Each channel walks
 *
 * <pre>{@code
 *          RS            TAILDESC              fetched         the stream can
 * Halted ------> Paused ----------> Fetching ----------> Waiting ---------> Moving
 *   ^               ^                  ^                    ^                  |
 *   | error, RS off | at TAILDESC      | next descriptor    +---- burst -------+
 *   +---------------+------------------+-------- Updating <--- end of buffer, of packet
 * }</pre>
 *
 * and without the scatter/gather engine from Paused to Waiting by a store to LENGTH.
 *
 * <p><b>Where the manual is silent:</b>
 *
 * <ul>
 *   <li>A channel whose RS is cleared stops at once while it waits for its stream; otherwise the
 *       descriptor at hand ends first.
 *   <li>Descriptors are fetched one at a time, when their turn comes; the core has a queue of four.
 *   <li>After RS was cleared and set again the channel begins at CURDESC.
 *   <li>A store to DMACR begins the count of packets again.
 *   <li>Without the realignment engine the low bits of a buffer's address are taken as zero.
 *   <li>A reset of either channel resets both, and the streams at them: their FIFOs are emptied, as
 *       by the core's reset outputs.
 *   <li>An address that no memory is at is a decode error; one that an IOMMU refuses is a slave
 *       error.
 *   <li>The multichannel mode and SG_CTL are not modelled.
 * </ul>
 */
public final class AxiDma extends WordRegisters {
    /** Bytes of the block of registers. */
    public static final int SIZE = AxiDmaRegister.SIZE;

    private static final int CHANNEL_SIZE = AxiDmaRegister.CHANNEL_SIZE;

    /**
     * How a core was generated.
     *
     * @param scatterGather whether it has the scatter/gather engine; otherwise it has the registers
     *     of simple transfers
     * @param addressBits of memory, 32 to 64
     * @param lengthBits of a buffer's length, 8 to 26
     * @param mm2sBeatBytes of a beat of MM2S, a power of two from 4 to 128
     * @param s2mmBeatBytes of a beat of S2MM, likewise
     * @param mm2sRealigns whether MM2S takes buffers at any address
     * @param s2mmRealigns whether S2MM does
     */
    public record Build(
            boolean scatterGather,
            int addressBits,
            int lengthBits,
            int mm2sBeatBytes,
            int s2mmBeatBytes,
            boolean mm2sRealigns,
            boolean s2mmRealigns) {
        /** Checks the ranges. */
        public Build {
            Check.argument(addressBits >= 32 && addressBits <= 64, "%d address bits", addressBits);
            Check.argument(lengthBits >= 8 && lengthBits <= 26, "%d length bits", lengthBits);
            checkBeat(mm2sBeatBytes);
            checkBeat(s2mmBeatBytes);
        }

        private static void checkBeat(int bytes) {
            Check.argument(
                    bytes >= 4 && bytes <= Timing.BEAT_BYTES_MAX && Integer.bitCount(bytes) == 1,
                    "beats of %d bytes",
                    bytes);
        }

        boolean isWide() {
            return addressBits > 32;
        }

        int lengthMask() {
            return (1 << lengthBits) - 1;
        }

        /** An address as far as the core has bits for it. */
        long reach(long address) {
            return addressBits == 64 ? address : address & ((1L << addressBits) - 1);
        }
    }

    private final Clock clock;
    private final ChipTrace trace;
    private final AxiStream sent;
    private final AxiStream received;
    private final DmaChannel mm2s;
    private final DmaChannel s2mm;
    private final Alarm resetOver;

    /**
     * Creates a core after power-on.
     *
     * @param port its way to memory, for data and descriptors alike; its name is the core's in
     *     traces
     * @param sent what MM2S feeds
     * @param received what feeds S2MM
     * @param mm2sIrq the interrupt of MM2S
     * @param s2mmIrq the interrupt of S2MM
     */
    public AxiDma(
            Clock clock,
            Trace trace,
            MasterPort port,
            Build build,
            AxiStream sent,
            AxiStream received,
            IrqLine mm2sIrq,
            IrqLine s2mmIrq) {
        this.clock = clock;
        this.trace = new ChipTrace(clock, trace, port.name());
        this.sent = sent;
        this.received = received;
        mm2s = new DmaChannel(clock, trace, port, build, true, sent, mm2sIrq);
        s2mm = new DmaChannel(clock, trace, port, build, false, received, s2mmIrq);
        resetOver = new Alarm(port.name() + " reset", () -> {});
    }

    @Override
    public boolean tracesAccess(long offset) {
        return registerAt((int) offset) != null;
    }

    private static @Nullable AxiDmaRegister registerAt(int at) {
        return at < 2 * CHANNEL_SIZE ? AxiDmaRegister.MAP.at(at % CHANNEL_SIZE) : null;
    }

    private DmaChannel channelAt(int at) {
        return at < CHANNEL_SIZE ? mm2s : s2mm;
    }

    private static String prefix(int at) {
        return at < CHANNEL_SIZE ? "MM2S_" : "S2MM_";
    }

    @Override
    protected int readWord(int at) {
        AxiDmaRegister register = registerAt(at);
        if (register == null) {
            return 0;
        }
        int value = channelAt(at).read(register);
        if (register == AxiDmaRegister.DMACR) {
            value = Dmacr.RESET.with(value, resetOver.isSet());
        }
        trace.loaded(prefix(at), register, at, value);
        return value;
    }

    @Override
    protected void writeWord(int at, int value) {
        AxiDmaRegister register = registerAt(at);
        if (register == null) {
            return;
        }
        trace.stored(prefix(at), register, at, value);
        if (resetOver.isSet()) {
            return;
        }
        if (register == AxiDmaRegister.DMACR && Dmacr.RESET.isSet(value)) {
            mm2s.reset();
            s2mm.reset();
            sent.reset();
            received.reset();
            clock.setIn(resetOver, Timing.ps(Timing.RESET_CYCLES));
        } else {
            channelAt(at).write(register, value);
        }
    }
}
