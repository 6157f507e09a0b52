// SPDX-License-Identifier: LGPL-2.1-or-later
/* The machine's life: configuration, environment, misuse, leaks. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <pinpage/pinpage.h>

#include "../support.h"

static int boot_with(struct pinpage_config config)
{
	config.mode = PINPAGE_CHECK_COLLECT;
	return pinpage_boot(&config);
}

START_TEST(null_config_boots)
{
	ck_assert_int_eq(pinpage_boot(NULL), 0);
	ck_assert_uint_eq(pinpage_check_enabled(), PINPAGE_CHECK_ALL);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

START_TEST(second_boot_ebusy)
{
	ck_assert_int_eq(pinpage_boot(NULL), 0);
	ck_assert_int_eq(pinpage_boot(NULL), -EBUSY);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

START_TEST(shutdown_before_boot_einval)
{
	ck_assert_int_eq(pinpage_shutdown(), -EINVAL);
}
END_TEST

START_TEST(bad_fields_einval)
{
	struct pinpage_rules rules = *pinpage_rules_find("6.1");

	ck_assert_int_eq(boot_with((struct pinpage_config){
		.engine = (enum pinpage_engine)7 }), -EINVAL);
	ck_assert_int_eq(boot_with((struct pinpage_config){
		.memory_pages = 4 }), -EINVAL);
	ck_assert_int_eq(boot_with((struct pinpage_config){
		.memory_pages = 64, .movable_pages = 64 }), -EINVAL);
	ck_assert_int_eq(boot_with((struct pinpage_config){
		.checks_set = true, .checks = 0x8000 }), -EINVAL);
	rules.release_api = PINPAGE_RELEASE_PUT_PAGE;
	ck_assert_int_eq(boot_with((struct pinpage_config){
		.rules = &rules }), -EINVAL);
}
END_TEST

START_TEST(environment_chooses)
{
	setenv("PINPAGE_RULES", "5.2", 1);
	setenv("PINPAGE_CHECKS", "none", 1);
	ck_assert_int_eq(pinpage_boot(NULL), 0);
	ck_assert(pinpage_offers("put_user_page"));
	ck_assert_uint_eq(pinpage_check_enabled(), 0);
	ck_assert_int_eq(pinpage_shutdown(), 0);
	setenv("PINPAGE_CHECKS", "ledger,fscon", 1);
	ck_assert_int_eq(pinpage_boot(NULL), 0);
	ck_assert_uint_eq(pinpage_check_enabled(),
			  PINPAGE_CHECK_LEDGER | PINPAGE_CHECK_FSCON);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

START_TEST(bad_environment_refused)
{
	setenv("PINPAGE_RULES", "9.99", 1);
	ck_assert_int_eq(pinpage_boot(NULL), -ENOENT);
	unsetenv("PINPAGE_RULES");
	setenv("PINPAGE_CHECKS", "ledger,typo", 1);
	ck_assert_int_eq(pinpage_boot(NULL), -EINVAL);
	unsetenv("PINPAGE_CHECKS");
	setenv("PINPAGE_CHECK_MODE", "loud", 1);
	ck_assert_int_eq(pinpage_boot(NULL), -EINVAL);
	unsetenv("PINPAGE_CHECK_MODE");
	ck_assert_int_eq(pinpage_boot(NULL), 0);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

/* every allocation of boot fails once; then boot works */
START_TEST(out_of_memory_enomem)
{
	unsigned long nth;
	int error = -ENOMEM;

	for (nth = 1; error; nth++) {
		pinpage_inject_alloc(nth);
		error = boot_with((struct pinpage_config){ 0 });
		pinpage_inject_alloc(0);
		ck_assert(!error || error == -ENOMEM);
		ck_assert_uint_lt(nth, 1000);
	}
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

START_TEST(held_frame_reported)
{
	ck_assert_int_eq(boot_with((struct pinpage_config){ 0 }), 0);
	ck_assert_ptr_nonnull(pinpage_alloc_pages(PINPAGE_GFP_KERNEL, 0));
	ck_assert_int_eq(pinpage_shutdown(), 1);
	ck_assert_int_eq(pinpage_boot(NULL), 0);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

START_TEST(open_file_and_mm_cleaned_up)
{
	struct super_block *sb;

	ck_assert_int_eq(boot_with((struct pinpage_config){ 0 }), 0);
	ck_assert_int_eq(pinpage_mount("ramfs", NULL, &sb), 0);
	ck_assert_int_gt((long)pinpage_filp_open(sb, "left", O_RDWR | O_CREAT,
						 0600), 0);
	ck_assert_ptr_nonnull(pinpage_mm_alloc());
	ck_assert_int_eq(pinpage_shutdown(), 0);
	ck_assert_uint_gt(pinpage_warnings(), 0);
}
END_TEST

START_TEST(memory_too_small_for_the_work)
{
	struct mm_struct *mm;
	long addr;
	int error = 0;
	int i;

	ck_assert_int_eq(boot_with((struct pinpage_config){
		.memory_pages = 64 }), 0);
	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	addr = pinpage_mmap(0, 128 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	ck_assert_int_gt(addr, 0);
	for (i = 0; i < 128 && !error; i++)
		error = pinpage_store(mm, (unsigned long)addr +
				      (unsigned long)i * PAGE_SIZE, "x", 1);
	ck_assert_int_lt(error, 0);
	pinpage_use_mm(NULL);
	mmput(mm);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

START_TEST(version_is_three_numbers)
{
	int a, b, c;

	ck_assert_int_eq(sscanf(pinpage_version(), "%d.%d.%d", &a, &b, &c),
			 3);
}
END_TEST

START_TEST(many_lives_leave_nothing)
{
	struct pinpage_config config = {
		.memory_pages = 256, .engine = PINPAGE_ENGINE_FIBER,
		.mode = PINPAGE_CHECK_COLLECT,
	};
	int i;

	for (i = 0; i < 20000; i++) {
		ck_assert_int_eq(pinpage_boot(&config), 0);
		ck_assert_int_eq(pinpage_shutdown(), 0);
	}
}
END_TEST

static Suite *boot_suite(void)
{
	Suite *suite = suite_create("boot");

	pp_test_add(suite, null_config_boots);
	pp_test_add(suite, second_boot_ebusy);
	pp_test_add(suite, shutdown_before_boot_einval);
	pp_test_add(suite, bad_fields_einval);
	pp_test_add(suite, environment_chooses);
	pp_test_add(suite, bad_environment_refused);
	pp_test_add(suite, out_of_memory_enomem);
	pp_test_add(suite, held_frame_reported);
	pp_test_add(suite, open_file_and_mm_cleaned_up);
	pp_test_add(suite, memory_too_small_for_the_work);
	pp_test_add(suite, version_is_three_numbers);
	pp_test_add(suite, many_lives_leave_nothing);
	return suite;
}

int main(void)
{
	return pp_test_main(boot_suite());
}
