// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * misuse.c - ranges, counts, contexts and locks that no driver should hand
 * in, through every entry point: an errno or one warning, nothing held after
 */
#define PINPAGE_NO_KERNEL_NAMES
#include "mm/internal.h"

#include "gup/gup.h"
#include "machine.h"
#include "suites.h"

#define UNTOUCHED ((struct page *)16)

static struct page *slots[4];
static unsigned long addr;

static void up_memory(void)
{
	up("6.1");
	addr = anon(2, true);
	memset(slots, 0, sizeof(slots));
}

/* all that take mmap_lock themselves; @expect from each, nothing taken */
static void all_unlocked(unsigned long at, int nr, long expect)
{
	unsigned long n = (unsigned long)nr;
	int fast = (int)expect;

	ck_assert_int_eq(pinpage_get_user_pages_unlocked(at, n, slots, 0),
			 expect);
	ck_assert_int_eq(pinpage_pin_user_pages_unlocked(at, n, slots, 0),
			 expect);
	ck_assert_int_eq(pinpage_get_user_pages_fast(at, nr, 0, slots), fast);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(at, nr, 0, slots), fast);
	ck_assert_int_eq(pinpage_get_user_pages_fast_only(at, nr, 0, slots),
			 0);
	ck_assert_int_eq(pinpage_pin_user_pages_fast_only(at, nr, 0, slots),
			 0);
}

/* all that want it held by the caller */
static void all_locked(unsigned long at, unsigned long nr, struct page **p,
		       long get, long pin)
{
	int locked = 1;

	ck_assert_int_eq(pinpage_get_user_pages(at, nr, 0, p), get);
	ck_assert_int_eq(pinpage_pin_user_pages(at, nr, 0, p), pin);
	ck_assert_int_eq(pinpage_get_user_pages_remote(mm, at, nr, 0, p,
						       NULL), get);
	ck_assert_int_eq(pinpage_pin_user_pages_remote(mm, at, nr, 0, p,
						       &locked), pin);
	ck_assert_int_eq(pinpage_get_user_pages_locked(at, nr, 0, p, &locked),
			 get);
	ck_assert_int_eq(pinpage_pin_user_pages_locked(at, nr, 0, p, &locked),
			 pin);
	ck_assert_int_eq(pinpage_get_user_pages_vmas(at, nr, 0, p, NULL),
			 get);
	ck_assert_int_eq(pinpage_pin_user_pages_vmas(at, nr, 0, p, NULL),
			 pin);
	ck_assert_int_eq(locked, 1);
}

static void all_refuse(unsigned long at, unsigned long nr, long error)
{
	pinpage_mmap_read_lock(mm);
	all_locked(at, nr, slots, error, error);
	pinpage_mmap_read_unlock(mm);
	ck_assert_int_eq(acquired(), released());
}

START_TEST(unmapped_efault_everywhere)
{
	all_refuse(0x10000, 2, -EFAULT);
	all_unlocked(0x10000, 2, -EFAULT);
	ck_assert(!pinpage_get_user_page_fast_only(0x10000, 0, slots));
}
END_TEST

START_TEST(kernel_half_efault_everywhere)
{
	all_refuse(0xffff888000000000UL, 2, -EFAULT);
	all_unlocked(0xffff888000000000UL, 2, -EFAULT);
	all_refuse(PINPAGE_TASK_SIZE, 1, -EFAULT);
	all_unlocked(PINPAGE_TASK_SIZE, 1, -EFAULT);
}
END_TEST

START_TEST(wrapping_efault_everywhere)
{
	unsigned long last = -(unsigned long)PAGE_SIZE;

	all_refuse(last, 2, -EFAULT);
	ck_assert_int_eq(pinpage_get_user_pages_unlocked(last, 2, slots, 0),
			 -EFAULT);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(last, 2, 0, slots), 0);
	ck_assert_int_eq(pinpage_pin_user_pages_fast_only(last, 2, 0, slots),
			 0);
}
END_TEST

START_TEST(prot_none_efault_everywhere)
{
	ck_assert_int_eq(pinpage_mprotect(addr, 2 * PAGE_SIZE, PROT_NONE), 0);
	all_refuse(addr, 2, -EFAULT);
	all_unlocked(addr, 2, -EFAULT);
}
END_TEST

START_TEST(write_only_efault_everywhere)
{
	ck_assert_int_eq(pinpage_mprotect(addr, 2 * PAGE_SIZE, PROT_WRITE), 0);
	all_refuse(addr, 2, -EFAULT);
}
END_TEST

