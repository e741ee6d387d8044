package dmakit.kernel.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Zone;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DmaPoolTest {
    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final DmaMapping mapping = kernel.mapping;
    private final Cpu cpu = kernel.machine.cpu();
    private final Device device = kernel.device();

    @AfterEach
    void close() {
        kernel.close();
    }

    private DmaPool pool(long size, long align, long boundary) {
        return mapping.poolCreate("blocks", device, size, align, boundary);
    }

    private List<CoherentBuffer> take(DmaPool pool, int count) {
        List<CoherentBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(pool.alloc(Gfp.KERNEL));
        }
        return blocks;
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, 16",
        "16, 1, 0, 16",
        "17, 0, 0, 17",
        "48, 32, 0, 64",
        "100, 128, 4096, 128",
        "5000, 16, 0, 5008",
    })
    void aBlockHasAtLeastTwoPointersAndWholeSteps(long size, long align, long bound, int bytes) {
        assertThat(pool(size, align, bound).blockBytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "-1, 0, 0",
        "2147483648, 0, 0",
        "48, 3, 0",
        "64, 0, 32",
        "64, 0, 96",
        "9223372036854775807, 0, 0",
        "2147483647, 4096, 0",
    })
    void sizesAndStepsThatMeanNothingAreRefused(long size, long align, long boundary) {
        assertThatThrownBy(() -> pool(size, align, boundary))
                .isInstanceOfSatisfying(
                        DmaException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        assertThat(mapping.pools().has(device)).isFalse();
    }

    @Test
    void blocksComeInAscendingOrderAndTheLastFreedFirst() {
        DmaPool pool = pool(64, 64, 0);
        List<CoherentBuffer> blocks = take(pool, 3);
        assertThat(blocks.get(1).dma()).isEqualTo(blocks.get(0).dma() + 64);
        assertThat(blocks.get(2).va()).isEqualTo(blocks.get(0).va() + 128);
        pool.free(blocks.get(0));
        pool.free(blocks.get(2));
        assertThat(pool.alloc(Gfp.KERNEL)).isEqualTo(blocks.get(2));
        assertThat(pool.alloc(Gfp.KERNEL)).isEqualTo(blocks.get(0));
    }

    @Test
    void noBlockCrossesABoundary() {
        DmaPool pool = pool(96, 32, 256);
        for (CoherentBuffer block : take(pool, 100)) {
            assertThat(block.dma() / 256).isEqualTo((block.dma() + 95) / 256);
        }
        assertThat(pool.blockCount()).isEqualTo(4 * 32);
        assertThat(pool.chunkCount()).isEqualTo(4);
    }

    @Test
    void aChunkIsOneBlockWhereThatIsLargerThanAPage() {
        DmaPool pool = pool(5000, 16, 0);
        take(pool, 3);
        assertThat(pool.chunkCount()).isEqualTo(3);
        assertThat(pool.blockCount()).isEqualTo(3);
    }

    @Test
    void chunksStayUntilThePoolGoes() {
        long free = kernel.mm.pages().freePages(Zone.DMA);
        DmaPool pool = pool(1024, 0, 0);
        List<CoherentBuffer> blocks = take(pool, 9);
        blocks.forEach(pool::free);
        assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free - 3);
        pool.destroy();
        assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free);
        assertThatThrownBy(() -> pool.alloc(Gfp.KERNEL)).isInstanceOf(IllegalStateException.class);
        mapping.checkGivenBack(device);
    }

    @Test
    void theHeadOfAFreeBlockIsThePools() {
        DmaPool pool = pool(64, 64, 0);
        CoherentBuffer first = pool.alloc(Gfp.KERNEL);
        assertThat(cpu.load64(first.va())).isEqualTo(first.va() + 64);
        assertThat(cpu.load64(first.va() + 8)).isEqualTo(first.dma());
        assertThat(cpu.load64(first.va() + 16)).isZero();
        cpu.fill(first.va(), 64, (byte) 0x55);
        pool.free(first);
        CoherentBuffer again = pool.alloc(Gfp.KERNEL);
        assertThat(cpu.load64(again.va() + 8)).isEqualTo(first.dma());
        assertThat(cpu.load64(again.va() + 16)).isEqualTo(0x5555_5555_5555_5555L);
        pool.free(again);
        CoherentBuffer zeroed = pool.zalloc(Gfp.KERNEL);
        for (int at = 0; at < 64; at += 8) {
            assertThat(cpu.load64(zeroed.va() + at)).isZero();
        }
    }

    @Test
    void withoutSleepingChunksComeFromTheAtomicPool() {
        long free = kernel.mm.pages().freePages(Zone.DMA);
        pool(2048, 0, 0).alloc(Gfp.ATOMIC);
        assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free);
    }

    @Test
    void noMemoryForAChunkIsARefusalAndThePoolGoesOn() {
        device.dma().coherentDmaMask(DmaMapping.bitMask(12));
        DmaPool pool = pool(64, 0, 0);
        assertThatThrownBy(() -> pool.alloc(Gfp.KERNEL)).isInstanceOf(DmaException.class);
        device.dma().coherentDmaMask(DmaMapping.bitMask(32));
        assertThat(pool.alloc(Gfp.KERNEL).size()).isEqualTo(64);
        assertThat(pool.activeCount()).isEqualTo(1);
    }

    @Test
    void theFileNamesTheLatestPoolFirst() {
        DmaPool first = pool(64, 0, 0);
        take(first, 65);
        mapping.poolCreate("a-name-of-more-than-31-characters", device, 17, 0, 0);
        assertThat(mapping.pools().show(device))
                .isEqualTo(
                        """
                        poolinfo - 0.1
                        a-name-of-more-than-31-characte    0    0   17  0
                        blocks             65  128   64  2
                        """);
    }

    @Test
    void aManagedPoolGoesWithTheDriver() {
        long free = kernel.mm.pages().freePages(Zone.DMA);
        DmaPool first = mapping.dmamPoolCreate("one", device, 64, 0, 0);
        DmaPool second = mapping.dmamPoolCreate("two", device, 64, 0, 0);
        second.free(second.alloc(Gfp.KERNEL));
        mapping.dmamPoolDestroy(first);
        assertThat(device.devres().names()).containsExactly("dmam_pool_create");
        device.devres().releaseAll();
        assertThat(mapping.pools().has(device)).isFalse();
        assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free);
    }

    @Nested
    class Misuse {
        private final DmaPool pool = pool(64, 64, 0);
        private final CoherentBuffer block = pool.alloc(Gfp.KERNEL);

        @Test
        void isThrownWhereItIsLookedFor() {
            assertThatThrownBy(() -> pool.free(block.va(), block.dma() + 64))
                    .isInstanceOf(OwnershipViolation.class);
            assertThatThrownBy(() -> pool.free(block.va() + 8, block.dma() + 8))
                    .isInstanceOf(OwnershipViolation.class);
            pool.free(block);
            assertThatThrownBy(() -> pool.free(block)).isInstanceOf(OwnershipViolation.class);
        }

        @Test
        void aPoolWithBlocksOutIsDestroyedAndItsChunksAreLost() {
            long free = kernel.mm.pages().freePages(Zone.DMA);
            assertThatThrownBy(pool::destroy).isInstanceOf(OwnershipViolation.class);
            assertThat(kernel.lines()).last().asString().endsWith("dma_pool_destroy blocks busy");
            assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free);
            assertThat(mapping.pools().has(device)).isFalse();
        }

        @Test
        void isAFindingWhereFindingsAreCollected() {
            kernel.calls.findings().enable();
            DmaPool other = mapping.poolCreate("other", device, 64, 0, 0);
            other.free(block);
            pool.free(block.va(), block.dma() + 4096);
            pool.free(block);
            pool.alloc(Gfp.KERNEL);
            pool.destroy();
            assertThat(kernel.calls.findings().all().stream().map(Finding::id))
                    .containsExactly(
                            FindingId.FREE_COHERENT_MISMATCH,
                            FindingId.FREE_COHERENT_MISMATCH,
                            FindingId.POOL_DOUBLE_FREE,
                            FindingId.POOL_BUSY);
            assertThat(other.activeCount()).isZero();
        }
    }

    @Nested
    class Believing {
        private final MemoryFixture lenient = MemoryFixture.lenient();

        @AfterEach
        void close() {
            lenient.close();
        }

        @Test
        void aBlockThatIsFreedTwiceIsGivenOutTwice() {
            DmaPool pool = lenient.mapping.poolCreate("blocks", lenient.device(), 64, 0, 0);
            CoherentBuffer block = pool.alloc(Gfp.KERNEL);
            pool.free(block);
            pool.free(block);
            assertThat(pool.alloc(Gfp.KERNEL)).isEqualTo(block);
            assertThat(pool.alloc(Gfp.KERNEL)).isEqualTo(block);
        }
    }

    @Nested
    class WithPoison {
        private final MemoryFixture lenient = MemoryFixture.lenient();
        private final Device there = lenient.device();
        private final DmaPool pool;
        private final Cpu core = lenient.machine.cpu();

        WithPoison() {
            lenient.mapping.pools().poison();
            pool = lenient.mapping.poolCreate("blocks", there, 64, 64, 0);
        }

        @AfterEach
        void close() {
            lenient.close();
        }

        private List<String> lastLines(int count) {
            List<String> lines = lenient.lines();
            return lines.subList(lines.size() - count, lines.size());
        }

        @Test
        void blocksShowWhetherTheyAreFree() {
            CoherentBuffer block = pool.alloc(Gfp.KERNEL);
            assertThat(core.load8(block.va() + 40)).isEqualTo((byte) 0xa9);
            assertThat(core.load8(block.va() + 64 + 40)).isEqualTo((byte) 0xa7);
            pool.free(block);
            assertThat(core.load8(block.va() + 40)).isEqualTo((byte) 0xa7);
        }

        @Test
        void wrongFreesAreRefusedAndLogged() {
            CoherentBuffer block = pool.alloc(Gfp.KERNEL);
            pool.free(block.va(), 0x1234);
            assertThat(lastLines(1).getFirst())
                    .endsWith(
                            "pool_block_err blocks, 0x%016x/0x0000000000001234 (bad dma)"
                                    .formatted(block.va()));
            assertThat(pool.activeCount()).isEqualTo(1);
            pool.free(block);
            pool.free(block);
            assertThat(lastLines(1).getFirst())
                    .endsWith(
                            "pool_block_err blocks, dma 0x%016x already free"
                                    .formatted(block.dma()));
            assertThat(pool.activeCount()).isZero();
        }

        @Test
        void aStoreToAFreeBlockIsSeenWhenItIsGivenOut() {
            CoherentBuffer block = pool.alloc(Gfp.KERNEL);
            pool.free(block);
            core.store8(block.va() + 17, (byte) 'x');
            pool.alloc(Gfp.KERNEL);
            List<String> lines = lastLines(5);
            assertThat(lines.getFirst())
                    .endsWith("pool_check_block blocks, 0x%016x (corrupted)".formatted(block.va()));
            assertThat(lines.get(2))
                    .isEqualTo(
                            "00000010: a7 78 a7 a7 a7 a7 a7 a7 a7 a7 a7 a7 a7 a7 a7 a7 "
                                    + " .x..............");
        }
    }
}
