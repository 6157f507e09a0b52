// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * misc.c - accounts, notifiers, remote, cold pages (semantics 6.10)
 */
#include "help.h"

CASE(X01, .rules = "5.4-", .title = "account_locked_vm() and its limit")
{
	long lck = u_status("VmLck");

	u_setrlimit_memlock(8 * PAGE);
	u_unprivileged();
	say_ret("over", k_account_locked(9, true));
	say("VmLck", u_status("VmLck") - lck);
	say_ret("within", k_account_locked(8, true));
	say("VmLck8", u_status("VmLck") - lck);
	k_account_locked(8, false);
	say("VmLck0", u_status("VmLck") - lck);
}

CASE(X02, .rules = "all", .title = "mm_account_pinned_pages() and its limit")
{
	u_setrlimit_memlock(8 * PAGE);
	u_unprivileged();
	say_ret("over", k_account_pinned(16 * PAGE));
	say_ret("within", k_account_pinned(4 * PAGE));
	k_unaccount_pinned();
}

/* The starts among the events: how many, and of which kind the first is. */
static long starts(int n, int type)
{
	long i, found = 0;

	for (i = 0; i < k_events(n); i++)
		if (k_event(n, i).phase == NEV_START &&
		    (type < 0 || k_event(n, i).type == type))
			found++;
	return found;
}

CASE(X03, .rules = "all", .title = "fsync tells a notifier about protection")
{
	unsigned long a;
	int fd, n;

	a = ext4w("f", &fd);
	u_put(a, 1);
	n = k_notify(a, PAGE);
	say_ret("fsync", f_fsync(fd));
	say("starts", starts(n, -1));
	say("protection", starts(n, NEV_PROTECTION_PAGE));
	say("first", k_event(n, 0).first);
	say("last", k_event(n, 0).last);
}

CASE(X04, .rules = "all", .title = "munmap tells a notifier, which may let go")
{
	unsigned long a = u_anon_w(1);
	struct hold h = get_fast(a, 1, FOLL_WRITE);
	long base = k_ref(k_page(h, 0));
	int n = k_notify(a, PAGE);

	k_notify_drop(n, h, PUT_PAGE, false);
	u_munmap(a, PAGE);
	say("starts", starts(n, NEV_UNMAP));
	say("ref", k_event(n, 0).ref - base);
	say("held", k_held(h));
}

CASE(X05, .rules = "all", .title = "a notifier that dirties in time loses nothing")
{
	unsigned long a;
	struct hold h;
	int fd, n;

	a = ext4w("f", &fd);
	u_put(a, 1);
	n = k_notify(a, PAGE);
	h = get_fast(a, 1, FOLL_WRITE);
	k_notify_drop(n, h, PUT_PAGE, true);
	d_put(h, 11, 6);
	say_ret("fsync", f_fsync(fd));
	say("held", k_held(h));
	k_unnotify(n);
	u_munmap(a, PAGE);
	f_fsync(fd);
	f_forget(fd);
	u_drop_caches();
	say("byte", f_byte(fd, 11));
}

CASE(X06, .rules = "5.19-", .title = "a remote pin marks the target")
{
	int other = u_spawn();
	unsigned long a = 0;
	struct hold h;

	on(other)
		a = u_anon_w(1);
	h = pin_remote(other, a, 1, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("target", k_has_pinned(other));
	say("caller", k_has_pinned(0));
	d_put(h, 1, 5);
	on(other) {
		say("same", same(a, h, 0));
		say("byte", u_get(a + 1));
	}
}

CASE(X07, .rules = "all", .title = "a remote acquire of cold pages")
{
	int fd = f_make("f", 4, 3);
	unsigned long a = u_map(fd, 4);
	struct hold h = rules_from("5.6") ?
			pin_remote_locked(0, a, 4, FOLL_READ) :
			get_remote_locked(0, a, 4, FOLL_READ);

	must(h.locked == 0 || h.locked == 1);
	say_ret("ret", h.ret);
	say("byte", d_get(h, 3 * PAGE));
}
