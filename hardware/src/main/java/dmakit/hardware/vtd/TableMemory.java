package dmakit.hardware.vtd;

import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;

/**
 * The memory the unit keeps tables and its queue in. What it reads there is no transfer of a
 * device, so nobody who watches the bus hears of it.
 */
final class TableMemory {
    private final Ram ram;
    private final DeviceView view;

    TableMemory(Ram ram, DeviceView view) {
        this.ram = ram;
        this.view = view;
    }

    /** Where a structure lies in memory, for {@link #load64}; {@link Ram#NOT_RAM} if nowhere. */
    long offsetOf(long phys, int bytes) {
        return ram.offsetOf(phys, bytes);
    }

    /** Loads 8 bytes at an offset in memory. */
    long load64(long offset) {
        return view.load64(offset);
    }

    /** Stores 4 bytes; false when there is no memory. */
    boolean store32(long phys, int value) {
        long offset = ram.offsetOf(phys, Integer.BYTES);
        if (offset == Ram.NOT_RAM) {
            return false;
        }
        view.store32(offset, value);
        return true;
    }
}
