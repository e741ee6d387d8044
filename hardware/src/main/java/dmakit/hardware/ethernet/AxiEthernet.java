package dmakit.hardware.ethernet;

import dmakit.datasheet.xilinx.EthernetCounter;
import dmakit.datasheet.xilinx.EthernetRegister;
import dmakit.datasheet.xilinx.EthernetRegister.Emmc;
import dmakit.datasheet.xilinx.EthernetRegister.InterruptStatus;
import dmakit.datasheet.xilinx.EthernetRegister.Raf;
import dmakit.datasheet.xilinx.EthernetRegister.Rcw1;
import dmakit.datasheet.xilinx.EthernetRegister.Rxfc;
import dmakit.datasheet.xilinx.EthernetRegister.Tc;
import dmakit.hardware.AxiStream;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.WordRegisters;
import dmakit.machine.Check;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;

/**
 * Xilinx's 1G/2.5G Ethernet subsystem: a MAC between two streams and a wire. PG138, and PG051 for
 * the MAC inside.
 *
 * <p>A frame to be sent is gathered from the stream in the transmit memory, padded, given its check
 * sequence and put on the wire, a gap behind the frame before. A frame from the wire is checked and
 * filtered, and waits in the receive memory for its stream. Frames that find no room there are
 * lost, raise RX_FIFO_OVR and count as {@link EthernetCounter#USER_DEFINED_0}.
 *
 * <p><b>Where the manual is silent, or leaves a choice:</b>
 *
 * <ul>
 *   <li>The transmit memory holds one frame; the next one waits in the stream.
 *   <li>A frame longer than the memory, or than the settings allow, or shorter than its header, is
 *       taken and not sent, and counts as oversize.
 *   <li>Of the free counters one counts overruns and one what the address filter kept out.
 *   <li>Filters compare the first eight bytes of a frame.
 *   <li>Pause frames are obeyed, not sent. Tables of the extended mode, VLAN tagging and the
 *       management port are not modelled; nothing is at the latter.
 * </ul>
 */
public final class AxiEthernet extends WordRegisters {
    /** Bytes of the block of registers. */
    public static final int SIZE = EthernetRegister.SIZE;

    /** Least bytes of a buffer memory. */
    public static final int MEMORY_MIN = 2048;

    /** Most bytes of a buffer memory. */
    public static final int MEMORY_MAX = 1 << 20;

    private static final int INTERRUPTS = EthernetRegister.IE.writableMask();

    private final ChipTrace trace;
    private final EthernetWire.End wire;
    private final IrqLine irq;
    private final Statistics statistics = new Statistics();
    private final AddressFilter filter = new AddressFilter();
    private final Transmitter transmitter;
    private final Receiver receiver;
    private final int[] values = new int[EthernetRegister.values().length];
    private long byteTimePs;

    /**
     * Creates a MAC after power-on.
     *
     * @param name for traces
     * @param toSend the stream of frames to be sent
     * @param received the stream of received frames
     * @param txMemoryBytes of the transmit memory, {@link #MEMORY_MIN} to {@link #MEMORY_MAX}
     * @param rxMemoryBytes of the receive memory, likewise
     */
    public AxiEthernet(
            Clock clock,
            Trace trace,
            String name,
            AxiStream toSend,
            AxiStream received,
            EthernetWire.End wire,
            IrqLine irq,
            int txMemoryBytes,
            int rxMemoryBytes) {
        checkMemory(txMemoryBytes);
        checkMemory(rxMemoryBytes);
        this.trace = new ChipTrace(clock, trace, name);
        this.wire = wire;
        this.irq = irq;
        transmitter =
                new Transmitter(
                        clock,
                        name,
                        toSend,
                        wire,
                        statistics,
                        txMemoryBytes,
                        () -> raise(InterruptStatus.TX_CMPLT));
        receiver =
                new Receiver(
                        clock,
                        name,
                        received,
                        statistics,
                        filter,
                        rxMemoryBytes,
                        this::raise,
                        byteTimes -> transmitter.pause(byteTimes * byteTimePs));
        wire.connect((frame, bytes) -> receiver.arrived(frame, bytes));
        for (EthernetRegister register : EthernetRegister.values()) {
            values[register.ordinal()] = register.reset();
        }
        applySpeed();
        applyReceiver();
        applyTransmitter();
    }

