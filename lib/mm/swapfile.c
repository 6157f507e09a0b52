// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/swapfile.c - swap areas: on and off, slots and who uses them
 *
 * I1. to I3.: swap.h.
 * I4. An area is taken down only when no slot is in use and nobody is between
 *     pp_swap_get() and pp_swap_put().
 *
 * Who excludes whom: a slot's count and its place in the cache by the area's
 * lock, a leaf below page-table and i_pages locks; swapon and swapoff by
 * each other's mutex; swapoff waits for users of I4.
 * Mirrors: mm/swapfile.c 6.1; differs: slots are found one by one, no
 * clusters, no discard, counts do not saturate.
 */
#include "mm/internal.h"
#include "mm/swaparea.h"

struct pp_swap_area pp_swap_areas[PP_NR_SWAP_AREAS];
atomic_long_t pp_nr_swap_free, pp_nr_swap_slots;

static struct pinpage_mutex swapon_mutex = PINPAGE_MUTEX_INIT(swapon_mutex);

/* There is at most one area of a number at a time: entries name it. */
static struct pp_swap_area *area_of(pp_swp entry)
{
	return &pp_swap_areas[pp_swp_type(entry)];
}

/* pp_swap_usable() - a hint; Mirrors: get_nr_swap_pages() */
bool pp_swap_usable(void)
{
	return atomic_long_read(&pp_nr_swap_free) > 0;
}

/* Mirrors: mm/memcontrol.c:mem_cgroup_swap_full() */
bool pp_swap_nearly_full(void)
{
	return atomic_long_read(&pp_nr_swap_free) * 2 <
	       atomic_long_read(&pp_nr_swap_slots);
}

/**
 * pp_swap_get() - keep an area while nothing else does
 * @entry: read from a PTE or a file whose lock was dropped
 *
 * Context: any. Locking: takes the area's lock.
 * Return:  false: the slot has no user any more; else for pp_swap_put().
 * Mirrors: mm/swapfile.c:get_swap_device()
 */
bool pp_swap_get(pp_swp entry)
{
	struct pp_swap_area *area = area_of(entry);
	unsigned long offset = pp_swp_offset(entry);
	bool got;

	pinpage_spin_lock(&area->lock);
	got = area->map && offset < area->nr && area->map[offset];
	if (got)
		atomic_inc(&area->users);
	pinpage_spin_unlock(&area->lock);
	return got;
}

void pp_swap_put(pp_swp entry)
{
	struct pp_swap_area *area = area_of(entry);

	if (atomic_dec_and_test(&area->users))
		pinpage_complete(&area->unused);
}

/* slots; area->lock held */

static unsigned long find_free(const struct pp_swap_area *area)
{
	unsigned long i, offset = area->next;

	for (i = 1; i < area->nr; i++, offset++) {
		if (offset >= area->nr)
			offset = 1;
		if (!area->map[offset])
			return offset;
	}
	return 0;
}

static unsigned long take_slot(struct pp_swap_area *area)
{
	unsigned long offset = 0;

	pinpage_spin_lock(&area->lock);
	if (area->on && area->nr_used < area->nr - 1)
		offset = find_free(area);
	if (offset) {
		pp_swap_map_add(area, offset, PP_SWAP_HAS_CACHE);
		area->next = offset + 1;
		area->nr_used++;
		atomic_long_dec(&pp_nr_swap_free);
	}
	pinpage_spin_unlock(&area->lock);
	return offset;
}

/* the next lower priority below that of @last, areas of one by their number */
static struct pp_swap_area *next_area(const struct pp_swap_area *last)
{
	int priority, below = last ? READ_ONCE(last->priority) : 0, most = 0;
	struct pp_swap_area *best = NULL, *area;

