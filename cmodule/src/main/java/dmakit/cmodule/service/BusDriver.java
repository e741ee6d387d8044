package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.device.Device;

/** A driver whose functions are C's; buses add what they tell devices by. */
abstract class BusDriver {
    private final CSystem system;
    private final String name;
    private final long address;
    private final long probe;
    private final long remove;
    private final long site;
    private boolean gone;

    /**
     * Takes what C code says of it: the name, the address of its struct.
     *
     * @param probe the function that takes a device
     * @param remove the function that leaves one
     */
    BusDriver(CSystem system, Call call, long probe, long remove) {
        this.system = system;
        name = call.text();
        address = call.arg(0);
        this.probe = probe;
        this.remove = remove;
        site = call.site();
    }

    /** The driver's name. */
    public final String name() {
        return name;
    }

    /** Where it was made. */
    final long site() {
        return site;
    }

    /** Its module is gone: nothing of it runs any more. */
    final void gone() {
        gone = true;
    }

    final CSystem system() {
        return system;
    }

    /** Runs a function with the struct, a device and one thing more. */
    final int run(long function, Device device, long more) {
        return (int) system.host().run(function, address, system.devices().number(device), more);
    }

    /** Has it take a device; answers what it says, and that it cannot where no code is left. */
    final int runProbe(Device device, long more) {
        return system.hasEnded() ? -Errno.ENODEV.number() : run(probe, device, more);
    }

    /** Has it leave a device, if it still can. */
    final void runRemove(Device device, long more) {
        if (!gone && !system.hasEnded()) {
            run(remove, device, more);
        }
    }

    /** What an answer means that is an error. */
    static KernelException refusal(int answer) {
        return new KernelException(Errno.ofNumber(Math.abs(answer)), "probe answered %d", answer);
    }
}
