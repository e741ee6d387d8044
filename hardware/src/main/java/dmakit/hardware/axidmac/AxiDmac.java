package dmakit.hardware.axidmac;

import dmakit.datasheet.Register;
import dmakit.datasheet.axidmac.AxiDmacDescriptor;
import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.datasheet.axidmac.AxiDmacRegister.Coherency;
import dmakit.datasheet.axidmac.AxiDmacRegister.Control;
import dmakit.datasheet.axidmac.AxiDmacRegister.Flags;
import dmakit.datasheet.axidmac.AxiDmacRegister.Interfaces;
import dmakit.datasheet.axidmac.AxiDmacRegister.IrqPending;
import dmakit.datasheet.axidmac.AxiDmacRegister.Submit;
import dmakit.datasheet.axidmac.AxiDmacRegister.TransferDone;
import dmakit.hardware.AxiStream;
import dmakit.machine.Check;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import org.jspecify.annotations.Nullable;

/**
 * Analog Devices' AXI-DMAC, version 4.05.e. AXI DMAC, "Theory of Operation".
 *
 * <pre>{@code
 *  TRANSFER_SUBMIT        room             free               all moved
 * ----------------> held ------> queued --------> under way ----------> done
 *                    ^                                |  CYCLIC
 *                    +--------------------------------+
 * }</pre>
 *
 * <p>A transfer is held in the registers until the queue takes it, has a number of two bits from
 * then on, and works on rows, or in HWDESC mode on a chain of descriptors. A cyclic one stays in
 * the registers, and begins anew from them whenever it ends.
 *
 * <p>Clearing ENABLE drops everything; PAUSE lets it stand still after the burst on the bus.
 *
 * <p><b>Where the documentation is silent:</b>
 *
 * <ul>
 *   <li>The core does not look at the answers of memory, and has no register to tell of one: what
 *       is refused reads as zeros or is lost, and the transfer ends as others do. A descriptor that
 *       is refused ends the chain, and nothing follows until the channel is disabled.
 *   <li>Clearing CYCLIC ends a cyclic transfer with the row it is at, and tells so; since the
 *       registers still hold it, it runs once more behind that. Disabling the channel cuts it off.
 *   <li>Transfers of a packet that ended before them are done without a byte.
 *   <li>A fifth packet that ends early waits until software has read of the first.
 *   <li>Frame lock, external synchronization and runs from reset on are not modelled.
 * </ul>
 */
public final class AxiDmac implements Target {
    /** Bytes of registers. */
    public static final int SIZE = AxiDmacRegister.SIZE;

    private static final int ID_MASK = 3;
    private static final int CACHEABLE_COHERENT = 0xf;
    private static final int CACHEABLE = 3;
    private static final int PROTECTION_COHERENT = 2;

    private final Clock clock;
    private final Trace trace;
    private final String name;
    private final Build build;
    private final IrqLine irq;
    private final Engine engine;
    private final PartialReports reports = new PartialReports();
    private final Alarm queueing;

    private int scratch;
    private int irqMask = AxiDmacRegister.IRQ_MASK.reset();
    private int irqSource;
    private int control;
    private int flags;
    private long destination;
    private long source;
    private long chain;
    private int xLength;
    private int yLength;
    private int destinationStride;
    private int sourceStride;

    /** TRANSFER_SUBMIT, and whether the cyclic transfer it stands for has begun. */
    private boolean submitted;

    private boolean goesAround;

    private int nextId;
    private int activeId;
    private int done;

    /**
     * Creates a core after reset.
     *
     * @param port its way to memory; its name is the core's in traces
     * @param in what it reads where that is a stream, else null
     * @param out what it writes where that is a stream, else null
     * @throws IllegalArgumentException when a stream is missing, or one too many
     */
    public AxiDmac(
            Clock clock,
            Trace trace,
            MasterPort port,
            Build build,
            @Nullable AxiStream in,
            @Nullable AxiStream out,
            IrqLine irq) {
        Check.argument(
                build.source().isMemory() == (in == null)
                        && build.destination().isMemory() == (out == null),
                "%s to %s with a stream in: %s, out: %s",
                build.source(),
                build.destination(),
                in != null,
                out != null);
        this.clock = clock;
        this.trace = trace;
        this.build = build;
        this.irq = irq;
        name = port.name();
        engine = new Engine(clock, trace, port, build, in, out, new Events());
        queueing = new Alarm(name + " queue", this::queue);
        flags = AxiDmacRegister.FLAGS.reset();
        flags = Flags.CYCLIC.with(flags, build.cyclic());
        xLength = build.lengthAlignMask();
    }

