// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * public.c - the public functions that only look (contracts: page.h)
 *
 * Each refuses what is not a page of the running machine: one warning and
 * the answer of a page that nobody uses.
 */
#include "page/page.h"

#include <errno.h>

#include "page/internal.h"

_Static_assert((int)PINPAGE_ZONE_CMA == (int)PP_ZONE_CMA, "the same zones");

void *pinpage_page_address(const struct page *page)
{
	return pp_page_ok(page) ? page_address(page) : NULL;
}

unsigned long pinpage_page_to_pfn(const struct page *page)
{
	return pp_page_ok(page) ? page_to_pfn(page) : ~0UL;
}

struct page *pinpage_pfn_to_page(unsigned long pfn)
{
	return pp_ready() && pfn < pp_nr_frames ? pfn_to_page(pfn) : NULL;
}

struct page *pinpage_virt_to_page(const void *addr)
{
	uintptr_t offset = (uintptr_t)addr - (uintptr_t)pp_arena;

	if (!pp_ready() || offset >= pp_nr_frames << PAGE_SHIFT)
		return NULL;
	return pfn_to_page(offset >> PAGE_SHIFT);
}

bool pinpage_page_valid(const struct page *page)
{
	return READ_ONCE(pp_machine_up) && pp_page_valid(page);
}

int pinpage_page_to_nid(const struct page *page)
{
	return pp_page_ok(page) ? page->node : -EINVAL;
}

enum pinpage_zone pinpage_page_zonenum(const struct page *page)
{
	return pp_page_ok(page) ? (enum pinpage_zone)page->zone :
				  PINPAGE_ZONE_NORMAL;
}

int pinpage_nr_nodes(void)
{
	return pp_ready() ? (int)pp_nr_nodes : 1;
}

int pinpage_numa_node_id(void)
{
	return pp_ready() && current ? current->node : 0;
}

int pinpage_run_on_node(int nid)
{
	if (!pp_ready() || nid < 0 || nid >= (int)pp_nr_nodes)
		return -EINVAL;
	current->node = (unsigned char)nid;
	return 0;
}

struct folio *pinpage_page_folio(struct page *page)
{
	return pp_page_ok(page) ? page_folio(page) : NULL;
}

struct page *pinpage_compound_head(struct page *page)
{
	return pp_page_ok(page) ? compound_head(page) : NULL;
}

unsigned int pinpage_folio_order(const struct folio *folio)
{
	return pp_page_ok((const struct page *)folio) ? folio_order(folio) : 0;
}

unsigned long pinpage_folio_nr_pages(const struct folio *folio)
{
	return pp_page_ok((const struct page *)folio) ? folio_nr_pages(folio) : 0;
}

struct page *pinpage_folio_page(struct folio *folio, unsigned long n)
{
	if (!pp_page_ok((const struct page *)folio))
		return NULL;
	if (n >= folio_nr_pages(folio)) {
		pp_warn_once("folio_page: %lu of a folio of %lu pages", n,
			     folio_nr_pages(folio));
		return NULL;
	}
	return &folio->page + n;
}

int pinpage_page_count(const struct page *page)
{
	return pp_page_ok(page) ? page_count(page) : 0;
}

int pinpage_page_ref_count(const struct page *page)
{
	return pp_page_ok(page) ? page_ref_count(page) : 0;
}

/* A frame that was never used has no mapcount yet. */
static bool in_use(const struct page *page)
{
	return page_count(page) != 0;
}

int pinpage_page_mapcount(const struct page *page)
{
	return pp_page_ok(page) && in_use(page) ? pp_page_mapcount(page) : 0;
}

bool pinpage_page_mapped(const struct page *page)
{
	return pp_page_ok(page) && in_use(page) && pp_page_mapped(page);
}

int pinpage_head_compound_pincount(const struct page *head)
{
	if (!pp_page_ok(head) || !pp_has_pincount((const struct folio *)head))
		return 0;
	return atomic_read(&head[1].pincount);
}

