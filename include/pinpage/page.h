/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * page.h - page frames, folios, their counts, flags and locks
 *
 * Rules for callers:
 * - A page from pinpage_alloc_pages() or pinpage_get_page() goes back with
 *   pinpage_put_page() or pinpage_free_pages(); one from a pin_*() call goes
 *   back with its unpin_*(): a put_page() of a pin leaves 1023 references.
 * - References of a folio are shared by all its pages: any page names it.
 * - What is not a page of the running machine is refused with one warning:
 *   void functions do nothing, others answer as for a page that nobody uses.
 * - A question without a reference or lock on the page is stale at once.
 *
 * Mirrors: include/linux/mm.h, gfp.h, pagemap.h, page-flags.h
 */
#ifndef PINPAGE_PAGE_H
#define PINPAGE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pinpage/api.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PINPAGE_PAGE_SHIFT	12
#define PINPAGE_PAGE_SIZE	(1UL << PINPAGE_PAGE_SHIFT)
#define PINPAGE_PAGE_MASK	(~(PINPAGE_PAGE_SIZE - 1))
#define PINPAGE_MAX_ORDER	10	/* largest buddy block: 4 MiB */
#define PINPAGE_MAX_NODES	8	/* NUMA nodes of a machine */
#define PINPAGE_PMD_ORDER	9	/* 2 MiB folio */
#define PINPAGE_GUP_PIN_COUNTING_BIAS (1U << 10)

/* 64 bytes, contents private to the library; complete so that page + 1 works. */
#ifndef PP_STRUCT_PAGE
struct page {
	uint64_t opaque[8];
} __attribute__((aligned(64)));
/* A folio is its head page under a name that says "not a tail". */
struct folio {
	struct page page;
};
#endif

struct address_space;

typedef unsigned int pinpage_gfp_t;
#define PINPAGE_GFP_KERNEL	0x0u
#define PINPAGE_GFP_ZERO	0x1u
#define PINPAGE_GFP_MOVABLE	0x2u	/* may be placed in the movable zone */
#define PINPAGE_GFP_ATOMIC	0x4u	/* no direct reclaim */
#define PINPAGE_GFP_COMP	0x8u	/* compound page (folio) for order > 0 */

/**
 * pinpage_alloc_pages() - allocate 2^@order frames
 * @gfp:   PINPAGE_GFP_*
 * @order: 0 to PINPAGE_MAX_ORDER; larger: one warning and NULL
 *
 * The caller owns one reference, of the first frame. With GFP_COMP an order
 * above 0 is a folio, else separate frames that are freed together. Contents
 * are unspecified without GFP_ZERO.
 *
 * Context: any with GFP_ATOMIC; else process, may sleep and reclaim.
 * Locking: none above rank LRU held. Order: none.
 * Return:  first page, or NULL: no memory (or an injected failure).
 * Mirrors: mm/page_alloc.c:alloc_pages(). Since: 0.1
 */
PINPAGE_API struct page *pinpage_alloc_pages(pinpage_gfp_t gfp,
					     unsigned int order);

/**
 * pinpage_hugetlb_set_pool() - set huge pages apart for MAP_HUGETLB and MFD_HUGETLB
 * @nr: pages of 2 MiB that the pool shall have
 *
 * Pages that are in use or promised stay until they are free. From all nodes in
 * turn, the movable zone first: a long-term pin moves them out of it.
 *
 * Context: process; may sleep and reclaim. Locking: none.
 * Return:  pages that the pool has now, perhaps fewer (no free blocks) or more
 *          (in use); -EINVAL: not booted, atomic context.
 * Mirrors: mm/hugetlb.c:set_max_huge_pages(), /proc/sys/vm/nr_hugepages. Since: 0.1
 */
PINPAGE_API long pinpage_hugetlb_set_pool(unsigned long nr);

/* HugePages_Total, _Free, _Rsvd of /proc/meminfo */
struct pinpage_hugetlb_info {
	unsigned long total, free, reserved;	/* pages of 2 MiB */
};
/* any context; untouched if not booted */
PINPAGE_API void pinpage_hugetlb_info(struct pinpage_hugetlb_info *info);

/**
 * pinpage_free_pages() - drop the reference of an allocation
 * @page:  as pinpage_alloc_pages() returned it
 * @order: as it was allocated; another one: warning, the right one is used
 *
 * If others hold references a folio stays whole; of separate frames the first
 * stays and the others are freed. Tail page or free page: one warning.
 *
 * Context: any. Locking: none above rank LRU held. Order: full barrier.
 * Mirrors: mm/page_alloc.c:__free_pages(). Since: 0.1
 */
