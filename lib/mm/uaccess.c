// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/uaccess.c - the CPU's loads and stores: the process's own, and the user
 * copies of a driver
 *
 * I1. Bytes move with the lock of the entry held: when a task has cleared or
 *     write-protected an entry and dropped that lock, no access through the
 *     old entry is under way (what a TLB flush gives on hardware).
 * I2. A store sets accessed and dirty in the entry before it writes.
 * Mirrors: the MMU; arch/x86/lib/usercopy_64.c, mm/gup.c:fault_in_readable().
 */
#include "mm/internal.h"

#include <string.h>

#ifdef PP_TSAN
/*
 * Two tasks, or a task and a device, may touch the same bytes of a frame at
 * the same time: the program's own affair, not the model's.
 */
__attribute__((no_sanitize("thread"))) pp_noinline
void pp_frame_copy(void *to, const void *from, size_t n)
{
	volatile unsigned char *d = to;
	const volatile unsigned char *s = from;

	while (n--)
		*d++ = *s++;
}
#else
void pp_frame_copy(void *to, const void *from, size_t n)
{
	memcpy(to, from, n);
}
#endif

enum kind { LOAD, STORE, CLEAR, TOUCH_WRITE };

static const unsigned char zeroes[PAGE_SIZE];

/* One access, inside one page. */
struct access {
	struct mm_struct *mm;
	unsigned long addr;
	void *buf;			/* kernel side; unused by CLEAR and TOUCH_WRITE */
	size_t len;
	enum kind kind;
};

static void tell(const struct access *a, struct page *page)
{
	long offset = (long)(a->addr & ~PAGE_MASK);
	const void *site = current->nest ? current->site : NULL;

	if (page == pp_zero_page && a->kind != LOAD)
		return;
	if (a->kind == LOAD)
		pp_emit(CPU_LOAD, PP_EV_PAGE(page), .mm = a->mm, .addr = a->addr,
			.arg = offset, .len = a->len, .site = site);
	else if (a->kind != TOUCH_WRITE)
		pp_emit(CPU_STORE, PP_EV_PAGE(page), .mm = a->mm, .addr = a->addr,
			.arg = offset, .len = a->len, .flags = PINPAGE_EVF_WRITE,
			.site = site);
}

static void move(const struct access *a, struct page *page)
{
	char *at = (char *)page_address(page) + (a->addr & ~PAGE_MASK);

	if (a->kind == LOAD)
		pp_frame_copy(a->buf, at, a->len);
	else if (a->kind == STORE)
		pp_frame_copy(at, a->buf, a->len);
	else if (a->kind == CLEAR)
		pp_frame_copy(at, zeroes, a->len);
}

/* entry of the address, PTE or huge leaf, locked; NULL: there is none */
static pp_pte *leaf_lock(struct mm_struct *mm, unsigned long addr, struct pp_table **tablep)
{
	pp_pte *ptep = pp_pte_lock(mm, addr, tablep);

	if (ptep)
		return ptep;
	ptep = pp_pmd_lock(mm, addr, tablep);
	if (!ptep || *ptep & PTE_HUGE)
		return ptep;
	pinpage_spin_unlock(&(*tablep)->lock);
	return NULL;
}

/* Nobody answers on the bus: reads are all ones, writes are lost. */
static struct page *access_hole(const struct access *a)
{
	if (a->kind == LOAD)
		memset(a->buf, 0xff, a->len);
	return pp_zero_page;
}

/*
 * Locked entry: do the access if its bits allow. Natively subscribers hear of
 * it while the entry cannot change; the deterministic engine may switch tasks
 * at the event, so there it comes when the lock is dropped.
 */
static struct page *access_leaf(const struct access *a, pp_pte *ptep)
{
	pp_pte want = PTE_PRESENT | PTE_USER | (a->kind == LOAD ? 0 : PTE_WRITE);
	pp_pte pte = *ptep, now;
	struct page *page;

	if ((pte & want) != want)
		return NULL;
	now = pte | PTE_ACCESSED | (a->kind == LOAD ? 0 : PTE_DIRTY);
	if (now != pte)
		pp_pte_put(ptep, now);
	if (unlikely(!pte_has_page(pte)))
		return access_hole(a);
	page = pte_page(pte) + (pte & PTE_HUGE ? pte_index(a->addr) : 0);
	move(a, page);
	if (!pp_engine_is_fiber)
		tell(a, page);
	return page;
}

static bool access_page(const struct access *a)
{
	struct page *page = NULL;
	struct pp_table *table;
	pp_pte *ptep;

	pinpage_rcu_read_lock();
	ptep = leaf_lock(a->mm, a->addr, &table);
	if (ptep) {
		page = access_leaf(a, ptep);
		pinpage_spin_unlock(&table->lock);
	}
	pinpage_rcu_read_unlock();
	if (page && pp_engine_is_fiber)
		tell(a, page);
	return page;
}

