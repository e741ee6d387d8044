package dmakit.hardware.bcm2835;

import static dmakit.hardware.bcm2835.DmaBench.COPY;
import static dmakit.hardware.bcm2835.DmaBench.bus;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class Bcm2835DmaTest {
    private static final int SOURCE = 0x10_0000;
    private static final int DEST = 0x20_0000;
    private static final int BLOCK = 0x1000;

    private final DmaBench bench = new DmaBench();

    @AfterEach
    void closeMachine() {
        bench.close();
    }

    private byte[] copied(int length) {
        return bench.peek(DEST, length);
    }

    @Nested
    class AMemoryCopy {
        private final byte[] bytes = bench.fill(SOURCE, 4096, 7);

        private void start(int ti, int length) {
            bench.block(BLOCK, ti, bus(SOURCE), bus(DEST), length, 0, 0);
            bench.start(0, BLOCK);
        }

        @Test
        void movesItsBytesAndSetsEnd() {
            start(COPY, 4096);
            bench.finish();
            assertThat(copied(4096)).isEqualTo(bytes);
            assertThat(bench.cs(0)).isEqualTo(Cs.END.mask() | Cs.DREQ.mask());
        }

        @Test
        void movesNothingBeforeTimePasses() {
            start(COPY, 4096);
            assertThat(copied(4)).containsOnly(0);
            assertThat(bench.isSet(0, Cs.ACTIVE)).isTrue();
        }

        @Test
        void endsAtTheExactByteWhateverItsLength() {
            start(COPY, 1021);
            bench.finish();
            assertThat(copied(1021)).isEqualTo(java.util.Arrays.copyOf(bytes, 1021));
            assertThat(bench.peek(DEST + 1021, 3)).containsOnly(0);
        }

        @Test
        void interruptsOnlyWhereAsked() {
            start(COPY, 64);
            bench.finish();
            assertThat(bench.irqs.get(0).isAsserted()).isFalse();
            start(Ti.INTEN.with(COPY, true), 64);
            bench.finish();
            assertThat(bench.irqs.get(0).isAsserted()).isTrue();
            assertThat(bench.read(DmaControllerRegister.INT_STATUS)).isEqualTo(1);
            bench.write(0, DmaChannelRegister.CS, Cs.INT.mask());
            assertThat(bench.irqs.get(0).isAsserted()).isFalse();
            assertThat(bench.read(DmaControllerRegister.INT_STATUS)).isZero();
        }
    }

    @Test
    void aChainRunsToItsEnd() {
        byte[] bytes = bench.fill(SOURCE, 64 * 100, 3);
        for (int i = 0; i < 100; i++) {
            int next = i == 99 ? 0 : bus(BLOCK + 32 * (i + 1));
            bench.block(
                    BLOCK + 32 * i, COPY, bus(SOURCE + 64 * i), bus(DEST + 64 * i), 64, 0, next);
        }
        bench.start(5, BLOCK);
        bench.finish();
        assertThat(copied(64 * 100)).isEqualTo(bytes);
        assertThat(bench.read(5, DmaChannelRegister.CONBLK_AD)).isZero();
        assertThat(bench.isSet(5, Cs.ACTIVE)).isFalse();
    }
}
