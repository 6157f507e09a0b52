// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * inject.c - make the n-th read, write or flush of storage fail
 *
 * One plan per kind. The counter is shared by all tasks: exact under the
 * deterministic engine, "one of them" under the native one.
 */
#include "pagecache/internal.h"

#define NR_IO_KINDS	(PINPAGE_IO_FLUSH + 1)

static struct {
	atomic_long_t left;	/* I/Os until it fires; 0 = off */
	int error;		/* r: positive errno */
	int sticky;		/* r */
} plans[NR_IO_KINDS];

/**
 * pinpage_inject_io() - plan a failure of the storage
 * See the header. Unknown kinds and negative errors: a warning, nothing else.
 *
 * Context: any. Locking: none.
 */
void pinpage_inject_io(enum pinpage_io kind, unsigned long nth, int error,
		       bool sticky)
{
	if ((unsigned int)kind >= NR_IO_KINDS || error < 0 || error > MAX_ERRNO) {
		pp_warn_once("inject_io: kind %d, error %d", (int)kind, error);
		return;
	}
	atomic_long_set(&plans[kind].left, 0);
	WRITE_ONCE(plans[kind].error, error ? error : EIO);
	WRITE_ONCE(plans[kind].sticky, sticky);
	atomic_long_set(&plans[kind].left, (long)nth);
}

/**
 * pp_inject_io_error() - shall this I/O fail?
 * @kind:  what the model is about to do
 * @error: out: positive errno, untouched if not
 *
 * Context: any. Locking: none.
 * Return: true: fail with -*@error
 */
bool pp_inject_io_error(enum pinpage_io kind, int *error)
{
	long left = atomic_long_read(&plans[kind].left);

	if (likely(!left))
		return false;
	if (left == 1 && READ_ONCE(plans[kind].sticky)) {
		*error = READ_ONCE(plans[kind].error);
		return true;
	}
	if (atomic_long_add_unless(&plans[kind].left, -1, 0) && left == 1) {
		*error = READ_ONCE(plans[kind].error);
		return true;
	}
	return false;
}

/* Boot and shutdown: no plan. */
void pp_inject_reset(void)
{
	for (unsigned int i = 0; i < NR_IO_KINDS; i++)
		atomic_long_set(&plans[i].left, 0);
}
