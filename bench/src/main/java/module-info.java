/** Benchmarks, each beside the peer it is measured against. */
module dmakit.bench {
    requires static org.jspecify;
    requires dmakit.cmodule;
    requires dmakit.labs;
    requires dmakit.oracle;
    requires java.management;
    requires jmh.core;
    requires tools.jackson.core;
}
