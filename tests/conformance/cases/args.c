// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * args.c - arguments, flags, rights, errors (semantics 6.3)
 */
#include "help.h"

CASE(A01, .rules = "5.7-6.2", .title = "FOLL_GET on pins is refused")
{
	unsigned long a = u_anon_w(1);

	say_pin("pin", pin_slow(a, 1, FOLL_WRITE | FOLL_GET));
	say_pin("unlocked", pin_unlocked(a, 1, FOLL_WRITE | FOLL_GET));
	say_pin("remote", pin_remote(0, a, 1, FOLL_WRITE | FOLL_GET));
	say_pin("fast", pin_fast(a, 1, FOLL_WRITE | FOLL_GET));
	say_pin("fast_only", pin_fast_only(a, 1, FOLL_WRITE | FOLL_GET));
}

CASE(A02, .rules = "6.3-", .title = "FOLL_GET on pins: 0 from the slow calls")
{
	unsigned long a = u_anon_w(1);

	say_pin("pin", pin_slow(a, 1, FOLL_WRITE | FOLL_GET));
	say_pin("unlocked", pin_unlocked(a, 1, FOLL_WRITE | FOLL_GET));
	say_pin("remote", pin_remote(0, a, 1, FOLL_WRITE | FOLL_GET));
	say_pin("fast", pin_fast(a, 1, FOLL_WRITE | FOLL_GET));
}

CASE(A03, .rules = "5.7-", .title = "FOLL_PIN on gets is refused")
{
	unsigned long a = u_anon_w(1);

	say_get("get", get_slow(a, 1, FOLL_PIN));
	say_get("fast", get_fast(a, 1, FOLL_PIN));
}

CASE(A04, .rules = "5.7-", .title = "FOLL_LONGTERM on gets is refused")
{
	unsigned long a = u_anon_w(1);

	say_get("get", get_slow(a, 1, FOLL_LONGTERM));
	say_get("fast", get_fast(a, 1, FOLL_LONGTERM));
	say_get("unlocked", get_unlocked(a, 1, FOLL_LONGTERM));
}

CASE(A05, .rules = "5.7-", .title = "FOLL_LONGTERM on pin_user_pages_unlocked()")
{
	unsigned long a = u_anon_w(1);

	say_pin("ret", pin_unlocked(a, 1, FOLL_WRITE | FOLL_LONGTERM));
}

CASE(A06, .rules = "5.7-", .title = "FOLL_LONGTERM on pin_user_pages_remote()")
{
	unsigned long a = u_anon_w(1);
	unsigned int flags = FOLL_WRITE | FOLL_LONGTERM;

	say_pin("locked", pin_remote_locked(0, a, 1, flags));
	say_pin("null", pin_remote(0, a, 1, flags));
}

static long no_pages(enum conf_call call, unsigned long a)
{
	struct acquire what = {
		.call = call, .addr = a, .nr = 1, .flags = FOLL_WRITE,
		.opts = ACQ_NULL_PAGES,
	};

	return k_acquire(&what).ret;
}

CASE(A07, .rules = "5.19-", .title = "pins need an array")
{
	unsigned long a = u_anon_w(1);

	say_ret("pin", no_pages(CALL_PIN, a));
	say_ret("fast", no_pages(CALL_PIN_FAST, a));
}

CASE(A08, .rules = "all", .title = "without an array nothing is owed")
{
	unsigned long a = u_anon_w(3);
	long base[3], off = 0, i;

	for (i = 0; i < 3; i++)
		base[i] = k_ref(k_at(a + i * PAGE));
	say_ret("ret", populate(a, 3, FOLL_WRITE));
	for (i = 0; i < 3; i++)
		off += k_ref(k_at(a + i * PAGE)) - base[i];
	say("ref", off);
}

CASE(A09, .rules = "5.7-", .title = "FOLL_PIN in the flags of a pin")
{
	unsigned long a = u_anon_w(1);

	say_pin("ret", pin_slow(a, 1, FOLL_WRITE | FOLL_PIN));
}

