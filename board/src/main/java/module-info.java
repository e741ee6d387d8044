/** Builds a machine from a device tree, wires its chips and binds drivers. */
module dmakit.board {
    requires static org.jspecify;
    requires transitive dmakit.hardware;
    requires transitive dmakit.kernel;
    requires transitive dmakit.devicetree;

    exports dmakit.board;
}
