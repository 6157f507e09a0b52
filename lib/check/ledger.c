// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ledger.c - a token for every reference and pin that a driver takes
 *
 * An acquiring call makes one record (struct pp_acq) and a token for each run
 * of pages of one folio. Tokens hang on the slot of the folio's head; the
 * first lies in the slot itself, so that a page held once costs one line.
 * References that the model takes for itself are silent and have no token.
 *
 * I1. Kinds match: UNPIN consumes pins (under the placeholder rules also
 *     references from GUP, which is what pins are there), PUT references.
 * I2. A release takes the newest token of the releasing task, else the newest:
 *     the kernel cannot tell either, and any task may release.
 * I3. A token that could not be recorded for want of memory makes its slot
 *     blind until the frame is free: nobody is accused wrongly.
 * I4. A release that is accused consumes what it was meant for, so that one
 *     mistake is one verdict.
 */
#include "check/internal.h"
#include "mm/mm.h"

#include <string.h>

static struct pp_cache acq_cache =
	PP_CACHE_INIT("acq", sizeof(struct pp_acq));
static struct pp_cache node_cache =
	PP_CACHE_INIT("token", sizeof(struct pp_token_node));

#define ANY_OWNER ~0u

/* one call of a driver, on its way through the slots */
struct release {
	const struct pinpage_event *event;
	uint64_t step;
	unsigned int task;
	bool unpin;
	struct pp_acq *acq;	/* tokens of it were dropped ... */
	long dropped;		/* ... so many */
};

static unsigned int my_task_id(void)
{
	const struct task_struct *task = current;

	return task ? task->id : 0;
}

/* -- records -- */

static pp_noinline void acq_free(struct pp_acq *acq)
{
	if (acq->scope)
		pp_scope_put(acq->scope);
	pp_cache_free(&acq_cache, acq);
}

static inline void acq_put(struct pp_acq *acq, long nr)
{
	if (nr && atomic_long_sub_and_test(nr, &acq->refs))
		acq_free(acq);
}

/* NULL: no memory */
static struct pp_acq *acq_new(const struct pinpage_event *event,
			      enum pp_token_kind kind, uint64_t step, long refs)
{
	struct task_struct *task = current;
	struct pp_check_task *mine = task ? task->scope[PP_SCOPE_LEDGER] :
					    NULL;
	struct pp_acq *acq = pp_cache_alloc(&acq_cache);

	if (unlikely(!acq))
		return NULL;
	atomic_long_set(&acq->refs, refs);
	acq->site = event->site;
	acq->addr = event->addr;
	acq->step = step;
	acq->scope = mine ? mine->scope : NULL;
	if (unlikely(acq->scope))
		atomic_long_inc(&acq->scope->refs);
	acq->task = task ? task->id : 0;
	acq->mm = event->mm ? event->mm->id + 1 : 0;
	acq->flags = (unsigned short)event->flags;
	acq->kind = (unsigned char)kind;
	acq->told = false;
	return acq;
}

/* -- acquire -- */

/* slot locked */
static pp_cold void go_blind(struct pp_slot *slot)
{
	slot->bits |= PP_SLOT_BLIND;
	pp_warn_once("ledger: no memory for a token; leaks and releases of "
		     "frame %lu are not judged until it is free",
		     (unsigned long)(slot - pp_slots));
}

static pp_noinline void push_more(struct pp_slot *slot)
{
	struct pp_token_node *node = pp_cache_alloc(&node_cache);

	if (unlikely(!node)) {
		go_blind(slot);
		acq_put(slot->first.acq, 1);
		return;
	}
	node->token = slot->first;
	node->next = slot->more;
	slot->more = node;
}

static inline void add_token(struct pp_slot *slot, struct pp_acq *acq,
			     unsigned int nr, unsigned int sub)
{
	pp_cspin_lock(&slot->lock);
	if (unlikely(!acq)) {
		go_blind(slot);
		goto out_unlock;
	}
	if (unlikely(slot->first.acq))
		push_more(slot);
	slot->first.acq = acq;
	slot->first.nr = nr;
	slot->first.sub = sub;
out_unlock:
	pp_cspin_unlock(&slot->lock);
}

