package dmakit.kernel.drivers.ioat;

import dmakit.datasheet.ioat.IoatChannelRegister;
import dmakit.datasheet.ioat.IoatChannelRegister.Chanctrl;
import dmakit.datasheet.ioat.IoatChannelRegister.Chanerr;
import dmakit.datasheet.ioat.IoatChannelRegister.Status;
import dmakit.datasheet.ioat.IoatDescriptor.Op;
import dmakit.datasheet.ioat.IoatDescriptor.Size;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.KernelTimer;
import dmakit.kernel.sync.SpinLock;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One channel: writes operations into its ring, announces them, and looks at the completion word.
 *
 * <p>Linux keeps the channel locked from preparing to submitting, since it takes the places at
 * once. Here an operation has its places when it is submitted; what it will need is set aside
 * before.
 */
final class IoatChannel extends Channel {
    private static final String DMA = "drivers/dma/ioat/dma.c";
    private static final String INIT = "drivers/dma/ioat/init.c";

    private static final int COMPLETION_BYTES = 8;
    private static final int COMPLETION_TIMEOUT_MS = 100;
    private static final int IDLE_TIMEOUT_MS = 2000;
    private static final int START_POLL_COUNT_MAX = 20;

    /** Announced by themselves when so many wait: {@code ioat_pending_level}. */
    private static final int PENDING_LEVEL = 4;

    private static final long ADDRESS_MASK = ~0x3fL;

    private static final int RUN =
            Chanctrl.INT_REARM.mask()
                    | Chanctrl.ERR_INT_EN.mask()
                    | Chanctrl.ERR_COMPLETION_EN.mask()
                    | Chanctrl.ANY_ERR_ABORT_EN.mask();
    static final int CHECKS = Chanerr.XOR_P_OR_CRC.mask() | Chanerr.XOR_Q.mask();
    private static final int RECOVERABLE = Chanerr.READ_DATA.mask() | Chanerr.WRITE_DATA.mask();

    private final IoatDma owner;
    private final DmaEngine engine;
    private final Cpu cpu;
    private final int number;
    private final ChannelRegisters registers;
    private final int lg2PieceBytes;
    private final SpinLock lock;
    private final Tasklet tasklet;
    private final KernelTimer timer;
    private final RingWriter writer;
    private final Operations operations;
    private final Deque<IoatTransfer> inRing = new ArrayDeque<>();
    private @Nullable Ring ring;
    private @Nullable CoherentBuffer completion;
    private long lastCompletion;

    // Places count on; the ring has them modulo its length.
    private int head;
    private int issued;
    private int tail;
    private int reserved;

    private boolean running;
    private boolean down;
    private boolean stalledBefore;

    IoatChannel(IoatDma owner, DmaEngine engine, int number, int lg2PieceBytes) {
        super(owner.device());
        this.owner = owner;
        this.engine = engine;
        this.number = number;
        this.lg2PieceBytes = lg2PieceBytes;
        cpu = owner.cpu();
        registers = new ChannelRegisters(owner, number);
        lock = engine.newLock("ioat_chan");
        tasklet = engine.newTasklet("ioat", this::cleanupEvent);
        timer = new KernelTimer(owner.timers(), "ioat", this::timerEvent);
        writer = new RingWriter(owner, lg2PieceBytes);
        operations = new Operations(owner, this);
    }

    int number() {
        return number;
    }

    Operations operations() {
        return operations;
    }

    ChannelRegisters registers() {
        return registers;
    }

    // For the first client, and after the last.

    @Linux(file = INIT, symbol = "ioat_alloc_chan_resources")
    void allocate() {
        if (down) {
            throw new DmaException(Errno.ENODEV, "%s is gone", owner.dev());
        }
        if (ring != null) {
            return;
        }
        registers.store16(IoatChannelRegister.CHANCTRL, RUN);
        CoherentBuffer word =
                owner.kit().mapping().allocCoherent(owner.dev(), COMPLETION_BYTES, Gfp.NOWAIT);
        cpu.store64(word.va(), 0);
        registers.store64(
                IoatChannelRegister.CHANCMP_LOW, IoatChannelRegister.CHANCMP_HIGH, word.dma());
        completion = word;
        try {
            ring = new Ring(cpu, owner.kit().mapping(), owner.dev());
        } catch (RuntimeException refusal) {
            completion = null;
            owner.kit().mapping().freeCoherent(owner.dev(), word);
            throw refusal;
        }
        head = 0;
        issued = 0;
        tail = 0;
        reserved = 0;
        lastCompletion = 0;
        running = true;
        startNull();
        for (int polls = 0; polls < START_POLL_COUNT_MAX && !registers.isMoving(); polls++) {
            owner.kit().sched().udelay(1);
        }
        if (!registers.isMoving()) {
            owner.kit()
                    .log()
                    .devWarn(
                            owner.dev(),
                            "failed to start channel chanerr: 0x%x",
                            registers.load32(IoatChannelRegister.CHANERR));
            freeResources();
            throw new DmaException(Errno.EFAULT, "%s does not start", name());
        }
    }