PINPAGE_API void pinpage_free_pages(struct page *page, unsigned int order);

/*
 * Page, frame number and host address of the frame; any context, no locks.
 * Return: NULL (for the number: ~0UL) if there is no such page. The host
 * address is the kernel's own mapping: stores through it are seen by all.
 * Mirrors: page_address(), page_to_pfn(), pfn_to_page(), virt_to_page()
 */
PINPAGE_API void *pinpage_page_address(const struct page *page);
PINPAGE_API unsigned long pinpage_page_to_pfn(const struct page *page);
PINPAGE_API struct page *pinpage_pfn_to_page(unsigned long pfn);
PINPAGE_API struct page *pinpage_virt_to_page(const void *addr);
/* never warns */
PINPAGE_API bool pinpage_page_valid(const struct page *page);

/* where a frame lies; the values are the model's, not a kernel's */
enum pinpage_zone {
	PINPAGE_ZONE_NORMAL,
	PINPAGE_ZONE_MOVABLE,	/* ZONE_MOVABLE */
	PINPAGE_ZONE_CMA,	/* the CMA area */
};

/**
 * pinpage_page_to_nid() - the NUMA node of a page
 * pinpage_page_zonenum() - its zone
 * @page: in use
 *
 * Context: any. Locking: none. Order: none.
 * Return:  node from 0, or -EINVAL; the zone; PINPAGE_ZONE_NORMAL for what is
 *          no page, after one warning.
 * Mirrors: include/linux/mm.h:page_to_nid(), page_zonenum(); differs: CMA is a
 *          zone of its own. Since: 0.1
 */
PINPAGE_API int pinpage_page_to_nid(const struct page *page);
PINPAGE_API enum pinpage_zone pinpage_page_zonenum(const struct page *page);

/**
 * pinpage_nr_nodes() - NUMA nodes of the machine, from boot to shutdown
 * pinpage_numa_node_id() - the node that the calling task runs on
 *
 * Context: any. Locking: none. Return: at least 1; from 0, 0 for a new task.
 * Mirrors: num_online_nodes(), numa_node_id(). Since: 0.1
 */
PINPAGE_API int pinpage_nr_nodes(void);
PINPAGE_API int pinpage_numa_node_id(void);

/**
 * pinpage_run_on_node() - the calling task goes on on a CPU of another node
 * @nid: node, from 0
 *
 * Its allocations prefer that node, and hinting faults bring pages there.
 *
 * Context: any. Locking: none.
 * Return:  0; -EINVAL: no such node, or the machine is not up.
 * Mirrors: kernel/sched/core.c:sched_setaffinity() in purpose. Since: 0.1
 */
PINPAGE_API int pinpage_run_on_node(int nid);

/*
 * Folios; any context, no locks, the caller holds a reference. A small page
 * is a folio of order 0. Return: NULL or 0 for what is no page; folio_page()
 * also with one warning for @n >= nr_pages.
 * Mirrors: page_folio(), compound_head(), folio_order(), folio_nr_pages(),
 * folio_page()
 */
PINPAGE_API struct folio *pinpage_page_folio(struct page *page);
PINPAGE_API struct page *pinpage_compound_head(struct page *page);
PINPAGE_API unsigned int pinpage_folio_order(const struct folio *folio);
PINPAGE_API unsigned long pinpage_folio_nr_pages(const struct folio *folio);
PINPAGE_API struct page *pinpage_folio_page(struct folio *folio,
					    unsigned long n);

/**
 * pinpage_get_page() - one more reference
 * @page: any page of a folio on which somebody holds a reference
 *
 * Never fails, not even on overflow. A free page is not revived: one warning.
 *
 * Context: any. Locking: none. Order: none.
 * Mirrors: include/linux/mm.h:get_page(); differs: the free page. Since: 0.1
 */
PINPAGE_API void pinpage_get_page(struct page *page);

/**
 * pinpage_try_get_page() - As pinpage_get_page(), except: may refuse
 *
 * Order:  full barrier on success.
 * Return: false if the count was <= 0 (free, frozen, overflown).
 * Mirrors: include/linux/mm.h:try_get_page(). Since: 0.1
 */
PINPAGE_API bool pinpage_try_get_page(struct page *page);

