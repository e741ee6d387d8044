package dmakit.kernel.pci;

import dmakit.datasheet.Register;
import dmakit.datasheet.pci.PciHeaderRegister;
import dmakit.datasheet.pci.PciHeaderRegister.CommandStatus;
import dmakit.datasheet.pci.PciHeaderRegister.Subsystem;
import dmakit.datasheet.pci.PowerManagementRegister;
import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.IoMemory;
import dmakit.kernel.mm.Resources;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One PCI function, as its driver sees it. */
@Linux(file = "include/linux/pci.h", symbol = "pci_dev")
public final class PciDevice {
    private static final String PCI = "drivers/pci/pci.c";
    private static final int COMMAND = PciHeaderRegister.COMMAND_STATUS.offset();
    private static final int COMMAND_MASK = 0xffff;

    /** Bytes of the header that are saved and restored. */
    private static final int HEADER_WORDS = 16;

    /** Capabilities that one list may have; more is a ring. */
    static final int CAPABILITY_COUNT_MAX = 48;

    private final Calls calls;
    private final Log log;
    private final IoMemory io;
    private final Resources resources;
    private final Device device;
    private final ConfigAccess config;
    private final int slotAndFunction;
    private final int id;
    private final int classAndRevision;
    private final int subsystem;
    private final List<PciRegion> regions = new ArrayList<>();
    private final boolean[] requested = new boolean[PciHeaderRegister.BAR_COUNT];
    private final PciInterrupts interrupts;
    private final int[] saved = new int[HEADER_WORDS];
    private boolean stateSaved;
    private int enableCount;
    private @Nullable PciDriver driver;

    PciDevice(PciHostBridge host, Device device, ConfigAccess config, int slotAndFunction) {
        calls = host.calls();
        log = host.log();
        io = host.io();
        resources = host.resources();
        this.device = device;
        this.config = config;
        this.slotAndFunction = slotAndFunction;
        id = config.read32(PciHeaderRegister.ID.offset());
        classAndRevision = config.read32(PciHeaderRegister.CLASS_REVISION.offset());
        subsystem = config.read32(PciHeaderRegister.SUBSYSTEM.offset());
        interrupts = new PciInterrupts(this, host);
    }

    // What it is.

    /** The device itself. */
    public Device device() {
        return device;
    }

    /** Domain, bus, slot and function: {@code 0000:00:02.0}. */
    @Linux(file = "include/linux/pci.h", symbol = "pci_name")
    public String name() {
        return device.name();
    }

    /** Slot times 8 plus function. */
    public int slotAndFunction() {
        return slotAndFunction;
    }

    /** Who made it. */
    public int vendor() {
        return PciHeaderRegister.Id.VENDOR_ID.get(id);
    }

    /** Which of the vendor's devices. */
    public int deviceId() {
        return PciHeaderRegister.Id.DEVICE_ID.get(id);
    }

    /** Who made the board. */
    public int subsystemVendor() {
        return Subsystem.SUBSYSTEM_VENDOR_ID.get(subsystem);
    }

    /** Which board. */
    public int subsystemId() {
        return Subsystem.SUBSYSTEM_ID.get(subsystem);
    }

    /** Class, subclass and programming interface, 24 bits. */
    public int classCode() {
        return PciHeaderRegister.ClassRevision.CLASS_CODE.get(classAndRevision);
    }

    /** The vendor's revision. */
    public int revision() {
        return PciHeaderRegister.ClassRevision.REVISION.get(classAndRevision);
    }

    /** Its regions, in the order of their registers. */
    public List<PciRegion> regions() {
        return List.copyOf(regions);
    }

    /** The region of a base address register. */
    public Optional<PciRegion> region(int index) {
        return regions.stream().filter(region -> region.index() == index).findFirst();
    }

    void add(PciRegion region) {
        regions.add(region);
    }

    void assign(PciRegion placed) {
        regions.replaceAll(region -> region.index() == placed.index() ? placed : region);
    }