	for (area = pp_swap_areas; area < pp_swap_areas + PP_NR_SWAP_AREAS; area++) {
		if (!READ_ONCE(area->on))
			continue;
		priority = READ_ONCE(area->priority);
		if (last && (priority > below || (priority == below && area <= last)))
			continue;
		if (!best || priority > most) {
			best = area;
			most = priority;
		}
	}
	return best;
}

/**
 * pp_swap_alloc() - a free slot, in the area of the highest priority
 *
 * Context: any. Locking: takes areas' locks.
 * Return:  in use for the cache, no users; 0: all are full.
 * Mirrors: mm/swap_slots.c:folio_alloc_swap()
 */
pp_swp pp_swap_alloc(void)
{
	struct pp_swap_area *area = NULL;
	unsigned long offset;

	while ((area = next_area(area))) {
		offset = take_slot(area);
		if (offset)
			return pp_swp_entry((unsigned int)(area - pp_swap_areas), offset);
	}
	return 0;
}

/**
 * pp_swap_slot_drop() - what the caller has cleared in the map was the last
 *
 * Context: any. Locking: area->lock held.
 */
void pp_swap_slot_drop(struct pp_swap_area *area, unsigned long offset)
{
	if (area->map[offset])
		return;
	area->nr_used--;
	if (area->mem) {
		pp_free(area->mem[offset]);
		area->mem[offset] = NULL;
	}
	if (area->on)
		atomic_long_inc(&pp_nr_swap_free);
}

/**
 * pp_swap_dup() - one more user of a slot
 * @entry: has a user, or a page in the cache
 *
 * Context: any. Locking: takes the area's lock.
 * Mirrors: mm/swapfile.c:swap_duplicate()
 */
void pp_swap_dup(pp_swp entry)
{
	struct pp_swap_area *area = area_of(entry);

	pinpage_spin_lock(&area->lock);
	pp_assert(area->map && area->map[pp_swp_offset(entry)]);
	pp_swap_map_add(area, pp_swp_offset(entry), 1);
	pinpage_spin_unlock(&area->lock);
}

/* users left */
static unsigned int drop_user(pp_swp entry)
{
	struct pp_swap_area *area = area_of(entry);
	unsigned long offset = pp_swp_offset(entry);
	unsigned int left;

	pinpage_spin_lock(&area->lock);
	if (unlikely(!area->map || !(area->map[offset] & ~PP_SWAP_HAS_CACHE)))
		pp_bug("swap entry %u:%lu has no user", pp_swp_type(entry), offset);
	left = pp_swap_map_add(area, offset, -1u);
	pp_swap_slot_drop(area, offset);
	pinpage_spin_unlock(&area->lock);
	return left;
}

/* Mirrors: mm/swapfile.c:swap_free() */
void pp_swap_free(pp_swp entry)
{
	(void)drop_user(entry);
}

/**
 * pp_swap_free_and_cache() - a user is gone; its page too if it was the last
 *
 * Context: any. Locking: a page-table lock may be held; page locks are tried.
 * Mirrors: mm/swapfile.c:free_swap_and_cache()
 */
void pp_swap_free_and_cache(pp_swp entry)
{
	struct page *head;

	if (drop_user(entry) != PP_SWAP_HAS_CACHE)
		return;
	head = pp_swap_cache_get(entry);
	if (!head)
		return;
	pp_free_swap_cache(head);
	pp_unref(head);
}

unsigned int pp_swap_count(pp_swp entry)
{
	const struct pp_swap_area *area = area_of(entry);

	return READ_ONCE(area->map[pp_swp_offset(entry)]) & ~PP_SWAP_HAS_CACHE;
}

bool pp_swap_stable(pp_swp entry)
{
	return area_of(entry)->stable_writes;
}

/* on */