#define BLOCK 8u	/* entries looked at without a branch between */

/* are these BLOCK entries @first and what follows it? */
static inline bool follow(struct page *const *pages, const struct page *first)
{
	uintptr_t off = 0;
	unsigned int k;

	for (k = 0; k < BLOCK; k++)
		off |= (uintptr_t)pages[k] ^ (uintptr_t)(first + k);
	return !off;
}

/* @bytes is a power of two, so the largest offset shows in their OR */
static inline bool all_below(struct page *const *pages,
			     const struct page *head, uintptr_t bytes)
{
	uintptr_t off = 0;
	unsigned int k;

	for (k = 0; k < BLOCK; k++)
		off |= (uintptr_t)pages[k] - (uintptr_t)head;
	return off < bytes;
}

/* entries from @i on that follow each other in one folio */
static unsigned long run_of(const struct pinpage_event *event,
			    unsigned long i, const struct page *head)
{
	unsigned long left, nr = 1;
	struct page *const *pages = event->pages + i;

	if (!folio_test_large((const struct folio *)head))
		return 1;
	left = folio_nr_pages((const struct folio *)head) -
	       (unsigned long)(pages[0] - head);
	left = min(left, event->nr - i);
	while (nr + BLOCK <= left && follow(pages + nr, pages[0] + nr))
		nr += BLOCK;
	while (nr < left && pages[nr] == pages[0] + nr)
		nr++;
	return nr;
}

static void acquire(const struct pinpage_event *event,
		    enum pp_token_kind kind, uint64_t step)
{
	unsigned long i, run, tokens = 0, nr = event->nr;
	struct pp_acq *acq;
	struct page *page, *head;

	if (unlikely(!nr || !pp_page_valid(event->page)))
		return;
	if (!event->pages)
		nr = 1;
	acq = acq_new(event, kind, step, (long)nr);
	for (i = 0; i < nr; i += run) {
		page = event->pages ? event->pages[i] : event->page;
		run = 1;
		if (unlikely(!pp_page_valid(page)))
			continue;
		if (i + 8 < nr && pp_page_valid(event->pages[i + 8]))
			__builtin_prefetch(&pp_slots[page_to_pfn(
						event->pages[i + 8])], 1);
		head = compound_head(page);
		if (event->pages)
			run = run_of(event, i, head);
		add_token(pp_slot_of(head), acq,
			  (unsigned int)(event->pages ? run : event->nr),
			  (unsigned int)(page - head));
		tokens++;
	}
	if (likely(acq))
		acq_put(acq, (long)(nr - tokens));
}

/* -- release -- */

/* may this release consume that token? */
static inline bool kind_matches(const struct pp_acq *acq, bool unpin)
{
	if (!unpin)
		return acq->kind == PP_TOKEN_GET;
	if (acq->kind == PP_TOKEN_PIN)
		return true;
	return acq->flags & PINPAGE_EVF_GUP &&
	       pp_rules->release_api != PINPAGE_RELEASE_UNPIN;
}

/* Return: the token, and where the list points to it (NULL: first). */
static struct pp_token *find_token(struct pp_slot *slot, bool unpin,
				   bool any_kind, unsigned int task,
				   struct pp_token_node ***linkp)
{
	struct pp_token_node **link;

	*linkp = NULL;
	if (!slot->first.acq)
		return NULL;
	if ((any_kind || kind_matches(slot->first.acq, unpin)) &&
	    (task == ANY_OWNER || slot->first.acq->task == task))
		return &slot->first;
	for (link = &slot->more; *link; link = &(*link)->next) {
		const struct pp_acq *acq = (*link)->token.acq;

		if (!any_kind && !kind_matches(acq, unpin))
			continue;
		if (task != ANY_OWNER && acq->task != task)
			continue;
		*linkp = link;
		return &(*link)->token;
	}
	return NULL;
}

static struct pp_token *choose_token(struct pp_slot *slot, bool unpin,
				     bool any_kind, unsigned int task,
				     struct pp_token_node ***linkp)
{
	struct pp_token *token = find_token(slot, unpin, any_kind, task,
					    linkp);

	return token ? token :
		find_token(slot, unpin, any_kind, ANY_OWNER, linkp);
}

