/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_BASE_XARRAY_H
#define PP_BASE_XARRAY_H

/*
 * struct xarray: a sparse array of pointers indexed by unsigned long, with
 * three marks per entry, readable under RCU.
 *
 * Rules for callers:
 * 1. An entry is a pointer that is at least 4-byte aligned, or a value made
 *    by xa_mk_value(). NULL means absent.
 * 2. Writers (store, erase, cmpxchg, reserve, release, set_mark, clear_mark,
 *    destroy) are serialised by a lock of the caller's.
 * 3. Readers (load, get_mark, marked, find, find_after, extract, for_each)
 *    need either that lock or an RCU read-side section; the entries that
 *    they get are as safe as the caller makes them.
 * 4. A reader sees each entry as it was at some moment of its own call. A
 *    walk that runs beside writers may or may not see what they change.
 * 5. exec registers pp_xa_set_node_free(), so that nodes live until readers
 *    are gone; without it a node is freed at once.
 *
 * Mirrors: include/linux/xarray.h (the normal API); differs: the lock is
 * the caller's, no multi-index entries (store an object once per index).
 */
#include "base/err.h"
#include "base/atomic.h"

#define PP_XA_SHIFT	6
#define PP_XA_SLOTS	(1u << PP_XA_SHIFT)
#define PP_XA_MARKS	3

/* what to look for: a mark, or any entry */
enum pp_xa_mark {
	PP_XA_MARK_0,
	PP_XA_MARK_1,
	PP_XA_MARK_2,
	PP_XA_PRESENT,
};

/*
 * Keys: c constant once the node can be reached, w written under the
 * caller's lock and read by writers only, r written under the caller's lock
 * and read under RCU.
 */
struct xa_node {
	unsigned char shift;		/* c: index bits below this level */
	unsigned char offset;		/* c: slot in the parent (0 in a root) */
	unsigned char count;		/* w: slots that are not NULL */
	struct xa_node *parent;		/* w: NULL in the root */
	void *rcu[4];			/* for the node-free hook's own use */
	void *slots[PP_XA_SLOTS];	/* r: entries if shift is 0, else nodes */
	unsigned long marks[PP_XA_MARKS]; /* r: one bit a slot */
};

struct xarray {
	struct xa_node *root;		/* r */
};

/* nodes put aside so that a later store cannot fail */
struct xa_preload {
	struct xa_node *nodes;		/* linked by parent */
	unsigned int nr;
};

#define XARRAY_INIT		{ .root = NULL }
#define DEFINE_XARRAY(name)	struct xarray name = XARRAY_INIT
#define XA_PRELOAD_INIT		{ .nodes = NULL }

static inline void xa_init(struct xarray *xa)
{
	xa->root = NULL;
}

static inline bool xa_empty(const struct xarray *xa)
{
	return !READ_ONCE(xa->root);
}

/* value entries: integers of 63 bits */
static inline void *xa_mk_value(unsigned long v)
{
	return (void *)((v << 1) | 1);
}

static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

static inline bool xa_is_value(const void *entry)
{
	return ((unsigned long)entry & 1) != 0;
}

void *pp_xa_load(const struct xarray *xa, unsigned long index);
void *pp_xa_store(struct xarray *xa, unsigned long index, void *entry);
void *pp_xa_erase(struct xarray *xa, unsigned long index);
void *pp_xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		    void *entry);

int pp_xa_reserve(struct xarray *xa, unsigned long index);
void pp_xa_release(struct xarray *xa, unsigned long index);
int pp_xa_preload(const struct xarray *xa, struct xa_preload *pl,
		  unsigned long index);
void pp_xa_preload_end(struct xa_preload *pl);
void *pp_xa_store_preloaded(struct xarray *xa, unsigned long index,
			    void *entry, struct xa_preload *pl);

void pp_xa_set_mark(struct xarray *xa, unsigned long index,
		    enum pp_xa_mark mark);
void pp_xa_clear_mark(struct xarray *xa, unsigned long index,
		      enum pp_xa_mark mark);
bool pp_xa_get_mark(const struct xarray *xa, unsigned long index,
		    enum pp_xa_mark mark);
bool pp_xa_marked(const struct xarray *xa, enum pp_xa_mark mark);

void *pp_xa_find(const struct xarray *xa, unsigned long *index,
		 unsigned long max, enum pp_xa_mark filter);
void *pp_xa_find_after(const struct xarray *xa, unsigned long *index,
		       unsigned long max, enum pp_xa_mark filter);
unsigned int pp_xa_extract(const struct xarray *xa, void **entries,
			   unsigned long *indices, unsigned long start,
			   unsigned long max, unsigned int n,
			   enum pp_xa_mark filter);

void pp_xa_destroy(struct xarray *xa);

void pp_xa_set_node_free(void (*free_fn)(struct xa_node *node));
void pp_xa_node_free_now(struct xa_node *node);
void pp_xa_shutdown(void);

/* every entry from @start to @last; @index is an unsigned long lvalue */
#define xa_for_each_range_filter(xa, index, entry, start, last, filter)	\
	for ((index) = (start),						\
	     (entry) = pp_xa_find((xa), &(index), (last), (filter));	\
	     (entry);							\
	     (entry) = pp_xa_find_after((xa), &(index), (last), (filter)))

#define xa_for_each_range(xa, index, entry, start, last) \
	xa_for_each_range_filter(xa, index, entry, start, last, PP_XA_PRESENT)
#define xa_for_each(xa, index, entry) \
	xa_for_each_range(xa, index, entry, 0UL, ~0UL)
#define xa_for_each_marked(xa, index, entry, mark) \
	xa_for_each_range_filter(xa, index, entry, 0UL, ~0UL, mark)

#endif /* PP_BASE_XARRAY_H */
