// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/hugetlbfs.c - files that consist of huge pages
 *
 * I1. A slot of the file has a page, a promise of the pool that one will be
 *     there, or neither. The file holds one reference of its pages.
 * I2. Pages are not in i_pages: reclaim, writeback and the calls that look a
 *     small page up do not know them. page->mapping and index are set.
 * I3. A page whose memory failed stays in its slot: who asks for it is told.
 * I4. A page leaves by truncation, punching, or with the file, mapped or
 *     pinned or not; its frames go back to the pool with the last reference.
 *
 * Who excludes whom: everything that looks at or changes slots by the file's
 * mutex; truncation against faults too, since it takes the mapping away
 * afterwards, under the same mutex. Who comes from a page and not from a file has
 * pages_lock, which a file takes before it ends.
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

/* keeps the file of a page alive for who found it by the page */
static struct pinpage_mutex pages_lock;

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

/**
 * pp_hugetlb_hold() - nothing happens to the file of a page
 * @head: referenced, not locked
 *
 * Context: process; sleeps. Locking: may be called with mmap_lock held; takes the
 * file's mutex.
 * Return:  the file, for pp_hugetlb_let_go(); NULL: it belongs to none.
 */
struct address_space *pp_hugetlb_hold(struct page *head)
{
	struct address_space *mapping;

	pinpage_mutex_lock(&pages_lock);
	mapping = page_file_mapping(head);
	if (mapping)
		pp_hugetlb_lock(mapping);
	if (mapping && page_file_mapping(head) != mapping) {
		pp_hugetlb_unlock(mapping);
		mapping = NULL;
	}
	if (!mapping)
		pinpage_mutex_unlock(&pages_lock);
	return mapping;
}

void pp_hugetlb_let_go(struct address_space *mapping)
{
	if (!mapping)
		return;
	pp_hugetlb_unlock(mapping);
	pinpage_mutex_unlock(&pages_lock);
}

/**
 * pp_hugetlb_move() - a page of a file gets another frame
 * @new: locked, the caller's alone
 * @old: locked, unmapped; pp_hugetlb_hold()
 *
 * Context: process. Return: 0; -EAGAIN: somebody has a reference.
 * Mirrors: fs/hugetlbfs/inode.c:hugetlbfs_migrate_folio()
 */
int pp_hugetlb_move(struct page *new, struct page *old)
{
	struct address_space *mapping = page_file_mapping(old);
	struct slot *slot;

	if (page_ref_count(old) != 2)
		return -EAGAIN;
	slot = &info_of(mapping)->slots[old->index >> HPAGE_PMD_ORDER];
	WRITE_ONCE(new->index, old->index);
	WRITE_ONCE(new->mapping, mapping);
	if (TestClearPageDirty(old))
		SetPageDirty(new);
	pp_ref(new);
	slot->head = new;
	WRITE_ONCE(old->mapping, NULL);
	pp_unref(old);
	return 0;
}

/* Has somebody a page of the file, beside the file and those who map it? */
bool pp_hugetlb_any_held(struct address_space *mapping)
{
	struct huge_inode *info = info_of(mapping);
	bool held = false;
	unsigned long i;

	pp_hugetlb_lock(mapping);
	for (i = 0; i < info->nr && !held; i++) {
		const struct page *head = info->slots[i].head;

		held = head && page_ref_count(head) - pp_page_mapcount(head) != 1;
	}
	pp_hugetlb_unlock(mapping);
	return held;
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

/*
 * Bytes [from, to) of one page. The one place that reads
 * rules->hugetlb_punch_zeroes.
 * Mirrors: fs/hugetlbfs/inode.c:hugetlbfs_zero_partial_page()
 */
static void zero_part(struct address_space *mapping, unsigned long from, unsigned long to)
{
	struct page *head;

	if (from >= to || !pp_rules->hugetlb_punch_zeroes)
		return;
	pp_hugetlb_lock(mapping);
	head = pp_hugetlb_find(mapping, from / HPAGE_PMD_SIZE);
	if (head)
		memset((char *)page_address(head) + from % HPAGE_PMD_SIZE, 0, to - from);
	pp_hugetlb_unlock(mapping);
}

/* Mirrors: fs/hugetlbfs/inode.c:hugetlbfs_punch_hole() */
static void punch(struct address_space *mapping, unsigned long from, unsigned long to)
{
	unsigned long first = DIV_ROUND_UP(from, HPAGE_PMD_SIZE);
	unsigned long behind = to / HPAGE_PMD_SIZE;

	zero_part(mapping, from, min(to, first * HPAGE_PMD_SIZE));
	if (behind >= first)
		zero_part(mapping, behind * HPAGE_PMD_SIZE, to);
	if (first < behind)
		remove_range(mapping, first, behind);
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
		punch(mapping, (unsigned long)offset, (unsigned long)(offset + len));
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

/*
 * How many of @n bytes at @from of a page can be read: those in front of the
 * frame that failed, or none of such a page. The one place that reads
 * rules->hugetlb_read_healthy. Mirrors: adjust_range_hwpoison()
 */
static size_t readable(const struct page *head, size_t from, size_t n)
{
	size_t at;

	if (!PageHWPoison(head))
		return n;
	if (!pp_rules->hugetlb_read_healthy)
		return 0;
	for (at = from & PAGE_MASK; at < from + n; at += PAGE_SIZE)
		if (pp_hugetlb_failed_at(head + at / PAGE_SIZE))
			return at > from ? at - from : 0;
	return n;
}

/* @want bytes at @pos, which one page has; how many could be read */
static size_t read_part(struct address_space *mapping, char *buf, size_t want, size_t pos)
{
	struct page *head = pp_hugetlb_find(mapping, pos / HPAGE_PMD_SIZE);
	size_t from = pos % HPAGE_PMD_SIZE, n = want;

	if (!head) {
		memset(buf, 0, n);
		return n;
	}
	n = readable(head, from, want);
	pp_copy_bytes(buf, (char *)page_address(head) + from, n);
	return n;
}

/*
 * struct address_space_operations.read_bytes: a hole reads as zero; -EIO at
 * memory that failed. Mirrors: fs/hugetlbfs/inode.c:hugetlbfs_read_iter()
 */
static ssize_t hugetlb_read(struct file *file, void *buf, size_t count, loff_pp pos)
{
	struct address_space *mapping = file->f_mapping;
	loff_pp size = i_size_read(mapping->host);
	size_t done = 0, n, want;
	ssize_t ret = 0;

	if (pos >= size)
		return 0;
	count = min(count, (size_t)(size - pos));
	pp_hugetlb_lock(mapping);
	while (done < count) {
		want = min(count - done, HPAGE_PMD_SIZE - (size_t)pos % HPAGE_PMD_SIZE);
		n = read_part(mapping, (char *)buf + done, want, (size_t)pos);
		done += n;
		pos += (loff_pp)n;
		ret = n ? (ssize_t)done : -EIO;
		if (n < want)
			break;
	}
	pp_hugetlb_unlock(mapping);
	return ret;
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

	pinpage_mutex_lock(&pages_lock);
	for (i = 0; i < info->nr; i++)
		empty_slot(&inode->i_data, &info->slots[i]);
	pinpage_mutex_unlock(&pages_lock);
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
	pinpage_mutex_init(&pages_lock, "hugetlb pages");
}

/* See hugetlbfs.h. Mirrors: fs/hugetlbfs/inode.c:hugetlb_file_setup() */
struct file *pp_hugetlb_file_setup(const char *name, loff_pp size)
{
	return pp_anon_file_setup(pp_hugetlb_sb(), name, size);
}
