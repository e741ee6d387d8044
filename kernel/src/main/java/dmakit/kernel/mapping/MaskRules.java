package dmakit.kernel.mapping;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a driver does about the masks of its devices. */
final class MaskRules {
    private final Findings findings;
    private final Map<Device, State> masks = new LinkedHashMap<>();

    /** What a driver did about a device's masks. */
    private static final class State {
        private boolean set;
        private long refused;
        private long refusedAt;
        private boolean reported;
    }

    MaskRules(Findings findings) {
        this.findings = findings;
    }

    void set(Device device) {
        State state = masks.computeIfAbsent(device, _ -> new State());
        state.set = true;
        state.refusedAt = 0;
    }

    void refused(Device device, long mask) {
        State state = masks.computeIfAbsent(device, _ -> new State());
        state.refused = mask;
        state.refusedAt = findings.here();
        state.reported = false;
    }

    /** The device is used: was the mask that its driver wanted refused, and that ignored? */
    void check(Device device) {
        State state = masks.get(device);
        if (state != null && state.refusedAt != 0 && !state.reported) {
            state.reported = true;
            findings.report(
                            FindingId.MASK_UNSUPPORTED,
                            "%s is used for DMA although a mask of 0x%x was refused",
                            device.name(),
                            state.refused)
                    .site(Role.ALLOCATED, state.refusedAt)
                    .device(device.name())
                    .add();
        }
    }

    /** Mapping failed: because of a mask nobody set? */
    void checkMissing(Device device) {
        State state = masks.get(device);
        if ((state == null || !state.set)
                && device.dma().dmaMask() == DmaParameters.MASK_32
                && device.dma().busDmaLimit() == 0) {
            findings.report(
                            FindingId.MASK_MISSING,
                            "%s cannot reach the buffer with the default mask of 0x%x, and its"
                                    + " driver set none",
                            device.name(),
                            device.dma().dmaMask())
                    .device(device.name())
                    .add();
        }
    }
}
