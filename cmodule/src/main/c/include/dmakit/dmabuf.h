/* Buffers that devices share. */
#ifndef DMAKIT_DMABUF_H
#define DMAKIT_DMABUF_H

struct dma_buf;
struct dma_buf_attachment;
struct file;
struct vm_area_struct;

struct iosys_map {
	union {
		void __iomem *vaddr_iomem;
		void *vaddr;
	};
	bool is_iomem;
};
#define dma_buf_map iosys_map

static inline void iosys_map_set_vaddr(struct iosys_map *map, void *vaddr)
{
	map->vaddr = vaddr;
	map->is_iomem = false;
}

static inline void iosys_map_clear(struct iosys_map *map)
{
	map->vaddr = NULL;
	map->is_iomem = false;
}

#define iosys_map_is_null(map) (!(map)->vaddr)
#define dma_buf_map_set_vaddr iosys_map_set_vaddr
#define dma_buf_map_clear iosys_map_clear
#define dma_buf_map_is_null iosys_map_is_null

struct dma_buf_ops {
	bool cache_sgt_mapping;
	int (*attach)(struct dma_buf *dmabuf, struct dma_buf_attachment *attach);
	void (*detach)(struct dma_buf *dmabuf, struct dma_buf_attachment *attach);
	int (*pin)(struct dma_buf_attachment *attach);
	void (*unpin)(struct dma_buf_attachment *attach);
	struct sg_table *(*map_dma_buf)(struct dma_buf_attachment *attach,
					enum dma_data_direction dir);
	void (*unmap_dma_buf)(struct dma_buf_attachment *attach, struct sg_table *sgt,
			      enum dma_data_direction dir);
	void (*release)(struct dma_buf *dmabuf);
	int (*begin_cpu_access)(struct dma_buf *dmabuf, enum dma_data_direction dir);
	int (*end_cpu_access)(struct dma_buf *dmabuf, enum dma_data_direction dir);
	int (*mmap)(struct dma_buf *dmabuf, struct vm_area_struct *vma);
	int (*vmap)(struct dma_buf *dmabuf, struct iosys_map *map);
	void (*vunmap)(struct dma_buf *dmabuf, struct iosys_map *map);
	/* Gone from Linux, and called by nobody. */
	void *(*map)(struct dma_buf *dmabuf, unsigned long page);
	void (*unmap)(struct dma_buf *dmabuf, unsigned long page, void *va);
	void *(*kmap)(struct dma_buf *dmabuf, unsigned long page);
	void *(*kmap_atomic)(struct dma_buf *dmabuf, unsigned long page);
	void (*kunmap)(struct dma_buf *dmabuf, unsigned long page, void *va);
};

struct dma_buf {
	size_t size;
	struct file *file;
	struct list_head attachments;
	const struct dma_buf_ops *ops;
	unsigned int vmapping_counter;
	struct iosys_map vmap_ptr;
	const char *exp_name;
	const char *name;
	struct module *owner;
	void *priv;
	int dmakit_references;
};

struct dma_buf_attachment {
	struct dma_buf *dmabuf;
	struct device *dev;
	struct list_head node;
	struct sg_table *sgt;
	enum dma_data_direction dir;
	bool peer2peer;
	void *importer_priv;
	void *priv;
};

struct dma_buf_export_info {
	const char *exp_name;
	struct module *owner;
	const struct dma_buf_ops *ops;
	size_t size;
	int flags;
	void *resv;
	void *priv;
};

#define DEFINE_DMA_BUF_EXPORT_INFO(name)                                                           \
	struct dma_buf_export_info name = {.exp_name = KBUILD_MODNAME, .owner = THIS_MODULE}

struct dma_buf *dma_buf_export(const struct dma_buf_export_info *info);
int dma_buf_fd(struct dma_buf *dmabuf, int flags);
struct dma_buf *dma_buf_get(int fd);
void get_dma_buf(struct dma_buf *dmabuf);
void dma_buf_put(struct dma_buf *dmabuf);
struct dma_buf_attachment *dma_buf_attach(struct dma_buf *dmabuf, struct device *dev);
void dma_buf_detach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach);
struct sg_table *dma_buf_map_attachment(struct dma_buf_attachment *attach,
					enum dma_data_direction dir);
void dma_buf_unmap_attachment(struct dma_buf_attachment *attach, struct sg_table *sgt,
			      enum dma_data_direction dir);
#define dma_buf_map_attachment_unlocked dma_buf_map_attachment
#define dma_buf_unmap_attachment_unlocked dma_buf_unmap_attachment
int dma_buf_begin_cpu_access(struct dma_buf *dmabuf, enum dma_data_direction dir);
int dma_buf_end_cpu_access(struct dma_buf *dmabuf, enum dma_data_direction dir);
int dma_buf_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma, unsigned long pgoff);
int dma_buf_vmap(struct dma_buf *dmabuf, struct iosys_map *map);
void dma_buf_vunmap(struct dma_buf *dmabuf, struct iosys_map *map);

/* Before Linux 5.11 the address was the answer. */
static inline void *dmakit_dma_buf_address(struct dma_buf *dmabuf)
{
	struct iosys_map map;

	return dma_buf_vmap(dmabuf, &map) ? NULL : map.vaddr;
}
#define dma_buf_vmap1(dmabuf) dmakit_dma_buf_address(dmabuf)
#define dma_buf_vmap2(dmabuf, map) (dma_buf_vmap)(dmabuf, map)
#define dma_buf_vmap(...) DMAKIT_BY_COUNT(dma_buf_vmap, __VA_ARGS__)
#define dma_buf_vmap_unlocked dma_buf_vmap
#define dma_buf_vunmap_unlocked dma_buf_vunmap

#endif
