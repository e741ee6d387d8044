package dmakit.board.bcm2835;

import dmakit.datasheet.bcm2835.Dreq;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.dts.DtsReader;
import dmakit.hardware.bcm2835.Bcm2835Dma;
import dmakit.hardware.fifo.LoopbackFifo;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devices;
import dmakit.kernel.device.DriverCore;
import dmakit.kernel.device.PlatformBus;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.direct.DirectDma;
import dmakit.kernel.direct.MemorySources;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.OfDma;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.drivers.bcm2835.Bcm2835DmaDriver;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaConfigurator;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.ZoneLayout;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.swiotlb.Swiotlb;
import dmakit.machine.Machine;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.task.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The controller, a loopback FIFO and as much kernel as drives them, put together by hand. */
final class DmaRig implements AutoCloseable {
    static final int TX_LINE = Dreq.SPI_TX.permap();
    static final int RX_LINE = Dreq.SPI_RX.permap();
    static final long FIFO_PHYS = 0x3f30_0000L;
    static final String CLIENT = "3f300000.fifo";

    private static final int SHARED_LINE = 27;
    private static final long DMA_PHYS = 0x3f00_7000L;
    private static final long RAM_BYTES = 96L << 20;
    private static final long MEMORY_ALIAS = 0xc000_0000L;
    private static final long POLL_US = 5;
    private static final long WAIT_PS_MAX = 10_000_000_000_000L;

    final Machine machine;
    final Log log;
    final Sched sched;
    final Mm mm;
    final DmaMapping mapping;
    final DmaEngine engine;
    final PlatformBus bus;
    final Irqs irqs;

    /** The chip itself, for what only an experiment does to it. */
    final Bcm2835Dma dma;

    DmaRig() {
        this(new Machine.Cache.Adversary(), 1);
    }

    DmaRig(Machine.Cache cache, long seed) {
        this(cache, seed, false, source("0x7fff", interruptNames()));
    }

    static DmaRig coherent() {
        return new DmaRig(new Machine.Cache.None(), 1, true, source("0x7fff", interruptNames()));
    }

