package dmakit.cli;

import picocli.CommandLine.Option;

/** {@code --board}: which machine to build. Use as {@code @Mixin}. */
final class BoardOption {

    @Option(
            names = "--board",
            paramLabel = "NAME|FILE",
            defaultValue = "rpi3",
            description =
                    "A built-in board (see 'dmakit boards'), or a device tree, .dtb or .dts"
                            + " (default: ${DEFAULT-VALUE}).")
    private String board = "rpi3";

    /**
     * Returns the board as the user named it.
     *
     * @return a built-in board's name or a file's path; not yet checked
     */
    String board() {
        return board;
    }
}
