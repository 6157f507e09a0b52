// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * common.c - what both back ends share: the list of cases, the line, the rules
 *
 * The short forms of acquire and release are here too, so that a back end has
 * only the general ones to do.
 */
#define CONF_BACKEND
#include "case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct conf_case *cases;
static char line[CONF_LINE];
static size_t used;
static bool ok;
static const struct conf_case *now_case;
static bool model;
static const char *now_rules;
static unsigned int now_version;
static char now_stage;

void conf_register(struct conf_case *c)
{
	struct conf_case **at = &cases;

	while (*at && strcmp((*at)->name, c->name) < 0)
		at = &(*at)->next;
	if (*at && !strcmp((*at)->name, c->name)) {
		fprintf(stderr, "%s:%d: case %s is also in %s:%d\n", c->file,
			c->line, c->name, (*at)->file, (*at)->line);
		exit(2);
	}
	c->next = *at;
	*at = c;
}

struct conf_case *conf_first(void)
{
	return cases;
}

unsigned int conf_version(const char *release)
{
	unsigned int major, minor;
	int end = 0;

	if (sscanf(release, "%u.%u%n", &major, &minor, &end) != 2 ||
	    release[end])
		return 0;
	return major << 8 | minor;
}

/* Is "5.7-", "-5.6", "5.2-5.6" or "6.1" about that release? */
static bool in_range(const char *range, unsigned int version)
{
	char from[32];
	const char *dash = strchr(range, '-');
	unsigned int low, high;

	if (!dash)
		return conf_version(range) == version;
	snprintf(from, sizeof(from), "%.*s", (int)(dash - range), range);
	low = from[0] ? conf_version(from) : 1;
	high = dash[1] ? conf_version(dash + 1) : ~0U;
	return low && high && low <= version && version <= high;
}

static bool item_matches(const char *item, const char *rules,
			 unsigned int version, char stage, bool proposal)
{
	if (!strcmp(item, rules))
		return true;
	if (item[0] && !item[1] && strchr("LPBDS", item[0]))
		return item[0] == stage;
	if (proposal)
		return false;
	return !strcmp(item, "all") || in_range(item, version);
}

bool conf_in_rules(const struct conf_case *c, const char *rules,
		   unsigned int version, char stage, bool proposal)
{
	char list[256], *item, *more;

	snprintf(list, sizeof(list), "%s", c->rules ? c->rules : "all");
	for (item = strtok_r(list, ", ", &more); item;
	     item = strtok_r(NULL, ", ", &more))
		if (item_matches(item, rules, version, stage, proposal))
			return true;
	return false;
}

void conf_begin(const struct conf_case *c, const char *rules,
		unsigned int version, char stage, bool is_model)
{
	used = snprintf(line, sizeof(line), "%s", c->name);
	ok = true;
	now_case = c;
	model = is_model;
	now_rules = rules;
	now_version = version;
	now_stage = stage;
}

const struct conf_case *conf_case_now(void)
{
	return now_case;
}

const char *conf_line(void)
{
	return line;
}

bool conf_ok(void)
{
	return ok;
}

static void add(const char *key, const char *value)
{
	int n = snprintf(line + used, sizeof(line) - used, " %s=%s", key, value);

	if (n > 0)
		used += n;
	if (used >= sizeof(line))
		used = sizeof(line) - 1;
}

void say_str(const char *key, const char *value)
{
	add(key, value);
}

void say(const char *key, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	add(key, text);
}

const char *conf_errno(long err)
{
	static const struct { int no; const char *name; } names[] = {
#define E(x) { x, #x }
		E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(ENXIO),
		E(E2BIG), E(EBADF), E(ECHILD), E(EAGAIN), E(ENOMEM), E(EACCES),
		E(EFAULT), E(EBUSY), E(EEXIST), E(ENODEV), E(EINVAL),
		E(ENFILE), E(EMFILE), E(ENOTTY), E(ETXTBSY), E(EFBIG), E(ENOSPC), E(EROFS),
		E(EMLINK), E(ERANGE), E(EDEADLK), E(ENOSYS), E(ENODATA),
		E(EOVERFLOW), E(EOPNOTSUPP), E(ENOBUFS), E(ETIMEDOUT),
		E(EINPROGRESS), E(EREMOTEIO), E(EHWPOISON),
#undef E
	};
	static char other[24];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].no == err)
			return names[i].name;
	snprintf(other, sizeof(other), "E%ld", err);
	return other;
}