START_TEST(io_area_efault_everywhere)
{
	struct vm_area_struct *vma;

	pinpage_mmap_write_lock(mm);
	vma = pp_vma_lookup(mm, addr);
	vma->vm_flags |= VM_PFNMAP;
	pinpage_mmap_write_unlock(mm);
	all_refuse(addr, 1, -EFAULT);
	pinpage_mmap_write_lock(mm);
	vma->vm_flags &= ~(unsigned long)VM_PFNMAP;
	pinpage_mmap_write_unlock(mm);
}
END_TEST

START_TEST(no_pages_wanted_zero_everywhere)
{
	slots[0] = UNTOUCHED;
	all_refuse(addr, 0, 0);
	all_unlocked(addr, 0, 0);
	ck_assert_ptr_eq(slots[0], UNTOUCHED);
}
END_TEST

START_TEST(negative_count_takes_nothing)
{
	ck_assert_int_eq(pinpage_get_user_pages_fast(addr, -1, 0, slots), 0);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, INT32_MIN, 0,
						     slots), 0);
	ck_assert_int_eq(pinpage_pin_user_pages_fast_only(addr, -1, 0, slots),
			 0);
	ck_assert_int_eq(acquired(), 0);
}
END_TEST

START_TEST(null_pages_einval_everywhere)
{
	pinpage_mmap_read_lock(mm);
	all_locked(addr, 2, NULL, 2, -EINVAL);
	pinpage_mmap_read_unlock(mm);
	ck_assert_int_eq(pinpage_get_user_pages_unlocked(addr, 1, NULL, 0), 1);
	ck_assert_int_eq(pinpage_pin_user_pages_unlocked(addr, 1, NULL, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_get_user_pages_fast_only(addr, 1, 0, NULL),
			 0);
	ck_assert_int_eq(pinpage_pin_user_pages_fast_only(addr, 1, 0, NULL),
			 0);
	ck_assert(!pinpage_get_user_page_fast_only(addr, 0, NULL));
	ck_assert_int_eq(pinpage_page_count(page_at(addr)), 1);
}
END_TEST

START_TEST(null_mm_efault)
{
	ck_assert_int_eq(pinpage_get_user_pages_remote(NULL, addr, 1, 0, slots,
						       NULL), -EFAULT);
	ck_assert_int_eq(pinpage_pin_user_pages_remote(NULL, addr, 1, 0, slots,
						       NULL), -EFAULT);
	ck_assert_int_eq((long)pinpage_get_user_page_vma_remote(NULL, addr, 0,
								NULL),
			 -EFAULT);
	ck_assert_int_eq(pinpage_fixup_user_fault(NULL, addr, 0, NULL),
			 -EINVAL);
	pinpage_use_mm(NULL);
	ck_assert_int_eq(pinpage_pin_user_pages(addr, 1, 0, slots), -EFAULT);
	all_unlocked(addr, 1, -EFAULT);
	pinpage_use_mm(mm);
}
END_TEST

START_TEST(lock_held_twice_einval)
{
	pinpage_mmap_read_lock(mm);
	ck_assert_int_eq(pinpage_get_user_pages_unlocked(addr, 1, slots, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_pin_user_pages_unlocked(addr, 1, slots, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_get_user_pages_fast(addr, 1, 0, slots),
			 -EINVAL);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, slots),
			 -EINVAL);
	ck_assert_uint_gt(pinpage_warnings(), 0);
	/* this one takes no lock */
	ck_assert_int_eq(pinpage_pin_user_pages_fast_only(addr, 1, 0, slots),
			 1);
	pinpage_unpin_user_page(slots[0]);
	pinpage_mmap_read_unlock(mm);
}
END_TEST

START_TEST(locked_calls_without_the_lock_einval)
{
	all_locked(addr, 1, slots, -EINVAL, -EINVAL);
	ck_assert_uint_gt(pinpage_warnings(), 0);
}
END_TEST

START_TEST(softirq_einval_everywhere)
{
	pinpage_mmap_read_lock(mm);
	pinpage_softirq_enter();
	all_locked(addr, 1, slots, -EINVAL, -EINVAL);
	ck_assert_int_eq(pinpage_fixup_user_fault(mm, addr, 0, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_pin_page(page_at(addr)), 0);
	pinpage_unpin_user_page(page_at(addr));
	pinpage_softirq_exit();
	pinpage_mmap_read_unlock(mm);
}
END_TEST

START_TEST(spinlock_held_einval)
{
	pinpage_spinlock_t lock;

	pinpage_spin_lock_init(&lock, "driver");
	pinpage_spin_lock(&lock);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, slots),
			 -EINVAL);
	pinpage_spin_unlock(&lock);
	ck_assert_int_eq(acquired(), 0);
}
END_TEST

