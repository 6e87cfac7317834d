// SPDX-License-Identifier: GPL-2.0-only
/*
 * What results cost beside the simulation: surveys of machines of several sizes, in which 2^17 blocks
 * are in use at random, and a number of which came or went between them; a full series of samples with all
 * that is surveyed, in memory and in a database; values into histograms; and how long it takes to read
 * each view of the bundled capture's database.  Times are CPU time.
 *
 *   bench-results [RAM...]     machines of that size: else 1G, 16G, 64G
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hist.h"
#include "base/loglin.h"
#include "kmreplay/gfp.h"
#include "kmreplay/replay.h"
#include "kmreplay/series.h"
#include "metrics/db.h"
#include "replay/seed.h"

#define BLOCKS (1u << 18) /* that may be in use at once */
#define VALUES 10000000u

static uint64_t state = 1;

static uint64_t random64(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double allocated(void)
{
	const struct mallinfo2 m = mallinfo2();

	return (double)(m.uordblks + m.hblkhd);
}

struct block {
	kmr_pfn_t pfn; /* KMR_NO_PFN: none */
	uint8_t order;
};

struct rig {
	struct kmr_machine machine;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	struct block *blocks;
	uint64_t time;
};

/* @n blocks come or go. */
static void churn(struct rig *r, unsigned int n)
{
	static const uint32_t gfp[] = { KMR_GFP_KERNEL,
					KMR_GFP_KERNEL | KMR_GFP_HIGHMEM | KMR_GFP_MOVABLE };

	for (unsigned int i = 0; i < n; i++) {
		const uint64_t random = random64();
		struct block *at = &r->blocks[random % BLOCKS];
		struct kmr_page_request req = { 0 };

		if (at->pfn != KMR_NO_PFN) {
			(void)r->ops->free(r->b, at->pfn, at->order, 0);
			at->pfn = KMR_NO_PFN;
			continue;
		}
		/* one in eight does not move */
		req.gfp = gfp[random >> 40 & 7 ? 1 : 0];
		req.order = random >> 32 & 15 ? 0 : (uint8_t)(random >> 36 & 3);
		at->order = req.order;
		at->pfn = r->ops->alloc(r->b, &req);
	}
}

static void rig_free(struct rig *r)
{
	if (r->b)
		r->ops->destroy(r->b);
	free(r->blocks);
	free(r);
}

static struct rig *rig_new(const char *ram, struct kmr_error *err)
{
	struct rig *r = calloc(1, sizeof(*r));
	char preset[64];

	if (!r)
		return NULL;
	(void)snprintf(preset, sizeof(preset), "x86_64:ram=%s", ram);
	r->ops = kmr_page_backend_find("linux-6.1");
	r->blocks = malloc(BLOCKS * sizeof(*r->blocks));
	if (r->blocks && !kmr_machine_preset(&r->machine, preset, err))
		r->b = r->ops->create(&r->machine, NULL, err);
	if (!r->b) {
		rig_free(r);
		return NULL;
	}
	kmr_seed_boot(&r->machine, r->ops, r->b);
	for (unsigned int i = 0; i < BLOCKS; i++)
		r->blocks[i].pfn = KMR_NO_PFN;
	churn(r, 4 * BLOCKS);
	return r;
}

/* Seconds a survey, when @between blocks came or went since the one before. */
static double survey_time(struct rig *r, struct kmr_survey *survey, unsigned int between)
{
	const unsigned int rounds = 20;
	double took = 0;

	for (unsigned int i = 0; i < rounds; i++) {
		double start;

		churn(r, between);
		start = now();
		r->ops->survey(r->b, survey, r->time += 1000000);
		took += now() - start;
	}
	return took / rounds;
}

static int bench_survey(struct rig *r, struct kmr_error *err)
{
	static const unsigned int between[] = { 0, 100, 10000, 100000 };
	const double before = allocated();
	struct kmr_survey *survey;
	double start;

	if (kmr_survey_create(&survey, &r->machine, err))
		return -1;
	start = now();
	r->ops->survey(r->b, survey, r->time += 1000000);
	printf("  surveys: one sample of %llu, %.1f KiB; the first %.2f ms; after",
	       (unsigned long long)kmr_survey_every(survey), (allocated() - before) / 1024,
	       (now() - start) * 1e3);
	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++)
		printf("%s %u blocks %.2f ms", i ? "," : "", between[i],
		       survey_time(r, survey, between[i]) * 1e3);
	printf("\n");
	kmr_survey_destroy(survey);
	return 0;
}