CASE(A10, .rules = "5.7-", .title = "the fast calls have a list of flags")
{
	unsigned long a = u_anon_w(1);

	say_pin("anon", pin_fast(a, 1, FOLL_WRITE | FOLL_ANON));
	say_pin("hwpoison", pin_fast(a, 1, FOLL_WRITE | FOLL_HWPOISON));
	say_pin("touch", pin_fast(a, 1, FOLL_WRITE | FOLL_TOUCH));
	say_pin("nowait", pin_fast(a, 1, FOLL_WRITE | FOLL_NOWAIT));
}

CASE(A11, .rules = "all", .title = "no pages wanted, none taken")
{
	unsigned long a = u_anon_w(1);
	long base = k_ref(k_at(a)), acq = k_acq();

	say_take("ret", take_slow(a, 0, FOLL_WRITE));
	say("ref", k_ref(k_at(a)) - base);
	say("acq", k_acq() - acq);
}

CASE(A12, .rules = "all", .title = "no pages wanted where none are mapped")
{
	unsigned long a = u_anon_w(1);

	u_munmap(a, PAGE);
	say_take("ret", take(a, 0, FOLL_WRITE));
}

CASE(A13, .rules = "all", .boot = BOOT_LAST,
     .title = "no pages wanted, one present")
{
	unsigned long a = u_anon_w(2);

	u_munmap(a + PAGE, PAGE);
	say_take("ret", take(a, 0, FOLL_WRITE));
}

CASE(A14, .rules = "all", .title = "fewer than no pages wanted")
{
	unsigned long a = u_anon_w(1);

	say_ret("ret", take(a, -1, FOLL_WRITE).ret);
}

CASE(A15, .rules = "all", .title = "a range that wraps")
{
	say_ret("fast", take(-PAGE, 2, FOLL_WRITE).ret);
	say_ret("slow", take_slow(-PAGE, 2, FOLL_WRITE).ret);
}

CASE(A16, .rules = "all", .title = "an address of the kernel")
{
	say_ret("fast", take(0xffff888000000000UL, 1, FOLL_READ).ret);
	say_ret("slow", take_slow(0xffff888000000000UL, 1, FOLL_READ).ret);
}

CASE(A17, .rules = "all", .title = "a hole ends the run")
{
	unsigned long a = u_anon_w(6);
	struct hold slow, fast;

	u_munmap(a + 3 * PAGE, PAGE);
	slow = take_slow(a, 6, FOLL_WRITE);
	fast = take(a, 6, FOLL_WRITE);
	say_ret("slow", slow.ret);
	say_ret("fast", fast.ret);
	say("owed", k_held(slow) + k_held(fast));
}

CASE(A18, .rules = "all", .title = "nothing mapped at the first page")
{
	unsigned long a = u_anon_w(2);

	u_munmap(a, PAGE);
	say_ret("slow", take_slow(a, 2, FOLL_WRITE).ret);
	say_ret("fast", take(a, 2, FOLL_WRITE).ret);
	if (rules_from("5.7") && rules_until("6.2"))
		say_ret("fast_only", pin_fast_only(a, 2, FOLL_WRITE).ret);
}

CASE(A19, .rules = "all", .title = "a read-only area ends a run for writing")
{
	unsigned long a = u_anon_w(4);

	u_mprotect(a + PAGE, PAGE, PROT_READ);
	say_take("slow", take_slow(a, 4, FOLL_WRITE));
	say_take("fast", take(a, 4, FOLL_WRITE));
}

CASE(A20, .rules = "all", .title = "no write right, no write pin")
{
	unsigned long a = u_mmap(0, PAGE, PROT_READ, PRIV, -1, 0);

	say_ret("slow", take_slow(a, 1, FOLL_WRITE).ret);
	say_ret("fast", take(a, 1, FOLL_WRITE).ret);
}

static void forced(const char *key, struct hold h, unsigned long a)
{
	say_ret(key, h.ret);
	must(k_info(k_page(h, 0)).anon);
	if (rules_from("5.19"))
		must(k_info(k_page(h, 0)).exclusive);
	d_put(h, 5, 77);
	must(same(a, h, 0));
	say("process", u_get(a + 5));
}

