package dmakit.kernel.mapping;

import static dmakit.kernel.dma.DmaDirection.BIDIRECTIONAL;
import static dmakit.kernel.dma.DmaDirection.FROM_DEVICE;
import static dmakit.kernel.dma.DmaDirection.TO_DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.KernelParameters;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.check.DmaDebugText;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.AddressLayout;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Twenty-six mistakes of drivers: what dmakit finds, and what a kernel with {@code
 * CONFIG_DMA_API_DEBUG} says, which is nothing more often than not.
 */
class MisuseScorecardTest {
    private static final String SILENCE = "";
    private static final String REFUSED = "rejecting DMA map of vmalloc memory";

    /**
     * One mistake.
     *
     * @param platform what the kernel says of a platform device
     * @param pci what it says of a PCI function
     */
    private record Misuse(
            String name, Consumer<Rig> made, FindingId finding, String platform, String pci) {}

    /** A kernel with a device whose driver makes the mistakes. */
    private static final class Rig implements AutoCloseable {
        final MemoryFixture kernel = MemoryFixture.lenient();
        final DmaMapping mapping = kernel.mapping;
        final Device device;
        final Device other = new Device("other0", "platform", null, null);
        final MasterPort port;
        final long va;
        final long phys;

        Rig(String bus) {
            mapping.debug().boot(new KernelParameters(""), 1 << 20, _ -> false);
            kernel.calls.findings().enable();
            mapping.debug().allErrors(1);
            device = new Device("test0", bus, null, null);
            port = kernel.machine.bus().master("test0", Windows.IDENTITY, false);
            va = kernel.mm.slab().kzalloc(4096, Gfp.KERNEL);
            phys = va - AddressLayout.LINEAR_BASE;
        }

        long map(long at, long size, DmaDirection direction) {
            return mapping.mapSingle(device, at, size, direction);
        }

        void unmap(long dma, long size, DmaDirection direction) {
            mapping.unmapSingle(device, dma, size, direction);
        }

        void reads(long dma, int bytes) {
            port.read(dma, new byte[bytes], 0, bytes);
        }

        void writes(long dma, int bytes) {
            port.write(dma, new byte[bytes], 0, bytes);
        }

        void cpuReads(long at) {
            kernel.mm.checks().access(at, 8, false);
        }

        void cpuWrites(long at) {
            kernel.mm.checks().access(at, 8, true);
            kernel.machine.cpu().store64(at, 0x1234);
        }

        /** What the debugging of the API said, without addresses. */
        List<String> said() {
            return kernel.lines().stream()
                    .filter(line -> line.startsWith("DMA-API: ") || line.contains(REFUSED))
                    .filter(line -> line.contains(" test0: ") || line.contains(" other0: "))
                    .map(line -> line.replaceAll("^.* (test0|other0): ", ""))
                    .map(line -> line.replaceAll(" ?\\[device address.*$", ""))
                    .map(line -> line.replaceAll(" \\[count=1\\]\\n.*$", ""))
                    .toList();
        }

        @Override
        public void close() {
            kernel.close();
        }
    }

    private static Misuse reported(
            String name, FindingId finding, String text, Consumer<Rig> made) {
        return new Misuse(name, made, finding, text, text);
    }

    private static Misuse silent(String name, FindingId finding, Consumer<Rig> made) {
        return new Misuse(name, made, finding, SILENCE, SILENCE);
    }

