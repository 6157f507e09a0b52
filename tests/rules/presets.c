// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What every preset must say, written down independently: a row is a switch, a
 * column a preset, and the source is the section of the semantics reference
 * (s) or of the bug catalogue (b) that says so.
 */
#include <stdio.h>
#include <string.h>

#include <pinpage/rules.h>

#include "suites.h"

#define NR_PRESETS 15

static const char *const names[NR_PRESETS] = {
	"5.1", "5.2", "5.4", "5.6", "5.7", "5.10", "5.19", "6.1", "6.5",
	"6.12", "7.3",
	"dirty-at-pin", "stay-dirty-wait", "stay-dirty-bounce",
	"stay-dirty-skip",
};

/* one switch in all presets */
struct expectation {
	const char *name;
	const char *cells;	/* an index into values, per preset */
	const char *values[5];
	const char *source;
};

static const struct expectation expectations[] = {
	/*
	 * 5.1 5.2 5.4 5.6 5.7 5.10 5.19 6.1 6.5 6.12 7.3 dirty-at-pin and
	 * stay-dirty-wait, -bounce, -skip
	 */
	{ "has_pin_api",          "000111111111111", { "0", "1" }, "s1.1 E3" },
	{ "has_fast_only",        "000011111111111", { "0", "1" }, "s1.1 E4" },
	{ "has_pin_fast_only",    "000011110001111", { "0", "1" }, "s1.1 E4, E6" },
	{ "has_pin_unlocked",     "000011111111111", { "0", "1" }, "s1.1 E4" },
	{ "has_range_release",    "000000111110001", { "0", "1" }, "s1.6" },
	{ "has_folio_release",    "000000000110000", { "0", "1" }, "s1.6 E7" },
	{ "has_folio_add_pin",    "000000001110000", { "0", "1" }, "s1.1 E7" },
	{ "has_folio_add_pins",   "000000000010000", { "0", "1" }, "s1.1 E7" },
	{ "has_iov_extract",      "000000001110000", { "0", "1" }, "s1.3" },
	{ "has_put_dirty",        "010000000000000", { "0", "1" }, "s1.2 E1 only" },
	{ "put_make_dirty",       "001111111111111", { "0", "1" }, "s1.2 E2" },
	{ "release_api",          "011222222222222",
	  { "put_page", "put_user", "unpin" }, "s1.1" },
	{ "pin_tracking",         "000011222221112",
	  { "none", "bias_exact2", "bias_exact" }, "s0, s2.1" },
	{ "args",                 "000111223331112",
	  { "none", "5.6", "5.18", "6.3" }, "s1.7" },
	{ "longterm_on_get",      "111100000000000", { "0", "1" }, "s1.7, A04" },
	{ "longterm_on_unlocked", "000000001110000", { "0", "1" }, "A05, A06" },
	{ "errno_guard",          "000001111110001", { "0", "1" }, "s1.6, C16" },
	{ "null_entries",         "000000000110000", { "0", "1" }, "s1.6 E7" },
	{ "fast_nofault",         "000000111110001", { "0", "1" }, "s1.7" },
	{ "fast_touch",           "000000001110000", { "0", "1" }, "s1.4" },
	{ "eagain_on_kill",       "000000001110000", { "0", "1" }, "s1.5" },
	{ "fast_overflow",        "000000000110000",
	  { "zero", "errno" }, "s1.4, A14" },
	{ "fork_pinned",          "000002222220002",
	  { "share", "copy", "copy_seq" }, "s3.1, b3.3" },
	{ "cow_reuse",            "000001222220002",
	  { "mapcount", "refcount", "exclusive" }, "s3.1, b3.3" },
	{ "unshare",              "000000111110001", { "0", "1" }, "s3.1" },
	{ "unshare_longterm",     "000000001110001", { "0", "1" }, "s3.1, F13" },
	{ "hugetlb_fork_copies",  "000000111110001", { "0", "1" }, "s3.1, F15" },
	{ "hugetlb_dontneed",     "000000111110001", { "0", "1" }, "5.18" },
	{ "hugetlb_force",        "000000000010000", { "0", "1" }, "s1.5" },
	{ "hugetlb_split_refused", "000000000110000", { "0", "1" }, "s1.5" },
	{ "hugetlb_mremap",       "000000111110001", { "0", "1" }, "5.16, B20" },
	{ "hugetlb_punch_zeroes", "000000011110001", { "0", "1" }, "6.0, B23" },
	{ "hugetlb_longterm_enomem", "000000110000001", { "0", "1" }, "5.13, B06" },
	{ "hugetlb_read_healthy", "000000000110000", { "0", "1" }, "6.6, B11" },
	{ "move_pages_hugetlb_head", "111111111001111", { "0", "1" }, "6.7, B02" },
	{ "migration_marks",      "000000011220001",
	  { "lost", "dirty", "kept" }, "6.1, G08, G19" },
	{ "ksm_poison",           "000000001110000", { "0", "1" }, "6.4, G26" },
	{ "force_write",          "111111122221112",
	  { "drop_write", "foll_cow", "exclusive" }, "s2.6, b3.3" },
	{ "writeback_pinned",     "000000000000123",
	  { "ignore", "wait", "bounce", "skip" }, "s3.2, s4" },
	{ "dirty_duty",           "000000000001220",
	  { "at_put", "at_pin", "kept" }, "s4, S04" },
	{ "swap_refuses_pinned",  "000001111110111", { "0", "1" }, "s3.5, b3.3" },
	{ "lazyfree_checks_refs", "000001111110111", { "0", "1" }, "b3.3" },
	{ "softdirty_skips_pinned", "000001111110111", { "0", "1" }, "F14, b3.3" },
	{ "reclaim_keeps_private", "000000011110111", { "0", "1" }, "s0, s3.5" },
	{ "reclaim_writes_files", "111111110001110", { "0", "1" }, "mm/vmscan.c" },
	{ "no_buffers",           "000001111110001",
	  { "bug", "drop" }, "s3.4, b3.3" },
	{ "dio_pins",             "000000001110000", { "0", "1" }, "s3.2, W21" },
	{ "zero_page",            "000000011110000",
	  { "counted", "exempt" }, "s2.2, Z01, Z03" },
	{ "longterm_file_ban",    "000000001110000", { "0", "1" }, "s3.7, A35" },
	{ "memfd_exec",           "000000001110000", { "0", "1" }, "mm/memfd.c" },
	{ "seal_maps_readonly",   "000000000110000", { "0", "1" }, "mm/mmap.c" },
	{ "has_secretmem",        "000000111110001", { "0", "1" }, "A29" },
	{ "fsdax_by_vma",         "000000111110001", { "0", "1" }, "s3.7, A34" },
	{ "p2pdma_refused",       "000000001110001", { "0", "1" }, "s1.6" },
	{ "pfn_eexist",           "000000111110001", { "0", "1" }, "s1.5" },
	{ "placement",            "111111222221112",
	  { "anywhere", "no_cma", "no_movable" }, "s3.7, b3.3" },
	{ "recheck_pmd",          "000000011110001", { "0", "1" }, "b3.3" },
	{ "split_eagain",         "000000011110001", { "0", "1" }, "s3.6" },
	{ "has_collapse",         "000000011110001", { "0", "1" }, "madvise(2)" },
	{ "ref_guard",            "111111111111111",
	  { "unguarded", "try_get" }, "s2.4, b3.3" },
	{ "notifier_flush",       "000000000110000", { "end", "tlb" }, "s3.10" },
	{ "notifier_change_pte",  "111111111001111", { "0", "1" }, "s3.10" },
	{ "uffd_move",            "000000000110000", { "0", "1" }, "s3.5" },
	{ "uffd_features",        "000011223441112",
	  { "fills", "protects", "minors", "unpopulated", "moves" }, "man 2 userfaultfd" },
	{ "longterm_unmoved",     "000000111110001",
	  { "kept", "retry", "trusted" }, "s3.7, bG" },
	{ "numa_skip",            "000000111220001",
	  { "mapped", "referenced", "pinned" }, "s3.5, bB" },
	{ "numa_follow",          "000000000110000", { "0", "1" }, "s2.5" },
	{ "move_pages_enoent",    "000000000110000", { "0", "1" }, "N22" },
	{ "mremap_dontunmap",     "000011222221112",
	  { "none", "anon", "any" }, "mm/mremap.c" },
	{ "protect_clean",        "000000001110001", { "0", "1" }, "mm/mprotect.c" },
	{ "punch_cleans",         "111111111001111", { "0", "1" }, "fs/ext4/inode.c" },
	{ "split_keeps_dirty",    "000000001110000", { "0", "1" }, "mm/huge_memory.c" },
	{ "swapin_writable",      "000000000110000", { "0", "1" }, "mm/memory.c" },
	{ "split_zeropage",       "000000000110000", { "0", "1" }, "mm/migrate.c" },
	{ "hugetlb_nofault",      "000000000110000", { "0", "1" }, "mm/gup.c" },
	{ "collapse_retracts",    "000000000110000", { "0", "1" }, "HS43, HS27" },
	{ "shmem_fits_area",      "000000000110000", { "0", "1" }, "HS41" },
	{ "fault_maps_folio",     "000000000110000", { "0", "1" }, "HS05" },
	{ "nohuge_no_leaf",       "000000000110000", { "0", "1" }, "HS45" },
};

