# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/mm/test_mm
tests_mm_test_mm_SOURCES = \
	tests/mm/collapse.c \
	tests/mm/collapse_file.c \
	tests/mm/fault.c \
	tests/mm/fidelity.c \
	tests/mm/file.c \
	tests/mm/fork.c \
	tests/mm/huge.c \
	tests/mm/huge_file.c \
	tests/mm/huge_file_stress.c \
	tests/mm/hugetlb.c \
	tests/mm/hugetlb_move.c \
	tests/mm/hugezero.c \
	tests/mm/hwpoison.c \
	tests/mm/interval.c \
	tests/mm/khugepaged.c \
	tests/mm/ksm.c \
	tests/mm/ksm_move.c \
	tests/mm/kswapd.c \
	tests/mm/lazyfree.c \
	tests/mm/machine.c \
	tests/mm/machine.h \
	tests/mm/madvise.c \
	tests/mm/main.c \
	tests/mm/memfd.c \
	tests/mm/migrate.c \
	tests/mm/migrate_huge.c \
	tests/mm/misuse.c \
	tests/mm/mlock.c \
	tests/mm/mm.c \
	tests/mm/mmap.c \
	tests/mm/mprotect.c \
	tests/mm/mremap.c \
	tests/mm/nomem.c \
	tests/mm/nonpresent.c \
	tests/mm/notifier.c \
	tests/mm/numa.c \
	tests/mm/offline.c \
	tests/mm/reclaim.c \
	tests/mm/reclaim_huge.c \
	tests/mm/scanner.c \
	tests/mm/softdirty.c \
	tests/mm/split.c \
	tests/mm/stress.c \
	tests/mm/suites.h \
	tests/mm/swap.c \
	tests/mm/swap_shared.c \
	tests/mm/swap_stress.c \
	tests/mm/uaccess.c \
	tests/mm/uffd.c \
	tests/mm/uffd_file.c \
	tests/mm/user.c \
	tests/mm/vmops.c \
	$(NULL)
