/** Compiles, loads and serves C kernel modules. The only module with native code. */
module dmakit.cmodule {
    requires static org.jspecify;
    requires transitive dmakit.kernel;

    exports dmakit.cmodule;
    exports dmakit.cmodule.user;
}
