/* Lists of segments, which live in the memory of their drivers. */
#include <dmakit/umbrella.h>

#include "call.h"
#include "dma.h"

void sg_init_table(struct scatterlist *sgl, unsigned int nents)
{
	memset(sgl, 0, nents * sizeof *sgl);
	sg_mark_end(&sgl[nents - 1]);
}

/* What has no page keeps its address, so that mapping it can say what it is. */
void sg_set_buf(struct scatterlist *sg, const void *buf, unsigned int buflen)
{
	unsigned long va = (unsigned long)buf;

	if (va - LINEAR_BASE < LINEAR_SIZE) {
		sg_set_page(sg, virt_to_page(buf), buflen, va & (PAGE_SIZE - 1));
		return;
	}
	sg_set_page(sg, NULL, buflen, va & (PAGE_SIZE - 1));
	sg->dma_address = va;
}

void sg_init_one(struct scatterlist *sg, const void *buf, unsigned int buflen)
{
	sg_init_table(sg, 1);
	sg_set_buf(sg, buf, buflen);
}

struct scatterlist *sg_next(struct scatterlist *sg)
{
	if (sg_is_last(sg))
		return NULL;
	sg++;
	return sg_is_chain(sg) ? sg_chain_ptr(sg) : sg;
}

struct scatterlist *sg_last(struct scatterlist *sgl, unsigned int nents)
{
	struct scatterlist *sg, *last = NULL;
	unsigned int i;

	for_each_sg(sgl, sg, nents, i)
		last = sg;
	BUG_ON(!sg_is_last(last));
	return last;
}

int sg_nents(struct scatterlist *sg)
{
	int nents = 0;

	for (; sg; sg = sg_next(sg))
		nents++;
	return nents;
}

int sg_nents_for_len(struct scatterlist *sg, u64 len)
{
	u64 total = 0;
	int nents = 0;

	if (!len)
		return 0;
	for (; sg; sg = sg_next(sg)) {
		nents++;
		total += sg->length;
		if (total >= len)
			return nents;
	}
	return -EINVAL;
}

/* Tables: chunks of SG_MAX_SINGLE_ALLOC entries, the last of each but the final one a link. */

void sg_free_table(struct sg_table *table)
{
	struct scatterlist *sgl = table->sgl;
	unsigned int left = table->orig_nents;

	while (sgl) {
		struct scatterlist *next = NULL;

		if (left > SG_MAX_SINGLE_ALLOC) {
			next = sg_chain_ptr(&sgl[SG_MAX_SINGLE_ALLOC - 1]);
			left -= SG_MAX_SINGLE_ALLOC - 1;
		}
		kfree(sgl);
		sgl = next;
	}
	*table = (struct sg_table){0};
}

int sg_alloc_table(struct sg_table *table, unsigned int nents, gfp_t gfp)
{
	struct scatterlist *previous = NULL;
	unsigned int left = nents;

	*table = (struct sg_table){0};
	if (!nents)
		return -EINVAL;
	do {
		unsigned int count = left > SG_MAX_SINGLE_ALLOC ? SG_MAX_SINGLE_ALLOC : left;
		unsigned int segments = left > SG_MAX_SINGLE_ALLOC ? count - 1 : count;
		struct scatterlist *sgl = kmalloc_array(count, sizeof *sgl, gfp);

		if (!sgl) {
			if (previous)
				sg_free_table(table);
			return -ENOMEM;
		}
		sg_init_table(sgl, count);
		table->orig_nents += segments;
		if (previous)
			sg_chain(previous, SG_MAX_SINGLE_ALLOC, sgl);
		else
			table->sgl = sgl;
		previous = sgl;
		left -= segments;
	} while (left);
	table->nents = table->orig_nents;
	return 0;
}

