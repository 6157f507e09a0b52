// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * offers.c - which calls exist under the rules in force
 */
#include "gup/gup.h"

#include <string.h>

static bool always(const struct pinpage_rules *r) { (void)r; return true; }
static bool pin_api(const struct pinpage_rules *r) { return r->has_pin_api; }
static bool pin_unlocked(const struct pinpage_rules *r) { return r->has_pin_unlocked; }
static bool fast_only(const struct pinpage_rules *r) { return r->has_fast_only; }
static bool pin_fast_only(const struct pinpage_rules *r) { return r->has_pin_fast_only; }
static bool range_release(const struct pinpage_rules *r) { return r->has_range_release; }
static bool folio_release(const struct pinpage_rules *r) { return r->has_folio_release; }
static bool add_pin(const struct pinpage_rules *r) { return r->has_folio_add_pin; }
static bool add_pins(const struct pinpage_rules *r) { return r->has_folio_add_pins; }
static bool iov_extract(const struct pinpage_rules *r) { return r->has_iov_extract; }
/* the *_locked() forms went when NULL pages became an error: 5.18 */
static bool locked_get(const struct pinpage_rules *r)
{
	return r->args < PINPAGE_ARGS_5_18;
}
static bool locked_pin(const struct pinpage_rules *r)
{
	return locked_get(r) && r->has_pin_unlocked;
}
/* came when the fast fallback began to touch always: 6.3 to 6.5 */
static bool vma_remote(const struct pinpage_rules *r) { return r->fast_touch; }
static bool put_user(const struct pinpage_rules *r)
{
	return r->release_api == PINPAGE_RELEASE_PUT_USER;
}
static bool put_dirty(const struct pinpage_rules *r)
{
	return put_user(r) && r->has_put_dirty;
}
static bool unpin(const struct pinpage_rules *r)
{
	return r->release_api == PINPAGE_RELEASE_UNPIN;
}

static const struct {
	const char *name;
	bool (*offered)(const struct pinpage_rules *rules);
} calls[] = {
	{ "folio_add_pin", add_pin },
	{ "folio_add_pins", add_pins },
	{ "get_user_page_fast_only", fast_only },
	{ "get_user_page_vma_remote", vma_remote },
	{ "get_user_pages", always },
	{ "get_user_pages_fast", always },
	{ "get_user_pages_fast_only", fast_only },
	{ "get_user_pages_locked", locked_get },
	{ "get_user_pages_remote", always },
	{ "get_user_pages_unlocked", always },
	{ "iov_iter_extract_pages", iov_extract },
	{ "iov_iter_get_pages2", always },
	{ "iov_iter_get_pages_alloc2", always },
	{ "memfd_pin_folios", folio_release },
	{ "pin_user_pages", pin_api },
	{ "pin_user_pages_fast", pin_api },
	{ "pin_user_pages_fast_only", pin_fast_only },
	{ "pin_user_pages_locked", locked_pin },
	{ "pin_user_pages_remote", pin_api },
	{ "pin_user_pages_unlocked", pin_unlocked },
	{ "put_page", always },
	{ "put_user_page", put_user },
	{ "put_user_pages", put_user },
	{ "put_user_pages_dirty", put_dirty },
	{ "put_user_pages_dirty_lock", put_user },
	{ "unpin_folio", folio_release },
	{ "unpin_folios", folio_release },
	{ "unpin_user_folio", folio_release },
	{ "unpin_user_page", unpin },
	{ "unpin_user_page_range_dirty_lock", range_release },
	{ "unpin_user_pages", unpin },
	{ "unpin_user_pages_dirty_lock", unpin },
};

bool pinpage_offers(const char *kernel_function)
{
	size_t i;

	if (!kernel_function)
		return false;
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (!strcmp(calls[i].name, kernel_function))
			return calls[i].offered(pp_rules);
	return false;
}
