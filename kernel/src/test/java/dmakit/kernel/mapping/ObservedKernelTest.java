package dmakit.kernel.mapping;

import static dmakit.kernel.MemoryFixture.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.MemoryFixture;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What CPU and device see, step by step, as it was observed on a real kernel: a PCI device that
 * snoops, once mapped directly and once with {@code swiotlb=force}.
 */
class ObservedKernelTest {
    private static final DmaDirection TO = DmaDirection.TO_DEVICE;
    private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;
    private static final int BYTES = 256;
    private static final byte OLD = 0x11;
    private static final byte NEW = 0x22;
    private static final byte FROM_THE_DEVICE = 0x33;

    @Test
    void aDirectMappingIsTheMemoryItself() {
        assertThat(steps(""))
                .containsExactly(
                        "S0 dma_need_sync: false",
                        "S1 the device sees: new",
                        "S2 behind sync_for_device it sees: new",
                        "S3 behind a sync of 64 bytes it sees at 0: new, at 128: new",
                        "S4 the CPU sees at 0: device",
                        "S5 behind sync_for_cpu it sees at 0: device, at 64: old",
                        "S6 the CPU's stores survive at 0: yes, at 100: yes",
                        "S7 without copies the CPU sees: device",
                        "S8 the CPU's store survives: yes",
                        "S9 low bits of the address of buf+13: 0x00d");
    }

    @Test
    void aBounceBufferShowsEverySyncThatIsMissing() {
        assertThat(steps("swiotlb=force"))
                .containsExactly(
                        "S0 dma_need_sync: true",
                        "S1 the device sees: old",
                        "S2 behind sync_for_device it sees: new",
                        "S3 behind a sync of 64 bytes it sees at 0: new, at 128: old",
                        "S4 the CPU sees at 0: old",
                        "S5 behind sync_for_cpu it sees at 0: device, at 64: old",
                        "S6 the CPU's stores survive at 0: no, at 100: no",
                        "S7 without copies the CPU sees: old",
                        "S8 the CPU's store survives: no",
                        "S9 low bits of the address of buf+13: 0x800");
    }

    private static List<String> steps(String commandLine) {
        try (MemoryFixture kernel =
                MemoryFixture.bouncing(commandLine, true, -1, new Ram.Bank(0, GIB))) {
            return new Run(kernel).steps();
        }
    }

    /** One run of the module that looked. */
    private static final class Run {
        private final MemoryFixture kernel;
        private final DmaMapping dma;
        private final Cpu cpu;
        private final Device device;
        private final long buffer;
        private final List<String> said = new ArrayList<>();

        Run(MemoryFixture kernel) {
            this.kernel = kernel;
            dma = kernel.mapping;
            cpu = kernel.machine.cpu();
            device = kernel.device();
            buffer = kernel.mm.slab().kmalloc(4096, Gfp.KERNEL);
        }

        List<String> steps() {
            whatTheDeviceSees();
            whatTheCpuSees();
            whatBecomesOfStores();
            withoutCopies();
            storesInBothDirections();
            lowBits();
            return said;
        }

        private void whatTheDeviceSees() {
            long at = map(TO, DmaAttrs.NONE);
            say("S0 dma_need_sync: %s", dma.needSync(device, at));
            cpu.fill(buffer, BYTES, NEW);
            say("S1 the device sees: %s", read(at));
            dma.syncSingleForDevice(device, at, BYTES, TO);
            say("S2 behind sync_for_device it sees: %s", read(at));
            cpu.fill(buffer, BYTES, OLD);
            dma.syncSingleForDevice(device, at, BYTES, TO);
            cpu.fill(buffer, BYTES, NEW);
            dma.syncSingleForDevice(device, at, 64, TO);
            say(
                    "S3 behind a sync of 64 bytes it sees at 0: %s, at 128: %s",
                    read(at), read(at + 128));
            unmap(at, TO, DmaAttrs.NONE);
        }

        private void whatTheCpuSees() {
            long at = map(FROM, DmaAttrs.NONE);
            write(at, 64);
            say("S4 the CPU sees at 0: %s", load(0));
            dma.syncSingleForCpu(device, at, BYTES, FROM);
            say("S5 behind sync_for_cpu it sees at 0: %s, at 64: %s", load(0), load(64));
            unmap(at, FROM, DmaAttrs.NONE);
        }

        private void whatBecomesOfStores() {
            long at = map(FROM, DmaAttrs.NONE);
            cpu.store8(buffer, NEW);
            cpu.store8(buffer + 100, NEW);
            dma.syncSingleForDevice(device, at, BYTES, FROM);
            write(at + 200, 1);
            unmap(at, FROM, DmaAttrs.NONE);
            assertThat(load(200)).isEqualTo("device");
            say("S6 the CPU's stores survive at 0: %s, at 100: %s", isNew(0), isNew(100));
        }

        private void withoutCopies() {
            long at = map(FROM, DmaAttrs.SKIP_CPU_SYNC);
            write(at, BYTES);
            unmap(at, FROM, DmaAttrs.SKIP_CPU_SYNC);
            say("S7 without copies the CPU sees: %s", load(0));
        }

        private void storesInBothDirections() {
            long at = map(BOTH, DmaAttrs.NONE);
            cpu.store8(buffer + 200, NEW);
            unmap(at, BOTH, DmaAttrs.NONE);
            say("S8 the CPU's store survives: %s", isNew(200));
        }

        private void lowBits() {
            long at = dma.mapSingle(device, buffer + 13, BYTES, TO);
            say("S9 low bits of the address of buf+13: 0x%03x", at & 0xfff);
            dma.unmapSingle(device, at, BYTES, TO);
        }

        private long map(DmaDirection direction, int attrs) {
            cpu.fill(buffer, BYTES, OLD);
            return dma.mapSingle(device, buffer, BYTES, direction, attrs);
        }

        private void unmap(long at, DmaDirection direction, int attrs) {
            dma.unmapSingle(device, at, BYTES, direction, attrs);
        }

        private String read(long at) {
            return word(kernel.bus.load8(kernel.machine.ram().offsetOf(at)));
        }

        private void write(long at, int bytes) {
            kernel.bus.fill(kernel.machine.ram().offsetOf(at), bytes, FROM_THE_DEVICE);
        }

        private String load(int offset) {
            return word(cpu.load8(buffer + offset));
        }

        private String isNew(int offset) {
            return load(offset).equals("new") ? "yes" : "no";
        }

        private static String word(byte value) {
            return switch (value) {
                case OLD -> "old";
                case NEW -> "new";
                case FROM_THE_DEVICE -> "device";
                default -> "0x%02x".formatted(value);
            };
        }

        private void say(String format, Object... values) {
            said.add(format.formatted(values));
        }
    }
}
