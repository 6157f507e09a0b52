// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Anonymous memory to swap and back: contents, counts, exclusivity, pins.
 */
#include "machine.h"
#include "suites.h"

#include "mm/swap.h"

#ifndef MADV_PAGEOUT
# define MADV_COLD 20
# define MADV_PAGEOUT 21
#endif

static int swap_on(unsigned long pages)
{
	struct pinpage_swap_options options = { .pages = pages };
	int type = pinpage_swapon(&options);

	ck_assert_int_ge(type, 0);
	return type;
}

static void page_out(unsigned long addr, unsigned long pages)
{
	ck_assert_int_eq(pinpage_madvise(addr, pages * PAGE_SIZE, MADV_PAGEOUT), 0);
}

static pp_pte raw(struct mm_struct *in, unsigned long addr)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(in, addr, &table), pte = *ptep;

	pinpage_spin_unlock(&table->lock);
	return pte;
}

/* an anonymous page that was written to swap and freed */
static unsigned long swapped(unsigned long pages)
{
	unsigned long addr = anon(pages), i;

	page_out(addr, pages);
	for (i = 0; i < pages; i++)
		ck_assert(pp_entry_is_swap(raw(mm, addr + i * PAGE_SIZE)));
	return addr;
}

START_TEST(pages_go_and_come_back)
{
	unsigned long addr, i, nr_free;
	int type = swap_on(64);

	addr = anon(20);
	nr_free = pp_nr_free();
	page_out(addr, 20);
	ck_assert_uint_eq(pp_nr_free(), nr_free + 20);
	ck_assert_uint_eq(pinpage_swap_used(type), 20);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PSWPOUT), 20);
	for (i = 0; i < 20; i++) {
		ck_assert_ptr_null(page_of(mm, addr + i * PAGE_SIZE));
		ck_assert_int_eq(get(mm, addr + i * PAGE_SIZE), (int)i + 1);
	}
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PSWPIN), 20);
}
END_TEST

START_TEST(read_keeps_the_slot)
{
	int type = swap_on(64);
	unsigned long addr = swapped(1);
	struct page *page;

	ck_assert_int_eq(get(mm, addr), 1);
	page = page_of(mm, addr);
	ck_assert(PageSwapCache(page) && !PageDirty(page));
	ck_assert_int_eq(page_count(page), 2);
	ck_assert_uint_eq(pinpage_swap_used(type), 1);
	/* nobody stored: it goes again without being written */
	page_out(addr, 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PSWPOUT), 1);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(write_gives_the_slot_back)
{
	int type = swap_on(64);
	unsigned long addr = swapped(1);

	put(mm, addr, 9);
	ck_assert(!PageSwapCache(page_of(mm, addr)));
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	page_out(addr, 1);
	ck_assert_int_eq(get(mm, addr), 9);
}
END_TEST

START_TEST(full_area_keeps_pages)
{
	unsigned long addr, i, out = 0;
	int type = swap_on(4);

	addr = anon(10);
	page_out(addr, 10);
	for (i = 0; i < 10; i++)
		out += !page_of(mm, addr + i * PAGE_SIZE);
	ck_assert_uint_eq(out, 3);
	ck_assert_uint_eq(pinpage_swap_used(type), 3);
	for (i = 0; i < 10; i++)
		ck_assert_int_eq(get(mm, addr + i * PAGE_SIZE), (int)i + 1);
}
END_TEST

START_TEST(priority_decides)
{
	struct pinpage_swap_options low = { .pages = 8, .priority = 1 };
	struct pinpage_swap_options high = { .pages = 3, .priority = 5 };
	int a = pinpage_swapon(&low), b = pinpage_swapon(&high);

	swapped(4);
	ck_assert_uint_eq(pinpage_swap_used(b), 2);
	ck_assert_uint_eq(pinpage_swap_used(a), 2);
}
END_TEST

START_TEST(exclusive_survives)
{
	unsigned long addr;

	swap_on(64);
	addr = swapped(1);
	ck_assert(raw(mm, addr) & PTE_SWP_EXCLUSIVE);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert(PageAnonExclusive(page_of(mm, addr)));
}
END_TEST

START_TEST(fork_shares_the_slot)
{
	int type = swap_on(64);
	unsigned long addr = swapped(1);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert(!(raw(mm, addr) & PTE_SWP_EXCLUSIVE));
	ck_assert(!(raw(child, addr) & PTE_SWP_EXCLUSIVE));
	ck_assert_uint_eq(pp_swap_count(pp_swp_of_pte(raw(mm, addr))), 2);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert(!PageAnonExclusive(page_of(mm, addr)));
	ck_assert_int_eq(get(child, addr), 1);
	ck_assert_ptr_eq(page_of(mm, addr), page_of(child, addr));
	put(child, addr, 7);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(child, addr), 7);
	pinpage_mmput(child);
	put(mm, addr, 2);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
}
END_TEST