static int open_file(struct pp_swap_area *area, const char *path, unsigned long *pages)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if (!*pages)
		*pages = (unsigned long)st.st_size >> PAGE_SHIFT;
	else if ((unsigned long)st.st_size >> PAGE_SHIFT < *pages)
		err = -EINVAL;
	for (unsigned int i = 0; !err && i < PP_NR_SWAP_AREAS; i++)
		if (pp_swap_areas[i].map && pp_swap_areas[i].fd >= 0 &&
		    pp_swap_areas[i].dev == st.st_dev && pp_swap_areas[i].ino == st.st_ino)
			err = -EBUSY;
	if (err) {
		close(fd);
		return err;
	}
	area->fd = fd;
	area->dev = st.st_dev;
	area->ino = st.st_ino;
	return 0;
}

static void release(struct pp_swap_area *area)
{
	unsigned int *map;
	void **mem;

	pinpage_spin_lock(&area->lock);
	map = area->map;
	mem = area->mem;
	area->map = NULL;
	area->mem = NULL;
	pinpage_spin_unlock(&area->lock);
	if (area->fd >= 0)
		close(area->fd);
	area->fd = -1;
	pp_free(map);
	pp_free(mem);
}

static int set_up(struct pp_swap_area *area, const struct pinpage_swap_options *o)
{
	unsigned long pages = o->pages;
	unsigned int *map;
	int err = 0;

	xa_init(&area->cache);
	area->fd = -1;
	area->mem = NULL;
	if (o->path)
		err = open_file(area, o->path, &pages);
	if (err)
		return err;
	/* the first page of an area is its header */
	if (pages < 2 || pages > PP_SWAP_MAX_PAGES) {
		release(area);
		return -EINVAL;
	}
	map = pp_calloc(pages, sizeof(*map));
	if (!o->path)
		area->mem = pp_calloc(pages, sizeof(*area->mem));
	if (!map || (!o->path && !area->mem)) {
		pp_free(map);
		release(area);
		return -ENOMEM;
	}
	WRITE_ONCE(area->priority, o->priority);
	area->stable_writes = o->stable_writes;
	atomic_set(&area->users, 1);
	pinpage_init_completion(&area->unused);
	pinpage_spin_lock(&area->lock);
	area->nr = pages;
	area->nr_used = 0;
	area->next = 1;
	area->map = map;
	pinpage_spin_unlock(&area->lock);
	return 0;
}

/* The area takes slots from now on, or none any more. swapon_mutex held. */
static void enable(struct pp_swap_area *area, bool on)
{
	long slots = (long)area->nr - 1;

	pinpage_spin_lock(&area->lock);
	WRITE_ONCE(area->on, on);
	atomic_long_add(on ? slots : -slots, &pp_nr_swap_slots);
	slots -= (long)area->nr_used;
	atomic_long_add(on ? slots : -slots, &pp_nr_swap_free);
	pinpage_spin_unlock(&area->lock);
}

int pinpage_swapon(const struct pinpage_swap_options *options)
{
	int type, err;

	if (!pp_ready() || !options || !pinpage_might_sleep())
		return -EINVAL;
	pinpage_mutex_lock(&swapon_mutex);
	for (type = 0; type < PP_NR_SWAP_AREAS && pp_swap_areas[type].map; type++)
		;
	err = type == PP_NR_SWAP_AREAS ? -EPERM :
	      set_up(&pp_swap_areas[type], options);
	if (!err)
		enable(&pp_swap_areas[type], true);
	pinpage_mutex_unlock(&swapon_mutex);
	return err ? err : type;
}

/* off */

/* pages that are in the cache alone keep slots in use */
static void shrink_cache(struct pp_swap_area *area)
{
	unsigned long index = 0;
	struct page *head;

	for (;;) {
		pinpage_rcu_read_lock();
		head = pp_xa_find(&area->cache, &index, ~0UL, PP_XA_PRESENT);
		if (head && !pp_ref_try_cached(head))
			head = NULL;
		pinpage_rcu_read_unlock();
		if (!head)
			return;
		pp_lock_page(head);
		pp_wait_writeback(head);
		pp_page_free_swap(head);
		pp_unlock_page(head);
		pp_unref(head);
		index++;
	}
}

