package dmakit.kernel.dmaengine;

import dmakit.kernel.dmaengine.Transfer.Stage;
import dmakit.kernel.sched.KernelTask;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a channel since it was requested, while mistakes are looked for. */
final class Client {
    /** Transfers that are remembered; the oldest that have ended are forgotten. */
    static final int TRANSFER_COUNT_MAX = 64;

    /** Transfers that have not ended and are remembered. */
    static final int UNFINISHED_COUNT_MAX = 1024;

    private final Channel channel;

    /** Oldest first. */
    final List<Transfer> transfers = new ArrayList<>();

    long requestedAt;
    long releasedAt;
    boolean configured;
    long refusedSubmitAt;

    /** Whether it wanted an end to what was issued, of a provider that has no such call. */
    boolean wantedAnEnd;

    Client(Channel channel) {
        this.channel = channel;
    }

    /** Somebody has requested the channel. */
    void begin(long at) {
        giveUp();
        requestedAt = at;
        releasedAt = 0;
        configured = false;
        refusedSubmitAt = 0;
        wantedAnEnd = false;
    }

    /** Forgets all transfers: what has not ended does not. */
    void giveUp() {
        transfers.forEach(Transfer::giveUp);
        transfers.clear();
    }

    void add(Transfer transfer) {
        if (transfers.size() >= TRANSFER_COUNT_MAX) {
            forgetOldest();
        }
        transfers.add(transfer);
    }

    private void forgetOldest() {
        for (Iterator<Transfer> i = transfers.iterator(); i.hasNext(); ) {
            Transfer transfer = i.next();
            if (transfer.stage == Stage.ISSUED && !transfer.isRunning(channel)) {
                i.remove();
                return;
            }
        }
        if (transfers.size() >= UNFINISHED_COUNT_MAX) {
            transfers.removeFirst();
        }
    }

    /** The last transfer of a descriptor, which may have had several. */
    @Nullable Transfer latestOf(Descriptor desc) {
        for (int i = transfers.size() - 1; i >= 0; i--) {
            if (transfers.get(i).descriptor.equals(desc)) {
                return transfers.get(i);
            }
        }
        return null;
    }

    /** What is submitted is issued now, by a task; answers whether there was any. */
    boolean issue(KernelTask by) {
        boolean any = false;
        for (Transfer transfer : transfers) {
            if (transfer.stage == Stage.SUBMITTED) {
                transfer.stage = Stage.ISSUED;
                transfer.askedBy = by;
                any = true;
            }
        }
        return any;
    }
}
