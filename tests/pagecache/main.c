// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

int main(void)
{
	return pp_test_main(
		bdev_suite(),
		blkfs_suite(),
		dio_suite(),
		dirty_suite(),
		fallocate_suite(),
		file_suite(),
		filemap_suite(),
		flusher_suite(),
		fsync_suite(),
		hostfs_suite(),
		inject_suite(),
		invalidate_suite(),
		memfd_suite(),
		misuse_suite(),
		pinned_suite(),
		ramfs_suite(),
		rw_suite(),
		shmem_suite(),
		shmem_huge_suite(),
		stress_suite(),
		truncate_suite(),
		writeback_suite());
}
