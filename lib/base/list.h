/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_BASE_LIST_H
#define PP_BASE_LIST_H

/*
 * Doubly linked lists: struct list_head (circular) and struct hlist_head
 * (one-pointer head, for hash tables).
 *
 * Writers are serialised by the caller. The _rcu forms let readers in an
 * RCU read-side section walk forward beside one writer.
 * Mirrors: include/linux/list.h, rculist.h.
 */
#include "base/atomic.h"

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

/* a deleted node points here: using it faults, whatever the configuration */
#define LIST_POISON1	((void *)0x1d0)
#define LIST_POISON2	((void *)0x2d0)

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#ifndef LIST_HEAD
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)
#endif
#define PP_LIST_HEAD(name)	struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	WRITE_ONCE(head->next, head);
	head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline bool list_is_first(const struct list_head *node,
				 const struct list_head *head)
{
	return node->prev == head;
}

static inline bool list_is_last(const struct list_head *node,
				const struct list_head *head)
{
	return node->next == head;
}

static inline void pp_list_link(struct list_head *node,
				struct list_head *prev,
				struct list_head *next)
{
	WRITE_ONCE(node->next, next);
	node->prev = prev;
	next->prev = node;
	WRITE_ONCE(prev->next, node);
}

static inline void pp_list_unlink(struct list_head *node)
{
	node->next->prev = node->prev;
	WRITE_ONCE(node->prev->next, node->next);
}

static inline void list_add(struct list_head *node, struct list_head *head)
{
	pp_list_link(node, head, head->next);
}

static inline void list_add_tail(struct list_head *node,
				 struct list_head *head)
{
	pp_list_link(node, head->prev, head);
}

static inline void list_del(struct list_head *node)
{
	pp_list_unlink(node);
	WRITE_ONCE(node->next, LIST_POISON1);
	node->prev = LIST_POISON2;
}

static inline void list_del_init(struct list_head *node)
{
	pp_list_unlink(node);
	INIT_LIST_HEAD(node);
}

static inline void list_move(struct list_head *node, struct list_head *head)
{
	pp_list_unlink(node);
	list_add(node, head);
}

static inline void list_move_tail(struct list_head *node,
				  struct list_head *head)
{
	pp_list_unlink(node);
	list_add_tail(node, head);
}

/* @node takes the place of @old, which is left as it was */
static inline void list_replace(struct list_head *old,
				struct list_head *node)
{
	pp_list_link(node, old->prev, old->next);
}

/* all of @list, which is not empty, goes between @prev and @next */
static inline void pp_list_splice(struct list_head *list,
				  struct list_head *prev,
				  struct list_head *next)
{
	list->next->prev = prev;
	list->prev->next = next;
	next->prev = list->prev;
	prev->next = list->next;
}

static inline void list_splice(struct list_head *list,
			       struct list_head *head)
{
	if (!list_empty(list))
		pp_list_splice(list, head, head->next);
}

static inline void list_splice_init(struct list_head *list,
				    struct list_head *head)
{
	list_splice(list, head);
	INIT_LIST_HEAD(list);
}

static inline void list_splice_tail(struct list_head *list,
				    struct list_head *head)
{
	if (!list_empty(list))
		pp_list_splice(list, head->prev, head);
}

static inline void list_splice_tail_init(struct list_head *list,
					 struct list_head *head)
{
	list_splice_tail(list, head);
	INIT_LIST_HEAD(list);
}

#define list_entry(ptr, type, member)	container_of(ptr, type, member)
#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) \
	list_entry((head)->prev, type, member)
#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member) \
	list_entry((pos)->member.prev, __typeof__(*(pos)), member)
#define list_entry_is_head(pos, head, member) \
	(&(pos)->member == (head))
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))

#define list_for_each(pos, head) \
	for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)

#define list_for_each_safe(pos, n, head)				\
	for ((pos) = (head)->next, (n) = (pos)->next; (pos) != (head);	\
	     (pos) = (n), (n) = (pos)->next)

#define list_for_each_entry(pos, head, member)				\
	for ((pos) = list_first_entry(head, __typeof__(*(pos)), member);\
	     !list_entry_is_head(pos, head, member);			\
	     (pos) = list_next_entry(pos, member))

#define list_for_each_entry_reverse(pos, head, member)			\
	for ((pos) = list_last_entry(head, __typeof__(*(pos)), member);	\
	     !list_entry_is_head(pos, head, member);			\
	     (pos) = list_prev_entry(pos, member))

/* the body may take @pos off the list and free it */
#define list_for_each_entry_safe(pos, n, head, member)			\
	for ((pos) = list_first_entry(head, __typeof__(*(pos)), member),\
	     (n) = list_next_entry(pos, member);			\
	     !list_entry_is_head(pos, head, member);			\
	     (pos) = (n), (n) = list_next_entry(n, member))

