// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench: what a pin costs, beside the bare atomics and the kernel
 *
 * bench [--quick] [--json=FILE] [--plot=FILE.svg]
 *
 * Exit status: 1 if a target of doc/design.md is missed, 2 for bad arguments.
 */
#include "bench.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#define PASSES 5

struct options {
	bool quick;
	const char *json;
	const char *plot;
};

static const struct argp_option option_list[] = {
	{ "quick", 'q', NULL, 0, "One pass, batches up to 2048 pages", 0 },
	{ "json", 'j', "FILE", 0, "Write the results as JSON, too", 0 },
	{ "plot", 'p', "FILE", 0, "Write a picture (SVG, by gnuplot)", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'q':
		options->quick = true;
		return 0;
	case 'j':
		options->json = arg;
		return 0;
	case 'p':
		options->plot = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void prepare(struct results *r, bool quick)
{
	static const unsigned long batches[] = {
		1, 4, 16, 64, 256, 512, 2048, 8192, 32768, 131072, 262144,
	};
	size_t nr = sizeof(batches) / sizeof(*batches);
	size_t i;
	int c;

	memset(r, 0, sizeof(*r));
	r->nr_batches = quick ? 7 : nr;
	memcpy(r->batch, batches, sizeof(batches));
	for (i = 0; i < nr; i++)
		for (c = 0; c < NR_COLUMNS; c++)
			r->ns[i][c] = NOT_MEASURED;
	for (c = 0; c < 2; c++)
		r->disjoint[c] = r->same[c] = r->disjoint_floor[c] =
			r->same_floor[c] = NOT_MEASURED;
	r->lookup = r->lookup_floor = r->boot = NOT_MEASURED;
}

static void measure(struct results *r)
{
	measure_floor(r);
	measure_pins(r, false);
	measure_pins(r, true);
	measure_kernel(r);
	measure_threads(r);
	measure_lookup(r);
	measure_boot(r);
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		option_list, parse, NULL,
		"Measure what a pin costs, beside bare atomics and the kernel",
		NULL, NULL, NULL
	};
	struct options options = { 0 };
	static struct results r;
	int missed, pass;

	if (argp_parse(&argp, argc, argv, 0, NULL, &options))
		return 2;
	prepare(&r, options.quick);
	for (pass = options.quick ? PASSES - 1 : 0; pass < PASSES; pass++)
		measure(&r);
	print_table(stdout, &r);
	missed = judge(stdout, &r);
	if (options.json && write_json(options.json, &r))
		fprintf(stderr, "bench: no JSON written\n");
	if (options.plot && write_plot(options.plot, &r))
		fprintf(stderr, "bench: no picture: gnuplot is missing?\n");
	return missed ? 1 : 0;
}
