// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/memfd.c - anonymous files, and the seals of files in memory
 *
 * I1. Seals are only ever added, under i_rwsem (write), and none once
 *     F_SEAL_SEAL is set. What changes the file looks at them under i_rwsem;
 *     mmap() under mmap_lock alone, hence I2.
 * I2. F_SEAL_WRITE: from the time it is set on no writable shared area is left
 *     and none can come (i_mmap_writable is negative), and nobody holds a page
 *     by a reference that the cache and the page tables do not explain.
 *
 * Mirrors: mm/memfd.c 6.1 and 6.12; differs: no file descriptor, so
 * MFD_CLOEXEC is accepted and means nothing.
 */
#include <linux/memfd.h>
#include <stdio.h>

#include "pagecache/hugetlbfs.h"
#include "pagecache/internal.h"
#include "pagecache/seals.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	0x0008U
#define MFD_EXEC	0x0010U
#endif

#define NAME_PREFIX	"memfd:"
#define NAME_LONGEST	(255 - (sizeof(NAME_PREFIX) - 1))
#define HUGE_SIZE_BITS	((unsigned int)MFD_HUGE_MASK << MFD_HUGE_SHIFT)

/* pages that are held are looked at this often, 10, 20, 40, 80 ms apart */
#define SCANS		5

struct file *(*pp_memfd_huge)(const char *name, unsigned int flags);

/* MFD_EXEC and its kin, and F_SEAL_EXEC */
static bool knows_exec(void)
{
	return pp_rules->memfd_exec;
}

static int check_flags(unsigned int flags)
{
	unsigned int known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB;

	if (knows_exec())
		known |= MFD_EXEC | MFD_NOEXEC_SEAL;
	if (flags & MFD_HUGETLB)
		known |= HUGE_SIZE_BITS;
	if (flags & ~known)
		return -EINVAL;
	return (flags & MFD_EXEC) && (flags & MFD_NOEXEC_SEAL) ? -EINVAL : 0;
}

static struct file *make_file(const char *name, unsigned int flags)
{
	char full[sizeof(NAME_PREFIX) + NAME_LONGEST];

	snprintf(full, sizeof(full), NAME_PREFIX "%s", name);
	if (!(flags & MFD_HUGETLB))
		return pp_shmem_file_setup(full, 0);
	return pp_memfd_huge(full, flags);
}

/* See the header. Mirrors: mm/memfd.c:memfd_create() */
struct file *pinpage_memfd_create(const char *name, unsigned int flags)
{
	struct inode *inode;
	struct file *file;
	int ret;

	if (!pp_ready() || !pinpage_might_sleep())
		return ERR_PTR(-EINVAL);
	ret = check_flags(flags);
	if (ret)
		return ERR_PTR(ret);
	if (!name)
		return ERR_PTR(-EFAULT);
	if (strlen(name) > NAME_LONGEST)
		return ERR_PTR(-EINVAL);
	file = make_file(name, flags);
	if (IS_ERR(file))
		return file;
	inode = file->f_inode;
	inode->i_mode = flags & MFD_NOEXEC_SEAL ? 0666 : 0777;
	if (flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL))
		inode->i_seals &= ~(unsigned int)F_SEAL_SEAL;
	if (flags & MFD_NOEXEC_SEAL)
		inode->i_seals |= F_SEAL_EXEC;
	return file;
}

/* More references than the cache and the page tables account for? */
static bool held_elsewhere(const struct page *head)
{
	return page_ref_count(head) - pp_folio_mapcount(head) !=
	       (long)folio_nr_pages((const struct folio *)head);
}

/* Is a page of the file held? RCU keeps the frames' meaning meanwhile. */
static bool any_held(struct address_space *mapping)
{
	unsigned long index = 0, nr;
	struct page *head;
	bool held = false;

	if (mapping->a_ops->huge)
		return pp_hugetlb_any_held(mapping);
	pinpage_rcu_read_lock();
	while (!held && (head = pp_xa_find(&mapping->i_pages, &index, ~0ul,
					   PP_XA_PRESENT))) {
		held = held_elsewhere(head);
		nr = folio_nr_pages((struct folio *)head);
		index = round_down(index, nr) + nr;
	}
	pinpage_rcu_read_unlock();
	return held;
}

/*
 * Wait for references by GUP to go: whoever has one may still write.
 * 0; -EBUSY: somebody holds a page after 150 ms, or the task is being killed.
 * Mirrors: mm/memfd.c:memfd_wait_for_pins()
 */
static int wait_for_pins(struct address_space *mapping)
{
	struct pinpage_completion never;
	unsigned long wait = 10000000;		/* ns */

	pinpage_init_completion(&never);
	for (int scan = 1; any_held(mapping); scan++) {
		if (scan == SCANS || pinpage_fatal_signal_pending())
			return -EBUSY;
		pinpage_wait_for_completion_timeout(&never, wait);
		wait *= 2;
	}
	return 0;
}

static int seal_writing(struct address_space *mapping)
{
	int ret;

	/* an area that changes its bounds leaves the count for a moment */
	pinpage_down_read(&mapping->i_mmap_rwsem);
	ret = pp_mapping_deny_writable(mapping) ? 0 : -EBUSY;
	pinpage_up_read(&mapping->i_mmap_rwsem);
	if (ret)
		return ret;
	ret = wait_for_pins(mapping);
	if (ret)
		pp_mapping_allow_writable(mapping);
	return ret;
}

/* i_rwsem held for write */
static int add_seals(struct inode *inode, unsigned int seals)
{
	int ret;

	pp_assert_held(&inode->i_rwsem);
	if (inode->i_seals & F_SEAL_SEAL)
		return -EPERM;
	/* an executable that cannot become anything else cannot be written */
	if (seals & F_SEAL_EXEC && inode->i_mode & 0111)
		seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
			F_SEAL_FUTURE_WRITE;
	if (seals & F_SEAL_WRITE && !(inode->i_seals & F_SEAL_WRITE)) {
		ret = seal_writing(&inode->i_data);
		if (ret)
			return ret;
	}
	WRITE_ONCE(inode->i_seals, inode->i_seals | seals);
	return 0;
}

/* See the header. Mirrors: mm/memfd.c:memfd_add_seals() */
int pinpage_memfd_add_seals(struct file *file, unsigned int seals)
{
	unsigned int known = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
		F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
	int ret;

	if (!pp_file_ok(file) || !pinpage_might_sleep())
		return -EINVAL;
	if (!file->can_write)
		return -EPERM;
	if (knows_exec())
		known |= F_SEAL_EXEC;
	if (seals & ~known || !file->f_mapping->a_ops->sealable)
		return -EINVAL;
	pinpage_down_write(&file->f_inode->i_rwsem);
	ret = add_seals(file->f_inode, seals);
	pinpage_up_write(&file->f_inode->i_rwsem);
	return ret;
}

/* See the header. Mirrors: mm/memfd.c:memfd_get_seals() */
int pinpage_memfd_get_seals(struct file *file)
{
	if (!pp_file_ok(file) || !file->f_mapping->a_ops->sealable)
		return -EINVAL;
	return (int)READ_ONCE(file->f_inode->i_seals);
}
