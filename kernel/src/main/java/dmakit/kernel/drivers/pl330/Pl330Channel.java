package dmakit.kernel.drivers.pl330;

import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.drivers.pl330.Pl330Descriptor.Status;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sync.SpinLock;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * One channel as clients see it. It has a hardware thread while it has a client.
 *
 * <p>A descriptor goes from {@code submitted} to {@code work}, where the first two are programs of
 * the thread, and by {@code completed} back; those of a ring go from there to the end of {@code
 * work} again.
 */
@Linux(file = "drivers/dma/pl330.c", symbol = "struct dma_pl330_chan")
final class Pl330Channel extends Channel {
    private static final String FILE = "drivers/dma/pl330.c";

    /** Descriptors one request may take. */
    static final int DESCRIPTORS_MAX = 1 << 16;

    private static final int BURST_WORDS_MAX = 16;
    private static final long ADDRESS_END = 1L << 32;

    private final Pl330Dma controller;
    private final SpinLock lock;
    private final Tasklet tasklet;
    private final SlaveFifo fifo;
    private final ArrayDeque<Pl330Descriptor> submitted = new ArrayDeque<>();
    private final ArrayDeque<Pl330Descriptor> work = new ArrayDeque<>();
    private final ArrayDeque<Pl330Descriptor> completed = new ArrayDeque<>();
    private SlaveConfig config = SlaveConfig.NONE;
    private @Nullable HardwareThread thread;
    private @Nullable Pl330Descriptor free;

    /** Creates the controller's next channel, which has the next request line. */
    Pl330Channel(Pl330Dma controller) {
        super(controller.device());
        this.controller = controller;
        lock = engine().newLock("pl330 channel");
        tasklet = engine().newTasklet("pl330 channel", this::work);
        fifo = new SlaveFifo(controller.mapping(), controller.dev());
    }

    // Its client comes and goes.

    @Linux(file = FILE, symbol = "pl330_alloc_chan_resources")
    void allocate() {
        controller.allocatePrograms();
        boolean irqs = controller.lock().lockIrqSave();
        thread = controller.takeThread();
        controller.lock().unlockIrqRestore(irqs);
        if (thread == null) {
            throw new DmaException(Errno.ENOMEM, "%s: no thread is free", controller.dev().name());
        }
    }

    /** When its client is gone, or the controller; nothing is left to do after the other. */
    @Linux(file = FILE, symbol = "pl330_free_chan_resources")
    void freeResources() {
        HardwareThread mine = thread;
        if (mine == null) {
            return;
        }
        terminate();
        tasklet.kill();
        boolean irqs = controller.lock().lockIrqSave();
        controller.giveThread(mine);
        thread = null;
        controller.lock().unlockIrqRestore(irqs);
        fifo.unmap();
        config = SlaveConfig.NONE;
    }

    @Linux(file = FILE, symbol = "pl330_config")
    void configure(SlaveConfig newConfig) {
        config = newConfig;
    }

    // Preparing.

    @Linux(file = FILE, symbol = "pl330_prep_dma_memcpy")
    Descriptor memcpy(long destination, long source, long size, int flags) {
        if (size <= 0) {
            throw new DmaException(Errno.EINVAL, "a copy of %d bytes", size);
        }
        checkReach(destination, size);
        checkReach(source, size);
        int lg2Word =
                Math.min(
                        Integer.numberOfTrailingZeros(controller.config().busBytes()),
                        Long.numberOfTrailingZeros(source | destination | size));
        int burstWords = 1 << lg2Word < controller.config().busBytes() ? 1 : burstWords(lg2Word);
        // A program that nests its loops twice has an end; what is longer takes several.
        long pieceMax = Microcode.COPY_BURSTS_MAX * ((long) burstWords << lg2Word);
        Pl330Descriptor last = newDescriptor(flags);
        for (long done = 0; ; done += pieceMax) {
            boolean isLast = size - done <= pieceMax;
            Pl330Descriptor desc = isLast ? last : part(last);
            desc.direction = TransferDirection.MEM_TO_MEM;
            desc.source = source + done;
            desc.destination = destination + done;
            desc.size = isLast ? size - done : pieceMax;
            desc.lg2Word = lg2Word;
            desc.burstWords = burstWords;
            if (isLast) {
                return last;
            }
        }
    }

