/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/uio.h - iterators over buffers */
#ifndef PINPAGE_KERNEL_LINUX_UIO_H
#define PINPAGE_KERNEL_LINUX_UIO_H

#include <linux/bvec.h>
#include <linux/mm.h>

#ifndef READ
#define READ ITER_DEST
#define WRITE ITER_SOURCE
#endif
typedef unsigned int iov_iter_extraction_t;

#endif
