package dmakit.kernel.direct;

import dmakit.kernel.Linux;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.DmaAddr;

/** Where one device sees memory, and how much of it. */
final class Reach {
    private final DmaParameters parameters;

    Reach(DmaParameters parameters) {
        this.parameters = parameters;
    }

    @Linux(file = "include/linux/dma-direct.h", symbol = "phys_to_dma")
    long toDma(long phys) {
        DmaRangeMap map = parameters.rangeMap();
        return map == null ? phys : map.toDma(phys);
    }

    @Linux(file = "include/linux/dma-direct.h", symbol = "dma_to_phys")
    long toPhys(long dma) {
        DmaRangeMap map = parameters.rangeMap();
        return map == null ? dma : map.toPhys(dma);
    }

    @Linux(file = "include/linux/dma-direct.h", symbol = "dma_capable")
    boolean isCapable(long dma, long size) {
        return reaches(dma, size, parameters.dmaMask());
    }

    @Linux(file = "kernel/dma/direct.c", symbol = "dma_coherent_ok")
    boolean isCoherentOk(long phys, long size) {
        return reaches(toDma(phys), size, parameters.coherentDmaMask());
    }

    private boolean reaches(long dma, long size, long mask) {
        return dma != DmaAddr.MAPPING_ERROR
                && Long.compareUnsigned(dma + size - 1, parameters.limitWith(mask)) <= 0;
    }

    /** The highest bus address of coherent memory. */
    long coherentLimit() {
        return parameters.limitWith(parameters.coherentDmaMask());
    }
}
