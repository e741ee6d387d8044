package dmakit.hardware.xilinx;

import dmakit.datasheet.xilinx.AxiDmaDescriptor;
import dmakit.datasheet.xilinx.AxiDmaDescriptor.Control;
import dmakit.datasheet.xilinx.AxiDmaDescriptor.Status;
import dmakit.datasheet.xilinx.AxiDmaRegister;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmacr;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmasr;
import dmakit.hardware.AxiStream;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.DescriptorWords;
import dmakit.hardware.Halves;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import org.jspecify.annotations.Nullable;

/** One channel of an {@link AxiDma}: its registers, its state and its one event. */
final class DmaChannel {
    /** What a channel does until its event. */
    enum State {
        /** Stands still, and takes no TAILDESC. */
        HALTED("Halted"),
        /** Runs and has nothing to do. */
        PAUSED("Paused"),
        /** Fetches a descriptor. */
        FETCHING("Fetching"),
        /** Has bytes to move, and neither a burst on the bus nor what one needs. */
        WAITING("Waiting"),
        /** Has a burst on the bus. */
        MOVING("Moving"),
        /** Writes the status of a descriptor back. */
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

    private static final int CONTROL_MASK =
            Dmacr.CYCLIC_BD_ENABLE.mask() | Dmacr.KEYHOLE.mask() | Dmacr.RS.mask();
    private static final int[] NO_WORDS = new int[AxiStream.WORD_COUNT];

    private final AxiDma.Build build;
    private final boolean sends;
    private final Clock clock;
    private final ChipTrace trace;
    private final MasterPort port;
    private final AxiStream stream;
    private final int beatBytes;
    private final boolean aligns;
    private final Interrupter interrupter;
    private final Alarm step;
    private final byte[] block = new byte[AxiDmaDescriptor.SIZE];
    private final byte[] burst;
    private final int[] words = new int[AxiStream.WORD_COUNT];

    private State state = State.HALTED;
    private int control;
    private int errors;
    private boolean idle;

    /** CURDESC and TAILDESC; the descriptor that follows the one at hand. */
    private long current;

    private long tail;
    private long next;
    private long address;
    private int length;

    // The buffer at hand.
    private long at;
    private int residue;
    private int size;
    private boolean firstBurst;
    private boolean startsPacket;
    private boolean endsPacket;
    private int burstBytes;

    /** Whether the packet on the stream has begun. */
    private boolean inPacket;

    private long pieceStartPs;

    DmaChannel(
            Clock clock,
            Trace trace,
            MasterPort port,
            AxiDma.Build build,
            boolean sends,
            AxiStream stream,
            IrqLine irq) {
        this.clock = clock;
        this.port = port;
        this.build = build;
        this.sends = sends;
        this.stream = stream;
        String name = port.name() + (sends ? ".mm2s" : ".s2mm");
        this.trace = new ChipTrace(clock, trace, name);
        beatBytes = sends ? build.mm2sBeatBytes() : build.s2mmBeatBytes();
        aligns = sends ? !build.mm2sRealigns() : !build.s2mmRealigns();
        burst = new byte[beatBytes * Timing.BURST_BEATS];
        interrupter = new Interrupter(clock, name, irq);
        step = new Alarm(name, this::step);
        if (sends) {
            stream.onRoom(this::streamMoved);
        } else {
            stream.onData(this::streamMoved);
        }
    }

    /** Puts everything back to its value after power-on. */
    void reset() {
        clock.cancel(step);
        enter(State.HALTED, "reset");
        control = 0;
        errors = 0;
        idle = false;
        current = 0;
        tail = 0;
        next = 0;
        address = 0;
        length = 0;
        residue = 0;
        inPacket = false;
        interrupter.reset();
    }

    // Registers.

    int read(AxiDmaRegister register) {
        return switch (register) {
            case DMACR -> control | interrupter.control() | Dmacr.RESERVED_1.mask();
            case DMASR -> status();
            case CURDESC -> Halves.low(current);
            case CURDESC_MSB -> Halves.high(current);
            case TAILDESC -> Halves.low(tail);
            case TAILDESC_MSB -> Halves.high(tail);
            case ADDRESS -> Halves.low(address);
            case ADDRESS_MSB -> Halves.high(address);
            case LENGTH -> length;
            case SG_CTL -> 0;
        };
    }

