/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check/internal.h - what the files of the check room share
 *
 * All of it is fed by one subscriber (core.c), whose callback neither sleeps
 * nor switches nor emits. So the locks here are plain spin words, not exec's
 * locks, which are events themselves; the deterministic engine skips them.
 *
 * Lock order: files, slot, then finish or verdicts and, below, trail.
 */
#ifndef PP_CHECK_INTERNAL_H
#define PP_CHECK_INTERNAL_H

#include "check/check.h"
#include "pagecache/pagecache.h"

#include "base/alloc.h"
#include "base/bug.h"
#include "base/list.h"

/* -- core.c -- */

extern unsigned int pp_check_mask;	/* constant from boot to shutdown */

typedef struct { uint32_t word; } pp_cspin_t;

void pp_cspin_wait(pp_cspin_t *lock);

static inline void pp_cspin_lock(pp_cspin_t *lock)
{
	if (pp_engine_is_fiber)
		return;
	/* Acquire: pairs with the release of the holder before. */
	if (unlikely(cmpxchg_acquire(&lock->word, 0, 1)))
		pp_cspin_wait(lock);
}

static inline void pp_cspin_unlock(pp_cspin_t *lock)
{
	if (!pp_engine_is_fiber)
		smp_store_release(&lock->word, 0);
}

void pp_check_trapped(const struct pinpage_event *event, uint64_t step);

uint64_t pp_check_step_slow(void);
extern uint64_t pp_check_steps;
struct pp_step_block { uint64_t next, end; };
extern pp_thread_local struct pp_step_block pp_step_mine;

/*
 * Number of the event. Exact with the deterministic engine; native threads
 * take numbers in blocks, so that they share no counter.
 */
static inline uint64_t pp_check_step(void)
{
	if (pp_engine_is_fiber)
		return ++pp_check_steps;
	if (likely(pp_step_mine.next < pp_step_mine.end))
		return pp_step_mine.next++;
	return pp_check_step_slow();
}

/* -- ledger.c -- */

enum pp_token_kind { PP_TOKEN_GET, PP_TOKEN_PIN };

struct pp_scope;

/**
 * struct pp_acq - what the tokens of one acquiring call share
 * @refs:  r tokens that name it
 * @scope: c innermost scope of the task, which it keeps alive; or NULL
 * @told:  r its tokens were reported as leaks
 *
 * r: atomic; the rest is constant.
 */
struct pp_acq {
	atomic_long_t refs;
	const void *site;
	unsigned long addr;
	uint64_t step;
	struct pp_scope *scope;
	unsigned int task;
	unsigned int mm;		/* its number + 1; 0: none */
	unsigned short flags;		/* PINPAGE_EVF_* */
	unsigned char kind;		/* enum pp_token_kind */
	bool told;
	struct pp_acq *next_free;	/* in a private list while it dies */
};

struct pp_token {
	struct pp_acq *acq;		/* NULL: none */
	unsigned int nr;		/* 4 KiB pages that it covers */
	unsigned int sub;		/* first of them in the folio */
};

struct pp_token_node {
	struct pp_token token;
	struct pp_token_node *next;
};

struct pp_shadow;
struct pp_finding;

/**
 * struct pp_slot - what is known about one frame; one cache line each
 * @lock:         protects the slot, its tokens and its shadow
 * @bits:         PP_SLOT_*
 * @last_kind:    of the last token released
 * @first, @more: live tokens, newest first; on the folio's head
 * @shadow:       page of a file that tracks dirt, or NULL
 * @last_release: site that dropped the last token; NULL: none since ALLOC
 * @last_acquire: site that had acquired it
 */
struct pp_slot {
	pp_cspin_t lock;
	uint8_t bits;
	uint8_t last_kind;
	uint16_t unused;
	struct pp_token first;
	struct pp_token_node *more;
	struct pp_shadow *shadow;
	const void *last_release;
	const void *last_acquire;
	unsigned int last_task;
} pp_cacheline_aligned;

_Static_assert(sizeof(struct pp_slot) == 64, "a slot is one cache line");

#define PP_SLOT_BLIND		0x01	/* a token was not recorded: accuse nobody */
#define PP_SLOT_DIRTY_CALL	0x02	/* a driver's set_page_dirty() is on its way */
#define PP_SLOT_DIRTY_UNLOCKED	0x04	/* and it does not hold the page lock */
#define PP_SLOT_RELEASED	0x08	/* some token was released since ALLOC */

extern struct pp_slot *pp_slots;
extern unsigned char *pp_slots_used;	/* a byte per PP_SLOT_CHUNK slots */
#define PP_SLOT_CHUNK	64u

