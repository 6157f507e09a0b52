// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memfs.c - a small file-system model in memory, and the fixtures
 */
#include "suites.h"

#define MEM_FILES 8

unsigned int mem_quota = MEM_PAGES;
bool mem_async;
struct super_block *sb;
struct file *file;
struct address_space *mapping;
struct mem_file *disk;

static struct mem_file files[MEM_FILES];
static struct page *pending[MEM_PAGES];
static unsigned int nr_pending;
static pinpage_spinlock_t mem_lock;
static long base_outstanding;

struct mem_file *mem_find(const char *name)
{
	for (unsigned int i = 0; i < MEM_FILES; i++)
		if (files[i].used && !strcmp(files[i].name, name))
			return &files[i];
	return NULL;
}

static struct mem_file *of(struct page *head)
{
	return page_file_mapping(head)->host->i_private;
}

static int mem_read_page(struct file *f, struct page *head)
{
	struct mem_file *m = of(head);
	int error;

	(void)f;
	if (pp_inject_io_error(PINPAGE_IO_READ, &error))
		return -error;
	pp_copy_bytes(page_address(head), m->data + head->index * PAGE_SIZE,
		      PAGE_SIZE);
	m->reads[head->index]++;
	return 0;
}

static int mem_write_page(struct page *head, struct writeback_control *wbc,
			  const void *data)
{
	struct mem_file *m = of(head);
	bool beyond = ((loff_pp)head->index << PAGE_SHIFT) >=
		i_size_read(page_file_mapping(head)->host);
	int error = 0;

	(void)wbc;
	pp_set_page_writeback(head, false);
	pp_unlock_page(head);
	if (!beyond && pp_inject_io_error(PINPAGE_IO_WRITE, &error)) {
		pp_end_page_writeback(head);
		return -error;
	}
	if (!beyond) {
		pp_copy_bytes(m->data + head->index * PAGE_SIZE, data,
			      PAGE_SIZE);
		m->writes[head->index]++;
		m->bounced = data != page_address(head);
	}
	if (mem_async) {
		pinpage_spin_lock(&mem_lock);
		pending[nr_pending++] = head;
		pinpage_spin_unlock(&mem_lock);
	} else {
		pp_end_page_writeback(head);
	}
	return 0;
}

unsigned int mem_complete(int error)
{
	unsigned int nr = nr_pending;

	while (nr_pending) {
		struct page *head = pending[--nr_pending];

		pp_mapping_set_error(page_file_mapping(head), error);
		pp_end_page_writeback(head);
	}
	return nr;
}

static int mem_write_begin(struct file *f, struct page *head,
			   unsigned int from, unsigned int len)
{
	(void)f;
	(void)from;
	(void)len;
	return head->index < mem_quota ? 0 : -ENOSPC;
}

static int mem_mkwrite(struct file *f, struct page *head)
{
	return mem_write_begin(f, head, 0, PAGE_SIZE);
}

static ssize_t mem_direct_io(struct file *f, bool write, struct page **pages,
			     size_t offset, size_t len, loff_pp pos)
{
	struct mem_file *m = f->f_inode->i_private;
	int error;

	if (pp_inject_io_error(write ? PINPAGE_IO_WRITE : PINPAGE_IO_READ,
			       &error))
		return -error;
	for (size_t done = 0; done < len; done += 512) {
		size_t at = offset + done;
		char *mem = (char *)page_address(pages[at / PAGE_SIZE]) +
			at % PAGE_SIZE;
		char *store = m->data + pos + done;

		memcpy(write ? store : mem, write ? mem : store,
		       len - done < 512 ? len - done : 512);
	}
	if (write && pos + (loff_pp)len > m->size)
		m->size = pos + (loff_pp)len;
	return (ssize_t)len;
}

static int mem_set_size(struct inode *inode, loff_pp size)
{
	struct mem_file *m = inode->i_private;

	if (size > (loff_pp)sizeof(m->data))
		return -ENOSPC;
	memset(m->data + size, 0, sizeof(m->data) - (size_t)size);
	WRITE_ONCE(m->size, size);
	return 0;
}

static int mem_fallocate(struct file *f, int mode, loff_pp offset, loff_pp len)
{
	struct mem_file *m = f->f_inode->i_private;

	if (offset + len > (loff_pp)sizeof(m->data))
		return -ENOSPC;
	if (mode & ~FALLOC_FL_KEEP_SIZE)
		memset(m->data + offset, 0, (size_t)len);
	return 0;
}

static int mem_sync(struct inode *inode, bool datasync)
{
	struct mem_file *m = inode->i_private;
	int error;

	(void)datasync;
	if (pp_inject_io_error(PINPAGE_IO_FLUSH, &error))
		return -error;
	m->syncs++;
	WRITE_ONCE(m->size, i_size_read(inode));
	return 0;
}

static ssize_t mem_durable_read(struct inode *inode, void *buf, size_t count,
				loff_pp pos)
{
	struct mem_file *m = inode->i_private;

	if (pos >= m->size)
		return 0;
	if (pos + (loff_pp)count > m->size)
		count = (size_t)(m->size - pos);
	memcpy(buf, m->data + pos, count);
	return (ssize_t)count;
}

