package dmakit.kernel.drivers.plx;

import dmakit.datasheet.plx.PlxDescriptor;
import dmakit.datasheet.plx.PlxDescriptor.Flags;
import dmakit.datasheet.plx.PlxDescriptor.High;
import dmakit.datasheet.plx.PlxRegister;
import dmakit.datasheet.plx.PlxRegister.Ctrl;
import dmakit.datasheet.plx.PlxRegister.Interrupt;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.SpinLock;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import org.jspecify.annotations.Nullable;

/** The function's channel: fills its ring, starts it and looks at what it wrote back. */
final class PlxChannel extends Channel {
    private static final String FILE = "drivers/dma/plx_dma.c";

    /** Descriptors in the ring; one place stays empty. */
    static final int RING_COUNT = 2048;

    private static final int RING_BYTES = RING_COUNT * PlxDescriptor.SIZE;
    private static final int PREFETCH_FOUR = 8;
    private static final int WORD_BITS = Integer.SIZE;

    /** Writing these ones clears them. */
    private static final int CLEAR_STATUS =
            Ctrl.DESC_INVALID.mask()
                    | Ctrl.GRACEFUL_PAUSE_DONE.mask()
                    | Ctrl.ABORT_DONE.mask()
                    | Ctrl.IMM_PAUSE_DONE.mask();

    private static final int START =
            CLEAR_STATUS
                    | Ctrl.WRITE_BACK_EN.mask()
                    | Ctrl.MODE.of(PlxRegister.MODE_OFF_CHIP)
                    | Ctrl.START.mask();
    private static final int PAUSE = CLEAR_STATUS | Ctrl.GRACEFUL_PAUSE.mask();

    private final PlxDma owner;
    private final Cpu cpu;
    private final SpinLock ringLock;
    private final Tasklet tasklet;
    private final @Nullable PlxDmaDescriptor[] inRing = new PlxDmaDescriptor[RING_COUNT];
    private @Nullable CoherentBuffer ring;
    private @Nullable PlxDmaDescriptor free;
    private int head;
    private int tail;

    /** Prepared, and with no place in the ring yet. */
    private int preparedCount;

    private boolean ringActive;

    /** Whether the driver still has the function. */
    private boolean present = true;

    PlxChannel(PlxDma owner, DmaDevice device) {
        super(device);
        this.owner = owner;
        cpu = owner.cpu();
        ringLock = new SpinLock(owner.sched(), "ring_lock");
        tasklet = new Tasklet(owner.softirqs(), "plx_dma", this::processDescriptors);
    }

    // For the first client, and after the last.

    @Linux(file = FILE, symbol = "plx_dma_alloc_chan_resources")
    void allocate() {
        if (!present) {
            throw new DmaException(Errno.ENODEV, "%s is gone", owner.dev().name());
        }
        head = 0;
        tail = 0;
        preparedCount = 0;
        CoherentBuffer memory = owner.mapping().allocCoherent(owner.dev(), RING_BYTES, Gfp.KERNEL);
        ring = memory;
        cpu.fill(memory.va(), RING_BYTES, (byte) 0);
        writel(PlxRegister.CTRL, CLEAR_STATUS);
        writel(PlxRegister.DESC_RING_ADDR, (int) memory.dma());
        writel(PlxRegister.DESC_RING_ADDR_HI, (int) (memory.dma() >>> WORD_BITS));
        writel(PlxRegister.DESC_RING_NEXT_ADDR, (int) memory.dma());
        writel(PlxRegister.DESC_RING_COUNT, RING_COUNT);
        writel(PlxRegister.PREF_LIMIT, PREFETCH_FOUR);
        ringActive = true;
    }

    @Linux(file = FILE, symbol = "plx_dma_free_chan_resources")
    void freeResources() {
        CoherentBuffer memory = ring;
        if (memory == null) {
            return;
        }
        ringActive = false;
        if (present) {
            stop();
            owner.irqs().synchronize(owner.irq());
        }
        tasklet.kill();
        abortDescriptors();
        ring = null;
        owner.mapping().freeCoherent(owner.dev(), memory);
    }