CASE(A21, .rules = "all", .title = "FOLL_FORCE writes into a private copy")
{
	unsigned long a = u_mmap(0, PAGE, PROT_READ, PRIV, -1, 0);
	unsigned long b = u_mmap(0, PAGE, PROT_READ, PRIV, -1, 0);
	unsigned int flags = FOLL_WRITE | FOLL_FORCE;

	forced("slow", take_slow(a, 1, flags), a);
	forced("fast", take(b, 1, flags), b);
}

CASE(A22, .rules = "all", .title = "FOLL_FORCE does not write to shared areas")
{
	unsigned long a = u_mmap(0, PAGE, PROT_READ, SHARED, -1, 0);
	int fd = f_cached("f", 1, 1), ro = f_open("f", O_RDONLY);
	unsigned long b = u_mmap(0, PAGE, PROT_READ, MAP_SHARED, ro, 0);

	say_ret("anon", take_slow(a, 1, FOLL_WRITE | FOLL_FORCE).ret);
	say_ret("file", take_slow(b, 1, FOLL_WRITE | FOLL_FORCE).ret);
	say_ret("fast", take(b, 1, FOLL_WRITE | FOLL_FORCE).ret);
	f_close(fd);
}

CASE(A23, .rules = "all", .title = "PROT_NONE")
{
	unsigned long a = u_mmap(0, PAGE, PROT_NONE, PRIV, -1, 0);
	struct hold h;

	say_ret("read", take_slow(a, 1, FOLL_READ).ret);
	h = take_slow(a, 1, FOLL_READ | FOLL_FORCE);
	say_ret("read_force", h.ret);
	say("zero", k_info(k_page(h, 0)).zero);
	say_take("write_force", take_slow(a, 1, FOLL_WRITE | FOLL_FORCE));
}

CASE(A24, .rules = "all", .title = "PROT_WRITE alone does not let GUP read")
{
	unsigned long a = u_mmap(0, PAGE, PROT_WRITE, PRIV, -1, 0);

	say_ret("slow", take_slow(a, 1, FOLL_READ).ret);
	say_ret("fast", take(a, 1, FOLL_READ).ret);
}

CASE(A25, .rules = "5.19-", .title = "FOLL_NOFAULT takes what is present")
{
	unsigned long a = u_anon(2);
	unsigned int flags = FOLL_WRITE | FOLL_NOFAULT;

	u_put(a, 1);
	say_pin("both", pin_fast(a, 2, flags));
	say_ret("fast", pin_fast(a + PAGE, 1, flags).ret);
	say_ret("slow", pin_slow(a + PAGE, 1, flags).ret);
}

CASE(A26, .rules = "all", .needs = NEED_DEVMEM,
     .title = "device memory has no pages to pin")
{
	unsigned long a = u_devmem();

	say_ret("slow", take_slow(a, 1, FOLL_READ).ret);
	say_ret("fast", take(a, 1, FOLL_READ).ret);
}

CASE(A27, .rules = "all", .title = "FOLL_ANON refuses files")
{
	unsigned long a = u_map(f_memfd(1, 0), 1);

	u_put(a, 1);
	say_ret("ret", take_slow(a, 1, FOLL_WRITE | FOLL_ANON).ret);
}

CASE(A28, .rules = "all", .title = "the end of a file ends the run")
{
	unsigned long a = u_map(f_memfd(1, 0), 4);

	say_take("whole", take_slow(a, 4, FOLL_WRITE));
	say_take("fast", take(a, 4, FOLL_WRITE));
	say_ret("beyond", take_slow(a + PAGE, 1, FOLL_WRITE).ret);
	say_ret("beyond_fast", take(a + PAGE, 1, FOLL_WRITE).ret);
}

CASE(A29, .rules = "5.19-", .needs = NEED_SECRETMEM,
     .title = "secret memory is not for GUP")
{
	unsigned long a = u_map(f_secretmem(1), 1);

	u_put(a, 1);
	say_ret("slow", pin_slow(a, 1, FOLL_WRITE).ret);
	say_ret("fast", pin_fast(a, 1, FOLL_WRITE).ret);
	if (rules_until("6.2"))
		say_ret("fast_only", pin_fast_only(a, 1, FOLL_WRITE).ret);
	say_ret("get", get_fast(a, 1, FOLL_WRITE).ret);
}