/* flags that no call of the era may take, as semantics 1.4 has it */
static bool illegal(bool pin, unsigned int flags)
{
	unsigned int known = 0x7f81bfu;

	if (flags & ~known || (pin && flags & FOLL_GET))
		return true;
	if (!pin && flags & FOLL_PIN)
		return true;
	if (!pin && flags & FOLL_LONGTERM)
		return true;
	if (pp_rules->args >= PINPAGE_ARGS_6_3 &&
	    flags & (FOLL_TOUCH | FOLL_PIN | FOLL_FAST_ONLY))
		return true;
	return (flags & FOLL_LONGTERM && flags & FOLL_PCI_P2PDMA);
}

static void judge(bool pin, unsigned int flags, long got)
{
	ck_assert_msg(got == 1 || !got || got == -EINVAL || got == -EFAULT,
		      "flags %#x: %ld", flags, got);
	ck_assert_msg(got != 1 || !illegal(pin, flags),
		      "rules %s, pin %d, flags %#x: taken", pp_rules->name,
		      pin, flags);
	if (got == 1 && pin)
		pinpage_unpin_user_page(slots[0]);
	else if (got == 1)
		pinpage_put_page(slots[0]);
}

static void judge_all(unsigned int flags)
{
	int locked = 1;

	judge(false, flags, pinpage_get_user_pages_fast(addr, 1, flags,
							slots));
	judge(true, flags, pinpage_pin_user_pages_fast(addr, 1, flags,
						       slots));
	judge(false, flags, pinpage_get_user_pages_fast_only(addr, 1, flags,
							     slots));
	judge(true, flags, pinpage_pin_user_pages_fast_only(addr, 1, flags,
							    slots));
	judge(false, flags, pinpage_get_user_pages_unlocked(addr, 1, slots,
							    flags));
	judge(true, flags, pinpage_pin_user_pages_unlocked(addr, 1, slots,
							   flags));
	pinpage_mmap_read_lock(mm);
	judge(false, flags, pinpage_get_user_pages(addr, 1, flags, slots));
	judge(true, flags, pinpage_pin_user_pages(addr, 1, flags, slots));
	judge(false, flags, pinpage_get_user_pages_remote(mm, addr, 1, flags,
							  slots, &locked));
	judge(true, flags, pinpage_pin_user_pages_remote(mm, addr, 1, flags,
							 slots, NULL));
	pinpage_mmap_read_unlock(mm);
}

START_TEST(every_pair_of_flags_is_judged_by_the_era)
{
	static const char *const eras[] = { "5.7", "5.19", "6.1", "6.5",
					    "6.12" };
	unsigned int i, j;

	up(eras[_i]);
	addr = anon(1, true);
	for (i = 0; i < 32; i++)
		for (j = i; j < 32; j++)
			judge_all(1u << i | 1u << j);
	ck_assert_int_eq(acquired(), released());
	ck_assert_int_eq(pinpage_page_count(page_at(addr)), 1);
	down();
}
END_TEST

/* another task has the lock and this one is killed */
static struct pinpage_completion locked_now, go_on;

static int holds_lock(void *arg)
{
	(void)arg;
	pinpage_mmap_write_lock(mm);
	pinpage_complete(&locked_now);
	pinpage_wait_for_completion(&go_on);
	pinpage_mmap_write_unlock(mm);
	return 0;
}

static void killed_while_locked(const char *rules, long expect)
{
	struct task_struct *task;
	char byte;

	up(rules);
	addr = anon(1, false);
	pinpage_init_completion(&locked_now);
	pinpage_init_completion(&go_on);
	task = pinpage_kthread_run(holds_lock, NULL, "holder");
	pinpage_wait_for_completion(&locked_now);
	pinpage_send_sigkill(pinpage_current());
	ck_assert_int_eq(pinpage_get_user_pages_unlocked(addr, 1, slots, 0),
			 expect);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, slots),
			 expect);
	ck_assert_int_eq(pinpage_access_process_vm(mm, addr, &byte, 1, 0), 0);
	pinpage_complete(&go_on);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	pinpage_mmap_read_lock(mm);
	ck_assert_int_eq(pinpage_fixup_user_fault(mm, addr, 0, NULL), -EINTR);
	pinpage_mmap_read_unlock(mm);
	down();
}