int sg_alloc_table_from_pages_segment(struct sg_table *sgt, struct page **pages,
				      unsigned int n_pages, unsigned int offset, unsigned long size,
				      unsigned int max_segment, gfp_t gfp)
{
	unsigned int runs = 1, length = PAGE_SIZE, at = 0, i;
	struct scatterlist *sg;
	int error;

	max_segment &= ~(unsigned int)(PAGE_SIZE - 1);
	if (WARN_ON(max_segment < PAGE_SIZE))
		return -EINVAL;
	for (i = 1; i < n_pages; i++) {
		if (page_to_pfn(pages[i]) != page_to_pfn(pages[i - 1]) + 1 ||
		    length >= max_segment) {
			runs++;
			length = 0;
		}
		length += PAGE_SIZE;
	}
	error = sg_alloc_table(sgt, runs, gfp);
	if (error)
		return error;
	for_each_sg(sgt->sgl, sg, runs, i) {
		unsigned int end = at + 1;
		unsigned long bytes;

		while (end < n_pages && page_to_pfn(pages[end]) == page_to_pfn(pages[end - 1]) + 1 &&
		       (end - at) * PAGE_SIZE < max_segment)
			end++;
		bytes = (end - at) * PAGE_SIZE - offset;
		if (bytes > size)
			bytes = size;
		sg_set_page(sg, pages[at], (unsigned int)bytes, offset);
		size -= bytes;
		offset = 0;
		at = end;
	}
	return 0;
}

int sg_alloc_table_from_pages(struct sg_table *sgt, struct page **pages, unsigned int n_pages,
			      unsigned int offset, unsigned long size, gfp_t gfp)
{
	return sg_alloc_table_from_pages_segment(sgt, pages, n_pages, offset, size, UINT_MAX, gfp);
}

void sgl_free_order(struct scatterlist *sgl, int order)
{
	struct scatterlist *sg;

	for (sg = sgl; sg && sg_page(sg); sg = sg_next(sg))
		__free_pages(sg_page(sg), (unsigned int)order);
	kfree(sgl);
}

void sgl_free(struct scatterlist *sgl)
{
	sgl_free_order(sgl, 0);
}

struct scatterlist *sgl_alloc_order(unsigned long long length, unsigned int order, bool chainable,
				    gfp_t gfp, unsigned int *nent_p)
{
	unsigned long long piece = (unsigned long long)PAGE_SIZE << order;
	unsigned int nents = (unsigned int)((length + piece - 1) / piece);
	unsigned int all = nents + chainable;
	struct scatterlist *sgl;

	if (!nents || all > SG_MAX_SEGMENTS)
		return NULL;
	sgl = kmalloc_array(all, sizeof *sgl, gfp);
	if (!sgl)
		return NULL;
	sg_init_table(sgl, all);
	for (unsigned int i = 0; i < nents; i++) {
		unsigned int bytes = (unsigned int)(length < piece ? length : piece);
		struct page *page = alloc_pages(gfp, order);

		if (!page) {
			sgl_free_order(sgl, (int)order);
			return NULL;
		}
		sg_set_page(&sgl[i], page, bytes, 0);
		length -= bytes;
	}
	if (nent_p)
		*nent_p = nents;
	return sgl;
}

struct scatterlist *sgl_alloc(unsigned long long length, gfp_t gfp, unsigned int *nent_p)
{
	return sgl_alloc_order(length, 0, false, gfp, nent_p);
}

/* Copying. */

static size_t walk(struct scatterlist *sgl, unsigned int nents, u8 *buf, size_t buflen, off_t skip,
		   void (*piece)(u8 *segment, u8 *buf, size_t bytes))
{
	struct scatterlist *sg = sgl;
	size_t done = 0;

	for (unsigned int i = 0; i < nents && sg && done < buflen; i++, sg = sg_next(sg)) {
		size_t bytes;

		if (skip >= (off_t)sg->length) {
			skip -= sg->length;
			continue;
		}
		bytes = sg->length - (size_t)skip;
		if (bytes > buflen - done)
			bytes = buflen - done;
		piece((u8 *)sg_virt(sg) + skip, buf ? buf + done : NULL, bytes);
		done += bytes;
		skip = 0;
	}
	return done;
}

static void piece_out(u8 *segment, u8 *buf, size_t bytes)
{
	memcpy(buf, segment, bytes);
}

static void piece_in(u8 *segment, u8 *buf, size_t bytes)
{
	memcpy(segment, buf, bytes);
}

static void piece_zero(u8 *segment, u8 *buf, size_t bytes)
{
	(void)buf;
	memset(segment, 0, bytes);
}

size_t sg_copy_buffer(struct scatterlist *sgl, unsigned int nents, void *buf, size_t buflen,
		      off_t skip, bool to_buffer)
{
	return walk(sgl, nents, buf, buflen, skip, to_buffer ? piece_out : piece_in);
}

size_t sg_copy_from_buffer(struct scatterlist *sgl, unsigned int nents, const void *buf,
			   size_t buflen)
{
	return sg_copy_buffer(sgl, nents, (void *)buf, buflen, 0, false);
}

