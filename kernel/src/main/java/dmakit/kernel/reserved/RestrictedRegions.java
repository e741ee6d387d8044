package dmakit.kernel.reserved;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import dmakit.kernel.swiotlb.Swiotlb;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@code restricted-dma-pool}: the only memory its devices reach. */
@Linux(file = "kernel/dma/swiotlb.c", symbol = "rmem_swiotlb_setup")
final class RestrictedRegions implements RegionKind {
    static final String COMPATIBLE = "restricted-dma-pool";

    private static final List<String> FORBIDDEN =
            List.of("reusable", "linux,cma-default", "linux,dma-default", "no-map");

    private final Log log;
    private @Nullable Swiotlb swiotlb;

    RestrictedRegions(Log log) {
        this.log = log.prefixed("Reserved memory: ");
    }

    /** Pools can be made from now on. */
    void start(Swiotlb bounceBuffers) {
        swiotlb = bounceBuffers;
    }

    @Override
    public String compatible() {
        return COMPATIBLE;
    }

    @Override
    public Use setUp(Region region) {
        for (String property : FORBIDDEN) {
            if (region.node().has(property)) {
                throw new KernelException(
                        Errno.EINVAL, "%s, a restricted pool, has %s", region, property);
            }
        }
        log.info(
                "created restricted DMA pool at 0x%016x, size %d MiB",
                region.base(), region.mebibytes());
        return new Attachment(region);
    }

    private final class Attachment implements Use {
        private final Region region;

        Attachment(Region region) {
            this.region = region;
        }

        @Override
        public void attach(Device device) {
            Swiotlb pools = swiotlb;
            if (pools == null
                    || !pools.restrict(device, region.name(), region.base(), region.size())) {
                throw new KernelException(Errno.EINVAL, "%s is no restricted pool", region);
            }
        }

        @Override
        public void detach(Device device) {
            if (swiotlb != null) {
                swiotlb.release(device);
            }
        }
    }
}
