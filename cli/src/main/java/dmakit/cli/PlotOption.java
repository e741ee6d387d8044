package dmakit.cli;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --plot}: where a picture of the outcome is written. Use as {@code @Mixin}. */
final class PlotOption {

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "Draws the outcome, as SVG; whole or not at all.")
    private @Nullable Path file;

    /**
     * Opens the file, before anything is run for it.
     *
     * @throws CouldNotRun when it cannot be written
     */
    Picture open() {
        return new Picture(file == null ? null : WholeFile.open("--plot", file));
    }

    /** The picture's file, where one is wanted. */
    static final class Picture implements AutoCloseable {
        private final @Nullable WholeFile opened;

        private Picture(@Nullable WholeFile opened) {
            this.opened = opened;
        }

        /**
         * Draws the picture and puts it in its place.
         *
         * @param svg is asked for it when one is wanted
         * @throws CouldNotRun when it cannot be written
         */
        void draw(Supplier<String> svg) {
            if (opened != null) {
                opened.complete(svg.get());
            }
        }

        /** Removes what {@link #draw} did not put in place. */
        @Override
        public void close() {
            if (opened != null) {
                opened.close();
            }
        }
    }
}
