// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * state.c - statistics, accounts, daemons, notifiers
 */
#include "model.h"

#include <string.h>

void model_state_begin(void)
{
}

void model_state_end(void)
{
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

long k_account_pinned(long bytes)
{
	(void)bytes;
	model_missing("mm_account_pinned_pages");
}

void k_unaccount_pinned(void)
{
	model_missing("mm_account_pinned_pages");
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

void k_ksm(bool run)
{
	(void)run;
	model_missing("KSM");
}

bool k_ksm_scans(long n, long ms)
{
	(void)n, (void)ms;
	model_missing("KSM");
}

void k_compact(void)
{
	model_missing("compaction");
}

long k_offline(pg_t page, bool offline)
{
	(void)page, (void)offline;
	model_missing("memory offline");
}

int k_notify(unsigned long a, long len)
{
	(void)a, (void)len;
	model_missing("mmu notifiers");
}

void k_notify_drop(int n, struct hold h, enum conf_release how, bool make_dirty)
{
	(void)n, (void)h, (void)how, (void)make_dirty;
	model_missing("mmu notifiers");
}

long k_events(int n)
{
	(void)n;
	model_missing("mmu notifiers");
}

struct nevent k_event(int n, long i)
{
	(void)n, (void)i;
	model_missing("mmu notifiers");
}

void k_unnotify(int n)
{
	(void)n;
	model_missing("mmu notifiers");
}
