// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Iterators: where they stand, and what is taken of the pages under them
 * (semantics 1.3, iov_iter_get_pages2() and iov_iter_extract_pages()).
 */
#include "suites.h"

#include "machine.h"

static struct iov_iter iter;
static struct page *slots[8], **array;
static unsigned long addr;
static size_t start;

static void iter_up(const char *rules)
{
	up(rules);
	addr = anon(8, true);
	array = slots;
	start = 99;
	stats_mark();
}

static void up_7_3(void) { iter_up("7.3"); }

static void *user(unsigned long offset)
{
	return (void *)(addr + offset);
}

START_TEST(get_pages_references_and_advances)
{
	iov_iter_ubuf(&iter, ITER_SOURCE, user(100), 3 * PAGE_SIZE);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, 2 * PAGE_SIZE, 8,
					     &start), 2 * PAGE_SIZE);
	ck_assert_uint_eq(start, 100);
	ck_assert_uint_eq(iov_iter_count(&iter), PAGE_SIZE);
	ck_assert_int_eq(count_at(addr), 2);
	ck_assert_int_eq(count_at(addr + 2 * PAGE_SIZE), 2);
	ck_assert_int_eq(acquired(), 0);
	release_pages(slots, 3);
	iov_iter_revert(&iter, 2 * PAGE_SIZE);
	ck_assert_uint_eq(iov_iter_count(&iter), 3 * PAGE_SIZE);
	ck_assert_uint_eq(iter.iov_offset, 0);
}
END_TEST

START_TEST(maxpages_limits_the_bytes)
{
	iov_iter_ubuf(&iter, ITER_SOURCE, user(100), 3 * PAGE_SIZE);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, 3 * PAGE_SIZE, 1,
					     &start), PAGE_SIZE - 100);
	put_page(slots[0]);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, 3 * PAGE_SIZE, 8,
					     &start), 2 * PAGE_SIZE + 100);
	ck_assert_uint_eq(start, 0);
	release_pages(slots, 3);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, PAGE_SIZE, 8,
					     &start), 0);
}
END_TEST

START_TEST(extract_pins_user_memory)
{
	iov_iter_ubuf(&iter, ITER_DEST, user(0), 4 * PAGE_SIZE);
	ck_assert(iov_iter_extract_will_pin(&iter));
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, 4 * PAGE_SIZE,
						8, 0, &start), 4 * PAGE_SIZE);
	ck_assert_uint_eq(start, 0);
	ck_assert_int_eq(acquired(), 4);
	ck_assert(page_maybe_dma_pinned(slots[3]));
	unpin_user_pages(slots, 4);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), 0);
}
END_TEST

/* a destination is written to, a source may be read only */
START_TEST(direction_decides_about_writing)
{
	unsigned long at = map(1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS);

	iov_iter_ubuf(&iter, ITER_DEST, (void *)at, PAGE_SIZE);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, PAGE_SIZE, 1,
					     &start), -EFAULT);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, PAGE_SIZE, 1,
						0, &start), -EFAULT);
	ck_assert_uint_eq(iov_iter_count(&iter), PAGE_SIZE);
	iov_iter_ubuf(&iter, ITER_SOURCE, (void *)at, PAGE_SIZE);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, PAGE_SIZE, 1,
						0, &start), PAGE_SIZE);
	unpin_user_page(slots[0]);
}
END_TEST

START_TEST(nofault_efault)
{
	unsigned long at = anon(2, false);

	put_byte(at, 1);
	iov_iter_ubuf(&iter, ITER_DEST, (void *)at, 2 * PAGE_SIZE);
	iter.nofault = true;
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, 2 * PAGE_SIZE,
						8, 0, &start), PAGE_SIZE);
	unpin_user_page(slots[0]);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, PAGE_SIZE, 8,
						0, &start), -EFAULT);
}
END_TEST

START_TEST(segments_come_one_by_one)
{
	const struct iovec iov[] = {
		{ user(0), 0 }, { user(10), 20 }, { user(0), 0 },
		{ user(PAGE_SIZE), PAGE_SIZE },
	};

	iov_iter_init(&iter, ITER_SOURCE, iov, 4, 20 + PAGE_SIZE);
	ck_assert_int_eq(iov_iter_npages(&iter, 8), 2);
	ck_assert_int_eq(iov_iter_npages(&iter, 1), 1);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, 8 * PAGE_SIZE, 8,
					     &start), 20);
	ck_assert_uint_eq(start, 10);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots + 1, 8 * PAGE_SIZE,
					     7, &start), PAGE_SIZE);
	ck_assert_ptr_eq(slots[1], page_at(addr + PAGE_SIZE));
	release_pages(slots, 2);
	iov_iter_revert(&iter, PAGE_SIZE + 5);
	ck_assert_uint_eq(iov_iter_count(&iter), PAGE_SIZE + 5);
	ck_assert_ptr_eq(iter.iov, iov + 1);
	ck_assert_uint_eq(iter.iov_offset, 15);
	iov_iter_advance(&iter, 6);
	ck_assert_ptr_eq(iter.iov, iov + 3);
	ck_assert_uint_eq(iter.iov_offset, 1);
	iov_iter_advance(&iter, 9 * PAGE_SIZE);
	ck_assert_uint_eq(iov_iter_count(&iter), 0);
}
END_TEST

