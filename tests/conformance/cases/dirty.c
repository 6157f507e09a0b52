// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dirty.c - dirtying and writeback on shipped kernels (semantics 6.8)
 */
#include "help.h"

static bool dirty(struct hold h)
{
	return k_info(k_page(h, 0)).dirty;
}

static long evict(int fd)
{
	f_forget(fd);
	return u_drop_caches();
}

/* What the file has once the cache is gone. */
static long reread(int fd, long off)
{
	evict(fd);
	return f_byte(fd, off);
}

CASE(W01, .rules = "5.7-", .title = "a release dirties only if told to")
{
	unsigned long a = u_anon_w(1);
	struct hold h;

	u_madvise(a, PAGE, MADV_DONTNEED);
	u_put(a, 1);
	h = pin_fast(a, 1, FOLL_WRITE);
	say("before", dirty(h));
	unpin_dirty(h, false);
	say("false", k_info(k_at(a)).dirty);
	h = pin_fast(a, 1, FOLL_WRITE);
	unpin_dirty(h, true);
	say("true", k_info(k_at(a)).dirty);
}

CASE(W02, .rules = "5.7-", .title = "a dirty release of a read pin dirties shmem")
{
	unsigned long a = u_map(f_memfd(1, 0), 1);
	struct hold h = pin_fast(a, 1, FOLL_READ);

	say("pinned", dirty(h));
	unpin_dirty(h, true);
	say("after", dirty(h));
}

CASE(W03, .rules = "all", .title = "a write pin dirties shmem at once")
{
	unsigned long a = u_map(f_memfd(1, 0), 1);
	struct hold h = take(a, 1, FOLL_WRITE);

	say_ret("ret", h.ret);
	say("dirty", dirty(h));
}

CASE(W04, .rules = "5.7-", .title = "a read pin of a clean page leaves it clean")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_READ);
	say("pinned", dirty(h));
	unpin_dirty(h, false);
	say("after", dirty(h));
}

CASE(W05, .rules = "all", .title = "a write pin of a clean page dirties it at once")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = take(a, 1, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("dirty", dirty(h));
	say("private", k_info(k_page(h, 0)).private);
}

CASE(W06, .rules = "all", .title = "fsync cleans a pinned page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = take(a, 1, FOLL_WRITE);
	say_ret("fsync", f_fsync(fd));
	say("dirty", dirty(h));
	if (rules_from("5.7"))
		say("maybe", k_info(k_page(h, 0)).maybe);
	say("write", k_peek(a).write);
	if (rules_from("5.7"))
		say_ret("fast_only", get_fast_only(a, 1, FOLL_WRITE).ret);
}

CASE(W07, .rules = "all", .title = "sync_file_range cleans a pinned page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = take(a, 1, FOLL_WRITE);
	say_ret("sync", f_sync_range(fd, 0, PAGE, SYNC_FILE_RANGE_WRITE |
				     SYNC_FILE_RANGE_WAIT_AFTER));
	say("dirty", dirty(h));
	say("same", same(a, h, 0));
}

CASE(W08, .rules = "all", .needs = NEED_FLUSHER, .secs = 60,
     .title = "the flusher cleans a pinned page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = take(a, 1, FOLL_WRITE);
	k_flusher(200, 100);
	say("cleaned", c_wait(!dirty(h), 20000));
	k_flusher(0, 0);
	say("same", same(a, h, 0));
}

CASE(W09, .rules = "all", .title = "what the device wrote after fsync is lost (F-1)")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = take(a, 1, FOLL_WRITE);
	d_put(h, 10, 5);
	f_fsync(fd);
	d_put(h, 11, 6);
	drop(h);
	u_munmap(a, PAGE);
	say("before", reread(fd, 10));
	say("after", f_byte(fd, 11));
}