    /** Moves every burst in an event of its own, for the proof that runs change nothing. */
    void moveBurstByBurst() {
        engine.moveBurstByBurst();
    }

    // What the bus sees.

    @Override
    public long read(long offset, int bytes) {
        int at = (int) offset & -Register.BYTES;
        long word = word(at) & 0xffff_ffffL;
        if (bytes > Register.BYTES) {
            return word | (long) word(at + Register.BYTES) << Integer.SIZE;
        }
        int lane = Byte.SIZE * (int) (offset & (Register.BYTES - 1));
        return bytes == Register.BYTES ? word : (word >>> lane) & ((1L << (Byte.SIZE * bytes)) - 1);
    }

    private int word(int at) {
        AxiDmacRegister register = AxiDmacRegister.MAP.at(at);
        if (register == null) {
            return 0;
        }
        int value = load(register);
        traceAccess(register, value, false);
        return value;
    }

    /** A narrow store writes its whole word, zero elsewhere: the core does not look at strobes. */
    @Override
    public void write(long offset, int bytes, long value) {
        int at = (int) offset & -Register.BYTES;
        put(at, (int) (value << (Byte.SIZE * (offset & (Register.BYTES - 1)))));
        if (bytes > Register.BYTES) {
            put(at + Register.BYTES, (int) (value >>> Integer.SIZE));
        }
    }

    private void put(int at, int value) {
        AxiDmacRegister register = AxiDmacRegister.MAP.at(at);
        if (register != null) {
            traceAccess(register, value, true);
            store(register, value);
        }
    }

    @Override
    public boolean tracesAccess(long offset) {
        return AxiDmacRegister.MAP.at(offset) != null;
    }

    private void traceAccess(AxiDmacRegister register, int value, boolean write) {
        if (trace.isOn()) {
            trace.emit(
                    new TraceEvent.RegisterAccess(
                            clock.now(),
                            name,
                            register.name(),
                            register.offset(),
                            Register.BYTES,
                            value & 0xffff_ffffL,
                            write));
        }
    }

    // Registers.

    private int load(AxiDmacRegister register) {
        return switch (register) {
            case VERSION, PERIPHERAL_ID, IDENTIFICATION, STATUS -> register.reset();
            case SCRATCH -> scratch;
            case INTERFACE_DESCRIPTION_1 -> interfaces();
            case INTERFACE_DESCRIPTION_2 -> coherency();
            case IRQ_MASK -> irqMask;
            case IRQ_PENDING -> irqSource & ~irqMask;
            case IRQ_SOURCE -> irqSource;
            case CONTROL -> control;
            case TRANSFER_ID -> nextId;
            case TRANSFER_SUBMIT -> Submit.TRANSFER_SUBMIT.with(0, submitted);
            case FLAGS -> flags;
            case DEST_ADDRESS -> (int) destination;
            case DEST_ADDRESS_HIGH -> high(destination);
            case SRC_ADDRESS -> (int) source;
            case SRC_ADDRESS_HIGH -> high(source);
            case SG_ADDRESS -> (int) chain;
            case SG_ADDRESS_HIGH -> high(chain);
            case X_LENGTH -> xLength;
            case Y_LENGTH -> yLength;
            case DEST_STRIDE -> destinationStride;
            case SRC_STRIDE -> sourceStride;
            case TRANSFER_DONE -> TransferDone.PARTIAL_TRANSFER_DONE.with(done, !reports.isEmpty());
            case ACTIVE_TRANSFER_ID -> activeId;
            case CURRENT_DEST_ADDRESS -> (int) engine.destination();
            case CURRENT_DEST_ADDRESS_HIGH -> high(engine.destination());
            case CURRENT_SRC_ADDRESS -> (int) engine.source();
            case CURRENT_SRC_ADDRESS_HIGH -> high(engine.source());
            case TRANSFER_PROGRESS -> (int) engine.progress();
            case PARTIAL_TRANSFER_LENGTH -> reports.length();
            case PARTIAL_TRANSFER_ID -> takeReport();
            case DESCRIPTOR_ID -> Control.HWDESC.isSet(control) ? engine.descriptorId() : 0;
            case FRAMELOCK_CONFIG, FRAMELOCK_STRIDE -> 0;
        };
    }

