package dmakit.kernel.scatterlist;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.MemoryFixture;
import dmakit.kernel.mm.Gfp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SgCopyTest {
    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final SgCopy copy = new SgCopy(kernel.calls, kernel.machine.cpu());
    private final long va = kernel.mm.slab().kzalloc(16384, Gfp.KERNEL);

    @AfterEach
    void close() {
        kernel.close();
    }

    /** 100 bytes, none, 200 bytes and, chained, 50 bytes. */
    private Scatterlist list() {
        Scatterlist sg = new Scatterlist(4);
        sg.setBuffer(0, va + 10, 100);
        sg.setBuffer(1, va + 4096, 0);
        sg.setBuffer(2, va + 4096, 200);
        sg.chain(Scatterlist.ofOne(va + 8192, 50));
        return sg;
    }

    private static byte[] numbers(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i + 1);
        }
        return bytes;
    }

    @Test
    void bytesGoInAndComeOutInOrder() {
        byte[] bytes = numbers(350);
        assertThat(copy.fromArray(list(), 4, bytes, 0, 350, 0)).isEqualTo(350);
        byte[] back = new byte[350];
        assertThat(copy.toArray(list(), 4, back, 0, 350, 0)).isEqualTo(350);
        assertThat(back).isEqualTo(bytes);
        assertThat(kernel.machine.cpu().load8(va + 8192)).isEqualTo(bytes[300]);
    }

    @Test
    void theShorterOfListAndArrayCounts() {
        assertThat(copy.fromArray(list(), 4, numbers(400), 0, 400, 0)).isEqualTo(350);
        assertThat(copy.fromArray(list(), 3, numbers(400), 0, 400, 0)).isEqualTo(300);
        assertThat(copy.fromArray(list(), 4, numbers(400), 0, 30, 0)).isEqualTo(30);
        assertThat(copy.fromArray(list(), 4, numbers(400), 0, 0, 0)).isZero();
    }

    @Test
    void skippedBytesStayAndASkipToTheEndCopiesNothing() {
        copy.fromArray(list(), 4, numbers(350), 0, 350, 0);
        byte[] back = new byte[20];
        assertThat(copy.toArray(list(), 4, back, 0, 20, 90)).isEqualTo(20);
        assertThat(back).isEqualTo(Arrays.copyOfRange(numbers(350), 90, 110));
        assertThat(copy.toArray(list(), 4, back, 0, 20, 340)).isEqualTo(10);
        assertThat(copy.toArray(list(), 4, back, 0, 20, 350)).isZero();
        assertThat(copy.toArray(list(), 4, back, 0, 20, 1000)).isZero();
    }

    @Test
    void zeroingFollowsTheSameRules() {
        copy.fromArray(list(), 4, numbers(350), 0, 350, 0);
        assertThat(copy.zero(list(), 4, 100, 50)).isEqualTo(100);
        byte[] back = new byte[350];
        copy.toArray(list(), 4, back, 0, 350, 0);
        byte[] wanted = numbers(350);
        Arrays.fill(wanted, 50, 150, (byte) 0);
        assertThat(back).isEqualTo(wanted);
    }

    @Nested
    class TheIterator {
        private List<String> pieces(SgMappingIterator at) {
            List<String> pieces = new ArrayList<>();
            while (at.next()) {
                pieces.add("%x+%d".formatted(at.address() - va, at.length()));
            }
            return pieces;
        }

        @Test
        void stopsAtPageBordersAndSkipsEmptyEntries() {
            Scatterlist sg = new Scatterlist(3);
            sg.setBuffer(0, va + 4000, 200);
            sg.setBuffer(1, va, 0);
            sg.setBuffer(2, va + 8192, 5000);
            assertThat(pieces(new SgMappingIterator(sg, 3)))
                    .containsExactly("fa0+96", "1000+104", "2000+4096", "3000+904");
            assertThat(pieces(new SgMappingIterator(sg, 1))).containsExactly("fa0+96", "1000+104");
        }

        @Test
        void goesOnBehindWhatWasConsumed() {
            SgMappingIterator at = new SgMappingIterator(list(), 4);
            assertThat(at.next()).isTrue();
            at.consume(30);
            assertThat(at.next()).isTrue();
            assertThat(at.address() - va).isEqualTo(40);
            assertThat(at.length()).isEqualTo(70);
        }

        @Test
        void followsChainsAndSkips() {
            SgMappingIterator at = new SgMappingIterator(list(), 4);
            assertThat(at.skip(320)).isTrue();
            assertThat(at.next()).isTrue();
            assertThat(at.address() - va).isEqualTo(8192 + 20);
            assertThat(at.length()).isEqualTo(30);
            assertThat(at.next()).isFalse();
            assertThat(new SgMappingIterator(list(), 4).skip(351)).isFalse();
        }
    }
}
