// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stages.c - proposals that no kernel has (semantics 6.9)
 *
 * D is "dirty-at-pin". S is one of three: S18 "stay-dirty-wait", S19
 * "stay-dirty-bounce", S23 "stay-dirty-skip".
 */
#include "help.h"

#define WHY	.needs = NEED_MODEL, .why = "never shipped"
#define S18	rules_are("stay-dirty-wait")
#define S19	rules_are("stay-dirty-bounce")
#define S23	rules_are("stay-dirty-skip")

static struct pginfo info_of(struct hold h)
{
	return k_info(k_page(h, 0));
}

static struct hold pinned(const char *name, int *fd, unsigned long *a)
{
	*a = ext4w(name, fd);
	return pin_fast(*a, 1, FOLL_WRITE);
}

static long reread(int fd, long off)
{
	f_forget(fd);
	u_drop_caches();
	return f_byte(fd, off);
}

static bool lock_taken;
static pg_t watched;

static void look_for_lock(void *arg)
{
	(void)arg;
	if (k_info(watched).locked)
		lock_taken = true;
}

CASE(D01, .rules = "D", WHY, .title = "a write pin dirties, a release does not")
{
	unsigned long a;
	struct hold h;
	int fd;

	h = pinned("f", &fd, &a);
	must(info_of(h).dirty);
	m_writeback(fd, WB_ALL);
	must(!info_of(h).dirty);
	u_put(a, 1);			/* the PTE is writable again */
	k_clear_dirty(k_page(h, 0));
	u_get(a);
	watched = k_page(h, 0);
	lock_taken = false;
	unpin(h);
	must(!info_of(h).dirty);
	u_put(a, 1);
	m_every_step(look_for_lock, NULL);
	h = pin_fast(a, 1, FOLL_WRITE);
	m_every_step(NULL, NULL);
	must(info_of(h).dirty);
	must(!lock_taken);
	unpin(h);
	must(info_of(h).dirty);
	say("dirty", info_of(h).dirty);
	say("locked", lock_taken);
}

CASE(D02, .rules = "D", WHY, .title = "a read pin dirties nothing")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_READ);
	must(!info_of(h).dirty);
	unpin(h);
	must(!info_of(h).dirty);
	say("dirty", info_of(h).dirty);
}

CASE(D03, .rules = "D", WHY, .title = "the flusher comes between pin and store (F-8)")
{
	unsigned long a;
	struct hold h;
	int fd;

	h = pinned("f", &fd, &a);
	must(m_writeback(fd, WB_NONE) == 1);
	must(!info_of(h).dirty);
	d_put(h, 11, 6);
	unpin(h);
	u_munmap(a, PAGE);
	say("byte", reread(fd, 11));
	must(f_byte(fd, 11) == 1);
}

CASE(D04, .rules = "D", WHY, .title = "truncate under a pin leaves no dirt behind")
{
	long before = k_vmstat("nr_dirty");
	unsigned long a;
	struct hold h;
	int fd;

	h = pinned("f", &fd, &a);
	must(k_vmstat("nr_dirty") == before + 1);
	f_truncate(fd, 0);
	must(k_vmstat("nr_dirty") == before);
	must(!info_of(h).mapping && !info_of(h).dirty);
	must(k_ref(k_page(h, 0)) == 1024);
	unpin(h);
	say("nr_dirty", k_vmstat("nr_dirty") - before);
}

CASE(D05, .rules = "D", WHY, .title = "who dirties at release too loses nothing")
{
	unsigned long a;
	struct hold h;
	int fd;

	h = pinned("f", &fd, &a);
	m_writeback(fd, WB_NONE);
	d_put(h, 11, 6);
	unpin_dirty(h, true);
	f_fsync(fd);
	u_munmap(a, PAGE);
	say("byte", reread(fd, 11));
	must(f_byte(fd, 11) == 6);
}

CASE(S01, .rules = "S", WHY, .title = "memory cleaning leaves a pinned page dirty")
{
	long writes, wrote;
	unsigned long a;
	struct hold h;
	int fd;

	h = pinned("f", &fd, &a);
	writes = m_writes(fd);
	wrote = m_writeback(fd, WB_NONE);
	must(wrote >= 0);
	must(info_of(h).dirty);
	say("dirty", info_of(h).dirty);
	say("skipped", m_skipped(fd));
	must(m_writes(fd) == writes ? m_skipped(fd) == 1 : S19);
}

