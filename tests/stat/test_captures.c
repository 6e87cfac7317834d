// SPDX-License-Identifier: GPL-2.0-only
/*
 * The captures: what `kmreplay stat` counts is what awk counts in the text, in every view, object
 * by object and frame by frame.  compare.sh does it, expect.awk counts.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures"
#define BUNDLED	 KMR_SOURCE_ROOT "/traces/i386-slub-compile/trace.txt.zst"
#define COMPARE	 KMR_SOURCE_ROOT "/tests/stat/compare.sh"

static void compare(const char *trace)
{
	char command[9000];

	(void)snprintf(command, sizeof(command), "sh '" COMPARE "' '" KMREPLAY "' '%s'", trace);
	cr_expect_eq(system(command), 0, "%s", trace);
}

Test(captures, bundled_capture_is_counted_as_awk_counts_it)
{
	compare(BUNDLED);
}

Test(captures, all_captures_are_counted_as_awk_counts_them)
{
	DIR *dir = opendir(CAPTURES);
	struct dirent *entry;
	int seen = 0;

	if (!dir)
		cr_skip_test("no captures at " CAPTURES);
	while ((entry = readdir(dir))) {
		char path[4300];

		(void)snprintf(path, sizeof(path), "%s/%s/trace.txt.zst", CAPTURES, entry->d_name);
		if (entry->d_name[0] == '.' || access(path, R_OK))
			continue;
		compare(path);
		seen++;
	}
	(void)closedir(dir);
	cr_expect_gt(seen, 0);
}