/* With the lock: who dropped the last slot is done with the area, too. */
static unsigned long slots_used(struct pp_swap_area *area)
{
	unsigned long nr;

	pinpage_spin_lock(&area->lock);
	nr = area->map ? area->nr_used : 0;
	pinpage_spin_unlock(&area->lock);
	return nr;
}

static int bring_back(struct pp_swap_area *area, unsigned int type)
{
	int err;

	while (slots_used(area)) {
		if (pinpage_fatal_signal_pending())
			return -EINTR;
		err = pp_unuse_all(type);
		if (err)
			return err;
		shrink_cache(area);
		pinpage_cond_resched();
	}
	return 0;
}

int pinpage_swapoff(int type)
{
	struct pp_swap_area *area;
	int err = -EINVAL;

	if (!pp_ready() || !pinpage_might_sleep() || type < 0 || type >= PP_NR_SWAP_AREAS)
		return -EINVAL;
	area = &pp_swap_areas[type];
	pinpage_mutex_lock(&swapon_mutex);
	if (!area->map || !area->on)
		goto out;
	enable(area, false);
	err = bring_back(area, (unsigned int)type);
	if (err) {
		enable(area, true);
		goto out;
	}
	pp_swap_put(pp_swp_entry((unsigned int)type, 1));
	pinpage_wait_for_completion(&area->unused);
	pp_xa_destroy(&area->cache);
	release(area);
out:
	pinpage_mutex_unlock(&swapon_mutex);
	return err;
}

unsigned long pinpage_swap_used(int type)
{
	if (!pp_ready() || type < 0 || type >= PP_NR_SWAP_AREAS)
		return 0;
	return slots_used(&pp_swap_areas[type]);
}

/* Nobody runs any more and no address space is left: pages and slots go. */
static void tear_down(struct pp_swap_area *area)
{
	unsigned long index, i;
	struct page *head;

	xa_for_each(&area->cache, index, head) {
		ClearPageSwapCache(head);
		WRITE_ONCE(head->private, 0UL);
		pp_stat_add(PINPAGE_STAT_NR_SWAPCACHED, -1);
		pp_unref(head);
	}
	pp_xa_destroy(&area->cache);
	for (i = 0; area->mem && i < area->nr; i++)
		pp_free(area->mem[i]);
	area->on = false;
	release(area);
}

/* of a file's page: struct pp_swap_ops */
static unsigned long add_shared(struct page *head)
{
	if (!pp_add_to_swap(head))
		return 0;
	pp_swap_dup(pp_page_swp(head));
	return pp_page_swp(head);
}

/* a failed store of the entry: the page goes on without a slot */
static void free_shared(unsigned long entry)
{
	pp_swap_free_and_cache(entry);
}

static const struct pp_swap_ops swap_ops = {
	.add = add_shared,
	.read = pp_swap_read_copy,
	.free = free_shared,
};

/* Context: boot. */
void pp_swap_boot(void)
{
	unsigned int i;

	pp_set_swap_ops(&swap_ops);
	pinpage_mutex_init(&swapon_mutex, "swapon_mutex");
	for (i = 0; i < PP_NR_SWAP_AREAS; i++)
		pp_spin_init(&pp_swap_areas[i].lock, "swap area", PINPAGE_RANK_FS);
}

/**
 * pp_swap_shutdown() - forget all areas
 *
 * Context: shutdown; address spaces and files are gone.
 */
void pp_swap_shutdown(void)
{
	unsigned int i;

	pp_set_swap_ops(NULL);
	for (i = 0; i < PP_NR_SWAP_AREAS; i++)
		if (pp_swap_areas[i].map)
			tear_down(&pp_swap_areas[i]);
	atomic_long_set(&pp_nr_swap_free, 0);
	atomic_long_set(&pp_nr_swap_slots, 0);
}
