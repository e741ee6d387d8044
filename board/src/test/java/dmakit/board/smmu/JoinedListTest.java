package dmakit.board.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * Lists whose entries an IOMMU joins: {@code CONFIG_DMA_API_DEBUG} has an entry for each segment
 * that the device sees, and counts the entries that the driver gave.
 */
class JoinedListTest {
    private static final int PAGE = 4096;
    private static final int NENTS = 4;

    private static void onSmmu(BiConsumer<Kernel, Device> body) {
        try (Simulation simulation =
                Simulation.boot(Board.of("rpi3-smmu"), Simulation.Options.seeded(1))) {
            Kernel kernel = simulation.kernel();
            kernel.findings().enable();
            kernel.dma().debug().allErrors(1);
            Device device =
                    kernel.devices().all().stream()
                            .filter(each -> each.name().contains("dma-controller"))
                            .findFirst()
                            .orElseThrow();
            kernel.run("test", () -> body.accept(kernel, device));
        }
    }

    private static Scatterlist scattered(Kernel kernel) {
        Scatterlist sg = new Scatterlist(NENTS);
        for (int i = 0; i < NENTS; i++) {
            sg.setPage(i, kernel.mm().pages().allocPages(Gfp.KERNEL, 0), PAGE, 0);
            kernel.mm().pages().allocPages(Gfp.KERNEL, 0);
        }
        return sg;
    }

    private static List<String> lists(Kernel kernel) {
        return kernel.dma()
                .debug()
                .dump()
                .lines()
                .filter(line -> line.contains(" scatter-gather "))
                .toList();
    }

    @Test
    void isOneEntryWhileItIsMappedAndNothingIsSaidOfIt() {
        onSmmu((kernel, device) -> {
            Scatterlist sg = scattered(kernel);
            int free = kernel.dma().debug().freeEntryCount();
            assertThat(kernel.dma().mapSg(device, sg, NENTS, DmaDirection.FROM_DEVICE))
                    .isEqualTo(1);
            assertThat(kernel.dma().debug().freeEntryCount()).isEqualTo(free - 1);
            assertThat(lists(kernel)).singleElement().asString().contains(" L=4000 ");
            kernel.dma()
                    .syncSingleForCpu(
                            device, sg.dmaAddress(0) + PAGE - 8, 16, DmaDirection.FROM_DEVICE);
            assertThat(kernel.dma().debug().errorCount()).isZero();
            kernel.dma().syncSgForCpu(device, sg, NENTS, DmaDirection.FROM_DEVICE);
            kernel.dma().unmapSg(device, sg, NENTS, DmaDirection.FROM_DEVICE);
            assertThat(kernel.dma().debug().errorCount()).isZero();
            assertThat(kernel.dma().debug().freeEntryCount()).isEqualTo(free);
        });
    }

    @Test
    void isNotGivenBackWithTheCountThatWasMapped() {
        onSmmu((kernel, device) -> {
            Scatterlist sg = scattered(kernel);
            int mapped = kernel.dma().mapSg(device, sg, NENTS, DmaDirection.TO_DEVICE);
            kernel.dma().unmapSg(device, sg, mapped, DmaDirection.TO_DEVICE);
            assertThat(kernel.findings().all())
                    .extracting(Finding::id)
                    .containsExactly(FindingId.UNMAP_SG_NENTS);
            assertThat(kernel.log().buffer().texts())
                    .filteredOn(line -> line.startsWith("DMA-API: bcm2835-dma "))
                    .singleElement()
                    .asString()
                    .endsWith("different entry count [map count=4] [unmap count=1]");
        });
    }
}
