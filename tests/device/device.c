// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include "machine.h"

/* lib/device/device.h, which goes before the public headers or not at all */
void pp_device_shutdown(void);

START_TEST(create_gives_a_named_device)
{
	ck_assert_str_eq(pinpage_device_name(dev), "dev");
	ck_assert_str_eq(pinpage_device_name(NULL), "?");
}
END_TEST

START_TEST(create_misuse_einval)
{
	struct pinpage_device *other = dev;

	ck_assert_int_eq(pinpage_device_create(NULL, &other), -EINVAL);
	ck_assert_int_eq(pinpage_device_create("", &other), -EINVAL);
	ck_assert_int_eq(pinpage_device_create("x", NULL), -EINVAL);
	ck_assert_ptr_eq(other, dev);
	ck_assert_uint_eq(pinpage_warnings(), 3);
}
END_TEST

START_TEST(create_long_name_is_cut)
{
	struct pinpage_device *other;

	ck_assert_int_eq(pinpage_device_create("a-name-that-is-longer-than-it-may-be",
					       &other), 0);
	ck_assert_uint_eq(strlen(pinpage_device_name(other)), 23);
	pinpage_device_destroy(other);
}
END_TEST

START_TEST(create_without_memory_enomem)
{
	struct pinpage_device *other = NULL;
	unsigned long n;
	int error = -ENOMEM;

	for (n = 1; error == -ENOMEM; n++) {
		pinpage_inject_alloc(n);
		error = pinpage_device_create("other", &other);
		if (!injected())
			break;
		ck_assert_int_eq(error, -ENOMEM);
		ck_assert_ptr_null(other);
	}
	ck_assert_int_eq(error, 0);
	ck_assert_uint_gt(n, 1);
	pinpage_device_destroy(other);
}
END_TEST

START_TEST(destroy_null_does_nothing)
{
	pinpage_device_destroy(NULL);
	ck_assert_uint_eq(pinpage_warnings(), 0);
}
END_TEST

START_TEST(destroy_with_mappings_warns)
{
	struct page *page = alloc_filled(0, 0);
	struct pinpage_device *other;

	ck_assert_int_eq(pinpage_device_create("other", &other), 0);
	pinpage_dma_map_page(other, page, 0, PAGE_SIZE,
			     PINPAGE_DMA_TO_DEVICE);
	pinpage_device_destroy(other);
	ck_assert_uint_eq(pinpage_warnings(), 1);
	put_page(page);
}
END_TEST

START_TEST(shutdown_destroys_what_is_left)
{
	ck_assert_int_eq(pinpage_boot(NULL), 0);
	ck_assert_int_eq(pinpage_device_create("forgotten", &dev), 0);
	pp_device_shutdown();
	ck_assert_uint_eq(pinpage_warnings(), 1);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

START_TEST(shutdown_frees_forgotten_lists)
{
	struct pinpage_sg_table table;
	struct page *page;

	ck_assert_int_eq(pinpage_boot(NULL), 0);
	page = alloc_filled(0, 0);
	ck_assert_int_eq(pinpage_sg_alloc_table_from_pages(&table, &page, 1, 0,
							   PAGE_SIZE), 0);
	pp_device_shutdown();
	ck_assert_uint_eq(pinpage_warnings(), 1);
	put_page(page);
	ck_assert_int_eq(pinpage_shutdown(), 0);
	pinpage_sg_free_table(&table);
}
END_TEST

START_TEST(before_boot_everything_is_refused)
{
	char byte = 0;

	ck_assert_int_eq(pinpage_device_create("x", &dev), -EINVAL);
	ck_assert_int_eq(pinpage_device_write(NULL, 0, &byte, 1), -EINVAL);
	ck_assert_int_eq(pinpage_device_read(NULL, 0, &byte, 1), -EINVAL);
	ck_assert_int_eq(pinpage_dma_submit(NULL, NULL), -EINVAL);
	ck_assert_uint_eq(pinpage_dma_map_page(NULL, NULL, 0, 1,
					       PINPAGE_DMA_TO_DEVICE),
			  PINPAGE_DMA_MAPPING_ERROR);
	ck_assert_int_eq(pinpage_dma_map_sg(NULL, NULL, 1,
					    PINPAGE_DMA_TO_DEVICE), 0);
	ck_assert_int_eq(pinpage_account_locked_vm(NULL, 1, true), -EINVAL);
	ck_assert_int_eq(pinpage_account_pinned_vm(NULL, 1, true), -EINVAL);
}
END_TEST

Suite *device_suite(void)
{
	static const TTest *tests[8];
	Suite *suite = suite_create("device");
	size_t n = 0;

	tests[n++] = create_gives_a_named_device;
	tests[n++] = create_misuse_einval;
	tests[n++] = create_long_name_is_cut;
	tests[n++] = create_without_memory_enomem;
	tests[n++] = destroy_null_does_nothing;
	tests[n++] = destroy_with_mappings_warns;
	add_both(suite, "create and destroy", tests);
	pp_test_add(suite, shutdown_destroys_what_is_left);
	pp_test_add(suite, shutdown_frees_forgotten_lists);
	pp_test_add(suite, before_boot_everything_is_refused);
	return suite;
}
