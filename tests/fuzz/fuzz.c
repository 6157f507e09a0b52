// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz.c - the same operations on the machine and on the oracle
 *
 * Only what is promised is compared: bytes that the process, a file or the
 * holder of a pin reads, and what storage has after fsync. A reference that is
 * no pin promises nothing about whose page it is, so nothing is asked of it.
 */
#include "fuzz.h"
#include "world.h"

#include <fcntl.h>
#include <string.h>

static void (*const ops[])(void) = {
	op_mmap, op_munmap, op_mprotect, op_mremap, op_dontneed, op_pressure, op_fork, op_exit,
	op_store, op_store, op_store, op_load, op_load, op_pin, op_pin, op_pin, op_get, op_unpin,
	op_unpin, op_device, op_device, op_device, op_pwrite, op_pread, op_truncate, op_punch,
	op_fsync, op_writeback, op_pressure, op_manage, op_manage, op_manage, op_manage, op_free,
};

/* the machine */

static void start_machine(const struct fuzz_setup *setup)
{
	struct pinpage_rules rules;
	const struct pinpage_config config = {
		.rules = &rules,
		.engine = setup->fiber ? PINPAGE_ENGINE_FIBER : PINPAGE_ENGINE_NATIVE,
		.memory_pages = 4096, .movable_pages = 1024, .nodes = 2,
		.mode = PINPAGE_CHECK_COLLECT,
	};
	const struct pinpage_swap_options swap = { .pages = 256 };
	const struct pinpage_bdev_config disk = { .blocks = 256, .write_cache = true };
	struct pinpage_mount_options options = { .format = true };
	static const char *const names[FILES] = { "a", "b", "c" };
	unsigned int i;

	memset(&w, 0, sizeof(w));
	same("rules", pinpage_rules_parse(&rules, setup->rules), 0);
	same("boot", pinpage_boot(&config), 0);
	same("swapon", pinpage_swapon(&swap), 0);
	same("disk", pinpage_bdev_create(&disk, &w.bdev), 0);
	options.bdev = w.bdev;
	same("mount", pinpage_mount("blkfs", &options, &w.blkfs), 0);
	same("mount", pinpage_mount("ramfs", NULL, &w.ramfs), 0);
	same("device", pinpage_device_create("nic", &w.dev), 0);
	for (i = 0; i < FILES; i++)
		w.file[i] = ofile_new(pinpage_filp_open(i < 2 ? w.blkfs : w.ramfs, names[i],
							O_RDWR | O_CREAT, 0600), i < 2, 0);
	w.proc[0].mm = pinpage_mm_alloc();
}

/* the slots begin in one huge page: what follows cuts it up */
static void start_huge(void)
{
	unsigned int i;

	note("huge at first");
	w.huge = true;
	pinpage_use_mm(w.proc[0].mm);
	same("mmap", pinpage_mmap(BASE, HUGE, PROT_READ | PROT_WRITE,
				  MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0), (long)BASE);
	same("madvise", pinpage_madvise(BASE, HUGE, MADV_HUGEPAGE), 0);
	for (i = 0; i < SLOTS; i++)
		w.proc[0].slot[i] = (struct oslot){ .mapped = true,
						    .prot = PROT_READ | PROT_WRITE };
}

static void stop_machine(void)
{
	unsigned int i, slot;

	for (i = 0; i < PROCS; i++)
		for (slot = 0; w.proc[i].mm && slot < SLOTS; slot++)
			check_slot(&w.proc[i], slot);
	for (i = 0; i < HOLDS; i++)
		if (w.hold[i].page)
			release(&w.hold[i]);
	for (i = 0; i < PROCS; i++)
		if (w.proc[i].mm)
			end_proc(&w.proc[i]);
	for (i = 0; i < FILES; i++) {
		if (w.file[i]->durable) {
			same("fsync", pinpage_fsync(w.file[i]->file, 0), 0);
			check_durable(w.file[i]);
			pinpage_drop_caches();
		}
		check_file(w.file[i]);
		pinpage_filp_close(w.file[i]->file);
		ofile_put(w.file[i]);
	}
	pinpage_device_destroy(w.dev);
	same("umount", pinpage_umount(w.blkfs), 0);
	same("umount", pinpage_umount(w.ramfs), 0);
	same("destroy", pinpage_bdev_destroy(w.bdev), 0);
	same("frames left", pinpage_shutdown(), 0);
	if (pinpage_check_worst() > PINPAGE_HAZARD) {
		pinpage_check_print(stderr, pinpage_check_first());
		fail("worst verdict", pinpage_check_worst(), PINPAGE_HAZARD);
	}
}

void fuzz_one(const struct fuzz_setup *setup, const uint8_t *data, size_t size)
{
	unsigned long warnings = 0;

	start_machine(setup);
	w.at = data;
	w.end = data + size;
	w.shortage = setup->shortage;
	if (byte() & 1)
		start_huge();
	while (w.at < w.end) {
		ops[pick(sizeof(ops) / sizeof(ops[0]))]();
		if (pinpage_warnings() != warnings)
			note("(warned)");
		warnings = pinpage_warnings();
	}
	stop_machine();
}

