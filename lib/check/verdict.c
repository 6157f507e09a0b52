// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * verdict.c - verdicts: kept once each, in the order in which they fell
 *
 * I1. Two findings of the same rule at the same sites are one verdict with a
 *     count; findings without any site are told apart by their headline.
 * I2. In the callback only facts are taken: call sites become text when the
 *     verdict is read, since that needs time and a deep stack.
 * I3. A verdict that must be printed at once, but fell on a fiber's small
 *     stack, is printed by the next event of the booting task, or any call.
 */
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

static pp_cspin_t lock;			/* the list */
static struct pp_verdict *first_verdict, *last_verdict;
static enum pinpage_check_mode verdict_mode;
static pp_cspin_t finish_lock;

bool pp_verdict_unprinted;

#define pub_of(v) ((struct pp_verdict *)(v))

void pp_verdict_boot(enum pinpage_check_mode mode)
{
	WRITE_ONCE(verdict_mode, mode);
}

void pinpage_check_set_mode(enum pinpage_check_mode mode)
{
	if ((unsigned int)mode > PINPAGE_CHECK_ABORT) {
		pp_warn_once("check_set_mode: %d is no mode", (int)mode);
		return;
	}
	WRITE_ONCE(verdict_mode, mode);
}

static struct pp_verdict *next_of(const struct pp_verdict *v)
{
	return pub_of(v->pub.next);
}

/* the list from outside of its lock; @v NULL: from the beginning */
static struct pp_verdict *step_on(const struct pp_verdict *v)
{
	struct pp_verdict *next;

	pp_cspin_lock(&lock);
	next = v ? next_of(v) : first_verdict;
	pp_cspin_unlock(&lock);
	return next;
}

/* -- taking the facts -- */

static bool same(const struct pp_verdict *v, const struct pp_finding *f)
{
	if (strcmp(v->pub.rule, f->rule) || v->pub.site[0] != f->site ||
	    v->pub.site[1] != f->partner)
		return false;
	return f->site || f->partner ||
	       !strncmp(v->pub.headline, f->headline,
			sizeof(v->pub.headline) - 1);
}

static void note_token(struct pp_verdict *v, const struct pp_token *token)
{
	const struct pp_acq *acq = token->acq;
	struct pp_token_note *note;

	if (v->nr_tokens == PP_VERDICT_TOKENS) {
		v->more_tokens++;
		return;
	}
	note = &v->token[v->nr_tokens++];
	note->site = acq->site;
	note->step = acq->step;
	note->addr = acq->addr;
	note->task = acq->task;
	note->nr = token->nr;
	note->mm = acq->mm;
	note->flags = acq->flags;
	note->kind = acq->kind;
}

static void note_tokens(struct pp_verdict *v, const struct pp_slot *slot)
{
	const struct pp_token_node *node;

	if (!slot || !slot->first.acq)
		return;
	note_token(v, &slot->first);
	for (node = slot->more; node; node = node->next)
		note_token(v, &node->token);
}

static void note_file(struct pinpage_verdict *pub,
		      const struct address_space *mapping,
		      unsigned long index)
{
	const char *name;

	if (!mapping)
		return;
	name = mapping->host ? READ_ONCE(mapping->host->name) : NULL;
	snprintf(pub->file, sizeof(pub->file), "%s", name ? name : "(unlinked)");
	pub->index = index;
}

static void note_page(struct pp_verdict *v, const struct pp_finding *f)
{
	const struct address_space *mapping = f->mapping;
	const struct page *head;

	if (!f->page)
		return;
	head = compound_head(f->page);
	v->pub.pfn = page_to_pfn(f->page);
	pp_page_describe(f->page, v->frame, sizeof(v->frame));
	if (!mapping)
		mapping = page_file_mapping(head);
	note_file(&v->pub, mapping, f->mapping ? f->index :
						 READ_ONCE(head->index));
	v->nr_events = (unsigned int)pp_trail_of(page_to_pfn(head), v->event,
						 PP_VERDICT_EVENTS);
}

static struct pp_verdict *verdict_new(const struct pp_finding *f)
{
	const struct task_struct *task = pp_current;
	struct pp_verdict *v = pp_zalloc(sizeof(*v));

	if (!v)
		return NULL;
	v->pub.probe = f->probe;
	v->pub.rule = f->rule;
	v->pub.severity = f->severity;
	snprintf(v->pub.headline, sizeof(v->pub.headline), "%s", f->headline);
	snprintf(v->pub.advice, sizeof(v->pub.advice), "%s",
		 f->advice ? f->advice : "");
	v->pub.rule_switch = f->rule_switch;
	if (f->rule_switch)
		pinpage_rules_switch_value(pp_rules, f->rule_switch,
					   v->switch_value,
					   sizeof(v->switch_value));
	v->pub.site[0] = f->site;
	v->pub.site[1] = f->partner;
	snprintf(v->pub.task, sizeof(v->pub.task), "%s",
		 task ? task->name : "");
	v->pub.step = f->step;
	v->pub.count = f->count ? f->count : 1;
	v->partner_is = f->partner_is;
	v->origin = f->origin;
	v->consequence = f->consequence;
	note_page(v, f);
	note_tokens(v, f->slot);
	return v;
}

/* -- raising -- */

