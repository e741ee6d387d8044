package dmakit.kernel.reserved;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.coherent.CoherentMemory;
import dmakit.kernel.coherent.CoherentPool;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import org.jspecify.annotations.Nullable;

/**
 * A {@code shared-dma-pool} that is not {@code reusable} becomes a coherent pool of the devices
 * that name it, mapped when the first of them does.
 */
@Linux(file = "kernel/dma/coherent.c", symbol = "rmem_dma_setup")
final class CoherentRegions implements RegionKind {
    private final Log log;
    private @Nullable CoherentMemory memory;
    private @Nullable Region global;

    CoherentRegions(Log log) {
        this.log = log.prefixed("Reserved memory: ");
    }

    @Override
    public String compatible() {
        return CmaRegions.SHARED_POOL;
    }

    @Override
    public Use setUp(Region region) {
        if (region.isReusable()) {
            throw new KernelException(Errno.EINVAL, "%s is no coherent pool", region);
        }
        if (region.node().has("linux,dma-default")) {
            if (global != null) {
                log.warn("region for default DMA coherent area is redefined");
            }
            global = region;
        }
        log.info(
                "created DMA memory pool at 0x%016x, size %d MiB",
                region.base(), region.mebibytes());
        return new Attachment(region);
    }

    /** Memory can be mapped from now on; the region for all devices is. */
    @Linux(file = "kernel/dma/coherent.c", symbol = "dma_init_reserved_memory")
    void start(CoherentMemory coherent) {
        memory = coherent;
        Region shared = global;
        if (shared != null) {
            try {
                coherent.global(coherent.pool(shared.base(), shared.size()));
            } catch (KernelException e) {
                // Silent in Linux, too: devices that do not snoop use other memory.
                global = null;
            }
        }
    }

    private CoherentMemory memory() {
        CoherentMemory started = memory;
        if (started == null) {
            throw new KernelException(Errno.EINVAL, "nothing can be mapped yet");
        }
        return started;
    }

    private final class Attachment implements Use {
        private final Region region;
        private @Nullable CoherentPool pool;

        Attachment(Region region) {
            this.region = region;
        }

        @Override
        public void attach(Device device) {
            memory().attach(device, pool());
        }

        private CoherentPool pool() {
            CoherentPool mapped = pool;
            if (mapped == null) {
                mapped = map();
                pool = mapped;
            }
            return mapped;
        }

        @Linux(file = "kernel/dma/coherent.c", symbol = "rmem_dma_device_init")
        private CoherentPool map() {
            try {
                return memory().pool(region.base(), region.size());
            } catch (KernelException e) {
                if (e.errno() == Errno.ENOMEM) {
                    log.info(
                            "failed to init DMA memory pool at 0x%016x, size %d MiB",
                            region.base(), region.mebibytes());
                }
                throw e;
            }
        }

        @Override
        public void detach(Device device) {
            memory().detach(device);
        }
    }
}
