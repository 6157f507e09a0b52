// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Allocation: malloc() with failure injection and counting, and caches of
 * objects of one size.
 *
 * Each thread has a record (struct pp_thread) with its own counters and, for
 * every cache, a magazine: a private list of free objects. The fast path of
 * a cache touches the record only. Records are never freed; the record of a
 * thread that said pp_base_thread_exit() is used again by the next thread.
 *
 * Invariants
 * I1. The sum of all live counters is the number of live objects. One alone
 *     may be negative: what one thread allocates another may free.
 * I2. A magazine is touched by its thread only, except by
 *     pp_cache_destroy(), which runs when nobody uses the cache.
 * I3. cache->id is 0 until the first use, then its magazine number for good.
 *
 * Who excludes whom: cache->lock protects free, nr_free, slabs; registry
 * lock protects the numbering of caches. Both are leaves and spin.
 */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "base/bug.h"

#if defined(__has_include)
# if __has_include(<valgrind/valgrind.h>)
#  include <valgrind/valgrind.h>
# endif
#endif
#ifndef RUNNING_ON_VALGRIND
# define RUNNING_ON_VALGRIND 0
#endif

#define PP_CACHES	64		/* magazines a thread; 0 is shared */
#define PP_MAG_MAX	64		/* objects a magazine keeps */
#define PP_MAG_BATCH	32		/* objects moved at once */
#define PP_SLAB_SIZE	(32 * 1024)
#define PP_SLAB_HEAD	16
#define PP_OBJ_ALIGN	16

struct pp_magazine {
	void *free;
	unsigned int nr;
	long live;		/* alloc minus free by this thread */
};

struct pp_thread {
	struct pp_thread *next;	/* list of all records */
	int busy;		/* belongs to a living thread */
	long live;		/* as pp_magazine.live, of plain memory */
	struct pp_magazine mag[PP_CACHES];
} pp_cacheline_aligned;

static pp_thread_local struct pp_thread *pp_self;
static struct pp_thread *pp_threads;
static struct pp_cache *pp_caches[PP_CACHES];
static int pp_registry_lock;

static long pp_inject_left;	/* allocations until one fails; 0: off */
static bool pp_inject_fired;

/*
 * (A) Leaf spin lock: acquire in pp_spin_take() pairs with the release in
 * pp_spin_drop(). Without it two threads cut the same object off a list.
 * Test: base/alloc two_threads_share_a_cache.
 */
static void pp_spin_take(int *lock)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		while (READ_ONCE(*lock))
			cpu_relax();
}

static void pp_spin_drop(int *lock)
{
	smp_store_release(lock, 0);
}

/* injection */

/**
 * pp_inject_alloc() - make one allocation fail
 * @nth: 1 = the next one of any thread, 2 = the one after it, ...; 0 = none
 *
 * Off again after the failure.
 * Context: any. Locking: none.
 */
void pp_inject_alloc(unsigned long nth)
{
	WRITE_ONCE(pp_inject_fired, false);
	xchg(&pp_inject_left, (long)nth);
}

/**
 * pp_inject_alloc_fired() - has the last pp_inject_alloc() failed something?
 */
bool pp_inject_alloc_fired(void)
{
	return READ_ONCE(pp_inject_fired);
}

static pp_cold bool pp_inject_count(void)
{
	long left = READ_ONCE(pp_inject_left);

	do {
		if (left <= 0)
			return false;
	} while (!try_cmpxchg(&pp_inject_left, &left, left - 1));
	if (left != 1)
		return false;
	WRITE_ONCE(pp_inject_fired, true);
	return true;
}

static pp_always_inline bool pp_inject_fails(void)
{
	return unlikely(READ_ONCE(pp_inject_left) != 0) && pp_inject_count();
}

/**
 * pp_alloc_should_fail() - count an allocation that does not come from here
 *
 * For the page allocator: frames are allocations too, and a test that fails
 * the nth allocation means them as well.
 *
 * Context: any. Locking: none.
 * Return:  true if this one is to fail.
 */
bool pp_alloc_should_fail(void)
{
	return pp_inject_fails();
}

/* thread records */

static struct pp_thread *pp_thread_reuse(void)
{
	struct pp_thread *t;

	for (t = smp_load_acquire(&pp_threads); t; t = t->next)
		if (!READ_ONCE(t->busy) && cmpxchg(&t->busy, 0, 1) == 0)
			return t;
	return NULL;
}

static struct pp_thread *pp_thread_new(void)
{
	struct pp_thread *t, *head;

