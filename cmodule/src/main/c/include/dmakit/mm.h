/* Memory: allocation, pages, conversions of addresses, user mappings. */
#ifndef DMAKIT_MM_H
#define DMAKIT_MM_H

#include <dmakit/sched.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(address) ALIGN(address, PAGE_SIZE)
#define PAGE_ALIGN_DOWN(address) ALIGN_DOWN(address, PAGE_SIZE)
#define PAGE_ALIGNED(address) IS_ALIGNED((unsigned long)(address), PAGE_SIZE)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define PFN_ALIGN(x) (((unsigned long)(x) + PAGE_SIZE - 1) & PAGE_MASK)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define __phys_to_pfn(phys) ((unsigned long)((phys) >> PAGE_SHIFT))
#define __pfn_to_phys(pfn) ((phys_addr_t)(pfn) << PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)
#define PHYS_PFN(x) ((unsigned long)((x) >> PAGE_SHIFT))
#define PAGE_CACHE_SIZE PAGE_SIZE
#define PAGE_CACHE_SHIFT PAGE_SHIFT
#define HPAGE_SIZE SZ_2M
#define PMD_SIZE SZ_2M
#define MAX_ORDER 10
#define MAX_PAGE_ORDER 10
#define KMALLOC_MAX_SIZE (1UL << (MAX_PAGE_ORDER + PAGE_SHIFT))
#define get_order(size)                                                                            \
	((int)((size) <= PAGE_SIZE ? 0 : 64 - __builtin_clzl(((size)-1) >> PAGE_SHIFT)))

#define __GFP_DMA 0x1U
#define __GFP_HIGHMEM 0x2U
#define __GFP_DMA32 0x4U
#define __GFP_MOVABLE 0x8U
#define __GFP_RECLAIMABLE 0x10U
#define __GFP_HIGH 0x20U
#define __GFP_IO 0x40U
#define __GFP_FS 0x80U
#define __GFP_ZERO 0x100U
#define __GFP_DIRECT_RECLAIM 0x400U
#define __GFP_KSWAPD_RECLAIM 0x800U
#define __GFP_RECLAIM 0xc00U
#define __GFP_WRITE 0x1000U
#define __GFP_NOWARN 0x2000U
#define __GFP_RETRY_MAYFAIL 0x4000U
#define __GFP_NOFAIL 0x8000U
#define __GFP_NORETRY 0x10000U
#define __GFP_MEMALLOC 0x20000U
#define __GFP_COMP 0x40000U
#define __GFP_NOMEMALLOC 0x80000U
#define __GFP_HARDWALL 0x100000U
#define __GFP_THISNODE 0x200000U
#define __GFP_ACCOUNT 0x400000U
#define __GFP_REPEAT __GFP_RETRY_MAYFAIL
#define __GFP_COLD 0U
#define __GFP_WAIT __GFP_RECLAIM
#define GFP_ATOMIC ((gfp_t)DMAKIT_GFP_ATOMIC)
#define GFP_KERNEL ((gfp_t)DMAKIT_GFP_KERNEL)
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_NOWAIT (__GFP_KSWAPD_RECLAIM)
#define GFP_NOIO (__GFP_RECLAIM)
#define GFP_NOFS (__GFP_RECLAIM | __GFP_IO)
#define GFP_USER (GFP_KERNEL | __GFP_HARDWALL)
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE (GFP_HIGHUSER | __GFP_MOVABLE)
#define GFP_DMA __GFP_DMA
#define GFP_DMA32 __GFP_DMA32
#define GFP_TEMPORARY GFP_KERNEL
#define gfpflags_allow_blocking(flags) (((flags)&__GFP_DIRECT_RECLAIM) != 0)

