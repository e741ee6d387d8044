package dmakit.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.Machine;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random sequences of mappings, syncs and accesses of CPU and device, as a driver may do them:
 * every byte that either of them sees is the one that an array without caches, bounce buffers and
 * page tables says, on every board, and nothing is found.
 */
class MappingOracleTest {
    /** Sequences in each setting; ten settings make 10,000. */
    private static final int SEQUENCE_COUNT = 1000;

    private static final int STEP_COUNT = 40;
    private static final int BUFFER_COUNT = 5;
    private static final int LINE = 64;

    /** A board, and how its kernel maps. */
    record Setting(String board, String commandLine, Machine.Cache cache) {
        @Override
        public String toString() {
            return "%s %s %s".formatted(board, commandLine, cache.getClass().getSimpleName());
        }
    }

    static Stream<Setting> settings() {
        Machine.Cache none = new Machine.Cache.None();
        Machine.Cache adversary = new Machine.Cache.Adversary();
        return Stream.of(
                new Setting("rpi3", "", none),
                new Setting("rpi3", "", adversary),
                new Setting("rpi3", "swiotlb=force", none),
                new Setting("rpi3", "swiotlb=force", adversary),
                new Setting("rpi3-coherent", "", none),
                new Setting("rpi3-coherent", "swiotlb=force", none),
                new Setting("rpi3-smmu", "iommu.strict=1", none),
                new Setting("rpi3-smmu", "iommu.strict=1", adversary),
                new Setting("rpi3-smmu", "iommu.strict=0", adversary),
                new Setting("rpi3-smmu", "iommu.passthrough=1", adversary));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void everyByteIsTheOneThatIsExpected(Setting setting) {
        Simulation.Options options =
                new Simulation.Options(1, Optional.of(setting.cache()), setting.commandLine());
        try (Simulation simulation = Simulation.boot(Board.of(setting.board()), options)) {
            Kernel kernel = simulation.kernel();
            kernel.findings().enable();
            Device device =
                    kernel.devices().all().stream()
                            .filter(each -> each.name().contains("dma-controller"))
                            .findFirst()
                            .orElseThrow();
            MasterPort port =
                    simulation.machine().bus().masters().stream()
                            .filter(each -> each.name().equals("dma"))
                            .findFirst()
                            .orElseThrow();
            kernel.run(
                    "oracle",
                    () -> {
                        for (int seed = 0; seed < SEQUENCE_COUNT; seed++) {
                            new Sequence(kernel, device, port, seed).run();
                            assertThat(kernel.findings().all()).as("seed %d", seed).isEmpty();
                            assertThat(kernel.dma().debug().errorCount())
                                    .as("seed %d, says the kernel's own debugging", seed)
                                    .isZero();
                            assertThat(heldBy(device)).as("seed %d", seed).isZero();
                        }
                    });
        }
    }

    private static int heldBy(Device device) {
        DmaBinding binding = device.dma().binding();
        return binding == null ? 0 : binding.open().count();
    }

    /** A part of a buffer that is lent. */
    private static final class Lent {
        final int start;
        final int size;
        final DmaDirection direction;
        final boolean[] isCpus;
        boolean isWritten;
        long dma;

        Lent(int start, int size, DmaDirection direction) {
            this.start = start;
            this.size = size;
            this.direction = direction;
            isCpus = new boolean[size];
        }
    }

    private static final class Buffer {
        final long va;
        final byte[] expected;
        Lent lent;
        Scatterlist list;

        Buffer(long va, int size) {
            this.va = va;
            expected = new byte[size];
        }
    }

    /** One driver's life. */
    private static final class Sequence {
        private final Kernel kernel;
        private final DmaMapping dma;
        private final Cpu cpu;
        private final Device device;
        private final MasterPort port;
        private final Random random;
        private final int seed;
        private final List<Buffer> buffers = new ArrayList<>();
        private int step;

        Sequence(Kernel kernel, Device device, MasterPort port, int seed) {
            this.kernel = kernel;
            dma = kernel.dma();
            cpu = kernel.machine().cpu();
            this.device = device;
            this.port = port;
            this.seed = seed;
            random = new Random(seed);
        }

        void run() {
            for (int i = 0; i < BUFFER_COUNT; i++) {
                int size = LINE * random.nextInt(1, i == 0 ? 300 : 12);
                Buffer buffer = new Buffer(kernel.mm().slab().kmalloc(size, Gfp.KERNEL), size);
                buffers.add(buffer);
                cpuWrites(buffer, 0, size);
            }
            for (step = 0; step < STEP_COUNT; step++) {
                act(buffers.get(random.nextInt(BUFFER_COUNT)));
            }
            for (Buffer buffer : buffers) {
                if (buffer.lent != null) {
                    takeBack(buffer);
                }
                cpuReads(buffer, 0, buffer.expected.length);
                kernel.mm().slab().kfree(buffer.va);
            }
        }

        private void act(Buffer buffer) {
            Lent lent = buffer.lent;
            if (lent == null) {
                switch (random.nextInt(4)) {
                    case 0 -> {
                        int[] range = range(buffer.expected.length, 1);
                        cpuWrites(buffer, range[0], range[1]);
                    }
                    case 1 -> {
                        int[] range = range(buffer.expected.length, 1);
                        cpuReads(buffer, range[0], range[1]);
                    }
                    default -> lend(buffer);
                }
                return;
            }
            switch (random.nextInt(7)) {
                case 0 -> takeBack(buffer);
                case 1 -> hand(buffer, true);
                case 2 -> hand(buffer, false);
                case 3, 4 -> deviceActs(buffer);
                default -> cpuActs(buffer);
            }
        }

        private void lend(Buffer buffer) {
            DmaDirection direction = DmaDirection.values()[random.nextInt(3)];
            // What a device writes shares no cache line with what the CPU uses.
            int[] range =
                    range(buffer.expected.length, direction == DmaDirection.TO_DEVICE ? 1 : LINE);
            Lent lent = new Lent(range[0], range[1], direction);
            buffer.lent = lent;
            if (random.nextInt(3) == 0 && lent.size >= 2) {
                Scatterlist list = new Scatterlist(2);
                int first =
                        direction == DmaDirection.TO_DEVICE || lent.size < 2 * LINE
                                ? lent.size
                                : lent.size / 2 & -LINE;
                if (first == lent.size) {
                    list = new Scatterlist(1);
                    list.setBuffer(0, buffer.va + lent.start, lent.size);
                } else {
                    list.setBuffer(0, buffer.va + lent.start, first);
                    list.setBuffer(1, buffer.va + lent.start + first, lent.size - first);
                }
                buffer.list = list;
                dma.mapSg(device, list, list.entries(), direction);
            } else {
                buffer.list = null;
                lent.dma = dma.mapSingle(device, buffer.va + lent.start, lent.size, direction);
            }
        }

        private void takeBack(Buffer buffer) {
            Lent lent = buffer.lent;
            if (lent.isWritten) {
                // What the CPU wrote is handed over first: taking back would drop it.
                for (int at = 0; at < lent.size; at++) {
                    int start = at;
                    while (at < lent.size && lent.isCpus[at]) {
                        at++;
                    }
                    if (at > start) {
                        handAll(buffer, start, at - start, false);
                    }
                }
            }
            if (buffer.list == null) {
                dma.unmapSingle(device, lent.dma, lent.size, lent.direction);
            } else {
                dma.unmapSg(device, buffer.list, buffer.list.entries(), lent.direction);
            }
            buffer.lent = null;
            if (random.nextBoolean()) {
                cpuReads(buffer, 0, buffer.expected.length);
            }
        }

        private void hand(Buffer buffer, boolean toCpu) {
            Lent lent = buffer.lent;
            int start = 0;
            int size = lent.size;
            if (buffer.list == null && lent.start % LINE == 0) {
                int[] range = range(lent.size, LINE);
                start = range[0];
                size = range[1];
            }
            // Nobody hands over what is not his: the other's bytes would be lost.
            for (int i = start; i < start + size; i++) {
                if (lent.isCpus[i] == toCpu) {
                    return;
                }
            }
            handAll(buffer, start, size, toCpu);
        }

        private void handAll(Buffer buffer, int start, int size, boolean toCpu) {
            Lent lent = buffer.lent;
            if (buffer.list != null) {
                if (toCpu) {
                    dma.syncSgForCpu(device, buffer.list, buffer.list.entries(), lent.direction);
                } else {
                    dma.syncSgForDevice(device, buffer.list, buffer.list.entries(), lent.direction);
                }
            } else if (toCpu) {
                dma.syncSingleForCpu(device, lent.dma + start, size, lent.direction);
            } else {
                dma.syncSingleForDevice(device, lent.dma + start, size, lent.direction);
            }
            Arrays.fill(lent.isCpus, start, start + size, toCpu);
        }

        private void deviceActs(Buffer buffer) {
            Lent lent = buffer.lent;
            int[] range = ownedRange(lent, false);
            if (range[1] == 0) {
                return;
            }
            byte[] bytes = new byte[range[1]];
            boolean writes =
                    lent.direction == DmaDirection.FROM_DEVICE
                            || (lent.direction == DmaDirection.BIDIRECTIONAL
                                    && random.nextBoolean());
            if (writes) {
                random.nextBytes(bytes);
            }
            for (int done = 0; done < range[1]; ) {
                long[] at = deviceAddress(buffer, range[0] + done);
                int piece = (int) Math.min(range[1] - done, at[1]);
                BusAnswer answer =
                        writes
                                ? port.write(at[0], bytes, done, piece)
                                : port.read(at[0], bytes, done, piece);
                assertThat(answer).as(where()).isEqualTo(BusAnswer.Done.DONE);
                done += piece;
            }
            int first = lent.start + range[0];
            if (writes) {
                System.arraycopy(bytes, 0, buffer.expected, first, bytes.length);
            } else {
                assertThat(bytes)
                        .as(where())
                        .isEqualTo(
                                Arrays.copyOfRange(buffer.expected, first, first + bytes.length));
            }
        }

        /** Where the device finds a byte of what is lent, and how many follow it. */
        private static long[] deviceAddress(Buffer buffer, int offset) {
            if (buffer.list == null) {
                return new long[] {buffer.lent.dma + offset, buffer.lent.size - offset};
            }
            long left = offset;
            for (int i = 0; ; i++) {
                long length = buffer.list.dmaLength(i);
                if (left < length) {
                    return new long[] {buffer.list.dmaAddress(i) + left, length - left};
                }
                left -= length;
            }
        }

        private void cpuActs(Buffer buffer) {
            Lent lent = buffer.lent;
            int[] range = ownedRange(lent, true);
            if (range[1] == 0) {
                return;
            }
            if (lent.direction == DmaDirection.FROM_DEVICE || random.nextBoolean()) {
                cpuReads(buffer, lent.start + range[0], range[1]);
            } else {
                cpuWrites(buffer, lent.start + range[0], range[1]);
                lent.isWritten = true;
            }
        }

        /** A part that one side owns from its first byte to its last; empty when there is none. */
        private int[] ownedRange(Lent lent, boolean cpus) {
            int start = random.nextInt(lent.size);
            int end = start;
            int most = random.nextInt(lent.size - start) + 1;
            while (end < lent.size && end - start < most && lent.isCpus[end] == cpus) {
                end++;
            }
            return new int[] {start, end - start};
        }

        private int[] range(int size, int align) {
            if (size < align) {
                return new int[] {0, size};
            }
            int start = random.nextInt(size / align) * align;
            int length = (random.nextInt((size - start) / align) + 1) * align;
            return new int[] {start, length};
        }

        private void cpuWrites(Buffer buffer, int start, int size) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            cpu.store(buffer.va + start, bytes, 0, size);
            System.arraycopy(bytes, 0, buffer.expected, start, size);
        }

        private void cpuReads(Buffer buffer, int start, int size) {
            byte[] bytes = new byte[size];
            cpu.load(buffer.va + start, bytes, 0, size);
            assertThat(bytes)
                    .as(where())
                    .isEqualTo(Arrays.copyOfRange(buffer.expected, start, start + size));
        }

        private String where() {
            return "seed %d, step %d".formatted(seed, step);
        }
    }
}
