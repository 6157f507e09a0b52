/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pinpage.h - the whole of libpinpage, and the machine's life
 */
#ifndef PINPAGE_PINPAGE_H
#define PINPAGE_PINPAGE_H

#include <pinpage/api.h>
#include <pinpage/event.h>
#include <pinpage/exec.h>
#include <pinpage/rules.h>
#include <pinpage/page.h>
#include <pinpage/pagecache.h>
#include <pinpage/mm.h>
#include <pinpage/notifier.h>
#include <pinpage/migrate.h>
#include <pinpage/ksm.h>
#include <pinpage/userfaultfd.h>
#include <pinpage/gup.h>
#include <pinpage/iov_iter.h>
#include <pinpage/device.h>
#include <pinpage/check.h>
#include <pinpage/explore.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PINPAGE_VERSION_MAJOR 0
#define PINPAGE_VERSION_MINOR 1
#define PINPAGE_VERSION_PATCH 0

/**
 * struct pinpage_config - what machine to build; all zero is a good machine
 * @rules:         rule set; NULL = preset "6.12", or $PINPAGE_RULES
 * @engine:        native (default) or deterministic
 * @memory_pages:  frames; 0 = 16384 (64 MiB)
 * @movable_pages: of these in ZONE_MOVABLE
 * @cma_pages:     of these in the CMA area
 * @hugepages:     of the pool for MAP_HUGETLB: see pinpage_hugetlb_set_pool()
 * @checks:        PINPAGE_CHECK_* mask if @checks_set, else all; $PINPAGE_CHECKS overrides
 * @mode:          report, collect or abort; $PINPAGE_CHECK_MODE overrides
 * @dirty:         writeback limits; zeros = the kernel's
 * @thp:           which memory gets huge pages; default: as MADV_HUGEPAGE says
 * @vsyscall:      may GUP read the vsyscall page? default: no
 * @nodes:         NUMA nodes, which share every kind of memory evenly; 0 = 1
 */
struct pinpage_config {
	const struct pinpage_rules *rules;
	enum pinpage_engine engine;
	unsigned long memory_pages;
	unsigned long movable_pages;
	unsigned long cma_pages;
	unsigned long hugepages;
	bool checks_set;
	unsigned int checks;
	enum pinpage_check_mode mode;
	struct pinpage_dirty_limits dirty;
	enum pinpage_thp thp;
	unsigned int nodes;
	enum pinpage_vsyscall vsyscall;
};

/**
 * pinpage_boot() - build the machine
 * @config: what to build, or NULL for the defaults; only read during the call
 *
 * One machine a process. The caller becomes task 0. A machine of a few hundred
 * frames under the deterministic engine takes microseconds.
 *
 * Context: process; no machine up. Locking: none; one caller at a time.
 * Return: 0; -EBUSY: up already; -EINVAL: a field or an environment variable is
 * out of range, fewer than 16 frames, inconsistent rules; -ENOENT: $PINPAGE_RULES
 * names no preset; -ENOMEM. After an error nothing is left behind.
 * Mirrors: init/main.c:start_kernel(). Since: 0.1
 */
PINPAGE_API int pinpage_boot(const struct pinpage_config *config);

/**
 * pinpage_shutdown() - take the machine down
 *
 * Judges what is still acquired (leaks), stops the flusher, closes files and
 * address spaces that are left, with a warning each, and names the frames that
 * somebody still holds. Verdicts stay readable until the next boot.
 *
 * Context: process, task 0; all other tasks ended. Locking: none held.
 * Return: frames still held by somebody, 0 if none; -EINVAL: not booted, or
 * not the task that booted.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API long pinpage_shutdown(void);

/**
 * pinpage_version() - version of the library, "0.1.0"
 *
 * Context: any. Locking: none. Mirrors: none. Since: 0.1
 */
PINPAGE_API const char *pinpage_version(void);

/**
 * pinpage_warnings() - warnings since boot, repeats included
 *
 * What the kernel would have put into its log by WARN_ON_ONCE() and friends.
 *
 * Context: any. Locking: none. Mirrors: the taint flag W. Since: 0.1
 */
PINPAGE_API unsigned long pinpage_warnings(void);

/**
 * pinpage_inject_alloc() - let one allocation fail
 * @nth: the nth allocation from now fails, frames included; 0: none
 *
 * Context: any, before boot too. Locking: none.
 * Return: 0.
 * Mirrors: lib/fault-inject.c (failslab, fail_page_alloc). Since: 0.1
 */
PINPAGE_API int pinpage_inject_alloc(unsigned long nth);

#ifdef __cplusplus
}
#endif

#ifndef PINPAGE_NO_KERNEL_NAMES
#include <pinpage/map.h>
#endif

#endif
