/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_GUP_MACHINE_H
#define PINPAGE_TESTS_GUP_MACHINE_H

/*
 * machine.h - a small machine with one process in it
 *
 * up("6.1") boots it under a rule set, down() takes it apart and fails the
 * test if a frame is still held.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <pinpage/pinpage.h>

#include "../support.h"

#define DEFAULT_RULES "6.1"

extern struct mm_struct *mm;	/* of the process; current->mm */

void up(const char *rules);
void up_zones(const char *rules, unsigned long pages, unsigned long movable);
void down(void);
void fixture_up(void);		/* up(DEFAULT_RULES) */

/* @n pages of private anonymous memory, written if @touched */
unsigned long anon(unsigned long n, bool touched);
unsigned long map(unsigned long n, int prot, int flags);
void put_byte(unsigned long addr, unsigned char byte);
unsigned char get_byte(unsigned long addr);
int count_at(unsigned long addr);		/* refcount of the page mapped there */
struct page *page_at(unsigned long addr);

/* acquired and released since the last call of stats_mark() */
void stats_mark(void);
long acquired(void);
long released(void);

#define assert_delta(page, base, delta)					\
	ck_assert_int_eq(page_count(page) - (base), (delta))

#endif
