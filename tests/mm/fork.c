// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

static struct mm_struct *fork_it(void)
{
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert(!IS_ERR(child));
	return child;
}

START_TEST(private_pages_are_shared_readonly)
{
	unsigned long addr = anon(1);
	struct mm_struct *child = fork_it();
	struct page *page = page_of(mm, addr);

	ck_assert_ptr_eq(page_of(child, addr), page);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert(!(pte_of(child, addr) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(page_count(page), 2);
	ck_assert_int_eq(pp_page_mapcount(page), 2);
	ck_assert(!PageAnonExclusive(page));
	pinpage_mmput(child);
}
END_TEST

START_TEST(writes_diverge)
{
	unsigned long addr = anon(1);
	struct mm_struct *child = fork_it();

	put(child, addr, 50);
	put(mm, addr, 60);
	ck_assert_int_eq(get(child, addr), 50);
	ck_assert_int_eq(get(mm, addr), 60);
	pinpage_mmput(child);
}
END_TEST

START_TEST(last_owner_keeps_page)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);

	pinpage_mmput(fork_it());
	put(mm, addr, 5);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(PageAnonExclusive(page));
}
END_TEST

/* F01, F03 */
START_TEST(pinned_page_stays_with_parent)
{
	unsigned long addr = anon(1);
	struct page *page = pin(mm, addr);
	struct mm_struct *child = fork_it();

	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert(PageAnonExclusive(page));
	ck_assert_ptr_ne(page_of(child, addr), page);
	ck_assert_int_eq(get(child, addr), 1);
	*(char *)page_address(page) = 42;
	ck_assert_int_eq(get(mm, addr), 42);
	ck_assert_int_eq(get(child, addr), 1);
	unpin(page);
	pinpage_mmput(child);
}
END_TEST

START_TEST(pinned_copy_is_told)
{
	unsigned long addr = anon(1);
	struct page *page = pin(mm, addr);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_FORK_PINNED);
	pinpage_mmput(fork_it());
	pinpage_unsubscribe(&ear.sub);
	ck_assert_uint_eq(ear.nr, 1);
	ck_assert_ptr_eq(ear.last.page, page);
	unpin(page);
}
END_TEST

/* before 5.9: shared, and the parent's next write leaves the pinned page */
START_TEST(pinned_page_diverges_under_old_rules)
{
	struct mm_struct *child;
	struct page *page;
	unsigned long addr;

	reboot("5.4");
	addr = anon(1);
	page = page_of(mm, addr);
	pp_ref(page);
	child = fork_it();
	ck_assert_ptr_eq(page_of(child, addr), page);
	put(mm, addr, 2);
	ck_assert_ptr_ne(page_of(mm, addr), page);
	pinpage_mmput(child);
	pp_unref(page);
}
END_TEST

/* before 5.8 the mapcount alone decides, 5.19 the exclusive mark */
START_TEST(sole_mapping_reuse_by_rules)
{
	static const char *const rules[] = { "5.4", "6.1" };
	struct page *page;
	unsigned long addr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		reboot(rules[i]);
		addr = anon(1);
		page = page_of(mm, addr);
		pp_ref(page);
		pinpage_mmput(fork_it());
		put(mm, addr, 2);
		ck_assert_int_eq(page_of(mm, addr) == page, i == 0);
		pp_unref(page);
	}
}
END_TEST

/* F04: without MMF_HAS_PINNED plain references do not look like a pin */
START_TEST(many_references_without_flag_share)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);
	struct mm_struct *child;

	atomic_add(2000, &page->_refcount);
	child = fork_it();
	ck_assert_ptr_eq(page_of(child, addr), page);
	pinpage_mmput(child);
	atomic_sub(2000, &page->_refcount);
}
END_TEST

START_TEST(has_pinned_is_not_inherited)
{
	unsigned long addr = anon(1);
	struct page *page = pin(mm, addr);
	struct mm_struct *child = fork_it();

	ck_assert(pinpage_mm_has_pinned(mm));
	ck_assert(!pinpage_mm_has_pinned(child));
	unpin(page);
	pinpage_mmput(child);
}
END_TEST

START_TEST(shared_memory_stays_shared)
{
	unsigned long addr = map(1, RW, SHARED);
	struct mm_struct *child;

	put(mm, addr, 3);
	child = fork_it();
	put(child, addr, 4);
	ck_assert_int_eq(get(mm, addr), 4);
	ck_assert_ptr_eq(page_of(child, addr), page_of(mm, addr));
	pinpage_mmput(child);
}
END_TEST

START_TEST(dontfork_and_wipeonfork)
{
	unsigned long gone = anon(1), wiped = anon(1);
	struct mm_struct *child;

	ck_assert_int_eq(pinpage_madvise(gone, PAGE_SIZE, MADV_DONTFORK), 0);
	ck_assert_int_eq(pinpage_madvise(wiped, PAGE_SIZE, MADV_WIPEONFORK), 0);
	child = fork_it();
	ck_assert_int_eq(get(child, gone), -EFAULT);
	ck_assert_int_eq(get(child, wiped), 0);
	ck_assert_int_eq(get(mm, wiped), 1);
	pinpage_mmput(child);
}
END_TEST

/* the sequence is odd while entries are copied, from 5.11 on */
static unsigned int seq_seen;

static void look(struct pinpage_subscriber *sub, const struct pinpage_event *event)
{
	(void)sub;
	seq_seen = READ_ONCE(event->mm->write_protect_seq.sequence);
}

START_TEST(sequence_is_odd_during_copy)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_PTE_WRPROTECT),
		.order = PINPAGE_ORDER_TRACE, .fn = look,
	};

	anon(1);
	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	pinpage_mmput(fork_it());
	pinpage_unsubscribe(&sub);
	ck_assert_uint_eq(seq_seen & 1, 1);
	ck_assert_uint_eq(mm->write_protect_seq.sequence & 1, 0);
}
END_TEST

START_TEST(grandchildren_unmap_in_any_order)
{
	unsigned long addr = anon(4);
	struct mm_struct *child = fork_it(), *grandchild = pinpage_fork_mm(child);

	put(child, addr, 9);
	pinpage_mmput(child);
	ck_assert_int_eq(get(grandchild, addr), 1);
	put(grandchild, addr + PAGE_SIZE, 8);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	pinpage_mmput(grandchild);
}
END_TEST

START_TEST(no_mm_einval)
{
	ck_assert_ptr_eq(pinpage_fork_mm(NULL), ERR_PTR(-EINVAL));
}
END_TEST

Suite *fork_suite(void)
{
	Suite *s = suite_create("mm/fork");

	on(s, private_pages_are_shared_readonly, up);
	on(s, private_pages_are_shared_readonly, up_fiber);
	on(s, writes_diverge, up);
	on(s, last_owner_keeps_page, up);
	on(s, pinned_page_stays_with_parent, up);
	on(s, pinned_page_stays_with_parent, up_fiber);
	on(s, pinned_copy_is_told, up);
	on(s, pinned_page_diverges_under_old_rules, up);
	on(s, sole_mapping_reuse_by_rules, up);
	on(s, many_references_without_flag_share, up);
	on(s, has_pinned_is_not_inherited, up);
	on(s, shared_memory_stays_shared, up);
	on(s, dontfork_and_wipeonfork, up);
	on(s, sequence_is_odd_during_copy, up);
	on(s, grandchildren_unmap_in_any_order, up);
	on(s, no_mm_einval, up);
	return s;
}
