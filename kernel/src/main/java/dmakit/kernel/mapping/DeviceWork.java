package dmakit.kernel.mapping;

import dmakit.kernel.device.Device;
import org.jspecify.annotations.Nullable;

/** Knows what devices were asked to do, so that a finding about an access can name who asked. */
public interface DeviceWork {
    /**
     * One transfer.
     *
     * @param channel it runs on; may be empty
     * @param submittedAt where its driver submitted it, or 0
     */
    record Request(String channel, long submittedAt) {}

    /**
     * The latest transfer that uses some bytes of a device's address space.
     *
     * @param unfinished whether only one counts that was issued and has not completed
     */
    @Nullable Request using(Device device, long dma, long bytes, boolean unfinished);
}
