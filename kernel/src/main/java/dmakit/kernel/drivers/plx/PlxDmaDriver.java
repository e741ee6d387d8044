package dmakit.kernel.drivers.plx;

import dmakit.datasheet.plx.PlxDescriptor;
import dmakit.datasheet.plx.PlxRegister;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.pci.PciDriver;
import dmakit.kernel.pci.PciId;
import dmakit.kernel.pci.PciInterrupts;
import java.util.List;

/** Binds the DMA functions of PEX 87xx parts and makes their channels known to dmaengine. */
public final class PlxDmaDriver implements PciDriver {
    private static final String FILE = "drivers/dma/plx_dma.c";
    private static final String NAME = "plx_dma";
    private static final long MASK_32 = 0xffff_ffffL;
    private static final int CLASS_MASK = 0xff_ffff;

    private final ProviderKit kit;

    /** Creates the driver, to be registered with the PCI bus. */
    public PlxDmaDriver(ProviderKit kit) {
        this.kit = kit;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<PciId> ids() {
        return List.of(
                new PciId(
                        PlxRegister.VENDOR_ID,
                        PlxRegister.DEVICE_ID,
                        PciId.ANY,
                        PciId.ANY,
                        PlxRegister.CLASS_CODE,
                        CLASS_MASK,
                        null));
    }

    @Override
    @Linux(file = FILE, symbol = "plx_dma_probe")
    public void probe(PciDevice function, PciId id) {
        Device dev = function.device();
        function.enableManaged();
        try {
            kit.mapping().setMaskAndCoherent(dev, PlxDescriptor.ADDRESS_MASK);
        } catch (KernelException refusal) {
            kit.mapping().setMaskAndCoherent(dev, MASK_32);
        }
        function.requestRegion(0, NAME);
        dev.devres().add("pcim_iomap_regions", () -> function.releaseRegion(0));
        long registers = function.iomap(0, 0);
        dev.devres().add("pcim_iomap", () -> kit.io().iounmap(registers));
        function.interrupts()
                .allocate(1, 1, PciInterrupts.INTX | PciInterrupts.MSI | PciInterrupts.MSIX);
        try {
            function.busMaster(true);
            create(function, dev, registers);
        } catch (RuntimeException refusal) {
            function.interrupts().free();
            throw refusal;
        }
        kit.log().devInfo(dev, "PLX DMA Channel Registered");
    }

    @Linux(file = FILE, symbol = "plx_dma_create")
    private void create(PciDevice function, Device dev, long registers) {
        int irq = function.interrupts().irq(0);
        PlxDma dma = new PlxDma(kit, dev, registers, irq);
        kit.irqs().request(irq, (_, _) -> dma.channel().handleInterrupt(), NAME, dma);
        try {
            kit.engine().register(dma.device());
        } catch (RuntimeException refusal) {
            kit.log()
                    .devErr(
                            dev,
                            "Failed to register dma device: %s",
                            String.valueOf(refusal.getMessage()));
            kit.irqs().free(irq, dma);
            throw refusal;
        }
        dev.driverData(dma);
    }

    @Override
    @Linux(file = FILE, symbol = "plx_dma_remove")
    public void remove(PciDevice function) {
        if (!(function.device().driverData() instanceof PlxDma dma)) {
            return;
        }
        function.device().driverData(null);
        kit.irqs().free(dma.irq(), dma);
        dma.channel().remove();
        kit.engine().unregister(dma.device());
        function.interrupts().free();
    }
}
