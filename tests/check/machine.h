/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_CHECK_MACHINE_H
#define PINPAGE_TESTS_CHECK_MACHINE_H

/*
 * machine.h - a machine with a process, a file on blkfs and a device, whose
 * checkers collect what they find
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* before the public headers: tests look inside, too */
#include "check/internal.h"

#include <pinpage/pinpage.h>

#include "tests/support.h"

#define FILE_PAGES 4

extern struct mm_struct *mm;
extern struct file *file;		/* FILE_PAGES pages of 'a' */
extern unsigned long addr;		/* the file, mapped shared and writable */

void up_plain(const char *rules, enum pinpage_engine engine);
void up(const char *rules);		/* with file, mapping and device */
void up_cached(const char *rules);	/* the disk has a volatile write cache */
void power_cut(void);
void down_lost(void);		/* after a power cut */
void down(void);
void down_leaving(long frames);		/* so many frames are still held */

unsigned long anon(unsigned long n);	/* touched private memory */
struct page *pin_at(unsigned long at);	/* one page, for writing */
struct page *get_at(unsigned long at);
void device_store(struct page *page, unsigned char byte);
void cpu_store(unsigned long at, unsigned char byte);
unsigned char file_byte(unsigned long index);	/* as read() sees it */
void sync_file(void);

void quiet(void);			/* no verdict at all */
const struct pinpage_verdict *expect(const char *rule,
				     enum pinpage_severity severity,
				     size_t total);
/* the call sites lie in these files, if symbols can be had */
void sites_in(const struct pinpage_verdict *verdict, const char *guilty,
	      const char *partner);

#endif
