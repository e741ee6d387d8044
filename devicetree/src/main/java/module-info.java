/** Reads device trees and answers what a machine builder asks of them. */
@org.jspecify.annotations.NullMarked
module dmakit.devicetree {
    requires static transitive org.jspecify;

    exports dmakit.devicetree;
    exports dmakit.devicetree.address;
    exports dmakit.devicetree.dma;
    exports dmakit.devicetree.dts;
    exports dmakit.devicetree.file;
    exports dmakit.devicetree.interrupt;
    exports dmakit.devicetree.topology;
}
