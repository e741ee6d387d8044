package dmakit.labs.net;

import dmakit.labs.LabFinding;
import java.util.List;

/**
 * How the lab ended.
 *
 * @param success whether what arrived is what was sent, but for losses that are accounted for, and
 *     no mistake was found
 * @param message the result in one line
 * @param ringBuffers for received frames
 * @param framesSent that the first MAC put on the wire
 * @param bytesSent their bytes, check sequences and padding included
 * @param framesReceived that the second interface gave to its driver
 * @param lostWithoutRoom frames that found no room in the second MAC's receive memory
 * @param lostDamaged frames whose check sequence was wrong
 * @param lostFiltered frames that no address filter let in
 * @param overrunInterrupts that told of frames without room
 * @param transferErrors transfers of either DMA that ended in an error
 * @param elapsedPs from the first frame queued to the last one taken, in simulated picoseconds
 * @param wireBytesPerSecond what the wire carried in that time, gaps and preambles not counted
 * @param findings mistakes that were seen, in their order
 */
public record NetOutcome(
        boolean success,
        String message,
        int ringBuffers,
        long framesSent,
        long bytesSent,
        long framesReceived,
        long lostWithoutRoom,
        long lostDamaged,
        long lostFiltered,
        long overrunInterrupts,
        long transferErrors,
        long elapsedPs,
        long wireBytesPerSecond,
        List<LabFinding> findings) {
    /** Copies the list. */
    public NetOutcome {
        findings = List.copyOf(findings);
    }
}
