package dmakit.bench.hardware;

import dmakit.datasheet.pl330.Pl330Register;
import dmakit.oracle.Computer;
import java.util.Arrays;

/** Has a DMA-330 copy 16 MiB, whoever's it is: loads and stores of its registers alone. */
final class CopyOfPl330 {
    private static final int PROGRAM = 0x10_0000;
    private static final int SOURCE = 16 << 20;
    private static final int DEST = 40 << 20;

    /** DMAGO of channel 0, secure, by the manager. */
    private static final int GO = 0xa0 << 16;

    private final Computer side;
    private final long base;

    CopyOfPl330(Computer side, long base) {
        this.side = side;
        this.base = base;
        side.poke(PROGRAM, Pl330Program.copy(SOURCE, DEST));
        side.poke(SOURCE, Samples.bytes(Pl330Program.BYTES));
    }

    /** Starts the program, and is back when it has ended or, on our side, can. */
    void start() {
        side.store(base + Pl330Register.DBGINST0.offset(), 4, GO);
        side.store(base + Pl330Register.DBGINST1.offset(), 4, PROGRAM);
        side.store(base + Pl330Register.DBGCMD.offset(), 4, 0);
    }

    /** Whether no channel runs any more. */
    boolean isDone() {
        return side.load(base + 0x100, 4) == 0;
    }

    void check() {
        if (!Arrays.equals(
                side.peek(SOURCE, Pl330Program.BYTES), side.peek(DEST, Pl330Program.BYTES))) {
            throw new IllegalStateException("the copy is none");
        }
    }
}
