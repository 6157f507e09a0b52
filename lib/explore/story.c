// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * story.c - the steps of a run as text
 *
 * A subscriber that hears every event after the checkers notes a line for the
 * telling ones, and how many verdicts there were by then: a verdict belongs
 * to the event at which the count grew. Text of verdicts is looked up when
 * all is over, on task 0's deep stack.
 *
 * The guilty step is the first at which a checker spoke about the page of the
 * worst verdict: where the contract broke, not where the harm was proven.
 */
#include "page/page.h"

#include "explore/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pinpage/pagecache.h>

#include "base/alloc.h"

struct step {
	char who[24];
	char text[152];
	unsigned int no;		/* 0: a line of the scenario's own */
	size_t verdicts;		/* there were so many after it */
	bool mark;
};

struct pp_story {
	const struct pinpage_run *run;
	enum pp_story_kind kind;
	struct pinpage_subscriber sub;
	struct step *step;
	size_t nr, room;
	size_t before;			/* verdicts of the set-up */
	unsigned int last_no;
	bool lost;			/* no memory: the rest is missing */
	bool listening;
};

/* -- what is told -- */

#define B(kind) PINPAGE_EV_BIT(PINPAGE_EV_##kind)

/* how, not what: left out unless all is asked for */
#define NOISE								\
	(B(GRAB) | B(RECHECK) | B(ALLOC) | B(FREE) | B(LOCK_PAGE) |	\
	 B(UNLOCK_PAGE) | B(CACHE_ADD) | B(CACHE_REMOVE) |		\
	 B(PRIV_ATTACH) | B(RESERVE) | B(PTE_SET) | B(PTE_CLEAR) |	\
	 B(PTE_WRPROTECT) | B(TLB_FLUSH) | B(DMA_MAP) | B(DMA_UNMAP) |	\
	 B(LOCK) | B(UNLOCK) | B(WAKE) | B(TASK_START) | B(TASK_END) |	\
	 B(UNMAP) | B(READ_IN) | B(DIRTY_CALL))
#define WITH_BYTES							\
	(B(CPU_STORE) | B(CPU_LOAD) | B(DMA_READ) | B(DMA_WRITE) |	\
	 B(FILE_WRITE) | B(FILE_READ) | B(DIO))

static bool told(const struct pp_story *story,
		 const struct pinpage_event *event)
{
	/* task 0 only waits while the actors run */
	if (story->run->phase != PP_PHASE_CHECK &&
	    (!pp_current || !pp_current->id))
		return false;
	if (story->kind == PP_STORY_ALL)
		return true;
	if (PINPAGE_EV_BIT(event->kind) & NOISE)
		return false;
	/* the machine's own tasks wait most of the time; "wait-unpin" was told */
	if (event->kind == PINPAGE_EV_BLOCK &&
	    (!event->name ||
	     pinpage_run_actor(story->run, pp_current->id) < 0))
		return false;
	return event->kind != PINPAGE_EV_YIELD || !event->name ||
	       strcmp(event->name, "cond-resched");
}

static const struct page *page_of(const struct pinpage_event *event)
{
	if (event->pages && event->nr)
		return event->pages[0];
	return event->page;
}

static size_t add(char *buf, size_t size, size_t len, const char *format, ...)
	pp_printf(4, 5);
static size_t add(char *buf, size_t size, size_t len, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(buf + len, size - len, format, args);
	va_end(args);
	return n < 0 ? len : min(len + (size_t)n, size - 1);
}

/* so many pages are no number but the rest of a file */
#define TO_THE_END	(1UL << 40)

static const char *file_name(const struct address_space *mapping)
{
	const char *name = pinpage_mapping_name(mapping);

	return name ? name : "a deleted file";
}