START_TEST(killed_6_1_eintr) { killed_while_locked("6.1", -EINTR); } END_TEST
START_TEST(killed_6_5_eagain) { killed_while_locked("6.5", -EAGAIN); } END_TEST

START_TEST(poisoned_page_ehwpoison)
{
	unsigned long pfn = pinpage_page_to_pfn(page_at(addr));

	ck_assert_int_eq(pinpage_memory_failure(pfn, 0), 0);
	pinpage_mmap_read_lock(mm);
	ck_assert_int_eq(pinpage_pin_user_pages(addr, 1, FOLL_HWPOISON, slots),
			 -EHWPOISON);
	all_locked(addr, 1, slots, -EFAULT, -EFAULT);
	pinpage_mmap_read_unlock(mm);
	all_unlocked(addr, 1, -EFAULT);
	ck_assert_int_eq(acquired(), 0);
}
END_TEST

START_TEST(dump_of_a_hole_or_the_zero_page_efault)
{
	unsigned long hole = anon(1, false);
	unsigned long far = anon(1024, false) + 512 * PAGE_SIZE;

	pinpage_mmap_read_lock(mm);
	ck_assert_int_eq(pinpage_get_user_pages(far, 1, FOLL_DUMP, slots),
			 -EFAULT);
	ck_assert_int_eq(pinpage_get_user_pages(hole, 1, 0, slots), 1);
	pinpage_put_page(slots[0]);
	ck_assert_int_eq(pinpage_get_user_pages(hole, 1, FOLL_DUMP, slots),
			 -EFAULT);
	pinpage_mmap_read_unlock(mm);
}
END_TEST

START_TEST(out_of_memory_enomem)
{
	unsigned long fresh = anon(1, false);

	pinpage_inject_alloc(1);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(fresh, 1, FOLL_WRITE,
						     slots), -ENOMEM);
	pinpage_mmap_read_lock(mm);
	pinpage_inject_alloc(1);
	ck_assert_int_eq(pinpage_fixup_user_fault(mm, fresh, 1, NULL),
			 -ENOMEM);
	pinpage_mmap_read_unlock(mm);
	pinpage_inject_alloc(0);
	ck_assert_int_eq(acquired(), 0);
}
END_TEST

START_TEST(fixup_without_the_right_efault)
{
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	pinpage_mmap_read_lock(mm);
	ck_assert_int_eq(pinpage_fixup_user_fault(mm, addr, 1, NULL), -EFAULT);
	ck_assert_int_eq(pinpage_fixup_user_fault(mm, ~0UL, 0, NULL), -EFAULT);
	pinpage_mmap_read_unlock(mm);
}
END_TEST

START_TEST(access_with_bad_arguments_moves_nothing)
{
	char byte = 0;

	ck_assert_int_eq(pinpage_access_process_vm(NULL, addr, &byte, 1, 0),
			 0);
	ck_assert_int_eq(pinpage_access_process_vm(mm, addr, NULL, 1, 0), 0);
	ck_assert_int_eq(pinpage_access_process_vm(mm, addr, &byte, -1, 0), 0);
	ck_assert_int_eq(pinpage_access_process_vm(mm, ~0UL, &byte, 1, 0), 0);
	pinpage_mprotect(addr, PAGE_SIZE, PROT_READ);
	ck_assert_int_eq(pinpage_access_process_vm(mm, addr, &byte, 1,
						   FOLL_WRITE), 0);
	ck_assert_int_eq(pinpage_access_process_vm(mm, addr, &byte, 1,
						   FOLL_WRITE | FOLL_FORCE),
			 1);
}
END_TEST

START_TEST(pin_page_that_nobody_holds_enomem)
{
	struct page *page = pinpage_alloc_pages(PINPAGE_GFP_KERNEL, 0);

	pinpage_put_page(page);
	ck_assert_int_eq(pinpage_pin_page(page), -ENOMEM);
	ck_assert_uint_eq(pinpage_warnings(), 1);
}
END_TEST

/* releases */

START_TEST(errno_as_count_before_5_10_traps)
{
	struct page *page;

	up("5.7");
	addr = anon(1, true);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, &page), 1);
	pinpage_unpin_user_pages(&page, (unsigned long)-EFAULT);
	ck_assert_int_eq(pinpage_check_worst(), PINPAGE_TRAP);
	ck_assert(pinpage_page_maybe_dma_pinned(page));
	pinpage_check_clear();
	pinpage_unpin_user_page(page);
	down();
}
END_TEST