	if (posix_memalign((void **)&t, 64, sizeof(*t)))
		return NULL;
	memset(t, 0, sizeof(*t));
	t->busy = 1;
	head = READ_ONCE(pp_threads);
	do {
		t->next = head;
	} while (!try_cmpxchg(&pp_threads, &head, t));
	return t;
}

static pp_cold struct pp_thread *pp_thread_attach(void)
{
	struct pp_thread *t = pp_thread_reuse();

	if (!t)
		t = pp_thread_new();
	pp_self = t;
	return t;
}

static pp_always_inline struct pp_thread *pp_thread_get(void)
{
	return likely(pp_self) ? pp_self : pp_thread_attach();
}

static pp_always_inline void pp_count(long *live, long by)
{
	WRITE_ONCE(*live, *live + by);
}

/**
 * pp_alloc_outstanding() - allocations and cache objects now alive
 *
 * Exact when no other thread allocates or frees meanwhile.
 * Context: any. Locking: none.
 */
long pp_alloc_outstanding(void)
{
	struct pp_thread *t;
	long sum = 0;
	int i;

	for (t = smp_load_acquire(&pp_threads); t; t = t->next) {
		sum += READ_ONCE(t->live);
		for (i = 0; i < PP_CACHES; i++)
			sum += READ_ONCE(t->mag[i].live);
	}
	return sum;
}

/* plain memory */

static void *pp_counted(void *ptr)
{
	if (ptr)
		pp_count(&pp_self->live, 1);
	return ptr;
}

static bool pp_refused(void)
{
	return pp_inject_fails() || !pp_thread_get();
}

/**
 * pp_alloc() - uninitialised memory
 * @size: bytes; 0 gives a pointer that may be freed and not used
 *
 * Context: any. Locking: none.
 * Return:  memory aligned for any type, or NULL. Release: pp_free().
 */
void *pp_alloc(size_t size)
{
	return pp_refused() ? NULL : pp_counted(malloc(size ? size : 1));
}

/* As pp_alloc(), except: zeroed. */
void *pp_zalloc(size_t size)
{
	return pp_refused() ? NULL : pp_counted(calloc(1, size ? size : 1));
}

/* As pp_zalloc(), except: @n objects of @size; NULL if that overflows. */
void *pp_calloc(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return pp_zalloc(bytes);
}

/**
 * pp_realloc() - change the size of what pp_alloc() gave
 * @ptr:  NULL: as pp_alloc(@size). Not from pp_alloc_aligned().
 * @size: new size in bytes
 *
 * Return: the memory, perhaps moved; NULL: nothing changed, @ptr still
 *         belongs to the caller.
 */
void *pp_realloc(void *ptr, size_t size)
{
	if (!ptr)
		return pp_alloc(size);
	if (pp_inject_fails())
		return NULL;
	return realloc(ptr, size ? size : 1);
}

/**
 * pp_alloc_aligned() - uninitialised memory at a multiple of @align
 * @align: power of two
 *
 * Return: as pp_alloc().
 */
void *pp_alloc_aligned(size_t align, size_t size)
{
	void *ptr;

	if (pp_refused())
		return NULL;
	if (align < sizeof(void *))
		align = sizeof(void *);
	if (posix_memalign(&ptr, align, size ? size : 1))
		return NULL;
	return pp_counted(ptr);
}

/* As pp_alloc(), except: a copy of @str. */
char *pp_strdup(const char *str)
{
	size_t size = strlen(str) + 1;
	char *copy = pp_alloc(size);

	return copy ? memcpy(copy, str, size) : NULL;
}

/**
 * pp_free() - give back what pp_alloc() and its variants returned
 * @ptr: NULL is allowed
 *
 * Context: any, also another thread than the one that allocated.
 */
void pp_free(void *ptr)
{
	struct pp_thread *self;

	if (!ptr)
		return;
	self = pp_thread_get();
	if (likely(self))
		pp_count(&self->live, -1);
	free(ptr);
}

/* caches */

static bool pp_cache_plain(void)
{
#if defined(PP_ASAN) || defined(PP_TSAN)
	return true;
#else
	return RUNNING_ON_VALGRIND;
#endif
}

static pp_cold int pp_cache_register(struct pp_cache *cache)
{
	int id = 0, i;

	pp_spin_take(&pp_registry_lock);
	if (cache->id)
		goto out;
	for (i = 1; i < PP_CACHES && !id; i++)
		if (!pp_caches[i])
			id = i;
	pp_caches[id] = id ? cache : NULL;
	if (!id || pp_cache_plain())
		id -= PP_CACHES;	/* negative: malloc() serves it */
	smp_store_release(&cache->id, id);
out:
	id = cache->id;
	pp_spin_drop(&pp_registry_lock);
	return id;
}

