// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"

#include "mm/migrate.h"

struct mm_struct *mm;
struct super_block *ramfs;

static struct super_block *blkfs;
static struct pinpage_bdev *bdev;
static struct file *files[8];
static unsigned int nr_files;
static unsigned long expected_warnings;
static long outstanding;
static enum pinpage_engine engine_now;
static unsigned long frames_now;
static unsigned long movable, cma;	/* of the next boot */
static unsigned int nodes = 1;

void boot(const char *rules, enum pinpage_engine engine, unsigned long frames)
{
	boot_rules(pinpage_rules_find(rules), engine, frames);
}

void boot_rules(const struct pinpage_rules *rules, enum pinpage_engine engine,
		unsigned long frames)
{
	outstanding = pp_alloc_outstanding();
	engine_now = engine;
	frames_now = frames;
	expected_warnings = 0;
	pp_warn_reset();
	ck_assert_int_eq(pp_rules_boot(rules), 0);
	pp_stat_reset();
	ck_assert_int_eq(pp_exec_boot(engine), 0);
	ck_assert_int_eq(pp_page_boot_nodes(frames, movable, cma, nodes), 0);
	ck_assert_int_eq(pp_pagecache_boot(NULL), 0);
	ck_assert_int_eq(pp_mm_boot(), 0);
	smp_store_release(&pp_machine_up, true);
	mm = pinpage_mm_alloc();
	ck_assert_ptr_nonnull(mm);
	pinpage_use_mm(mm);
}

void up_zones(const char *rules, unsigned long nr_movable, unsigned long nr_cma,
	      unsigned int nr_nodes)
{
	movable = nr_movable;
	cma = nr_cma;
	nodes = nr_nodes;
	boot(rules, PINPAGE_ENGINE_NATIVE, 4096);
}

void up(void)
{
	boot("6.1", PINPAGE_ENGINE_NATIVE, 4096);
}

void up_fiber(void)
{
	boot("6.1", PINPAGE_ENGINE_FIBER, 4096);
}

void expect_warnings(unsigned long nr)
{
	expected_warnings = nr;
}

void shutdown_machine(void)
{
	unsigned long held;

	pp_mm_shutdown();
	pp_pagecache_shutdown();
	pinpage_rcu_barrier();
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_PAGETABLE), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_PAGES), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_MAPPED), 0);
	held = pp_page_shutdown(NULL, NULL);
	smp_store_release(&pp_machine_up, false);
	pp_exec_shutdown();
	pp_rules_shutdown();
	ck_assert_uint_eq(held, 0);
	ck_assert_uint_eq(pp_warn_count(), expected_warnings);
	ck_assert_int_eq(pp_alloc_outstanding(), outstanding);
}

void down(void)
{
	pp_inject_alloc(0);
	close_files();
	pinpage_use_mm(NULL);
	pinpage_mmput(mm);
	shutdown_machine();
}

void reboot(const char *rules)
{
	down();
	boot(rules, engine_now, frames_now);
}

unsigned long map_file(struct file *file, unsigned long pages, int prot, int flags)
{
	long addr = pinpage_mmap(0, pages * PAGE_SIZE, prot, flags, file, 0);

	ck_assert_int_gt(addr, 0);
	return (unsigned long)addr;
}

unsigned long map(unsigned long pages, int prot, int flags)
{
	return map_file(NULL, pages, prot, flags);
}

unsigned long anon(unsigned long pages)
{
	unsigned long addr = map(pages, RW, PRIV), i;

	for (i = 0; i < pages; i++)
		put(mm, addr + i * PAGE_SIZE, (unsigned char)(i + 1));
	return addr;
}

unsigned long huge_area(void)
{
	unsigned long addr = map(HPAGE_PMD_NR, RW, PRIV);

	ck_assert_uint_eq(addr & ~PMD_MASK, 0);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_HUGEPAGE), 0);
	return addr;
}

unsigned long huge(void)
{
	unsigned long addr = huge_area();

	put(mm, addr, 1);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	return addr;
}

void put(struct mm_struct *in, unsigned long addr, unsigned char byte)
{
	ck_assert_int_eq(pinpage_store(in, addr, &byte, 1), 0);
}

int get(struct mm_struct *in, unsigned long addr)
{
	unsigned char byte;
	int err = pinpage_load(in, addr, &byte, 1);

	return err ? err : byte;
}

