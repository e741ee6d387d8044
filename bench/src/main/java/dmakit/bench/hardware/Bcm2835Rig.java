package dmakit.bench.hardware;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.DmaControlBlock;
import dmakit.hardware.bcm2835.Bcm2835Dma;
import dmakit.machine.Machine;
import dmakit.machine.bus.Bus;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine with nothing on it but a BCM2835 DMA controller, which a chain of control blocks keeps
 * busy. RAM is 64 MiB; the blocks lie at its start, the sources at 16 MiB, the destinations at 40
 * MiB.
 */
final class Bcm2835Rig implements AutoCloseable {
    private static final long RAM_SIZE = 64 << 20;
    private static final long RAM_BUS = 0xc000_0000L;
    private static final long DMA_PHYS = 0x3f00_7000L;
    private static final long BLOCKS = 0x1000;
    private static final long SOURCE = 16 << 20;
    private static final long DEST = 40 << 20;

    private static final int WIDE_COPY =
            Ti.SRC_INC.mask()
                    | Ti.DEST_INC.mask()
                    | Ti.SRC_WIDTH.mask()
                    | Ti.DEST_WIDTH.mask()
                    | Ti.BURST_LENGTH.of(1);

    private final Machine machine;
    private final Bus bus;
    private final Clock clock;

    /** Builds the machine and a chain of {@code count} blocks of {@code bytes} each. */
    Bcm2835Rig(boolean coherent, int count, int bytes) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                coherent,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        bus = machine.bus();
        clock = machine.clock();
        List<IrqLine> irqs = new ArrayList<>();
        for (int i = 0; i < Bcm2835Dma.CHANNEL_COUNT_MAX; i++) {
            irqs.add(machine.interrupts().line(16 + i));
        }
        Windows windows = new Windows(List.of(new Windows.Window(RAM_BUS, 0, RAM_SIZE)));
        MasterPort port = bus.master("dma", windows, coherent);
        Bcm2835Dma dma = new Bcm2835Dma(clock, machine.trace(), port, irqs);
        bus.attach("dma", DMA_PHYS, Bcm2835Dma.SIZE, dma);
        for (int i = 0; i < count; i++) {
            boolean last = i == count - 1;
            long at = (long) i * bytes;
            int[] words = {
                last ? WIDE_COPY | Ti.INTEN.mask() : WIDE_COPY,
                (int) (RAM_BUS + SOURCE + at),
                (int) (RAM_BUS + DEST + at),
                bytes,
                0,
                last ? 0 : blockAddress(i + 1),
                0,
                0
            };
            store(port, blockAddress(i) & 0xffff_ffffL, words);
        }
    }

    private static int blockAddress(int index) {
        return (int) (RAM_BUS + BLOCKS + (long) index * DmaControlBlock.SIZE);
    }

    private static void store(MasterPort port, long address, int[] words) {
        byte[] bytes = new byte[DmaControlBlock.SIZE];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (words[i / 4] >>> (8 * (i % 4)));
        }
        port.write(address, bytes, 0, bytes.length);
    }

    /** Starts the chain, lets time pass until it has ended, and acknowledges the interrupt. */
    void runChain() {
        write(DmaChannelRegister.CONBLK_AD, blockAddress(0));
        write(DmaChannelRegister.CS, Cs.ACTIVE.mask());
        while (Cs.ACTIVE.isSet(read(DmaChannelRegister.CS))) {
            clock.advanceTo(clock.nextAt());
        }
        write(DmaChannelRegister.CS, Cs.INT.mask() | Cs.END.mask());
    }

    /** Reads a register of channel 0 as the CPU does: through the address map. */
    int read(DmaChannelRegister register) {
        long phys = DMA_PHYS + register.offset();
        Bus.Range range = bus.rangeAt(phys);
        if (range == null) {
            throw new IllegalStateException("nothing answers at phys:0x" + Long.toHexString(phys));
        }
        return (int) range.target().read(phys - range.base(), 4);
    }

    private void write(DmaChannelRegister register, int value) {
        long phys = DMA_PHYS + register.offset();
        Bus.Range range = bus.rangeAt(phys);
        if (range == null) {
            throw new IllegalStateException("nothing answers at phys:0x" + Long.toHexString(phys));
        }
        range.target().write(phys - range.base(), 4, value & 0xffff_ffffL);
    }

    @Override
    public void close() {
        machine.close();
    }
}
