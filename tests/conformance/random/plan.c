// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * plan.c - the steps that a seed makes
 *
 * A theme is a set of weights: how often each operation comes, and each kind of
 * memory. Everything that a step decides is drawn here, so that steps can be left
 * out without changing the others.
 */
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct theme {
	const char *name;
	unsigned int needs;
	unsigned char kind[K_KINDS];
	unsigned char op[R_OPS];
};

#define COMMON								\
	[R_LOAD] = 6, [R_STORE] = 8, [R_ACQUIRE] = 14, [R_RELEASE] = 8,	\
	[R_DGET] = 3, [R_DPUT] = 5

static const struct theme themes[] = {
	{
		.name = "cow",
		.kind = { [K_ANON] = 6, [K_SHARED] = 1, [K_MEMFD_PRIVATE] = 2,
			  [K_FILE_PRIVATE] = 2 },
		.op = { COMMON, [R_FORK] = 8, [R_EXIT] = 3, [R_PROTECT] = 2,
			[R_ADVISE] = 3, [R_CLEAR_REFS] = 1, [R_REFS] = 2,
			[R_VM_WRITE] = 2, [R_MEM_WRITE] = 2, [R_MEM_READ] = 1,
			[R_POPULATE] = 1, [R_SET_DIRTY] = 1, [R_REMAP] = 1 },
	}, {
		.name = "file",
		.kind = { [K_MEMFD] = 3, [K_MEMFD_PRIVATE] = 1, [K_FILE] = 6,
			  [K_FILE_PRIVATE] = 2, [K_COLD] = 2, [K_HOLE] = 2 },
		.op = { COMMON, [R_FREAD] = 3, [R_FWRITE] = 4,
			[R_TRUNCATE] = 3, [R_FALLOCATE] = 2, [R_FSYNC] = 5,
			[R_SYNC_RANGE] = 2, [R_FORGET] = 2, [R_DROP] = 2,
			[R_DIO_READ] = 2, [R_DIO_WRITE] = 2, [R_USER_READ] = 1,
			[R_USER_WRITE] = 1, [R_MSYNC] = 2, [R_SET_DIRTY] = 2,
			[R_CLEAR_DIRTY] = 1, [R_MKCLEAN] = 1, [R_FORK] = 1,
			[R_ADVISE] = 2, [R_PAGEOUT] = 2, [R_PROTECT] = 1,
			[R_UNMAP] = 1, [R_SEAL] = 1 },
	}, {
		.name = "thp",
		.needs = NEED_THP,
		.kind = { [K_THP] = 9, [K_ANON] = 1 },
		.op = { COMMON, [R_FORK] = 4, [R_EXIT] = 1, [R_PROTECT] = 3,
			[R_ADVISE] = 5, [R_REMAP] = 2, [R_UNMAP] = 2,
			[R_COLLAPSE] = 2, [R_REFS] = 1, [R_MEM_WRITE] = 1,
			[R_LOCK] = 1, [R_POPULATE] = 1, [R_CLEAR_REFS] = 1 },
	}, {
		.name = "tlb",
		.needs = NEED_HUGETLB,
		.kind = { [K_HUGETLB] = 4, [K_HUGETLB_SHARED] = 4, [K_ANON] = 1 },
		.op = { COMMON, [R_FORK] = 4, [R_EXIT] = 2, [R_PROTECT] = 3,
			[R_ADVISE] = 3, [R_UNMAP] = 2, [R_REFS] = 1,
			[R_MEM_WRITE] = 1, [R_TRUNCATE] = 2, [R_FALLOCATE] = 1,
			[R_FREAD] = 1, [R_LOCK] = 1, [R_POPULATE] = 1 },
	}, {
		.name = "swap",
		.needs = NEED_SWAP,
		.kind = { [K_ANON] = 8, [K_SHARED] = 1, [K_MEMFD_PRIVATE] = 1 },
		.op = { COMMON, [R_PAGEOUT] = 12, [R_FORK] = 4, [R_EXIT] = 2,
			[R_ADVISE] = 2, [R_PROTECT] = 1, [R_UNMAP] = 1,
			[R_REMAP] = 1, [R_REFS] = 1, [R_CLEAR_REFS] = 1,
			[R_PAGEMAP] = 1, [R_LOCK] = 1, [R_UNLOCK] = 1,
			[R_MEM_WRITE] = 1, [R_SET_DIRTY] = 1 },
	}, {
		.name = "prot",
		.kind = { [K_ANON] = 4, [K_SHARED] = 2, [K_MEMFD] = 2,
			  [K_FILE] = 2, [K_FILE_PRIVATE] = 1 },
		.op = { COMMON, [R_PROTECT] = 8, [R_REMAP] = 5, [R_UNMAP] = 3,
			[R_OVERMAP] = 3, [R_ADVISE] = 5, [R_LOCK] = 2,
			[R_UNLOCK] = 2, [R_MEM_READ] = 2, [R_MEM_WRITE] = 3,
			[R_VM_READ] = 1, [R_VM_WRITE] = 1, [R_POPULATE] = 2,
			[R_FORK] = 2, [R_PAGEMAP] = 1, [R_MSYNC] = 1 },
	}, {
		.name = "args",
		.kind = { [K_ANON] = 4, [K_SHARED] = 1, [K_MEMFD] = 2,
			  [K_FILE] = 2, [K_FILE_PRIVATE] = 1 },
		.op = { COMMON, [R_ODD_ACQUIRE] = 40, [R_PROTECT] = 4,
			[R_UNMAP] = 1, [R_FORK] = 1, [R_ADVISE] = 1,
			[R_POPULATE] = 3 },
	}, {
		.name = "note",
		.needs = NEED_THP,
		.kind = { [K_ANON] = 4, [K_SHARED] = 1, [K_MEMFD] = 1,
			  [K_FILE] = 3, [K_FILE_PRIVATE] = 1, [K_THP] = 2 },
		.op = { COMMON, [R_NOTIFY] = 8, [R_FORK] = 3, [R_EXIT] = 1,
			[R_PROTECT] = 4, [R_ADVISE] = 5, [R_REMAP] = 3,
			[R_UNMAP] = 2, [R_OVERMAP] = 1, [R_TRUNCATE] = 2,
			[R_FALLOCATE] = 1, [R_FSYNC] = 2, [R_CLEAR_REFS] = 2,
			[R_MEM_WRITE] = 2, [R_PAGEOUT] = 2, [R_COLLAPSE] = 1,
			[R_MKCLEAN] = 1 },
	}, {
		.name = "mix",
		.needs = NEED_THP,
		.kind = { [K_ANON] = 4, [K_SHARED] = 2, [K_MEMFD] = 2,
			  [K_MEMFD_PRIVATE] = 1, [K_FILE] = 4,
			  [K_FILE_PRIVATE] = 2, [K_COLD] = 1, [K_HOLE] = 1,
			  [K_THP] = 2 },
		.op = { COMMON, [R_FORK] = 3, [R_EXIT] = 1, [R_PROTECT] = 2,
			[R_ADVISE] = 4, [R_PAGEOUT] = 2, [R_REMAP] = 2,
			[R_UNMAP] = 1, [R_OVERMAP] = 1, [R_LOCK] = 1,
			[R_UNLOCK] = 1, [R_MSYNC] = 1, [R_CLEAR_REFS] = 1,
			[R_PAGEMAP] = 1, [R_VM_READ] = 1, [R_VM_WRITE] = 1,
			[R_MEM_READ] = 1, [R_MEM_WRITE] = 1, [R_POPULATE] = 1,
			[R_ODD_ACQUIRE] = 2, [R_FREAD] = 1, [R_FWRITE] = 2,
			[R_TRUNCATE] = 2, [R_FALLOCATE] = 1, [R_FSYNC] = 2,
			[R_SYNC_RANGE] = 1, [R_FORGET] = 1, [R_DROP] = 1,
			[R_DIO_READ] = 1, [R_DIO_WRITE] = 1,
			[R_USER_READ] = 1, [R_USER_WRITE] = 1, [R_REFS] = 1,
			[R_SET_DIRTY] = 1, [R_COLLAPSE] = 1 },
	},
};

