package dmakit.kernel.swiotlb;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.Architecture;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.mm.ZoneLayout;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SwiotlbBootTest {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final Ram.Bank LOW = new Ram.Bank(0, GIB);
    private static final Ram.Bank HIGH = new Ram.Bank(4 * GIB, GIB);

    private record Booted(List<String> lines, List<Integer> slotsAndAreas, long start) {}

    private static Booted boot(
            String commandLine, long reach, Architecture architecture, Ram.Bank... banks) {
        try (Machine machine =
                new Machine(
                        new Machine.Config(
                                List.of(banks),
                                false,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1))) {
            Log log = new Log(machine.clock(), machine.trace());
            Swiotlb booted =
                    Swiotlb.boot(
                            machine,
                            log,
                            new Memblock(machine.ram()),
                            ZoneLayout.arm64(machine.ram(), reach),
                            new KernelParameters(commandLine),
                            architecture);
            SwiotlbPool pool = booted.common();
            assertThat(booted.isAllocated()).isEqualTo(pool != null);
            return new Booted(
                    log.buffer().records().stream()
                            .map(line -> line.text().replace("software IO TLB: ", ""))
                            .toList(),
                    pool == null ? List.of() : List.of(pool.slotCount(), pool.areaCount()),
                    pool == null ? -1 : pool.start());
        }
    }

    private static Booted boot(String commandLine, Ram.Bank... banks) {
        return boot(commandLine, -1, Architecture.ARM64, banks);
    }

    @Test
    void ramBeyondTheDmaLimitHas64MebibytesAtTheTopOfTheDmaZone() {
        Booted booted = boot("", LOW, HIGH);

        assertThat(booted.slotsAndAreas()).containsExactly(32768, 1);
        assertThat(booted.start()).isEqualTo(GIB - 64 * MIB);
        assertThat(booted.lines())
                .containsExactly(
                        "area num 1.", "mapped [mem 0x000000003c000000-0x0000000040000000] (64MB)");
    }

    @Test
    void ramThatAllDevicesReachHasOneMebibytePerGibibyteForSmallBuffers() {
        Booted booted = boot("", new Ram.Bank(0, 2 * GIB));

        assertThat(booted.slotsAndAreas()).containsExactly(1024, 1);
        assertThat(booted.lines())
                .containsExactly(
                        "SWIOTLB bounce buffer size adjusted to 2MB",
                        "area num 1.",
                        "mapped [mem 0x000000007fe00000-0x0000000080000000] (2MB)");
    }

    @Test
    void anOddSizeOfRamIsRoundedToSegmentsAndThenToAPowerOfTwo() {
        Booted booted = boot("", new Ram.Bank(0, 0x3b40_0000));

        assertThat(booted.slotsAndAreas()).containsExactly(512, 1);
        assertThat(booted.lines())
                .startsWith("SWIOTLB bounce buffer size adjusted to 0MB", "area num 1.")
                .hasSize(3)
                .last()
                .asString()
                .endsWith("(1MB)");
    }

    @Test
    void aLimitOfTheBusesCountsAsTheEndOfWhatIsReached() {
        Booted booted = boot("", GIB - 1, Architecture.ARM64, new Ram.Bank(0, 2 * GIB));

        assertThat(booted.slotsAndAreas()).containsExactly(32768, 1);
        assertThat(booted.start()).isEqualTo(GIB - 64 * MIB);
    }

    @Test
    void anX86HasNoneUnlessRamGoesBeyondFourGibibytesOrAllIsToBounce() {
        assertThat(boot("", -1, Architecture.X86, LOW).slotsAndAreas()).isEmpty();
        assertThat(boot("swiotlb=force", -1, Architecture.X86, LOW).slotsAndAreas())
                .containsExactly(32768, 1);
        Booted booted = boot("", (16 << 20) - 1, Architecture.X86, LOW, HIGH);
        assertThat(booted.slotsAndAreas()).containsExactly(32768, 1);
        assertThat(booted.start()).isEqualTo(GIB - 64 * MIB);
    }

    @ParameterizedTest
    @CsvSource({
        // value, slots, areas
        "4096, 4096, 1",
        "1, 128, 1",
        "0, 128, 1",
        "129, 256, 1",
        "0x1000, 4096, 1",
        "010, 128, 1",
        "'4096,4', 4096, 4",
        "'4096,3', 4096, 4",
        "'128,4', 512, 4",
        "'5000,2', 8192, 2",
        "',2', 32768, 2",
        "'4096,force', 4096, 1",
        "'4096,2,force', 4096, 2",
        "'4096,2,noforce', -, -",
        "'4096,noforce', -, -",
        "noforce, -, -",
        "force, 32768, 1",
        "',force', 32768, 1",
        "nonsense, 32768, 1",
        "64M, 128, 1"
    })
    void theCommandLineSaysHowMany(String value, String slots, String areas) {
        Booted booted = boot("swiotlb=" + value, LOW, HIGH);

        assertThat(booted.slotsAndAreas())
                .isEqualTo(
                        slots.equals("-")
                                ? List.of()
                                : List.of(Integer.parseInt(slots), Integer.parseInt(areas)));
    }

    @Test
    void aSizeOnTheCommandLineIsNotAdjustedToRam() {
        Booted booted = boot("swiotlb=4096", LOW);

        assertThat(booted.slotsAndAreas()).containsExactly(4096, 1);
        assertThat(booted.lines())
                .containsExactly(
                        "area num 1.", "mapped [mem 0x000000003f800000-0x0000000040000000] (8MB)");
    }

    @Test
    void areasAreAnnouncedWhenTheyAreReadAndRoundTheSizeUp() {
        assertThat(boot("swiotlb=5000,3", LOW).lines())
                .containsExactly(
                        "area num 4.",
                        "SWIOTLB bounce buffer size roundup to 16MB",
                        "mapped [mem 0x000000003f000000-0x0000000040000000] (16MB)");
    }

    @Test
    void laterWordsAddToEarlierOnes() {
        assertThat(boot("swiotlb=4096 swiotlb=force", LOW).slotsAndAreas())
                .containsExactly(4096, 1);
    }

    @Test
    void whatDoesNotFitIsHalvedAndAreasBecomeFewer() {
        Booted booted = boot("swiotlb=32768,256", new Ram.Bank(0, 24 * MIB));

        assertThat(booted.slotsAndAreas()).containsExactly(8192, 64);
        assertThat(booted.lines())
                .containsExactly(
                        "area num 256.",
                        "SWIOTLB bounce buffer size adjusted to 64MB",
                        "swiotlb_memblock_alloc: Failed to allocate 67108864 bytes tlb structure",
                        "swiotlb_memblock_alloc: Failed to allocate 33554432 bytes tlb structure",
                        "SWIOTLB bounce buffer size adjusted 32768 -> 8192 slabs",
                        "mapped [mem 0x0000000000800000-0x0000000001800000] (16MB)");
    }

    @Test
    void belowOneMebibyteThereIsNone() {
        Booted booted = boot("swiotlb=1024", new Ram.Bank(0, MIB / 2));

        assertThat(booted.slotsAndAreas()).isEmpty();
        assertThat(booted.lines())
                .contains("swiotlb_memblock_alloc: Failed to allocate 1048576 bytes tlb structure")
                .noneMatch(line -> line.startsWith("mapped"));
    }

    @Test
    void hugeNumbersAreTheLargestThatMakeSense() {
        Ram.Bank bank = new Ram.Bank(GIB, GIB);
        Booted booted = boot("swiotlb=99999999999999999999,99999999999", bank);

        assertThat(booted.lines().getFirst())
                .isEqualTo("area num " + SwiotlbBoot.AREA_COUNT_MAX + ".");
        assertThat(booted.slotsAndAreas().getFirst()).isEqualTo(524288);
    }
}
