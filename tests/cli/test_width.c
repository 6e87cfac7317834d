// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever is printed for people fits 80 columns, but for paths, which are as long as they are.  A
 * command more is a line more.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

static void enter(void)
{
	command_enter();
	/* short names, so that what is beside them is what is looked at */
	need("ln -s " KMR_SOURCE_ROOT "/traces t && ln -s " CAPTURE " c");
}

/* backends whose names have no room above a column */
#define LONG_NAMES                                                                       \
	"$K compare c --page linux-6.1,nofragment=0,pcp_high=100,pcp_batch=7,linux-6.12" \
	" --object slub,max_order=0,min_partial=9,cpu_partial=0,slob --pressure model"

TestSuite(width, .init = enter, .fini = command_leave);

/* Columns of a line of UTF-8: bytes that do not continue a character. */
static size_t columns_of(const char *line, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0; i < len; i++)
		columns += ((unsigned char)line[i] & 0xc0) != 0x80;
	return columns;
}

/* A path alone on its line, or with blanks before it. */
static bool is_path(const char *line, size_t len)
{
	const size_t blanks = strspn(line, " ");

	return blanks < len && memchr(line, '/', len) && !memchr(line + blanks, ' ', len - blanks);
}

static void expect_narrow(const char *command, FILE *text)
{
	char line[4096];
	size_t lines = 0;

	for (; fgets(line, sizeof(line), text); lines++) {
		const size_t len = strcspn(line, "\n");

		cr_expect(columns_of(line, len) <= 80 || is_path(line, len), "%s: %zu columns: %s",
			  command, columns_of(line, len), line);
	}
	cr_expect(lines, "%s prints nothing", command);
}

static void expect_command(const char *command)
{
	FILE *text;

	/* the characters of a real terminal; there may be more than an outcome has room for */
	need("export LC_ALL=C.UTF-8; { %s; } >text", command);
	text = fopen("text", "r");
	cr_assert_not_null(text);
	expect_narrow(command, text);
	(void)fclose(text);
}

static void expect_commands(const char *const *commands)
{
	for (; *commands; commands++)
		expect_command(*commands);
}

Test(width, of_help)
{
	expect_command("$K --help");
	need("$K --help | sed -n 's/^  \\([a-z]*\\) .*/\\1/p' >commands && test -s commands");
	expect_command("while read -r c; do $K $c --help || exit; done <commands");
	expect_command("$K list");
}

Test(width, of_the_capture)
{
	static const char *const commands[] = {
		"$K info c",
		"$K verify c",
		"$K replay c",
		"$K replay c --object slub --check",
		"$K replay c --object slob --vmap rbtree --pressure model --by-task",
		"$K replay c --page linux-2.4 --start proc",
		"$K compare c",
		"$K compare c --page linux-6.1,linux-6.12,linux-2.4 --object none,slub,slab,slob",
		LONG_NAMES,
		"$K compare c --page linux-6.1 --object slub --vmap augmented,rbtree,none",
		"$K stat c",
		"$K stat c --page --slab --caller --alloc --task",
		"$K stat c --cache",
		"$K fit c -o load.yaml",
		"$K compare c --object none,slub -o runs.db",
		"$K report runs.db --no-plots -o -",
		"$K diff runs.db --run-a 1 --run-b 2 || test $? = 1",
		NULL,
	};

	expect_commands(commands);
}

Test(width, of_other_traces)
{
	static const char *const commands[] = {
		"$K info t/x86_64-6.12-dat",
		"$K stat t/x86_64-6.12-dat --page --slab --caller",
		"$K replay t/x86_64-6.12-dat --object slub -m x86_64:ram=2G",
		"$K info t/x86_64-6.12-areas-smp4",
		"$K replay t/x86_64-6.12-areas-smp4 -m x86_64:ram=2G",
		NULL,
	};

	expect_commands(commands);
}

Test(width, of_workloads)
{
	expect_command("for l in t/loads/*.yaml; do $K info $l || exit; done");
	expect_command(
		"for l in t/loads/*.yaml; do case $l in *slab*) o='-O slab' ;; *) o= ;; esac;"
		" $K replay $l $o || exit; done");
}

Test(width, of_machines)
{
	expect_command("for m in t/machines/*.yaml; do $K machine -s zones,memblock,lsmem,nodes $m"
		       " || exit; done");
	expect_command("for m in t/machines/*.yaml; do $K machine -s "
		       "zonelists,watermarks,memmap,addresses,limits $m || exit; done");
}
