// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * proc.c - the processes of a case
 */
#include "run.h"

#include <grp.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct op *boxes;
int conf_now;
static int procs = 1;

long ret_of(long ret)
{
	return ret == -1 ? -errno : ret;
}

static void futex_wait(int *at, int val, long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	syscall(SYS_futex, at, FUTEX_WAIT, val, &t, NULL, 0);
}

static void set_state(struct op *op, int state)
{
	__atomic_store_n(&op->state, state, __ATOMIC_RELEASE);
	syscall(SYS_futex, &op->state, FUTEX_WAKE, 64, NULL, NULL, 0);
}

static int state_of(struct op *op)
{
	return __atomic_load_n(&op->state, __ATOMIC_ACQUIRE);
}

void boxes_open(bool create)
{
	size_t len = MOST_PROCS * sizeof(*boxes);
	int fd = create ? memfd_create("boxes", 0) : BOX_FD;

	if (create) {
		dup2(fd, BOX_FD);
		close(fd);
		if (ftruncate(BOX_FD, len))
			abort();
	}
	boxes = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, BOX_FD, 0);
	if (boxes == MAP_FAILED)
		abort();
}

static void nothing(int sig)
{
	(void)sig;
}

void box_serve(int box)
{
	struct op *op = &boxes[box];
	struct sigaction sa = { .sa_handler = nothing };

	sigaction(SIGUSR1, &sa, NULL);
	signal(SIGCHLD, SIG_IGN);
	op->pid = getpid();
	set_state(op, BOX_DONE);
	for (;;) {
		while (state_of(op) != BOX_ASKED)
			futex_wait(&op->state, state_of(op), 1000);
		op->ret = op->fn(op);
		set_state(op, BOX_DONE);
	}
}

/* Zombies do not last: everybody ignores SIGCHLD. */
static bool gone(struct op *op)
{
	return op->pid && kill(op->pid, 0) && errno == ESRCH;
}

bool box_wait(int proc)
{
	struct op *op = &boxes[proc];
	int state;

	while ((state = state_of(op)) == BOX_ASKED) {
		if (gone(op)) {
			op->state = BOX_DEAD;
			return false;
		}
		futex_wait(&op->state, state, 20);
	}
	return state != BOX_DEAD;
}

void box_start(int proc, long (*fn)(struct op *op))
{
	boxes[proc].fn = fn;
	set_state(&boxes[proc], BOX_ASKED);
}

struct op *box_now(void)
{
	if (conf_now)
		box_wait(conf_now);
	return &boxes[conf_now];
}

static long run_box(long (*fn)(struct op *op))
{
	struct op *op = &boxes[conf_now];

	if (!conf_now)
		return op->ret = fn(op);
	if (op->state == BOX_DEAD || gone(op))
		return -ESRCH;
	box_start(conf_now, fn);
	return box_wait(conf_now) ? op->ret : -ESRCH;
}

long run(long (*fn)(struct op *op), const long *args, int n)
{
	struct op *op = box_now();

	memset(op->a, 0, sizeof(op->a));
	memcpy(op->a, args, n * sizeof(long));
	return run_box(fn);
}

long do_ask(struct op *op)
{
	if (op->m.buf)
		op->m.buf = (unsigned long)op->data;
	if (ioctl(DEV_FD, CONF_IOCTL, &op->m))
		return -errno;
	return op->m.ret;
}

long ask(enum conf_op what, const long *args, int n, struct conf_msg *out)
{
	struct op *op = box_now();
	long ret;
	int i;

	memset(&op->m, 0, sizeof(op->m));
	op->m.op = what;
	op->m.buf = what == OP_DEVICE;
	for (i = 0; i < n; i++)
		op->m.a[i] = args[i];
	ret = run_box(do_ask);
	if (out)
		*out = op->m;
	return ret;
}

/* Processes. */

static long do_fork(struct op *op)
{
	int box = op->a[0];
	pid_t pid = fork();

	if (!pid)
		box_serve(box);
	return ret_of(pid);
}

static long do_spawn(struct op *op)
{
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%ld", op->a[0]);
	pid = fork();
	if (!pid) {
		execl("/proc/self/exe", "conf", "serve", number, (char *)NULL);
		_exit(1);
	}
	return ret_of(pid);
}

static int start(long (*how)(struct op *op))
{
	int box = procs;
	long pid;

	if (box == MOST_PROCS)
		return -EAGAIN;
	memset(&boxes[box].a, 0, sizeof(boxes[box].a));
	boxes[box].state = BOX_ASKED;
	boxes[box].pid = 0;
	boxes[box].parent = conf_now;
	pid = RUN(how, box);
	if (pid < 0)
		return pid;
	boxes[box].pid = pid;
	procs++;
	box_wait(box);
	return box;
}

int u_fork(void)
{
	return start(do_fork);
}

int u_spawn(void)
{
	return start(do_spawn);
}

int u_on(int proc)
{
	int was = conf_now;

	if (proc >= 0 && proc < procs)
		conf_now = proc;
	return was;
}

static void wait_gone(int proc)
{
	int i;

	for (i = 0; i < 1000 && !gone(&boxes[proc]); i++)
		usleep(2000);
	if (gone(&boxes[proc]))
		boxes[proc].state = BOX_DEAD;
}

static long do_exit(struct op *op)
{
	(void)op;
	_exit(0);
}

void u_exit(int proc)
{
	if (proc <= 0 || proc >= procs)
		return;
	box_wait(proc);
	box_start(proc, do_exit);
	wait_gone(proc);
}

static void signal_to(int proc, int sig)
{
	if (proc >= 0 && proc < procs && boxes[proc].pid)
		kill(boxes[proc].pid, sig);
}

void u_kill(int proc)
{
	if (proc <= 0)
		return;
	signal_to(proc, SIGKILL);
	wait_gone(proc);
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
	return proc >= 0 && proc < procs && !gone(&boxes[proc]);
}

static long do_rlimit(struct op *op)
{
	struct rlimit r = { op->a[0], op->a[0] };

	return ret_of(setrlimit(RLIMIT_MEMLOCK, &r));
}

long u_setrlimit_memlock(long bytes)
{
	return RUN(do_rlimit, bytes);
}

static long do_unprivileged(struct op *op)
{
	(void)op;
	if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) ||
	    setresuid(65534, 65534, 65534))
		return -errno;
	return 0;
}

long u_unprivileged(void)
{
	return RUN(do_unprivileged);
}

static long do_status(struct op *op)
{
	FILE *f = fopen("/proc/self/status", "r");
	size_t n = strlen(op->data);
	char text[256];
	long kb = -1;

	if (!f)
		return -errno;
	while (fgets(text, sizeof(text), f))
		if (!strncmp(text, op->data, n) && text[n] == ':')
			kb = atol(text + n + 1);
	fclose(f);
	return kb < 0 ? -ENOENT : kb / 4;
}

long u_status(const char *field)
{
	snprintf(box_now()->data, DATA, "%s", field);
	return RUN(do_status);
}

void c_sleep(long ms)
{
	usleep(ms * 1000);
}
