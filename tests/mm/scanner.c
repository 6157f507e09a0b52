// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Tasks of the machine: kcompactd, the offliner, the NUMA scanner, ksmd.
 */
#include "machine.h"
#include "suites.h"

#include "mm/ksm.h"
#include <pinpage/migrate.h>

#define ZONE 1024UL

static void zones(void)
{
	up_zones("6.1", ZONE, ZONE, 1);
}

static void two_nodes(void)
{
	up_zones("6.1", 0, 0, 2);
}

static unsigned long start_of(enum pp_zone zone)
{
	unsigned long start, end;

	pp_zone_span(0, zone, &start, &end);
	return start;
}

#define WAIT_FOR(cond)							\
	do {								\
		unsigned int tries_;					\
		for (tries_ = 0; tries_ < 10000 && !(cond); tries_++)	\
			pinpage_msleep(1);				\
		ck_assert(cond);					\
	} while (0)

START_TEST(kcompactd_packs_the_zone)
{
	unsigned long addr = anon(2), end = start_of(PP_ZONE_MOVABLE) + ZONE;
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_kcompactd_start(1), 0);
	WAIT_FOR(page_to_pfn(page_of(mm, addr + PAGE_SIZE)) == end - 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	unpin(page);
	WAIT_FOR(page_to_pfn(page_of(mm, addr)) == end - 2);
	pinpage_kcompactd_stop();
	pinpage_kcompactd_stop();
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
}
END_TEST

START_TEST(offliner_takes_and_gives_back)
{
	unsigned long addr = anon(3), start = start_of(PP_ZONE_MOVABLE);

	ck_assert_int_eq(pinpage_offliner_start(start, ZONE, 1), 0);
	WAIT_FOR(page_of(mm, addr)->zone != PP_ZONE_MOVABLE);
	pinpage_offliner_stop();
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	/* in use again */
	ck_assert_int_eq(page_of(mm, anon(1))->zone, PP_ZONE_MOVABLE);
	pinpage_offliner_stop();
}
END_TEST

START_TEST(offliner_waits_for_no_pin)
{
	unsigned long addr = anon(1), start = start_of(PP_ZONE_MOVABLE);
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_offliner_start(start, ZONE, 1), 0);
	pinpage_msleep(5);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	unpin(page);
	WAIT_FOR(page_of(mm, addr)->zone != PP_ZONE_MOVABLE);
	pinpage_offliner_stop();
}
END_TEST

START_TEST(hinted_pages_follow_the_task)
{
	unsigned long addr = anon(2);

	ck_assert_int_eq(pinpage_numa_scan_start(0, 1), 0);
	ck_assert_int_eq(pinpage_run_on_node(1), 0);
	WAIT_FOR(get(mm, addr) == 1 && page_of(mm, addr)->node == 1);
	ck_assert_int_eq(page_of(mm, addr + PAGE_SIZE)->node, 0);
	pinpage_numa_scan_stop();
	pinpage_numa_scan_stop();
}
END_TEST

START_TEST(scan_goes_on_where_it_ended)
{
	unsigned long addr = anon(3 * HPAGE_PMD_NR);

	ck_assert_int_eq(pinpage_numa_scan(mm, HPAGE_PMD_NR), HPAGE_PMD_NR);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_PRESENT));
	ck_assert(pte_of(mm, addr + PMD_SIZE) & PINPAGE_PTE_PRESENT);
	ck_assert_int_eq(pinpage_numa_scan(mm, 2 * HPAGE_PMD_NR), 2 * HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_numa_scan(mm, HPAGE_PMD_NR), 0);
	/* and from the start again */
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(pinpage_numa_scan(mm, HPAGE_PMD_NR), 1);
	ck_assert_int_eq(pinpage_numa_scan(NULL, 1), -EINVAL);
	ck_assert_int_eq(pinpage_numa_scan(mm, ~0UL), -EINVAL);
}
END_TEST