    private static final List<Misuse> SCORECARD =
            List.of(
                    // What the kernel reports.
                    reported(
                            "unmap with another size",
                            FindingId.UNMAP_SIZE,
                            DmaDebugText.OTHER_SIZE.text(),
                            rig -> rig.unmap(rig.map(rig.va, 128, TO_DEVICE), 64, TO_DEVICE)),
                    reported(
                            "unmap with another direction",
                            FindingId.UNMAP_DIRECTION,
                            DmaDebugText.OTHER_DIRECTION.text(),
                            rig -> rig.unmap(rig.map(rig.va, 128, TO_DEVICE), 128, FROM_DEVICE)),
                    reported(
                            "unmap with another function",
                            FindingId.UNMAP_TYPE,
                            DmaDebugText.OTHER_FUNCTION.text(),
                            rig -> {
                                CoherentBuffer ring =
                                        rig.mapping.allocCoherent(rig.device, 64, Gfp.KERNEL);
                                rig.unmap(ring.dma(), 64, BIDIRECTIONAL);
                            }),
                    reported(
                            "unmap twice",
                            FindingId.UNMAP_UNKNOWN,
                            DmaDebugText.NOT_ALLOCATED.text(),
                            rig -> {
                                long dma = rig.map(rig.va, 64, TO_DEVICE);
                                rig.unmap(dma, 64, TO_DEVICE);
                                rig.unmap(dma, 64, TO_DEVICE);
                            }),
                    reported(
                            "map error not checked",
                            FindingId.MAP_ERROR_UNCHECKED,
                            DmaDebugText.ERROR_UNCHECKED.text(),
                            rig -> {
                                long dma =
                                        rig.mapping.tryMapSingle(
                                                rig.device, rig.va, 64, TO_DEVICE, 0);
                                rig.unmap(dma, 64, TO_DEVICE);
                            }),
                    reported(
                            "map of the stack",
                            FindingId.MAP_STACK,
                            REFUSED,
                            rig -> rig.mapping.reject(FindingId.MAP_STACK, rig.device, 0x7000, 8)),
                    reported(
                            "sync beyond the mapping",
                            FindingId.SYNC_RANGE,
                            DmaDebugText.SYNC_NOT_ALLOCATED.text(),
                            rig ->
                                    rig.mapping.syncSingleForCpu(
                                            rig.device,
                                            rig.map(rig.va, 64, FROM_DEVICE),
                                            128,
                                            FROM_DEVICE)),
                    reported(
                            "sync with another direction",
                            FindingId.SYNC_DIRECTION,
                            DmaDebugText.SYNC_OTHER_DIRECTION.text(),
                            rig ->
                                    rig.mapping.syncSingleForDevice(
                                            rig.device,
                                            rig.map(rig.va, 64, TO_DEVICE),
                                            64,
                                            FROM_DEVICE)),
                    reported(
                            "coherent memory freed with another size",
                            FindingId.FREE_COHERENT_MISMATCH,
                            DmaDebugText.OTHER_SIZE.text(),
                            rig -> {
                                CoherentBuffer ring =
                                        rig.mapping.allocCoherent(rig.device, 8192, Gfp.KERNEL);
                                rig.mapping.freeCoherent(rig.device, 4096, ring.va(), ring.dma());
                            }),
                    reported(
                            "unmap on another device",
                            FindingId.UNMAP_UNKNOWN,
                            DmaDebugText.NOT_ALLOCATED.text(),
                            rig ->
                                    rig.mapping.unmapSingle(
                                            rig.other,
                                            rig.map(rig.va, 64, TO_DEVICE),
                                            64,
                                            TO_DEVICE)),
                    reported(
                            "unmap at an offset",
                            FindingId.UNMAP_UNKNOWN,
                            DmaDebugText.NOT_ALLOCATED.text(),
                            rig -> rig.unmap(rig.map(rig.va, 128, TO_DEVICE) + 64, 64, TO_DEVICE)),
                    // What the kernel refuses.
                    reported(
                            "map of vmalloc memory",
                            FindingId.MAP_VMALLOC,
                            REFUSED,
                            rig -> {
                                long area = rig.kernel.mm.vmalloc().vmalloc(4096);
                                rig.mapping.tryMapSingle(rig.device, area, 64, TO_DEVICE, 0);
                            }),
                    // What the kernel does not see. The first it does see where neither small
                    // buffers are bounced nor the CPU's caches are coherent with all devices.
                    reported(
                            "two mappings that begin in one line",
                            FindingId.MAP_OVERLAP,
                            DmaDebugText.OVERLAPPING.text(),
                            rig -> {
                                rig.map(rig.va, 32, FROM_DEVICE);
                                rig.map(rig.va + 32, 32, FROM_DEVICE);
                            }),
                    silent(
                            "two mappings that overlap and begin in different lines",
                            FindingId.MAP_OVERLAP,
                            rig -> {
                                rig.map(rig.va, 128, FROM_DEVICE);
                                rig.map(rig.va + 64, 64, FROM_DEVICE);
                            }),
                    silent(
                            "CPU writes what the device owns",
                            FindingId.CPU_WRITE_WHILE_DEVICE_OWNS,
                            rig -> {
                                rig.map(rig.va, 64, TO_DEVICE);
                                rig.cpuWrites(rig.va);
                            }),
                    silent(
                            "CPU reads before sync and unmap",
                            FindingId.CPU_READ_WHILE_DEVICE_OWNS,
                            rig -> {
                                rig.map(rig.va, 64, FROM_DEVICE);
                                rig.cpuReads(rig.va);
                            }),
                    silent(
                            "no sync for the device before it is used again",
                            FindingId.LOST_WRITE,
                            rig -> {
                                long dma = rig.map(rig.va, 64, TO_DEVICE);
                                rig.mapping.syncSingleForCpu(rig.device, dma, 64, TO_DEVICE);
                                rig.cpuWrites(rig.va);
                                rig.reads(dma, 64);
                            }),
                    silent(
                            "device writes after the unmap",
                            FindingId.DEVICE_UNMAPPED_ACCESS,
                            rig -> {
                                long dma = rig.map(rig.va, 64, FROM_DEVICE);
                                rig.unmap(dma, 64, FROM_DEVICE);
                                rig.writes(dma, 64);
                            }),
                    silent(
                            "device writes past the end",
                            FindingId.DEVICE_UNMAPPED_ACCESS,
                            rig -> rig.writes(rig.map(rig.va, 64, FROM_DEVICE), 72)),
                    silent(
                            "device writes what is mapped for reading",
                            FindingId.DEVICE_WRONG_DIRECTION,
                            rig -> rig.writes(rig.map(rig.va, 64, TO_DEVICE), 64)),
                    silent(
                            "CPU writes into a line it shares with the device",
                            FindingId.MAP_CACHELINE_SHARED,
                            rig -> {
                                long dma = rig.map(rig.va, 32, FROM_DEVICE);
                                rig.cpuWrites(rig.va + 40);
                                rig.unmap(dma, 32, FROM_DEVICE);
                            }),
                    silent(
                            "virt_to_phys in place of a mapping",
                            FindingId.DEVICE_UNMAPPED_ACCESS,
                            rig -> rig.reads(rig.phys, 64)),
                    silent(
                            "kfree of what is mapped",
                            FindingId.BUFFER_FREED_WHILE_MAPPED,
                            rig -> {
                                rig.map(rig.va, 64, TO_DEVICE);
                                rig.kernel.mm.slab().kfree(rig.va);
                            }),
                    silent(
                            "bytes nobody wrote go to the device",
                            FindingId.UNINITIALISED_TO_DEVICE,
                            rig -> {
                                long fresh = rig.kernel.mm.slab().kmalloc(64, Gfp.KERNEL);
                                rig.reads(rig.map(fresh, 64, TO_DEVICE), 64);
                            }),
                    silent(
                            "no barrier between a descriptor and its flag",
                            FindingId.MISSING_BARRIER,
                            rig -> {
                                CoherentBuffer ring =
                                        rig.mapping.allocCoherent(rig.device, 64, Gfp.KERNEL);
                                long phys = rig.kernel.machine.cpu().physOf(ring.va());
                                rig.kernel.machine.ram().shadow().unordered(phys, 8, 1);
                                rig.reads(ring.dma(), 8);
                            }),
                    new Misuse(
                            "driver leaves a mapping behind",
                            rig -> {
                                rig.map(rig.va, 64, TO_DEVICE);
                                rig.mapping.driverLeft(rig.device);
                                rig.mapping.checkGivenBack(rig.device);
                            },
                            FindingId.UNMAP_MISSING,
                            SILENCE,
                            DmaDebugText.PENDING.text()));

    @TestFactory
    Stream<DynamicTest> ofAPlatformDevice() {
        return SCORECARD.stream()
                .map(misuse ->
                        DynamicTest.dynamicTest(
                                misuse.name(), () -> check(misuse, "platform", misuse.platform())));
    }

    @TestFactory
    Stream<DynamicTest> ofAPciFunction() {
        return SCORECARD.stream()
                .map(misuse ->
                        DynamicTest.dynamicTest(
                                misuse.name(), () -> check(misuse, "pci", misuse.pci())));
    }

    private static void check(Misuse misuse, String bus, String text) {
        try (Rig rig = new Rig(bus)) {
            misuse.made().accept(rig);
            assertThat(rig.kernel.calls.findings().all())
                    .extracting(Finding::id)
                    .containsExactly(misuse.finding());
            assertThat(rig.said()).isEqualTo(text.isEmpty() ? List.of() : List.of(text));
            assertThat(rig.kernel.calls.findings().all().getFirst().linux()).isEqualTo(text);
        }
    }
}
