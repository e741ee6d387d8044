package dmakit.kernel.boot;

import dmakit.kernel.Linux;
import dmakit.kernel.cma.Cma;
import dmakit.kernel.cma.CmaArea;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.mm.ZoneLayout;
import dmakit.machine.memory.Ram;
import java.util.Locale;

/**
 * {@code /proc/buddyinfo} and {@code /proc/zoneinfo}: how much of each zone is free, and in which
 * pieces. Zones without memory are left out; there is one node.
 */
final class ZoneFiles {
    private static final int READABLE = 0444;
    private static final int READABLE_BY_ROOT = 0400;

    private final Ram ram;
    private final PageAllocator pages;
    private final Cma cma;

    private ZoneFiles(Ram ram, PageAllocator pages, Cma cma) {
        this.ram = ram;
        this.pages = pages;
        this.cma = cma;
    }

    /** Makes the files. */
    static void make(Directory proc, Ram ram, PageAllocator pages, Cma cma) {
        ZoneFiles files = new ZoneFiles(ram, pages, cma);
        proc.makeText("buddyinfo", READABLE_BY_ROOT, files::buddyinfo);
        proc.makeText("zoneinfo", READABLE, files::zoneinfo);
    }

    /** Free blocks of each order. Contiguous areas, which are no blocks here, do not count. */
    @Linux(file = "mm/vmstat.c", symbol = "frag_show_print")
    private String buddyinfo() {
        StringBuilder text = new StringBuilder();
        for (Zone zone : Zone.values()) {
            if (present(zone) == 0) {
                continue;
            }
            text.append(String.format(Locale.ROOT, "Node 0, zone %8s ", zone.label()));
            for (int order = 0; order <= PageAllocator.ORDER_MAX; order++) {
                text.append(String.format(Locale.ROOT, "%6d ", pages.freeBlocks(zone, order)));
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** The counts of pages; watermarks and what is kept for each CPU are not modelled. */
    @Linux(file = "mm/vmstat.c", symbol = "zoneinfo_show_print")
    private String zoneinfo() {
        ZoneLayout zones = pages.zones();
        StringBuilder text = new StringBuilder();
        for (Zone zone : Zone.values()) {
            if (present(zone) == 0) {
                continue;
            }
            long start = VirtualMemory.pfnOf(zones.startOf(zone));
            text.append(
                    String.format(
                            Locale.ROOT,
                            """
                            Node 0, zone %8s
                              pages free     %d
                                    spanned  %d
                                    present  %d
                                    managed  %d
                                    cma      %d
                              start_pfn:           %d
                            """,
                            zone.label(),
                            pages.freePages(zone),
                            VirtualMemory.pfnOf(zones.endOf(zone)) - start,
                            present(zone),
                            pages.managedPages(zone),
                            contiguous(zone),
                            start));
        }
        return text.toString();
    }

    /** Pages of RAM in a zone. */
    private long present(Zone zone) {
        long start = pages.zones().startOf(zone);
        long end = pages.zones().endOf(zone);
        long bytes = 0;
        for (Ram.Bank bank : ram.banks()) {
            bytes += Math.max(0, Math.min(end, bank.end()) - Math.max(start, bank.base()));
        }
        return bytes >> VirtualMemory.LG2_PAGE;
    }

    private long contiguous(Zone zone) {
        return cma.areas().stream()
                .filter(area -> pages.zones().zoneOf(area.base()) == zone)
                .mapToLong(CmaArea::pages)
                .sum();
    }
}