/**
 * pinpage_put_page() - one reference less, free at zero
 * @page: any page of the folio
 *
 * On a pin it takes 1 of its 1024, as in the kernel. With a count of zero, or
 * so close below that a put too many explains it: one warning, no underflow.
 * A page whose last reference goes while it is mapped, in the page cache,
 * locked or under writeback is reported and kept.
 *
 * Context: any. Locking: none above rank LRU held. Order: full barrier.
 * Mirrors: include/linux/mm.h:put_page(); differs: as said. Since: 0.1
 */
PINPAGE_API void pinpage_put_page(struct page *page);

/* As pinpage_get_page() and pinpage_put_page(), except: named by the folio. */
PINPAGE_API void pinpage_folio_get(struct folio *folio);
PINPAGE_API void pinpage_folio_put(struct folio *folio);

/**
 * pinpage_release_pages() - pinpage_put_page() of an array, in index order
 * @pages: may be NULL if @nr is 0
 * @nr:    entries; negative: one warning, nothing is released
 *
 * Context, locking, order: as pinpage_put_page().
 * Mirrors: mm/swap.c:release_pages(). Since: 0.1
 */
PINPAGE_API void pinpage_release_pages(struct page **pages, int nr);

/*
 * Counts; any context, no locks, unordered. page_count() and mapped() answer
 * for the folio, page_ref_count() and mapcount() for this very page;
 * head_compound_pincount() is 0 for what has no exact count.
 */
PINPAGE_API int pinpage_page_count(const struct page *page);
PINPAGE_API int pinpage_page_ref_count(const struct page *page);
PINPAGE_API int pinpage_page_mapcount(const struct page *page);
PINPAGE_API bool pinpage_page_mapped(const struct page *page);
PINPAGE_API int pinpage_head_compound_pincount(const struct page *head);

/**
 * pinpage_page_maybe_dma_pinned() - may a device be using the folio?
 * @page: any page of it
 *
 * False is certain. True is exact for a folio with a pincount; for others any
 * 1024 references read as a pin. Under rules without pin tracking: false.
 *
 * Context: any. Locking: none.
 * Order:   none; after clearing a PTE put a full barrier before it.
 * Mirrors: include/linux/mm.h:page_maybe_dma_pinned(). Since: 0.1
 */
PINPAGE_API bool pinpage_page_maybe_dma_pinned(const struct page *page);
/* As pinpage_page_maybe_dma_pinned(), except: named by the folio. */
PINPAGE_API bool pinpage_folio_maybe_dma_pinned(const struct folio *folio);

/* the small zero page, ZERO_PAGE(0); any context; NULL before boot */
PINPAGE_API bool pinpage_is_zero_page(const struct page *page);
PINPAGE_API struct page *pinpage_zero_page(void);

/**
 * pinpage_is_longterm_pinnable_page() - may FOLL_LONGTERM stay on this page?
 * @page: any page in use
 *
 * By its zone and the rules; the zero page always may.
 *
 * Context: any. Locking: none. Order: none.
 * Mirrors: include/linux/mm.h:is_longterm_pinnable_page(). Since: 0.1
 */
PINPAGE_API bool
pinpage_is_longterm_pinnable_page(const struct page *page);

/**
 * pinpage_lock_page() - take the page lock
 * @page: any page of the folio; the caller holds a reference
 *
 * Context: process, sleeps; elsewhere one warning. Locking: rank PAGE; not
 * recursive. Order: acquire.
 * Mirrors: include/linux/pagemap.h:lock_page(). Since: 0.1
 */
PINPAGE_API void pinpage_lock_page(struct page *page);
/* As pinpage_lock_page(), except: any context; false instead of sleeping. */
PINPAGE_API bool pinpage_trylock_page(struct page *page);

/**
 * pinpage_unlock_page() - drop the page lock
 * @page: any page of the folio; not locked: one warning, nothing is done
 *
 * Context: any, any task. Locking: held on entry. Order: release.
 * Mirrors: mm/filemap.c:unlock_page(). Since: 0.1
 */
PINPAGE_API void pinpage_unlock_page(struct page *page);

/**
 * pinpage_wait_on_page_writeback() - sleep while the page is written back
 * @page: any page of the folio; the caller holds a reference
 *
 * Context: process, sleeps if it must; elsewhere one warning.
 * Locking: the page lock may be held, and keeps writeback from starting again.
 * Order:   acquire.
 * Mirrors: mm/page-writeback.c:wait_on_page_writeback(). Since: 0.1
 */
