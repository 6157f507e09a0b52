/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_EXEC_STACK_H
#define PP_EXEC_STACK_H

/*
 * exec/stack.h - stacks of fibers and the jump between them
 *
 * A stack is made once and then runs one fiber after the other; a jump saves
 * and restores three words. Sanitizers and Valgrind are told.
 */
#include "base/compiler.h"

struct pp_stack {
	void *env[5];		/* where it goes on */
	void *base[5];		/* where a new fiber begins */
	struct pp_stack *next;	/* in the pool */
	char *bottom;		/* of its memory, above the guard page */
	size_t size;
	void *tsan;		/* TSan's fiber */
	void *fake;		/* ASan's fake stack while it is away */
	unsigned int valgrind;
	bool stale;		/* its last fiber was abandoned half-way */
};

struct pp_stack *pp_stack_get(void (*run)(void));
void pp_stack_put(struct pp_stack *stack, bool stale);
void pp_stack_thread(struct pp_stack *stack);
void pp_stack_switch(struct pp_stack *from, struct pp_stack *to, bool ends);

#endif