static inline struct pp_slot *pp_slot_of(const struct page *head)
{
	unsigned long pfn = page_to_pfn(head);

	if (unlikely(!READ_ONCE(pp_slots_used[pfn / PP_SLOT_CHUNK])))
		WRITE_ONCE(pp_slots_used[pfn / PP_SLOT_CHUNK], 1);
	return &pp_slots[pfn];
}

/* the slot if it was ever used, else NULL: for what only looks */
static inline struct pp_slot *pp_slot_peek(const struct page *head)
{
	unsigned long pfn = page_to_pfn(head);

	return READ_ONCE(pp_slots_used[pfn / PP_SLOT_CHUNK]) ?
		&pp_slots[pfn] : NULL;
}

void pp_slot_drop_all(struct pp_slot *slot);

/* -- slots.c -- */

int pp_ledger_boot(void);
void pp_ledger_shutdown(void);
void pp_ledger_event(const struct pinpage_event *event, uint64_t step);
/* calls @fn for each live token, its slot locked; stops early on false */
void pp_ledger_each(bool (*fn)(unsigned long pfn, struct pp_token *token, void *priv),
		    void *priv);
/* newest live token that may write, slot locked; NULL: none */
const struct pp_acq *pp_slot_writer(const struct pp_slot *slot);

/* -- scope.c -- */

/**
 * struct pp_scope - between pinpage_scope_begin() and _end() of one task
 * @refs: r the scope itself and every acquisition made in it
 */
struct pp_scope {
	atomic_long_t refs;
	struct pp_scope *parent;
	char name[32];
};

/* per task, in task_struct.scope[PP_SCOPE_LEDGER] */
struct pp_check_task {
	struct pp_scope *scope;
	uint64_t fsync_ticket;
	struct pp_check_task *next;	/* all of them */
};

struct pp_check_task *pp_check_task(bool create);
void pp_scope_put(struct pp_scope *scope);
void pp_scope_shutdown(void);
void pp_leaks_at_shutdown(void);

/* -- clean.c: shadows; fscon.c works on them too -- */

/* a page that left the cache undecided: the next read-in decides */
struct pp_ghost {
	struct list_head link;
	unsigned long index;
	uint64_t hash;
	const void *site, *partner;
};

/* a file that has shadows or ghosts; f = pp_files_lock */
struct pp_cfile {
	struct pp_cfile *next;			/* f: in the bucket */
	struct address_space *mapping;
	unsigned long ino;
	struct list_head pages;			/* f: of pp_shadow */
	struct list_head ghosts;		/* f */
};

#define PP_FILE_BITS 6
extern struct pp_cfile *pp_files[1u << PP_FILE_BITS];
extern pp_cspin_t pp_files_lock;
struct pp_cfile **pp_file_link(const struct address_space *mapping);

/* does storage have these bytes, or will it when the write-back ends? */
enum pp_answer { PP_SAME, PP_MAYBE, PP_DIFFERENT };

#define PP_SHADOW_ALTS 2

/**
 * struct pp_shadow - a cached page of a file that tracks dirt
 * @file:      of the page
 * @durable:   hash of what the last finished write-back or read-in left
 * @alt:       hashes that may as well have been submitted: stores that fell
 *             between WB_START and WB_END
 * @wb_hash:   submitted, in flight
 * @promised:  what a successful fsync vouched for
 * @pending:   ticket of the first fsync that has found it dirty, 0: none
 * @born:      power cuts before it was cached
 * Slot lock, but @link: file->lock.
 */
struct pp_shadow {
	struct list_head link;
	struct pp_cfile *file;
	unsigned long index, pfn;
	uint64_t durable, wb_hash, promised, pending;
	uint64_t alt[PP_SHADOW_ALTS];
	unsigned int born;
	uint32_t wb_err;
	unsigned char nr_alts;
	bool valid:1;		/* @durable is known */
	bool wb:1;		/* between WB_START and WB_END */
	bool wb_copy:1;		/* a snapshot was submitted: no alternatives */
	bool cleaning:1;	/* between CLEAN and WB_START */
	bool failed:1;		/* write-back met an error */
	bool has_promise:1;
	bool vague:1;		/* more alternatives than @alt holds */
	bool announced:1;	/* write() has changed it, DIRTY follows */
	bool leaving:1;		/* EVICT or INVALIDATE came */
	bool doomed:1;		/* truncation will take the whole page */
	bool told_store:1;	/* hazard said, until it gets dirty */
	bool told_lost:1;
	bool notified:1;	/* the file system knows, since the last CLEAN */
	bool priv_gone:1;	/* private data was there and was released */
	bool priv_taken:1;	/* ... under a token that writes: to be said */
	bool priv_under_write:1; /* ... under a token that writes: was said */
	const void *store_site;	/* last store nobody told about */
	long store_off;
	unsigned long store_len;
	const void *release_site; /* last release without dirtying */
	const void *acquire_site; /* of that token, or of the storing one */
	const void *dirty_site;
};