    private int status() {
        int value = errors | interrupter.status();
        value = Dmasr.SG_INCLD.with(value, build.scatterGather());
        value = Dmasr.IDLE.with(value, idle);
        return Dmasr.HALTED.with(value, state == State.HALTED);
    }

    void write(AxiDmaRegister register, int value) {
        switch (register) {
            case DMACR -> control(value);
            case DMASR -> interrupter.acknowledge(value);
            case CURDESC -> {
                if (mayPoint()) {
                    current =
                            Halves.withLow(current, value & AxiDmaRegister.CURDESC.writableMask());
                }
            }
            case CURDESC_MSB -> {
                if (mayPoint() && build.isWide()) {
                    current = high(current, value);
                }
            }
            case TAILDESC -> {
                if (build.scatterGather()) {
                    tail = Halves.withLow(tail, value & AxiDmaRegister.TAILDESC.writableMask());
                    if (!build.isWide()) {
                        tailMoved();
                    }
                }
            }
            case TAILDESC_MSB -> {
                if (build.scatterGather() && build.isWide()) {
                    tail = high(tail, value);
                    tailMoved();
                }
            }
            case ADDRESS -> {
                if (!build.scatterGather()) {
                    address = Halves.withLow(address, value);
                }
            }
            case ADDRESS_MSB -> {
                if (!build.scatterGather() && build.isWide()) {
                    address = high(address, value);
                }
            }
            case LENGTH -> {
                if (!build.scatterGather()) {
                    startSimple(value & build.lengthMask());
                }
            }
            case SG_CTL -> {
                // Not modelled.
            }
        }
    }

    private long high(long old, int value) {
        return build.reach(Halves.withHigh(old, value));
    }

    /** CURDESC can be set while the channel stands still, and without an error. */
    private boolean mayPoint() {
        return build.scatterGather() && state == State.HALTED && !Dmacr.RS.isSet(control);
    }

    private void control(int value) {
        boolean ran = Dmacr.RS.isSet(control);
        boolean runs = Dmacr.RS.isSet(value) && errors == 0;
        control = Dmacr.RS.with(value & CONTROL_MASK, runs);
        interrupter.control(value);
        if (runs && !ran) {
            if (state == State.HALTED) {
                enter(State.PAUSED, "");
                next = current;
                idle = false;
            }
        } else if (ran && !runs && (state == State.PAUSED || state == State.WAITING)) {
            halt("stopped");
        }
    }

    private void tailMoved() {
        if (state == State.PAUSED && Dmacr.RS.isSet(control)) {
            idle = false;
            fetch(Timing.TAIL_TO_FETCH_CYCLES);
        }
    }

    private void startSimple(int bytes) {
        if (state == State.PAUSED && bytes != 0) {
            length = bytes;
            idle = false;
            startsPacket = sends;
            endsPacket = sends;
            begin(address, bytes);
        }
    }

    // Steps.

    private void step() {
        switch (state) {
            case FETCHING -> fetched();
            case MOVING -> moved();
            case UPDATING -> updated();
            case WAITING -> proceed();
            case HALTED, PAUSED -> {
                // Their alarm is not set.
            }
        }
    }

    private void fetch(int cycles) {
        enter(State.FETCHING, "");
        current = next;
        clock.setIn(step, Timing.ps(cycles + Timing.FETCH_TO_DATA_CYCLES));
    }

    private void fetched() {
        port.hold(Timing.ps(AxiDmaDescriptor.SIZE / Integer.BYTES));
        BusAnswer answer = port.read(current, block, 0, AxiDmaDescriptor.SIZE);
        if (answer instanceof BusAnswer.Fault fault) {
            fail(isDecode(fault) ? Dmasr.SG_DEC_ERR : Dmasr.SG_SLV_ERR, fault);
            return;
        }
        if (trace.isOn()) {
            trace.fetched(current, DescriptorWords.text(block, AxiDmaDescriptor.MAP.registers()));
        }
        next =
                build.reach(
                        DescriptorWords.address(
                                        block,
                                        AxiDmaDescriptor.NXTDESC,
                                        AxiDmaDescriptor.NXTDESC_MSB)
                                & -AxiDmaDescriptor.ALIGNMENT);
        int info = DescriptorWords.word(block, AxiDmaDescriptor.CONTROL);
        if (!isCyclic() && Status.CMPLT.isSet(word(AxiDmaDescriptor.STATUS))) {
            fail(Dmasr.SG_INT_ERR, null);
            return;
        }
        startsPacket = sends && Control.TXSOF.isSet(info);
        endsPacket = sends && Control.TXEOF.isSet(info);
        if (startsPacket) {
            for (int i = 0; i < words.length; i++) {
                words[i] =
                        DescriptorWords.word(
                                block, AxiDmaDescriptor.APP0.offset() + i * Integer.BYTES);
            }
        }
        begin(
                DescriptorWords.address(
                        block,
                        AxiDmaDescriptor.BUFFER_ADDRESS,
                        AxiDmaDescriptor.BUFFER_ADDRESS_MSB),
                Control.BUFFER_LENGTH.get(info) & build.lengthMask());
    }

