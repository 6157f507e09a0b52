// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cli.c - the command line that every scenario program shares
 *
 * Output goes to stdout, complaints to stderr, one message each. With --json
 * every result is one JSON object.
 */
#include "explore/explore.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum mode { MODE_AUTO, MODE_LIST, MODE_MATRIX, MODE_RANDOM, MODE_REPLAY,
	    MODE_HELP, MODE_USAGE, MODE_VERSION };

struct cli {
	const struct pinpage_scenario *const *scenarios;
	size_t nr;
	enum mode mode;
	const struct pinpage_scenario *scenario;	/* NULL: all */
	const char *contract;		/* NULL: all */
	struct pinpage_rules rules;
	bool has_rules;
	const char *schedule, *replay;
	bool explain, json, verbose;
	int colour;			/* -1 automatic */
	uint64_t runs, seed;
	bool failed;
};

enum {
	OPT_LIST = 256, OPT_RULES, OPT_CONTRACT, OPT_SCENARIO, OPT_SCHEDULE,
	OPT_EXPLAIN, OPT_REPLAY, OPT_RANDOM, OPT_SEED, OPT_MATRIX, OPT_JSON,
	OPT_COLOR, OPT_USAGE, OPT_VERSION,
};

static const struct argp_option options[] = {
	{ "matrix", OPT_MATRIX, NULL, 0,
	  "The matrix of all cells; the default without options", 1 },
	{ "list", OPT_LIST, NULL, 0,
	  "Scenarios, contracts, schedules and rules that there are", 1 },
	{ "explain", OPT_EXPLAIN, "SCENARIO/CONTRACT/RULES",
	  OPTION_ARG_OPTIONAL, "The story of a cell: every step of all "
	  "actors, the guilty one marked", 1 },
	{ "replay", OPT_REPLAY, "STRING", 0,
	  "The run that printed this string, again", 1 },
	{ "random", OPT_RANDOM, "N", 0, "N runs in random order", 1 },
	{ "seed", OPT_SEED, "S", 0, "Seed of --random (default 1)", 1 },
	{ "scenario", OPT_SCENARIO, "NAME", 0, "Only this scenario", 2 },
	{ "contract", OPT_CONTRACT, "NAME", 0, "Only this contract", 2 },
	{ "rules", OPT_RULES, "NAME[,SWITCH=VALUE...]", 0,
	  "Run under these rules (default 6.12)", 2 },
	{ "schedule", OPT_SCHEDULE, "NAME|SCRIPT", 0,
	  "Only this schedule; a script is steps like \"driver@pin flusher\"",
	  2 },
	{ "json", OPT_JSON, NULL, 0, "Results as JSON", 3 },
	{ "verbose", 'v', NULL, 0, "Locks, PTEs and the like in stories too",
	  3 },
	{ "color", OPT_COLOR, "WHEN", 0, "auto, always or never", 3 },
	{ "help", 'h', NULL, 0, "This list", -1 },
	{ "usage", OPT_USAGE, NULL, 0, "A short list", -1 },
	{ "version", 'V', NULL, 0, "The version", -1 },
	{ 0 },
};

/* -- names -- */

static size_t known_scenarios(const struct cli *cli, char *buf, size_t size)
{
	size_t i, len = 0;

	for (i = 0; i < cli->nr && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, " %s",
					cli->scenarios[i]->name);
	return len;
}

static int unknown(struct argp_state *state, const char *kind,
		   const char *name, const char *known)
{
	argp_error(state, "unknown %s \"%s\"; there are:%s", kind, name,
		   known);
	return EINVAL;
}

static int set_scenario(struct cli *cli, struct argp_state *state,
			const char *name)
{
	char known[512] = "";
	size_t i;

	for (i = 0; i < cli->nr; i++)
		if (!strcmp(cli->scenarios[i]->name, name)) {
			cli->scenario = cli->scenarios[i];
			return 0;
		}
	known_scenarios(cli, known, sizeof(known));
	return unknown(state, "scenario", name, known);
}

