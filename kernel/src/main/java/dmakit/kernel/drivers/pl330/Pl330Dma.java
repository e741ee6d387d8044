package dmakit.kernel.drivers.pl330;

import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sync.SpinLock;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One controller: its threads, the memory of their programs, and its interrupts. */
@Linux(file = "drivers/dma/pl330.c", symbol = "struct pl330_dmac")
final class Pl330Dma {
    private static final String FILE = "drivers/dma/pl330.c";
    private static final int BURST_WORDS_MAX = 16;
    private static final int PROGRAM_BYTES = Microcode.SIZE_MAX;
    private static final int CHANNEL_BYTES = HardwareThread.PROGRAMS * PROGRAM_BYTES;
    private static final Set<BusWidth> WIDTHS =
            EnumSet.of(
                    BusWidth.UNDEFINED,
                    BusWidth.BYTES_1,
                    BusWidth.BYTES_2,
                    BusWidth.BYTES_4,
                    BusWidth.BYTES_8);

    private final Cpu cpu;
    private final Log log;
    private final DmaMapping mapping;
    private final Device dev;
    private final Config config;
    private final Registers registers;
    private final Microcode microcode;
    private @Nullable CoherentBuffer programs;
    private final SpinLock lock;
    private final Tasklet resetTasklet;
    private final DmaDevice device;
    private final HardwareThread manager;
    private final HardwareThread[] threads;

    /** Which thread each event is of. */
    private final @Nullable HardwareThread[] eventOf;

    private final List<Pl330Channel> channels = new ArrayList<>();
    private final ArrayDeque<Pl330Descriptor> ended = new ArrayDeque<>();
    private boolean dying;
    private boolean resetsController;
    private boolean resetsManager;
    private int resetsChannels;

