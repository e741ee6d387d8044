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

    /** Whether 8 bytes, aligned, can be read and written. */
    boolean reaches(long phys) {
        return ram.offsetOf(phys, Long.BYTES) != Ram.NOT_RAM;
    }

    /** Loads 8 bytes that it {@linkplain #reaches reaches}. */
    long load64(long phys) {
        return view.load64(ram.offsetOf(phys, Long.BYTES));
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