static void unlink_token(struct pp_slot *slot, struct pp_token_node **link)
{
	struct pp_token_node *node = link ? *link : slot->more;

	if (link) {
		*link = node->next;
	} else if (node) {
		slot->first = node->token;
		slot->more = node->next;
	} else {
		slot->first.acq = NULL;
		return;
	}
	pp_cache_free(&node_cache, node);
}

static void flush_dropped(struct release *rel)
{
	if (rel->dropped)
		acq_put(rel->acq, rel->dropped);
	rel->dropped = 0;
}

/* @nr pages of a token are given back; at most what it covers */
static inline unsigned long consume(struct release *rel, struct pp_slot *slot,
				    struct pp_token *token,
				    struct pp_token_node **link,
				    unsigned long nr)
{
	struct pp_acq *acq = token->acq;

	slot->last_release = rel->event->site;
	slot->last_acquire = acq->site;
	slot->last_task = rel->task;
	slot->last_kind = acq->kind;
	slot->bits |= PP_SLOT_RELEASED;
	if (nr < token->nr) {
		token->nr -= (unsigned int)nr;
		return nr;
	}
	nr = token->nr;
	unlink_token(slot, link);
	if (rel->acq != acq) {
		flush_dropped(rel);
		rel->acq = acq;
	}
	rel->dropped++;
	return nr;
}

/* -- accusations -- */

static void accuse(const struct release *rel, const struct pp_slot *slot,
		   const struct page *page, struct pp_finding *f)
{
	if (!(pp_check_mask & PINPAGE_CHECK_LEDGER))
		return;
	f->probe = PINPAGE_CHECK_LEDGER;
	f->site = rel->event->site;
	f->page = page;
	f->slot = slot;
	f->step = rel->step;
	pp_raise(f);
}

static bool placeholder(void)
{
	return pp_rules->release_api != PINPAGE_RELEASE_UNPIN;
}

static const char *unpin_advice(void)
{
	return placeholder() ?
		"put_user_page() for what get_user_pages() or pin_page() gave" :
		"unpin_user_page() for what pin_user_pages() gave";
}

static pp_cold void accuse_kind(const struct release *rel,
				const struct pp_slot *slot,
				const struct page *page,
				const struct pp_acq *acq)
{
	bool counted = pp_rules->pin_tracking != PINPAGE_PIN_NONE;
	struct pp_finding f = {
		.partner = acq->site,
		.severity = counted ? PINPAGE_LOST : PINPAGE_HAZARD,
		.rule_switch = counted ? "pin_tracking" : NULL,
	};

	if (!rel->unpin) {
		f.rule = "put-page-on-pin";
		f.headline = "put_page() on a page that was pinned";
		f.partner_is = "pinned here";
		f.consequence = counted ?
			"1023 references stay for ever: the page leaks and looks pinned" :
			"the counts agree by luck: with pins counted apart they will not";
		f.advice = unpin_advice();
	} else {
		f.rule = "unpin-on-get";
		f.headline = "a pin was released on a page that has only references";
		f.partner_is = "referenced here";
		f.consequence = counted ?
			"1024 is taken from a count that got 1: freed under other users" :
			"the counts agree by luck: with pins counted apart they will not";
		f.advice = "put_page() for what get_page(), get_user_pages() or a lookup gave";
	}
	accuse(rel, slot, page, &f);
}

static pp_cold void accuse_surplus(const struct release *rel,
				   const struct pp_slot *slot,
				   const struct page *page, bool some,
				   unsigned long nr)
{
	struct pp_finding f = {
		.severity = PINPAGE_LOST, .count = nr,
		.consequence =
			"somebody else's reference is gone: the "
			"page can be freed under its users",
		.advice = "release each page once, by the call that matches the acquire",
	};

	if (some) {
		f.rule = "released-too-many";
		f.headline = "one call released more than was held";
		f.partner = slot->last_acquire;
		f.partner_is = "acquired here";
	} else if (slot->bits & PP_SLOT_RELEASED) {
		f.rule = "released-twice";
		f.headline = "a page was released again";
		f.partner = slot->last_release;
		f.partner_is = "released before, here";
		f.origin = slot->last_acquire;
	} else {
		f.rule = "released-never-acquired";
		f.headline = "a page was released that nobody had acquired";
		f.advice = "release only what a get or pin call returned";
	}
	accuse(rel, slot, page, &f);
}