int pp_clean_boot(void);
void pp_clean_shutdown(void);
void pp_clean_event(const struct pinpage_event *event, uint64_t step);
uint64_t pp_hash_bytes(const void *data, size_t len);
size_t pp_valid_bytes(const struct address_space *mapping, unsigned long index);
uint64_t pp_hash_shadow(const struct pp_shadow *shadow);
enum pp_answer pp_shadow_compare(const struct pp_shadow *shadow, uint64_t hash);
void pp_clean_lost(const struct pinpage_event *event,
		   const struct pp_slot *slot, const struct pp_finding *with,
		   uint64_t step);

/* -- fsync.c -- */
void pp_fsync_boot(void);
void pp_fsync_started(const struct pinpage_event *event);
void pp_fsync_ended(const struct pinpage_event *event, uint64_t step);

/* -- clean.c again -- */
/* ledger: a token that may write goes; slot locked and unlocked by the caller */
bool pp_clean_released(struct pp_slot *slot, const struct page *head);
void pp_fscon_event(const struct pinpage_event *event, uint64_t step);
/* raise the deferred "private-released-under-write-token" of a shadow */
void pp_fscon_private_taken(const struct pinpage_event *event, struct page *head,
			    uint64_t step);

static inline bool pp_shadow_wanted(const struct address_space *mapping)
{
	return mapping && mapping->a_ops->dirty_tracked &&
	       !mapping->a_ops->ram_only;
}

/* -- trail.c: the last events, by frame -- */

struct pp_trail_rec {
	uint64_t step;			/* 0: empty */
	unsigned long pfn;		/* first */
	unsigned long last_pfn;		/* last; of a batch: the largest */
	const void *site;
	unsigned long index;
	long arg;
	unsigned int nr;
	unsigned int task;
	unsigned short flags;
	unsigned char kind;
	bool scattered;			/* a batch that is not contiguous */
};

void pp_trail_boot(void);
void pp_trail_event(const struct pinpage_event *event, uint64_t step);
size_t pp_trail_of(unsigned long pfn, struct pp_trail_rec *recs, size_t max);

/* -- verdict.c -- */

#define PP_VERDICT_TOKENS	4
#define PP_VERDICT_EVENTS	12

struct pp_token_note {
	const void *site;
	uint64_t step;
	unsigned long addr;
	unsigned int task, nr, mm;
	unsigned short flags;
	unsigned char kind;
};

/**
 * struct pp_verdict - a verdict and what its report is made of
 * @pub:         what callers see; texts are filled in on first reading
 * @finished:    they are
 * @partner_is:  what site[1] did
 * @origin:      where the page was acquired, if site[1] is something else
 * @consequence: what it has come to
 */
struct pp_verdict {
	struct pinpage_verdict pub;
	bool finished;
	bool printed;
	const char *partner_is;
	const void *origin;
	char origin_text[160];
	const char *consequence;
	char switch_value[24];
	char frame[200];
	unsigned int nr_tokens, more_tokens;
	struct pp_token_note token[PP_VERDICT_TOKENS];
	unsigned int nr_events;
	struct pp_trail_rec event[PP_VERDICT_EVENTS];
};

/**
 * struct pp_finding - a probe's case, for pp_raise()
 * @page:  frame concerned, or NULL
 * @count: how many at once; 0 means 1
 * @slot:  tokens to show, locked by the caller; or NULL
 * The strings are static, but @headline may live as long as the call.
 */
struct pp_finding {
	unsigned int probe;
	const char *rule;
	enum pinpage_severity severity;
	const char *headline;
	const char *consequence;
	const char *advice;
	const char *rule_switch;
	const void *site, *partner;
	const char *partner_is;
	const void *origin;
	const struct page *page;
	const struct pp_slot *slot;
	const struct address_space *mapping;
	unsigned long index;
	unsigned long count;
	uint64_t step;
};

void pp_raise(const struct pp_finding *finding);
void pp_verdict_boot(enum pinpage_check_mode mode);
void pp_verdict_flush(void);		/* print what fell on a fiber's stack */
extern bool pp_verdict_unprinted;

/* -- report.c -- */
void pp_verdict_finish(struct pp_verdict *verdict);
void pp_verdict_print(FILE *out, const struct pp_verdict *verdict);

#endif
