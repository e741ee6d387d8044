package dmakit.kernel.drivers.ioat;

import dmakit.datasheet.ioat.IoatRegister;
import dmakit.datasheet.ioat.IoatRegister.Chancnt;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.pci.PciDriver;
import dmakit.kernel.pci.PciId;
import dmakit.kernel.pci.PciInterrupts;
import dmakit.kernel.sync.Timers;
import java.util.List;

/** Binds I/OAT functions and makes their channels known to dmaengine. */
public final class IoatDriver implements PciDriver {
    private static final String FILE = "drivers/dma/ioat/init.c";
    private static final String NAME = "ioatdma";
    private static final long MASK_32 = 0xffff_ffffL;

    // INTRCTRL is the highest byte of its word.
    private static final int BYTE_SHIFT = 24;
    static final int INTRCTRL = IoatRegister.CHANCNT.offset() + BYTE_SHIFT / Byte.SIZE;
    static final int MASTER_INT_EN = Chancnt.MASTER_INT_EN.mask() >>> BYTE_SHIFT;
    static final int INT_STATUS = Chancnt.INT_STATUS.mask() >>> BYTE_SHIFT;
    static final int MSIX_VECTOR_CONTROL = Chancnt.MSIX_VECTOR_CONTROL.mask() >>> BYTE_SHIFT;

    private final ProviderKit kit;
    private final Timers timers;

    /** Creates the driver, to be registered with the PCI bus. */
    @Linux(file = FILE, symbol = "ioat_init_module")
    public IoatDriver(ProviderKit kit, Timers timers) {
        this.kit = kit;
        this.timers = timers;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<PciId> ids() {
        return List.of(
                new PciId(IoatRegister.VENDOR_ID, IoatRegister.DEVICE_ID),
                new PciId(IoatRegister.VENDOR_ID, IoatRegister.DEVICE_ID_8_SOURCES));
    }

    @Override
    @Linux(file = FILE, symbol = "ioat_pci_probe")
    public void probe(PciDevice function, PciId id) {
        Device dev = function.device();
        function.enableManaged();
        function.requestRegion(0, NAME);
        dev.devres().add("pcim_iomap_regions", () -> function.releaseRegion(0));
        long registers = function.iomap(0, 0);
        dev.devres().add("pcim_iomap", () -> kit.io().iounmap(registers));
        try {
            kit.mapping().setMaskAndCoherent(dev, -1L);
        } catch (KernelException refusal) {
            kit.mapping().setMaskAndCoherent(dev, MASK_32);
        }
        function.busMaster(true);
        IoatDma dma = new IoatDma(kit, timers, function, registers);
        setUpInterrupts(dma);
        try {
            kit.engine().register(dma.device());
        } catch (RuntimeException refusal) {
            releaseInterrupts(dma);
            kit.log().devErr(dev, "Intel(R) I/OAT DMA Engine init failed");
            throw refusal;
        }
        dev.driverData(dma);
    }

    @Linux(file = FILE, symbol = "ioat_dma_setup_interrupts")
    private void setUpInterrupts(IoatDma dma) {
        PciInterrupts interrupts = dma.function().interrupts();
        int count = dma.channels().size();
        try {
            interrupts.allocate(count, count, PciInterrupts.MSIX);
        } catch (KernelException refusal) {
            interrupts.allocate(1, 1, PciInterrupts.MSI | PciInterrupts.INTX);
        }
        boolean perChannel = interrupts.mode() == PciInterrupts.Mode.MSIX;
        if (perChannel) {
            for (IoatChannel channel : dma.channels()) {
                kit.irqs()
                        .request(
                                interrupts.irq(channel.number()),
                                (_, _) -> {
                                    channel.scheduleCleanup();
                                    return IrqReturn.HANDLED;
                                },
                                "ioat-msix",
                                channel);
            }
        } else {
            kit.irqs()
                    .request(
                            interrupts.irq(0),
                            (_, _) -> dma.handleInterrupt(),
                            interrupts.sendsMessages() ? "ioat-msi" : "ioat-intx",
                            dma);
        }
        dma.enableInterrupts(perChannel);
    }

    @Linux(file = FILE, symbol = "ioat_disable_interrupts")
    private void releaseInterrupts(IoatDma dma) {
        dma.disableInterrupts();
        PciInterrupts interrupts = dma.function().interrupts();
        if (interrupts.mode() == PciInterrupts.Mode.MSIX) {
            for (IoatChannel channel : dma.channels()) {
                kit.irqs().free(interrupts.irq(channel.number()), channel);
            }
        } else {
            kit.irqs().free(interrupts.irq(0), dma);
        }
        interrupts.free();
    }

    /** Linux leaves the rings of channels that still have clients behind. */
    @Override
    @Linux(file = FILE, symbol = "ioat_remove")
    public void remove(PciDevice function) {
        if (!(function.device().driverData() instanceof IoatDma dma)) {
            return;
        }
        function.device().driverData(null);
        kit.log().devErr(function.device(), "Removing dma and dca services");
        dma.channels().forEach(IoatChannel::remove);
        releaseInterrupts(dma);
        kit.engine().unregister(dma.device());
    }

    @Override
    @Linux(file = FILE, symbol = "ioat_shutdown")
    public void shutdown(PciDevice function) {
        if (function.device().driverData() instanceof IoatDma dma) {
            dma.channels().forEach(IoatChannel::down);
            dma.disableInterrupts();
        }
    }
}
