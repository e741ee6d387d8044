package dmakit.kernel.reserved;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.cma.Cma;
import dmakit.kernel.cma.CmaArea;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;

/** A {@code shared-dma-pool} that is {@code reusable} becomes a CMA area. */
@Linux(file = "kernel/dma/contiguous.c", symbol = "rmem_cma_setup")
final class CmaRegions implements RegionKind {
    static final String SHARED_POOL = "shared-dma-pool";

    private final Log log;
    private final Cma cma;

    CmaRegions(Log log, Cma cma) {
        this.log = log.prefixed("Reserved memory: ");
        this.cma = cma;
    }

    @Override
    public String compatible() {
        return SHARED_POOL;
    }

    @Override
    public Use setUp(Region region) {
        boolean isDefault = region.node().has("linux,cma-default");
        if (isDefault && cma.isOnCommandLine()) {
            log.info("bypass %s node, using cmdline CMA params instead", region.name());
            throw new KernelException(Errno.EBUSY, "the command line has the default area");
        }
        if (!region.isReusable() || region.isNoMap()) {
            throw new KernelException(Errno.EINVAL, "%s is no CMA area", region);
        }
        if (((region.base() | region.size()) & (Cma.ALIGNMENT_BYTES - 1)) != 0) {
            log.err("incorrect alignment of CMA region");
            throw new KernelException(Errno.EINVAL, "%s is not aligned", region);
        }
        CmaArea area = area(region);
        if (isDefault) {
            cma.defaultArea(area);
        }
        log.info(
                "created CMA memory pool at 0x%016x, size %d MiB",
                region.base(), region.mebibytes());
        return new Attachment(area);
    }

    private CmaArea area(Region region) {
        try {
            return cma.initReserved(region.name(), region.base(), region.size());
        } catch (KernelException e) {
            log.err("unable to setup CMA region");
            throw e;
        }
    }

    /** The last area that is attached counts. */
    @Linux(file = "kernel/dma/contiguous.c", symbol = "rmem_cma_device_init")
    private record Attachment(CmaArea area) implements Use {
        @Override
        public void attach(Device device) {
            device.dma().cmaArea(area);
        }

        @Override
        public void detach(Device device) {
            device.dma().cmaArea(null);
        }
    }
}
