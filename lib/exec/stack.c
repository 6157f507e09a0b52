// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/stack.c - stacks of fibers and the jump between them
 *
 * makecontext() brings a new stack into its first function, where it marks a
 * base and comes back. Later switches are __builtin_setjmp() and
 * __builtin_longjmp(): no system call, and no library function that would
 * check that the target is further up on the same stack.
 *
 * I1. fiber_base() never returns, so that base[] stays valid for good. A new
 *     fiber starts by a jump to it, whatever the last one left above.
 * I2. Free stacks are kept for the next boot and unmapped at exit.
 */
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "exec/stack.h"

#if defined(__has_include)
# if __has_include(<valgrind/valgrind.h>)
#  include <valgrind/valgrind.h>
# endif
#endif
#ifndef VALGRIND_STACK_REGISTER
# define VALGRIND_STACK_REGISTER(start, end)	0
# define VALGRIND_STACK_DEREGISTER(id)		((void)(id))
#endif

#ifdef PP_ASAN
void __sanitizer_start_switch_fiber(void **fake, const void *bottom,
				    size_t size);
void __sanitizer_finish_switch_fiber(void *fake, const void **bottom_old,
				     size_t *size_old);
void __asan_unpoison_memory_region(const volatile void *addr, size_t size);
#endif
#ifdef PP_TSAN
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned int flags);
void __tsan_destroy_fiber(void *fiber);
void __tsan_switch_to_fiber(void *fiber, unsigned int flags);
#endif

/* frames here are left by jumps, which instrumentation would not survive */
#define pp_jumps __attribute__((noinline, no_sanitize("address"), \
				no_sanitize("thread")))

#define STACK_SIZE	(256 * 1024)

static struct pp_stack *pool;
static void (*run_fiber)(void);
static struct pp_stack *came_from;	/* stack left by the running jump */
static struct pp_stack *being_made;
static struct pp_stack maker;		/* the stack that makes it */

/* about to leave @from, for good if @ends */
static inline void leave(struct pp_stack *from, struct pp_stack *to, bool ends)
{
	came_from = from;
#ifdef PP_ASAN
	__sanitizer_start_switch_fiber(ends ? NULL : &from->fake, to->bottom,
				       to->size);
#endif
#ifdef PP_TSAN
	__tsan_switch_to_fiber(to->tsan, 0);
#endif
	(void)to;
	(void)ends;
}

/* arrived on @self, whose fake stack is @fake */
static inline void arrive(void *fake)
{
#ifdef PP_ASAN
	const void *bottom;
	size_t size;

	__sanitizer_finish_switch_fiber(fake, &bottom, &size);
	came_from->bottom = (char *)(uintptr_t)bottom;
	came_from->size = size;
#endif
	(void)fake;
}

static pp_jumps pp_noreturn void jump(void **env)
{
	__builtin_longjmp(env, 1);
}

static pp_jumps void fiber_base(void)
{
	if (!__builtin_setjmp(being_made->base)) {
#ifdef PP_ASAN
		arrive(NULL);
		__sanitizer_start_switch_fiber(&being_made->fake,
					       maker.bottom, maker.size);
#endif
		jump(maker.env);
	}
	arrive(NULL);
	run_fiber();
	__builtin_trap();
}

/* run fiber_base() on @stack up to its mark */
static pp_jumps void make_base(struct pp_stack *stack)
{
	ucontext_t there;

	getcontext(&there);
	there.uc_stack.ss_sp = stack->bottom;
	there.uc_stack.ss_size = stack->size;
	there.uc_link = NULL;
	makecontext(&there, fiber_base, 0);
	being_made = stack;
	came_from = &maker;
#ifdef PP_ASAN
	__sanitizer_start_switch_fiber(&maker.fake, stack->bottom, stack->size);
#endif
	if (!__builtin_setjmp(maker.env))
		setcontext(&there);
#ifdef PP_ASAN
	__sanitizer_finish_switch_fiber(maker.fake, NULL, NULL);
#endif
}

