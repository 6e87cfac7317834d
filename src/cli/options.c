// SPDX-License-Identifier: GPL-2.0-only
/* Options of a subcommand, GNU style, and the help that is made from the same table. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/cli.h"
#include "cli/terminal.h"
#include "report/wrap.h"

#define MAX_OPTIONS 32
#define HELP_INDENT 28 /* of what an option does */

/* What every subcommand takes besides its own. */
enum common {
	HELP = 128,
	COLOR,
	QUIET,
	PROGRESS,
	NO_PROGRESS
};

static const struct {
	struct option option;
	char letter; /* 0: none */
	const char *left, *help;
} commons[] = {
	{ { "color", optional_argument, NULL, COLOR },
	  0,
	  "      --color[=WHEN]",
	  "colour what is printed: auto, always, never (auto)" },
	{ { "progress", no_argument, NULL, PROGRESS },
	  0,
	  "      --progress",
	  "tell how far it is, though no terminal is there" },
	{ { "no-progress", no_argument, NULL, NO_PROGRESS },
	  0,
	  "      --no-progress",
	  "do not tell, though one is" },
	{ { "quiet", no_argument, NULL, QUIET }, 'q', "  -q, --quiet", "the same" },
	{ { "help", no_argument, NULL, HELP }, 'h', "  -h, --help", "print this and exit" },
};

#define NR_COMMONS ARRAY_SIZE(commons)

struct kmr_option kmr_option_strict(bool *flag)
{
	return (struct kmr_option){ .name = "strict",
				    .help = "a malformed line of a known event is an error",
				    .flag = flag };
}

struct kmr_option kmr_option_check(bool *flag)
{
	return (struct kmr_option){ .name = "check",
				    .help = "walk the model's invariants on the way",
				    .flag = flag };
}

static size_t count(const struct kmr_option *options)
{
	size_t n = 0;

	while (options[n].name)
		n++;
	return n;
}

static void print_option(const struct kmr_option *o)
{
	char left[64];

	if (o->letter)
		(void)snprintf(left, sizeof(left), "  -%c, --%s%s%s", o->letter, o->name,
			       o->arg ? "=" : "", o->arg ? o->arg : "");
	else
		(void)snprintf(left, sizeof(left), "      --%s%s%s", o->name, o->arg ? "=" : "",
			       o->arg ? o->arg : "");
	(void)kmr_wrap(stdout, HELP_INDENT, left, o->help);
}

static void print_help(const struct kmr_command *cmd, const struct kmr_option *options)
{
	char usage[64];

	(void)snprintf(usage, sizeof(usage), "Usage: kmreplay %s ", cmd->name);
	(void)kmr_wrap(stdout, (unsigned int)strlen(usage), usage, cmd->usage);
	printf("\n");
	(void)kmr_wrap(stdout, 0, "", cmd->about);
	printf("\nOptions:\n");
	for (size_t i = 0; options[i].name; i++)
		print_option(&options[i]);
	for (size_t i = 0; i < NR_COMMONS; i++)
		(void)kmr_wrap(stdout, HELP_INDENT, commons[i].left, commons[i].help);
}

static int bad_usage(const struct kmr_command *cmd, const char *what)
{
	fprintf(stderr, "kmreplay %s: %s; usage: kmreplay %s %s\n", cmd->name, what, cmd->name,
		cmd->usage);
	return -2;
}

/* 0; -1: help was printed; -2: an error message was. */
static int take_common(const struct kmr_command *cmd, const struct kmr_option *options, int which)
{
	char what[256];

	switch (which) {
	case COLOR:
		if (!kmr_terminal_color(optarg ? optarg : "always"))
			return 0;
		(void)snprintf(what, sizeof(what),
			       "--color takes auto, always or never, found '%s'", optarg);
		return bad_usage(cmd, what);
	case PROGRESS:
		kmr_progress_set(KMR_PROGRESS_ALWAYS);
		return 0;
	case NO_PROGRESS:
	case QUIET:
		kmr_progress_set(KMR_PROGRESS_NEVER);
		return 0;
	default:
		print_help(cmd, options);
		return -1;
	}
}

/* The common option of a short name, or @c itself. */
static int common_of(int c)
{
	for (size_t i = 0; i < NR_COMMONS; i++)
		if (commons[i].letter && c == commons[i].letter)
			return commons[i].option.val;
	return c;
}

int kmr_parse_options(const struct kmr_command *cmd, const struct kmr_option *options, int argc,
		      char **argv, int min, int max)
{
	struct option longs[MAX_OPTIONS + NR_COMMONS + 1];
	char shorts[3 * MAX_OPTIONS + NR_COMMONS + 5], *s = shorts;
	const size_t n = count(options);
	char what[256];
	int c;

	if (n > MAX_OPTIONS)
		return bad_usage(cmd, "too many options in its table");
	if (cmd->command_follows)
		*s++ = '+';
	*s++ = ':';
	for (size_t i = 0; i < NR_COMMONS; i++)
		if (commons[i].letter)
			*s++ = commons[i].letter;
	memset(longs, 0, sizeof(longs));
	for (size_t i = 0; i < n; i++) {
		longs[i].name = options[i].name;
		longs[i].has_arg = options[i].arg ? required_argument : no_argument;
		longs[i].val = 256 + (int)i;
		if (!options[i].letter)
			continue;
		*s++ = options[i].letter;
		if (options[i].arg)
			*s++ = ':';
	}
	*s = '\0';
	for (size_t i = 0; i < NR_COMMONS; i++)
		longs[n + i] = commons[i].option;
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const int which = common_of(c);
		size_t i;

		if (which >= HELP && which < 256) {
			const int ret = take_common(cmd, options, which);

			if (ret)
				return ret;
			continue;
		}
		if (c == '?' || c == ':') {
			(void)snprintf(what, sizeof(what),
				       c == ':' ? "option '%s' needs an argument"
						: "unknown option '%s'",
				       argv[optind - 1]);
			return bad_usage(cmd, what);
		}
		for (i = 0; i < n; i++)
			if (c == 256 + (int)i || (c < 256 && options[i].letter == (char)c))
				break;
		if (options[i].arg)
			*options[i].value = optarg;
		else
			*options[i].flag = true;
	}
	if (argc - optind < min)
		return bad_usage(cmd, "an operand is missing");
	if (argc - optind > max) {
		(void)snprintf(what, sizeof(what), "one operand too many: '%s'",
			       argv[optind + max]);
		return bad_usage(cmd, what);
	}
	kmr_terminal_begin();
	return optind;
}

/* Results are the same whatever these say. */
static bool bears_on_nothing(const char *name)
{
	static const char *const names[] = { "output", "json", "jobs", "check" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* As sh(1) reads it back. */
static void put_quoted(FILE *out, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";

	if (*word && !word[strspn(word, plain)]) {
		(void)fputs(word, out);
		return;
	}
	(void)fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			(void)fputs("'\\''", out);
		else
			(void)fputc(*word, out);
	}
	(void)fputc('\'', out);
}

char *kmr_command_line(const struct kmr_command *cmd, const struct kmr_option *options,
		       const char *operand)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	(void)fprintf(out, "kmreplay %s ", cmd->name);
	put_quoted(out, operand);
	for (const struct kmr_option *o = options; o->name; o++) {
		if (bears_on_nothing(o->name) || !(o->flag ? *o->flag : *o->value != NULL))
			continue;
		(void)fprintf(out, " --%s", o->name);
		if (!o->value)
			continue;
		(void)fputc('=', out);
		put_quoted(out, *o->value);
	}
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
