/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_FUZZ_WORLD_H
#define PINPAGE_TESTS_FUZZ_WORLD_H

/*
 * world.h - the machine and the oracle of one input, and what the operations
 * on them share
 */
#include "oracle.h"

#define HUGE (512 * PAGE_SIZE)
#define TRACE 800		/* operations that a failure tells */

struct world {
	const uint8_t *at, *end;
	bool huge;		/* untouched memory may be part of a huge page */
	bool shortage;		/* allocations may fail */
	struct pinpage_bdev *bdev;
	struct super_block *blkfs, *ramfs;
	struct pinpage_device *dev;
	struct ofile *file[FILES];
	struct oproc proc[PROCS];
	struct ohold hold[HOLDS];
	char trace[TRACE][96];
	unsigned int nr_ops;
};
extern struct world w;


/* world.c: telling, comparing, choosing */
__attribute__((format(printf, 1, 2))) void note(const char *format, ...);
__attribute__((noreturn)) void fail(const char *what, long got, long want);
void same(const char *what, long got, long want);
/*
 * Between the two an allocation may fail, if the input says so; true: it was to.
 * What is promised then: no byte is lost, nothing leaks, and the call works
 * once there is memory.
 */
void shortage_begins(void);
bool shortage_ends(void);
/* same() of a call that can be made again after a shortage */
#define same_call(what, call, want)					\
	do {								\
		long want_ = (want), got_;				\
									\
		shortage_begins();					\
		got_ = (call);						\
		if (shortage_ends() && got_ != want_)			\
			got_ = (call);					\
		same(what, got_, want_);				\
	} while (0)
void same_bytes(const char *what, const void *got, const void *want, size_t len);
unsigned int byte(void);		/* of the input; 0 behind its end */
unsigned int pick(unsigned int n);
unsigned long address(unsigned int slot);
struct oproc *any_proc(void);
unsigned int proc_id(const struct oproc *p);
unsigned int file_id(const struct ofile *of);

/* areas.c, pins.c, files.c: an operation reads its arguments from the input */
void op_mmap(void);
void op_munmap(void);
void op_mprotect(void);
void op_mremap(void);
void op_dontneed(void);
void op_pressure(void);
void op_manage(void);
void op_free(void);
void op_fork(void);
void op_exit(void);
void op_store(void);
void op_load(void);
void learn(struct oproc *p, struct oslot *s);
void end_proc(struct oproc *p);
void check_slot(struct oproc *p, unsigned int slot);

void op_pin(void);
void op_get(void);
void op_unpin(void);
void op_device(void);
void release(struct ohold *hold);

void op_pwrite(void);
void op_pread(void);
void op_truncate(void);
void op_punch(void);
void op_fsync(void);
void op_writeback(void);
void check_file(struct ofile *of);
void check_durable(struct ofile *of);

#endif
