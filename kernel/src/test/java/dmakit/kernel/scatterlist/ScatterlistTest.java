package dmakit.kernel.scatterlist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.machine.cpu.AddressLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ScatterlistTest {
    private static final long LINEAR = AddressLayout.LINEAR_BASE;

    /** Entries of 10, 11, 12, ... bytes in pages of their own. */
    private static Scatterlist list(int entries) {
        Scatterlist sg = new Scatterlist(entries);
        for (int i = 0; i < entries; i++) {
            sg.setPage(i, 0x1000L * (i + 1), 10 + i, 0);
        }
        return sg;
    }

    private static List<Long> lengths(Scatterlist sg) {
        List<Long> lengths = new ArrayList<>();
        for (Scatterlist run = sg; run != null; run = run.next()) {
            for (int i = 0; i < run.count(); i++) {
                lengths.add(run.length(i));
            }
        }
        return lengths;
    }

    @Test
    void aNewListEndsAtItsLastEntry() {
        Scatterlist sg = new Scatterlist(3);
        assertThat(sg.entries()).isEqualTo(3);
        assertThat(sg.isLast(2)).isTrue();
        assertThat(sg.isLast(1)).isFalse();
        assertThatThrownBy(() -> new Scatterlist(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBufferIsItsPageAndItsOffset() {
        Scatterlist sg = Scatterlist.ofOne(LINEAR + 0x12345, 0x2000);
        assertThat(sg.page(0)).isEqualTo(0x12000);
        assertThat(sg.offset(0)).isEqualTo(0x345);
        assertThat(sg.phys(0)).isEqualTo(0x12345);
        assertThat(sg.va(0)).isEqualTo(LINEAR + 0x12345);
        assertThat(sg.length(0)).isEqualTo(0x2000);
    }

    @Test
    void onlyTheLinearMapHasBuffersForDevices() {
        assertThatThrownBy(() -> Scatterlist.ofOne(AddressLayout.VMALLOC_BASE, 8))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anOffsetMayExceedAPageAndALengthMayHave32Bits() {
        Scatterlist sg = new Scatterlist(1);
        sg.setPage(0, 0x1000, 0xffff_ffffL, 0x5004);
        assertThat(sg.phys(0)).isEqualTo(0x6004);
        assertThat(sg.length(0)).isEqualTo(0xffff_ffffL);
        assertThatThrownBy(() -> sg.setPage(0, 0x1000, 0x1_0000_0000L, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> sg.setPage(0, 0x1004, 8, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTwoViewsOfAnEntryAreIndependent() {
        Scatterlist sg = list(2);
        sg.setDma(0, 0xc000_0000L, 0xffff_ffffL);
        assertThat(sg.dmaAddress(0)).isEqualTo(0xc000_0000L);
        assertThat(sg.dmaLength(0)).isEqualTo(0xffff_ffffL);
        assertThat(sg.length(0)).isEqualTo(10);
    }

    @Nested
    class AChain {
        @Test
        void losesTheEntryThatBecomesTheLink() {
            Scatterlist first = list(3);
            first.chain(list(2));
            assertThat(lengths(first)).containsExactly(10L, 11L, 10L, 11L);
            assertThat(first.entries()).isEqualTo(4);
            assertThat(first.isLast(2)).isFalse();
        }

        @Test
        void mayHaveManyLinks() {
            Scatterlist last = list(2);
            Scatterlist middle = list(2);
            Scatterlist first = list(2);
            middle.chain(last);
            first.chain(middle);
            assertThat(lengths(first)).containsExactly(10L, 10L, 10L, 11L);
        }

        @Test
        void endsWhereItIsMarked() {
            Scatterlist first = list(4);
            first.chain(list(2));
            first.markEnd(1);
            assertThat(lengths(first)).containsExactly(10L, 11L);
        }

        @Test
        void thatIsARingIsRefused() {
            Scatterlist ring = list(2);
            ring.chain(ring);
            assertThatThrownBy(ring::entries).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(ring::bytes).isInstanceOf(IllegalArgumentException.class);
            assertThat(ring.entriesFor(35)).isEqualTo(4);
        }
    }

    @Test
    void entriesForALengthAreThoseThatHoldIt() {
        Scatterlist sg = list(3);
        assertThat(sg.entriesFor(0)).isZero();
        assertThat(sg.entriesFor(1)).isEqualTo(1);
        assertThat(sg.entriesFor(10)).isEqualTo(1);
        assertThat(sg.entriesFor(11)).isEqualTo(2);
        assertThat(sg.entriesFor(33)).isEqualTo(3);
        assertThat(sg.bytes()).isEqualTo(33);
        assertThatThrownBy(() -> sg.entriesFor(34))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }

    @Test
    void theDevicesRangesGoOnInTheNextRunAndStopWhereTheArraysEnd() {
        Scatterlist first = list(3);
        Scatterlist second = list(2);
        first.chain(second);
        for (int i = 0; i < 2; i++) {
            first.setDma(i, 0x100 + i, 1 + i);
            second.setDma(i, 0x200 + i, 3 + i);
        }
        long[] starts = new long[3];
        long[] sizes = new long[3];
        assertThat(first.dmaRanges(starts, sizes)).isEqualTo(3);
        assertThat(starts).containsExactly(0x100, 0x101, 0x200);
        assertThat(sizes).containsExactly(1, 2, 3);
        assertThat(second.dmaRanges(starts, sizes)).isEqualTo(2);
    }
}
