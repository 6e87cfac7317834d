// SPDX-License-Identifier: GPL-2.0-only
/*
 * One load through the kernels' history: traces/loads/page-cache.yaml, in which few unmovable pages
 * come between many movable ones, which go all at once.  What grouping by mobility was made for: "The
 * What, The Why and the Where To of Anti-Fragmentation" (OLS 2006).  Pageblocks are of order 9, which
 * is the largest that 2.4 has.
 */
#include "replay.h"

#define CAPTURE KMR_SOURCE_ROOT "/traces/i386-slub-compile"

/* Per mille of free memory that no huge page can be made of: unusable_free_index(). */
static uint64_t unusable(const char *page)
{
	const struct kmr_replay_options options = { .trace = LOADS "page-cache.yaml",
						    .machine = "x86_64:ram=512M,cpus=2,pageblock=9",
						    .page = page,
						    .check = true };
	struct kmr_replay_result *r = calloc(1, sizeof(*r));
	uint64_t total = 0, suitable = 0;
	struct kmr_error err = { "" };

	cr_assert(r);
	cr_assert_eq(kmr_replay(&options, r, &err), 0, "%s", err.msg);
	cr_assert_eq(r->work.failures, 0);
	for (unsigned int z = 0; z < r->machine.nr_zones; z++)
		for (unsigned int o = 0; o < r->machine.nr_orders; o++)
			for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++) {
				const uint64_t pages = (uint64_t)r->zones[z].nr_free[o][t] << o;

				total += pages;
				suitable += o >= r->machine.pageblock_order ? pages : 0;
			}
	/* most of 512 MiB is free again, whoever had it */
	cr_assert_gt(total, 120000);
	replay_done(r);
	return (total - suitable) * 1000 / total;
}

Test(shipped_history, mobility)
{
	use_workloads();
	/* one list for all: unmovable pages everywhere */
	expect_near(unusable("linux-2.4"), 801, 10, "2.4");
	expect_near(unusable("linux-2.6.24,mobility=0"), 822, 10, "2.6.24 without types");
	expect_near(unusable("linux-6.1,mobility=0"), 797, 20, "6.1 without types");
	/* each type has its pageblocks, since the first form of it */
	expect_near(unusable("linux-2.6.24"), 33, 10, "2.6.24");
	expect_near(unusable("linux-5.15"), 35, 10, "5.15");
	expect_near(unusable("linux-6.1"), 33, 10, "6.1");
}

/* The bundled capture in every kernel's model, from every start state, with all invariants. */
Test(shipped_history, every_start_state)
{
	static const char *const backends[] = { "linux-6.1", "linux-6.12", "linux-5.15",
						"linux-2.6.24", "linux-2.4" };
	static const enum kmr_start starts[] = { KMR_START_SNAPSHOT, KMR_START_PROC,
						 KMR_START_INFER, KMR_START_BOOT };

	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++)
		for (size_t k = 0; k < sizeof(starts) / sizeof(starts[0]); k++) {
			const struct kmr_replay_options options = {
				.trace = CAPTURE "/trace.txt.zst",
				.machine = starts[k] == KMR_START_SNAPSHOT ? CAPTURE
						   "/state/kmsnap.before.zst"
									   : CAPTURE "/state",
				.page = backends[i],
				.start = starts[k],
				.check = true,
			};
			struct kmr_replay_result *r = calloc(1, sizeof(*r));
			struct kmr_error err = { "" };

			cr_assert(r);
			cr_assert_eq(kmr_replay(&options, r, &err), 0, "%s, start %zu: %s",
				     backends[i], k, err.msg);
			/* there is room for all of it in any of them */
			cr_assert_eq(r->work.failures, 0, "%s, start %zu", backends[i], k);
			cr_assert_gt(r->work.allocs, 50000, "%s, start %zu", backends[i], k);
			replay_done(r);
		}
}
