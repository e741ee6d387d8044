package dmakit.kernel.scatterlist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SgTableTest {
    private static final long PAGE = 4096;

    private static List<String> entries(SgTable table) {
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < table.origNents(); i++) {
            entries.add("%x+%x".formatted(table.sgl().phys(i), table.sgl().length(i)));
        }
        return entries;
    }

    private static void refuses(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void bothCountsStartAsTheNumberOfEntries() {
        SgTable table = SgTable.allocate(300);
        assertThat(table.nents()).isEqualTo(300);
        assertThat(table.origNents()).isEqualTo(300);
        table.setNents(2);
        assertThat(table.origNents()).isEqualTo(300);
    }

    @Test
    void sizesThatMakeNoSenseAreRefused() {
        refuses(Errno.EINVAL, () -> SgTable.allocate(0));
        refuses(Errno.ENOMEM, () -> SgTable.allocate(-1));
        refuses(Errno.ENOMEM, () -> SgTable.allocate(SgTable.ENTRIES_MAX + 1));
    }

    @Test
    void pagesBehindEachOtherShareAnEntry() {
        long[] pages = {0x1000, 0x2000, 0x3000, 0x8000, 0x7000, 0x9000};
        assertThat(entries(SgTable.fromPages(pages, 6, 0, 6 * PAGE)))
                .containsExactly("1000+3000", "8000+1000", "7000+1000", "9000+1000");
    }

    @Test
    void theFirstEntryHasTheOffsetAndTheLastTheRest() {
        long[] pages = {0x1000, 0x2000, 0x8000};
        assertThat(entries(SgTable.fromPages(pages, 3, 0x10, 2 * PAGE + 8)))
                .containsExactly("1010+1ff0", "8000+18");
    }

    @Test
    void anEntryEndsAtTheLargestSegment() {
        long[] pages = {0x1000, 0x2000, 0x3000, 0x4000, 0x5000};
        assertThat(entries(SgTable.fromPages(pages, 5, 0, 5 * PAGE, 2 * PAGE + 5)))
                .containsExactly("1000+2000", "3000+2000", "5000+1000");
        assertThat(entries(SgTable.fromPages(pages, 5, 0, 5 * PAGE, PAGE))).hasSize(5);
    }

    @Test
    void segmentsBelowAPageAndBrokenPagesAreRefused() {
        long[] pages = {0x1000, 0x2001};
        refuses(Errno.EINVAL, () -> SgTable.fromPages(pages, 1, 0, PAGE, PAGE - 1));
        refuses(Errno.EINVAL, () -> SgTable.fromPages(pages, 2, 0, 2 * PAGE));
        refuses(Errno.EINVAL, () -> SgTable.fromPages(pages, 0, 0, 0));
        refuses(Errno.EINVAL, () -> SgTable.fromPages(pages, 3, 0, 3 * PAGE));
        refuses(Errno.EINVAL, () -> SgTable.fromPages(pages, 1, -1, PAGE));
    }
}