/* put_page() where put_user_page() belongs: only if asked for */
static pp_cold void accuse_strict(const struct release *rel,
				  const struct pp_slot *slot,
				  const struct page *page,
				  const struct pp_acq *acq)
{
	struct pp_finding f = {
		.rule = "put-page-on-gup-page", .severity = PINPAGE_HAZARD,
		.headline = "put_page() on a page that get_user_pages() gave",
		.partner = acq->site, .partner_is = "acquired here",
		.consequence = "works as long as put_user_page() is put_page()",
		.advice = "put_user_page()", .rule_switch = "release_api",
	};

	accuse(rel, slot, page, &f);
}

static pp_cold void accuse_dirty(const struct release *rel,
				 const struct pp_slot *slot,
				 const struct page *page)
{
	const struct pp_acq *acq = pp_slot_writer(slot);

	if (!(pp_check_mask & PINPAGE_CHECK_CLEAN))
		return;
	slot->shadow->release_site = rel->event->site;
	slot->shadow->acquire_site = acq->site;
	pp_raise(&(struct pp_finding){
		.probe = PINPAGE_CHECK_CLEAN, .rule = "released-without-dirty",
		.severity = PINPAGE_HAZARD,
		.headline = "a file page was changed and released, and nobody marked it dirty",
		.site = rel->event->site, .partner = acq->site,
		.partner_is = "acquired for writing here",
		.page = page, .slot = slot, .step = rel->step,
		.consequence =
			"the bytes in memory differ from the "
			"file's, and nothing will write them",
		.advice = placeholder() ?
			"put_user_pages_dirty_lock(), or set_page_dirty_lock() before put_page()" :
			"unpin_user_pages_dirty_lock(pages, npages, true)",
		.rule_switch = "dirty_duty",
	});
}

/* -- a release meets one folio -- */

static unsigned long writers(const struct pp_slot *slot)
{
	const struct pp_token_node *node;
	unsigned long nr = 0;

	if (slot->first.acq && slot->first.acq->flags & PINPAGE_EVF_WRITE)
		nr += slot->first.nr;
	for (node = slot->more; node; node = node->next)
		if (node->token.acq->flags & PINPAGE_EVF_WRITE)
			nr += node->token.nr;
	return nr;
}

const struct pp_acq *pp_slot_writer(const struct pp_slot *slot)
{
	const struct pp_token_node *node;

	if (slot->first.acq && slot->first.acq->flags & PINPAGE_EVF_WRITE)
		return slot->first.acq;
	for (node = slot->more; node; node = node->next)
		if (node->token.acq->flags & PINPAGE_EVF_WRITE)
			return node->token.acq;
	return NULL;
}

/* the last token that writes is about to go: were the bytes announced? */
static void look_before_release(const struct release *rel,
				struct pp_slot *slot, struct page *head,
				const struct pp_token *token, unsigned long nr)
{
	if (!(token->acq->flags & PINPAGE_EVF_WRITE))
		return;
	if (slot->shadow->priv_taken && !PageLocked(head))
		pp_fscon_private_taken(rel->event, head, rel->step);
	if (writers(slot) <= nr && pp_clean_released(slot, head))
		accuse_dirty(rel, slot, head);
}

static pp_noinline void release_odd(struct release *rel, struct pp_slot *slot,
				    struct page *page, unsigned long nr)
{
	unsigned long asked = nr;
	struct pp_token_node **link;
	struct pp_token *token;

	while (nr && (token = choose_token(slot, rel->unpin, false, rel->task,
					   &link))) {
		if (unlikely(slot->shadow))
			look_before_release(rel, slot, compound_head(page),
					    token, nr);
		if (unlikely(pp_check_strict && !rel->unpin &&
			     token->acq->flags & PINPAGE_EVF_GUP &&
			     pp_rules->release_api == PINPAGE_RELEASE_PUT_USER))
			accuse_strict(rel, slot, page, token->acq);
		nr -= consume(rel, slot, token, link, nr);
	}
	if (!nr || slot->bits & PP_SLOT_BLIND)
		return;
	token = choose_token(slot, rel->unpin, true, rel->task, &link);
	if (!token) {
		accuse_surplus(rel, slot, page, nr < asked, nr);
		return;
	}
	accuse_kind(rel, slot, page, token->acq);
	consume(rel, slot, token, link, nr);
}

