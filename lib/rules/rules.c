// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rules.c - find, change, check and install a rule set
 *
 * I1. *pp_rules does not change between pp_rules_boot() and
 *     pp_rules_shutdown().
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "rules/rules.h"
#include "rules/table.h"

#define WORD_MAX 64	/* longest preset name or assignment in a text, and NUL */

const struct pinpage_rules *pp_rules = &pp_rules_presets[PP_RULES_DEFAULT];

/* the caller's rules may go away after boot: its strings too */
static struct pinpage_rules booted;
static char booted_name[WORD_MAX];
static char booted_title[128];

size_t pinpage_rules_count(void)
{
	return pp_rules_nr_presets;
}

const struct pinpage_rules *pinpage_rules_nth(size_t n)
{
	return n < pp_rules_nr_presets ? &pp_rules_presets[n] : NULL;
}

const struct pinpage_rules *pinpage_rules_find(const char *name)
{
	size_t i;

	for (i = 0; name && i < pp_rules_nr_presets; i++)
		if (!strcmp(pp_rules_presets[i].name, name))
			return &pp_rules_presets[i];
	return NULL;
}

static const struct pp_rules_switch *find_switch(const char *name)
{
	size_t i;

	for (i = 0; name && i < pp_rules_nr_switches; i++)
		if (!strcmp(pp_rules_switches[i].name, name))
			return &pp_rules_switches[i];
	return NULL;
}

/* A switch is a bool (one byte, looked at as such) or an enum. */
static unsigned int get_value(const struct pinpage_rules *rules,
			      const struct pp_rules_switch *sw)
{
	const char *member = (const char *)rules + sw->offset;
	unsigned char flag;
	unsigned int value;

	if (sw->size == sizeof(flag)) {
		memcpy(&flag, member, sizeof(flag));
		return flag;
	}
	memcpy(&value, member, sizeof(value));
	return value;
}

static void set_value(struct pinpage_rules *rules,
		      const struct pp_rules_switch *sw, unsigned int value)
{
	char *member = (char *)rules + sw->offset;
	bool flag = value;

	if (sw->size == sizeof(flag))
		memcpy(member, &flag, sizeof(flag));
	else
		memcpy(member, &value, sizeof(value));
}

BUILD_BUG_ON(sizeof(bool) != 1);
BUILD_BUG_ON(sizeof(enum pinpage_args) != sizeof(unsigned int));

/* Return: the name of value @i of @sw, NULL when there is none. */
static const char *value_name(const struct pp_rules_switch *sw, unsigned int i)
{
	unsigned int n;

	for (n = 0; sw->values[n]; n++)
		if (n == i)
			return sw->values[n];
	return NULL;
}

static bool values_exist(const struct pinpage_rules *rules)
{
	size_t i;

	for (i = 0; i < pp_rules_nr_switches; i++) {
		const struct pp_rules_switch *sw = &pp_rules_switches[i];

		if (!value_name(sw, get_value(rules, sw)))
			return false;
	}
	return true;
}

/* Is there no call without the family, the family's argument rules, ...? */
static bool calls_agree(const struct pinpage_rules *r)
{
	bool unpin = r->release_api == PINPAGE_RELEASE_UNPIN;

	if (r->has_pin_api != unpin)
		return false;
	if (r->has_pin_api == (r->args == PINPAGE_ARGS_NONE))
		return false;
	if (!r->has_pin_api &&
	    (r->pin_tracking != PINPAGE_PIN_NONE || r->has_pin_fast_only ||
	     r->has_pin_unlocked || r->has_range_release ||
	     r->has_folio_release || r->has_folio_add_pin ||
	     r->has_folio_add_pins || r->has_iov_extract))
		return false;
	if (r->has_pin_fast_only && !r->has_fast_only)
		return false;
	if (r->has_put_dirty &&
	    (r->release_api != PINPAGE_RELEASE_PUT_USER || r->put_make_dirty))
		return false;
	return !(r->put_make_dirty &&
		 r->release_api == PINPAGE_RELEASE_PUT_PAGE);
}

/*
 * What rests on something else has it. Left alone: rules that look for pinned
 * pages where no pin is tracked; they find none, and trying that is legitimate.
 */
static bool mechanisms_agree(const struct pinpage_rules *r)
{
	bool exclusive = r->cow_reuse == PINPAGE_COW_EXCLUSIVE;

	if ((r->unshare || r->force_write == PINPAGE_FORCE_EXCLUSIVE) &&
	    !exclusive)
		return false;
	if (r->unshare_longterm && !r->unshare)
		return false;
	if (r->writeback_pinned != PINPAGE_WB_IGNORE &&
	    r->pin_tracking == PINPAGE_PIN_NONE)
		return false;
	return !(r->dirty_duty == PINPAGE_DIRTY_KEPT &&
		 r->writeback_pinned == PINPAGE_WB_IGNORE);
}