START_TEST(written_by_both_sides_after_fork)
{
	unsigned long addr;
	struct mm_struct *child;

	swap_on(64);
	addr = swapped(1);
	child = pinpage_fork_mm(mm);
	put(mm, addr, 5);
	ck_assert_int_eq(get(child, addr), 1);
	put(child, addr, 6);
	ck_assert_int_eq(get(mm, addr), 5);
	ck_assert_ptr_ne(page_of(mm, addr), page_of(child, addr));
	pinpage_mmput(child);
}
END_TEST

START_TEST(shared_page_leaves_two_entries)
{
	unsigned long addr;
	struct mm_struct *child;

	swap_on(64);
	addr = anon(1);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_reclaim_page(page_of(mm, addr)), 1);
	ck_assert(pp_entry_is_swap(raw(mm, addr)) && pp_entry_is_swap(raw(child, addr)));
	ck_assert_uint_eq(pp_swap_count(pp_swp_of_pte(raw(mm, addr))), 2);
	pinpage_mmput(child);
	ck_assert_uint_eq(pp_swap_count(pp_swp_of_pte(raw(mm, addr))), 1);
	put(mm, addr, 3);
	ck_assert_int_eq(get(mm, addr), 3);
}
END_TEST

START_TEST(munmap_frees_slots)
{
	int type = swap_on(64);
	unsigned long addr = swapped(8);

	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(pinpage_munmap(addr, 8 * PAGE_SIZE), 0);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_SWAPCACHED), 0);
}
END_TEST

