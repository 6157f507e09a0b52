// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * notify.c - MMU notifiers that write down what they are told
 */
#include <linux/mmu_notifier.h>
#include <linux/slab.h>

#include "conf.h"

#define MOST_EVENTS	64
#define MOST_NOTIFIERS	8

struct event {
	long phase, type, first, last, ref;
};

struct watch {
	struct mmu_notifier mn;
	bool on;
	unsigned long start, end;
	long drop, how;		/* hold to release at the next start */
	bool dirty;
	spinlock_t lock;	/* protects nr and events */
	long nr;
	struct event events[MOST_EVENTS];
};

static struct watch *watches[MOST_NOTIFIERS];

static void record(struct watch *w, long phase, long type, unsigned long start,
		   unsigned long end, long ref)
{
	unsigned long first = max(start, w->start), last = min(end, w->end);

	spin_lock(&w->lock);
	if (w->nr < MOST_EVENTS)
		w->events[w->nr++] = (struct event){
			.phase = phase, .type = type, .ref = ref,
			.first = (first - w->start) >> PAGE_SHIFT,
			.last = (last - w->start) >> PAGE_SHIFT,
		};
	spin_unlock(&w->lock);
}

static bool outside(struct watch *w, const struct mmu_notifier_range *r)
{
	return r->end <= w->start || r->start >= w->end;
}

static long type_of(const struct mmu_notifier_range *r)
{
	switch (r->event) {
	case MMU_NOTIFY_UNMAP: return 0;
	case MMU_NOTIFY_CLEAR: return 1;
	case MMU_NOTIFY_PROTECTION_VMA: return 2;
	case MMU_NOTIFY_PROTECTION_PAGE: return 3;
	case MMU_NOTIFY_SOFT_DIRTY: return 4;
	case MMU_NOTIFY_RELEASE: return 5;
	case MMU_NOTIFY_MIGRATE: return 6;
	case MMU_NOTIFY_EXCLUSIVE: return 7;
	default: return 8;
	}
}

static void drop(struct watch *w, struct conf_hold *h)
{
	w->drop = 0;
	if (w->dirty)
		set_page_dirty(h->pages[0]);
	conf_release(h, 0, h->nr, w->how, false);
}

static int on_start(struct mmu_notifier *mn, const struct mmu_notifier_range *r)
{
	struct watch *w = container_of(mn, struct watch, mn);
	struct conf_hold *h = w->drop ? conf_hold_find(w->drop) : NULL;

	if (outside(w, r))
		return 0;
	record(w, 0, type_of(r), r->start, r->end,
	       h && h->nr ? page_count(h->pages[0]) : 0);
	if (h)
		drop(w, h);
	return 0;
}

static void on_end(struct mmu_notifier *mn, const struct mmu_notifier_range *r)
{
	struct watch *w = container_of(mn, struct watch, mn);

	if (!outside(w, r))
		record(w, 1, 8, r->start, r->end, 0);
}

static void on_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct watch *w = container_of(mn, struct watch, mn);

	record(w, 2, 8, w->start, w->end, 0);
}

static const struct mmu_notifier_ops ops = {
	.invalidate_range_start = on_start,
	.invalidate_range_end = on_end,
	.release = on_release,
};

long conf_notify(unsigned long addr, unsigned long len)
{
	struct watch *w;
	int n, err;

	for (n = 0; n < MOST_NOTIFIERS && watches[n]; n++)
		;
	if (n == MOST_NOTIFIERS)
		return -ENOSPC;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	spin_lock_init(&w->lock);
	w->start = addr;
	w->end = addr + len;
	w->mn.ops = &ops;
	err = mmu_notifier_register(&w->mn, current->mm);
	if (err) {
		kfree(w);
		return err;
	}
	w->on = true;
	watches[n] = w;
	return n;
}

static struct watch *find(long n)
{
	return n >= 0 && n < MOST_NOTIFIERS ? watches[n] : NULL;
}

long conf_notify_drop(struct conf_msg *m)
{
	struct watch *w = find(m->a[0]);

	if (!w)
		return -EINVAL;
	w->how = m->a[2];
	w->dirty = m->a[3];
	w->drop = m->a[1];
	return 0;
}

long conf_events(long n)
{
	struct watch *w = find(n);

	return w ? w->nr : -EINVAL;
}

long conf_event(struct conf_msg *m)
{
	struct watch *w = find(m->a[0]);
	struct event *e;

	if (!w || m->a[1] < 0 || m->a[1] >= w->nr)
		return -EINVAL;
	e = &w->events[m->a[1]];
	m->b[0] = e->phase;
	m->b[1] = e->type;
	m->b[2] = e->first;
	m->b[3] = e->last;
	m->b[4] = e->ref;
	return 0;
}

/* Events stay readable. */
long conf_unnotify(long n)
{
	struct watch *w = find(n);

	if (!w || !w->on)
		return -EINVAL;
	w->on = false;
	mmu_notifier_unregister(&w->mn, w->mn.mm);
	return 0;
}

void conf_notify_drop_all(void)
{
	int n;

	for (n = 0; n < MOST_NOTIFIERS; n++) {
		conf_unnotify(n);
		kfree(watches[n]);
		watches[n] = NULL;
	}
}
