// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Scenarios where the machine's own tasks move, merge or hint at pages while a
 * driver pins them: offliner, kcompactd, numa-scan, ksmd.
 */
#define PINPAGE_NO_KERNEL_NAMES
#include "suites.h"

#include <fcntl.h>

#include <pinpage/pinpage.h>

#define ZONE	64UL			/* frames of the movable zone */
#define RW	(PROT_READ | PROT_WRITE)
#define PRIV	(MAP_PRIVATE | MAP_ANONYMOUS)

enum { SHORT, LONGTERM, GET };		/* contracts */

struct placed {
	struct mm_struct *mm;
	struct pinpage_device *dev;
	unsigned long addr;		/* two pages */
	unsigned long start;		/* first frame of the movable zone */
	bool stayed;			/* our page was there while we held it */
	bool was_away;			/* the zone was offline meanwhile */
	bool movable;			/* our page was in the movable zone */
};

static bool in_movable(struct page *page)
{
	return pinpage_page_zonenum(page) == PINPAGE_ZONE_MOVABLE;
}

/* frames of the movable zone are taken first, so its start is found from a page */
static unsigned long zone_start(struct placed *p)
{
	unsigned long pfn = pinpage_page_to_pfn(pinpage_peek_page(p->mm, p->addr, NULL));

	while (pfn && in_movable(pinpage_pfn_to_page(pfn - 1)))
		pfn--;
	return pfn;
}

static int setup(struct pinpage_run *run, void *state)
{
	struct placed *p = state;
	long addr;

	(void)run;
	p->mm = pinpage_mm_alloc();
	if (!p->mm || pinpage_device_create("nic", &p->dev))
		return -ENOMEM;
	pinpage_use_mm(p->mm);
	addr = pinpage_mmap(0, 2 * 4096, RW, PRIV, NULL, 0);
	if (addr < 0)
		return (int)addr;
	p->addr = (unsigned long)addr;
	if (pinpage_store(p->mm, p->addr, "a", 1) ||
	    pinpage_store(p->mm, p->addr + 4096, "a", 1))
		return -EFAULT;
	p->start = zone_start(p);
	return 0;
}

static int setup_offliner(struct pinpage_run *run, void *state)
{
	struct placed *p = state;
	int err = setup(run, state);

	return err ? err : pinpage_offliner_start(p->start, ZONE, 0);
}

static int setup_compaction(struct pinpage_run *run, void *state)
{
	int err = setup(run, state);

	return err ? err : pinpage_kcompactd_start(10);
}

static int setup_numa(struct pinpage_run *run, void *state)
{
	int err = setup(run, state);

	return err ? err : pinpage_numa_scan_start(0, 10);
}

static int setup_ksm(struct pinpage_run *run, void *state)
{
	struct placed *p = state;
	int err = setup(run, state);

	if (!err)
		err = pinpage_madvise(p->addr, 2 * 4096, MADV_MERGEABLE);
	return err ? err : pinpage_ksmd_start(0, 10);
}

static long take(struct pinpage_run *run, struct placed *p, struct page **page)
{
	switch (pinpage_run_contract(run)) {
	case GET:
		return pinpage_get_user_pages_fast(p->addr, 1, PINPAGE_FOLL_WRITE, page);
	case LONGTERM:
		return pinpage_pin_user_pages_fast(p->addr, 1, PINPAGE_FOLL_WRITE |
						   PINPAGE_FOLL_LONGTERM, page);
	default:
		return pinpage_pin_user_pages_fast(p->addr, 1, PINPAGE_FOLL_WRITE, page);
	}
}

/* takes its page, waits while others work, lets the device write, gives it back */
static void driver(struct pinpage_run *run, void *state)
{
	struct placed *p = state;
	pinpage_dma_addr_t dma;
	struct page *page, *now;
	long ret;

	pinpage_use_mm(p->mm);
	pinpage_run_on_node(pinpage_nr_nodes() - 1);
	ret = take(run, p, &page);
	if (ret != 1) {
		pinpage_run_refused(run, ret < 0 ? (int)ret : -EFAULT, "the pin");
		return;
	}
	dma = pinpage_dma_map_page(p->dev, page, 0, 4096, PINPAGE_DMA_FROM_DEVICE);
	pinpage_yield("holding");
	pinpage_msleep(100);
	now = pinpage_peek_page(p->mm, p->addr, NULL);
	p->stayed = !now || now == page;	/* ksmd clears the entry and looks */
	p->movable = in_movable(page);
	p->was_away = !pinpage_online_pages(p->start, ZONE);
	pinpage_device_write(p->dev, dma, "Z", 1);
	pinpage_dma_unmap_page(p->dev, dma, 4096, PINPAGE_DMA_FROM_DEVICE);
	if (pinpage_run_contract(run) == GET)
		pinpage_put_page(page);
	else
		pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
}

static void check(struct pinpage_run *run, void *state)
{
	struct placed *p = state;
	char byte = 0, other = 0;

	pinpage_load(p->mm, p->addr, &byte, 1);
	pinpage_load(p->mm, p->addr + 4096, &other, 1);
	if (byte != 'Z' || other != 'a')
		pinpage_run_lost(run, "the process reads %d and %d", byte, other);
}

/* what is "lost" here is the property that the test asks about */
static void check_stayed(struct pinpage_run *run, void *state)
{
	struct placed *p = state;

	check(run, state);
	if (!p->stayed)
		pinpage_run_lost(run, "the page moved while it was held");
}

static void check_away(struct pinpage_run *run, void *state)
{
	struct placed *p = state;

	check_stayed(run, state);
	if (!p->was_away)
		pinpage_run_lost(run, "the driver kept the zone from going offline");
}

