// SPDX-License-Identifier: GPL-2.0-only
/* Requests by command: what was asked for and failed, tasks of one command added up. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "kmreplay/replay.h"
#include "support.h"

/* On 64 MiB, of which a boot leaves less, 20 requests of order 10 can't all be served. */
static void write_trace(const char *path)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f);
	(void)fputs("# tracer: nop\n", f);
	for (unsigned int i = 0; i < 20; i++)
		fprintf(f,
			"           hog-11    [000] .....     1.000000: mm_page_alloc: page=0x1 "
			"pfn=0x%x order=10 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_NOWARN\n",
			i << 10);
	for (unsigned int i = 0; i < 3; i++)
		fprintf(f,
			"      a-b c-%u    [000] .....     2.000000: mm_page_alloc: page=0x1 "
			"pfn=0x%x order=0 migratetype=0 gfp_flags=GFP_KERNEL\n",
			20 + i, 0x10000 + i);
	cr_assert_eq(fclose(f), 0);
}

static struct kmr_replay_result *replay(bool by_task)
{
	struct kmr_replay_result *r = calloc(1, sizeof(*r));
	struct kmr_replay_options o = { .machine = "i386:ram=64M",
					.page = "linux-6.1",
					.start = KMR_START_BOOT,
					.by_task = by_task };
	char dir[64], path[128];
	struct kmr_error err;

	cr_assert_not_null(r);
	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	write_trace(path);
	o.trace = path;
	cr_assert_eq(kmr_replay(&o, r, &err), 0, "%s", err.msg);
	(void)unlink(path);
	(void)rmdir(dir);
	return r;
}

Test(outcome, counts_by_command_and_order)
{
	struct kmr_replay_result *r = replay(true);
	const struct kmr_outcome *o = r->outcomes;

	cr_assert_eq(r->nr_outcomes, 2);
	cr_expect_str_eq(o[0].actor, "a-b c");
	cr_expect_eq(o[0].kind, KMR_REQ_PAGES);
	cr_expect_eq(o[0].order, 0);
	cr_expect_eq(o[0].requests, 3, "three tasks of one command");
	cr_expect_eq(o[0].failures, 0);
	cr_expect_eq(o[0].pages, 3);
	cr_expect_str_eq(o[1].actor, "hog");
	cr_expect_eq(o[1].order, 10);
	cr_expect_eq(o[1].requests, 20);
	cr_expect_eq(o[1].pages, 20 * 1024);
	/* 64 MiB are 16 such blocks, and the kernel lies in some of them */
	cr_expect_geq(o[1].failures, 5);
	cr_expect_eq(o[1].failures, r->stats.failures);
	cr_expect_eq(o[1].first_failure, UINT64_C(1000000000));
	kmr_replay_result_free(r);
	cr_expect_null(r->outcomes);
	free(r);
}

Test(outcome, a_trace_is_not_counted_unless_asked)
{
	struct kmr_replay_result *r = replay(false);

	cr_expect_eq(r->nr_outcomes, 0);
	cr_expect_gt(r->stats.failures, 0);
	kmr_replay_result_free(r);
	free(r);
}

Test(outcome, kinds_have_names)
{
	cr_expect_str_eq(kmr_request_kind_name(KMR_REQ_PAGES), "pages");
	cr_expect_str_eq(kmr_request_kind_name(KMR_REQ_HUGEPAGES), "hugepages");
	cr_expect_str_eq(kmr_request_kind_name(KMR_REQ_NR), "?");
}
