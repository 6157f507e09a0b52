// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * flusher.c - dirty pages of the whole machine: limits, background, sync
 *
 * The flusher wakes every interval and writes files that have been dirty for
 * longer than the expiry; above the background limit it writes anything.
 * Writers above the hard limit write themselves and are held up for a while
 * when that brings nothing, as with pages that the rules skip while pinned:
 * they are slowed down, never stopped.
 */
#include "pagecache/internal.h"

#define MSEC_NS		1000000ull
#define PAUSE_MS	10
#define BATCH_PAGES	1024

static struct {
	unsigned long background, limit;	/* pages */
	uint64_t interval_ns, expire_ns;
} limits;					/* constant while tasks run */

/* One flusher; started and stopped by one task at a time. */
static struct {
	struct task_struct *task;
	struct pinpage_completion kick;
	int stopping;
	int kicked;		/* a kick is on its way */
	int all;		/* somebody asked for everything */
	uint32_t rounds;	/* of the flusher; who waits for one parks here */
} flusher;

/**
 * pp_set_dirty_limits() - take limits, 0 and NULL being the kernel's defaults
 *
 * Context: boot, or the flusher not running. Locking: none.
 */
void pp_set_dirty_limits(const struct pinpage_dirty_limits *l)
{
	static const struct pinpage_dirty_limits none;

	if (!l)
		l = &none;
	WRITE_ONCE(limits.background, l->background_pages ? l->background_pages :
		   max(pp_nr_frames / 10, 1ul));
	WRITE_ONCE(limits.limit, l->limit_pages ? l->limit_pages :
		   max(pp_nr_frames / 5, 2ul));
	WRITE_ONCE(limits.interval_ns,
		   (l->interval_ms ? l->interval_ms : 5000) * MSEC_NS);
	WRITE_ONCE(limits.expire_ns,
		   (l->expire_ms ? l->expire_ms : 30000) * MSEC_NS);
}

struct pass {
	enum pinpage_sync_mode mode;
	uint64_t older_than;	/* dirtied_when at most this */
	long nr_to_write;
	long written;
	int error;
};

static long write_inode_pass(struct inode *inode, void *arg)
{
	struct address_space *mapping = &inode->i_data;
	uint64_t since = READ_ONCE(mapping->dirtied_when);
	struct pass *pass = arg;
	struct writeback_control wbc = {
		.sync_mode = pass->mode,
		.nr_to_write = pass->nr_to_write,
		.range_end = PP_LOFF_MAX,
		.for_background = pass->mode == PINPAGE_WB_SYNC_NONE,
	};
	int ret = 0;

	if (since && since <= pass->older_than)
		ret = pp_write_cache_pages(mapping, &wbc);
	if (pass->mode == PINPAGE_WB_SYNC_ALL)
		pp_filemap_wait_range(mapping, 0, PP_LOFF_MAX);
	pass->written += wbc.pages_written;
	if (ret && !pass->error)
		pass->error = ret;
	if (pass->mode == PINPAGE_WB_SYNC_ALL)
		return 0;
	pass->nr_to_write -= wbc.pages_written;
	return pass->nr_to_write > 0 ? 0 : -EAGAIN;
}

static long write_sb_pass(struct super_block *sb, void *arg)
{
	return pp_for_each_inode(sb, write_inode_pass, arg);
}

static long run_pass(struct pass *pass, struct super_block *only)
{
	return pp_for_each_sb(only, pass->mode == PINPAGE_WB_SYNC_ALL,
			      write_sb_pass, pass);
}

/**
 * pp_write_inode() - write and wait for all pages of an inode
 *
 * Context: process; sleeps. Locking: no page lock held.
 * Return:  pages written or the first -errno
 */
long pp_write_inode(struct inode *inode, enum pinpage_sync_mode mode)
{
	struct pass pass = {
		.mode = mode,
		.older_than = UINT64_MAX,
		.nr_to_write = LONG_MAX,
	};

	write_inode_pass(inode, &pass);
	return pass.error ? pass.error : pass.written;
}

/* See the header. Mirrors: fs/fs-writeback.c:sync_inodes_sb() */
long pinpage_writeback(struct super_block *sb, enum pinpage_sync_mode mode)
{
	struct pass pass = {
		.mode = mode,
		.older_than = UINT64_MAX,
		.nr_to_write = LONG_MAX,
	};

	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	if (IS_ERR(sb) || (mode != PINPAGE_WB_SYNC_NONE &&
			   mode != PINPAGE_WB_SYNC_ALL)) {
		pp_warn_once("writeback: sb %p, mode %d", (void *)sb, (int)mode);
		return -EINVAL;
	}
	if (run_pass(&pass, sb) == -EINVAL)
		return -EINVAL;
	return pass.error ? pass.error : pass.written;
}

static unsigned long nr_dirty(void)
{
	long nr = atomic_long_read(&pp_nr_dirty);

	return nr > 0 ? (unsigned long)nr : 0;
}

static bool over_limit(void)
{
	long wb = atomic_long_read(&pp_nr_writeback);

	return nr_dirty() + (wb > 0 ? (unsigned long)wb : 0) >
		READ_ONCE(limits.limit);
}

static void kick_flusher(void)
{
	if (READ_ONCE(flusher.task) && !xchg(&flusher.kicked, 1))
		pinpage_complete(&flusher.kick);
}

/**
 * pp_flusher_helps() - is there a flusher that the calling task could wait for?
 *
 * Context: any.
 */