    private static int high(long address) {
        return (int) (address >>> Integer.SIZE);
    }

    private int interfaces() {
        return Interfaces.BYTES_PER_BURST_WIDTH.of(lg2(build.burstBytes()))
                | Interfaces.DMA_TYPE_SRC.of(build.source().ordinal())
                | Interfaces.BYTES_PER_BEAT_SRC_LOG2.of(lg2(build.sourceBytes()))
                | Interfaces.DMA_TYPE_DEST.of(build.destination().ordinal())
                | Interfaces.BYTES_PER_BEAT_DEST_LOG2.of(lg2(build.destinationBytes()));
    }

    private static int lg2(int powerOfTwo) {
        return Integer.numberOfTrailingZeros(powerOfTwo);
    }

    private int coherency() {
        return build.coherent()
                ? Coherency.CACHE_COHERENT.mask()
                        | Coherency.AXI_AXCACHE.of(CACHEABLE_COHERENT)
                        | Coherency.AXI_AXPROT.of(PROTECTION_COHERENT)
                : Coherency.AXI_AXCACHE.of(CACHEABLE);
    }

    private void store(AxiDmacRegister register, int value) {
        switch (register) {
            case SCRATCH -> scratch = value;
            case IRQ_MASK -> {
                irqMask = value & AxiDmacRegister.IRQ_MASK.writableMask();
                driveInterrupt();
            }
            case IRQ_PENDING -> {
                irqSource &= ~value;
                driveInterrupt();
            }
            case CONTROL -> control(value);
            case TRANSFER_SUBMIT -> submit(value);
            case FLAGS -> flags(value);
            case DEST_ADDRESS -> destination = low(destination, value, destinationWord());
            case DEST_ADDRESS_HIGH -> destination = high(destination, value, destinationWord());
            case SRC_ADDRESS -> source = low(source, value, sourceWord());
            case SRC_ADDRESS_HIGH -> source = high(source, value, sourceWord());
            case SG_ADDRESS -> chain = low(chain, value, chainWord());
            case SG_ADDRESS_HIGH -> chain = high(chain, value, chainWord());
            case X_LENGTH -> xLength = (value & build.lengthMask()) | build.lengthAlignMask();
            case Y_LENGTH -> yLength = ofRectangles(value, 1);
            case DEST_STRIDE -> destinationStride = ofRectangles(value, build.destinationBytes());
            case SRC_STRIDE -> sourceStride = ofRectangles(value, build.sourceBytes());
            case VERSION,
                    PERIPHERAL_ID,
                    IDENTIFICATION,
                    INTERFACE_DESCRIPTION_1,
                    INTERFACE_DESCRIPTION_2,
                    IRQ_SOURCE,
                    TRANSFER_ID,
                    TRANSFER_DONE,
                    ACTIVE_TRANSFER_ID,
                    STATUS,
                    CURRENT_DEST_ADDRESS,
                    CURRENT_DEST_ADDRESS_HIGH,
                    CURRENT_SRC_ADDRESS,
                    CURRENT_SRC_ADDRESS_HIGH,
                    TRANSFER_PROGRESS,
                    PARTIAL_TRANSFER_LENGTH,
                    PARTIAL_TRANSFER_ID,
                    DESCRIPTOR_ID -> {
                // Read-only.
            }
            case FRAMELOCK_CONFIG, FRAMELOCK_STRIDE -> {
                // Not modelled.
            }
        }
    }

    /** Bytes of a word of a side, or 0 where the side has no address. */
    private int destinationWord() {
        return build.destination().isMemory() ? build.destinationBytes() : 0;
    }

    private int sourceWord() {
        return build.source().isMemory() ? build.sourceBytes() : 0;
    }