    /** Words of a burst, so that those of all channels fit into the MFIFO. */
    @Linux(file = FILE, symbol = "get_burst_len")
    private int burstWords(int lg2Word) {
        Config built = controller.config();
        int bytes = built.busBytes() * (built.bufferEntries() / built.channels());
        return Math.clamp(bytes >> lg2Word, 1, BURST_WORDS_MAX);
    }

    @Linux(file = FILE, symbol = "pl330_prep_slave_sg")
    Descriptor slaveSg(Scatterlist sgl, int count, TransferDirection direction, int flags) {
        if (count <= 0 || count > DESCRIPTORS_MAX) {
            throw new DmaException(
                    Errno.EINVAL, "a list of %d entries, wanted 1 to %d", count, DESCRIPTORS_MAX);
        }
        checkSlave(direction);
        fifo.configure(config, direction);
        Pl330Descriptor last = newDescriptor(flags);
        int left = count;
        for (Scatterlist run = sgl; run != null && left > 0; run = run.next()) {
            for (int i = 0; i < run.count() && left > 0; i++, left--) {
                Pl330Descriptor desc = left == 1 ? last : part(last);
                transfer(desc, direction, run.dmaAddress(i), run.dmaLength(i));
            }
        }
        if (left > 0) {
            throw new DmaException(Errno.EINVAL, "a list of %d entries lacks %d", count, left);
        }
        return last;
    }

    @Linux(file = FILE, symbol = "pl330_prep_dma_cyclic")
    Descriptor cyclic(
            long dma, long size, long periodBytes, TransferDirection direction, int flags) {
        if (periodBytes <= 0 || size <= 0 || size % periodBytes != 0) {
            throw new DmaException(
                    Errno.EINVAL, "a ring of %d bytes in periods of %d", size, periodBytes);
        }
        if (size / periodBytes > DESCRIPTORS_MAX) {
            throw new DmaException(
                    Errno.EINVAL, "%d periods, limit is %d", size / periodBytes, DESCRIPTORS_MAX);
        }
        checkSlave(direction);
        fifo.configure(config, direction);
        Pl330Descriptor last = newDescriptor(flags);
        for (long done = 0; done < size; done += periodBytes) {
            Pl330Descriptor desc = done + periodBytes == size ? last : part(last);
            transfer(desc, direction, dma + done, periodBytes);
            desc.isOfRing = true;
        }
        return last;
    }

    private void checkSlave(TransferDirection direction) {
        if (direction != TransferDirection.MEM_TO_DEV
                && direction != TransferDirection.DEV_TO_MEM) {
            controller.err("Invalid dma direction");
            throw new DmaException(
                    Errno.EINVAL, "%s is neither to a device nor from one", direction.symbol());
        }
    }

    private void transfer(
            Pl330Descriptor desc, TransferDirection direction, long memory, long size) {
        checkReach(memory, size);
        boolean fromDevice = direction == TransferDirection.DEV_TO_MEM;
        desc.direction = direction;
        desc.source = fromDevice ? fifo.dma : memory;
        desc.destination = fromDevice ? memory : fifo.dma;
        desc.size = size;
        desc.lg2Word = fifo.lg2Word;
        desc.burstWords = fifo.burstWords;
    }

    private static void checkReach(long dma, long size) {
        if (dma < 0 || size < 0 || dma + size > ADDRESS_END) {
            throw new DmaException(
                    Errno.EINVAL, "dma:0x%x + 0x%x is beyond 32 bits of address", dma, size);
        }
    }

