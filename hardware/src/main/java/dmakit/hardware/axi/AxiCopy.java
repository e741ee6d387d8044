package dmakit.hardware.axi;

import dmakit.datasheet.Register;
import dmakit.datasheet.axi.AxiCopyChannelRegister;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Ctrl;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Status;
import dmakit.datasheet.axi.AxiCopyRegister;
import dmakit.datasheet.axi.AxiCopyRegister.Arbiter;
import dmakit.datasheet.axi.AxiCopyRegister.Capabilities;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.Halves;
import dmakit.machine.Check;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import org.jspecify.annotations.Nullable;

/**
 * {@code dmakit,axi-copy}: copies memory on up to 16 channels that share one port of an AXI bus.
 *
 * <p>The engine reads and writes at the same time, in bursts that stay inside 4 KiB, and its {@code
 * ARBITER} says which channel has the next one. {@link AxiCopyChannelRegister} and {@link
 * AxiCopyRegister} describe the registers. A channel goes
 *
 * <pre>
 *   Idle --START--&gt; Busy --last answer--&gt; Done | Stopped | Failed
 * </pre>
 *
 * <p>and is idle again, at once. A refused read or write stops the channel with the bytes before it
 * written. Read and write are different channels of the bus: where source and destination overlap
 * by less than a burst, what arrives is not defined.
 */
public final class AxiCopy implements Target {
    /** Channels one engine may have. */
    public static final int CHANNEL_COUNT_MAX = AxiCopyRegister.CHANNEL_COUNT_MAX;

    /** Bytes of the block of registers. */
    public static final int SIZE = AxiCopyRegister.SIZE;

    /** One cycle of the engine's clock, in picoseconds. */
    public static final long CYCLE_PS = CopyEngine.CYCLE_PS;

    /** Widest bus, as a power of two of bytes. */
    public static final int LG2_BUS_BYTES_MAX = 4;

    private static final long WORD_MASK = 0xffff_ffffL;

    private final ChipTrace trace;
    private final CopyChannel[] channels;
    private final CopyEngine engine;
    private final int capabilities;

    /**
     * Creates an engine after power-on.
     *
     * @param port its way onto the bus; its name is the engine's
     * @param irq asserted while a channel interrupts
     * @param channelCount 1 to {@link #CHANNEL_COUNT_MAX}
     * @param lg2BusBytes 2 to {@link #LG2_BUS_BYTES_MAX}
     */
    public AxiCopy(
            Clock clock,
            Trace trace,
            MasterPort port,
            IrqLine irq,
            int channelCount,
            int lg2BusBytes) {
        Check.argument(
                channelCount >= 1 && channelCount <= CHANNEL_COUNT_MAX,
                "%d channels, wanted 1 to %d",
                channelCount,
                CHANNEL_COUNT_MAX);
        Check.argument(
                lg2BusBytes >= 2 && lg2BusBytes <= LG2_BUS_BYTES_MAX,
                "a bus of 2^%d bytes, wanted 2^2 to 2^%d",
                lg2BusBytes,
                LG2_BUS_BYTES_MAX);
        String name = port.name();
        this.trace = new ChipTrace(clock, trace, name);
        channels = new CopyChannel[channelCount];
        for (int i = 0; i < channelCount; i++) {
            channels[i] =
                    new CopyChannel(i, new ChipTrace(clock, trace, name + "." + i), lg2BusBytes);
        }
        engine = new CopyEngine(clock, port, channels, irq);
        capabilities =
                Capabilities.CHANNELS.of(channelCount) | Capabilities.LG2_BUS_BYTES.of(lg2BusBytes);
    }

    /** For tests: never takes several bursts as one event. */
    void moveBurstByBurst() {
        engine.moveBurstByBurst();
    }

    @Override
    public long read(long offset, int bytes) {
        int value = valueAt(offset & -Register.BYTES);
        traceAccess(offset, value, false);
        return narrowed(value, offset, bytes);
    }

    private void traceAccess(long offset, long value, boolean write) {
        if (trace.isOn()) {
            trace.accessed(registerName(offset), offset, Register.BYTES, value & WORD_MASK, write);
        }
    }

