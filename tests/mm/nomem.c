// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Each allocation of an operation fails once; down() finds what leaks.
 */
#include "machine.h"
#include "suites.h"

/* one operation on a fresh machine; 0 or -ENOMEM */
typedef int operation(void);

static void fail_each(operation *op)
{
	unsigned long nth;
	int err = -ENOMEM;

	for (nth = 1; err; nth++) {
		ck_assert_uint_lt(nth, 1000);
		down();
		boot("6.1", PINPAGE_ENGINE_NATIVE, 4096);
		err = op();
		if (!err)
			break;
		ck_assert_int_eq(err, -ENOMEM);
	}
}

/* the @n-th allocation from here fails, one more each time round */
static unsigned long next;

static void arm(void)
{
	pp_inject_alloc(++next);
}

/* -ENOMEM while something failed; 0 when the operation has none left to fail */
static int disarm(long ret)
{
	bool fired = pp_inject_alloc_fired();

	pp_inject_alloc(0);
	ck_assert(fired || ret >= 0);
	return fired ? -ENOMEM : 0;
}

static int do_mmap_store(void)
{
	unsigned char byte = 1;
	long ret;

	arm();
	ret = pinpage_mmap(0, 4 * PAGE_SIZE, RW, PRIV, NULL, 0);
	if (ret > 0)
		ret = pinpage_store(mm, (unsigned long)ret, &byte, 1);
	return disarm(ret);
}

static int do_file_store(void)
{
	struct file *file = ram_file(2);
	unsigned char byte = 1;
	long ret;

	arm();
	ret = pinpage_mmap(0, 2 * PAGE_SIZE, RW, MAP_PRIVATE, file, 0);
	if (ret > 0)
		ret = pinpage_store(mm, (unsigned long)ret, &byte, 1);
	return disarm(ret);
}

static int do_munmap(void)
{
	unsigned long addr = anon(3);

	arm();
	return disarm(pinpage_munmap(addr + PAGE_SIZE, PAGE_SIZE));
}

static int do_mprotect(void)
{
	unsigned long addr = anon(3);

	arm();
	return disarm(pinpage_mprotect(addr + PAGE_SIZE, PAGE_SIZE, PROT_READ));
}

static int do_mremap(void)
{
	unsigned long addr = anon(3);
	long ret;

	arm();
	ret = pinpage_mremap(addr + PAGE_SIZE, PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
	return disarm(ret);
}

/* to where there are no tables yet */
static int do_mremap_far(void)
{
	unsigned long addr = anon(3);
	long ret;

	arm();
	ret = pinpage_mremap(addr, 3 * PAGE_SIZE, 3 * PAGE_SIZE,
			     MREMAP_MAYMOVE | MREMAP_FIXED, 0x500000000000UL);
	return disarm(ret);
}

static int do_madvise(void)
{
	unsigned long addr = anon(3);

	arm();
	return disarm(pinpage_madvise(addr + PAGE_SIZE, PAGE_SIZE,
				      MADV_DONTFORK));
}

static int do_populate(void)
{
	unsigned long addr = map(3, RW, PRIV);

	arm();
	return disarm(pinpage_madvise(addr, 3 * PAGE_SIZE,
				      MADV_POPULATE_WRITE));
}

static int do_fork(void)
{
	struct mm_struct *child;
	struct page *page;

	anon(3);
	page = pin(mm, anon(1));
	huge();
	arm();
	child = pinpage_fork_mm(mm);
	unpin(page);
	if (!IS_ERR(child))
		pinpage_mmput(child);
	return disarm(PTR_ERR_OR_ZERO(child));
}

static int do_huge(void)
{
	unsigned long addr = map(HPAGE_PMD_NR, RW, PRIV);
	unsigned char byte = 1;
	int err;

	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_HUGEPAGE), 0);
	arm();
	err = pinpage_store(mm, addr, &byte, 1);
	return disarm(err);
}

static int do_mm_alloc(void)
{
	struct mm_struct *other;

	arm();
	other = pinpage_mm_alloc();
	if (other)
		pinpage_mmput(other);
	return disarm(other ? 0 : -ENOMEM);
}

static int do_shared(void)
{
	long ret;

	arm();
	ret = pinpage_mmap(0, PAGE_SIZE, RW, SHARED, NULL, 0);
	return disarm(ret);
}

static operation *const operations[] = {
	do_mmap_store, do_file_store, do_munmap, do_mprotect, do_mremap, do_mremap_far,
	do_madvise, do_populate, do_fork, do_huge, do_mm_alloc, do_shared,
};

START_TEST(each_failure_leaves_nothing)
{
	next = 0;
	fail_each(operations[_i]);
	ck_assert_uint_gt(next, 1);
}
END_TEST

Suite *nomem_suite(void)
{
	Suite *s = suite_create("mm/nomem");
	TCase *tc = tcase_create("each_failure_leaves_nothing");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_loop_test(tc, each_failure_leaves_nothing, 0, (int)ARRAY_SIZE(operations));
	suite_add_tcase(s, tc);
	return s;
}