    Pl330Dma(ProviderKit kit, Device dev, Registers registers, Config config, Microcode microcode) {
        cpu = kit.cpu();
        log = kit.log();
        mapping = kit.mapping();
        DmaEngine engine = kit.engine();
        this.dev = dev;
        this.registers = registers;
        this.config = config;
        this.microcode = microcode;
        lock = engine.newLock("pl330");
        resetTasklet = engine.newTasklet("pl330", this::reset);
        threads = new HardwareThread[config.channels()];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new HardwareThread(this, registers, i, false);
        }
        manager = new HardwareThread(this, registers, threads.length, true);
        eventOf = new HardwareThread[config.events()];
        Capabilities capabilities = Capabilities.of(TransactionType.MEMCPY);
        if (config.peripherals() > 0) {
            capabilities =
                    capabilities
                            .with(TransactionType.SLAVE)
                            .with(TransactionType.CYCLIC)
                            .with(TransactionType.PRIVATE);
        }
        device =
                new DmaDevice(engine, dev, operations())
                        .capabilities(capabilities)
                        .directions(
                                EnumSet.of(
                                        TransferDirection.DEV_TO_MEM, TransferDirection.MEM_TO_DEV))
                        .widths(WIDTHS, WIDTHS)
                        .residueGranularity(ResidueGranularity.BURST)
                        .burstWords(0, BURST_WORDS_MAX);
        int count = Math.max(config.peripherals(), config.channels());
        for (int i = 0; i < count; i++) {
            channels.add(new Pl330Channel(this));
        }
    }

    private static ProviderOps operations() {
        return new ProviderOps(
                        (chan, cookie, state) -> of(chan).status(cookie, state),
                        chan -> of(chan).issue())
                .memcpy((chan, destination, source, size, flags) ->
                        of(chan).memcpy(destination, source, size, flags))
                .slaveSg((chan, sgl, count, direction, flags) ->
                        of(chan).slaveSg(sgl, count, direction, flags))
                .cyclic((chan, dma, size, period, direction, flags) ->
                        of(chan).cyclic(dma, size, period, direction, flags))
                .config((chan, config) -> of(chan).configure(config))
                .allocChannel(chan -> of(chan).allocate())
                .freeChannel(chan -> of(chan).freeResources())
                .pause(chan -> of(chan).pauseTransfer())
                .terminateAll(chan -> of(chan).terminate())
                .synchronize(chan -> of(chan).synchronizeCallbacks());
    }

    static Pl330Channel of(Channel channel) {
        return (Pl330Channel) channel;
    }

    /** Ends everything, and gives the programs' memory back. */
    @Linux(file = FILE, symbol = "pl330_del")
    void close() {
        dying = true;
        channels.forEach(Pl330Channel::freeResources);
        resetTasklet.kill();
        CoherentBuffer memory = programs;
        if (memory != null) {
            mapping.freeCoherent(dev, memory);
            programs = null;
        }
    }

    Device dev() {
        return dev;
    }

    DmaDevice device() {
        return device;
    }

    DmaMapping mapping() {
        return mapping;
    }

    Config config() {
        return config;
    }

    Registers registers() {
        return registers;
    }

    /** Guards the threads and the registers; taken inside of a channel's lock. */
    SpinLock lock() {
        return lock;
    }

    /** The channel of a request line. */
    @Nullable Pl330Channel channel(int number) {
        return number < 0 || number >= channels.size() ? null : channels.get(number);
    }

    void err(String format, Object... values) {
        log.devErr(dev, format, values);
    }

    // Threads.

    /** Takes memory for all programs, when the first client comes. Sleeps. */
    @Linux(file = FILE, symbol = "dmac_alloc_resources")
    void allocatePrograms() {
        if (programs == null) {
            programs =
                    mapping.allocCoherent(
                            dev, (long) config.channels() * CHANNEL_BYTES, Gfp.KERNEL);
        }
    }

    private CoherentBuffer programs() {
        CoherentBuffer memory = programs;
        if (memory == null) {
            throw new IllegalStateException("a thread without a client has a program");
        }
        return memory;
    }

    /** A thread and an event that nobody has, or null. Lock held. */
    @Linux(file = FILE, symbol = "pl330_request_channel")
    @Nullable HardwareThread takeThread() {
        if (dying) {
            return null;
        }
        for (HardwareThread thread : threads) {
            boolean usable =
                    !config.nonSecure() || (config.nonSecureEvents() & 1 << thread.id) != 0;
            if (thread.free && usable && takeEvent(thread)) {
                thread.free = false;
                thread.lastWritten = 1;
                thread.forget();
                return thread;
            }
        }
        return null;
    }

    @Linux(file = FILE, symbol = "_alloc_event")
    private boolean takeEvent(HardwareThread thread) {
        for (int event = 0; event < eventOf.length; event++) {
            if (eventOf[event] == null) {
                eventOf[event] = thread;
                thread.event = event;
                return true;
            }
        }
        return false;
    }

    /** Takes a thread back. Lock held. */
    @Linux(file = FILE, symbol = "pl330_release_channel")
    void giveThread(HardwareThread thread) {
        thread.stop();
        thread.forget();
        eventOf[thread.event] = null;
        thread.event = HardwareThread.NONE;
        thread.free = true;
    }

    /** Where the controller finds a program of a thread. */
    int programDma(int thread, int program) {
        return (int) (programs().dma() + offsetOf(thread, program));
    }

    private static long offsetOf(int thread, int program) {
        return (long) thread * CHANNEL_BYTES + (long) program * PROGRAM_BYTES;
    }

    /** Whether a thread takes another program now. */
    boolean accepts(HardwareThread thread) {
        return !dying && (resetsChannels & 1 << thread.id) == 0 && !thread.isFull();
    }

    /** Writes the program of a descriptor for a thread; false when it cannot be one. */
    @Linux(file = FILE, symbol = "pl330_submit_req")
    boolean write(HardwareThread thread, Pl330Descriptor desc) {
        boolean slave = desc.direction != TransferDirection.MEM_TO_MEM;
        if (slave && desc.peripheral >= config.peripherals()) {
            log.devInfo(dev, "pl330_submit_req: Invalid peripheral(%d)!", desc.peripheral);
            return false;
        }
        lock.lock();
        try {
            int size = microcode.assemble(desc, thread.event);
            if (size > PROGRAM_BYTES) {
                log.devInfo(
                        dev,
                        "pl330_submit_req: Try increasing mcbufsz (%d/%d)",
                        size,
                        PROGRAM_BYTES);
                return false;
            }
            int program = thread.programs[0] == null ? 0 : 1;
            thread.lastWritten = program;
            thread.programs[program] = desc;
            cpu.store(programs().va() + offsetOf(thread.id, program), microcode.bytes(), 0, size);
            return true;
        } finally {
            lock.unlock();
        }
    }

    // Interrupts.

    @Linux(file = FILE, symbol = "pl330_irq_handler")
    IrqReturn handleInterrupt() {
        boolean irqs = lock.lockIrqSave();
        boolean handled = update();
        lock.unlockIrqRestore(irqs);
        for (Pl330Descriptor desc = ended.poll(); desc != null; desc = ended.poll()) {
            of(desc.channel()).ended(desc);
        }
        if (resetsController || resetsManager || resetsChannels != 0) {
            handled = true;
            resetTasklet.schedule();
        }
        return handled ? IrqReturn.HANDLED : IrqReturn.NONE;
    }

    @Linux(file = FILE, symbol = "pl330_update")
    private boolean update() {
        resetsManager = registers.readl(Pl330Register.FSRD) != 0;
        int faulting = registers.readl(Pl330Register.FSRC) & (1 << threads.length) - 1;
        resetsChannels |= faulting;
        for (HardwareThread thread : threads) {
            if ((faulting & 1 << thread.id) != 0) {
                log.devInfo(
                        dev,
                        "Reset Channel-%d\t CS-%x FTC-%x",
                        thread.id,
                        registers.readl(thread.id, Pl330StatusRegister.CSR),
                        registers.readl(faultTypeOf(thread.id)));
                thread.stop();
            }
        }
        int sent = registers.readl(Pl330Register.INT_EVENT_RIS);
        if (config.events() < Integer.SIZE && (sent & -1 << config.events()) != 0) {
            resetsController = true;
            err("pl330_update: Unexpected!");
            return true;
        }
        boolean any = false;
        for (int event = 0; event < config.events(); event++) {
            if ((sent & 1 << event) != 0) {
                any = true;
                take(event);
            }
        }
        return any;
    }

    private static Pl330Register faultTypeOf(int channel) {
        return Pl330Register.values()[Pl330Register.FTR0.ordinal() + channel];
    }

    private void take(int event) {
        if ((registers.readl(Pl330Register.INTEN) & 1 << event) != 0) {
            registers.writel(Pl330Register.INTCLR, 1 << event);
        }
        HardwareThread thread = eventOf[event];
        Pl330Descriptor desc = thread == null ? null : thread.takeEnded();
        if (thread != null && desc != null) {
            thread.start();
            ended.addLast(desc);
        }
    }

    /** Ends what faults; its descriptors count as done, as far as they have come. */
    @Linux(file = FILE, symbol = "pl330_dotask")
    private void reset() {
        boolean irqs = lock.lockIrqSave();
        if (resetsController) {
            dying = true;
            resetsManager = true;
            resetsController = false;
        }
        if (resetsManager) {
            manager.stop();
            resetsChannels = (1 << threads.length) - 1;
            resetsManager = false;
        }
        int wanted = resetsChannels;
        List<Pl330Descriptor> dropped = new ArrayList<>();
        for (HardwareThread thread : threads) {
            if ((wanted & 1 << thread.id) != 0) {
                thread.stop();
                add(dropped, thread.programs[1 - thread.lastWritten]);
                add(dropped, thread.programs[thread.lastWritten]);
                thread.forget();
            }
        }
        resetsChannels &= ~wanted;
        lock.unlockIrqRestore(irqs);
        dropped.forEach(desc -> of(desc.channel()).ended(desc));
    }

    private static void add(List<Pl330Descriptor> list, @Nullable Pl330Descriptor desc) {
        if (desc != null) {
            list.add(desc);
        }
    }
}