/* kmalloc and its relatives. */
void *kmalloc(size_t size, gfp_t flags);
void *kzalloc(size_t size, gfp_t flags);
void *kmalloc_array(size_t count, size_t size, gfp_t flags);
void *kcalloc(size_t count, size_t size, gfp_t flags);
void *krealloc(const void *p, size_t size, gfp_t flags);
void *krealloc_array(void *p, size_t count, size_t size, gfp_t flags);
void kfree(const void *p);
void kfree_sensitive(const void *p);
size_t ksize(const void *p);
#define kmalloc_node(size, flags, node) kmalloc(size, flags)
#define kzalloc_node(size, flags, node) kzalloc(size, flags)
#define kcalloc_node(count, size, flags, node) kcalloc(count, size, flags)
#define kmalloc_array_node(count, size, flags, node) kmalloc_array(count, size, flags)
#define kzfree(p) kfree_sensitive(p)
#define kmalloc_size_roundup(size) (size)
void *vmalloc(unsigned long size);
void *vzalloc(unsigned long size);
void *vmalloc_user(unsigned long size);
void *vmalloc_32(unsigned long size);
void *vmalloc_32_user(unsigned long size);
void vfree(const void *p);
#define vmalloc_node(size, node) vmalloc(size)
#define vzalloc_node(size, node) vzalloc(size)
#define __vmalloc(size, flags, ...) vmalloc(size)
void *kvmalloc(size_t size, gfp_t flags);
void *kvzalloc(size_t size, gfp_t flags);
void *kvmalloc_array(size_t count, size_t size, gfp_t flags);
void *kvcalloc(size_t count, size_t size, gfp_t flags);
void kvfree(const void *p);
#define kvmalloc_node(size, flags, node) kvmalloc(size, flags)
#define kvzalloc_node(size, flags, node) kvzalloc(size, flags)
bool is_vmalloc_addr(const void *p);
bool virt_addr_valid(const void *p);
#define ZERO_SIZE_PTR ((void *)16)
#define ZERO_OR_NULL_PTR(p) ((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)

struct kmem_cache;
#define SLAB_HWCACHE_ALIGN 0x00002000U
#define SLAB_CACHE_DMA 0x00004000U
#define SLAB_CACHE_DMA32 0x00008000U
#define SLAB_PANIC 0x00040000U
#define SLAB_TYPESAFE_BY_RCU 0x00080000U
#define SLAB_POISON 0x00000800U
#define SLAB_RED_ZONE 0x00000400U
#define SLAB_RECLAIM_ACCOUNT 0x00020000U
#define SLAB_MEM_SPREAD 0U
#define SLAB_ACCOUNT 0x04000000U
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*constructor)(void *));
#define kmem_cache_create_usercopy(name, size, align, flags, offset, usersize, constructor)        \
	kmem_cache_create(name, size, align, flags, constructor)
#define KMEM_CACHE(type, flags)                                                                    \
	kmem_cache_create(#type, sizeof(struct type), __alignof__(struct type), (flags), NULL)
void kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t flags);
void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t flags);
void kmem_cache_free(struct kmem_cache *cache, void *p);
unsigned int kmem_cache_size(struct kmem_cache *cache);
#define kmem_cache_alloc_node(cache, flags, node) kmem_cache_alloc(cache, flags)
#define kmem_cache_shrink(cache) ((void)(cache), 0)

typedef void *(mempool_alloc_t)(gfp_t flags, void *data);
typedef void(mempool_free_t)(void *element, void *data);
typedef struct mempool mempool_t;
mempool_t *mempool_create(int min, mempool_alloc_t *alloc, mempool_free_t *free, void *data);
mempool_t *mempool_create_slab_pool(int min, struct kmem_cache *cache);
mempool_t *mempool_create_kmalloc_pool(int min, size_t size);
void mempool_destroy(mempool_t *pool);
void *mempool_alloc(mempool_t *pool, gfp_t flags);
void mempool_free(void *element, mempool_t *pool);
void *mempool_kmalloc(gfp_t flags, void *data);
void mempool_kfree(void *element, void *data);

