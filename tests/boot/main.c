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

static void hears(struct pinpage_subscriber *self,
		  const struct pinpage_event *event)
{
	(void)self;
	(void)event;
}

START_TEST(hugepages_are_set_apart)
{
	struct pinpage_hugetlb_info info = { 0 };

	pinpage_hugetlb_info(&info);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(1), -EINVAL);
	ck_assert_int_eq(pinpage_boot(&(struct pinpage_config){
		.memory_pages = 4096, .hugepages = 3 }), 0);
	pinpage_hugetlb_info(&info);
	ck_assert_uint_eq(info.total, 3);
	ck_assert_uint_eq(info.free, 3);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

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
		.memory_pages = (1UL << 58) + 16 }), -EINVAL);
	ck_assert_int_eq(boot_with((struct pinpage_config){
		.memory_pages = 64, .movable_pages = 64 }), -EINVAL);
	ck_assert_int_eq(boot_with((struct pinpage_config){
		.checks_set = true, .checks = 0x8000 }), -EINVAL);
	ck_assert_int_eq(boot_with((struct pinpage_config){
		.thp = (enum pinpage_thp)3 }), -EINVAL);
	ck_assert_int_eq(pinpage_boot(&(struct pinpage_config){
		.vsyscall = (enum pinpage_vsyscall)3 }), -EINVAL);
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
	setenv("PINPAGE_CHECK_MODE", "collect", 1);
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

START_TEST(many_held_frames_all_counted)
{
	int i;

	ck_assert_int_eq(boot_with((struct pinpage_config){ 0 }), 0);
	for (i = 0; i < 20; i++)
		ck_assert_ptr_nonnull(pinpage_alloc_pages(0, 0));
	ck_assert_int_eq(pinpage_shutdown(), 20);
	ck_assert_uint_lt(pinpage_warnings(), 20);
}
END_TEST

static int shuts_down(void *arg)
{
	(void)arg;
	return (int)pinpage_shutdown();
}

START_TEST(shutdown_by_another_task_einval)
{
	enum pinpage_engine engine = (enum pinpage_engine)_i;
	struct task_struct *task;

	ck_assert_int_eq(boot_with((struct pinpage_config){
		.engine = engine }), 0);
	task = pinpage_kthread_run(shuts_down, NULL, "other");
	ck_assert_int_eq(pinpage_kthread_join(task), -EINVAL);
	ck_assert_uint_eq(pinpage_warnings(), 1);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

START_TEST(shutdown_with_locks_held_ends)
{
	struct mm_struct *mm;
	struct page *page;

	ck_assert_int_eq(boot_with((struct pinpage_config){ 0 }), 0);
	mm = pinpage_mm_alloc();
	page = pinpage_alloc_pages(0, 0);
	pinpage_mmap_write_lock(mm);
	pinpage_lock_page(page);
	pinpage_softirq_enter();
	ck_assert_int_eq(pinpage_shutdown(), 1);
	ck_assert_int_eq(boot_with((struct pinpage_config){ 0 }), 0);
	ck_assert_int_eq(pinpage_context(), PINPAGE_CTX_PROCESS);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

START_TEST(left_subscriber_dropped_with_a_warning)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_PIN), .fn = hears,
	};

	ck_assert_int_eq(boot_with((struct pinpage_config){ 0 }), 0);
	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	ck_assert_int_eq(pinpage_shutdown(), 0);
	ck_assert_uint_eq(pinpage_warnings(), 1);
	ck_assert_int_eq(pinpage_unsubscribe(&sub), -ENOENT);
}
END_TEST

/* what answers without a machine, and what it says */
START_TEST(questions_before_boot_have_answers)
{
	ck_assert_uint_eq(pinpage_check_enabled(), 0);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_OK), 0);
	ck_assert_int_eq(pinpage_check_worst(), PINPAGE_OK);
	ck_assert_ptr_null(pinpage_check_first());
	ck_assert_uint_eq(pinpage_ledger_live(), 0);
	pinpage_check_clean_now();
	pinpage_check_clear();
	ck_assert_ptr_null(pinpage_zero_page());
	ck_assert(!pinpage_page_valid((struct page *)64));
	ck_assert_ptr_null(pinpage_alloc_pages(0, 0));
	ck_assert_ptr_null(pinpage_current());
	ck_assert(pinpage_might_sleep());
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGFAULT), 0);
	ck_assert(pinpage_offers("put_page"));
	ck_assert_int_eq(pinpage_inject_alloc(0), 0);
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
	TCase *tc = tcase_create("shutdown by another task");

	pp_test_add(suite, null_config_boots);
	pp_test_add(suite, hugepages_are_set_apart);
	pp_test_add(suite, second_boot_ebusy);
	pp_test_add(suite, shutdown_before_boot_einval);
	pp_test_add(suite, bad_fields_einval);
	pp_test_add(suite, environment_chooses);
	pp_test_add(suite, bad_environment_refused);
	pp_test_add(suite, out_of_memory_enomem);
	pp_test_add(suite, held_frame_reported);
	pp_test_add(suite, many_held_frames_all_counted);
	tcase_add_loop_test(tc, shutdown_by_another_task_einval, 0, 2);
	suite_add_tcase(suite, tc);
	pp_test_add(suite, shutdown_with_locks_held_ends);
	pp_test_add(suite, left_subscriber_dropped_with_a_warning);
	pp_test_add(suite, questions_before_boot_have_answers);
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
