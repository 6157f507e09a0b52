/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check.h - the checkers: token ledger, CLEAN, FSCON; verdicts and reports
 *
 * Rules for callers:
 * - Checkers listen to events and change nothing: with them a run does what
 *   it does without, a little slower.
 * - A hazard is a broken contract without harm yet; LOST is proven harm.
 * - Verdicts belong to the library. They live over pinpage_shutdown(), until
 *   the next pinpage_boot() or pinpage_check_clear(). Walk ->next only while
 *   no task raises new ones.
 * - Call sites become file:line on the first reading, which takes
 *   milliseconds and some 64 KiB of stack.
 * - PINPAGE_CHECK_STRICT=1 in the environment at boot adds the hazard
 *   "put-page-on-gup-page" under the rules of 5.2 to 5.5.
 *
 * Mirrors: none; the kernel has weaker forms: CONFIG_DEBUG_VM's sanity checks
 * of unpin, nr_foll_pin_acquired/released, ext4's buffer warnings.
 */
#ifndef PINPAGE_CHECK_H
#define PINPAGE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pinpage/api.h>
#include <pinpage/event.h>

#ifdef __cplusplus
extern "C" {
#endif

/* probes; a mask of them is on from boot: default all */
#define PINPAGE_CHECK_LEDGER	0x1u	/* acquire and release balance, by kind */
#define PINPAGE_CHECK_CLEAN	0x2u	/* a clean page equals its durable copy */
#define PINPAGE_CHECK_FSCON	0x4u	/* file systems are told before pages get dirty */
#define PINPAGE_CHECK_ALL	0x7u
#define PINPAGE_CHECK_NONE	0x0u

enum pinpage_severity {
	PINPAGE_OK,
	PINPAGE_HAZARD,		/* contract broken, no harm yet */
	PINPAGE_LOST,		/* a wrong byte, a leak: proven harm */
	PINPAGE_TRAP,		/* the kernel would have stopped */
	PINPAGE_HANG,		/* nobody can go on */
};

enum pinpage_check_mode {
	PINPAGE_CHECK_REPORT,	/* print each verdict to stderr when it falls, and keep it */
	PINPAGE_CHECK_COLLECT,	/* keep them silently */
	PINPAGE_CHECK_ABORT,	/* print; abort() at the first LOST or worse, or broken ledger */
};

#define PINPAGE_VERDICT_SITES 2

/**
 * struct pinpage_verdict - one broken rule
 * @probe:    PINPAGE_CHECK_* that spoke; 0: trap, hang or warning of the model
 * @rule:     short stable name. Ledger: "released-twice", "released-too-many",
 *            "released-never-acquired", "put-page-on-pin", "unpin-on-get",
 *            "put-page-on-gup-page", "leak", "freed-under-token". CLEAN:
 *            "store-to-clean-page", "released-without-dirty",
 *            "clean-differs", "lost-write", "fsync-lied". FSCON:
 *            "dirty-without-notification", "dirty-without-buffers",
 *            "private-released-under-write-token", "dirty-unlocked",
 *            "dirty-vs-truncate". Model: "trap", "hang"
 * @severity: how bad
 * @headline: one sentence
 * @detail:   frame, tokens and last events on it; several lines
 * @advice:   what the driver should call instead, or which switch fixes it
 * @rule_switch: name of the switch of struct pinpage_rules that allows it, or NULL
 * @site:     call sites concerned: [0] the guilty call, [1] its partner (the
 *            acquire, the first release); NULL where there is none
 * @site_text: the same as "file.c:123 (function)"; "" if unknown
 * @pfn, @file, @index: the page; @file "" for anonymous memory
 * @task:     name of the task
 * @step:     number of the event in this run
 * @count:    times the same rule fell at the same sites
 */
struct pinpage_verdict {
	unsigned int probe;
	const char *rule;
	enum pinpage_severity severity;
	char headline[160];
	char detail[1024];
	char advice[200];
	const char *rule_switch;
	const void *site[PINPAGE_VERDICT_SITES];
	char site_text[PINPAGE_VERDICT_SITES][160];
	unsigned long pfn;
	char file[64];
	unsigned long index;
	char task[24];
	uint64_t step;
	unsigned long count;
	struct pinpage_verdict *next;
};

/**
 * pinpage_check_set_mode() - what happens to verdicts from now on
 * @mode: report, collect or abort; anything else is warned about, no change
 *
 * Context: any. Locking: none needed.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API void pinpage_check_set_mode(enum pinpage_check_mode mode);

/**
 * pinpage_check_enabled() - which probes are on
 *
 * Context: any. Locking: none.
 * Return:  PINPAGE_CHECK_* bits; 0 if the machine is down.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API unsigned int pinpage_check_enabled(void);

/**
 * pinpage_check_count() - how many verdicts
 * @at_least: only those of this severity or worse
 *
 * Context: any. Locking: none needed.
 * Return:  different verdicts; @count of each is not added up.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API size_t pinpage_check_count(enum pinpage_severity at_least);

/**
 * pinpage_check_worst() - the worst severity so far
 *
 * Context: any. Locking: none needed.
 * Return:  PINPAGE_OK without a verdict.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API enum pinpage_severity pinpage_check_worst(void);

/**
 * pinpage_check_first() - the verdicts in the order in which they fell
 *
 * Context: process, a deep stack: all call sites become text. Locking: none
 *          needed.
 * Return:  the first, the others by ->next; NULL if there is none. The
 *          library's, until clear or boot.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const struct pinpage_verdict *pinpage_check_first(void);

/**
 * pinpage_check_find() - the first verdict of a rule
 * @rule: name as in struct pinpage_verdict; NULL finds nothing
 *
 * Context: as pinpage_check_first(). Locking: none needed.
 * Return:  it, the library's; NULL: that rule was not broken.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const struct pinpage_verdict *pinpage_check_find(const char *rule);

/**
 * pinpage_check_clear() - forget all verdicts
 *
 * Context: process; nobody uses a verdict. Locking: none needed.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API void pinpage_check_clear(void);

/**
 * pinpage_check_print() - a verdict as text
 * @out:     open for writing; NULL is warned about
 * @verdict: one of the library's; NULL is warned about
 *
 * Headline, call sites, frame, tokens, last events (the guilty one marked),
 * consequence, the switch that allows it, what to call instead.
 *
 * Context: as pinpage_check_first(). Locking: none needed.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API void pinpage_check_print(FILE *out, const struct pinpage_verdict *verdict);

/**
 * pinpage_check_print_json() - all verdicts as one JSON object
 * @out: open for writing
 *
 * {"worst": severity, "verdicts": [{rule, severity, probe, headline, sites,
 * task, step, count, pfn, detail, and file, index, rule_switch, advice where
 * there is one}]}.
 *
 * Context: as pinpage_check_first(). Locking: none needed.
 * Return:  0; -EINVAL (NULL), -EIO (@out refuses), -ENOMEM, -EOPNOTSUPP
 *          (built without jansson).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_check_print_json(FILE *out);

/**
 * pinpage_severity_name() - "ok", "hazard", "LOST", "TRAP", "HANG"
 * @severity: one of them
 *
 * Context: any. Locking: none.
 * Return:  static text; "?" for anything else.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const char *pinpage_severity_name(enum pinpage_severity severity);

/**
 * pinpage_scope_begin() - from here on the task must release what it takes
 * @name: for reports; copied
 *
 * Scopes nest; what is acquired belongs to the innermost one of the task.
 * Without the ledger both calls do nothing and return 0.
 *
 * Context: any. Locking: none needed.
 * Return:  0; -EINVAL (NULL), -ENOMEM.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_scope_begin(const char *name);

/**
 * pinpage_scope_end() - judge the task's innermost scope
 *
 * Whatever was acquired in it and not released since, by whomever, is a
 * "leak", told once: neither an outer scope nor shutdown repeats it. If
 * tokens were held, all frames in use are looked at.
 *
 * Context: any with a deep stack. Locking: none needed.
 * Return:  pages leaked; -EINVAL, with a warning: no scope has begun.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API long pinpage_scope_end(void);

/**
 * struct pinpage_tokens - live tokens of a folio, in 4 KiB pages
 * @gets:          references
 * @pins:          pins
 * @pins_write:    of these for writing
 * @pins_longterm: of these FOLL_LONGTERM
 */
struct pinpage_tokens { unsigned long gets, pins, pins_write, pins_longterm; };

/**
 * pinpage_ledger_tokens() - who holds a page, as the ledger has it
 * @page:   any page; the answer is for its folio
 * @tokens: out; untouched on failure
 *
 * Only what drivers took is counted, not the model's own references.
 *
 * Context: any. Locking: none needed.
 * Return:  0; -EINVAL (NULL, not a page), -EOPNOTSUPP (no probe is on).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_ledger_tokens(const struct page *page, struct pinpage_tokens *tokens);

/**
 * pinpage_ledger_live() - 4 KiB pages held by tokens, in the whole machine
 *
 * Context: any; looks at all frames in use. Locking: none needed.
 * Return:  their number; 0 without checks.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API unsigned long pinpage_ledger_live(void);

/**
 * pinpage_check_clean_now() - compare cached file pages with storage now
 *
 * A clean page that nobody holds for writing must have the bytes that were
 * last written back ("clean-differs"). After a power cut stable storage must
 * have what a successful fsync vouched for ("fsync-lied"); pages that left
 * the cache meanwhile are not looked at.
 *
 * Context: process; sleeps; the files stay open. Locking: no lock held.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API void pinpage_check_clean_now(void);

#ifdef __cplusplus
}
#endif

#endif
