package dmakit.hardware.msgdma;

import dmakit.datasheet.msgdma.MsgdmaCsr;
import dmakit.datasheet.msgdma.MsgdmaCsr.Status;
import dmakit.datasheet.msgdma.MsgdmaDescriptor;
import dmakit.datasheet.msgdma.MsgdmaDescriptor.Control;
import dmakit.datasheet.msgdma.MsgdmaResponse;
import dmakit.hardware.Settling;
import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.List;

/** A machine with a core on it and nothing else, driven by registers only. */
final class MsgdmaBench implements AutoCloseable {
    static final long RAM_SIZE = 16 << 20;
    static final long DEVICE = 0x5000_0000L;

    /** Goes on by a word on both sides. */
    static final int COPY = 0x0001_0001;

    final Machine machine;
    final Msgdma core;
    final Target csr;
    final Target descriptors;
    final Target responses;
    final IrqLine irq;

    MsgdmaBench() {
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
                new Msgdma(
                        machine.clock(),
                        machine.trace(),
                        machine.bus().master("msgdma", Windows.IDENTITY, true),
                        irq);
        csr = core.csr();
        descriptors = core.descriptors();
        responses = core.responses();
    }

    int read(MsgdmaCsr register) {
        return (int) csr.read(register.offset(), 4);
    }

    void write(MsgdmaCsr register, int value) {
        csr.write(register.offset(), 4, value & 0xffff_ffffL);
    }

    boolean is(Status field) {
        return field.isSet(read(MsgdmaCsr.STATUS));
    }

    void write(MsgdmaDescriptor word, int value) {
        descriptors.write(word.offset(), 4, value & 0xffff_ffffL);
    }

    /** Writes a descriptor; its control word, with GO, comes last. */
    void start(long from, long to, int length, int stride, int control) {
        write(MsgdmaDescriptor.READ_ADDRESS, (int) from);
        write(MsgdmaDescriptor.WRITE_ADDRESS, (int) to);
        write(MsgdmaDescriptor.LENGTH, length);
        write(MsgdmaDescriptor.BURST_AND_SEQUENCE, 0);
        write(MsgdmaDescriptor.STRIDE, stride);
        write(MsgdmaDescriptor.READ_ADDRESS_HIGH, (int) (from >>> 32));
        write(MsgdmaDescriptor.WRITE_ADDRESS_HIGH, (int) (to >>> 32));
        write(MsgdmaDescriptor.CONTROL, control | Control.GO.mask());
    }

    void copy(long from, long to, int length) {
        start(from, to, length, COPY, Control.TRANSFER_COMPLETE_IRQ_ENABLE.mask());
    }

    int responseCount() {
        return read(MsgdmaCsr.RESPONSE_FILL_LEVEL);
    }

    /** Bytes of the first response; its status is taken with it. */
    int takeBytes() {
        int bytes = (int) responses.read(MsgdmaResponse.ACTUAL_BYTES_TRANSFERRED.offset(), 4);
        responses.read(MsgdmaResponse.STATUS.offset(), 4);
        return bytes;
    }

    int takeStatus() {
        return (int) responses.read(MsgdmaResponse.STATUS.offset(), 4);
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

    void poke(long phys, byte[] bytes) {
        machine.bus().master("poke", Windows.IDENTITY, true).write(phys, bytes, 0, bytes.length);
    }

    byte[] peek(long phys, int bytes) {
        byte[] into = new byte[bytes];
        machine.bus().master("peek", Windows.IDENTITY, true).read(phys, into, 0, bytes);
        return into;
    }

    byte[] fill(long phys, int bytes, long seed) {
        Rng rng = new Rng(seed);
        byte[] content = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            content[i] = (byte) rng.nextInt(256);
        }
        poke(phys, content);
        return content;
    }

    @Override
    public void close() {
        machine.close();
    }
}