CASE(A30, .rules = "all", .needs = NEED_HWPOISON, .boot = BOOT_LAST,
     .title = "poisoned memory")
{
	unsigned long a = u_anon_w(1);

	say_ret("poison", u_madvise(a, PAGE, MADV_HWPOISON));
	say_ret("slow", take_slow(a, 1, FOLL_READ).ret);
	say_ret("told", take_slow(a, 1, FOLL_READ | FOLL_HWPOISON).ret);
	say_ret("fast", take(a, 1, FOLL_READ).ret);
}

CASE(A31, .rules = "all", .title = "from one area into the next")
{
	unsigned long a = u_anon_w(4);
	struct hold h;

	u_mmap(a + 2 * PAGE, 2 * PAGE, RW, MAP_SHARED | MAP_FIXED,
	       f_memfd(2, 0), 0);
	h = take_slow(a, 4, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("anon1", k_info(k_page(h, 1)).anon);
	say("anon2", k_info(k_page(h, 2)).anon);
}

CASE(A32, .rules = "all", .title = "FOLL_NOWAIT where nothing has to be waited for")
{
	unsigned long a = u_anon(1);

	say_take("ret", take_slow(a, 1, FOLL_WRITE | FOLL_NOWAIT));
}

CASE(A33, .rules = "all", .title = "the vsyscall page, execute only")
{
	say_ret("ret", take_slow(0xffffffffff600000UL, 1, FOLL_READ).ret);
}

CASE(A34, .rules = "5.7-", .needs = NEED_DAX,
     .title = "long pins are not for DAX")
{
	int fd = f_open("dax:f", O_RDWR | O_CREAT);
	unsigned long a;
	unsigned int flags = FOLL_WRITE | FOLL_LONGTERM;

	must(!f_truncate(fd, PAGE));
	must(!f_put(fd, 0, 1));
	a = u_map(fd, 1);
	must(pin_slow(a, 1, flags).ret == -EOPNOTSUPP);
	must(pin_fast(a, 1, flags).ret == -EOPNOTSUPP);
	say_pin("pin", pin_slow(a, 1, FOLL_WRITE));
	say_pin("fast", pin_fast(a, 1, FOLL_WRITE));
}

CASE(A35, .rules = "5.7-", .title = "long write pins of a file on disk")
{
	unsigned int flags = FOLL_WRITE | FOLL_LONGTERM;
	unsigned long a;
	int fd;

	a = ext4w("f", &fd);
	say_pin("slow", pin_slow(a, 1, flags));
	say_pin("fast", pin_fast(a, 1, flags));
}

CASE(A36, .rules = "5.7-", .title = "long write pins of shared and private memory")
{
	unsigned int flags = FOLL_WRITE | FOLL_LONGTERM;
	unsigned long a = u_map(f_memfd(1, 0), 1);
	unsigned long b = u_map_private(f_cached("f", 1, 1), 1);

	say_pin("memfd", pin_slow(a, 1, flags));
	say_pin("memfd_fast", pin_fast(a, 1, flags));
	say_pin("private", pin_slow(b, 1, flags));
	say_pin("private_fast", pin_fast(b, 1, flags));
}

CASE(A37, .rules = "6.12-", .title = "memfd_pin_folios() with wrong arguments")
{
	int fd = f_memfd(1, 0), file = f_cached("f", 1, 1);
	long offset;

	say_ret("end", memfd_pin(fd, 0, PAGE, 1, &offset).ret);
	say_ret("order", memfd_pin(fd, 100, 99, 1, &offset).ret);
	say_ret("none", memfd_pin(fd, 0, PAGE - 1, 0, &offset).ret);
	say_ret("file", memfd_pin(file, 0, PAGE - 1, 1, &offset).ret);
	say_ret("good", memfd_pin(fd, 0, PAGE - 1, 1, &offset).ret);
}
