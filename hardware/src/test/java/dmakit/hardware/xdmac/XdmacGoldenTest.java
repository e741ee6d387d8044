package dmakit.hardware.xdmac;

import static dmakit.hardware.xdmac.XdmacBench.COPY;

import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Addressing;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cis;
import dmakit.datasheet.xdmac.XdmacDescriptor.Ubc;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.hardware.GoldenTrace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class XdmacGoldenTest {
    private static final int SOURCE = 0x10_0000;
    private static final int DEST = 0x20_0000;
    private static final int LIST = 0x1000;
    private static final int WORDS = COPY | Cc.DWIDTH.of(2);

    private final XdmacBench bench = new XdmacBench();
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
    void aListOfACopyAndAFilledRectangle() {
        golden.say("1000 words, then three rows of 64 bytes, 192 bytes apart");
        int updates = Ubc.NSEN.mask() | Ubc.NDEN.mask() | Ubc.NVIEW.of(3);
        int fill = Cc.DAM.with(WORDS, Addressing.MICROBLOCK_STRIDE.ordinal()) | Cc.MEMSET.mask();
        bench.descriptor(LIST, LIST + 0x40, Ubc.NDE.mask() | updates | 1000, SOURCE, DEST, WORDS);
        bench.descriptor(
                LIST + 0x40, 0, updates | 16, 0, DEST + 8192, fill, 2, 0x5a5a_5a5a, 0, 192);
        bench.write(2, XdmacChannelRegister.CIE, Cis.LIS.mask() | Cis.RBEIS.mask());
        bench.write(XdmacRegister.GIE, 1 << 2);
        bench.startList(2, LIST, 3);
        golden.say("half way the driver asks for the residue");
        bench.pass(1500 * Timing.CYCLE_PS);
        bench.read(2, XdmacChannelRegister.CUBC);
        bench.finish();
        golden.say("the handler asks which channel, and why");
        bench.read(XdmacRegister.GIS);
        bench.read(2, XdmacChannelRegister.CIS);
        golden.equalsAccepted("xdmac-list");
    }

    @Test
    void aReadThatIsRefused() {
        golden.say("32 words, of which RAM has the first 24");
        bench.write(0, XdmacChannelRegister.CIE, Cis.RBEIS.mask());
        bench.write(XdmacRegister.GIE, 1);
        bench.start(0, WORDS, (int) XdmacBench.RAM_SIZE - 96, DEST, 32, 0);
        bench.finish();
        golden.say("the channel stands where it is until the driver disables it");
        bench.read(0, XdmacChannelRegister.CIS);
        bench.read(0, XdmacChannelRegister.CUBC);
        bench.read(XdmacRegister.GS);
        bench.write(XdmacRegister.GD, 1);
        bench.read(XdmacRegister.GS);
        golden.equalsAccepted("xdmac-refused-read");
    }
}
