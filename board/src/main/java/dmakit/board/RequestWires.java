package dmakit.board;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.dma.DmaRequest;
import dmakit.hardware.RequestLine;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/** The request lines between peripherals and DMA controllers, as {@code dmas} names them. */
final class RequestWires {
    private final Map<String, IntFunction<RequestLine>> byController = new TreeMap<>();

    /** Says where the lines of a controller end, by the first cell of a request. */
    void end(Node controller, IntFunction<RequestLine> lineOf) {
        byController.put(controller.path(), lineOf);
    }

    /**
     * The line a peripheral drives for one of its {@code dma-names}; one that leads to no modelled
     * controller ends nowhere.
     */
    RequestLine of(DeviceTree tree, Node peripheral, String dmaName) {
        for (DmaRequest request : DmaRequest.of(tree, peripheral)) {
            IntFunction<RequestLine> lineOf = byController.get(request.controller().path());
            if (lineOf != null && request.name().orElse("").equals(dmaName)) {
                return lineOf.apply(request.target().arg(0));
            }
        }
        return new RequestLine(peripheral.name() + " " + dmaName);
    }
}
