package dmakit.kernel.drivers.xilinx;

import dmakit.datasheet.Register;
import dmakit.datasheet.xilinx.AxiDmaRegister;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmacr;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmasr;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.MetadataOps;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.irq.IrqFlags;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.sync.SpinLock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the channels of all cores have in common: descriptors wait in {@code pending}, go to the
 * hardware together as {@code active}, and come to {@code done}, from where a tasklet calls back.
 * Control and status are at the same offsets in all cores, and reset, interrupts and errors at the
 * same bits.
 */
abstract class XilinxChannel extends Channel {
    static final String FILE = "drivers/dma/xilinx/xilinx_dma.c";

    /** What Linux prints for a pointer before there is a key to hash it with. */
    private static final String POINTER = "(____ptrval____)";

    private static final long POLL_PS_MAX = 1_000_000_000_000L;
    static final int ALL_IRQS = Dmasr.IOC_IRQ.mask() | Dmasr.DLY_IRQ.mask() | Dmasr.ERR_IRQ.mask();
    private static final int COMPLETION = Dmasr.IOC_IRQ.mask() | Dmasr.DLY_IRQ.mask();
    private static final int ALL_ERRORS =
            Dmasr.SG_DEC_ERR.mask()
                    | Dmasr.SG_SLV_ERR.mask()
                    | Dmasr.SG_INT_ERR.mask()
                    | Dmasr.DMA_DEC_ERR.mask()
                    | Dmasr.DMA_SLV_ERR.mask()
                    | Dmasr.DMA_INT_ERR.mask();

    /** Most packets of one interrupt. */
    static final int COALESCE_MAX = 255;

    final XilinxDma controller;
    final Registers registers;
    final boolean scatterGather;

    /** To or from memory, as the channel was built. */
    final TransferDirection direction;

    final SpinLock lock;
    final Deque<XilinxDescriptor> pending = new ArrayDeque<>();
    final Deque<XilinxDescriptor> active = new ArrayDeque<>();
    private final Deque<XilinxDescriptor> done = new ArrayDeque<>();
    private final Tasklet tasklet;
    private final int irq;

    /** Descriptors that will interrupt. */
    int pendingCount;

    boolean idle = true;
    boolean failed;
    boolean cyclic;
    private boolean terminating;
    private boolean periodElapsed;

    XilinxChannel(XilinxDma controller, Registers registers, TransferDirection direction, int irq) {
        super(controller.device());
        this.controller = controller;
        this.registers = registers;
        this.direction = direction;
        this.irq = irq;
        lock = new SpinLock(controller.sched(), "xilinx_dma_chan");
        tasklet = new Tasklet(controller.irqs().softirqs(), "xilinx_dma", this::cleanUp);
        scatterGather = Dmasr.SG_INCLD.isSet(registers.readl(AxiDmaRegister.DMASR));
        controller
                .irqs()
                .request(
                        irq,
                        (line, devId) -> handleInterrupt(),
                        IrqFlags.SHARED,
                        "xilinx-dma-controller",
                        this);
    }

    // What the cores differ in.

    /** For the first client: memory for hardware descriptors. */
    abstract void allocate();

    /** When the last client is gone; the channel may be without resources already. */
    abstract void freeMemory();

    /** Starts what is pending, if the channel is idle. Lock held. */
    abstract void start();

    /**
     * Brings the channel to rest.
     *
     * @return whether it came to rest
     */
    abstract boolean stop();

    /** Gives the hardware descriptors of a descriptor back. */
    abstract void release(XilinxDescriptor desc);

    /** Lets the hardware go on from the last pending one to a descriptor. Lock held. */
    abstract void link(XilinxDescriptor tail, XilinxDescriptor desc);

    /** Whether the hardware is through with an active descriptor. */
    abstract boolean isComplete(XilinxDescriptor desc);

    /** Bytes of a descriptor that the hardware has not reported as moved. */
    abstract int residueOf(XilinxDescriptor desc);

    /** What descriptors carry beside their bytes; null for nothing. */
    abstract @Nullable MetadataOps metadataOps();

    /** What stopping leaves to be undone in the registers. */
    abstract void stopped();

    // Operations.

