// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * acquire.c - the get_user_pages*() and pin_user_pages*() entry points
 *
 * Each entry point: validate, mark the address space, walk, count, tell.
 *
 * Mirrors: mm/gup.c, the functions of the same names.
 */
#include "gup/gup.h"

#include "base/err.h"

/* Pins exist as an interface from 5.6; before, the call is a misuse. */
static bool offered(bool pin)
{
	if (!pin || pp_rules->has_pin_api)
		return true;
	pp_warn_once("pin_user_pages: not offered under rules %s",
		     pp_rules->name);
	return false;
}

/* FOLL_GET or FOLL_PIN as the entry point implies it */
static unsigned int with_kind(const struct pp_gup_request *req,
			      unsigned int gup_flags)
{
	if (req->pin)
		return gup_flags | FOLL_PIN;
	gup_flags &= ~FOLL_PIN;
	return req->pages ? gup_flags | FOLL_GET : gup_flags;
}

/* after a walk under mmap_lock */
static void account(struct mm_struct *mm, unsigned long start, long got,
		    unsigned int flags, struct page **pages)
{
	if (got <= 0 || !pages)
		return;
	pp_gup_count_pins(flags, pages, (unsigned long)got);
	pp_gup_event(mm, start & PAGE_MASK, pages, (unsigned long)got, flags);
}

/* A lock that may be dropped is held for reading. */
static bool lock_wrong(const struct pp_gup_request *req, const struct mm_struct *mm)
{
	if (!pp_lock_held(&mm->mmap_lock)) {
		pp_warn_once("get_user_pages: mmap_lock is not held");
		return true;
	}
	if (!req->locked || READ_ONCE(mm->mmap_lock.owner) != current)
		return false;
	pp_warn_once("get_user_pages: mmap_lock is held for writing and may be dropped");
	return true;
}

static long walk_locked(const struct pp_gup_request *req,
			struct mm_struct *mm, unsigned long start,
			unsigned long nr_pages, unsigned int flags)
{
	long got;

	if (!mm)
		return -EFAULT;
	if (lock_wrong(req, mm))
		return -EINVAL;
	flags = with_kind(req, flags);
	pp_gup_mark_mm(mm, flags, nr_pages);
	if (!nr_pages)
		return 0;
	got = pp_gup_longterm(mm, start, nr_pages, flags, req->pages,
			      req->vmas, req->locked);
	account(mm, start, got, flags, req->pages);
	return got;
}

static long slow_entry(const struct pp_gup_request *req, struct mm_struct *mm,
		       unsigned long start, unsigned long nr_pages,
		       unsigned int gup_flags, const void *site)
{
	long ret;

	if (!pp_ready() || !offered(req->pin))
		return -EINVAL;
	if (!pp_gup_valid(req, gup_flags, &ret))
		return ret;
	if (!pinpage_might_sleep())
		return -EINVAL;
	pp_enter(site);
	ret = walk_locked(req, mm, start, nr_pages, gup_flags | req->implied);
	pp_leave();
	pp_user_return();
	return ret;
}

long pinpage_get_user_pages(unsigned long start, unsigned long nr_pages,
			    unsigned int gup_flags, struct page **pages)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_SLOW, .pages = pages,
		.implied = FOLL_TOUCH,
	};

	return slow_entry(&req, pinpage_current_mm(), start, nr_pages,
			  gup_flags, __builtin_return_address(0));
}

long pinpage_get_user_pages_vmas(unsigned long start, unsigned long nr_pages,
				 unsigned int gup_flags, struct page **pages,
				 struct vm_area_struct **vmas)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_SLOW, .pages = pages,
		.vmas = vmas,
		.implied = FOLL_TOUCH,
	};

	return slow_entry(&req, pinpage_current_mm(), start, nr_pages,
			  gup_flags, __builtin_return_address(0));
}

