// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay: finds the subcommand and runs it. */
#include <signal.h>
#include <string.h>

#include "base/array.h"
#include "cli/cli.h"
#include "cli/version.h"
#include "kmreplay/report.h"
#include "kmreplay/store.h"
#include "kmreplay/workload.h"

static const struct kmr_command *const commands[] = {
	&kmr_cmd_replay,    &kmr_cmd_compare, &kmr_cmd_verify,	&kmr_cmd_info,
	&kmr_cmd_stat,	    &kmr_cmd_report,  &kmr_cmd_diff,	&kmr_cmd_plot,
	&kmr_cmd_show,	    &kmr_cmd_machine, &kmr_cmd_gen,	&kmr_cmd_fit,
	&kmr_cmd_calibrate, &kmr_cmd_record,  &kmr_cmd_convert, &kmr_cmd_list,
};

const struct kmr_command *kmr_command_at(unsigned int i)
{
	return i < ARRAY_SIZE(commands) ? commands[i] : NULL;
}

/* An interrupted run leaves no temporary files, and dies of the signal as its shell expects. */
static void on_signal(int sig)
{
	kmr_store_emergency_cleanup();
	kmr_report_emergency_cleanup();
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void print_help(void)
{
	const struct kmr_command *cmd;

	printf("Usage: kmreplay COMMAND [OPTION]... [OPERAND]...\n\n"
	       "Replays kernel allocation traces against models of the kernel's allocators.\n\n"
	       "Commands:\n");
	for (unsigned int i = 0; (cmd = kmr_command_at(i)); i++)
		printf("  %-8s %s\n", cmd->name, cmd->summary);
	printf("\n`kmreplay COMMAND --help` tells about one of them, kmreplay(1) about all.\n");
}

static int run(int argc, char **argv)
{
	const struct kmr_command *cmd;

	if (argc < 2) {
		fprintf(stderr, "kmreplay: no command; `kmreplay --help` lists them\n");
		return KMR_EXIT_BAD;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help();
		return KMR_EXIT_OK;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("kmreplay %s\n", KMR_VERSION);
		return KMR_EXIT_OK;
	}
	for (unsigned int i = 0; (cmd = kmr_command_at(i)); i++)
		if (!strcmp(argv[1], cmd->name))
			return cmd->run(argc - 1, argv + 1);
	fprintf(stderr, "kmreplay: no command '%s'; `kmreplay --help` lists them\n", argv[1]);
	return KMR_EXIT_BAD;
}

int main(int argc, char **argv)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	/* a full disk and a closed pipe are errors of a write, with a message */
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGXFSZ, &sa, NULL);
	kmr_source_add_reader(&kmr_workload_reader);
	return kmr_close_stdout(run(argc, argv));
}
