package dmakit.kernel.check;

/**
 * A place in a driver's source.
 *
 * @param file as the compiler was given it
 * @param line from 1; 0 when unknown
 * @param function without its class
 */
public record SourceLine(String file, int line, String function) {
    /** Nowhere that is known. */
    public static final SourceLine UNKNOWN = new SourceLine("", 0, "");

    @Override
    public String toString() {
        return line == 0 ? "unknown place" : file + ":" + line + " in " + function;
    }
}
