package dmakit.devicetree.dts;

import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Origin;

/** A place in a source file, cheap enough to have one per token. */
record Position(String file, int line, int column) {

    Origin origin() {
        return new Origin.Source(file, line, column);
    }

    DeviceTreeException malformed(String problem) {
        return new DeviceTreeException(origin(), problem);
    }
}
