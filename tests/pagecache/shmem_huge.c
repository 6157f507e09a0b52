// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * shmem_huge.c - huge folios of tmpfs: who gets them, read(), write(), holes,
 * limits. Nothing is mapped here, and no folio can be split: mm is not there.
 */
#include "blkfs_support.h"

#define PUNCH	(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)
#define HUGE	((loff_pp)HPAGE_PMD_SIZE)
#define SUB	((unsigned long)HPAGE_PMD_NR)

static void up_as(enum pinpage_huge huge, uint64_t size)
{
	struct pinpage_mount_options with = { .huge = huge, .size = size };

	models_boot(PINPAGE_ENGINE_FIBER, "6.1");
	ck_assert_int_eq(pinpage_mount("tmpfs", &with, &sb), 0);
	file = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT, 0600);
	ck_assert(!IS_ERR(file));
	mapping = file->f_mapping;
}

static void up_always(void)
{
	up_as(PINPAGE_HUGE_ALWAYS, 0);
}

static void up_never(void)
{
	up_as(PINPAGE_HUGE_NEVER, 0);
}

static void up_within(void)
{
	up_as(PINPAGE_HUGE_WITHIN_SIZE, 0);
}

static void up_advise(void)
{
	up_as(PINPAGE_HUGE_ADVISE, 0);
}

/* room for one huge page and three small ones */
static void up_limited(void)
{
	up_as(PINPAGE_HUGE_ALWAYS, (uint64_t)HUGE + 3 * PAGE_SIZE);
}

/* -1: a hole */
static int order_of(unsigned long index)
{
	struct page *head = pp_xa_load(&mapping->i_pages, index);

	return head ? (int)folio_order((struct folio *)head) : -1;
}

static ssize_t put_byte(loff_pp pos, char byte)
{
	return pinpage_pwrite(file, &byte, 1, pos);
}

static int byte_at(loff_pp pos)
{
	unsigned char byte;

	return pinpage_pread(file, &byte, 1, pos) == 1 ? byte : -1;
}

START_TEST(write_makes_a_folio)
{
	struct page *head;

	ck_assert_int_eq(put_byte(5 * (loff_pp)PAGE_SIZE + 7, 'x'), 1);
	head = pp_xa_load(&mapping->i_pages, 0);
	ck_assert_int_eq(order_of(SUB - 1), HPAGE_PMD_ORDER);
	ck_assert_int_eq(page_ref_count(head), HPAGE_PMD_NR);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), SUB);
	ck_assert_uint_eq(pinpage_file_blocks(file), SUB * 8);
	ck_assert_int_eq(pinpage_i_size_read(file), 5 * PAGE_SIZE + 8);
	ck_assert(PageUptodate(head) && PageDirty(head));
	ck_assert_int_eq(byte_at(5 * (loff_pp)PAGE_SIZE + 7), 'x');
	ck_assert_int_eq(byte_at(5 * (loff_pp)PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_SHMEM_THPS), 1);
}
END_TEST

START_TEST(lookups_find_the_very_page)
{
	struct page *page, *head;

	put_byte(0, 'x');
	head = pp_xa_load(&mapping->i_pages, 0);
	page = pinpage_find_get_page(mapping, 9);
	ck_assert_ptr_eq(page, head + 9);
	ck_assert_int_eq(page_count(page), HPAGE_PMD_NR + 1);
	pinpage_put_page(page);
	page = pinpage_read_mapping_page(mapping, 10, file);
	ck_assert_ptr_eq(page, head + 10);
	pinpage_put_page(page);
	page = pinpage_find_lock_page(mapping, 11);
	ck_assert_ptr_eq(page, head + 11);
	pinpage_unlock_page(page);
	pinpage_put_page(page);
}
END_TEST

START_TEST(bytes_cross_folios)
{
	static char out[3 * 4096], in[sizeof(out)];
	unsigned int i;

	for (i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 31);
	ck_assert_int_eq(pinpage_pwrite(file, out, sizeof(out), HUGE - 5000), sizeof(out));
	ck_assert_int_eq(pinpage_pread(file, in, sizeof(in), HUGE - 5000), sizeof(in));
	ck_assert_mem_eq(in, out, sizeof(in));
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 2 * SUB);
}
END_TEST

