package dmakit.hardware.vtd;

import dmakit.datasheet.Register;
import dmakit.datasheet.vtd.FaultReason;
import dmakit.datasheet.vtd.FaultRecord;
import dmakit.datasheet.vtd.FaultRecord.Reason;
import dmakit.datasheet.vtd.FaultRecord.Source;
import dmakit.datasheet.vtd.QueueError;
import dmakit.datasheet.vtd.VtdRegister;
import dmakit.datasheet.vtd.VtdRegister.Fsts;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.Halves;

/**
 * Primary fault logging: a ring of records that software empties, and the status that tells of
 * them. A fault that finds its record full is lost, and so are all after it until software has seen
 * that.
 */
final class FaultLog {
    private static final int WORDS = FaultRecord.SIZE / Register.BYTES;
    private static final int REASON = FaultRecord.REASON.offset() / Register.BYTES;

    private final ChipTrace trace;
    private final EventMessage event;
    private final int[] words = new int[VtdRegister.FAULT_RECORD_COUNT * WORDS];
    private int next;
    private int first;
    private int fullCount;
    private boolean overflow;
    private QueueError queueError = QueueError.NOT_SAID;
    private boolean queueStopped;

    FaultLog(ChipTrace trace, EventMessage event) {
        this.trace = trace;
        this.event = event;
    }

    /** Records that a request was refused. */
    void record(int sourceId, long address, boolean write, FaultReason reason) {
        if (trace.isOn()) {
            trace.refused(
                    address, "request of %04x refused: %s".formatted(sourceId, reason), write);
        }
        if (overflow) {
            return;
        }
        boolean told = isAnything();
        if (isFull(next)) {
            overflow = true;
        } else {
            if (!isPending()) {
                first = next;
            }
            int at = next * WORDS;
            words[at] = (int) address & FaultRecord.Fi.FI.mask();
            words[at + 1] = Halves.high(address);
            words[at + 2] = Source.SID.of(sourceId);
            words[at + REASON] =
                    Reason.F.of(1) | Reason.T1.of(write ? 0 : 1) | Reason.FR.of(reason.code());
            fullCount++;
            next = (next + 1) % VtdRegister.FAULT_RECORD_COUNT;
        }
        if (!told) {
            event.raise();
        }
    }

    /** The invalidation queue stands still from now on. */
    void queueStops(QueueError error) {
        boolean told = isAnything();
        queueError = error;
        queueStopped = true;
        if (!told) {
            event.raise();
        }
    }

    boolean queueStands() {
        return queueStopped;
    }

    QueueError queueError() {
        return queueError;
    }

    private boolean isAnything() {
        return isPending() || overflow || queueStopped;
    }

    private boolean isPending() {
        return fullCount > 0;
    }

    private boolean isFull(int record) {
        return Reason.F.isSet(words[record * WORDS + REASON]);
    }

    // The registers.

    int status() {
        int status = Fsts.FRI.of(first);
        status = Fsts.IQE.with(status, queueStopped);
        status = Fsts.PPF.with(status, isPending());
        return Fsts.PFO.with(status, overflow);
    }

    /** Clears what is written as ones. */
    void clearStatus(int value) {
        if (Fsts.PFO.isSet(value)) {
            overflow = false;
        }
        if (Fsts.IQE.isSet(value)) {
            queueStopped = false;
            queueError = QueueError.NOT_SAID;
        }
        withdrawUnlessAnything();
    }

    /** A word of the records. */
    int word(int index) {
        return words[index];
    }

    /** A store to a word of the records: a one in {@code F} empties the record. */
    void store(int index, int value) {
        if (index % WORDS == REASON && Reason.F.isSet(value & words[index])) {
            words[index] = Reason.F.with(words[index], false);
            fullCount--;
            withdrawUnlessAnything();
        }
    }

    private void withdrawUnlessAnything() {
        if (!isAnything()) {
            event.withdraw();
        }
    }
}