bool pp_flusher_helps(void)
{
	struct task_struct *task = READ_ONCE(flusher.task);

	return task && task != current;
}

/**
 * pp_wakeup_flusher() - let it write whatever is dirty
 *
 * Context: any. Mirrors: fs/fs-writeback.c:wakeup_flusher_threads()
 */
void pp_wakeup_flusher(void)
{
	WRITE_ONCE(flusher.all, 1);
	kick_flusher();
}

/**
 * pp_flusher_wait() - until the flusher has been through, or for @timeout_ns
 *
 * Context: process; sleeps. Locking: any that the flusher need not wait for
 * longer than that.
 * Mirrors: mm/vmscan.c:reclaim_throttle()
 */
void pp_flusher_wait(uint64_t timeout_ns)
{
	uint64_t deadline = pinpage_ktime_get_ns() + timeout_ns;
	uint32_t seen = READ_ONCE(flusher.rounds);

	pp_wakeup_flusher();
	while (pp_flusher_helps() && READ_ONCE(flusher.rounds) == seen)
		if (!pp_park_timeout(&flusher.rounds, seen, deadline))
			break;
}

/**
 * pp_balance_dirty_pages() - a task has dirtied a page: shall it wait?
 *
 * Above the background limit the flusher is woken. Above the hard limit the
 * task cleans pages itself; if nothing can be cleaned (all of them pinned and
 * skipped) it is paused and then let go.
 *
 * Context: process; may sleep. Locking: i_rwsem may be held, no page lock.
 * Mirrors: mm/page-writeback.c:balance_dirty_pages(); differs: no bandwidth
 *          estimate, the pause is bounded and constant
 */
void pp_balance_dirty_pages(void)
{
	struct pass pass = {
		.mode = PINPAGE_WB_SYNC_NONE,
		.older_than = UINT64_MAX,
		.nr_to_write = BATCH_PAGES,
	};

	if (likely(nr_dirty() <= READ_ONCE(limits.background)))
		return;
	kick_flusher();
	if (!over_limit())
		return;
	run_pass(&pass, NULL);
	if (!pass.written && over_limit())
		pinpage_msleep(PAUSE_MS);
}

/* Writes until below the background limit or nothing moves. */
static void background_work(void)
{
	struct pass pass;

	do {
		pass = (struct pass){
			.mode = PINPAGE_WB_SYNC_NONE,
			.older_than = UINT64_MAX,
			.nr_to_write = BATCH_PAGES,
		};
		if (nr_dirty() <= READ_ONCE(limits.background))
			break;
		run_pass(&pass, NULL);
	} while (pass.written && !READ_ONCE(flusher.stopping));
}

/* what reclaim asked for */
static void all_work(void)
{
	struct pass pass = {
		.mode = PINPAGE_WB_SYNC_NONE,
		.older_than = UINT64_MAX,
		.nr_to_write = (long)nr_dirty(),
	};

	if (xchg(&flusher.all, 0) && pass.nr_to_write)
		run_pass(&pass, NULL);
}

static void periodic_work(void)
{
	uint64_t now = pinpage_ktime_get_ns() + 1;
	struct pass pass = {
		.mode = PINPAGE_WB_SYNC_NONE,
		.nr_to_write = LONG_MAX,
	};

	if (now <= limits.expire_ns)
		return;
	pass.older_than = now - limits.expire_ns;
	run_pass(&pass, NULL);
}

static int flusher_main(void *arg)
{
	uint64_t next = pinpage_ktime_get_ns() + limits.interval_ns;

	(void)arg;
	while (!READ_ONCE(flusher.stopping)) {
		uint64_t now = pinpage_ktime_get_ns();

		if (now < next)
			pinpage_wait_for_completion_timeout(&flusher.kick,
							    next - now);
		WRITE_ONCE(flusher.kicked, 0);
		if (READ_ONCE(flusher.stopping))
			break;
		all_work();
		background_work();
		WRITE_ONCE(flusher.rounds, flusher.rounds + 1);
		pp_unpark(&flusher.rounds, INT_MAX);
		if (pinpage_ktime_get_ns() >= next) {
			periodic_work();
			next = pinpage_ktime_get_ns() + limits.interval_ns;
		}
	}
	return 0;
}

/* See the header. Mirrors: fs/fs-writeback.c:wb_workfn() */
int pinpage_flusher_start(const struct pinpage_dirty_limits *l)
{
	struct task_struct *task;

	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	if (flusher.task)
		return -EBUSY;
	if (l)
		pp_set_dirty_limits(l);
	pinpage_init_completion(&flusher.kick);
	flusher.kicked = 0;
	flusher.all = 0;
	flusher.stopping = 0;
	task = pinpage_kthread_run(flusher_main, NULL, "flusher");
	if (IS_ERR(task))
		return (int)PTR_ERR(task);
	WRITE_ONCE(flusher.task, task);
	return 0;
}

/* Stops it if it runs. Context: process; sleeps. */
void pp_flusher_stop(void)
{
	struct task_struct *task = flusher.task;

	if (!task)
		return;
	WRITE_ONCE(flusher.task, NULL);
	WRITE_ONCE(flusher.stopping, 1);
	pinpage_complete(&flusher.kick);
	pinpage_kthread_stop(task);
}

void pinpage_flusher_stop(void)
{
	if (pp_ready())
		pp_flusher_stop();
}
