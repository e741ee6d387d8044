package dmakit.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.CopyingDriver.Mistake;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.OwnershipViolation;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.Machine;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a driver's mistakes do: the same driver on the real board and on one that snoops, through
 * the real DMA engine and the real controller.
 */
class StaleBytesTest {
    private static final int SEED_COUNT = 100;

    private static byte[] run(
            String board, Machine.Cache cache, long seed, Function<Kernel, byte[]> body) {
        Simulation.Options options = Simulation.Options.seeded(seed).withCache(cache);
        try (Simulation simulation = Simulation.boot(Board.of(board), options)) {
            Kernel kernel = simulation.kernel();
            return kernel.call("driver", () -> body.apply(kernel));
        }
    }

    private static byte[] withDriver(
            Kernel kernel, Mistake mistake, Function<CopyingDriver, byte[]> use) {
        CopyingDriver driver = new CopyingDriver(kernel, mistake);
        byte[] found = use.apply(driver);
        driver.remove();
        return found;
    }

    private static byte[] once(String board, Mistake mistake) {
        return run(
                board,
                new Machine.Cache.None(),
                1,
                kernel -> withDriver(kernel, mistake, CopyingDriver::copyOnce));
    }

    private static byte[] twice(String board, Mistake mistake) {
        return run(
                board,
                new Machine.Cache.None(),
                1,
                kernel -> withDriver(kernel, mistake, CopyingDriver::copyTwice));
    }

    private static byte[] untouched(Machine.Cache cache, long seed, Mistake mistake) {
        return run(
                "rpi3",
                cache,
                seed,
                kernel -> withDriver(kernel, mistake, CopyingDriver::copyToUntouchedMemory));
    }

    private static byte[] page(byte value) {
        return CopyingDriver.pageOf(value);
    }

    @Test
    void theCorrectDriverCopiesOnTheRealBoard() {
        assertThat(once("rpi3", Mistake.NONE)).isEqualTo(page(CopyingDriver.FIRST));
        assertThat(twice("rpi3", Mistake.NONE)).isEqualTo(page(CopyingDriver.SECOND));
    }

    @Test
    void readingBeforeTheUnmapFindsWhatTheCachesStillHold() {
        assertThat(once("rpi3", Mistake.READS_BEFORE_UNMAP)).isEqualTo(page(CopyingDriver.OLD));
    }

    @Test
    void withoutSyncForCpuTheCachesStillHoldWhatTheyHeldBeforeTheFirstTransfer() {
        assertThat(twice("rpi3", Mistake.NO_SYNC_FOR_CPU)).isEqualTo(page(CopyingDriver.OLD));
    }

    @Test
    void withoutSyncForDeviceTheDeviceSendsTheFirstMessageAgain() {
        assertThat(twice("rpi3", Mistake.NO_SYNC_FOR_DEVICE)).isEqualTo(page(CopyingDriver.FIRST));
    }

    @Test
    void whatTheCpuWritesAfterTheMapStaysInItsCaches() {
        assertThat(once("rpi3", Mistake.WRITES_AFTER_MAP)).isEqualTo(page((byte) 0));
    }

    @ParameterizedTest
    @EnumSource(Mistake.class)
    void everyOneOfTheseMistakesIsHiddenWhereDevicesSnoop(Mistake mistake) {
        assertThat(once("rpi3-coherent", mistake)).isEqualTo(page(CopyingDriver.FIRST));
        assertThat(twice("rpi3-coherent", mistake)).isEqualTo(page(CopyingDriver.SECOND));
    }

    @Test
    void aReadBeforeTheUnmapOfMemoryTheCpuNeverTouchedWorksWhileTheCachesReadNothingAhead() {
        assertThat(untouched(new Machine.Cache.None(), 1, Mistake.READS_BEFORE_UNMAP))
                .isEqualTo(page(CopyingDriver.FIRST));
    }

    @Test
    void cachesThatReadAheadShowThatReadInSomeRunsAndNotInOthers() {
        int stale = 0;
        for (long seed = 1; seed <= SEED_COUNT; seed++) {
            byte[] found =
                    untouched(new Machine.Cache.Adversary(), seed, Mistake.READS_BEFORE_UNMAP);
            if (!Arrays.equals(found, page(CopyingDriver.FIRST))) {
                stale++;
            }
        }
        assertThat(stale).isBetween(1, SEED_COUNT - 1);
    }

    @Test
    void cachesThatActByThemselvesNeverHarmTheCorrectDriver() {
        for (long seed = 1; seed <= SEED_COUNT; seed++) {
            Machine.Cache cache = new Machine.Cache.Adversary();
            assertThat(untouched(cache, seed, Mistake.NONE))
                    .as("seed %d, once", seed)
                    .isEqualTo(page(CopyingDriver.FIRST));
            assertThat(
                            run(
                                    "rpi3",
                                    cache,
                                    seed,
                                    kernel ->
                                            withDriver(
                                                    kernel,
                                                    Mistake.NONE,
                                                    CopyingDriver::copyTwice)))
                    .as("seed %d, twice", seed)
                    .isEqualTo(page(CopyingDriver.SECOND));
        }
    }

    @Test
    void aMappingNeverGivenBackIsNamedWhenItsDeviceGoes() {
        assertThatThrownBy(() ->
                        run("rpi3", new Machine.Cache.None(), 1, StaleBytesTest::mapAndForget))
                .isInstanceOf(OwnershipViolation.class)
                .hasMessageContaining("3f007000.dma-controller still holds")
                .hasMessageContaining("FROM_DEVICE");
    }

    private static byte[] mapAndForget(Kernel kernel) {
        Device device = kernel.platform().device("3f007000.dma-controller").orElseThrow().device();
        long va = kernel.mm().slab().kzalloc(CopyingDriver.BYTES, Gfp.KERNEL);
        kernel.dma().mapSingle(device, va, CopyingDriver.BYTES, DmaDirection.FROM_DEVICE);
        return new byte[0];
    }
}