long pinpage_pin_user_pages(unsigned long start, unsigned long nr_pages,
			    unsigned int gup_flags, struct page **pages)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_SLOW, .pin = true, .pages = pages,
	};

	return slow_entry(&req, pinpage_current_mm(), start, nr_pages,
			  gup_flags, __builtin_return_address(0));
}

long pinpage_pin_user_pages_vmas(unsigned long start, unsigned long nr_pages,
				 unsigned int gup_flags, struct page **pages,
				 struct vm_area_struct **vmas)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_SLOW, .pin = true, .pages = pages,
		.vmas = vmas,
	};

	return slow_entry(&req, pinpage_current_mm(), start, nr_pages,
			  gup_flags, __builtin_return_address(0));
}

long pinpage_get_user_pages_remote(struct mm_struct *mm, unsigned long start,
				   unsigned long nr_pages,
				   unsigned int gup_flags,
				   struct page **pages, int *locked)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_REMOTE, .pages = pages, .locked = locked,
		.implied = FOLL_TOUCH | FOLL_REMOTE,
	};

	return slow_entry(&req, mm, start, nr_pages,
			  gup_flags, __builtin_return_address(0));
}

long pinpage_pin_user_pages_remote(struct mm_struct *mm, unsigned long start,
				   unsigned long nr_pages,
				   unsigned int gup_flags,
				   struct page **pages, int *locked)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_REMOTE, .pin = true, .pages = pages,
		.locked = locked,
		.implied = FOLL_TOUCH | FOLL_REMOTE,
	};

	return slow_entry(&req, mm, start, nr_pages,
			  gup_flags, __builtin_return_address(0));
}

long pinpage_get_user_pages_locked(unsigned long start,
				   unsigned long nr_pages,
				   unsigned int gup_flags,
				   struct page **pages, int *locked)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_REMOTE, .pages = pages, .locked = locked,
		.implied = FOLL_TOUCH,
	};

	return slow_entry(&req, pinpage_current_mm(), start, nr_pages,
			  gup_flags, __builtin_return_address(0));
}

long pinpage_pin_user_pages_locked(unsigned long start,
				   unsigned long nr_pages,
				   unsigned int gup_flags,
				   struct page **pages, int *locked)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_REMOTE, .pin = true, .pages = pages,
		.locked = locked,
		.implied = FOLL_TOUCH,
	};

	return slow_entry(&req, pinpage_current_mm(), start, nr_pages,
			  gup_flags, __builtin_return_address(0));
}

/* A kill while waiting for mmap_lock: the errno changed in 6.3. */
static long killed_errno(void)
{
	return pp_rules->eagain_on_kill ? -EAGAIN : -EINTR;
}

/* A caller of what takes mmap_lock must not hold it. */
static bool holds_mmap_lock(const struct mm_struct *mm)
{
	if (likely(!current->nr_held) || current->held_lost || !mm ||
	    !pp_lock_held(&mm->mmap_lock))
		return false;
	pp_warn_once("get_user_pages: mmap_lock is held already");
	return true;
}

/* takes and drops mmap_lock itself */
static long walk_unlocked(const struct pp_gup_request *req,
			  struct mm_struct *mm, unsigned long start,
			  unsigned long nr_pages, unsigned int flags)
{
	struct pp_gup_request unlockable = *req;
	int locked = 1;
	long got;

	if (!mm)
		return -EFAULT;
	if (pinpage_mmap_read_lock_killable(mm))
		return killed_errno();
	if (!(flags & FOLL_LONGTERM) || pp_gup_longterm_drops())
		unlockable.locked = &locked;
	got = walk_locked(&unlockable, mm, start, nr_pages, flags);
	if (locked)
		pinpage_mmap_read_unlock(mm);
	return got;
}

