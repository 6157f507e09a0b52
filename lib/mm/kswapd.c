// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/kswapd.c - the task that reclaims before an allocation has to
 *
 * It sleeps until an allocation leaves fewer free frames than the low mark, and
 * reclaims up to the high mark or until nothing moves.
 *
 * One kswapd; started and stopped by one task at a time.
 * Mirrors: mm/vmscan.c:kswapd() 6.1; differs: one for all zones; after a round
 * without success it waits for the next allocation.
 */
#include "mm/internal.h"

static struct {
	struct task_struct *task;
	struct pinpage_completion kick;
	unsigned long low, high;	/* frames; constant while it runs */
	int stopping;
	int kicked;			/* a kick is on its way */
} kswapd;

/* an allocation has left few frames; Context: any */
static void wake(void)
{
	if (READ_ONCE(kswapd.task) && !xchg(&kswapd.kicked, 1))
		pinpage_complete(&kswapd.kick);
}

static void balance(void)
{
	unsigned long nr_free, freed = 1;

	while (freed && !READ_ONCE(kswapd.stopping)) {
		nr_free = pp_nr_free();
		if (nr_free >= kswapd.high) {
			pp_reclaim_balanced();
			return;
		}
		freed = pp_reclaim_kswapd(kswapd.high - nr_free);
		pp_stat_add(PINPAGE_STAT_PGSTEAL_KSWAPD, (long)freed);
		pinpage_cond_resched();
	}
}

static int kswapd_main(void *arg)
{
	(void)arg;
	while (!READ_ONCE(kswapd.stopping)) {
		pinpage_wait_for_completion(&kswapd.kick);
		WRITE_ONCE(kswapd.kicked, 0);
		balance();
	}
	return 0;
}

/* low and high mark: what the caller says, or a 64th and a 32nd of memory */
static bool choose_marks(unsigned long low, unsigned long high)
{
	kswapd.low = low ? low : max(pp_nr_frames / 64, 4UL);
	kswapd.high = high ? high : 2 * kswapd.low;
	return kswapd.low <= kswapd.high && kswapd.high < pp_nr_frames;
}

int pinpage_kswapd_start(unsigned long low, unsigned long high)
{
	struct task_struct *task;

	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	if (kswapd.task)
		return -EBUSY;
	if (!choose_marks(low, high))
		return -EINVAL;
	pinpage_init_completion(&kswapd.kick);
	kswapd.kicked = 0;
	kswapd.stopping = 0;
	task = pinpage_kthread_run(kswapd_main, NULL, "kswapd");
	if (IS_ERR(task))
		return (int)PTR_ERR(task);
	WRITE_ONCE(kswapd.task, task);
	pp_set_low_hook(kswapd.low, wake);
	return 0;
}

/* Stops it if it runs. Context: process; sleeps. */
void pp_kswapd_stop(void)
{
	struct task_struct *task = kswapd.task;

	if (!task)
		return;
	pp_set_low_hook(0, NULL);
	WRITE_ONCE(kswapd.task, NULL);
	WRITE_ONCE(kswapd.stopping, 1);
	pinpage_complete(&kswapd.kick);
	pinpage_kthread_stop(task);
}

void pinpage_kswapd_stop(void)
{
	if (pp_ready())
		pp_kswapd_stop();
}
