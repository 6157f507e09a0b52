// SPDX-License-Identifier: LGPL-2.1-or-later
/* Calls that are not pins: a look-up in the page cache, boot and shutdown. */
#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>

#include <pinpage/pinpage.h>

static struct address_space *mapping;

static void lookups(void *arg, uint64_t n)
{
	uint64_t seed = 1;

	(void)arg;
	while (n--) {
		struct page *page = find_get_page(mapping,
						  next_random(&seed) % CACHED);

		if (page)
			put_page(page);
	}
}

static void fill(struct file *file)
{
	static char block[1 << 16];
	unsigned long at;

	for (at = 0; at < CACHED * PAGE_SIZE; at += sizeof(block))
		if (pinpage_pwrite(file, block, sizeof(block),
				   (pinpage_loff_t)at) != sizeof(block))
			exit(1);
}

void measure_lookup(struct results *r)
{
	const struct pinpage_config config = {
		.memory_pages = CACHED + CACHED / 4, .checks_set = true,
	};
	struct super_block *sb;
	struct file *file;

	if (pinpage_boot(&config) || pinpage_mount("ramfs", NULL, &sb))
		return;
	file = pinpage_filp_open(sb, "cached", O_RDWR | O_CREAT, 0600);
	fill(file);
	mapping = pinpage_file_mapping(file);
	better(&r->lookup, best_ns(lookups, NULL));
	filp_close(file, NULL);
	pinpage_umount(sb);
	pinpage_shutdown();
}

static void boots(void *arg, uint64_t n)
{
	while (n--)
		if (pinpage_boot(arg) || pinpage_shutdown())
			exit(1);
}

void measure_boot(struct results *r)
{
	struct pinpage_config config = {
		.memory_pages = 256, .engine = PINPAGE_ENGINE_FIBER,
		.mode = PINPAGE_CHECK_COLLECT,
	};

	better(&r->boot, best_ns(boots, &config));
}
