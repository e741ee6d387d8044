package dmakit.board.pci;

import dmakit.datasheet.edu.EduRegister;
import dmakit.datasheet.edu.EduRegister.Causes;
import dmakit.datasheet.edu.EduRegister.Command;
import dmakit.datasheet.edu.EduRegister.Status;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.pci.PciDriver;
import dmakit.kernel.pci.PciId;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.cpu.Cpu;
import java.util.List;

/** A driver for {@code edu}, as its document wants it. */
final class EduDriver implements PciDriver {
    private static final int ANY_SLOT = -1;
    private static final int LG2_FUNCTIONS = 3;

    private final Kernel kernel;
    private final Cpu cpu;
    private final int kinds;
    private final boolean master;
    private final Completion done;
    private long registers;
    private int interrupts;
    private PciDevice function;
    private int slot = ANY_SLOT;

    EduDriver(Kernel kernel, int kinds, boolean master) {
        this.kernel = kernel;
        this.cpu = kernel.machine().cpu();
        this.kinds = kinds;
        this.master = master;
        this.done = new Completion(kernel.sched());
    }

    /** Leaves the devices in other slots to other drivers. */
    EduDriver only(int inSlot) {
        slot = inSlot;
        return this;
    }

    @Override
    public String name() {
        return slot == ANY_SLOT ? "edu" : "edu" + slot;
    }

    @Override
    public List<PciId> ids() {
        return List.of(new PciId(EduRegister.VENDOR_ID, EduRegister.DEVICE_ID));
    }

    @Override
    public void probe(PciDevice found, PciId id) {
        if (slot != ANY_SLOT && slot != found.slotAndFunction() >> LG2_FUNCTIONS) {
            throw new KernelException(Errno.ENODEV, "%s is another's", found.name());
        }
        function = found;
        function.enableManaged();
        function.requestRegions(1, "edu");
        found.device().devres().add("regions", () -> function.releaseRegions(1));
        registers = function.iomap(0, 0);
        found.device().devres().add("iomap", () -> kernel.mm().io().iounmap(registers));
        if (master) {
            function.busMaster(true);
        }
        kernel.dma().setMaskAndCoherent(found.device(), EduRegister.DMA_MASK);
        function.interrupts().allocate(1, 1, kinds);
        found.device().devres().add("vectors", () -> function.interrupts().free());
        found.device()
                .requestIrq(
                        kernel.irqs(),
                        function.interrupts().irq(0),
                        (irq, devId) -> handle(),
                        0,
                        "edu",
                        this);
    }

    private IrqReturn handle() {
        int causes = read(EduRegister.INTERRUPT_STATUS);
        if (causes == 0) {
            return IrqReturn.NONE;
        }
        interrupts++;
        write(EduRegister.INTERRUPT_ACKNOWLEDGE, causes);
        done.complete();
        return IrqReturn.HANDLED;
    }

    int read(EduRegister register) {
        return cpu.load32(registers + register.offset());
    }

    void write(EduRegister register, int value) {
        cpu.barrier();
        cpu.store32(registers + register.offset(), value);
    }

    Kernel kernel() {
        return kernel;
    }

    int interrupts() {
        return interrupts;
    }

    PciDevice function() {
        return function;
    }

    int factorial(int n) {
        write(EduRegister.STATUS, Status.INTERRUPT.mask());
        write(EduRegister.FACTORIAL, n);
        done.waitFor();
        return read(EduRegister.FACTORIAL);
    }

    /** Moves bytes; false when no interrupt told the end. */
    boolean move(long address, int bytes, boolean toRam) {
        write(EduRegister.DMA_SOURCE, toRam ? EduRegister.BUFFER : (int) address);
        write(EduRegister.DMA_DESTINATION, toRam ? (int) address : EduRegister.BUFFER);
        write(EduRegister.DMA_COUNT, bytes);
        write(
                EduRegister.DMA_COMMAND,
                Command.RUN.mask()
                        | Command.INTERRUPT.mask()
                        | (toRam ? Command.TO_RAM.mask() : 0));
        return done.waitForTimeout(Jiffies.ofMillis(1000)) > 0;
    }

    void raise(int bits) {
        write(EduRegister.INTERRUPT_RAISE, bits & ~Causes.DMA.mask());
    }
}
