// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay diff: what differs between two runs. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "kmreplay/report.h"

#define DEFAULT_LIMIT 40

/* A number of @option's, -1 with a message when it is none from @least on. */
static long parse_number(const char *option, const char *text, long least, struct kmr_error *err)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(text, &end, 10);
	if (end == text || *end || errno || v < least || v > INT_MAX)
		return kmr_fail(err, "diff: --%s takes a whole number from %ld on, found '%s'",
				option, least, text);
	return v;
}

/* "5", "2.5" or "5%", in percent. */
static int parse_threshold(const char *text, double *threshold, struct kmr_error *err)
{
	const size_t whole = strspn(text, "0123456789");
	const char *rest = text + whole;
	double unit = 1;

	*threshold = 0;
	for (size_t i = 0; i < whole; i++)
		*threshold = *threshold * 10 + (text[i] - '0');
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9'; rest++)
			*threshold += (*rest - '0') * (unit /= 10);
	if (*rest == '%')
		rest++;
	if (!whole || *rest)
		return kmr_fail(err, "diff: --threshold takes a percentage from 0 on, found '%s'",
				text);
	return 0;
}

struct given {
	const char *run_a, *run_b, *threshold, *limit;
};

static int parse(struct kmr_diff_options *o, const struct given *g, struct kmr_error *err)
{
	const long a = g->run_a ? parse_number("run-a", g->run_a, 1, err) : 0;
	const long b = a >= 0 && g->run_b ? parse_number("run-b", g->run_b, 1, err) : 0;
	long limit = DEFAULT_LIMIT;

	if (a < 0 || b < 0)
		return -1;
	if (g->limit)
		limit = parse_number("limit", g->limit, 0, err);
	if (limit < 0 || (g->threshold && parse_threshold(g->threshold, &o->threshold, err)))
		return -1;
	o->run_a = (unsigned int)a;
	o->run_b = (unsigned int)b;
	o->limit = (size_t)limit;
	o->judge = g->threshold != NULL;
	return 0;
}

static int run(int argc, char **argv)
{
	struct given g = { .limit = NULL };
	struct kmr_diff_options o;
	struct kmr_error err = { "" };
	bool differ = false;
	int operand;

	memset(&o, 0, sizeof(o));
	const struct kmr_option options[] = {
		{ "run-a", 'a', "N", "run of A.db, if it has several", NULL, &g.run_a },
		{ "run-b", 'b', "N", "run of B.db, if it has several", NULL, &g.run_b },
		{ "threshold", 't', "PERCENT",
		  "exit 1 only when a metric is worse in B by more\nthan this", NULL,
		  &g.threshold },
		{ "limit", 'n', "N", "metrics to show; 0: all (40)", NULL, &g.limit },
		{ "json", 'j', NULL, "print the differences as JSON", &o.json, NULL },
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};
	operand = kmr_parse_options(&kmr_cmd_diff, options, argc, argv, 1, 2);
	if (operand < 0)
		return kmr_parse_exit(operand);
	if (parse(&o, &g, &err) ||
	    kmr_diff(argv[operand], argv[argc - 1], &o, stdout, &differ, &err))
		return kmr_complain(&err);
	return differ ? KMR_EXIT_NO : KMR_EXIT_OK;
}

const struct kmr_command kmr_cmd_diff = {
	.name = "diff",
	.usage = "A.db [B.db] [OPTION]...",
	.summary = "what differs between two runs, largest effect first",
	.about =
		"Compares two runs by what they are summed up by: the largest effect first, with\n"
		"better and worse said of B. Without B.db both runs are A.db's. Exits with 1 when\n"
		"a metric differs, or with --threshold when one is worse by more.",
	.run = run,
};
