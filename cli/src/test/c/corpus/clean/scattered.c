// run: --board lan9691
// A list that is filled and a rectangle that is cut out, on a controller that knows gaps.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define PIECES 3
#define PIECE 256
#define LINE 128
#define ROWS 8
#define WIDTH 32

static struct dma_chan *chan;
static struct device *dev;

static void done(void *completion)
{
	complete(completion);
}

static int wait_for(struct dma_async_tx_descriptor *desc)
{
	DECLARE_COMPLETION_ONSTACK(finished);

	if (!desc)
		return -ENOMEM;
	desc->callback = done;
	desc->callback_param = &finished;
	if (dma_submit_error(dmaengine_submit(desc)))
		return -EIO;
	dma_async_issue_pending(chan);
	if (wait_for_completion_timeout(&finished, HZ))
		return 0;
	dmaengine_terminate_sync(chan);
	return -ETIMEDOUT;
}

/* The engine fills pieces of one size in equal steps. */
static int fill(void)
{
	u8 *memory = kzalloc(2 * PIECES * PIECE, GFP_KERNEL);
	struct scatterlist sg[PIECES];
	int count, err = -ENOMEM;

	if (!memory)
		return err;
	sg_init_table(sg, PIECES);
	for (int i = 0; i < PIECES; i++)
		sg_set_buf(&sg[i], memory + 2 * i * PIECE, PIECE);
	count = dma_map_sg(dev, sg, PIECES, DMA_FROM_DEVICE);
	if (!count)
		goto free;
	err = wait_for(chan->device->device_prep_dma_memset_sg(
		chan, sg, count, 0xa5, DMA_PREP_INTERRUPT | DMA_CTRL_ACK));
	dma_unmap_sg(dev, sg, PIECES, DMA_FROM_DEVICE);
	for (int i = 0; !err && i < 2 * PIECES * PIECE; i++)
		if (memory[i] != (i / PIECE % 2 ? 0 : 0xa5))
			err = -EIO;
free:
	kfree(memory);
	return err;
}

static int cut(void)
{
	struct dma_interleaved_template *xt = kzalloc(struct_size(xt, sgl, 1), GFP_KERNEL);
	dma_addr_t from, to;
	u8 *picture = dma_alloc_coherent(dev, ROWS * LINE, &from, GFP_KERNEL);
	u8 *part = dma_alloc_coherent(dev, ROWS * WIDTH, &to, GFP_KERNEL);
	int err = -ENOMEM;

	if (!xt || !picture || !part)
		goto free;
	for (int i = 0; i < ROWS * LINE; i++)
		picture[i] = (u8)(i + i / LINE);
	xt->src_start = from + 16;
	xt->dst_start = to;
	xt->dir = DMA_MEM_TO_MEM;
	xt->src_inc = xt->dst_inc = true;
	xt->src_sgl = true;
	xt->numf = ROWS;
	xt->frame_size = 1;
	xt->sgl[0].size = WIDTH;
	xt->sgl[0].icg = LINE - WIDTH;
	err = wait_for(dmaengine_prep_interleaved_dma(chan, xt, DMA_PREP_INTERRUPT | DMA_CTRL_ACK));
	for (int row = 0; !err && row < ROWS; row++)
		if (memcmp(part + row * WIDTH, picture + row * LINE + 16, WIDTH))
			err = -EIO;
free:
	if (part)
		dma_free_coherent(dev, ROWS * WIDTH, part, to);
	if (picture)
		dma_free_coherent(dev, ROWS * LINE, picture, from);
	kfree(xt);
	return err;
}

static int __init scattered_init(void)
{
	dma_cap_mask_t mask;
	int err;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMSET_SG, mask);
	dma_cap_set(DMA_INTERLEAVE, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = dmaengine_get_dma_device(chan);
	err = fill();
	if (!err)
		err = cut();
	if (err) {
		dmaengine_terminate_sync(chan);
		dma_release_channel(chan);
	}
	return err;
}

static void __exit scattered_exit(void)
{
	dmaengine_terminate_sync(chan);
	dma_release_channel(chan);
}

module_init(scattered_init);
module_exit(scattered_exit);
MODULE_LICENSE("GPL");
