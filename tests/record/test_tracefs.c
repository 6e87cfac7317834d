// SPDX-License-Identifier: GPL-2.0-only
/* Where tracefs is, and every reason for which it can't be used; those that need privileges to try
 * are in tests/cli. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "dir.h"
#include "record/tracefs.h"

TestSuite(tracefs, .init = dir_enter, .fini = dir_leave);

static const struct kmr_record_options options = { .proc = "proc", .sys = "sys" };
static char path[REC_PATH];
static struct kmr_error err;

static void make_tracefs(const char *dir)
{
	static const char *const files[] = { "trace_marker", "instances/x",
					     "events/kmem/mm_page_alloc/enable",
					     "events/kmem/mm_page_free/enable" };
	char name[256];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s/%s", dir, files[i]);
		dir_file(name, "");
	}
}

Test(tracefs, is_where_the_mount_table_says)
{
	make_tracefs("here");
	dir_file("proc/mounts", "proc /proc proc rw 0 0\nnone here tracefs rw 0 0\n"
				"none there tracefs rw 0 0\n");
	cr_assert_eq(rec_find_tracefs(path, &options, &err), 0, "%s", err.msg);
	cr_expect_str_eq(path, "here");
	/* a mount of that name is none of that type */
	dir_file("proc/mounts", "tracefs there proc rw 0 0\nnone here tracefs rw 0 0\n");
	cr_assert_eq(rec_find_tracefs(path, &options, &err), 0, "%s", err.msg);
	cr_expect_str_eq(path, "here");
}

Test(tracefs, blanks_in_its_name)
{
	make_tracefs("a b\\c");
	dir_file("proc/mounts", "none a\\040b\\134c tracefs rw 0 0\n");
	cr_assert_eq(rec_find_tracefs(path, &options, &err), 0, "%s", err.msg);
	cr_expect_str_eq(path, "a b\\c");
}

Test(tracefs, named)
{
	struct kmr_record_options o = options;

	make_tracefs("mine");
	o.tracefs = "mine";
	cr_assert_eq(rec_find_tracefs(path, &o, &err), 0, "%s", err.msg);
	cr_expect_str_eq(path, "mine");
}

static void fails(const char *says)
{
	cr_expect_eq(rec_find_tracefs(path, &options, &err), -1);
	cr_expect(strstr(err.msg, says), "'%s' lacks '%s'", err.msg, says);
}

Test(tracefs, not_mounted)
{
	/* no /proc at all says nothing of the kernel */
	fails("tracefs is not mounted: sudo mount -t tracefs tracefs sys/kernel/tracing");
	dir_file("proc/mounts", "malformed\nnone here tracefs\n\n");
	dir_file("proc/filesystems", "nodev\ttracefs\n");
	fails("tracefs is not mounted");
	dir_file("proc/filesystems", "nodev\ttracefs2\n\text4\n");
	fails("this kernel has no tracefs (proc/filesystems does not name it)");
}

static void denied(int errnum, const char *says)
{
	cr_expect_eq(rec_denied(&options, "file", errnum, &err), -1);
	cr_expect(strstr(err.msg, says), "'%s' lacks '%s'", err.msg, says);
}

Test(tracefs, denied)
{
	denied(EROFS, "file: mount -o remount,rw file would do: Read-only file system");
	denied(EIO, "file: Input/output error");
	denied(EACCES, geteuid() ? "recording needs root" : "root, but not allowed to trace");
	/* integrity alone does not forbid it */
	dir_file("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	denied(EPERM, geteuid() ? "recording needs root" : "root, but not allowed to trace");
	dir_file("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
	denied(EPERM, "file: the kernel is locked down, and forbids tracing");
	denied(EIO, "file: Input/output error");
}