    /** The driver leaves: the channel works no more, whoever still holds it. */
    @Linux(file = FILE, symbol = "plx_dma_remove")
    void remove() {
        ringActive = false;
        stop();
        present = false;
        tasklet.kill();
        abortDescriptors();
    }

    // Preparing and submitting.

    @Linux(file = FILE, symbol = "plx_dma_prep_memcpy")
    PlxDmaDescriptor memcpy(long toDma, long fromDma, long size, int flags) {
        if (size > PlxDescriptor.TRANSFER_BYTES_MAX || size < 0) {
            throw new DmaException(
                    Errno.EINVAL, "%d bytes, limit is %d", size, PlxDescriptor.TRANSFER_BYTES_MAX);
        }
        if (((toDma | fromDma) & ~PlxDescriptor.ADDRESS_MASK) != 0) {
            throw new DmaException(
                    Errno.EINVAL, "dma:0x%x <- dma:0x%x: 48 bits are all it has", toDma, fromDma);
        }
        ringLock.lockBh();
        try {
            if (!ringActive) {
                throw new DmaException(Errno.ENODEV, "%s is stopped", owner.dev().name());
            }
            if (head - tail + preparedCount >= RING_COUNT - 1) {
                throw new DmaException(Errno.EAGAIN, "all %d descriptors are used", RING_COUNT - 1);
            }
            PlxDmaDescriptor desc = free;
            if (desc == null) {
                desc = new PlxDmaDescriptor(this);
            } else {
                free = desc.nextFree;
                desc.nextFree = null;
            }
            preparedCount++;
            desc.prepare(toDma, fromDma, (int) size, flags);
            return desc;
        } finally {
            ringLock.unlockBh();
        }
    }

    @Linux(file = FILE, symbol = "plx_dma_tx_submit")
    int submit(PlxDmaDescriptor desc) {
        ringLock.lockBh();
        try {
            int cookie = desc.assign();
            CoherentBuffer memory = ring;
            preparedCount--;
            inRing[head & (RING_COUNT - 1)] = desc;
            if (memory != null && ringActive) {
                fill(memory.va() + place(head), desc);
            }
            head++;
            return cookie;
        } finally {
            ringLock.unlockBh();
        }
    }

    private static int place(int index) {
        return (index & (RING_COUNT - 1)) * PlxDescriptor.SIZE;
    }

    private void fill(long va, PlxDmaDescriptor desc) {
        int high =
                High.SOURCE.of((int) (desc.source >>> WORD_BITS))
                        | High.DESTINATION.of((int) (desc.destination >>> WORD_BITS));
        int flags = Flags.BYTES.of(desc.size);
        flags = Flags.INTERRUPT_OR_SUCCESS.with(flags, (desc.flags() & PrepFlags.INTERRUPT) != 0);
        cpu.store32(va + PlxDescriptor.ADDRESSES_HIGH.offset(), high);
        cpu.store32(va + PlxDescriptor.DESTINATION_LOW.offset(), (int) desc.destination);
        cpu.store32(va + PlxDescriptor.SOURCE_LOW.offset(), (int) desc.source);
        cpu.storeBarrier();
        cpu.store32(va + PlxDescriptor.FLAGS_AND_SIZE.offset(), Flags.VALID.with(flags, true));
    }

    @Linux(file = FILE, symbol = "plx_dma_issue_pending")
    void issue() {
        if (present) {
            cpu.barrier();
            cpu.store16(owner.registers() + PlxRegister.CTRL.offset(), (short) START);
        }
    }

    // Completing.

    @Linux(file = FILE, symbol = "plx_dma_tx_status")
    DmaStatus status(int cookie, @Nullable TxState state) {
        DmaStatus status = cookieStatus(cookie, state);
        if (status == DmaStatus.COMPLETE) {
            return status;
        }
        processDescriptors();
        return cookieStatus(cookie, state);
    }

    @Linux(file = FILE, symbol = "plx_dma_isr")
    IrqReturn handleInterrupt() {
        long at = owner.registers() + PlxRegister.INTR_CTRL_STATUS.offset() + Short.BYTES;
        int status = Short.toUnsignedInt(cpu.load16(at));
        if (status == 0) {
            return IrqReturn.NONE;
        }
        if (Interrupt.DESC_DONE.isSet(status << Short.SIZE) && ringActive) {
            tasklet.schedule();
        }
        cpu.barrier();
        cpu.store16(at, (short) status);
        return IrqReturn.HANDLED;
    }

