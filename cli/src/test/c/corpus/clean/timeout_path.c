// A transfer that is given up before it ends: terminated, synchronised, and only then freed.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/slab.h>

#define BYTES (128 * 1024)

struct job {
	struct dma_chan *chan;
	struct completion done;
	void *src, *dst;
	dma_addr_t from, to;
};

static void job_done(void *data, const struct dmaengine_result *result)
{
	struct job *job = data;

	complete(&job->done);
}

static int job_map(struct job *job)
{
	struct device *dev = job->chan->device->dev;

	job->from = dma_map_single(dev, job->src, BYTES, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, job->from))
		return -ENOMEM;
	job->to = dma_map_single(dev, job->dst, BYTES, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, job->to)) {
		dma_unmap_single(dev, job->from, BYTES, DMA_TO_DEVICE);
		return -ENOMEM;
	}
	return 0;
}

static void job_unmap(struct job *job)
{
	struct device *dev = job->chan->device->dev;

	dma_unmap_single(dev, job->to, BYTES, DMA_FROM_DEVICE);
	dma_unmap_single(dev, job->from, BYTES, DMA_TO_DEVICE);
}

static int job_run(struct job *job)
{
	struct dma_async_tx_descriptor *desc;
	int err = job_map(job);

	if (err)
		return err;
	init_completion(&job->done);
	desc = dmaengine_prep_dma_memcpy(job->chan, job->to, job->from, BYTES, DMA_PREP_INTERRUPT);
	if (!desc) {
		job_unmap(job);
		return -EIO;
	}
	desc->callback_result = job_done;
	desc->callback_param = job;
	err = dma_submit_error(dmaengine_submit(desc));
	if (!err) {
		dma_async_issue_pending(job->chan);
		if (!wait_for_completion_killable_timeout(&job->done, 0)) {
			dmaengine_terminate_async(job->chan);
			dmaengine_synchronize(job->chan);
			err = -ETIMEDOUT;
		}
	}
	job_unmap(job);
	return err;
}

static int __init job_init(void)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);
	dma_cap_mask_t mask;

	if (!job)
		return -ENOMEM;
	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	job->chan = dma_request_channel(mask, NULL, NULL);
	if (!job->chan) {
		kfree(job);
		return -ENODEV;
	}
	job->src = kzalloc(BYTES, GFP_KERNEL);
	job->dst = kmalloc(BYTES, GFP_KERNEL);
	if (job->src && job->dst)
		pr_info("given up: %d\n", job_run(job));
	kfree(job->dst);
	kfree(job->src);
	dma_release_channel(job->chan);
	kfree(job);
	return 0;
}

static void __exit job_exit(void)
{
}

module_init(job_init);
module_exit(job_exit);
MODULE_LICENSE("GPL");
