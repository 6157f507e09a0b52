// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include "machine.h"

#define FROM	PINPAGE_DMA_FROM_DEVICE
#define TO	PINPAGE_DMA_TO_DEVICE

static pinpage_dma_addr_t map(struct page *page, size_t offset, size_t size,
			      enum pinpage_dma_direction dir)
{
	pinpage_dma_addr_t addr = pinpage_dma_map_page(dev, page, offset, size,
						       dir);

	ck_assert_int_eq(pinpage_dma_mapping_error(dev, addr), 0);
	return addr;
}

START_TEST(write_reaches_the_frame)
{
	struct page *page = alloc_filled(0, 'a');
	pinpage_dma_addr_t addr = map(page, 0, PAGE_SIZE, FROM);

	ck_assert_int_eq(pinpage_device_write(dev, addr + 10, "xyz", 3), 0);
	ck_assert_int_eq(memcmp((char *)page_address(page) + 9, "axyza", 5), 0);
	pinpage_dma_unmap_page(dev, addr, PAGE_SIZE, FROM);
	put_page(page);
}
END_TEST

START_TEST(read_fetches_from_the_frame)
{
	struct page *page = alloc_filled(0, 'a');
	pinpage_dma_addr_t addr = map(page, 100, 50, TO);
	char buf[50] = "";

	ck_assert_int_eq(pinpage_device_read(dev, addr, buf, 50), 0);
	ck_assert_int_eq(buf[0], 'a');
	ck_assert_int_eq(buf[49], 'a');
	pinpage_dma_unmap_page(dev, addr, 50, TO);
	put_page(page);
}
END_TEST

START_TEST(address_keeps_the_offset_in_the_page)
{
	struct page *page = alloc_filled(0, 0);
	pinpage_dma_addr_t addr = map(page, 100, 50, TO);

	ck_assert_uint_eq(addr & (PAGE_SIZE - 1), 100);
	pinpage_dma_unmap_page(dev, addr, 50, TO);
	put_page(page);
}
END_TEST

START_TEST(range_across_a_folio_is_one_mapping)
{
	struct page *folio = alloc_filled(2, 'a');
	pinpage_dma_addr_t addr = map(folio, PAGE_SIZE - 2, 2 * PAGE_SIZE, FROM);
	char buf[2 * 4096];

	memset(buf, 'b', sizeof(buf));
	ck_assert_int_eq(pinpage_device_write(dev, addr, buf, sizeof(buf)), 0);
	ck_assert_int_eq(byte_at(folio, PAGE_SIZE - 3), 'a');
	ck_assert_int_eq(byte_at(folio, PAGE_SIZE - 2), 'b');
	ck_assert_int_eq(byte_at(folio, 3 * PAGE_SIZE - 3), 'b');
	ck_assert_int_eq(byte_at(folio, 3 * PAGE_SIZE - 2), 'a');
	pinpage_dma_unmap_page(dev, addr, 2 * PAGE_SIZE, FROM);
	put_page(folio);
}
END_TEST

START_TEST(unmapped_address_efault)
{
	struct page *page = alloc_filled(0, 'a');
	pinpage_dma_addr_t addr = map(page, 0, 100, FROM);
	char buf[200] = "";

	ck_assert_int_eq(pinpage_device_write(dev, 0, buf, 1), -EFAULT);
	ck_assert_int_eq(pinpage_device_write(dev, addr, buf, 101), -EFAULT);
	ck_assert_int_eq(pinpage_device_write(dev, addr + 100, buf, 1), -EFAULT);
	ck_assert_int_eq(pinpage_device_write(dev, addr - 1, buf, 2), -EFAULT);
	ck_assert_int_eq(pinpage_device_read(dev, ~0ull, buf, 200), -EFAULT);
	ck_assert_int_eq(byte_at(page, 0), 'a');
	pinpage_dma_unmap_page(dev, addr, 100, FROM);
	ck_assert_int_eq(pinpage_device_write(dev, addr, buf, 1), -EFAULT);
	ck_assert_uint_gt(pinpage_warnings(), 0);
	put_page(page);
}
END_TEST

