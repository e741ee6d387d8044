// run: --kernel 6.18 --board rpi3-smmu
// Since Linux 6.16: addresses first, then memory behind them; without an IOMMU as ever. Since 6.18:
// physical addresses.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/slab.h>

#define PIECES 3

static struct dma_chan *chan;
static struct device *dev;

static int copy(dma_addr_t dst, dma_addr_t src, size_t bytes)
{
	struct dma_async_tx_descriptor *desc =
		dmaengine_prep_dma_memcpy(chan, dst, src, bytes, DMA_CTRL_ACK);

	if (!desc || dma_sync_wait(chan, dmaengine_submit(desc)) != DMA_COMPLETE)
		return -EIO;
	return 0;
}

/* Three pages from all over memory, one range for the device. */
static int gather(void **pages, dma_addr_t dst)
{
	struct dma_iova_state state;
	size_t mapped = 0;
	int i, err = 0;

	if (!dma_iova_try_alloc(dev, &state, virt_to_phys(pages[0]), PIECES * PAGE_SIZE))
		return -EOPNOTSUPP;
	if (!dma_use_iova(&state) || dma_iova_size(&state) != PIECES * PAGE_SIZE) {
		dma_iova_free(dev, &state);
		return -EINVAL;
	}
	for (i = 0; !err && i < PIECES; i++) {
		err = dma_iova_link(dev, &state, virt_to_phys(pages[i]), mapped, PAGE_SIZE,
				    DMA_TO_DEVICE, 0);
		if (!err)
			mapped += PAGE_SIZE;
	}
	if (!err)
		err = dma_iova_sync(dev, &state, 0, mapped);
	if (!err)
		err = copy(dst, state.addr, mapped);
	if (!err) {
		/* The last piece goes first. */
		mapped -= PAGE_SIZE;
		dma_iova_unlink(dev, &state, mapped, PAGE_SIZE, DMA_TO_DEVICE, 0);
	}
	dma_iova_destroy(dev, &state, mapped, DMA_TO_DEVICE, 0);
	return err;
}

static int one_by_one(void **pages, dma_addr_t dst)
{
	int i, err = 0;

	for (i = 0; !err && i < PIECES; i++) {
		phys_addr_t phys = virt_to_phys(pages[i]);
		dma_addr_t src = dma_map_phys(dev, phys, PAGE_SIZE, DMA_TO_DEVICE, 0);

		if (dma_mapping_error(dev, src))
			return -ENOMEM;
		err = copy(dst + i * PAGE_SIZE, src, PAGE_SIZE);
		dma_unmap_phys(dev, src, PAGE_SIZE, DMA_TO_DEVICE, 0);
	}
	return err;
}

static int __init link_init(void)
{
	void *pages[PIECES] = {};
	dma_cap_mask_t mask;
	dma_addr_t dst;
	u8 *result;
	int i, err = 0;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = chan->device->dev;
	result = dma_alloc_coherent(dev, PIECES * PAGE_SIZE, &dst, GFP_KERNEL);
	if (!result)
		err = -ENOMEM;
	for (i = PIECES - 1; !err && i >= 0; i--) {
		pages[i] = (void *)__get_free_page(GFP_KERNEL);
		if (!pages[i])
			err = -ENOMEM;
		else
			memset(pages[i], 'a' + i, PAGE_SIZE);
	}
	if (!err)
		err = gather(pages, dst);
	if (err == -EOPNOTSUPP)
		err = one_by_one(pages, dst);
	for (i = 0; !err && i < PIECES; i++)
		if (result[i * PAGE_SIZE] != 'a' + i || result[(i + 1) * PAGE_SIZE - 1] != 'a' + i)
			err = -EIO;
	if (!err) {
		memset(result, 0, PIECES * PAGE_SIZE);
		err = one_by_one(pages, dst);
		if (!err && result[2 * PAGE_SIZE] != 'c')
			err = -EIO;
	}
	for (i = 0; i < PIECES; i++)
		free_page((unsigned long)pages[i]);
	if (result)
		dma_free_coherent(dev, PIECES * PAGE_SIZE, result, dst);
	dma_release_channel(chan);
	return err;
}

static void __exit link_exit(void)
{
}

module_init(link_init);
module_exit(link_exit);
MODULE_LICENSE("GPL");
