package dmakit.kernel.drivers.xdmac;

import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cbc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cis;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cnda;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cndc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cubc;
import dmakit.datasheet.xdmac.XdmacDescriptor.Ubc;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sync.SpinLock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One channel: writes lists of descriptors, starts the controller on one at a time, and ends them
 * in its tasklet.
 */
final class AtXdmacChannel extends Channel {
    private static final String FILE = "drivers/dma/at_xdmac.c";

    /** Descriptors a channel has from the start: {@code init_nr_desc_per_channel}. */
    private static final int LLD_COUNT_MIN = 64;

    /** Descriptors one channel may have. */
    static final int LLD_COUNT_MAX = 1 << 16;

    private static final int RESIDUE_RETRY_COUNT_MAX = 5;
    private static final int NEXT_MASK = Cnda.NDA.mask();

    private static final int ERRORS = Cis.RBEIS.mask() | Cis.WBEIS.mask() | Cis.ROIS.mask();

    private final AtXdmac controller;
    private final DmaEngine engine;
    private final int number;
    private final Registers registers;
    private final SpinLock lock;
    private final Tasklet tasklet;
    private final Deque<AtXdmacTransfer> transfers = new ArrayDeque<>();
    private final Operations operations;
    private final List<Lld> all = new ArrayList<>();
    private final Deque<Lld> free = new ArrayDeque<>();
    private boolean cyclic;
    private boolean paused;

    /** Causes that the tasklet has not looked at. */
    private int causes;

    AtXdmacChannel(AtXdmac controller, DmaEngine engine, int number) {
        super(controller.device());
        this.controller = controller;
        this.engine = engine;
        this.number = number;
        registers = controller.registers();
        lock = engine.newLock("at_xdmac");
        tasklet = engine.newTasklet("at_xdmac", this::runTasklet);
        operations = new Operations(controller, this);
    }

    Operations operations() {
        return operations;
    }

    /** Its bit in the registers that channels share. */
    int bit() {
        return 1 << number;
    }

    void clearPending() {
        int polls = 0;
        while (read(XdmacChannelRegister.CIS) != 0 && polls < AtXdmac.POLL_COUNT_MAX) {
            polls++;
        }
    }

    @Linux(file = FILE, symbol = "at_xdmac_alloc_chan_resources")
    void allocate() {
        if (isEnabled()) {
            err("can't allocate channel resources (channel enabled)");
            throw new DmaException(Errno.EIO, "%s runs without a client", controller.dev());
        }
        while (all.size() < LLD_COUNT_MIN) {
            grow(Gfp.KERNEL);
        }
    }

    /** When its last client is gone; what still ran stops. */
    @Linux(file = FILE, symbol = "at_xdmac_free_chan_resources")
    void freeResources() {
        terminate();
        for (Lld lld : all) {
            controller.pool().free(lld.memory);
        }
        all.clear();
        free.clear();
        operations.forgetClient();
    }

    /** The controller goes, with or without a client. */
    void abandon() {
        tasklet.kill();
        freeResources();
    }

    // Descriptors in memory.

    @Linux(file = FILE, symbol = "at_xdmac_get_desc")
    Lld take(AtXdmacTransfer transfer) {
        if (free.isEmpty()) {
            try {
                grow(Gfp.NOWAIT);
            } catch (DmaException refusal) {
                recycle(transfer);
                err("can't get descriptor");
                throw refusal;
            }
        }
        return free.removeFirst();
    }

    @Linux(file = FILE, symbol = "at_xdmac_alloc_desc")
    private void grow(Gfp gfp) {
        if (all.size() == LLD_COUNT_MAX) {
            throw new DmaException(
                    Errno.ENOMEM, "a channel has at most %d descriptors", LLD_COUNT_MAX);
        }
        Lld lld = new Lld(controller.cpu(), controller.pool().alloc(gfp));
        all.add(lld);
        free.addLast(lld);
    }

    /** Gives the descriptors of a transfer back. */
    void recycle(AtXdmacTransfer transfer) {
        free.addAll(transfer.list);
        transfer.list.clear();
    }

    // Running.

    /** Whether a ring is prepared or runs: then nothing else does. */
    boolean isCyclic() {
        return cyclic;
    }

    /** A ring is prepared. */
    void beginCyclic() {
        cyclic = true;
    }

