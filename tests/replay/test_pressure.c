// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reclaim simulated in a replay: what the traced kernel's own reclaim freed is left out, what it did
 * is predicted from the requests alone, and compared with its counters.
 */
#include <inttypes.h>

#include "kmreplay/replay.h"
#include "support.h"

static void replay(struct kmr_replay_result *r, const char *trace, const char *machine,
		   const char *pressure)
{
	struct kmr_replay_options o;
	struct kmr_error err = { "" };

	memset(&o, 0, sizeof(o));
	o.trace = trace;
	o.machine = machine;
	o.page = machine ? "linux-6.1" : NULL;
	o.pressure = pressure;
	o.start = machine ? KMR_START_BOOT : KMR_START_AUTO;
	o.check = true;
	memset(r, 0, sizeof(*r));
	cr_assert_eq(kmr_replay(&o, r, &err), 0, "%s", err.msg);
}

/* The difference between two dumps of /proc/vmstat beside a capture. */
static uint64_t vmstat(const char *capture, const char *name)
{
	static const char *const suffixes[] = { "before", "after" };
	uint64_t value[2] = { 0, 0 };

	for (unsigned int i = 0; i < 2; i++) {
		char path[320], found[64];
		uint64_t v;
		FILE *f;

		(void)snprintf(path, sizeof(path), CAPTURES "/%s/state/vmstat.%s", capture,
			       suffixes[i]);
		f = fopen(path, "r");
		cr_assert_not_null(f, "%s", path);
		while (fscanf(f, "%63s %" SCNu64, found, &v) == 2)
			if (!strcmp(found, name))
				value[i] = v;
		(void)fclose(f);
	}
	return value[1] - value[0];
}

static void assert_near(const char *what, uint64_t model, uint64_t kernel)
{
	cr_assert(model * 10 >= kernel * 8 && model * 10 <= kernel * 12,
		  "%s: %" PRIu64 " in the model, %" PRIu64 " in the kernel", what, model, kernel);
}

#define LINE(who, time, event) "             " who "     [000] .....     " time ": " event "\n"
#define FILE_GFP                                                            \
	"GFP_NOFS|__GFP_HIGHMEM|__GFP_NOWARN|__GFP_NORETRY|__GFP_HARDWALL|" \
	"__GFP_MOVABLE"
#define ALLOC(pfn, gfp) \
	"mm_page_alloc: page=c1000000 pfn=0x" pfn " order=0 migratetype=1 gfp_flags=" gfp
#define FREE(pfn)    "mm_page_free: page=c1000000 pfn=0x" pfn " order=0"
#define BATCHED(pfn) "mm_page_free_batched: page=c1000000 pfn=0x" pfn " order=0"
#define DIRECT_BEGIN "mm_vmscan_direct_reclaim_begin: order=0 gfp_flags=GFP_KERNEL"
#define DIRECT_END   "mm_vmscan_direct_reclaim_end: nr_reclaimed=1"
#define COMPACT_BEGIN                                                         \
	"mm_compaction_begin: zone_start=0x1 migrate_pfn=0x1 free_pfn=0x800 " \
	"zone_end=0x1000, mode=sync"
#define COMPACT_END                                                         \
	"mm_compaction_end: zone_start=0x1 migrate_pfn=0x1 free_pfn=0x800 " \
	"zone_end=0x1000, mode=sync status=complete"

static const char frees_of_all_kinds[] = "# tracer: nop\n"
	/* page cache: kswapd's, direct reclaim's, its owner's, a slab's, compaction's */
	LINE("cat-100", "1.000001", ALLOC("1000", FILE_GFP)) LINE(
		"cat-100", "1.000002", ALLOC("1001", FILE_GFP)) LINE("cat-100", "1.000003",
								     ALLOC("1002", FILE_GFP))
		LINE("cat-100", "1.000004", ALLOC("1003", "GFP_KERNEL")) LINE(
			"cat-100", "1.000005",
			ALLOC("1004", FILE_GFP)) LINE("kswapd0-25", "1.000010", FREE("1000"))
			LINE("kswapd0-25", "1.000011", BATCHED("1000")) LINE("cat-100", "1.000012",
									     DIRECT_BEGIN)
				LINE("cat-100", "1.000013",
				     FREE("1001")) LINE("cat-100", "1.000014", BATCHED("1001"))
					LINE("cat-100", "1.000015",
					     FREE("1003")) LINE("cat-100", "1.000016", DIRECT_END)
						LINE("cat-100", "1.000017", FREE("1002")) LINE(
							"kcompactd0-22", "1.000018", COMPACT_BEGIN)
							LINE("kcompactd0-22", "1.000019",
							     FREE("1004"))
								LINE("kcompactd0-22", "1.000020",
								     COMPACT_END)
	/* where compaction put it, nobody knows; it is freed there */
	LINE("cat-100", "1.000021", FREE("1068"));