CASE(W10, .rules = "5.2-", .title = "a dirty release keeps it")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = take(a, 1, FOLL_WRITE);
	f_fsync(fd);
	d_put(h, 11, 6);
	drop_dirty(h);
	say("dirty", k_info(k_at(a)).dirty);
	say_ret("fsync", f_fsync(fd));
	u_munmap(a, PAGE);
	say("byte", reread(fd, 11));
}

CASE(W11, .rules = "5.7-", .title = "set_page_dirty_lock() on a cleaned page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	f_fsync(fd);
	say("newly", k_set_dirty_lock(k_page(h, 0)));
	say("dirty", dirty(h));
	say("private", k_info(k_page(h, 0)).private);
}

/* Cleaned, reclaimed, then written by the device and dirtied. */
static void stripped(int fd, unsigned long a, struct hold h)
{
	f_fsync(fd);
	u_madvise(a, PAGE, MADV_PAGEOUT);
	say("present", k_peek(a).present);
	say("private", k_info(k_page(h, 0)).private);
	d_put(h, 11, 6);
}

CASE(W12, .rules = "all", .boot = BOOT_LAST,
     .title = "a plain reference does not keep the buffers (F-2)")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = get_fast(a, 1, FOLL_WRITE);
	stripped(fd, a, h);
	k_set_dirty_lock(k_page(h, 0));
	say("dirty", dirty(h));
	put(h);
	say_ret("fsync", f_fsync(fd));
	u_munmap(a, PAGE);
	say("byte", reread(fd, 11));
}

CASE(W13, .rules = "6.1,6.4-", .title = "a pin keeps them")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	stripped(fd, a, h);
	unpin_dirty(h, true);
	say("dirty", dirty(h));
	say_ret("fsync", f_fsync(fd));
	u_munmap(a, PAGE);
	say("byte", reread(fd, 11));
}

/* One page, nothing on disk. */
static unsigned long hole(int *fd)
{
	*fd = f_open("hole", O_RDWR | O_CREAT);
	f_truncate(*fd, PAGE);
	return u_map(*fd, 1);
}

CASE(W14, .rules = "all", .boot = BOOT_LAST,
     .title = "a read pin of a hole reserves nothing (F-4)")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = hole(&fd);
	h = take(a, 1, FOLL_READ);
	d_put(h, 11, 6);
	drop_dirty(h);
	say_ret("fsync", f_fsync(fd));
	say("blocks", f_blocks(fd));
	u_munmap(a, PAGE);
	say("byte", reread(fd, 11));
}

CASE(W15, .rules = "all", .title = "a write pin of a hole does")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = hole(&fd);
	h = take(a, 1, FOLL_WRITE);
	d_put(h, 11, 6);
	drop_dirty(h);
	say_ret("fsync", f_fsync(fd));
	say("blocks", f_blocks(fd));
	u_munmap(a, PAGE);
	say("byte", reread(fd, 11));
}

CASE(W16, .rules = "all", .title = "write(2), read(2) and a pin see one page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = take(a, 1, FOLL_WRITE);
	f_put(fd, 10, 5);
	say("pin", d_get(h, 10));
	d_put(h, 11, 6);
	say("read", f_byte(fd, 11));
	say("process", u_get(a + 11));
}

/* What is left of a pinned page that lost its file. */
static void say_orphan(struct hold h)
{
	struct pginfo info = k_info(k_page(h, 0));

	say("ref", info.ref);
	say("mapping", info.mapping);
	say("dirty", info.dirty);
}

CASE(W17, .rules = "5.7-", .title = "truncate leaves the page to its pin")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("truncate", f_truncate(fd, 0));
	say_orphan(h);
	say("pin", d_get(h, 0));
	unpin_dirty(h, true);
	f_truncate(fd, PAGE);
	say("process", u_get(a));
	say("file", f_byte(fd, 0));
}

CASE(W18, .rules = "5.7-", .title = "and so does a punched hole")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("punch", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE |
				     FALLOC_FL_KEEP_SIZE, 0, PAGE));
	say_orphan(h);
	say("pin", d_get(h, 0));
	unpin_dirty(h, true);
	say("process", u_get(a));
	say("file", f_byte(fd, 0));
}

