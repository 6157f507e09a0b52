// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/hugetlbfs.c - files that consist of huge pages
 *
 * I1. A slot of the file has a page, a promise of the pool that one will be
 *     there, or neither. The file holds one reference of its pages.
 * I2. Pages are not in i_pages: reclaim, writeback and the calls that look a
 *     small page up do not know them. page->mapping and index are set.
 * I3. A page leaves by truncation, punching, or with the file, mapped or
 *     pinned or not; its frames go back to the pool with the last reference.
 *
 * Who excludes whom: everything that looks at or changes slots by the file's
 * mutex; truncation against faults too, since it takes the mapping away
 * afterwards, under the same mutex.
 * Mirrors: fs/hugetlbfs/inode.c, mm/hugetlb.c:hugetlb_reserve_pages() 6.1;
 * differs: no mount options, no quota.
 */
#include "pagecache/hugetlbfs.h"

#include <linux/memfd.h>

#include "pagecache/internal.h"
#include "pagecache/seals.h"

struct slot {
	struct page *head;
	bool promised;		/* a reservation was made, perhaps used up by head */
};

struct huge_inode {
	struct pinpage_mutex lock;
	struct slot *slots;
	unsigned long nr;	/* of slots; those behind are empty */
};

static struct huge_inode *info_of(const struct address_space *mapping)
{
	return mapping->host->i_private;
}

void pp_hugetlb_lock(struct address_space *mapping)
{
	pinpage_mutex_lock(&info_of(mapping)->lock);
}

void pp_hugetlb_unlock(struct address_space *mapping)
{
	pinpage_mutex_unlock(&info_of(mapping)->lock);
}

static bool make_room(struct huge_inode *info, unsigned long nr)
{
	struct slot *slots;

	if (nr <= info->nr)
		return true;
	slots = pp_realloc(info->slots, nr * sizeof(*slots));
	if (!slots)
		return false;
	memset(slots + info->nr, 0, (nr - info->nr) * sizeof(*slots));
	info->slots = slots;
	info->nr = nr;
	return true;
}

/**
 * pp_hugetlb_find() - the page of an index
 *
 * Context: process. Locking: the file's mutex held.
 * Return:  head, no reference taken; NULL.
 */
struct page *pp_hugetlb_find(struct address_space *mapping, unsigned long index)
{
	struct huge_inode *info = info_of(mapping);

	return index < info->nr ? info->slots[index].head : NULL;
}

/**
 * pp_hugetlb_add() - make the page of an index that has none
 * @headp: out: head, the file's reference only
 *
 * A promise is used if there is one; from now on the slot counts as promised.
 *
 * Context: process. Locking: the file's mutex held.
 * Return:  0; -ENOSPC: the pool is empty; -ENOMEM.
 * Mirrors: mm/hugetlb.c:hugetlb_add_to_page_cache()
 */
int pp_hugetlb_add(struct address_space *mapping, unsigned long index,
		   struct page **headp)
{
	struct huge_inode *info = info_of(mapping);
	struct page *head;

	if (!make_room(info, index + 1))
		return -ENOMEM;
	head = pp_hugetlb_alloc(info->slots[index].promised);
	if (!head)
		return -ENOSPC;
	WRITE_ONCE(head->index, index << HPAGE_PMD_ORDER);
	SetPageUptodate(head);
	WRITE_ONCE(head->mapping, mapping);
	info->slots[index] = (struct slot){ .head = head, .promised = true };
	pp_emit(CACHE_ADD, .page = head, .nr = HPAGE_PMD_NR,
		.mapping = mapping, .index = head->index);
	*headp = head;
	return 0;
}

static bool wants_promise(const struct huge_inode *info, unsigned long index)
{
	return index >= info->nr || !info->slots[index].promised;
}

/**
 * pp_hugetlb_reserve_range() - promise pages for what a shared area maps
 * @first, @behind: in huge pages
 *
 * Context: process; sleeps. Locking: takes the file's mutex.
 * Return:  0; -ENOMEM: the pool has not that many.
 * Mirrors: mm/hugetlb.c:hugetlb_reserve_pages()
 */
int pp_hugetlb_reserve_range(struct address_space *mapping, unsigned long first,
			     unsigned long behind)
{
	struct huge_inode *info = info_of(mapping);
	unsigned long i;
	long missing = 0;
	int err = -ENOMEM;

	pinpage_mutex_lock(&info->lock);
	for (i = first; i < behind; i++)
		missing += wants_promise(info, i);
	if (make_room(info, behind))
		err = pp_hugetlb_reserve(missing);
	for (i = first; !err && i < behind; i++)
		info->slots[i].promised = true;
	pinpage_mutex_unlock(&info->lock);
	return err;
}

/* mutex held: the slot becomes empty; unmapped by the caller, afterwards too */
static void empty_slot(struct address_space *mapping, struct slot *slot)
{
	struct page *head = slot->head;

	if (slot->promised && !head)
		(void)pp_hugetlb_reserve(-1);
	slot->promised = false;
	slot->head = NULL;
	if (!head)
		return;
	pp_emit(CACHE_REMOVE, .page = head, .nr = HPAGE_PMD_NR,
		.mapping = mapping, .index = head->index);
	ClearPageDirty(head);
	WRITE_ONCE(head->mapping, NULL);
	pp_unref(head);
}

/*
 * Pages of [first, behind) leave the file and all mappings.
 * Mirrors: fs/hugetlbfs/inode.c:remove_inode_hugepages()
 */
