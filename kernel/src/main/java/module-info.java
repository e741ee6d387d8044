/** The Linux side: memory management, DMA mapping, dmaengine, driver model, character devices. */
module dmakit.kernel {
    requires static org.jspecify;
    requires transitive dmakit.machine;
    requires transitive dmakit.datasheet;
    requires transitive dmakit.devicetree;

    exports dmakit.kernel.amba;
    exports dmakit.kernel.asynctx;
    exports dmakit.kernel.boot;
    exports dmakit.kernel.chardev;
    exports dmakit.kernel.check;
    exports dmakit.kernel.clk;
    exports dmakit.kernel.cma;
    exports dmakit.kernel.coherent;
    exports dmakit.kernel.device;
    exports dmakit.kernel.direct;
    exports dmakit.kernel.dma;
    exports dmakit.kernel.dmaengine;
    exports dmakit.kernel.dmatest;
    exports dmakit.kernel.drivers.axicopy;
    exports dmakit.kernel.drivers.axidmac;
    exports dmakit.kernel.drivers.bcm2835;
    exports dmakit.kernel.drivers.ioat;
    exports dmakit.kernel.drivers.plx;
    exports dmakit.kernel.drivers.msgdma;
    exports dmakit.kernel.drivers.pl330;
    exports dmakit.kernel.drivers.smmu;
    exports dmakit.kernel.drivers.vtd;
    exports dmakit.kernel.drivers.xdmac;
    exports dmakit.kernel.drivers.xilinx;
    exports dmakit.kernel.fs;
    exports dmakit.kernel.iommu;
    exports dmakit.kernel.irq;
    exports dmakit.kernel.isa;
    exports dmakit.kernel.log;
    exports dmakit.kernel.mapping;
    exports dmakit.kernel.mm;
    exports dmakit.kernel.module;
    exports dmakit.kernel.pci;
    exports dmakit.kernel.raid;
    exports dmakit.kernel.reserved;
    exports dmakit.kernel.scatterlist;
    exports dmakit.kernel.sched;
    exports dmakit.kernel.swiotlb;
    exports dmakit.kernel.sync;
    exports dmakit.kernel.work;
    exports dmakit.kernel;
}
