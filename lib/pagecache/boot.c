// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * boot.c - the room comes up and goes down
 */
#include "pagecache/internal.h"

/* A node of an index outlives the lookups that may stand on it. */
static void free_node_rcu(struct pinpage_rcu_head *head)
{
	pp_xa_node_free_now(container_of((void *(*)[4])head, struct xa_node,
					 rcu));
}

static void free_node(struct xa_node *node)
{
	BUILD_BUG_ON(sizeof(node->rcu) < sizeof(struct pinpage_rcu_head));
	pinpage_call_rcu((struct pinpage_rcu_head *)node->rcu, free_node_rcu);
}

/**
 * pp_pagecache_boot() - nothing mounted, nothing dirty, no plan to fail
 * @limits: for writers and for a flusher started with NULL limits later; NULL:
 *          the kernel's defaults. The flusher is not started here.
 *
 * Context: boot, after the page room. Return: 0.
 */
int pp_pagecache_boot(const struct pinpage_dirty_limits *limits)
{
	pp_xa_set_node_free(free_node);
	atomic_long_set(&pp_nr_dirty, 0);
	atomic_long_set(&pp_nr_writeback, 0);
	pp_inject_reset();
	pp_bounce_reset();
	pp_mount_boot();
	pp_shmem_huge_boot();
	pp_hugetlbfs_boot();
	pp_set_dirty_limits(limits);
	return 0;
}

/**
 * pp_pagecache_shutdown() - stop the flusher, close and unmount everything
 *
 * Files that the program left open are named in a warning each. Planned I/O
 * failures are called off, so that the last write-back succeeds.
 *
 * Context: shutdown, after mm, before the page room; no other task runs.
 */
void pp_pagecache_shutdown(void)
{
	pp_flusher_stop();
	pp_inject_reset();
	pp_mount_shutdown();
	pp_bounce_reset();
	pp_set_rmap_ops(NULL);
}