#define NR_EXPECTATIONS (sizeof(expectations) / sizeof(expectations[0]))

START_TEST(switch_has_the_expected_values)
{
	const struct expectation *e = &expectations[_i];
	char value[32];
	int p;

	for (p = 0; p < NR_PRESETS; p++) {
		const struct pinpage_rules *rules = pinpage_rules_nth(p);
		int len = pinpage_rules_switch_value(rules, e->name, value,
						     sizeof(value));

		ck_assert_int_gt(len, 0);
		ck_assert_msg(!strcmp(value, e->values[e->cells[p] - '0']),
			      "%s: %s is %s (see %s)", rules->name, e->name,
			      value, e->source);
	}
}
END_TEST

START_TEST(expectations_cover_every_switch_in_order)
{
	size_t i;

	for (i = 0; i < NR_EXPECTATIONS; i++)
		ck_assert_str_eq(pinpage_rules_switch_name(i),
				 expectations[i].name);
	ck_assert_ptr_null(pinpage_rules_switch_name(NR_EXPECTATIONS));
}
END_TEST

START_TEST(presets_come_in_order_and_are_found)
{
	int i;

	ck_assert_uint_eq(pinpage_rules_count(), NR_PRESETS);
	for (i = 0; i < NR_PRESETS; i++) {
		ck_assert_str_eq(pinpage_rules_nth(i)->name, names[i]);
		ck_assert_ptr_eq(pinpage_rules_find(names[i]),
				 pinpage_rules_nth(i));
	}
	ck_assert_ptr_null(pinpage_rules_nth(NR_PRESETS));
}
END_TEST

