// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unmap.c - unmapping, advice, lifetime (semantics 6.6)
 */
#include "help.h"

CASE(U01, .rules = "5.7-", .title = "munmap leaves the page to its pin")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	u_munmap(a, PAGE);
	say("ref", k_ref(k_page(h, 0)));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("byte", d_get(h, 0));
}

CASE(U02, .rules = "5.7-", .title = "MADV_DONTNEED leaves the page to its pin")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("advice", u_madvise(a, PAGE, MADV_DONTNEED));
	say("process", u_get(a));
	u_put(a, 7);
	say("same", same(a, h, 0));
	say("pin", d_get(h, 0));
	say("ref", k_ref(k_page(h, 0)));
}

CASE(U03, .rules = "5.7-", .title = "mremap takes the page along")
{
	unsigned long a = u_anon_w(1), to = u_anon(1), b;
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	b = u_mremap(a, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	say("moved", b == to);
	d_put(h, 1, 5);
	say("process", u_get(b + 1));
	say("same", same(b, h, 0));
	say_ret("old", u_get(a));
}

CASE(U04, .rules = "5.7-", .title = "mprotect does not touch a pin, but the next one")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	u_mprotect(a, PAGE, PROT_READ);
	d_put(h, 1, 5);
	say("process", u_get(a + 1));
	say_ret("fast", pin_fast(a, 1, FOLL_WRITE).ret);
	say_ret("slow", pin_slow(a, 1, FOLL_WRITE).ret);
}

CASE(U05, .rules = "5.7-", .title = "pins outlive the process")
{
	int other = u_spawn();
	unsigned long a = 0;
	struct hold h = { 0 };

	on(other) {
		a = u_anon_w(1);
		h = pin_fast(a, 1, FOLL_WRITE);
	}
	u_exit(other);
	say("ref", k_ref(k_page(h, 0)));
	say("byte", d_get(h, 0));
	say_ret("unpin", unpin(h));
}

#define MANY	60000L

static struct acquire many(unsigned long a)
{
	return (struct acquire){
		.call = CALL_PIN, .addr = a, .nr = MANY, .flags = FOLL_WRITE,
	};
}

CASE(U06, .rules = "5.7-", .secs = 120,
     .title = "a pin that is killed keeps what it has")
{
	int other = u_spawn();
	struct acquire what;
	struct hold h;

	on(other)
		what = many(u_anon(MANY));
	h = k_start(other, &what);
	c_sleep(30);
	u_kill(other);
	k_finish(&h);
	say("some", k_held(h) > 0);
	say("all", k_held(h) == MANY);
	say("ref", k_ref(k_page(h, 0)));
	say("last", k_ref(k_page(h, k_held(h) - 1)));
}

CASE(U07, .rules = "5.7-", .secs = 120,
     .title = "a stopped process goes on pinning")
{
	int other = u_spawn();
	struct acquire what;
	struct hold h;

	on(other)
		what = many(u_anon(MANY));
	h = k_start(other, &what);
	c_sleep(10);
	u_stop(other);
	c_sleep(10);
	u_cont(other);
	k_finish(&h);
	say_ret("ret", h.ret);
	say("held", k_held(h));
}

CASE(U08, .rules = "5.10-", .title = "MADV_FREE does not free what is pinned")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("free", u_madvise(a, PAGE, MADV_FREE));
	say_ret("pageout", u_madvise(a, PAGE, MADV_PAGEOUT));
	say("byte", u_get(a));
	say("same", same(a, h, 0));
	say("pin", d_get(h, 0));
}

CASE(U09, .rules = "5.7-", .title = "mlock and pins do not know each other")
{
	unsigned long a = u_anon_w(1);
	struct hold h;

	say_ret("lock", u_mlock(a, PAGE));
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("unlock", u_munlock(a, PAGE));
	u_put(a + 1, 5);
	say("same", same(a, h, 0));
	say("pin", d_get(h, 1));
	say("maybe", k_info(k_page(h, 0)).maybe);
}

CASE(U10, .rules = "5.7-", .title = "pinning accounts nothing")
{
	unsigned long a = u_anon_w(16);
	long pin = u_status("VmPin"), lck = u_status("VmLck");
	struct hold h = pin_fast(a, 16, FOLL_WRITE | FOLL_LONGTERM);

	say_ret("ret", h.ret);
	say("VmPin", u_status("VmPin") - pin);
	say("VmLck", u_status("VmLck") - lck);
}
