package dmakit.hardware.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.random.Rng;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IotlbTest {
    private static final int TAG = 3;

    private final Iotlb iotlb = new Iotlb();

    private int fill(long address, int level, long phys) {
        return iotlb.fill(TAG, address, level, false, phys, Iotlb.WRITABLE);
    }

    @Test
    void neverHoldsMoreThanItsEntries() {
        for (long page = 0; page < 10L * Iotlb.ENTRY_COUNT; page++) {
            fill(page << 12, 3, page << 12);
            assertThat(iotlb.count()).isLessThanOrEqualTo(Iotlb.ENTRY_COUNT);
        }
        assertThat(iotlb.count()).isEqualTo(Iotlb.ENTRY_COUNT);
    }

    @Test
    void anEntryIsForItsTagAlone() {
        fill(0x1000, 3, 0x5000);
        assertThat(iotlb.find(TAG, 0x1fff)).isNotEqualTo(Iotlb.NONE);
        assertThat(iotlb.find(TAG + 1, 0x1000)).isEqualTo(Iotlb.NONE);
        assertThat(iotlb.find(TAG | 1 << Iotlb.ASID_BITS, 0x1000)).isEqualTo(Iotlb.NONE);
    }

    @Test
    void anEntryForAllIsForAllAsidsOfItsVmid() {
        iotlb.fill(TAG, 0x1000, 3, true, 0x5000, 0);
        assertThat(iotlb.find(TAG + 1, 0x1000)).isNotEqualTo(Iotlb.NONE);
        assertThat(iotlb.find(TAG | 1 << Iotlb.ASID_BITS, 0x1000)).isEqualTo(Iotlb.NONE);
    }

    @Test
    void pagesAndBlocksLieSideBySide() {
        int block = fill(0x20_0000, 2, 0x60_0000);
        int page = fill(0x1000, 3, 0x5000);
        int huge = fill(0x4000_0000, 1, 0x8000_0000L);
        assertThat(iotlb.find(TAG, 0x3f_ffff)).isEqualTo(block);
        assertThat(iotlb.find(TAG, 0x1000)).isEqualTo(page);
        assertThat(iotlb.find(TAG, 0x7fff_ffff)).isEqualTo(huge);
        assertThat(iotlb.lg2Size(block)).isEqualTo(21);
        assertThat(iotlb.levelOf(huge)).isEqualTo(1);
        assertThat(iotlb.physOf(page)).isEqualTo(0x5000);
    }

    @Test
    void whatItAnswersIsWhatItWasToldLast() {
        Rng rng = new Rng(7);
        Map<Long, Long> told = new TreeMap<>();
        for (int step = 0; step < 20_000; step++) {
            long page = rng.nextInt(2_000);
            long address = page << 12;
            switch (rng.nextInt(4)) {
                case 0 -> {
                    iotlb.invalidate(TAG, address);
                    told.remove(page);
                }
                case 1 -> {
                    long phys = rng.nextLong(1L << 36) << 12;
                    fill(address, 3, phys);
                    told.put(page, phys);
                }
                default -> {
                    int entry = iotlb.find(TAG, address);
                    if (entry != Iotlb.NONE) {
                        assertThat(iotlb.physOf(entry)).isEqualTo(told.get(page));
                    }
                }
            }
        }
    }
}
