package dmakit.kernel.check;

import java.util.ArrayList;
import java.util.List;

/**
 * What the debugging options of Linux said last, so that findings of the same call can tell. Every
 * call takes time: what is said at one moment is of one call.
 */
final class DebugLog {
    private final List<DmaDebugText> said = new ArrayList<>();
    private boolean on;
    private long atPs;

    /** From now on everything is heard that is said. */
    void begin() {
        on = true;
    }

    /** Hears a message. */
    void hear(DmaDebugText text, long nowPs) {
        if (nowPs != atPs) {
            said.clear();
            atPs = nowPs;
        }
        said.add(text);
    }

    /** What was said of a mistake that is made now; empty for nothing. */
    String about(FindingId id, long nowPs) {
        DmaDebugText usual = id.debugText();
        if (usual == null || !on) {
            return id.linux();
        }
        if (said.isEmpty() || nowPs != atPs) {
            // Linux looks at the error check of a mapping later, when it is unmapped.
            return id == FindingId.MAP_ERROR_UNCHECKED ? usual.text() : "";
        }
        return said.contains(usual) ? usual.text() : said.getFirst().text();
    }
}
