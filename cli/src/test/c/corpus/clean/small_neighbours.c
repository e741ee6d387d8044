// Two small objects beside each other: a device writes one, the CPU the other. Since 6.5 arm64
// packs them into one cache line and copies what the device writes through a bounce buffer.
#include "../planted/transfer.h"

#define SMALL 24
#define ROUNDS 8

static int check(const u8 *buffer, u8 value)
{
	int i;

	for (i = 0; i < SMALL; i++)
		if (buffer[i] != value)
			return -EIO;
	return 0;
}

static int one_round(u8 *mine, u8 *src, u8 *neighbour, int round)
{
	dma_addr_t from, to;
	int err;

	memset(src, round, SMALL);
	memset(mine, 0, SMALL);
	from = dma_map_single(dev, src, SMALL, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, from))
		return -ENOMEM;
	to = dma_map_single(dev, mine, SMALL, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, to)) {
		dma_unmap_single(dev, from, SMALL, DMA_TO_DEVICE);
		return -ENOMEM;
	}
	memset(neighbour, 100 + round, SMALL); /* while the device owns the object beside it */
	err = transfer(to, from, SMALL);
	dma_unmap_single(dev, to, SMALL, DMA_FROM_DEVICE);
	dma_unmap_single(dev, from, SMALL, DMA_TO_DEVICE);
	if (!err)
		err = check(mine, round);
	return err ? err : check(neighbour, 100 + round);
}

static int __init start(void)
{
	u8 *mine, *src, *neighbour;
	int round, err;

	err = transfer_begin();
	if (err)
		return err;
	mine = kmalloc(SMALL, GFP_KERNEL);
	neighbour = kmalloc(SMALL, GFP_KERNEL);
	src = kmalloc(SMALL, GFP_KERNEL);
	err = mine && neighbour && src ? 0 : -ENOMEM;
	for (round = 1; !err && round <= ROUNDS; round++)
		err = one_round(mine, src, neighbour, round);
	kfree(src);
	kfree(neighbour);
	kfree(mine);
	if (err)
		transfer_end();
	return err;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
