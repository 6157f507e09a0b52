// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * clean.c - CLEAN: a clean page equals its durable copy
 *
 * Each cached page of a file that tracks dirt has a shadow: the hash of what
 * the last read-in or finished write-back left on storage. Bytes behind EOF
 * hash as zeroes, so a file may grow without a new hash.
 *
 * Severities: a store to a clean page is a hazard, as is releasing a page
 * that was changed and not dirtied. It is a loss once the page leaves the
 * cache with bytes that storage does not have.
 *
 * I1. While a page is under write-back nobody can tell whether a store came
 *     before or after the model took the bytes. Both answers are accepted;
 *     if the page leaves the cache like that, the next read-in decides.
 * I2. A page under a token that may write is judged at its release.
 * I3. Truncation, hole punching, unlinking and power cuts lose nothing.
 * I4. Without memory for a shadow the page is not checked.
 *
 * Locks: pp_files_lock (registry, lists of pages, ghosts), then slot locks.
 */
#include "check/internal.h"

#include "base/hash.h"

#include <string.h>

struct pp_cfile *pp_files[1u << PP_FILE_BITS];
pp_cspin_t pp_files_lock;
static unsigned int power_cuts;

static struct pp_cache shadow_cache =
	PP_CACHE_INIT("shadow", sizeof(struct pp_shadow));

int pp_clean_boot(void)
{
	power_cuts = 0;
	pp_fsync_boot();
	return 0;
}

/* -- contents -- */

#define LANES 8u
#define STRIPE (LANES * sizeof(uint64_t))

#ifdef PP_TSAN
#define no_tsan __attribute__((no_sanitize("thread"), noinline))
#else
#define no_tsan
#endif

/* Devices may store meanwhile: torn is legal, the sanitizer does not look. */
static no_tsan void hash_stripe(uint64_t lane[LANES],
				const volatile uint64_t *words)
{
	unsigned int i;

	for (i = 0; i < LANES; i++)
		lane[i] = (lane[i] ^ words[i]) * 0x9e3779b97f4a7c15ull;
}

no_tsan uint64_t pp_hash_bytes(const void *data, size_t len)
{
	uint64_t lane[LANES] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	uint64_t pad[LANES];
	const unsigned char *bytes = data;
	uint64_t sum = 0;
	size_t at, i;

	for (at = 0; at + STRIPE <= len; at += STRIPE)
		hash_stripe(lane, (const volatile uint64_t *)(bytes + at));
	for (; at < PAGE_SIZE; at += STRIPE) {
		for (i = 0; i < LANES; i++)
			pad[i] = 0;
		for (i = 0; at + i < len; i++)
			((volatile unsigned char *)pad)[i] = bytes[at + i];
		hash_stripe(lane, pad);
	}
	for (i = 0; i < LANES; i++)
		sum = hash_mix(sum, lane[i] ^ lane[i] >> 32);
	return sum;
}

/* bytes of the page that are inside the file */
size_t pp_valid_bytes(const struct address_space *mapping,
			  unsigned long index)
{
	loff_pp size = i_size_read(mapping->host);
	loff_pp start = (loff_pp)index << PAGE_SHIFT;

	if (size <= start)
		return 0;
	return size - start < (loff_pp)PAGE_SIZE ? (size_t)(size - start) :
						   PAGE_SIZE;
}

static uint64_t hash_data(const struct pp_shadow *s, const void *data)
{
	return pp_hash_bytes(data, pp_valid_bytes(s->file->mapping, s->index));
}

uint64_t pp_hash_shadow(const struct pp_shadow *s)
{
	return hash_data(s, page_address(pfn_to_page(s->pfn)));
}

enum pp_answer pp_shadow_compare(const struct pp_shadow *s, uint64_t hash)
{
	unsigned int i;

