// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * init.c - the only program of the machine: it runs the cases and goes off
 *
 *	conf list RULES		which case needs which boot (on the host)
 *	conf cases		every case, for scripts (on the host)
 *	conf serve N		a process of a case (u_spawn())
 *	init			as PID 1; conf.boot=, conf.only= and conf.after=
 *				on the kernel's command line choose the cases
 *
 * Results go to the second serial line, one a line; lines with # are remarks.
 */
#include "run.h"

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SWAP_DEV "/dev/vdb"
#define EMULATED 3L		/* alarms last longer on an emulated machine */

static FILE *out;
static char rules[16];
static char *line;		/* of the case that runs; shared with it */

static const char *boot_of(const struct conf_case *c)
{
	if (c->boot == BOOT_OWN)
		return c->name;
	if (c->needs & NEED_NODES)
		return "nodes";
	if (c->needs & NEED_MOVABLE)
		return "movable";
	if (c->needs & NEED_DAX)
		return "dax";
	return "plain";
}

static bool can_run(const struct conf_case *c)
{
	return !(c->needs & NEED_MODEL) &&
	       conf_in_rules(c, rules, conf_version(rules), 'B', false);
}

static int list(const char *which)
{
	struct conf_case *c;

	snprintf(rules, sizeof(rules), "%s", which);
	for (c = conf_first(); c; c = c->next)
		printf("%s %s %x\n", c->name, can_run(c) ? boot_of(c) : "-",
		       c->needs);
	return 0;
}

/* One case. */

static void in_child(const struct conf_case *c)
{
	char dir[64];

	boxes_open(true);
	boxes[0].pid = getpid();
	signal(SIGCHLD, SIG_IGN);
	snprintf(dir, sizeof(dir), "/t/%s", c->name);
	mkdir(dir, 0777);
	if (chdir(dir))
		_exit(1);
	conf_begin(c, rules, conf_version(rules), 'B', false);
	c->run();
	snprintf(line, CONF_LINE, "%s", conf_line());
	_exit(0);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const char *wait_for(pid_t pid, long ms)
{
	static char why[32];
	long end = now_ms() + ms;
	int status;

	while (now_ms() < end) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			if (WIFEXITED(status) && !WEXITSTATUS(status))
				return NULL;
			snprintf(why, sizeof(why), WIFSIGNALED(status) ?
				 "signal_%d" : "exit_%d", WIFSIGNALED(status) ?
				 WTERMSIG(status) : WEXITSTATUS(status));
			return why;
		}
		usleep(2000);
	}
	return "time";
}

static void empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[400];

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
}

static void clean_up(const struct conf_case *c)
{
	struct conf_msg m = { .op = OP_RESET };
	char dir[64];

	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	ioctl(DEV_FD, CONF_IOCTL, &m);
	snprintf(dir, sizeof(dir), "/t/%s", c->name);
	empty(dir);
	rmdir(dir);
	empty("/shm");
	empty("/huge");
	empty("/within");
	empty("/advise");
	empty("/dax");
	conf_calm();
	if (c->needs & NEED_SWAP)
		swapoff(SWAP_DEV);
	sync();
	u_drop_caches();
}

static void run_case(const struct conf_case *c)
{
	const char *died;
	long start = now_ms();
	pid_t pid;

	fprintf(out, "# start %s\n", c->name);
	fflush(out);
	if (c->needs & NEED_SWAP && swapon(SWAP_DEV, 0))
		fprintf(out, "# no swap: %s\n", strerror(errno));
	line[0] = 0;
	pid = fork();
	if (!pid)
		in_child(c);
	died = wait_for(pid, EMULATED * 1000L * (c->secs ? c->secs : 20));
	if (died)
		fprintf(out, "%s FAILED(%s)\n", c->name, died);
	else
		fprintf(out, "%s\n", line);
	clean_up(c);
	fprintf(out, "# took %s %ld ms\n", c->name, now_ms() - start);
	fflush(out);
}

/* The machine. */

static bool option(const char *key, char *value, size_t size)
{
	char text[2048], *at, *end;
	FILE *f = fopen("/proc/cmdline", "r");
	bool there = f && fgets(text, sizeof(text), f);

	if (f)
		fclose(f);
	at = there ? strstr(text, key) : NULL;
	if (!at)
		return false;
	at += strlen(key);
	for (end = at; *end > ' '; end++)
		;
	snprintf(value, size, "%.*s", (int)(end - at), at);
	return true;
}

static void load_modules(void)
{
	FILE *f = fopen("/modules/order", "r");
	char name[128], path[160];
	int fd;

	while (f && fscanf(f, "%127s", name) == 1) {
		snprintf(path, sizeof(path), "/modules/%s", name);
		fd = open(path, O_RDONLY);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
			fprintf(stderr, "%s: %s\n", path, strerror(errno));
		close(fd);
	}
	if (f)
		fclose(f);
}

