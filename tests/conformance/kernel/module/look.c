// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * look.c - pages and page tables, looked at without taking references
 *
 * LRU batches of all CPUs are drained before a count is read: they hold
 * references that come and go by themselves.
 */
#include <linux/file.h>
#include <linux/hugetlb.h>
#include <linux/kprobes.h>
#include <linux/ksm.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/userfaultfd_k.h>
#include <linux/xarray.h>

#include "conf.h"

static void (*drain_all)(void);
static unsigned long *huge_zero;

/* The one symbol that finds all others, by a probe that is never hit. */
int conf_look_init(void)
{
	static struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long (*lookup)(const char *name);
	int err = register_kprobe(&probe);

	if (err)
		return err;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	drain_all = (void *)lookup("lru_add_drain_all");
	huge_zero = (void *)lookup("huge_zero_pfn");
	return drain_all && huge_zero ? 0 : -ENOENT;
}

void conf_drain(void)
{
	drain_all();
}

static long map_count(struct page *page, struct folio *folio)
{
	long n = atomic_read(&page->_mapcount) + 1;

	if (!folio_test_large(folio))
		return n > 0 ? n : 0;
#if SINCE(6, 2)
	if (folio_test_hugetlb(folio))
		return folio_entire_mapcount(folio);
	return (n > 0 ? n : 0) + folio_entire_mapcount(folio);
#else
	return page_mapcount(page);
#endif
}

static long pins(struct folio *folio)
{
	if (!folio_test_large(folio))
		return -1;
#if SINCE(6, 2)
	return atomic_read(&folio->_pincount);
#else
	return head_compound_pincount(&folio->page);
#endif
}

static bool longterm(struct folio *folio)
{
#if SINCE(6, 2)
	return folio_is_longterm_pinnable(folio);
#else
	return is_longterm_pinnable_page(&folio->page);
#endif
}

static bool exclusive(struct page *page, struct folio *folio)
{
	if (folio_test_hugetlb(folio))
		page = &folio->page;
	return folio_test_anon(folio) && PageAnonExclusive(page);
}

static unsigned long bits(struct page *page, struct folio *folio)
{
	unsigned long pfn = page_to_pfn(page), b = 0;

#define BIT_IF(bit, cond) do { if (cond) b |= 1UL << (bit); } while (0)
	BIT_IF(IB_MAYBE, folio_maybe_dma_pinned(folio));
	BIT_IF(IB_DIRTY, folio_test_dirty(folio));
	BIT_IF(IB_ANON, folio_test_anon(folio));
	BIT_IF(IB_EXCLUSIVE, exclusive(page, folio));
	BIT_IF(IB_UPTODATE, folio_test_uptodate(folio));
	BIT_IF(IB_LRU, folio_test_lru(folio));
	BIT_IF(IB_SWAPCACHE, folio_test_swapcache(folio));
	BIT_IF(IB_PRIVATE, folio_test_private(folio));
	BIT_IF(IB_WRITEBACK, folio_test_writeback(folio));
	BIT_IF(IB_LOCKED, folio_test_locked(folio));
	BIT_IF(IB_KSM, folio_test_ksm(folio));
	BIT_IF(IB_HWPOISON, PageHWPoison(page));
	BIT_IF(IB_MAPPING, folio->mapping);
	BIT_IF(IB_ZERO, is_zero_pfn(pfn));
	BIT_IF(IB_HUGE_ZERO, folio_test_large(folio) &&
	       folio_pfn(folio) == READ_ONCE(*huge_zero));
	BIT_IF(IB_HUGETLB, folio_test_hugetlb(folio));
	BIT_IF(IB_UNEVICTABLE, folio_test_unevictable(folio));
	BIT_IF(IB_LONGTERM, longterm(folio));
#undef BIT_IF
	return b;
}

static long zone(struct page *page)
{
	switch ((int)page_zonenum(page)) {
	case ZONE_MOVABLE:
		return 1;
#ifdef CONFIG_ZONE_DEVICE
	case ZONE_DEVICE:
		return 2;
#endif
	}
	return 0;
}

long conf_info(struct conf_msg *m)
{
	struct page *page;
	struct folio *folio;

	if (!m->a[0] || !pfn_valid(m->a[0] - 1))
		return -EINVAL;
	conf_drain();
	page = pfn_to_page(m->a[0] - 1);
	folio = page_folio(page);
	m->b[INFO_REF] = folio_ref_count(folio);
	m->b[INFO_MAP] = map_count(page, folio);
	m->b[INFO_PINS] = pins(folio);
	m->b[INFO_ORDER] = folio_order(folio);
	m->b[INFO_ZONE] = zone(page);
	m->b[INFO_NODE] = page_to_nid(page);
	m->b[INFO_BITS] = bits(page, folio);
	return 0;
}

static long page_token(unsigned long pfn)
{
	return pfn_valid(pfn) ? pfn + 1 : 0;
}

#define BIT_IF(bit, cond) do { if (cond) b |= 1UL << (bit); } while (0)

