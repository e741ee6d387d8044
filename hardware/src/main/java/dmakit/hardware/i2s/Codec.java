package dmakit.hardware.i2s;

import dmakit.datasheet.Register;
import dmakit.datasheet.i2s.CodecRegister;
import dmakit.datasheet.i2s.CodecRegister.Ctrl;
import dmakit.hardware.PcmWire;
import dmakit.machine.bus.Target;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;

/**
 * {@code dmakit,codec}: makes the clocks of a serial audio link, and sends back what it received
 * one frame earlier. {@link CodecRegister} describes the registers.
 */
public final class Codec implements Target {
    /** Bytes of the block of registers. */
    public static final int SIZE = CodecRegister.SIZE;

    /** Most frames a second; more counts as this, and less than one as one. */
    public static final int RATE_MAX = 1_000_000;

    private static final long PS_PER_SECOND = 1_000_000_000_000L;

    private final Clock clock;
    private final PcmWire wire;
    private final Alarm alarm;
    private boolean enabled;
    private int rate = CodecRegister.RATE.reset();
    private int frames;
    private long latest;

    // Frames begin at whole multiples of the period, so that no rounding adds up.
    private long startPs;

    /**
     * Creates a codec after power-on.
     *
     * @param name for traces
     * @param wire it makes the clocks of
     */
    public Codec(Clock clock, String name, PcmWire wire) {
        this.clock = clock;
        this.wire = wire;
        alarm = new Alarm(name + " frame", this::frame);
    }

    @Override
    public long read(long offset, int bytes) {
        CodecRegister register = CodecRegister.MAP.at(offset);
        if (register == null || bytes != Register.BYTES) {
            return 0;
        }
        int value =
                switch (register) {
                    case CTRL -> Ctrl.ENABLE.with(0, enabled);
                    case RATE -> rate;
                    case FRAMES -> frames;
                };
        return Integer.toUnsignedLong(value);
    }

    @Override
    public void write(long offset, int bytes, long value) {
        CodecRegister register = CodecRegister.MAP.at(offset);
        if (register == null || bytes != Register.BYTES) {
            return;
        }
        switch (register) {
            case CTRL -> enable(Ctrl.ENABLE.isSet((int) value));
            case RATE -> {
                rate = (int) value;
                if (enabled) {
                    restart();
                }
            }
            case FRAMES -> {
                // Read-only.
            }
        }
    }

    @Override
    public String registerName(long offset) {
        CodecRegister register = CodecRegister.MAP.at(offset);
        return register == null ? Target.super.registerName(offset) : register.name();
    }

    private void enable(boolean on) {
        if (on && !enabled) {
            frames = 0;
            latest = 0;
            enabled = true;
            restart();
        } else if (!on) {
            enabled = false;
            clock.cancel(alarm);
        }
    }

    private void restart() {
        startPs = clock.now() - frames * PS_PER_SECOND / framesPerSecond();
        setNext();
    }

    private void setNext() {
        long next = startPs + (frames + 1L) * PS_PER_SECOND / framesPerSecond();
        clock.setAt(alarm, Math.max(next, clock.now()));
    }

    private long framesPerSecond() {
        return Integer.compareUnsigned(rate, RATE_MAX) > 0 ? RATE_MAX : Math.max(rate, 1);
    }

    private void frame() {
        latest = wire.frame(latest);
        frames++;
        setNext();
    }
}