    @Linux(file = INIT, symbol = "ioat_free_chan_resources")
    void freeResources() {
        Ring old = ring;
        CoherentBuffer word = completion;
        if (old == null || word == null) {
            return;
        }
        stop();
        registers.reset();
        boolean irqs = lock.lockIrqSave();
        inRing.forEach(IoatTransfer::freeSuperExtended);
        inRing.clear();
        reserved = 0;
        ring = null;
        completion = null;
        lock.unlockIrqRestore(irqs);
        old.free();
        owner.kit().mapping().freeCoherent(owner.dev(), word);
    }

    /** No interrupt, timer or tasklet of the channel is at work afterwards. */
    @Linux(file = DMA, symbol = "ioat_stop")
    private void stop() {
        running = false;
        owner.kit().irqs().synchronize(irq());
        timer.deleteSync();
        tasklet.kill();
        cleanup();
    }

    private int irq() {
        var interrupts = owner.function().interrupts();
        return interrupts.irq(interrupts.allocatedCount() > number ? number : 0);
    }

    /** The driver leaves: the channel works no more, whoever still holds it. */
    void remove() {
        down();
        freeResources();
    }

    void down() {
        down = true;
        timer.deleteSync();
        registers.reset();
    }

    // Preparing.

    /** Sets aside the places that an operation will need. */
    IoatTransfer prepared(IoatTransfer transfer, int flags) {
        if (transfer.size <= 0) {
            throw new DmaException(Errno.EINVAL, "an operation of %d bytes", transfer.size);
        }
        boolean irqs = lock.lockIrqSave();
        try {
            if (down || ring == null) {
                throw new DmaException(Errno.ENODEV, "%s is down", owner.dev());
            }
            long needed = placesOf(transfer);
            // One place stays free always.
            if (Ring.COUNT - (head - tail) - reserved <= needed) {
                throw new DmaException(Errno.ENOMEM, "ring full, %d descriptors wanted", needed);
            }
            reserved += (int) needed;
        } finally {
            lock.unlockIrqRestore(irqs);
        }
        transfer.prepared(flags);
        return transfer;
    }

    private long placesOf(IoatTransfer transfer) {
        long pieces = ((transfer.size - 1) >>> lg2PieceBytes) + 1;
        return pieces * (transfer.isExtended() ? 2 : 1) + (transfer.endsWithNull() ? 1 : 0);
    }

    void dropped(IoatTransfer transfer) {
        transfer.freeSuperExtended();
    }

    // Submitting.

    @Linux(file = DMA, symbol = "ioat_tx_submit_unlock")
    int submitted(IoatTransfer transfer) {
        boolean irqs = lock.lockIrqSave();
        try {
            Ring to = ring;
            if (to == null) {
                return transfer.assign();
            }
            reserved -= (int) placesOf(transfer);
            int behind = filled(to, transfer);
            int cookie = transfer.assign();
            if (inRing.isEmpty()) {
                timer.modify(inMs(COMPLETION_TIMEOUT_MS));
            }
            head = behind;
            inRing.addLast(transfer);
            if (head - issued > PENDING_LEVEL) {
                announce();
            }
            return cookie;
        } finally {
            lock.unlockIrqRestore(irqs);
        }
    }

    /** Writes it behind what is in the ring; nothing is left of it where memory runs out. */
    private int filled(Ring to, IoatTransfer transfer) {
        try {
            return writer.fill(to, head, transfer);
        } catch (DmaException refusal) {
            transfer.freeSuperExtended();
            throw refusal;
        }
    }

    @Linux(file = DMA, symbol = "ioat_issue_pending")
    void issue() {
        boolean irqs = lock.lockIrqSave();
        if (head != issued && ring != null && !down) {
            announce();
        }
        lock.unlockIrqRestore(irqs);
    }

    @Linux(file = DMA, symbol = "__ioat_issue_pending")
    private void announce() {
        registers.announce(head - issued);
        issued = head;
    }

    @Linux(file = DMA, symbol = "__ioat_start_null_desc")
    private void startNull() {
        Ring to = ring;
        if (to != null) {
            RingWriter.fillNull(to, head, true);
            IoatTransfer none =
                    new IoatTransfer(
                            this, Op.COPY, 0, 0, new long[1], new byte[0], RingWriter.NULL_SIZE);
            none.isNull = true;
            none.firstPlace = head;
            none.lastPlace = head;
            none.endPlace = head + 1;
            inRing.addLast(none);
            begin(to, head);
            head++;
            announce();
        }
    }