bool pinpage_page_maybe_dma_pinned(const struct page *page)
{
	return pp_page_ok(page) && pp_maybe_dma_pinned(page);
}

bool pinpage_folio_maybe_dma_pinned(const struct folio *folio)
{
	return pp_page_ok((const struct page *)folio) && pp_maybe_dma_pinned(&folio->page);
}

bool pinpage_is_zero_page(const struct page *page)
{
	return pp_page_ok(page) && page == pp_zero_page;
}

struct page *pinpage_zero_page(void)
{
	return pp_ready() ? pp_zero_page : NULL;
}

bool pinpage_is_longterm_pinnable_page(const struct page *page)
{
	return pp_page_ok(page) && pp_longterm_pinnable(page);
}

bool pinpage_test_page_flag(const struct page *page,
			    enum pinpage_page_flag flag)
{
	if (!pp_page_ok(page))
		return false;
	if ((unsigned int)flag >= PINPAGE_NR_PAGE_FLAGS) {
		pp_warn_once("test_page_flag: no flag %d", (int)flag);
		return false;
	}
	if (flag != PINPAGE_PG_ANON_EXCLUSIVE && flag != PINPAGE_PG_HWPOISON)
		page = compound_head(page);
	return test_bit(flag, &page->flags);
}

bool pinpage_PageDirty(const struct page *page)
{
	return pp_page_ok(page) && PageDirty(compound_head(page));
}

bool pinpage_PageLocked(const struct page *page)
{
	return pp_page_ok(page) && PageLocked(compound_head(page));
}

bool pinpage_PageUptodate(const struct page *page)
{
	return pp_page_ok(page) && PageUptodate(compound_head(page));
}

bool pinpage_PageWriteback(const struct page *page)
{
	return pp_page_ok(page) && PageWriteback(compound_head(page));
}

bool pinpage_PageAnon(const struct page *page)
{
	return pp_page_ok(page) && PageAnon(page);
}

bool pinpage_PageAnonExclusive(const struct page *page)
{
	if (!pp_page_ok(page))
		return false;
	/* of hugetlb the head has it, of others each page */
	return PageAnonExclusive(PageHugetlb(compound_head(page)) ?
				 compound_head(page) : page);
}

bool pinpage_is_pci_p2pdma_page(const struct page *page)
{
	return pp_page_ok(page) && PageP2pdma(page);
}

bool pinpage_is_device_coherent_page(const struct page *page)
{
	return pp_page_ok(page) && PageCoherent(page);
}

int pinpage_set_page_p2pdma(struct page *page)
{
	if (!pp_ready() || !pp_page_valid(page) || page_ref_count(page) <= 0 ||
	    PageHead(page) || PageTail(page) || page->mapping || pp_page_mapped(page))
		return -EINVAL;
	SetPageP2pdma(page);
	return 0;
}

bool pinpage_PageCompound(const struct page *page)
{
	return pp_page_ok(page) && (PageHead(page) || PageTail(page));
}

bool pinpage_page_has_private(const struct page *page)
{
	return pp_page_ok(page) && PagePrivate(compound_head(page));
}

void pinpage_SetPageReferenced(struct page *page)
{
	if (pp_page_ok(page))
		SetPageReferenced(compound_head(page));
}

struct address_space *pinpage_page_mapping(const struct page *page)
{
	return pp_page_ok(page) ? page_file_mapping(compound_head(page)) : NULL;
}

unsigned long pinpage_page_index(const struct page *page)
{
	const struct page *head;

	if (!pp_page_ok(page))
		return 0;
	head = compound_head(page);
	return head->index + (unsigned long)(page - head);
}

int pinpage_page_describe(const struct page *page, char *buf, size_t size)
{
	if (size)
		buf[0] = '\0';
	return pp_page_ok(page) ? pp_page_describe(page, buf, size) : 0;
}
