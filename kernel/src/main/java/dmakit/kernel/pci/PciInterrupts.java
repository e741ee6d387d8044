package dmakit.kernel.pci;

import dmakit.datasheet.pci.MsiRegister;
import dmakit.datasheet.pci.MsixEntryRegister;
import dmakit.datasheet.pci.MsixRegister;
import dmakit.datasheet.pci.PciHeaderRegister;
import dmakit.datasheet.pci.PciHeaderRegister.CommandStatus;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The interrupts of one function: its pin, or messages. A driver asks for vectors, and gives them
 * back before it leaves.
 */
public final class PciInterrupts {
    private static final String API = "drivers/pci/msi/api.c";

    /** {@code PCI_IRQ_INTX}: the pin will do. */
    public static final int INTX = 1;

    /** {@code PCI_IRQ_MSI}: messages will do. */
    public static final int MSI = 2;

    /** {@code PCI_IRQ_MSIX}: messages from a table will do. */
    public static final int MSIX = 4;

    /** How the function interrupts now. */
    public enum Mode {
        /** By its pin, if it has one. */
        PIN,
        /** By messages. */
        MSI,
        /** By messages from a table. */
        MSIX
    }

    private final PciDevice function;
    private final PciHostBridge host;
    private final List<Integer> vectors = new ArrayList<>();
    private Mode mode = Mode.PIN;
    private int pinIrq;

    PciInterrupts(PciDevice function, PciHostBridge host) {
        this.function = function;
        this.host = host;
    }

    /** The interrupt of its pin; 0 without one. {@code pci_dev.irq} while no MSI is enabled. */
    public int pinIrq() {
        return pinIrq;
    }

    /** Finds out where its pin ends. */
    @Linux(file = "drivers/pci/irq.c", symbol = "pci_assign_irq")
    void assignPin() {
        int pin = function.read8(PciHeaderRegister.INTERRUPT.offset() + 1);
        pinIrq = pin == 0 ? 0 : host.irqOfPin(function.slotAndFunction(), pin);
        function.write8(PciHeaderRegister.INTERRUPT.offset(), pinIrq & 0xff);
    }

    /** How it interrupts now. */
    public Mode mode() {
        return mode;
    }

    /** Whether it sends messages. */
    @Linux(file = "include/linux/pci.h", symbol = "pci_dev_msi_enabled")
    public boolean sendsMessages() {
        return mode != Mode.PIN;
    }

    /** {@code pci_dev.irq}: the first message with MSI, the pin otherwise. */
    public int irq() {
        return mode == Mode.MSI ? irq(0) : pinIrq;
    }

    /** Messages that its MSI capability asks for; 0 without one. */
    @Linux(file = API, symbol = "pci_msi_vec_count")
    public int msiCount() {
        int at = function.findCapability(MsiRegister.ID);
        return at == 0 ? 0 : 1 << MsiRegister.Control.MULTIPLE_CAPABLE.get(function.read32(at));
    }

    /** Messages in its table; 0 without one. */
    @Linux(file = API, symbol = "pci_msix_vec_count")
    public int msixCount() {
        int at = function.findCapability(MsixRegister.ID);
        return at == 0 ? 0 : MsixRegister.Control.TABLE_SIZE.get(function.read32(at)) + 1;
    }

    /**
     * Takes vectors of the best kind there is: table, messages, pin.
     *
     * @param least vectors the driver needs, at least 1
     * @param most vectors it can use
     * @param kinds of {@link #INTX}, {@link #MSI} and {@link #MSIX}
     * @return how many it got
     * @throws KernelException EINVAL when {@code least} is above {@code most}; ENOSPC when there
     *     are not so many of any kind
     */
    @Linux(file = API, symbol = "pci_alloc_irq_vectors")
    public int allocate(int least, int most, int kinds) {
        if (least < 1 || most < least) {
            throw new KernelException(
                    Errno.EINVAL, "%s: %d to %d vectors", function.name(), least, most);
        }
        if ((kinds & MSIX) != 0) {
            int got = tryMsix(least, most);
            if (got > 0) {
                return got;
            }
        }
        if ((kinds & MSI) != 0) {
            int got = tryMsi(least, most);
            if (got > 0) {
                return got;
            }
        }
        if ((kinds & INTX) != 0 && least == 1 && pinIrq != 0) {
            function.command(CommandStatus.INTX_DISABLE, false);
            return 1;
        }
        throw new KernelException(
                Errno.ENOSPC, "%s: no %d vectors of kinds 0x%x", function.name(), least, kinds);
    }

    /**
     * Enables messages.
     *
     * @throws KernelException EINVAL when messages are enabled already, or it has none; ENOSPC when
     *     there are fewer than {@code least}
     */
    @Linux(file = API, symbol = "pci_enable_msi")
    public int enableMsi(int least, int most) {
        return required(tryMsi(least, most), least, msiCount());
    }

    /** Enables messages from a table; failures as of {@link #enableMsi}. */
    @Linux(file = API, symbol = "pci_enable_msix_range")
    public int enableMsix(int least, int most) {
        return required(tryMsix(least, most), least, msixCount());
    }