static long unlocked_entry(bool pin, unsigned long start,
			   unsigned long nr_pages, struct page **pages,
			   unsigned int gup_flags, const void *site)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_UNLOCKED, .pin = pin, .pages = pages,
	};
	long ret;

	if (!pp_ready() || !offered(pin))
		return -EINVAL;
	if (!pp_gup_valid(&req, gup_flags, &ret))
		return ret;
	if (!pinpage_might_sleep() || holds_mmap_lock(current->mm))
		return -EINVAL;
	pp_enter(site);
	ret = walk_unlocked(&req, pinpage_current_mm(), start, nr_pages,
			    gup_flags | FOLL_TOUCH);
	pp_leave();
	pp_user_return();
	return ret;
}

long pinpage_get_user_pages_unlocked(unsigned long start,
				     unsigned long nr_pages,
				     struct page **pages,
				     unsigned int gup_flags)
{
	return unlocked_entry(false, start, nr_pages, pages, gup_flags,
			      __builtin_return_address(0));
}

long pinpage_pin_user_pages_unlocked(unsigned long start,
				     unsigned long nr_pages,
				     struct page **pages,
				     unsigned int gup_flags)
{
	return unlocked_entry(true, start, nr_pages, pages, gup_flags,
			      __builtin_return_address(0));
}

/* what *_fast return for a range that wraps: by the rules */
static int overflow_result(void)
{
	return pp_rules->fast_overflow == PINPAGE_FAST_OVERFLOW_ERRNO ?
		-EOVERFLOW : 0;
}

/* 0 with *end set, or the result of the call as a value <= 0 in *ret */
static bool fast_range(unsigned long start, int nr_pages, unsigned long *end,
		       int *ret)
{
	unsigned long len = (unsigned long)(long)nr_pages << PAGE_SHIFT;

	if (nr_pages < 0 || __builtin_add_overflow(start, len, end)) {
		*ret = overflow_result();
		return false;
	}
	*ret = 0;
	if (!nr_pages)
		return false;
	*ret = -EFAULT;
	return *end <= TASK_SIZE;
}

/* The slow rest of a fast call: which walk marks pages accessed? */
static unsigned int fallback_touch(unsigned int gup_flags)
{
	if (pp_rules->fast_touch || !(gup_flags & FOLL_LONGTERM))
		return FOLL_TOUCH;
	return 0;
}

static int fast_fallback(const struct pp_gup_request *req,
			 struct mm_struct *mm, unsigned long start,
			 int nr_pages, unsigned int gup_flags, int done)
{
	struct pp_gup_request rest = *req;
	long got;

	rest.pages += done;
	got = walk_unlocked(&rest, mm, start + ((unsigned long)done <<
						PAGE_SHIFT),
			    (unsigned long)(nr_pages - done),
			    gup_flags | fallback_touch(gup_flags));
	if (got < 0)
		return done ? done : (int)got;
	return done + (int)got;
}

static int fast_walk(const struct pp_gup_request *req, unsigned long start,
		     int nr_pages, unsigned int gup_flags)
{
	struct mm_struct *mm = current->mm;
	unsigned int flags = with_kind(req, gup_flags);
	unsigned long end;
	int done, ret;

	start &= PAGE_MASK;
	if (!mm)
		return -EFAULT;
	pp_gup_mark_mm(mm, flags, 1);
	if (!fast_range(start, nr_pages, &end, &ret))
		return ret;
	done = (int)pp_gup_fast(mm, start, end, flags, req->pages);
	if (done) {
		/* the fast walk never meets the zero page: no look needed */
		if (req->pin && pp_gup_tracks_pins())
			pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, done);
		pp_gup_event(mm, start, req->pages, (unsigned long)done,
			     flags);
	}
	if (done == nr_pages || req->call == PP_GUP_FAST_ONLY)
		return done;
	return fast_fallback(req, mm, start, nr_pages, gup_flags, done);
}