START_TEST(addresses_are_never_used_again)
{
	struct page *page = alloc_filled(0, 0);
	pinpage_dma_addr_t first = map(page, 0, PAGE_SIZE, FROM);
	pinpage_dma_addr_t second;

	pinpage_dma_unmap_page(dev, first, PAGE_SIZE, FROM);
	second = map(page, 0, PAGE_SIZE, FROM);
	ck_assert_uint_gt(second, first);
	ck_assert_int_eq(pinpage_device_write(dev, first, "x", 1), -EFAULT);
	pinpage_dma_unmap_page(dev, second, PAGE_SIZE, FROM);
	put_page(page);
}
END_TEST

START_TEST(wrong_direction_eacces)
{
	struct page *page = alloc_filled(0, 'a');
	pinpage_dma_addr_t to = map(page, 0, 8, TO);
	pinpage_dma_addr_t from = map(page, 8, 8, FROM);
	char byte = 'b';

	ck_assert_int_eq(pinpage_device_write(dev, to, &byte, 1), -EACCES);
	ck_assert_int_eq(pinpage_device_read(dev, from, &byte, 1), -EACCES);
	ck_assert_int_eq(byte_at(page, 0), 'a');
	ck_assert_int_eq(byte, 'b');
	ck_assert_uint_gt(pinpage_warnings(), 0);
	pinpage_dma_unmap_page(dev, to, 8, TO);
	pinpage_dma_unmap_page(dev, from, 8, FROM);
	put_page(page);
}
END_TEST

START_TEST(bidirectional_allows_both)
{
	struct page *page = alloc_filled(0, 'a');
	pinpage_dma_addr_t addr = map(page, 0, 8, PINPAGE_DMA_BIDIRECTIONAL);
	char byte = 'b';

	ck_assert_int_eq(pinpage_device_write(dev, addr, &byte, 1), 0);
	ck_assert_int_eq(pinpage_device_read(dev, addr + 1, &byte, 1), 0);
	ck_assert_int_eq(byte, 'a');
	pinpage_dma_unmap_page(dev, addr, 8, PINPAGE_DMA_BIDIRECTIONAL);
	put_page(page);
}
END_TEST

START_TEST(access_misuse_einval)
{
	char byte = 0;

	ck_assert_int_eq(pinpage_device_write(NULL, 0, &byte, 1), -EINVAL);
	ck_assert_int_eq(pinpage_device_write(dev, 0, NULL, 1), -EINVAL);
	ck_assert_int_eq(pinpage_device_read(dev, 0, NULL, 1), -EINVAL);
	ck_assert_int_eq(pinpage_device_write(dev, 0, NULL, 0), 0);
}
END_TEST

START_TEST(map_misuse_is_a_mapping_error)
{
	struct page *page = alloc_filled(0, 0);
	const struct {
		struct pinpage_device *dev;
		struct page *page;
		size_t offset, size;
		int dir;
	} bad[] = {
		{ NULL, page, 0, 1, TO }, { dev, NULL, 0, 1, TO },
		{ dev, page, 0, 0, TO }, { dev, page, 0, ~0ul, TO },
		{ dev, page, ~0ul, 1, TO },
		{ dev, page, 0, 1, PINPAGE_DMA_NONE }, { dev, page, 0, 1, 9 },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		pinpage_dma_addr_t addr =
			pinpage_dma_map_page(bad[i].dev, bad[i].page,
					     bad[i].offset, bad[i].size,
					     (enum pinpage_dma_direction)bad[i].dir);

		ck_assert_int_eq(pinpage_dma_mapping_error(dev, addr), -ENOMEM);
	}
	ck_assert_uint_gt(pinpage_warnings(), 0);
	put_page(page);
}
END_TEST