static int set_rules(struct cli *cli, struct argp_state *state,
		     const char *text)
{
	const struct pinpage_rules *rules;
	char known[512] = "";
	size_t i, len = 0;
	int err = pinpage_rules_parse(&cli->rules, text);
	char name[64];

	if (!err) {
		cli->has_rules = true;
		return 0;
	}
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, ","), text);
	if (pinpage_rules_find(name)) {
		argp_error(state, "rules \"%s\": %s", text, err == -ENOENT ?
			   "unknown switch; see --list" :
			   "unknown value, or a contradiction");
		return EINVAL;
	}
	for (i = 0; (rules = pinpage_rules_nth(i)) && len < sizeof(known); i++)
		len += (size_t)snprintf(known + len, sizeof(known) - len,
					" %s", rules->name);
	return unknown(state, "rules", name, known);
}

/* the names that only make sense for the scenarios chosen */
static bool has_contract(const struct cli *cli, const char *name)
{
	size_t i;

	for (i = 0; i < cli->nr; i++)
		if ((!cli->scenario || cli->scenario == cli->scenarios[i]) &&
		    pp_contract_find(cli->scenarios[i], name) >= 0)
			return true;
	return false;
}

static int check_contract(struct cli *cli, struct argp_state *state)
{
	char known[512] = "";
	size_t i, j, len = 0;

	if (!cli->contract || has_contract(cli, cli->contract))
		return 0;
	for (i = 0; i < cli->nr; i++) {
		const struct pinpage_scenario *s = cli->scenarios[i];

		if (cli->scenario && cli->scenario != s)
			continue;
		for (j = 0; j < s->nr_contracts && len < sizeof(known); j++) {
			const char *name = s->contracts[j].name;
			char word[64];

			snprintf(word, sizeof(word), " %s", name);
			if (strstr(known, word))
				continue;
			len += (size_t)snprintf(known + len,
						sizeof(known) - len, "%s",
						word);
		}
	}
	return unknown(state, "contract", cli->contract, known);
}

/* a schedule is a name or a script; a script that does not parse is neither */
static int check_schedule(struct cli *cli, struct argp_state *state)
{
	char why[PP_TEXT_MAX] = "", known[512] = "";
	size_t i, j, len = 0;
	bool single = cli->schedule && !strpbrk(cli->schedule, " @");

	for (i = 0; cli->schedule && i < cli->nr; i++) {
		const struct pinpage_scenario *s = cli->scenarios[i];
		struct pp_script script;
		int err;

		if (cli->scenario && cli->scenario != s)
			continue;
		if (pp_schedule_find(s, cli->schedule))
			return 0;
		err = pp_script_parse(&script, s, cli->schedule, why);
		pp_script_free(&script);
		if (!err)
			return 0;
		for (j = 0; j < s->nr_schedules && len < sizeof(known); j++)
			len += (size_t)snprintf(known + len,
						sizeof(known) - len, " %s",
						s->schedules[j].name);
	}
	if (!cli->schedule)
		return 0;
	if (single)
		return unknown(state, "schedule", cli->schedule, known);
	argp_error(state, "%s", why);
	return EINVAL;
}

static int check_replay(struct cli *cli, struct argp_state *state)
{
	char name[64], why[PP_TEXT_MAX] = "";
	struct pp_replay replay;
	int err;

	if (!cli->replay)
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(cli->replay, "/:"),
		 cli->replay);
	err = set_scenario(cli, state, name);
	if (err)
		return err;
	err = pp_replay_parse(&replay, cli->scenario, cli->replay, why);
	pp_replay_free(&replay);
	if (err)
		argp_error(state, "%s", why);
	return err ? EINVAL : 0;
}

/* "SCENARIO/CONTRACT/RULES", each part but the first may be missing */
static int set_explain(struct cli *cli, struct argp_state *state, char *arg)
{
	char *contract, *rules;
	int err;

	cli->explain = true;
	if (!arg)
		return 0;
	contract = strchr(arg, '/');
	if (contract)
		*contract++ = '\0';
	rules = contract ? strchr(contract, '/') : NULL;
	if (rules)
		*rules++ = '\0';
	err = set_scenario(cli, state, arg);
	if (!err && rules)
		err = set_rules(cli, state, rules);
	cli->contract = contract ? contract : cli->contract;
	return err;
}