START_TEST(read_only_file_areas_get_no_hints)
{
	struct file *file = ram_file(2);
	unsigned long ro = map_file(file, 1, PROT_READ, MAP_SHARED);
	unsigned long rw = map_file(file, 2, RW, MAP_SHARED);

	ck_assert_int_eq(get(mm, ro), 1);
	/* maps both pages */
	ck_assert_int_eq(get(mm, rw + PAGE_SIZE), 2);
	ck_assert_int_eq(pinpage_numa_scan(mm, 1000), 2);
	ck_assert(pte_of(mm, ro) & PINPAGE_PTE_PRESENT);
}
END_TEST

START_TEST(ksmd_merges)
{
	unsigned long addr = map(3, RW, PRIV);
	struct page *page;
	int i;

	for (i = 0; i < 3; i++)
		put(mm, addr + (unsigned long)i * PAGE_SIZE, 7);
	page = pin(mm, addr);
	ck_assert_int_eq(pinpage_madvise(addr, 3 * PAGE_SIZE, MADV_MERGEABLE), 0);
	ck_assert_int_eq(pinpage_ksmd_start(0, 1), 0);
	pinpage_msleep(20);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(!PageKsm(page));
	unpin(page);
	WAIT_FOR(PageKsm(page_of(mm, addr)));
	pinpage_ksmd_stop();
	pinpage_ksmd_stop();
	ck_assert_int_eq(pinpage_ksm_unmerge_all(), 0);
}
END_TEST

START_TEST(running_at_shutdown)
{
	ck_assert_int_eq(pinpage_kcompactd_start(0), 0);
	ck_assert_int_eq(pinpage_ksmd_start(0, 0), 0);
	ck_assert_int_eq(pinpage_numa_scan_start(0, 0), 0);
	ck_assert_int_eq(pinpage_offliner_start(1000, 10, 0), 0);
}
END_TEST

START_TEST(bad_starts)
{
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_kcompactd_start(0), -ENOMEM);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_ksmd_start(0, 0), -ENOMEM);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_numa_scan_start(0, 0), -ENOMEM);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_offliner_start(0, 1, 0), -ENOMEM);
	pp_inject_alloc(0);
	ck_assert_int_eq(pinpage_offliner_start(0, 0, 0), -EINVAL);
	ck_assert_int_eq(pinpage_offliner_start(1UL << 40, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_numa_scan_start(~0UL, 0), -EINVAL);
	ck_assert_int_eq(pinpage_kcompactd_start(0), 0);
	ck_assert_int_eq(pinpage_ksmd_start(0, 0), 0);
	ck_assert_int_eq(pinpage_numa_scan_start(0, 0), 0);
	ck_assert_int_eq(pinpage_offliner_start(0, 1, 0), 0);
	ck_assert_int_eq(pinpage_kcompactd_start(0), -EBUSY);
	ck_assert_int_eq(pinpage_ksmd_start(0, 0), -EBUSY);
	ck_assert_int_eq(pinpage_numa_scan_start(0, 0), -EBUSY);
	ck_assert_int_eq(pinpage_offliner_start(0, 1, 0), -EBUSY);
	pinpage_softirq_enter();
	ck_assert_int_eq(pinpage_kcompactd_start(0), -EINVAL);
	pinpage_softirq_exit();
	expect_warnings(1);
}
END_TEST

Suite *scanner_suite(void)
{
	Suite *s = suite_create("mm/scanner");

	on(s, kcompactd_packs_the_zone, zones);
	on(s, offliner_takes_and_gives_back, zones);
	on(s, offliner_waits_for_no_pin, zones);
	on(s, hinted_pages_follow_the_task, two_nodes);
	on(s, scan_goes_on_where_it_ended, up);
	on(s, scan_goes_on_where_it_ended, up_fiber);
	on(s, read_only_file_areas_get_no_hints, up);
	on(s, ksmd_merges, up);
	on(s, ksmd_merges, up_fiber);
	on(s, running_at_shutdown, up);
	on(s, running_at_shutdown, up_fiber);
	on(s, bad_starts, up);
	return s;
}