int pinpage_rules_check(const struct pinpage_rules *rules)
{
	if (!rules || !rules->name || !rules->title || !rules->version)
		return -EINVAL;
	if (!rules->stage || !strchr("LPBDS", rules->stage))
		return -EINVAL;
	if (!values_exist(rules) || !calls_agree(rules) ||
	    !mechanisms_agree(rules))
		return -EINVAL;
	return 0;
}

/* Set @sw to the value called @name. */
static int set_by_name(struct pinpage_rules *rules,
		       const struct pp_rules_switch *sw, const char *name)
{
	unsigned int i;

	for (i = 0; sw->values[i]; i++) {
		if (!strcmp(sw->values[i], name)) {
			set_value(rules, sw, i);
			return 0;
		}
	}
	return -EINVAL;
}

/*
 * Copy the part of @text up to @end or the NUL. Return: where it ended, NULL
 * when it is empty or longer than a word can be.
 */
static const char *copy_word(char word[WORD_MAX], const char *text, char end)
{
	size_t len = 0;

	while (text[len] && text[len] != end) {
		if (len == WORD_MAX - 1)
			return NULL;
		word[len] = text[len];
		len++;
	}
	word[len] = '\0';
	return len ? text + len : NULL;
}

int pinpage_rules_set(struct pinpage_rules *rules, const char *assignment)
{
	const struct pp_rules_switch *sw;
	char name[WORD_MAX];
	const char *rest;

	if (!rules || !assignment)
		return -EINVAL;
	rest = copy_word(name, assignment, '=');
	if (!rest || *rest != '=')
		return -EINVAL;
	sw = find_switch(name);
	if (!sw)
		return -ENOENT;
	return set_by_name(rules, sw, rest + 1);
}

/* Apply ",name=value,name=value" to @rules. */
static int set_all(struct pinpage_rules *rules, const char *text)
{
	char word[WORD_MAX];
	int err;

	while (*text == ',') {
		text = copy_word(word, text + 1, ',');
		if (!text)
			return -EINVAL;
		err = pinpage_rules_set(rules, word);
		if (err)
			return err;
	}
	return 0;
}

int pinpage_rules_parse(struct pinpage_rules *rules, const char *text)
{
	const struct pinpage_rules *preset;
	struct pinpage_rules result;
	char name[WORD_MAX];
	const char *rest;
	int err;

	if (!rules || !text)
		return -EINVAL;
	rest = copy_word(name, text, ',');
	preset = rest ? pinpage_rules_find(name) : NULL;
	if (!preset)
		return -ENOENT;
	result = *preset;
	err = set_all(&result, rest);
	if (!err)
		err = pinpage_rules_check(&result);
	if (!err)
		*rules = result;
	return err;
}

const char *pinpage_rules_switch_name(size_t n)
{
	return n < pp_rules_nr_switches ? pp_rules_switches[n].name : NULL;
}

const char *pinpage_rules_switch_story(const char *switch_name)
{
	const struct pp_rules_switch *sw = find_switch(switch_name);

	return sw ? sw->story : NULL;
}

const char *pinpage_rules_switch_choice(const char *switch_name, size_t n)
{
	const struct pp_rules_switch *sw = find_switch(switch_name);

	return sw && n < 256 ? value_name(sw, (unsigned int)n) : NULL;
}

int pinpage_rules_switch_value(const struct pinpage_rules *rules,
			       const char *switch_name, char *buf, size_t size)
{
	const struct pp_rules_switch *sw;
	const char *value;

	if (!rules || !switch_name || (!buf && size))
		return -EINVAL;
	sw = find_switch(switch_name);
	if (!sw)
		return -ENOENT;
	value = value_name(sw, get_value(rules, sw));
	if (!value)
		return -EINVAL;
	return snprintf(buf, size, "%s", value);
}

/**
 * pp_rules_boot() - put a rule set in force
 * @rules: copied, its strings too; NULL means the newest released kernel
 *
 * Context: no task runs yet. Locking: none.
 * Return:  0; -EINVAL (see pinpage_rules_check(); the rules in force stay).
 * Mirrors: none.
 */
int pp_rules_boot(const struct pinpage_rules *rules)
{
	if (!rules)
		rules = &pp_rules_presets[PP_RULES_DEFAULT];
	if (pinpage_rules_check(rules))
		return -EINVAL;
	snprintf(booted_name, sizeof(booted_name), "%s", rules->name);
	snprintf(booted_title, sizeof(booted_title), "%s", rules->title);
	booted = *rules;
	booted.name = booted_name;
	booted.title = booted_title;
	pp_rules = &booted;
	return 0;
}

/**
 * pp_rules_shutdown() - back to the rules of before boot
 *
 * Context: no task runs any more. Locking: none.
 * Mirrors: none.
 */
void pp_rules_shutdown(void)
{
	pp_rules = &pp_rules_presets[PP_RULES_DEFAULT];
}