static struct pp_stack *stack_make(void)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);
	size_t total = STACK_SIZE + guard;
	struct pp_stack *stack;
	char *mem;

	mem = mmap(NULL, total, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem == MAP_FAILED)
		return NULL;
	if (mprotect(mem, guard, PROT_NONE)) {
		munmap(mem, total);
		return NULL;
	}
	/* the descriptor lives at the top of its own stack */
	stack = (struct pp_stack *)(mem + total) - 1;
	stack->bottom = mem + guard;
	stack->size = ALIGN_DOWN((size_t)((char *)stack - stack->bottom), 64);
	stack->valgrind = VALGRIND_STACK_REGISTER(stack->bottom,
						  stack->bottom + stack->size);
#ifdef PP_TSAN
	stack->tsan = __tsan_create_fiber(0);
#endif
	make_base(stack);
	return stack;
}

static void stack_unmake(struct pp_stack *stack)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);

#ifdef PP_TSAN
	__tsan_destroy_fiber(stack->tsan);
#endif
	VALGRIND_STACK_DEREGISTER(stack->valgrind);
	munmap((char *)(stack + 1) - STACK_SIZE - guard, STACK_SIZE + guard);
}

/**
 * pp_stack_get() - a stack whose next switch-to calls @run
 * @run: must not return; the same for all stacks
 *
 * Context: deterministic engine. Locking: none.
 * Return: the stack, or NULL without memory; give it back by pp_stack_put().
 */
struct pp_stack *pp_stack_get(void (*run)(void))
{
	struct pp_stack *stack = pool;

	run_fiber = run;
	if (stack)
		pool = stack->next;
	else
		stack = stack_make();
	if (!stack)
		return NULL;
#ifdef PP_TSAN
	/* its record of calls still holds those that did not return */
	__tsan_destroy_fiber(stack->tsan);
	stack->tsan = __tsan_create_fiber(0);
#endif
#ifdef PP_ASAN
	if (stack->stale)
		__asan_unpoison_memory_region(stack->bottom, stack->size);
#endif
	stack->stale = false;
	for (size_t i = 0; i < ARRAY_SIZE(stack->env); i++)
		stack->env[i] = stack->base[i];
	return stack;
}

/**
 * pp_stack_put() - give a stack back, which may still be the running one
 * @stale: its fiber did not run to its end
 *
 * The caller switches away before the next pp_stack_get().
 *
 * Context: deterministic engine. Locking: none. Return: nothing.
 */
void pp_stack_put(struct pp_stack *stack, bool stale)
{
	stack->stale = stale;
	stack->next = pool;
	pool = stack;
}

/**
 * pp_stack_thread() - @stack stands for the calling thread's own
 *
 * Context: deterministic engine, boot. Locking: none. Return: nothing.
 */
void pp_stack_thread(struct pp_stack *stack)
{
	*stack = (struct pp_stack){ 0 };
#ifdef PP_TSAN
	stack->tsan = __tsan_get_current_fiber();
#endif
}

/**
 * pp_stack_switch() - go on on @to; returns when somebody switches to @from
 * @ends: @from's fiber ended: never returns
 *
 * Context: deterministic engine, on @from. Locking: none. Return: nothing.
 */
pp_jumps void pp_stack_switch(struct pp_stack *from, struct pp_stack *to,
			      bool ends)
{
	/* in memory: the jump back restores no register but the frame's */
	struct pp_stack *volatile self = from;

	leave(from, to, ends);
	if (!__builtin_setjmp(from->env))
		jump(to->env);
	arrive(self->fake);
}

__attribute__((destructor))
static void drop_pool(void)
{
	struct pp_stack *stack;

	while ((stack = pool)) {
		pool = stack->next;
		stack_unmake(stack);
	}
}