	if (hash == s->durable || (s->wb && hash == s->wb_hash))
		return PP_SAME;
	if (s->vague)
		return PP_MAYBE;
	for (i = 0; i < s->nr_alts; i++)
		if (hash == s->alt[i])
			return PP_MAYBE;
	return PP_DIFFERENT;
}

static void add_alternative(struct pp_shadow *s, uint64_t hash)
{
	if (hash == s->wb_hash || pp_shadow_compare(s, hash) == PP_MAYBE)
		return;
	if (s->nr_alts < PP_SHADOW_ALTS)
		s->alt[s->nr_alts++] = hash;
	else
		s->vague = true;
}

static void settle(struct pp_shadow *s, uint64_t hash)
{
	s->durable = hash;
	s->valid = true;
	s->nr_alts = 0;
	s->vague = false;
}

/* -- the registry -- */

struct pp_cfile **pp_file_link(const struct address_space *mapping)
{
	struct pp_cfile **link = &pp_files[hash_ptr(mapping, PP_FILE_BITS)];

	while (*link && (*link)->mapping != mapping)
		link = &(*link)->next;
	return link;
}

static void drop_ghosts(struct pp_cfile *file, unsigned long first,
			unsigned long last)
{
	struct pp_ghost *g, *next;

	list_for_each_entry_safe(g, next, &file->ghosts, link) {
		if (g->index < first || g->index > last)
			continue;
		list_del(&g->link);
		pp_free(g);
	}
}

/* An inode may have got the memory of another: its ghosts are not ours. */
static struct pp_cfile *file_of(struct address_space *mapping)
{
	struct pp_cfile **link = pp_file_link(mapping), *file = *link;

	if (file) {
		if (file->ino != mapping->host->i_ino)
			drop_ghosts(file, 0, ~0UL);
		file->ino = mapping->host->i_ino;
		return file;
	}
	file = pp_zalloc(sizeof(*file));
	if (!file)
		return NULL;
	file->mapping = mapping;
	file->ino = mapping->host->i_ino;
	INIT_LIST_HEAD(&file->pages);
	INIT_LIST_HEAD(&file->ghosts);
	*link = file;
	return file;
}

static void file_put(struct pp_cfile *file)
{
	struct pp_cfile **link = pp_file_link(file->mapping);

	if (!list_empty(&file->pages) || !list_empty(&file->ghosts))
		return;
	*link = file->next;
	pp_free(file);
}

static void cache_add(const struct pinpage_event *event)
{
	struct pp_slot *slot = pp_slot_of(event->page);
	struct pp_shadow *s;

	if (!pp_shadow_wanted(event->mapping))
		return;
	s = pp_cache_zalloc(&shadow_cache);
	if (!s)
		return;
	s->index = event->index;
	s->pfn = page_to_pfn(event->page);
	s->born = power_cuts;
	pp_cspin_lock(&pp_files_lock);
	s->file = file_of(event->mapping);
	if (s->file)
		list_add_tail(&s->link, &s->file->pages);
	pp_cspin_unlock(&pp_files_lock);
	if (!s->file) {
		pp_cache_free(&shadow_cache, s);
		return;
	}
	pp_cspin_lock(&slot->lock);
	if (slot->shadow)
		swap(s, slot->shadow);
	else
		slot->shadow = s, s = NULL;
	pp_cspin_unlock(&slot->lock);
	if (!s)
		return;
	/* The page had left another way: the old shadow is void. */
	pp_cspin_lock(&pp_files_lock);
	list_del(&s->link);
	pp_cspin_unlock(&pp_files_lock);
	pp_cache_free(&shadow_cache, s);
}

