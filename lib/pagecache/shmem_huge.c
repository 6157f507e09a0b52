// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * shmem_huge.c - which files in memory get huge pages
 *
 * A mount has its own setting (huge=), the mount behind memfds and shared
 * anonymous memory that of shmem_enabled. "deny" and "force" of the latter are
 * for all mounts.
 *
 * Mirrors: mm/shmem.c:shmem_is_huge(), shmem_enabled_store() 6.1.
 */
#include "pagecache/internal.h"

/* Key: r = read and written anywhere, each alone */
static struct {
	enum pinpage_huge enabled;	/* r: as set */
	enum pinpage_huge internal;	/* r: last that was neither DENY nor FORCE */
} setting;

/* pp_shmem_huge_boot() - never; Context: boot */
void pp_shmem_huge_boot(void)
{
	setting.enabled = setting.internal = PINPAGE_HUGE_NEVER;
}

/* See the header. Mirrors: mm/shmem.c:shmem_enabled_store() */
int pinpage_set_shmem_enabled(enum pinpage_huge huge)
{
	if (!pp_ready() || (unsigned int)huge > PINPAGE_HUGE_FORCE)
		return -EINVAL;
	WRITE_ONCE(setting.enabled, huge);
	if (huge < PINPAGE_HUGE_DENY)
		WRITE_ONCE(setting.internal, huge);
	return 0;
}

/* does the file have all of the 2 MiB around @index? */
static bool within_size(const struct inode *inode, unsigned long index)
{
	uint64_t pages = DIV_ROUND_UP((uint64_t)i_size_read(inode), PAGE_SIZE);

	return pages >= ALIGN(index + 1, (unsigned long)HPAGE_PMD_NR);
}

/**
 * pp_shmem_is_huge() - shall the page of an index be part of a huge one?
 * @mount:  the setting of the file's mount, unless that is the internal one
 * @advice: of the area that faults, if one does
 *
 * Context: any. Mirrors: mm/shmem.c:shmem_is_huge()
 */
bool pp_shmem_is_huge(struct address_space *mapping, unsigned long index,
		      enum pinpage_huge mount, enum pp_huge_advice advice)
{
	enum pinpage_huge enabled = READ_ONCE(setting.enabled);

	if (advice == PP_HUGE_REFUSED || enabled == PINPAGE_HUGE_DENY)
		return false;
	if (enabled == PINPAGE_HUGE_FORCE)
		return true;
	if (mapping->host->i_sb->internal)
		mount = READ_ONCE(setting.internal);
	switch (mount) {
	case PINPAGE_HUGE_ALWAYS:
		return true;
	case PINPAGE_HUGE_WITHIN_SIZE:
		return advice == PP_HUGE_ADVISED || within_size(mapping->host, index);
	case PINPAGE_HUGE_ADVISE:
		return advice == PP_HUGE_ADVISED;
	default:
		return false;
	}
}

/**
 * pp_shmem_may_collapse() - may small pages be made a huge one?
 * @asked: by MADV_COLLAPSE: only "deny" says no
 *
 * As pp_shmem_is_huge(), except: @mount is found, @index is of no page.
 * Return: false, too: it is not memory with a file.
 * Mirrors: mm/shmem.c:shmem_is_huge(), @shmem_huge_force
 */
bool pp_shmem_may_collapse(struct address_space *mapping, unsigned long index,
			   enum pp_huge_advice advice, bool asked)
{
	if (!mapping->a_ops->large)
		return false;
	if (asked)
		return advice != PP_HUGE_REFUSED &&
		       READ_ONCE(setting.enabled) != PINPAGE_HUGE_DENY;
	return mapping->a_ops->wants_huge(mapping, index, advice);
}
