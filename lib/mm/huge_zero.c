// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/huge_zero.c - the huge zero page: one folio of zeroes for all who only read
 *
 * I1. It is mapped by huge leaves that are read-only, hold no reference and no
 *     mapcount, and have a deposited table like any huge leaf.
 * I2. It lives at least as long as an address space that has MMF_HUGE_ZERO;
 *     that mark is never cleared before the address space dies.
 * I3. For pins it is a large folio like any other: counted, and no zero page.
 * Mirrors: mm/huge_memory.c:mm_get_huge_zero_page(), shrink_huge_zero_page_scan()
 * 6.1; differs: the count of users is under a lock.
 */
#include "mm/huge.h"

struct page *pp_huge_zero_page;

static struct {
	pinpage_spinlock_t lock;
	unsigned long users;		/* address spaces with MMF_HUGE_ZERO */
} zero = { .lock = { .rank = PINPAGE_RANK_ZONE, .name = "huge zero page" } };

/* 0, -ENOMEM */
static int make(void)
{
	struct page *head = pp_alloc_pages(PINPAGE_GFP_ZERO | PINPAGE_GFP_ATOMIC |
					   PINPAGE_GFP_COMP, HPAGE_PMD_ORDER);
	bool lost;

	if (!head)
		return -ENOMEM;
	SetPageUptodate(head);
	pinpage_spin_lock(&zero.lock);
	lost = pp_huge_zero_page;
	if (!lost)
		WRITE_ONCE(pp_huge_zero_page, head);
	pinpage_spin_unlock(&zero.lock);
	if (lost)
		pp_unref(head);
	else
		pp_stat_add(PINPAGE_STAT_THP_ZERO_PAGE_ALLOC, 1);
	return 0;
}

/* true: there is one and @mm counts as its user */
static bool use(struct mm_struct *mm)
{
	bool there;

	pinpage_spin_lock(&zero.lock);
	there = pp_huge_zero_page;
	if (there && !test_and_set_bit(MMF_HUGE_ZERO, &mm->flags))
		zero.users++;
	pinpage_spin_unlock(&zero.lock);
	return there;
}

/**
 * pp_huge_zero_get() - the huge zero page for a leaf of an address space
 * @mm: will map it; keeps it until pp_huge_zero_put()
 *
 * Context: process. Locking: a leaf lock.
 * Return:  the head, or NULL: no memory.
 * Mirrors: mm/huge_memory.c:mm_get_huge_zero_page()
 */
struct page *pp_huge_zero_get(struct mm_struct *mm)
{
	if (test_bit(MMF_HUGE_ZERO, &mm->flags))
		return pp_huge_zero_page;
	while (!use(mm))
		if (make())
			return NULL;
	return pp_huge_zero_page;
}

/**
 * pp_huge_zero_put() - an address space dies
 *
 * Context: process. Locking: a leaf lock; nothing is mapped in @mm any more.
 * Mirrors: mm/huge_memory.c:mm_put_huge_zero_page()
 */
void pp_huge_zero_put(struct mm_struct *mm)
{
	if (likely(!test_bit(MMF_HUGE_ZERO, &mm->flags)))
		return;
	pinpage_spin_lock(&zero.lock);
	clear_bit(MMF_HUGE_ZERO, &mm->flags);
	zero.users--;
	pinpage_spin_unlock(&zero.lock);
}

/**
 * pp_huge_zero_shrink() - give the huge zero page back if nobody maps it
 *
 * Who pinned it keeps the folio, which is no zero page from then on.
 *
 * Context: process. Locking: a leaf lock.
 * Return:  frames freed, pins not looked at.
 * Mirrors: mm/huge_memory.c:shrink_huge_zero_page_scan()
 */
unsigned long pp_huge_zero_shrink(void)
{
	struct page *head = NULL;

	if (!READ_ONCE(pp_huge_zero_page))
		return 0;
	pinpage_spin_lock(&zero.lock);
	if (!zero.users) {
		head = pp_huge_zero_page;
		WRITE_ONCE(pp_huge_zero_page, NULL);
	}
	pinpage_spin_unlock(&zero.lock);
	if (!head)
		return 0;
	pp_unref(head);
	return HPAGE_PMD_NR;
}

/**
 * pp_huge_zero_shutdown() - nobody maps it any more
 *
 * Context: shutdown; a task that held the lock may be gone for good.
 */
void pp_huge_zero_shutdown(void)
{
	pp_spin_init(&zero.lock, "huge zero page", PINPAGE_RANK_ZONE);
	zero.users = 0;
	pp_huge_zero_shrink();
}
