// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * scope.c - leaks: at the end of a scope, and of the machine
 *
 * A scope is a task's: what the task acquires belongs to its innermost scope.
 * Who releases it does not matter. A leak is told once, at the first end
 * that it crosses.
 */
#include "check/internal.h"

#include <stdio.h>
#include <string.h>

static struct pp_check_task *all_tasks;
static pp_cspin_t all_tasks_lock;

/**
 * pp_check_task() - the checkers' data of the current task
 * @create: make it if there is none
 *
 * Context: any, callbacks too. Locking: a leaf.
 * Return:  it; NULL: none, no memory, or no task.
 */
struct pp_check_task *pp_check_task(bool create)
{
	struct task_struct *task = current;
	struct pp_check_task *mine;

	if (!task)
		return NULL;
	mine = task->scope[PP_SCOPE_LEDGER];
	if (mine || !create)
		return mine;
	mine = pp_zalloc(sizeof(*mine));
	if (!mine)
		return NULL;
	pp_cspin_lock(&all_tasks_lock);
	mine->next = all_tasks;
	all_tasks = mine;
	pp_cspin_unlock(&all_tasks_lock);
	task->scope[PP_SCOPE_LEDGER] = mine;
	return mine;
}

void pp_scope_put(struct pp_scope *scope)
{
	if (atomic_long_dec_and_test(&scope->refs))
		pp_free(scope);
}

/* Tasks have ended or will not be checked again. */
void pp_scope_shutdown(void)
{
	struct task_struct *task = pp_current;

	while (all_tasks) {
		struct pp_check_task *mine = all_tasks;
		struct pp_scope *scope = mine->scope, *parent;

		for (; scope; scope = parent) {
			parent = scope->parent;
			pp_scope_put(scope);
		}
		all_tasks = mine->next;
		pp_free(mine);
	}
	if (task)
		task->scope[PP_SCOPE_LEDGER] = NULL;
}

/* -- leaks -- */

struct leaks {
	const struct pp_scope *scope;	/* NULL: everything */
	const void *end_site;
	uint64_t step;
	long found;			/* pages */
};

static void accuse(const struct leaks *leaks, unsigned long pfn,
		   const struct pp_token *token, const char *headline)
{
	bool pin = token->acq->kind == PP_TOKEN_PIN;

	pp_raise(&(struct pp_finding){
		.probe = PINPAGE_CHECK_LEDGER, .rule = "leak",
		.severity = PINPAGE_LOST, .headline = headline,
		.site = token->acq->site, .partner = leaks->end_site,
		.partner_is = "the scope ended here",
		.page = pfn_to_page(pfn), .slot = &pp_slots[pfn],
		.count = token->nr, .step = leaks->step,
		.consequence = "the page can never be freed",
		.advice = pin && pp_rules->release_api == PINPAGE_RELEASE_UNPIN ?
			"unpin_user_page() on every way out, error exits too" :
			"the matching put on every way out, error exits too",
	});
}

static bool leaked(unsigned long pfn, struct pp_token *token, void *priv)
{
	struct leaks *leaks = priv;
	struct pp_acq *acq = token->acq;
	char headline[120];

	if (pp_slots[pfn].bits & PP_SLOT_BLIND)
		return true;
	if (leaks->scope && acq->scope != leaks->scope)
		return true;
	if (!leaks->scope && READ_ONCE(acq->told))
		return true;
	snprintf(headline, sizeof(headline), "%s %s%s and never released",
		 token->nr > 1 ? "pages were" : "a page was",
		 acq->kind == PP_TOKEN_PIN ? "pinned" : "referenced",
		 leaks->scope ? " in a scope" : "");
	accuse(leaks, pfn, token, headline);
	leaks->found += token->nr;
	return true;
}

/* a second pass: a record covers several tokens */
static bool mark_told(unsigned long pfn, struct pp_token *token, void *priv)
{
	(void)pfn;
	if (token->acq->scope == priv)
		WRITE_ONCE(token->acq->told, true);
	return true;
}

/* Everything that is alive and was not told yet. */
void pp_leaks_at_shutdown(void)
{
	struct leaks leaks = { .step = pp_check_step() };

	pp_ledger_each(leaked, &leaks);
}

/* -- public, see the header -- */

int pinpage_scope_begin(const char *name)
{
	struct pp_check_task *mine;
	struct pp_scope *scope;

	if (!name)
		return -EINVAL;
	if (!(pp_check_mask & PINPAGE_CHECK_LEDGER))
		return 0;
	mine = pp_check_task(true);
	if (!mine)
		return -ENOMEM;
	scope = pp_zalloc(sizeof(*scope));
	if (!scope)
		return -ENOMEM;
	atomic_long_set(&scope->refs, 1);
	scope->parent = mine->scope;
	snprintf(scope->name, sizeof(scope->name), "%s", name);
	mine->scope = scope;
	return 0;
}

long pinpage_scope_end(void)
{
	struct leaks leaks = { .end_site = __builtin_return_address(0) };
	struct pp_check_task *mine;
	struct pp_scope *scope;

	if (!(pp_check_mask & PINPAGE_CHECK_LEDGER))
		return 0;
	mine = pp_check_task(false);
	if (!mine || !mine->scope) {
		pp_warn_once("scope_end: no scope has begun");
		return -EINVAL;
	}
	scope = mine->scope;
	mine->scope = scope->parent;
	/* More references than its own: something acquired is still held. */
	if (atomic_long_read(&scope->refs) > 1) {
		leaks.scope = scope;
		leaks.step = pp_check_step();
		pp_ledger_each(leaked, &leaks);
		pp_ledger_each(mark_told, scope);
	}
	pp_scope_put(scope);
	pp_verdict_flush();
	return leaks.found;
}
