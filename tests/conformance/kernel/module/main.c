// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * main.c - the driver that conformance cases drive: /dev/conf
 *
 * Only exported functions of an unmodified kernel, and three found by name
 * (look.c). All that a case leaves held goes at OP_RESET. For a machine that is
 * thrown away afterwards: nothing here checks who asks.
 */
#include <linux/highmem.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/uaccess.h>
#include <linux/vmstat.h>

#include "conf.h"

static struct mmpin accounted;

struct mm_struct *conf_mm(long pid)
{
	struct task_struct *task;
	struct mm_struct *mm = NULL;

	if (!pid) {
		mmget(current->mm);
		return current->mm;
	}
	rcu_read_lock();
	task = pid_task(find_vpid(pid), PIDTYPE_PID);
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	if (task) {
		mm = get_task_mm(task);
		put_task_struct(task);
	}
	return mm;
}

static struct page *page_of(long token)
{
	return token > 0 && pfn_valid(token - 1) ? pfn_to_page(token - 1) : NULL;
}

static long device(struct conf_msg *m, struct conf_hold *h)
{
	long off = m->a[1], len = m->a[2], part, i;
	char __user *buf = u64_to_user_ptr(m->buf);
	char *va;
	int bad = 0;

	for (; len > 0 && !bad; off += part, buf += part, len -= part) {
		i = h->folios ? 0 : off >> PAGE_SHIFT;
		if (i >= h->nr)
			return -EFAULT;
		part = min_t(long, len, PAGE_SIZE - (off & ~PAGE_MASK));
		va = page_address(h->pages[i]);
		va += h->folios ? off : (off & ~PAGE_MASK);
		bad = m->a[3] ? copy_from_user(va, buf, part) :
				copy_to_user(buf, va, part);
	}
	return bad ? -EFAULT : 0;
}

static long dirty(struct page *page, long how)
{
	struct folio *folio = page_folio(page);
	long ret;

	switch (how) {
	case DIRTY_SET:
		return set_page_dirty(page);
	case DIRTY_SET_LOCK:
		return set_page_dirty_lock(page);
	}
	folio_lock(folio);
	ret = how == DIRTY_CLEAR ? folio_clear_dirty_for_io(folio) :
				   folio_mkclean(folio);
	folio_unlock(folio);
	return ret;
}

static void refs(struct page *page, long n)
{
	for (; n > 0; n--)
		get_page(page);
	for (; n < 0; n++)
		put_page(page);
}

static long stat(long which)
{
	return global_node_page_state(which ? NR_FOLL_PIN_RELEASED :
					      NR_FOLL_PIN_ACQUIRED);
}

static long mm_state(struct conf_msg *m)
{
	struct mm_struct *mm = conf_mm(m->a[0]);

	if (!mm)
		return -ESRCH;
	m->b[MM_HAS_PINNED] = test_bit(MMF_HAS_PINNED, &mm->flags);
	m->b[MM_LOCKED_VM] = mm->locked_vm;
	m->b[MM_PINNED_VM] = atomic64_read(&mm->pinned_vm);
	mmput(mm);
	return 0;
}

/* As drivers of RDMA hardware do it. */
static long add_pinned(long pages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	long now = atomic64_add_return(pages, &current->mm->pinned_vm);

	if (pages > 0 && now > limit && !capable(CAP_IPC_LOCK)) {
		atomic64_sub(pages, &current->mm->pinned_vm);
		return -ENOMEM;
	}
	return 0;
}

static void unaccount(void)
{
	if (accounted.user)
		mm_unaccount_pinned_pages(&accounted);
	accounted = (struct mmpin){};
}

static void reset(void)
{
	conf_notify_drop_all();
	conf_holds_drop();
	unaccount();
}

