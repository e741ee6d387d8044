package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.sync.SpinLock;
import org.jspecify.annotations.Nullable;

/**
 * A channel that queues any number of descriptors in software and shows its hardware one at a time.
 *
 * <p>A descriptor passes through {@code allocated} (prepared), {@code submitted}, {@code issued},
 * is then the provider's active one and in no list, and comes to {@code completed}; a tasklet runs
 * its callback and gives it back. What was stopped waits in {@code terminated} for {@link
 * #synchronizeVirtual}.
 */
@Linux(file = "drivers/dma/virt-dma.h", symbol = "struct virt_dma_chan")
public abstract class VirtualChannel extends Channel {
    private final SpinLock lock;
    private final Tasklet tasklet;
    private final DescriptorList allocated = new DescriptorList();
    private final DescriptorList submitted = new DescriptorList();
    private final DescriptorList issued = new DescriptorList();
    private final DescriptorList completed = new DescriptorList();
    private final DescriptorList terminated = new DescriptorList();

    /** Ended ones of public clients who have not acknowledged them. */
    private final DescriptorList unacknowledged = new DescriptorList();

    /** Completed ones whose callbacks the tasklet runs now: nothing stops these any more. */
    private final DescriptorList callingBack = new DescriptorList();

    private @Nullable VirtualDescriptor elapsedCyclic;

    /** Creates a channel with empty lists, the next one of its provider. */
    @Linux(file = "drivers/dma/virt-dma.c", symbol = "vchan_init")
    protected VirtualChannel(DmaDevice device) {
        super(device);
        lock = device.engine().newLock("vchan");
        tasklet = device.engine().newTasklet("vchan", this::runCallbacks);
    }

    // What the provider calls.

    /** Guards the lists and the provider's active descriptor, with interrupts off. */
    public final SpinLock lock() {
        return lock;
    }

    /** Gives a descriptor's resources back; it is in no list. */
    protected abstract void release(VirtualDescriptor desc);

    /** Makes a descriptor, filled in by the provider, a prepared one. */
    @Linux(file = "drivers/dma/virt-dma.h", symbol = "vchan_tx_prep")
    protected final void prepared(VirtualDescriptor desc, int flags) {
        // No time passes here, so no interrupt comes in between: no lock.
        desc.prepare(flags);
        allocated.addLast(desc);
    }

    /**
     * Issues everything submitted. The provider holds the lock.
     *
     * @return whether anything is issued now
     */
    @Linux(file = "drivers/dma/virt-dma.h", symbol = "vchan_issue_pending")
    protected final boolean issueSubmitted() {
        issued.takeAll(submitted);
        return !issued.isEmpty();
    }

    /** Takes the next issued descriptor out, to be active; null for none. Lock held. */
    @Linux(file = "drivers/dma/virt-dma.h", symbol = "vchan_next_desc")
    protected final @Nullable VirtualDescriptor takeIssued() {
        return issued.poll();
    }

    /** The issued, not yet active descriptor of a cookie, or null. Lock held. */
    @Linux(file = "drivers/dma/virt-dma.c", symbol = "vchan_find_desc")
    protected final @Nullable VirtualDescriptor findIssued(int cookie) {
        VirtualDescriptor desc = issued.first();
        while (desc != null && desc.cookie() != cookie) {
            desc = desc.next;
        }
        return desc;
    }

    /** Completes the active descriptor and has its callback run. Lock held. */
    @Linux(file = "drivers/dma/virt-dma.h", symbol = "vchan_cookie_complete")
    protected final void completeActive(VirtualDescriptor desc) {
        desc.complete();
        completed.addLast(desc);
        tasklet.schedule();
    }

    /** Has the callback of a cyclic descriptor run, once for all periods until then. Lock held. */
    @Linux(file = "drivers/dma/virt-dma.h", symbol = "vchan_cyclic_callback")
    protected final void periodElapsed(VirtualDescriptor desc) {
        elapsedCyclic = desc;
        engine().rules().periodPassed(desc);
        tasklet.schedule();
    }

    /** Puts the active descriptor away until nothing can refer to it any more. Lock held. */
    @Linux(file = "drivers/dma/virt-dma.h", symbol = "vchan_terminate_vdesc")
    protected final void terminateActive(VirtualDescriptor desc) {
        terminated.addLast(desc);
        if (desc.equals(elapsedCyclic)) {
            elapsedCyclic = null;
        }
    }