struct gen_pool;
struct gen_pool *gen_pool_create(int min_order, int node);
/* No board has an on-chip memory as a pool. */
#define of_gen_pool_get(node, property, index) ((void)(node), (struct gen_pool *)NULL)
int gen_pool_add_virt(struct gen_pool *pool, unsigned long va, phys_addr_t phys, size_t size,
		      int node);
unsigned long gen_pool_alloc(struct gen_pool *pool, size_t size);
void *gen_pool_dma_alloc(struct gen_pool *pool, size_t size, dma_addr_t *dma);
void gen_pool_free(struct gen_pool *pool, unsigned long va, size_t size);
phys_addr_t gen_pool_virt_to_phys(struct gen_pool *pool, unsigned long va);
void gen_pool_destroy(struct gen_pool *pool);
#define gen_pool_add(pool, va, size, node) gen_pool_add_virt(pool, va, -1, size, node)

/* Pages. */
struct address_space;
typedef struct {
	unsigned long pgprot;
} pgprot_t;
typedef unsigned long vm_flags_t;
typedef unsigned int vm_fault_t;

struct page {
	unsigned long flags;
	struct list_head lru;
	struct address_space *mapping;
	unsigned long index;
	unsigned long private;
	atomic_t _refcount;
	atomic_t _mapcount;
	unsigned int dmakit_order;
};
struct folio {
	struct page page;
};
#define page_folio(page) ((struct folio *)(page))
#define folio_page(folio, n) nth_page(&(folio)->page, n)
#define compound_head(page) (page)
#define compound_order(page) ((page)->dmakit_order)

