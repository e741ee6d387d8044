package dmakit.cmodule.service;

import dmakit.cmodule.Handles;
import dmakit.cmodule.service.RemoteCalls.Served;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Cookies;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.Unfinished;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A channel whose struct is a module's. */
final class RemoteChannel extends Channel {
    private final long address;
    private final long cookies;
    private final RemoteCalls calls;
    private final Handles<RemoteDescriptor> numbers;
    private final List<RemoteDescriptor> running = new ArrayList<>();

    /**
     * Stands for a struct.
     *
     * @param address of the struct
     * @param cookies where it keeps the cookie given out last, and behind it the completed one
     * @param numbers by which the module knows descriptors that clients in Java submitted
     */
    RemoteChannel(
            DmaDevice device,
            long address,
            long cookies,
            RemoteCalls calls,
            Handles<RemoteDescriptor> numbers) {
        super(device);
        this.address = address;
        this.cookies = cookies;
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

    /** Sees what a client in C does with the structs, where those are ours. */
    @Override
    protected Set<Unfinished> unfinishedElsewhere() {
        long left = calls.run(Served.LEFT, address);
        Set<Unfinished> all = EnumSet.noneOf(Unfinished.class);
        for (Unfinished each : Unfinished.values()) {
            if ((left >>> each.ordinal() & 1) != 0) {
                all.add(each);
            }
        }
        return all;
    }

    /** Is asked at accesses of devices too, when none of the module's code can run. */
    @Override
    protected boolean hasCompleted(int cookie) {
        if (calls.areOver()) {
            return true; // nothing runs any more
        }
        long both = calls.peek(cookies);
        return Cookies.isComplete(cookie, (int) (both >>> Integer.SIZE), (int) both)
                == DmaStatus.COMPLETE;
    }

    @Override
    protected boolean isKnown() {
        return !calls.areOver() && super.isKnown();
    }
}
