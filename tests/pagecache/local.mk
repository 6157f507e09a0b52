# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/pagecache/test_pagecache
tests_pagecache_test_pagecache_SOURCES = \
	tests/pagecache/bdev.c \
	tests/pagecache/blkfs.c \
	tests/pagecache/blkfs_crash.c \
	tests/pagecache/blkfs_file.c \
	tests/pagecache/blkfs_support.c \
	tests/pagecache/blkfs_support.h \
	tests/pagecache/blkfs_trap.c \
	tests/pagecache/dio.c \
	tests/pagecache/dirty.c \
	tests/pagecache/fallocate.c \
	tests/pagecache/file.c \
	tests/pagecache/filemap.c \
	tests/pagecache/flusher.c \
	tests/pagecache/fsync.c \
	tests/pagecache/hostfs.c \
	tests/pagecache/inject.c \
	tests/pagecache/invalidate.c \
	tests/pagecache/main.c \
	tests/pagecache/memfd.c \
	tests/pagecache/memfs.c \
	tests/pagecache/misuse.c \
	tests/pagecache/pinned.c \
	tests/pagecache/ramfs.c \
	tests/pagecache/rw.c \
	tests/pagecache/shmem.c \
	tests/pagecache/shmem_huge.c \
	tests/pagecache/stress.c \
	tests/pagecache/suites.h \
	tests/pagecache/truncate.c \
	tests/pagecache/writeback.c \
	$(NULL)
