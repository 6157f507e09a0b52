// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * move_pages(), migrate_pages() and hinting faults on two nodes.
 */
#include "machine.h"
#include "suites.h"

#include <pinpage/migrate.h>

#define ALL PINPAGE_MPOL_MF_MOVE_ALL
#define ONE PINPAGE_MPOL_MF_MOVE

static void two_nodes(void)
{
	up_zones("6.1", 0, 0, 2);
}

static void reboot_two(const char *rules)
{
	down();
	up_zones(rules, 0, 0, 2);
}

static const int there[4] = { 1, 1, 1, 1 };

START_TEST(asking_moves_nothing)
{
	unsigned long addr = anon(1), hole = map(2, RW, PRIV);
	unsigned long at[] = { addr + 5, hole, 0x20000, hole + PAGE_SIZE };
	int status[4];

	ck_assert_int_eq(get(mm, hole + PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_move_pages(mm, 4, at, NULL, status, 0), 0);
	ck_assert_int_eq(status[0], 0);
	ck_assert_int_eq(status[1], -EFAULT);
	ck_assert_int_eq(status[2], -EFAULT);
	ck_assert_int_eq(status[3], -EFAULT);
}
END_TEST

START_TEST(slots_say_why)
{
	unsigned long a = anon(2), b = anon(1), hole = map(1, RW, PRIV);
	unsigned long at[] = { a, hole, 0x20000, a + PAGE_SIZE };
	struct mm_struct *child;
	int status[4] = { 77, 77, 77, 77 };

	ck_assert_int_eq(pinpage_move_pages(mm, 4, at, there, status, ONE), 0);
	ck_assert_int_eq(status[0], 1);
	ck_assert_int_eq(status[1], -EFAULT);
	ck_assert_int_eq(status[2], -EFAULT);
	ck_assert_int_eq(status[3], 1);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_move_pages(mm, 1, &b, there, status, ONE), 0);
	ck_assert_int_eq(status[0], -EACCES);
	ck_assert_int_eq(pinpage_move_pages(mm, 1, &b, there, status, ALL), 0);
	ck_assert_int_eq(status[0], 1);
	pinpage_mmput(child);
}
END_TEST

/* 6.12: a file's empty entry in every era, an anonymous one from then on */
START_TEST(empty_entry_enoent)
{
	unsigned long hole = map(1, RW, PRIV);
	unsigned long file = map(1, RW, SHARED);
	int status = 77;

	ck_assert_int_eq(pinpage_move_pages(mm, 1, &file, there, &status, ONE), 0);
	ck_assert_int_eq(status, -ENOENT);
	ck_assert_int_eq(pinpage_move_pages(mm, 1, &hole, there, &status, ONE), 0);
	ck_assert_int_eq(status, -EFAULT);
	reboot_two("6.12");
	hole = map(1, RW, PRIV);
	ck_assert_int_eq(pinpage_move_pages(mm, 1, &hole, there, &status, ONE), 0);
	ck_assert_int_eq(status, -ENOENT);
}
END_TEST

/* M06: the count of what stayed, its slot as it was */
START_TEST(pinned_page_is_counted)
{
	unsigned long a = anon(3), at[] = { a, a + PAGE_SIZE, a + 2 * PAGE_SIZE };
	struct page *page = pin(mm, a + PAGE_SIZE);
	int status[3] = { 77, 77, 77 };

	ck_assert_int_eq(pinpage_move_pages(mm, 1, at + 1, there, status, ONE), 1);
	ck_assert_int_eq(status[0], 77);
	ck_assert_int_eq(page_of(mm, at[1])->node, 0);
	/* a batch tells nothing about any of its pages */
	ck_assert_int_eq(pinpage_move_pages(mm, 3, at, there, status, ONE), 1);
	ck_assert_int_eq(status[0], 77);
	ck_assert_int_eq(page_of(mm, at[0])->node, 1);
	unpin(page);
	ck_assert_int_eq(pinpage_move_pages(mm, 3, at, there, status, ONE), 0);
	ck_assert_int_eq(status[1], 1);
	ck_assert_int_eq(get(mm, at[1]), 2);
}
END_TEST

START_TEST(what_is_not_tried_is_counted)
{
	unsigned long a = anon(3), at[] = { a, a + PAGE_SIZE, a + 2 * PAGE_SIZE };
	int nodes[] = { 1, 0, 1 }, status[3] = { 77, 77, 77 };
	struct page *page = pin(mm, a);

	ck_assert_int_eq(pinpage_move_pages(mm, 3, at, nodes, status, ONE), 3);
	ck_assert_int_eq(status[1], 77);
	unpin(page);
	ck_assert_int_eq(pinpage_move_pages(mm, 3, at, nodes, status, ONE), 0);
	ck_assert_int_eq(status[0], 1);
	ck_assert_int_eq(status[1], 0);
	ck_assert_int_eq(status[2], 1);
}
END_TEST

START_TEST(isolated_page_ebusy)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);
	int status = 77;

	ck_assert(pp_lru_isolate_page(page));
	ck_assert_int_eq(pinpage_move_pages(mm, 1, &addr, there, &status, ONE), 0);
	ck_assert_int_eq(status, -EBUSY);
	pp_lru_putback(page);
}
END_TEST

