package dmakit.hardware.ioat;

import static dmakit.hardware.ioat.IoatBench.END;
import static dmakit.hardware.ioat.IoatBench.RING;
import static dmakit.hardware.ioat.IoatBench.control;

import dmakit.datasheet.ioat.IoatChannelRegister;
import dmakit.datasheet.ioat.IoatDescriptor.Op;
import dmakit.datasheet.ioat.IoatRegister;
import dmakit.hardware.GoldenTrace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IoatGoldenTest {
    private static final int DATA = 0x1_0000;
    private static final int P = 0x8_0000;
    private static final int Q = 0x9_0000;
    private static final int BYTES = 6000;

    private final IoatBench bench = new IoatBench(Ioat.Kind.SOURCES_8);
    private final GoldenTrace golden = new GoldenTrace();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aSyndromeAndACheckThatFails() {
        bench.pci.machine.trace().addSink(golden);
        golden.say("P and Q of three rows of 6000 bytes, then their check with another factor");
        for (int row = 0; row < 3; row++) {
            bench.fill(DATA + 0x2000L * row, BYTES, row);
        }
        syndrome(0, Op.PQ, 0x04_0201);
        syndrome(1, Op.PQ_VAL, 0x05_0201);
        bench.start(0, RING, 2);
        bench.finish();
        golden.say("the driver asks who, and why, and clears it");
        bench.read(IoatRegister.ATTNSTATUS);
        bench.read(0, IoatChannelRegister.CHANSTS_LOW);
        bench.read(0, IoatChannelRegister.CHANERR);
        bench.write(0, IoatChannelRegister.CHANERR, -1);
        golden.equalsAccepted("ioat-syndrome");
    }

    private void syndrome(int place, Op op, long coefficients) {
        bench.descriptor(
                place,
                control(op, 3, END),
                BYTES,
                DATA,
                P,
                0,
                DATA + 0x2000,
                DATA + 0x4000,
                coefficients,
                Q);
    }
}
