package dmakit.kernel.dmaengine;

import dmakit.devicetree.PhandleArgs;
import dmakit.kernel.DmaException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;

/**
 * A device between peripherals and controllers: it leads request lines to channels.
 *
 * @param dev the router
 * @param free gives a route back when its channel is released
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_router")
public record DmaRouter(Device dev, Free free) {

    /** Leads a request line to a controller. */
    @FunctionalInterface
    @Linux(file = "include/linux/of_dma.h", symbol = "of_dma_route_allocate")
    public interface Allocate {
        /**
         * Sets a route up.
         *
         * @param request what the peripheral asks the router for
         * @throws DmaException when there is none; the peripheral finds no channel then
         */
        Route route(PhandleArgs request);
    }

    /** Gives a route back. */
    @FunctionalInterface
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_router.route_free")
    public interface Free {
        /** Gives it back. */
        void route(Object data);
    }

    /**
     * A route.
     *
     * @param target what to ask the controller for
     * @param data by which the router knows the route
     */
    public record Route(PhandleArgs target, Object data) {}
}