Test(replay_pressure, frees_of_the_traced_reclaim_are_left_out)
{
	struct kmr_replay_result *r = malloc(sizeof(*r));
	char dir[64], path[128];

	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace");
	tmp_write(path, frees_of_all_kinds);
	replay(r, path, "i386:ram=128M", "model");
	cr_assert(r->pressure.used);
	cr_assert_eq(r->pressure.replay.left_out, 2);
	cr_assert_eq(r->pressure.replay.moved, 1);
	cr_assert_eq(r->pressure.replay.agreed, 0);
	cr_assert_eq(r->pressure.replay.dropped, 0);
	/* 0x1000 and 0x1001 are still there; a slab's page, 0x1002 and what was moved are not */
	cr_assert_eq(r->pressure.sizes.inactive[KMR_LRU_FILE], 2);
	cr_assert_eq(r->stats.unknown_frees, 0);
	kmr_replay_result_free(r);
	/* followed, all of them are freed */
	replay(r, path, "i386:ram=128M", NULL);
	cr_assert_not(r->pressure.used);
	cr_assert_eq(r->stats.unknown_frees, 1);
	cr_assert_eq(r->stats.live_pages, 0);
	kmr_replay_result_free(r);
	free(r);
	(void)unlink(path);
	(void)rmdir(dir);
}

/* Text of some kernels has nothing behind "gfp_flags=". */
static const char without_flags[] = "# tracer: nop\n" LINE("cat-100", "1.000001", ALLOC("1000", ""))
	LINE("cat-100", "1.000002", ALLOC("1001", ""))
		LINE("cat-100", "1.000003", ALLOC("1002", "GFP_HIGHUSER_MOVABLE"));

Test(replay_pressure, movable_memory_without_flags_is_page_cache)
{
	struct kmr_replay_result *r = malloc(sizeof(*r));
	char dir[64], path[128];

	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace");
	tmp_write(path, without_flags);
	replay(r, path, "i386:ram=128M", "model");
	cr_assert_eq(r->pressure.replay.guessed, 2);
	cr_assert_eq(r->pressure.sizes.inactive[KMR_LRU_FILE], 2);
	/* a copy on write */
	cr_assert_eq(r->pressure.sizes.inactive[KMR_LRU_ANON] +
			     r->pressure.sizes.active[KMR_LRU_ANON],
		     1);
	kmr_replay_result_free(r);
	free(r);
	(void)unlink(path);
	(void)rmdir(dir);
}

/*
 * Which page is the next to be reclaimed, and when, decides which pageblock is broken up next: small
 * differences grow, so that single runs scatter.  Their mean, over wake-ups that take a little less
 * or more time, does not.
 */
static void mean_of_runs(struct kmr_reclaim_stats *mean, const char *trace, unsigned int wake_us)
{
	struct kmr_replay_result *r = malloc(sizeof(*r));
	const unsigned int runs = 5;
	uint64_t *sum = (uint64_t *)mean;

	memset(mean, 0, sizeof(*mean));
	for (unsigned int i = 0; i < runs; i++) {
		char pressure[64];
		const char *name;
		uint64_t value;

		(void)snprintf(pressure, sizeof(pressure), "model,wake_ns=%u",
			       wake_us * (800 + 100 * i));
		replay(r, trace, NULL, pressure);
		for (unsigned int k = 0; kmr_reclaim_stat_at(&r->pressure.stats, k, &name, &value);
		     k++)
			sum[k] += value;
		kmr_replay_result_free(r);
	}
	for (size_t k = 0; k < sizeof(*mean) / sizeof(*sum); k++)
		sum[k] /= runs;
	free(r);
}

/* As the capture's own README has it: page cache larger than memory, on one CPU. */
Test(replay_pressure, a_kernel_short_of_memory_is_predicted, .timeout = 240)
{
	static const char name[] = "i386-slub-reclaim";
	struct kmr_reclaim_stats s;
	struct capture c;

	need_capture(&c, name);
	mean_of_runs(&s, c.trace, 125);
	assert_near("pgsteal", s.pgsteal_kswapd + s.pgsteal_direct,
		    vmstat(name, "pgsteal_kswapd") + vmstat(name, "pgsteal_direct"));
	assert_near("pgsteal_kswapd", s.pgsteal_kswapd, vmstat(name, "pgsteal_kswapd"));
	assert_near("pageoutrun", s.pageoutrun, vmstat(name, "pageoutrun"));
	cr_assert_eq(s.compact_stall, vmstat(name, "compact_stall"));
	cr_assert_eq(s.oom_kill, 0);
}

Test(replay_pressure, a_machine_of_two_nodes_short_of_memory_is_predicted, .timeout = 240)
{
	static const char name[] = "x86_64-6.12-numa-reclaim";
	struct kmr_reclaim_stats s;
	struct capture c;

	need_capture(&c, name);
	mean_of_runs(&s, c.trace, 1500);
	assert_near("pgsteal", s.pgsteal_kswapd + s.pgsteal_direct,
		    vmstat(name, "pgsteal_kswapd") + vmstat(name, "pgsteal_direct"));
	assert_near("pgsteal_kswapd", s.pgsteal_kswapd, vmstat(name, "pgsteal_kswapd"));
	cr_assert_eq(s.oom_kill, 0);
}

/* A machine with more memory reclaims less: that is what predictions are for. */
Test(replay_pressure, more_memory_means_less_reclaim, .timeout = 240)
{
	struct kmr_replay_result *r = malloc(sizeof(*r));
	uint64_t stolen[2];
	struct capture c;

	need_capture(&c, "i386-slub-reclaim");
	replay(r, c.trace, "i386:ram=160M", "model");
	stolen[0] = r->pressure.stats.pgsteal_file;
	kmr_replay_result_free(r);
	replay(r, c.trace, "i386:ram=320M", "model");
	stolen[1] = r->pressure.stats.pgsteal_file;
	kmr_replay_result_free(r);
	cr_assert_gt(stolen[0], stolen[1]);
	free(r);
}
