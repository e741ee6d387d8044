package dmakit.kernel.drivers.axidmac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.axidmac.InterfaceType;
import dmakit.kernel.DmaException;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.TransferDirection;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PiecesTest {
    private static Pieces of(
            InterfaceType source, InterfaceType destination, long lengthMax, boolean rectangles) {
        int align = source.isMemory() && destination.isMemory() ? 0 : 7;
        return new Pieces(
                new Core(
                        source,
                        destination,
                        8,
                        8,
                        lengthMax,
                        align,
                        -1L,
                        true,
                        rectangles,
                        false,
                        true,
                        true));
    }

    private static final Pieces TO_DEVICE =
            of(InterfaceType.AXI_MM, InterfaceType.AXI_STREAM, 1024, false);

    private static List<Long> lengths(List<Piece> pieces) {
        return pieces.stream().map(piece -> piece.rowBytes).toList();
    }

    @Nested
    class OfMemory {
        private List<Piece> vector(long size) {
            return TO_DEVICE.vector(
                    new long[] {0x1000}, new long[] {size}, TransferDirection.MEM_TO_DEV);
        }

        @Test
        void areWholeWhereTheCoreCanCountThem() {
            assertThat(lengths(vector(1024))).containsExactly(1024L);
        }

        @Test
        void areOfOneSizeOtherwiseAndEndWithAWord() {
            assertThat(lengths(vector(1032))).containsExactly(520L, 512L);
            assertThat(lengths(vector(3 * 1024 + 8))).containsExactly(776L, 776L, 776L, 752L);
        }

        @Test
        void followEachOther() {
            assertThat(vector(2048).get(1).source).isEqualTo(0x1400);
        }

        @Test
        void areOfTheDirectionOfTheCore() {
            assertThatThrownBy(() ->
                            TO_DEVICE.vector(
                                    new long[] {0}, new long[] {8}, TransferDirection.DEV_TO_MEM))
                    .isInstanceOf(DmaException.class)
                    .hasMessageContaining("DMA_DEV_TO_MEM of a core for DMA_MEM_TO_DEV");
        }

        @Test
        void areAsManyAsThereMayBeAndNotOneMore() {
            long most = 1024L * Pieces.COUNT_MAX;
            assertThat(TO_DEVICE.ring(0, most, 1024, TransferDirection.MEM_TO_DEV))
                    .hasSize(Pieces.COUNT_MAX);
            assertThatThrownBy(() ->
                            TO_DEVICE.ring(0, most + 1024, 1024, TransferDirection.MEM_TO_DEV))
                    .isInstanceOf(DmaException.class);
        }
    }

    @Nested
    class OfRows {
        private static InterleavedTemplate rectangle(int rows, long bytes, long gap) {
            return InterleavedTemplate.rectangle(0x1000, 0x2000, rows, bytes, gap, gap);
        }

        private static Pieces copier(boolean rectangles) {
            return of(InterfaceType.AXI_MM, InterfaceType.AXI_MM, 1024, rectangles);
        }

        @Test
        void areOneWhereTheCoreHasRows() {
            Piece piece = copier(true).rows(rectangle(10, 100, 28));

            assertThat(piece.rowBytes).isEqualTo(100);
            assertThat(piece.rows).isEqualTo(10);
            assertThat(piece.sourceStride).isEqualTo(128);
        }

        @Test
        void withoutGapsAreOneRowWhereItHasNone() {
            Piece piece = copier(false).rows(rectangle(10, 100, 0));

            assertThat(piece.rowBytes).isEqualTo(1000);
            assertThat(piece.rows).isEqualTo(1);
        }

        @Test
        void thatTheCoreCannotCountAreRefused() {
            for (Runnable refused :
                    List.<Runnable>of(
                            () -> copier(false).rows(rectangle(11, 100, 0)),
                            () -> copier(false).rows(rectangle(2, 100, 4)),
                            () -> copier(true).rows(rectangle(2, 1000, 32)),
                            () -> copier(true).rows(rectangle(0, 8, 0)),
                            () -> TO_DEVICE.rows(rectangle(1, 8, 0)))) {
                assertThatThrownBy(refused::run).isInstanceOf(DmaException.class);
            }
        }
    }
}