static void sync_all(void *fd)
{
	m_writeback(*(int *)fd, WB_ALL);
}

CASE(S02, .rules = "S", WHY, .title = "data integrity writes it")
{
	unsigned long a;
	struct hold h;
	int fd, task;

	h = pinned("f", &fd, &a);
	d_put(h, 11, 6);
	if (S18) {
		task = m_task(sync_all, &fd);
		must(m_blocked(task));
		must(info_of(h).dirty);
		unpin(h);
		must(m_done(task));
		m_join(task);
	} else {
		must(!f_fsync(fd));
	}
	must(f_fsync(fd) == 0);
	must(m_disk(fd, 11) == 6);
	say("disk", m_disk(fd, 11));
	say("dirty", info_of(h).dirty);
	must(info_of(h).dirty == S19);
}

CASE(S03, .rules = "stay-dirty-bounce", WHY, .title = "a plain release loses nothing")
{
	unsigned long a;
	struct hold h;
	int fd;

	h = pinned("f", &fd, &a);
	m_writeback(fd, WB_ALL);
	d_put(h, 11, 6);
	unpin(h);
	must(!f_fsync(fd));
	must(m_disk(fd, 11) == 6);
	say("disk", m_disk(fd, 11));
}

/* Written by the device after an integrity writeback; what the file has then. */
static long after_sync(const char *name, bool make_dirty)
{
	unsigned long a;
	struct hold h;
	int fd;

	h = pinned(name, &fd, &a);
	must(!f_fsync(fd));
	must(!info_of(h).dirty);
	d_put(h, 11, 6);
	unpin_dirty(h, make_dirty);
	must(!f_fsync(fd));
	u_munmap(a, PAGE);
	return reread(fd, 11);
}

CASE(S04, .rules = "stay-dirty-skip", WHY, .title = "drivers must still dirty")
{
	long plain = after_sync("plain", false);
	long dirty = after_sync("dirty", true);

	say("plain", plain);
	say("dirty", dirty);
	must(plain == 1 && dirty == 6);
}

/* S05: the device fills the page with one value after the other. */
static struct {
	struct hold h;
	int fd;
	bool torn;
} stream;

static void stream_setup(void)
{
	d_put(stream.h, 0, 1);
	d_put(stream.h, PAGE - 1, 1);
	k_set_dirty_lock(k_page(stream.h, 0));
}

static void stream_device(void)
{
	char buf[PAGE];
	int byte;

	for (byte = 2; byte < 5; byte++) {
		__builtin_memset(buf, byte, PAGE);
		d_write(stream.h, 0, buf, PAGE);
	}
}

static void stream_writeback(void)
{
	f_fsync(stream.fd);
}

static void stream_check(void)
{
	if (m_disk(stream.fd, 0) != m_disk(stream.fd, PAGE - 1))
		stream.torn = true;
}

CASE(S05, .rules = "stay-dirty-bounce,stay-dirty-skip", WHY,
     .title = "what is written is one snapshot")
{
	char buf[PAGE];
	unsigned long a;

	stream.torn = false;
	stream.fd = f_cached("stable:f", 1, 1);
	a = u_map(stream.fd, 1);
	stream.h = pin_fast(a, 1, FOLL_WRITE);
	__builtin_memset(buf, 1, PAGE);
	d_write(stream.h, 0, buf, PAGE);
	must(m_orders(stream_setup, stream_device, stream_writeback,
		      stream_check) > 20);
	must(!stream.torn);
	say("torn", stream.torn);
}

CASE(S06, .rules = "S", WHY, .title = "1024 plain references look pinned and starve nobody")
{
	unsigned long a;
	pg_t page;
	int fd, task;

	a = ext4w("f", &fd);
	u_put(a + 11, 6);
	page = k_at(a);
	k_refs(page, 1024);
	must(k_info(page).maybe);
	must(m_writeback(fd, WB_NONE) >= 0);
	must(k_info(page).dirty);
	if (S18) {
		task = m_task(sync_all, &fd);
		must(m_blocked(task));
		k_refs(page, -1024);
		must(c_wait(m_done(task), 60000));
		m_join(task);
	} else {
		must(!f_fsync(fd));
		k_refs(page, -1024);
	}
	must(!f_fsync(fd));
	say("disk", m_disk(fd, 11));
	must(m_disk(fd, 11) == 6);
	must(!k_info(page).dirty);
}

