package dmakit.hardware.xilinx;

import dmakit.datasheet.xilinx.CdmaDescriptor;
import dmakit.datasheet.xilinx.CdmaRegister;
import dmakit.datasheet.xilinx.CdmaRegister.Cdmacr;
import dmakit.datasheet.xilinx.CdmaRegister.Cdmasr;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.DescriptorWords;
import dmakit.hardware.Halves;
import dmakit.hardware.WordRegisters;
import dmakit.machine.Check;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import org.jspecify.annotations.Nullable;

/**
 * An AXI CDMA: copies from memory to memory, by descriptors or by registers alone. AXI CDMA v4.1,
 * PG034.
 *
 * <pre>{@code
 *        TAILDESC            fetched            bytes moved
 * Idle ------------> Fetching --------> Moving -------------> Updating --+
 *  ^  \                 ^                 ^ |                            |
 *  |   +-- BTT ---------+-----------------+ +-- without SG_MODE --> Idle |
 *  +--- at TAILDESC ----+------------ next descriptor -------------------+
 * }</pre>
 *
 * <p><b>Where the manual is silent:</b> CURDESC is taken when it was stored to since the last
 * chain; otherwise a new TAILDESC goes on behind the last descriptor. Clearing SG_MODE forgets the
 * chain. Without the realignment engine the low bits of addresses are taken as zero. An address
 * that no memory is at is a decode error; one that an IOMMU refuses is a slave error.
 */
public final class AxiCdma extends WordRegisters {
    /** Bytes of the block of registers. */
    public static final int SIZE = CdmaRegister.SIZE;

    /** Bursts that one event moves. */
    private static final int RUN_BURSTS = 16;

    private static final int CONTROL_MASK =
            Cdmacr.CYCLIC_BD_ENABLE.mask()
                    | Cdmacr.KEY_HOLE_WRITE.mask()
                    | Cdmacr.KEY_HOLE_READ.mask()
                    | Cdmacr.SG_MODE.mask();

    /**
     * How a core was generated.
     *
     * @param scatterGather whether it has the scatter/gather engine
     * @param addressBits of memory, 32 to 64
     * @param beatBytes of a beat, a power of two from 4 to 128
     * @param realigns whether it takes any address
     */
    public record Build(boolean scatterGather, int addressBits, int beatBytes, boolean realigns) {
        /** Checks the ranges. */
        public Build {
            Check.argument(addressBits >= 32 && addressBits <= 64, "%d address bits", addressBits);
            Check.argument(
                    beatBytes >= 4
                            && beatBytes <= Timing.BEAT_BYTES_MAX
                            && Integer.bitCount(beatBytes) == 1,
                    "beats of %d bytes",
                    beatBytes);
        }

        boolean isWide() {
            return addressBits > 32;
        }

        long reach(long address) {
            return addressBits == 64 ? address : address & ((1L << addressBits) - 1);
        }
    }

    private enum State {
        IDLE("Idle"),
        FETCHING("Fetching"),
        MOVING("Moving"),
        UPDATING("Updating");

        private final String label;