    private static long narrowed(int value, long offset, int bytes) {
        long word = (value & WORD_MASK) >>> (Byte.SIZE * (offset % Register.BYTES));
        return bytes >= Register.BYTES ? word : word & ((1L << (Byte.SIZE * bytes)) - 1);
    }

    private int valueAt(long offset) {
        CopyChannel channel = channelAt(offset);
        if (channel != null) {
            AxiCopyChannelRegister register =
                    AxiCopyChannelRegister.MAP.at(offset % AxiCopyChannelRegister.CHANNEL_STRIDE);
            return register == null ? 0 : valueOf(channel, register);
        }
        AxiCopyRegister register = AxiCopyRegister.MAP.at(offset);
        if (register == null) {
            return 0;
        }
        engine.catchUp();
        return switch (register) {
            case ARBITER -> Arbiter.POLICY.of(engine.policy().ordinal());
            case INTERRUPTS -> engine.interrupting();
            case CAPABILITIES -> capabilities;
            case BEATS -> engine.beats();
            case BURSTS -> engine.bursts();
        };
    }

    private int valueOf(CopyChannel channel, AxiCopyChannelRegister register) {
        engine.catchUp();
        return switch (register) {
            case CTRL -> Ctrl.IRQ_EN.with(0, channel.irqEnabled);
            case STATUS -> Status.BUSY.with(channel.status, channel.busy);
            case SOURCE -> Halves.low(channel.source);
            case SOURCE_HIGH -> Halves.high(channel.source);
            case DEST -> Halves.low(channel.dest);
            case DEST_HIGH -> Halves.high(channel.dest);
            case LENGTH -> channel.length;
            case CONFIG -> channel.config;
        };
    }

    private @Nullable CopyChannel channelAt(long offset) {
        long index = offset / AxiCopyChannelRegister.CHANNEL_STRIDE;
        return index < channels.length ? channels[(int) index] : null;
    }

    /** Stores reach whole, aligned words; others have no effect. */
    @Override
    public void write(long offset, int bytes, long value) {
        traceAccess(offset, value, true);
        if (bytes < Register.BYTES) {
            return;
        }
        writeWord(offset, (int) value);
        if (bytes > Register.BYTES) {
            writeWord(offset + Register.BYTES, (int) (value >>> Integer.SIZE));
        }
    }

    private void writeWord(long offset, int value) {
        CopyChannel channel = channelAt(offset);
        if (channel != null) {
            AxiCopyChannelRegister register =
                    AxiCopyChannelRegister.MAP.at(offset % AxiCopyChannelRegister.CHANNEL_STRIDE);
            if (register != null) {
                write(channel, register, value);
            }
        } else if (AxiCopyRegister.MAP.at(offset) == AxiCopyRegister.ARBITER) {
            engine.policy(Policy.of(Arbiter.POLICY.get(value)));
        }
    }

    private void write(CopyChannel channel, AxiCopyChannelRegister register, int value) {
        switch (register) {
            case CTRL -> control(channel, value);
            case STATUS -> {
                engine.catchUp();
                channel.status &= ~value;
                engine.driveInterrupt(channel);
            }
            case SOURCE, SOURCE_HIGH, DEST, DEST_HIGH, LENGTH, CONFIG -> {
                if (!channel.busy) {
                    channel.set(register, value);
                }
            }
        }
    }

    private void control(CopyChannel channel, int value) {
        channel.irqEnabled = Ctrl.IRQ_EN.isSet(value);
        engine.driveInterrupt(channel);
        if (Ctrl.STOP.isSet(value)) {
            engine.stop(channel);
        } else if (Ctrl.START.isSet(value)) {
            engine.start(channel);
        }
    }

    @Override
    public String registerName(long offset) {
        CopyChannel channel = channelAt(offset);
        Register register =
                channel != null
                        ? AxiCopyChannelRegister.MAP.at(
                                offset % AxiCopyChannelRegister.CHANNEL_STRIDE)
                        : AxiCopyRegister.MAP.at(offset);
        String prefix = channel == null ? "" : channel.index + "_";
        return register == null ? Target.super.registerName(offset) : prefix + register.name();
    }

    @Override
    public boolean tracesAccess(long offset) {
        return true;
    }
}
