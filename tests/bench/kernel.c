// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The kernel's own figure: io_uring pins a buffer when it is registered and
 * unpins it when it is unregistered.
 */
#include "bench.h"

#ifndef HAVE_LIBURING

void measure_kernel(struct results *r)
{
	r->no_kernel = "built without liburing";
}

#else

#include <liburing.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096UL

struct buffer {
	struct io_uring ring;
	struct iovec iov;
	int error;
};

static void register_unregister(void *arg, uint64_t n)
{
	struct buffer *buffer = arg;

	while (n-- && !buffer->error) {
		buffer->error = io_uring_register_buffers(&buffer->ring,
							  &buffer->iov, 1);
		if (!buffer->error)
			buffer->error =
				io_uring_unregister_buffers(&buffer->ring);
	}
}

static char *map(size_t size, int advice)
{
	char *at = mmap(NULL, size + HUGE_PAGES * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	at += -(uintptr_t)at & (HUGE_PAGES * PAGE - 1);
	madvise(at, size, advice);
	memset(at, 1, size);
	return at;
}

static void column(struct results *r, struct buffer *buffer, int advice,
		   enum column col)
{
	size_t size = r->batch[r->nr_batches - 1] * PAGE;
	char *at = map(size, advice);
	size_t i;

	for (i = 0; at && i < r->nr_batches && !buffer->error; i++) {
		double ns;

		buffer->iov.iov_base = at;
		buffer->iov.iov_len = r->batch[i] * PAGE;
		ns = best_ns(register_unregister, buffer) /
		     (double)r->batch[i];
		if (!buffer->error)
			better(&r->ns[i][col], ns);
	}
	if (at)
		munmap(at, size);
}

void measure_kernel(struct results *r)
{
	struct buffer buffer = { .error = 0 };

	if (io_uring_queue_init(1, &buffer.ring, 0)) {
		r->no_kernel = "io_uring is not allowed here";
		return;
	}
	column(r, &buffer, MADV_NOHUGEPAGE, SMALL_KERNEL);
	column(r, &buffer, MADV_HUGEPAGE, HUGE_KERNEL);
	if (buffer.error)
		r->no_kernel = strerror(-buffer.error);
	io_uring_queue_exit(&buffer.ring);
}

#endif