    /**
     * Drops everything queued and everything completed whose callback has not begun; descriptors
     * that are reused become prepared ones again. Lock not held.
     */
    @Linux(file = "drivers/dma/virt-dma.h", symbol = "vchan_get_all_descriptors")
    @Linux(file = "drivers/dma/virt-dma.c", symbol = "vchan_dma_desc_free_list")
    protected final void dropAll() {
        DescriptorList dropped = new DescriptorList();
        boolean irqs = lock.lockIrqSave();
        takeEverything(dropped);
        lock.unlockIrqRestore(irqs);
        finishAll(dropped);
    }

    /** Drops everything, reused or not. */
    @Linux(file = "drivers/dma/virt-dma.h", symbol = "vchan_free_chan_resources")
    protected final void freeVirtualResources() {
        DescriptorList dropped = new DescriptorList();
        boolean irqs = lock.lockIrqSave();
        takeEverything(dropped);
        for (VirtualDescriptor desc = dropped.first(); desc != null; desc = desc.next) {
            desc.clearReuse();
        }
        lock.unlockIrqRestore(irqs);
        finishAll(dropped);
    }

    /** Waits for the tasklet and frees what was terminated. Sleeps. */
    @Linux(file = "drivers/dma/virt-dma.h", symbol = "vchan_synchronize")
    protected final void synchronizeVirtual() {
        tasklet.kill();
        DescriptorList dropped = new DescriptorList();
        boolean irqs = lock.lockIrqSave();
        dropped.takeAll(terminated);
        lock.unlockIrqRestore(irqs);
        finishAll(dropped);
    }

    /** Waits for the tasklet, which never runs again. Sleeps. */
    protected final void killTasklet() {
        tasklet.kill();
    }

    // What descriptors call.

    final int submit(VirtualDescriptor desc) {
        boolean irqs = lock.lockIrqSave();
        try {
            if (desc.list != allocated) {
                throw new IllegalStateException(
                        "descriptor of " + name() + " submitted, but it is not a prepared one");
            }
            allocated.remove(desc);
            int cookie = desc.assign();
            submitted.addLast(desc);
            return cookie;
        } finally {
            lock.unlockIrqRestore(irqs);
        }
    }

    final void freeReused(VirtualDescriptor desc) {
        boolean irqs = lock.lockIrqSave();
        DescriptorList list = desc.list;
        if (list != null) {
            list.remove(desc);
        }
        lock.unlockIrqRestore(irqs);
        release(desc);
    }

    // The tasklet.

    @Linux(file = "drivers/dma/virt-dma.c", symbol = "vchan_complete")
    private void runCallbacks() {
        boolean irqs = lock.lockIrqSave();
        callingBack.takeAll(completed);
        VirtualDescriptor cyclic = elapsedCyclic;
        elapsedCyclic = null;
        lock.unlockIrqRestore(irqs);
        if (cyclic != null) {
            engine().rules().periodsTaken(cyclic);
            cyclic.callBack();
        }
        for (VirtualDescriptor desc = callingBack.poll(); desc != null; desc = callingBack.poll()) {
            desc.callBack();
            // Linux's virt-dma leaves it to the few of its providers that chains go through.
            engine().runDependencies(desc);
            finishCompleted(desc);
        }
        finishAcknowledged();
    }

    @Linux(file = "drivers/dma/virt-dma.h", symbol = "vchan_vdesc_fini")
    private void finish(VirtualDescriptor desc) {
        if (desc.isReused()) {
            allocated.addFirst(desc);
        } else {
            release(desc);
        }
    }

    /**
     * A descriptor that a public client has not acknowledged may be depended on, so it is not given
     * out again. Clients that have the channel for themselves need not acknowledge anything.
     */
    private void finishCompleted(VirtualDescriptor desc) {
        if (desc.isAcked() || desc.isReused() || device().isPrivate()) {
            finish(desc);
        } else {
            unacknowledged.addLast(desc);
        }
    }

    private void finishAcknowledged() {
        VirtualDescriptor desc = unacknowledged.first();
        while (desc != null) {
            VirtualDescriptor next = desc.next;
            if (desc.isAcked()) {
                unacknowledged.remove(desc);
                finish(desc);
            }
            desc = next;
        }
    }

    private void finishAll(DescriptorList dropped) {
        for (VirtualDescriptor desc = dropped.poll(); desc != null; desc = dropped.poll()) {
            desc.leaveChain();
            desc.unmap();
            finish(desc);
        }
    }

    private void takeEverything(DescriptorList into) {
        into.takeAll(allocated);
        into.takeAll(submitted);
        into.takeAll(issued);
        into.takeAll(completed);
        into.takeAll(terminated);
        into.takeAll(unacknowledged);
    }
}
