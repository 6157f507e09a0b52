// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

#include "mm/swapops.h"

/* the PTE of @addr says @pte instead, as if its page had been unmapped */
static void plant(unsigned long addr, pp_pte pte)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(mm, addr, &table);
	struct page *page = pp_pte_normal_page(*ptep);

	pp_pte_put(ptep, pte);
	pp_remove_rmap(page);
	pinpage_spin_unlock(&table->lock);
	pp_unref(page);
}

static pp_pte raw(struct mm_struct *in, unsigned long addr)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(in, addr, &table), pte = *ptep;

	pinpage_spin_unlock(&table->lock);
	return pte;
}

/* an anonymous page that somebody holds, and an entry for it instead of a PTE */
static struct page *migrating(unsigned long addr, enum pp_entry_type type)
{
	struct page *page = page_of(mm, addr);

	pp_ref(page);
	plant(addr, pp_mk_entry(type, page_to_pfn(page)));
	return page;
}

START_TEST(entry_keeps_type_and_offset)
{
	pp_pte pte = pp_mk_entry(PP_ENTRY_HWPOISON, 0x123456789);

	ck_assert(pte_is_nonpresent(pte));
	ck_assert(!pte_none(pte) && !pte_leaf(pte) && !pte_is_table(pte));
	ck_assert_uint_eq(pp_entry_type(pte), PP_ENTRY_HWPOISON);
	ck_assert_uint_eq(pp_entry_offset(pte), 0x123456789);
	ck_assert(!pp_entry_is_swap(pte) && !pp_entry_is_migration(pte));
}
END_TEST

START_TEST(poison_is_a_bus_error)
{
	unsigned long addr = anon(1);
	struct page *page = migrating(addr, PP_ENTRY_HWPOISON);

	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	pp_unref(page);
}
END_TEST

START_TEST(peek_finds_no_page)
{
	unsigned long addr = anon(1);
	struct page *page = migrating(addr, PP_ENTRY_MIGRATION_WRITE);

	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert_uint_eq(pte_of(mm, addr), 0);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	pp_unref(page);
}
END_TEST

START_TEST(fork_makes_private_entries_readable)
{
	unsigned long addr = anon(1);
	struct page *page = migrating(addr, PP_ENTRY_MIGRATION_WRITE);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert_uint_eq(pp_entry_type(raw(mm, addr)), PP_ENTRY_MIGRATION_READ);
	ck_assert_uint_eq(pp_entry_type(raw(child, addr)), PP_ENTRY_MIGRATION_READ);
	ck_assert_uint_eq(pp_entry_offset(raw(child, addr)), page_to_pfn(page));
	pinpage_mmput(child);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	pp_unref(page);
}
END_TEST

START_TEST(mprotect_takes_the_right_to_write)
{
	unsigned long addr = anon(1);
	struct page *page = migrating(addr, PP_ENTRY_MIGRATION_WRITE);

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	ck_assert_uint_eq(pp_entry_type(raw(mm, addr)),
			  PP_ENTRY_MIGRATION_READ_EXCLUSIVE);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, RW), 0);
	ck_assert_uint_eq(pp_entry_type(raw(mm, addr)),
			  PP_ENTRY_MIGRATION_READ_EXCLUSIVE);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	pp_unref(page);
}
END_TEST

START_TEST(mprotect_before_5_19_knows_no_exclusive)
{
	unsigned long addr;
	struct page *page;

	reboot("5.7");
	addr = anon(1);
	page = migrating(addr, PP_ENTRY_MIGRATION_WRITE);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	ck_assert_uint_eq(pp_entry_type(raw(mm, addr)), PP_ENTRY_MIGRATION_READ);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	pp_unref(page);
}
END_TEST

START_TEST(mremap_moves_the_entry)
{
	unsigned long addr = anon(2), to;
	struct page *page = migrating(addr, PP_ENTRY_MIGRATION_READ);
	pp_pte pte = raw(mm, addr);

	to = (unsigned long)pinpage_mremap(addr, 2 * PAGE_SIZE, 4 * PAGE_SIZE,
					   MREMAP_MAYMOVE | MREMAP_FIXED, addr + PMD_SIZE);
	ck_assert_uint_eq(raw(mm, to), pte | PTE_SOFT_DIRTY);
	ck_assert_int_eq(pinpage_munmap(to, 4 * PAGE_SIZE), 0);
	pp_unref(page);
}
END_TEST

Suite *nonpresent_suite(void)
{
	Suite *suite = suite_create("nonpresent");

	on(suite, entry_keeps_type_and_offset, up);
	on(suite, poison_is_a_bus_error, up);
	on(suite, peek_finds_no_page, up);
	on(suite, fork_makes_private_entries_readable, up);
	on(suite, mprotect_takes_the_right_to_write, up);
	on(suite, mprotect_before_5_19_knows_no_exclusive, up);
	on(suite, mremap_moves_the_entry, up);
	return suite;
}
