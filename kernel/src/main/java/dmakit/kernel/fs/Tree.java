package dmakit.kernel.fs;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.UserAccess;
import dmakit.machine.time.Clock;

/** What all nodes of one file system share. */
final class Tree {
    /** Nodes one file system may have at a time. */
    static final int NODE_COUNT_MAX = 1 << 20;

    private final Clock clock;
    private final UserAccess user;
    private long lastInode;
    private int count;

    Tree(Clock clock, UserAccess user) {
        this.clock = clock;
        this.user = user;
    }

    UserAccess user() {
        return user;
    }

    long nextInode() {
        lastInode++;
        return lastInode;
    }

    long now() {
        return clock.now();
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