struct page *page_of(struct mm_struct *in, unsigned long addr)
{
	return pinpage_peek_page(in, addr, NULL);
}

unsigned int pte_of(struct mm_struct *in, unsigned long addr)
{
	unsigned int flags;

	(void)pinpage_peek_page(in, addr, &flags);
	return flags;
}

struct page *pin(struct mm_struct *in, unsigned long addr)
{
	struct page *page = page_of(in, addr);

	ck_assert_ptr_nonnull(page);
	set_bit(MMF_HAS_PINNED, &in->flags);
	ck_assert(pp_pin_try(compound_head(page), 1));
	return page;
}

void unpin(struct page *page)
{
	pp_unpin(compound_head(page), 1);
}

struct anon_vma *open_migration(struct page *head)
{
	struct anon_vma *av = pp_anon_vma_get(head);

	pp_ref(head);
	pp_lock_page(head);
	ck_assert(pp_try_to_migrate(head, av));
	return av;
}

void close_migration(struct page *head, struct anon_vma *av)
{
	pp_remove_migration_entries(head, head, av);
	pp_anon_vma_put(av);
	pp_unlock_page(head);
	pp_unref(head);
}

static struct file *fill(struct super_block *sb, unsigned long pages)
{
	char name[] = "file0", bytes[PAGE_SIZE];
	struct file *file;
	unsigned long i;

	name[4] = (char)('0' + nr_files);
	file = pinpage_filp_open(sb, name, O_RDWR | O_CREAT, 0600);
	ck_assert(!IS_ERR(file));
	for (i = 0; i < pages; i++) {
		memset(bytes, (int)i + 1, sizeof(bytes));
		ck_assert_int_eq(pinpage_pwrite(file, bytes, PAGE_SIZE,
						(pinpage_loff_t)(i * PAGE_SIZE)), PAGE_SIZE);
	}
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	files[nr_files++] = file;
	return file;
}

struct file *ram_file(unsigned long pages)
{
	if (!ramfs)
		ck_assert_int_eq(pinpage_mount("ramfs", NULL, &ramfs), 0);
	return fill(ramfs, pages);
}

struct file *blk_file(unsigned long pages)
{
	struct pinpage_bdev_config config = { .blocks = 1024 };
	struct pinpage_mount_options options = { .format = true };

	if (!blkfs) {
		ck_assert_int_eq(pinpage_bdev_create(&config, &bdev), 0);
		options.bdev = bdev;
		ck_assert_int_eq(pinpage_mount("blkfs", &options, &blkfs), 0);
	}
	return fill(blkfs, pages);
}

void close_files(void)
{
	/* mappings hold files: they go first */
	if (nr_files && mm->vmas.rbh_root)
		ck_assert_int_eq(pinpage_munmap(PP_MMAP_MIN, TASK_SIZE - PP_MMAP_MIN), 0);
	while (nr_files)
		ck_assert_int_eq(pinpage_filp_close(files[--nr_files]), 0);
	if (ramfs)
		ck_assert_int_eq(pinpage_umount(ramfs), 0);
	if (blkfs) {
		ck_assert_int_eq(pinpage_umount(blkfs), 0);
		ck_assert_int_eq(pinpage_bdev_destroy(bdev), 0);
	}
	ramfs = blkfs = NULL;
}

static void hear(struct pinpage_subscriber *sub, const struct pinpage_event *event)
{
	struct listener *ear = container_of(sub, struct listener, sub);

	ear->nr++;
	ear->mine += ear->task && current == ear->task;
	ear->last = *event;
}

void listen_to(struct listener *ear, enum pinpage_event_kind kind)
{
	*ear = (struct listener){
		.sub = { .kinds = PINPAGE_EV_BIT(kind), .order = PINPAGE_ORDER_TRACE, .fn = hear },
	};
	ck_assert_int_eq(pinpage_subscribe(&ear->sub), 0);
}

void on_until(Suite *suite, const TTest *fn, SFun start, SFun stop)
{
	TCase *tc = tcase_create(fn->name);

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, fn);
	suite_add_tcase(suite, tc);
}

void on(Suite *suite, const TTest *fn, SFun start)
{
	on_until(suite, fn, start, down);
}
