package dmakit.devicetree.dts;

/** The largest sources accepted, beside the limits on the tree itself. */
public final class DtsLimits {

    /** Size of one source file, in bytes. */
    public static final int SOURCE_BYTES_MAX = 2 << 20;

    /** Files that are open within each other. */
    public static final int INCLUDE_DEPTH_MAX = 64;

    /** Inclusions in all, repeated ones counted each time. */
    public static final int INCLUDE_COUNT_MAX = 4096;

    /** Macros expanded within each other, and invocations within arguments. */
    public static final int MACRO_DEPTH_MAX = 200;

    /** Characters that macros expand to in all, and characters left for the parser. */
    public static final int TEXT_CHARS_MAX = 8 << 20;

    /** Conditions within each other, over all files. */
    public static final int CONDITION_DEPTH_MAX = 256;

    /** Operators and parentheses within each other in one expression. */
    public static final int EXPRESSION_DEPTH_MAX = 200;

    /** Bytes of all property values together, those replaced later included. */
    public static final int VALUE_BYTES_MAX = 8 << 20;

    private DtsLimits() {}
}
