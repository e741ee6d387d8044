package dmakit.hardware.xilinx;

import dmakit.datasheet.xilinx.AxiDmaRegister.Dmacr;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmasr;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;

/**
 * When a channel interrupts: after so many packets, after a while without one, and on errors. AXI
 * DMA v7.1, PG021, "Interrupt"; AXI CDMA has the same fields at the same bits.
 */
final class Interrupter {
    private static final int FLAGS =
            Dmasr.IOC_IRQ.mask() | Dmasr.DLY_IRQ.mask() | Dmasr.ERR_IRQ.mask();
    private static final int THRESHOLD_MIN = 1;

    private final Clock clock;
    private final IrqLine irq;
    private final Alarm delayOver;
    private int enabled;
    private int flags;
    private int threshold = THRESHOLD_MIN;
    private int packetsLeft = THRESHOLD_MIN;
    private int delay;

    Interrupter(Clock clock, String name, IrqLine irq) {
        this.clock = clock;
        this.irq = irq;
        delayOver = new Alarm(name + " delay", this::delayIsOver);
    }

    void reset() {
        clock.cancel(delayOver);
        enabled = 0;
        flags = 0;
        threshold = THRESHOLD_MIN;
        packetsLeft = THRESHOLD_MIN;
        delay = 0;
        drive();
    }

    /** A store to the control register. */
    void control(int value) {
        enabled = value & FLAGS;
        if (Dmacr.IRQ_THRESHOLD.get(value) != 0) {
            threshold = Dmacr.IRQ_THRESHOLD.get(value);
            packetsLeft = threshold;
        }
        delay = Dmacr.IRQ_DELAY.get(value);
        if (delay == 0) {
            clock.cancel(delayOver);
        }
        drive();
    }

    /** Its part of the control register. */
    int control() {
        return enabled | Dmacr.IRQ_THRESHOLD.of(threshold) | Dmacr.IRQ_DELAY.of(delay);
    }

    /** Its part of the status register. */
    int status() {
        int value = flags | Dmasr.IRQ_THRESHOLD_STS.of(packetsLeft);
        if (delayOver.isSet()) {
            long leftPs = delayOver.atPs() - clock.now();
            int left = (int) ((leftPs + unitPs() - 1) / unitPs());
            value = Dmasr.IRQ_DELAY_STS.with(value, Math.clamp(delay - left, 0, delay));
        }
        return value;
    }

    /** A store to the status register. */
    void acknowledge(int value) {
        flags &= ~(value & FLAGS);
        drive();
    }

    void packetStarts() {
        clock.cancel(delayOver);
    }

    void packetEnds() {
        if (--packetsLeft == 0) {
            packetsLeft = threshold;
            clock.cancel(delayOver);
            raise(Dmasr.IOC_IRQ);
        } else if (delay != 0) {
            clock.setIn(delayOver, delay * unitPs());
        }
    }

    /** Without scatter/gather every transfer interrupts. */
    void transferEnds() {
        raise(Dmasr.IOC_IRQ);
    }

    void fails() {
        clock.cancel(delayOver);
        raise(Dmasr.ERR_IRQ);
    }

    private void delayIsOver() {
        packetsLeft = threshold;
        raise(Dmasr.DLY_IRQ);
    }

    private static long unitPs() {
        return Timing.ps(Timing.DELAY_UNIT_CYCLES);
    }

    private void raise(Dmasr flag) {
        flags |= flag.mask();
        drive();
    }

    private void drive() {
        irq.set((flags & enabled) != 0);
    }
}
