// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"

#include "base/alloc.h"

struct pinpage_device *dev;

static void up(enum pinpage_engine engine)
{
	const struct pinpage_config config = {
		.engine = engine,
		.memory_pages = 4096,
		.mode = PINPAGE_CHECK_COLLECT,
	};

	ck_assert_int_eq(pinpage_boot(&config), 0);
	ck_assert_int_eq(pinpage_device_create("dev", &dev), 0);
}

void up_native(void) { up(PINPAGE_ENGINE_NATIVE); }
void up_fiber(void) { up(PINPAGE_ENGINE_FIBER); }

void down(void)
{
	pinpage_device_destroy(dev);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}

void add_both(Suite *suite, const char *name, const TTest *const *tests)
{
	static const struct {
		const char *suffix;
		void (*setup)(void);
	} engines[] = { { "native", up_native }, { "fiber", up_fiber } };
	static char names[16][40];	/* Check keeps them */
	static size_t used;
	size_t i, t;

	for (i = 0; i < 2; i++) {
		char *text = names[used++];
		TCase *tc;

		snprintf(text, sizeof(names[0]), "%s (%s)", name,
			 engines[i].suffix);
		tc = tcase_create(text);
		tcase_add_checked_fixture(tc, engines[i].setup, down);
		for (t = 0; tests[t]; t++)
			tcase_add_test(tc, tests[t]);
		suite_add_tcase(suite, tc);
	}
}

bool injected(void)
{
	bool fired = pp_inject_alloc_fired();

	pinpage_inject_alloc(0);
	return fired;
}

struct page *alloc_filled(unsigned int order, char byte)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, order);

	ck_assert_ptr_nonnull(page);
	memset(page_address(page), byte, PAGE_SIZE << order);
	return page;
}

char byte_at(struct page *page, size_t offset)
{
	return ((const char *)page_address(page))[offset];
}