START_TEST(page_in_the_way_small)
{
	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_DENY), 0);
	put_byte(7 * (loff_pp)PAGE_SIZE, 'x');
	ck_assert_int_eq(order_of(7), 0);
	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_NEVER), 0);
	put_byte(0, 'y');
	ck_assert_int_eq(order_of(0), 0);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 2);
	put_byte(HUGE, 'z');
	ck_assert_int_eq(order_of(SUB), HPAGE_PMD_ORDER);
}
END_TEST

START_TEST(setting_of_all_mounts)
{
	put_byte(0, 'x');
	ck_assert_int_eq(order_of(0), 0);
	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_ALWAYS), 0);
	put_byte(HUGE, 'x');		/* that is for the internal mount */
	ck_assert_int_eq(order_of(SUB), 0);
	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_FORCE), 0);
	put_byte(2 * HUGE, 'x');
	ck_assert_int_eq(order_of(2 * SUB), HPAGE_PMD_ORDER);
}
END_TEST

START_TEST(within_size_looks_at_i_size)
{
	put_byte(0, 'x');
	ck_assert_int_eq(order_of(0), 0);
	ck_assert_int_eq(pinpage_ftruncate(file, 3 * HUGE - 1), 0);
	put_byte(HUGE, 'x');
	ck_assert_int_eq(order_of(SUB), HPAGE_PMD_ORDER);
	put_byte(2 * HUGE, 'x');
	ck_assert_int_eq(order_of(2 * SUB), HPAGE_PMD_ORDER);
	ck_assert_int_eq(pinpage_ftruncate(file, 4 * HUGE - (loff_pp)PAGE_SIZE), 0);
	put_byte(3 * HUGE, 'x');
	ck_assert_int_eq(order_of(3 * SUB), 0);
}
END_TEST

START_TEST(advise_needs_advice)
{
	struct page *head;

	put_byte(0, 'x');
	ck_assert_int_eq(order_of(0), 0);
	ck_assert_int_eq(pinpage_ftruncate(file, 3 * HUGE), 0);
	head = pp_filemap_fault_page(file, SUB + 5, PP_HUGE_ADVISED);
	ck_assert_uint_eq(head->index, SUB);
	ck_assert(PageHead(head) && PageUptodate(head));
	pp_unlock_page(head);
	pp_unref(head);
	head = pp_filemap_fault_page(file, 2 * SUB + 5, PP_HUGE_REFUSED);
	ck_assert(!PageHead(head));
	pp_unlock_page(head);
	pp_unref(head);
}
END_TEST

START_TEST(limit_counts_all_of_it)
{
	put_byte(0, 'x');
	ck_assert_int_eq(order_of(0), HPAGE_PMD_ORDER);
	/* no room for another: small ones, as long as they fit */
	ck_assert_int_eq(put_byte(HUGE, 'x'), 1);
	ck_assert_int_eq(order_of(SUB), 0);
	ck_assert_int_eq(put_byte(HUGE + (loff_pp)PAGE_SIZE, 'x'), 1);
	ck_assert_int_eq(put_byte(HUGE + 2 * (loff_pp)PAGE_SIZE, 'x'), 1);
	ck_assert_int_eq(put_byte(HUGE + 3 * (loff_pp)PAGE_SIZE, 'x'), -ENOSPC);
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 0, HUGE), 0);
	ck_assert_int_eq(put_byte(HUGE + 3 * (loff_pp)PAGE_SIZE, 'x'), 1);
}
END_TEST

START_TEST(fallocate_reserves_folios)
{
	ck_assert_int_eq(pinpage_fallocate(file, 0, 10 * (loff_pp)PAGE_SIZE, HUGE), 0);
	ck_assert_int_eq(order_of(0), HPAGE_PMD_ORDER);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 2 * SUB);
	ck_assert(!PageUptodate((struct page *)pp_xa_load(&mapping->i_pages, 0)));
	ck_assert_int_eq(byte_at(0), 0);
	put_byte(3, 'x');
	ck_assert_int_eq(byte_at(3), 'x');
	ck_assert_int_eq(byte_at(4 * (loff_pp)PAGE_SIZE), 0);
}
END_TEST

