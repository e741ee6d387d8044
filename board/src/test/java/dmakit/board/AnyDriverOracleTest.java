package dmakit.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
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
 * What a driver sees that keeps to no rule: accesses of CPU and device in any order, before and
 * after the syncs, against a second model of cache lines and bounce buffers that shares no code
 * with the first. Caches do nothing by themselves here, so that every stale byte is known.
 */
class AnyDriverOracleTest {
    private static final int SEQUENCE_COUNT = 500;
    private static final int STEP_COUNT = 60;
    private static final int ORDER = 1;
    private static final int BYTES = 4096 << ORDER;
    private static final int LENT_MAX = 3;
    private static final int LINE = 64;

    /** Below it a mapping may be bounced for the sake of what lies beside it. */
    private static final int MAPPED_MIN = 256;

    /** A board, how its kernel maps, and what the model has to know of that. */
    record Setting(String board, String commandLine, boolean snoops, boolean bounces) {}

    static Stream<Setting> settings() {
        return Stream.of(
                new Setting("rpi3", "", false, false),
                new Setting("rpi3", "swiotlb=force", false, true),
                new Setting("rpi3-coherent", "", true, false),
                new Setting("rpi3-coherent", "swiotlb=force", true, true),
                new Setting("rpi3-smmu", "iommu.strict=1", false, false),
                new Setting("rpi3-smmu", "iommu.strict=0", false, false));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void everyByteIsWhereTheModelHasIt(Setting setting) {
        Simulation.Options options =
                new Simulation.Options(
                        1, Optional.of(new Machine.Cache.None()), setting.commandLine());
        try (Simulation simulation = Simulation.boot(Board.of(setting.board()), options)) {
            Kernel kernel = simulation.kernel();
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
                            new Sequence(kernel, device, port, setting, seed).run();
                        }
                    });
        }
    }

    /** Memory and the CPU's copy of it, byte by byte. */
    private static final class Model {
        private final boolean snoops;
        private final byte[] dram;
        private final byte[] cached;
        private final boolean[] valid;
        private final boolean[] dirty;

        Model(int bytes, boolean snoops) {
            this.snoops = snoops;
            int lines = (bytes + LINE - 1) / LINE;
            dram = new byte[lines * LINE];
            cached = new byte[lines * LINE];
            valid = new boolean[lines];
            dirty = new boolean[lines];
        }

        private void fill(int line) {
            if (!valid[line]) {
                System.arraycopy(dram, line * LINE, cached, line * LINE, LINE);
                valid[line] = true;
            }
        }

        byte load(int at) {
            if (snoops) {
                return dram[at];
            }
            fill(at / LINE);
            return cached[at];
        }

        void store(int at, byte value) {
            if (snoops) {
                dram[at] = value;
                return;
            }
            fill(at / LINE);
            cached[at] = value;
            dirty[at / LINE] = true;
        }

        private void writeBack(int line) {
            if (dirty[line]) {
                System.arraycopy(cached, line * LINE, dram, line * LINE, LINE);
                dirty[line] = false;
            }
        }

        void clean(int start, int size) {
            for (int line = start / LINE; line <= (start + size - 1) / LINE; line++) {
                writeBack(line);
            }
        }

        void invalidate(int start, int size) {
            for (int line = start / LINE; line <= (start + size - 1) / LINE; line++) {
                boolean whole = line * LINE >= start && (line + 1) * LINE <= start + size;
                if (!whole) {
                    writeBack(line);
                }
                valid[line] = false;
                dirty[line] = false;
            }
        }

        void copyTo(Model to, int from, int at, int size) {
            for (int i = 0; i < size; i++) {
                to.store(at + i, load(from + i));
            }
        }
    }

    /** A mapping: where the device finds it in the model. */
    private static final class Lent {
        final int start;
        final int size;
        final DmaDirection direction;
        final int attrs;
        final Model reached;
        final int base;
        long dma;

        Lent(int start, int size, DmaDirection direction, int attrs, Model reached, int base) {
            this.start = start;
            this.size = size;
            this.direction = direction;
            this.attrs = attrs;
            this.reached = reached;
            this.base = base;
        }

        boolean isSkipping() {
            return (attrs & DmaAttrs.SKIP_CPU_SYNC) != 0;
        }

        boolean isFromDevice() {
            return direction != DmaDirection.TO_DEVICE;
        }

        boolean isToDevice() {
            return direction != DmaDirection.FROM_DEVICE;
        }
    }

    private static final class Sequence {
        private final Kernel kernel;
        private final DmaMapping dma;
        private final Cpu cpu;
        private final Device device;
        private final MasterPort port;
        private final Setting setting;
        private final Random random;
        private final int seed;
        private final Model memory;
        private final List<Lent> lent = new ArrayList<>();
        private long va;
        private int step;

        Sequence(Kernel kernel, Device device, MasterPort port, Setting setting, int seed) {
            this.kernel = kernel;
            dma = kernel.dma();
            cpu = kernel.machine().cpu();
            this.device = device;
            this.port = port;
            this.setting = setting;
            this.seed = seed;
            random = new Random(seed);
            memory = new Model(BYTES, setting.snoops());
        }

        void run() {
            va = kernel.mm().pages().getFreePages(Gfp.KERNEL, ORDER);
            cpuStores(0, BYTES);
            // What RAM held before is nobody's business.
            cpu.clean(kernel.mm().virtual().virtToPhys(va), BYTES);
            memory.clean(0, BYTES);
            for (step = 0; step < STEP_COUNT; step++) {
                act();
            }
            while (!lent.isEmpty()) {
                unmap(lent.removeFirst());
            }
            cpuLoads(0, BYTES);
            kernel.mm().pages().freePagesAt(va, ORDER);
        }

        private void act() {
            int what = random.nextInt(10);
            if (what < 2) {
                int start = random.nextInt(BYTES);
                cpuStores(start, 1 + random.nextInt(Math.min(200, BYTES - start)));
            } else if (what < 4) {
                int start = random.nextInt(BYTES);
                cpuLoads(start, 1 + random.nextInt(Math.min(200, BYTES - start)));
            } else if (lent.isEmpty() || (what == 4 && lent.size() < LENT_MAX)) {
                map();
            } else {
                Lent one = lent.get(random.nextInt(lent.size()));
                int start = random.nextInt(one.size);
                int size = 1 + random.nextInt(one.size - start);
                switch (what) {
                    case 5 -> {
                        lent.remove(one);
                        unmap(one);
                    }
                    case 6 -> syncForCpu(one, start, size);
                    case 7 -> syncForDevice(one, start, size);
                    default -> deviceActs(one, start, size);
                }
            }
        }

        private void map() {
            int start = random.nextInt(BYTES - MAPPED_MIN);
            int size = MAPPED_MIN + random.nextInt(BYTES - MAPPED_MIN - start + 1);
            DmaDirection direction = DmaDirection.values()[random.nextInt(3)];
            int attrs = random.nextInt(6) == 0 ? DmaAttrs.SKIP_CPU_SYNC : DmaAttrs.NONE;
            boolean bounces = setting.bounces();
            Model reached = bounces ? new Model(size, setting.snoops()) : memory;
            Lent one = new Lent(start, size, direction, attrs, reached, bounces ? 0 : start);
            if (bounces) {
                memory.copyTo(reached, start, 0, size);
            }
            if (!one.isSkipping() && !setting.snoops()) {
                reached.clean(one.base, size);
            }
            one.dma = dma.tryMapSingle(device, va + start, size, direction, attrs);
            assertThat(dma.mappingError(device, one.dma)).as(where()).isFalse();
            if (bounces && one.isSkipping() && !setting.snoops()) {
                learn(one);
            }
            lent.add(one);
        }

        /** What of a bounce buffer that nobody cleaned is in RAM is of its past. */
        private void learn(Lent one) {
            byte[] seen = new byte[one.size];
            assertThat(port.read(one.dma, seen, 0, one.size)).isEqualTo(BusAnswer.Done.DONE);
            System.arraycopy(seen, 0, one.reached.dram, 0, one.size);
        }

        private void unmap(Lent one) {
            if (!one.isSkipping()) {
                giveToCpu(one, 0, one.size);
            }
            dma.unmapSingle(device, one.dma, one.size, one.direction, one.attrs);
        }

        private void syncForCpu(Lent one, int start, int size) {
            giveToCpu(one, start, size);
            dma.syncSingleForCpu(device, one.dma + start, size, one.direction);
        }

        private void giveToCpu(Lent one, int start, int size) {
            if (one.isFromDevice()) {
                if (!setting.snoops()) {
                    one.reached.invalidate(one.base + start, size);
                }
                if (one.reached != memory) {
                    one.reached.copyTo(memory, start, one.start + start, size);
                }
            }
        }

        private void syncForDevice(Lent one, int start, int size) {
            if (one.reached != memory && one.isToDevice()) {
                memory.copyTo(one.reached, one.start + start, start, size);
            }
            if (!setting.snoops()) {
                one.reached.clean(one.base + start, size);
            }
            dma.syncSingleForDevice(device, one.dma + start, size, one.direction);
        }

        private void deviceActs(Lent one, int start, int size) {
            byte[] bytes = new byte[size];
            boolean writes = one.isFromDevice() && (!one.isToDevice() || random.nextBoolean());
            if (writes) {
                random.nextBytes(bytes);
                System.arraycopy(bytes, 0, one.reached.dram, one.base + start, size);
                assertThat(port.write(one.dma + start, bytes, 0, size))
                        .isEqualTo(BusAnswer.Done.DONE);
            } else {
                assertThat(port.read(one.dma + start, bytes, 0, size))
                        .isEqualTo(BusAnswer.Done.DONE);
                expect(
                        bytes,
                        Arrays.copyOfRange(
                                one.reached.dram, one.base + start, one.base + start + size));
            }
        }

        private void cpuStores(int start, int size) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            cpu.store(va + start, bytes, 0, size);
            for (int i = 0; i < size; i++) {
                memory.store(start + i, bytes[i]);
            }
        }

        private void cpuLoads(int start, int size) {
            byte[] bytes = new byte[size];
            cpu.load(va + start, bytes, 0, size);
            byte[] expected = new byte[size];
            for (int i = 0; i < size; i++) {
                expected[i] = memory.load(start + i);
            }
            expect(bytes, expected);
        }

        private void expect(byte[] bytes, byte[] expected) {
            int differs = Arrays.mismatch(bytes, expected);
            assertThat(differs).as("%s seed %d, step %d", setting, seed, step).isEqualTo(-1);
        }

        private String where() {
            return "%s seed %d, step %d".formatted(setting, seed, step);
        }
    }
}