START_TEST(range_outside_memory_warns)
{
	struct page *page;

	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, &page), 1);
	pinpage_unpin_user_page_range_dirty_lock(page, 1UL << 20, true);
	pinpage_unpin_user_page_range_dirty_lock(NULL, 1, true);
	pinpage_unpin_user_page_range_dirty_lock(page, 0, true);
	ck_assert_uint_eq(pinpage_warnings(), 2);
	ck_assert(pinpage_page_maybe_dma_pinned(page));
	ck_assert(!pinpage_PageDirty(page));
	pinpage_unpin_user_page(page);
}
END_TEST

START_TEST(folio_releases_of_nothing_are_refused)
{
	struct page *page;

	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, &page), 1);
	pinpage_unpin_user_folio(pinpage_page_folio(page), 0);
	pinpage_unpin_folios(NULL, 0);
	ck_assert_uint_eq(pinpage_warnings(), 0);
	pinpage_unpin_user_folio(NULL, 1);
	pinpage_unpin_user_folio(pinpage_page_folio(page), -EFAULT);
	pinpage_unpin_folios(NULL, 1);
	ck_assert_uint_ge(pinpage_warnings(), 3);
	ck_assert_int_eq(released(), 0);
	pinpage_unpin_user_page(page);
}
END_TEST

START_TEST(dirty_release_in_softirq_warns_and_releases)
{
	struct page *page;

	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, &page), 1);
	pinpage_softirq_enter();
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
	pinpage_softirq_exit();
	ck_assert_uint_eq(pinpage_warnings(), 1);
	ck_assert_int_eq(released(), 1);
	ck_assert(pinpage_PageDirty(page));
}
END_TEST

START_TEST(dirty_release_skips_what_is_no_page)
{
	struct page *page[2] = { (struct page *)&addr };

	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, page + 1), 1);
	pinpage_unpin_user_pages_dirty_lock(page, 2, true);
	ck_assert_uint_eq(pinpage_warnings(), 1);
	ck_assert_int_eq(released(), 1);
}
END_TEST

/* the dirtying release wants the page lock that its caller has */
static void releases_locked(struct pinpage_run *run, void *state)
{
	struct page *page = pinpage_alloc_pages(PINPAGE_GFP_KERNEL, 0);

	(void)run;
	(void)state;
	ck_assert_int_eq(pinpage_pin_page(page), 0);
	pinpage_lock_page(page);
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
}

