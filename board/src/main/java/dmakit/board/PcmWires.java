package dmakit.board;

import dmakit.devicetree.Node;
import dmakit.hardware.PcmWire;
import java.util.Map;
import java.util.TreeMap;

/** The serial audio links of a machine, one for each port. */
final class PcmWires {
    private final Map<String, PcmWire> byPort = new TreeMap<>();

    /** The link of a port; both ends ask for it. */
    PcmWire of(Node port) {
        return byPort.computeIfAbsent(port.path(), _ -> new PcmWire());
    }
}