size_t sg_copy_to_buffer(struct scatterlist *sgl, unsigned int nents, void *buf, size_t buflen)
{
	return sg_copy_buffer(sgl, nents, buf, buflen, 0, true);
}

size_t sg_pcopy_from_buffer(struct scatterlist *sgl, unsigned int nents, const void *buf,
			    size_t buflen, off_t skip)
{
	return sg_copy_buffer(sgl, nents, (void *)buf, buflen, skip, false);
}

size_t sg_pcopy_to_buffer(struct scatterlist *sgl, unsigned int nents, void *buf, size_t buflen,
			  off_t skip)
{
	return sg_copy_buffer(sgl, nents, buf, buflen, skip, true);
}

size_t sg_zero_buffer(struct scatterlist *sgl, unsigned int nents, size_t buflen, off_t skip)
{
	return walk(sgl, nents, NULL, buflen, skip, piece_zero);
}

/* Pages, one after the other. */

static unsigned int pages_of(const struct scatterlist *sg, unsigned int length)
{
	return (unsigned int)((sg->offset + length + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

void __sg_page_iter_start(struct sg_page_iter *piter, struct scatterlist *sglist,
			  unsigned int nents, unsigned long pgoffset)
{
	*piter = (struct sg_page_iter){sglist, (unsigned int)pgoffset, nents, 0};
}

static bool next_page(struct sg_page_iter *piter, bool dma)
{
	if (!piter->__nents || !piter->sg)
		return false;
	piter->sg_pgoffset += (unsigned int)piter->__pg_advance;
	piter->__pg_advance = 1;
	for (;;) {
		unsigned int pages = pages_of(
			piter->sg, dma ? sg_dma_len(piter->sg) : piter->sg->length);

		if (piter->sg_pgoffset < pages)
			return true;
		piter->sg_pgoffset -= pages;
		piter->sg = sg_next(piter->sg);
		if (!--piter->__nents || !piter->sg)
			return false;
	}
}

bool __sg_page_iter_next(struct sg_page_iter *piter)
{
	return next_page(piter, false);
}

bool __sg_page_iter_dma_next(struct sg_dma_page_iter *dma_iter)
{
	return next_page(&dma_iter->base, true);
}

void sg_miter_start(struct sg_mapping_iter *miter, struct scatterlist *sgl, unsigned int nents,
		    unsigned int flags)
{
	*miter = (struct sg_mapping_iter){.__flags = flags};
	__sg_page_iter_start(&miter->piter, sgl, nents, 0);
	WARN_ON(!(flags & (SG_MITER_TO_SG | SG_MITER_FROM_SG)));
}

/* Settles on an entry with bytes left; __offset counts in it. */
static bool settle(struct sg_mapping_iter *miter)
{
	while (miter->piter.sg && miter->piter.__nents) {
		if (miter->__offset < miter->piter.sg->length)
			return true;
		miter->__offset = 0;
		miter->piter.sg = sg_next(miter->piter.sg);
		miter->piter.__nents--;
	}
	return false;
}

void sg_miter_stop(struct sg_mapping_iter *miter)
{
	if (!miter->addr)
		return;
	miter->__offset += (unsigned int)miter->consumed;
	miter->page = NULL;
	miter->addr = NULL;
	miter->length = 0;
	miter->consumed = 0;
}

bool sg_miter_next(struct sg_mapping_iter *miter)
{
	struct scatterlist *sg;
	unsigned long in_page;
	size_t left;

	sg_miter_stop(miter);
	if (!settle(miter))
		return false;
	sg = miter->piter.sg;
	miter->addr = (u8 *)sg_virt(sg) + miter->__offset;
	in_page = (unsigned long)miter->addr & (PAGE_SIZE - 1);
	left = sg->length - miter->__offset;
	miter->page = virt_to_page(miter->addr);
	miter->length = left < PAGE_SIZE - in_page ? left : PAGE_SIZE - in_page;
	miter->consumed = miter->length;
	return true;
}

bool sg_miter_skip(struct sg_mapping_iter *miter, off_t offset)
{
	sg_miter_stop(miter);
	while (offset) {
		off_t left;

		if (!settle(miter))
			return false;
		left = miter->piter.sg->length - miter->__offset;
		if (left > offset)
			left = offset;
		miter->__offset += (unsigned int)left;
		offset -= left;
	}
	return true;
}