static int set_number(struct argp_state *state, const char *option,
		      const char *arg, uint64_t least, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(arg, &end, 0);
	if (errno || *end || !*arg || *arg == '-' || *value < least) {
		argp_error(state, "--%s=%s: a number%s expected", option, arg,
			   least ? " above 0" : "");
		return EINVAL;
	}
	return 0;
}

static int set_colour(struct cli *cli, struct argp_state *state,
		      const char *arg)
{
	if (!strcmp(arg, "auto"))
		cli->colour = -1;
	else if (!strcmp(arg, "always"))
		cli->colour = 1;
	else if (!strcmp(arg, "never"))
		cli->colour = 0;
	else
		return unknown(state, "value of --color", arg,
			       " auto always never");
	return 0;
}

static error_t parse_end(struct cli *cli, struct argp_state *state)
{
	int err;

	if (cli->mode >= MODE_HELP || cli->mode == MODE_LIST)
		return 0;
	err = check_replay(cli, state);
	if (!err)
		err = check_contract(cli, state);
	if (!err)
		err = check_schedule(cli, state);
	if (!err && cli->json && !pp_json_works()) {
		argp_error(state, "--json: built without jansson");
		err = EINVAL;
	}
	return err;
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPT_LIST: cli->mode = MODE_LIST; return 0;
	case OPT_MATRIX: cli->mode = MODE_MATRIX; return 0;
	case 'h': cli->mode = MODE_HELP; return 0;
	case OPT_USAGE: cli->mode = MODE_USAGE; return 0;
	case 'V': cli->mode = MODE_VERSION; return 0;
	case 'v': cli->verbose = true; return 0;
	case OPT_JSON: cli->json = true; return 0;
	case OPT_CONTRACT: cli->contract = arg; return 0;
	case OPT_SCHEDULE: cli->schedule = arg; return 0;
	case OPT_REPLAY:
		cli->replay = arg;
		cli->mode = MODE_REPLAY;
		return 0;
	case OPT_RULES: return set_rules(cli, state, arg);
	case OPT_SCENARIO: return set_scenario(cli, state, arg);
	case OPT_EXPLAIN: return set_explain(cli, state, arg);
	case OPT_COLOR: return set_colour(cli, state, arg);
	case OPT_SEED: return set_number(state, "seed", arg, 0, &cli->seed);
	case OPT_RANDOM:
		cli->mode = MODE_RANDOM;
		return set_number(state, "random", arg, 1, &cli->runs);
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected \"%s\"", arg);
		return EINVAL;
	case ARGP_KEY_END: return parse_end(cli, state);
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* -- doing it -- */

static bool coloured(const struct cli *cli)
{
	const char *no = getenv("NO_COLOR");

	if (cli->colour >= 0)
		return cli->colour;
	return isatty(STDOUT_FILENO) && !(no && *no);
}

static void list_scenario(const struct pinpage_scenario *s)
{
	size_t i;

	printf("scenario %s: %s\n  actors:", s->name, s->title ? s->title : "");
	for (i = 0; i < s->nr_actors; i++)
		printf(" %s%s", s->actors[i].name,
		       s->actors[i].daemon ? " (daemon)" : "");
	printf("\n");
	for (i = 0; i < s->nr_contracts; i++)
		printf("  contract %-16s %s\n", s->contracts[i].name,
		       s->contracts[i].title ? s->contracts[i].title : "");
	for (i = 0; i < s->nr_schedules; i++)
		printf("  schedule %-16s %s\n           %-16s \"%s\"\n",
		       s->schedules[i].name,
		       s->schedules[i].why ? s->schedules[i].why : "", "",
		       s->schedules[i].script);
}

static int do_list(const struct cli *cli)
{
	const struct pinpage_rules *rules;
	const char *name;
	size_t i;

	if (cli->json)
		return pp_json_list(stdout, cli->scenarios, cli->nr) ? 1 : 0;
	for (i = 0; i < cli->nr; i++)
		if (!cli->scenario || cli->scenario == cli->scenarios[i])
			list_scenario(cli->scenarios[i]);
	for (i = 0; (rules = pinpage_rules_nth(i)); i++)
		printf("rules %-18s %s\n", rules->name, rules->title);
	for (i = 0; cli->verbose && (name = pinpage_rules_switch_name(i)); i++)
		printf("switch %-20s %s\n", name,
		       pinpage_rules_switch_story(name));
	return 0;
}