static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static int weighted(const unsigned char *weight, int n, uint32_t r)
{
	unsigned int sum = 0;
	int i;

	for (i = 0; i < n; i++)
		sum += weight[i];
	r %= sum;
	for (i = 0; r >= weight[i]; i++)
		r -= weight[i];
	return i;
}

static const struct theme *theme_of(const char *name)
{
	const char *end = strchr(name, '_');
	size_t i;

	if (name[0] != 'R' || !end)
		return NULL;
	for (i = 0; i < sizeof(themes) / sizeof(themes[0]); i++)
		if (strlen(themes[i].name) == (size_t)(end - name - 1) &&
		    !strncmp(themes[i].name, name + 1, (size_t)(end - name - 1)))
			return &themes[i];
	return NULL;
}

enum rnd_kind rnd_area_kind(const char *name, uint32_t r)
{
	return (enum rnd_kind)weighted(theme_of(name)->kind, K_KINDS, r);
}

static void draw(struct rnd_step *s, enum rnd_op op, uint64_t *state)
{
	size_t i;

	s->op = op;
	for (i = 0; i < sizeof(s->r) / sizeof(s->r[0]); i++)
		s->r[i] = (uint32_t)(next(state) >> 32);
}

bool rnd_plan(const char *name, struct rnd_plan *plan, uint64_t *mask)
{
	const struct theme *theme = theme_of(name);
	uint64_t state, areas;
	char *end;
	int i;

	if (!theme)
		return false;
	state = strtoul(strchr(name, '_') + 1, &end, 10) * 1000003 +
		(uint64_t)(theme - themes);
	*mask = *end == '_' ? strtoull(end + 1, &end, 16) : ~0ULL;
	if (*end)
		return false;
	plan->needs = theme->needs;
	areas = 1 + next(&state) % MOST_AREAS * (next(&state) % 3 != 0);
	plan->n = (int)(areas + 5 + next(&state) % 20);
	for (i = 0; i < plan->n; i++)
		draw(&plan->step[i], i < (int)areas ? R_MAP : (enum rnd_op)
		     weighted(theme->op, R_OPS, (uint32_t)(next(&state) >> 32)),
		     &state);
	return true;
}
