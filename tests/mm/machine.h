/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_MM_MACHINE_H
#define PINPAGE_TESTS_MM_MACHINE_H

/*
 * machine.h - the rooms up to mm, with one process in them
 *
 * down() fails the test if a frame, a table or any memory of the library is
 * left, or if there were warnings that the test did not expect.
 */
#include "mm/internal.h"

#include <fcntl.h>
#include <string.h>

#include "../support.h"

#define RW	(PROT_READ | PROT_WRITE)
#define PRIV	(MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED	(MAP_SHARED | MAP_ANONYMOUS)

extern struct mm_struct *mm;		/* of the process; current->mm */
extern struct super_block *ramfs;	/* mounted by file_of() */

void boot(const char *rules, enum pinpage_engine engine, unsigned long frames);
void boot_rules(const struct pinpage_rules *rules, enum pinpage_engine engine,
		unsigned long frames);
void shutdown_machine(void);
void up(void);			/* "6.1", native, 4096 frames */
void up_zones(const char *rules, unsigned long movable, unsigned long cma,
	      unsigned int nodes);	/* native, 4096 frames */
void up_fiber(void);
void down(void);
void expect_warnings(unsigned long nr);

/* again on each rule set: down(), then up with these */
void reboot(const char *rules);

unsigned long map(unsigned long pages, int prot, int flags);
unsigned long map_file(struct file *file, unsigned long pages, int prot, int flags);
unsigned long anon(unsigned long pages);	/* private, each page written */
unsigned long huge(void);			/* 2 MiB of one folio, written */
unsigned long huge_area(void);			/* 2 MiB for one, untouched */
void put(struct mm_struct *in, unsigned long addr, unsigned char byte);
int get(struct mm_struct *in, unsigned long addr);	/* the byte, or -errno */
struct page *page_of(struct mm_struct *in, unsigned long addr);
unsigned int pte_of(struct mm_struct *in, unsigned long addr);

/* a pin of one small page, as gup takes it, and its end */
struct page *pin(struct mm_struct *in, unsigned long addr);
void unpin(struct page *page);

/*
 * Holds the migration of a page or folio open: its entries are there, its lock
 * is held. What the same task then calls takes mmap_lock in the wrong order: one
 * warning each.
 */
struct anon_vma *open_migration(struct page *head);
void close_migration(struct page *head, struct anon_vma *av);

struct file *ram_file(unsigned long pages);	/* page n is full of byte n + 1 */
struct file *blk_file(unsigned long pages);	/* the same, durable */
void close_files(void);

struct listener {
	struct pinpage_subscriber sub;
	unsigned long nr, mine;		/* all; those of @task */
	struct task_struct *task;
	struct pinpage_event last;
};
void listen_to(struct listener *ear, enum pinpage_event_kind kind);

/* one case, one test, a machine of its own */
void on(Suite *suite, const TTest *fn, SFun start);
void on_until(Suite *suite, const TTest *fn, SFun start, SFun stop);

#endif
