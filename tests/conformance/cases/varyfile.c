// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * varyfile.c - variations that the specification does not list: files
 */
#include "help.h"

static bool dirty(struct hold h)
{
	return k_info(k_page(h, 0)).dirty;
}

CASE(V40, .rules = "5.7-", .title = "msync(MS_SYNC) cleans a pinned page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("async", u_msync(a, PAGE, MS_ASYNC));
	say("dirty_async", dirty(h));
	say_ret("sync", u_msync(a, PAGE, MS_SYNC));
	say("dirty", dirty(h));
	say("same", same(a, h, 0));
}

CASE(V41, .rules = "5.7-", .title = "so do fdatasync and sync")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("fdatasync", f_fdatasync(fd));
	say("dirty", dirty(h));
	u_put(a, 5);
	say("again", dirty(h));
	say_ret("sync", u_sync());
	say("dirty_sync", dirty(h));
}

CASE(V42, .rules = "5.7-", .title = "a cut in the middle of a pinned page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("truncate", f_truncate(fd, 100));
	say("same", same(a, h, 0));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("before", d_get(h, 99));
	say("after", d_get(h, 100));
}

CASE(V43, .rules = "5.7-", .title = "a file grows past a pinned page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("truncate", f_truncate(fd, 3 * PAGE));
	say("same", same(a, h, 0));
	say("pin", d_get(h, 0));
	say("new", f_byte(fd, 2 * PAGE));
}

CASE(V44, .rules = "5.7-", .title = "zeroing a range under a pin")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("zero", f_fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, PAGE));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("pin", d_get(h, 0));
	say("process", u_get(a));
	say("same", same(a, h, 0));
}

CASE(V45, .rules = "5.7-", .title = "reserving space touches no pinned page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("reserve", f_fallocate(fd, 0, 0, 4 * PAGE));
	say("size", f_size(fd) / PAGE);
	say("same", same(a, h, 0));
	say("pin", d_get(h, 0));
}

CASE(V46, .rules = "5.7-", .title = "a hole beside a pinned page")
{
	int fd = f_cached("f", 3, 1);
	unsigned long a = u_map(fd, 3);
	struct hold h = pin_fast(a + PAGE, 1, FOLL_WRITE);

	say_ret("punch", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE |
				     FALLOC_FL_KEEP_SIZE, 0, PAGE));
	say_ret("punch2", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE |
				      FALLOC_FL_KEEP_SIZE, 2 * PAGE, PAGE));
	say("same", same(a + PAGE, h, 0));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("hole", u_get(a));
	say("pin", d_get(h, 0));
}

CASE(V47, .rules = "5.7-", .title = "write pins fill a sparse file")
{
	int fd = f_open("sparse", O_RDWR | O_CREAT);
	unsigned long a;
	struct hold h;

	f_truncate(fd, 8 * PAGE);
	a = u_map(fd, 8);
	h = pin_fast(a + 2 * PAGE, 4, FOLL_WRITE);
	say_ret("ret", h.ret);
	d_put(h, 0, 5);
	unpin_dirty(h, true);
	say_ret("fsync", f_fsync(fd));
	say("blocks", f_blocks(fd));
	say("byte", f_byte(fd, 2 * PAGE));
}

CASE(V48, .rules = "5.7-", .title = "some of the pages were written")
{
	int fd = f_memfd(4, 0);
	unsigned long a = u_map(fd, 4);
	struct hold h = pin_fast(a, 4, FOLL_READ);

	k_release(h, 0, 2, UNPIN_PAGES_DIRTY_LOCK, true);
	k_release(h, 2, 2, UNPIN_PAGES_DIRTY_LOCK, false);
	say("dirty0", k_info(k_at(a)).dirty);
	say("dirty1", k_info(k_at(a + PAGE)).dirty);
	say("dirty2", k_info(k_at(a + 2 * PAGE)).dirty);
	say("held", k_held(h));
}

