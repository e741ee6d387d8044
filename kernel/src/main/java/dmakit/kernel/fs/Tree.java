package dmakit.kernel.fs;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.UserAccess;
import dmakit.kernel.sched.Sched;

/** What all nodes of one file system share. */
final class Tree {
    /** Nodes one file system may have at a time. */
    static final int NODE_COUNT_MAX = 1 << 20;

    private final Sched sched;
    private final UserAccess user;
    private long lastInode;
    private int count;

    Tree(Sched sched, UserAccess user) {
        this.sched = sched;
        this.user = user;
    }

    Sched sched() {
        return sched;
    }

    UserAccess user() {
        return user;
    }

    long nextInode() {
        lastInode++;
        return lastInode;
    }

    long now() {
        return sched.machine().clock().now();
    }

    void added() {
        if (count == NODE_COUNT_MAX) {
            throw new KernelException(Errno.ENOSPC, "more than %d files", NODE_COUNT_MAX);
        }
        count++;
    }

    void removed() {
        count--;
    }
}
