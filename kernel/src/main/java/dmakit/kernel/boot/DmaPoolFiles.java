package dmakit.kernel.boot;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.fs.Node;
import dmakit.kernel.fs.Sysfs;
import dmakit.kernel.mapping.DmaPools;
import java.util.LinkedHashMap;
import java.util.Map;

/** The file {@code pools} of each device that has some. */
@Linux(file = "mm/dmapool.c", symbol = "dev_attr_pools")
final class DmaPoolFiles implements DmaPools.Observer {
    private static final int READABLE = 0444;
    private static final String NAME = "pools";

    private final DmaPools pools;
    private final Sysfs sysfs;
    private final Map<Device, Node> files = new LinkedHashMap<>();

    DmaPoolFiles(DmaPools pools, Sysfs sysfs) {
        this.pools = pools;
        this.sysfs = sysfs;
    }

    @Override
    public void appeared(Device device) {
        sysfs.find(device)
                .ifPresent(directory ->
                        files.put(
                                device,
                                directory.makeText(NAME, READABLE, () -> pools.show(device))));
    }

    @Override
    public void gone(Device device) {
        Node file = files.remove(device);
        if (file != null) {
            sysfs.find(device).ifPresent(directory -> directory.remove(file));
        }
    }
}
