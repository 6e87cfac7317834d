/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory of its own for each test, which is the current one meanwhile. */
#ifndef KMR_TESTS_RECORD_DIR_H
#define KMR_TESTS_RECORD_DIR_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char test_dir[64];

static inline void dir_enter(void)
{
	(void)snprintf(test_dir, sizeof(test_dir), "/tmp/kmr-record-XXXXXX");
	cr_assert_not_null(mkdtemp(test_dir));
	cr_assert_eq(chdir(test_dir), 0);
}

static inline void dir_leave(void)
{
	char line[96];

	cr_assert_eq(chdir("/"), 0);
	(void)snprintf(line, sizeof(line), "rm -rf %s", test_dir);
	cr_assert_eq(system(line), 0);
}

/* Makes a file, directories on the way to it included. */
static inline void dir_file(const char *path, const char *text)
{
	char line[512];
	FILE *f;

	(void)snprintf(line, sizeof(line), "mkdir -p \"$(dirname '%s')\"", path);
	cr_assert_eq(system(line), 0);
	f = fopen(path, "w");
	cr_assert_not_null(f, "%s", path);
	cr_assert_geq(fputs(text, f), 0);
	cr_assert_eq(fclose(f), 0);
}

#endif
