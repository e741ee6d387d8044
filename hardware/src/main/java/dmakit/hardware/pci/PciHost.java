package dmakit.hardware.pci;

import dmakit.datasheet.Register;
import dmakit.datasheet.pci.PciHeaderRegister;
import dmakit.machine.Check;
import dmakit.machine.bus.Bus;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Translation;
import dmakit.machine.irq.IrqLine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A generic host bridge with one bus behind it: configuration space is a block of memory (ECAM, PCI
 * Express Base Specification 3.0, section 7.2.2), and regions answer inside fixed translation.
 *
 * <p>A load that no function answers gives ones, a store that none answers is lost: both without a
 * fault, as on most host bridges.
 */
public final class PciHost {
    /** Devices on the bus. */
    public static final int SLOT_COUNT = 32;

    /** Bytes of configuration space per bus. */
    public static final long BUS_BYTES = 1 << 20;

    private static final int LG2_SLOT_BYTES = 15;
    private static final int LG2_FUNCTIONS = 3;

    private final String name;
    private final Bus bus;
    private final IntFunction<Translation> translations;
    private final boolean coherent;
    private final Map<Integer, PciFunction> slots = new TreeMap<>();
    private final Map<Integer, IntxWire> wires = new TreeMap<>();
    private @Nullable PciFunction lastUsed;

    /**
     * Creates a bridge with an empty bus.
     *
     * @param name for traces
     * @param bus on the processor's side
     * @param translations from addresses on the PCI bus to physical ones, for what a function
     *     accesses, by its requester id: bus, device and function
     * @param coherent whether those accesses snoop the CPU's caches
     */
    public PciHost(String name, Bus bus, IntFunction<Translation> translations, boolean coherent) {
        this.name = name;
        this.bus = bus;
        this.translations = translations;
        this.coherent = coherent;
    }

    /**
     * Puts configuration space on the processor's bus.
     *
     * @param phys first physical address
     * @param size in bytes, at least {@link #BUS_BYTES}
     */
    public void attachConfig(long phys, long size) {
        Check.argument(
                size >= BUS_BYTES, "0x%x bytes of configuration, wanted 0x100000 per bus", size);
        bus.attach(name + " config", phys, size, new Config());
    }

    /**
     * Opens a window for regions.
     *
     * @param phys first physical address
     * @param pci the same place on the PCI bus
     * @param size in bytes
     */
    public void attachWindow(long phys, long pci, long size) {
        bus.attach(name, phys, size, new Window(pci));
    }

    /**
     * Puts a device of one function into a slot.
     *
     * @param slot 0 to 31, free
     * @param intx the line that its pin ends at
     */
    public void plug(PciFunction function, int slot, IrqLine intx) {
        Check.argument(slot >= 0 && slot < SLOT_COUNT, "no slot %d", slot);
        Check.argument(!slots.containsKey(slot), "slot %d is taken", slot);
        Translation translation = translations.apply(slot << LG2_FUNCTIONS);
        MasterPort port = bus.master(function.name(), new Gate(function, translation), coherent);
        IntxWire wire = wires.computeIfAbsent(intx.number(), _ -> new IntxWire(intx));
        function.connect(port, wire);
        slots.put(slot, function);
    }

    /** The lowest free slot from 1 on, or -1. */
    public int freeSlot() {
        for (int slot = 1; slot < SLOT_COUNT; slot++) {
            if (!slots.containsKey(slot)) {
                return slot;
            }
        }
        return -1;
    }

    /** What sits in the slots, in their order. */
    public List<PciFunction> functions() {
        return Collections.unmodifiableList(new ArrayList<>(slots.values()));
    }

    private @Nullable PciFunction functionAt(long address) {
        PciFunction last = lastUsed;
        if (last != null && last.regionAt(address) != null) {
            return last;
        }
        for (PciFunction function : slots.values()) {
            if (function.regionAt(address) != null) {
                lastUsed = function;
                return function;
            }
        }
        return null;
    }