static size_t where(char *buf, size_t size, size_t len,
		    const struct pinpage_event *event)
{
	const struct page *page = page_of(event);
	const struct address_space *mapping = event->mapping;
	unsigned long index = event->index, nr = event->nr;

	if (!mapping && page && pp_page_valid(page)) {
		mapping = page_file_mapping(compound_head(page));
		index = compound_head(page)->index +
			(unsigned long)(page - compound_head(page));
	}
	if (mapping && !page && nr <= 1)
		return add(buf, size, len, ": %s", file_name(mapping));
	if (mapping && nr > TO_THE_END)
		return add(buf, size, len, ": %s from page %lu to the end",
			   file_name(mapping), index);
	if (mapping && nr > 1)
		return add(buf, size, len, ": %lu pages of %s from page %lu",
			   nr, file_name(mapping), index);
	if (mapping)
		return add(buf, size, len, ": page %lu of %s", index,
			   file_name(mapping));
	if (page && pp_page_valid(page))
		return add(buf, size, len, ": %s %lu%s",
			   PageAnon(page) ? "anonymous frame" : "frame",
			   page_to_pfn(page), nr > 1 ? " and more" : "");
	if (event->addr)
		return add(buf, size, len, ": address %#lx", event->addr);
	return len;
}

static size_t how(char *buf, size_t size, size_t len,
		  const struct pinpage_event *event)
{
	static const struct {
		unsigned int flag;
		const char *text;
	} flags[] = {
		{ PINPAGE_EVF_WRITE, "to write" },
		{ PINPAGE_EVF_LONGTERM, "long-term" },
		{ PINPAGE_EVF_SYNC_ALL, "for integrity" },
		{ PINPAGE_EVF_NO_COUNT, "not counted" },
	};
	bool open = false;
	size_t i;

	if (PINPAGE_EV_BIT(event->kind) & WITH_BYTES && event->len)
		len = add(buf, size, len, ", %lu bytes at %ld", event->len,
			  event->arg);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!(event->flags & flags[i].flag))
			continue;
		len = add(buf, size, len, "%s%s", open ? ", " : " (",
			  flags[i].text);
		open = true;
	}
	if (open)
		len = add(buf, size, len, ")");
	if (event->flags & PINPAGE_EVF_ERROR && event->arg < 0)
		len = add(buf, size, len, ": error %ld", -event->arg);
	return len;
}

static void tell(char *buf, size_t size, const struct pinpage_event *event)
{
	const char *name = event->name;
	size_t len;

	if (event->kind == PINPAGE_EV_YIELD) {
		snprintf(buf, size, "passes \"%s\"", name ? name : "?");
		return;
	}
	if (event->kind == PINPAGE_EV_BLOCK) {
		snprintf(buf, size, "waits for %s", name ? name : "somebody");
		return;
	}
	len = add(buf, size, 0, "%s", pinpage_event_text(event->kind));
	if (name)
		len = add(buf, size, len, " (%s)", name);
	len = where(buf, size, len, event);
	how(buf, size, len, event);
}

/* -- noting it -- */

static struct step *new_step(struct pp_story *story)
{
	size_t room = story->room ? 2 * story->room : 64;
	struct step *step = story->step;

	if (story->nr == story->room) {
		step = pp_realloc(step, room * sizeof(*step));
		if (!step) {
			story->lost = true;
			return NULL;
		}
		story->step = step;
		story->room = room;
	}
	step = &story->step[story->nr++];
	memset(step, 0, offsetof(struct step, no) + sizeof(step->no));
	step->mark = false;
	step->verdicts = 0;
	return step;
}

static void set_who(const struct pp_story *story, struct step *step)
{
	const struct task_struct *task = pp_current;
	const char *who = "";

	if (task && task->id)
		who = task->name;
	else if (story->run->phase == PP_PHASE_CHECK)
		who = "(check)";
	else if (story->run->phase == PP_PHASE_SETUP)
		who = "(set-up)";
	snprintf(step->who, sizeof(step->who), "%s", who);
}

static void on_event(struct pinpage_subscriber *self,
		     const struct pinpage_event *event)
{
	struct pp_story *story = self->priv;
	enum pp_phase phase = story->run->phase;
	size_t verdicts = pinpage_check_count(PINPAGE_HAZARD);
	size_t before = story->nr ? story->step[story->nr - 1].verdicts :
				    story->before;
	struct step *step;

	if (phase != PP_PHASE_ACTORS && phase != PP_PHASE_JOIN &&
	    phase != PP_PHASE_CHECK)
		return;
	if (!told(story, event) && verdicts == before)
		return;
	step = new_step(story);
	if (!step)
		return;
	step->no = ++story->last_no;
	step->verdicts = verdicts;
	set_who(story, step);
	tell(step->text, sizeof(step->text), event);
}

