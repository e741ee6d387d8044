package dmakit.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.mm.Gfp;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ManyBootsTest {
    private static final int BOOT_COUNT = 100;
    private static final long HEAP_GROWTH_MAX = 4L << 20;

    private static void bootAndClose() {
        try (Simulation simulation =
                Simulation.boot(Board.of("rpi3"), Simulation.Options.seeded(1))) {
            simulation
                    .kernel()
                    .run("touch", () -> simulation.kernel().mm().slab().kzalloc(64, Gfp.KERNEL));
        }
    }

    private static void failInside() {
        try (Simulation simulation =
                Simulation.boot(Board.of("rpi3"), Simulation.Options.seeded(1))) {
            simulation
                    .kernel()
                    .run(
                            "insmod",
                            () -> {
                                throw new KernelException(Errno.ENODEV, "no device");
                            });
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aHundredBootsLeaveNoDescriptorAndNoMappingBehind() throws IOException {
        bootAndClose();
        long descriptors = descriptors();
        long mappings = mappings();
        for (int i = 0; i < BOOT_COUNT; i++) {
            bootAndClose();
        }
        assertThat(descriptors()).isEqualTo(descriptors);
        assertThat(mappings()).isEqualTo(mappings);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aRunThatFailedGivesItsMemoryBackToo() throws IOException {
        long mappings = mappings();
        assertThatThrownBy(ManyBootsTest::failInside).isInstanceOf(KernelException.class);
        assertThat(mappings()).isEqualTo(mappings);
    }

    @Test
    void aHundredBootsLeaveNothingOnTheHeap() {
        bootAndClose();
        long before = heapInUse();
        for (int i = 0; i < BOOT_COUNT; i++) {
            bootAndClose();
        }
        assertThat(heapInUse() - before).isLessThan(HEAP_GROWTH_MAX);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aBoardThatCannotBeBuiltLeavesNothingBehind() throws IOException {
        long before = mappings();
        Board board =
                Board.of("rpi3")
                        .withOverlay(
                                """
                                /dts-v1/;
                                /plugin/;
                                &dma { reg = <0x00000000 0xf00>; };
                                """,
                                "bad.dtso");
        assertThatThrownBy(() -> Simulation.boot(board, Simulation.Options.seeded(1)))
                .isInstanceOf(BoardException.class);
        assertThat(mappings()).isEqualTo(before);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    /** Pieces of simulated memory that this process maps. */
    private static long mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("memfd:")).count();
        }
    }

    private static long heapInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