/* (B) Pairs with the release in pp_cache_register(): numbered, then seen. */
static pp_always_inline int pp_cache_id(struct pp_cache *cache)
{
	int id = smp_load_acquire(&cache->id);

	return likely(id) ? id : pp_cache_register(cache);
}

static struct pp_magazine *pp_plain_mag(struct pp_thread *self, int id)
{
	return &self->mag[id + PP_CACHES];
}

static size_t pp_cache_step(const struct pp_cache *cache)
{
	return ALIGN(max_t(size_t, cache->size, sizeof(void *)), PP_OBJ_ALIGN);
}

/* caller holds cache->lock */
static bool pp_cache_grow(struct pp_cache *cache)
{
	size_t step = pp_cache_step(cache);
	size_t size = max_t(size_t, PP_SLAB_SIZE, PP_SLAB_HEAD + 8 * step);
	char *slab, *obj;

	if (posix_memalign((void **)&slab, 64, size))
		return false;
	*(void **)slab = cache->slabs;
	cache->slabs = slab;
	for (obj = slab + PP_SLAB_HEAD; obj + step <= slab + size; obj += step) {
		*(void **)obj = cache->free;
		cache->free = obj;
		cache->nr_free++;
	}
	return true;
}

static void pp_mag_fill(struct pp_cache *cache, struct pp_magazine *mag)
{
	pp_spin_take(&cache->lock);
	while (mag->nr < PP_MAG_BATCH) {
		void *obj = cache->free;

		if (!obj) {
			if (mag->nr || !pp_cache_grow(cache))
				break;
			continue;
		}
		cache->free = *(void **)obj;
		cache->nr_free--;
		*(void **)obj = mag->free;
		mag->free = obj;
		mag->nr++;
	}
	pp_spin_drop(&cache->lock);
}

static void pp_mag_drain(struct pp_cache *cache, struct pp_magazine *mag,
			 unsigned int keep)
{
	pp_spin_take(&cache->lock);
	while (mag->nr > keep) {
		void *obj = mag->free;

		mag->free = *(void **)obj;
		mag->nr--;
		*(void **)obj = cache->free;
		cache->free = obj;
		cache->nr_free++;
	}
	pp_spin_drop(&cache->lock);
}

static pp_always_inline void *pp_mag_pop(struct pp_magazine *mag)
{
	void *obj = mag->free;

	if (likely(obj)) {
		mag->free = *(void **)obj;
		mag->nr--;
		pp_count(&mag->live, 1);
	}
	return obj;
}

static pp_noinline void *pp_cache_alloc_slow(struct pp_cache *cache, int id)
{
	struct pp_thread *self = pp_thread_get();
	void *obj;

	if (!self)
		return NULL;
	if (id > 0) {
		pp_mag_fill(cache, &self->mag[id]);
		return pp_mag_pop(&self->mag[id]);
	}
	obj = malloc(max_t(size_t, cache->size, 1));
	if (obj)
		pp_count(&pp_plain_mag(self, id)->live, 1);
	return obj;
}

/**
 * pp_cache_init() - make an empty cache
 * @cache: storage that stays where it is until pp_cache_destroy()
 * @name:  for messages; not copied
 * @size:  bytes an object
 *
 * Context: any. Return: none; what is needed is made by the first alloc.
 */
void pp_cache_init(struct pp_cache *cache, const char *name, size_t size)
{
	*cache = (struct pp_cache)PP_CACHE_INIT(name, size);
}

/**
 * pp_cache_alloc() - an uninitialised object, aligned to 16 bytes
 *
 * Context: any. Locking: none; takes a leaf lock once in 32 calls.
 * Return:  the object or NULL. Release: pp_cache_free(), any thread.
 */
void *pp_cache_alloc(struct pp_cache *cache)
{
	struct pp_thread *self = pp_self;
	int id = pp_cache_id(cache);
	void *obj;

	if (pp_inject_fails())
		return NULL;
	if (likely(self && id > 0)) {
		obj = pp_mag_pop(&self->mag[id]);
		if (likely(obj))
			return obj;
	}
	return pp_cache_alloc_slow(cache, id);
}

/* As pp_cache_alloc(), except: zeroed. */
void *pp_cache_zalloc(struct pp_cache *cache)
{
	void *obj = pp_cache_alloc(cache);

	return obj ? memset(obj, 0, cache->size) : NULL;
}

