package dmakit.hardware.bcm2835;

import static dmakit.hardware.bcm2835.DmaBench.COPY;
import static dmakit.hardware.bcm2835.DmaBench.bus;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Debug;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.datasheet.bcm2835.Dreq;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Watermark;
import dmakit.hardware.GoldenTrace;
import dmakit.hardware.fifo.LoopbackFifo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Bcm2835DmaGoldenTest {
    private static final int SOURCE = 0x10_0000;
    private static final int DEST = 0x20_0000;
    private static final int BLOCK = 0x1000;

    private final DmaBench bench = new DmaBench();
    private final GoldenTrace golden = new GoldenTrace();

    @BeforeEach
    void listen() {
        bench.machine.trace().addSink(golden);
    }

    @AfterEach
    void closeMachine() {
        bench.close();
    }

    @Test
    void aChainOfTwoBlocksWithAnInterruptAtItsEnd() {
        int ti = COPY | Ti.SRC_WIDTH.mask() | Ti.DEST_WIDTH.mask() | Ti.BURST_LENGTH.of(1);
        golden.say("two blocks of 4096 and 100 bytes on channel 0");
        bench.block(BLOCK, ti, bus(SOURCE), bus(DEST), 4096, 0, bus(BLOCK + 32));
        bench.block(
                BLOCK + 32,
                ti | Ti.WAIT_RESP.mask() | Ti.INTEN.mask(),
                bus(SOURCE + 4096),
                bus(DEST + 4096),
                100,
                0,
                0);
        bench.start(0, BLOCK);
        golden.say("half way the driver asks for the residue");
        bench.pass(Timing.FETCH_PS + 64 * 72_000);
        bench.read(0, DmaChannelRegister.TXFR_LEN);
        bench.finish();
        golden.say("the handler acknowledges");
        bench.read(DmaControllerRegister.INT_STATUS);
        bench.write(0, DmaChannelRegister.CS, Cs.INT.mask() | Cs.END.mask());
        golden.equalsAccepted("bcm2835-chain");
    }

    @Test
    void aReadThatIsRefusedBesideAnotherChannelsCopy() {
        golden.say("channel 1 copies 1024 bytes; channel 8 reads past the end of RAM");
        bench.block(BLOCK, COPY | Ti.INTEN.mask(), bus(SOURCE), bus(DEST), 1024, 0, 0);
        bench.block(
                BLOCK + 32,
                COPY | Ti.BURST_LENGTH.of(3),
                bus(DmaBench.RAM_SIZE - 40),
                bus(DEST + 4096),
                64,
                0,
                0);
        bench.start(1, BLOCK);
        bench.pass(5_000_000);
        bench.start(8, BLOCK + 32, Cs.PRIORITY.of(4));
        bench.finish();
        golden.say("the driver looks, clears the error and gives up");
        bench.read(8, DmaChannelRegister.CS);
        bench.read(8, DmaChannelRegister.DEBUG);
        bench.write(8, DmaChannelRegister.DEBUG, Debug.READ_ERROR.mask());
        bench.write(8, DmaChannelRegister.CS, Cs.RESET.mask() | Cs.DISDEBUG.mask());
        golden.equalsAccepted("bcm2835-refused-read");
    }

    @Test
    void aTransferThatItsPeripheralPaces() {
        LoopbackFifo fifo = bench.attachFifo();
        golden.say("24 bytes to a FIFO that asks while it is empty, one word every 4 us");
        bench.block(
                BLOCK,
                Ti.SRC_INC.mask()
                        | Ti.DEST_DREQ.mask()
                        | Ti.PERMAP.of(Dreq.SPI_TX.permap())
                        | Ti.BURST_LENGTH.of(1)
                        | Ti.INTEN.mask(),
                bus(SOURCE),
                DmaBench.FIFO_DATA_BUS,
                24,
                0,
                0);
        bench.start(2, BLOCK);
        bench.pass(1_000_000);
        bench.read(2, DmaChannelRegister.CS);
        fifo.write(LoopbackFifoRegister.WATERMARK.offset(), 4, Watermark.TX.of(0));
        fifo.write(
                LoopbackFifoRegister.CTRL.offset(), 4, Ctrl.ENABLE.mask() | Ctrl.TX_REQ_EN.mask());
        bench.finish();
        golden.equalsAccepted("bcm2835-paced");
    }
}
