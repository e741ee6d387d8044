package dmakit.bench.hardware;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.DmaControlBlock;
import dmakit.oracle.Computer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Has a BCM2835's DMA controller copy 16 MiB by one control block, whoever's it is. */
final class CopyOfBcm2835 {
    static final int BYTES = 16 << 20;

    private static final int BLOCK = 0x10_0000;
    private static final int SOURCE = 16 << 20;
    private static final int DEST = 40 << 20;
    private static final int RAM_BUS = 0xc000_0000;

    private final Computer side;
    private final long base;

    CopyOfBcm2835(Computer side, long base) {
        this.side = side;
        this.base = base;
        byte[] block =
                ByteBuffer.allocate(DmaControlBlock.SIZE)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(Ti.SRC_INC.mask() | Ti.DEST_INC.mask())
                        .putInt(RAM_BUS + SOURCE)
                        .putInt(RAM_BUS + DEST)
                        .putInt(BYTES)
                        .array();
        side.poke(BLOCK, block);
        side.poke(SOURCE, Samples.bytes(BYTES));
    }

    /** Starts the channel, and is back when it has ended or, on our side, can. */
    void start() {
        store(DmaChannelRegister.CONBLK_AD, RAM_BUS + BLOCK);
        store(DmaChannelRegister.CS, Cs.ACTIVE.mask() | Cs.END.mask());
    }

    private void store(DmaChannelRegister register, int value) {
        side.store(base + register.offset(), 4, value & 0xffff_ffffL);
    }

    /** Whether the channel does not run any more. */
    boolean isDone() {
        return !Cs.ACTIVE.isSet((int) side.load(base + DmaChannelRegister.CS.offset(), 4));
    }

    void check() {
        if (!Arrays.equals(side.peek(SOURCE, BYTES), side.peek(DEST, BYTES))) {
            throw new IllegalStateException("the copy is none");
        }
    }
}