struct page *alloc_pages(gfp_t flags, unsigned int order);
void __free_pages(struct page *page, unsigned int order);
unsigned long __get_free_pages(gfp_t flags, unsigned int order);
unsigned long get_zeroed_page(gfp_t flags);
void free_pages(unsigned long va, unsigned int order);
void *alloc_pages_exact(size_t size, gfp_t flags);
void free_pages_exact(void *va, size_t size);
#define alloc_page(flags) alloc_pages(flags, 0)
#define alloc_pages_node(node, flags, order) alloc_pages(flags, order)
#define alloc_pages_exact_node(node, flags, order) alloc_pages(flags, order)
#define alloc_pages_exact_nid(node, size, flags) alloc_pages_exact(size, flags)
#define __free_page(page) __free_pages(page, 0)
#define __get_free_page(flags) __get_free_pages(flags, 0)
#define __get_dma_pages(flags, order) __get_free_pages((flags) | GFP_DMA, order)
#define free_page(va) free_pages(va, 0)
struct page *virt_to_page(const void *va);
struct page *pfn_to_page(unsigned long pfn);
unsigned long page_to_pfn(const struct page *page);
void *page_address(const struct page *page);
struct page *vmalloc_to_page(const void *va);
unsigned long vmalloc_to_pfn(const void *va);
bool pfn_valid(unsigned long pfn);
phys_addr_t virt_to_phys(const volatile void *va);
void *phys_to_virt(phys_addr_t phys);
#define virt_to_page(va) virt_to_page((const void *)(va))
#define virt_addr_valid(va) virt_addr_valid((const void *)(va))
#define virt_to_phys(va) virt_to_phys((const volatile void *)(va))
#define page_to_phys(page) PFN_PHYS(page_to_pfn(page))
#define phys_to_page(phys) pfn_to_page(PHYS_PFN(phys))
#define page_to_virt(page) page_address(page)
#define virt_to_pfn(va) PHYS_PFN(virt_to_phys(va))
#define PAGE_OFFSET ((unsigned long)__va(0))
#define pfn_to_virt(pfn) phys_to_virt(PFN_PHYS(pfn))
#define __pa(va) ((unsigned long)virt_to_phys((const volatile void *)(va)))
#define __va(phys) phys_to_virt((phys_addr_t)(phys))
#define virt_to_bus(va) ((unsigned long)virt_to_phys(va))
#define bus_to_virt(address) phys_to_virt(address)
#define isa_virt_to_bus(va) ((unsigned int)virt_to_phys(va))
#define nth_page(page, n) pfn_to_page(page_to_pfn(page) + (n))
#define lowmem_page_address(page) page_address(page)
#define page_to_nid(page) ((void)(page), 0)
#define page_kasan_tag_reset(page) ((void)(page))
#define page_zonenum(page) ((void)(page), 0)
#define page_size(page) (PAGE_SIZE << (page)->dmakit_order)
#define ZERO_PAGE(va) dmakit_zero_page()
struct page *dmakit_zero_page(void);
void clear_page(void *va);
void copy_page(void *to, const void *from);
void split_page(struct page *page, unsigned int order);
void get_page(struct page *page);
void put_page(struct page *page);
int page_count(const struct page *page);
#define page_ref_count(page) page_count(page)
#define page_mapcount(page) (atomic_read(&(page)->_mapcount) + 1)
#define init_page_count(page) ((void)(page))
#define PG_reserved 10
#define PG_dirty 4
#define DMAKIT_PAGE_FLAG(Name, name)                                                               \
	static inline bool Page##Name(const struct page *page)                                     \
	{                                                                                          \
		return test_bit(PG_##name, &page->flags);                                          \
	}                                                                                          \
	static inline void SetPage##Name(struct page *page)                                        \
	{                                                                                          \
		set_bit(PG_##name, &page->flags);                                                  \
	}                                                                                          \
	static inline void ClearPage##Name(struct page *page)                                      \
	{                                                                                          \
		clear_bit(PG_##name, &page->flags);                                                \
	}
DMAKIT_PAGE_FLAG(Reserved, reserved)
DMAKIT_PAGE_FLAG(Dirty, dirty)
#undef DMAKIT_PAGE_FLAG
#define PageHighMem(page) false
#define PageCompound(page) false
#define PageTail(page) false
#define page_private(page) ((page)->private)
#define set_page_private(page, value) ((page)->private = (value))
bool set_page_dirty(struct page *page);
int set_page_dirty_lock(struct page *page);
#define mem_map_reserve(page) SetPageReserved(page)
#define mem_map_unreserve(page) ClearPageReserved(page)
void *kmap(struct page *page);
void kunmap(struct page *page);
#define kmap_atomic(page) kmap(page)
#define kunmap_atomic(va) ((void)(va))
#define kmap_local_page(page) kmap(page)
#define kunmap_local(va) ((void)(va))
void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot);
void vunmap(const void *va);
#define VM_MAP 0x00000004
#define VM_IOREMAP 0x00000001
#define vm_map_ram(pages, count, node) vmap(pages, count, VM_MAP, PAGE_KERNEL)
#define vm_unmap_ram(va, count) vunmap(va)
struct sysinfo {
	unsigned long totalram, freeram;
	unsigned int mem_unit;
};
void si_meminfo(struct sysinfo *info);
unsigned long totalram_pages(void);
phys_addr_t dmakit_memory_end(void);
#define high_memory __va(dmakit_memory_end())
#define max_pfn ((unsigned long)(dmakit_memory_end() >> PAGE_SHIFT))
#define max_low_pfn max_pfn

/* Protections: the memory type is what matters. */
#define DMAKIT_PROT_NONCACHED 0x10UL
#define DMAKIT_PROT_WRITECOMBINE 0x20UL
#define DMAKIT_PROT_DEVICE 0x40UL
#define __pgprot(value) ((pgprot_t){(value)})
#define pgprot_val(prot) ((prot).pgprot)
#define PAGE_KERNEL __pgprot(3)
#define PAGE_KERNEL_NOCACHE pgprot_noncached(PAGE_KERNEL)
#define PAGE_KERNEL_IO pgprot_device(PAGE_KERNEL)
#define PAGE_SHARED __pgprot(3)
#define PAGE_READONLY __pgprot(1)
#define pgprot_noncached(prot) __pgprot(pgprot_val(prot) | DMAKIT_PROT_NONCACHED)
#define pgprot_writecombine(prot) __pgprot(pgprot_val(prot) | DMAKIT_PROT_WRITECOMBINE)
#define pgprot_dmacoherent(prot) __pgprot(pgprot_val(prot) | DMAKIT_PROT_WRITECOMBINE)
#define pgprot_device(prot) __pgprot(pgprot_val(prot) | DMAKIT_PROT_DEVICE)
#define pgprot_cached(prot) (prot)
#define pgprot_decrypted(prot) (prot)

/* Mappings of user space. */
struct file;
struct vm_area_struct;
struct vm_fault {
	struct vm_area_struct *vma;
	gfp_t gfp_mask;
	unsigned int flags;
	unsigned long pgoff;
	unsigned long address;
	unsigned long real_address;
	void __user *virtual_address;
	struct page *cow_page;
	struct page *page;
};
struct vm_operations_struct {
	void (*open)(struct vm_area_struct *vma);
	void (*close)(struct vm_area_struct *vma);
	int (*may_split)(struct vm_area_struct *vma, unsigned long address);
	int (*mremap)(struct vm_area_struct *vma);
	vm_fault_t (*fault)(struct vm_fault *fault);
	vm_fault_t (*huge_fault)(struct vm_fault *fault, unsigned int order);
	vm_fault_t (*map_pages)(struct vm_fault *fault, unsigned long start, unsigned long end);
	unsigned long (*pagesize)(struct vm_area_struct *vma);
	vm_fault_t (*page_mkwrite)(struct vm_fault *fault);
	vm_fault_t (*pfn_mkwrite)(struct vm_fault *fault);
	int (*access)(struct vm_area_struct *vma, unsigned long address, void *buffer, int length,
		      int write);
	const char *(*name)(struct vm_area_struct *vma);
};
struct mm_struct {
	union {
		struct rw_semaphore mmap_lock;
		struct rw_semaphore mmap_sem;
	};
	atomic_t mm_users;
	atomic_t mm_count;
	unsigned long total_vm, locked_vm;
	atomic64_t pinned_vm;
	struct task_struct *owner;
	long dmakit_number;
};
struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	struct mm_struct *vm_mm;
	pgprot_t vm_page_prot;
	vm_flags_t vm_flags;
	const struct vm_operations_struct *vm_ops;
	unsigned long vm_pgoff;
	struct file *vm_file;
	void *vm_private_data;
	struct vm_area_struct *vm_next;
	long dmakit_number;
};
#define VM_NONE 0x00000000UL
#define VM_READ 0x00000001UL
#define VM_WRITE 0x00000002UL
#define VM_EXEC 0x00000004UL
#define VM_SHARED 0x00000008UL
#define VM_MAYREAD 0x00000010UL
#define VM_MAYWRITE 0x00000020UL
#define VM_MAYEXEC 0x00000040UL
#define VM_MAYSHARE 0x00000080UL
#define VM_PFNMAP 0x00000400UL
#define VM_LOCKED 0x00002000UL
#define VM_IO 0x00004000UL
#define VM_DONTCOPY 0x00020000UL
#define VM_DONTEXPAND 0x00040000UL
#define VM_LOCKONFAULT 0x00080000UL
#define VM_ACCOUNT 0x00100000UL
#define VM_NORESERVE 0x00200000UL
#define VM_HUGETLB 0x00400000UL
#define VM_DONTDUMP 0x04000000UL
#define VM_MIXEDMAP 0x10000000UL
#define VM_RESERVED (VM_DONTEXPAND | VM_DONTDUMP)
#if DMAKIT_IS_SINCE(6, 3)
#define vm_flags_set(vma, flags) ((void)((vma)->vm_flags |= (flags)))
#define vm_flags_clear(vma, flags) ((void)((vma)->vm_flags &= ~(vm_flags_t)(flags)))
#define vm_flags_init(vma, flags) ((void)((vma)->vm_flags = (flags)))
#define vm_flags_reset(vma, flags) ((void)((vma)->vm_flags = (flags)))
#define vm_flags_mod(vma, set, clear)                                                              \
	((void)((vma)->vm_flags = ((vma)->vm_flags | (set)) & ~(vm_flags_t)(clear)))
#endif
#define vma_pages(vma) (((vma)->vm_end - (vma)->vm_start) >> PAGE_SHIFT)
#define VM_FAULT_OOM 0x000001
#define VM_FAULT_SIGBUS 0x000002
#define VM_FAULT_MAJOR 0x000004
#define VM_FAULT_HWPOISON 0x000010
#define VM_FAULT_SIGSEGV 0x000040
#define VM_FAULT_NOPAGE 0x000100
#define VM_FAULT_LOCKED 0x000200
#define VM_FAULT_RETRY 0x000400
#define VM_FAULT_ERROR 0x000873
#define FAULT_FLAG_WRITE 0x01
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_SHARED 1
#define MAP_PRIVATE 2
typedef struct {
	u64 val;
} pfn_t;
#define phys_to_pfn_t(phys, flags) ((pfn_t){PHYS_PFN(phys)})
#define PFN_DEV 0
int remap_pfn_range(struct vm_area_struct *vma, unsigned long va, unsigned long pfn,
		    unsigned long size, pgprot_t prot);
int io_remap_pfn_range(struct vm_area_struct *vma, unsigned long va, unsigned long pfn,
		       unsigned long size, pgprot_t prot);
#define remap_page_range(vma, va, phys, size, prot)                                                \
	remap_pfn_range(vma, va, (phys) >> PAGE_SHIFT, size, prot)
int vm_iomap_memory(struct vm_area_struct *vma, phys_addr_t start, unsigned long size);
int vm_insert_page(struct vm_area_struct *vma, unsigned long va, struct page *page);
int vm_insert_pages(struct vm_area_struct *vma, unsigned long va, struct page **pages,
		    unsigned long *count);
int vm_map_pages(struct vm_area_struct *vma, struct page **pages, unsigned long count);
int vm_insert_pfn(struct vm_area_struct *vma, unsigned long va, unsigned long pfn);
vm_fault_t vmf_insert_pfn(struct vm_area_struct *vma, unsigned long va, unsigned long pfn);
vm_fault_t vmf_insert_pfn_prot(struct vm_area_struct *vma, unsigned long va, unsigned long pfn,
			       pgprot_t prot);
vm_fault_t vmf_insert_page(struct vm_area_struct *vma, unsigned long va, struct page *page);
int remap_vmalloc_range(struct vm_area_struct *vma, void *va, unsigned long pgoff);
int zap_vma_ptes(struct vm_area_struct *vma, unsigned long va, unsigned long size);
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long va);
int follow_pfn(struct vm_area_struct *vma, unsigned long va, unsigned long *pfn);
void unmap_mapping_range(struct address_space *mapping, loff_t start, loff_t length, int even_cows);
unsigned long vm_mmap(struct file *file, unsigned long va, unsigned long length,
		      unsigned long prot, unsigned long flags, unsigned long offset);