CASE(W19, .rules = "5.7-", .title = "shmem: truncate and punched holes")
{
	int fd = f_memfd(2, 0);
	unsigned long a = u_map(fd, 2);
	struct hold h, i;

	u_put(a, 1);
	u_put(a + PAGE, 2);
	h = pin_fast(a, 1, FOLL_WRITE);
	i = pin_fast(a + PAGE, 1, FOLL_WRITE);
	say_ret("punch", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE |
				     FALLOC_FL_KEEP_SIZE, 0, PAGE));
	say_ret("truncate", f_truncate(fd, PAGE));
	say("ref", k_ref(k_page(h, 0)));
	say("ref2", k_ref(k_page(i, 0)));
	say("mapping", k_info(k_page(h, 0)).mapping ||
		       k_info(k_page(i, 0)).mapping);
	say("pin", d_get(h, 0));
	say("pin2", d_get(i, 0));
	say("process", u_get(a));
	say_ret("beyond", u_get(a + PAGE));
}

CASE(W20, .rules = "5.7-", .title = "a direct write takes the page out of the file")
{
	unsigned long a, b = u_anon(1);
	struct hold h;
	int fd, direct;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_READ);
	direct = f_open("f", O_RDWR | O_DIRECT);
	u_fill(b, 9, PAGE);
	say_ret("write", f_pwrite_from(direct, b, PAGE, 0));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("process", u_get(a));
	say("pin", d_get(h, 0));
	say("same", same(a, h, 0));
}

CASE(W21, .rules = "all", .title = "a direct read into a mapped file page")
{
	unsigned long a;
	int fd, from = f_make("g", 1, 7), direct;
	long acq = k_acq();

	a = ext4w("f", &fd);
	u_get(a);
	direct = f_open("g", O_RDONLY | O_DIRECT);
	say_ret("read", f_pread_to(direct, a, PAGE, 0));
	say("pins", k_acq() > acq);
	say("dirty", k_info(k_at(a)).dirty);
	say("process", u_get(a));
	f_close(from);
}

CASE(W22, .rules = "all", .title = "munmap keeps what the PTE knew")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = take(a, 1, FOLL_WRITE);
	u_put(a + 10, 5);
	u_munmap(a, PAGE);
	say("dirty", dirty(h));
	say_ret("fsync", f_fsync(fd));
	say("clean", !dirty(h));
	drop(h);
	say("byte", reread(fd, 10));
}

static struct {
	unsigned long a;
	int fd;
	struct hold h;
} bare;

static void bare_setup(void)
{
	f_truncate(bare.fd, PAGE);
	bare.h = get_fast(bare.a, 1, FOLL_WRITE);
	f_fsync(bare.fd);
}

static void bare_release(void)
{
	must(!k_release(bare.h, 0, 1, PUT_USER_PAGES_DIRTY, false));
}

static void bare_truncate(void)
{
	f_truncate(bare.fd, 0);
}

static void nothing(void)
{
}

CASE(W23, .rules = "5.2-5.3", .needs = NEED_MODEL, .why = "other release",
     .title = "dirtying without a lock is found")
{
	bare.a = ext4w("f", &bare.fd);
	must(!m_verdicts("dirty-unlocked"));
	bare_setup();
	bare_release();
	say("unlocked", m_verdicts("dirty-unlocked") > 0);
	must(m_verdicts("dirty-unlocked") > 0);
	must(!m_verdicts("dirty-vs-truncate"));
	must(m_orders(bare_setup, bare_release, bare_truncate, nothing) > 10);
	say("truncated", m_verdicts("dirty-vs-truncate") > 0);
	must(m_verdicts("dirty-vs-truncate") > 0);
}

/* W24: a dirty release against a writeback, in every order. */
static struct {
	unsigned long a;
	int fd;
	struct hold h;
	int byte;
	bool saw_dirty, saw_clean;
} race;

