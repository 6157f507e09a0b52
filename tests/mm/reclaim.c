// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

#ifndef MADV_PAGEOUT
# define MADV_PAGEOUT 21
#endif

/* blkfs page 0 of a file, mapped and read */
static struct page *mapped_page(unsigned long *addr)
{
	*addr = map_file(blk_file(1), 1, RW, MAP_SHARED);
	ck_assert_int_eq(get(mm, *addr), 1);
	return page_of(mm, *addr);
}

START_TEST(clean_page_is_evicted)
{
	unsigned long addr;
	struct page *page = mapped_page(&addr);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_EVICT);
	ck_assert_int_eq(pinpage_reclaim_page(page), 1);
	pinpage_unsubscribe(&ear.sub);
	ck_assert_uint_eq(ear.nr, 1);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(dirty_page_is_written_first)
{
	unsigned long addr;
	struct page *page = mapped_page(&addr);
	struct file *file = pp_find_vma(mm, addr)->vm_file;
	unsigned char byte = 0;

	put(mm, addr, 9);
	ck_assert_int_eq(pinpage_reclaim_page(page), 1);
	ck_assert_ptr_null(pp_find_get_page(file->f_mapping, 0));
	ck_assert_int_eq(get(mm, addr), 9);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(pinpage_durable_read(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 9);
}
END_TEST

START_TEST(pageout_leaves_a_dirty_page_to_the_flusher)
{
	unsigned long addr;
	struct page *page = mapped_page(&addr);
	unsigned char byte = 0;

	put(mm, addr, 9);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_PAGEOUT), 0);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert(PageDirty(page) && PagePrivate(page));
	pinpage_durable_read(pp_find_vma(mm, addr)->vm_file, &byte, 1, 0);
	ck_assert_int_eq(byte, 1);
	ck_assert_int_eq(get(mm, addr), 9);
	ck_assert_ptr_eq(page_of(mm, addr), page);
}
END_TEST

START_TEST(anonymous_page_stays)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_reclaim_page(page_of(mm, addr)), 0);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(ramfs_page_stays)
{
	unsigned long addr = map_file(ram_file(1), 1, RW, MAP_SHARED);

	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(pinpage_reclaim_page(page_of(mm, addr)), 0);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(off_lru_ebusy)
{
	struct page *page = pp_alloc_page(0);

	ck_assert_int_eq(pinpage_reclaim_page(page), -EBUSY);
	pp_unref(page);
}
END_TEST

START_TEST(no_page_einval)
{
	ck_assert_int_eq(pinpage_reclaim_page(NULL), -EINVAL);
	expect_warnings(1);
}
END_TEST

START_TEST(locked_page_stays)
{
	unsigned long addr;
	struct page *page = mapped_page(&addr);

	pp_lock_page(page);
	ck_assert_int_eq(pinpage_reclaim_page(page), 0);
	pp_unlock_page(page);
	ck_assert_ptr_eq(page_of(mm, addr), page);
}
END_TEST

/* M04 */
START_TEST(pinned_page_is_unmapped_but_kept)
{
	unsigned long addr;
	struct page *page;

	reboot("6.12");
	page = mapped_page(&addr);
	put(mm, addr, 2);
	ck_assert_int_eq(pinpage_msync(addr, 1, MS_SYNC), 0);
	ck_assert(PagePrivate(page));
	pin(mm, addr);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_PAGEOUT), 0);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert(PagePrivate(page));
	ck_assert_int_eq(get(mm, addr), 2);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	unpin(page);
}
END_TEST

/* F-2: before 6.4 its buffers go, though the page stays */
START_TEST(referenced_page_is_stripped)
{
	unsigned long addr;
	struct page *page = mapped_page(&addr);

	put(mm, addr, 2);
	ck_assert_int_eq(pinpage_msync(addr, 1, MS_SYNC), 0);
	pp_ref(page);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_PAGEOUT), 0);
	ck_assert(!PagePrivate(page));
	ck_assert_int_eq(get(mm, addr), 2);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	pp_unref(page);
}
END_TEST

START_TEST(used_page_gets_second_chance)
{
	unsigned long addr;
	struct page *page = mapped_page(&addr);
	LIST_HEAD(list);

	ck_assert(pp_lru_isolate_page(page));
	pp_page_list_add(page, &list);
	ck_assert_uint_eq(pp_reclaim_list(&list, false), 0);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_YOUNG));
}
END_TEST

START_TEST(pressure_frees_cache)
{
	struct file *file;
	unsigned long addr;

	down();
	boot("6.1", PINPAGE_ENGINE_NATIVE, 256);
	file = blk_file(100);
	ck_assert_int_ge(pinpage_stat(PINPAGE_STAT_NR_FILE_PAGES), 100);
	addr = anon(200);
	ck_assert_int_eq(get(mm, addr + 199 * PAGE_SIZE), 200);
	ck_assert_int_lt((long)file->f_mapping->nrpages, 100);
}
END_TEST

