package dmakit.oracle.bcm2835;

import static dmakit.datasheet.bcm2835.DmaChannelRegister.CONBLK_AD;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.CS;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.DEST_AD;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.NEXTCONBK;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.SOURCE_AD;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.STRIDE;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.TI;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.TXFR_LEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Debug;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Stride;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.DmaChannelRegister.TxfrLen;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.oracle.Listed;
import dmakit.oracle.QemuSilentException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each difference of {@link Difference}: ours does what the manual says, and QEMU what is listed,
 * or by now the same.
 */
class Bcm2835DifferencesTest {
    private static final int BLOCK = 0x1000;
    private static final int SOURCE = 0x1_0000;
    private static final int DEST = 0x2_0000;
    private static final int COPY = Ti.SRC_INC.mask() | Ti.DEST_INC.mask();
    private static final int NOWHERE = 0x3fff_0000;
    private static final int LITE = 7;
    private static final Duration LONG_ENOUGH = Duration.ofMillis(1500);

    private final Bcm2835Pair pair = new Bcm2835Pair();

    @BeforeEach
    void powerOn() {
        pair.powerOn();
        byte[] source = new byte[256];
        byte[] dest = new byte[256];
        for (int i = 0; i < source.length; i++) {
            source[i] = (byte) (i + 1);
            dest[i] = (byte) 0xee;
        }
        pair.poke(SOURCE, source);
        pair.poke(DEST, dest);
    }

    @AfterEach
    void close() {
        pair.close();
    }

    private void block(int ti, int length) {
        block(ti, SOURCE, length, 0, 0);
    }

    private void block(int ti, int source, int length, int stride, int next) {
        pair.poke(BLOCK, Bcm2835Pair.block(ti, source, DEST, length, stride, next));
    }

    private void start(int channel) {
        pair.store(channel, CONBLK_AD, BLOCK);
        pair.store(channel, CS, Cs.ACTIVE.mask());
    }

    private void registersDiffer(
            Difference difference, int channel, DmaChannelRegister register, int ours, int qemu) {
        Listed.register(
                difference,
                Bcm2835Pair.load(pair.ours(), channel, register),
                ours,
                Bcm2835Pair.load(pair.qemu, channel, register),
                qemu);
    }

    private void memoriesDiffer(Difference difference, int bytes, String ours, String qemu) {
        Listed.memory(
                difference, pair.ours().peek(DEST, bytes), ours, pair.qemu.peek(DEST, bytes), qemu);
    }

    @Test
    void theLevelOfARequestLineShows() {
        block(0, 0);
        start(0);
        int ended = Cs.END.mask() | Cs.PAUSED.mask();
        registersDiffer(Difference.DREQ_LEVEL, 0, CS, ended | Cs.DREQ.mask(), ended);
    }

    @Test
    void channelFifteenHasNoEnableBit() {
        long enable = Bcm2835Pair.DMA + DmaControllerRegister.ENABLE.offset();
        Listed.register(
                Difference.ENABLE_15,
                (int) pair.ours().load(enable, 4),
                0x7fff,
                (int) pair.qemu.load(enable, 4),
                0xffff);
    }

    @Test
    void debugTakesNoStoresButClearsFlags() {
        pair.store(0, DmaChannelRegister.DEBUG, -1);
        registersDiffer(
                Difference.DEBUG,
                0,
                DmaChannelRegister.DEBUG,
                DmaChannelRegister.DEBUG.reset(),
                -1);
    }

    @Test
    void resetForgetsTheBlockAndTheInterrupt() {
        block(COPY | Ti.INTEN.mask(), 8);
        start(0);
        pair.store(0, CS, Cs.RESET.mask());
        registersDiffer(Difference.RESET, 0, TI, 0, COPY | Ti.INTEN.mask());
        registersDiffer(Difference.RESET, 0, SOURCE_AD, 0, SOURCE + 8);
        registersDiffer(Difference.RESET, 0, DEST_AD, 0, DEST + 8);
        long status = Bcm2835Pair.DMA + DmaControllerRegister.INT_STATUS.offset();
        Listed.register(
                Difference.RESET,
                (int) pair.ours().load(status, 4),
                0,
                (int) pair.qemu.load(status, 4),
                1);
    }

    @Test
    void anActiveChannelWaitsForItsAddress() {
        pair.store(0, CS, Cs.ACTIVE.mask());
        registersDiffer(Difference.ACTIVE_WITHOUT_BLOCK, 0, CS, Cs.ACTIVE.mask(), Cs.PAUSED.mask());
        block(COPY, 4);
        pair.store(0, CONBLK_AD, BLOCK);
        memoriesDiffer(Difference.ACTIVE_WITHOUT_BLOCK, 5, "01020304ee", "eeeeeeeeee");
    }

    @Test
    void theNextAddressMayBeReplaced() {
        pair.store(0, NEXTCONBK, 0x40);
        registersDiffer(Difference.NEXTCONBK, 0, NEXTCONBK, 0x40, 0);
    }

    @Test
    void theLowBitsOfABlocksAddressCannotBeSet() {
        pair.store(0, CONBLK_AD, 0x105f);
        registersDiffer(Difference.BLOCK_ALIGNMENT, 0, CONBLK_AD, 0x1040, 0x105f);
    }

