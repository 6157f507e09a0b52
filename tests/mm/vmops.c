// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A driver that answers for its areas: open, close, faults, first writes.
 */
#include "machine.h"
#include "suites.h"

static struct {
	struct page *page[4];			/* of the driver, two areas' worth */
	unsigned int opens, closes, faults, writes, pfn_writes;
	unsigned int answer;			/* of fault(), page_mkwrite() */
	unsigned long flags;			/* for pinpage_vm_flags_set() */
	bool insert;				/* fault() enters frame numbers */
	int split;
	const struct pinpage_vm_operations *ops;
} drv;
static struct file *dev;

static void drv_open(struct vm_area_struct *vma)
{
	ck_assert_ptr_eq(pinpage_vma_private(vma), &drv);
	drv.opens++;
}

static void drv_close(struct vm_area_struct *vma)
{
	(void)vma;
	drv.closes++;
}

static int drv_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	ck_assert(addr > pinpage_vma_start(vma) && addr < pinpage_vma_end(vma));
	return drv.split;
}

static unsigned int drv_fault(struct pinpage_vm_fault *vmf)
{
	drv.faults++;
	if (drv.answer)
		return drv.answer;
	if (drv.insert)
		return pinpage_vmf_insert_pfn(vmf->vma, vmf->address,
					      page_to_pfn(drv.page[vmf->pgoff]));
	vmf->page = drv.page[vmf->pgoff];
	pinpage_get_page(vmf->page);
	return 0;
}

static unsigned int drv_mkwrite(struct pinpage_vm_fault *vmf)
{
	ck_assert_uint_eq(vmf->flags, PINPAGE_FAULT_FLAG_WRITE | PINPAGE_FAULT_FLAG_MKWRITE);
	ck_assert_ptr_eq(vmf->page, drv.page[vmf->pgoff]);
	drv.writes++;
	return drv.answer;
}

static unsigned int drv_pfn_mkwrite(struct pinpage_vm_fault *vmf)
{
	ck_assert_ptr_null(vmf->page);
	drv.pfn_writes++;
	return drv.answer;
}

static const struct pinpage_vm_operations plain = {
	.open = drv_open, .close = drv_close, .may_split = drv_may_split, .fault = drv_fault,
};
static const struct pinpage_vm_operations told = {
	.fault = drv_fault, .page_mkwrite = drv_mkwrite, .pfn_mkwrite = drv_pfn_mkwrite,
};
static const struct pinpage_vm_operations faultless = { .open = drv_open };

static int drv_mmap(struct file *file, struct vm_area_struct *vma)
{
	(void)file;
	ck_assert_int_eq(pinpage_vma_set_ops(vma, drv.ops, &drv), 0);
	return pinpage_vm_flags_set(vma, drv.flags);
}

static const struct pinpage_file_operations fops = { .mmap = drv_mmap };

static void ready(void)
{
	int i;

	memset(&drv, 0, sizeof(drv));
	drv.ops = &plain;
	dev = pinpage_device_file("drv", &fops, NULL);
	ck_assert(!IS_ERR(dev));
	for (i = 0; i < 4; i++) {
		drv.page[i] = pp_alloc_page(PINPAGE_GFP_ZERO);
		*(char *)page_address(drv.page[i]) = (char)(i + 1);
	}
}

static void start(void)
{
	up();
	ready();
}

static void start_fiber(void)
{
	up_fiber();
	ready();
}

static void stop(void)
{
	int i;

	ck_assert_int_eq(pinpage_munmap(PP_MMAP_MIN, TASK_SIZE - PP_MMAP_MIN), 0);
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(page_ref_count(drv.page[i]), 1);
		pp_unref(drv.page[i]);
	}
	ck_assert_int_eq(pinpage_filp_close(dev), 0);
	down();
}

static unsigned long shared(unsigned long pages)
{
	return map_file(dev, pages, RW, MAP_SHARED);
}

static bool writable(unsigned long addr)
{
	return pte_of(mm, addr) & PINPAGE_PTE_WRITE;
}