START_TEST(bvec_takes_references_or_nothing)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 1);
	const struct bio_vec bvec = {
		.bv_page = page, .bv_len = PAGE_SIZE, .bv_offset = 512,
	};

	iov_iter_bvec(&iter, ITER_SOURCE, &bvec, 1, PAGE_SIZE);
	ck_assert(!iov_iter_extract_will_pin(&iter));
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, PAGE_SIZE, 8,
						0, &start), PAGE_SIZE);
	ck_assert_uint_eq(start, 512);
	ck_assert_ptr_eq(slots[1], page + 1);
	ck_assert_int_eq(page_count(page), 1);
	iov_iter_revert(&iter, PAGE_SIZE);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, PAGE_SIZE, 8,
					     &start), PAGE_SIZE);
	ck_assert_int_eq(page_count(page), 3);
	release_pages(slots, 2);
	__free_pages(page, 1);
}
END_TEST

START_TEST(kvec_is_extracted_not_referenced)
{
	struct page *page = alloc_page(GFP_KERNEL);
	const struct kvec kvec = {
		.iov_base = (char *)page_address(page) + 8, .iov_len = 100,
	};

	iov_iter_kvec(&iter, ITER_DEST, &kvec, 1, 100);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, 100, 8, &start),
			 -EFAULT);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, 100, 8, 0,
						&start), 100);
	ck_assert_uint_eq(start, 8);
	ck_assert_ptr_eq(slots[0], page);
	ck_assert_int_eq(page_count(page), 1);
	__free_page(page);
}
END_TEST

START_TEST(foreign_address_efault)
{
	static char outside[16];
	const struct kvec kvec = { .iov_base = outside, .iov_len = 16 };

	iov_iter_kvec(&iter, ITER_DEST, &kvec, 1, 16);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, 16, 8, 0,
						&start), -EFAULT);
}
END_TEST

START_TEST(page_cache_up_to_the_first_gap)
{
	struct super_block *sb;
	struct file *file;
	char byte = 'x';

	ck_assert_int_eq(pinpage_mount("ramfs", NULL, &sb), 0);
	file = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(pinpage_ftruncate(file, 4 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_pwrite(file, &byte, 1, 0), 1);
	ck_assert_int_eq(pinpage_pwrite(file, &byte, 1, PAGE_SIZE), 1);
	pinpage_iov_iter_xarray(&iter, ITER_SOURCE, pinpage_file_mapping(file),
				16, 3 * PAGE_SIZE);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, 3 * PAGE_SIZE,
						8, 0, &start),
			 2 * PAGE_SIZE - 16);
	ck_assert_uint_eq(start, 16);
	ck_assert_int_eq(page_count(slots[0]), 1);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, PAGE_SIZE, 8,
						0, &start), 0);
	iov_iter_revert(&iter, 2 * PAGE_SIZE - 16);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, PAGE_SIZE - 16, 8,
					     &start), PAGE_SIZE - 16);
	ck_assert_int_eq(page_count(slots[0]), 2);
	put_page(slots[0]);
	ck_assert_int_eq(filp_close(file, NULL), 0);
	ck_assert_int_eq(pinpage_umount(sb), 0);
}
END_TEST

START_TEST(discard_has_no_pages)
{
	iov_iter_discard(&iter, ITER_DEST, 100);
	ck_assert_int_eq(iov_iter_npages(&iter, 8), 0);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, 100, 8, &start),
			 -EFAULT);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, 100, 8, 0,
						&start), -EFAULT);
	iov_iter_advance(&iter, 60);
	iov_iter_revert(&iter, 10);
	ck_assert_uint_eq(iov_iter_count(&iter), 50);
}
END_TEST

START_TEST(array_is_made_on_request)
{
	struct page **made = NULL;

	iov_iter_ubuf(&iter, ITER_SOURCE, user(0), 8 * PAGE_SIZE);
	ck_assert_int_eq(iov_iter_get_pages_alloc2(&iter, &made, SIZE_MAX,
						   &start), 8 * PAGE_SIZE);
	release_pages(made, 8);
	pinpage_free_page_array(made);
	made = NULL;
	iov_iter_revert(&iter, PAGE_SIZE);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &made, PAGE_SIZE, 8, 0,
						&start), PAGE_SIZE);
	unpin_user_page(made[0]);
	pinpage_free_page_array(made);
	pinpage_free_page_array(NULL);
	made = slots;
	iov_iter_ubuf(&iter, ITER_SOURCE, (void *)0x1000, PAGE_SIZE);
	ck_assert_int_eq(iov_iter_get_pages_alloc2(&iter, &made, PAGE_SIZE,
						   &start), -EFAULT);
	ck_assert_ptr_null(made);
}
END_TEST

