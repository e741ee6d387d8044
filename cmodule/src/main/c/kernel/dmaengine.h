/* What the two sides of dmaengine share: numbers of channels, and paths of nodes. */
#ifndef DMAKIT_KERNEL_DMAENGINE_H
#define DMAKIT_KERNEL_DMAENGINE_H

/* The struct of a channel; NULL for 0 and errors. */
struct dma_chan *channel_of(long number);

/* Sets the struct of a channel of a provider in C. */
void channel_is(long number, struct dma_chan *chan);

/* What a client left undone on a channel of ours: the bits of Unfinished. */
enum { LEFT_PREPARED = 1, LEFT_SUBMITTED = 2, LEFT_RUNNING = 4 };
long vchan_left(struct dma_chan *chan);

#define NODE_PATH_SIZE 1024

/* The path by which the simulator knows a node, somewhere in a buffer of NODE_PATH_SIZE. */
const char *node_path(const struct device_node *node, char *path);

#endif
