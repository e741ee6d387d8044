package dmakit.devicetree;

/**
 * The largest trees accepted. Real ones stay far below (123 KB, 8 levels, some 3,000 nodes); the
 * limits keep hostile input from costing more than some hundred megabytes or a second.
 */
public final class Limits {

    /** Size of one file, in bytes. */
    public static final int FILE_BYTES_MAX = 16 << 20;

    /** Levels of nodes, the root being level 1; Linux stops at the same depth. */
    public static final int DEPTH_MAX = 64;

    /** Nodes in one tree, the root included. */
    public static final int NODE_COUNT_MAX = 1 << 17;

    /** Properties in one tree. */
    public static final int PROPERTY_COUNT_MAX = 1 << 18;

    /** Characters in the name of a node or property. */
    public static final int NAME_CHARS_MAX = 255;

    /** Entries of the memory reservation block. */
    public static final int MEMRESERVE_COUNT_MAX = 4096;

    /** Cells of arguments behind one phandle, as in Linux. */
    public static final int PHANDLE_ARGS_MAX = 16;

    private Limits() {}
}
