// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * page.c - looking at pages and entries, plain references, dirtying
 */
#include "model.h"

#include "mm/pgtable.h"

static int zone_of(const struct page *page)
{
	switch (pinpage_page_zonenum(page)) {
	case PINPAGE_ZONE_NORMAL:
		return ZONE_IS_NORMAL;
	case PINPAGE_ZONE_MOVABLE:
		return ZONE_IS_MOVABLE;
	default:
		return ZONE_IS_OTHER;
	}
}

struct pginfo k_info(pg_t pg)
{
	struct page *page = page_of(pg), *head;
	struct pginfo info = { .pins = -1 };

	if (!page)
		return info;
	head = pinpage_compound_head(page);
	info.ref = pinpage_page_count(page);
	info.map = pinpage_page_mapcount(page);
	info.order = (int)pinpage_folio_order(pinpage_page_folio(page));
	if (info.order)
		info.pins = pinpage_head_compound_pincount(head);
	info.zone = zone_of(head);
	info.maybe = pinpage_page_maybe_dma_pinned(page);
	info.dirty = PageDirty(head);
	info.anon = pinpage_PageAnon(page);
	info.exclusive = pinpage_PageAnonExclusive(page);
	info.uptodate = PageUptodate(head);
	info.lru = PageLRU(head);
	info.swapcache = PageSwapCache(head);
	info.private = PagePrivate(head);
	info.writeback = PageWriteback(head);
	info.locked = PageLocked(head);
	info.ksm = pinpage_PageKsm(page);
	info.hugetlb = pinpage_test_page_flag(head, PINPAGE_PG_HUGETLB);
	info.hwpoison = PageHWPoison(page);
	info.mapping = head->mapping;
	info.zero = pinpage_is_zero_page(page);
	info.huge_zero = head == pp_huge_zero_page;
	info.node = pinpage_page_to_nid(page);
	info.unevictable = PageUnevictable(head);
	info.longterm = pinpage_is_longterm_pinnable_page(page);
	return info;
}

/* The entry of an address in the current process, 0 if there is none. */
static pp_pte entry(unsigned long a)
{
	struct mm_struct *mm = model_cur()->mm;
	pp_pte *pmdp, pte = 0;

	pinpage_rcu_read_lock();
	pmdp = pp_pmd_offset(mm, a);
	if (pmdp)
		pte = pp_pte_get(pmdp);
	if (pte_is_table(pte))
		pte = pp_pte_get(&pte_table(pte)->entry[pte_index(a)]);
	pinpage_rcu_read_unlock();
	return pte;
}

struct pte k_peek(unsigned long a)
{
	struct pte out = { 0 };
	pp_pte pte = entry(a);

	out.page = (pg_t)pinpage_peek_page(model_cur()->mm, a, NULL);
	out.present = pte_present(pte);
	out.level = pte & PTE_HUGE ? 1 : 0;
	out.write = pte & PTE_WRITE;
	out.dirty = pte & PTE_DIRTY;
	out.young = pte & PTE_ACCESSED;
	out.special = pte & PTE_SPECIAL;
	out.soft_dirty = pte & PTE_SOFT_DIRTY;
	out.uffd_wp = pte & PTE_UFFD_WP;
	out.prot_none = pte & PTE_PROT_NONE;
	out.swap = !out.present && pte & PTE_SWAP;
	out.none = pte_none(pte);
	return out;
}

struct look k_look(unsigned long a, pg_t page)
{
	struct look l = { .pte.none = true };

	if (a) {
		l.pte = k_peek(a);
		page = l.pte.page;
	}
	if (page) {
		l.info = k_info(page);
		l.byte = *(unsigned char *)pinpage_page_address(page_of(page));
	}
	return l;
}

void k_refs(pg_t page, long n)
{
	for (; n > 0; n--)
		pinpage_get_page(page_of(page));
	for (; n < 0; n++)
		pinpage_put_page(page_of(page));
}

long k_set_dirty(pg_t page)
{
	return pinpage_set_page_dirty(page_of(page));
}

long k_set_dirty_lock(pg_t page)
{
	return pinpage_set_page_dirty_lock(page_of(page));
}

long k_clear_dirty(pg_t page)
{
	long ret;

	pinpage_lock_page(page_of(page));
	ret = pinpage_clear_page_dirty_for_io(page_of(page));
	pinpage_unlock_page(page_of(page));
	return ret;
}

long k_mkclean(pg_t page)
{
	long ret;

	pinpage_lock_page(page_of(page));
	ret = pinpage_page_mkclean(page_of(page));
	pinpage_unlock_page(page_of(page));
	return ret;
}