static void remove_range(struct address_space *mapping, unsigned long first,
			 unsigned long behind)
{
	struct huge_inode *info = info_of(mapping);
	unsigned long i;

	pinpage_mutex_lock(&info->lock);
	behind = min(behind, info->nr);
	if (first < behind)
		pp_unmap_range(mapping, first << HPAGE_PMD_ORDER,
			       (behind - first) << HPAGE_PMD_ORDER, true);
	for (i = first; i < behind; i++)
		empty_slot(mapping, &info->slots[i]);
	pinpage_mutex_unlock(&info->lock);
}

/* struct address_space_operations.set_size; aligned, see resize_ok */
static int hugetlb_set_size(struct inode *inode, loff_pp size)
{
	remove_range(&inode->i_data, (unsigned long)size / HPAGE_PMD_SIZE, ~0UL);
	return 0;
}

/* Mirrors: fs/hugetlbfs/inode.c:hugetlbfs_fallocate() */
static int hugetlb_fallocate(struct file *file, int mode, loff_pp offset,
			     loff_pp len)
{
	struct address_space *mapping = file->f_mapping;
	unsigned long first, behind, i;
	struct page *head;
	int err = 0;

	if (mode & FALLOC_FL_PUNCH_HOLE) {
		first = DIV_ROUND_UP((unsigned long)offset, HPAGE_PMD_SIZE);
		behind = (unsigned long)(offset + len) / HPAGE_PMD_SIZE;
		if (first < behind)
			remove_range(mapping, first, behind);
		return 0;
	}
	first = (unsigned long)offset / HPAGE_PMD_SIZE;
	behind = DIV_ROUND_UP((unsigned long)(offset + len), HPAGE_PMD_SIZE);
	for (i = first; !err && i < behind; i++) {
		pp_hugetlb_lock(mapping);
		if (!pp_hugetlb_find(mapping, i))
			err = pp_hugetlb_add(mapping, i, &head);
		pp_hugetlb_unlock(mapping);
	}
	return err;
}

/* struct address_space_operations.read_bytes: a hole reads as zero */
static ssize_t hugetlb_read(struct file *file, void *buf, size_t count, loff_pp pos)
{
	struct address_space *mapping = file->f_mapping;
	loff_pp size = i_size_read(mapping->host);
	size_t done, n, from;
	struct page *head;

	if (pos >= size)
		return 0;
	count = min(count, (size_t)(size - pos));
	pp_hugetlb_lock(mapping);
	for (done = 0; done < count; done += n, pos += (loff_pp)n) {
		from = (size_t)pos % HPAGE_PMD_SIZE;
		n = min(count - done, HPAGE_PMD_SIZE - from);
		head = pp_hugetlb_find(mapping, (unsigned long)pos / HPAGE_PMD_SIZE);
		if (head)
			pp_copy_bytes((char *)buf + done,
				      (char *)page_address(head) + from, n);
		else
			memset((char *)buf + done, 0, n);
	}
	pp_hugetlb_unlock(mapping);
	return (ssize_t)done;
}

static uint64_t hugetlb_blocks(struct inode *inode)
{
	struct address_space *mapping = &inode->i_data;
	struct huge_inode *info = info_of(mapping);
	uint64_t nr = 0;
	unsigned long i;

	pp_hugetlb_lock(mapping);
	for (i = 0; i < info->nr; i++)
		nr += info->slots[i].head != NULL;
	pp_hugetlb_unlock(mapping);
	return nr * (HPAGE_PMD_SIZE / 512);
}

static const struct address_space_operations hugetlb_aops = {
	.set_size = hugetlb_set_size,
	.fallocate = hugetlb_fallocate,
	.read_bytes = hugetlb_read,
	.blocks = hugetlb_blocks,
	.ram_only = true,
	.sparse = true,
	.sealable = true,
	.no_zero_range = true,
	.huge = true,
};

bool pp_is_hugetlb_file(const struct file *file)
{
	return file && file->f_mapping->a_ops->huge;
}

static int hugetlb_open_inode(struct super_block *sb, const char *name,
			      int flags, int mode, struct inode *inode)
{
	struct huge_inode *info;

	(void)sb;
	(void)name;
	if (!(flags & O_CREAT))
		return -ENOENT;
	info = pp_zalloc(sizeof(*info));
	if (!info)
		return -ENOMEM;
	pinpage_mutex_init(&info->lock, "hugetlb file");
	inode->i_private = info;
	inode->i_data.a_ops = &hugetlb_aops;
	inode->i_mode = (unsigned int)mode & 07777;
	inode->i_seals = F_SEAL_SEAL;
	return 0;
}

static void hugetlb_evict_inode(struct inode *inode)
{
	struct huge_inode *info = inode->i_private;
	unsigned long i;

	for (i = 0; i < info->nr; i++)
		empty_slot(&inode->i_data, &info->slots[i]);
	pp_free(info->slots);
	pp_free(info);
}

const struct pp_fs_type pp_hugetlbfs = {
	.name = "hugetlbfs",
	.open_inode = hugetlb_open_inode,
	.evict_inode = hugetlb_evict_inode,
};

static struct file *memfd_huge(const char *name, unsigned int flags)
{
	unsigned int shift = flags >> MFD_HUGE_SHIFT & MFD_HUGE_MASK;

	if (shift && shift != HPAGE_PMD_ORDER + PAGE_SHIFT)
		return ERR_PTR(-ENODEV);
	return pp_hugetlb_file_setup(name, 0);
}

void pp_hugetlbfs_boot(void)
{
	pp_memfd_huge = memfd_huge;
}

/* See hugetlbfs.h. Mirrors: fs/hugetlbfs/inode.c:hugetlb_file_setup() */
struct file *pp_hugetlb_file_setup(const char *name, loff_pp size)
{
	return pp_anon_file_setup(pp_hugetlb_sb(), name, size);
}