START_TEST(dontneed_frees_slots)
{
	int type = swap_on(64);
	unsigned long addr = swapped(2);

	ck_assert_int_eq(pinpage_madvise(addr, 2 * PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	ck_assert_int_eq(get(mm, addr), 0);
}
END_TEST

START_TEST(mremap_and_mprotect_carry_entries)
{
	unsigned long addr, to;

	swap_on(64);
	addr = swapped(2);
	to = (unsigned long)pinpage_mremap(addr, 2 * PAGE_SIZE, 2 * PAGE_SIZE,
					   MREMAP_MAYMOVE | MREMAP_FIXED, addr + PMD_SIZE);
	ck_assert(pp_entry_is_swap(raw(mm, to)));
	ck_assert_int_eq(pinpage_mprotect(to, PAGE_SIZE, PROT_READ), 0);
	ck_assert_int_eq(get(mm, to), 1);
	ck_assert_int_eq(get(mm, to + PAGE_SIZE), 2);
	ck_assert(!(pte_of(mm, to) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(pinpage_mprotect(to, 2 * PAGE_SIZE, RW), 0);
	put(mm, to, 8);
	ck_assert_int_eq(get(mm, to), 8);
}
END_TEST

START_TEST(private_copy_of_a_file_swaps)
{
	unsigned long addr = map_file(ram_file(1), 1, RW, MAP_PRIVATE);

	swap_on(64);
	put(mm, addr, 9);
	page_out(addr, 1);
	ck_assert(pp_entry_is_swap(raw(mm, addr)));
	ck_assert_int_eq(get(mm, addr), 9);
	page_out(addr, 1);
	ck_assert_int_eq(pinpage_ftruncate(pp_find_vma(mm, addr)->vm_file, 0), 0);
	ck_assert(pte_none(raw(mm, addr)));
}
END_TEST

START_TEST(bits_are_kept)
{
	struct pp_table *table;
	unsigned long addr;
	pp_pte *ptep;

	swap_on(64);
	addr = anon(1);
	ptep = pp_pte_lock(mm, addr, &table);
	pp_pte_put(ptep, (*ptep & ~PTE_WRITE) | PTE_UFFD_WP | PTE_SOFT_DIRTY);
	pinpage_spin_unlock(&table->lock);
	page_out(addr, 1);
	ck_assert_uint_eq(raw(mm, addr) & PTE_SWP_KEPT, PTE_SWP_KEPT);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_uint_eq(raw(mm, addr) & PTE_SWP_KEPT, PTE_SWP_KEPT);
	ck_assert(!(raw(mm, addr) & PTE_WRITE));
}
END_TEST

/* pins */

/* M01 */
START_TEST(pinned_page_stays_mapped)
{
	unsigned long addr;
	struct page *page;
	int type = swap_on(64);

	addr = anon(1);
	page = pin(mm, addr);
	page_out(addr, 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(!PageSwapCache(page));
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	unpin(page);
	page_out(addr, 1);
	ck_assert_ptr_null(page_of(mm, addr));
}
END_TEST

/* M02 */
START_TEST(referenced_page_is_found_in_the_cache)
{
	unsigned long addr;
	struct page *page;

	swap_on(64);
	addr = anon(1);
	page = page_of(mm, addr);
	pp_ref(page);
	page_out(addr, 1);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert(PageSwapCache(page) && PageDirty(page));
	*(unsigned char *)page_address(page) = 77;
	ck_assert_int_eq(get(mm, addr), 77);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(PageAnonExclusive(page));
	pp_unref(page);
}
END_TEST

/* bugs.md pinned-anon-swapped: 5.9 and 5.10 before the fix */
START_TEST(pinned_page_was_swapped_and_lost)
{
	struct pinpage_rules rules;
	unsigned long addr;
	struct page *page;

	down();
	ck_assert_int_eq(pinpage_rules_parse(&rules, "5.10,swap_refuses_pinned=0"), 0);
	rules.name = "5.10-before";
	boot_rules(&rules, PINPAGE_ENGINE_NATIVE, 4096);
	swap_on(64);
	addr = anon(1);
	page = pin(mm, addr);
	page_out(addr, 1);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert(PageSwapCache(page));
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	put(mm, addr, 2);
	ck_assert_ptr_ne(page_of(mm, addr), page);
	ck_assert_int_eq(*(unsigned char *)page_address(page), 1);
	unpin(page);
}
END_TEST

/* up to 5.8 who maps it alone keeps it, pinned or not; so does a write fault */
START_TEST(pinned_page_is_swapped_before_5_9)
{
	unsigned long addr;
	struct page *page;

	reboot("5.7");
	swap_on(64);
	addr = anon(2);
	page = pin(mm, addr);
	page_out(addr, 1);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert_int_eq(get(mm, addr), 1);
	put(mm, addr, 2);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert_int_eq(*(unsigned char *)page_address(page), 2);
	unpin(page);
}
END_TEST

/* the pin came after the page was given a slot: the address keeps it */
START_TEST(exclusive_pinned_page_is_not_unmapped)
{
	unsigned long addr;
	struct page *page;

	swap_on(64);
	addr = anon(1);
	page = page_of(mm, addr);
	ck_assert(pp_lru_isolate_page(page));
	pp_lock_page(page);
	ck_assert(pp_add_to_swap(page));
	pin(mm, addr);
	ck_assert(!pp_try_to_unmap(page));
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert_uint_eq(pp_swap_count(pp_page_swp(page)), 0);
	unpin(page);
	ck_assert(pp_try_to_unmap(page));
	pp_unlock_page(page);
	pp_lru_putback(page);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(mlocked_page_stays)
{
	unsigned long addr;
	struct page *page;

	swap_on(64);
	addr = map(1, RW, PRIV | MAP_LOCKED);
	put(mm, addr, 3);
	page = page_of(mm, addr);
	ck_assert(PageUnevictable(page));
	ck_assert_int_eq(pinpage_reclaim_page(page), 0);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert_int_eq(get(mm, addr), 3);
}
END_TEST

/* I/O that fails */

START_TEST(write_error_keeps_the_page)
{
	unsigned long addr;
	struct page *page;

	swap_on(64);
	addr = anon(1);
	page = page_of(mm, addr);
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, 0, false);
	page_out(addr, 1);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert(PageSwapCache(page) && PageDirty(page));
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
}
END_TEST

START_TEST(read_error_is_a_bus_error)
{
	unsigned long addr;

	swap_on(64);
	addr = swapped(1);
	pinpage_inject_io(PINPAGE_IO_READ, 1, 0, false);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	/* until the page that could not be filled is reclaimed */
	ck_assert_uint_ge(pinpage_try_to_free_pages(1), 1);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(no_frame_enomem)
{
	unsigned long addr;

	swap_on(64);
	addr = swapped(1);
	pp_inject_alloc(1);
	ck_assert_int_eq(get(mm, addr), -ENOMEM);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

/* whatever allocation fails, no byte is lost */
START_TEST(each_allocation_fails_once)
{
	unsigned long addr, nth;

	swap_on(64);
	addr = anon(2);
	for (nth = 1; nth < 30; nth++) {
		int err;

		pp_inject_alloc(nth);
		page_out(addr, 2);
		err = get(mm, addr);
		if (err == -ENOMEM)
			err = get(mm, addr);
		pp_inject_alloc(0);
		ck_assert_int_eq(err, 1);
		ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	}
}
END_TEST

/* areas */

START_TEST(swapoff_brings_back)
{
	int type = swap_on(64);
	unsigned long addr = swapped(9), i;
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert_int_eq(pinpage_swapoff(type), 0);
	for (i = 0; i < 9; i++) {
		ck_assert_ptr_nonnull(page_of(mm, addr + i * PAGE_SIZE));
		ck_assert_ptr_nonnull(page_of(child, addr + i * PAGE_SIZE));
		ck_assert_int_eq(get(child, addr + i * PAGE_SIZE), (int)i + 1);
	}
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_SWAPCACHED), 0);
	page_out(addr, 9);
	ck_assert_ptr_nonnull(page_of(mm, addr));
	pinpage_mmput(child);
	ck_assert_int_eq(pinpage_swapoff(type), -EINVAL);
}
END_TEST

START_TEST(swapoff_without_memory_enomem)
{
	int type = swap_on(64);
	unsigned long addr = swapped(1);

	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_swapoff(type), -ENOMEM);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(pinpage_swapoff(type), 0);
}
END_TEST

START_TEST(swapoff_unreadable_eio)
{
	int type = swap_on(64);
	unsigned long addr = swapped(1);

	pinpage_inject_io(PINPAGE_IO_READ, 1, 0, false);
	ck_assert_int_eq(pinpage_swapoff(type), -EIO);
	pinpage_munmap(addr, PAGE_SIZE);
	ck_assert_int_eq(pinpage_swapoff(type), 0);
}
END_TEST

static int killed_swapoff(void *arg)
{
	pinpage_send_sigkill(pinpage_current());
	return pinpage_swapoff(*(int *)arg);
}

START_TEST(swapoff_killed_eintr)
{
	int type = swap_on(64);
	unsigned long addr = swapped(1);
	struct task_struct *task = pinpage_kthread_run(killed_swapoff, &type, "swapoff");

	ck_assert_int_eq(pinpage_kthread_join(task), -EINTR);
	ck_assert(pp_entry_is_swap(raw(mm, addr)));
}
END_TEST

START_TEST(four_areas_eperm)
{
	struct pinpage_swap_options options = { .pages = 2 };
	int i;

	for (i = 0; i < PP_NR_SWAP_AREAS; i++)
		ck_assert_int_eq(pinpage_swapon(&options), i);
	ck_assert_int_eq(pinpage_swapon(&options), -EPERM);
	ck_assert_int_eq(pinpage_swapoff(2), 0);
	ck_assert_int_eq(pinpage_swapon(&options), 2);
}
END_TEST

START_TEST(swapon_errors)
{
	struct pinpage_swap_options options = { .pages = 1 };

	ck_assert_int_eq(pinpage_swapon(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_swapon(&options), -EINVAL);
	options = (struct pinpage_swap_options){ .path = "/nowhere/at/all" };
	ck_assert_int_eq(pinpage_swapon(&options), -ENOENT);
	options.path = "/";
	ck_assert_int_eq(pinpage_swapon(&options), -EISDIR);
	options.path = "/dev/null";
	ck_assert_int_eq(pinpage_swapon(&options), -EINVAL);
	options = (struct pinpage_swap_options){ .pages = 9 };
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_swapon(&options), -ENOMEM);
	pp_inject_alloc(2);
	ck_assert_int_eq(pinpage_swapon(&options), -ENOMEM);
	ck_assert_int_eq(pinpage_swapoff(-1), -EINVAL);
	ck_assert_int_eq(pinpage_swapoff(0), -EINVAL);
	ck_assert_uint_eq(pinpage_swap_used(77), 0);
}
END_TEST

START_TEST(file_area_holds_the_bytes)
{
	char path[] = "/tmp/pinpage-swap-XXXXXX";
	struct pinpage_swap_options options = { .path = path };
	unsigned long addr;
	int fd = mkstemp(path), type;
	unsigned char byte = 0;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, 8 * (off_t)PAGE_SIZE), 0);
	type = pinpage_swapon(&options);
	ck_assert_int_ge(type, 0);
	ck_assert_int_eq(pinpage_swapon(&options), -EBUSY);
	addr = swapped(3);
	ck_assert_int_eq(pread(fd, &byte, 1, PAGE_SIZE *
			       (off_t)pp_entry_offset(raw(mm, addr + PAGE_SIZE))), 1);
	ck_assert_int_eq(byte, 2);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(mm, addr + 2 * PAGE_SIZE), 3);
	/* the file became shorter: reading fails, writing makes it longer */
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), -EFAULT);
	close(fd);
	unlink(path);
}
END_TEST