/**
 * pp_story_say() - a line that is no event
 * @mark: it tells of a trap, a hang or a loss
 *
 * Context: any. Locking: none. Return: nothing.
 */
void pp_story_say(struct pp_story *story, bool mark, const char *text)
{
	struct step *step;

	if (story->run->phase > PP_PHASE_CHECK)
		return;
	step = new_step(story);
	if (!step)
		return;
	step->verdicts = pinpage_check_count(PINPAGE_HAZARD);
	step->mark = mark;
	set_who(story, step);
	snprintf(step->text, sizeof(step->text), "%s", text);
}

/**
 * pp_story_new() - note what @run does from now on
 * @kind: SHORT or ALL
 *
 * Context: outside the machine. Locking: none. Return: NULL: no memory.
 */
struct pp_story *pp_story_new(const struct pinpage_run *run,
			      enum pp_story_kind kind)
{
	struct pp_story *story = pp_zalloc(sizeof(*story));

	if (!story)
		return NULL;
	story->run = run;
	story->kind = kind;
	story->sub = (struct pinpage_subscriber){
		.kinds = PINPAGE_EV_ALL,
		.order = PINPAGE_ORDER_TRACE,
		.fn = on_event,
		.priv = story,
	};
	return story;
}

/* pp_story_free() - partner of pp_story_new(); NULL is accepted */
void pp_story_free(struct pp_story *story)
{
	if (!story)
		return;
	pp_free(story->step);
	pp_free(story);
}

/**
 * pp_story_start() - the actors' time begins
 * pp_story_stop() - nothing more to note
 *
 * Context: task 0. Locking: none. Return: nothing.
 */
void pp_story_start(struct pp_story *story)
{
	story->before = pinpage_check_count(PINPAGE_HAZARD);
	story->listening = !pinpage_subscribe(&story->sub);
}

void pp_story_stop(struct pp_story *story)
{
	if (story->listening)
		(void)pinpage_unsubscribe(&story->sub);
	story->listening = false;
}

/* -- telling it -- */

static const struct pinpage_verdict *nth(size_t n)
{
	const struct pinpage_verdict *v = pinpage_check_first();

	while (v && n--)
		v = v->next;
	return v;
}

static bool same_page(const struct pinpage_verdict *a,
		      const struct pinpage_verdict *b)
{
	if (a->file[0] || b->file[0])
		return a->index == b->index && !strcmp(a->file, b->file);
	return a->pfn == b->pfn;
}

/* number of the verdict that names the guilty step; (size_t)-1: none */
static size_t guilty_verdict(const struct pp_story *story)
{
	const struct pinpage_verdict *v, *worst = pp_worst_verdict();
	size_t n = 0;

	if (!worst || pp_cell_of(worst->severity) < story->run->cell)
		return (size_t)-1;
	for (v = pinpage_check_first(); v; v = v->next, n++)
		if (n >= story->before && same_page(v, worst))
			return n;
	return (size_t)-1;
}

/* without a verdict: what trapped, hung or lost itself is what we can show */
static size_t guilty_line(const struct pp_story *story, size_t guilty)
{
	size_t i;

	for (i = 0; guilty == (size_t)-1 && i < story->nr; i++)
		if (story->step[i].mark)
			return i;
	return (size_t)-1;
}

static void print_verdicts(FILE *out, size_t from, size_t to)
{
	const struct pinpage_verdict *v;

	for (; from < to && (v = nth(from)); from++) {
		fprintf(out, "%18s%s: %s\n", "",
			pinpage_cell_name(pp_cell_of(v->severity)),
			v->headline);
		if (v->site_text[0][0])
			fprintf(out, "%18sat %s\n", "", v->site_text[0]);
	}
}

static void print_step(FILE *out, const struct step *step, size_t before,
		       bool guilty)
{
	char no[16] = "";

	if (step->no)
		snprintf(no, sizeof(no), "%u", step->no);
	fprintf(out, "%s %4s  %-10s %s\n",
		guilty ? " >>" : step->mark || step->verdicts > before ?
		"  !" : "   ", no, step->who, step->text);
	print_verdicts(out, before, step->verdicts);
}