static void teardown(struct pinpage_run *run, void *state)
{
	struct placed *p = state;

	(void)run;
	pinpage_offliner_stop();
	pinpage_kcompactd_stop();
	pinpage_numa_scan_stop();
	pinpage_ksmd_stop();
	pinpage_use_mm(NULL);
	if (p->mm)
		pinpage_mmput(p->mm);
	if (p->dev)
		pinpage_device_destroy(p->dev);
}

static const struct pinpage_actor actors[] = {
	{ .name = "driver", .main = driver },
};
static const struct pinpage_contract contracts[] = {
	{ .name = "pin", .needs = "pin_user_pages_fast" },
	{ .name = "longterm", .needs = "pin_user_pages_fast" },
	{ .name = "get", .needs = "get_user_pages_fast" },
};
static const struct pinpage_schedule schedules[] = {
	{ "while-held", "driver@holding", "the others work while it is held" },
	{ "numa-first", "driver@entry-read task:numa-scan driver", "hint under the walk" },
	{ "offline-first", "driver@entry-read task:offliner driver", "moved under the walk" },
	{ "compact-first", "driver@entry-read task:kcompactd driver", "moved under the walk" },
};

#define SCENARIO(NAME, SETUP, CHECK, NODES)				\
	static const struct pinpage_scenario NAME = {			\
		.name = #NAME, .contracts = contracts, .nr_contracts = 3, \
		.schedules = schedules, .nr_schedules = 4,		\
		.actors = actors, .nr_actors = 1,			\
		.state_size = sizeof(struct placed),			\
		.memory_pages = (NODES) * 256, .movable_pages = (NODES) * ZONE, \
		.nodes = (NODES),					\
		.setup = SETUP, .check = CHECK, .teardown = teardown,	\
	}

SCENARIO(offline, setup_offliner, check_away, 1);
SCENARIO(compaction, setup_compaction, check_stayed, 1);
SCENARIO(hinting, setup_numa, check_stayed, 2);
SCENARIO(merging, setup_ksm, check_stayed, 1);

#define OK	PINPAGE_CELL_OK
#define LOST	PINPAGE_CELL_LOST

START_TEST(short_pin_keeps_a_zone_online)
{
	ck_assert_int_eq(cell_of(&offline, SHORT, "6.1", "while-held"), LOST);
	ck_assert_int_eq(cell_of(&offline, GET, "6.1", "while-held"), LOST);
}
END_TEST

START_TEST(longterm_pin_lets_a_zone_go)
{
	ck_assert_int_eq(cell_of(&offline, LONGTERM, "6.1", "while-held"), OK);
	ck_assert_int_eq(cell_of(&offline, LONGTERM, "6.1", "offline-first"), OK);
	/* up to 5.12 only CMA was left */
	ck_assert_int_eq(cell_of(&offline, LONGTERM, "5.7", "while-held"), LOST);
}
END_TEST

START_TEST(held_page_is_not_compacted)
{
	size_t contract;

	for (contract = SHORT; contract <= GET; contract++) {
		ck_assert_int_eq(cell_of(&compaction, contract, "6.1", "while-held"), OK);
		ck_assert_int_eq(cell_of(&compaction, contract, "6.1", "compact-first"), OK);
	}
}
END_TEST

START_TEST(hint_under_a_fast_pin)
{
	ck_assert_int_eq(cell_of(&hinting, SHORT, "6.1", "numa-first"), OK);
	ck_assert_int_eq(cell_of(&hinting, LONGTERM, "6.1", "numa-first"), OK);
	ck_assert_int_eq(cell_of(&hinting, SHORT, "5.7", "numa-first"), OK);
}
END_TEST

START_TEST(held_page_is_not_merged)
{
	ck_assert_int_eq(cell_of(&merging, SHORT, "6.1", "while-held"), OK);
	ck_assert_int_eq(cell_of(&merging, LONGTERM, "6.1", "while-held"), OK);
}
END_TEST

/* no order moves, merges or loses what is pinned */
START_TEST(random_orders_keep_the_bytes)
{
	static const struct pinpage_scenario *const all[] = {
		&compaction, &hinting, &merging,
	};
	uint64_t found[PINPAGE_CELL_HANG + 1];
	size_t i, contract;

	for (i = 0; i < 3; i++)
		for (contract = SHORT; contract <= LONGTERM; contract++) {
			ck_assert_int_eq(pinpage_explore_random(all[i], contract,
				pinpage_rules_find("6.12"), 7, 200, found, NULL), 0);
			ck_assert_uint_eq(found[PINPAGE_CELL_OK], 200);
		}
}
END_TEST

/* a machine that cannot be built is an error of the run */
START_TEST(zone_larger_than_memory_einval)
{
	struct pinpage_scenario big = compaction;
	struct pinpage_outcome outcome;

	big.movable_pages = 10000;
	ck_assert_int_eq(pinpage_explore_run(&big, 0, NULL, NULL, false, &outcome), -EINVAL);
	pinpage_outcome_free(&outcome);
}
END_TEST

Suite *placed_suite(void)
{
	Suite *s = suite_create("explore/placed");

	add_test(s, short_pin_keeps_a_zone_online);
	add_test(s, longterm_pin_lets_a_zone_go);
	add_test(s, held_page_is_not_compacted);
	add_test(s, hint_under_a_fast_pin);
	add_test(s, held_page_is_not_merged);
	add_test(s, random_orders_keep_the_bytes);
	add_test(s, zone_larger_than_memory_einval);
	return s;
}