    private static long ones(int bytes) {
        return -1L >>> (Long.SIZE - Byte.SIZE * bytes);
    }

    /** A function's accesses: none while it is no bus master. */
    private record Gate(PciFunction function, Translation translation) implements Translation {
        @Override
        public long toPhys(long address, boolean write) {
            return function.isBusMaster() ? translation.toPhys(address, write) : NONE;
        }

        @Override
        public long contiguousFrom(long address, boolean write) {
            return translation.contiguousFrom(address, write);
        }

        @Override
        public void refused(long address, boolean write) {
            if (function.isBusMaster()) {
                translation.refused(address, write);
            }
        }
    }

    /** Configuration space; bits 27:20 are the bus, 19:15 the slot, 14:12 the function. */
    private final class Config implements Target {
        @Override
        public long read(long offset, int bytes) {
            PciFunction function = function(offset);
            if (function == null) {
                return ones(bytes);
            }
            int at = (int) offset & (ConfigSpace.SIZE - 1);
            long low = Integer.toUnsignedLong(function.configWord(at & -Register.BYTES));
            if (bytes > Register.BYTES) {
                return low | ((long) function.configWord(at + Register.BYTES) << Integer.SIZE);
            }
            return (low >>> (Byte.SIZE * (at & (Register.BYTES - 1)))) & ones(bytes);
        }

        @Override
        public void write(long offset, int bytes, long value) {
            PciFunction function = function(offset);
            if (function == null) {
                return;
            }
            int at = (int) offset & (ConfigSpace.SIZE - 1);
            int shift = Byte.SIZE * (at & (Register.BYTES - 1));
            function.configStore(
                    at & -Register.BYTES, (int) value << shift, (int) ones(bytes) << shift);
            if (bytes > Register.BYTES) {
                function.configStore(at + Register.BYTES, (int) (value >>> Integer.SIZE), -1);
            }
        }

        private @Nullable PciFunction function(long offset) {
            boolean behind = (offset & ((1 << LG2_SLOT_BYTES) - 1)) >= ConfigSpace.SIZE;
            return behind || offset >= BUS_BYTES
                    ? null
                    : slots.get((int) (offset >> LG2_SLOT_BYTES));
        }

        @Override
        public String registerName(long offset) {
            int at = (int) offset & (ConfigSpace.SIZE - 1);
            PciHeaderRegister register = PciHeaderRegister.MAP.at(at);
            long slot = (offset & (BUS_BYTES - 1)) >> LG2_SLOT_BYTES;
            return slot + "_" + (register == null ? "0x" + Integer.toHexString(at) : register);
        }
    }

    private final class Window implements Target {
        private final long pci;

        Window(long pci) {
            this.pci = pci;
        }

        @Override
        public long read(long offset, int bytes) {
            PciFunction function = functionAt(pci + offset);
            Bar bar = function == null ? null : function.regionAt(pci + offset);
            return function == null || bar == null
                    ? ones(bytes)
                    : bar.target().read(pci + offset - function.base(bar), bytes);
        }

        @Override
        public void write(long offset, int bytes, long value) {
            PciFunction function = functionAt(pci + offset);
            Bar bar = function == null ? null : function.regionAt(pci + offset);
            if (function != null && bar != null) {
                bar.target().write(pci + offset - function.base(bar), bytes, value);
            }
        }

        @Override
        public String registerName(long offset) {
            PciFunction function = functionAt(pci + offset);
            Bar bar = function == null ? null : function.regionAt(pci + offset);
            return function == null || bar == null
                    ? "0x" + Long.toHexString(offset)
                    : function.name()
                            + " "
                            + bar.target().registerName(pci + offset - function.base(bar));
        }

        @Override
        public boolean tracesAccess(long offset) {
            PciFunction function = functionAt(pci + offset);
            Bar bar = function == null ? null : function.regionAt(pci + offset);
            return function != null
                    && bar != null
                    && bar.target().tracesAccess(pci + offset - function.base(bar));
        }
    }
}