    DmaRig(Machine.Cache cache, long seed, boolean coherent, String treeSource) {
        DeviceTree tree = read(treeSource);
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_BYTES)),
                                coherent,
                                cache,
                                CostTable.CORTEX_A53,
                                seed));
        log = new Log(machine.clock(), machine.trace());
        sched = new Sched(machine, log);
        Softirqs softirqs = new Softirqs(sched);
        irqs = new Irqs(sched, softirqs);
        mm =
                Mm.boot(
                        machine,
                        sched.calls(),
                        new Memblock(machine.ram()),
                        ZoneLayout.arm64(machine.ram(), DmaConfigurator.reachOfAllDevices(tree)),
                        false,
                        log);
        mapping =
                new DmaMapping(
                        machine,
                        sched.calls(),
                        log,
                        mm.virtual(),
                        new DirectDma(
                                machine.cpu(),
                                log,
                                mm,
                                MemorySources.small(machine, sched.calls(), log, mm),
                                Swiotlb.none(machine, log)),
                        true);
        bus =
                new PlatformBus(
                        log,
                        new DriverCore(
                                log, new DmaConfigurator(tree, log, mapping), new Devices()));
        engine = new DmaEngine(sched, softirqs, new OfDma(tree, log));
        dma = wire(coherent);
        bus.register(
                new Bcm2835DmaDriver(new ProviderKit(sched, log, irqs, mm.io(), mapping, engine)));
        run(() -> bus.populate(tree, interrupt -> interrupt.cells().getFirst()));
    }

    private static DeviceTree read(String source) {
        byte[] text = source.getBytes(StandardCharsets.UTF_8);
        try {
            return DtsReader.read("rig.dts", (path, bytesMax) -> Optional.of(text), List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Bcm2835Dma wire(boolean coherent) {
        MasterPort port =
                machine.bus()
                        .master(
                                "dma",
                                new Windows(
                                        List.of(
                                                new Windows.Window(MEMORY_ALIAS, 0, RAM_BYTES),
                                                new Windows.Window(
                                                        0x7e00_0000L, 0x3f00_0000L, 1 << 24))),
                                coherent);
        List<IrqLine> lines = new ArrayList<>();
        for (int i = 0; i < Bcm2835Dma.CHANNEL_COUNT_MAX; i++) {
            lines.add(machine.interrupts().line(Math.min(16 + i, SHARED_LINE)));
        }
        Bcm2835Dma chip = new Bcm2835Dma(machine.clock(), machine.trace(), port, lines);
        machine.bus().attach("dma", DMA_PHYS, Bcm2835Dma.SIZE, chip);
        LoopbackFifo fifo =
                new LoopbackFifo(
                        machine.clock(),
                        machine.trace(),
                        "fifo",
                        chip.request(TX_LINE),
                        chip.request(RX_LINE));
        machine.bus().attach("fifo", FIFO_PHYS, LoopbackFifo.SIZE, fifo);
        return chip;
    }

    static String interruptNames() {
        StringBuilder names = new StringBuilder("interrupt-names = ");
        for (int i = 0; i < Bcm2835Dma.CHANNEL_COUNT_MAX; i++) {
            names.append(i == 0 ? "" : ", ").append("\"dma").append(i).append('"');
        }
        return names.append(';').toString();
    }

    static String source(String channelMask, String interruptNames) {
        return """
        /dts-v1/;
        / {
            #address-cells = <1>;
            #size-cells = <1>;
            interrupt-parent = <&intc>;
            memory@0 { device_type = "memory"; reg = <0 0x6000000>; };
            soc {
                compatible = "simple-bus";
                #address-cells = <1>;
                #size-cells = <1>;
                ranges = <0x7e000000 0x3f000000 0x01000000>;
                dma-ranges = <0xc0000000 0x00000000 0x3f000000>;
                intc: interrupt-controller@7e00b200 {
                    reg = <0x7e00b200 0x200>;
                    interrupt-controller;
                    #interrupt-cells = <1>;
                };
                dma: dma-controller@7e007000 {
                    compatible = "brcm,bcm2835-dma";
                    reg = <0x7e007000 0xf00>;
                    interrupts = <16>, <17>, <18>, <19>, <20>, <21>, <22>, <23>,
                                 <24>, <25>, <26>, <27>, <27>, <27>, <27>;
                    %s
                    #dma-cells = <1>;
                    brcm,dma-channel-mask = <%s>;
                };
                fifo@7e300000 {
                    compatible = "dmakit,loopback-fifo";
                    reg = <0x7e300000 0x100>;
                    dmas = <&dma %d>, <&dma %d>;
                    dma-names = "tx", "rx";
                };
            };
        };
        """
                .formatted(interruptNames, channelMask, TX_LINE, RX_LINE);
    }

    // Running.

    /** Runs kernel code as a task, to its end. */
    void run(Runnable body) {
        Task task = sched.spawn("test", body);
        machine.scheduler().runUntil(task);
        if (task.failure() instanceof RuntimeException failure) {
            throw failure;
        }
        if (task.failure() instanceof Error failure) {
            throw failure;
        }
    }

    /** In a task: waits for a condition. */
    void await(BooleanSupplier condition) {
        long deadline = machine.clock().now() + WAIT_PS_MAX;
        while (!condition.getAsBoolean()) {
            if (machine.clock().now() > deadline) {
                throw new AssertionError("nothing came of it in 10 s of simulated time");
            }
            sched.usleepRange(POLL_US, POLL_US);
        }
    }

    // Devices and channels.

    Device client() {
        return device(CLIENT);
    }

    Device device(String name) {
        return bus.device(name).map(PlatformDevice::device).orElseThrow();
    }

    /** The device that reaches memory for a channel. */
    Device dmaDevice(Channel channel) {
        return channel.device().dev();
    }

    Channel memcpyChannel() {
        return engine.requestChanByMask(Capabilities.of(TransactionType.MEMCPY));
    }

    /** The free channel of a number in the chip. */
    Channel memcpyChannel(int index) {
        return engine.requestChannel(
                        Capabilities.of(TransactionType.MEMCPY),
                        channel -> channel.index() == index)
                .orElseThrow();
    }

    // The FIFO.

    int fifo(LoopbackFifoRegister register) {
        return (int) machine.bus().rangeAt(FIFO_PHYS).target().read(register.offset(), 4);
    }

    void fifo(LoopbackFifoRegister register, int value) {
        machine.bus().rangeAt(FIFO_PHYS).target().write(register.offset(), 4, value);
    }

    // Memory.

    /** Ordinary memory, not zeroed. */
    long buffer(long bytes) {
        return mm.pages().getFreePages(Gfp.KERNEL, PageAllocator.orderFor(bytes));
    }

    CoherentBuffer coherent(Device dev, long bytes) {
        return mapping.allocCoherent(dev, bytes, Gfp.KERNEL);
    }

    long map(Channel channel, long va, long bytes, DmaDirection direction) {
        return mapping.mapSingle(dmaDevice(channel), va, bytes, direction);
    }

    void unmap(Channel channel, long dma, long bytes, DmaDirection direction) {
        mapping.unmapSingle(dmaDevice(channel), dma, bytes, direction);
    }

    void store(long va, byte[] bytes) {
        machine.cpu().store(va, bytes, 0, bytes.length);
    }

    byte[] load(long va, int bytes) {
        byte[] into = new byte[bytes];
        machine.cpu().load(va, into, 0, bytes);
        return into;
    }

    /** What is in RAM itself, as devices see it, behind an address of the linear map. */
    static long phys(long va) {
        return va - AddressLayout.LINEAR_BASE;
    }

    @Override
    public void close() {
        machine.close();
    }
}
