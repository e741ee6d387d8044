package dmakit.kernel.drivers.axicopy;

import static dmakit.datasheet.axi.AxiCopyChannelRegister.CONFIG;
import static dmakit.datasheet.axi.AxiCopyChannelRegister.CTRL;
import static dmakit.datasheet.axi.AxiCopyChannelRegister.DEST;
import static dmakit.datasheet.axi.AxiCopyChannelRegister.DEST_HIGH;
import static dmakit.datasheet.axi.AxiCopyChannelRegister.LENGTH;
import static dmakit.datasheet.axi.AxiCopyChannelRegister.SOURCE;
import static dmakit.datasheet.axi.AxiCopyChannelRegister.SOURCE_HIGH;
import static dmakit.datasheet.axi.AxiCopyChannelRegister.STATUS;

import dmakit.datasheet.axi.AxiCopyChannelRegister;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Ctrl;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Status;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.dmaengine.VirtualChannel;
import dmakit.kernel.dmaengine.VirtualDescriptor;
import dmakit.machine.cpu.Cpu;
import org.jspecify.annotations.Nullable;

/** One channel: a queue of copies, the first of which the hardware does. */
final class AxiCopyChannel extends VirtualChannel {
    private static final long SIZE_MAX = 0xffff_ffffL;

    /** Bursts that are on their way when a channel is stopped end within a few reads. */
    private static final int STOP_POLL_COUNT_MAX = 1000;

    private final Cpu cpu;
    private final long va;
    private final int config;
    private @Nullable AxiCopyDescriptor active;
    private @Nullable AxiCopyDescriptor free;

    /**
     * Finds the channel.
     *
     * @param va of its registers
     * @param config how it is to use the bus
     */
    AxiCopyChannel(DmaDevice device, Cpu cpu, long va, int config) {
        super(device);
        this.cpu = cpu;
        this.va = va;
        this.config = config;
    }

    Descriptor memcpy(long destinationDma, long sourceDma, long size, int flags) {
        if (size <= 0 || size > SIZE_MAX) {
            throw new DmaException(
                    Errno.EINVAL, "%s: %d bytes, wanted 1 to %d", name(), size, SIZE_MAX);
        }
        AxiCopyDescriptor desc = free;
        if (desc == null) {
            desc = new AxiCopyDescriptor(this);
        } else {
            free = desc.nextFree;
        }
        desc.destinationDma = destinationDma;
        desc.sourceDma = sourceDma;
        desc.size = (int) size;
        prepared(desc, flags);
        return desc;
    }

    @Override
    protected void release(VirtualDescriptor released) {
        AxiCopyDescriptor desc = (AxiCopyDescriptor) released;
        desc.nextFree = free;
        free = desc;
    }

    void issue() {
        boolean irqs = lock().lockIrqSave();
        if (issueSubmitted() && active == null) {
            startNext();
        }
        lock().unlockIrqRestore(irqs);
    }

    private void startNext() {
        AxiCopyDescriptor next = (AxiCopyDescriptor) takeIssued();
        active = next;
        if (next != null) {
            writel(CONFIG, config);
            writel(SOURCE, (int) next.sourceDma);
            writel(SOURCE_HIGH, (int) (next.sourceDma >>> Integer.SIZE));
            writel(DEST, (int) next.destinationDma);
            writel(DEST_HIGH, (int) (next.destinationDma >>> Integer.SIZE));
            writel(LENGTH, next.size);
            writel(CTRL, Ctrl.START.mask() | Ctrl.IRQ_EN.mask());
        }
    }

    DmaStatus status(int cookie, @Nullable TxState state) {
        DmaStatus status = cookieStatus(cookie, state);
        if (status == DmaStatus.COMPLETE || state == null) {
            return status;
        }
        boolean irqs = lock().lockIrqSave();
        AxiCopyDescriptor current = active;
        if (current != null && current.cookie() == cookie) {
            state.residue(readl(LENGTH));
        } else if (findIssued(cookie) instanceof AxiCopyDescriptor waiting) {
            state.residue(waiting.size);
        }
        lock().unlockIrqRestore(irqs);
        return status;
    }

    /** The channel interrupts: its copy has ended, or was refused. */
    void handleInterrupt() {
        boolean irqs = lock().lockIrqSave();
        int status = readl(STATUS);
        writel(STATUS, status);
        AxiCopyDescriptor current = active;
        if (current != null && !Status.BUSY.isSet(status)) {
            if (Status.READ_ERROR.isSet(status)) {
                current.endedWith(TransferResult.READ_FAILED, readl(LENGTH));
            } else if (Status.WRITE_ERROR.isSet(status)) {
                current.endedWith(TransferResult.WRITE_FAILED, readl(LENGTH));
            }
            completeActive(current);
            startNext();
        }
        lock().unlockIrqRestore(irqs);
    }

    void terminateAllDescriptors() {
        boolean irqs = lock().lockIrqSave();
        AxiCopyDescriptor current = active;
        if (current != null) {
            stop();
            terminateActive(current);
            active = null;
        }
        lock().unlockIrqRestore(irqs);
        dropAll();
    }

    private void stop() {
        writel(CTRL, Ctrl.STOP.mask());
        int polls = 0;
        int status = readl(STATUS);
        while (Status.BUSY.isSet(status) && ++polls < STOP_POLL_COUNT_MAX) {
            status = readl(STATUS);
        }
        writel(STATUS, status);
    }

    void synchronizeCallbacks() {
        synchronizeVirtual();
    }

    /** When its last client is gone, or the controller. */
    void freeResources() {
        terminateAllDescriptors();
        freeVirtualResources();
    }

    private int readl(AxiCopyChannelRegister register) {
        return cpu.load32(va + register.offset());
    }

    private void writel(AxiCopyChannelRegister register, int value) {
        cpu.barrier();
        cpu.store32(va + register.offset(), value);
    }
}