/* A page of a file moved to another frame: what is known about it moves, too. */
static void migrated(const struct pinpage_event *event)
{
	struct page *new = pfn_to_page((unsigned long)event->arg);
	struct pp_slot *from = pp_slot_peek(event->page), *to;
	struct pp_shadow *s;

	if (!from || !READ_ONCE(from->shadow))
		return;
	to = pp_slot_of(new);
	pp_cspin_lock(&pp_files_lock);
	pp_cspin_lock(&from->lock);
	s = from->shadow;
	from->shadow = NULL;
	pp_cspin_unlock(&from->lock);
	if (s) {
		pp_cspin_lock(&to->lock);
		s->pfn = page_to_pfn(new);
		swap(s, to->shadow);
		pp_cspin_unlock(&to->lock);
	}
	if (s)
		list_del(&s->link);
	pp_cspin_unlock(&pp_files_lock);
	if (s)
		pp_cache_free(&shadow_cache, s);
}

/* All that is left, with its memory. */
void pp_clean_shutdown(void)
{
	struct pp_shadow *s, *next;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pp_files); i++) {
		while (pp_files[i]) {
			struct pp_cfile *file = pp_files[i];

			list_for_each_entry_safe(s, next, &file->pages, link) {
				pp_slots[s->pfn].shadow = NULL;
				list_del(&s->link);
				pp_cache_free(&shadow_cache, s);
			}
			drop_ghosts(file, 0, ~0UL);
			file_put(file);
		}
	}
}

__attribute__((destructor)) static void shadows_exit(void)
{
	pp_cache_destroy(&shadow_cache);
}

/* -- losses -- */

void pp_clean_lost(const struct pinpage_event *event, const struct pp_slot *slot,
		 const struct pp_finding *with, uint64_t step)
{
	struct pp_finding f = *with;

	if (!(pp_check_mask & PINPAGE_CHECK_CLEAN))
		return;
	f.probe = PINPAGE_CHECK_CLEAN;
	f.severity = PINPAGE_LOST;
	f.page = event->page;
	f.mapping = event->mapping;
	f.index = event->index;
	f.slot = slot;
	f.step = step;
	pp_raise(&f);
}

/* who is to blame, as far as it is known */
static void blame(const struct pp_shadow *s, struct pp_finding *f)
{
	f->rule = "lost-write";
	f->site = s->release_site ? s->release_site : s->store_site;
	f->partner = s->acquire_site;
	f->partner_is = "acquired for writing here";
	if (!f->site) {
		f->site = s->acquire_site;
		f->partner = NULL;
	}
	f->rule_switch = s->release_site ? "dirty_duty" : "writeback_pinned";
	f->advice = pp_rules->release_api == PINPAGE_RELEASE_UNPIN ?
		"unpin_user_pages_dirty_lock(pages, npages, true) after the last store" :
		"set_page_dirty_lock() after the last store, then release";
}

static void make_ghost(const struct pp_shadow *s, uint64_t hash)
{
	struct pp_ghost *g = pp_zalloc(sizeof(*g));

	if (!g)
		return;
	g->index = s->index;
	g->hash = hash;
	g->site = s->release_site ? s->release_site : s->store_site;
	g->partner = s->acquire_site;
	drop_ghosts(s->file, s->index, s->index);
	list_add(&g->link, &s->file->ghosts);
}

/* A clean page leaves the cache, its bytes not given up. */
static void judge_leaving(const struct pinpage_event *event,
			  const struct pp_slot *slot, struct pp_shadow *s,
			  uint64_t step)
{
	struct pp_finding f = {
		.headline = "a clean page was dropped with bytes that its file does not have",
		.consequence = "the next reader gets the old bytes",
	};
	uint64_t hash;

	if (!s->valid || s->told_lost || s->failed ||
	    PageDirty(event->page) || pp_slot_writer(slot) ||
	    slot->bits & PP_SLOT_BLIND || s->born != power_cuts || s->doomed ||
	    !pp_valid_bytes(s->file->mapping, s->index))
		return;
	hash = pp_hash_shadow(s);
	switch (pp_shadow_compare(s, hash)) {
	case PP_SAME:
		return;
	case PP_MAYBE:
		make_ghost(s, hash);
		return;
	case PP_DIFFERENT:
		break;
	}
	blame(s, &f);
	pp_clean_lost(event, slot, &f, step);
}

