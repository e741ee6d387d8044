package dmakit.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.pci.PciDriver;
import dmakit.kernel.pci.PciId;
import dmakit.machine.Machine;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Behind an IOMMU a device reaches what is mapped for it now, by whole pages, and nothing else. */
class IsolationTest {
    private static final int STEP_COUNT = 4000;
    private static final int LIVE_MAX = 12;
    private static final long PAGE = 4096;

    private record Lent(long dma, long size, DmaDirection direction) {
        boolean hasPage(long page) {
            return page >= (dma & -PAGE) && page < dma + size;
        }
    }

    /** Takes edu over and does nothing with it. */
    private static final class Idle implements PciDriver {
        @Override
        public String name() {
            return "idle";
        }

        @Override
        public List<PciId> ids() {
            return List.of(new PciId(0x1234, 0x11e8));
        }

        @Override
        public void probe(PciDevice function, PciId id) {
            function.write16(4, function.read16(4) | 4);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rpi3-smmu, iommu.strict=1, dma-controller, dma, true",
        "pc, intel_iommu=on iommu.strict=1, 00:02, edu, false"
    })
    void aDeviceReachesTheBytesOfItsMappingsOnly(
            String board, String commandLine, String name, String master, boolean writersRead) {
        Simulation.Options options =
                new Simulation.Options(7, Optional.of(new Machine.Cache.None()), commandLine);
        try (Simulation simulation = Simulation.boot(Board.of(board), options)) {
            Kernel kernel = simulation.kernel();
            kernel.run("bind", () -> kernel.pci().register(new Idle()));
            Device device =
                    kernel.devices().all().stream()
                            .filter(each -> each.name().contains(name))
                            .findFirst()
                            .orElseThrow();
            MasterPort port =
                    simulation.machine().bus().masters().stream()
                            .filter(each -> each.name().equals(master))
                            .findFirst()
                            .orElseThrow();
            kernel.run("driver", () -> mapAndReach(kernel, device, port, writersRead));
        }
    }

    private static void mapAndReach(
            Kernel kernel, Device device, MasterPort port, boolean writersRead) {
        DmaMapping dma = kernel.dma();
        long va = kernel.mm().pages().getFreePages(Gfp.KERNEL, 4);
        Random random = new Random(11);
        List<Lent> live = new ArrayList<>();
        List<Long> known = new ArrayList<>();
        int reached = 0;
        int refused = 0;
        for (int step = 0; step < STEP_COUNT; step++) {
            int what = random.nextInt(6);
            if (what == 0 && live.size() < LIVE_MAX) {
                long offset = random.nextInt(1 << 15);
                long size = 1 + random.nextInt(1 << 14);
                DmaDirection direction = DmaDirection.values()[random.nextInt(3)];
                Lent lent =
                        new Lent(
                                dma.mapSingle(device, va + offset, size, direction),
                                size,
                                direction);
                live.add(lent);
                known.add(lent.dma());
            } else if (what == 1 && !live.isEmpty()) {
                Lent lent = live.remove(random.nextInt(live.size()));
                dma.unmapSingle(device, lent.dma(), lent.size(), lent.direction());
            } else if (!known.isEmpty()) {
                long near = known.get(random.nextInt(known.size()));
                long address = near + random.nextLong(-3 * PAGE, 5 * PAGE);
                boolean write = random.nextBoolean();
                byte[] bytes = new byte[1 + random.nextInt(64)];
                BusAnswer answer =
                        write
                                ? port.write(address, bytes, 0, bytes.length)
                                : port.read(address, bytes, 0, bytes.length);
                boolean expected =
                        allows(live, address, write, writersRead)
                                && allows(live, address + bytes.length - 1, write, writersRead);
                assertThat(answer.isDone())
                        .as("step %d: %s 0x%x of %s", step, write ? "write" : "read", address, live)
                        .isEqualTo(expected);
                reached += expected ? 1 : 0;
                refused += expected ? 0 : 1;
            }
        }
        assertThat(reached).isGreaterThan(STEP_COUNT / 20);
        assertThat(refused).isGreaterThan(STEP_COUNT / 20);
        live.forEach(lent -> dma.unmapSingle(device, lent.dma(), lent.size(), lent.direction()));
    }

    /**
     * Whether any mapping lets a page be used so.
     *
     * @param writersRead whether the tables have no way to say that a page is only written
     */
    private static boolean allows(
            List<Lent> live, long address, boolean write, boolean writersRead) {
        return live.stream()
                .filter(lent -> lent.hasPage(address & -PAGE))
                .anyMatch(lent ->
                        write
                                ? lent.direction().isFromDevice()
                                : lent.direction().isToDevice() || writersRead);
    }
}
