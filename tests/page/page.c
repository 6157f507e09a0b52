// SPDX-License-Identifier: LGPL-2.1-or-later
/* Boot, shutdown, counts of mappings, descriptions: lib/page/page.c, arena.c */
#include "machine.h"

#include <errno.h>
#include <string.h>

START_TEST(boot_bad_sizes_einval)
{
	ck_assert_int_eq(pp_page_boot(0, 0, 0), -EINVAL);
	ck_assert_int_eq(pp_page_boot(15, 0, 0), -EINVAL);
	ck_assert_int_eq(pp_page_boot((1UL << 28) + 1, 0, 0), -EINVAL);
	ck_assert_int_eq(pp_page_boot(64, 49, 0), -EINVAL);
	ck_assert_int_eq(pp_page_boot(64, 24, 25), -EINVAL);
	ck_assert_int_eq(pp_page_boot(64, ~0UL, 2), -EINVAL);
	ck_assert_int_eq(pp_page_boot(64, 2, ~0UL), -EINVAL);
}
END_TEST

START_TEST(boot_without_memory_enomem)
{
	unsigned long nth;

	ck_assert_int_eq(pp_rules_boot(NULL), 0);
	ck_assert_int_eq(pp_exec_boot(PINPAGE_ENGINE_NATIVE), 0);
	for (nth = 1; nth <= 2; nth++) {
		pp_inject_alloc(nth);
		ck_assert_int_eq(pp_page_boot(64, 0, 0), -ENOMEM);
		ck_assert(pp_inject_alloc_fired());
		ck_assert_uint_eq(pp_nr_frames, 0);
	}
	pp_inject_alloc(3);
	ck_assert_int_eq(pp_page_boot(64, 0, 0), 0);
	pp_inject_alloc(0);
	ck_assert_uint_eq(pp_page_shutdown(NULL, NULL), 0);
	pp_exec_shutdown();
}
END_TEST

START_TEST(boot_shutdown_100000_times)
{
	int i;

	ck_assert_int_eq(pp_rules_boot(NULL), 0);
	ck_assert_int_eq(pp_exec_boot(PINPAGE_ENGINE_NATIVE), 0);
	for (i = 0; i < 100000; i++) {
		struct page *page;

		ck_assert(!pp_page_boot(256, 0, 0));
		page = pp_alloc_pages(PINPAGE_GFP_COMP, i % 8);
		ck_assert(page && page_ref_count(page) == 1);
		if (i % 1000)
			pp_unref(page);
		ck_assert(pp_page_shutdown(NULL, NULL) ==
			  (i % 1000 ? 0 : 1UL << i % 8));
	}
	pp_exec_shutdown();
}
END_TEST

static void note(struct page *page, void *priv)
{
	unsigned long *pfns = priv;

	pfns[++pfns[0]] = page_to_pfn(page);
}

START_TEST(shutdown_reports_what_is_in_use)
{
	unsigned long seen[8] = { 0 };
	struct page *small, *folio;

	machine_up();
	small = pp_alloc_page(0);
	folio = pp_alloc_pages(PINPAGE_GFP_COMP | PINPAGE_GFP_MOVABLE, 2);
	pp_lru_add(small);
	pp_machine_up = false;
	ck_assert_uint_eq(pp_page_shutdown(note, seen), 5);
	ck_assert_uint_eq(seen[0], 2);
	ck_assert_uint_eq(seen[1], page_to_pfn(small));
	ck_assert_uint_eq(seen[2], page_to_pfn(folio));
	pp_exec_shutdown();
	/* and the next machine knows nothing of it */
	machine_up();
	ck_assert_int_eq(page_ref_count(small), 0);
	ck_assert(!PageTail(folio + 1));
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
	machine_down();
}
END_TEST