/* 20 dirty pages of a file, nobody uses them; @running: a flusher that does nothing by itself */
static struct file *dirty_file(const char *rules, bool running)
{
	const struct pinpage_dirty_limits lazy = {
		.background_pages = 4000, .limit_pages = 4000, .interval_ms = 3600000,
	};
	struct file *file;
	unsigned long i;

	reboot(rules);
	file = blk_file(20);
	for (i = 0; i < 20; i++)
		ck_assert_int_eq(pinpage_pwrite(file, "x", 1, (pinpage_loff_t)(i * PAGE_SIZE)), 1);
	if (running)
		ck_assert_int_eq(pinpage_flusher_start(&lazy), 0);
	return file;
}

/* what reclaim wrote itself: its own task is in the event */
static unsigned long written_here(unsigned long (*fn)(unsigned long), unsigned long nr,
				  unsigned long *freed)
{
	unsigned long here;
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_WB_START);
	ear.task = current;
	*freed = fn(nr);
	here = ear.mine;
	pinpage_unsubscribe(&ear.sub);
	return here;
}

START_TEST(direct_reclaim_lets_the_flusher_write)
{
	unsigned long freed;

	dirty_file("6.1", true);
	ck_assert_uint_eq(written_here(pinpage_try_to_free_pages, 20, &freed), 0);
	ck_assert_uint_gt(freed, 0);
	pinpage_flusher_stop();
}
END_TEST

START_TEST(without_a_flusher_it_writes_itself)
{
	unsigned long freed;

	dirty_file("6.1", false);
	ck_assert_uint_ge(written_here(pinpage_try_to_free_pages, 20, &freed), 20);
	ck_assert_uint_eq(freed, 20);
}
END_TEST

/* the flusher is there but never gets to run: the deterministic engine */
START_TEST(kswapd_writes_what_it_meets_again)
{
	unsigned long freed;

	dirty_file("6.1", true);
	/* each page is met twice in a round; in the first one nothing is known yet */
	ck_assert_uint_gt(written_here(pp_reclaim_kswapd, 20, &freed), 0);
	ck_assert_uint_gt(freed, 0);
	pinpage_flusher_stop();
	dirty_file("6.5", true);
	ck_assert_uint_eq(written_here(pp_reclaim_kswapd, 20, &freed), 0);
	pinpage_flusher_stop();
}
END_TEST

START_TEST(chosen_page_is_written_up_to_6_1)
{
	struct file *file = dirty_file("6.5", false);
	struct page *page = pp_find_get_page(file->f_mapping, 0);

	pp_unref(page);
	ck_assert_int_eq(pinpage_reclaim_page(page), 0);
	ck_assert(PageDirty(page) && PagePrivate(page));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(pinpage_reclaim_page(page), 1);
	file = dirty_file("6.1", false);
	page = pp_find_get_page(file->f_mapping, 0);
	pp_unref(page);
	ck_assert_int_eq(pinpage_reclaim_page(page), 1);
}
END_TEST

START_TEST(redirtied_page_is_not_met_again)
{
	struct file *file = dirty_file("6.5", false);
	struct page *page = pp_find_get_page(file->f_mapping, 0);

	pp_unref(page);
	ck_assert_int_eq(pinpage_reclaim_page(page), 0);
	ck_assert(PageReclaim(page));
	ck_assert_int_eq(pinpage_pwrite(file, "y", 1, 0), 1);
	ck_assert(!PageReclaim(page));
}
END_TEST

START_TEST(direct_reclaim_counts_frames)
{
	blk_file(50);
	ck_assert_uint_ge(pinpage_try_to_free_pages(20), 20);
	ck_assert_int_ge(pinpage_stat(PINPAGE_STAT_PGSTEAL), 20);
}
END_TEST

Suite *reclaim_suite(void)
{
	Suite *s = suite_create("mm/reclaim");

	on(s, clean_page_is_evicted, up);
	on(s, clean_page_is_evicted, up_fiber);
	on(s, dirty_page_is_written_first, up);
	on(s, pageout_leaves_a_dirty_page_to_the_flusher, up);
	on(s, anonymous_page_stays, up);
	on(s, ramfs_page_stays, up);
	on(s, off_lru_ebusy, up);
	on(s, no_page_einval, up);
	on(s, locked_page_stays, up);
	on(s, pinned_page_is_unmapped_but_kept, up);
	on(s, referenced_page_is_stripped, up);
	on(s, used_page_gets_second_chance, up);
	on(s, pressure_frees_cache, up);
	on(s, direct_reclaim_lets_the_flusher_write, up);
	on(s, direct_reclaim_lets_the_flusher_write, up_fiber);
	on(s, without_a_flusher_it_writes_itself, up);
	on(s, kswapd_writes_what_it_meets_again, up_fiber);
	on(s, chosen_page_is_written_up_to_6_1, up);
	on(s, redirtied_page_is_not_met_again, up);
	on(s, direct_reclaim_counts_frames, up);
	return s;
}