START_TEST(map_without_memory_is_a_mapping_error)
{
	struct page *page = alloc_filled(0, 0);
	pinpage_dma_addr_t addr;

	pinpage_inject_alloc(1);
	addr = pinpage_dma_map_page(dev, page, 0, 1, TO);
	ck_assert(injected());
	ck_assert_int_eq(pinpage_dma_mapping_error(dev, addr), -ENOMEM);
	ck_assert_uint_eq(pinpage_warnings(), 0);
	put_page(page);
}
END_TEST

START_TEST(unmap_misuse_warns)
{
	struct page *page = alloc_filled(0, 0);
	pinpage_dma_addr_t addr = map(page, 0, 100, TO);

	pinpage_dma_unmap_page(NULL, addr, 100, TO);
	pinpage_dma_unmap_page(dev, addr + 1, 99, TO);
	ck_assert_uint_eq(pinpage_warnings(), 2);
	pinpage_dma_unmap_page(dev, addr, 99, TO);
	ck_assert_uint_eq(pinpage_warnings(), 3);
	pinpage_dma_unmap_page(dev, addr, 100, TO);
	ck_assert_uint_eq(pinpage_warnings(), 4);
	put_page(page);
}
END_TEST

/* what the last DMA event said */
static struct pinpage_event seen;
static unsigned int nr_seen;

static void see(struct pinpage_subscriber *self,
		const struct pinpage_event *event)
{
	(void)self;
	seen = *event;
	nr_seen++;
}

START_TEST(write_emits_an_event_a_page)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_DMA_WRITE),
		.order = PINPAGE_ORDER_TRACE, .fn = see,
	};
	struct page *folio = alloc_filled(1, 0);
	pinpage_dma_addr_t addr = map(folio, PAGE_SIZE - 1, 3, FROM);

	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	ck_assert_int_eq(pinpage_device_write(dev, addr, "xyz", 3), 0);
	ck_assert_int_eq(pinpage_unsubscribe(&sub), 0);
	ck_assert_uint_eq(nr_seen, 2);
	ck_assert_ptr_eq(seen.page, folio + 1);
	ck_assert_int_eq(seen.arg, 0);
	ck_assert_uint_eq(seen.len, 2);
	ck_assert_str_eq(seen.name, "dev");
	pinpage_dma_unmap_page(dev, addr, 3, FROM);
	put_page(folio);
}
END_TEST

START_TEST(many_mappings_are_found)
{
	struct page *page = alloc_filled(0, 0);
	pinpage_dma_addr_t addr[1000];
	char byte;
	int i;

	for (i = 0; i < 1000; i++)
		addr[i] = map(page, (size_t)i, 1, FROM);
	for (i = 999; i >= 0; i--) {
		byte = (char)i;
		ck_assert_int_eq(pinpage_device_write(dev, addr[i], &byte, 1), 0);
	}
	for (i = 0; i < 1000; i++) {
		ck_assert_int_eq(byte_at(page, (size_t)i), (char)i);
		pinpage_dma_unmap_page(dev, addr[i * 7 % 1000], 1, FROM);
	}
	ck_assert_uint_eq(pinpage_warnings(), 0);
	put_page(page);
}
END_TEST

Suite *map_suite(void)
{
	static const TTest *tests[20];
	Suite *suite = suite_create("map");
	size_t n = 0;

	tests[n++] = write_reaches_the_frame;
	tests[n++] = read_fetches_from_the_frame;
	tests[n++] = address_keeps_the_offset_in_the_page;
	tests[n++] = range_across_a_folio_is_one_mapping;
	tests[n++] = unmapped_address_efault;
	tests[n++] = addresses_are_never_used_again;
	tests[n++] = wrong_direction_eacces;
	tests[n++] = bidirectional_allows_both;
	tests[n++] = access_misuse_einval;
	tests[n++] = map_misuse_is_a_mapping_error;
	tests[n++] = map_without_memory_is_a_mapping_error;
	tests[n++] = unmap_misuse_warns;
	tests[n++] = write_emits_an_event_a_page;
	tests[n++] = many_mappings_are_found;
	add_both(suite, "mappings", tests);
	return suite;
}
