package dmakit.devicetree;

/** Where a node or property was written, for messages. */
public sealed interface Origin {

    /** The text a message starts with: {@code board.dtb+0x1c0} or {@code board.dts:12:5}. */
    @Override
    String toString();

    /**
     * A place in a flattened tree.
     *
     * @param file name of the file, as the caller gave it
     * @param offset in bytes from the start of the file
     */
    record Offset(String file, int offset) implements Origin {
        @Override
        public String toString() {
            return "%s+0x%x".formatted(file, offset);
        }
    }

    /**
     * A place in tree source.
     *
     * @param file name of the file, as the caller or the {@code #include} gave it
     * @param line from 1
     * @param column from 1, in characters; a tab counts as one
     */
    record Source(String file, int line, int column) implements Origin {
        @Override
        public String toString() {
            return "%s:%d:%d".formatted(file, line, column);
        }
    }

    /**
     * Made by a program, not read from a file.
     *
     * @param by what made it
     */
    record Made(String by) implements Origin {
        @Override
        public String toString() {
            return by;
        }
    }
}