START_TEST(presets_pass_the_check)
{
	int i;

	for (i = 0; i < NR_PRESETS; i++)
		ck_assert_msg(!pinpage_rules_check(pinpage_rules_nth(i)),
			      "%s", names[i]);
}
END_TEST

START_TEST(presets_carry_stage_version_and_proposal)
{
	static const char stages[] = "LPPPBBBBBBBDSSS";
	static const unsigned int versions[] = {
		0x0501, 0x0502, 0x0504, 0x0506, 0x0507, 0x050a, 0x0513,
		0x0601, 0x0605, 0x060c, 0x0703, 0x0507, 0x0507, 0x0507, 0x0602,
	};
	int i;

	for (i = 0; i < NR_PRESETS; i++) {
		const struct pinpage_rules *rules = pinpage_rules_nth(i);

		ck_assert_int_eq(rules->stage, stages[i]);
		ck_assert_uint_eq(rules->version, versions[i]);
		ck_assert_int_eq(rules->proposal, i >= 11);
	}
}
END_TEST

START_TEST(unknown_name_finds_nothing)
{
	ck_assert_ptr_null(pinpage_rules_find("4.20"));
	ck_assert_ptr_null(pinpage_rules_find(""));
	ck_assert_ptr_null(pinpage_rules_find(NULL));
}
END_TEST

Suite *presets_suite(void)
{
	Suite *s = suite_create("presets");
	TCase *tc = tcase_create("matrix");

	tcase_add_loop_test(tc, switch_has_the_expected_values, 0,
			    NR_EXPECTATIONS);
	suite_add_tcase(s, tc);
	pp_test_add(s, expectations_cover_every_switch_in_order);
	pp_test_add(s, presets_come_in_order_and_are_found);
	pp_test_add(s, presets_pass_the_check);
	pp_test_add(s, presets_carry_stage_version_and_proposal);
	pp_test_add(s, unknown_name_finds_nothing);
	return s;
}
