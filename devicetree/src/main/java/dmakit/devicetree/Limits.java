package dmakit.devicetree;

/**
 * The largest trees accepted. Real ones stay far below (123 KB, 1,000 nodes, 4,000 properties); the
 * limits keep hostile input from costing more than some hundred megabytes or a second.
 */
public final class Limits {

    /** Size of one dtb, in bytes; arm64 Linux boots with no larger one. */
    public static final int FILE_BYTES_MAX = 2 << 20;

    /** Levels of nodes, the root being level 1; Linux stops at the same depth. */
    public static final int DEPTH_MAX = 64;

    /** Nodes in one tree, the root included. */
    public static final int NODE_COUNT_MAX = 1 << 16;

    /** Properties in one tree. */
    public static final int PROPERTY_COUNT_MAX = 1 << 17;

    /** Characters in the name of a node or property. */
    public static final int NAME_CHARS_MAX = 255;

    /** Entries of the memory reservation block. */
    public static final int MEMRESERVE_COUNT_MAX = 4096;

    /**
     * Cells of a list that is searched again and again: {@code ranges}, {@code dma-ranges}, {@code
     * interrupt-map} and lists of phandles. Real ones have up to 414.
     */
    public static final int LIST_CELLS_MAX = 1024;

    /** Cells of arguments behind one phandle, as in Linux. */
    public static final int PHANDLE_ARGS_MAX = 16;

    private Limits() {}
}