static int fast_entry(const struct pp_gup_request *req, unsigned long start,
		      int nr_pages, unsigned int gup_flags, const void *site)
{
	bool only = req->call == PP_GUP_FAST_ONLY;
	long ret;

	if (!pp_ready() || !offered(req->pin))
		return only ? 0 : -EINVAL;
	if (!pp_gup_valid(req, gup_flags, &ret))
		return (int)ret;
	if (!only && (!pinpage_might_sleep() || holds_mmap_lock(current->mm)))
		return -EINVAL;
	pp_enter(site);
	ret = fast_walk(req, start, nr_pages, gup_flags);
	pp_leave();
	if (!only)
		pp_user_return();
	return (int)pp_gup_result(req, ret);
}

int pinpage_get_user_pages_fast(unsigned long start, int nr_pages,
				unsigned int gup_flags, struct page **pages)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_FAST, .pages = pages,
	};

	return fast_entry(&req, start, nr_pages, gup_flags,
			  __builtin_return_address(0));
}

int pinpage_pin_user_pages_fast(unsigned long start, int nr_pages,
				unsigned int gup_flags, struct page **pages)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_FAST, .pin = true, .pages = pages,
	};

	return fast_entry(&req, start, nr_pages, gup_flags,
			  __builtin_return_address(0));
}

int pinpage_get_user_pages_fast_only(unsigned long start, int nr_pages,
				     unsigned int gup_flags,
				     struct page **pages)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_FAST_ONLY, .pages = pages,
	};

	return fast_entry(&req, start, nr_pages, gup_flags,
			  __builtin_return_address(0));
}

int pinpage_pin_user_pages_fast_only(unsigned long start, int nr_pages,
				     unsigned int gup_flags,
				     struct page **pages)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_FAST_ONLY, .pin = true, .pages = pages,
	};

	return fast_entry(&req, start, nr_pages, gup_flags,
			  __builtin_return_address(0));
}

bool pinpage_get_user_page_fast_only(unsigned long addr,
				     unsigned int gup_flags,
				     struct page **pagep)
{
	const struct pp_gup_request req = {
		.call = PP_GUP_FAST_ONLY, .pages = pagep,
	};

	return fast_entry(&req, addr, 1, gup_flags,
			  __builtin_return_address(0)) == 1;
}

struct page *pinpage_get_user_page_vma_remote(struct mm_struct *mm,
					      unsigned long addr,
					      unsigned int gup_flags,
					      struct vm_area_struct **vmap)
{
	struct page *page = NULL;
	struct vm_area_struct *vma = NULL;
	const struct pp_gup_request req = {
		.call = PP_GUP_REMOTE, .pages = &page,
		.vmas = &vma,
		.implied = FOLL_TOUCH | FOLL_REMOTE,
	};
	long got;

	if (gup_flags & FOLL_NOWAIT) {
		pp_warn_once("get_user_page_vma_remote: FOLL_NOWAIT");
		return ERR_PTR(-EINVAL);
	}
	got = slow_entry(&req, mm, addr, 1, gup_flags,
			  __builtin_return_address(0));
	if (got < 0)
		return ERR_PTR(got);
	if (!got)
		return ERR_PTR(-EINVAL);
	if (vmap)
		*vmap = vma;
	return page;
}

static int pin_named_page(struct page *page)
{
	struct page *head = compound_head(page);

	if (pp_ref_refused(page_ref_count(head))) {
		pp_warn_once("pin_page: refcount %d of pfn %lu",
			     page_ref_count(head), page_to_pfn(head));
		return -ENOMEM;
	}
	if (!pp_gup_zero_exempt(page) && !pp_pin_try(head, 1))
		return -ENOMEM;
	pp_gup_count_pins(FOLL_PIN, &page, 1);
	pp_emit(PIN, .page = page, .nr = 1, .site = current->site);
	return 0;
}

int pinpage_pin_page(struct page *page)
{
	int ret;

	if (!pp_ready())
		return -EINVAL;
	if (!pp_page_valid(page)) {
		pp_warn_once("pin_page: not a page");
		return -EINVAL;
	}
	pp_enter(__builtin_return_address(0));
	ret = pin_named_page(page);
	pp_leave();
	return ret;
}