/* bytes done; *err: why not all */
static size_t access_range(struct mm_struct *mm, unsigned long addr, void *buf,
			   size_t len, enum kind kind, int *err)
{
	struct access a = { .mm = mm, .addr = addr, .buf = buf, .kind = kind };
	size_t done = 0;

	*err = 0;
	while (done < len) {
		a.addr = addr + done;
		a.buf = (char *)buf + done;
		a.len = min(len - done, PAGE_SIZE - (a.addr & ~PAGE_MASK));
		if (likely(access_page(&a))) {
			done += a.len;
			continue;
		}
		*err = pp_fault_user(mm, a.addr, kind != LOAD);
		if (*err)
			break;
	}
	return done;
}

static bool range_ok(unsigned long addr, unsigned long size)
{
	return size <= TASK_SIZE && addr <= TASK_SIZE - size;
}

static int process_access(struct mm_struct *mm, unsigned long addr, void *buf,
			  size_t len, enum kind kind)
{
	int err;

	if (!mm || !range_ok(addr, len) || (len && !buf))
		return -EFAULT;
	access_range(mm, addr, buf, len, kind, &err);
	return err;
}

int pinpage_store(struct mm_struct *mm, unsigned long addr, const void *buf, size_t len)
{
	int err;

	if (!pp_ready())
		return -EFAULT;
	pp_user_return();
	pp_enter(__builtin_return_address(0));
	err = process_access(mm, addr, (void *)(uintptr_t)buf, len, STORE);
	pp_leave();
	return err;
}

int pinpage_load(struct mm_struct *mm, unsigned long addr, void *buf, size_t len)
{
	int err;

	if (!pp_ready())
		return -EFAULT;
	pp_user_return();
	pp_enter(__builtin_return_address(0));
	err = process_access(mm, addr, buf, len, LOAD);
	pp_leave();
	return err;
}

/* user copies */

static unsigned long user_copy(unsigned long user, void *buf, unsigned long n, enum kind kind)
{
	struct mm_struct *mm = current->mm;
	int err;

	if (!mm || !range_ok(user, n))
		return n;
	return n - access_range(mm, user, buf, n, kind, &err);
}

unsigned long pinpage_copy_to_user(void *to, const void *from, unsigned long n)
{
	unsigned long left;

	if (!pp_ready())
		return n;
	pp_enter(__builtin_return_address(0));
	left = user_copy((unsigned long)to, (void *)(uintptr_t)from, n, STORE);
	pp_leave();
	return left;
}

unsigned long pinpage_copy_from_user(void *to, const void *from, unsigned long n)
{
	unsigned long left;

	if (!pp_ready())
		return n;
	pp_enter(__builtin_return_address(0));
	left = user_copy((unsigned long)from, to, n, LOAD);
	pp_leave();
	if (left)
		memset((char *)to + (n - left), 0, left);
	return left;
}

unsigned long pinpage_clear_user(void *to, unsigned long n)
{
	unsigned long left;

	if (!pp_ready())
		return n;
	pp_enter(__builtin_return_address(0));
	left = user_copy((unsigned long)to, NULL, n, CLEAR);
	pp_leave();
	return left;
}

long pinpage_strncpy_from_user(char *dst, const char *src, long count)
{
	unsigned long user = (unsigned long)src, chunk, left;
	long done = 0;

	if (!pp_ready() || count < 0)
		return -EFAULT;
	while (done < count) {
		chunk = PAGE_SIZE - ((user + (unsigned long)done) & ~PAGE_MASK);
		chunk = min(chunk, (unsigned long)(count - done));
		left = user_copy(user + (unsigned long)done, dst + done, chunk, LOAD);
		if (left)
			return -EFAULT;
		for (; chunk; chunk--, done++)
			if (!dst[done])
				return done;
	}
	return done;
}

static size_t fault_in(unsigned long start, size_t size, enum kind kind)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = start;
	unsigned char byte;
	int err;

	if (!size)
		return 0;
	if (!mm || !range_ok(start, size))
		return size;
	do {
		if (access_range(mm, addr, &byte, 1, kind, &err) != 1)
			return start + size - addr;
		addr = (addr & PAGE_MASK) + PAGE_SIZE;
	} while (addr < start + size);
	return 0;
}

size_t pinpage_fault_in_readable(const char *uaddr, size_t size)
{
	return pp_ready() ? fault_in((unsigned long)uaddr, size, LOAD) : size;
}

size_t pinpage_fault_in_writeable(char *uaddr, size_t size)
{
	return pp_ready() ? fault_in((unsigned long)uaddr, size, TOUCH_WRITE) : size;
}

int pinpage_access_ok(const void *addr, unsigned long size)
{
	return range_ok((unsigned long)addr, size);
}