    private int word(AxiDmaDescriptor which) {
        return DescriptorWords.word(block, which);
    }

    private void begin(long buffer, int bytes) {
        at = build.reach(aligns ? buffer & -beatBytes : buffer);
        size = bytes;
        residue = bytes;
        firstBurst = true;
        pieceStartPs = clock.now();
        if (bytes == 0) {
            failData(Dmasr.DMA_INT_ERR, null);
            return;
        }
        if (startsPacket) {
            interrupter.packetStarts();
        }
        proceed();
    }

    /** Puts the next burst on the bus, or waits for the stream. */
    private void proceed() {
        int bytes = Math.min(residue, burst.length - (int) (at & (burst.length - 1L)));
        int ready = sends ? stream.room() : stream.available();
        boolean enough = ready >= bytes || (!sends && ready > 0 && stream.endsPacket());
        if (!enough) {
            if (!Dmacr.RS.isSet(control)) {
                halt("stopped");
            } else if (state != State.WAITING) {
                enter(State.WAITING, "residue=" + residue);
            }
            return;
        }
        burstBytes = Math.min(bytes, ready);
        if (state != State.MOVING) {
            enter(State.MOVING, "");
        }
        int cycles = (burstBytes + beatBytes - 1) / beatBytes;
        port.hold(Timing.ps(cycles));
        if (firstBurst) {
            cycles += sends ? Timing.READ_CYCLES : Timing.WRITE_CYCLES;
        } else if (!sends) {
            cycles += Timing.WRITE_GAP_CYCLES;
        }
        firstBurst = false;
        clock.setIn(step, Timing.ps(cycles));
    }

    private void streamMoved() {
        if (state == State.WAITING && !step.isSet()) {
            clock.setIn(step, 0);
        }
    }

    private void moved() {
        boolean ended = sends ? send() : receive();
        if (state != State.MOVING) {
            return;
        }
        if (residue == 0 || ended) {
            buffered(ended);
        } else {
            proceed();
        }
    }

    /** Reads a burst and puts it on the stream. */
    private boolean send() {
        BusAnswer answer = access(false);
        if (answer instanceof BusAnswer.Fault fault) {
            failData(isDecode(fault) ? Dmasr.DMA_DEC_ERR : Dmasr.DMA_SLV_ERR, fault);
            return false;
        }
        advance();
        boolean last = residue == 0 && endsPacket;
        stream.put(burst, 0, burstBytes, last, build.scatterGather() ? words : NO_WORDS);
        return last;
    }

    /** Takes a burst from the stream and writes it. */
    private boolean receive() {
        if (!inPacket) {
            inPacket = true;
            startsPacket = true;
            interrupter.packetStarts();
        }
        boolean last = stream.take(burst, 0, burstBytes);
        BusAnswer answer = access(true);
        if (answer instanceof BusAnswer.Fault fault) {
            failData(isDecode(fault) ? Dmasr.DMA_DEC_ERR : Dmasr.DMA_SLV_ERR, fault);
            return false;
        }
        if (state != State.MOVING) {
            return false; // the bytes went to this very core's registers, and reset it
        }
        advance();
        inPacket = !last;
        return last;
    }

    private BusAnswer access(boolean write) {
        int stride = Dmacr.KEYHOLE.isSet(control) ? beatBytes : burstBytes;
        BusAnswer answer = BusAnswer.Done.DONE;
        for (int done = 0; done < burstBytes && answer.isDone(); done += stride) {
            int bytes = Math.min(stride, burstBytes - done);
            answer = write ? port.write(at, burst, done, bytes) : port.read(at, burst, done, bytes);
        }
        return answer;
    }

