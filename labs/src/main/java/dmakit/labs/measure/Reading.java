package dmakit.labs.measure;

import java.util.Comparator;
import java.util.List;

/**
 * What one transfer took, on average over some. Times are picoseconds of simulated time.
 *
 * @param transfers how many it is the average of
 * @param elapsedPs from the call to the return
 * @param busyPs of that, the CPU worked
 * @param parts where the time went, all that is not 0; together {@code elapsedPs}
 * @param registerPs of the busy time, the CPU waited for its loads and stores of registers
 * @param devicesBusPs how long devices held the bus, which may be at the same time
 * @param copiedBytes that the CPU copied from memory to memory
 * @param interrupts the CPU took
 * @param cleanedLines dirty lines that maintenance wrote back
 * @param invalidatedLines valid lines that maintenance dropped
 */
public record Reading(
        long transfers,
        long elapsedPs,
        long busyPs,
        List<Part> parts,
        long registerPs,
        long devicesBusPs,
        long copiedBytes,
        long interrupts,
        long cleanedLines,
        long invalidatedLines) {
    private static final long PS_PER_SECOND = 1_000_000_000_000L;

    /** Copies the list. */
    public Reading {
        parts = List.copyOf(parts);
    }

    /** Share of the time in which the CPU worked, 0 to 100. */
    public int busyPercent() {
        return percent(busyPs);
    }

    /** Share of the whole that a part of it is, 0 to 100. */
    public int percent(long ps) {
        return elapsedPs == 0 ? 0 : Math.toIntExact(Math.round(100.0 * ps / elapsedPs));
    }

    /** Time that went to one part; 0 when none did. */
    public long ps(String part) {
        return parts.stream().filter(each -> each.name().equals(part)).mapToLong(Part::ps).sum();
    }

    /** The part most of the time went to. */
    public Part largest() {
        return parts.stream().max(Comparator.comparingLong(Part::ps)).orElse(new Part("", 0));
    }

    /** The part most of the time went to in which the CPU worked. */
    public Part largestOfBusy() {
        return parts.stream()
                .filter(part -> !part.name().equals(Part.WAITING))
                .max(Comparator.comparingLong(Part::ps))
                .orElse(new Part("", 0));
    }

    /** Bytes per second, when the transfer moved so many. */
    public long bytesPerSecond(long bytes) {
        return elapsedPs == 0 ? 0 : Math.round((double) bytes * PS_PER_SECOND / elapsedPs);
    }
}
