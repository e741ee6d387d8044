package dmakit.kernel.dmaengine;

import dmakit.kernel.Errno;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.sched.Sched;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import dmakit.machine.time.Clock;

/** Looks at a transfer over and over until it is over, for 5 s at most. */
final class CompletionPoll {
    private static final long SYNC_WAIT_PS = 5_000_000_000_000L;

    /** So long each round of a wait is short and its end exact; then rounds become longer. */
    private static final long CLOSE_POLL_PS = 100_000_000_000L;

    private final Sched sched;
    private final Softirqs softirqs;
    private final TransferRules rules;
    private final Clock clock;
    private final Log log;

    CompletionPoll(Sched sched, Softirqs softirqs, TransferRules rules) {
        this.sched = sched;
        this.softirqs = softirqs;
        this.rules = rules;
        clock = sched.machine().clock();
        log = sched.log();
    }

    /** Whether what a descriptor depends on submits it in time. */
    boolean isSubmitted(Descriptor tx) {
        long deadline = clock.now() + SYNC_WAIT_PS;
        Cpu cpu = sched.machine().cpu();
        Purpose before = cpu.begin(Purpose.POLL);
        try {
            while (tx.cookie() == -Errno.EBUSY.number()) {
                if (clock.now() >= deadline) {
                    log.devErr(
                            tx.channel().device().dev(),
                            "dma_wait_for_async_tx timeout waiting for descriptor submission");
                    return false;
                }
                sched.cpuRelax();
                softirqs.serveWhilePolling();
            }
        } finally {
            cpu.end(before);
        }
        return true;
    }

    /** The status when it is not in progress any more; ERROR when that takes too long. */
    DmaStatus status(Channel channel, int cookie, TxState state) {
        Cpu cpu = sched.machine().cpu();
        Purpose before = cpu.begin(Purpose.POLL);
        try {
            return statusFrom(clock.now(), channel, cookie, state);
        } finally {
            cpu.end(before);
        }
    }

    private DmaStatus statusFrom(long start, Channel channel, int cookie, TxState state) {
        while (true) {
            DmaStatus status = channel.isTxComplete(cookie, state);
            if (clock.now() - start >= SYNC_WAIT_PS) {
                log.devErr(channel.device().dev(), "dma_sync_wait: timeout!");
                rules.waitedInVain();
                return DmaStatus.ERROR;
            }
            if (status != DmaStatus.IN_PROGRESS) {
                return status;
            }
            long waited = clock.now() - start;
            if (waited < CLOSE_POLL_PS) {
                sched.cpuRelax();
            } else {
                sched.spinRound(SYNC_WAIT_PS - waited);
            }
            softirqs.serveWhilePolling();
        }
    }
}
