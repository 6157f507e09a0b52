// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * boot.c - the machine's life: rooms come up floor by floor and go down in
 * the opposite order
 */
#define PINPAGE_NO_KERNEL_NAMES
#include "mm/mm.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "base/stack.h"
#include "check/check.h"
#include "device/device.h"
#include "event/event.h"
#include "gup/gup.h"

#include <pinpage/pinpage.h>

#define DEFAULT_PAGES 16384UL

/* A configuration with the defaults and the environment put in. */
struct machine {
	struct pinpage_rules rules;
	enum pinpage_engine engine;
	unsigned long pages, movable, cma, hugepages;
	unsigned int nodes;
	unsigned int checks;
	enum pinpage_check_mode mode;
	struct pinpage_dirty_limits dirty;
	enum pinpage_thp thp;
	enum pinpage_vsyscall vsyscall;
};

static int choose_rules(const struct pinpage_config *config,
			struct machine *m)
{
	const char *text = getenv("PINPAGE_RULES");

	if (config->rules) {
		m->rules = *config->rules;
		return pinpage_rules_check(&m->rules);
	}
	return pinpage_rules_parse(&m->rules, text && *text ? text : "6.12");
}

/* "all", "none", or names separated by commas; -EINVAL */
static int parse_checks(const char *text, unsigned int *mask)
{
	static const struct {
		const char *name;
		unsigned int mask;
	} names[] = {
		{ "all", PINPAGE_CHECK_ALL }, { "none", PINPAGE_CHECK_NONE },
		{ "ledger", PINPAGE_CHECK_LEDGER },
		{ "clean", PINPAGE_CHECK_CLEAN },
		{ "fscon", PINPAGE_CHECK_FSCON },
	};

	*mask = 0;
	while (*text) {
		size_t len = strcspn(text, ",");
		size_t i;

		for (i = 0; i < ARRAY_SIZE(names); i++)
			if (strlen(names[i].name) == len &&
			    !strncmp(text, names[i].name, len))
				break;
		if (i == ARRAY_SIZE(names))
			return -EINVAL;
		*mask |= names[i].mask;
		text += len + (text[len] == ',');
	}
	return 0;
}

static int parse_mode(const char *text, enum pinpage_check_mode *mode)
{
	static const char *const names[] = {
		[PINPAGE_CHECK_REPORT] = "report",
		[PINPAGE_CHECK_COLLECT] = "collect",
		[PINPAGE_CHECK_ABORT] = "abort",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], text)) {
			*mode = (enum pinpage_check_mode)i;
			return 0;
		}
	return -EINVAL;
}

static int choose_checks(const struct pinpage_config *config,
			 struct machine *m)
{
	const char *checks = getenv("PINPAGE_CHECKS");
	const char *mode = getenv("PINPAGE_CHECK_MODE");

	m->checks = config->checks_set ? config->checks : PINPAGE_CHECK_ALL;
	m->mode = config->mode;
	if (m->checks & ~PINPAGE_CHECK_ALL || m->mode > PINPAGE_CHECK_ABORT)
		return -EINVAL;
	if (checks && *checks && parse_checks(checks, &m->checks)) {
		pp_warn("boot: PINPAGE_CHECKS=%s: unknown check", checks);
		return -EINVAL;
	}
	if (mode && *mode && parse_mode(mode, &m->mode)) {
		pp_warn("boot: PINPAGE_CHECK_MODE=%s: unknown mode", mode);
		return -EINVAL;
	}
	return 0;
}

static int choose(const struct pinpage_config *config, struct machine *m)
{
	int error = choose_rules(config, m);

	if (error) {
		pp_warn("boot: unknown or inconsistent rules");
		return error;
	}
	m->engine = config->engine;
	if (m->engine > PINPAGE_ENGINE_FIBER)
		return -EINVAL;
	m->pages = config->memory_pages ? config->memory_pages :
					  DEFAULT_PAGES;
	m->movable = config->movable_pages;
	m->cma = config->cma_pages;
	m->hugepages = config->hugepages;
	m->nodes = config->nodes ? config->nodes : 1;
	m->dirty = config->dirty;
	m->thp = config->thp;
	m->vsyscall = config->vsyscall;
	if (m->thp > PINPAGE_THP_NEVER || m->vsyscall > PINPAGE_VSYSCALL_NATIVE)
		return -EINVAL;
	return choose_checks(config, m);
}

static int bring_up(const struct machine *m)
{
	int error = pp_rules_boot(&m->rules);

	if (error)
		return error;
	pp_stat_reset();
	error = pp_exec_boot(m->engine);
	if (error)
		goto out_rules;
	error = pp_page_boot_nodes(m->pages, m->movable, m->cma, m->nodes);
	if (error)
		goto out_exec;
	error = pp_pagecache_boot(&m->dirty);
	if (error)
		goto out_page;
	error = pp_mm_boot();
	if (error)
		goto out_pagecache;
	pp_set_thp(m->thp);
	error = pp_gate_boot(m->vsyscall);
	if (error)
		goto out_mm;
	error = pp_check_boot(m->checks, m->mode);
	if (error)
		goto out_mm;
	return 0;

out_mm:
	pp_mm_shutdown();
out_pagecache:
	pp_pagecache_shutdown();
out_page:
	pp_page_shutdown(NULL, NULL);
out_exec:
	pp_exec_shutdown();
out_rules:
	pp_rules_shutdown();
	return error;
}

int pinpage_boot(const struct pinpage_config *config)
{
	static const struct pinpage_config all_default;
	struct machine m;
	int error;

	if (READ_ONCE(pp_machine_up)) {
		pp_warn_once("boot: the machine is up already");
		return -EBUSY;
	}
	pp_warn_reset();
	error = choose(config ? config : &all_default, &m);
	if (!error)
		error = bring_up(&m);
	if (error)
		return error;
	smp_store_release(&pp_machine_up, true);
	if (m.hugepages)
		pinpage_hugetlb_set_pool(m.hugepages);
	return 0;
}

static void report_frame(struct page *page, void *priv)
{
	char text[160];
	unsigned long *left = priv;

	if ((*left)++ >= 8)
		return;
	pinpage_page_describe(page, text, sizeof(text));
	pp_warn("shutdown: still held: %s", text);
}

long pinpage_shutdown(void)
{
	unsigned long reported = 0;
	unsigned long held;

	if (!pp_ready())
		return -EINVAL;
	if (pinpage_task_id(pinpage_current())) {
		pp_warn_once("shutdown by %s, which did not boot",
			     pinpage_task_name(pinpage_current()));
		return -EINVAL;
	}
	pp_check_quiesce();
	pp_device_shutdown();
	pinpage_flusher_stop();
	pp_mm_shutdown();
	pp_pagecache_shutdown();
	pinpage_rcu_barrier();
	held = pp_page_shutdown(report_frame, &reported);
	pp_check_shutdown();
	smp_store_release(&pp_machine_up, false);
	pp_exec_shutdown();
	pp_rules_shutdown();
	pp_event_reset();
	return (long)held;
}

const char *pinpage_version(void)
{
	return PACKAGE_VERSION;
}

unsigned long pinpage_warnings(void)
{
	return pp_warn_count();
}

int pinpage_inject_alloc(unsigned long nth)
{
	pp_inject_alloc(nth);
	return 0;
}