int vm_munmap(unsigned long va, size_t length);
#if DMAKIT_IS_SINCE(5, 8)
void mmap_read_lock(struct mm_struct *mm);
void mmap_read_unlock(struct mm_struct *mm);
void mmap_write_lock(struct mm_struct *mm);
void mmap_write_unlock(struct mm_struct *mm);
#endif
struct mm_struct *get_task_mm(struct task_struct *task);
void mmput(struct mm_struct *mm);
void mmgrab(struct mm_struct *mm);
void mmdrop(struct mm_struct *mm);
#define untagged_addr(va) (va)

#define FOLL_WRITE 0x01
#define FOLL_TOUCH 0x02
#define FOLL_GET 0x04
#define FOLL_FORCE 0x10
#define FOLL_NOWAIT 0x20
#define FOLL_LONGTERM 0x10000
#define FOLL_PIN 0x40000
long dmakit_get_user_pages(unsigned long start, unsigned long count, unsigned int flags,
			   struct page **pages);
long dmakit_pin_user_pages(unsigned long start, unsigned long count, unsigned int flags,
			   struct page **pages);
int get_user_pages_fast(unsigned long start, int count, unsigned int flags, struct page **pages);
int pin_user_pages_fast(unsigned long start, int count, unsigned int flags, struct page **pages);
void unpin_user_page(struct page *page);
void unpin_user_pages(struct page **pages, unsigned long count);
void unpin_user_pages_dirty_lock(struct page **pages, unsigned long count, bool dirty);
/* Linux 6.5, 4.9, 4.6, and before. */
#define get_user_pages4(start, count, flags, pages)                                                \
	dmakit_get_user_pages(start, count, flags, pages)
