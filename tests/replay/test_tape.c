// SPDX-License-Identifier: GPL-2.0-only
/* A trace decoded once: all of it, in the order of the source, and nothing left behind. */
#include <dirent.h>
#include <inttypes.h>

#include "kmreplay/source.h"
#include "replay/tape.h"
#include "support.h"

static const struct kmr_source_options lenient = { .strict = false };

static unsigned int files_in(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned int n = 0;
	struct dirent *entry;

	cr_assert_not_null(d);
	while ((entry = readdir(d)))
		n += entry->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

/* More events than the tape has room for at first. */
Test(tape, is_what_the_source_gives)
{
	static struct kmr_event events[4096];
	struct kmr_source *source;
	struct kmr_error err = { "" };
	struct kmr_tape t;
	struct capture c;
	uint64_t at = 0;
	ssize_t n;

	need_capture(&c, "i386-slub-compile");
	cr_assert_eq(kmr_tape_record(&t, c.trace, &lenient, NULL, NULL, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_source_open(&source, c.trace, &lenient, &err), 0);
	while ((n = kmr_source_read(source, events, 4096, &err)) > 0) {
		cr_assert_leq(at + (uint64_t)n, t.count);
		cr_assert_eq(memcmp(events, t.events + at, (size_t)n * sizeof(*events)), 0);
		at += (uint64_t)n;
	}
	cr_assert_eq(n, 0);
	cr_expect_eq(at, t.count);
	cr_expect_gt(t.count, 262144);
	cr_expect_eq(t.info->events, t.count);
	for (uint32_t i = 1; i < t.nr_caches; i++)
		cr_expect_str_eq(t.caches[i].name, kmr_source_cache(source, i));
	cr_expect_str_empty(kmr_source_cache(source, t.nr_caches));
	kmr_source_close(source);
	kmr_tape_free(&t);
	kmr_tape_free(&t);
}

struct told {
	unsigned int calls;
	uint64_t last;
};

static void tell(void *ctx, const struct kmr_trace_info *info)
{
	struct told *told = ctx;

	cr_expect_geq(info->events, told->last);
	told->last = info->events;
	told->calls++;
}

/* The file has no name from the beginning: whatever ends the program, nothing is left. */
Test(tape, in_tmpdir_without_a_name)
{
	struct told told = { 0, 0 };
	struct kmr_error err = { "" };
	struct kmr_tape t;
	struct capture c;
	char dir[64];

	need_capture(&c, "i386-slub-compile");
	tmp_make(dir, sizeof(dir));
	cr_assert_eq(setenv("TMPDIR", dir, 1), 0);
	cr_assert_eq(kmr_tape_record(&t, c.trace, &lenient, tell, &told, &err), 0);
	cr_expect_eq(files_in(dir), 0);
	cr_expect_gt(told.calls, 10);
	cr_expect_eq(told.last, t.count);
	kmr_tape_free(&t);
	cr_assert_eq(rmdir(dir), 0);
}

static void assert_refused(const char *dir, const char *message)
{
	struct kmr_error err = { "" };
	struct kmr_tape t;

	cr_assert_eq(setenv("TMPDIR", dir, 1), 0);
	cr_assert_eq(kmr_tape_record(&t, "/dev/null", &lenient, NULL, NULL, &err), -1);
	cr_expect(strstr(err.msg, message), "no '%s' in: %s", message, err.msg);
	kmr_tape_free(&t);
}

Test(tape, no_place_for_it)
{
	char dir[5000];

	assert_refused("/nowhere/at/all",
		       "/nowhere/at/all: can't keep the decoded trace there: No such file");
	assert_refused("/dev/null", "/dev/null: can't keep the decoded trace there: Not a direct");
	memset(dir, 'x', sizeof(dir));
	dir[0] = '/';
	dir[sizeof(dir) - 1] = '\0';
	assert_refused(dir, "$TMPDIR: the name is too long");
	/* none at all is /tmp, where the trace is what is wrong */
	assert_refused("", "/dev/null");
}

Test(tape, caches_by_name)
{
	struct kmr_error err = { "" };
	char dir[64], path[128], name[80];
	struct kmr_tape t;
	uint16_t cache;

	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	tmp_write(path, "# tracer: nop\n    x-1 [000] ..... 1.000001: kmem_cache_free: "
			"call_site=f+0x1/0x2 ptr=c1234560 name=filp\n");
	cr_assert_eq(kmr_tape_record(&t, path, &lenient, NULL, NULL, &err), 0, "%s", err.msg);
	cr_expect_eq(t.count, 1);
	cr_expect_eq(kmr_tape_cache(&t, "filp"), t.events[0].cache);
	/* a new one, once; and more than there was room for */
	cache = kmr_tape_cache(&t, "dentry");
	cr_expect_eq(cache, 2);
	cr_expect_eq(kmr_tape_cache(&t, "dentry"), cache);
	for (unsigned int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "cache-%u", i);
		cr_assert_eq(kmr_tape_cache(&t, name), 3 + i);
	}
	cr_expect_str_eq(t.caches[1002].name, "cache-999");
	/* a name that is cut is found again by what is left of it */
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	cache = kmr_tape_cache(&t, name);
	cr_expect_eq(kmr_tape_cache(&t, name), cache);
	cr_expect_eq(strlen(t.caches[cache].name), KMR_SNAP_CACHE_NAME - 1);
	kmr_tape_free(&t);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(rmdir(dir), 0);
}
