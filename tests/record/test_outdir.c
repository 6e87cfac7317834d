// SPDX-License-Identifier: GPL-2.0-only
/* A capture's directory: whole at its place, or not there. */
#include <criterion/criterion.h>
#include <string.h>

#include "dir.h"
#include "record/outdir.h"

TestSuite(outdir, .init = dir_enter, .fini = dir_leave);

static struct rec_outdir out;
static struct kmr_error err;

static bool is_there(const char *path)
{
	return !access(path, F_OK);
}

static unsigned int entries(void)
{
	unsigned int n = 0;
	FILE *f = popen("ls -A | wc -l", "r");

	cr_assert_not_null(f);
	cr_assert_eq(fscanf(f, "%u", &n), 1);
	cr_assert_eq(pclose(f), 0);
	return n;
}

Test(outdir, appears_when_it_is_committed)
{
	cr_assert_eq(rec_outdir_make(&out, "cap//", false, &err), 0, "%s", err.msg);
	cr_assert_eq(rec_outdir_write(&out, "state/uname", "Linux\n", 6, &err), 0, "%s", err.msg);
	cr_assert_eq(rec_outdir_write(&out, "state/formats/kmalloc", "x", 1, &err), 0);
	cr_expect_not(is_there("cap"));
	cr_assert_eq(rec_outdir_commit(&out, &err), 0, "%s", err.msg);
	rec_outdir_release(&out);
	cr_expect(is_there("cap/state/uname"));
	cr_expect(is_there("cap/state/formats/kmalloc"));
	cr_expect_eq(entries(), 1);
}

Test(outdir, leaves_nothing_when_it_is_not)
{
	cr_assert_eq(rec_outdir_make(&out, "cap", false, &err), 0, "%s", err.msg);
	cr_assert_eq(rec_outdir_write(&out, "state/uname", "Linux\n", 6, &err), 0);
	cr_expect_eq(rec_outdir_write(&out, "none/uname", "Linux\n", 6, &err), -1);
	rec_outdir_release(&out);
	cr_expect_eq(entries(), 0);
	rec_outdir_release(&out);
}

static void refused(const char *path, bool force, const char *says)
{
	cr_expect_eq(rec_outdir_make(&out, path, force, &err), -1, "%s", path);
	cr_expect(strstr(err.msg, says), "%s", err.msg);
	rec_outdir_release(&out);
}

Test(outdir, what_may_be_replaced)
{
	dir_file("cap/state/uname", "old\n");
	refused("cap", false, "cap: is there already; --force replaces a capture");
	/* no trace: this may be anything */
	refused("cap", true, "cap: is no capture, and won't be replaced");
	dir_file("cap/trace.txt", "");
	cr_assert_eq(rec_outdir_make(&out, "cap", true, &err), 0, "%s", err.msg);
	cr_expect(is_there("cap/state/uname"));
	cr_assert_eq(rec_outdir_write(&out, "new", "", 0, &err), 0);
	cr_assert_eq(rec_outdir_commit(&out, &err), 0, "%s", err.msg);
	cr_expect(is_there("cap/new"));
	cr_expect_not(is_there("cap/state/uname"));
	cr_expect_eq(entries(), 1);
	dir_file("file", "");
	refused("file", true, "is no capture");
	refused("", false, "a name of 1 to");
	refused("none/cap", false, "can't make the directory: No such file");
}

Test(outdir, links_are_removed_and_not_followed)
{
	dir_file("keep/file", "");
	dir_file("cap/trace.txt", "");
	dir_file("cap/state/uname", "");
	cr_assert_eq(symlink("../keep", "cap/link"), 0);
	cr_assert_eq(symlink("../keep", "cap/state/formats"), 0);
	cr_assert_eq(rec_outdir_make(&out, "cap", true, &err), 0, "%s", err.msg);
	cr_assert_eq(rec_outdir_commit(&out, &err), 0, "%s", err.msg);
	cr_expect(is_there("keep/file"));
	cr_expect_eq(entries(), 2);
}
