// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * device/sg.c - scatterlists: pages as runs of bytes
 *
 * Differs from lib/scatterlist.c: a list is one array, never chained.
 *
 * I1. Every list that sg_alloc_table_from_pages() made is on one chain until
 *     it is freed, so that the shutdown can take away what a dead task left.
 */
#include <limits.h>
#include <string.h>

#include "device/device.h"

struct block {
	struct list_head link;
	struct pinpage_scatterlist sgl[];
};

static pinpage_spinlock_t blocks_lock = {
	.rank = PINPAGE_RANK_ZONE, .name = "scatterlists",
};
static LIST_HEAD(blocks);

static struct pinpage_scatterlist *block_alloc(unsigned int nents)
{
	struct block *block = pp_zalloc(sizeof(*block) +
					nents * sizeof(block->sgl[0]));

	if (!block)
		return NULL;
	pinpage_spin_lock(&blocks_lock);
	list_add_tail(&block->link, &blocks);
	pinpage_spin_unlock(&blocks_lock);
	return block->sgl;
}

static void block_free(struct pinpage_scatterlist *sgl)
{
	struct block *block = container_of(sgl, struct block, sgl[0]);

	pinpage_spin_lock(&blocks_lock);
	list_del(&block->link);
	pinpage_spin_unlock(&blocks_lock);
	pp_free(block);
}

/**
 * pp_sg_shutdown() - free the lists that are left, with a warning
 *
 * Context: shutdown; nobody uses them. Locking: none. Return: nothing.
 */
void pp_sg_shutdown(void)
{
	struct block *block, *next;
	unsigned int nr = 0;

	if (pp_engine_is_fiber)
		pp_spin_init(&blocks_lock, "scatterlists", PINPAGE_RANK_ZONE);
	list_for_each_entry_safe(block, next, &blocks, link) {
		list_del(&block->link);
		pp_free(block);
		nr++;
	}
	if (nr)
		pp_warn("shutdown: %u scatterlists were not freed", nr);
}

/* longest entry: whole pages */
#define SG_MAX_LENGTH	((unsigned int)(UINT_MAX & PAGE_MASK))

void pinpage_sg_init_table(struct pinpage_scatterlist *sgl, unsigned int nents)
{
	if (!sgl || !nents) {
		pp_warn_once("sg_init_table(%p, %u)", (void *)sgl, nents);
		return;
	}
	memset(sgl, 0, nents * sizeof(*sgl));
	sgl[nents - 1].last = true;
}

void pinpage_sg_set_page(struct pinpage_scatterlist *sg, struct page *page,
			 unsigned int len, unsigned int offset)
{
	if (!sg || !pp_ready() || !pp_page_valid(page)) {
		pp_warn_once("sg_set_page(%p, %p)", (void *)sg, (void *)page);
		return;
	}
	sg->page = page;
	sg->length = len;
	sg->offset = offset;
}

struct page *pinpage_sg_page(const struct pinpage_scatterlist *sg)
{
	return sg ? sg->page : NULL;
}

struct pinpage_scatterlist *pinpage_sg_next(struct pinpage_scatterlist *sg)
{
	return sg && !sg->last ? sg + 1 : NULL;
}

/* does page @i go on where page @i - 1 ends, in an entry of @length bytes? */
static bool joins(struct page **pages, unsigned int i, unsigned int length)
{
	return pages[i] == pages[i - 1] + 1 &&
	       length <= SG_MAX_LENGTH - PAGE_SIZE;
}

/*
 * Fills @sgl, or with NULL counts. Return: entries.
 */
static unsigned int lay_out(struct pinpage_scatterlist *sgl,
			    struct page **pages, unsigned int n_pages,
			    unsigned int offset, unsigned long size)
{
	unsigned int nents = 0, length = 0, i, n;

	for (i = 0; i < n_pages; i++) {
		n = PAGE_SIZE - offset < size ? PAGE_SIZE - offset :
						(unsigned int)size;
		if (!i || !joins(pages, i, length)) {
			length = 0;
			nents++;
			if (sgl) {
				sgl[nents - 1].page = pages[i];
				sgl[nents - 1].offset = offset;
			}
		}
		length += n;
		if (sgl)
			sgl[nents - 1].length = length;
		size -= n;
		offset = 0;
	}
	return nents;
}

static bool pages_ok(struct page **pages, unsigned int n_pages)
{
	unsigned int i;

	for (i = 0; i < n_pages; i++)
		if (!pp_page_valid(pages[i]))
			return false;
	return true;
}

int pinpage_sg_alloc_table_from_pages(struct pinpage_sg_table *table,
				      struct page **pages, unsigned int n_pages,
				      unsigned int offset, unsigned long size)
{
	unsigned long room = (unsigned long)n_pages << PAGE_SHIFT;
	struct pinpage_scatterlist *sgl;
	unsigned int nents;

	if (!pp_ready())
		return -EINVAL;
	if (!table || !pages || !n_pages || offset >= PAGE_SIZE || !size ||
	    size > room - offset || offset + size <= room - PAGE_SIZE ||
	    !pages_ok(pages, n_pages)) {
		pp_warn_once("sg_alloc_table_from_pages(%p, %u pages, offset %u, size %lu)",
			     (void *)pages, n_pages, offset, size);
		return -EINVAL;
	}
	nents = lay_out(NULL, pages, n_pages, offset, size);
	sgl = block_alloc(nents);
	if (!sgl)
		return -ENOMEM;
	pinpage_sg_init_table(sgl, nents);
	lay_out(sgl, pages, n_pages, offset, size);
	*table = (struct pinpage_sg_table){
		.sgl = sgl, .nents = nents, .orig_nents = nents,
	};
	return 0;
}

void pinpage_sg_free_table(struct pinpage_sg_table *table)
{
	if (!table)
		return;
	if (table->sgl && pp_ready())
		block_free(table->sgl);
	*table = (struct pinpage_sg_table){ .sgl = NULL };
}
