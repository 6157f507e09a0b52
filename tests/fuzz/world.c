// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the operations share: a trace, comparisons, choices. */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct world w;

void note(const char *format, ...)
{
	char *line = w.trace[w.nr_ops++ % TRACE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(w.trace[0]), format, args);
	va_end(args);
}

void fail(const char *what, long got, long want)
{
	unsigned int i = w.nr_ops > TRACE ? w.nr_ops - TRACE : 0;

	for (; i < w.nr_ops; i++)
		fprintf(stderr, "  %u %s\n", i, w.trace[i % TRACE]);
	fprintf(stderr, "fuzz: %s: %ld, the oracle says %ld\n", what, got, want);
	abort();
}

void same(const char *what, long got, long want)
{
	if (got != want)
		fail(what, got, want);
}

void shortage_begins(void)
{
	unsigned int nth = w.shortage ? pick(64) : 0;

	if (!nth || nth >= 24)
		return;
	note("  allocation %u fails", nth);
	pinpage_inject_alloc(nth);
}

/* whether it did fail is not told: the call that follows does no harm */
bool shortage_ends(void)
{
	pinpage_inject_alloc(0);
	return w.shortage;
}

void same_bytes(const char *what, const void *got, const void *want, size_t len)
{
	const unsigned char *a = got, *b = want;
	size_t i;

	for (i = 0; i < len; i++)
		if (a[i] != b[i]) {
			note("byte %zu differs", i);
			fail(what, a[i], b[i]);
		}
}

unsigned int byte(void)
{
	return w.at < w.end ? *w.at++ : 0;
}

unsigned int pick(unsigned int n)
{
	return byte() % n;
}

unsigned long address(unsigned int slot)
{
	return BASE + slot * PAGE_SIZE;
}

/* a process that runs; it is current then */
struct oproc *any_proc(void)
{
	unsigned int n = pick(PROCS);

	while (!w.proc[n].mm)
		n = (n + 1) % PROCS;
	pinpage_use_mm(w.proc[n].mm);
	return &w.proc[n];
}

unsigned int proc_id(const struct oproc *p)
{
	return (unsigned int)(p - w.proc);
}

/* FILES: shared anonymous memory, or none */
unsigned int file_id(const struct ofile *of)
{
	unsigned int n = 0;

	while (n < FILES && w.file[n] != of)
		n++;
	return n;
}
