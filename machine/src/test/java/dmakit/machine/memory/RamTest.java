package dmakit.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram.Bank;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("counts the descriptors and mappings of the whole process")
class RamTest {
    private static final long TOP_PAGE = -0x1000;

    @Test
    void addressesAndPositionsAreInverse() {
        List<Bank> banks =
                List.of(
                        new Bank(0x1000, 0x1000),
                        new Bank(0x2000, 0x2000),
                        new Bank(0x8000_0000L, 0x1000),
                        new Bank(TOP_PAGE, 0x1000));
        try (Ram ram = new Ram(banks, true)) {
            assertThat(ram.size()).isEqualTo(0x5000);
            assertThat(ram.banks()).isEqualTo(banks);
            assertThat(ram.offsetOf(0x0fff)).isEqualTo(Ram.NOT_RAM);
            assertThat(ram.offsetOf(0x1000)).isZero();
            assertThat(ram.offsetOf(0x3fff)).isEqualTo(0x2fff);
            assertThat(ram.offsetOf(0x4000)).isEqualTo(Ram.NOT_RAM);
            assertThat(ram.offsetOf(0x8000_0000L)).isEqualTo(0x3000);
            assertThat(ram.offsetOf(-1)).isEqualTo(0x4fff);
            for (long offset = 0; offset < ram.size(); offset += 0x7ff) {
                assertThat(ram.offsetOf(ram.physOf(offset))).isEqualTo(offset);
            }
            assertThatThrownBy(() -> ram.physOf(0x5000))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> ram.physOf(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aRangeIsRamOnlyWhereAllOfItIsWithoutAGap() {
        try (Ram ram =
                new Ram(
                        List.of(
                                new Bank(0x1000, 0x1000),
                                new Bank(0x2000, 0x1000),
                                new Bank(TOP_PAGE, 0x1000)),
                        true)) {
            assertThat(ram.offsetOf(0x1800, 0x1800)).isEqualTo(0x800);
            assertThat(ram.offsetOf(0x1800, 0x1801)).isEqualTo(Ram.NOT_RAM);
            assertThat(ram.offsetOf(0x0fff, 2)).isEqualTo(Ram.NOT_RAM);
            assertThat(ram.offsetOf(0x1800, -1)).isEqualTo(Ram.NOT_RAM);
            assertThat(ram.offsetOf(TOP_PAGE, 0x1000)).isEqualTo(0x2000);
            assertThat(ram.offsetOf(TOP_PAGE, 0x1001)).isEqualTo(Ram.NOT_RAM);
            assertThat(ram.contiguousFrom(0x1ffc)).isEqualTo(0x1004);
            assertThat(ram.contiguousFrom(0x3000)).isZero();
            assertThat(ram.contiguousFrom(-1)).isEqualTo(1);
        }
    }

    @Test
    void banksThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new Ram(List.of(), true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Bank(0x800, 0x1000)).hasMessageContaining("0x800");
        assertThatThrownBy(() -> new Bank(0, 0x800)).hasMessageContaining("whole pages");
        assertThatThrownBy(() -> new Bank(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Bank(TOP_PAGE, 0x2000))
                .hasMessageContaining("past the last address");
        List<Bank> overlapping = List.of(new Bank(0, 0x2000), new Bank(0x1000, 0x1000));
        assertThatThrownBy(() -> new Ram(overlapping, true)).hasMessageContaining("0x1000");
        List<Bank> descending = List.of(new Bank(TOP_PAGE, 0x1000), new Bank(0, 0x1000));
        assertThatThrownBy(() -> new Ram(descending, true)).hasMessageContaining("precedes");
        List<Bank> large = List.of(new Bank(0, Ram.SIZE_MAX), new Bank(Ram.SIZE_MAX, 0x1000));
        assertThatThrownBy(() -> new Ram(large, true)).hasMessageContaining("more than");
    }

    @Test
    void aLargeMachineCostsWhatItTouches() {
        try (Ram ram = new Ram(List.of(new Bank(0, 1L << 36)), false)) {
            CpuView cpu = CpuView.withoutEviction(ram);
            cpu.store64((1L << 36) - 8, 5);
            assertThat(cpu.load64((1L << 36) - 8)).isEqualTo(5);
        }
    }

    @Test
    void closingTwiceDoesNothingAndUseAfterwardsFailsClearly() {
        Ram ram = new Ram(List.of(new Bank(0, 0x1000)), false);
        CpuView cpu = CpuView.withoutEviction(ram);
        DeviceView device = new DeviceView(ram, cpu, false);
        ram.close();
        ram.close();
        assertThatThrownBy(() -> cpu.load8(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> device.store8(0, (byte) 1))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ram.dramShare().descriptor())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void closingGivesDescriptorsAndMappingsBack() throws IOException {
        new Ram(List.of(new Bank(0, 0x1000)), false).close();
        long descriptors = descriptorCount();
        long mappings = mappingCount();
        for (int i = 0; i < 20; i++) {
            Ram ram = new Ram(List.of(new Bank(0, 0x10_0000)), i % 2 == 0);
            assertThat(mappingCount()).isGreaterThan(mappings);
            assertThat(descriptorCount()).isEqualTo(descriptors + (i % 2 == 0 ? 2 : 3));
            ram.close();
        }
        assertThat(descriptorCount()).isEqualTo(descriptors);
        assertThat(mappingCount()).isEqualTo(mappings);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aRefusalAtAnySegmentIsClearAndLeavesNothingOpen() throws IOException {
        new Ram(List.of(new Bank(0, 0x1000)), false).close();
        long descriptors = descriptorCount();
        long mappings = mappingCount();
        for (String refused : List.of("dmakit-dram", "dmakit-cpu", "dmakit-lines")) {
            Ram.SegmentSource source =
                    (name, bytes, arena) ->
                            SharedSegment.create(
                                    name, name.equals(refused) ? Long.MAX_VALUE : bytes, arena);
            assertThatThrownBy(() -> new Ram(List.of(new Bank(0, 0x1000)), false, source))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("cannot map " + Long.MAX_VALUE + " bytes for " + refused);
        }
        assertThat(descriptorCount()).isEqualTo(descriptors);
        assertThat(mappingCount()).isEqualTo(mappings);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aMachineThatCannotBeBuiltLeavesNothingOpen() throws IOException {
        long descriptors = descriptorCount();
        long mappings = mappingCount();
        Machine.Config config =
                new Machine.Config(
                        List.of(new Bank(0, 0x1000)),
                        false,
                        new Machine.Cache.Lru(100, 3),
                        CostTable.CORTEX_A53,
                        1);
        assertThatThrownBy(() -> new Machine(config)).isInstanceOf(IllegalArgumentException.class);
        assertThat(descriptorCount()).isEqualTo(descriptors);
        assertThat(mappingCount()).isEqualTo(mappings);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void anotherMappingOfTheDescriptorSharesTheBytes() throws IOException {
        try (Ram ram = new Ram(List.of(new Bank(0, 0x1000)), false)) {
            CpuView cpu = CpuView.withoutEviction(ram);
            cpu.store8(5, (byte) 42);
            int descriptor = ram.cpuShare().descriptor().orElseThrow();
            byte[] bytes = Files.readAllBytes(Path.of("/proc/self/fd/" + descriptor));
            assertThat(bytes).hasSize(0x1000);
            assertThat(bytes[5]).isEqualTo((byte) 42);
        }
    }

    @Test
    void memoryOfATemporaryFileIsZeroedSparseAndLeavesNoFile() throws IOException {
        long before = temporaryFiles();
        try (Arena arena = Arena.ofShared();
                SharedSegment share = SharedSegment.temporaryFile("dmakit-test", 1L << 32, arena)) {
            assertThat(share.descriptor()).isEmpty();
            assertThat(share.segment().byteSize()).isEqualTo(1L << 32);
            long last = (1L << 32) - 1;
            assertThat(share.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, last)).isZero();
            share.segment().set(java.lang.foreign.ValueLayout.JAVA_BYTE, last, (byte) 9);
            assertThat(share.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, last))
                    .isEqualTo((byte) 9);
            if (OS.LINUX.isCurrentOs()) {
                assertThat(temporaryFiles()).isEqualTo(before);
            }
        }
        assertThatThrownBy(
                        () -> {
                            try (Arena arena = Arena.ofShared()) {
                                SharedSegment.temporaryFile("dmakit-test", Long.MAX_VALUE, arena);
                            }
                        })
                .isInstanceOf(IOException.class);
        assertThat(temporaryFiles()).isEqualTo(before);
    }

    private static long temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("dmakit-test"))
                    .count();
        }
    }

    private static long descriptorCount() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(RamTest::isOurs).count();
        }
    }

    private static boolean isOurs(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().contains("memfd:dmakit");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private static long mappingCount() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("memfd:dmakit")).count();
        }
    }
}