    @Linux(file = FILE, symbol = "at_xdmac_tx_submit")
    int submitted(AtXdmacTransfer transfer) {
        boolean irqs = lock.lockIrqSave();
        int cookie = transfer.assign();
        transfers.addLast(transfer);
        lock.unlockIrqRestore(irqs);
        return cookie;
    }

    @Linux(file = FILE, symbol = "at_xdmac_issue_pending")
    void issue() {
        boolean irqs = lock.lockIrqSave();
        advance();
        lock.unlockIrqRestore(irqs);
    }

    /** Starts the next transfer if the channel has none. Lock held. */
    @Linux(file = FILE, symbol = "at_xdmac_advance_work")
    private void advance() {
        AtXdmacTransfer head = transfers.peekFirst();
        if (head != null && !head.active && !controller.isLeaving() && !isEnabled()) {
            start(head);
        }
    }

    @Linux(file = FILE, symbol = "at_xdmac_chan_is_enabled")
    private boolean isEnabled() {
        return (registers.read(XdmacRegister.GS) & bit()) != 0;
    }

    @Linux(file = FILE, symbol = "at_xdmac_start_xfer")
    private void start(AtXdmacTransfer transfer) {
        transfer.active = true;
        Lld first = transfer.first();
        int address = first.dma() & NEXT_MASK;
        if (registers.layout().hasInterfaces()) {
            address |= Cnda.NDAIF.of(operations.memoryInterface());
        }
        write(XdmacChannelRegister.CNDA, address);
        // A ring has one configuration for all; other lists bring theirs. PROT is never loaded.
        write(XdmacChannelRegister.CC, first.configuration);
        write(
                XdmacChannelRegister.CNDC,
                Cndc.NDVIEW.of(Ubc.NVIEW.get(first.ubc))
                        | Cndc.NDDUP.mask()
                        | Cndc.NDSUP.mask()
                        | Cndc.NDE.mask());
        write(XdmacChannelRegister.CID, -1);
        int wanted = Cis.RBEIS.mask() | Cis.WBEIS.mask();
        if (Cc.TYPE.isSet(first.configuration)) {
            wanted |= Cis.ROIS.mask();
        }
        wanted |= transfer.cyclic ? Cis.BIS.mask() : Cis.LIS.mask();
        write(XdmacChannelRegister.CIE, wanted);
        registers.write(XdmacRegister.GIE, bit());
        registers.barrier();
        registers.write(XdmacRegister.GE, bit());
    }

    /** The controller interrupts for this channel. */
    void interrupted() {
        int mask = read(XdmacChannelRegister.CIM);
        note(read(XdmacChannelRegister.CIS) & mask);
        tasklet.schedule();
    }

    /** Causes are lost in the register once they are read. */
    private void note(int seen) {
        causes |= seen;
        if ((seen & (Cis.RBEIS.mask() | Cis.WBEIS.mask())) != 0) {
            registers.write(XdmacRegister.GD, bit());
        }
    }

    @Linux(file = FILE, symbol = "at_xdmac_tasklet")
    private void runTasklet() {
        boolean irqs = lock.lockIrqSave();
        int seen = causes;
        causes = 0;
        AtXdmacTransfer head = transfers.peekFirst();
        if (cyclic) {
            lock.unlockIrqRestore(irqs);
            if (head != null && seen != 0) {
                head.callBack();
            }
            return;
        }
        if ((seen & (Cis.LIS.mask() | ERRORS)) == 0) {
            lock.unlockIrqRestore(irqs);
            return;
        }
        if ((seen & ERRORS) != 0) {
            handleError(seen);
        }
        if (head == null || !head.active) {
            lock.unlockIrqRestore(irqs); // terminated meanwhile
            return;
        }
        head.complete();
        transfers.removeFirst();
        lock.unlockIrqRestore(irqs);
        head.callBack();
        engine.runDependencies(head);
        irqs = lock.lockIrqSave();
        recycle(head);
        advance();
        lock.unlockIrqRestore(irqs);
    }

    /** There is no way to report it: the transfer counts as complete. */
    @Linux(file = FILE, symbol = "at_xdmac_handle_error")
    private void handleError(int seen) {
        if (Cis.RBEIS.isSet(seen)) {
            err("read bus error!!!");
        }
        if (Cis.WBEIS.isSet(seen)) {
            err("write bus error!!!");
        }
        if (Cis.ROIS.isSet(seen)) {
            err("request overflow error!!!");
        }
        disable();
    }

