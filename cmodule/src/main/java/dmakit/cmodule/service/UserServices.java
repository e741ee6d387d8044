package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.EventFd;
import dmakit.kernel.chardev.Processes;
import dmakit.kernel.chardev.UserAccess;
import dmakit.kernel.chardev.UserProcess;

/** Memory of the process that made the system call, and its event counters. */
final class UserServices implements ServiceGroup {
    private static final int PIECE_BYTES = 4096;
    private static final int CONTEXT_COUNT_MAX = 65_536;

    private final Processes processes;
    private final UserAccess user;
    private final Handles<Context> events = new Handles<>("event counters", CONTEXT_COUNT_MAX);

    UserServices(CSystem system) {
        processes = system.kernel().processes();
        user = system.kernel().userAccess();
    }

    @Override
    public void register(Registry to) {
        to.add("access_ok", call -> user.isUser(call.arg(0), call.arg(1)) ? 1 : 0);
        to.add("copy_to_user", call -> user.store(call.arg(0), call.data()));
        to.add("copy_from_user", call -> user.load(call.arg(0), call.data()));
        to.add("clear_user", this::clear);
        to.add("strncpy_from_user", this::copyText);
        to.add("strnlen_user", this::textLength);
        to.add("eventfd_ctx_fdget", this::eventOf);
        to.add("eventfd_ctx_put", this::putEvent);
        to.add("eventfd_signal", this::signalEvent);
    }

    private UserProcess process() {
        UserProcess process = processes.current();
        if (process == null) {
            throw new KernelException(Errno.EFAULT, "a kernel thread has no user memory");
        }
        return process;
    }

    private long clear(Call call) {
        long left = call.arg(1);
        long at = call.arg(0);
        while (left > 0) {
            int piece = (int) Math.min(left, PIECE_BYTES);
            int missed = user.store(at, new byte[piece]);
            left -= piece - missed;
            at += piece;
            if (missed > 0) {
                break;
            }
        }
        return left;
    }

    /** The text's length, or all of the room when no zero byte is in it. */
    private long copyText(Call call) {
        byte[] into = call.data();
        int there = into.length - user.load(call.arg(0), into);
        for (int i = 0; i < there; i++) {
            if (into[i] == 0) {
                return i;
            }
        }
        if (there < into.length) {
            throw new KernelException(Errno.EFAULT, "bad user address 0x%x", call.arg(0));
        }
        return there;
    }

    /** With the zero byte; more than the limit when none is before it, 0 for a bad address. */
    private long textLength(Call call) {
        byte[] piece = new byte[PIECE_BYTES];
        long done = 0;
        while (done < call.arg(1)) {
            int there = piece.length - user.load(call.arg(0) + done, piece);
            for (int i = 0; i < there && done + i < call.arg(1); i++) {
                if (piece[i] == 0) {
                    return done + i + 1;
                }
            }
            done += there;
            if (there < piece.length && done < call.arg(1)) {
                return 0;
            }
        }
        return call.arg(1) + 1;
    }

    // Event counters. Each look-up has a number of its own.

    /** What C code holds of one counter. */
    private record Context(EventFd event) {}

    private long eventOf(Call call) {
        EventFd event = EventFd.of(process().file(call.intArg(0)));
        return events.number(new Context(event));
    }

    private long putEvent(Call call) {
        events.free(call.arg(0));
        return 0;
    }

    private long signalEvent(Call call) {
        return events.get(call.arg(0)).event().signal(call.arg(1));
    }
}
