package dmakit.machine.bus;

import dmakit.machine.bus.BusAnswer.Cause;

/** Who hears of every access that devices make to RAM, and of every one that is refused. */
public interface AccessWatch {
    /**
     * A device is about to reach RAM.
     *
     * @param address in the master's address space
     * @param phys the physical address it translates to
     * @param bytes that are contiguous in both
     */
    void reaches(MasterPort port, long address, long phys, long bytes, boolean write);

    /**
     * Nothing answered a device.
     *
     * @param address in the master's address space
     */
    void refused(MasterPort port, long address, Cause cause, boolean write);
}
