// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * json.c - all verdicts as one JSON document
 */
#include "check/internal.h"

#ifdef HAVE_JANSSON
#include <jansson.h>

static json_t *hex(const void *site)
{
	return json_sprintf("%#lx", (unsigned long)site);
}

static json_t *sites_of(const struct pinpage_verdict *v)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < PINPAGE_VERDICT_SITES; i++)
		if (v->site[i])
			json_array_append_new(list,
				json_pack("{s:o, s:s}", "address",
					  hex(v->site[i]), "text",
					  v->site_text[i]));
	return list;
}

static const char *probe_name(unsigned int probe)
{
	switch (probe) {
	case PINPAGE_CHECK_LEDGER:
		return "ledger";
	case PINPAGE_CHECK_CLEAN:
		return "clean";
	case PINPAGE_CHECK_FSCON:
		return "fscon";
	default:
		return "model";
	}
}

static json_t *verdict_json(const struct pinpage_verdict *v)
{
	json_t *obj = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:o}",
		"probe", probe_name(v->probe), "rule", v->rule,
		"severity", pinpage_severity_name(v->severity),
		"headline", v->headline, "task", v->task,
		"step", (json_int_t)v->step, "count", (json_int_t)v->count,
		"detail", v->detail, "sites", sites_of(v));

	if (!obj)
		return NULL;
	json_object_set_new(obj, "pfn", json_integer((json_int_t)v->pfn));
	if (v->file[0]) {
		json_object_set_new(obj, "file", json_string(v->file));
		json_object_set_new(obj, "index",
				    json_integer((json_int_t)v->index));
	}
	if (v->rule_switch)
		json_object_set_new(obj, "rule_switch",
				    json_string(v->rule_switch));
	if (v->advice[0])
		json_object_set_new(obj, "advice", json_string(v->advice));
	return obj;
}

int pinpage_check_print_json(FILE *out)
{
	const struct pinpage_verdict *v = pinpage_check_first();
	json_t *list, *doc;
	int ret;

	if (!out)
		return -EINVAL;
	list = json_array();
	for (; v; v = v->next)
		json_array_append_new(list, verdict_json(v));
	doc = json_pack("{s:s, s:o}", "worst",
			pinpage_severity_name(pinpage_check_worst()),
			"verdicts", list);
	if (!doc)
		return -ENOMEM;
	ret = json_dumpf(doc, out, JSON_INDENT(2)) ? -EIO : 0;
	json_decref(doc);
	if (!ret && (fputc('\n', out) == EOF || fflush(out)))
		ret = -EIO;
	return ret;
}
#else
int pinpage_check_print_json(FILE *out)
{
	return out ? -EOPNOTSUPP : -EINVAL;
}
#endif
