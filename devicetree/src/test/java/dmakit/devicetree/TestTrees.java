package dmakit.devicetree;

import dmakit.devicetree.dts.DtsReader;
import dmakit.devicetree.dts.SourceFinder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Trees written as text inside tests. */
public final class TestTrees {

    private TestTrees() {}

    /** The tree of one source; {@code /dts-v1/;} is put in front, on the first line. */
    public static DeviceTree dts(String source) {
        return files(Map.of("a.dts", "/dts-v1/; " + source), List.of());
    }

    /** The tree of {@code a.dts} among some files. */
    public static DeviceTree files(Map<String, String> files, List<String> includePath) {
        SourceFinder finder =
                (path, bytesMax) ->
                        Optional.ofNullable(files.get(path))
                                .map(text -> text.getBytes(StandardCharsets.UTF_8));
        try {
            return DtsReader.read("a.dts", finder, includePath);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The node of a path that exists. */
    public static Node node(DeviceTree tree, String path) {
        return tree.node(path).orElseThrow(() -> new AssertionError("no node " + path));
    }

    /** The property of a node that exists. */
    public static Property property(DeviceTree tree, String path, String name) {
        return node(tree, path)
                .property(name)
                .orElseThrow(() -> new AssertionError("no property " + name + " in " + path));
    }
}
