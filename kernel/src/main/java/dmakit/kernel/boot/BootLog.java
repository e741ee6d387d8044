package dmakit.kernel.boot;

import dmakit.devicetree.DeviceTree;
import dmakit.kernel.Architecture;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.mm.ZoneLayout;

/** What a booting kernel says of the machine, in its own format. */
final class BootLog {
    private static final long KIB = 1024;

    private final Log log;

    BootLog(Log log) {
        this.log = log;
    }

    void banner(DeviceTree tree, Architecture architecture) {
        log.info("Booting dmakit on simulated CPU 0x0000000000");
        log.notice(
                "dmakit: the DMA subsystem of Linux 6.12 on %s, re-implemented in Java",
                architecture.text());
        tree.root().string("model").ifPresent(model -> log.info("Machine model: %s", model));
    }

    void zones(ZoneLayout zones) {
        zones.describe().forEach(line -> log.info("%s", line));
    }

    void commandLine(String commandLine) {
        log.notice("Kernel command line: %s", commandLine);
    }

    void memory(Mm mm, long cmaPages) {
        long totalKib = mm.memblock().ram().size() / KIB;
        long freePages = 0;
        for (Zone zone : Zone.values()) {
            freePages += mm.pages().freePages(zone);
        }
        long freeKib = freePages * (VirtualMemory.PAGE_BYTES / KIB);
        long cmaKib = cmaPages * (VirtualMemory.PAGE_BYTES / KIB);
        log.info(
                "Memory: %dK/%dK available (%dK reserved, %dK cma-reserved)",
                freeKib, totalKib, totalKib - freeKib - cmaKib, cmaKib);
    }
}