    private int required(int got, int least, int has) {
        if (got == 0) {
            Errno errno =
                    has == 0 || host.messages().isEmpty() || sendsMessages()
                            ? Errno.EINVAL
                            : Errno.ENOSPC;
            throw new KernelException(errno, "%s: no %d messages", function.name(), least);
        }
        return got;
    }

    @Linux(file = "drivers/pci/msi/msi.c", symbol = "__pci_enable_msi_range")
    private int tryMsi(int least, int most) {
        MessageVectors messages = host.messages().orElse(null);
        int has = msiCount();
        if (messages == null || sendsMessages() || has < least) {
            return 0;
        }
        int lg2 = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(Math.min(most, has));
        lg2 = least > 1 << lg2 ? lg2 + 1 : lg2;
        OptionalInt first = messages.take(1 << lg2, 1 << lg2);
        while (first.isEmpty() && lg2 > 0 && 1 << (lg2 - 1) >= least) {
            lg2--;
            first = messages.take(1 << lg2, 1 << lg2);
        }
        if (first.isEmpty()) {
            return 0;
        }
        for (int i = 0; i < 1 << lg2; i++) {
            vectors.add(first.getAsInt() + i);
        }
        int at = function.findCapability(MsiRegister.ID);
        long address = messages.address();
        function.write32(at + MsiRegister.ADDRESS.offset(), (int) address);
        function.write32(at + MsiRegister.UPPER_ADDRESS.offset(), (int) (address >>> Integer.SIZE));
        function.write32(at + MsiRegister.DATA.offset(), first.getAsInt());
        function.command(CommandStatus.INTX_DISABLE, true);
        int control = MsiRegister.Control.MULTIPLE_ENABLE.with(function.read32(at), lg2);
        function.write32(at, MsiRegister.Control.ENABLE.with(control, true));
        mode = Mode.MSI;
        return Math.min(most, 1 << lg2);
    }

    @Linux(file = "drivers/pci/msi/msi.c", symbol = "__pci_enable_msix_range")
    private int tryMsix(int least, int most) {
        MessageVectors messages = host.messages().orElse(null);
        int has = msixCount();
        if (messages == null || sendsMessages() || has < least) {
            return 0;
        }
        List<Integer> got = messages.take(Math.min(most, has));
        if (got.size() < least) {
            got.forEach(messages::release);
            return 0;
        }
        vectors.addAll(got);
        int at = function.findCapability(MsixRegister.ID);
        writeTable(at, messages.address());
        function.command(CommandStatus.INTX_DISABLE, true);
        int control = MsixRegister.Control.FUNCTION_MASK.with(function.read32(at), false);
        function.write32(at, MsixRegister.Control.ENABLE.with(control, true));
        mode = Mode.MSIX;
        return got.size();
    }

    /** The table is reached through its region, which has to answer. */
    private void writeTable(int at, long address) {
        int place = function.read32(at + MsixRegister.TABLE.offset());
        function.command(CommandStatus.MEMORY_SPACE, true);
        long region = function.iomap(MsixRegister.Place.BAR.get(place), 0);
        Cpu cpu = host.cpu();
        long entry = region + (place & MsixRegister.Place.OFFSET.mask());
        for (int vector : vectors) {
            cpu.store32(entry + MsixEntryRegister.ADDRESS.offset(), (int) address);
            cpu.store32(
                    entry + MsixEntryRegister.UPPER_ADDRESS.offset(),
                    (int) (address >>> Integer.SIZE));
            cpu.store32(entry + MsixEntryRegister.DATA.offset(), vector);
            cpu.store32(entry + MsixEntryRegister.VECTOR_CONTROL.offset(), 0);
            entry += MsixEntryRegister.SIZE;
        }
        host.io().iounmap(region);
    }

    /**
     * The interrupt of a vector.
     *
     * @throws KernelException EINVAL when there is no such vector
     */
    @Linux(file = API, symbol = "pci_irq_vector")
    public int irq(int index) {
        if (mode == Mode.PIN && index == 0 && pinIrq != 0) {
            return pinIrq;
        }
        if (index < 0 || index >= vectors.size()) {
            throw new KernelException(Errno.EINVAL, "%s has no vector %d", function.name(), index);
        }
        return host.messages().orElseThrow().irq(vectors.get(index));
    }

    /** How many messages are allocated; 0 while it uses its pin. */
    public int allocatedCount() {
        return vectors.size();
    }

    /** Gives all vectors back; the pin may interrupt again. */
    @Linux(file = API, symbol = "pci_free_irq_vectors")
    public void free() {
        int at =
                switch (mode) {
                    case PIN -> 0;
                    case MSI -> function.findCapability(MsiRegister.ID);
                    case MSIX -> function.findCapability(MsixRegister.ID);
                };
        if (at == 0) {
            return;
        }
        int control = function.read32(at);
        function.write32(
                at,
                mode == Mode.MSI
                        ? MsiRegister.Control.ENABLE.with(control, false)
                        : MsixRegister.Control.ENABLE.with(control, false));
        function.command(CommandStatus.INTX_DISABLE, false);
        host.messages().ifPresent(messages -> vectors.forEach(messages::release));
        vectors.clear();
        mode = Mode.PIN;
    }
}
