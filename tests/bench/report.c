// SPDX-License-Identifier: LGPL-2.1-or-later
/* The results as a table, as JSON and as a picture; and the targets. */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

static const char *const names[NR_COLUMNS] = {
	[FLOOR] = "floor",
	[SMALL] = "4k",
	[SMALL_CHECKED] = "4k-checked",
	[SMALL_KERNEL] = "4k-kernel",
	[HUGE_PLAIN] = "2m",
	[HUGE_CHECKED] = "2m-checked",
	[HUGE_KERNEL] = "2m-kernel",
};

static void cell(FILE *out, double value, int width, int digits)
{
	if (value < 0)
		fprintf(out, " %*s", width, "-");
	else
		fprintf(out, " %*.*f", width, digits, value);
}

static double ratio(double a, double b)
{
	return a < 0 || b <= 0 ? NOT_MEASURED : a / b;
}

static void print_race(FILE *out, const char *what, const double *ns,
		       const double *floor)
{
	fprintf(out, "  %-30s %6.2f -> %6.2f   floor %6.2f -> %6.2f\n", what,
		ns[0], ns[1], floor[0], floor[1]);
}

static void print_calls(FILE *out, const struct results *r)
{
	fprintf(out, "\ntwo threads, ns a page of the slower one"
		" (alone -> both):\n");
	print_race(out, "disjoint pages, batches of 64", r->disjoint,
		   r->disjoint_floor);
	print_race(out, "the same page", r->same, r->same_floor);
	fprintf(out, "page-cache look-up + get + put   %6.1f ns   floor %6.1f"
		" (65 536 pages at random)\n", r->lookup, r->lookup_floor);
	fprintf(out, "boot + shutdown, 256 frames      %6.1f us\n",
		r->boot / 1000);
}

void print_table(FILE *out, const struct results *r)
{
	size_t i;
	int c;

	fprintf(out, "pin + unpin, ns a 4 KiB page, one thread\n%8s", "pages");
	for (c = 0; c < NR_COLUMNS; c++)
		fprintf(out, " %10s", names[c]);
	fprintf(out, " %9s %9s %9s\n", "4k/floor", "4k/kern", "checked/4k");
	for (i = 0; i < r->nr_batches; i++) {
		const double *ns = r->ns[i];

		fprintf(out, "%8lu", r->batch[i]);
		for (c = 0; c < NR_COLUMNS; c++)
			cell(out, ns[c], 10, 2);
		cell(out, ratio(ns[SMALL], ns[FLOOR]), 9, 2);
		cell(out, ratio(ns[SMALL], ns[SMALL_KERNEL]), 9, 2);
		cell(out, ratio(ns[SMALL_CHECKED], ns[SMALL]), 9, 2);
		fprintf(out, "\n");
	}
	if (r->no_kernel)
		fprintf(out, "kernel columns: %s\n", r->no_kernel);
	print_calls(out, r);
}

/* one line a target: what, measured, limit, verdict; 1 if missed */
static int target(FILE *out, const char *what, double value, double limit)
{
	if (value < 0) {
		fprintf(out, "  %-52s not measured\n", what);
		return 0;
	}
	fprintf(out, "  %-52s %8.2f  limit %6.2f  %s\n", what, value, limit,
		value <= limit ? "met" : "MISSED");
	return value > limit;
}

static double worst(const struct results *r, enum column a, enum column b,
		    unsigned long from)
{
	double max = NOT_MEASURED;
	size_t i;

	for (i = 0; i < r->nr_batches; i++) {
		double x = ratio(r->ns[i][a], r->ns[i][b]);

		if (r->batch[i] >= from && x > max)
			max = x;
	}
	return max;
}

