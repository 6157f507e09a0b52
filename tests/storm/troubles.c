// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * troubles.c - what memory management does to the users' pages meanwhile
 */
#include "storm.h"

#include <errno.h>

#ifndef MPOL_MF_MOVE
#define MPOL_MF_MOVE 2
#endif

/* a child that looks at a page, writes it and goes */
static int forks(unsigned int nr, uint64_t *seed)
{
	unsigned long page = storm_random(seed) % STORM_PAGES;
	struct mm_struct *child = pinpage_fork_mm(storm.mm);
	uint64_t value = ~0ull;
	int err;

	(void)nr;
	if ((unsigned long)child > -4096UL)
		return (long)child == -ENOMEM ? 0 : (int)(long)child;
	err = pinpage_store(child, storm.anon + page * PAGE_SIZE, &value, sizeof(value));
	pinpage_mmput(child);
	return err == -ENOMEM ? 0 : err;
}

/* areas come and go beside the users' */
static int maps(unsigned int nr, uint64_t *seed)
{
	unsigned long len = (1 + storm_random(seed) % 16) * PAGE_SIZE;
	struct page *page;
	uint64_t value = nr;
	long addr = pinpage_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				 NULL, 0);

	if (addr < 0)
		return addr == -ENOMEM ? 0 : (int)addr;
	pinpage_store(storm.mm, (unsigned long)addr, &value, sizeof(value));
	if (pin_user_pages_fast((unsigned long)addr, 1, FOLL_WRITE, &page) != 1)
		return pinpage_munmap((unsigned long)addr, len);
	pinpage_mprotect((unsigned long)addr, PAGE_SIZE, PROT_READ);
	pinpage_munmap((unsigned long)addr, len);
	unpin_user_page(page);
	return 0;
}

static int syncs(unsigned int nr, uint64_t *seed)
{
	(void)nr;
	if (storm_random(seed) % 4 == 0)
		return pinpage_filemap_flush(pinpage_file_mapping(storm.file));
	return pinpage_fsync(storm.file, 0);
}

static int reclaims(unsigned int nr, uint64_t *seed)
{
	unsigned long page = storm_random(seed) % (STORM_PAGES - 8);
	unsigned long area = storm_random(seed) % 2 ? storm.anon : storm.shared;
	int advice = storm_random(seed) % 4 ? MADV_PAGEOUT : MADV_COLD, err;

	(void)nr;
	if (storm_random(seed) % 8 == 0)
		pinpage_drop_caches();
	if (storm_random(seed) % 8 == 0)
		pinpage_try_to_free_pages(8);
	err = pinpage_madvise(area + page * PAGE_SIZE, 8 * PAGE_SIZE, advice);
	return err;
}

/* a file of its own that grows and shrinks under its own mapping and pins */
static int truncates(unsigned int nr, uint64_t *seed)
{
	const unsigned long nr_pages = 8;
	struct file *file = storm.cut[nr];
	struct page *page;
	uint64_t got = 1;
	long addr;
	int err;

	(void)seed;
	err = pinpage_ftruncate(file, (pinpage_loff_t)(nr_pages * PAGE_SIZE));
	if (err)
		return err;
	addr = pinpage_mmap(0, nr_pages * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (addr < 0)
		return addr == -ENOMEM ? 0 : (int)addr;
	if (pin_user_pages_fast((unsigned long)addr + 3 * PAGE_SIZE, 1, FOLL_WRITE, &page) != 1)
		return pinpage_munmap((unsigned long)addr, nr_pages * PAGE_SIZE);
	pinpage_store(storm.mm, (unsigned long)addr + 3 * PAGE_SIZE, &got, sizeof(got));
	err = pinpage_ftruncate(file, (pinpage_loff_t)PAGE_SIZE);
	unpin_user_pages_dirty_lock(&page, 1, true);
	if (!err)
		err = pinpage_ftruncate(file, (pinpage_loff_t)(nr_pages * PAGE_SIZE));
	if (!err)
		err = pinpage_load(storm.mm, (unsigned long)addr + 3 * PAGE_SIZE, &got,
				   sizeof(got));
	if (!err && got)
		err = storm_lost("regrown file", 3, got, 0);
	pinpage_munmap((unsigned long)addr, nr_pages * PAGE_SIZE);
	return err;
}

/* frames change under the users: moved, unmapped for a hint, compacted */
static int moves(unsigned int nr, uint64_t *seed)
{
	unsigned long addr = storm.anon + storm_random(seed) % STORM_PAGES * PAGE_SIZE;
	int node = (int)(storm_random(seed) % 2), status;

	(void)nr;
	if (storm_random(seed) % 2)
		addr += storm.shared - storm.anon;
	(void)pinpage_move_pages(storm.mm, 1, &addr, &node, &status, MPOL_MF_MOVE);
	if (storm_random(seed) % 16 == 0)
		(void)pinpage_change_prot_numa(storm.mm, storm.anon, storm.anon + STORM_HUGE);
	if (storm_random(seed) % 256 == 0)
		(void)pinpage_compact_memory();
	return 0;
}

/* pages become one by their contents or by their addresses, and part again */
static int merges(unsigned int nr, uint64_t *seed)
{
	unsigned long addr = storm.anon + storm_random(seed) % STORM_PAGES * PAGE_SIZE;
	struct page *page;

	(void)nr;
	switch (storm_random(seed) % 4) {
	case 0:
		(void)pinpage_ksm_scan(100);
		break;
	case 1:
		(void)pinpage_khugepaged_scan(storm.mm);
		break;
	case 2:
		(void)pinpage_clear_refs(storm.mm, 4);
		break;
	default:
		/* a folio that somebody else has, too, is not split, that is all */
		if (get_user_pages_fast(addr, 1, 0, &page) != 1)
			break;
		if (pinpage_PageCompound(page) && pinpage_trylock_page(page)) {
			(void)pinpage_split_huge_page(page);
			pinpage_unlock_page(page);
		}
		put_page(page);
	}
	return 0;
}

const struct storm_actor storm_troubles[] = {
	{ "fork", forks, 1 },
	{ "mmap", maps, 2 },
	{ "fsync", syncs, 1 },
	{ "reclaim", reclaims, 1 },
	{ "move", moves, 1 },
	{ "merge", merges, 1 },
	{ "truncate", truncates, STORM_CUTTERS },
	{ NULL, NULL, 0 },
};
