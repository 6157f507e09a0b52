/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/*
 * conf.h - the module's own parts and what differs between releases
 */
#ifndef CONFORMANCE_CONF_H
#define CONFORMANCE_CONF_H

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/version.h>

#include "proto.h"

#define SINCE(major, minor) \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, 0))

/* The enums of ../../case.h that travel in messages; same order. */
enum {
	CALL_GET, CALL_PIN, CALL_GET_UNLOCKED, CALL_PIN_UNLOCKED,
	CALL_GET_REMOTE, CALL_PIN_REMOTE, CALL_GET_REMOTE_LOCKED,
	CALL_PIN_REMOTE_LOCKED, CALL_GET_FAST, CALL_PIN_FAST,
	CALL_GET_FAST_ONLY, CALL_PIN_FAST_ONLY, CALL_IOV_GET,
	CALL_IOV_EXTRACT,
};

enum {
	PUT_PAGE, UNPIN_PAGE, UNPIN_PAGES, UNPIN_PAGES_DIRTY_LOCK,
	UNPIN_RANGE_DIRTY_LOCK, UNPIN_FOLIO, UNPIN_FOLIOS, UNPIN_USER_FOLIO,
};

struct conf_hold {
	struct list_head list;
	long id;
	bool pin;		/* of its entries' references */
	bool folios;		/* one entry a folio (memfd_pin_folios) */
	long ret;
	long locked;
	long nr;
	struct page **pages;
	unsigned long *held;	/* a bit an entry */
};

/* hold.c */
struct conf_hold *conf_hold_find(long id);
struct conf_hold *conf_hold_new(long id, long room, bool pin);
long conf_hold_done(struct conf_hold *h, long ret);
long conf_hold_left(struct conf_hold *h);
void conf_holds_drop(void);
long conf_release(struct conf_hold *h, long first, long n, long how, bool dirty);
long conf_release_raw(long how, unsigned long n, bool dirty);
long conf_release_count(struct conf_hold *h, long how, unsigned long n);

/* acquire.c */
long conf_acquire(struct conf_msg *m);
long conf_pin_many(struct conf_msg *m);
long conf_memfd_pin(struct conf_msg *m);

/* look.c */
int conf_look_init(void);
void conf_drain(void);
long conf_info(struct conf_msg *m);
long conf_peek(struct conf_msg *m);
long conf_look(struct conf_msg *m);
long conf_cached(struct conf_msg *m);

/* notify.c */
long conf_notify(unsigned long addr, unsigned long len);
long conf_notify_drop(struct conf_msg *m);
long conf_events(long n);
long conf_event(struct conf_msg *m);
long conf_unnotify(long n);
void conf_notify_drop_all(void);

struct mm_struct *conf_mm(long pid);	/* 0: current's; mmput() it */

#endif
