package dmakit.kernel.drivers.ioat;

import dmakit.datasheet.ioat.IoatChannelRegister;
import dmakit.datasheet.ioat.IoatChannelRegister.Chancmd;
import dmakit.datasheet.ioat.IoatChannelRegister.ChanstsLow;
import dmakit.datasheet.ioat.IoatChannelRegister.Status;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;

/** The registers of one channel, and what is done with them alone. */
final class ChannelRegisters {
    private static final String DMA = "drivers/dma/ioat/dma.c";
    private static final int POLL_COUNT_MAX = 10_000;

    private final IoatDma owner;
    private final Cpu cpu;
    private final long registers;

    /** Announced since CHAINADDR was stored. */
    private int dmaCount;

    ChannelRegisters(IoatDma owner, int number) {
        this.owner = owner;
        cpu = owner.cpu();
        registers = owner.registers() + (long) IoatChannelRegister.STRIDE * (number + 1);
    }

    /** Stores an address, its low half first. */
    void store64(IoatChannelRegister low, IoatChannelRegister high, long value) {
        store32(low, (int) value);
        store32(high, (int) (value >>> Integer.SIZE));
    }

    long load64(IoatChannelRegister low, IoatChannelRegister high) {
        return Integer.toUnsignedLong(load32(low)) | (long) load32(high) << Integer.SIZE;
    }

    /** Where the channel begins, with nothing announced. */
    @Linux(file = "drivers/dma/ioat/dma.h", symbol = "ioat_set_chainaddr")
    void begin(long dma) {
        dmaCount = 0;
        store64(IoatChannelRegister.CHAINADDR_LOW, IoatChannelRegister.CHAINADDR_HIGH, dma);
    }

    /** So many descriptors more; DMACOUNT counts from where CHAINADDR was stored. */
    void announce(int more) {
        dmaCount += more;
        cpu.barrier();
        cpu.store16(
                registers + IoatChannelRegister.CHANCMD.offset() + Short.BYTES, (short) dmaCount);
    }

    @Linux(file = DMA, symbol = "ioat_reset_hw")
    void reset() {
        quiesce();
        store32(IoatChannelRegister.CHANERR, load32(IoatChannelRegister.CHANERR));
        command(Chancmd.RESET.mask());
        for (int polls = 0; Chancmd.RESET.isSet(load32(IoatChannelRegister.CHANCMD)); polls++) {
            if (polls == POLL_COUNT_MAX) {
                owner.kit()
                        .log()
                        .devErr(owner.dev(), "Failed to reset: %d", -Errno.ETIMEDOUT.number());
                return;
            }
        }
    }

    @Linux(file = DMA, symbol = "ioat_quiesce")
    void quiesce() {
        if (!isMoving()) {
            return;
        }
        command(Chancmd.SUSPEND.mask());
        Purpose before = cpu.begin(Purpose.POLL);
        try {
            for (int polls = 0; polls < POLL_COUNT_MAX && isMoving(); polls++) {
                cpu.loadBarrier();
            }
        } finally {
            cpu.end(before);
        }
    }

    /** What is found wrong is written back; it need not halt the channel. */
    @Linux(file = "drivers/dma/ioat/init.c", symbol = "ioat_intr_quirk")
    void maskChecks() {
        store32(
                IoatChannelRegister.CHANERRMSK,
                load32(IoatChannelRegister.CHANERRMSK) | IoatChannel.CHECKS);
    }

    /** What the channel does. */
    int status() {
        return statusOf(Integer.toUnsignedLong(load32(IoatChannelRegister.CHANSTS_LOW)));
    }

    boolean isMoving() {
        int status = status();
        return status == Status.ACTIVE.ordinal() || status == Status.DONE.ordinal();
    }

    private void command(int bits) {
        cpu.barrier();
        cpu.store8(registers + IoatChannelRegister.CHANCMD.offset(), (byte) bits);
    }

    int load32(IoatChannelRegister register) {
        return cpu.load32(registers + register.offset());
    }

    void store32(IoatChannelRegister register, int value) {
        cpu.barrier();
        cpu.store32(registers + register.offset(), value);
    }

    void store16(IoatChannelRegister register, int value) {
        cpu.barrier();
        cpu.store16(registers + register.offset(), (short) value);
    }

    /** What a channel does, by the status it stored. */
    static int statusOf(long channelStatus) {
        return ChanstsLow.STATUS.get((int) channelStatus);
    }
}