/* As many samples as a series has, 1000 blocks apart; the time to add them. */
static int fill_series(struct rig *r, struct kmr_series *series, struct kmr_survey *survey,
		       double *took, struct kmr_error *err)
{
	static struct kmr_zone_state zones[KMR_MAX_ZONES];
	static uint32_t pcp[KMR_MAX_ZONES * KMR_MAX_CPUS];
	static struct kmr_sample_counts counts;
	struct kmr_sample sample = { .zones = zones, .pcp = pcp, .counts = &counts };

	*took = 0;
	for (unsigned int i = 0; i < KMR_SERIES_DEFAULT - 1; i++) {
		double start;

		churn(r, 1000);
		sample.time = r->time += 1000000;
		sample.event = i;
		for (unsigned int z = 0; z < r->machine.nr_zones; z++)
			r->ops->zone_state(r->b, z, &zones[z]);
		counts.page = *r->ops->work(r->b);
		r->ops->survey(r->b, survey, r->time);
		sample.surveys = kmr_survey_zones(survey);
		sample.strips = kmr_survey_strip_states(survey);
		start = now();
		if (kmr_series_add(series, &sample, err))
			return -1;
		*took += now() - start;
	}
	return 0;
}

static int store(struct rig *r, struct kmr_series *series, struct kmr_survey *survey,
		 const char *path, struct kmr_error *err)
{
	const struct kmr_run_info run = {
		.trace = "", .backend = "linux-6.1", .params = "", .start = "boot"
	};
	const struct kmr_trace_info trace = { .format = "", .compression = "", .kernel = "" };
	const struct kmr_replay_stats stats = { 0 };
	char digest[KMR_DIGEST_SIZE];
	const struct kmr_strip *strips;
	const unsigned int nr = kmr_survey_strips(survey, &strips);
	struct kmr_store *s;

	if (kmr_store_create(&s, path, &r->machine, err))
		return -1;
	if (kmr_store_strips(s, strips, nr, err) || kmr_series_write(series, s, err)) {
		kmr_store_discard(s);
		return -1;
	}
	return kmr_store_finish(s, &run, &trace, &stats, r->ops->work(r->b), digest, err);
}

static int bench_samples(struct rig *r, const char *path, struct kmr_error *err)
{
	struct kmr_survey *survey = NULL;
	struct kmr_series *series = NULL;
	const struct kmr_strip *strips;
	double adding, writing, bytes;
	struct stat st;
	int ret = -1;

	if (kmr_survey_create(&survey, &r->machine, err))
		return -1;
	bytes = allocated();
	if (!kmr_series_create(&series, r->machine.nr_zones, r->machine.nr_cpus,
			       kmr_survey_strips(survey, &strips), 0, err) &&
	    !fill_series(r, series, survey, &adding, err)) {
		bytes = allocated() - bytes;
		writing = now();
		ret = store(r, series, survey, path, err);
		writing = now() - writing;
	}
	if (!ret && !stat(path, &st))
		printf("  %u samples: %.1f us to add one, %.1f KiB each in memory; %.0f ms to "
		       "store them, %.1f KiB each in the database\n",
		       KMR_SERIES_DEFAULT - 1, adding * 1e6 / (KMR_SERIES_DEFAULT - 1),
		       bytes / 1024 / (KMR_SERIES_DEFAULT - 1), writing * 1e3,
		       (double)st.st_size / 1024 / (KMR_SERIES_DEFAULT - 1));
	kmr_series_destroy(series);
	kmr_survey_destroy(survey);
	return ret;
}

