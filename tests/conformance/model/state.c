// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * state.c - statistics, accounts, daemons
 */
#include "model.h"

#include <string.h>

#define SWAP_PAGES	4096

static int swap_area = -1;

void model_state_begin(const struct conf_case *c)
{
	struct pinpage_swap_options options = { .pages = SWAP_PAGES };

	swap_area = c->needs & NEED_SWAP ? pinpage_swapon(&options) : -1;
	if (c->needs & NEED_SWAP && swap_area < 0)
		model_broken("no swap");
}

/* Swap goes with the machine: nothing is brought back. */
void model_state_end(void)
{
	k_unaccount_pinned();
	pinpage_flusher_stop();
}

bool k_has_pinned(int proc)
{
	return pinpage_mm_has_pinned(model_proc(proc)->mm);
}

long k_acq(void)
{
	return pinpage_stat(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED);
}

long k_rel(void)
{
	return pinpage_stat(PINPAGE_STAT_NR_FOLL_PIN_RELEASED);
}

long k_acq_raw(void)
{
	return k_acq();
}

long k_rel_raw(void)
{
	return k_rel();
}

long k_vmstat(const char *name)
{
	int i;

	for (i = 0; i < PINPAGE_NR_STATS; i++)
		if (!strcmp(pinpage_stat_name((enum pinpage_stat)i), name))
			return pinpage_stat((enum pinpage_stat)i);
	return -ENOENT;
}

long k_meminfo(const char *field)
{
	struct pinpage_hugetlb_info info;

	pinpage_hugetlb_info(&info);
	if (!strcmp(field, "HugePages_Total"))
		return (long)info.total;
	if (!strcmp(field, "HugePages_Free"))
		return (long)info.free;
	if (!strcmp(field, "HugePages_Rsvd"))
		return (long)info.reserved;
	model_missing(field);
}

/* There are no per-CPU batches. */
void k_drain(void)
{
}

long k_locked_vm(int proc)
{
	return pinpage_mm_locked_vm(model_proc(proc)->mm);
}

long k_pinned_vm(int proc)
{
	return pinpage_mm_pinned_vm(model_proc(proc)->mm);
}

long k_add_pinned_vm(long pages)
{
	return pinpage_account_pinned_vm(model_cur()->mm, (unsigned long)pages,
					 true);
}

long k_account_locked(long pages, bool inc)
{
	return pinpage_account_locked_vm(model_cur()->mm, (unsigned long)pages,
					 inc);
}

static struct pinpage_mmpin mmpin;

long k_account_pinned(long bytes)
{
	return pinpage_mm_account_pinned_pages(&mmpin, (size_t)bytes);
}

void k_unaccount_pinned(void)
{
	pinpage_mm_unaccount_pinned_pages(&mmpin);
	memset(&mmpin, 0, sizeof(mmpin));
}

void k_flusher(long expire_ms, long interval_ms)
{
	struct pinpage_dirty_limits limits = {
		.interval_ms = (unsigned int)interval_ms,
		.expire_ms = (unsigned int)expire_ms,
	};

	pinpage_flusher_stop();
	if (interval_ms && pinpage_flusher_start(&limits))
		model_broken("no flusher");
}

/* ksmd runs while the case waits for it. */
void k_ksm(bool run)
{
	(void)run;
}

#define ALL_PAGES	1000000UL	/* more than a case has */

bool k_ksm_scans(long n, long ms)
{
	(void)ms;
	while (n-- > 0)
		if (pinpage_ksm_scan(ALL_PAGES) < 0)
			return false;
	return true;
}

long k_shmem_huge(const char *mode)
{
	static const char *const names[] = {
		[PINPAGE_HUGE_NEVER] = "never", [PINPAGE_HUGE_ALWAYS] = "always",
		[PINPAGE_HUGE_WITHIN_SIZE] = "within_size",
		[PINPAGE_HUGE_ADVISE] = "advise", [PINPAGE_HUGE_DENY] = "deny",
		[PINPAGE_HUGE_FORCE] = "force",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], mode))
			return pinpage_set_shmem_enabled((enum pinpage_huge)i);
	return -EINVAL;
}

void k_compact(void)
{
	pinpage_compact_memory();
}

/* Frames that go and come together. */
#define BLOCK	1024UL

long k_offline(pg_t page, bool offline)
{
	unsigned long pfn = pinpage_page_to_pfn(page_of(page)) & -BLOCK;

	return offline ? pinpage_offline_pages(pfn, BLOCK) :
			 pinpage_online_pages(pfn, BLOCK);
}
