package dmakit.devicetree.dts;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where an included file may be. */
final class SourcePaths {

    private SourcePaths() {}

    /**
     * Paths to try in order.
     *
     * @param name as the include spells it
     * @param includer the file beside which to look first; null for {@code <name>}
     * @param includePath folders to look in then
     */
    static List<String> candidates(
            String name, @Nullable String includer, List<String> includePath) {
        if (name.startsWith("/")) {
            return List.of(name);
        }
        List<String> candidates = new ArrayList<>();
        if (includer != null) {
            candidates.add(normal(includer.substring(0, includer.lastIndexOf('/') + 1) + name));
        }
        for (String folder : includePath) {
            candidates.add(normal(folder + "/" + name));
        }
        return candidates;
    }

    /** The path without {@code .} and doubled slashes; {@code ..} stays, links may matter to it. */
    private static String normal(String path) {
        StringBuilder normal = new StringBuilder(path.startsWith("/") ? "/" : "");
        for (String step : path.split("/", -1)) {
            if (!step.isEmpty() && !step.equals(".")) {
                if (!normal.isEmpty() && normal.charAt(normal.length() - 1) != '/') {
                    normal.append('/');
                }
                normal.append(step);
            }
        }
        return normal.toString();
    }
}
