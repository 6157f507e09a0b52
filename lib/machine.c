// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * machine.c - the explorer's door to boot and shutdown, which are above it
 */
#define PINPAGE_NO_KERNEL_NAMES
#include "explore/explore.h"

#include <pinpage/pinpage.h>

#define MEMORY_PAGES 256UL

static int machine_boot(const struct pinpage_rules *rules,
			const struct pinpage_scenario *scenario)
{
	const struct pinpage_config config = {
		.rules = rules,
		.engine = PINPAGE_ENGINE_FIBER,
		.memory_pages = scenario->memory_pages ? scenario->memory_pages :
							 MEMORY_PAGES,
		.movable_pages = scenario->movable_pages,
		.cma_pages = scenario->cma_pages,
		.hugepages = scenario->hugepages,
		.nodes = scenario->nodes,
		.thp = scenario->thp,
		.mode = PINPAGE_CHECK_COLLECT,
	};

	return pinpage_boot(&config);
}

const struct pp_machine_ops pp_machine_ops = {
	.boot = machine_boot,
	.shutdown = pinpage_shutdown,
};