static void cache_remove(const struct pinpage_event *event, uint64_t step)
{
	struct pp_slot *slot = pp_slot_peek(event->page);
	struct pp_cfile *file;
	struct pp_shadow *s;

	if (!slot || !READ_ONCE(slot->shadow))
		return;
	pp_cspin_lock(&pp_files_lock);
	pp_cspin_lock(&slot->lock);
	s = slot->shadow;
	if (s->leaving)
		judge_leaving(event, slot, s, step);
	slot->shadow = NULL;
	pp_cspin_unlock(&slot->lock);
	file = s->file;
	list_del(&s->link);
	file_put(file);
	pp_cspin_unlock(&pp_files_lock);
	pp_cache_free(&shadow_cache, s);
}

static void judge_ghost(const struct pinpage_event *event,
			const struct pp_shadow *s, uint64_t hash,
			uint64_t step)
{
	struct pp_ghost *g, *next;

	list_for_each_entry_safe(g, next, &s->file->ghosts, link) {
		struct pp_finding f = {
			.rule = "lost-write", .site = g->site,
			.partner = g->partner,
			.partner_is = "acquired for writing here",
			.headline = "a page was read back without bytes that were in memory before",
			.consequence = "a store during write-back was lost with the page",
			.rule_switch = "writeback_pinned",
			.advice = "mark pages dirty after the last store, then release",
		};

		if (g->index != s->index)
			continue;
		if (g->hash != hash)
			pp_clean_lost(event, NULL, &f, step);
		list_del(&g->link);
		pp_free(g);
	}
}

static void read_in(const struct pinpage_event *event, struct pp_slot *slot,
		    uint64_t step)
{
	uint64_t hash;
	bool ghosts;

	pp_cspin_lock(&slot->lock);
	hash = pp_hash_shadow(slot->shadow);
	settle(slot->shadow, hash);
	ghosts = !list_empty(&slot->shadow->file->ghosts);
	pp_cspin_unlock(&slot->lock);
	if (!ghosts)
		return;
	/* The page is locked: its shadow stays. */
	pp_cspin_lock(&pp_files_lock);
	judge_ghost(event, slot->shadow, hash, step);
	pp_cspin_unlock(&pp_files_lock);
}

/* -- stores -- */

static void store_to_clean(const struct pinpage_event *event,
			   struct pp_slot *slot, uint64_t step)
{
	const struct pp_acq *acq = pp_slot_writer(slot);
	struct pp_shadow *s = slot->shadow;
	char headline[120];

	s->store_site = event->site;
	s->store_off = event->arg;
	s->store_len = event->len;
	if (acq)
		s->acquire_site = acq->site;
	if (s->told_store || !(pp_check_mask & PINPAGE_CHECK_CLEAN))
		return;
	s->told_store = true;
	snprintf(headline, sizeof(headline),
		 "%s%.24s stored %lu bytes at %ld of a file page "
		 "that was clean and write-protected",
		 event->name ? "device " : "a device",
		 event->name ? event->name : "", event->len, event->arg);
	pp_raise(&(struct pp_finding){
		.probe = PINPAGE_CHECK_CLEAN, .rule = "store-to-clean-page",
		.severity = PINPAGE_HAZARD,
		.headline = headline,
		.site = event->site, .partner = acq ? acq->site : NULL,
		.partner_is = "acquired for writing here",
		.page = event->page, .slot = slot, .mapping = s->file->mapping,
		.index = s->index, .step = step,
		.consequence =
			"the file system does not know; who drops "
			"the page now drops the store",
		.rule_switch = "writeback_pinned",
		.advice = pp_rules->release_api == PINPAGE_RELEASE_UNPIN ?
			"unpin_user_pages_dirty_lock(pages, npages, true); "
			"keep pins of file pages short" :
			"put_user_pages_dirty_lock() or set_page_dirty_lock() "
			"at completion; keep references short",
	});
}

