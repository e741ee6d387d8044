package dmakit.board.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.iommu.IommuDomain;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sync.HrTimer;
import dmakit.machine.Machine;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.random.Rng;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Many mappings behind the modelled IOMMUs, with tables in memory and invalidation by registers.
 */
class TrafficTest {
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;
    private static final int PAGE = 4096;
    private static final int PAGES = 64;
    private static final int ROUNDS = 3000;
    private static final int OPERATIONS = 10_000;

    /** On a busy machine the compiler takes its time; a machine that allocates never passes. */
    private static final int MEASUREMENTS_MAX = 300;

    private static Simulation boot(String board, String commandLine) {
        return Simulation.boot(
                Board.of(board),
                new Simulation.Options(1, Optional.of(new Machine.Cache.None()), commandLine));
    }

    /** A device behind the board's IOMMU, set up for DMA. */
    private static Device master(Kernel kernel) {
        if (kernel.pci().isPresent()) {
            Device function = kernel.pci().devices().getFirst().device();
            kernel.driverCore().configureDma(function, null);
            return function;
        }
        return kernel.iommus().groups().getFirst().devices().getFirst();
    }

    /** Lends and takes back at random; knows what is lent to which address. */
    private static final class Traffic {
        private final Kernel kernel;
        private final Device device;
        private final IommuDomain domain;
        private final Rng random;
        private final long memory;
        private final TreeMap<Long, Long> shared;
        private final List<Long> own = new ArrayList<>();

        Traffic(Kernel kernel, Device device, long memory, long seed, TreeMap<Long, Long> shared) {
            this.kernel = kernel;
            this.device = device;
            this.memory = memory;
            this.shared = shared;
            domain = kernel.iommus().domainOf(device).orElseThrow();
            random = new Rng(seed);
        }

        void step() {
            if (own.isEmpty() || (own.size() < PAGES && random.nextInt(2) == 0)) {
                long va = memory + (long) random.nextInt(PAGES) * PAGE;
                long dma = kernel.dma().mapSingle(device, va, PAGE, BOTH);
                assertThat(shared.put(dma, va)).as("dma:0x%x is given away twice", dma).isNull();
                own.add(dma);
                assertThat(domain.iovaToPhys(dma)).isEqualTo(va - AddressLayout.LINEAR_BASE);
            } else {
                takeBack(own.remove(random.nextInt(own.size())));
            }
        }

        private void takeBack(long dma) {
            shared.remove(dma);
            kernel.dma().unmapSingle(device, dma, PAGE, BOTH);
        }

        void end() {
            own.forEach(this::takeBack);
            own.clear();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rpi3-smmu, iommu.strict=1",
        "rpi3-smmu, iommu.strict=0",
        "pc, intel_iommu=on iommu.strict=1",
        "pc, intel_iommu=on iommu.strict=0"
    })
    void aHandlerMayMapWhileATaskDoes(String board, String commandLine) {
        try (Simulation simulation = boot(board, commandLine)) {
            Kernel kernel = simulation.kernel();
            Device device = master(kernel);
            kernel.run(
                    "traffic",
                    () -> {
                        long memory = kernel.mm().pages().getFreePages(Gfp.KERNEL, 6);
                        var shared = new TreeMap<Long, Long>();
                        Traffic task = new Traffic(kernel, device, memory, 1, shared);
                        Traffic handler = new Traffic(kernel, device, memory, 2, shared);
                        int[] ran = new int[1];
                        HrTimer[] timer = new HrTimer[1];
                        timer[0] =
                                new HrTimer(
                                        kernel.timers(),
                                        "traffic",
                                        () -> {
                                            ran[0]++;
                                            handler.step();
                                            timer[0].forward(now(kernel), 170);
                                            return true;
                                        });
                        timer[0].start(now(kernel) + 100);
                        for (int i = 0; i < ROUNDS; i++) {
                            task.step();
                        }
                        timer[0].cancel();
                        for (Map.Entry<Long, Long> lent : shared.entrySet()) {
                            assertThat(task.domain.iovaToPhys(lent.getKey()))
                                    .isEqualTo(lent.getValue() - AddressLayout.LINEAR_BASE);
                        }
                        task.end();
                        handler.end();
                        assertThat(ran[0]).isGreaterThan(ROUNDS / 100);
                        kernel.mm().pages().freePagesAt(memory, 6);
                    });
            assertThat(device.dma().binding().open().count()).isZero();
            assertThat(kernel.log().buffer().records())
                    .noneMatch(record -> record.text().contains("WARNING: "));
        }
    }

    private static long now(Kernel kernel) {
        return kernel.machine().clock().now() / 1000;
    }

    @ParameterizedTest
    @CsvSource({
        "rpi3-smmu, iommu.strict=1",
        "rpi3-smmu, iommu.strict=0",
        "pc, intel_iommu=on iommu.strict=1",
        "pc, intel_iommu=on iommu.strict=0"
    })
    void aMappingAllocatesNoJavaObject(String board, String commandLine) {
        try (Simulation simulation = boot(board, commandLine)) {
            Kernel kernel = simulation.kernel();
            Device device = master(kernel);
            kernel.run(
                    "traffic",
                    () -> {
                        long va = kernel.mm().pages().getFreePages(Gfp.KERNEL, 2);
                        Scatterlist sg = new Scatterlist(2);
                        sg.setBuffer(0, va + 2 * PAGE, PAGE);
                        sg.setBuffer(1, va, PAGE);
                        expectNoAllocation(() -> {
                            long dma = kernel.dma().mapSingle(device, va, PAGE, BOTH);
                            kernel.dma().unmapSingle(device, dma, PAGE, BOTH);
                            kernel.dma().mapSg(device, sg, 2, BOTH);
                            kernel.dma().unmapSg(device, sg, 2, BOTH);
                        });
                    });
        }
    }

    private static void expectNoAllocation(Runnable operation) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int i = 0; i < MEASUREMENTS_MAX && allocated >= OPERATIONS; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int done = 0; done < OPERATIONS; done++) {
                operation.run();
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated).as("bytes for %d operations", OPERATIONS).isLessThan(OPERATIONS);
    }
}
