package dmakit.cmodule.user;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.Poll;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Calls that wait for time or for news of files. Their limits are in simulated time. */
final class Waiting {
    private static final long PS_PER_NS = 1_000;
    private static final long BUSY_NS_MAX = 1_000_000;
    private static final long WITHOUT_LIMIT = -1;
    private static final int REQUEST_BYTES = 8;
    private static final int ALWAYS_READY = Poll.IN | Poll.OUT | Poll.RDNORM | Poll.WRNORM;

    private final Sched sched;
    private final Clock clock;

    Waiting(Sched sched) {
        this.sched = sched;
        clock = sched.machine().clock();
    }

    /** Lets time pass that a program has spent by itself, by looking at the clock or waiting. */
    void catchUp(long ns) {
        if (ns > BUSY_NS_MAX) {
            sleep(ns);
        } else if (ns > 0) {
            sched.machine().cpu().spend(ns * PS_PER_NS);
        }
    }

    /** Sleeps; the second value is what is left, in nanoseconds, when a signal came first. */
    Answer sleep(long ns) {
        long start = clock.now();
        long until = deadline(ns);
        KernelTask me = sched.current();
        Alarm alarm = new Alarm("nanosleep", () -> sched.wakeUp(me));
        try {
            while (clock.now() < until) {
                if (me.hasSignal()) {
                    return Answer.of(-Errno.EINTR.number())
                            .withSecond((until - clock.now()) / PS_PER_NS);
                }
                sleepUntil(until, alarm);
            }
            return Answer.of(0).withSecond((clock.now() - start) / PS_PER_NS);
        } finally {
            clock.cancel(alarm);
        }
    }

    private long deadline(long ns) {
        return ns == WITHOUT_LIMIT || ns >= (Clock.NEVER - clock.now()) / PS_PER_NS
                ? Clock.NEVER
                : clock.now() + Math.max(ns, 0) * PS_PER_NS;
    }

    private void sleepUntil(long until, Alarm alarm) {
        if (until != Clock.NEVER) {
            clock.setAt(alarm, until);
        }
        sched.setCurrentState(TaskState.INTERRUPTIBLE);
        sched.schedule();
    }

    private record Request(OpenFile open, int events) {}

    /**
     * Waits until a file is ready. The request has pairs of a file's number and events, the answer
     * the events that hold, in the same order.
     */
    Answer poll(UserProcess process, Message message, OpenFiles files) {
        List<Request> requests = requests(message, files);
        long until = deadline(message.value(0));
        KernelTask me = sched.current();
        Alarm alarm = new Alarm("poll", () -> sched.wakeUp(me));
        boolean[] news = {true};
        var watches = new ArrayList<UserProcess.PollWatch>();
        try {
            while (true) {
                news[0] = false;
                watches.forEach(UserProcess.PollWatch::close);
                watches.clear();
                int[] ready = new int[requests.size()];
                int count = 0;
                for (int i = 0; i < ready.length; i++) {
                    Runnable onNews =
                            () -> {
                                news[0] = true;
                                sched.wakeUp(me);
                            };
                    ready[i] = look(process, requests.get(i), onNews, watches);
                    count += ready[i] != 0 ? 1 : 0;
                }
                if (count > 0 || clock.now() >= until) {
                    return Answer.of(count, bytes(ready));
                }
                if (me.hasSignal()) {
                    return Answer.of(-Errno.EINTR.number());
                }
                if (!news[0]) {
                    sleepUntil(until, alarm);
                }
            }
        } finally {
            watches.forEach(UserProcess.PollWatch::close);
            clock.cancel(alarm);
        }
    }

    private static List<Request> requests(Message message, OpenFiles files) {
        int count = message.data().length / REQUEST_BYTES;
        if (count > Wire.POLL_MAX) {
            throw new KernelException(Errno.EINVAL, "poll of %d files", count);
        }
        ByteBuffer in = ByteBuffer.wrap(message.data()).order(ByteOrder.LITTLE_ENDIAN);
        var requests = new ArrayList<Request>();
        for (int i = 0; i < count; i++) {
            requests.add(new Request(files.of(in.getInt()), in.getInt()));
        }
        return requests;
    }

    private static int look(
            UserProcess process,
            Request request,
            Runnable onNews,
            List<UserProcess.PollWatch> watches) {
        File file = request.open().file();
        if (file == null) {
            return ALWAYS_READY & request.events();
        }
        UserProcess.PollWatch watch = process.watch(file, request.events(), onNews);
        watches.add(watch);
        return watch.ready();
    }

    private static byte[] bytes(int[] ready) {
        ByteBuffer out =
                ByteBuffer.allocate(ready.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits : ready) {
            out.putInt(bits);
        }
        return out.array();
    }
}
