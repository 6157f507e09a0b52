/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run.h - how the program that runs on the real kernel does things in the
 * processes of a case
 *
 * Each process has a box in memory that all share. What it is asked to do is a
 * function of this program (static, at the same address everywhere) with numbers
 * and data; process 0, in which the case runs, does its own itself.
 */
#ifndef CONFORMANCE_RUN_H
#define CONFORMANCE_RUN_H

#define CONF_BACKEND
#include "../case.h"

#include <linux/types.h>
#include <sys/types.h>

#include "module/proto.h"

#define MOST_PROCS	16
#define DATA		65536L
#define DEV_FD		100	/* /dev/conf in every process */
#define BOX_FD		101	/* the boxes */

struct op {
	char data[DATA];	/* page aligned: O_DIRECT likes it */
	long (*fn)(struct op *op);
	long a[8];
	long ret;
	struct conf_msg m;
	int state;		/* a futex: BOX_* */
	int pid;
	int parent;		/* box of the process that forked it */
} __attribute__((aligned(4096)));

enum { BOX_IDLE, BOX_ASKED, BOX_DONE, BOX_DEAD };

extern struct op *boxes;
extern int conf_now;		/* current process of the case */

/* In the current process; arguments that are not given are 0. */
long run(long (*fn)(struct op *op), const long *args, int n);
#define RUN(fn, ...)							\
	run(fn, (const long[]){ 0, ##__VA_ARGS__ } + 1,			\
	    sizeof((const long[]){ 0, ##__VA_ARGS__ }) / sizeof(long) - 1)

struct op *box_now(void);	/* of the current process, free to fill in */
void box_start(int proc, long (*fn)(struct op *op));
bool box_wait(int proc);	/* false: it died */
void boxes_open(bool create);
void box_serve(int box) __attribute__((noreturn));
long ret_of(long ret);		/* ret, or -errno for -1 */

/* The module, in the current process */
long ask(enum conf_op op, const long *args, int n, struct conf_msg *out);
#define ASK(op, ...)							\
	ask(op, (const long[]){ 0, ##__VA_ARGS__ } + 1,			\
	    sizeof((const long[]){ 0, ##__VA_ARGS__ }) / sizeof(long) - 1, NULL)
long do_ask(struct op *op);

/* Files under /proc and /sys, in this process. 0 or value, or -errno. */
long write_file(const char *path, const char *text);
long write_number(const char *path, long n);
long read_number(const char *path);

/* conf_*.c: what init does around a case */
void conf_calm(void);		/* knobs back to where cases expect them */

#endif
