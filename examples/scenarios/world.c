// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * world.c - see world.h
 */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define OLD_BYTE	'.'

/* -- the disk -- */

static void memory_disk_done(struct pinpage_dma_job *job)
{
	struct memory_disk *disk = job->priv;

	disk->end_io(disk->cookie, job->result);
}

static int memory_disk_read(struct direct_io_disk *self,
			    struct pinpage_scatterlist *sgl, int nents,
			    loff_t pos, size_t len,
			    void (*end_io)(void *cookie, int result),
			    void *cookie)
{
	struct memory_disk *disk = self->priv;
	size_t from = (size_t)pos;

	memory_disk_exit(disk);
	if (pos < 0 || from > disk->size)
		from = disk->size;
	if (len > disk->size - from)
		len = disk->size - from;
	disk->end_io = end_io;
	disk->cookie = cookie;
	disk->job = (struct pinpage_dma_job){
		.sgl = sgl,
		.nents = (unsigned int)nents,
		.to_memory = true,
		.buf = (void *)(uintptr_t)(disk->bytes + from),
		.len = len,
		.softirq = true,
		.complete = memory_disk_done,
		.priv = disk,
	};
	disk->used = true;
	return pinpage_dma_submit(self->dev, &disk->job);
}

void memory_disk_init(struct memory_disk *disk, struct pinpage_device *dev,
		      const char *bytes, size_t size)
{
	memset(disk, 0, sizeof(*disk));
	disk->disk.dev = dev;
	disk->disk.read = memory_disk_read;
	disk->disk.priv = disk;
	disk->bytes = bytes;
	disk->size = size;
}

void memory_disk_exit(struct memory_disk *disk)
{
	if (disk->used)
		pinpage_dma_wait(&disk->job);
	disk->used = false;
}

/* -- setting up -- */

/* a file of old bytes on a fresh file system, on disk and not in memory */
static int make_file(struct world *w)
{
	static const struct pinpage_bdev_config config = {
		.blocks = 128, .write_cache = true,
	};
	struct pinpage_mount_options options = { .format = true };
	char page[PAGE_SIZE];
	pinpage_loff_t pos = 0;
	int error;

	error = pinpage_bdev_create(&config, &w->bdev);
	if (error)
		return error;
	options.bdev = w->bdev;
	error = pinpage_mount("blkfs", &options, &w->sb);
	if (error)
		return error;
	w->file = pinpage_filp_open(w->sb, "data", O_RDWR | O_CREAT, 0600);
	if ((unsigned long)w->file >= (unsigned long)-4095) {
		error = (int)(long)w->file;
		w->file = NULL;
		return error;
	}
	memset(page, OLD_BYTE, sizeof(page));
	while (pos < (pinpage_loff_t)WORLD_MAPPED) {
		ssize_t n = kernel_write(w->file, page, sizeof(page), &pos);

		if (n != (ssize_t)sizeof(page))
			return n < 0 ? (int)n : -EIO;
	}
	error = pinpage_fsync(w->file, 0);
	pinpage_drop_caches();
	return error;
}

int world_up(struct world *w, const char *device)
{
	long addr;
	int error = make_file(w);

	if (error)
		return error;
	w->mm = pinpage_mm_alloc();
	if (!w->mm)
		return -ENOMEM;
	pinpage_use_mm(w->mm);
	addr = pinpage_mmap(0, WORLD_MAPPED, PROT_READ | PROT_WRITE,
			    MAP_SHARED, w->file, 0);
	pinpage_use_mm(NULL);
	if (addr < 0)
		return (int)addr;
	w->addr = (unsigned long)addr;
	return pinpage_device_create(device, &w->dev);
}

static void leave_mm(struct world *w)
{
	if (w->mm)
		mmput(w->mm);
	w->mm = NULL;
}

void world_down(struct world *w, struct pinpage_run *run)
{
	bool broken = pinpage_run_broken(run);

	pinpage_device_destroy(w->dev);
	leave_mm(w);
	if (w->file)
		pinpage_filp_close(w->file);
	if (w->sb && (broken || w->cut))
		pinpage_umount_lost(w->sb);
	else if (w->sb)
		pinpage_umount(w->sb);
	if (w->bdev)
		pinpage_bdev_destroy(w->bdev);
}

/* -- the others -- */

void world_power_cut(struct world *w)
{
	w->cut = true;
	pinpage_bdev_power_cut(w->bdev);
}

void world_flusher(struct pinpage_run *run, void *state)
{
	struct world *w = state;

	(void)run;
	if (!w->cut)
		pinpage_writeback(w->sb, PINPAGE_WB_SYNC_NONE);
}

void world_syncer(struct pinpage_run *run, void *state)
{
	struct world *w = state;
	int error = w->cut ? 0 : pinpage_fsync(w->file, 0);

	if (error)
		pinpage_run_note(run, "the other process's fsync: %d", error);
}

/* memory is short: every page of the file has its turn */
void world_reclaim(struct pinpage_run *run, void *state)
{
	struct world *w = state;
	struct address_space *mapping = pinpage_file_mapping(w->file);
	unsigned long i;

	(void)run;
	for (i = 0; i <= WORLD_PAGES && !w->cut; i++) {
		struct page *page = find_get_page(mapping, i);

		if (!page)
			continue;
		put_page(page);
		pinpage_reclaim_page(page);
	}
}

void world_truncate(struct pinpage_run *run, void *state)
{
	struct world *w = state;
	int error = 0;

	if (!w->cut)
		error = pinpage_ftruncate(w->file, (pinpage_loff_t)WORLD_BYTES);
	if (error)
		pinpage_run_note(run, "ftruncate: %d", error);
}

/* -- what is left -- */

static void compare(struct pinpage_run *run, const char *got, const char *want,
		    size_t len, const char *when)
{
	size_t i;

	for (i = 0; i < len && got[i] == want[i]; i++)
		;
	if (i == len)
		return;
	pinpage_run_blame(run, "writeback_pinned");
	pinpage_run_lost(run, "%s byte %zu of the file is '%c', the device wrote '%c'",
			 when, i, got[i] ? got[i] : '0', want[i]);
}

void world_check_durable(struct world *w, struct pinpage_run *run,
			 const char *want, size_t len)
{
	char got[WORLD_MAPPED];
	ssize_t n;

	pinpage_bdev_power_on(w->bdev);
	n = pinpage_durable_read(w->file, got, len, 0);
	if (n != (ssize_t)len)
		pinpage_run_lost(run, "after the power cut %zd of %zu bytes are there",
				 n, len);
	else
		compare(run, got, want, len, "after the power cut");
}

void world_check(struct world *w, struct pinpage_run *run, const char *want,
		 size_t len)
{
	char got[WORLD_MAPPED];
	ssize_t n;

	leave_mm(w);
	pinpage_drop_caches();
	n = pinpage_pread(w->file, got, len, 0);
	if (n != (ssize_t)len)
		pinpage_run_lost(run, "read() returns %zd of %zu bytes", n, len);
	else
		compare(run, got, want, len, "read() after reclaim:");
	world_power_cut(w);
	world_check_durable(w, run, want, len);
}