static pp_noinline void pp_cache_free_slow(struct pp_cache *cache, int id,
					   void *obj)
{
	struct pp_thread *self = pp_thread_get();
	struct pp_magazine one = { .free = obj, .nr = 1 };

	if (id < 0) {
		if (self)
			pp_count(&pp_plain_mag(self, id)->live, -1);
		free(obj);
	} else if (!self) {
		*(void **)obj = NULL;
		pp_mag_drain(cache, &one, 0);
	} else {
		*(void **)obj = self->mag[id].free;
		self->mag[id].free = obj;
		self->mag[id].nr++;
		pp_count(&self->mag[id].live, -1);
		pp_mag_drain(cache, &self->mag[id], PP_MAG_MAX - PP_MAG_BATCH);
	}
}

/**
 * pp_cache_free() - give an object back to its cache
 * @obj: from pp_cache_alloc() of the same cache; NULL is allowed
 *
 * Context: any.
 */
void pp_cache_free(struct pp_cache *cache, void *obj)
{
	struct pp_thread *self = pp_self;
	int id = READ_ONCE(cache->id);
	struct pp_magazine *mag;

	if (!obj)
		return;
	if (unlikely(!self || id <= 0 || self->mag[id].nr >= PP_MAG_MAX)) {
		pp_cache_free_slow(cache, id, obj);
		return;
	}
	mag = &self->mag[id];
	*(void **)obj = mag->free;
	mag->free = obj;
	mag->nr++;
	pp_count(&mag->live, -1);
}

/**
 * pp_cache_live() - objects of this cache now alive
 *
 * Exact when nobody uses the cache meanwhile. Beyond 63 caches the rest
 * share one count.
 */
long pp_cache_live(const struct pp_cache *cache)
{
	int id = READ_ONCE(cache->id);
	struct pp_thread *t;
	long sum = 0;

	if (!id)
		return 0;
	if (id < 0)
		id += PP_CACHES;
	for (t = smp_load_acquire(&pp_threads); t; t = t->next)
		sum += READ_ONCE(t->mag[id].live);
	return sum;
}

static void pp_cache_forget(struct pp_cache *cache, int id)
{
	struct pp_thread *t;

	pp_spin_take(&pp_registry_lock);
	for (t = smp_load_acquire(&pp_threads); id && t; t = t->next)
		t->mag[id] = (struct pp_magazine){ .free = NULL };
	if (id)
		pp_caches[id] = NULL;
	cache->id = 0;
	pp_spin_drop(&pp_registry_lock);
}

/**
 * pp_cache_destroy() - free all memory of a cache
 *
 * The cache is as after pp_cache_init() and may be used again. Objects that
 * are still alive die with it, without a word (not so under ASan, TSan and
 * Valgrind, where they are found as leaks): the caller decides by the
 * return value.
 *
 * Context: nobody else uses the cache.
 * Return:  objects that were still alive; they no longer count as
 *          outstanding.
 */
long pp_cache_destroy(struct pp_cache *cache)
{
	long live = pp_cache_live(cache);
	int id = cache->id;
	void *slab = cache->slabs;

	if (!id)
		return 0;
	pp_cache_forget(cache, id < 0 ? id + PP_CACHES : id);
	while (slab) {
		void *next = *(void **)slab;

		free(slab);
		slab = next;
	}
	cache->free = NULL;
	cache->nr_free = 0;
	cache->slabs = NULL;
	return live;
}

/**
 * pp_base_thread_exit() - this thread ends: hand on what it kept
 *
 * Objects in its magazines go back to the caches and its record to the next
 * thread. Without this call nothing is lost but the magazines' objects are
 * out of use. A later allocation of the same thread is allowed.
 *
 * Context: the ending thread; called by exec. The caches that it used exist.
 */
void pp_base_thread_exit(void)
{
	struct pp_thread *self = pp_self;
	int i;

	if (!self)
		return;
	pp_spin_take(&pp_registry_lock);
	for (i = 1; i < PP_CACHES; i++)
		if (self->mag[i].nr && pp_caches[i])
			pp_mag_drain(pp_caches[i], &self->mag[i], 0);
	pp_spin_drop(&pp_registry_lock);
	pp_self = NULL;
	/*
	 * (C) Record given up: release pairs with the cmpxchg in
	 * pp_thread_reuse(). Without it the next owner counts from stale
	 * counters. Test: base/alloc record_of_dead_thread_is_reused.
	 */
	smp_store_release(&self->busy, 0);
}
