/** The command line. */
module dmakit.cli {
    requires static org.jspecify;
    requires dmakit.labs;
    requires dmakit.cmodule;
    requires dmakit.board;
    requires dmakit.devicetree;
    requires info.picocli;
    requires java.xml;
    requires tools.jackson.core;

    // picocli fills in options reflectively.
    opens dmakit.cli to
            info.picocli;
}
