# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/pagecache/bdev.c \
	lib/pagecache/bdev.h \
	lib/pagecache/blkfs.c \
	lib/pagecache/blkfs.h \
	lib/pagecache/blkfs_alloc.c \
	lib/pagecache/blkfs_disk.h \
	lib/pagecache/blkfs_file.c \
	lib/pagecache/blkfs_log.c \
	lib/pagecache/blkfs_page.c \
	lib/pagecache/blkfs_recover.c \
	lib/pagecache/blkfs_table.c \
	lib/pagecache/boot.c \
	lib/pagecache/bounce.c \
	lib/pagecache/collapse.c \
	lib/pagecache/dax.c \
	lib/pagecache/dio.c \
	lib/pagecache/dirty.c \
	lib/pagecache/errseq.c \
	lib/pagecache/fallocate.c \
	lib/pagecache/file.c \
	lib/pagecache/filemap.c \
	lib/pagecache/flusher.c \
	lib/pagecache/fsync.c \
	lib/pagecache/hostfs.c \
	lib/pagecache/hugetlbfs.c \
	lib/pagecache/hugetlbfs.h \
	lib/pagecache/inject.c \
	lib/pagecache/inode.c \
	lib/pagecache/internal.h \
	lib/pagecache/invalidate.c \
	lib/pagecache/large.c \
	lib/pagecache/memfd.c \
	lib/pagecache/migrate.c \
	lib/pagecache/mount.c \
	lib/pagecache/pagecache.h \
	lib/pagecache/ramfs.c \
	lib/pagecache/rw.c \
	lib/pagecache/seals.h \
	lib/pagecache/secretmem.c \
	lib/pagecache/shmem.c \
	lib/pagecache/shmem_huge.c \
	lib/pagecache/truncate.c \
	lib/pagecache/writeback.c \
	$(NULL)