static inline void release_folio(struct release *rel, struct page *page,
				 struct page *head, unsigned long nr)
{
	struct pp_slot *slot = pp_slot_of(head);

	pp_cspin_lock(&slot->lock);
	if (likely(slot->first.acq && !slot->more && !slot->shadow &&
		   slot->first.nr == nr && !pp_check_strict &&
		   kind_matches(slot->first.acq, rel->unpin)))
		consume(rel, slot, &slot->first, NULL, nr);
	else
		release_odd(rel, slot, page, nr);
	pp_cspin_unlock(&slot->lock);
}

/* entries from @i on that lie in one folio, in whatever order */
static inline unsigned long same_folio(const struct pinpage_event *event,
				       unsigned long i,
				       const struct page *head)
{
	struct page *const *pages = event->pages + i;
	unsigned long left = event->nr - i, nr = 1;
	uintptr_t bytes = sizeof(*head);

	if (folio_test_large((const struct folio *)head))
		bytes *= folio_nr_pages((const struct folio *)head);
	while (nr + BLOCK <= left && all_below(pages + nr, head, bytes))
		nr += BLOCK;
	while (nr < left && (uintptr_t)pages[nr] - (uintptr_t)head < bytes)
		nr++;
	return nr;
}

static void release(const struct pinpage_event *event, uint64_t step,
		    bool unpin)
{
	unsigned long i, run;
	struct release rel = {
		.event = event, .step = step, .unpin = unpin,
		.task = my_task_id(),
	};

	if (!event->pages) {
		if (pp_page_valid(event->page) && event->nr)
			release_folio(&rel, event->page,
				      compound_head(event->page), event->nr);
		flush_dropped(&rel);
		return;
	}
	for (i = 0; i < event->nr; i += run) {
		struct page *page = event->pages[i];
		struct page *head;

		run = 1;
		if (unlikely(!pp_page_valid(page)))
			continue;
		if (i + 8 < event->nr && pp_page_valid(event->pages[i + 8]))
			__builtin_prefetch(&pp_slots[page_to_pfn(
						event->pages[i + 8])], 1);
		head = compound_head(page);
		run = same_folio(event, i, head);
		release_folio(&rel, page, head, run);
	}
	flush_dropped(&rel);
}

/* -- frames come and go -- */

/**
 * pp_slot_drop_all() - forget what is held on a frame, accusing nobody
 *
 * Locking: slot locked, or nobody else uses it.
 */
void pp_slot_drop_all(struct pp_slot *slot)
{
	while (slot->first.acq) {
		acq_put(slot->first.acq, 1);
		unlink_token(slot, NULL);
	}
}

static pp_cold void freed_under(const struct pinpage_event *event,
				struct pp_slot *slot, struct page *page,
				uint64_t step)
{
	const struct pp_acq *acq = slot->first.acq;

	if (pp_check_mask & PINPAGE_CHECK_LEDGER &&
	    !(slot->bits & PP_SLOT_BLIND))
		pp_raise(&(struct pp_finding){
			.probe = PINPAGE_CHECK_LEDGER,
			.rule = "freed-under-token", .severity = PINPAGE_LOST,
			.headline = "a page was freed that somebody still holds",
			.site = event->site, .partner = acq->site,
			.partner_is = "acquired here, not released",
			.page = page, .slot = slot, .step = step,
			.consequence = "its holder reads and writes somebody else's memory",
			.advice =
				"find the release that was not its caller's: a page "
				"released twice, or pin and reference mixed",
		});
	pp_slot_drop_all(slot);
}