/* pressure */

START_TEST(more_memory_than_frames)
{
	unsigned long addr, i;

	down();
	boot("6.1", PINPAGE_ENGINE_NATIVE, 256);
	swap_on(1024);
	addr = map(600, RW, PRIV);
	for (i = 0; i < 600; i++)
		put(mm, addr + i * PAGE_SIZE, (unsigned char)(i % 251));
	for (i = 0; i < 600; i++)
		ck_assert_int_eq(get(mm, addr + i * PAGE_SIZE), (int)(i % 251));
	ck_assert_int_gt(pinpage_stat(PINPAGE_STAT_PSWPOUT), 344);
}
END_TEST

/* stable writes: who stores while the page is written gets a copy */

static unsigned long victim;

static void store_at_swap_out(struct pinpage_subscriber *sub, const struct pinpage_event *event)
{
	(void)event;
	sub->priv = (void *)1;
}

static int storer(void *arg)
{
	(void)arg;
	put(mm, victim, 200);
	return 0;
}

static unsigned int storer_first(void *priv, const unsigned int *runnable, size_t nr,
				 int current_id, const struct pinpage_event *event)
{
	struct pinpage_subscriber *sub = priv;

	(void)event;
	if (sub->priv)
		return runnable[nr - 1];
	return current_id >= 0 ? (unsigned int)current_id : runnable[0];
}

