// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * report.c - a verdict as text
 *
 * Headline; who and where; the frame; the tokens on it; the last events; what
 * it has come to; the rule that decides it; what to call instead.
 */
#include "check/internal.h"

#include "base/hash.h"
#include "base/stack.h"

#include <stdarg.h>
#include <string.h>

struct text {
	char *buf;
	size_t size, len;
};

static pp_printf(2, 3) void add(struct text *text, const char *format, ...)
{
	size_t left = text->len < text->size ? text->size - text->len : 0;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(left ? text->buf + text->len : NULL, left, format, args);
	va_end(args);
	if (n > 0)
		text->len += (size_t)n;
}

/* Return: the path's last part, with what follows it. */
static const char *short_site(const char *text)
{
	const char *end = strchr(text, ':'), *slash = text, *p;

	for (p = text; *p && p != end; p++)
		if (*p == '/')
			slash = p + 1;
	return slash;
}

#define SITE_BITS 8

/* An exploration reads the same few sites again in every run. */
static struct known_site {
	const void *site;
	char text[160];
} known_sites[1u << SITE_BITS];

/* the finish lock is held */
static void site_text(const void *site, char *buf, size_t size)
{
	struct known_site *known = &known_sites[hash_ptr(site, SITE_BITS)];
	char text[PP_SITE_TEXT_MAX];

	buf[0] = '\0';
	if (!site)
		return;
	if (known->site != site) {
		snprintf(known->text, sizeof(known->text), "%s",
			 short_site(pp_site_symbolise(site, text,
						      sizeof(text))));
		known->site = site;
	}
	snprintf(buf, size, "%s", known->text);
}

static void add_flags(struct text *text, unsigned int flags)
{
	static const struct { unsigned int bit; const char *name; } names[] = {
		{ PINPAGE_EVF_GUP, "gup" },
		{ PINPAGE_EVF_WRITE, "write" },
		{ PINPAGE_EVF_LONGTERM, "longterm" },
		{ PINPAGE_EVF_LOCKED, "locked" },
		{ PINPAGE_EVF_MAPPED, "mapped" },
		{ PINPAGE_EVF_SYNC_ALL, "sync" },
		{ PINPAGE_EVF_ERROR, "error" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].bit)
			add(text, " %s", names[i].name);
}

static void add_tokens(struct text *text, const struct pp_verdict *v)
{
	char site[160];
	unsigned int i;

	for (i = 0; i < v->nr_tokens; i++) {
		const struct pp_token_note *t = &v->token[i];

		add(text, "  token    %s",
		    t->kind == PP_TOKEN_PIN ? "pin" : "reference");
		add_flags(text, t->flags);
		if (t->nr > 1)
			add(text, " x%u", t->nr);
		add(text, ", task %u, %llu events ago", t->task,
		    (unsigned long long)(v->pub.step > t->step ?
					 v->pub.step - t->step : 0));
		if (t->addr)
			add(text, ", mm %u at %#lx", t->mm ? t->mm - 1 : 0,
			    t->addr);
		site_text(t->site, site, sizeof(site));
		add(text, "%s%s\n", site[0] ? ", " : "", site);
	}
	if (v->more_tokens)
		add(text, "  token    and %u more\n", v->more_tokens);
}

static void add_event(struct text *text, const struct pp_trail_rec *rec,
		      bool guilty)
{
	char site[160];

	add(text, "  %s #%-6llu task %-3u %-13s", guilty ? "event >>" :
							   "event   ",
	    (unsigned long long)rec->step, rec->task,
	    pinpage_event_name(rec->kind));
	add_flags(text, rec->flags);
	if (rec->nr > 1)
		add(text, " (%u pages%s)", rec->nr,
		    rec->scattered ? ", this may be one" : "");
	site_text(rec->site, site, sizeof(site));
	add(text, "%s%s\n", site[0] ? "  " : "", site);
}

static void add_why(struct text *text, const struct pp_verdict *v)
{
	const char *story = v->pub.rule_switch ?
		pinpage_rules_switch_story(v->pub.rule_switch) : NULL;

	if (v->consequence)
		add(text, "  so far   %s\n", v->consequence);
	if (story)
		add(text, "  rule     %s = %s: %s\n",
		    v->pub.rule_switch, v->switch_value, story);
	if (v->pub.advice[0])
		add(text, "  instead  %s\n", v->pub.advice);
}

/* the lines that are struct pinpage_verdict.detail */
static void add_detail(struct text *text, const struct pp_verdict *v)
{
	unsigned int i;

	if (v->frame[0])
		add(text, "  frame    %s\n", v->frame);
	if (v->pub.file[0])
		add(text, "  file     %s, page %lu\n", v->pub.file,
		    v->pub.index);
	add_tokens(text, v);
	for (i = 0; i < v->nr_events; i++)
		add_event(text, &v->event[i],
			  v->event[i].step == v->pub.step);
	if (v->consequence)
		add(text, "  so far   %s\n", v->consequence);
}

/**
 * pp_verdict_finish() - turn call sites into text, once
 *
 * Context: a deep stack; takes milliseconds. Locking: the verdicts' finish
 *          lock held.
 */
void pp_verdict_finish(struct pp_verdict *v)
{
	struct text text = {
		.buf = v->pub.detail, .size = sizeof(v->pub.detail),
	};
	int i;

	if (v->finished)
		return;
	for (i = 0; i < PINPAGE_VERDICT_SITES; i++)
		site_text(v->pub.site[i], v->pub.site_text[i],
			  sizeof(v->pub.site_text[i]));
	site_text(v->origin, v->origin_text, sizeof(v->origin_text));
	add_detail(&text, v);
	v->finished = true;
}

static void add_head(struct text *text, const struct pp_verdict *v)
{
	add(text, "pinpage: %s %s: %s",
	    pinpage_severity_name(v->pub.severity), v->pub.rule,
	    v->pub.headline);
	if (READ_ONCE(v->pub.count) > 1)
		add(text, " (%lu times)", READ_ONCE(v->pub.count));
	add(text, "\n  guilty   %s, task %s, event #%llu\n",
	    v->pub.site_text[0][0] ? v->pub.site_text[0] : "no driver's call",
	    v->pub.task, (unsigned long long)v->pub.step);
	if (v->pub.site_text[1][0])
		add(text, "  partner  %s: %s\n", v->pub.site_text[1],
		    v->partner_is ? v->partner_is : "");
	if (v->origin_text[0])
		add(text, "  partner  %s: acquired here\n", v->origin_text);
}

/**
 * pp_verdict_print() - the whole report
 * @v: finished
 *
 * Context: as pp_verdict_finish().
 */
void pp_verdict_print(FILE *out, const struct pp_verdict *v)
{
	char buf[8192];
	struct text text = { .buf = buf, .size = sizeof(buf) };
	unsigned int i;

	add_head(&text, v);
	if (v->frame[0])
		add(&text, "  frame    %s\n", v->frame);
	if (v->pub.file[0])
		add(&text, "  file     %s, page %lu\n", v->pub.file,
		    v->pub.index);
	add_tokens(&text, v);
	for (i = 0; i < v->nr_events; i++)
		add_event(&text, &v->event[i],
			  v->event[i].step == v->pub.step);
	add_why(&text, v);
	fputs(buf, out);
	fflush(out);
}
