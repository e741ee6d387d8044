package dmakit.board.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.datasheet.edu.EduRegister;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.pci.PciDriver;
import dmakit.kernel.pci.PciId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a kernel with {@code CONFIG_DMA_API_DEBUG} says of what drivers of PCI leave behind. */
class PendingMappingsTest {
    /** Maps a buffer and never gives it back. */
    private record Forgetful(Kernel kernel, boolean refuses) implements PciDriver {
        @Override
        public String name() {
            return "forgetful";
        }

        @Override
        public List<PciId> ids() {
            return List.of(new PciId(EduRegister.VENDOR_ID, EduRegister.DEVICE_ID));
        }

        @Override
        public void probe(PciDevice function, PciId id) {
            long va = kernel.mm().slab().kzalloc(64, Gfp.KERNEL.with(Gfp.DMA32));
            kernel.dma().mapSingle(function.device(), va, 64, DmaDirection.TO_DEVICE);
            if (refuses) {
                throw new KernelException(Errno.EIO, "refused");
            }
        }
    }

    private static List<String> afterUse(boolean refuses) {
        try (Simulation pc = Simulation.boot(Board.of("pc"), Simulation.Options.seeded(1))) {
            Kernel kernel = pc.kernel();
            kernel.findings().enable();
            kernel.run(
                    "modprobe",
                    () -> {
                        Forgetful driver = new Forgetful(kernel, refuses);
                        kernel.pci().register(driver);
                        kernel.pci().unregister(driver);
                    });
            assertThat(kernel.findings().all())
                    .extracting(Finding::id)
                    .contains(FindingId.UNMAP_MISSING);
            return kernel.log().buffer().texts().stream()
                    .filter(line -> line.contains("pending DMA allocations"))
                    .toList();
        }
    }

    @Test
    void areToldWithOneOfThemWhenTheDriverLeaves() {
        assertThat(afterUse(false))
                .singleElement()
                .asString()
                .matches(
                        "DMA-API: pci 0000:00:0[0-9a-f].0: device driver has pending DMA"
                                + " allocations while released from device \\[count=1\\]\\n"
                                + "One of leaked entries details:"
                                + " \\[device address=0x[0-9a-f]{16}\\] \\[size=64 bytes\\]"
                                + " \\[mapped with DMA_TO_DEVICE\\] \\[mapped as single\\]");
    }

    @Test
    void areNotToldOfADriverThatRefusedTheFunction() {
        assertThat(afterUse(true)).isEmpty();
    }
}
