// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay machine: what a machine looks like to the kernel. */
#include <stdlib.h>

#include "cli/cli.h"
#include "kmreplay/machine.h"
#include "report/machine.h"

static int print(const char *what, unsigned int sections, bool json)
{
	struct kmr_machine *m = calloc(1, sizeof(*m));
	struct kmr_error err;
	char from[640];
	int ret;

	if (!m) {
		(void)kmr_fail_nomem(&err, "a machine");
		return kmr_complain(&err);
	}
	if (kmr_machine_open(m, what, NULL, from, sizeof(from), &err)) {
		free(m);
		return kmr_complain(&err);
	}
	if (json)
		ret = kmr_machine_print_json(m, from, sections, stdout);
	else
		ret = kmr_machine_print(m, from, sections, stdout);
	free(m);
	/* a stream that failed is told of when it is closed */
	if (ret && !ferror(stdout)) {
		(void)kmr_fail_nomem(&err, "a machine's sections");
		return kmr_complain(&err);
	}
	return KMR_EXIT_OK;
}

static int write_yaml(const char *dir)
{
	struct kmr_error err;

	if (kmr_machine_write_yaml(stdout, dir, &err) && !ferror(stdout))
		return kmr_complain(&err);
	return KMR_EXIT_OK;
}

static int run(int argc, char **argv)
{
	unsigned int sections = KMR_ALL_SECTIONS;
	bool json = false, yaml = false;
	const char *show = NULL;
	struct kmr_error err;
	int operand;
	const struct kmr_option options[] = {
		{ "show", 's', "SECTION,...",
		  "only these: zones, memblock, lsmem, nodes, zonelists,\n"
		  "watermarks, memmap, addresses, limits",
		  NULL, &show },
		{ "json", 'j', NULL, "print it as JSON", &json, NULL },
		{ "yaml", 'y', NULL,
		  "print a description in YAML of the machine whose\n/proc dumps MACHINE has",
		  &yaml, NULL },
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};

	operand = kmr_parse_options(&kmr_cmd_machine, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	if (yaml && (json || show)) {
		(void)kmr_fail(&err, "machine: --yaml prints a whole machine file, without --show "
				     "and --json");
		return kmr_complain(&err);
	}
	if (yaml)
		return write_yaml(argv[operand]);
	if (show && kmr_machine_sections(show, &sections, &err))
		return kmr_complain(&err);
	return print(argv[operand], sections, json);
}

const struct kmr_command kmr_cmd_machine = {
	.name = "machine",
	.usage = "MACHINE [OPTION]...",
	.summary = "print a machine as the kernel would see it",
	.about = "Prints the zones, nodes, zonelists, watermarks, address space and limits of a\n"
		 "machine that a kernel would have booted on, without running anything.\n\n"
		 "MACHINE is what --machine takes: a preset, a machine file, a directory of\n"
		 "/proc dumps, a snapshot.\n\n"
		 "With --yaml it is a directory of /proc dumps, iomem among them, and what is\n"
		 "printed is a machine file.",
	.run = run,
};
