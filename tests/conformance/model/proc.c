// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * proc.c - processes: an address space each, and who is current
 *
 * A task of the model plays the current process; u_on() changes its address
 * space. Which process a task plays is kept in the task.
 */
#include "model.h"

#include <string.h>

#define FIRST_ADDR	0x10000000UL

static struct proc procs[MAX_PROCS];
static int nr_procs;

int model_cur_nr(void)
{
	return (int)(intptr_t)pinpage_current()->scope[PP_SCOPE_FREE];
}

void model_set_cur(int nr)
{
	pinpage_current()->scope[PP_SCOPE_FREE] = (void *)(intptr_t)nr;
	pinpage_use_mm(procs[nr].mm);
}

struct proc *model_proc(int nr)
{
	if (nr < 0 || nr >= nr_procs || !procs[nr].mm)
		model_broken("no such process");
	return &procs[nr];
}

struct proc *model_cur(void)
{
	return model_proc(model_cur_nr());
}

static int new_proc(struct mm_struct *mm, unsigned long next)
{
	if (!mm)
		return -ENOMEM;
	if (IS_ERR(mm))
		return (int)PTR_ERR(mm);
	if (nr_procs == MAX_PROCS)
		model_broken("too many processes");
	procs[nr_procs] = (struct proc){
		.mm = mm, .next = next, .acquire = -1,
	};
	return nr_procs++;
}

void model_procs_begin(void)
{
	nr_procs = 0;
	if (new_proc(pinpage_mm_alloc(), FIRST_ADDR))
		model_broken("no memory");
	model_set_cur(0);
}

static void gone(struct proc *p)
{
	struct mm_struct *mm = p->mm;

	p->mm = NULL;
	if (mm)
		pinpage_mmput(mm);
}

void model_procs_end(void)
{
	pinpage_use_mm(NULL);
	while (nr_procs)
		gone(&procs[--nr_procs]);
}

int u_fork(void)
{
	return new_proc(pinpage_fork_mm(model_cur()->mm), model_cur()->next);
}

int u_spawn(void)
{
	return new_proc(pinpage_mm_alloc(), FIRST_ADDR);
}

int u_on(int proc)
{
	int was = model_cur_nr();

	model_proc(proc);
	model_set_cur(proc);
	return was;
}

static void end(int proc, bool kill)
{
	struct proc *p = model_proc(proc);

	if (!proc || proc == model_cur_nr())
		model_broken("this process cannot end");
	if (p->acquire >= 0) {
		if (kill)
			pinpage_send_sigkill(model_task(p->acquire)->task);
		model_join(p->acquire);
	}
	gone(p);
}

void u_exit(int proc)
{
	end(proc, false);
}

void u_kill(int proc)
{
	end(proc, true);
}

/* A stopped process goes on in the kernel until it would return to its program:
 * an acquire is not disturbed, and the process does nothing else meanwhile. */
void u_stop(int proc)
{
	model_proc(proc);
}

void u_cont(int proc)
{
	model_proc(proc);
}

void u_signal(int proc)
{
	model_proc(proc);
	model_missing("signals that are not fatal");
}

bool u_alive(int proc)
{
	return proc >= 0 && proc < nr_procs && procs[proc].mm;
}

static unsigned long memlock = ~0UL;
static bool unprivileged;

static void set_memlock(void)
{
	pinpage_mm_set_memlock(model_cur()->mm, unprivileged ? memlock : ~0UL);
}

/* Root is not limited: the limit counts once the process gave that up. */
long u_setrlimit_memlock(long bytes)
{
	memlock = (unsigned long)bytes / PAGE;
	set_memlock();
	return 0;
}

long u_unprivileged(void)
{
	unprivileged = true;
	set_memlock();
	return 0;
}

long u_status(const char *field)
{
	struct mm_struct *mm = model_cur()->mm;

	if (!strcmp(field, "VmPin"))
		return pinpage_mm_pinned_vm(mm);
	if (!strcmp(field, "VmLck"))
		return pinpage_mm_locked_vm(mm);
	model_missing("this field of /proc/self/status");
}