    /** Its interrupts. */
    public PciInterrupts interrupts() {
        return interrupts;
    }

    /** The bound driver. */
    public @Nullable PciDriver driver() {
        return driver;
    }

    void bind(@Nullable PciDriver to) {
        driver = to;
    }

    // Configuration space.

    /**
     * A byte of configuration space.
     *
     * @throws KernelException EINVAL behind its end
     */
    @Linux(file = "drivers/pci/access.c", symbol = "pci_read_config_byte")
    public int read8(int offset) {
        checked(offset, Byte.BYTES);
        return config.read8(offset);
    }

    /** Two bytes of configuration space; EINVAL also where the offset is odd. */
    @Linux(file = "drivers/pci/access.c", symbol = "pci_read_config_word")
    public int read16(int offset) {
        checked(offset, Short.BYTES);
        return config.read16(offset);
    }

    /** Four bytes of configuration space. */
    @Linux(file = "drivers/pci/access.c", symbol = "pci_read_config_dword")
    public int read32(int offset) {
        checked(offset, Integer.BYTES);
        return config.read32(offset);
    }

    /** Stores a byte. */
    @Linux(file = "drivers/pci/access.c", symbol = "pci_write_config_byte")
    public void write8(int offset, int value) {
        checked(offset, Byte.BYTES);
        config.write8(offset, value);
    }

    /** Stores two bytes. */
    @Linux(file = "drivers/pci/access.c", symbol = "pci_write_config_word")
    public void write16(int offset, int value) {
        checked(offset, Short.BYTES);
        config.write16(offset, value);
    }

    /** Stores four bytes. */
    @Linux(file = "drivers/pci/access.c", symbol = "pci_write_config_dword")
    public void write32(int offset, int value) {
        checked(offset, Integer.BYTES);
        config.write32(offset, value);
    }

    private void checked(int offset, int bytes) {
        calls.enter();
        if (offset < 0 || offset > ConfigAccess.SIZE - bytes || (offset & (bytes - 1)) != 0) {
            throw new KernelException(
                    Errno.EINVAL, "%s: %d bytes at 0x%x of configuration", name(), bytes, offset);
        }
    }

    /** Offset of a capability, or 0. */
    @Linux(file = PCI, symbol = "pci_find_capability")
    public int findCapability(int capability) {
        return findCapability(capability, PciHeaderRegister.CAPABILITIES.offset());
    }

    /** Offset of the next capability of a kind behind one, or 0. */
    @Linux(file = PCI, symbol = "pci_find_next_capability")
    public int findNextCapability(int after, int capability) {
        return findCapability(capability, after + 1);
    }

    private int findCapability(int capability, int pointer) {
        int word = config.read32(COMMAND);
        if (!CommandStatus.CAPABILITIES_LIST.isSet(word)) {
            return 0;
        }
        int at = config.read8(pointer) & -Register.BYTES;
        for (int i = 0; i < CAPABILITY_COUNT_MAX && at >= HEADER_WORDS * Register.BYTES; i++) {
            int header = config.read16(at);
            if ((header & 0xff) == capability) {
                return at;
            }
            at = (header >>> Byte.SIZE) & -Register.BYTES;
        }
        return 0;
    }

    void command(CommandStatus bit, boolean on) {
        int before = config.read16(COMMAND);
        int after = bit.with(before, on) & COMMAND_MASK;
        if (after != before) {
            config.write16(COMMAND, after);
        }
    }

    private boolean isSet(CommandStatus bit) {
        return bit.isSet(config.read16(COMMAND));
    }

    // Enabling.