static long of_hold(struct conf_msg *m)
{
	struct conf_hold *h = conf_hold_find(m->a[0]);

	if (!h)
		return m->op == OP_HOLD ? -EINPROGRESS : -ENOENT;
	switch (m->op) {
	case OP_HOLD:
		m->b[0] = h->locked;
		m->b[1] = conf_hold_left(h);
		return READ_ONCE(h->ret);
	case OP_RELEASE:
		return conf_release(h, m->a[1], m->a[2], m->a[3], m->a[4]);
	case OP_RELEASE_COUNT:
		return conf_release_count(h, m->a[1], m->a[2]);
	case OP_DEVICE:
		return device(m, h);
	}
	if (m->a[1] < 0 || m->a[1] >= h->nr)
		return m->op == OP_PAGE ? 0 : -EINVAL;
	switch (m->op) {
	case OP_PAGE:
		return page_to_pfn(h->pages[m->a[1]]) + 1;
	case OP_UNPIN_EXTRA:
		unpin_user_page(h->pages[m->a[1]]);
		return 0;
	default:		/* OP_ADD_PINS: no release exports it */
		return -ENOSYS;
	}
}

static long of_page(struct conf_msg *m)
{
	struct page *page = page_of(m->a[0]);

	if (!page)
		return -EINVAL;
	if (m->op == OP_DIRTY)
		return dirty(page, m->a[1]);
	refs(page, m->a[1]);
	return 0;
}

static long other(struct conf_msg *m)
{
	switch (m->op) {
	case OP_RESET:
		reset();
		return 0;
	case OP_ACQUIRE: return conf_acquire(m);
	case OP_PIN_MANY: return conf_pin_many(m);
	case OP_MEMFD_PIN: return conf_memfd_pin(m);
	case OP_RELEASE_RAW: return conf_release_raw(m->a[0], m->a[1], m->a[2]);
	case OP_INFO: return conf_info(m);
	case OP_PEEK: return conf_peek(m);
	case OP_LOOK: return conf_look(m);
	case OP_CACHED: return conf_cached(m);
	case OP_STAT: return stat(m->a[0]);
	case OP_DRAIN:
		conf_drain();
		return 0;
	case OP_MM: return mm_state(m);
	case OP_ADD_PINNED: return add_pinned(m->a[0]);
	case OP_ACCOUNT_LOCKED:
		return account_locked_vm(current->mm, m->a[0], m->a[1]);
	case OP_ACCOUNT_PINNED:
		return mm_account_pinned_pages(&accounted, m->a[0]);
	case OP_UNACCOUNT_PINNED:
		unaccount();
		return 0;
	case OP_NOTIFY: return conf_notify(m->a[0], m->a[1]);
	case OP_NOTIFY_DROP: return conf_notify_drop(m);
	case OP_EVENTS: return conf_events(m->a[0]);
	case OP_EVENT: return conf_event(m);
	case OP_UNNOTIFY: return conf_unnotify(m->a[0]);
	}
	return -ENOTTY;
}

static long conf_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct conf_msg m;

	if (cmd != CONF_IOCTL)
		return -ENOTTY;
	if (copy_from_user(&m, (void __user *)arg, sizeof(m)))
		return -EFAULT;
	switch (m.op) {
	case OP_HOLD:
	case OP_RELEASE:
	case OP_RELEASE_COUNT:
	case OP_DEVICE:
	case OP_PAGE:
	case OP_UNPIN_EXTRA:
	case OP_ADD_PINS:
		m.ret = of_hold(&m);
		break;
	case OP_REFS:
	case OP_DIRTY:
		m.ret = of_page(&m);
		break;
	default:
		m.ret = other(&m);
	}
	return copy_to_user((void __user *)arg, &m, sizeof(m)) ? -EFAULT : 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = conf_ioctl,
};

static struct miscdevice dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "conf",
	.fops = &fops,
	.mode = 0666,
};

static int __init conf_init(void)
{
	int err = conf_look_init();

	return err ? err : misc_register(&dev);
}

static void __exit conf_exit(void)
{
	misc_deregister(&dev);
	reset();
}

module_init(conf_init);
module_exit(conf_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Runs conformance cases of libpinpage against this kernel");
