/**
 * Register maps and descriptor layouts, as data. The manuals' tables, read by the chips, the trace,
 * the command line and the tests alike.
 */
module dmakit.datasheet {
    requires static org.jspecify;

    exports dmakit.datasheet;
    exports dmakit.datasheet.axi;
    exports dmakit.datasheet.axidmac;
    exports dmakit.datasheet.bcm2835;
    exports dmakit.datasheet.edu;
    exports dmakit.datasheet.fifo;
    exports dmakit.datasheet.i8237;
    exports dmakit.datasheet.isa;
    exports dmakit.datasheet.i2s;
    exports dmakit.datasheet.ioat;
    exports dmakit.datasheet.msgdma;
    exports dmakit.datasheet.pci;
    exports dmakit.datasheet.pl011;
    exports dmakit.datasheet.plx;
    exports dmakit.datasheet.pl330;
    exports dmakit.datasheet.smmu;
    exports dmakit.datasheet.vtd;
    exports dmakit.datasheet.xdmac;
    exports dmakit.datasheet.xilinx;
    exports dmakit.datasheet.spi;
}