    /**
     * Wakes it up and lets its regions answer. Counts: as many calls of {@link #disable} undo it.
     *
     * @throws KernelException EINVAL when a region has no address
     */
    @Linux(file = PCI, symbol = "pci_enable_device")
    public void enable() {
        calls.enter();
        trace("pci_enable_device");
        if (enableCount++ > 0) {
            return;
        }
        try {
            setPowerState(0);
            for (PciRegion region : regions) {
                if (region.start().isEmpty()) {
                    log.devErr(
                            device,
                            "can't enable device: BAR %d %s not assigned",
                            region.index(),
                            region);
                    throw new KernelException(
                            Errno.EINVAL, "%s: region %d has no address", name(), region.index());
                }
            }
            if (!regions.isEmpty() && !isSet(CommandStatus.MEMORY_SPACE)) {
                int before = config.read16(COMMAND);
                log.devInfo(
                        device,
                        "enabling device (%04x -> %04x)",
                        before,
                        CommandStatus.MEMORY_SPACE.with(before, true));
                command(CommandStatus.MEMORY_SPACE, true);
            }
            if (!interrupts.sendsMessages()) {
                command(CommandStatus.INTX_DISABLE, false);
            }
        } catch (KernelException e) {
            enableCount--;
            throw e;
        }
    }

    /** Undoes one {@link #enable}; with the last one it is no bus master any more. */
    @Linux(file = PCI, symbol = "pci_disable_device")
    public void disable() {
        calls.enter();
        trace("pci_disable_device");
        if (enableCount == 0) {
            log.devWarn(device, "disabling already-disabled device");
            return;
        }
        if (--enableCount == 0) {
            command(CommandStatus.BUS_MASTER, false);
        }
    }

    /** Lets its regions answer again, after something took that away. */
    @Linux(file = PCI, symbol = "pci_reenable_device")
    public void reenable() {
        calls.enter();
        command(CommandStatus.MEMORY_SPACE, !regions.isEmpty());
    }

    /** Whether it is enabled. */
    @Linux(file = "include/linux/pci.h", symbol = "pci_is_enabled")
    public boolean isEnabled() {
        return enableCount > 0;
    }

    /** Enables it until the driver leaves. */
    @Linux(file = "drivers/pci/devres.c", symbol = "pcim_enable_device")
    public void enableManaged() {
        enable();
        device.devres().add("pcim_enable_device", this::disable);
    }

    /** Lets it reach memory and send messages, or not. */
    @Linux(file = PCI, symbol = "pci_set_master")
    public void busMaster(boolean on) {
        calls.enter();
        trace(on ? "pci_set_master" : "pci_clear_master");
        if (on && !isSet(CommandStatus.BUS_MASTER)) {
            log.devInfo(device, "enabling bus mastering");
        }
        command(CommandStatus.BUS_MASTER, on);
    }

    /** Lets it write whole lines, or not. */
    @Linux(file = PCI, symbol = "pci_try_set_mwi")
    public void memoryWriteInvalidate(boolean on) {
        calls.enter();
        command(CommandStatus.MEMORY_WRITE_INVALIDATE, on);
    }

    /** Lets its pin interrupt, or not. */
    @Linux(file = PCI, symbol = "pci_intx")
    public void intx(boolean on) {
        calls.enter();
        command(CommandStatus.INTX_DISABLE, !on);
    }

    /**
     * Changes its power state, if it has any to choose from.
     *
     * @param state 0 for D0 to 3 for D3hot
     */
    @Linux(file = PCI, symbol = "pci_set_power_state")
    public void setPowerState(int state) {
        int power = findCapability(PowerManagementRegister.ID);
        if (power != 0) {
            int control = power + PowerManagementRegister.CONTROL.offset();
            int before = config.read16(control);
            int after = PowerManagementRegister.Control.POWER_STATE.with(before, state);
            if (after != before) {
                config.write16(control, after);
            }
        }
    }

    /** Remembers the header. */
    @Linux(file = PCI, symbol = "pci_save_state")
    public void saveState() {
        calls.enter();
        Arrays.setAll(saved, i -> config.read32(i * Register.BYTES));
        stateSaved = true;
    }