void say_ret(const char *key, long ret)
{
	char text[32];

	if (ret < 0 && ret >= -4095)
		snprintf(text, sizeof(text), "-%s", conf_errno(-ret));
	else
		snprintf(text, sizeof(text), "%ld", ret);
	add(key, text);
}

void conf_failed(const char *expr, const char *file, int at)
{
	char text[512], *p;
	size_t n;

	fprintf(stderr, "%s:%d: must(%s)\n", file, at, expr);
	snprintf(text, sizeof(text), "%s", expr);
	for (p = text; *p; p++)
		if (*p == ' ')
			*p = '_';
	n = snprintf(line + used, sizeof(line) - used, " FAILED(%s)", text);
	used += n < sizeof(line) - used ? n : sizeof(line) - used - 1;
	ok = false;
}

bool rules_from(const char *release)
{
	return now_version >= conf_version(release);
}

bool rules_until(const char *release)
{
	return now_version <= conf_version(release);
}

bool rules_are(const char *name)
{
	return !strcmp(now_rules, name);
}

char rules_stage(void)
{
	return now_stage;
}

bool on_model(void)
{
	return model;
}

/* Short forms. */

static struct hold acquire(enum conf_call call, int proc, unsigned long a,
			   long nr, unsigned int flags)
{
	struct acquire what = {
		.call = call, .addr = a, .nr = nr, .flags = flags, .proc = proc,
	};

	return k_acquire(&what);
}

#define LOCAL(name, call)						\
	struct hold name(unsigned long a, long nr, unsigned int flags)	\
	{								\
		return acquire(call, 0, a, nr, flags);			\
	}
#define REMOTE(name, call)						\
	struct hold name(int proc, unsigned long a, long nr,		\
			 unsigned int flags)				\
	{								\
		return acquire(call, proc, a, nr, flags);		\
	}
LOCAL(pin_fast, CALL_PIN_FAST)
LOCAL(get_fast, CALL_GET_FAST)
LOCAL(pin_slow, CALL_PIN)
LOCAL(get_slow, CALL_GET)
LOCAL(pin_unlocked, CALL_PIN_UNLOCKED)
LOCAL(get_unlocked, CALL_GET_UNLOCKED)
LOCAL(pin_fast_only, CALL_PIN_FAST_ONLY)
LOCAL(get_fast_only, CALL_GET_FAST_ONLY)
REMOTE(pin_remote, CALL_PIN_REMOTE)
REMOTE(get_remote, CALL_GET_REMOTE)
REMOTE(pin_remote_locked, CALL_PIN_REMOTE_LOCKED)
REMOTE(get_remote_locked, CALL_GET_REMOTE_LOCKED)

long populate(unsigned long a, long nr, unsigned int flags)
{
	struct acquire what = {
		.call = CALL_GET, .addr = a, .nr = nr, .flags = flags,
		.opts = ACQ_NULL_PAGES,
	};

	return k_acquire(&what).ret;
}

struct hold iov_get(unsigned long a, long nr, bool write)
{
	return acquire(CALL_IOV_GET, 0, a, nr, write ? CF_WRITE : 0);
}

struct hold iov_extract(unsigned long a, long nr, bool write)
{
	return acquire(CALL_IOV_EXTRACT, 0, a, nr, write ? CF_WRITE : 0);
}

/* The entries still held are those from the first on: releases of a part that
 * leave holes name their range with k_release(). */
static long release_all(struct hold h, enum conf_release how, bool make_dirty)
{
	return h.ret > 0 ? k_release(h, 0, h.ret, how, make_dirty) : 0;
}

long put(struct hold h)
{
	return release_all(h, PUT_PAGE, false);
}

long unpin(struct hold h)
{
	return release_all(h, UNPIN_PAGES, false);
}

long unpin_dirty(struct hold h, bool make_dirty)
{
	return release_all(h, UNPIN_PAGES_DIRTY_LOCK, make_dirty);
}

long unpin_nth(struct hold h, long i)
{
	return k_release(h, i, 1, UNPIN_PAGE, false);
}

long k_ref(pg_t page)
{
	return k_info(page).ref;
}

pg_t k_at(unsigned long a)
{
	return k_peek(a).page;
}

