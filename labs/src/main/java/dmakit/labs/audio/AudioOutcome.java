package dmakit.labs.audio;

import java.util.Optional;

/**
 * How the lab ended.
 *
 * @param success whether what was recorded equals what was played, and no mistake was found
 * @param message the result in one line
 * @param frames frames played
 * @param periods periods played
 * @param framesPlayedBeforeUnderrun frames the port had transmitted when it overtook the program;
 *     -1 when it did not
 * @param simulatedPs from the first write to the last read, in picoseconds
 * @param cpuPercent part of that time in which the CPU was busy
 * @param recorded what was recorded, while it is whole
 */
public record AudioOutcome(
        boolean success,
        String message,
        int frames,
        int periods,
        long framesPlayedBeforeUnderrun,
        long simulatedPs,
        double cpuPercent,
        Optional<Sound> recorded) {}