#define get_user_pages5(start, count, flags, pages, vmas)                                          \
	((void)(vmas), dmakit_get_user_pages(start, count, flags, pages))
#define get_user_pages6(start, count, write, force, pages, vmas)                                   \
	((void)(vmas),                                                                             \
	 dmakit_get_user_pages(start, count, ((write) ? FOLL_WRITE : 0) | ((force) ? FOLL_FORCE : 0),\
			       pages))
#define get_user_pages8(task, mm, start, count, write, force, pages, vmas)                         \
	((void)(task), (void)(mm), get_user_pages6(start, count, write, force, pages, vmas))
#define get_user_pages(...) DMAKIT_BY_COUNT(get_user_pages, __VA_ARGS__)
#define get_user_pages_remote6(mm, start, count, flags, pages, locked)                             \
	((void)(mm), (void)(locked), dmakit_get_user_pages(start, count, flags, pages))
#define get_user_pages_remote7(mm, start, count, flags, pages, vmas, locked)                       \
	get_user_pages_remote6(mm, start, count, flags, pages, locked)
#define get_user_pages_remote8(task, mm, start, count, flags, pages, vmas, locked)                 \
	get_user_pages_remote6(mm, start, count, flags, pages, locked)
#define get_user_pages_remote(...) DMAKIT_BY_COUNT(get_user_pages_remote, __VA_ARGS__)
#define get_user_pages_unlocked(start, count, pages, flags)                                        \
	dmakit_get_user_pages(start, count, flags, pages)