    /** Linux lets the hardware go on in memory that is given back. */
    @Linux(file = FILE, symbol = "xilinx_dma_free_chan_resources")
    final void freeResources() {
        if (!active.isEmpty() || !pending.isEmpty()) {
            terminate();
        }
        boolean irqs = lock.lockIrqSave();
        dropAll();
        lock.unlockIrqRestore(irqs);
        freeMemory();
    }

    @Linux(file = FILE, symbol = "xilinx_dma_tx_status")
    final DmaStatus status(int cookie, @Nullable TxState state) {
        DmaStatus status = cookieStatus(cookie, state);
        if (status == DmaStatus.COMPLETE || state == null) {
            return status;
        }
        boolean irqs = lock.lockIrqSave();
        if (scatterGather) {
            state.residue(residueOf(cookie));
        }
        lock.unlockIrqRestore(irqs);
        return status;
    }

    private int residueOf(int cookie) {
        for (XilinxDescriptor desc : active) {
            if (desc.cookie() == cookie) {
                return residueOf(desc);
            }
        }
        // What waits for the hardware has all of it before it; what waits to be issued, nothing.
        for (XilinxDescriptor desc : pending) {
            if (desc.cookie() == cookie && desc.issued) {
                return residueOf(desc);
            }
        }
        return 0;
    }

    @Linux(file = FILE, symbol = "xilinx_dma_issue_pending")
    final void issue() {
        boolean irqs = lock.lockIrqSave();
        for (XilinxDescriptor desc : pending) {
            desc.issued = true;
        }
        start();
        lock.unlockIrqRestore(irqs);
    }

    @Linux(file = FILE, symbol = "xilinx_dma_tx_submit")
    final int submit(XilinxDescriptor desc) {
        if (desc.count() == 0 || desc.submitted) {
            throw new IllegalStateException(
                    "descriptor of " + name() + " submitted, but it is not a prepared one");
        }
        if (cyclic) {
            release(desc);
            throw new DmaException(Errno.EBUSY, "%s goes round a ring", name());
        }
        if (failed && !reset()) {
            throw new DmaException(Errno.ETIMEDOUT, "%s does not come out of reset", name());
        }
        boolean irqs = lock.lockIrqSave();
        int cookie = desc.assign();
        XilinxDescriptor tail = pending.peekLast();
        if (tail != null) {
            link(tail, desc);
        }
        desc.submitted = true;
        pending.addLast(desc);
        pendingCount++;
        if (desc.cyclic) {
            cyclic = true;
        }
        terminating = false;
        lock.unlockIrqRestore(irqs);
        return cookie;
    }

    @Linux(file = FILE, symbol = "xilinx_dma_terminate_all")
    final void terminate() {
        if (!cyclic && !stop()) {
            controller.err(
                    "Cannot stop channel %s: %x", POINTER, registers.readl(AxiDmaRegister.DMASR));
            failed = true;
        }
        reset();
        boolean irqs = lock.lockIrqSave();
        terminating = true;
        dropAll();
        idle = true;
        lock.unlockIrqRestore(irqs);
        if (cyclic) {
            clear(Dmacr.CYCLIC_BD_ENABLE.mask());
            cyclic = false;
        }
        stopped();
    }

    @Linux(file = FILE, symbol = "xilinx_dma_synchronize")
    final void synchronizeCallbacks() {
        tasklet.kill();
    }

    /** The controller goes. */
    @Linux(file = FILE, symbol = "xilinx_dma_chan_remove")
    final void remove() {
        terminate();
        clear(ALL_IRQS);
        controller.irqs().free(irq, this);
        tasklet.kill();
        freeMemory();
    }

    // Registers.

    final void clear(int bits) {
        registers.writel(AxiDmaRegister.DMACR, registers.readl(AxiDmaRegister.DMACR) & ~bits);
    }

    final void set(int bits) {
        registers.writel(AxiDmaRegister.DMACR, registers.readl(AxiDmaRegister.DMACR) | bits);
    }

    final void enableInterrupts() {
        set(ALL_IRQS);
    }

