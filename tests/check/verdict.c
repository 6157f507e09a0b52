// SPDX-License-Identifier: LGPL-2.1-or-later
/* Verdicts: kept once, readable after shutdown, printed as asked for. */
#include "machine.h"
#include "suites.h"

#include "event/event.h"

#include <signal.h>
#include <sys/wait.h>

static void say(const char *rule)
{
	pp_check_say(PINPAGE_TRAP, rule, "the end", say);
}

START_TEST(same_rule_and_sites_counted)
{
	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	say("trap");
	say("trap");
	ck_assert_uint_eq(expect("trap", PINPAGE_TRAP, 1)->count, 2);
	say("hang");
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_OK), 2);
	ck_assert_int_eq(pinpage_check_worst(), PINPAGE_TRAP);
	down();
}
END_TEST

START_TEST(readable_after_shutdown_until_boot)
{
	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	say("trap");
	down();
	ck_assert_str_eq(pinpage_check_first()->headline, "the end");
	ck_assert_ptr_null(pinpage_check_first()->next);
	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	ck_assert_ptr_null(pinpage_check_first());
	say("trap");
	pinpage_check_clear();
	ck_assert_ptr_null(pinpage_check_find("trap"));
	ck_assert_ptr_null(pinpage_check_find(NULL));
	down();
}
END_TEST

