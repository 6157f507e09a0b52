// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/blkfs_table.c - the files of a blkfs and their block maps
 *
 * Serves two tables: the one of the mounted file system (under the lock) and
 * the one that durable_read() builds from stable storage.
 */
#include <string.h>

#include "pagecache/blkfs.h"

static unsigned long name_hash(const char *name, size_t len)
{
	unsigned long h = len;

	while (len--)
		h = h * 31 + (unsigned char)*name++;
	return h % BLKFS_NAME_BUCKETS;
}

/* bytes of an inode's record; see blkfs_log.c */
static unsigned long inode_record_bytes(const char *name)
{
	return 24 + ((strlen(name) + 7) & ~7UL);
}

void pp_blkfs_table_init(struct blkfs_table *table)
{
	unsigned int i;

	memset(table, 0, sizeof(*table));
	for (i = 0; i < BLKFS_NAME_BUCKETS; i++)
		INIT_LIST_HEAD(&table->names[i]);
}

/* Frees every node; the table is empty and must be initialised again. */
void pp_blkfs_table_exit(struct blkfs_table *table)
{
	struct blkfs_node *node;
	unsigned long ino;

	xa_for_each(&table->by_ino, ino, node)
		pp_blkfs_node_free(node);
	pp_xa_destroy(&table->by_ino);
}

struct blkfs_node *pp_blkfs_find_name(struct blkfs_table *table,
				      const char *name)
{
	struct list_head *pos;

	list_for_each(pos, &table->names[name_hash(name, strlen(name))]) {
		struct blkfs_node *node =
			list_entry(pos, struct blkfs_node, name_link);

		if (!strcmp(node->name, name))
			return node;
	}
	return NULL;
}

struct blkfs_node *pp_blkfs_find_ino(struct blkfs_table *table, uint32_t ino)
{
	return pp_xa_load(&table->by_ino, ino);
}

/**
 * pp_blkfs_node_new() - an empty file in @table
 * @name: @len bytes, need not end in NUL; copied
 *
 * Context: any. Locking: the table's owner.
 * Return:  the node, or NULL without memory.
 */
struct blkfs_node *pp_blkfs_node_new(struct blkfs_table *table, uint32_t ino,
				     const char *name, size_t len)
{
	struct blkfs_node *node = pp_zalloc(sizeof(*node));

	if (!node)
		return NULL;
	node->name = pp_zalloc(len + 1);
	if (!node->name)
		goto out_node;
	memcpy(node->name, name, len);
	node->ino = ino;
	xa_init(&node->map);
	INIT_LIST_HEAD(&node->wrote.link);
	INIT_LIST_HEAD(&node->durable.link);
	if (IS_ERR(pp_xa_store(&table->by_ino, ino, node)))
		goto out_name;
	list_add_tail(&node->name_link, &table->names[name_hash(name, len)]);
	table->inode_bytes += inode_record_bytes(node->name);
	if (ino > table->last_ino)
		table->last_ino = ino;
	return node;
out_name:
	pp_free(node->name);
out_node:
	pp_free(node);
	return NULL;
}

/* The file is unlinked: out of the table, though perhaps still open. */
void pp_blkfs_node_forget_name(struct blkfs_table *table,
			       struct blkfs_node *node)
{
	table->inode_bytes -= inode_record_bytes(node->name);
	list_del(&node->name_link);
	pp_xa_erase(&table->by_ino, node->ino);
	pp_free(node->name);
	node->name = NULL;
}

/* The node is in no table, or the table is going. */
void pp_blkfs_node_free(struct blkfs_node *node)
{
	list_del(&node->wrote.link);
	list_del(&node->durable.link);
	pp_xa_destroy(&node->map);
	pp_free(node->name);
	pp_free(node);
}

/* Return: the entry, or 0 for a hole. */
uint64_t pp_blkfs_map_get(const struct blkfs_node *node, unsigned long index)
{
	void *entry = pp_xa_load(&node->map, index);

	return entry ? xa_to_value(entry) : 0;
}

/**
 * pp_blkfs_map_set() - let page @index live in the block of @entry
 *
 * The block that it had is the caller's to free.
 * Return: 0, or -ENOMEM unless the slot has an entry or a reservation.
 */
int pp_blkfs_map_set(struct blkfs_node *node, unsigned long index,
		     uint64_t entry)
{
	void *old = pp_xa_store(&node->map, index, xa_mk_value(entry));

	if (IS_ERR(old))
		return -ENOMEM;
	if (!old)
		node->nr_blocks++;
	return 0;
}

/* Return: the entry that was there, or 0. */
uint64_t pp_blkfs_map_clear(struct blkfs_node *node, unsigned long index)
{
	void *old = pp_xa_load(&node->map, index);

	if (!old)
		return 0;
	pp_xa_erase(&node->map, index);
	node->nr_blocks--;
	return xa_to_value(old);
}

/* Pages [first, last] join @range, which is then on @list. */
void pp_blkfs_range_add(struct blkfs_range *range, struct list_head *list,
			unsigned long first, unsigned long last)
{
	if (list_empty(&range->link)) {
		list_add_tail(&range->link, list);
		range->first = first;
		range->last = last;
		return;
	}
	if (first < range->first)
		range->first = first;
	if (last > range->last)
		range->last = last;
}
