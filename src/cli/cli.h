/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line: options in, calls into the library, text out.  One cmd_*.c a subcommand.
 *
 * Exit codes: 0 done, 1 the answer is no, 2 bad usage or input.
 */
#ifndef KMREPLAY_CLI_H
#define KMREPLAY_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/progress.h"
#include "kmreplay/error.h"
#include "kmreplay/source.h"

enum kmr_exit {
	KMR_EXIT_OK = 0,
	KMR_EXIT_NO = 1,
	KMR_EXIT_BAD = 2
};

/* An option of a subcommand; the table ends with one that has no name. */
struct kmr_option {
	const char *name; /* long name */
	char letter; /* short name, 0: none */
	const char *arg; /* what its argument is called in the help; NULL: a flag */
	const char *help; /* lines separated by \n */
	bool *flag; /* flags: set */
	const char **value; /* others: the argument */
};

/* Those that several subcommands have. */
struct kmr_option kmr_option_strict(bool *flag);
struct kmr_option kmr_option_check(bool *flag);

struct kmr_command {
	const char *name;
	const char *usage; /* behind the name */
	const char *summary; /* one line */
	const char *about; /* paragraphs for --help */
	int (*run)(int argc, char **argv);
	bool command_follows; /* the first operand ends the options: the rest is a command's */
};

extern const struct kmr_command kmr_cmd_calibrate, kmr_cmd_compare, kmr_cmd_convert, kmr_cmd_diff,
	kmr_cmd_fit, kmr_cmd_gen, kmr_cmd_info, kmr_cmd_list, kmr_cmd_machine, kmr_cmd_plot,
	kmr_cmd_record, kmr_cmd_replay, kmr_cmd_report, kmr_cmd_show, kmr_cmd_stat, kmr_cmd_verify;

/* NULL past the last. */
const struct kmr_command *kmr_command_at(unsigned int i);

/*
 * Parses the options of @cmd.  Returns the index of the first operand, after checking that there
 * are between @min and @max of them; -1 when help was printed, -2 after an error message.
 */
int kmr_parse_options(const struct kmr_command *cmd, const struct kmr_option *options, int argc,
		      char **argv, int min, int max);

/*
 * The command line that says the same as these options and operand: long names in the order of
 * the table, quoted for sh(1) where that needs it, without those that no result depends on (where
 * it goes, how it is shown, how many at a time).  The caller frees; NULL: no memory.
 */
char *kmr_command_line(const struct kmr_command *cmd, const struct kmr_option *options,
		       const char *operand);

/* What a command returns when kmr_parse_options() did not give operands. */
static inline int kmr_parse_exit(int parsed)
{
	return parsed == -1 ? KMR_EXIT_OK : KMR_EXIT_BAD;
}

/* "kmreplay: <message>" on stderr; returns KMR_EXIT_BAD. */
int kmr_complain(const struct kmr_error *err);

/* Standard output is closed and checked; KMR_EXIT_BAD with a message when it failed. */
int kmr_close_stdout(int code);

/* Lost events, malformed lines and the like of a trace, on stderr. */
void kmr_warn_about_trace(const char *path, const struct kmr_trace_info *info);

#endif