    /** Reads a register until some of the bits are, or none is, set, for a second at most. */
    @Linux(file = "include/linux/iopoll.h", symbol = "readl_poll_timeout_atomic")
    final boolean poll(Register register, int bits, boolean set) {
        long end = controller.now() + POLL_PS_MAX;
        while (((registers.readl(register) & bits) != 0) != set) {
            if (controller.now() > end) {
                return false;
            }
        }
        return true;
    }

    /**
     * Resets the channel, and with it the other one of the core.
     *
     * @return whether the core came out of it
     */
    @Linux(file = FILE, symbol = "xilinx_dma_chan_reset")
    final boolean reset() {
        set(Dmacr.RESET.mask());
        if (!poll(AxiDmaRegister.DMACR, Dmacr.RESET.mask(), false)) {
            controller.err(
                    "reset timeout, cr %x, sr %x",
                    registers.readl(AxiDmaRegister.DMACR), registers.readl(AxiDmaRegister.DMASR));
            return false;
        }
        failed = false;
        idle = true;
        pendingCount = 0;
        enableInterrupts();
        return true;
    }

    final void cannotStart() {
        controller.err(
                "Cannot start channel %s: %x", POINTER, registers.readl(AxiDmaRegister.DMASR));
        failed = true;
    }

    // Interrupts.

    @Linux(file = FILE, symbol = "xilinx_dma_irq_handler")
    private IrqReturn handleInterrupt() {
        int status = registers.readl(AxiDmaRegister.DMASR);
        if ((status & ALL_IRQS) == 0) {
            return IrqReturn.NONE;
        }
        registers.writel(AxiDmaRegister.DMASR, status & ALL_IRQS);
        if (Dmasr.ERR_IRQ.isSet(status)) {
            controller.err(
                    "Channel %s has errors %x, cdr %x tdr %x",
                    POINTER,
                    status & ALL_ERRORS,
                    registers.readl(AxiDmaRegister.CURDESC),
                    registers.readl(AxiDmaRegister.TAILDESC));
            failed = true;
        }
        if ((status & COMPLETION) != 0) {
            boolean irqs = lock.lockIrqSave();
            completeActive();
            idle = !cyclic;
            start();
            lock.unlockIrqRestore(irqs);
        }
        tasklet.schedule();
        return IrqReturn.HANDLED;
    }

    /**
     * Moves what is through to {@code done}. A ring stays where it is: Linux moves it over at its
     * first end, and calls nobody back until then.
     */
    @Linux(file = FILE, symbol = "xilinx_dma_complete_descriptor")
    private void completeActive() {
        for (Iterator<XilinxDescriptor> i = active.iterator(); i.hasNext(); ) {
            XilinxDescriptor desc = i.next();
            if (desc.cyclic) {
                periodElapsed = true;
                return;
            }
            if (!isComplete(desc)) {
                return;
            }
            i.remove();
            desc.endedWith(resultOf(), scatterGather ? residueOf(desc) : 0);
            desc.complete();
            done.addLast(desc);
        }
    }

    private TransferResult resultOf() {
        return !failed
                ? TransferResult.NOERROR
                : direction == TransferDirection.DEV_TO_MEM
                        ? TransferResult.READ_FAILED
                        : TransferResult.WRITE_FAILED;
    }

    /** The tasklet. */
    @Linux(file = FILE, symbol = "xilinx_dma_chan_desc_cleanup")
    private void cleanUp() {
        boolean irqs = lock.lockIrqSave();
        XilinxDescriptor ring = active.peekFirst();
        if (periodElapsed && ring != null && ring.cyclic) {
            periodElapsed = false;
            lock.unlockIrqRestore(irqs);
            ring.callBack();
            irqs = lock.lockIrqSave();
        }
        for (XilinxDescriptor desc = done.pollFirst(); desc != null; desc = done.pollFirst()) {
            lock.unlockIrqRestore(irqs);
            desc.callBack();
            engine().runDependencies(desc);
            irqs = lock.lockIrqSave();
            release(desc);
            if (terminating) {
                break;
            }
        }
        lock.unlockIrqRestore(irqs);
    }

    private void dropAll() {
        periodElapsed = false;
        for (Deque<XilinxDescriptor> list : List.of(pending, done, active)) {
            for (XilinxDescriptor desc = list.pollFirst(); desc != null; desc = list.pollFirst()) {
                release(desc);
            }
        }
    }
}
