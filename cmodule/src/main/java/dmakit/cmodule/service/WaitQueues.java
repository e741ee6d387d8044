package dmakit.cmodule.service;

import dmakit.kernel.sync.WaitQueue;
import org.jspecify.annotations.Nullable;

/** The wait queues of C code, by the addresses of their heads. */
@FunctionalInterface
interface WaitQueues {
    /** The queue at an address; null where there is none. */
    @Nullable WaitQueue at(long address);
}
