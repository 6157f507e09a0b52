// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * golden.c - recorded lines and the list of deviations
 */
#include "golden.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES	512

struct golden {
	char *line[MAX_LINES];
	size_t nr;
};

static FILE *open_file(const char *name, const char *mode)
{
	const char *dir = getenv("CONF_GOLDEN");
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : CONFORMANCE_DIR, name);
	return fopen(path, mode);
}

static void read_lines(struct golden *g, FILE *f)
{
	char line[8192];

	while (g->nr < MAX_LINES && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] && line[0] != '#')
			g->line[g->nr++] = strdup(line);
	}
	fclose(f);
}

static struct golden *read_file(const char *name)
{
	struct golden *g = calloc(1, sizeof(*g));
	FILE *f = open_file(name, "r");

	if (f && g)
		read_lines(g, f);
	return g;
}

static void name_of(char name[256], const char *side, const char *rules)
{
	snprintf(name, 256, "golden/%s-%s.txt", side, rules);
}

struct golden *golden_read(const char *side, const char *rules)
{
	char name[256];

	name_of(name, side, rules);
	return read_file(name);
}

const char *golden_line(const struct golden *g, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < g->nr; i++)
		if (!strncmp(g->line[i], name, len) &&
		    (!g->line[i][len] || g->line[i][len] == ' '))
			return g->line[i];
	return NULL;
}

void golden_free(struct golden *g)
{
	while (g->nr)
		free(g->line[--g->nr]);
	free(g);
}

FILE *golden_create(const char *side, const char *rules)
{
	char name[256];
	FILE *f;

	name_of(name, side, rules);
	f = open_file(name, "w");
	if (!f) {
		perror(name);
		exit(2);
	}
	return f;
}

/* The value of a key in a line, "" for a word without "="; NULL: not there. */
static const char *value_of(const char *line, const char *key, size_t len,
			    size_t *n)
{
	const char *at = strchr(line, ' ');

	for (; at; at = strchr(at, ' ')) {
		at++;
		if (strncmp(at, key, len) || !strchr("= ", at[len]))
			continue;
		at += len + (at[len] == '=');
		*n = strcspn(at, " ");
		return at;
	}
	return NULL;
}

static bool same_value(const char *a, const char *b, const char *key, size_t len)
{
	size_t n = 0, m = 0;
	const char *x = value_of(a, key, len, &n), *y = value_of(b, key, len, &m);

	return x && y && n == m && !strncmp(x, y, n);
}

/* Is "RULES NAME KEY reason" in deviations.txt? */
static bool listed(const char *rules, const char *name, const char *key,
		   size_t len)
{
	static struct golden *list;
	char r[64], c[64], k[64];
	size_t i;

	if (!list)
		list = read_file("deviations.txt");
	for (i = 0; i < list->nr; i++)
		if (sscanf(list->line[i], "%63s %63s %63s", r, c, k) == 3 &&
		    (!strcmp(r, rules) || !strcmp(r, "*")) &&
		    !strcmp(c, name) && strlen(k) == len &&
		    !strncmp(k, key, len))
			return true;
	return false;
}

/* The keys of @a: those that differ in @b and are not listed, and the others. */
static int differing(const char *rules, const char *name, const char *a,
		     const char *b)
{
	const char *key = strchr(a, ' ');
	int wrong = 0;
	size_t len;

	for (; key; key = strchr(key, ' ')) {
		key++;
		len = strcspn(key, "= ");
		if (same_value(a, b, key, len) == listed(rules, name, key, len))
			wrong++;
	}
	return wrong;
}

int golden_differs(const char *rules, const char *name, const char *a,
		   const char *b)
{
	return differing(rules, name, a, b) + differing(rules, name, b, a);
}
