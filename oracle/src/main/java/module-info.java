/** Chips beside QEMU's models of the same chips. */
module dmakit.oracle {
    requires static org.jspecify;
    requires transitive dmakit.hardware;

    exports dmakit.oracle;
}
