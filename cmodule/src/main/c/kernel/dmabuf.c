/* Buffers that an exporter shares with the devices of others. */
#include <dmakit/umbrella.h>

#include "dma.h"

/*
 * Descriptors of buffers are numbers of this table: they go from module to module through programs,
 * which cannot read or map them.
 */
#define FD_FIRST 1000
#define FD_COUNT_MAX 1024

static struct dma_buf *open_buffers[FD_COUNT_MAX];

struct dma_buf *dma_buf_export(const struct dma_buf_export_info *info)
{
	struct dma_buf *dmabuf;

	if (WARN_ON(!info->priv || !info->ops || !info->ops->map_dma_buf ||
		    !info->ops->unmap_dma_buf || !info->ops->release))
		return ERR_PTR(-EINVAL);
	dmabuf = kernel_allocate(sizeof *dmabuf);
	dmabuf->size = info->size;
	dmabuf->ops = info->ops;
	dmabuf->exp_name = info->exp_name;
	dmabuf->owner = info->owner;
	dmabuf->priv = info->priv;
	dmabuf->dmakit_references = 1;
	INIT_LIST_HEAD(&dmabuf->attachments);
	return dmabuf;
}

/* The descriptor takes the exporter's reference over, and keeps it: nothing closes it. */
int dma_buf_fd(struct dma_buf *dmabuf, int flags)
{
	(void)flags;
	if (IS_ERR_OR_NULL(dmabuf))
		return -EINVAL;
	for (int i = 0; i < FD_COUNT_MAX; i++)
		if (!open_buffers[i]) {
			open_buffers[i] = dmabuf;
			return FD_FIRST + i;
		}
	return -EMFILE;
}

struct dma_buf *dma_buf_get(int fd)
{
	struct dma_buf *dmabuf;

	if (fd < FD_FIRST || fd >= FD_FIRST + FD_COUNT_MAX || !open_buffers[fd - FD_FIRST])
		return ERR_PTR(-EBADF);
	dmabuf = open_buffers[fd - FD_FIRST];
	get_dma_buf(dmabuf);
	return dmabuf;
}

void get_dma_buf(struct dma_buf *dmabuf)
{
	dmabuf->dmakit_references++;
}

void dma_buf_put(struct dma_buf *dmabuf)
{
	if (WARN_ON(IS_ERR_OR_NULL(dmabuf)))
		return;
	if (--dmabuf->dmakit_references)
		return;
	WARN_ON(!list_empty(&dmabuf->attachments));
	for (int i = 0; i < FD_COUNT_MAX; i++)
		if (open_buffers[i] == dmabuf)
			open_buffers[i] = NULL;
	dmabuf->ops->release(dmabuf);
	kernel_free(dmabuf);
}

struct dma_buf_attachment *dma_buf_attach(struct dma_buf *dmabuf, struct device *dev)
{
	struct dma_buf_attachment *attach;

	if (WARN_ON(!dmabuf || !dev))
		return ERR_PTR(-EINVAL);
	attach = kernel_allocate(sizeof *attach);
	attach->dmabuf = dmabuf;
	attach->dev = dev;
	if (dmabuf->ops->attach) {
		int error = dmabuf->ops->attach(dmabuf, attach);

		if (error) {
			kernel_free(attach);
			return ERR_PTR(error);
		}
	}
	list_add(&attach->node, &dmabuf->attachments);
	return attach;
}

static void unmap_kept(struct dma_buf_attachment *attach)
{
	if (attach->sgt)
		attach->dmabuf->ops->unmap_dma_buf(attach, attach->sgt, attach->dir);
	attach->sgt = NULL;
}

void dma_buf_detach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	if (WARN_ON(!dmabuf || !attach || dmabuf != attach->dmabuf))
		return;
	unmap_kept(attach);
	list_del(&attach->node);
	if (dmabuf->ops->detach)
		dmabuf->ops->detach(dmabuf, attach);
	kernel_free(attach);
}

struct sg_table *dma_buf_map_attachment(struct dma_buf_attachment *attach,
					enum dma_data_direction dir)
{
	struct sg_table *sgt;

	if (WARN_ON(!attach || !attach->dmabuf))
		return ERR_PTR(-EINVAL);
	if (attach->sgt) {
		if (attach->dir != dir && attach->dir != DMA_BIDIRECTIONAL)
			return ERR_PTR(-EBUSY);
		return attach->sgt;
	}
	sgt = attach->dmabuf->ops->map_dma_buf(attach, dir);
	if (!sgt)
		sgt = ERR_PTR(-ENOMEM);
	if (!IS_ERR(sgt) && attach->dmabuf->ops->cache_sgt_mapping) {
		attach->sgt = sgt;
		attach->dir = dir;
	}
	return sgt;
}

void dma_buf_unmap_attachment(struct dma_buf_attachment *attach, struct sg_table *sgt,
			      enum dma_data_direction dir)
{
	if (WARN_ON(!attach || !attach->dmabuf || !sgt) || attach->sgt == sgt)
		return;
	attach->dmabuf->ops->unmap_dma_buf(attach, sgt, dir);
}

int dma_buf_begin_cpu_access(struct dma_buf *dmabuf, enum dma_data_direction dir)
{
	return dmabuf->ops->begin_cpu_access ? dmabuf->ops->begin_cpu_access(dmabuf, dir) : 0;
}

int dma_buf_end_cpu_access(struct dma_buf *dmabuf, enum dma_data_direction dir)
{
	return dmabuf->ops->end_cpu_access ? dmabuf->ops->end_cpu_access(dmabuf, dir) : 0;
}

int dma_buf_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma, unsigned long pgoff)
{
	unsigned long pages = (dmabuf->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	unsigned long wanted = (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;

	if (!dmabuf->ops->mmap)
		return -EINVAL;
	if (pgoff > pages || wanted > pages - pgoff)
		return -EINVAL;
	vma->vm_pgoff = pgoff;
	return dmabuf->ops->mmap(dmabuf, vma);
}

int dma_buf_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	int error;

	iosys_map_clear(map);
	if (!dmabuf->ops->vmap)
		return -EINVAL;
	if (!dmabuf->vmapping_counter) {
		error = dmabuf->ops->vmap(dmabuf, &dmabuf->vmap_ptr);
		if (error)
			return error;
	}
	dmabuf->vmapping_counter++;
	*map = dmabuf->vmap_ptr;
	return 0;
}

void dma_buf_vunmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	(void)map;
	if (WARN_ON(!dmabuf->vmapping_counter) || --dmabuf->vmapping_counter)
		return;
	if (dmabuf->ops->vunmap)
		dmabuf->ops->vunmap(dmabuf, &dmabuf->vmap_ptr);
	iosys_map_clear(&dmabuf->vmap_ptr);
}