START_TEST(failed_fallocate_leaves_nothing)
{
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, HUGE + 3 * (loff_pp)PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 0, 2 * HUGE), 0);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, HUGE + 4 * (loff_pp)PAGE_SIZE), -ENOSPC);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 0);
}
END_TEST

/* without mm a folio is not split: what goes reads as zero */
START_TEST(cut_folio_is_zeroed)
{
	put_byte(HUGE - 1, 'x');
	put_byte(0, 'y');
	ck_assert_int_eq(pinpage_ftruncate(file, HUGE / 2 + 1), 0);
	ck_assert_int_eq(order_of(0), HPAGE_PMD_ORDER);
	ck_assert_int_eq(pinpage_ftruncate(file, HUGE), 0);
	ck_assert_int_eq(byte_at(HUGE - 1), 0);
	ck_assert_int_eq(byte_at(0), 'y');
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 0, (loff_pp)PAGE_SIZE), 0);
	ck_assert_int_eq(byte_at(0), 0);
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 0, HUGE), 0);
	ck_assert_int_eq(order_of(0), -1);
}
END_TEST

START_TEST(truncated_folio_outlives_the_file)
{
	struct page *page;

	put_byte(0, 'x');
	page = pinpage_find_get_page(mapping, 9);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert_int_eq(page_count(page), 1);
	ck_assert_ptr_null(page_file_mapping(compound_head(page)));
	ck_assert_uint_eq(pinpage_file_blocks(file), 0);
	pinpage_put_page(page);
}
END_TEST

START_TEST(drop_caches_leaves_dirty_folios)
{
	put_byte(0, 'x');
	ck_assert_uint_eq(pinpage_invalidate_mapping_pages(mapping, 0, ~0UL), 0);
	ClearPageDirty((struct page *)pp_xa_load(&mapping->i_pages, 0));
	ck_assert_uint_eq(pinpage_invalidate_mapping_pages(mapping, 0, ~0UL), SUB);
	ck_assert_int_eq(order_of(0), -1);
}
END_TEST

START_TEST(wrong_setting_einval)
{
	struct pinpage_mount_options with = { .huge = PINPAGE_HUGE_DENY };
	struct super_block *other;

	ck_assert_int_eq(pinpage_mount("tmpfs", &with, &other), -EINVAL);
	with.huge = PINPAGE_HUGE_FORCE;
	ck_assert_int_eq(pinpage_mount("tmpfs", &with, &other), -EINVAL);
	ck_assert_int_eq(pinpage_set_shmem_enabled((enum pinpage_huge)6), -EINVAL);
	ck_assert_int_eq(pinpage_set_shmem_enabled((enum pinpage_huge)-1), -EINVAL);
}
END_TEST

Suite *shmem_huge_suite(void)
{
	Suite *suite = suite_create("shmem_huge");

	mem_test_fixture(suite, "always", write_makes_a_folio, up_always);
	mem_test_fixture(suite, "lookup", lookups_find_the_very_page, up_always);
	mem_test_fixture(suite, "bytes", bytes_cross_folios, up_always);
	mem_test_fixture(suite, "in the way", page_in_the_way_small, up_always);
	mem_test_fixture(suite, "all mounts", setting_of_all_mounts, up_never);
	mem_test_fixture(suite, "within", within_size_looks_at_i_size, up_within);
	mem_test_fixture(suite, "advise", advise_needs_advice, up_advise);
	mem_test_fixture(suite, "limit", limit_counts_all_of_it, up_limited);
	mem_test_fixture(suite, "fallocate", fallocate_reserves_folios, up_always);
	mem_test_fixture(suite, "undo", failed_fallocate_leaves_nothing, up_limited);
	mem_test_fixture(suite, "cut", cut_folio_is_zeroed, up_always);
	mem_test_fixture(suite, "orphan", truncated_folio_outlives_the_file, up_always);
	mem_test_fixture(suite, "drop", drop_caches_leaves_dirty_folios, up_always);
	mem_test_fixture(suite, "einval", wrong_setting_einval, up_never);
	return suite;
}
