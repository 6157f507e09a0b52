// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/scanner.c - tasks of the machine that do the same again and again
 *
 * One round, a pause, one round. Stopping ends the pause, and the round where
 * it asks. The rounds are khugepaged's, ksmd's and so on; each has one scanner,
 * started and stopped by one task at a time.
 *
 * Mirrors: mm/ksm.c:ksm_scan_thread(), mm/khugepaged.c:khugepaged(),
 * mm/compaction.c:kcompactd() 6.1; differs: nobody wakes them but time.
 */
#include "mm/scanner.h"

static pinpage_spinlock_t list_lock = { .rank = PINPAGE_RANK_ZONE, .name = "scanners" };
static struct pp_scanner *running;

static void enlist(struct pp_scanner *s)
{
	pinpage_spin_lock(&list_lock);
	s->next = running;
	running = s;
	pinpage_spin_unlock(&list_lock);
}

static void delist(struct pp_scanner *s)
{
	struct pp_scanner **at;

	pinpage_spin_lock(&list_lock);
	for (at = &running; *at && *at != s; at = &(*at)->next)
		;
	if (*at)
		*at = s->next;
	pinpage_spin_unlock(&list_lock);
}

static int scanner_main(void *arg)
{
	struct pp_scanner *s = arg;

	while (!pp_scanner_stops(s)) {
		s->round(s);
		pinpage_wait_for_completion_timeout(&s->kick, s->pause_ns);
	}
	return 0;
}

/**
 * pp_scanner_start() - let the rounds begin
 * @s:        with its name, its round and the pause that 0 stands for
 * @pause_ms: between two rounds
 *
 * Context: process; sleeps. Locking: none.
 * Return:  0; -EBUSY (it runs), -ENOMEM, -EINVAL (wrong context, no machine).
 */
int pp_scanner_start(struct pp_scanner *s, unsigned int pause_ms)
{
	struct task_struct *task;

	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	if (s->task)
		return -EBUSY;
	pinpage_init_completion(&s->kick);
	s->pause_ns = (pause_ms ? pause_ms : s->usual_ms) * UINT64_C(1000000);
	s->stopping = 0;
	task = pinpage_kthread_run(scanner_main, s, s->name);
	if (IS_ERR(task))
		return (int)PTR_ERR(task);
	s->task = task;
	enlist(s);
	return 0;
}

/**
 * pp_scanner_stop() - and end; nothing if there is none
 *
 * Context: process; sleeps. Locking: none that a round takes.
 */
void pp_scanner_stop(struct pp_scanner *s)
{
	struct task_struct *task = s->task;

	if (!task)
		return;
	s->task = NULL;
	delist(s);
	WRITE_ONCE(s->stopping, 1);
	pinpage_complete(&s->kick);
	pinpage_kthread_stop(task);
}

/* all of them; Context: shutdown */
void pp_scanners_stop(void)
{
	while (running)
		pp_scanner_stop(running);
}