CASE(V49, .rules = "5.7-", .title = "direct I/O from and to a pinned page")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	int fd = f_make("f", 2, 1), direct = f_open("f", O_RDWR | O_DIRECT);

	d_put(h, 1, 5);
	say_ret("write", f_pwrite_from(direct, a, PAGE, 0));
	say("file", f_byte(fd, 1));
	say_ret("read", f_pread_to(direct, a, PAGE, PAGE));
	say("pin", d_get(h, 1));
	say("same", same(a, h, 0));
}

CASE(V50, .rules = "5.7-", .title = "a direct read into memory that nobody touched")
{
	unsigned long a = u_anon(2);
	int direct;

	f_make("f", 2, 7);
	direct = f_open("f", O_RDONLY | O_DIRECT);
	say_ret("read", f_pread_to(direct, a, 2 * PAGE, 0));
	say("byte", u_get(a + PAGE));
	say("zero", k_info(k_at(a)).zero);
}

CASE(V51, .rules = "5.7-", .title = "the pinned file is unlinked and closed")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("unlink", f_unlink("f"));
	f_close(fd);
	say("same", same(a, h, 0));
	u_munmap(a, PAGE);
	say("ref", k_ref(k_page(h, 0)));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("pin", d_get(h, 0));
}

CASE(V52, .rules = "5.7-", .title = "the pinned memfd is closed")
{
	int fd = f_memfd(1, 0);
	unsigned long a = u_map(fd, 1);
	struct hold h;

	u_put(a, 1);
	h = pin_fast(a, 1, FOLL_WRITE);
	f_close(fd);
	say("same", same(a, h, 0));
	u_munmap(a, PAGE);
	say("ref", k_ref(k_page(h, 0)));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("pin", d_get(h, 0));
}

CASE(V53, .rules = "5.7-", .title = "private and shared mappings meet in the cache")
{
	int fd = f_cached("f", 1, 1);
	unsigned long a = u_map(fd, 1), b = u_map_private(fd, 1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	struct hold i = pin_fast(b, 1, FOLL_READ);

	say("same", k_page(h, 0) == k_page(i, 0));
	d_put(h, 0, 5);
	say("private", u_get(b));
	u_put(b, 6);
	say("shared", u_get(a));
	say("stale", d_get(i, 0));
}

CASE(V54, .rules = "5.7-", .title = "a private copy stays when its file is cut")
{
	int fd = f_cached("f", 2, 1);
	unsigned long a = u_map_private(fd, 2);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	d_put(h, 0, 5);
	f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE);
	say("punched", u_get(a));
	say("same", same(a, h, 0));
	f_truncate(fd, 0);
	say_ret("cut", u_get(a));
	say("pin", d_get(h, 0));
	say("ref", k_ref(k_page(h, 0)));
}

CASE(V55, .rules = "all", .title = "a referenced page stays in the cache")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = get_fast(a, 1, FOLL_READ);
	u_munmap(a, PAGE);
	f_forget(fd);
	u_drop_caches();
	say("held", k_cached(fd, 0, NULL));
	put(h);
	u_drop_caches();
	say("after", k_cached(fd, 0, NULL));
}

CASE(V56, .rules = "5.7-", .title = "an orphan does not come back")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	f_truncate(fd, 0);
	f_put(fd, 0, 6);
	d_put(h, 0, 5);
	say("process", u_get(a));
	say("pin", d_get(h, 0));
	say("same", same(a, h, 0));
	unpin_dirty(h, true);
	f_fsync(fd);
	say("file", f_byte(fd, 0));
}

CASE(V57, .rules = "5.7-", .title = "a write after a clean makes the PTE writable again")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	f_fsync(fd);
	say("clean", k_peek(a).write);
	u_put(a, 5);
	say("written", k_peek(a).write);
	say("dirty", dirty(h));
	say("same", same(a, h, 0));
	say("pin", d_get(h, 0));
}