/*
 * RCU forms. (A) list_add_rcu() publishes: what was written to the entry
 * before is seen by a reader that finds it. Pairs with the acquire load in
 * list_for_each_entry_rcu(). Without it a reader sees an entry half made.
 * Test: base/list rcu_reader_sees_whole_entries.
 */
static inline void pp_list_link_rcu(struct list_head *node,
				    struct list_head *prev,
				    struct list_head *next)
{
	WRITE_ONCE(node->next, next);
	node->prev = prev;
	smp_store_release(&prev->next, node);
	next->prev = node;
}

static inline void list_add_rcu(struct list_head *node,
				struct list_head *head)
{
	pp_list_link_rcu(node, head, head->next);
}

static inline void list_add_tail_rcu(struct list_head *node,
				     struct list_head *head)
{
	pp_list_link_rcu(node, head->prev, head);
}

/* @node->next stays, so that a reader standing on @node gets on */
static inline void list_del_rcu(struct list_head *node)
{
	pp_list_unlink(node);
	node->prev = LIST_POISON2;
}

#define list_entry_rcu(ptr, type, member) \
	list_entry(smp_load_acquire(&(ptr)), type, member)

#define list_for_each_entry_rcu(pos, head, member)			\
	for ((pos) = list_entry_rcu((head)->next, __typeof__(*(pos)),	\
				    member);				\
	     !list_entry_is_head(pos, head, member);			\
	     (pos) = list_entry_rcu((pos)->member.next,			\
				    __typeof__(*(pos)), member))

/* hlist */

#define HLIST_HEAD_INIT		{ .first = NULL }
#define HLIST_HEAD(name)	struct hlist_head name = HLIST_HEAD_INIT

static inline void INIT_HLIST_HEAD(struct hlist_head *head)
{
	head->first = NULL;
}

static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return !node->pprev;
}

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !READ_ONCE(head->first);
}

static inline void hlist_add_head(struct hlist_node *node,
				  struct hlist_head *head)
{
	struct hlist_node *first = head->first;

	node->next = first;
	node->pprev = &head->first;
	if (first)
		first->pprev = &node->next;
	WRITE_ONCE(head->first, node);
}

static inline void hlist_add_behind(struct hlist_node *node,
				    struct hlist_node *prev)
{
	node->next = prev->next;
	node->pprev = &prev->next;
	if (node->next)
		node->next->pprev = &node->next;
	WRITE_ONCE(prev->next, node);
}

static inline void pp_hlist_unlink(struct hlist_node *node)
{
	WRITE_ONCE(*node->pprev, node->next);
	if (node->next)
		node->next->pprev = node->pprev;
}

static inline void hlist_del(struct hlist_node *node)
{
	pp_hlist_unlink(node);
	node->next = LIST_POISON1;
	node->pprev = LIST_POISON2;
}

static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	pp_hlist_unlink(node);
	INIT_HLIST_NODE(node);
}

/* as list_add_rcu(), (A) */
static inline void hlist_add_head_rcu(struct hlist_node *node,
				      struct hlist_head *head)
{
	struct hlist_node *first = head->first;

	WRITE_ONCE(node->next, first);
	node->pprev = &head->first;
	smp_store_release(&head->first, node);
	if (first)
		first->pprev = &node->next;
}

static inline void hlist_del_rcu(struct hlist_node *node)
{
	pp_hlist_unlink(node);
	node->pprev = LIST_POISON2;
}

#define hlist_entry(ptr, type, member)	container_of(ptr, type, member)
#define hlist_entry_safe(ptr, type, member)				\
({									\
	__auto_type __hl_ptr = (ptr);					\
	__hl_ptr ? hlist_entry(__hl_ptr, type, member) : NULL;		\
})

#define hlist_for_each_entry(pos, head, member)				\
	for ((pos) = hlist_entry_safe((head)->first,			\
				      __typeof__(*(pos)), member);	\
	     (pos);							\
	     (pos) = hlist_entry_safe((pos)->member.next,		\
				      __typeof__(*(pos)), member))

/* @n is a struct hlist_node *; the body may free @pos */
#define hlist_for_each_entry_safe(pos, n, head, member)			\
	for ((pos) = hlist_entry_safe((head)->first,			\
				      __typeof__(*(pos)), member);	\
	     (pos) && ((n) = (pos)->member.next, true);			\
	     (pos) = hlist_entry_safe(n, __typeof__(*(pos)), member))

#define hlist_for_each_entry_rcu(pos, head, member)			\
	for ((pos) = hlist_entry_safe(smp_load_acquire(&(head)->first),	\
				      __typeof__(*(pos)), member);	\
	     (pos);							\
	     (pos) = hlist_entry_safe(					\
				smp_load_acquire(&(pos)->member.next),	\
				__typeof__(*(pos)), member))

#endif /* PP_BASE_LIST_H */