    /** Restores the header; without effect when nothing was saved. */
    @Linux(file = PCI, symbol = "pci_restore_state")
    public void restoreState() {
        calls.enter();
        if (stateSaved) {
            for (int i = HEADER_WORDS - 1; i >= 0; i--) {
                config.write32(i * Register.BYTES, saved[i]);
            }
            stateSaved = false;
        }
    }

    // Regions.

    /**
     * Claims a region; one that the function does not have is no matter.
     *
     * @throws KernelException EBUSY when somebody has part of it
     */
    @Linux(file = PCI, symbol = "pci_request_region")
    public void requestRegion(int index, String owner) {
        calls.enter();
        PciRegion region = region(index).orElse(null);
        if (region == null) {
            return;
        }
        try {
            resources.request(region.start().orElse(0), region.size(), owner);
            requested[index] = true;
        } catch (KernelException e) {
            log.devWarn(device, "BAR %d: can't reserve %s", index, region);
            throw new KernelException(
                    Errno.EBUSY,
                    "%s: region %d: %s",
                    name(),
                    index,
                    String.valueOf(e.getMessage()));
        }
    }

    /** Gives a region up. */
    @Linux(file = PCI, symbol = "pci_release_region")
    public void releaseRegion(int index) {
        calls.enter();
        PciRegion region = region(index).orElse(null);
        if (region != null) {
            requested[index] = false;
            resources.release(region.start().orElse(0), region.size());
        }
    }

    /** Whether a driver has claimed a region. */
    public boolean isRequested(int index) {
        return requested[index];
    }

    /**
     * Claims several regions, or none.
     *
     * @param bars a bit for each
     * @throws KernelException EBUSY when somebody has part of one
     */
    @Linux(file = PCI, symbol = "pci_request_selected_regions")
    public void requestRegions(int bars, String owner) {
        for (int i = 0; i < PciHeaderRegister.BAR_COUNT; i++) {
            if ((bars & (1 << i)) != 0) {
                try {
                    requestRegion(i, owner);
                } catch (KernelException e) {
                    releaseRegions(bars & ((1 << i) - 1));
                    throw e;
                }
            }
        }
    }

    /** Gives several regions up. */
    @Linux(file = PCI, symbol = "pci_release_selected_regions")
    public void releaseRegions(int bars) {
        for (int i = 0; i < PciHeaderRegister.BAR_COUNT; i++) {
            if ((bars & (1 << i)) != 0) {
                releaseRegion(i);
            }
        }
    }

    /**
     * Maps a region.
     *
     * @param most bytes, or 0 for all of it
     * @return its virtual address
     * @throws KernelException EINVAL when there is no such region, or it has no address
     */
    @Linux(file = "lib/pci_iomap.c", symbol = "pci_iomap")
    public long iomap(int index, long most) {
        PciRegion region = region(index).orElse(null);
        if (region == null || region.start().isEmpty()) {
            throw new KernelException(Errno.EINVAL, "%s has no region %d", name(), index);
        }
        long bytes = most == 0 ? region.size() : Math.min(most, region.size());
        return io.ioremap(region.start().getAsLong(), bytes);
    }

    /**
     * Maps the whole region of a base address register.
     *
     * @return its virtual address
     * @throws KernelException EINVAL when there is no such region, or it has no address: the log
     *     says so
     */
    @Linux(file = "drivers/pci/pci.c", symbol = "pci_ioremap_bar")
    public long ioremapBar(int index) {
        PciRegion region = region(index).orElse(null);
        if (region == null || region.start().isEmpty()) {
            log.devWarn(
                    device,
                    "can't ioremap BAR %d: %s",
                    index,
                    region == null ? "[??? 0x00000000 flags 0x0]" : region.toString());
            throw new KernelException(Errno.EINVAL, "%s has no region %d", name(), index);
        }
        return io.ioremap(region.start().getAsLong(), region.size());
    }

    private void trace(String function) {
        if (calls.isTraced()) {
            calls.report(function, name());
        }
    }

    @Override
    public String toString() {
        return device.toString();
    }
}
