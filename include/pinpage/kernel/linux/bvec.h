/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/bvec.h - runs of pages: see <pinpage/iov_iter.h> */
#ifndef PINPAGE_KERNEL_LINUX_BVEC_H
#define PINPAGE_KERNEL_LINUX_BVEC_H

#include <linux/mm.h>

static inline void bvec_set_page(struct bio_vec *bv, struct page *page,
				 unsigned int len, unsigned int offset)
{
	bv->bv_page = page;
	bv->bv_len = len;
	bv->bv_offset = offset;
}

#endif
