// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"

struct mm_struct *mm;
struct file *file;
unsigned long addr;
static struct pinpage_bdev *bdev;
static struct super_block *sb;
static struct pinpage_device *dev;

void up_plain(const char *rules, enum pinpage_engine engine)
{
	const struct pinpage_config config = {
		.rules = pinpage_rules_find(rules),
		.engine = engine,
		.memory_pages = 2048,
		.checks_set = true,
		.checks = PINPAGE_CHECK_ALL,
		.mode = PINPAGE_CHECK_COLLECT,
	};

	ck_assert_ptr_nonnull(config.rules);
	ck_assert_int_eq(pinpage_boot(&config), 0);
	mm = pinpage_mm_alloc();
	ck_assert_ptr_nonnull(mm);
	pinpage_use_mm(mm);
}

static void make_file(bool write_cache)
{
	static char bytes[FILE_PAGES * PAGE_SIZE];
	const struct pinpage_bdev_config config = {
		.blocks = 512, .write_cache = write_cache,
	};
	struct pinpage_mount_options options = { .format = true };
	long ret;

	ck_assert_int_eq(pinpage_bdev_create(&config, &bdev), 0);
	options.bdev = bdev;
	ck_assert_int_eq(pinpage_mount("blkfs", &options, &sb), 0);
	file = pinpage_filp_open(sb, "data", O_RDWR | O_CREAT, 0600);
	ck_assert(!IS_ERR(file));
	memset(bytes, 'a', sizeof(bytes));
	ck_assert_int_eq(pinpage_pwrite(file, bytes, sizeof(bytes), 0),
			 sizeof(bytes));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ret = pinpage_mmap(0, sizeof(bytes), PROT_READ | PROT_WRITE,
			   MAP_SHARED, file, 0);
	ck_assert_int_gt(ret, 0);
	addr = (unsigned long)ret;
}

void up(const char *rules)
{
	up_plain(rules, PINPAGE_ENGINE_NATIVE);
	make_file(false);
	ck_assert_int_eq(pinpage_device_create("disk", &dev), 0);
}

void up_cached(const char *rules)
{
	up_plain(rules, PINPAGE_ENGINE_NATIVE);
	make_file(true);
}

void power_cut(void)
{
	pinpage_bdev_power_cut(bdev);
}

void down_lost(void)
{
	pinpage_munmap(addr, FILE_PAGES * PAGE_SIZE);
	pinpage_filp_close(file);
	pinpage_umount_lost(sb);
	ck_assert_int_eq(pinpage_bdev_destroy(bdev), 0);
	file = NULL;
	down();
}

void down_leaving(long frames)
{
	if (dev)
		pinpage_device_destroy(dev);
	if (file) {
		pinpage_munmap(addr, FILE_PAGES * PAGE_SIZE);
		pinpage_filp_close(file);
		ck_assert_int_eq(pinpage_umount(sb), 0);
		ck_assert_int_eq(pinpage_bdev_destroy(bdev), 0);
	}
	dev = NULL;
	file = NULL;
	pinpage_use_mm(NULL);
	pinpage_mmput(mm);
	ck_assert_int_eq(pinpage_shutdown(), frames);
}

void down(void)
{
	down_leaving(0);
}

unsigned long anon(unsigned long n)
{
	long at = pinpage_mmap(0, n * PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	unsigned long i;

	ck_assert_int_gt(at, 0);
	for (i = 0; i < n; i++)
		cpu_store((unsigned long)at + i * PAGE_SIZE, 1);
	return (unsigned long)at;
}

struct page *pin_at(unsigned long at)
{
	struct page *page;

	ck_assert_int_eq(pinpage_pin_user_pages_fast(at, 1,
						     PINPAGE_FOLL_WRITE,
						     &page), 1);
	return page;
}

struct page *get_at(unsigned long at)
{
	struct page *page;

	ck_assert_int_eq(pinpage_get_user_pages_fast(at, 1,
						     PINPAGE_FOLL_WRITE,
						     &page), 1);
	return page;
}

void device_store(struct page *page, unsigned char byte)
{
	pinpage_dma_addr_t dma;

	dma = pinpage_dma_map_page(dev, page, 0, PAGE_SIZE,
				   PINPAGE_DMA_FROM_DEVICE);
	ck_assert_int_eq(pinpage_dma_mapping_error(dev, dma), 0);
	ck_assert_int_eq(pinpage_device_write(dev, dma, &byte, 1), 0);
	pinpage_dma_unmap_page(dev, dma, PAGE_SIZE, PINPAGE_DMA_FROM_DEVICE);
}

void cpu_store(unsigned long at, unsigned char byte)
{
	ck_assert_int_eq(pinpage_store(mm, at, &byte, 1), 0);
}

unsigned char file_byte(unsigned long index)
{
	unsigned char byte;

	ck_assert_int_eq(pinpage_pread(file, &byte, 1,
				       (int64_t)(index * PAGE_SIZE)), 1);
	return byte;
}

void sync_file(void)
{
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
}

void quiet(void)
{
	const struct pinpage_verdict *v = pinpage_check_first();

	if (v)
		pinpage_check_print(stderr, v);
	ck_assert_msg(!v, "unexpected verdict %s", v ? v->rule : "");
	ck_assert_int_eq(pinpage_check_worst(), PINPAGE_OK);
}

const struct pinpage_verdict *expect(const char *rule,
				     enum pinpage_severity severity,
				     size_t total)
{
	const struct pinpage_verdict *v = pinpage_check_find(rule);

	if (!v || pinpage_check_count(PINPAGE_HAZARD) != total) {
		const struct pinpage_verdict *at = pinpage_check_first();

		for (; at; at = at->next)
			pinpage_check_print(stderr, at);
	}
	ck_assert_msg(v, "no verdict %s", rule);
	ck_assert_int_eq(v->severity, severity);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), total);
	return v;
}

void sites_in(const struct pinpage_verdict *verdict, const char *guilty,
	      const char *partner)
{
	const char *const names[] = { guilty, partner };
	int i;

	for (i = 0; i < PINPAGE_VERDICT_SITES; i++)
		ck_assert_ptr_nonnull(verdict->site[i]);
	ck_assert_ptr_ne(verdict->site[0], verdict->site[1]);
#ifdef HAVE_LIBDW
	for (i = 0; i < PINPAGE_VERDICT_SITES; i++) {
		const char *text = verdict->site_text[i];
		size_t len = strlen(names[i]);

		ck_assert_msg(!strncmp(text, names[i], len) &&
			      text[len] == ':', "site %d is %s", i, text);
	}
#else
	(void)names;
#endif
}