static const struct address_space_operations mem_aops = {
	.read_page = mem_read_page,
	.write_page = mem_write_page,
	.write_begin = mem_write_begin,
	.page_mkwrite = mem_mkwrite,
	.direct_io = mem_direct_io,
	.set_size = mem_set_size,
	.fallocate = mem_fallocate,
	.sync = mem_sync,
	.durable_read = mem_durable_read,
	.dirty_tracked = true,
};

static struct mem_file *mem_create(const char *name)
{
	for (unsigned int i = 0; i < MEM_FILES; i++) {
		if (files[i].used)
			continue;
		memset(&files[i], 0, sizeof(files[i]));
		snprintf(files[i].name, sizeof(files[i].name), "%s", name);
		files[i].used = true;
		return &files[i];
	}
	return NULL;
}

static int mem_open_inode(struct super_block *s, const char *name, int flags,
			  int mode, struct inode *inode)
{
	struct mem_file *m = mem_find(name);

	(void)s;
	(void)mode;
	if (m && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if (!m && !(flags & O_CREAT))
		return -ENOENT;
	if (!m)
		m = mem_create(name);
	if (!m)
		return -ENOSPC;
	inode->i_private = m;
	inode->i_size = m->size;
	inode->i_data.a_ops = &mem_aops;
	return 0;
}

static void mem_evict_inode(struct inode *inode)
{
	struct mem_file *m = inode->i_private;

	if (inode->nlink)
		m->size = inode->i_size;
	else
		m->used = false;
}

static int mem_unlink(struct super_block *s, const char *name)
{
	(void)s;
	mem_find(name)->name[0] = '\0';
	return 0;
}

const struct pp_fs_type memfs = {
	.name = "memfs",
	.open_inode = mem_open_inode,
	.evict_inode = mem_evict_inode,
	.unlink = mem_unlink,
};

/* fixtures */

static void quiet(const char *path, int line, const char *msg)
{
	(void)path;
	(void)line;
	(void)msg;
}

void mem_boot(enum pinpage_engine engine, const char *rules)
{
	memset(files, 0, sizeof(files));
	mem_quota = MEM_PAGES;
	mem_async = false;
	nr_pending = 0;
	pp_warn_reset();
	pp_set_warn_hook(quiet);
	base_outstanding = pp_alloc_outstanding();
	ck_assert_int_eq(pp_rules_boot(pinpage_rules_find(rules)), 0);
	pp_stat_reset();
	ck_assert_int_eq(pp_exec_boot(engine), 0);
	ck_assert_int_eq(pp_page_boot(1024, 0, 0), 0);
	ck_assert_int_eq(pp_pagecache_boot(NULL), 0);
	pp_spin_init(&mem_lock, "mem_lock", PINPAGE_RANK_FS);
	pp_machine_up = true;
	ck_assert_int_eq(pp_register_fs(&memfs), 0);
	ck_assert_int_eq(pinpage_mount("memfs", NULL, &sb), 0);
	file = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT, 0600);
	ck_assert(!IS_ERR(file));
	mapping = file->f_mapping;
	disk = mem_find("f");
}

void mem_up(void)
{
	mem_boot(PINPAGE_ENGINE_FIBER, "6.1");
}

void mem_up_native(void)
{
	mem_boot(PINPAGE_ENGINE_NATIVE, "6.1");
}

void mem_down(void)
{
	if (file)
		ck_assert_int_eq(pinpage_filp_close(file), 0);
	if (sb)
		ck_assert_int_eq(pinpage_umount(sb), 0);
	file = NULL;
	sb = NULL;
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_WRITEBACK), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_PAGES), 0);
	pp_pagecache_shutdown();
	pinpage_rcu_barrier();
	ck_assert_uint_eq(pp_page_shutdown(NULL, NULL), 0);
	pp_machine_up = false;
	pp_exec_shutdown();
	pp_rules_shutdown();
	pp_event_reset();
	ck_assert_int_eq(pp_alloc_outstanding(), base_outstanding);
}

void put_page_bytes(unsigned long index, char byte)
{
	char buf[PAGE_SIZE];

	memset(buf, byte, sizeof(buf));
	ck_assert_int_eq(pinpage_pwrite(file, buf, PAGE_SIZE,
					(loff_pp)(index * PAGE_SIZE)),
			 PAGE_SIZE);
}

int get_first_byte(unsigned long index)
{
	unsigned char byte;

	if (pinpage_pread(file, &byte, 1, (loff_pp)(index * PAGE_SIZE)) != 1)
		return -1;
	return byte;
}

struct page *cached(unsigned long index)
{
	struct page *head = pp_find_get_page(mapping, index);

	if (head)
		pp_unref(head);
	return head;
}

void store_byte(struct page *page, char byte)
{
	*(char *)page_address(page) = byte;
}

void mem_test_fixture(Suite *suite, const char *name, const TTest *fn,
		      void (*up)(void))
{
	TCase *tc = pp_test_add_named(suite, name, fn);

	tcase_add_checked_fixture(tc, up, mem_down);
}