static void device_store(const struct pinpage_event *event,
			 struct pp_slot *slot, uint64_t step)
{
	struct pp_shadow *s = slot->shadow;

	if (s->doomed)
		return;
	if (!PageDirty(compound_head(event->page)) && !s->announced &&
	    !s->notified)
		store_to_clean(event, slot, step);
	if (s->wb && !s->wb_copy)
		add_alternative(s, pp_hash_shadow(s));
}

/* -- write-back -- */

static void wb_start(const struct pinpage_event *event, struct pp_shadow *s)
{
	const void *page = page_address(event->page);
	const void *data = event->addr ? (const void *)event->addr : page;

	s->cleaning = false;
	s->wb = true;
	s->wb_copy = data != page;
	s->wb_hash = hash_data(s, data);
	s->wb_err = READ_ONCE(s->file->mapping->wb_err);
	s->nr_alts = 0;
	s->vague = false;
	s->pending = 0;
}

static void wb_end(struct pp_shadow *s)
{
	uint64_t now;

	if (!s->wb)
		return;
	s->failed = s->wb_err != READ_ONCE(s->file->mapping->wb_err);
	s->durable = s->wb_hash;
	s->valid = true;
	s->wb = false;
	if (s->wb_copy)
		return;
	now = pp_hash_shadow(s);
	if (now != s->durable)
		add_alternative(s, now);
}

/* The file system gave a dirty page up. */
static void dropped(const struct pinpage_event *event, struct pp_slot *slot,
		    uint64_t step)
{
	struct pp_shadow *s = slot->shadow;
	struct pp_finding f = {
		.headline = "the file system dropped the bytes of a dirty page",
		.consequence = "the dirty flag is gone, the bytes go with the page",
	};

	s->wb = false;
	if (s->told_lost || s->doomed ||
	    (s->valid && pp_hash_shadow(s) == s->durable))
		return;
	s->told_lost = true;
	blame(s, &f);
	f.site = s->dirty_site;
	f.rule_switch = s->priv_gone && s->priv_under_write ?
		"reclaim_keeps_private" : "no_buffers";
	pp_clean_lost(event, slot, &f, step);
}

/* the page was zeroed in part, or read-in bytes were replaced on purpose */
static void rewritten(struct pp_shadow *s, const struct page *head)
{
	if (s->valid && !PageDirty(head) && !s->wb)
		settle(s, pp_hash_shadow(s));
}

/* -- ranges -- */

/* is the whole page in the range of a TRUNCATE event? */
static bool dooms(const struct pinpage_event *event, const struct pp_shadow *s)
{
	unsigned long first = event->index + (event->arg != 0);

	return event->kind == PINPAGE_EV_TRUNCATE && s->index >= first &&
	       s->index - first < event->nr;
}

/* [index, index + nr) was given up or overwritten: nothing there is lost */
static void forget_range(const struct pinpage_event *event, unsigned long nr)
{
	struct pp_cfile *file;
	struct pp_shadow *s;

	pp_cspin_lock(&pp_files_lock);
	file = *pp_file_link(event->mapping);
	if (!file)
		goto out_unlock;
	drop_ghosts(file, event->index, nr ? event->index + nr : ~0UL);
	list_for_each_entry(s, &file->pages, link) {
		struct pp_slot *slot = &pp_slots[s->pfn];

		pp_cspin_lock(&slot->lock);
		s->leaving = false;
		s->doomed |= dooms(event, s);
		/* The size fell already: bytes behind it hash as zeroes. */
		if (event->kind == PINPAGE_EV_TRUNCATE && event->arg &&
		    s->index == event->index)
			rewritten(s, pfn_to_page(s->pfn));
		pp_cspin_unlock(&slot->lock);
	}
	file_put(file);
out_unlock:
	pp_cspin_unlock(&pp_files_lock);
}

