/** What sits on the bus: one package per chip. */
module dmakit.hardware {
    requires static org.jspecify;
    requires transitive dmakit.machine;
    requires transitive dmakit.datasheet;

    exports dmakit.hardware;
    exports dmakit.hardware.apic;
    exports dmakit.hardware.axi;
    exports dmakit.hardware.axidmac;
    exports dmakit.hardware.bcm2835;
    exports dmakit.hardware.edu;
    exports dmakit.hardware.ethernet;
    exports dmakit.hardware.fifo;
    exports dmakit.hardware.i8237;
    exports dmakit.hardware.isa;
    exports dmakit.hardware.i2s;
    exports dmakit.hardware.ioat;
    exports dmakit.hardware.msgdma;
    exports dmakit.hardware.pci;
    exports dmakit.hardware.pl011;
    exports dmakit.hardware.plx;
    exports dmakit.hardware.pl330;
    exports dmakit.hardware.smmu;
    exports dmakit.hardware.vtd;
    exports dmakit.hardware.xdmac;
    exports dmakit.hardware.xilinx;
    exports dmakit.hardware.spi;
}
