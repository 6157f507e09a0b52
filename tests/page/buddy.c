// SPDX-License-Identifier: LGPL-2.1-or-later
/* Splitting and merging: lib/page/buddy.c */
#include "machine.h"

#include <string.h>

START_TEST(all_frames_merge_again)
{
	struct page *pages[FRAMES];
	unsigned long nr = 0, i;
	struct page *block;

	while ((pages[nr] = pp_alloc_page(0)))
		nr++;
	ck_assert_uint_eq(nr, 2047);
	for (i = 0; i < nr; i += 2)
		pp_unref(pages[i]);
	ck_assert_ptr_null(pp_alloc_pages(0, 2));
	for (i = 1; i < nr; i += 2)
		pp_unref(pages[i]);
	block = pp_alloc_pages(0, 10);
	ck_assert_ptr_nonnull(block);
	pp_free_pages(block, 10);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(hot_frames_given_up_for_a_block)
{
	struct page *pages[2047];
	struct page *block;
	int i;

	for (i = 0; i < 2047; i++)
		pages[i] = pp_alloc_page(0);
	ck_assert_ptr_null(pp_alloc_page(0));
	for (i = 0; i < 2047; i++)
		if (page_to_pfn(pages[i]) / 8 == 100)
			pp_unref(pages[i]);
	block = pp_alloc_pages(0, 3);
	ck_assert_ptr_nonnull(block);
	ck_assert_uint_eq(page_to_pfn(block), 800);
	pp_free_pages(block, 3);
	for (i = 0; i < 2047; i++)
		if (page_to_pfn(pages[i]) / 8 != 100)
			pp_unref(pages[i]);
}
END_TEST

START_TEST(uneven_zones_give_every_frame)
{
	struct page *page, *list = NULL;
	unsigned long nr = 0;

	machine_boot(&(struct machine){ .nr = 1237, .movable = 331,
					.cma = 77 });
	while ((page = pp_alloc_page(PINPAGE_GFP_MOVABLE))) {
		unsigned long pfn = page_to_pfn(page);

		ck_assert_uint_lt(pfn, 1237);
		ck_assert_int_eq(page->zone, pfn < 829 ? PP_ZONE_NORMAL :
				 pfn < 1160 ? PP_ZONE_MOVABLE : PP_ZONE_CMA);
		page->private = (unsigned long)list;
		list = page;
		nr++;
	}
	ck_assert_uint_eq(nr, 1236);
	while ((page = list)) {
		list = (struct page *)page->private;
		pp_unref(page);
	}
	ck_assert_uint_eq(pp_nr_free(), 1236);
	machine_down();
}
END_TEST

START_TEST(large_machine_boots_untouched)
{
	struct page *page;

	machine_boot(&(struct machine){ .nr = 1UL << 22 });	/* 16 GiB */
	ck_assert_uint_eq(pp_nr_free(), (1UL << 22) - 1);
	page = pp_alloc_pages(PINPAGE_GFP_COMP, 10);
	ck_assert_uint_lt(page_to_pfn(page), 2048);
	pp_unref(page);
	machine_down();
}
END_TEST

/*
 * Random blocks against an oracle: owner[pfn] is 1 + the slot that holds it.
 */
#define SLOTS 200

struct slot {
	struct page *page;
	unsigned int order;
	bool folio;
};

static unsigned char owner[1237];

static void oracle_take(const struct slot *slot, int nr)
{
	unsigned long pfn = page_to_pfn(slot->page), i;

	ck_assert_uint_eq(pfn % (1UL << slot->order), 0);
	for (i = 0; i < 1UL << slot->order; i++) {
		ck_assert_msg(!owner[pfn + i], "pfn %lu given out twice",
			      pfn + i);
		owner[pfn + i] = (unsigned char)(nr + 1);
	}
}

static void oracle_drop(const struct slot *slot, int nr)
{
	unsigned long pfn = page_to_pfn(slot->page), i;

	for (i = 0; i < 1UL << slot->order; i++) {
		ck_assert_uint_eq(owner[pfn + i], (unsigned char)(nr + 1));
		owner[pfn + i] = 0;
	}
}

static void slot_drop(struct slot *slot, int nr)
{
	oracle_drop(slot, nr);
	if (slot->folio)
		pp_unref(slot->page + (1UL << slot->order) / 2);
	else
		pp_free_pages(slot->page, slot->order);
	slot->page = NULL;
}

static void slot_take(struct slot *slot, int nr, uint64_t dice)
{
	pinpage_gfp_t gfp = dice & 1 ? PINPAGE_GFP_MOVABLE : 0;

	slot->order = (unsigned int)(dice >> 8) % 7;
	slot->order = slot->order > 4 ? 0 : slot->order;
	slot->folio = slot->order && dice & 2;
	if (slot->folio)
		gfp |= PINPAGE_GFP_COMP;
	slot->page = pp_alloc_pages(gfp, slot->order);
	if (slot->page)
		oracle_take(slot, nr);
}

START_TEST(random_blocks_match_oracle)
{
	static struct slot slots[SLOTS];
	uint64_t seed = pp_test_seed();
	int i, step;

	memset(owner, 0, sizeof(owner));
	machine_boot(&(struct machine){ .nr = 1237, .movable = 331,
					.cma = 77 });
	for (step = 0; step < 200000; step++) {
		uint64_t dice = pp_test_random(&seed);

		i = (int)(dice >> 32) % SLOTS;
		i = i < 0 ? -i : i;
		if (slots[i].page)
			slot_drop(&slots[i], i);
		else
			slot_take(&slots[i], i, dice);
		if (step % 5000 == 0)
			ck_assert_int_eq(pp_buddy_check(), 0);
	}
	for (i = 0; i < SLOTS; i++)
		if (slots[i].page)
			slot_drop(&slots[i], i);
	ck_assert_uint_eq(pp_nr_free(), 1236);
	machine_down();
}
END_TEST

Suite *buddy_suite(void)
{
	Suite *s = suite_create("page/buddy");

	on_machine(s, all_frames_merge_again, machine_up);
	on_machine(s, hot_frames_given_up_for_a_block, machine_up);
	pp_test_add(s, uneven_zones_give_every_frame);
	pp_test_add(s, large_machine_boots_untouched);
	tcase_set_timeout(pp_test_add(s, random_blocks_match_oracle), 120);
	return s;
}
