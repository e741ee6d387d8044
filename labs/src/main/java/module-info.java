/** The labs: small drivers, and the user programs that drive them. */
module dmakit.labs {
    requires static org.jspecify;
    requires transitive dmakit.board;

    exports dmakit.labs;
    exports dmakit.labs.audio;
    exports dmakit.labs.burst;
    exports dmakit.labs.isa;
    exports dmakit.labs.m2m;
    exports dmakit.labs.mapping;
    exports dmakit.labs.measure;
    exports dmakit.labs.mmap;
    exports dmakit.labs.net;
    exports dmakit.labs.pio;
    exports dmakit.labs.ram2ram;
}