    private int chainWord() {
        return build.scatterGather() ? AxiDmacDescriptor.ALIGNMENT : 0;
    }

    private long low(long old, int value, int wordBytes) {
        return address(old >>> Integer.SIZE, value, wordBytes);
    }

    private long high(long old, int value, int wordBytes) {
        return address(value, (int) old, wordBytes);
    }

    private long address(long high, int low, int wordBytes) {
        return wordBytes == 0
                ? 0
                : build.address(high << Integer.SIZE | Integer.toUnsignedLong(low), wordBytes);
    }

    private int ofRectangles(int value, int wordBytes) {
        return build.rectangles() ? value & build.lengthMask() & -wordBytes : 0;
    }

    private void control(int value) {
        boolean enabled = Control.ENABLE.isSet(control);
        control =
                value
                        & (Control.HWDESC.with(0, build.scatterGather())
                                | Control.PAUSE.mask()
                                | Control.ENABLE.mask());
        if (enabled && !Control.ENABLE.isSet(control)) {
            engine.stop();
            clock.cancel(queueing);
            reports.clear();
            submitted = false;
            goesAround = false;
            nextId = 0;
            activeId = 0;
            done = 0;
        }
        engine.pause(Control.PAUSE.isSet(control));
    }

    private void flags(int value) {
        flags = value & AxiDmacRegister.FLAGS.writableMask();
        if (!build.cyclic()) {
            flags = Flags.CYCLIC.with(flags, false);
        }
        if (goesAround && !isCyclic()) {
            // What the registers hold is an ordinary transfer from now on.
            goesAround = false;
            queue();
        }
    }

    /** Chains have no use for the flag: they can lead back to their beginning. */
    private boolean isCyclic() {
        return Flags.CYCLIC.isSet(flags) && !Control.HWDESC.isSet(control);
    }

    private void submit(int value) {
        if (Submit.TRANSFER_SUBMIT.isSet(value) && Control.ENABLE.isSet(control) && !submitted) {
            submitted = true;
            clock.setIn(queueing, Timing.ps(Timing.QUEUE_CYCLES));
        }
    }

    /** Takes what the registers hold into the queue if there is room. */
    private void queue() {
        if (!submitted || goesAround || !engine.hasRoom()) {
            return;
        }
        if (isCyclic()) {
            goesAround = true;
        } else {
            submitted = false;
            done &= ~(1 << nextId);
            nextId = nextId + 1 & ID_MASK;
            interrupt(IrqPending.TRANSFER_QUEUED);
        }
        engine.offer(held());
    }

    private Request held() {
        return new Request(
                destination,
                source,
                Segment.count(xLength),
                Segment.count(yLength),
                Integer.toUnsignedLong(destinationStride),
                Integer.toUnsignedLong(sourceStride),
                Control.HWDESC.isSet(control) ? chain : Request.NO_CHAIN,
                Flags.TLAST.isSet(flags),
                isCyclic(),
                Flags.PARTIAL_REPORTING_EN.isSet(flags));
    }

    private int takeReport() {
        int id = reports.take();
        engine.reportRead();
        return id;
    }

    private void interrupt(IrqPending what) {
        irqSource |= what.mask();
        driveInterrupt();
    }

    private void driveInterrupt() {
        irq.set((irqSource & ~irqMask) != 0);
    }

    /** What the engine tells of. */
    private final class Events implements Engine.Registers {
        @Override
        public void roomInQueue() {
            if (submitted && !goesAround && !queueing.isSet()) {
                clock.setIn(queueing, Timing.ps(Timing.QUEUE_CYCLES));
            }
        }

        @Override
        public boolean hasRoomForReport() {
            return !reports.isFull();
        }

        @Override
        public void ended(boolean tells, boolean isReported, long bytes) {
            if (isReported) {
                reports.add(activeId, (int) bytes);
            }
            if (tells) {
                done |= 1 << activeId;
                activeId = activeId + 1 & ID_MASK;
                interrupt(IrqPending.TRANSFER_COMPLETED);
            }
        }

        @Override
        public @Nullable Request around() {
            return goesAround ? held() : null;
        }
    }
}