START_TEST(no_array_enomem)
{
	struct page **made = NULL;

	iov_iter_ubuf(&iter, ITER_SOURCE, user(0), PAGE_SIZE);
	pinpage_inject_alloc(1);
	ck_assert_int_eq(iov_iter_get_pages_alloc2(&iter, &made, PAGE_SIZE,
						   &start), -ENOMEM);
	pinpage_inject_alloc(1);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &made, PAGE_SIZE, 1, 0,
						&start), -ENOMEM);
	pinpage_inject_alloc(0);
	ck_assert_ptr_null(made);
}
END_TEST

START_TEST(bad_arguments_einval)
{
	iov_iter_ubuf(&iter, ITER_SOURCE, user(0), PAGE_SIZE);
	ck_assert_int_eq(iov_iter_get_pages2(NULL, slots, 1, 8, &start),
			 -EINVAL);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, NULL, 1, 8, &start),
			 -EINVAL);
	ck_assert_int_eq(iov_iter_get_pages2(&iter, slots, 1, 0, &start),
			 -EINVAL);
	ck_assert_int_eq(iov_iter_get_pages_alloc2(&iter, NULL, 1, &start),
			 -EINVAL);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, 1, 8, 0, NULL),
			 -EINVAL);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, 1, 8, 2,
						&start), -EINVAL);
}
END_TEST

START_TEST(too_far_back_warns_and_stops)
{
	iov_iter_ubuf(&iter, ITER_SOURCE, user(0), 100);
	iov_iter_advance(&iter, 10);
	iov_iter_revert(&iter, 20);
	ck_assert_uint_eq(iov_iter_count(&iter), 100);
	iov_iter_truncate(&iter, 7);
	ck_assert_uint_eq(iov_iter_count(&iter), 7);
	iov_iter_revert(&iter, SIZE_MAX);
	ck_assert_uint_eq(iov_iter_count(&iter), 7);
	ck_assert_uint_eq(iov_iter_rw(&iter), ITER_SOURCE);
}
END_TEST

START_TEST(old_form_does_not_advance)
{
	iov_iter_ubuf(&iter, ITER_SOURCE, user(0), PAGE_SIZE);
	ck_assert_int_eq(iov_iter_get_pages(&iter, slots, PAGE_SIZE, 8,
					    &start), PAGE_SIZE);
	ck_assert_uint_eq(iov_iter_count(&iter), PAGE_SIZE);
	put_page(slots[0]);
}
END_TEST

START_TEST(p2pdma_only_where_gup_knows_it)
{
	iter_up("6.1");
	iov_iter_ubuf(&iter, ITER_SOURCE, user(0), PAGE_SIZE);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, PAGE_SIZE, 8,
						ITER_ALLOW_P2PDMA, &start),
			 -EINVAL);
	down();
	iter_up("7.3");
	iov_iter_ubuf(&iter, ITER_SOURCE, user(0), PAGE_SIZE);
	ck_assert_int_eq(iov_iter_extract_pages(&iter, &array, PAGE_SIZE, 8,
						ITER_ALLOW_P2PDMA, &start),
			 PAGE_SIZE);
	unpin_user_page(slots[0]);
	down();
}
END_TEST

Suite *iov_iter_suite(void)
{
	Suite *suite = suite_create("iov_iter");
	TCase *tc = tcase_create("7.3");

	tcase_add_checked_fixture(tc, up_7_3, down);
	tcase_add_test(tc, get_pages_references_and_advances);
	tcase_add_test(tc, maxpages_limits_the_bytes);
	tcase_add_test(tc, extract_pins_user_memory);
	tcase_add_test(tc, direction_decides_about_writing);
	tcase_add_test(tc, nofault_efault);
	tcase_add_test(tc, segments_come_one_by_one);
	tcase_add_test(tc, bvec_takes_references_or_nothing);
	tcase_add_test(tc, kvec_is_extracted_not_referenced);
	tcase_add_test(tc, foreign_address_efault);
	tcase_add_test(tc, page_cache_up_to_the_first_gap);
	tcase_add_test(tc, discard_has_no_pages);
	tcase_add_test(tc, array_is_made_on_request);
	tcase_add_test(tc, no_array_enomem);
	tcase_add_test(tc, bad_arguments_einval);
	tcase_add_test(tc, too_far_back_warns_and_stops);
	tcase_add_test(tc, old_form_does_not_advance);
	suite_add_tcase(suite, tc);
	pp_test_add(suite, p2pdma_only_where_gup_knows_it);
	return suite;
}
