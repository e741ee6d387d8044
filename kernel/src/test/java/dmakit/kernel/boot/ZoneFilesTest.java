package dmakit.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.TestTrees;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.Zone;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ZoneFilesTest {
    private static final long MIB = 1 << 20;

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 64 * MIB)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final Kernel kernel =
            Kernel.boot(machine, TestTrees.soc(), TestTrees.LINES, _ -> {}, "cma=8M");

    @AfterEach
    void close() {
        machine.close();
    }

    private String read(String path) {
        return kernel.files().read(path);
    }

    @Test
    void buddyinfoHasALineOfElevenOrdersForEachZoneWithMemory() {
        List<String> lines = read("/proc/buddyinfo").lines().toList();
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).matches("Node 0, zone      DMA (( *\\d+) ){11}");
    }

    @Test
    void buddyinfoCountsAllThatIsFreeButContiguousAreas() {
        String[] words = read("/proc/buddyinfo").strip().split("\\s+");
        int[] blocks = Arrays.stream(words).skip(4).mapToInt(Integer::parseInt).toArray();
        long free = 0;
        for (int order = 0; order <= PageAllocator.ORDER_MAX; order++) {
            free += (long) blocks[order] << order;
        }
        assertThat(free)
                .isEqualTo(kernel.mm().pages().freePages(Zone.DMA) - kernel.cma().freePages());
    }

    @Test
    void zoneinfoCountsPages() {
        long free = kernel.mm().pages().freePages(Zone.DMA);
        assertThat(read("/proc/zoneinfo"))
                .isEqualTo(
                        "Node 0, zone      DMA\n"
                                + "  pages free     "
                                + free
                                + "\n        spanned  16384\n        present  16384\n"
                                + "        managed  "
                                + kernel.mm().pages().managedPages()
                                + "\n        cma      2048\n"
                                + "  start_pfn:           0\n");
        kernel.mm().pages().allocPages(Gfp.KERNEL, 3);
        assertThat(read("/proc/zoneinfo")).contains("pages free     " + (free - 8) + "\n");
    }
}