START_TEST(next_machine_of_other_shape_is_sane)
{
	static const struct machine shapes[] = {
		{ .nr = 4096 }, { .nr = 4096, .movable = 1000 },
		{ .nr = 64 }, { .nr = 4096, .cma = 3000, .movable = 999 },
		{ .nr = 5000, .movable = 17, .cma = 4000 }, { .nr = 4096 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		unsigned long nr = 0;

		machine_boot(&shapes[i]);
		while (pp_alloc_page(PINPAGE_GFP_MOVABLE))
			nr++;
		ck_assert_uint_eq(nr, shapes[i].nr - 1);
		ck_assert_uint_eq(machine_shutdown(), nr);
		machine_boot(&shapes[i]);
		ck_assert_int_eq(pp_buddy_check(), 0);
		machine_down();
	}
}
END_TEST

START_TEST(zero_page_reads_zero)
{
	unsigned char *bytes = pinpage_page_address(pinpage_zero_page());
	size_t i;

	ck_assert(pinpage_is_zero_page(pp_zero_page));
	ck_assert(PageReserved(pp_zero_page));
	for (i = 0; i < PAGE_SIZE && !bytes[i]; i++)
		;
	ck_assert_uint_eq(i, PAGE_SIZE);
	bytes[7] = 1;		/* whatever was done to it ... */
	ck_assert_uint_eq(machine_shutdown(), 0);
	machine_up();		/* ... is gone with the machine */
	bytes = pinpage_page_address(pinpage_zero_page());
	ck_assert_uint_eq(bytes[7], 0);
}
END_TEST

START_TEST(mapcount_of_folio)
{
	struct page *head = pp_alloc_pages(PINPAGE_GFP_COMP, 2);

	ck_assert(!pp_page_mapped(head));
	atomic_inc(&head[2]._mapcount);
	ck_assert(pinpage_page_mapped(head));
	ck_assert(pp_page_mapped(head + 3));
	ck_assert_int_eq(pinpage_page_mapcount(head + 2), 1);
	ck_assert_int_eq(pinpage_page_mapcount(head), 0);
	atomic_inc(&head[1].entire_mapcount);
	ck_assert_int_eq(pp_page_mapcount(head + 2), 2);
	ck_assert_int_eq(pp_page_mapcount(head), 1);
	atomic_dec(&head[2]._mapcount);
	ck_assert(pp_page_mapped(head));
	atomic_dec(&head[1].entire_mapcount);
	ck_assert(!pp_page_mapped(head));
	pp_unref(head);
}
END_TEST

static void described_as(const struct page *page, const char *want)
{
	char text[160];
	int len = pinpage_page_describe(page, text, sizeof(text));

	ck_assert_str_eq(text, want);
	ck_assert_int_eq(len, (int)strlen(want));
}

START_TEST(describe_small_page)
{
	static int anon, file;
	struct page *page = pp_alloc_page(0);

	ck_assert_uint_eq(page_to_pfn(page), 1);
	described_as(page, "page pfn:1 ref:1 map:0");
	page->mapping = (char *)&anon + PAGE_MAPPING_ANON;
	atomic_inc(&page->_mapcount);
	SetPageDirty(page);
	SetPageUptodate(page);
	pp_lru_add(page);
	pp_ref(page);
	ck_assert(pp_pin_try(page, 1));
	described_as(page, "page pfn:1 anon ref:1026 map:1 "
		     "uptodate|dirty|lru pins<=1");
	pp_unpin(page, 1);
	pp_unref(page);
	page->mapping = &file;
	page->index = 7;
	described_as(page, "page pfn:1 file index:7 ref:1 map:1 "
		     "uptodate|dirty|lru");
	page->mapping = NULL;
	atomic_dec(&page->_mapcount);
	pp_unref(page);
	described_as(page, "page pfn:1 free ref:0 map:0");
	described_as(pp_zero_page,
		     "page pfn:0 zero ref:1 map:0 uptodate|reserved");
}
END_TEST

START_TEST(describe_folio)
{
	struct page *head = pp_alloc_pages(PINPAGE_GFP_COMP, 2);

	ck_assert(pp_pin_try(head, 3));
	described_as(head + 1,
		     "page pfn:5 folio:4+4 ref:4 map:0 head pins:3");
	pp_unpin(head, 3);
	pp_unref(head);
}
END_TEST

START_TEST(describe_short_buffer_truncates)
{
	char text[8];
	int len = pp_page_describe(pp_zero_page, NULL, 0);

	ck_assert_int_gt(len, 30);
	ck_assert_int_eq(pinpage_page_describe(pp_zero_page, text,
					       sizeof(text)), len);
	ck_assert_str_eq(text, "page pf");
	ck_assert_int_eq(pinpage_page_describe(NULL, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "");
	expect_warnings(1);
}
END_TEST

Suite *page_suite(void)
{
	Suite *s = suite_create("page/page");

	pp_test_add(s, boot_bad_sizes_einval);
	pp_test_add(s, boot_without_memory_enomem);
	tcase_set_timeout(pp_test_add(s, boot_shutdown_100000_times), 120);
	pp_test_add(s, shutdown_reports_what_is_in_use);
	pp_test_add(s, next_machine_of_other_shape_is_sane);
	on_machine(s, zero_page_reads_zero, machine_up);
	on_machine(s, mapcount_of_folio, machine_up);
	on_machine(s, describe_small_page, machine_up);
	on_machine(s, describe_folio, machine_up);
	on_machine(s, describe_short_buffer_truncates, machine_up);
	return s;
}