static void peek_pmd(struct conf_msg *m, unsigned long addr, pmd_t pmd)
{
	unsigned long b = 1UL << PB_PRESENT;

	BIT_IF(PB_WRITE, pmd_write(pmd));
	BIT_IF(PB_DIRTY, pmd_dirty(pmd));
	BIT_IF(PB_YOUNG, pmd_young(pmd));
	BIT_IF(PB_SOFT_DIRTY, pmd_soft_dirty(pmd));
	BIT_IF(PB_UFFD_WP, pmd_uffd_wp(pmd));
	BIT_IF(PB_PROT_NONE, pmd_protnone(pmd));
	m->b[PEEK_PAGE] = page_token(pmd_pfn(pmd) +
				     ((addr & ~PMD_MASK) >> PAGE_SHIFT));
	m->b[PEEK_LEVEL] = 1;
	m->b[PEEK_BITS] = b;
}

static void peek_pte(struct conf_msg *m, pte_t pte)
{
	unsigned long b = 0;

	if (pte_none(pte)) {
		b = 1UL << PB_NONE;
	} else if (!pte_present(pte)) {
		BIT_IF(PB_SWAP, !non_swap_entry(pte_to_swp_entry(pte)));
		BIT_IF(PB_SOFT_DIRTY, pte_swp_soft_dirty(pte));
		BIT_IF(PB_UFFD_WP, pte_swp_uffd_wp(pte));
	} else {
		b = 1UL << PB_PRESENT;
		BIT_IF(PB_WRITE, pte_write(pte));
		BIT_IF(PB_DIRTY, pte_dirty(pte));
		BIT_IF(PB_YOUNG, pte_young(pte));
		BIT_IF(PB_SPECIAL, pte_special(pte));
		BIT_IF(PB_SOFT_DIRTY, pte_soft_dirty(pte));
		BIT_IF(PB_UFFD_WP, pte_uffd_wp(pte));
		BIT_IF(PB_PROT_NONE, pte_protnone(pte));
		m->b[PEEK_PAGE] = page_token(pte_pfn(pte));
	}
	m->b[PEEK_BITS] = b;
}

/* The entry of the upper levels, or NULL where there is none. */
static pmd_t *walk_to_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud) || !pud_present(*pud))
		return NULL;
	return pmd_offset(pud, addr);
}

static bool is_huge(pmd_t pmd)
{
#if SINCE(6, 9)
	return pmd_leaf(pmd);
#else
	return pmd_large(pmd);
#endif
}

long conf_peek(struct conf_msg *m)
{
	unsigned long addr = m->a[0];
	struct mm_struct *mm = current->mm;
	pmd_t *pmd, val;

	m->b[PEEK_PAGE] = m->b[PEEK_LEVEL] = 0;
	m->b[PEEK_BITS] = 1UL << PB_NONE;
	if (addr >= TASK_SIZE_MAX)
		return 0;
	mmap_read_lock(mm);
	pmd = walk_to_pmd(mm, addr);
	if (pmd) {
		val = READ_ONCE(*pmd);
		if (pmd_none(val))
			m->b[PEEK_LEVEL] = 0;
		else if (!pmd_present(val))
			m->b[PEEK_BITS] = 0;
		else if (is_huge(val))
			peek_pmd(m, addr, val);
		else
			peek_pte(m, READ_ONCE(*pte_offset_kernel(pmd, addr)));
	}
	mmap_read_unlock(mm);
	return 0;
}

/* A page as it is now, and the entry that maps it if it was asked for by address. */
long conf_look(struct conf_msg *m)
{
	struct folio *folio;
	struct page *page;
	char *va;

	m->b[PEEK_PAGE] = m->a[1];
	if (m->a[0])
		conf_peek(m);
	if (!m->b[PEEK_PAGE] || !pfn_valid(m->b[PEEK_PAGE] - 1))
		return 0;
	page = pfn_to_page(m->b[PEEK_PAGE] - 1);
	folio = page_folio(page);
	if (folio_test_writeback(folio) && folio_try_get(folio)) {
		folio_wait_writeback(folio);
		folio_put(folio);
	}
	m->b[LOOK_REF] = folio_ref_count(folio);
	m->b[LOOK_MAP] = map_count(page, folio);
	m->b[LOOK_PINS] = pins(folio);
	m->b[LOOK_BITS] = bits(page, folio);
	va = kmap_local_page(page);
	m->b[LOOK_REST] = (unsigned char)*va | folio_order(folio) << 8;
	kunmap_local(va);
	return 0;
}

long conf_cached(struct conf_msg *m)
{
	struct file *file = fget(m->a[0]);
	struct folio *folio;
	long ret = 0;

	if (!file)
		return -EBADF;
	rcu_read_lock();
	folio = xa_load(&file->f_mapping->i_pages, m->a[1]);
	if (folio && !xa_is_value(folio))
		ret = page_to_pfn(folio_page(folio, m->a[1] - folio->index)) + 1;
	rcu_read_unlock();
	fput(file);
	return ret;
}
