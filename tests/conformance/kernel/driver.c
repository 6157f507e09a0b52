// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * driver.c - what a driver does: each call is a message to the module
 */
#include "run.h"

#include <string.h>

static int last_id;

static void fill_acquire(struct op *op, const struct acquire *what, int id)
{
	memset(&op->m, 0, sizeof(op->m));
	op->m.op = OP_ACQUIRE;
	op->m.a[0] = id;
	op->m.a[1] = what->call;
	op->m.a[2] = what->addr;
	op->m.a[3] = what->nr;
	op->m.a[4] = what->flags;
	op->m.a[5] = boxes[what->proc].pid;
	op->m.a[6] = what->opts & ACQ_NULL_PAGES;
	if (what->call < CALL_GET_REMOTE || what->call > CALL_PIN_REMOTE_LOCKED)
		op->m.a[5] = 0;
}

struct hold k_start(int proc, const struct acquire *what)
{
	struct hold h = { .id = ++last_id, .ret = -EINPROGRESS, .locked = 1 };
	int was = u_on(proc);
	struct op *op = box_now();

	u_on(was);
	fill_acquire(op, what, h.id);
	if (proc)
		box_start(proc, do_ask);
	else
		do_ask(op);
	return h;
}

static void result(struct hold *h)
{
	struct conf_msg m;

	h->ret = ask(OP_HOLD, (const long[]){ h->id }, 1, &m);
	h->locked = m.b[0];
}

void k_finish(struct hold *h)
{
	int was = u_on(0);

	/* Done, or the process is dead and the call over: the module knows. */
	c_wait((result(h), h->ret != -EINPROGRESS), 120000);
	u_on(was);
}

struct hold k_acquire(const struct acquire *what)
{
	struct hold h = k_start(conf_now, what);

	if (conf_now)
		box_wait(conf_now);
	result(&h);
	return h;
}

struct hold k_pin_many(unsigned long a, long n)
{
	struct hold h = { .id = ++last_id, .locked = 1 };

	h.ret = ASK(OP_PIN_MANY, h.id, a, n);
	return h;
}

struct hold memfd_pin(int fd, long first, long end, long max, long *offset)
{
	struct hold h = { .id = ++last_id, .locked = 1 };
	struct conf_msg m;

	h.ret = ask(OP_MEMFD_PIN, (const long[]){ h.id, fd, first, end, max }, 5, &m);
	if (offset)
		*offset = m.b[0];
	return h;
}

long k_held(struct hold h)
{
	struct conf_msg m;

	ask(OP_HOLD, (const long[]){ h.id }, 1, &m);
	return m.b[1];
}

long k_release(struct hold h, long first, long n, enum conf_release how,
	       bool make_dirty)
{
	return ASK(OP_RELEASE, h.id, first, n, how, make_dirty);
}

long k_release_raw(enum conf_release how, unsigned long n, bool make_dirty)
{
	return ASK(OP_RELEASE_RAW, how, n, make_dirty);
}

long k_release_count(struct hold h, enum conf_release how, unsigned long n)
{
	return ASK(OP_RELEASE_COUNT, h.id, how, n);
}

long k_unpin_extra(struct hold h, long i)
{
	return ASK(OP_UNPIN_EXTRA, h.id, i);
}

long k_add_pins(struct hold h, long i, int n)
{
	return ASK(OP_ADD_PINS, h.id, i, n);
}

pg_t k_page(struct hold h, long i)
{
	return ASK(OP_PAGE, h.id, i);
}

#define HAS(bit) (b >> (bit) & 1)

static struct pginfo page_bits(unsigned long b)
{
	return (struct pginfo){
		.maybe = HAS(IB_MAYBE), .dirty = HAS(IB_DIRTY),
		.anon = HAS(IB_ANON), .exclusive = HAS(IB_EXCLUSIVE),
		.uptodate = HAS(IB_UPTODATE), .lru = HAS(IB_LRU),
		.swapcache = HAS(IB_SWAPCACHE), .private = HAS(IB_PRIVATE),
		.writeback = HAS(IB_WRITEBACK), .locked = HAS(IB_LOCKED),
		.ksm = HAS(IB_KSM), .hwpoison = HAS(IB_HWPOISON),
		.mapping = HAS(IB_MAPPING), .zero = HAS(IB_ZERO),
		.huge_zero = HAS(IB_HUGE_ZERO), .hugetlb = HAS(IB_HUGETLB),
		.unevictable = HAS(IB_UNEVICTABLE), .longterm = HAS(IB_LONGTERM),
	};
}

static struct pte entry(const struct conf_msg *m)
{
	unsigned long b = m->b[PEEK_BITS];

	return (struct pte){
		.page = m->b[PEEK_PAGE], .level = m->b[PEEK_LEVEL],
		.present = HAS(PB_PRESENT), .write = HAS(PB_WRITE),
		.dirty = HAS(PB_DIRTY), .young = HAS(PB_YOUNG),
		.special = HAS(PB_SPECIAL), .soft_dirty = HAS(PB_SOFT_DIRTY),
		.uffd_wp = HAS(PB_UFFD_WP), .prot_none = HAS(PB_PROT_NONE),
		.swap = HAS(PB_SWAP), .none = HAS(PB_NONE),
	};
}
#undef HAS