static void print_steps(FILE *out, const struct pp_story *story)
{
	size_t guilty = guilty_verdict(story), before = story->before;
	size_t line = guilty_line(story, guilty), i;

	for (i = 0; i < story->nr; i++) {
		const struct step *step = &story->step[i];
		bool found = i == line || (guilty >= before &&
					   guilty < step->verdicts);

		print_step(out, step, before, found);
		before = max(before, step->verdicts);
	}
	if (story->lost)
		fprintf(out, "     (the rest is missing: out of memory)\n");
	if (!nth(before))
		return;
	fprintf(out, "          at the end\n");
	print_verdicts(out, before, (size_t)-1);
}

static void print_head(FILE *out, const struct pinpage_run *run,
		       const struct pinpage_outcome *outcome)
{
	const struct pinpage_scenario *scenario = run->scenario;
	const struct pinpage_contract *contract;
	const struct pinpage_schedule *schedule;
	char rules[512];

	contract = &scenario->contracts[run->contract];
	schedule = pp_schedule_find(scenario, outcome->schedule);
	pp_rules_text(run->rules, rules, sizeof(rules));
	fprintf(out, "%s/%s/%s, schedule \"%s\": %s\n", scenario->name,
		contract->name, rules, outcome->schedule,
		pinpage_cell_name(outcome->cell));
	if (scenario->title)
		fprintf(out, "  driver:    %s\n", scenario->title);
	if (contract->title)
		fprintf(out, "  contract:  %s\n", contract->title);
	fprintf(out, "  rules:     %s\n", run->rules->title);
	if (schedule && schedule->why)
		fprintf(out, "  schedule:  %s\n", schedule->why);
	fprintf(out, "\n");
}

/* "  @label: @text" in lines of 96 columns */
static void print_wrapped(FILE *out, const char *label, const char *text)
{
	size_t column = (size_t)fprintf(out, "  %s:", label);

	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");

		if (column + 1 + len > 96)
			column = (size_t)fprintf(out, "\n     ") - 1;
		column += (size_t)fprintf(out, " %.*s", (int)len, text);
		text += len;
	}
	fprintf(out, "\n");
}

static void print_rule(FILE *out, const struct pinpage_rules *rules,
		       const char *rule_switch)
{
	char value[32], label[96];

	if (!rule_switch ||
	    pinpage_rules_switch_value(rules, rule_switch, value,
				       sizeof(value)) < 0)
		return;
	snprintf(label, sizeof(label), "allowed by %s=%s", rule_switch, value);
	print_wrapped(out, label, pinpage_rules_switch_story(rule_switch));
}

static void print_moral(FILE *out, const struct pinpage_run *run,
			const struct pinpage_outcome *outcome)
{
	const struct pinpage_contract *contract;
	const char *remedy = pp_run_remedy(run);
	const char *cell = pinpage_cell_name(outcome->cell);

	contract = &run->scenario->contracts[run->contract];
	fprintf(out, "\n");
	if (outcome->headline[0])
		print_wrapped(out, cell, outcome->headline);
	else
		fprintf(out, "  %s\n", cell);
	print_rule(out, run->rules, outcome->rule_switch);
	if (remedy)
		print_wrapped(out, "remedy", remedy);
	if (outcome->cell > PINPAGE_CELL_OK && contract->instead)
		print_wrapped(out, "the driver should", contract->instead);
	fprintf(out, "  again: --replay=%s\n", outcome->replay);
}

/**
 * pp_story_text() - all of it
 * @outcome: of the same run, but for its story
 *
 * Context: before the next boot. Locking: none.
 * Return:  text, pp_free() it; NULL: no memory.
 */
char *pp_story_text(struct pp_story *story,
		    const struct pinpage_outcome *outcome)
{
	char *text = NULL, *copy;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_head(out, story->run, outcome);
	print_steps(out, story);
	print_moral(out, story->run, outcome);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	copy = pp_strdup(text);
	free(text);
	return copy;
}