int judge(FILE *out, const struct results *r)
{
	double huge = NOT_MEASURED;
	int missed = 0;
	size_t i;

	for (i = 0; i < r->nr_batches; i++)
		if (r->batch[i] >= HUGE_PAGES && r->ns[i][HUGE_PLAIN] > huge)
			huge = r->ns[i][HUGE_PLAIN];
	fprintf(out, "\ntargets (worst batch):\n");
	missed += target(out, "4 KiB, batches >= 64: ratio to bare atomics",
			 worst(r, SMALL, FLOOR, 64), 1.5);
	missed += target(out, "4 KiB, batches >= 64: ratio to the kernel",
			 worst(r, SMALL, SMALL_KERNEL, 64), 0.6);
	missed += target(out, "one page, ns", r->ns[0][SMALL], 60);
	missed += target(out, "2 MiB folios, whole: ns a 4 KiB page", huge,
			 1.2);
	missed += target(out, "disjoint pages: slowdown of two threads, to floor's",
			 ratio(ratio(r->disjoint[1], r->disjoint[0]),
			       ratio(r->disjoint_floor[1],
				     r->disjoint_floor[0])), 1.1);
	missed += target(out, "page-cache look-up + get + put, ns", r->lookup,
			 40);
	missed += target(out, "4 KiB: checkers on to off",
			 worst(r, SMALL_CHECKED, SMALL, 1), 5);
	missed += target(out, "2 MiB: checkers on to off, batches >= 512",
			 worst(r, HUGE_CHECKED, HUGE_PLAIN, HUGE_PAGES), 5);
	return missed;
}

#ifdef HAVE_JANSSON
static json_t *row_json(const struct results *r, size_t i)
{
	json_t *row = json_pack("{s:I}", "pages", (json_int_t)r->batch[i]);
	int c;

	for (c = 0; c < NR_COLUMNS; c++)
		json_object_set_new(row, names[c], r->ns[i][c] < 0 ?
				    json_null() : json_real(r->ns[i][c]));
	return row;
}

int write_json(const char *path, const struct results *r)
{
	json_t *rows = json_array();
	json_t *all;
	size_t i;
	int error;

	for (i = 0; i < r->nr_batches; i++)
		json_array_append_new(rows, row_json(r, i));
	all = json_pack("{s:s, s:o, s:[f,f], s:[f,f], s:[f,f], s:[f,f],"
			" s:f, s:f, s:f}", "unit", "ns", "pin_unpin", rows,
			"disjoint", r->disjoint[0], r->disjoint[1],
			"disjoint_floor", r->disjoint_floor[0],
			r->disjoint_floor[1], "same", r->same[0], r->same[1],
			"same_floor", r->same_floor[0], r->same_floor[1],
			"lookup", r->lookup, "lookup_floor", r->lookup_floor,
			"boot", r->boot);
	error = all ? json_dump_file(all, path, JSON_INDENT(1)) : -1;
	json_decref(all);
	return error ? -EIO : 0;
}
#else
int write_json(const char *path, const struct results *r)
{
	(void)path;
	(void)r;
	return -EOPNOTSUPP;
}
#endif

static void plot_data(FILE *out, const struct results *r, int c)
{
	size_t i;

	fprintf(out, "$c%d << EOD\n", c);
	for (i = 0; i < r->nr_batches; i++)
		if (r->ns[i][c] >= 0)
			fprintf(out, "%lu %g\n", r->batch[i], r->ns[i][c]);
	fprintf(out, "EOD\n");
}

static bool has_data(const struct results *r, int c)
{
	size_t i;

	for (i = 0; i < r->nr_batches; i++)
		if (r->ns[i][c] >= 0)
			return true;
	return false;
}

/* feeds gnuplot; -ENOENT if there is none */
int write_plot(const char *path, const struct results *r)
{
	FILE *out = popen("gnuplot 2>/dev/null", "w");
	int c;

	if (!out)
		return -errno;
	fprintf(out, "set terminal svg size 900,560\nset output '%s'\n"
		"set logscale xy\nset xlabel 'pages a call'\n"
		"set ylabel 'pin + unpin, ns a 4 KiB page'\nset grid\n"
		"set key outside\n", path);
	for (c = 0; c < NR_COLUMNS; c++)
		if (has_data(r, c))
			plot_data(out, r, c);
	fprintf(out, "plot");
	for (c = 0; c < NR_COLUMNS; c++)
		if (has_data(r, c))
			fprintf(out, "%s $c%d with linespoints title '%s'",
				c ? "," : "", c, names[c]);
	fprintf(out, "\n");
	return pclose(out) ? -ENOENT : 0;
}