START_TEST(bad_calls_refused)
{
	unsigned long addr = anon(1);
	int bad = 2, status = 77;

	ck_assert_int_eq(pinpage_move_pages(mm, 1, &addr, &bad, &status, ONE), -ENODEV);
	ck_assert_int_eq(pinpage_move_pages(mm, 1, &addr, there, &status, 1), -EINVAL);
	ck_assert_int_eq(pinpage_move_pages(NULL, 1, &addr, there, &status, ONE), -EINVAL);
	ck_assert_int_eq(pinpage_move_pages(mm, 1, NULL, there, &status, ONE), -EINVAL);
	ck_assert_int_eq(pinpage_move_pages(mm, 0, NULL, NULL, NULL, 0), 0);
	ck_assert_int_eq(pinpage_migrate_pages(mm, 0, 1), -EINVAL);
	ck_assert_int_eq(pinpage_migrate_pages(mm, 1, 4), -EINVAL);
	ck_assert_int_eq(pinpage_migrate_pages(NULL, 1, 2), -EINVAL);
	ck_assert_int_eq(pinpage_change_prot_numa(NULL, 0, 1), -EINVAL);
	ck_assert_int_eq(pinpage_change_prot_numa(mm, 1, 0), -EINVAL);
}
END_TEST

START_TEST(process_leaves_a_node)
{
	unsigned long a = anon(3), i;
	struct page *page = pin(mm, a + PAGE_SIZE);

	ck_assert_int_eq(pinpage_migrate_pages(mm, 1, 2), 1);
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(page_of(mm, a + i * PAGE_SIZE)->node, i != 1);
		ck_assert_int_eq(get(mm, a + i * PAGE_SIZE), (int)i + 1);
	}
	unpin(page);
	ck_assert_int_eq(pinpage_migrate_pages(mm, 3, 2), 0);
	ck_assert_int_eq(page_of(mm, a + PAGE_SIZE)->node, 1);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_migrate_pages(mm, 2, 1), -ENOMEM);
}
END_TEST

START_TEST(only_root_moves_what_others_map)
{
	unsigned long addr = anon(1);
	struct mm_struct *child = pinpage_fork_mm(mm);
	struct user_struct *user = pinpage_alloc_uid();

	pinpage_mm_set_user(mm, user);
	ck_assert_int_eq(pinpage_migrate_pages(mm, 1, 2), 0);
	ck_assert_int_eq(page_of(mm, addr)->node, 0);
	pinpage_mm_set_user(mm, NULL);
	ck_assert_int_eq(pinpage_migrate_pages(mm, 1, 2), 0);
	ck_assert_int_eq(page_of(mm, addr)->node, 1);
	ck_assert_ptr_eq(page_of(child, addr), page_of(mm, addr));
	pinpage_free_uid(user);
	pinpage_mmput(child);
}
END_TEST

START_TEST(hint_brings_the_page)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_change_prot_numa(mm, addr, addr + 1), 1);
	ck_assert_uint_eq(pte_of(mm, addr) & PINPAGE_PTE_PRESENT, 0);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(page_of(mm, addr)->node, 0);
	ck_assert_int_eq(pinpage_change_prot_numa(mm, addr, addr + 1), 1);
	ck_assert_int_eq(pinpage_run_on_node(1), 0);
	put(mm, addr, 7);
	ck_assert_int_eq(page_of(mm, addr)->node, 1);
	ck_assert_int_eq(get(mm, addr), 7);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
}
END_TEST

START_TEST(area_without_rights_is_no_hint)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_NONE), 0);
	ck_assert_int_eq(pinpage_change_prot_numa(mm, addr, addr + 1), 0);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
}
END_TEST

/* with a pin or a plain reference on the private page: is it hinted? */
static void hinted(const char *rules, bool pinned, bool referenced)
{
	unsigned long addr;
	struct page *page;

	reboot(rules);
	addr = anon(1);
	page = pin(mm, addr);
	ck_assert_int_eq(pinpage_change_prot_numa(mm, addr, addr + 1), pinned);
	unpin(page);
	addr = anon(1);
	page = page_of(mm, addr);
	pinpage_get_page(page);
	ck_assert_int_eq(pinpage_change_prot_numa(mm, addr, addr + 1), referenced);
	pinpage_put_page(page);
}

START_TEST(who_is_skipped_changed)
{
	hinted("5.10", true, true);
	hinted("6.1", false, false);
	hinted("6.12", false, true);
}
END_TEST

/* bugs.md, numa-hint-vs-pin: the process leaves the page that a device has */
static bool diverges(const char *rules)
{
	unsigned long addr;
	struct page *page;
	bool apart;

	reboot(rules);
	addr = anon(1);
	page = pin(mm, addr);
	pinpage_change_prot_numa(mm, addr, addr + 1);
	get(mm, addr);
	put(mm, addr, 9);
	apart = page_of(mm, addr) != page;
	unpin(page);
	return apart;
}

START_TEST(hinting_parted_process_and_device)
{
	ck_assert(diverges("5.10"));
	ck_assert(!diverges("6.1"));
	ck_assert(!diverges("6.12"));
}
END_TEST

Suite *numa_suite(void)
{
	Suite *suite = suite_create("numa");

	on(suite, asking_moves_nothing, two_nodes);
	on(suite, slots_say_why, two_nodes);
	on(suite, empty_entry_enoent, two_nodes);
	on(suite, pinned_page_is_counted, two_nodes);
	on(suite, what_is_not_tried_is_counted, two_nodes);
	on(suite, isolated_page_ebusy, two_nodes);
	on(suite, bad_calls_refused, two_nodes);
	on(suite, process_leaves_a_node, two_nodes);
	on(suite, only_root_moves_what_others_map, two_nodes);
	on(suite, hint_brings_the_page, two_nodes);
	on(suite, area_without_rights_is_no_hint, two_nodes);
	on(suite, who_is_skipped_changed, two_nodes);
	on(suite, hinting_parted_process_and_device, two_nodes);
	return suite;
}
