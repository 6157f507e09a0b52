// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include "machine.h"

#define FROM	PINPAGE_DMA_FROM_DEVICE

static struct page *folio;		/* 4 pages */
static struct page *single;
static struct page *pages[5];		/* 0 1 3 of the folio, single, 2 of it */

static void pages_up(void)
{
	folio = alloc_filled(2, 'a');
	single = alloc_filled(0, 'a');
	pages[0] = folio;
	pages[1] = folio + 1;
	pages[2] = folio + 3;
	pages[3] = single;
	pages[4] = folio + 2;
}

static void pages_down(void)
{
	put_page(single);
	put_page(folio);
}

START_TEST(neighbours_are_merged)
{
	struct pinpage_sg_table table;

	pages_up();
	ck_assert_int_eq(pinpage_sg_alloc_table_from_pages(&table, pages, 5, 100,
							   5 * PAGE_SIZE - 200),
			 0);
	ck_assert_uint_ge(table.nents, 3);
	ck_assert_uint_eq(table.sgl[0].length, 2 * PAGE_SIZE - 100);
	ck_assert_uint_eq(table.sgl[0].offset, 100);
	ck_assert_ptr_eq(pinpage_sg_page(&table.sgl[1]), folio + 3);
	ck_assert(table.sgl[table.nents - 1].last);
	pinpage_sg_free_table(&table);
	ck_assert_ptr_null(table.sgl);
	pages_down();
}
END_TEST

START_TEST(lengths_sum_up_to_the_size)
{
	struct pinpage_sg_table table;
	struct pinpage_scatterlist *sg;
	size_t sum = 0;

	pages_up();
	ck_assert_int_eq(pinpage_sg_alloc_table_from_pages(&table, pages, 5, 0,
							   4 * PAGE_SIZE + 1),
			 0);
	for (sg = table.sgl; sg; sg = pinpage_sg_next(sg))
		sum += sg->length;
	ck_assert_uint_eq(sum, 4 * PAGE_SIZE + 1);
	pinpage_sg_free_table(&table);
	pages_down();
}
END_TEST

START_TEST(table_misuse_einval)
{
	struct pinpage_sg_table table = { .nents = 77 };
	struct page *none = NULL;

	pages_up();
#define BAD(t, p, n, o, s) ck_assert_int_eq(				\
		pinpage_sg_alloc_table_from_pages(t, p, n, o, s), -EINVAL)
	BAD(NULL, pages, 1, 0, 1);
	BAD(&table, NULL, 1, 0, 1);
	BAD(&table, &none, 1, 0, 1);
	BAD(&table, pages, 0, 0, 1);
	BAD(&table, pages, 1, PAGE_SIZE, 1);
	BAD(&table, pages, 1, 0, 0);
	BAD(&table, pages, 1, 1, PAGE_SIZE);
	BAD(&table, pages, 1, 0, ~0ul);
	BAD(&table, pages, 2, 0, PAGE_SIZE);
#undef BAD
	ck_assert_uint_eq(table.nents, 77);
	ck_assert_uint_gt(pinpage_warnings(), 0);
	pages_down();
}
END_TEST

START_TEST(table_without_memory_enomem)
{
	struct pinpage_sg_table table = { .nents = 77 };

	pages_up();
	pinpage_inject_alloc(1);
	ck_assert_int_eq(pinpage_sg_alloc_table_from_pages(&table, pages, 1, 0, 1),
			 -ENOMEM);
	ck_assert(injected());
	ck_assert_uint_eq(table.nents, 77);
	pages_down();
}
END_TEST

START_TEST(list_by_hand_is_mapped)
{
	struct pinpage_scatterlist sgl[2];

	pages_up();
	pinpage_sg_init_table(sgl, 2);
	pinpage_sg_set_page(&sgl[0], single, 10, 5);
	pinpage_sg_set_page(&sgl[1], folio, PAGE_SIZE * 4, 0);
	ck_assert_ptr_eq(pinpage_sg_next(&sgl[0]), &sgl[1]);
	ck_assert_ptr_null(pinpage_sg_next(&sgl[1]));
	ck_assert_int_eq(pinpage_dma_map_sg(dev, sgl, 2, FROM), 2);
	ck_assert_int_eq(pinpage_device_write(dev, sgl[0].dma_address, "b", 1), 0);
	ck_assert_int_eq(byte_at(single, 5), 'b');
	ck_assert_uint_eq(sgl[1].dma_length, PAGE_SIZE * 4);
	pinpage_dma_unmap_sg(dev, sgl, 2, FROM);
	ck_assert_uint_eq(pinpage_warnings(), 0);
	pages_down();
}
END_TEST

START_TEST(list_misuse_warns)
{
	struct pinpage_scatterlist sgl[1];

	pages_up();
	pinpage_sg_init_table(NULL, 1);
	pinpage_sg_init_table(sgl, 0);
	pinpage_sg_init_table(sgl, 1);
	pinpage_sg_set_page(sgl, NULL, 1, 0);
	ck_assert_ptr_null(pinpage_sg_page(sgl));
	ck_assert_ptr_null(pinpage_sg_page(NULL));
	ck_assert_ptr_null(pinpage_sg_next(NULL));
	ck_assert_int_eq(pinpage_dma_map_sg(NULL, sgl, 1, FROM), 0);
	ck_assert_int_eq(pinpage_dma_map_sg(dev, NULL, 1, FROM), 0);
	ck_assert_int_eq(pinpage_dma_map_sg(dev, sgl, 0, FROM), 0);
	ck_assert_int_eq(pinpage_dma_map_sg(dev, sgl, 1, FROM), 0);
	pinpage_sg_set_page(sgl, single, 1, 0);
	ck_assert_int_eq(pinpage_dma_map_sg(dev, sgl, 2, FROM), 0);
	pinpage_dma_unmap_sg(dev, sgl, 0, FROM);
	ck_assert_uint_ge(pinpage_warnings(), 6);
	pages_down();
}
END_TEST

START_TEST(map_sg_without_memory_maps_nothing)
{
	struct pinpage_scatterlist sgl[2];

	pages_up();
	pinpage_sg_init_table(sgl, 2);
	pinpage_sg_set_page(&sgl[0], single, 10, 5);
	pinpage_sg_set_page(&sgl[1], folio, PAGE_SIZE, 0);
	pinpage_inject_alloc(2);
	ck_assert_int_eq(pinpage_dma_map_sg(dev, sgl, 2, FROM), 0);
	ck_assert(injected());
	ck_assert_uint_eq(sgl[0].dma_length, 0);
	ck_assert_uint_eq(pinpage_warnings(), 0);
	pages_down();
}
END_TEST

START_TEST(free_of_nothing_is_accepted)
{
	struct pinpage_sg_table table = { .sgl = NULL };

	pinpage_sg_free_table(NULL);
	pinpage_sg_free_table(&table);
	ck_assert_uint_eq(pinpage_warnings(), 0);
}
END_TEST

Suite *sg_suite(void)
{
	static const TTest *tests[12];
	Suite *suite = suite_create("sg");
	size_t n = 0;

	tests[n++] = neighbours_are_merged;
	tests[n++] = lengths_sum_up_to_the_size;
	tests[n++] = table_misuse_einval;
	tests[n++] = table_without_memory_enomem;
	tests[n++] = list_by_hand_is_mapped;
	tests[n++] = list_misuse_warns;
	tests[n++] = map_sg_without_memory_maps_nothing;
	tests[n++] = free_of_nothing_is_accepted;
	add_both(suite, "scatterlists", tests);
	return suite;
}
