package dmakit.kernel.device;

import dmakit.devicetree.Node;
import dmakit.devicetree.address.Reg;
import dmakit.kernel.Linux;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Names of devices that come from a device tree. */
final class DeviceNames {
    private DeviceNames() {}

    /**
     * The address and the node's name, {@code 3f007000.dma-controller}; without an address the path
     * down from the next node that has one, {@code soc:gpu}. Where several share a register, the
     * lowest bit of {@code mask} tells them apart: {@code 1c010008.0.led}.
     */
    @Linux(file = "drivers/of/device.c", symbol = "of_device_make_bus_id")
    static String of(Node device) {
        String below = "";
        for (Node node = device; ; ) {
            Node parent = node.parent().orElse(null);
            if (parent == null) {
                return below;
            }
            OptionalLong phys = firstAddress(node);
            String here =
                    phys.isPresent()
                            ? Long.toHexString(phys.getAsLong()) + bitOf(node) + node.baseName()
                            : node.name();
            below = below.isEmpty() ? here : here + ":" + below;
            if (phys.isPresent()) {
                return below;
            }
            node = parent;
        }
    }

    private static String bitOf(Node node) {
        OptionalInt mask = node.u32("mask");
        return mask.isPresent()
                ? "." + Integer.toHexString(Integer.numberOfTrailingZeros(mask.getAsInt())) + "."
                : ".";
    }

    private static OptionalLong firstAddress(Node node) {
        List<Reg> regs = Reg.of(node);
        return regs.isEmpty() ? OptionalLong.empty() : regs.getFirst().physStart();
    }
}
