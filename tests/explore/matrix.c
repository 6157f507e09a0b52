// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include <stdlib.h>

static char *text;
static size_t size;

static int print(const struct pinpage_scenario *const *scenarios, size_t nr,
		 bool colour, bool json)
{
	FILE *out = open_memstream(&text, &size);
	int err = json ? pinpage_matrix_print_json(out, scenarios, nr) :
			 pinpage_matrix_print(out, scenarios, nr, colour);

	fclose(out);
	return err;
}

#define expect(needle) \
	ck_assert_msg(strstr(text, needle), "no \"%s\" in\n%s", needle, text)

static const struct pinpage_scenario *const all[] = { &race, &abba, &needs };

START_TEST(matrix_shows_worst_cells)
{
	ck_assert_int_eq(print(all, 3, false, false), 0);
	expect("race: two increments\n");
	expect("  careless        LOST   LOST");
	expect("  careful           ok     ok");
	expect("  only            HANG   HANG");
	/* 5.1, 5.2, 5.4 lack pin_user_pages(), 5.6 has it */
	expect("  pin                -      -      -     ok");
	expect("    careless      = read, then write\n");
	expect("LOST    wrong bytes");
	expect("--explain=abba/only/5.1\n");
	ck_assert_ptr_null(strchr(text, '\033'));
	free(text);
}
END_TEST

START_TEST(matrix_fits_120_columns)
{
	char *line;

	ck_assert_int_eq(print(all, 3, false, false), 0);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_msg(strlen(line) <= 120, "%zu: %s", strlen(line),
			      line);
	free(text);
}
END_TEST

START_TEST(matrix_in_colour)
{
	ck_assert_int_eq(print(all, 1, true, false), 0);
	expect("\033[1;31mLOST\033[0m");
	expect("\033[32mok\033[0m");
	free(text);
}
END_TEST

START_TEST(matrix_as_json)
{
	int err = print(all, 1, false, true);

	if (!pp_json_works()) {
		ck_assert_int_eq(err, -EOPNOTSUPP);
	} else {
		ck_assert_int_eq(err, 0);
		expect("\"contract\": \"careless\"");
		expect("\"result\": \"LOST\"");
		expect("\"replay\": \"race/careless/5.1:");
	}
	free(text);
}
END_TEST

static int fails(struct pinpage_run *run, void *state)
{
	(void)run;
	(void)state;
	return -EIO;
}

START_TEST(failed_cell_is_a_question_mark)
{
	struct pinpage_scenario broken = race;
	const struct pinpage_scenario *list[] = { &broken };

	broken.setup = fails;
	ck_assert_int_eq(print(list, 1, false, false), -EIO);
	expect("  careless           ?      ?");
	free(text);
}
END_TEST

START_TEST(no_scenarios_einval)
{
	ck_assert_int_eq(pinpage_matrix_print(stdout, NULL, 1, false),
			 -EINVAL);
	ck_assert_int_eq(pinpage_matrix_print(stdout, all, 0, false),
			 -EINVAL);
	ck_assert_int_eq(pinpage_matrix_print(NULL, all, 1, false), -EINVAL);
	ck_assert_int_eq(pinpage_matrix_print_json(NULL, all, 1), -EINVAL);
}
END_TEST

START_TEST(cell_names)
{
	ck_assert_str_eq(pinpage_cell_name(PINPAGE_CELL_NOT_OFFERED),
			 "not offered");
	ck_assert_str_eq(pinpage_cell_name(PINPAGE_CELL_HANG), "HANG");
	ck_assert_str_eq(pinpage_cell_name((enum pinpage_cell)99), "?");
	pinpage_outcome_free(NULL);
}
END_TEST

Suite *matrix_suite(void)
{
	Suite *s = suite_create("matrix");

	add_test(s, matrix_shows_worst_cells);
	add_test(s, matrix_fits_120_columns);
	add_test(s, matrix_in_colour);
	add_test(s, matrix_as_json);
	add_test(s, failed_cell_is_a_question_mark);
	add_test(s, no_scenarios_einval);
	add_test(s, cell_names);
	return s;
}