CASE(V58, .rules = "5.7-", .title = "mkclean alone, and clear_page_dirty_for_io")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	u_put(a, 5);
	say("cleaned", k_mkclean(k_page(h, 0)));
	say("write", k_peek(a).write);
	say("again", k_mkclean(k_page(h, 0)));
	k_set_dirty_lock(k_page(h, 0));
	say("cleared", k_clear_dirty(k_page(h, 0)));
	say("twice", k_clear_dirty(k_page(h, 0)));
	k_set_dirty_lock(k_page(h, 0));
	say_ret("fsync", f_fsync(fd));
}

CASE(V59, .rules = "5.7-", .title = "a read-only mapping of a file: read pins only")
{
	int fd = f_cached("f", 1, 1), ro = f_open("f", O_RDONLY);
	unsigned long a = u_mmap(0, PAGE, PROT_READ, MAP_SHARED, ro, 0);
	struct hold h = pin_fast(a, 1, FOLL_READ);

	say_ret("read", h.ret);
	say_ret("write", pin_fast(a, 1, FOLL_WRITE).ret);
	say_ret("mprotect", u_mprotect(a, PAGE, RW));
	f_put(fd, 0, 5);
	say("pin", d_get(h, 0));
	say("dirty", dirty(h));
}

CASE(V60, .rules = "5.7-", .title = "a remote pin of file pages, with an end")
{
	int fd = f_cached("f", 2, 3), other = u_spawn();
	unsigned long a = 0;
	struct hold h;

	on(other)
		a = u_map(fd, 4);
	h = pin_remote_locked(other, a, 4, FOLL_WRITE);
	say_ret("ret", h.ret);
	d_put(h, PAGE, 5);
	say("file", f_byte(fd, PAGE));
	u_exit(other);
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("dirty", dirty(h));
}

CASE(V61, .rules = "5.7-", .title = "iov_iter_get_pages2() takes plain references")
{
	unsigned long a = u_anon_w(3);
	long base = k_ref(k_at(a)), acq = k_acq();
	struct hold h = iov_get(a, 3, true);

	say_ret("ret", h.ret);
	say("ref", k_ref(k_at(a)) - base);
	say("acq", k_acq() - acq);
	say("maybe", k_info(k_at(a)).maybe);
	put(h);
	say("after", k_ref(k_at(a)) - base);
}

CASE(V62, .rules = "6.3-", .title = "iov_iter_extract_pages() pins")
{
	unsigned long a = u_anon_w(3);
	long base = k_ref(k_at(a)), acq = k_acq();
	struct hold h = iov_extract(a, 3, true);

	say_ret("ret", h.ret);
	say("ref", k_ref(k_at(a)) - base);
	say("acq", k_acq() - acq);
	say("maybe", k_info(k_at(a)).maybe);
	unpin(h);
	say("after", k_ref(k_at(a)) - base);
}

CASE(V63, .rules = "5.7-", .title = "an iterator that is read asks for no write right")
{
	unsigned long a = u_anon_w(1);
	struct hold h;

	u_mprotect(a, PAGE, PROT_READ);
	say_ret("write", iov_get(a, 1, true).ret);
	h = iov_get(a, 1, false);
	say_ret("read", h.ret);
	say("same", same(a, h, 0));
	put(h);
	u_munmap(a, PAGE);
	say_ret("hole", iov_get(a, 1, false).ret);
}

CASE(V64, .rules = "6.3-", .title = "an extraction unshares what it reads")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	struct hold g, h;

	u_fork();
	g = iov_get(a, 1, false);
	say("get_same", k_page(g, 0) == page);
	h = iov_extract(a, 1, false);
	say("extract_same", k_page(h, 0) == page);
	u_put(a, 5);
	say("get", d_get(g, 0));
	say("extract", d_get(h, 0));
	put(g);
}
