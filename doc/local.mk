# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A page of section 3 serves a family of calls; its NAME line lists them.
# Installing makes a link file for each, so that man(1) finds the page by any.

dist_man3_MANS += \
	doc/man3/pinpage_access_process_vm.3 \
	doc/man3/pinpage_account_locked_vm.3 \
	doc/man3/pinpage_alloc_pages.3 \
	doc/man3/pinpage_bdev.3 \
	doc/man3/pinpage_boot.3 \
	doc/man3/pinpage_check_print.3 \
	doc/man3/pinpage_clear_refs.3 \
	doc/man3/pinpage_copy_to_user.3 \
	doc/man3/pinpage_device.3 \
	doc/man3/pinpage_direct_io.3 \
	doc/man3/pinpage_direct_read.3 \
	doc/man3/pinpage_dma_map_page.3 \
	doc/man3/pinpage_dma_submit.3 \
	doc/man3/pinpage_durable_read.3 \
	doc/man3/pinpage_explore_run.3 \
	doc/man3/pinpage_filemap_fdatawrite.3 \
	doc/man3/pinpage_filp_open.3 \
	doc/man3/pinpage_find_get_page.3 \
	doc/man3/pinpage_fixup_user_fault.3 \
	doc/man3/pinpage_fsync.3 \
	doc/man3/pinpage_ftruncate.3 \
	doc/man3/pinpage_get_page.3 \
	doc/man3/pinpage_get_user_pages.3 \
	doc/man3/pinpage_get_user_pages_fast.3 \
	doc/man3/pinpage_hugetlb_set_pool.3 \
	doc/man3/pinpage_inject_alloc.3 \
	doc/man3/pinpage_invalidate_mapping_pages.3 \
	doc/man3/pinpage_iov_iter.3 \
	doc/man3/pinpage_kernel_read.3 \
	doc/man3/pinpage_kcompactd_start.3 \
	doc/man3/pinpage_khugepaged_scan.3 \
	doc/man3/pinpage_ksm.3 \
	doc/man3/pinpage_kswapd_start.3 \
	doc/man3/pinpage_kthread.3 \
	doc/man3/pinpage_ledger_tokens.3 \
	doc/man3/pinpage_lock_page.3 \
	doc/man3/pinpage_locks.3 \
	doc/man3/pinpage_memfd_create.3 \
	doc/man3/pinpage_memfd_pin_folios.3 \
	doc/man3/pinpage_memory_failure.3 \
	doc/man3/pinpage_might_sleep.3 \
	doc/man3/pinpage_migrate_to_device.3 \
	doc/man3/pinpage_mlock.3 \
	doc/man3/pinpage_mm_account_pinned_pages.3 \
	doc/man3/pinpage_mm_alloc.3 \
	doc/man3/pinpage_mmap.3 \
	doc/man3/pinpage_mmap_read_lock.3 \
	doc/man3/pinpage_mmu_notifier.3 \
	doc/man3/pinpage_mount.3 \
	doc/man3/pinpage_move_pages.3 \
	doc/man3/pinpage_offers.3 \
	doc/man3/pinpage_offline_pages.3 \
	doc/man3/pinpage_page_address.3 \
	doc/man3/pinpage_page_count.3 \
	doc/man3/pinpage_page_flags.3 \
	doc/man3/pinpage_page_folio.3 \
	doc/man3/pinpage_page_maybe_dma_pinned.3 \
	doc/man3/pinpage_page_to_nid.3 \
	doc/man3/pinpage_peek_page.3 \
	doc/man3/pinpage_pin_page.3 \
	doc/man3/pinpage_pin_user_pages.3 \
	doc/man3/pinpage_process_vm_readv.3 \
	doc/man3/pinpage_put_user_page.3 \
	doc/man3/pinpage_rcu.3 \
	doc/man3/pinpage_remap_pfn_range.3 \
	doc/man3/pinpage_rules_find.3 \
	doc/man3/pinpage_rules_switch_name.3 \
	doc/man3/pinpage_scenario.3 \
	doc/man3/pinpage_scenario_main.3 \
	doc/man3/pinpage_scope.3 \
	doc/man3/pinpage_set_page_dirty.3 \
	doc/man3/pinpage_sg.3 \
	doc/man3/pinpage_split_huge_page.3 \
	doc/man3/pinpage_stat.3 \
	doc/man3/pinpage_store.3 \
	doc/man3/pinpage_subscribe.3 \
	doc/man3/pinpage_swapon.3 \
	doc/man3/pinpage_try_to_free_pages.3 \
	doc/man3/pinpage_unpin_user_page.3 \
	doc/man3/pinpage_userfaultfd.3 \
	doc/man3/pinpage_vma_set_ops.3 \
	doc/man3/pinpage_wait.3 \
	doc/man3/pinpage_work.3 \
	doc/man3/pinpage_writeback.3 \
	$(NULL)

dist_man7_MANS += \
	doc/man7/pinpage.7 \
	$(NULL)

script_tests += doc/check-doc.sh

EXTRA_DIST += \
	doc/check-doc.sh \
	doc/conformance.md \
	doc/design.md \
	doc/locking.md \
	doc/man-links.sh \
	doc/ordering.md \
	doc/scale.md \
	$(NULL)

install-data-hook:
	cd $(srcdir) && $(SHELL) doc/man-links.sh add \
		"$(DESTDIR)$(man3dir)" $(dist_man3_MANS)

uninstall-hook:
	cd $(srcdir) && $(SHELL) doc/man-links.sh remove \
		"$(DESTDIR)$(man3dir)" $(dist_man3_MANS)