    @Linux(file = FILE, symbol = "pl330_get_desc")
    private Pl330Descriptor newDescriptor(int flags) {
        Pl330Descriptor desc = free;
        if (desc == null) {
            desc = new Pl330Descriptor(this);
        } else {
            free = desc.nextFree;
            desc.nextFree = null;
        }
        desc.prepare(flags);
        desc.ack();
        desc.peripheral = index();
        return desc;
    }

    private Pl330Descriptor part(Pl330Descriptor last) {
        Pl330Descriptor desc = newDescriptor(0);
        desc.last = last;
        last.before.add(desc);
        return desc;
    }

    private void give(Pl330Descriptor desc) {
        desc.before.clear();
        desc.last = desc;
        desc.nextFree = free;
        free = desc;
    }

    // Running.

    int submit(Pl330Descriptor last) {
        boolean irqs = lock.lockIrqSave();
        for (Pl330Descriptor desc : last.before) {
            desc.assign();
            submitted.addLast(desc);
        }
        int cookie = last.assign();
        submitted.addLast(last);
        lock.unlockIrqRestore(irqs);
        return cookie;
    }

    @Linux(file = FILE, symbol = "pl330_issue_pending")
    void issue() {
        boolean irqs = lock.lockIrqSave();
        work.addAll(submitted);
        submitted.clear();
        lock.unlockIrqRestore(irqs);
        work();
    }

    /** The program of a descriptor has ended, in whatever way. */
    @Linux(file = FILE, symbol = "dma_pl330_rqcb")
    void ended(Pl330Descriptor desc) {
        boolean irqs = lock.lockIrqSave();
        desc.status = Status.DONE;
        lock.unlockIrqRestore(irqs);
        tasklet.schedule();
    }

    /** Completes what has ended, keeps the thread busy, and calls back. */
    @Linux(file = FILE, symbol = "pl330_tasklet")
    private void work() {
        boolean irqs = lock.lockIrqSave();
        HardwareThread mine = thread;
        if (mine == null) {
            lock.unlockIrqRestore(irqs);
            return;
        }
        collectEnded();
        fillThread(mine);
        run(mine);
        while (true) {
            Pl330Descriptor desc = completed.poll();
            if (desc == null) {
                break;
            }
            boolean idle = work.isEmpty();
            // The callback may terminate the ring, and its descriptors are given back there.
            boolean ring = desc.isOfRing;
            if (ring) {
                desc.status = Status.PREP;
                work.addLast(desc);
                fillThread(mine);
                if (idle) {
                    run(mine);
                }
            }
            Pl330Descriptor heard = ring ? desc.last : desc;
            lock.unlockIrqRestore(irqs);
            if (ring) {
                engine().rules().periodsTaken(heard);
            }
            heard.unmapAll();
            heard.callBack();
            irqs = lock.lockIrqSave();
            if (!ring) {
                give(desc);
            }
        }
        lock.unlockIrqRestore(irqs);
    }

    private void collectEnded() {
        for (Iterator<Pl330Descriptor> each = work.iterator(); each.hasNext(); ) {
            Pl330Descriptor desc = each.next();
            if (desc.status == Status.DONE) {
                each.remove();
                completed.addLast(desc);
                if (desc.isOfRing) {
                    engine().rules().periodPassed(desc.last);
                } else {
                    desc.complete();
                    if (desc.direction == TransferDirection.MEM_TO_MEM) {
                        countCopy(desc.size);
                    }
                }
            }
        }
    }

    /** The thread runs while there is something to do. */
    private void run(HardwareThread mine) {
        controller.lock().lock();
        if (work.isEmpty()) {
            mine.stop();
        } else {
            mine.start();
        }
        controller.lock().unlock();
    }

    @Linux(file = FILE, symbol = "fill_queue")
    private void fillThread(HardwareThread mine) {
        for (Pl330Descriptor desc : work) {
            if (desc.status != Status.PREP) {
                continue;
            }
            if (!controller.accepts(mine)) {
                return;
            }
            if (controller.write(mine, desc)) {
                desc.status = Status.BUSY;
            } else {
                desc.status = Status.DONE;
                controller.err("fill_queue: Bad Desc(%d)", desc.cookie());
                tasklet.schedule();
            }
        }
    }

