package dmakit.kernel.chardev;

import dmakit.kernel.Linux;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.WaitQueue;
import java.util.ArrayList;
import java.util.List;

/** Collects, for one {@code poll}, the wait queues at which news of the files will come. */
@Linux(file = "include/linux/poll.h", symbol = "poll_table")
public final class PollTable {
    private final Runnable listener;
    private final List<WaitQueue> queues = new ArrayList<>();
    private boolean news;

    PollTable(Sched sched) {
        KernelTask poller = sched.current();
        listener =
                () -> {
                    news = true;
                    sched.wakeUp(poller);
                };
    }

    PollTable(Runnable news) {
        listener =
                () -> {
                    this.news = true;
                    news.run();
                };
    }

    /** Says that a wake-up of this queue may change what the file is ready for. */
    @Linux(file = "include/linux/poll.h", symbol = "poll_wait")
    public void waitOn(WaitQueue queue) {
        if (!queues.contains(queue)) {
            queues.add(queue);
            queue.addListener(listener);
        }
    }

    /** Whether a queue was woken since the last time; asking forgets. */
    boolean takeNews() {
        boolean had = news;
        news = false;
        return had;
    }

    void close() {
        queues.forEach(queue -> queue.removeListener(listener));
        queues.clear();
    }
}