struct pginfo k_info(pg_t page)
{
	struct pginfo info = { .pins = -1 };
	struct conf_msg m;

	if (ask(OP_INFO, (const long[]){ page }, 1, &m))
		return info;
	info = page_bits(m.b[INFO_BITS]);
	info.ref = m.b[INFO_REF];
	info.map = m.b[INFO_MAP];
	info.pins = m.b[INFO_PINS];
	info.order = m.b[INFO_ORDER];
	info.zone = m.b[INFO_ZONE];
	info.node = m.b[INFO_NODE];
	return info;
}

struct pte k_peek(unsigned long a)
{
	struct conf_msg m;

	if (ask(OP_PEEK, (const long[]){ a }, 1, &m))
		return (struct pte){ .none = true };
	return entry(&m);
}

struct look k_look(unsigned long a, pg_t page)
{
	struct look l = { .pte.none = true };
	struct conf_msg m;

	if (ask(OP_LOOK, (const long[]){ a, page }, 2, &m))
		return l;
	if (a)
		l.pte = entry(&m);
	l.info = page_bits(m.b[LOOK_BITS]);
	l.info.ref = m.b[LOOK_REF];
	l.info.map = m.b[LOOK_MAP];
	l.info.pins = m.b[LOOK_PINS];
	l.info.order = m.b[LOOK_REST] >> 8;
	l.byte = m.b[LOOK_REST] & 255;
	return l;
}

bool k_cached(int fd, long index, pg_t *page)
{
	long ret = ASK(OP_CACHED, fd, index);

	if (page)
		*page = ret > 0 ? ret : 0;
	return ret > 0;
}

void k_refs(pg_t page, long n)
{
	ASK(OP_REFS, page, n);
}

long k_set_dirty(pg_t page)
{
	return ASK(OP_DIRTY, page, DIRTY_SET);
}

long k_set_dirty_lock(pg_t page)
{
	return ASK(OP_DIRTY, page, DIRTY_SET_LOCK);
}

long k_clear_dirty(pg_t page)
{
	return ASK(OP_DIRTY, page, DIRTY_CLEAR);
}

long k_mkclean(pg_t page)
{
	return ASK(OP_DIRTY, page, DIRTY_MKCLEAN);
}

long d_read(struct hold h, long off, void *buf, long len)
{
	long ret = ASK(OP_DEVICE, h.id, off, len, 0);

	if (!ret)
		memcpy(buf, boxes[conf_now].data, len);
	return ret;
}

long d_write(struct hold h, long off, const void *buf, long len)
{
	memcpy(box_now()->data, buf, len);
	return ASK(OP_DEVICE, h.id, off, len, 1);
}

static long mm_state(int proc, int which)
{
	struct conf_msg m;
	long ret = ask(OP_MM, (const long[]){ boxes[proc].pid }, 1, &m);

	return ret < 0 ? ret : m.b[which];
}

bool k_has_pinned(int proc)
{
	return mm_state(proc, MM_HAS_PINNED) == 1;
}

long k_locked_vm(int proc)
{
	return mm_state(proc, MM_LOCKED_VM);
}

long k_pinned_vm(int proc)
{
	return mm_state(proc, MM_PINNED_VM);
}

long k_acq_raw(void)
{
	return ASK(OP_STAT, 0);
}

long k_rel_raw(void)
{
	return ASK(OP_STAT, 1);
}

long k_acq(void)
{
	write_file("/proc/sys/vm/stat_refresh", "1");
	return k_acq_raw();
}

long k_rel(void)
{
	write_file("/proc/sys/vm/stat_refresh", "1");
	return k_rel_raw();
}

void k_drain(void)
{
	ASK(OP_DRAIN);
}

long k_add_pinned_vm(long pages)
{
	return ASK(OP_ADD_PINNED, pages);
}

long k_account_locked(long pages, bool inc)
{
	return ASK(OP_ACCOUNT_LOCKED, pages, inc);
}

long k_account_pinned(long bytes)
{
	return ASK(OP_ACCOUNT_PINNED, bytes);
}

void k_unaccount_pinned(void)
{
	ASK(OP_UNACCOUNT_PINNED);
}

int k_notify(unsigned long a, long len)
{
	return ASK(OP_NOTIFY, a, len);
}

void k_notify_drop(int n, struct hold h, enum conf_release how, bool make_dirty)
{
	ASK(OP_NOTIFY_DROP, n, h.id, how, make_dirty);
}

long k_events(int n)
{
	return ASK(OP_EVENTS, n);
}

struct nevent k_event(int n, long i)
{
	struct conf_msg m;

	if (ask(OP_EVENT, (const long[]){ n, i }, 2, &m))
		return (struct nevent){ .phase = -1 };
	return (struct nevent){
		.phase = m.b[0], .type = m.b[1], .first = m.b[2],
		.last = m.b[3], .ref = m.b[4],
	};
}

void k_unnotify(int n)
{
	ASK(OP_UNNOTIFY, n);
}