    private static void checkMemory(int bytes) {
        Check.argument(
                bytes >= MEMORY_MIN && bytes <= MEMORY_MAX,
                "a buffer memory of %d bytes, wanted %d to %d",
                bytes,
                MEMORY_MIN,
                MEMORY_MAX);
    }

    @Override
    public boolean tracesAccess(long offset) {
        return EthernetRegister.MAP.at(offset) != null;
    }

    @Override
    public String registerName(long offset) {
        return isCounter((int) offset)
                ? EthernetCounter.values()[((int) offset - EthernetCounter.BASE) / Long.BYTES]
                        .name()
                : super.registerName(offset);
    }

    private static boolean isCounter(int at) {
        return at >= EthernetCounter.BASE && at < EthernetCounter.end();
    }

    @Override
    protected int readWord(int at) {
        if (isCounter(at)) {
            return statistics.word(at);
        }
        EthernetRegister register = EthernetRegister.MAP.at(at);
        if (register == null) {
            return 0;
        }
        int value =
                switch (register) {
                    case IP -> value(EthernetRegister.IS) & value(EthernetRegister.IE);
                    case UAW0, UAW1, FMI, FFE, AF0, AF1, AM0, AM1 -> filter.read(register);
                    default -> value(register);
                };
        trace.loaded(register, value);
        return value;
    }

    @Override
    protected void writeWord(int at, int value) {
        EthernetRegister register = EthernetRegister.MAP.at(at);
        if (register == null) {
            return;
        }
        trace.stored(register, value);
        int kept = value & register.writableMask();
        switch (register) {
            case IS -> {
                values[register.ordinal()] &= ~kept;
                drive();
            }
            case IE -> {
                values[register.ordinal()] = kept & INTERRUPTS;
                drive();
            }
            case UAW0, UAW1, FMI, FFE, AF0, AF1, AM0, AM1 -> filter.write(register, value);
            case RCW1 -> {
                if (Rcw1.RST.isSet(value)) {
                    receiver.reset();
                }
                values[register.ordinal()] = kept & ~Rcw1.RST.mask();
                applyReceiver();
            }
            case TC -> {
                if (Tc.RST.isSet(value)) {
                    transmitter.reset();
                }
                values[register.ordinal()] = kept & ~Tc.RST.mask();
                applyTransmitter();
            }
            case EMMC -> {
                values[register.ordinal()] = kept;
                applySpeed();
            }
            case RAF, RCW0, FCC, RXFC -> {
                values[register.ordinal()] = kept;
                applyReceiver();
            }
            case IFGP -> {
                values[register.ordinal()] = kept;
                applyTransmitter();
            }
            default ->
                    values[register.ordinal()] =
                            (value(register) & ~register.writableMask())
                                    | (kept & ~selfClearing(register));
        }
    }

    private static int selfClearing(EthernetRegister register) {
        return register == EthernetRegister.MDIO_MCR ? EthernetRegister.MdioMcr.INITIATE.mask() : 0;
    }

    private int value(EthernetRegister register) {
        return values[register.ordinal()];
    }

    private void applyReceiver() {
        int raf = value(EthernetRegister.RAF);
        int limit = value(EthernetRegister.RXFC);
        statistics.hold(Raf.STATS_RST.isSet(raf));
        filter.rejects(raf);
        receiver.config(
                value(EthernetRegister.RCW0),
                value(EthernetRegister.RCW1),
                value(EthernetRegister.FCC),
                raf,
                Rxfc.ENABLE.isSet(limit) ? Rxfc.MAX.get(limit) : 0);
    }

    private void applyTransmitter() {
        transmitter.config(value(EthernetRegister.TC), value(EthernetRegister.IFGP));
    }

    private void applySpeed() {
        int mbits =
                switch (Emmc.LINK_SPEED.get(value(EthernetRegister.EMMC))) {
                    case 0 -> 10;
                    case 1 -> 100;
                    default -> 1000;
                };
        byteTimePs = Timing.byteTimePs(mbits);
        transmitter.byteTime(byteTimePs);
        wire.speed(mbits);
    }

    private void raise(InterruptStatus interrupt) {
        values[EthernetRegister.IS.ordinal()] |= interrupt.mask();
        drive();
    }

    private void drive() {
        irq.set((value(EthernetRegister.IS) & value(EthernetRegister.IE)) != 0);
    }
}
