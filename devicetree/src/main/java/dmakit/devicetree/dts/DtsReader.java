package dmakit.devicetree.dts;

import dmakit.devicetree.DeviceTree;
import java.io.IOException;
import java.util.List;

/**
 * Reads tree source: version 1, with the C preprocessor in front.
 *
 * <p>A source with {@code /plugin/} gives the tree of the overlay itself, with its fragments and
 * fixups; {@link dmakit.devicetree.Overlays} applies it.
 */
public final class DtsReader {

    private DtsReader() {}

    /**
     * Reads a tree.
     *
     * @param file the source, as the finder knows it
     * @param finder where it and what it includes are read from
     * @param includePath folders for {@code #include <...>}, and for {@code "..."} that is not
     *     beside the including file
     * @throws IOException when a file exists and cannot be read
     * @throws dmakit.devicetree.DeviceTreeException when a file is missing, the source is malformed
     *     or a limit is passed
     */
    public static DeviceTree read(String file, SourceFinder finder, List<String> includePath)
            throws IOException {
        SourceText text = Preprocessor.run(file, finder, List.copyOf(includePath));
        return DraftResolver.resolve(DtsParser.parse(file, text, finder, List.copyOf(includePath)));
    }
}