PINPAGE_API void pinpage_wait_on_page_writeback(struct page *page);

/* flags, read only: PageDirty(page), ... answer for the head */
enum pinpage_page_flag {
	PINPAGE_PG_LOCKED,
	PINPAGE_PG_REFERENCED,
	PINPAGE_PG_UPTODATE,
	PINPAGE_PG_DIRTY,
	PINPAGE_PG_LRU,
	PINPAGE_PG_ACTIVE,
	PINPAGE_PG_WRITEBACK,
	PINPAGE_PG_HEAD,
	PINPAGE_PG_PRIVATE,
	PINPAGE_PG_RECLAIM,
	PINPAGE_PG_SWAPBACKED,
	PINPAGE_PG_UNEVICTABLE,
	PINPAGE_PG_SWAPCACHE,
	PINPAGE_PG_ANON_EXCLUSIVE,	/* per subpage */
	PINPAGE_PG_HWPOISON,		/* per subpage */
	PINPAGE_PG_ERROR,
	PINPAGE_PG_RESERVED,
	PINPAGE_PG_BUDDY,
	PINPAGE_PG_HUGETLB,		/* of the pool of huge pages */
	PINPAGE_PG_P2PDMA,		/* memory of a PCI device */
	PINPAGE_PG_COHERENT,		/* memory of a device, coherent with the CPUs */
	PINPAGE_PG_MLOCKED,		/* an area with VM_LOCKED maps it */
	PINPAGE_NR_PAGE_FLAGS
};

/*
 * Flags and owner; any context, no locks, unordered. Return: false, NULL or 0
 * for what is no page; test_page_flag() also, with one warning, for an unknown
 * flag. page_mapping() is NULL for anonymous pages; page_index() counts pages.
 */
PINPAGE_API bool pinpage_test_page_flag(const struct page *page,
					enum pinpage_page_flag flag);
PINPAGE_API bool pinpage_PageDirty(const struct page *page);
PINPAGE_API bool pinpage_PageLocked(const struct page *page);
PINPAGE_API bool pinpage_PageUptodate(const struct page *page);
PINPAGE_API bool pinpage_PageWriteback(const struct page *page);
PINPAGE_API bool pinpage_PageAnon(const struct page *page);
PINPAGE_API bool pinpage_PageAnonExclusive(const struct page *page);
PINPAGE_API bool pinpage_PageCompound(const struct page *page);
PINPAGE_API bool pinpage_page_has_private(const struct page *page);
PINPAGE_API void pinpage_SetPageReferenced(struct page *page);
PINPAGE_API struct address_space *
pinpage_page_mapping(const struct page *page);
PINPAGE_API unsigned long pinpage_page_index(const struct page *page);

/*
 * Is it memory of a PCI device, or of one that is coherent with the CPUs? Any
 * context, no locks; false for what is no page.
 * Mirrors: include/linux/memremap.h. Since: 0.1
 */
PINPAGE_API bool pinpage_is_pci_p2pdma_page(const struct page *page);
PINPAGE_API bool pinpage_is_device_coherent_page(const struct page *page);

/**
 * pinpage_set_page_p2pdma() - a page shall be memory of a PCI device
 * @page: of the driver, who allocated it; small, mapped by nobody yet
 *
 * Until it is free. From 6.2 on GUP takes it with FOLL_PCI_P2PDMA alone.
 *
 * Context: any. Locking: none.
 * Return:  0; -EINVAL: not such a page, not booted.
 * Mirrors: drivers/pci/p2pdma.c:pci_p2pdma_add_resource(). Since: 0.1
 */
PINPAGE_API int pinpage_set_page_p2pdma(struct page *page);

/**
 * pinpage_page_describe() - one line about a page, without addresses
 * @page: any page, in use or free
 * @buf:  out, NUL-terminated; may be NULL if @size is 0
 * @size: bytes of @buf
 *
 * "page pfn:12 anon ref:1026 map:1 uptodate|dirty|lru pins<=1": of a small
 * page the pins are a bound, of a folio with a pincount ("pins:3") a count.
 *
 * Context: any. Locking: none. Order: none.
 * Return:  as snprintf(); 0 and "" for what is no page.
 * Mirrors: mm/debug.c:dump_page(). Since: 0.1
 */
PINPAGE_API int pinpage_page_describe(const struct page *page, char *buf,
				      size_t size);

#ifdef __cplusplus
}
#endif

#endif
