package dmakit.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTableTest {
    private static final long BASE = AddressLayout.VMALLOC_BASE;
    private static final long SIZE = AddressLayout.VMALLOC_SIZE;

    private final PageTable table = new PageTable(BASE, SIZE);

    @Test
    void everyPageReachesItsPhysicalPageInItsType() {
        for (MemoryType type : MemoryType.values()) {
            long va = BASE + 0x1000L * (type.ordinal() * 16L);
            table.map(va, 0x4000_0000_0000L, 0x3000, type);
            long entry = table.entryOf(va + 0x2abc);
            assertThat(PageTable.physOf(entry, va + 0x2abc)).isEqualTo(0x4000_0000_2abcL);
            assertThat(PageTable.typeOf(entry)).isEqualTo(type);
            assertThat(table.entryOf(va + 0x3000)).isEqualTo(PageTable.UNMAPPED);
        }
    }

    @Test
    void theWholeAreaCanBeMappedAndNothingBesides() {
        table.map(BASE, 0, 0x1000, MemoryType.DEVICE);
        table.map(BASE + SIZE - 0x1000, -0x1000, 0x1000, MemoryType.DEVICE);
        assertThat(PageTable.physOf(table.entryOf(BASE + SIZE - 1), BASE + SIZE - 1)).isEqualTo(-1);
        assertThat(table.entryOf(BASE - 1)).isEqualTo(PageTable.UNMAPPED);
        assertThat(table.entryOf(BASE + SIZE)).isEqualTo(PageTable.UNMAPPED);
        assertThatThrownBy(() -> table.map(BASE + SIZE - 0x1000, 0, 0x2000, MemoryType.DEVICE))
                .hasMessageContaining("outside");
        assertThatThrownBy(() -> table.map(BASE - 0x1000, 0, 0x2000, MemoryType.DEVICE))
                .hasMessageContaining("outside");
        assertThatThrownBy(() -> table.unmap(BASE + SIZE, 0x1000)).hasMessageContaining("outside");
    }

    @Test
    void aMappingThatMeetsAnotherLeavesNothingHalfDone() {
        table.map(BASE + 0x2000, 0, 0x1000, MemoryType.DEVICE);
        assertThatThrownBy(() -> table.map(BASE, 0x8000, 0x4000, MemoryType.WRITE_BACK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mapped already");
        assertThat(table.entryOf(BASE)).isEqualTo(PageTable.UNMAPPED);
        assertThat(table.entryOf(BASE + 0x3000)).isEqualTo(PageTable.UNMAPPED);
    }

    @Test
    void unmappedPagesAreFreeAgain() {
        table.map(BASE, 0x8000, 0x4000, MemoryType.WRITE_BACK);
        table.unmap(BASE + 0x1000, 0x1000);
        table.unmap(BASE + 0x100_0000L, 0x1000);
        assertThat(table.entryOf(BASE + 0x1fff)).isEqualTo(PageTable.UNMAPPED);
        assertThat(table.entryOf(BASE + 0x2000)).isNotEqualTo(PageTable.UNMAPPED);
        table.map(BASE + 0x1000, 0, 0x1000, MemoryType.WRITE_COMBINE);
    }

    @Test
    void whatIsNotAlignedIsRefused() {
        assertThatThrownBy(() -> table.map(BASE + 1, 0, 0x1000, MemoryType.DEVICE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.map(BASE, 0x10, 0x1000, MemoryType.DEVICE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.map(BASE, 0, 0x10, MemoryType.DEVICE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PageTable(BASE, 0x1000))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anObserverHearsOfWhatIsMappedInRunsAndOfEveryChange() {
        table.map(BASE + 0x1000, 0x8000, 0x2000, MemoryType.WRITE_BACK);
        table.map(BASE + 0x3000, 0xa000, 0x1000, MemoryType.DEVICE);
        table.map(BASE + 0x100_0000L, 0xb000, 0x1000, MemoryType.WRITE_BACK);
        List<String> heard = new ArrayList<>();
        PageTable.Observer observer = recording(heard);
        table.observe(observer);
        table.map(BASE, 0x2_0000, 0x1000, MemoryType.WRITE_COMBINE);
        table.unmap(BASE, 0x2000);
        table.forget(observer);
        table.unmap(BASE + 0x2000, 0x1000);
        assertThat(heard)
                .containsExactly(
                        "1000 -> 8000, 2000 WRITE_BACK",
                        "3000 -> a000, 1000 DEVICE",
                        "1000000 -> b000, 1000 WRITE_BACK",
                        "0 -> 20000, 1000 WRITE_COMBINE",
                        "0, 2000 unmapped");
    }

    private static PageTable.Observer recording(List<String> heard) {
        return new PageTable.Observer() {
            @Override
            public void mapped(long va, long phys, long bytes, MemoryType type) {
                heard.add("%x -> %x, %x %s".formatted(va - BASE, phys, bytes, type));
            }

            @Override
            public void unmapped(long va, long bytes) {
                heard.add("%x, %x unmapped".formatted(va - BASE, bytes));
            }
        };
    }
}
