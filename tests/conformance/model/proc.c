// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * proc.c - processes: an address space each, and who is current
 *
 * A task of the model plays the current process; u_on() changes its address
 * space. Which process a task plays is kept in the task.
 */
#include "model.h"

#include <signal.h>
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
	pinpage_set_cap_ipc_lock(true);		/* the case is root */
}

static void gone(struct proc *p)
{
	struct mm_struct *mm = p->mm;

	p->mm = NULL;
	pinpage_userfaultfd_close(p->uffd);
	p->uffd = NULL;
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
		if (kill && !model_ended(p->acquire))
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

/* What a process does beside the case is an acquire. */
static void signal_to(int proc, int sig)
{
	struct proc *p = model_proc(proc);

	if (p->acquire >= 0 && !model_ended(p->acquire))
		pinpage_send_sig(sig, model_task(p->acquire)->task);
}

void u_stop(int proc)
{
	signal_to(proc, SIGSTOP);
}

void u_cont(int proc)
{
	signal_to(proc, SIGCONT);
}

void u_signal(int proc)
{
	signal_to(proc, SIGUSR1);
}

bool u_alive(int proc)
{
	return proc >= 0 && proc < nr_procs && procs[proc].mm;
}

long u_setrlimit_memlock(long bytes)
{
	pinpage_mm_set_memlock(model_cur()->mm, (unsigned long)bytes / PAGE);
	return 0;
}

long u_unprivileged(void)
{
	struct user_struct *user = pinpage_alloc_uid();

	if (!user)
		model_broken("no memory");
	pinpage_mm_set_user(model_cur()->mm, user);
	pinpage_free_uid(user);
	pinpage_set_cap_ipc_lock(false);
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
