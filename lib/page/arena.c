// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * arena.c - memory for the frames and for their struct page
 *
 * Frames are one memfd, mapped shared, so that a frame can be mapped a second
 * time elsewhere. Both mappings outlive a shutdown: the next machine that
 * fits gets them as they are, so that a boot costs no system call and no page
 * fault. What they hold then is whatever the last machine left; buddy.c says
 * why that does no harm.
 *
 * I1. cached_frames frames are behind pp_arena and pp_mem_map; none if 0.
 * I2. Every struct page is all zero or was scrubbed by pp_page_scrub() or is
 *     part of a free block.
 *
 * Context: boot and shutdown only, one thread.
 */
#include "page/page.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "page/internal.h"

struct page *pp_mem_map;
unsigned long pp_nr_frames;
unsigned char *pp_arena;
int pp_arena_fd = -1;

static unsigned long cached_frames;

static void arena_drop(void)
{
	if (!cached_frames)
		return;
	munmap(pp_arena, cached_frames << PAGE_SHIFT);
	munmap(pp_mem_map, cached_frames * sizeof(struct page));
	close(pp_arena_fd);
	pp_arena = NULL;
	pp_mem_map = NULL;
	pp_arena_fd = -1;
	cached_frames = 0;
}

/* the mappings go with the library, for the sake of leak checkers */
__attribute__((destructor)) static void arena_exit(void)
{
	arena_drop();
}

static void *map_frames(int fd, unsigned long bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_NORESERVE, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

static void *map_pages(unsigned long bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	/* a hint only: look-ups hit struct pages at random */
	madvise(at, bytes, MADV_HUGEPAGE);
	return at;
}

static int arena_make(unsigned long nr_frames)
{
	unsigned long bytes = nr_frames << PAGE_SHIFT;
	unsigned char *arena;
	struct page *pages;
	int fd;

	fd = memfd_create("pinpage-frames", MFD_CLOEXEC);
	if (fd < 0)
		return -ENOMEM;
	if (ftruncate(fd, (off_t)bytes))
		goto out_close;
	arena = map_frames(fd, bytes);
	if (!arena)
		goto out_close;
	pages = map_pages(nr_frames * sizeof(struct page));
	if (!pages)
		goto out_unmap;
	pp_arena = arena;
	pp_mem_map = pages;
	pp_arena_fd = fd;
	cached_frames = nr_frames;
	return 0;

out_unmap:
	munmap(arena, bytes);
out_close:
	close(fd);
	return -ENOMEM;
}

/**
 * pp_arena_boot() - have memory for a number of frames
 * @nr_frames: > 0
 *
 * Context: boot. Locking: none.
 * Return:  0; -ENOMEM, which is also what failure injection gets.
 * Mirrors: mm/sparse-vmemmap.c in purpose.
 */
int pp_arena_boot(unsigned long nr_frames)
{
	if (pp_alloc_should_fail())
		return -ENOMEM;
	if (nr_frames != cached_frames) {
		int err;

		arena_drop();
		err = arena_make(nr_frames);
		if (err)
			return err;
	}
	WRITE_ONCE(pp_nr_frames, nr_frames);
	return 0;
}

/**
 * pp_arena_shutdown() - no frame is valid any more; memory is kept
 *
 * Context: shutdown. Locking: none.
 */
void pp_arena_shutdown(void)
{
	WRITE_ONCE(pp_nr_frames, 0);
}