    @Test
    void aChannelWithoutPowerRests() {
        long enable = Bcm2835Pair.DMA + DmaControllerRegister.ENABLE.offset();
        pair.ours().store(enable, 4, 0x7ffe);
        pair.qemu.store(enable, 4, 0x7ffe);
        block(COPY, 4);
        start(0);
        pair.ours().store(enable, 4, 0x7fff);
        pair.qemu.store(enable, 4, 0x7fff);
        pair.settle();
        memoriesDiffer(Difference.NO_POWER, 5, "01020304ee", "eeeeeeeeee");
    }

    @Test
    void ignoredReadsWriteWithoutStrobes() {
        block(COPY | Ti.SRC_IGNORE.mask(), 4);
        start(0);
        memoriesDiffer(Difference.ZERO_STROBES, 5, "eeeeeeeeee", "00000000ee");
    }

    @Test
    void aWideBeatThatStandsStillMovesSixteenBytes() {
        block(Ti.SRC_WIDTH.mask() | Ti.DEST_INC.mask(), 16);
        start(0);
        memoriesDiffer(
                Difference.WIDE_BEATS,
                16,
                "0102030405060708090a0b0c0d0e0f10",
                "01020304010203040102030401020304");
    }

    @Test
    void rowsAreOneMoreThanYlength() {
        block(
                COPY | Ti.TDMODE.mask(),
                SOURCE,
                TxfrLen.YLENGTH.of(1) | TxfrLen.XLENGTH.of(4),
                Stride.D_STRIDE.of(4) | Stride.S_STRIDE.of(4),
                0);
        start(0);
        memoriesDiffer(
                Difference.ROWS,
                16,
                "01020304eeeeeeee090a0b0ceeeeeeee",
                "01020304eeeeeeeeeeeeeeeeeeeeeeee");
        registersDiffer(Difference.ROWS_LEFT, 0, TXFR_LEN, 0, TxfrLen.YLENGTH.of(1));
    }

    @Test
    void aLiteChannelHasNoStrideAndNoRows() {
        block(COPY | Ti.TDMODE.mask() | Ti.DEST_IGNORE.mask(), SOURCE, 4, 0x0004_0004, 0);
        start(LITE);
        registersDiffer(
                Difference.LITE, LITE, TI, COPY, COPY | Ti.TDMODE.mask() | Ti.DEST_IGNORE.mask());
        registersDiffer(Difference.LITE, LITE, STRIDE, 0, 0x0004_0004);
        memoriesDiffer(Difference.LITE, 5, "01020304ee", "eeeeeeeeee");
    }

    @Test
    void whereNothingAnswersAReadFails() {
        block(COPY | Ti.INTEN.mask(), NOWHERE, 4, 0, 0);
        start(0);
        assertThat(Debug.READ_ERROR.isSet(debug())).isTrue();
        int refused = Cs.ERROR.mask() | Cs.INT.mask() | Cs.PAUSED.mask() | Cs.DREQ.mask();
        int ended = Cs.END.mask() | Cs.INT.mask() | Cs.PAUSED.mask();
        registersDiffer(Difference.READ_ERROR, 0, CS, refused, ended);
        memoriesDiffer(Difference.READ_ERROR, 5, "eeeeeeeeee", "00000000ee");
    }

    private int debug() {
        return Bcm2835Pair.load(pair.ours(), 0, DmaChannelRegister.DEBUG);
    }

    @Test
    void reservedBitsAreNotKept() {
        block(COPY | 0xf800_0004, 4);
        start(0);
        registersDiffer(Difference.RESERVED_BITS, 0, TI, COPY, COPY | 0xf800_0004);
    }

    @Test
    void aLengthEndsAtItsByte() {
        block(COPY, 7);
        pair.ours().store(Bcm2835Pair.address(0, CONBLK_AD), 4, BLOCK);
        pair.ours().store(Bcm2835Pair.address(0, CS), 4, Cs.ACTIVE.mask());
        pair.settle();
        assertThat(pair.ours().peek(DEST, 8)).containsExactly(1, 2, 3, 4, 5, 6, 7, (byte) 0xee);
        pair.qemu.patience(LONG_ENOUGH);
        pair.qemu.store(Bcm2835Pair.address(0, CONBLK_AD), 4, BLOCK);
        pair.qemu.store(Bcm2835Pair.address(0, CS), 4, Cs.ACTIVE.mask());
        assertThatThrownBy(() -> pair.qemu.peek(DEST, 8))
                .as(Difference.ODD_LENGTH.name())
                .isInstanceOf(QemuSilentException.class);
    }

    @Test
    void aChainThatReturnsToItselfCostsSimulatedTimeAlone() {
        block(COPY, SOURCE, 4, 0, BLOCK);
        pair.ours().store(Bcm2835Pair.address(0, CONBLK_AD), 4, BLOCK);
        pair.ours().store(Bcm2835Pair.address(0, CS), 4, Cs.ACTIVE.mask());
        assertThat(pair.ours().settle(10_000)).as("nothing left to do").isFalse();
        assertThat(Cs.ACTIVE.isSet(Bcm2835Pair.load(pair.ours(), 0, CS))).isTrue();
        pair.qemu.patience(LONG_ENOUGH);
        pair.qemu.store(Bcm2835Pair.address(0, CONBLK_AD), 4, BLOCK);
        pair.qemu.store(Bcm2835Pair.address(0, CS), 4, Cs.ACTIVE.mask());
        assertThatThrownBy(() -> pair.qemu.peek(DEST, 8))
                .as(Difference.ENDLESS_CHAIN.name())
                .isInstanceOf(QemuSilentException.class);
    }
}
