package dmakit.kernel;

import dmakit.kernel.cma.Cma;
import dmakit.kernel.coherent.CoherentMemory;
import dmakit.kernel.device.Device;
import dmakit.kernel.direct.AtomicPools;
import dmakit.kernel.direct.DirectDma;
import dmakit.kernel.direct.MemorySources;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.mm.ZoneLayout;
import dmakit.kernel.swiotlb.Swiotlb;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine with the memory side of a kernel on it, for tests. */
public final class MemoryFixture implements AutoCloseable {
    public static final long GIB = 1L << 30;
    public static final long MIB = 1L << 20;

    public final Machine machine;
    public final Calls calls;
    public final Log log;
    public final Swiotlb swiotlb;
    public final Cma cma;
    public final CoherentMemory declared;
    public final AtomicPools pools;
    public final Mm mm;
    public final DirectDma direct;
    public final DmaMapping mapping;
    public final DeviceView bus;
    private final List<Runnable> work = new ArrayList<>();

    private MemoryFixture(List<Ram.Bank> banks, boolean coherent, long reach, boolean strict) {
        this(banks, coherent, reach, strict, new Machine.Cache.None(), 1);
    }

    private MemoryFixture(
            List<Ram.Bank> banks,
            boolean coherent,
            long reach,
            boolean strict,
            Machine.Cache cache,
            long seed) {
        this(banks, coherent, reach, strict, cache, seed, null, _ -> {});
    }

    private MemoryFixture(
            List<Ram.Bank> banks,
            boolean coherent,
            long reach,
            boolean strict,
            Machine.Cache cache,
            long seed,
            @Nullable String commandLine,
            Consumer<Memblock> preparation) {
        machine =
                new Machine(new Machine.Config(banks, coherent, cache, CostTable.CORTEX_A53, seed));
        calls = new Calls(machine);
        log = new Log(machine.clock(), machine.trace());
        Memblock memblock = new Memblock(machine.ram());
        preparation.accept(memblock);
        memblock.reserveKernel();
        ZoneLayout zones = ZoneLayout.arm64(machine.ram(), reach);
        var parameters = new KernelParameters(commandLine == null ? "" : commandLine);
        cma = new Cma(machine.clock(), log, memblock, parameters);
        cma.reserveDefault(0, zones.endOf(Zone.DMA));
        swiotlb =
                commandLine == null
                        ? Swiotlb.none(machine, log)
                        : Swiotlb.boot(
                                machine, log, memblock, zones, parameters, Architecture.ARM64);
        mm = Mm.boot(machine, calls, memblock, zones, swiotlb.isAllocated(), log);
        cma.activate(mm.pages());
        declared = new CoherentMemory(machine.cpu(), calls, log, mm);
        pools =
                new AtomicPools(
                        machine.cpu(), log, mm, cma, parameters, body -> () -> work.add(body));
        pools.start();
        direct =
                new DirectDma(
                        machine.cpu(), log, mm, new MemorySources(cma, pools, declared), swiotlb);
        mapping = new DmaMapping(machine, calls, log, mm.virtual(), direct, strict);
        bus = new DeviceView(machine.ram(), machine.caches(), false);
    }

    /** 1 GiB from 0 whose devices do not snoop; misuse throws. */
    public static MemoryFixture nonCoherent() {
        return new MemoryFixture(List.of(new Ram.Bank(0, GIB)), false, -1, true);
    }

    /** The same where all devices snoop. */
    public static MemoryFixture coherent() {
        return new MemoryFixture(List.of(new Ram.Bank(0, GIB)), true, -1, true);
    }

    /** The same as {@link #nonCoherent}, where misuse goes on as in Linux. */
    public static MemoryFixture lenient() {
        return new MemoryFixture(List.of(new Ram.Bank(0, GIB)), false, -1, false);
    }

    /** As {@link #nonCoherent}, with something reserved before the kernel boots. */
    public static MemoryFixture prepared(Consumer<Memblock> preparation) {
        return new MemoryFixture(
                List.of(new Ram.Bank(0, GIB)),
                false,
                -1,
                true,
                new Machine.Cache.None(),
                1,
                null,
                preparation);
    }

    /** With the bounce buffers that a command line and RAM ask for; misuse goes on as in Linux. */
    public static MemoryFixture bouncing(
            String commandLine, boolean coherent, long reach, Ram.Bank... banks) {
        return new MemoryFixture(
                List.of(banks),
                coherent,
                reach,
                false,
                new Machine.Cache.None(),
                1,
                commandLine,
                _ -> {});
    }

    /** Any RAM, not coherent. */
    public static MemoryFixture with(long reach, Ram.Bank... banks) {
        return new MemoryFixture(List.of(banks), false, reach, true);
    }

    /** 64 MiB behind caches that write back and read ahead whenever the seed says so. */
    public static MemoryFixture adversary(long seed) {
        return new MemoryFixture(
                List.of(new Ram.Bank(0, 64 * MIB)),
                false,
                -1,
                true,
                new Machine.Cache.Adversary(),
                seed);
    }

    /** 256 MiB from 0 with what a command line asks for; devices do not snoop, misuse throws. */
    public static MemoryFixture booted(String commandLine) {
        return new MemoryFixture(
                List.of(new Ram.Bank(0, 256 * MIB)),
                false,
                -1,
                true,
                new Machine.Cache.None(),
                1,
                commandLine,
                _ -> {});
    }

    /** Runs what was left for the background; answers how much it was. */
    public int runBackground() {
        List<Runnable> bodies = List.copyOf(work);
        work.clear();
        bodies.forEach(Runnable::run);
        return bodies.size();
    }

    /** A device that snoops where the machine does. */
    public Device device() {
        Device device = new Device("test0", "platform", null, null);
        device.dma().coherent(machine.ram().isCoherent());
        return device;
    }

    /** The lines of the log, without time. */
    public List<String> lines() {
        return log.buffer().records().stream().map(record -> record.text()).toList();
    }

    @Override
    public void close() {
        machine.close();
    }
}
