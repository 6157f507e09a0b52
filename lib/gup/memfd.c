// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memfd.c - long-term pins of a file in memory, by its bytes
 *
 * I1. One pin a folio, whatever its size and however much of it was asked for.
 * I2. All folios of a call may stay where they are, or nothing is held.
 *
 * Mirrors: mm/gup.c:memfd_pin_folios(), mm/memfd.c:memfd_alloc_folio() 6.12.
 */
#include "gup/gup.h"

#include "base/err.h"
#include "pagecache/hugetlbfs.h"

struct file_range {
	struct file *file;
	unsigned long first, last;	/* pages */
	struct page **heads;		/* max slots */
	unsigned int max;
};

/* @head, kept by the caller: 0, -EINVAL: its count is not positive */
static int pin_head(struct page *head)
{
	return pp_gup_grab(head, 1, FOLL_PIN) ? -EINVAL : 0;
}

static int pin_huge(struct address_space *mapping, unsigned long index,
		    struct page **headp)
{
	int err = 0;

	pp_hugetlb_lock(mapping);
	*headp = pp_hugetlb_find(mapping, index >> HPAGE_PMD_ORDER);
	if (!*headp)
		err = pp_hugetlb_add(mapping, index >> HPAGE_PMD_ORDER, headp);
	/* the file's reference keeps it while the lock is held */
	err = err ? -ENOMEM : pin_head(*headp);
	pp_hugetlb_unlock(mapping);
	return err;
}

static int pin_small(const struct file_range *r, unsigned long index,
		     struct page **headp)
{
	struct page *page = pp_read_cache_page(r->file->f_mapping, index, r->file);
	int err;

	if (IS_ERR(page))
		return (int)PTR_ERR(page);
	*headp = compound_head(page);
	err = pin_head(*headp);
	pp_unref(page);
	return err;
}

/* pp_gup_longterm_by() calls it */
static long take(void *arg)
{
	const struct file_range *r = arg;
	unsigned long nr = 0, index = r->first, pages;
	struct page *head;
	int err;

	while (nr < r->max && index <= r->last) {
		if (pp_is_hugetlb_file(r->file))
			err = pin_huge(r->file->f_mapping, index, &head);
		else
			err = pin_small(r, index, &head);
		if (err) {
			pp_gup_release(r->heads, nr, FOLL_PIN);
			return err;
		}
		r->heads[nr++] = head;
		/* folios are aligned in the file */
		pages = folio_nr_pages((struct folio *)head);
		index = (index & ~(pages - 1)) + pages;
		pinpage_cond_resched();
	}
	return (long)nr;
}

static bool in_memory(const struct file *file)
{
	return pp_is_hugetlb_file(file) || pp_shmem_mapping(file->f_mapping);
}

static long pin_range(struct file_range *r)
{
	long got = pp_gup_longterm_by(take, r, r->heads);

	if (got > 0) {
		pp_gup_count_pins(FOLL_PIN, r->heads, (unsigned long)got);
		pp_gup_event(NULL, 0, r->heads, (unsigned long)got,
			     FOLL_PIN | FOLL_LONGTERM);
	}
	return got;
}

/* See the header. */
long pinpage_memfd_pin_folios(struct file *memfd, pinpage_loff_t start,
			      pinpage_loff_t end, struct folio **folios,
			      unsigned int max_folios, unsigned long *offset)
{
	struct file_range r = {
		.file = memfd, .max = max_folios,
		.heads = (struct page **)folios,
	};
	long got;

	if (!pp_ready() || IS_ERR_OR_NULL(memfd) || !folios || !offset ||
	    !pinpage_might_sleep())
		return -EINVAL;
	if (start < 0 || start > end || !max_folios || !in_memory(memfd) ||
	    end >= i_size_read(memfd->f_inode))
		return -EINVAL;
	r.first = (unsigned long)start >> PAGE_SHIFT;
	r.last = (unsigned long)end >> PAGE_SHIFT;
	pp_enter(__builtin_return_address(0));
	got = pin_range(&r);
	if (got > 0)
		*offset = (unsigned long)start &
			  ((PAGE_SIZE << folio_order(folios[0])) - 1);
	pp_leave();
	return got;
}