static void store_under_io(bool stable)
{
	struct pinpage_swap_options options = { .pages = 16, .stable_writes = stable };
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_SWAP_OUT),
		.order = PINPAGE_ORDER_TRACE, .fn = store_at_swap_out,
	};
	struct pp_sched_ops ops = { .choose = storer_first, .priv = &sub };
	struct task_struct *task;
	struct page *page;

	ck_assert_int_ge(pinpage_swapon(&options), 0);
	victim = anon(1);
	page = page_of(mm, victim);
	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	task = pinpage_kthread_run(storer, NULL, "storer");
	pp_sched_set(&ops);
	page_out(victim, 1);
	pp_sched_set(NULL);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	pinpage_unsubscribe(&sub);
	ck_assert_int_eq(get(mm, victim), 200);
	if (stable)
		ck_assert_ptr_ne(page_of(mm, victim), page);
	else
		ck_assert_ptr_eq(page_of(mm, victim), page);
}

START_TEST(store_under_io_keeps_the_page)
{
	store_under_io(false);
}
END_TEST

START_TEST(store_under_stable_io_copies)
{
	store_under_io(true);
}
END_TEST

Suite *swap_suite(void)
{
	Suite *s = suite_create("mm/swap");

	on(s, pages_go_and_come_back, up);
	on(s, pages_go_and_come_back, up_fiber);
	on(s, read_keeps_the_slot, up);
	on(s, write_gives_the_slot_back, up);
	on(s, full_area_keeps_pages, up);
	on(s, priority_decides, up);
	on(s, exclusive_survives, up);
	on(s, fork_shares_the_slot, up);
	on(s, written_by_both_sides_after_fork, up);
	on(s, shared_page_leaves_two_entries, up);
	on(s, munmap_frees_slots, up);
	on(s, dontneed_frees_slots, up);
	on(s, mremap_and_mprotect_carry_entries, up);
	on(s, private_copy_of_a_file_swaps, up);
	on(s, bits_are_kept, up);
	on(s, pinned_page_stays_mapped, up);
	on(s, referenced_page_is_found_in_the_cache, up);
	on(s, pinned_page_was_swapped_and_lost, up);
	on(s, pinned_page_is_swapped_before_5_9, up);
	on(s, exclusive_pinned_page_is_not_unmapped, up);
	on(s, mlocked_page_stays, up);
	on(s, write_error_keeps_the_page, up);
	on(s, read_error_is_a_bus_error, up);
	on(s, no_frame_enomem, up);
	on(s, each_allocation_fails_once, up);
	on(s, swapoff_brings_back, up);
	on(s, swapoff_brings_back, up_fiber);
	on(s, swapoff_without_memory_enomem, up);
	on(s, swapoff_unreadable_eio, up);
	on(s, swapoff_killed_eintr, up);
	on(s, four_areas_eperm, up);
	on(s, swapon_errors, up);
	on(s, file_area_holds_the_bytes, up);
	on(s, more_memory_than_frames, up);
	on(s, store_under_io_keeps_the_page, up_fiber);
	on(s, store_under_stable_io_copies, up_fiber);
	return s;
}