    private void begin(Ring to, int place) {
        issued = place;
        registers.begin(to.dma(place));
    }

    // Completing.

    /** For the interrupt's handler. */
    @Linux(file = DMA, symbol = "ioat_dma_do_interrupt_msix")
    void scheduleCleanup() {
        if (running) {
            tasklet.schedule();
        }
    }

    @Linux(file = DMA, symbol = "ioat_cleanup_event")
    private void cleanupEvent() {
        cleanup();
        if (running) {
            registers.store16(IoatChannelRegister.CHANCTRL, RUN);
        }
    }

    @Linux(file = DMA, symbol = "ioat_tx_status")
    DmaStatus status(int cookie, @Nullable TxState state) {
        DmaStatus status = cookieStatus(cookie, state);
        if (status == DmaStatus.COMPLETE) {
            return status;
        }
        cleanup();
        return cookieStatus(cookie, state);
    }

    /**
     * Completes what has ended. Linux calls back with its lock held; here it is free, but softirqs
     * stay off as there: what ends meanwhile is called back afterwards.
     */
    @Linux(file = DMA, symbol = "ioat_cleanup")
    private void cleanup() {
        Contexts contexts = owner.kit().sched().contexts();
        contexts.bhDisable();
        try {
            cleanUpAndCallBack();
        } finally {
            contexts.bhEnable();
        }
    }

    private void cleanUpAndCallBack() {
        List<IoatTransfer> ended = new ArrayList<>();
        boolean irqs = lock.lockIrqSave();
        CoherentBuffer word = completion;
        Ring in = ring;
        if (word != null && in != null) {
            reap(in, word, ended);
            boolean halted =
                    ChannelRegisters.statusOf(cpu.load64(word.va())) == Status.HALTED.ordinal();
            int errors = halted ? registers.load32(IoatChannelRegister.CHANERR) : 0;
            if ((errors & (CHECKS | RECOVERABLE)) != 0) {
                handleError(in, word, errors, ended);
            }
        }
        lock.unlockIrqRestore(irqs);
        callBack(ended);
    }

    private void callBack(List<IoatTransfer> ended) {
        for (IoatTransfer transfer : ended) {
            transfer.callBack();
            engine.runDependencies(transfer);
        }
    }

    /** Takes everything up to the descriptor that the completion word names. */
    @Linux(file = DMA, symbol = "__cleanup")
    private boolean reap(Ring in, CoherentBuffer word, List<IoatTransfer> ended) {
        long reached = cpu.load64(word.va()) & ADDRESS_MASK;
        if (reached == lastCompletion || reached == 0 || !isInRing(in, reached)) {
            return false;
        }
        lastCompletion = reached;
        stalledBefore = false;
        boolean seen = false;
        while (!seen) {
            IoatTransfer transfer = inRing.removeFirst();
            seen = in.dma(transfer.lastPlace) == reached;
            end(in, transfer, TransferResult.NOERROR, ended);
        }
        timer.modify(inMs(inRing.isEmpty() ? IDLE_TIMEOUT_MS : COMPLETION_TIMEOUT_MS));
        return true;
    }

    private boolean isInRing(Ring in, long dma) {
        for (IoatTransfer transfer : inRing) {
            if (in.dma(transfer.lastPlace) == dma) {
                return true;
            }
        }
        return false;
    }

    private void end(Ring in, IoatTransfer transfer, TransferResult how, List<IoatTransfer> ended) {
        tail = transfer.endPlace;
        if (transfer.writesBack() && owner.writesBack()) {
            readBack(in, transfer);
        }
        transfer.freeSuperExtended();
        if (transfer.cookie() > 0) {
            transfer.complete(how);
            ended.add(transfer);
        }
    }

    @Linux(file = DMA, symbol = "desc_get_errstat")
    private static void readBack(Ring in, IoatTransfer transfer) {
        int step = transfer.isExtended() ? 2 : 1;
        for (int place = transfer.firstPlace; place < transfer.endPlace; place += step) {
            int found = in.size(place);
            if (Size.WBES.isSet(found)) {
                transfer.found(Size.P_VAL_ERR.isSet(found), Size.Q_VAL_ERR.isSet(found));
            }
        }
    }

    // Failing.

    /** The first operation in the ring has halted the channel. */
    @Linux(file = DMA, symbol = "ioat_eh")
    private void handleError(Ring in, CoherentBuffer word, int errors, List<IoatTransfer> ended) {
        IoatTransfer failed = inRing.peekFirst();
        if (failed == null) {
            return;
        }
        int handled = errors & RECOVERABLE;
        if (failed.result != null) {
            handled |= errors & CHECKS;
            failed.found(Chanerr.XOR_P_OR_CRC.isSet(errors), Chanerr.XOR_Q.isSet(errors));
        }
        if (errors != handled) {
            reportFatal(errors, handled);
        }
        if ((errors & ~CHECKS) != 0 || errors != handled) {
            inRing.removeFirst();
            end(in, failed, resultOf(errors), ended);
            abortAll(in, ended);
            registers.reset();
            restart(in, word, tail);
            return;
        }
        registers.store32(IoatChannelRegister.CHANERR, errors);
        int after = placeAfterFailure(in, failed);
        if (after == failed.endPlace) {
            inRing.removeFirst();
            end(in, failed, TransferResult.NOERROR, ended);
        }
        restart(in, word, after);
    }

