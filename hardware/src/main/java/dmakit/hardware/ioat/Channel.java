package dmakit.hardware.ioat;

import dmakit.datasheet.ioat.IoatChannelRegister.Chanctrl;
import dmakit.datasheet.ioat.IoatChannelRegister.Chanerr;
import dmakit.datasheet.ioat.IoatChannelRegister.Status;
import dmakit.datasheet.ioat.IoatDescriptor;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.pci.PciFunction;

/**
 * One channel: walks its chain as far as DMACOUNT says, one step at a time; {@link Ioat} says when.
 */
final class Channel {
    private static final int COMPLETION_BYTES = Long.BYTES;
    private static final int COUNT_MASK = 0xffff;
    private static final int CHECKS = Chanerr.XOR_P_OR_CRC.mask() | Chanerr.XOR_Q.mask();

    final int index;

    /** Before the names of its registers in traces. */
    final String prefix;

    private final ChipTrace trace;
    private final Ioat owner;
    private final PciFunction function;
    private final Operation operation;
    private final byte[] completion = new byte[COMPLETION_BYTES];

    int control;
    int count;
    long chain;
    long completionAddress;
    int errors;
    int errorMask;
    int cacheControl;

    private Status status = Status.HALTED;
    private int processed;
    private long next;
    private long current;
    private long completed;

    /** A chain has been stored that has not been begun. */
    private boolean fresh;

    /** {@link #operation} holds a descriptor that has not ended. */
    private boolean working;

    /** It is to be suspended when the step on the link ends. */
    private boolean suspending;

    private boolean interruptHeld;
    private boolean interruptPending;

    Channel(int index, Ioat owner, Field256 field, ChipTrace trace) {
        this.index = index;
        this.owner = owner;
        function = owner.function();
        this.trace = trace;
        prefix = index + "_";
        operation = new Operation(function, field);
    }

    // Registers.

    Status status() {
        return status;
    }

    long completed() {
        return completed;
    }

    long current() {
        return current;
    }

    void control(int value) {
        control = value;
        if (Chanctrl.INT_REARM.isSet(value)) {
            control = Chanctrl.INT_REARM.with(value, false);
            interruptHeld = false;
            if (interruptPending) {
                interruptPending = false;
                interrupt();
            }
        }
    }

    /** CHAINADDR has been stored: another chain, of which no descriptor is announced yet. */
    void chain(long address) {
        chain = address;
        if (status != Status.ACTIVE) {
            next = address;
            processed = 0;
            count = 0;
            completed = 0;
            working = false;
            fresh = true;
        }
    }

    void count(int value) {
        count = value & COUNT_MASK;
        boolean startable = status == Status.DONE || fresh;
        if (startable && errors == 0 && count != processed) {
            if (fresh && (chain == 0 || chain % IoatDescriptor.ALIGNMENT != 0)) {
                fresh = false;
                halt(Chanerr.CHAIN_ADDRESS_VALUE.mask());
                return;
            }
            fresh = false;
            enter(Status.ACTIVE, "");
            owner.ready(this);
        }
    }

    void suspend(boolean onLink) {
        switch (status) {
            case ACTIVE -> {
                suspending = onLink;
                if (!onLink) {
                    enter(Status.SUSPENDED, "");
                }
            }
            case DONE -> enter(Status.SUSPENDED, "");
            case SUSPENDED, HALTED -> {
                // It stands still.
            }
        }
    }

    void resume() {
        suspending = false;
        if (status == Status.SUSPENDED) {
            boolean more = working || count != processed;
            enter(more ? Status.ACTIVE : Status.DONE, "resumed");
            if (more) {
                owner.ready(this);
            }
        }
    }

    void abort() {
        working = false;
        enter(Status.HALTED, "aborted");
    }

    /** Where completions go, and what may interrupt, stays. */
    void reset() {
        enter(Status.HALTED, "reset");
        count = 0;
        processed = 0;
        chain = 0;
        next = 0;
        current = 0;
        completed = 0;
        fresh = false;
        working = false;
        suspending = false;
        interruptHeld = false;
        interruptPending = false;
    }

    // Working.

    boolean isReady() {
        return status == Status.ACTIVE;
    }

    /** How long its next step takes the link, in picoseconds. */
    long stepPs() {
        return working ? operation.stepPs() : Timing.LATENCY_PS;
    }

    /** Takes its next step: a fetch, or a request's worth of an operation. */
    void step() {
        if (!isReady()) {
            return; // halted or reset meanwhile
        }
        if (working) {
            int failure = operation.step();
            if (failure != 0) {
                working = false;
                halt(failure);
                return;
            }
        } else if (!fetch()) {
            return;
        }
        if (!operation.hasResidue()) {
            finish();
        }
        if (suspending && isReady()) {
            enter(Status.SUSPENDED, "");
        }
        suspending = false;
    }

    private boolean fetch() {
        if (next % IoatDescriptor.ALIGNMENT != 0) {
            halt(Chanerr.NEXT_DESC_ALIGN.mask());
            return false;
        }
        current = next;
        int failure = operation.fetch(next, owner.capabilities(), owner.transferBytesMax());
        if (failure != 0) {
            halt(failure);
            return false;
        }
        if (trace.isOn()) {
            trace.fetched(current, operation.content());
        }
        working = true;
        return true;
    }

    private void finish() {
        working = false;
        int found = operation.finish() & CHECKS & ~errorMask;
        if (found != 0) {
            halt(found);
            return;
        }
        completed = operation.address();
        next = operation.next();
        // A second descriptor beyond the count counts as announced: it belongs to the first.
        int left = count - processed & COUNT_MASK;
        processed = processed + Math.min(operation.descriptorCount(), left) & COUNT_MASK;
        if (processed == count) {
            enter(Status.DONE, "");
        }
        if (operation.writesCompletion() && !writeCompletion()) {
            halt(Chanerr.COMPLETION_ADDRESS.mask());
            return;
        }
        if (operation.interrupts()) {
            interrupt();
        }
    }

    private boolean writeCompletion() {
        long value = completed | status.ordinal();
        for (int i = 0; i < COMPLETION_BYTES; i++) {
            completion[i] = (byte) (value >>> (Byte.SIZE * i));
        }
        return function.write(completionAddress, completion, 0, COMPLETION_BYTES).isDone();
    }

    private void halt(int why) {
        errors |= why;
        suspending = false;
        enter(Status.HALTED, String.format("chanerr=0x%x", errors));
        if (Chanctrl.ERR_COMPLETION_EN.isSet(control)
                && completionAddress != 0
                && !writeCompletion()) {
            errors |= Chanerr.COMPLETION_ADDRESS.mask();
        }
        if (Chanctrl.ERR_INT_EN.isSet(control)) {
            interrupt();
        }
    }

    private void interrupt() {
        if (interruptHeld) {
            interruptPending = true;
        } else {
            interruptHeld = true;
            owner.attention(index);
        }
    }

    private void enter(Status to, String detail) {
        trace.entered(status, to, detail);
        status = to;
    }
}