static bool counted_already(const struct pp_finding *f)
{
	struct pp_verdict *v;

	for (v = first_verdict; v; v = next_of(v)) {
		if (!same(v, f))
			continue;
		WRITE_ONCE(v->pub.count,
			   v->pub.count + (f->count ? f->count : 1));
		return true;
	}
	return false;
}

static bool print_here(void)
{
	const struct task_struct *task = pp_current;

	return !pp_engine_is_fiber || !task || task->kind == PP_TASK_BOOT;
}

static bool is_fatal(const struct pp_finding *f)
{
	return READ_ONCE(verdict_mode) == PINPAGE_CHECK_ABORT &&
	       (f->severity >= PINPAGE_LOST ||
		f->probe == PINPAGE_CHECK_LEDGER);
}

/**
 * pp_raise() - a probe has found something
 * @f: see struct pp_finding
 *
 * Without memory for the verdict it is lost, with a warning. The caller prints
 * by pp_verdict_flush() once it holds no lock.
 *
 * Context: callbacks too. Locking: at most a file list and a slot lock held.
 * Mirrors: none.
 */
void pp_raise(const struct pp_finding *f)
{
	struct pp_verdict *v;

	pp_cspin_lock(&lock);
	if (counted_already(f)) {
		pp_cspin_unlock(&lock);
		return;
	}
	v = verdict_new(f);
	if (v) {
		if (last_verdict)
			last_verdict->pub.next = &v->pub;
		else
			first_verdict = v;
		last_verdict = v;
	}
	pp_cspin_unlock(&lock);
	if (!v) {
		pp_warn_once("verdict %s lost: no memory", f->rule);
		return;
	}
	if (READ_ONCE(verdict_mode) == PINPAGE_CHECK_COLLECT)
		return;
	WRITE_ONCE(pp_verdict_unprinted, true);
	if (is_fatal(f)) {
		pinpage_check_print(stderr, &v->pub);
		abort();
	}
}

/* what was not printed yet, if the stack is deep enough */
void pp_verdict_flush(void)
{
	struct pp_verdict *v;

	if (!READ_ONCE(pp_verdict_unprinted) || !print_here())
		return;
	pp_cspin_lock(&finish_lock);
	WRITE_ONCE(pp_verdict_unprinted, false);
	for (v = step_on(NULL); v; v = step_on(v)) {
		if (v->printed)
			continue;
		v->printed = true;
		pp_verdict_finish(v);
		pp_verdict_print(stderr, v);
	}
	pp_cspin_unlock(&finish_lock);
}

/* -- public, see the header -- */

static void finish_all(void)
{
	struct pp_verdict *v;

	pp_cspin_lock(&finish_lock);
	for (v = step_on(NULL); v; v = step_on(v))
		pp_verdict_finish(v);
	pp_cspin_unlock(&finish_lock);
}

size_t pinpage_check_count(enum pinpage_severity at_least)
{
	struct pp_verdict *v;
	size_t nr = 0;

	pp_cspin_lock(&lock);
	for (v = first_verdict; v; v = next_of(v))
		nr += v->pub.severity >= at_least;
	pp_cspin_unlock(&lock);
	return nr;
}

enum pinpage_severity pinpage_check_worst(void)
{
	enum pinpage_severity worst = PINPAGE_OK;
	struct pp_verdict *v;

	pp_cspin_lock(&lock);
	for (v = first_verdict; v; v = next_of(v))
		worst = max(worst, v->pub.severity);
	pp_cspin_unlock(&lock);
	return worst;
}

const struct pinpage_verdict *pinpage_check_first(void)
{
	struct pp_verdict *v;

	finish_all();
	v = step_on(NULL);
	return v ? &v->pub : NULL;
}

const struct pinpage_verdict *pinpage_check_find(const char *rule)
{
	struct pp_verdict *v;

	if (!rule)
		return NULL;
	pp_cspin_lock(&finish_lock);
	for (v = step_on(NULL); v; v = step_on(v))
		if (!strcmp(v->pub.rule, rule))
			break;
	if (v)
		pp_verdict_finish(v);
	pp_cspin_unlock(&finish_lock);
	return v ? &v->pub : NULL;
}

void pinpage_check_clear(void)
{
	struct pp_verdict *v, *next;

	pp_cspin_lock(&finish_lock);
	pp_cspin_lock(&lock);
	v = first_verdict;
	first_verdict = last_verdict = NULL;
	WRITE_ONCE(pp_verdict_unprinted, false);
	pp_cspin_unlock(&lock);
	pp_cspin_unlock(&finish_lock);
	for (; v; v = next) {
		next = next_of(v);
		pp_free(v);
	}
}

void pinpage_check_print(FILE *out, const struct pinpage_verdict *verdict)
{
	struct pp_verdict *v = pub_of(verdict);

	if (!out || !verdict) {
		pp_warn_once("check_print: NULL");
		return;
	}
	pp_cspin_lock(&finish_lock);
	pp_verdict_finish(v);
	v->printed = true;
	pp_verdict_print(out, v);
	pp_cspin_unlock(&finish_lock);
}

const char *pinpage_severity_name(enum pinpage_severity severity)
{
	static const char *const names[] = {
		"ok", "hazard", "LOST", "TRAP", "HANG",
	};

	return (unsigned int)severity < ARRAY_SIZE(names) ? names[severity] :
							    "?";
}

/* the verdicts that outlive the machine go with the library */
__attribute__((destructor)) static void verdicts_exit(void)
{
	pinpage_check_clear();
}
