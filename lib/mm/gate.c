// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/gate.c - the vsyscall page: one page above user space, in every process
 *
 * It is in no page table of a process here, so that only the walk of GUP that
 * looks for it finds it; loads and the lock-free walk end at TASK_SIZE.
 *
 * Mirrors: arch/x86/entry/vsyscall/vsyscall_64.c:get_gate_vma(), map_vsyscall();
 * differs: always there, also when it cannot be read.
 */
#include <string.h>

#include "mm/internal.h"

static struct page *gate_page;		/* NULL: it can only be executed */
static struct vm_area_struct gate_vma = {
	.vm_start = PP_VSYSCALL_ADDR, .vm_end = PP_VSYSCALL_ADDR + PAGE_SIZE,
	.vm_flags = VM_READ | VM_EXEC,
};

/* gettimeofday, time, getcpu: load the number, system call, return */
static void fill(unsigned char *at)
{
	static const unsigned short number[] = { 96, 201, 309 };
	unsigned int i;

	memset(at, 0xcc, PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(number); i++, at += 1024) {
		const unsigned char code[] = {
			0x48, 0xc7, 0xc0, (unsigned char)number[i],
			(unsigned char)(number[i] >> 8), 0, 0, 0x0f, 0x05, 0xc3,
		};

		memcpy(at, code, sizeof(code));
	}
}

/**
 * pp_gate_boot() - the vsyscall= of the command line
 *
 * Context: boot, after the page room. Return: 0, -ENOMEM.
 */
int pp_gate_boot(enum pinpage_vsyscall mode)
{
	if (mode == PINPAGE_VSYSCALL_XONLY)
		return 0;
	gate_page = pp_alloc_pages(PINPAGE_GFP_KERNEL, 0);
	if (!gate_page)
		return -ENOMEM;
	SetPageReserved(gate_page);
	fill(page_address(gate_page));
	return 0;
}

/* pp_gate_shutdown() - who pins it still holds it; Context: shutdown */
void pp_gate_shutdown(void)
{
	if (!gate_page)
		return;
	ClearPageReserved(gate_page);
	pp_unref(gate_page);
	gate_page = NULL;
}

/**
 * pp_gate_page() - the page that a read of the gate finds
 * @vma: out: the area that it is in
 *
 * Context: any. Return: no reference taken; NULL: it may not be read.
 * Mirrors: mm/gup.c:get_gate_page()
 */
struct page *pp_gate_page(struct vm_area_struct **vma)
{
	*vma = &gate_vma;
	return gate_page;
}
