package dmakit.labs.measure;

import dmakit.kernel.boot.Kernel;
import dmakit.kernel.irq.IrqStatistics;
import dmakit.machine.Check;
import dmakit.machine.Machine;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import dmakit.machine.memory.CacheCounters;
import java.util.ArrayList;
import java.util.List;

/** Reads a machine's counters around transfers, and averages what they took. */
public final class Meter {
    private final Kernel kernel;
    private final long[] spentPs = new long[Purpose.values().length];
    private long transfers;
    private long elapsedPs;
    private long idlePs;
    private long registerPs;
    private long devicesBusPs;
    private long copiedBytes;
    private long interrupts;
    private long cleanedLines;
    private long invalidatedLines;

    /** Creates a meter that has seen no transfer. */
    public Meter(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Runs one transfer, in the task that runs now, and counts what it takes. */
    public void measure(Runnable transfer) {
        count(-1);
        transfer.run();
        count(1);
        transfers++;
    }

    /** Adds what the counters stand at; before a transfer with the other sign. */
    private void count(int sign) {
        Machine machine = kernel.machine();
        Cpu cpu = machine.cpu();
        CacheCounters caches = machine.caches().counters();
        for (Purpose purpose : Purpose.values()) {
            spentPs[purpose.ordinal()] += sign * cpu.spentPs(purpose);
        }
        elapsedPs += sign * machine.clock().now();
        idlePs += sign * cpu.idlePs();
        registerPs += sign * cpu.registerPs();
        devicesBusPs += sign * machine.bus().heldPs();
        copiedBytes += sign * cpu.copiedBytes();
        cleanedLines += sign * caches.cleaned();
        invalidatedLines += sign * caches.invalidated();
        for (IrqStatistics line : kernel.irqs().requested()) {
            interrupts += sign * line.count();
        }
    }

    /**
     * The average of the transfers so far.
     *
     * @throws IllegalArgumentException when there was none
     */
    public Reading reading() {
        Check.argument(transfers > 0, "an average over %d transfers", transfers);
        List<Part> parts = new ArrayList<>();
        long busyPs = 0;
        long average = 0;
        for (Purpose purpose : Purpose.values()) {
            long ps = spentPs[purpose.ordinal()];
            busyPs += ps;
            average += add(parts, Part.nameOf(purpose), ps);
        }
        long averageBusy = average;
        average += add(parts, Part.WAITING, idlePs);
        Check.invariant(
                busyPs + idlePs == elapsedPs,
                "%d ps passed, the CPU was busy for %d and idle for %d",
                elapsedPs,
                busyPs,
                idlePs);
        return new Reading(
                transfers,
                average,
                averageBusy,
                parts,
                registerPs / transfers,
                devicesBusPs / transfers,
                copiedBytes / transfers,
                rounded(interrupts),
                rounded(cleanedLines),
                rounded(invalidatedLines));
    }

    /** Adds the average of a part that is not 0, whole picoseconds, and answers it. */
    private long add(List<Part> parts, String name, long ps) {
        long average = ps / transfers;
        if (average != 0) {
            parts.add(new Part(name, average));
        }
        return average;
    }

    private long rounded(long total) {
        return Math.round((double) total / transfers);
    }
}