long u_get(unsigned long a)
{
	unsigned char byte;
	long ret = u_load(a, &byte, 1);

	return ret < 0 ? ret : byte;
}

long u_put(unsigned long a, int byte)
{
	unsigned char b = byte;

	return u_store(a, &b, 1);
}

long u_fill(unsigned long a, int byte, long len)
{
	unsigned char buf[PAGE];
	long ret = 0, n;

	memset(buf, byte, sizeof(buf));
	for (; len > 0 && !ret; a += n, len -= n) {
		n = len < PAGE ? len : PAGE;
		ret = u_store(a, buf, n);
	}
	return ret;
}

static bool all_are(const unsigned char *buf, int byte, long n)
{
	while (n-- > 0)
		if (buf[n] != (unsigned char)byte)
			return false;
	return true;
}

bool u_is(unsigned long a, int byte, long len)
{
	unsigned char buf[PAGE];
	long n;

	for (; len > 0; a += n, len -= n) {
		n = len < PAGE ? len : PAGE;
		if (u_load(a, buf, n) || !all_are(buf, byte, n))
			return false;
	}
	return true;
}

long d_get(struct hold h, long off)
{
	unsigned char byte;
	long ret = d_read(h, off, &byte, 1);

	return ret < 0 ? ret : byte;
}

long d_put(struct hold h, long off, int byte)
{
	unsigned char b = byte;

	return d_write(h, off, &b, 1);
}

bool d_is(struct hold h, long off, int byte, long len)
{
	unsigned char buf[PAGE];
	long n;

	for (; len > 0; off += n, len -= n) {
		n = len < PAGE ? len : PAGE;
		if (d_read(h, off, buf, n) || !all_are(buf, byte, n))
			return false;
	}
	return true;
}

long f_byte(int fd, long off)
{
	unsigned char byte;
	long ret = f_pread(fd, &byte, 1, off);

	return ret < 0 ? ret : ret ? byte : -ENODATA;
}

long f_put(int fd, long off, int byte)
{
	unsigned char b = byte;
	long ret = f_pwrite(fd, &b, 1, off);

	return ret < 0 ? ret : ret == 1 ? 0 : -EIO;
}

/* Compositions of other calls, so that they are the same on both sides. */

unsigned long u_anon(long pages)
{
	return u_mmap(0, pages * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

unsigned long u_anon_w(long pages)
{
	unsigned long a = u_anon(pages);
	long i;

	for (i = 0; i < pages && !u_bad(a); i++)
		u_put(a + i * PAGE, i + 1);
	return a;
}

unsigned long u_shared(long pages)
{
	return u_mmap(0, pages * PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

unsigned long u_map(int fd, long pages)
{
	return u_mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

unsigned long u_map_private(int fd, long pages)
{
	return u_mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
}

unsigned long u_hugetlb(long huge)
{
	return u_mmap(0, huge * HUGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
}

int f_make(const char *name, long pages, int byte)
{
	unsigned char buf[PAGE];
	int fd = f_open(name, O_RDWR | O_CREAT | O_TRUNC);
	long i;

	memset(buf, byte, sizeof(buf));
	for (i = 0; fd >= 0 && i < pages; i++)
		if (f_pwrite(fd, buf, PAGE, i * PAGE) != PAGE)
			return -EIO;
	if (fd >= 0) {
		f_fsync(fd);
		f_forget(fd);
	}
	return fd;
}

int f_cached(const char *name, long pages, int byte)
{
	int fd = f_make(name, pages, byte);
	long i;

	for (i = 0; fd >= 0 && i < pages; i++)
		f_byte(fd, i * PAGE);
	return fd;
}

long unpin_range(struct hold h, long n, bool make_dirty)
{
	return k_release(h, 0, n, UNPIN_RANGE_DIRTY_LOCK, make_dirty);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A line a case, fields between tabs, for scripts: name, rules, needs (hex),
 * boot (0 shared, 1 last, 2 own), file, title, why not on a kernel. */
void conf_list_cases(void)
{
	struct conf_case *c;

	for (c = cases; c; c = c->next)
		printf("%s\t%s\t%x\t%d\t%s\t%s\t%s\n", c->name,
		       c->rules ? c->rules : "all", c->needs, c->boot,
		       last_part(c->file), c->title ? c->title : "-",
		       c->why ? c->why : "-");
}
