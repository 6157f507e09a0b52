/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_BASE_ALLOC_H
#define PP_BASE_ALLOC_H

/*
 * Memory for the library's own objects, with failure injection.
 *
 * Every allocation of lib/ comes from here, so that a test can fail each of
 * them in turn and count what is left. What pp_alloc() and its variants
 * return goes back by pp_free(), what a cache returns by pp_cache_free() to
 * the same cache; NULL is accepted by both.
 *
 * Usable from any context and any thread; nothing sleeps.
 */
#include "base/compiler.h"

pp_must_check void *pp_alloc(size_t size);
pp_must_check void *pp_zalloc(size_t size);
pp_must_check void *pp_calloc(size_t n, size_t size);
pp_must_check void *pp_realloc(void *ptr, size_t size);
pp_must_check void *pp_alloc_aligned(size_t align, size_t size);
pp_must_check char *pp_strdup(const char *str);
void pp_free(void *ptr);

void pp_inject_alloc(unsigned long nth);
bool pp_inject_alloc_fired(void);
bool pp_alloc_should_fail(void);
long pp_alloc_outstanding(void);
void pp_base_thread_exit(void);

/*
 * A cache of objects of one size. Zero-initialised storage is not enough:
 * use pp_cache_init() or PP_CACHE_INIT(). Under ASan, TSan and Valgrind
 * each object is a malloc() of its own, so that the tool sees its life.
 */
struct pp_cache {
	const char *name;
	size_t size;		/* bytes a caller may use */
	int id;			/* magazine number; see alloc.c */
	int lock;		/* protects the three below */
	void *free;		/* objects no magazine holds */
	unsigned long nr_free;
	void *slabs;		/* chunks that objects are cut from */
};

#define PP_CACHE_INIT(cache_name, obj_size) \
	{ .name = (cache_name), .size = (obj_size) }

void pp_cache_init(struct pp_cache *cache, const char *name, size_t size);
pp_must_check void *pp_cache_alloc(struct pp_cache *cache);
pp_must_check void *pp_cache_zalloc(struct pp_cache *cache);
void pp_cache_free(struct pp_cache *cache, void *obj);
long pp_cache_live(const struct pp_cache *cache);
long pp_cache_destroy(struct pp_cache *cache);

#endif /* PP_BASE_ALLOC_H */