    @Linux(file = FILE, symbol = "pl330_terminate_all")
    void terminate() {
        HardwareThread mine = thread;
        if (mine == null) {
            return;
        }
        boolean irqs = lock.lockIrqSave();
        controller.lock().lock();
        mine.stop();
        mine.forget();
        controller.lock().unlock();
        drop(submitted);
        drop(work);
        while (!completed.isEmpty()) {
            give(completed.removeFirst());
        }
        lock.unlockIrqRestore(irqs);
    }

    private void drop(ArrayDeque<Pl330Descriptor> list) {
        while (!list.isEmpty()) {
            Pl330Descriptor desc = list.removeFirst();
            desc.complete();
            desc.unmapAll();
            give(desc);
        }
    }

    /** Waits for callbacks that have begun; there is no such operation in Linux's driver. */
    void synchronizeCallbacks() {
        tasklet.kill();
    }

    /** Ends the program, so that the residue stands still; only terminating leads on. */
    @Linux(file = FILE, symbol = "pl330_pause")
    void pauseTransfer() {
        HardwareThread mine = thread;
        if (mine == null) {
            return;
        }
        boolean irqs = lock.lockIrqSave();
        controller.lock().lock();
        mine.stop();
        controller.lock().unlock();
        for (Pl330Descriptor desc : work) {
            if (desc.status == Status.BUSY) {
                desc.status = Status.PAUSED;
            }
        }
        lock.unlockIrqRestore(irqs);
    }

    @Linux(file = FILE, symbol = "pl330_tx_status")
    DmaStatus status(int cookie, @Nullable TxState state) {
        DmaStatus status = cookieStatus(cookie, state);
        HardwareThread mine = thread;
        if (state == null || status == DmaStatus.COMPLETE || mine == null) {
            return status;
        }
        boolean irqs = lock.lockIrqSave();
        controller.lock().lock();
        Pl330Descriptor running = mine.runningProgram();
        Pl330Descriptor written = mine.programs[mine.lastWritten];
        long residue = 0;
        for (Pl330Descriptor desc : work) {
            residue += desc.size - movedOf(desc, running, written, mine);
            if (desc.cookie() == cookie) {
                status =
                        switch (desc.status) {
                            case DONE -> DmaStatus.COMPLETE;
                            case PAUSED -> DmaStatus.PAUSED;
                            case PREP, BUSY -> DmaStatus.IN_PROGRESS;
                        };
                break;
            }
            if (desc.last == desc) {
                residue = 0;
            }
        }
        controller.lock().unlock();
        lock.unlockIrqRestore(irqs);
        state.residue((int) residue);
        return status;
    }

    private long movedOf(
            Pl330Descriptor desc,
            @Nullable Pl330Descriptor running,
            @Nullable Pl330Descriptor written,
            HardwareThread mine) {
        return switch (desc.status) {
            case DONE -> desc.size;
            case PREP -> 0;
            case BUSY, PAUSED -> {
                if (desc == running) {
                    yield movedByNow(desc, mine);
                }
                // Either it waits for its turn, or it has ended and nobody has noticed.
                yield desc == written ? 0 : desc.size;
            }
        };
    }

    @Linux(file = FILE, symbol = "pl330_get_current_xferred_count")
    private long movedByNow(Pl330Descriptor desc, HardwareThread mine) {
        boolean bySource = desc.direction != TransferDirection.DEV_TO_MEM;
        int at =
                controller
                        .registers()
                        .readl(
                                mine.id,
                                bySource ? Pl330ChannelRegister.SAR : Pl330ChannelRegister.DAR);
        // Before its first instructions the thread has the addresses of its last program, or none.
        long start = bySource ? desc.source : desc.destination;
        long moved = Integer.toUnsignedLong(at) - start;
        return at == 0 || moved < 0 || moved > desc.size ? 0 : moved;
    }
}