    private static TransferResult resultOf(int errors) {
        if (Chanerr.READ_DATA.isSet(errors)) {
            return TransferResult.READ_FAILED;
        }
        return Chanerr.WRITE_DATA.isSet(errors)
                ? TransferResult.WRITE_FAILED
                : TransferResult.ABORTED;
    }

    /** A check that failed has been done: the channel goes on behind it. */
    private int placeAfterFailure(Ring in, IoatTransfer failed) {
        long at = registers.load64(IoatChannelRegister.CDAR_LOW, IoatChannelRegister.CDAR_HIGH);
        int step = failed.isExtended() ? 2 : 1;
        for (int place = failed.firstPlace; place < failed.endPlace; place += step) {
            if (in.dma(place) == at) {
                return place + step;
            }
        }
        return failed.endPlace;
    }

    @Linux(file = DMA, symbol = "ioat_abort_descs")
    private void abortAll(Ring in, List<IoatTransfer> ended) {
        while (!inRing.isEmpty()) {
            end(in, inRing.removeFirst(), TransferResult.ABORTED, ended);
        }
        tail = head;
    }

    @Linux(file = DMA, symbol = "ioat_restart_channel")
    private void restart(Ring in, CoherentBuffer word, int place) {
        registers.quiesce();
        cpu.store64(word.va(), 0);
        lastCompletion = 0;
        timer.modify(inMs(COMPLETION_TIMEOUT_MS));
        if (place == head) {
            startNull();
        } else {
            begin(in, place);
            announce();
        }
    }

    private void reportFatal(int errors, int handled) {
        var log = owner.kit().log();
        log.devErr(owner.dev(), "ioat_eh: fatal error (%x:%x)", errors, handled);
        log.devErr(owner.dev(), "Errors handled:");
        printErrors(handled);
        log.devErr(owner.dev(), "Errors not handled:");
        printErrors(errors & ~handled);
    }

    @Linux(file = DMA, symbol = "ioat_print_chanerrs")
    private void printErrors(int errors) {
        for (int left = errors; left != 0; left &= left - 1) {
            int bit = Integer.numberOfTrailingZeros(left);
            owner.kit().log().devErr(owner.dev(), "Err(%d): %s", bit, ErrorNames.of(bit));
        }
    }

    /** Looks after operations that do not interrupt, and channels that have stopped. */
    @Linux(file = DMA, symbol = "ioat_timer_event")
    private void timerEvent() {
        if (!running) {
            return;
        }
        List<IoatTransfer> ended = new ArrayList<>();
        boolean irqs = lock.lockIrqSave();
        CoherentBuffer word = completion;
        Ring in = ring;
        if (word != null && in != null) {
            lookAfter(in, word, ended);
        }
        lock.unlockIrqRestore(irqs);
        callBack(ended);
    }

    private void lookAfter(Ring in, CoherentBuffer word, List<IoatTransfer> ended) {
        var log = owner.kit().log();
        if (registers.status() == Status.HALTED.ordinal()) {
            int errors = registers.load32(IoatChannelRegister.CHANERR);
            log.devErr(owner.dev(), "ioat_timer_event: Channel halted (%x)", errors);
            log.devErr(owner.dev(), "Errors:");
            printErrors(errors);
            reap(in, word, ended);
            abortAll(in, ended);
            log.devWarn(owner.dev(), "Reset channel...");
            registers.reset();
            log.devWarn(owner.dev(), "Restart channel...");
            restart(in, word, tail);
        } else if (!inRing.isEmpty() && !reap(in, word, ended)) {
            if (stalledBefore && issued != tail && registers.status() != Status.ACTIVE.ordinal()) {
                log.devErr(
                        owner.dev(),
                        "CHANSTS: 0x%x CHANERR: 0x%x",
                        registers.load32(IoatChannelRegister.CHANSTS_LOW),
                        registers.load32(IoatChannelRegister.CHANERR));
                abortAll(in, ended);
                registers.reset();
                restart(in, word, tail);
            }
            stalledBefore = !stalledBefore;
            timer.modify(inMs(COMPLETION_TIMEOUT_MS));
        }
    }

    private long inMs(int ms) {
        return owner.kit().sched().jiffies().now() + Jiffies.ofMillis(ms);
    }
}