static int do_matrix(const struct cli *cli)
{
	const struct pinpage_scenario *const *which = cli->scenarios;
	size_t nr = cli->nr;
	int err;

	if (cli->scenario) {
		which = &cli->scenario;
		nr = 1;
	}
	if (cli->json)
		err = pinpage_matrix_print_json(stdout, which, nr);
	else
		err = pinpage_matrix_print(stdout, which, nr, coloured(cli));
	return err ? 1 : 0;
}

static void print_outcome(struct cli *cli,
			  const struct pinpage_scenario *scenario,
			  size_t contract, const struct pinpage_rules *rules,
			  const struct pinpage_outcome *outcome)
{
	bool colour = coloured(cli);
	char text[512];

	if (cli->json) {
		cli->failed = pp_json_outcome(stdout, scenario, contract,
					      rules, outcome) || cli->failed;
		return;
	}
	if (outcome->story) {
		fputs(outcome->story, stdout);
		return;
	}
	pp_rules_text(rules, text, sizeof(text));
	printf("%s/%s/%s: %s%s%s", scenario->name,
	       scenario->contracts[contract].name, text,
	       colour ? pp_cell_colour(outcome->cell) : "",
	       pinpage_cell_name(outcome->cell), colour ? PP_PLAIN : "");
	printf("%s%s (schedule \"%s\")\n", outcome->headline[0] ? ": " : "",
	       outcome->headline, outcome->schedule);
	printf("  replay: %s\n", outcome->replay);
}

static void complain(struct cli *cli, const struct pinpage_scenario *scenario,
		     const struct pinpage_outcome *outcome)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name,
		scenario->name, outcome->headline);
	cli->failed = true;
}

static enum pp_story_kind story_kind(const struct cli *cli)
{
	if (!cli->explain)
		return PP_STORY_NONE;
	return cli->verbose ? PP_STORY_ALL : PP_STORY_SHORT;
}

static void do_replay(struct cli *cli)
{
	struct pinpage_outcome outcome;
	struct pp_replay replay;
	char why[PP_TEXT_MAX];

	cli->explain |= cli->verbose;
	if (pp_explore_replay(cli->scenario, cli->replay, story_kind(cli),
			      &outcome)) {
		complain(cli, cli->scenario, &outcome);
		return;
	}
	(void)pp_replay_parse(&replay, cli->scenario, cli->replay, why);
	print_outcome(cli, cli->scenario, replay.contract, &replay.rules,
		      &outcome);
	pp_replay_free(&replay);
	pinpage_outcome_free(&outcome);
}

static void print_random(struct cli *cli,
			 const struct pinpage_scenario *scenario,
			 size_t contract, const uint64_t *histogram,
			 const struct pinpage_outcome *worst)
{
	int cell;

	if (cli->json) {
		cli->failed = pp_json_random(stdout, scenario, contract,
					     &cli->rules, cli->seed, histogram,
					     worst) || cli->failed;
		return;
	}
	printf("%s/%s: %" PRIu64 " runs, seed %" PRIu64 ":", scenario->name,
	       scenario->contracts[contract].name, cli->runs, cli->seed);
	for (cell = 0; cell <= PINPAGE_CELL_HANG; cell++)
		if (histogram[cell])
			printf(" %" PRIu64 " %s", histogram[cell],
			       pinpage_cell_name((enum pinpage_cell)cell));
	printf("\n");
	print_outcome(cli, scenario, contract, &cli->rules, worst);
}

static void do_random(struct cli *cli,
		      const struct pinpage_scenario *scenario, size_t contract)
{
	uint64_t histogram[PINPAGE_CELL_HANG + 1];
	struct pinpage_outcome worst, told;

	if (pinpage_explore_random(scenario, contract, &cli->rules, cli->seed,
				   cli->runs, histogram, &worst)) {
		complain(cli, scenario, &worst);
		pinpage_outcome_free(&worst);
		return;
	}
	if (cli->explain && !pp_explore_replay(scenario, worst.replay,
					       story_kind(cli), &told)) {
		pinpage_outcome_free(&worst);
		worst = told;
	}
	print_random(cli, scenario, contract, histogram, &worst);
	pinpage_outcome_free(&worst);
}