static void maps_locked(struct pinpage_run *run, void *state)
{
	(void)run;
	(void)state;
	pinpage_use_mm(pinpage_mm_alloc());
	pinpage_mmap_read_lock(pinpage_current_mm());
	(void)pinpage_mmap(0, PAGE_SIZE, PROT_READ,
			   MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
}

static void hangs_alone(void (*fn)(struct pinpage_run *, void *),
			const char *lock)
{
	static const struct pinpage_contract contract = {
		.name = "one", .title = "one",
	};
	const struct pinpage_actor actor = { .name = "driver", .main = fn };
	const struct pinpage_scenario scenario = {
		.name = "alone", .title = "alone", .contracts = &contract,
		.nr_contracts = 1, .actors = &actor, .nr_actors = 1,
	};
	struct pinpage_outcome out = { 0 };

	ck_assert_int_eq(pinpage_explore_run(&scenario, 0, NULL, NULL, false,
					     &out), 0);
	ck_assert_int_eq(out.cell, PINPAGE_CELL_HANG);
	ck_assert_msg(strstr(out.headline, lock), "%s", out.headline);
	pinpage_outcome_free(&out);
}

START_TEST(page_lock_held_hangs_and_names_it)
{
	hangs_alone(releases_locked, "lock");
}
END_TEST

START_TEST(mmap_lock_held_hangs_and_names_it)
{
	hangs_alone(maps_locked, "mmap_lock");
}
END_TEST

/* direct I/O */

START_TEST(direct_io_by_access_mode_ebadf)
{
	struct super_block *sb;
	struct file *file;

	ck_assert_int_eq(pinpage_mount("ramfs", NULL, &sb), 0);
	file = pinpage_filp_open(sb, "f", O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(pinpage_direct_read(file, addr, 512, 0), -EBADF);
	ck_assert_int_eq(pinpage_direct_write(file, addr, 512, 0), -EINVAL);
	ck_assert_int_eq(pinpage_direct_write(file, addr, 0, 0), 0);
	ck_assert_int_eq(pinpage_direct_read(file, addr, 512, -1), -EINVAL);
	ck_assert_int_eq(pinpage_filp_close(file), 0);
	ck_assert_int_eq(pinpage_umount(sb), 0);
	ck_assert_int_eq(pinpage_page_count(page_at(addr)), 1);
}
END_TEST

static void before_boot(void)
{
	addr = 0x10000;
}

START_TEST(no_machine_refused_everywhere)
{
	struct page *page = UNTOUCHED;

	all_locked(addr, 1, slots, -EINVAL, -EINVAL);
	all_unlocked(addr, 1, -EINVAL);
	ck_assert_int_eq((long)pinpage_get_user_page_vma_remote(NULL, addr, 0,
								NULL),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_read(NULL, addr, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_direct_write(NULL, addr, 1, 0), -EINVAL);
	pinpage_put_user_page(page);
	pinpage_put_user_pages(&page, 1);
	pinpage_put_user_pages_dirty(&page, 1);
	pinpage_put_user_pages_dirty_lock(&page, 1, true);
	pinpage_unpin_user_page(page);
	pinpage_unpin_user_pages(&page, 1);
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
	pinpage_unpin_user_page_range_dirty_lock(page, 1, true);
	pinpage_unpin_user_folio((struct folio *)page, 1);
	pinpage_unpin_folio((struct folio *)page);
	pinpage_unpin_folios((struct folio **)&page, 1);
}
END_TEST

START_TEST(after_shutdown_refused_everywhere)
{
	struct page *page;

	up_memory();
	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, &page), 1);
	pinpage_use_mm(NULL);
	pinpage_mmput(mm);
	ck_assert_int_eq(pinpage_shutdown(), 1);
	pinpage_unpin_user_page(page);
	pinpage_unpin_user_pages(&page, 1);
	ck_assert_int_eq(pinpage_pin_page(page), -EINVAL);
	all_unlocked(addr, 1, -EINVAL);
	up("6.1");
	ck_assert_int_eq(acquired(), 0);
	down();
}
END_TEST

#define in(tc, fn) tcase_add_test(tc, fn)

Suite *misuse_suite(void)
{
	Suite *suite = suite_create("misuse");
	TCase *tc = tcase_create("6.1");

	tcase_add_checked_fixture(tc, up_memory, down);
	in(tc, unmapped_efault_everywhere);
	in(tc, kernel_half_efault_everywhere);
	in(tc, wrapping_efault_everywhere);
	in(tc, prot_none_efault_everywhere);
	in(tc, write_only_efault_everywhere);
	in(tc, io_area_efault_everywhere);
	in(tc, no_pages_wanted_zero_everywhere);
	in(tc, negative_count_takes_nothing);
	in(tc, null_pages_einval_everywhere);
	in(tc, null_mm_efault);
	in(tc, lock_held_twice_einval);
	in(tc, locked_calls_without_the_lock_einval);
	in(tc, softirq_einval_everywhere);
	in(tc, spinlock_held_einval);
	in(tc, poisoned_page_ehwpoison);
	in(tc, dump_of_a_hole_or_the_zero_page_efault);
	in(tc, out_of_memory_enomem);
	in(tc, fixup_without_the_right_efault);
	in(tc, access_with_bad_arguments_moves_nothing);
	in(tc, pin_page_that_nobody_holds_enomem);
	in(tc, range_outside_memory_warns);
	in(tc, folio_releases_of_nothing_are_refused);
	in(tc, dirty_release_in_softirq_warns_and_releases);
	in(tc, dirty_release_skips_what_is_no_page);
	in(tc, direct_io_by_access_mode_ebadf);
	suite_add_tcase(suite, tc);
	tc = tcase_create("no machine");
	tcase_add_checked_fixture(tc, before_boot, NULL);
	in(tc, no_machine_refused_everywhere);
	suite_add_tcase(suite, tc);
	tc = tcase_create("flags");
	tcase_add_loop_test(tc, every_pair_of_flags_is_judged_by_the_era, 0, 5);
	suite_add_tcase(suite, tc);
	pp_test_add(suite, killed_6_1_eintr);
	pp_test_add(suite, killed_6_5_eagain);
	pp_test_add(suite, errno_as_count_before_5_10_traps);
	pp_test_add(suite, page_lock_held_hangs_and_names_it);
	pp_test_add(suite, mmap_lock_held_hangs_and_names_it);
	pp_test_add(suite, after_shutdown_refused_everywhere);
	return suite;
}