CASE(S07, .rules = "S", WHY, .title = "a read pin of a clean page: nothing to write")
{
	unsigned long a;
	struct hold h;
	long writes;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_READ);
	writes = m_writes(fd);
	must(m_writeback(fd, WB_NONE) == 0 && !f_fsync(fd));
	must(m_writes(fd) == writes && !info_of(h).dirty);
	say("writes", m_writes(fd) - writes);
	say("dirty", info_of(h).dirty);
}

CASE(S08, .rules = "S", WHY, .title = "a read pin of a dirty page: every pass ends")
{
	unsigned long a;
	struct hold h;
	long writes, i;
	int fd, task;

	a = ext4w("f", &fd);
	u_put(a + 11, 6);
	h = pin_fast(a, 1, FOLL_READ);
	writes = m_writes(fd);
	if (S18) {
		task = m_task(sync_all, &fd);
		must(m_blocked(task));
		unpin(h);
		must(m_done(task));
		m_join(task);
	} else {
		for (i = 0; i < 2; i++)
			must(!f_fsync(fd));
	}
	say("writes", m_writes(fd) - writes);
	must(m_writes(fd) - writes == (S19 ? 2 : 1));
	must(m_disk(fd, 11) == 6 || S18);
}

CASE(S09, .rules = "stay-dirty-bounce", WHY,
     .title = "the first writeback after the last release cleans")
{
	unsigned long a;
	struct hold h;
	int fd;

	h = pinned("f", &fd, &a);
	must(!f_fsync(fd));
	unpin(h);
	must(info_of(h).dirty);
	must(m_writeback(fd, WB_NONE) == 1);
	must(!info_of(h).dirty);
	say("dirty", info_of(h).dirty);
}

/* The file after a write by the device under a pin, and a release. */
static long final_byte(const char *name, bool make_dirty)
{
	unsigned long a;
	struct hold h;
	int fd;

	h = pinned(name, &fd, &a);
	m_writeback(fd, WB_ALL);
	d_put(h, 11, 6);
	unpin_dirty(h, make_dirty);
	f_fsync(fd);
	u_munmap(a, PAGE);
	return reread(fd, 11);
}

CASE(S10, .rules = "stay-dirty-bounce", WHY, .title = "make_dirty changes nothing")
{
	long with = final_byte("with", true), without = final_byte("not", false);

	say("with", with);
	say("without", without);
	must(with == 6 && without == 6);
}

CASE(S11, .rules = "stay-dirty-bounce,stay-dirty-skip", WHY,
     .title = "each write of a copying file system is accounted")
{
	int fd = f_cached("cow:f", 1, 1);
	unsigned long a = u_map(fd, 1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	long first, second;

	d_put(h, 11, 6);
	must(!f_fsync(fd));
	must(m_disk(fd, 11) == 6);
	d_put(h, 11, 7);
	k_set_dirty_lock(k_page(h, 0));
	must(!f_fsync(fd));
	must(m_disk(fd, 11) == 7);
	m_disk_full(true);
	d_put(h, 11, 8);
	k_set_dirty_lock(k_page(h, 0));
	first = f_fsync(fd);
	m_disk_full(false);
	second = f_fsync(fd);
	say_ret("full", first);
	say_ret("room", second);
	say("disk", m_disk(fd, 11));
	must(first == -ENOSPC || m_disk(fd, 11) == 8);
}

CASE(S12, .rules = "stay-dirty-wait", WHY, .title = "fsync waits for the pin")
{
	unsigned long a;
	struct hold h;
	int fd, task;

	h = pinned("f", &fd, &a);
	d_put(h, 11, 6);
	task = m_task(sync_all, &fd);
	must(m_blocked(task));
	c_sleep(60000);
	must(m_blocked(task));
	unpin(h);
	must(m_done(task));
	must(!f_fsync(fd));
	must(m_disk(fd, 11) == 6);
	say("disk", m_disk(fd, 11));
}