static void wait_path(const char *path)
{
	int i;

	for (i = 0; i < 500 && access(path, F_OK); i++)
		usleep(10000);
}

static void mounts(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
}

/* Its file system was made outside, and comes on a disk. */
static void persistent_memory(void)
{
	static char block[1 << 16];
	int from = open("/dev/vdc", O_RDONLY), to;
	ssize_t n;

	if (from < 0)
		return;
	wait_path("/dev/pmem0");
	to = open("/dev/pmem0", O_WRONLY);
	while ((n = read(from, block, sizeof(block))) > 0)
		if (write(to, block, n) != n)
			perror("/dev/pmem0");
	fsync(to);
	close(to);
	close(from);
	if (mount("/dev/pmem0", "/dax", "ext4", MS_NOATIME, "dax=always"))
		perror("mount /dax");
	chmod("/dax", 0777);
}

static void huge_tmpfs(const char *path, const char *options)
{
	mkdir(path, 0777);
	if (mount("shm", path, "tmpfs", 0, options))
		perror(path);
	chmod(path, 01777);
}

static void disks(void)
{
	wait_path("/dev/vda");
	if (mount("/dev/vda", "/t", "ext4", MS_NOATIME, "commit=3600"))
		perror("mount /t");
	if (mount("shm", "/shm", "tmpfs", 0, NULL))
		perror("mount /shm");
	huge_tmpfs("/huge", "huge=always");
	huge_tmpfs("/within", "huge=within_size");
	huge_tmpfs("/advise", "huge=advise");
	persistent_memory();
	chmod("/t", 0777);
	chmod("/shm", 01777);
}

static void knobs(void)
{
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	write_file("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
	write_file("/sys/kernel/mm/transparent_hugepage/defrag", "madvise");
	write_number("/sys/kernel/mm/transparent_hugepage/khugepaged/pages_to_scan", 1);
	write_number("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs",
		     3600000);
	write_number("/proc/sys/vm/swappiness", 100);
	write_number("/proc/sys/vm/compaction_proactiveness", 0);
	write_number("/proc/sys/kernel/numa_balancing", 0);
	conf_calm();
}

static void open_driver(void)
{
	int fd;

	wait_path("/dev/conf");
	fd = open("/dev/conf", O_RDWR);
	if (fd < 0)
		perror("/dev/conf");
	dup2(fd, DEV_FD);
	close(fd);
}

/* Is the name in the list, between commas? NULL is a list of all. */
static bool wanted(const char *list, const char *name)
{
	size_t n = strlen(name);
	const char *at = list;

	for (; at && *at; at += strcspn(at, ","), at += *at == ',')
		if (!strncmp(at, name, n) && (!at[n] || at[n] == ','))
			return true;
	return !list;
}

/* The names in /random, if it is there: then only these are run. */
static bool random_cases(void)
{
	FILE *f = fopen("/random", "r");
	char name[64];

	while (f && fscanf(f, "%63s", name) == 1)
		conf_add_random(name);
	if (f)
		fclose(f);
	return f;
}

/* @after: the case that an earlier boot did not survive, or NULL */
static void run_all(const char *boot, const char *only, const char *after)
{
	bool random = random_cases();
	struct conf_case *c;
	int last;

	for (last = 0; last < 2; last++)
		for (c = conf_first(); c; c = c->next) {
			if ((c->boot == BOOT_LAST) != last || !can_run(c) ||
			    c->random != random ||
			    strcmp(boot_of(c), boot) || !wanted(only, c->name))
				continue;
			if (!after)
				run_case(c);
			else if (!strcmp(after, c->name))
				after = NULL;
		}
}

static void off(void)
{
	fflush(out);
	sync();
	usleep(100000);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static int as_init(void)
{
	char boot[64] = "plain", only[1024], after[64];
	struct utsname u;
	unsigned int major, minor;
	bool some, again;

	mounts();
	out = fopen("/dev/ttyS1", "w");
	if (!out)
		out = stdout;
	uname(&u);
	if (sscanf(u.release, "%u.%u", &major, &minor) == 2)
		snprintf(rules, sizeof(rules), "%u.%u", major, minor);
	fprintf(out, "# kernel %s %s\n", u.release, u.version);
	load_modules();
	disks();
	knobs();
	open_driver();
	line = mmap(NULL, CONF_LINE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	option("conf.boot=", boot, sizeof(boot));
	some = option("conf.only=", only, sizeof(only));
	again = option("conf.after=", after, sizeof(after));
	fprintf(out, "# up after %ld ms, boot %s\n", now_ms(), boot);
	run_all(boot, some ? only : NULL, again ? after : NULL);
	fprintf(out, "# done\n");
	off();
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "list"))
		return list(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "cases")) {
		conf_list_cases();
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "serve")) {
		boxes_open(false);
		box_serve(atoi(argv[2]));
	}
	return as_init();
}