START_TEST(fault_gives_a_page)
{
	unsigned long addr = shared(2);

	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	put(mm, addr, 9);
	ck_assert_uint_eq(drv.faults, 2);
	ck_assert_int_eq(*(char *)page_address(drv.page[0]), 9);
	ck_assert_int_eq(page_ref_count(drv.page[0]), 2);
	ck_assert(PageDirty(drv.page[0]));
	ck_assert(writable(addr + PAGE_SIZE));
	/* and it can be pinned */
	ck_assert_ptr_eq(pin(mm, addr), drv.page[0]);
	unpin(drv.page[0]);
}
END_TEST

START_TEST(private_write_copies_it)
{
	unsigned long addr = map_file(dev, 2, RW, MAP_PRIVATE);

	put(mm, addr, 9);
	ck_assert_int_eq(*(char *)page_address(drv.page[0]), 1);
	ck_assert(PageAnon(page_of(mm, addr)));
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	ck_assert_ptr_eq(page_of(mm, addr + PAGE_SIZE), drv.page[1]);
	put(mm, addr + PAGE_SIZE, 8);
	ck_assert_int_eq(*(char *)page_address(drv.page[1]), 2);
}
END_TEST

START_TEST(errors_of_fault)
{
	unsigned long addr = shared(1), none;

	drv.answer = PINPAGE_VM_FAULT_SIGBUS;
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	drv.answer = PINPAGE_VM_FAULT_SIGSEGV;
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	drv.answer = PINPAGE_VM_FAULT_HWPOISON;
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	drv.answer = PINPAGE_VM_FAULT_OOM;
	ck_assert_int_eq(get(mm, addr), -ENOMEM);
	drv.ops = &faultless;
	none = shared(1);
	ck_assert_int_eq(get(mm, none), -EFAULT);
	ck_assert_uint_eq(drv.faults, 4);
}
END_TEST

START_TEST(no_page_at_all_is_a_bug_of_the_driver)
{
	unsigned long addr = shared(1);

	drv.answer = PINPAGE_VM_FAULT_MAJOR;
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	expect_warnings(1);
}
END_TEST

START_TEST(areas_are_opened_and_closed)
{
	unsigned long addr = shared(3);
	struct mm_struct *child;

	ck_assert_uint_eq(drv.opens, 0);
	drv.split = -EINVAL;
	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, PAGE_SIZE), -EINVAL);
	drv.split = 0;
	child = pinpage_fork_mm(mm);
	ck_assert_uint_eq(drv.opens, 1);
	pinpage_mmput(child);
	ck_assert_uint_eq(drv.closes, 1);
	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, PAGE_SIZE), 0);
	/* three halves were made of it, one of them went */
	ck_assert_uint_eq(drv.opens, 3);
	ck_assert_uint_eq(drv.closes, 2);
	ck_assert_int_eq(pinpage_munmap(addr, 3 * PAGE_SIZE), 0);
	ck_assert_uint_eq(drv.closes, 4);
	ck_assert_uint_eq(drv.opens + 1, drv.closes);
}
END_TEST

START_TEST(mremap_opens_the_new_place)
{
	unsigned long addr = shared(2);
	long to;

	put(mm, addr, 7);
	to = pinpage_mremap(addr, 2 * PAGE_SIZE, 2 * PAGE_SIZE,
			    MREMAP_MAYMOVE | MREMAP_FIXED, addr + 100 * PAGE_SIZE);
	ck_assert_int_gt(to, 0);
	ck_assert_uint_eq(drv.opens, 1);
	ck_assert_uint_eq(drv.closes, 1);
	ck_assert_int_eq(get(mm, (unsigned long)to), 7);
}
END_TEST

START_TEST(first_write_is_told)
{
	unsigned long addr;

	drv.ops = &told;
	addr = shared(2);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert(!writable(addr));
	drv.answer = PINPAGE_VM_FAULT_SIGBUS;
	ck_assert_int_eq(pinpage_store(mm, addr, "x", 1), -EFAULT);
	ck_assert_int_eq(get(mm, addr), 1);
	drv.answer = 0;
	put(mm, addr, 5);
	put(mm, addr, 6);
	ck_assert_uint_eq(drv.writes, 2);
	ck_assert(writable(addr) && PageDirty(drv.page[0]));
	/* a write that faults at once: both */
	put(mm, addr + PAGE_SIZE, 5);
	ck_assert_uint_eq(drv.faults, 2);
	ck_assert_uint_eq(drv.writes, 3);
}
END_TEST

