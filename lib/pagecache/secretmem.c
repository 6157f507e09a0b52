// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/secretmem.c - memory that nobody but its process may see
 *
 * I1. Its pages are reached through the entries of processes alone: not by
 *     read(), not by GUP, not by a device.
 * I2. The size is set once.
 *
 * Mirrors: mm/secretmem.c 6.1; differs: no direct map that could lose a page;
 * what would use it is refused instead.
 */
#include "pagecache/internal.h"

static const struct address_space_operations secretmem_aops = {
	.ram_only = true,
	.no_mlock = true,
	.no_rw = true,
	.fixed_size = true,
	.secret = true,
};

/* See the header. Mirrors: mm/secretmem.c:memfd_secret() */
struct file *pinpage_memfd_secret(unsigned int flags)
{
	struct file *file;

	if (!pp_ready() || !pinpage_might_sleep())
		return ERR_PTR(-EINVAL);
	if (!pp_rules->has_secretmem)
		return ERR_PTR(-ENOSYS);
	if (flags & ~(unsigned int)O_CLOEXEC)
		return ERR_PTR(-EINVAL);
	file = pp_shmem_file_setup("secretmem", 0);
	if (IS_ERR(file))
		return file;
	file->f_inode->i_seals = 0;
	file->f_mapping->a_ops = &secretmem_aops;
	return file;
}