        State(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    private final Clock clock;
    private final ChipTrace trace;
    private final MasterPort port;
    private final Build build;
    private final Interrupter interrupter;
    private final Alarm step;
    private final Alarm resetOver;
    private final byte[] block = new byte[CdmaDescriptor.SIZE];
    private final byte[] burst;

    private State state = State.IDLE;
    private int control;
    private int errors;
    private long current;
    private long tail;
    private long next;
    private boolean pointed;
    private long sourceRegister;
    private long destRegister;
    private int lengthRegister;
    private long source;
    private long dest;
    private int residue;
    private int runBytes;
    private int size;
    private long pieceStartPs;

    /**
     * Creates a core after power-on.
     *
     * @param port its way to memory; its name is the core's in traces
     */
    public AxiCdma(Clock clock, Trace trace, MasterPort port, Build build, IrqLine irq) {
        this.clock = clock;
        this.port = port;
        this.build = build;
        String name = port.name();
        this.trace = new ChipTrace(clock, trace, name);
        burst = new byte[build.beatBytes() * Timing.BURST_BEATS];
        interrupter = new Interrupter(clock, name, irq);
        step = new Alarm(name, this::step);
        resetOver = new Alarm(name + " reset", () -> {});
    }

    // Registers.

    @Override
    public boolean tracesAccess(long offset) {
        return CdmaRegister.MAP.at(offset) != null;
    }

    @Override
    protected int readWord(int at) {
        CdmaRegister register = CdmaRegister.MAP.at(at);
        if (register == null) {
            return 0;
        }
        int value =
                switch (register) {
                    case CDMACR ->
                            Cdmacr.RESET.with(
                                    control | interrupter.control() | Cdmacr.TAIL_PNTR_EN.mask(),
                                    resetOver.isSet());
                    case CDMASR -> status();
                    case CURDESC_PNTR -> Halves.low(current);
                    case CURDESC_PNTR_MSB -> Halves.high(current);
                    case TAILDESC_PNTR -> Halves.low(tail);
                    case TAILDESC_PNTR_MSB -> Halves.high(tail);
                    case SA -> Halves.low(sourceRegister);
                    case SA_MSB -> Halves.high(sourceRegister);
                    case DA -> Halves.low(destRegister);
                    case DA_MSB -> Halves.high(destRegister);
                    case BTT -> lengthRegister;
                };
        trace.loaded(register, value);
        return value;
    }

    private int status() {
        int value = errors | interrupter.status();
        value = Cdmasr.SG_INCLD.with(value, build.scatterGather());
        return Cdmasr.IDLE.with(value, state == State.IDLE);
    }

    @Override
    protected void writeWord(int at, int value) {
        CdmaRegister register = CdmaRegister.MAP.at(at);
        if (register == null) {
            return;
        }
        trace.stored(register, value);
        if (resetOver.isSet()) {
            return;
        }
        boolean idle = state == State.IDLE;
        switch (register) {
            case CDMACR -> control(value);
            case CDMASR -> interrupter.acknowledge(value);
            case CURDESC_PNTR -> {
                if (idle && takesDescriptors()) {
                    current = Halves.withLow(current, value & register.writableMask());
                    pointed = true;
                }
            }
            case CURDESC_PNTR_MSB -> {
                if (idle && takesDescriptors()) {
                    current = high(current, value);
                }
            }
            case TAILDESC_PNTR -> {
                if (takesDescriptors()) {
                    tail = Halves.withLow(tail, value & register.writableMask());
                    if (!build.isWide()) {
                        tailMoved();
                    }
                }
            }
            case TAILDESC_PNTR_MSB -> {
                if (takesDescriptors() && build.isWide()) {
                    tail = high(tail, value);
                    tailMoved();
                }
            }
            case SA -> sourceRegister = Halves.withLow(sourceRegister, value);
            case SA_MSB -> sourceRegister = high(sourceRegister, value);
            case DA -> destRegister = Halves.withLow(destRegister, value);
            case DA_MSB -> destRegister = high(destRegister, value);
            case BTT -> startSimple(value & register.writableMask());
        }
    }

    private boolean takesDescriptors() {
        return build.scatterGather() && Cdmacr.SG_MODE.isSet(control);
    }

    private long high(long old, int value) {
        return build.isWide() ? build.reach(Halves.withHigh(old, value)) : old;
    }

    private void control(int value) {
        if (Cdmacr.RESET.isSet(value)) {
            reset();
            return;
        }
        control = value & CONTROL_MASK;
        if (!build.scatterGather()) {
            control &= ~Cdmacr.SG_MODE.mask();
        }
        interrupter.control(value);
        if (!takesDescriptors() && state == State.IDLE) {
            pointed = false;
            current = 0;
            tail = 0;
        }
    }

    private void reset() {
        clock.cancel(step);
        enter(State.IDLE, "reset");
        control = 0;
        errors = 0;
        current = 0;
        tail = 0;
        next = 0;
        pointed = false;
        sourceRegister = 0;
        destRegister = 0;
        lengthRegister = 0;
        interrupter.reset();
        clock.setIn(resetOver, Timing.ps(Timing.RESET_CYCLES));
    }

    private void tailMoved() {
        if (state == State.IDLE && errors == 0) {
            if (pointed) {
                next = current;
                pointed = false;
            }
            fetch(Timing.TAIL_TO_FETCH_CYCLES);
        }
    }

    private void startSimple(int bytes) {
        if (state != State.IDLE || Cdmacr.SG_MODE.isSet(control) || errors != 0) {
            return;
        }
        lengthRegister = bytes;
        if (bytes == 0) {
            fail(Cdmasr.DMA_INT_ERR, null);
        } else {
            begin(sourceRegister, destRegister, bytes);
        }
    }

    // Steps.

    private void step() {
        switch (state) {
            case FETCHING -> fetched();
            case MOVING -> moved();
            case UPDATING -> updated();
            case IDLE -> {
                // Its alarm is not set.
            }
        }
    }

    private void fetch(int cycles) {
        enter(State.FETCHING, "");
        current = next;
        clock.setIn(step, Timing.ps(cycles + Timing.FETCH_TO_DATA_CYCLES));
    }

    private void fetched() {
        port.hold(Timing.ps(CdmaDescriptor.SIZE / Integer.BYTES));
        BusAnswer answer = port.read(current, block, 0, CdmaDescriptor.SIZE);
        if (answer instanceof BusAnswer.Fault fault) {
            fail(isDecode(fault) ? Cdmasr.SG_DEC_ERR : Cdmasr.SG_SLV_ERR, fault);
            return;
        }
        if (trace.isOn()) {
            trace.fetched(current, DescriptorWords.text(block, CdmaDescriptor.MAP.registers()));
        }
        next =
                build.reach(
                        DescriptorWords.address(
                                        block,
                                        CdmaDescriptor.NXTDESC_PNTR,
                                        CdmaDescriptor.NXTDESC_PNTR_MSB)
                                & -CdmaDescriptor.ALIGNMENT);
        int status = DescriptorWords.word(block, CdmaDescriptor.STATUS);
        if (CdmaDescriptor.Status.CMPLT.isSet(status) && !Cdmacr.CYCLIC_BD_ENABLE.isSet(control)) {
            fail(Cdmasr.SG_INT_ERR, null);
            return;
        }
        int bytes =
                CdmaDescriptor.Control.BTT.get(DescriptorWords.word(block, CdmaDescriptor.CONTROL));
        if (bytes == 0) {
            failData(Cdmasr.DMA_INT_ERR, null);
            return;
        }
        begin(
                DescriptorWords.address(block, CdmaDescriptor.SA, CdmaDescriptor.SA_MSB),
                DescriptorWords.address(block, CdmaDescriptor.DA, CdmaDescriptor.DA_MSB),
                bytes);
    }

    private void begin(long from, long to, int bytes) {
        long aligned = build.realigns() ? -1 : -build.beatBytes();
        source = build.reach(from & aligned);
        dest = build.reach(to & aligned);
        residue = bytes;
        size = bytes;
        pieceStartPs = clock.now();
        enter(State.MOVING, "");
        run(Timing.READ_CYCLES);
    }

    /** The next run of bursts is on the bus. */
    private void run(int latencyCycles) {
        runBytes = Math.min(residue, RUN_BURSTS * burst.length);
        int beats = (runBytes + build.beatBytes() - 1) / build.beatBytes();
        port.hold(Timing.ps(beats));
        clock.setIn(step, Timing.ps(latencyCycles + beats));
    }

    private void moved() {
        if (copy() instanceof BusAnswer.Fault fault) {
            failData(isDecode(fault) ? Cdmasr.DMA_DEC_ERR : Cdmasr.DMA_SLV_ERR, fault);
            return;
        }
        if (state != State.MOVING) {
            return; // the bytes went to this very core's registers, and reset it
        }
        residue -= runBytes;
        if (residue > 0) {
            run(0);
            return;
        }
        trace.moved(pieceStartPs, source - size, dest - size, size);
        if (takesDescriptors()) {
            enter(State.UPDATING, "");
            clock.setIn(step, Timing.ps(Timing.UPDATE_CYCLES));
        } else {
            enter(State.IDLE, "");
            interrupter.transferEnds();
        }
    }

    private BusAnswer copy() {
        boolean fixedSource = Cdmacr.KEY_HOLE_READ.isSet(control);
        boolean fixedDest = Cdmacr.KEY_HOLE_WRITE.isSet(control);
        if (!fixedSource
                && !fixedDest
                && port.reachesRam(source, runBytes, false)
                && port.reachesRam(dest, runBytes, true)) {
            BusAnswer answer = port.copy(source, dest, runBytes, burst.length);
            advance(runBytes, false, false);
            return answer;
        }
        int stride = fixedSource || fixedDest ? build.beatBytes() : burst.length;
        BusAnswer answer = BusAnswer.Done.DONE;
        for (int done = 0; done < runBytes && answer.isDone(); done += stride) {
            int bytes = Math.min(stride, runBytes - done);
            answer = port.read(source, burst, 0, bytes);
            if (answer.isDone()) {
                answer = port.write(dest, burst, 0, bytes);
            }
            advance(bytes, fixedSource, fixedDest);
        }
        return answer;
    }

    private void advance(int bytes, boolean fixedSource, boolean fixedDest) {
        source = fixedSource ? source : build.reach(source + bytes);
        dest = fixedDest ? dest : build.reach(dest + bytes);
    }

    private void updated() {
        if (writeBack(CdmaDescriptor.Status.CMPLT.mask()) instanceof BusAnswer.Fault fault) {
            fail(isDecode(fault) ? Cdmasr.SG_DEC_ERR : Cdmasr.SG_SLV_ERR, fault);
            return;
        }
        if (state != State.UPDATING) {
            return;
        }
        if (current == tail) {
            enter(State.IDLE, "");
        } else {
            fetch(0);
        }
        interrupter.packetEnds();
    }

    private BusAnswer writeBack(int value) {
        int at = CdmaDescriptor.STATUS.offset();
        DescriptorWords.store(block, at, value);
        return port.write(current + at, block, at, Integer.BYTES);
    }

    private static boolean isDecode(BusAnswer.Fault fault) {
        return fault.cause() == BusAnswer.Cause.DECODE;
    }

    private void failData(Cdmasr error, BusAnswer.@Nullable Fault fault) {
        if (takesDescriptors()) {
            CdmaDescriptor.Status flag =
                    switch (error) {
                        case DMA_DEC_ERR -> CdmaDescriptor.Status.DMA_DEC_ERR;
                        case DMA_SLV_ERR -> CdmaDescriptor.Status.DMA_SLV_ERR;
                        default -> CdmaDescriptor.Status.DMA_INT_ERR;
                    };
            writeBack(flag.mask());
        }
        fail(error, fault);
    }

    private void fail(Cdmasr error, BusAnswer.@Nullable Fault fault) {
        errors |= error.mask();
        if (fault != null) {
            trace.refused(fault);
        }
        clock.cancel(step);
        enter(State.IDLE, error.name());
        interrupter.fails();
    }

    private void enter(State to, String detail) {
        trace.entered(state, to, detail);
        state = to;
    }
}