/* Values as latencies have them: most alike, some up to a thousand times as large. */
static void bench_histograms(void)
{
	static struct kmr_loglin coarse;
	uint64_t *values = malloc(VALUES * sizeof(*values));
	double start, fine_took, coarse_took, before;
	struct kmr_hist fine;

	if (!values)
		return;
	for (unsigned int i = 0; i < VALUES; i++)
		values[i] = 90000 + (random64() % 20000 << random64() % 16 * (i % 8 == 0));
	before = allocated();
	kmr_hist_init(&fine);
	start = now();
	for (unsigned int i = 0; i < VALUES; i++)
		kmr_hist_record(&fine, values[i]);
	fine_took = now() - start;
	start = now();
	for (unsigned int i = 0; i < VALUES; i++)
		kmr_loglin_add(&coarse, values[i]);
	coarse_took = now() - start;
	printf("histograms of %u values: %.2f ns each, %.1f KiB, with 3 digits; %.2f ns, %.1f KiB "
	       "with 16 buckets to a power of two\n",
	       VALUES, fine_took * 1e9 / VALUES, (allocated() - before) / 1024,
	       coarse_took * 1e9 / VALUES, sizeof(coarse) / 1024.0);
	if (kmr_hist_percentile(&fine, 99900) < 90000)
		printf("p99.9 below what there is\n");
	kmr_hist_fini(&fine);
	free(values);
}

static int time_view(sqlite3 *db, const char *view)
{
	const double start = now();
	unsigned long rows = 0;
	sqlite3_stmt *stmt;
	char query[128];
	int rc;

	(void)snprintf(query, sizeof(query), "SELECT * FROM %s", view);
	if (sqlite3_prepare_v2(db, query, -1, &stmt, NULL))
		return -1;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		rows++;
	(void)sqlite3_finalize(stmt);
	printf("  %-20s %7lu rows %8.1f ms\n", view, rows, (now() - start) * 1e3);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* Every view of a database. */
static int time_views(const char *path, struct kmr_error *err)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db;
	int ret;

	if (kmr_db_open(&db, path, err))
		return -1;
	ret = sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'view'", -1,
				 &stmt, NULL);
	while (!ret && sqlite3_step(stmt) == SQLITE_ROW)
		ret = time_view(db, (const char *)sqlite3_column_text(stmt, 0));
	if (ret)
		(void)kmr_db_fail(db, path, err);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return ret ? -1 : 0;
}

static int bench_views(const char *path, struct kmr_error *err)
{
	static const char trace[] = KMR_SOURCE_ROOT "/traces/i386-slub-compile/trace.txt.zst";
	const struct kmr_replay_options options = { .trace = trace,
						    .object = "slub",
						    .output = path };
	struct kmr_replay_result *r = calloc(1, sizeof(*r));
	struct stat st;
	int ret;

	if (!r)
		return kmr_fail_nomem(err, "a result");
	ret = kmr_replay(&options, r, err);
	if (!ret && !stat(path, &st))
		printf("views of the bundled capture's database, %.1f MiB\n",
		       (double)st.st_size / 1048576);
	if (!ret) {
		kmr_replay_result_free(r);
		ret = time_views(path, err);
	}
	free(r);
	return ret;
}

static int bench_machine(const char *ram, const char *path, struct kmr_error *err)
{
	struct rig *r = rig_new(ram, err);
	int ret;

	if (!r)
		return -1;
	printf("machine with %s\n", ram);
	ret = bench_survey(r, err) || bench_samples(r, path, err) ? -1 : 0;
	rig_free(r);
	return ret;
}

int main(int argc, char **argv)
{
	static const char *const usual[] = { "1G", "16G", "64G" };
	char dir[] = "/tmp/kmr-bench-XXXXXX", path[64];
	struct kmr_error err = { "" };
	int ret = 0;

	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/run.db", dir);
	for (int i = 1; i < argc && !ret; i++)
		ret = bench_machine(argv[i], path, &err);
	for (int i = 0; i < 3 && argc < 2 && !ret; i++)
		ret = bench_machine(usual[i], path, &err);
	if (!ret) {
		bench_histograms();
		ret = bench_views(path, &err);
	}
	if (ret)
		(void)fprintf(stderr, "%s\n", err.msg);
	(void)unlink(path);
	(void)rmdir(dir);
	return ret ? 1 : 0;
}