    /** Softirqs are off meanwhile: what ends in between is called back afterwards. */
    @Linux(file = FILE, symbol = "plx_dma_process_desc")
    private void processDescriptors() {
        Contexts contexts = owner.sched().contexts();
        contexts.bhDisable();
        try {
            for (PlxDmaDescriptor desc = takeDone(); desc != null; desc = takeDone()) {
                finish(desc);
            }
        } finally {
            contexts.bhEnable();
        }
    }

    /** Completes the oldest descriptor if the engine is done with it; null otherwise. */
    private @Nullable PlxDmaDescriptor takeDone() {
        ringLock.lockBh();
        try {
            CoherentBuffer memory = ring;
            PlxDmaDescriptor desc = inRing[tail & (RING_COUNT - 1)];
            if (tail == head || memory == null || desc == null) {
                return null;
            }
            int flags =
                    cpu.load32(memory.va() + place(tail) + PlxDescriptor.FLAGS_AND_SIZE.offset());
            if (Flags.VALID.isSet(flags)) {
                return null;
            }
            TransferResult result = TransferResult.READ_FAILED;
            if (Flags.INTERRUPT_OR_SUCCESS.isSet(flags)) {
                result = TransferResult.NOERROR;
            } else if (Flags.WRITE_FAIL.isSet(flags)) {
                result = TransferResult.WRITE_FAILED;
            }
            desc.complete(result, desc.size - Flags.BYTES.get(flags));
            tail++;
            return desc;
        } finally {
            ringLock.unlockBh();
        }
    }

    @Linux(file = FILE, symbol = "plx_dma_abort_desc")
    private void abortDescriptors() {
        processDescriptors();
        for (PlxDmaDescriptor desc = takeAny(); desc != null; desc = takeAny()) {
            finish(desc);
        }
    }

    private @Nullable PlxDmaDescriptor takeAny() {
        ringLock.lockBh();
        try {
            PlxDmaDescriptor desc = inRing[tail & (RING_COUNT - 1)];
            if (tail == head || desc == null) {
                return null;
            }
            desc.complete(TransferResult.ABORTED, desc.size);
            tail++;
            return desc;
        } finally {
            ringLock.unlockBh();
        }
    }

    private void finish(PlxDmaDescriptor desc) {
        desc.callBack();
        recycle(desc);
    }

    void recycle(PlxDmaDescriptor desc) {
        desc.nextFree = free;
        free = desc;
    }

    // Stopping.

    @Linux(file = FILE, symbol = "__plx_dma_stop")
    private void stop() {
        int value = readl(PlxRegister.CTRL);
        if ((value & ~Ctrl.GRACEFUL_PAUSE.mask()) == 0) {
            return;
        }
        writel(PlxRegister.CTRL, PAUSE);
        if (!waitForPause()) {
            owner.log().devErr(owner.dev(), "Timeout waiting for graceful pause!");
        }
        writel(PlxRegister.CTRL, PAUSE);
        writel(PlxRegister.DESC_RING_COUNT, 0);
        writel(PlxRegister.DESC_RING_ADDR, 0);
        writel(PlxRegister.DESC_RING_ADDR_HI, 0);
        writel(PlxRegister.DESC_RING_NEXT_ADDR, 0);
    }

    private boolean waitForPause() {
        Purpose before = cpu.begin(Purpose.POLL);
        try {
            long deadline = owner.sched().jiffies().now() + Jiffies.ofMillis(1000);
            while (!Jiffies.isAfter(owner.sched().jiffies().now(), deadline)) {
                if (Ctrl.GRACEFUL_PAUSE_DONE.isSet(readl(PlxRegister.CTRL))) {
                    return true;
                }
            }
            return false;
        } finally {
            cpu.end(before);
        }
    }

    private int readl(PlxRegister register) {
        return cpu.load32(owner.registers() + register.offset());
    }

    private void writel(PlxRegister register, int value) {
        cpu.barrier();
        cpu.store32(owner.registers() + register.offset(), value);
    }
}
