package dmakit.labs.audio;

import dmakit.labs.LabFinding;
import java.util.List;
import java.util.OptionalLong;

/**
 * How the lab ended.
 *
 * @param success whether what was recorded equals what was played, and no mistake was found
 * @param message the result in one line
 * @param rate frames a second
 * @param channels of a frame
 * @param bits of a sample
 * @param frames frames of the sound
 * @param periods periods played
 * @param framesPlayedBeforeUnderrun frames the port had transmitted when it overtook the program;
 *     empty when it did not
 * @param elapsedPs from the first write to the last read, in simulated picoseconds
 * @param cpuPercent part of that time in which the CPU was busy
 * @param findings mistakes that were seen, in their order
 */
public record AudioOutcome(
        boolean success,
        String message,
        int rate,
        int channels,
        int bits,
        int frames,
        int periods,
        OptionalLong framesPlayedBeforeUnderrun,
        long elapsedPs,
        double cpuPercent,
        List<LabFinding> findings) {
    /** Copies the list. */
    public AudioOutcome {
        findings = List.copyOf(findings);
    }
}