static char *printed(int (*print)(FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(print(out), 0);
	fclose(out);
	return text;
}

static int print_first(FILE *out)
{
	pinpage_check_print(out, pinpage_check_first());
	return 0;
}

START_TEST(report_tells_the_story)
{
	static const char *const parts[] = {
		"pinpage: LOST put-page-on-pin:", "guilty", "partner",
		"frame    page pfn:", "token    pin gup write", "event >>",
		"so far", "rule     pin_tracking = ",
		"instead  unpin_user_page()",
	};
	char *text;
	size_t i;

	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	pinpage_put_page(pin_at(anon(1)));
	text = printed(print_first);
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		ck_assert_msg(strstr(text, parts[i]), "no '%s' in:\n%s",
			      parts[i], text);
	free(text);
}
END_TEST

START_TEST(json_has_every_verdict)
{
	char *text;

	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	pinpage_put_page(pin_at(anon(1)));
	say("trap");
#ifdef HAVE_JANSSON
	text = printed(pinpage_check_print_json);
	ck_assert_ptr_nonnull(strstr(text, "\"put-page-on-pin\""));
	ck_assert_ptr_nonnull(strstr(text, "\"worst\": \"TRAP\""));
	free(text);
#else
	(void)text;
	ck_assert_int_eq(pinpage_check_print_json(stdout), -EOPNOTSUPP);
#endif
	ck_assert_int_eq(pinpage_check_print_json(NULL), -EINVAL);
}
END_TEST

START_TEST(json_out_of_room_eio)
{
#ifdef HAVE_JANSSON
	FILE *full = fopen("/dev/full", "w");

	if (!full)
		return;
	ck_assert_int_eq(pinpage_check_print_json(full), -EIO);
	fclose(full);
#endif
}
END_TEST

/* what a child that breaks a rule in @mode leaves on stderr; its status */
static int child(enum pinpage_check_mode mode, enum pinpage_engine engine,
		 char *buf, size_t size)
{
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(fds[1], 2);
		up_plain("6.1", engine);
		pinpage_check_set_mode(mode);
		pinpage_put_page(pin_at(anon(1)));
		_exit(0);
	}
	close(fds[1]);
	n = read(fds[0], buf, size - 1);
	buf[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(modes_do_as_they_say)
{
	char buf[4096];

	ck_assert_int_eq(child(PINPAGE_CHECK_COLLECT, PINPAGE_ENGINE_NATIVE,
			       buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(child(PINPAGE_CHECK_REPORT, PINPAGE_ENGINE_FIBER, buf,
			       sizeof(buf)), 0);
	ck_assert_ptr_nonnull(strstr(buf, "put-page-on-pin"));
	ck_assert_int_eq(WTERMSIG(child(PINPAGE_CHECK_ABORT,
					PINPAGE_ENGINE_NATIVE, buf,
					sizeof(buf))), SIGABRT);
	ck_assert_ptr_nonnull(strstr(buf, "put-page-on-pin"));
}
END_TEST

START_TEST(checks_off_cost_nothing)
{
	const struct pinpage_config config = {
		.checks_set = true, .checks = PINPAGE_CHECK_NONE,
	};
	struct pinpage_tokens tokens;
	struct page *page;

	ck_assert_int_eq(pinpage_boot(&config), 0);
	ck_assert_uint_eq(pinpage_check_enabled(), 0);
	ck_assert(!pp_event_wanted(PINPAGE_EV_PIN));
	ck_assert_int_eq(pinpage_scope_begin("x"), 0);
	page = pinpage_alloc_pages(0, 0);
	ck_assert_int_eq(pinpage_ledger_tokens(page, &tokens), -EOPNOTSUPP);
	ck_assert_uint_eq(pinpage_ledger_live(), 0);
	ck_assert_int_eq(pinpage_scope_end(), 0);
	pinpage_put_page(page);
	pinpage_check_clean_now();
	ck_assert_int_eq(pinpage_shutdown(), 0);
	ck_assert_ptr_null(pinpage_check_first());
}
END_TEST

START_TEST(one_probe_alone)
{
	const struct pinpage_config config = {
		.checks_set = true, .checks = PINPAGE_CHECK_CLEAN,
		.mode = PINPAGE_CHECK_COLLECT, .memory_pages = 256,
	};

	ck_assert_int_eq(pinpage_boot(&config), 0);
	ck_assert_uint_eq(pinpage_check_enabled(), PINPAGE_CHECK_CLEAN);
	pinpage_put_page(pinpage_alloc_pages(0, 0));
	pinpage_alloc_pages(0, 0);
	ck_assert_int_eq(pinpage_shutdown(), 1);
	ck_assert_ptr_null(pinpage_check_first());
}
END_TEST

START_TEST(boot_without_memory_enomem)
{
	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	pp_check_shutdown();
	pinpage_inject_alloc(1);
	ck_assert_int_eq(pp_check_boot(PINPAGE_CHECK_ALL,
				       PINPAGE_CHECK_COLLECT), -ENOMEM);
	ck_assert_uint_eq(pinpage_check_enabled(), 0);
	ck_assert_int_eq(pp_check_boot(PINPAGE_CHECK_ALL,
				       PINPAGE_CHECK_COLLECT), 0);
	down();
}
END_TEST

static int guilty_fiber(void *arg)
{
	(void)arg;
	pinpage_use_mm(mm);
	pinpage_put_page(pin_at(anon(1)));
	pinpage_use_mm(NULL);
	return 0;
}

START_TEST(verdict_on_a_fiber_printed_by_the_main_task)
{
	up_plain("6.1", PINPAGE_ENGINE_FIBER);
	pinpage_check_set_mode(PINPAGE_CHECK_REPORT);
	pinpage_kthread_join(pinpage_kthread_run(guilty_fiber, NULL, "bad"));
	pinpage_put_page(pinpage_alloc_pages(0, 0));
	ck_assert(!pp_verdict_unprinted);
	ck_assert_str_eq(expect("put-page-on-pin", PINPAGE_LOST, 1)->task,
			 "bad");
}
END_TEST

START_TEST(bad_mode_warned_about_and_ignored)
{
	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	pinpage_check_set_mode((enum pinpage_check_mode)7);
	ck_assert_uint_eq(pinpage_warnings(), 1);
	pinpage_put_page(pin_at(anon(1)));
	expect("put-page-on-pin", PINPAGE_LOST, 1);
}
END_TEST

START_TEST(print_of_nothing_warns)
{
	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	pinpage_check_print(stdout, NULL);
	say("trap");
	pinpage_check_print(NULL, pinpage_check_first());
	ck_assert_uint_eq(pinpage_warnings(), 2);
	pinpage_check_clear();
	down();
}
END_TEST

START_TEST(verdict_without_memory_warned_about)
{
	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	pinpage_inject_alloc(1);
	say("trap");
	pinpage_inject_alloc(0);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_OK), 0);
	ck_assert_uint_eq(pinpage_warnings(), 1);
	down();
}
END_TEST

START_TEST(severities_have_names)
{
	ck_assert_str_eq(pinpage_severity_name(PINPAGE_LOST), "LOST");
	ck_assert_str_eq(pinpage_severity_name((enum pinpage_severity)9), "?");
}
END_TEST

Suite *verdict_suite(void)
{
	Suite *s = suite_create("check/verdict");

	pp_test_add(s, same_rule_and_sites_counted);
	pp_test_add(s, readable_after_shutdown_until_boot);
	pp_test_add(s, report_tells_the_story);
	pp_test_add(s, json_has_every_verdict);
	pp_test_add(s, json_out_of_room_eio);
	pp_test_add(s, modes_do_as_they_say);
	pp_test_add(s, checks_off_cost_nothing);
	pp_test_add(s, one_probe_alone);
	pp_test_add(s, boot_without_memory_enomem);
	pp_test_add(s, verdict_on_a_fiber_printed_by_the_main_task);
	pp_test_add(s, bad_mode_warned_about_and_ignored);
	pp_test_add(s, print_of_nothing_warns);
	pp_test_add(s, verdict_without_memory_warned_about);
	pp_test_add(s, severities_have_names);
	return s;
}
