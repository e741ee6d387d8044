package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/**
 * Which channel of a provider a device without a node gets.
 *
 * @param deviceName of the client
 * @param slaveName by which the client requests it
 * @param filter accepts the channel
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_slave_map")
public record DmaSlaveMap(String deviceName, String slaveName, ChannelFilter filter) {}