    private void advance() {
        residue -= burstBytes;
        if (!Dmacr.KEYHOLE.isSet(control)) {
            at = build.reach(at + burstBytes);
        }
    }

    /** The buffer is sent, or filled, or holds the end of a packet. */
    private void buffered(boolean ended) {
        traceMoved();
        if (!build.scatterGather()) {
            if (!sends) {
                length = size - residue;
                if (!ended) {
                    failData(Dmasr.DMA_INT_ERR, null);
                    return;
                }
            }
            idle = true;
            pauseOrHalt();
            interrupter.transferEnds();
            return;
        }
        endsPacket = ended;
        enter(State.UPDATING, "");
        clock.setIn(step, Timing.ps(Timing.UPDATE_CYCLES));
    }

    private void updated() {
        int value = Status.CMPLT.mask() | Status.TRANSFERRED_BYTES.of(size - residue);
        if (!sends) {
            value = Status.RXSOF.with(value, startsPacket);
            value = Status.RXEOF.with(value, endsPacket);
            startsPacket = false;
        }
        if (writeBack(value) instanceof BusAnswer.Fault fault) {
            fail(isDecode(fault) ? Dmasr.SG_DEC_ERR : Dmasr.SG_SLV_ERR, fault);
            return;
        }
        if (current == tail) {
            idle = true;
            pauseOrHalt();
        } else if (!Dmacr.RS.isSet(control)) {
            halt("stopped");
        } else {
            fetch(0);
        }
        if (endsPacket) {
            interrupter.packetEnds();
        }
    }

    /** Writes the status, and with the end of a received packet its words. */
    private BusAnswer writeBack(int value) {
        int bytes = Integer.BYTES;
        DescriptorWords.store(block, AxiDmaDescriptor.STATUS.offset(), value);
        if (!sends && endsPacket) {
            for (int i = 0; i < AxiDmaDescriptor.APP_COUNT; i++) {
                DescriptorWords.store(
                        block, AxiDmaDescriptor.APP0.offset() + i * Integer.BYTES, stream.word(i));
            }
            bytes += AxiDmaDescriptor.APP_COUNT * Integer.BYTES;
        }
        int from = AxiDmaDescriptor.STATUS.offset();
        return port.write(current + from, block, from, bytes);
    }

    private boolean isCyclic() {
        return Dmacr.CYCLIC_BD_ENABLE.isSet(control);
    }

    private void pauseOrHalt() {
        if (Dmacr.RS.isSet(control)) {
            enter(State.PAUSED, "");
        } else {
            halt("stopped");
        }
    }

    // Stopping.

    private static boolean isDecode(BusAnswer.Fault fault) {
        return fault.cause() == BusAnswer.Cause.DECODE;
    }

    /** An error in a buffer shows in its descriptor as well. */
    private void failData(Dmasr error, BusAnswer.@Nullable Fault fault) {
        traceMoved();
        if (build.scatterGather()) {
            Status flag =
                    switch (error) {
                        case DMA_DEC_ERR -> Status.DMA_DEC_ERR;
                        case DMA_SLV_ERR -> Status.DMA_SLV_ERR;
                        default -> Status.DMA_INT_ERR;
                    };
            endsPacket = false;
            writeBack(flag.mask() | Status.TRANSFERRED_BYTES.of(size - residue));
        }
        fail(error, fault);
    }

    private void fail(Dmasr error, BusAnswer.@Nullable Fault fault) {
        errors |= error.mask();
        control &= ~Dmacr.RS.mask();
        if (fault != null) {
            trace.refused(fault);
        }
        halt(error.name());
        interrupter.fails();
    }

    private void halt(String why) {
        clock.cancel(step);
        enter(State.HALTED, why);
    }

    private void enter(State to, String detail) {
        trace.entered(state, to, detail);
        state = to;
    }

    private void traceMoved() {
        int bytes = size - residue;
        if (bytes != 0) {
            long from = Dmacr.KEYHOLE.isSet(control) ? at : at - bytes;
            trace.moved(pieceStartPs, sends ? from : 0, sends ? 0 : from, bytes);
        }
    }
}