static void do_cell(struct cli *cli, const struct pinpage_scenario *scenario,
		    size_t contract)
{
	struct pinpage_outcome outcome;
	int err;

	if (cli->schedule)
		err = pp_explore_run(scenario, contract, &cli->rules,
				     cli->schedule, story_kind(cli), &outcome);
	else
		err = pp_explore_cell(scenario, contract, &cli->rules,
				      story_kind(cli), &outcome);
	if (err) {
		complain(cli, scenario, &outcome);
		return;
	}
	print_outcome(cli, scenario, contract, &cli->rules, &outcome);
	pinpage_outcome_free(&outcome);
}

/* may @scenario be run by the schedule that was asked for? */
static bool schedule_fits(const struct cli *cli,
			  const struct pinpage_scenario *scenario)
{
	char why[PP_TEXT_MAX];
	struct pp_script script;
	int err;

	if (!cli->schedule || pp_schedule_find(scenario, cli->schedule))
		return true;
	err = pp_script_parse(&script, scenario, cli->schedule, why);
	pp_script_free(&script);
	return !err;
}

static void do_scenario(struct cli *cli,
			const struct pinpage_scenario *scenario)
{
	size_t contract;

	if (!schedule_fits(cli, scenario))
		return;
	for (contract = 0; contract < scenario->nr_contracts; contract++) {
		if (cli->contract && strcmp(cli->contract,
				scenario->contracts[contract].name))
			continue;
		if (cli->mode == MODE_RANDOM)
			do_random(cli, scenario, contract);
		else
			do_cell(cli, scenario, contract);
	}
}

static int do_runs(struct cli *cli)
{
	size_t i;

	if (!cli->has_rules)
		cli->rules = *pinpage_rules_find("6.12");
	if (cli->mode == MODE_REPLAY)
		do_replay(cli);
	else
		for (i = 0; i < cli->nr; i++)
			if (!cli->scenario ||
			    cli->scenario == cli->scenarios[i])
				do_scenario(cli, cli->scenarios[i]);
	fflush(stdout);
	return cli->failed ? 1 : 0;
}

static int do_mode(struct cli *cli, struct argp *argp)
{
	char *name = program_invocation_short_name;

	switch (cli->mode) {
	case MODE_HELP:
		argp_help(argp, stdout, ARGP_HELP_LONG | ARGP_HELP_USAGE |
			  ARGP_HELP_DOC, name);
		return 0;
	case MODE_USAGE:
		argp_help(argp, stdout, ARGP_HELP_USAGE, name);
		return 0;
	case MODE_VERSION:
		printf("%s (libpinpage %s)\n", name, PACKAGE_VERSION);
		return 0;
	case MODE_LIST:
		return do_list(cli);
	case MODE_MATRIX:
		return do_matrix(cli);
	case MODE_AUTO:
		if (!cli->contract && !cli->has_rules && !cli->schedule &&
		    !cli->explain)
			return do_matrix(cli);
		return do_runs(cli);
	default:
		return do_runs(cli);
	}
}

int pinpage_scenario_main(int argc, char **argv,
			  const struct pinpage_scenario *const *scenarios,
			  size_t nr)
{
	struct argp argp = {
		.options = options,
		.parser = parse_opt,
		.doc = "Runs scenarios on libpinpage and shows what becomes "
		       "of the data.\vExit status: 0 whatever the cells say, "
		       "1 if a run failed to execute, 2 for a wrong command "
		       "line.",
	};
	struct cli cli = {
		.scenarios = scenarios, .nr = nr, .colour = -1, .seed = 1,
	};
	int status;

	if (!scenarios || !nr)
		return 2;
	if (argp_parse(&argp, argc, argv, ARGP_NO_EXIT | ARGP_NO_HELP, NULL,
		       &cli))
		return 2;
	status = do_mode(&cli, &argp);
	if (fflush(stdout))
		status = 1;
	return status;
}