/* -- dispatch -- */

/* events on a page that has a shadow; slot locked */
static void on_page(const struct pinpage_event *event, struct pp_slot *slot,
		    uint64_t step)
{
	struct pp_shadow *s = slot->shadow;

	switch (event->kind) {
	case PINPAGE_EV_CLEAN:
		s->cleaning = true;
		s->announced = s->told_store = s->told_lost = false;
		break;
	case PINPAGE_EV_DIRTY:
		s->announced = s->told_store = s->told_lost = false;
		s->cleaning = false;
		s->dirty_site = event->site;
		s->release_site = NULL;
		break;
	case PINPAGE_EV_WB_START:
		wb_start(event, s);
		break;
	case PINPAGE_EV_WB_END:
		wb_end(s);
		break;
	case PINPAGE_EV_DMA_WRITE:
		device_store(event, slot, step);
		break;
	case PINPAGE_EV_FILE_WRITE:
		s->announced = true;
		pp_fallthrough;
	case PINPAGE_EV_CPU_STORE:
		if (s->wb && !s->wb_copy)
			add_alternative(s, pp_hash_shadow(s));
		break;
	case PINPAGE_EV_EVICT:
	case PINPAGE_EV_INVALIDATE:
		s->leaving = true;
		break;
	case PINPAGE_EV_DROPPED:
		dropped(event, slot, step);
		break;
	case PINPAGE_EV_TRUNCATE:
		rewritten(s, event->page);
		break;
	default:
		break;
	}
}

static void page_event(const struct pinpage_event *event, uint64_t step)
{
	struct pinpage_event at = *event;
	struct pp_slot *slot;

	at.page = compound_head(event->page);
	slot = pp_slot_peek(at.page);
	if (!slot || !READ_ONCE(slot->shadow))
		return;
	if (event->kind == PINPAGE_EV_READ_IN) {
		read_in(&at, slot, step);
		return;
	}
	pp_cspin_lock(&slot->lock);
	if (slot->shadow)
		on_page(&at, slot, step);
	pp_cspin_unlock(&slot->lock);
}

void pp_clean_event(const struct pinpage_event *event, uint64_t step)
{
	switch (event->kind) {
	case PINPAGE_EV_FSYNC_START:
		pp_fsync_started(event);
		return;
	case PINPAGE_EV_FSYNC_END:
		pp_fsync_ended(event, step);
		return;
	case PINPAGE_EV_POWER_CUT:
		power_cuts++;
		return;
	case PINPAGE_EV_DIO:
		if (event->flags & PINPAGE_EVF_WRITE)
			forget_range(event, event->nr);
		return;
	default:
		break;
	}
	if (event->kind == PINPAGE_EV_TRUNCATE && !event->page) {
		forget_range(event, event->nr);
		return;
	}
	if (!pp_page_valid(event->page))
		return;
	if (event->kind == PINPAGE_EV_CACHE_ADD)
		cache_add(event);
	else if (event->kind == PINPAGE_EV_CACHE_REMOVE)
		cache_remove(event, step);
	else if (event->kind == PINPAGE_EV_MIGRATE)
		migrated(event);
	else
		page_event(event, step);
}

/**
 * pp_clean_released() - the last token that may write is about to go
 * @slot: of @head, with a shadow; locked
 * @head: head page
 *
 * Return: true: its bytes were changed and nobody said so.
 */
bool pp_clean_released(struct pp_slot *slot, const struct page *head)
{
	const struct pp_shadow *s = slot->shadow;

	if (!s->valid || PageDirty(head) || s->announced || s->cleaning ||
	    s->failed || s->doomed)
		return false;
	/* somebody is cleaning or filling it: the eviction will tell */
	if (PageLocked(head))
		return false;
	return pp_shadow_compare(s, pp_hash_shadow(s)) == PP_DIFFERENT;
}