#define pin_user_pages4(start, count, flags, pages)                                                \
	dmakit_pin_user_pages(start, count, flags, pages)
#define pin_user_pages5(start, count, flags, pages, vmas)                                          \
	((void)(vmas), dmakit_pin_user_pages(start, count, flags, pages))
#define pin_user_pages(...) DMAKIT_BY_COUNT(pin_user_pages, __VA_ARGS__)
#define pin_user_pages_remote6(mm, start, count, flags, pages, locked)                             \
	((void)(mm), (void)(locked), dmakit_pin_user_pages(start, count, flags, pages))
#define pin_user_pages_remote7(mm, start, count, flags, pages, vmas, locked)                       \
	pin_user_pages_remote6(mm, start, count, flags, pages, locked)
#define pin_user_pages_remote(...) DMAKIT_BY_COUNT(pin_user_pages_remote, __VA_ARGS__)
#define page_cache_release(page) put_page(page)
#define release_pages(pages, count) dmakit_release_pages(pages, count)
void dmakit_release_pages(struct page **pages, int count);

/* Caches, by the names of architectures. */
void flush_dcache_page(struct page *page);
void dmakit_cache_flush(const volatile void *start, size_t size);
#define clflush_cache_range(p, size) dmakit_cache_flush(p, size)
#define flush_cache_all() ((void)0)
#define flush_kernel_vmap_range(p, size) ((void)(p), (void)(size))
#define invalidate_kernel_vmap_range(p, size) ((void)(p), (void)(size))
#define flush_icache_range(start, end) ((void)(start), (void)(end))
int set_memory_uc(unsigned long va, int pages);
int set_memory_wb(unsigned long va, int pages);
int set_memory_wc(unsigned long va, int pages);

#endif