    private void disable() {
        registers.write(XdmacRegister.GD, bit());
        controller.awaitDisabled(bit());
    }

    /** The residue is that of the transfer that runs, whatever cookie is asked for. */
    @Linux(file = FILE, symbol = "at_xdmac_tx_status")
    DmaStatus status(int cookie, @Nullable TxState state) {
        DmaStatus status = cookieStatus(cookie, state);
        if (status == DmaStatus.COMPLETE || state == null || controller.isLeaving()) {
            return status;
        }
        boolean irqs = lock.lockIrqSave();
        AtXdmacTransfer head = transfers.peekFirst();
        if (head != null && !head.active) {
            state.residue((int) head.size);
        } else if (head != null) {
            Optional<Integer> residue = residueOf(head);
            residue.ifPresent(state::residue);
            status = residue.isPresent() ? status : DmaStatus.ERROR;
        }
        lock.unlockIrqRestore(irqs);
        return status;
    }

    /**
     * Bytes that a running transfer has left, read until address and count belong together; nothing
     * when they never do.
     */
    private Optional<Integer> residueOf(AtXdmacTransfer transfer) {
        if (transfer.comesFromDevice()) {
            flush();
        }
        for (int retry = 0; retry < RESIDUE_RETRY_COUNT_MAX; retry++) {
            int before = read(XdmacChannelRegister.CNDA) & NEXT_MASK;
            int data = read(XdmacChannelRegister.CUBC) & Cubc.UBLEN.mask();
            int microblocks = read(XdmacChannelRegister.CBC) & Cbc.BLEN.mask();
            boolean loaded = Cc.INITD.isSet(read(XdmacChannelRegister.CC));
            int after = read(XdmacChannelRegister.CNDA) & NEXT_MASK;
            if (before == after && loaded) {
                if (transfer.comesFromDevice()) {
                    flush();
                }
                return Optional.of((int) transfer.residue(after, data, microblocks));
            }
        }
        return Optional.empty();
    }

    /** What has been read is in memory afterwards. Causes read on the way are kept. */
    private void flush() {
        registers.write(XdmacRegister.GSWF, bit());
        int mask = read(XdmacChannelRegister.CIM);
        for (int polls = 0; polls < AtXdmac.POLL_COUNT_MAX; polls++) {
            int seen = read(XdmacChannelRegister.CIS);
            if ((seen & mask) != 0) {
                note(seen & mask);
                tasklet.schedule();
            }
            if (Cis.FIS.isSet(seen)) {
                return;
            }
        }
    }

    @Linux(file = FILE, symbol = "at_xdmac_device_pause")
    void pauseTransfer() {
        if (paused || controller.isLeaving()) {
            return;
        }
        paused = true;
        boolean irqs = lock.lockIrqSave();
        registers.write(XdmacRegister.GRWS, bit());
        int onBus = Cc.WRIP.mask() | Cc.RDIP.mask();
        for (int polls = 0; polls < AtXdmac.POLL_COUNT_MAX; polls++) {
            if ((read(XdmacChannelRegister.CC) & onBus) == 0) {
                break;
            }
        }
        lock.unlockIrqRestore(irqs);
    }

    @Linux(file = FILE, symbol = "at_xdmac_device_resume")
    void resumeTransfer() {
        boolean irqs = lock.lockIrqSave();
        if (paused && !controller.isLeaving()) {
            registers.write(XdmacRegister.GRWR, bit());
            paused = false;
        }
        lock.unlockIrqRestore(irqs);
    }

    @Linux(file = FILE, symbol = "at_xdmac_device_terminate_all")
    void terminate() {
        boolean irqs = lock.lockIrqSave();
        if (!controller.isLeaving()) {
            disable();
        }
        while (!transfers.isEmpty()) {
            recycle(transfers.removeFirst());
        }
        causes = 0;
        paused = false;
        cyclic = false;
        lock.unlockIrqRestore(irqs);
    }

    /** Linux's driver does not wait, and may call back after a client has synchronized. */
    void finishCallbacks() {
        tasklet.kill();
    }

    private int read(XdmacChannelRegister register) {
        return registers.read(number, register);
    }

    private void write(XdmacChannelRegister register, int value) {
        registers.write(number, register, value);
    }

    void err(String format, Object... values) {
        controller.log().err("dma " + name() + ": " + format, values);
    }
}