static void race_setup(void)
{
	u_put(race.a, 1);
	race.h = take(race.a, 1, FOLL_WRITE);
	race.byte = race.byte % 200 + 1;
	d_put(race.h, 11, race.byte);
}

static void race_release(void)
{
	drop_dirty(race.h);
}

static void race_writeback(void)
{
	m_writeback(race.fd, WB_ALL);
}

static void race_check(void)
{
	if (k_info(k_page(race.h, 0)).dirty)
		race.saw_clean = true;
	else
		race.saw_dirty = true;
	f_fsync(race.fd);
	must(m_disk(race.fd, 11) == race.byte);
}

CASE(W24, .rules = "5.2-", .needs = NEED_MODEL, .why = "needs a scheduler to command",
     .title = "a dirty release and a writeback: never lost in any order")
{
	long orders;

	race.byte = 0;
	race.saw_dirty = race.saw_clean = false;
	race.a = ext4w("f", &race.fd);
	orders = m_orders(race_setup, race_release, race_writeback, race_check);
	must(orders > 20);
	must(race.saw_dirty && race.saw_clean);
	say("saw_dirty", race.saw_dirty);
	say("saw_clean", race.saw_clean);
}

/* W25: what anybody could see between two steps of a dirty release. */
static struct {
	pg_t page;
	long base;
	int fd, steps;
	bool broken;
} watch;

static void watch_step(void *arg)
{
	struct pginfo info = k_info(watch.page);

	(void)arg;
	watch.steps++;
	if (info.ref <= watch.base && !info.dirty && !info.writeback)
		watch.broken = true;
}

static void watch_release(struct hold h, enum conf_release how)
{
	f_fsync(watch.fd);
	must(!k_info(watch.page).dirty);
	d_put(h, 11, 6);
	m_every_step(watch_step, NULL);
	must(!k_release(h, 0, 1, how, true));
	m_every_step(NULL, NULL);
}

CASE(W25, .rules = "5.2-", .needs = NEED_MODEL, .why = "needs a look between two steps",
     .title = "no dirty release shows an unpinned, clean, changed page")
{
	unsigned long a;

	a = ext4w("f", &watch.fd);
	watch.page = 0;
	watch.broken = false;
	watch.steps = 0;
	u_put(a, 1);
	f_fsync(watch.fd);
	watch.page = k_at(a);
	watch.base = k_ref(watch.page);
	if (rules_from("5.6"))
		watch_release(pin_fast(a, 1, FOLL_WRITE),
			      UNPIN_PAGES_DIRTY_LOCK);
	else
		watch_release(get_fast(a, 1, FOLL_WRITE),
			      PUT_USER_PAGES_DIRTY_LOCK);
	if (rules_from("5.14"))
		watch_release(pin_fast(a, 1, FOLL_WRITE),
			      UNPIN_RANGE_DIRTY_LOCK);
	if (rules_until("5.3"))
		watch_release(get_fast(a, 1, FOLL_WRITE), PUT_USER_PAGES_DIRTY);
	must(watch.steps > 0);
	must(!watch.broken);
	say("broken", watch.broken);
}

CASE(W26, .rules = "all", .boot = BOOT_LAST,
     .title = "dirtying a page that was truncated marks it and no more")
{
	unsigned long a, b = u_map(f_memfd(1, 0), 1);
	struct hold h, i;
	int fd, fd2 = f_memfd(1, 0);

	a = ext4w("f", &fd);
	b = u_map(fd2, 1);
	h = take(a, 1, FOLL_WRITE);
	i = take(b, 1, FOLL_WRITE);
	f_truncate(fd, 0);
	f_truncate(fd2, 0);
	say("newly", k_set_dirty_lock(k_page(h, 0)));
	say("dirty", dirty(h));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("newly_shmem", k_set_dirty_lock(k_page(i, 0)));
	say("dirty_shmem", dirty(i));
	say_ret("fsync", f_fsync(fd));
	say("still", dirty(h));
}
