package dmakit.cmodule.service;

import dmakit.cmodule.Handles;
import dmakit.cmodule.service.RemoteCalls.Control;
import dmakit.cmodule.service.RemoteCalls.Served;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import java.util.ArrayList;
import java.util.List;

/** A channel whose struct is a module's. */
final class RemoteChannel extends Channel {
    private final long address;
    private final RemoteCalls calls;
    private final Handles<RemoteDescriptor> numbers;
    private final List<RemoteDescriptor> running = new ArrayList<>();

    /**
     * Stands for a struct.
     *
     * @param address of the struct
     * @param numbers by which the module knows descriptors that clients in Java submitted
     */
    RemoteChannel(
            DmaDevice device, long address, RemoteCalls calls, Handles<RemoteDescriptor> numbers) {
        super(device);
        this.address = address;
        this.calls = calls;
        this.numbers = numbers;
    }

    /** The address of a channel's struct. */
    static long address(Channel channel) {
        return ((RemoteChannel) channel).address;
    }

    /** A descriptor is submitted; answers the number by which the module will tell of it. */
    int begin(RemoteDescriptor desc) {
        int number = numbers.number(desc);
        running.add(desc);
        return number;
    }

    /** A descriptor that does not go around has ended. */
    void end(RemoteDescriptor desc) {
        running.remove(desc);
        numbers.free(numbers.number(desc));
    }

    /** A cookie was seen to be complete. */
    void seenComplete(int cookie) {
        for (RemoteDescriptor desc : running) {
            if (desc.has(cookie)) {
                desc.tellSum();
            }
        }
    }

    /** Nothing that was submitted goes on. */
    void dropAll() {
        for (RemoteDescriptor desc : List.copyOf(running)) {
            desc.dropped();
            numbers.free(numbers.number(desc));
        }
        running.clear();
    }

    /** A chain of a client in Java is unknown over there. */
    void runDependencies(Descriptor done) {
        engine().runDependencies(done);
    }

    @Override
    protected boolean hasCompleted(int cookie) {
        return calls.areOver() // nothing runs any more
                || (int) calls.run(Served.CONTROL, address, Control.COMPLETED.ordinal(), cookie)
                        != 0;
    }
}