static void freed(const struct pinpage_event *event, uint64_t step)
{
	struct page *page = event->page;
	struct pp_slot *slot;
	unsigned long i;

	if (!pp_page_valid(page))
		return;
	for (i = 0; i < event->nr; i++) {
		slot = pp_slot_peek(page + i);
		if (!slot)
			continue;
		pp_cspin_lock(&slot->lock);
		if (unlikely(slot->first.acq))
			freed_under(event, slot, page + i, step);
		slot->bits &= (uint8_t)~PP_SLOT_BLIND;
		pp_cspin_unlock(&slot->lock);
	}
}

/* what was missed of the folio may have been any page's */
static pp_cold void blind_pages(const struct pinpage_event *event)
{
	struct pp_slot *slot;
	unsigned long i;

	for (i = 1; i < event->nr; i++) {
		slot = pp_slot_of(event->page + i);
		pp_cspin_lock(&slot->lock);
		slot->bits |= PP_SLOT_BLIND;
		pp_cspin_unlock(&slot->lock);
	}
}

/*
 * A folio becomes pages; nobody can take or drop a reference meanwhile. A token
 * goes to the slot of the first page that it covers.
 */
static void split_tokens(const struct pinpage_event *event)
{
	struct pp_slot *slot = pp_slot_peek(event->page);
	struct pp_token tokens[4];
	unsigned int nr = 0;
	struct pp_token_node **link;
	bool blind;

	if (!slot)
		return;
	pp_cspin_lock(&slot->lock);
	blind = slot->bits & PP_SLOT_BLIND;
	while (slot->first.acq && nr < ARRAY_SIZE(tokens)) {
		tokens[nr++] = slot->first;
		link = NULL;
		unlink_token(slot, link);
	}
	pp_cspin_unlock(&slot->lock);
	while (nr-- > 0)
		add_token(pp_slot_of(event->page + tokens[nr].sub),
			  tokens[nr].acq, tokens[nr].nr, 0);
	if (unlikely(blind))
		blind_pages(event);
}

static void allocated(const struct pinpage_event *event)
{
	struct pp_slot *slot;
	unsigned long i;

	if (!pp_page_valid(event->page))
		return;
	for (i = 0; i < event->nr; i++) {
		slot = pp_slot_peek(event->page + i);
		if (!slot)
			continue;
		pp_cspin_lock(&slot->lock);
		slot->bits = 0;
		slot->last_release = NULL;
		slot->last_acquire = NULL;
		pp_cspin_unlock(&slot->lock);
	}
}

/* put_page() of a frame that is free: refused before it could be a PUT */
static void warned(const struct pinpage_event *event, uint64_t step)
{
	static const char *const puts[] = {
		"put_page", "folio_put", "release_pages",
	};
	struct release rel = {
		.event = event, .step = step, .task = my_task_id(),
	};
	struct pp_slot *slot;
	size_t i;

	if (!event->name || !pp_page_valid(event->page))
		return;
	for (i = 0; i < ARRAY_SIZE(puts); i++)
		if (!strcmp(event->name, puts[i]))
			break;
	if (i == ARRAY_SIZE(puts))
		return;
	slot = pp_slot_of(event->page);
	pp_cspin_lock(&slot->lock);
	if (!(slot->bits & PP_SLOT_BLIND))
		accuse_surplus(&rel, slot, event->page, false, 1);
	pp_cspin_unlock(&slot->lock);
}

void pp_ledger_event(const struct pinpage_event *event, uint64_t step)
{
	switch (event->kind) {
	case PINPAGE_EV_PIN:
		acquire(event, PP_TOKEN_PIN, step);
		break;
	case PINPAGE_EV_GET:
		acquire(event, PP_TOKEN_GET, step);
		break;
	case PINPAGE_EV_UNPIN:
		release(event, step, true);
		break;
	case PINPAGE_EV_PUT:
		release(event, step, false);
		break;
	case PINPAGE_EV_ALLOC:
		allocated(event);
		break;
	case PINPAGE_EV_SPLIT:
		split_tokens(event);
		break;
	case PINPAGE_EV_FREE:
		freed(event, step);
		break;
	case PINPAGE_EV_WARN:
		warned(event, step);
		break;
	default:
		break;
	}
}

/* kept over boots, so that these cost little */
__attribute__((destructor)) static void caches_exit(void)
{
	pp_cache_destroy(&acq_cache);
	pp_cache_destroy(&node_cache);
}
