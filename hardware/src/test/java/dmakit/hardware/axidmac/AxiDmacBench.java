package dmakit.hardware.axidmac;

import dmakit.datasheet.axidmac.AxiDmacDescriptor;
import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.datasheet.axidmac.AxiDmacRegister.Control;
import dmakit.datasheet.axidmac.AxiDmacRegister.IrqPending;
import dmakit.datasheet.axidmac.InterfaceType;
import dmakit.hardware.AxiStream;
import dmakit.hardware.Settling;
import dmakit.machine.Machine;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A machine with a core on it and nothing else, driven by registers and streams only. */
final class AxiDmacBench implements AutoCloseable {
    static final long RAM_SIZE = 16 << 20;
    static final long DEVICE = 0x5000_0000L;
    static final int FIFO_BYTES = 4096;

    final Machine machine;
    final AxiDmac core;
    final AxiStream in = new AxiStream("in", FIFO_BYTES);
    final AxiStream out = new AxiStream("out", FIFO_BYTES);
    final IrqLine irq;

    AxiDmacBench(Build build) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                true,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        irq = machine.interrupts().line(32);
        core =
                new AxiDmac(
                        machine.clock(),
                        machine.trace(),
                        machine.bus().master("dmac", Windows.IDENTITY, true),
                        build,
                        streamOf(build.source(), in),
                        streamOf(build.destination(), out),
                        irq);
        write(AxiDmacRegister.IRQ_MASK, 0);
    }

    private static @Nullable AxiStream streamOf(InterfaceType type, AxiStream stream) {
        return type.isMemory() ? null : stream;
    }

    /** A core of words of 8 bytes with everything it can have. */
    static Build build(InterfaceType source, InterfaceType destination) {
        return new Build(source, destination, 8, 8, 128, 24, 64, true, true, true, false);
    }

    static AxiDmacBench copier() {
        return new AxiDmacBench(build(InterfaceType.AXI_MM, InterfaceType.AXI_MM));
    }

    static AxiDmacBench sender() {
        return new AxiDmacBench(build(InterfaceType.AXI_MM, InterfaceType.AXI_STREAM));
    }

    static AxiDmacBench receiver() {
        return new AxiDmacBench(build(InterfaceType.AXI_STREAM, InterfaceType.AXI_MM));
    }

    int read(AxiDmacRegister register) {
        return (int) core.read(register.offset(), 4);
    }

    void write(AxiDmacRegister register, int value) {
        core.write(register.offset(), 4, value & 0xffff_ffffL);
    }

    void enable() {
        write(AxiDmacRegister.CONTROL, Control.ENABLE.mask());
    }

    void disable() {
        write(AxiDmacRegister.CONTROL, 0);
    }

    /** Submits rows; those of a memory side are as far apart as they are long. */
    void submit(long from, long to, int bytes, int flags) {
        submit(from, to, bytes, 1, bytes, bytes, flags);
    }

    void submit(long from, long to, int bytes, int rows, int fromStride, int toStride, int flags) {
        write(AxiDmacRegister.SRC_ADDRESS, (int) from);
        write(AxiDmacRegister.SRC_ADDRESS_HIGH, (int) (from >>> 32));
        write(AxiDmacRegister.DEST_ADDRESS, (int) to);
        write(AxiDmacRegister.DEST_ADDRESS_HIGH, (int) (to >>> 32));
        write(AxiDmacRegister.X_LENGTH, bytes - 1);
        write(AxiDmacRegister.Y_LENGTH, rows - 1);
        write(AxiDmacRegister.SRC_STRIDE, fromStride);
        write(AxiDmacRegister.DEST_STRIDE, toStride);
        write(AxiDmacRegister.FLAGS, flags);
        write(AxiDmacRegister.TRANSFER_SUBMIT, 1);
    }

    void submitChain(long descriptor, int flags) {
        write(AxiDmacRegister.CONTROL, Control.ENABLE.mask() | Control.HWDESC.mask());
        write(AxiDmacRegister.SG_ADDRESS, (int) descriptor);
        write(AxiDmacRegister.SG_ADDRESS_HIGH, (int) (descriptor >>> 32));
        write(AxiDmacRegister.FLAGS, flags);
        write(AxiDmacRegister.TRANSFER_SUBMIT, 1);
    }

    /** Writes a descriptor of one row. */
    void descriptor(long at, int flags, int id, long from, long to, long next, int bytes) {
        byte[] block = new byte[AxiDmacDescriptor.SIZE];
        put(block, AxiDmacDescriptor.FLAGS, flags);
        put(block, AxiDmacDescriptor.ID, id);
        put(block, AxiDmacDescriptor.SRC_ADDR, (int) from);
        put(block, AxiDmacDescriptor.DEST_ADDR, (int) to);
        put(block, AxiDmacDescriptor.NEXT_SG_ADDR, (int) next);
        put(block, AxiDmacDescriptor.X_LEN, bytes - 1);
        poke(at, block);
    }

    private static void put(byte[] block, AxiDmacDescriptor word, int value) {
        for (int i = 0; i < 4; i++) {
            block[word.offset() + i] = (byte) (value >>> (8 * i));
        }
    }

    boolean isPending(IrqPending what) {
        return what.isSet(read(AxiDmacRegister.IRQ_PENDING));
    }

    void acknowledge() {
        write(AxiDmacRegister.IRQ_PENDING, -1);
    }

    long now() {
        return machine.clock().now();
    }

    void pass(long ps) {
        machine.clock().advanceBy(ps);
    }

    /** Lets everything happen that is going to. */
    void settle() {
        Settling.settle(machine.clock(), 1_000_000);
    }

    /** Puts a packet on the stream that is read. */
    void arrive(byte[] packet, boolean last) {
        in.put(packet, 0, packet.length, last, new int[AxiStream.WORD_COUNT]);
    }

    void poke(long phys, byte[] bytes) {
        machine.bus().master("poke", Windows.IDENTITY, true).write(phys, bytes, 0, bytes.length);
    }

    byte[] peek(long phys, int bytes) {
        byte[] into = new byte[bytes];
        machine.bus().master("peek", Windows.IDENTITY, true).read(phys, into, 0, bytes);
        return into;
    }

    static byte[] random(int bytes, long seed) {
        Rng rng = new Rng(seed);
        byte[] content = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            content[i] = (byte) rng.nextInt(256);
        }
        return content;
    }

    byte[] fill(long phys, int bytes, long seed) {
        byte[] content = random(bytes, seed);
        poke(phys, content);
        return content;
    }

    @Override
    public void close() {
        machine.close();
    }
}