START_TEST(frame_numbers_are_entered_and_told)
{
	unsigned long addr;

	drv.ops = &told;
	drv.insert = true;
	drv.flags = PINPAGE_VM_PFNMAP | PINPAGE_VM_IO;
	addr = shared(2);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_SPECIAL && !writable(addr));
	ck_assert_int_eq(page_ref_count(drv.page[0]), 1);
	put(mm, addr, 4);
	ck_assert_uint_eq(drv.pfn_writes, 1);
	ck_assert_uint_eq(drv.writes, 0);
	ck_assert_int_eq(*(char *)page_address(drv.page[0]), 4);
	put(mm, addr + PAGE_SIZE, 4);
	ck_assert_uint_eq(drv.pfn_writes, 2);
}
END_TEST

START_TEST(inserting_checks_the_area)
{
	unsigned long addr = shared(1);
	struct vm_area_struct *vma = pp_find_vma(mm, addr);

	pinpage_mmap_read_lock(mm);
	ck_assert_uint_eq(pinpage_vmf_insert_pfn(vma, addr, 5), PINPAGE_VM_FAULT_SIGBUS);
	ck_assert_uint_eq(pinpage_vmf_insert_mixed(vma, addr, 5), PINPAGE_VM_FAULT_SIGBUS);
	ck_assert_uint_eq(pinpage_vmf_insert_pfn(NULL, addr, 5), PINPAGE_VM_FAULT_SIGBUS);
	pinpage_mmap_read_unlock(mm);
	drv.flags = PINPAGE_VM_MIXEDMAP;
	addr = shared(1);
	vma = pp_find_vma(mm, addr);
	pinpage_mmap_read_lock(mm);
	ck_assert_uint_eq(pinpage_vmf_insert_mixed(vma, addr + PAGE_SIZE, 5),
			  PINPAGE_VM_FAULT_SIGBUS);
	pp_inject_alloc(1);
	ck_assert_uint_eq(pinpage_vmf_insert_mixed(vma, addr, 5), PINPAGE_VM_FAULT_OOM);
	pp_inject_alloc(0);
	ck_assert_uint_eq(pinpage_vmf_insert_mixed(vma, addr, 5), PINPAGE_VM_FAULT_NOPAGE);
	ck_assert_uint_eq(pinpage_vmf_insert_mixed(vma, addr, 6), PINPAGE_VM_FAULT_NOPAGE);
	pinpage_mmap_read_unlock(mm);
	/* too late, and bits that are not the driver's */
	ck_assert_int_eq(pinpage_vma_set_ops(vma, &told, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_vm_flags_set(vma, PINPAGE_VM_IO), -EINVAL);
	ck_assert_int_eq(pinpage_vma_set_ops(NULL, &told, NULL), -EINVAL);
	drv.flags = 1;
	ck_assert_int_eq(pinpage_mmap(0, PAGE_SIZE, RW, MAP_SHARED, dev, 0), -EINVAL);
	ck_assert_ptr_null(pinpage_vma_private(NULL));
}
END_TEST

START_TEST(neighbours_with_close_stay_apart)
{
	unsigned long addr = shared(2);

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, RW), 0);
	ck_assert_uint_eq(pp_find_vma(mm, addr)->vm_end, addr + PAGE_SIZE);
}
END_TEST

Suite *vmops_suite(void)
{
	Suite *suite = suite_create("mm/vmops");

	on_until(suite, fault_gives_a_page, start, stop);
	on_until(suite, fault_gives_a_page, start_fiber, stop);
	on_until(suite, private_write_copies_it, start, stop);
	on_until(suite, errors_of_fault, start, stop);
	on_until(suite, no_page_at_all_is_a_bug_of_the_driver, start, stop);
	on_until(suite, areas_are_opened_and_closed, start, stop);
	on_until(suite, mremap_opens_the_new_place, start, stop);
	on_until(suite, first_write_is_told, start, stop);
	on_until(suite, first_write_is_told, start_fiber, stop);
	on_until(suite, frame_numbers_are_entered_and_told, start, stop);
	on_until(suite, inserting_checks_the_area, start, stop);
	on_until(suite, neighbours_with_close_stay_apart, start, stop);
	return suite;
}
