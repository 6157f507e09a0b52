/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/*
 * proto.h - what the program asks and the module answers
 *
 * One ioctl, one message. The module knows pages by frame number and what it
 * holds by a number that the program chose.
 */
#ifndef CONFORMANCE_PROTO_H
#define CONFORMANCE_PROTO_H

#include <linux/types.h>
#include <linux/ioctl.h>

enum conf_op {
	OP_RESET,		/* drop all that is held, registered, accounted */
	OP_ACQUIRE,		/* id call addr nr flags pid opts -> ret, b[0] locked */
	OP_PIN_MANY,		/* id addr nr -> ret */
	OP_MEMFD_PIN,		/* id fd start end max -> ret, b[0] offset */
	OP_HOLD,		/* id -> ret of its call, b[0] locked, b[1] still held */
	OP_RELEASE,		/* id first n how make_dirty -> ret */
	OP_RELEASE_RAW,		/* how n make_dirty -> ret */
	OP_RELEASE_COUNT,	/* id how n -> ret */
	OP_UNPIN_EXTRA,		/* id i -> ret */
	OP_ADD_PINS,		/* id i n -> ret */
	OP_PAGE,		/* id i -> ret: frame number + 1 */
	OP_INFO,		/* page -> b[]: INFO_* */
	OP_PEEK,		/* addr -> b[]: PEEK_* */
	OP_LOOK,		/* addr page -> b[]: LOOK_* */
	OP_CACHED,		/* fd index -> ret: page or 0 */
	OP_REFS,		/* page n */
	OP_DIRTY,		/* page how -> ret */
	OP_DEVICE,		/* id off len write buf -> ret */
	OP_STAT,		/* which -> ret */
	OP_DRAIN,
	OP_MM,			/* pid -> b[]: MM_* */
	OP_ADD_PINNED,		/* pages -> ret */
	OP_ACCOUNT_LOCKED,	/* pages inc -> ret */
	OP_ACCOUNT_PINNED,	/* bytes -> ret */
	OP_UNACCOUNT_PINNED,
	OP_NOTIFY,		/* addr len -> ret: number */
	OP_NOTIFY_DROP,		/* number id how make_dirty */
	OP_EVENTS,		/* number -> ret */
	OP_EVENT,		/* number i -> b[]: phase type first last ref */
	OP_UNNOTIFY,		/* number */
};

enum { DIRTY_SET, DIRTY_SET_LOCK, DIRTY_CLEAR, DIRTY_MKCLEAN };
enum { MM_HAS_PINNED, MM_LOCKED_VM, MM_PINNED_VM };

enum {				/* b[] of OP_INFO */
	INFO_REF, INFO_MAP, INFO_PINS, INFO_ORDER, INFO_ZONE, INFO_NODE,
	INFO_BITS,
};

enum {				/* bits of INFO_BITS */
	IB_MAYBE, IB_DIRTY, IB_ANON, IB_EXCLUSIVE, IB_UPTODATE, IB_LRU,
	IB_SWAPCACHE, IB_PRIVATE, IB_WRITEBACK, IB_LOCKED, IB_KSM, IB_HWPOISON,
	IB_MAPPING, IB_ZERO, IB_HUGE_ZERO, IB_HUGETLB, IB_UNEVICTABLE,
	IB_LONGTERM,
};

enum { PEEK_PAGE, PEEK_LEVEL, PEEK_BITS };
enum {				/* b[] of OP_LOOK: first as OP_PEEK */
	LOOK_REF = 3, LOOK_MAP, LOOK_PINS, LOOK_BITS, LOOK_REST,
};			/* LOOK_REST: byte | order << 8 */
enum {
	PB_PRESENT, PB_WRITE, PB_DIRTY, PB_YOUNG, PB_SPECIAL, PB_SOFT_DIRTY,
	PB_UFFD_WP, PB_PROT_NONE, PB_SWAP, PB_NONE,
};

struct conf_msg {
	__s64 op;
	__s64 a[8];
	__s64 ret;
	__s64 b[8];
	__u64 buf;
};

#define CONF_IOCTL _IOWR('P', 1, struct conf_msg)

#endif
