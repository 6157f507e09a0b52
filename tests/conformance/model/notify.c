// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * notify.c - mmu notifiers that write down what they are told
 */
#include "model.h"

#include <stdlib.h>

#define MOST_EVENTS	64
#define MOST_NOTIFIERS	8

struct watch {
	struct mmu_notifier mn;
	bool on;
	unsigned long start, end;
	struct hold drop;		/* id 0: none */
	enum conf_release how;
	bool dirty;
	long nr;
	struct nevent events[MOST_EVENTS];
};

static struct watch *watches[MOST_NOTIFIERS];

static struct watch *find(int n)
{
	if (n < 0 || n >= MOST_NOTIFIERS || !watches[n])
		model_broken("no such notifier");
	return watches[n];
}

static void write_down(struct watch *w, int phase, int type,
		       unsigned long start, unsigned long end, long ref)
{
	unsigned long first = start > w->start ? start : w->start;
	unsigned long last = end < w->end ? end : w->end;

	if (w->nr == MOST_EVENTS)
		return;
	w->events[w->nr++] = (struct nevent){
		.phase = phase, .type = type, .ref = ref,
		.first = (long)((first - w->start) / PAGE),
		.last = (long)((last - w->start) / PAGE),
	};
}

static int type_of(const struct mmu_notifier_range *r)
{
	static const int types[] = {
		[PINPAGE_MMU_NOTIFY_UNMAP] = NEV_UNMAP,
		[PINPAGE_MMU_NOTIFY_CLEAR] = NEV_CLEAR,
		[PINPAGE_MMU_NOTIFY_PROTECTION_VMA] = NEV_PROTECTION_VMA,
		[PINPAGE_MMU_NOTIFY_PROTECTION_PAGE] = NEV_PROTECTION_PAGE,
		[PINPAGE_MMU_NOTIFY_SOFT_DIRTY] = NEV_SOFT_DIRTY,
		[PINPAGE_MMU_NOTIFY_RELEASE] = NEV_RELEASE,
		[PINPAGE_MMU_NOTIFY_MIGRATE] = NEV_MIGRATE,
		[PINPAGE_MMU_NOTIFY_EXCLUSIVE] = NEV_EXCLUSIVE,
	};

	return r->event < ARRAY_SIZE(types) ? types[r->event] : NEV_OTHER;
}

static bool outside(const struct watch *w, const struct mmu_notifier_range *r)
{
	return r->end <= w->start || r->start >= w->end;
}

static void drop(struct watch *w)
{
	struct hold h = w->drop;

	w->drop.id = 0;
	if (w->dirty)
		k_set_dirty(k_page(h, 0));
	k_release(h, 0, h.ret, w->how, false);
}

static int on_start(struct mmu_notifier *mn, const struct mmu_notifier_range *r)
{
	struct watch *w = container_of(mn, struct watch, mn);

	if (outside(w, r))
		return 0;
	write_down(w, NEV_START, type_of(r), r->start, r->end,
		   w->drop.id ? k_ref(k_page(w->drop, 0)) : 0);
	if (w->drop.id)
		drop(w);
	return 0;
}

static void on_end(struct mmu_notifier *mn, const struct mmu_notifier_range *r)
{
	struct watch *w = container_of(mn, struct watch, mn);

	if (!outside(w, r))
		write_down(w, NEV_END, NEV_OTHER, r->start, r->end, 0);
}

static void on_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct watch *w = container_of(mn, struct watch, mn);

	(void)mm;
	write_down(w, NEV_GONE, NEV_OTHER, w->start, w->end, 0);
}

static const struct mmu_notifier_ops ops = {
	.invalidate_range_start = on_start,
	.invalidate_range_end = on_end,
	.release = on_release,
};

int k_notify(unsigned long a, long len)
{
	struct watch *w = calloc(1, sizeof(*w));
	int n, err;

	for (n = 0; n < MOST_NOTIFIERS && watches[n]; n++)
		;
	if (n == MOST_NOTIFIERS || !w)
		model_broken("too many notifiers");
	w->start = a;
	w->end = a + (unsigned long)len;
	w->mn.ops = &ops;
	err = pinpage_mmu_notifier_register(&w->mn, model_cur()->mm);
	if (err) {
		free(w);
		return err;
	}
	w->on = true;
	watches[n] = w;
	return n;
}

void k_notify_drop(int n, struct hold h, enum conf_release how, bool make_dirty)
{
	struct watch *w = find(n);

	w->how = how;
	w->dirty = make_dirty;
	w->drop = h;
}

long k_events(int n)
{
	return find(n)->nr;
}

struct nevent k_event(int n, long i)
{
	struct watch *w = find(n);

	return i >= 0 && i < w->nr ? w->events[i] :
				     (struct nevent){ .phase = -1 };
}

/* Events stay readable. */
void k_unnotify(int n)
{
	struct watch *w = find(n);

	if (w->on)
		pinpage_mmu_notifier_unregister(&w->mn, w->mn.mm);
	w->on = false;
}

void model_notify_end(void)
{
	int n;

	for (n = 0; n < MOST_NOTIFIERS; n++) {
		if (!watches[n])
			continue;
		k_unnotify(n);
		free(watches[n]);
		watches[n] = NULL;
	}
}
