// SPDX-License-Identifier: GPL-2.0-only
/* One name for a machine of any kind: which kind it is, and that it is the same machine. */
#include "kmreplay/snapshot.h"
#include "support.h"

#define STATE KMR_SOURCE_ROOT "/traces/i386-slub-compile/state"

static char from[512];

/* What opens as @what, with @from set; NULL and a message in @err when it does not. */
static struct kmr_machine *open_as(const char *what, struct kmr_error *err)
{
	struct kmr_machine *m = new_machine();

	if (!kmr_machine_open(m, what, NULL, from, sizeof(from), err))
		return m;
	free(m);
	return NULL;
}

Test(open, kinds)
{
	cr_expect_eq(kmr_machine_kind("i386:ram=1280M"), KMR_MACHINE_PRESET);
	cr_expect_eq(kmr_machine_kind("/nowhere/at/all"), KMR_MACHINE_PRESET);
	cr_expect_eq(kmr_machine_kind(STATE), KMR_MACHINE_PROC);
	cr_expect_eq(kmr_machine_kind(STATE "/kmsnap.before.zst"), KMR_MACHINE_SNAPSHOT);
}

/* The three ways to the bundled capture's machine lead to the same zones. */
Test(open, one_machine_three_ways)
{
	struct kmr_error err;
	struct kmr_machine *preset = open_as("i386:ram=1280M", &err), *proc, *snap;

	cr_assert(preset, "%s", err.msg);
	cr_expect_str_eq(from, "preset i386:ram=1280M");
	proc = open_as(STATE, &err);
	cr_assert(proc, "%s", err.msg);
	cr_expect_str_eq(from, "/proc dumps in " STATE);
	snap = open_as(STATE "/kmsnap.before.zst", &err);
	cr_assert(snap, "%s", err.msg);
	cr_expect_str_eq(from, "snapshot " STATE "/kmsnap.before.zst");
	compare_zones("preset", preset, proc);
	compare_zones("snapshot", snap, proc);
	free(preset);
	free(proc);
	free(snap);
}

/* A snapshot can be had whole, and its machine is the one that is returned. */
Test(open, a_snapshot_whole)
{
	struct kmr_snapshot *s = calloc(1, sizeof(*s));
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert(s);
	cr_assert_eq(kmr_machine_open(m, STATE "/kmsnap.after.zst", s, NULL, 0, &err), 0, "%s",
		     err.msg);
	cr_expect_gt(s->nr_pfns, 0);
	cr_expect_eq(memcmp(m, &s->machine, sizeof(*m)), 0);
	kmr_snapshot_free(s);
	free(s);
	free(m);
}

Test(open, what_is_no_machine)
{
	struct kmr_error err;

	cr_expect_null(open_as("vax", &err));
	cr_expect(strstr(err.msg, "\"vax\""), "%s", err.msg);
	cr_expect_null(open_as(KMR_SOURCE_ROOT "/src", &err));
	cr_expect(strstr(err.msg, "no zoneinfo"), "%s", err.msg);
	cr_expect_null(open_as(STATE "/zoneinfo.before", &err));
	cr_expect(strstr(err.msg, STATE "/zoneinfo.before: no snapshot"), "%s", err.msg);
}
