// SPDX-License-Identifier: GPL-2.0-only
/* Reports: figures against numbers worked out here, what is said first, and what is not known. */
#include "kmreplay/report.h"
#include "metrics/fixture.h"
#include "report/latency.h"
#include "report/over_time.h"
#include "written.h"

static struct fixture *stored(unsigned int nr_samples)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE];
	struct kmr_error err;

	cr_assert_eq(fixture_store(f, f->db, nr_samples, digest, &err), 0, "%s", err.msg);
	return f;
}

static void change(const char *path, const char *sql)
{
	sqlite3 *db = open_raw(path);

	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), 0, "%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

/* A report of the databases; the caller frees. */
static char *report(const char *const *databases, size_t nr, enum kmr_report_format format)
{
	const struct kmr_report_options o = { .format = format,
					      .program = "kmreplay",
					      .no_plots = true };
	struct kmr_error err = { "" };
	FILE *out = tmpfile();

	cr_assert_not_null(out);
	cr_assert_eq(kmr_report(databases, nr, &o, out, &err), 0, "%s", err.msg);
	return written(out);
}

static struct kmr_value value_of(const char *path, const char *key)
{
	struct kmr_value *values = calloc(kmr_nr_metrics, sizeof(*values));
	struct kmr_database d = { open_raw(path), path };
	struct kmr_value value;
	struct kmr_error err;

	cr_assert_geq(kmr_metric_index(key), 0, "%s", key);
	cr_assert_eq(kmr_metrics_read(&d, 1, values, &err), 0, "%s", err.msg);
	value = values[kmr_metric_index(key)];
	(void)sqlite3_close(d.db);
	free(values);
	return value;
}

/* Free blocks of both zones as the fixture has them. */
static uint64_t free_pages(unsigned int from_order)
{
	uint64_t pages = 0;

	for (uint64_t order = from_order; order < 11; order++)
		pages += (3 * order + 3 * order + 1 + 2 * (order % 3)) << order;
	return pages;
}

static void expect_value(const char *path, const char *key, double expected)
{
	const struct kmr_value v = value_of(path, key);

	cr_expect(v.known, "%s", key);
	cr_expect_float_eq(v.value, expected, 1e-9, "%s: %.12f, not %.12f", key, v.value, expected);
}

static void expect_unknown(const char *path, const char *key)
{
	cr_expect_not(value_of(path, key).known, "%s", key);
}

Test(report, metrics_of_the_fixture)
{
	struct fixture *f = stored(4);
	const double all = (double)free_pages(0);

	expect_value(f->db, "unusable_huge_end", 100 * (all - (double)free_pages(10)) / all);
	expect_value(f->db, "unusable_4_mean", 100 * (all - (double)free_pages(4)) / all);
	expect_value(f->db, "free_pages_end", 60040);
	expect_value(f->db, "page_failures", 1);
	expect_value(f->db, "page_failures_share", 100.0 / 7);
	expect_value(f->db, "extfrag", 1);
	expect_value(f->db, "extfrag_unmovable_movable", 1);
	expect_value(f->db, "page_steps", 11);
	expect_value(f->db, "slab_pages_mean", 3);
	expect_value(f->db, "slab_used_end", 100.0 * 37 / 149);
	expect_value(f->db, "numa_miss", 9);
	expect_value(f->db, "numa_remote", 0);
	expect_value(f->db, "holes_end", 1 + 6);
	fixture_free(f);
}

/* What no table tells is not known, and not 0. */
Test(report, what_is_not_there_is_not_known)
{
	struct fixture *f = stored(2);

	change(f->db, "DELETE FROM counter WHERE name LIKE 'objects.%' OR name = 'page.extfrag';"
		      "DELETE FROM vmap_sample; DELETE FROM numa_zone; DELETE FROM numa_traffic;"
		      "DELETE FROM cache_sample; DELETE FROM object_sample; DELETE FROM latency;"
		      "DELETE FROM sample_blocks; DELETE FROM sample_contig; DELETE FROM request");
	expect_unknown(f->db, "slab_pages_end");
	expect_unknown(f->db, "slab_pages_mean");
	expect_unknown(f->db, "slab_used_end");
	expect_unknown(f->db, "extfrag");
	expect_unknown(f->db, "holes_end");
	expect_unknown(f->db, "numa_miss");
	expect_unknown(f->db, "numa_remote");
	expect_unknown(f->db, "page_alloc_p99");
	expect_unknown(f->db, "compactable_end");
	expect_unknown(f->db, "contiguous_end");
	expect_unknown(f->db, "huge_success");
	expect_unknown(f->db, "thp_success");
	fixture_free(f);
}

/* What surveys of frames and counts of requests give, over zones of unlike size. */
Test(report, metrics_of_surveys)
{
	struct fixture *f = stored(2);

	change(f->db,
	       "DELETE FROM sample_blocks; DELETE FROM sample_contig; DELETE FROM request;"
	       "INSERT INTO sample_blocks (run, sample, zone, empty, movable, unmovable, mixed,"
	       " movable_pages, unmovable_pages, mixed_age, cut) VALUES"
	       " (1, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0), (1, 1, 0, 10, 20, 6, 4, 1, 1, 0, 2),"
	       " (1, 1, 1, 5, 0, 3, 2, 1, 1, 0, 0);"
	       "INSERT INTO sample_contig VALUES (1, 1, 0, 3, 10, 100), (1, 1, 0, 10, 1, 1100),"
	       " (1, 1, 1, 12, 1, 4800);"
	       "INSERT INTO request VALUES (1, 0, 50, 10, 0, 0), (1, 10, 40, 10, 20, 1)");
	expect_value(f->db, "compactable_end", 100.0 * (28 + 5) / 50);
	expect_value(f->db, "mixed_end", 6);
	expect_value(f->db, "contiguous_end", 100.0 * 5900 / 6000);
	expect_value(f->db, "huge_success", 75);
	expect_value(f->db, "thp_success", 95);
	expect_value(f->db, "huge_requests", 40);
	fixture_free(f);
}

/* A sample counts for as long as it lasted, and one with nothing free is all unusable. */
Test(report, means_over_time)
{
	struct fixture *f = stored(3);
	const double all = (double)free_pages(0);
	const double some = 100 * (all - (double)free_pages(10)) / all;

	/* 1 ms as it is, 3 ms with nothing free, then the end */
	change(f->db, "DELETE FROM sample_free WHERE sample = 1;"
		      "UPDATE sample SET time = 2004000000 WHERE sample = 2");
	expect_value(f->db, "unusable_huge_mean", (some + 3 * 100) / 4);
	expect_value(f->db, "unusable_huge_end", some);
	fixture_free(f);
}

/* HdrHistogram's percentiles: the end of the bucket in which the rank is reached. */
Test(report, percentiles)
{
	static const struct {
		unsigned int percentile;
		double ns;
	} cases[] = { { 50000, 0.101 }, { 90000, 0.101 }, { 90001, 0.203 },
		      { 99000, 0.203 }, { 99001, 5.0 },	  { 100000, 5.0 } };
	struct fixture *f = stored(2);
	struct kmr_database d = { NULL, f->db };
	struct kmr_error err;
	double ns;

	change(f->db, "INSERT INTO latency VALUES (1, 'page_alloc', 0, 'pcp', 900, 1, 100, 101),"
		      " (1, 'page_alloc', 1, 'buddy', 100, 1, 200, 5000);"
		      "INSERT INTO latency_bucket VALUES (1, 'page_alloc', 0, 'pcp', 100, 2, 900),"
		      " (1, 'page_alloc', 1, 'buddy', 200, 4, 90),"
		      " (1, 'page_alloc', 1, 'buddy', 4990, 20, 10)");
	d.db = open_raw(f->db);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(
			kmr_latency_percentile(&d, 1, "page_alloc", cases[i].percentile, &ns, &err),
			1);
		cr_expect_float_eq(ns, cases[i].ns, 1e-9, "%u: %f", cases[i].percentile, ns);
	}
	cr_expect_eq(kmr_latency_percentile(&d, 1, "page_free", 50000, &ns, &err), 0);
	(void)sqlite3_close(d.db);
	fixture_free(f);
}

/* Every metric has a key of its own, a direction or none, and one way to be read. */
Test(report, table_of_metrics)
{
	for (unsigned int i = 0; i < kmr_nr_metrics; i++) {
		const struct kmr_metric *m = &kmr_metrics[i];

		cr_expect_eq(kmr_metric_index(m->key), (int)i, "%s is there twice", m->key);
		cr_expect_eq(!!m->sql + !!m->operation + !!m->over, 1, "%s", m->key);
		cr_expect_gt(m->floor, 0, "%s", m->key);
		cr_expect(m->name && m->unit, "%s", m->key);
	}
	cr_expect_eq(kmr_metric_index("nothing"), -1);
}

/* A second database: the same run with another backend, and four failures where it had one. */
static void store_other(struct fixture *f, char *path, size_t size)
{
	char digest[KMR_DIGEST_SIZE];
	struct kmr_error err;

	(void)snprintf(path, size, "%s/other.db", f->dir);
	f->run.backend = "linux-6.12";
	f->stats.failures = 4;
	cr_assert_eq(fixture_store(f, path, 2, digest, &err), 0, "%s", err.msg);
}

Test(report, says_first_who_did_best)
{
	struct fixture *f = stored(2);
	char other[160], *text;
	const char *const databases[] = { f->db, other };

	store_other(f, other, sizeof(other));
	text = report(databases, 2, KMR_REPORT_MD);
	cr_expect(!strncmp(text,
			   "# linux-6.1 and linux-6.12 on traces/a.zst\n\n"
			   "## Which did best, and by how much\n\n",
			   80),
		  "%s", text);
	cr_expect(strstr(text,
			 "- **Failures:** linux-6.1 is best with 1 request (requests for pages "
			 "that failed); linux-6.12 4 (+300.0 %).\n"),
		  "%s", text);
	cr_expect(strstr(text, "- **No difference:** "), "%s", text);
	cr_expect(strstr(text, "fallbacks to another mobility (1 event)"), "%s", text);
	cr_expect(strstr(text, "| requests for pages that failed | requests | **1** | 4 |\n"), "%s",
		  text);
	cr_expect(strstr(text, "| linux-6.12 | 4 |"), "%s", text);
	cr_expect(strstr(text, "| Unmovable | Movable | 1 | 1 | 1 | 9 | 0.500000 |"), "%s", text);
	free(text);
	fixture_free(f);
}

/* One run has nobody to be compared with. */
Test(report, of_one_run)
{
	struct fixture *f = stored(2);
	const char *const databases[] = { f->db };
	char *text = report(databases, 1, KMR_REPORT_TXT);

	cr_expect(strstr(text, "What came out\n-------------\n"), "%s", text);
	cr_expect(strstr(text, "- Failures: 1 request (requests for pages that failed), 14.2857 % "
			       "(share of\n"),
		  "%s", text);
	cr_expect_null(strstr(text, "best"), "%s", text);
	free(text);
	fixture_free(f);
}

/* Equal runs are told apart by number and level in everything. */
Test(report, of_equal_runs)
{
	struct fixture *f = stored(2);
	const char *const databases[] = { f->db, f->db };
	char *text = report(databases, 2, KMR_REPORT_TXT);

	cr_expect(strstr(text, "linux-6.1 #1"), "%s", text);
	cr_expect(strstr(text, "- No difference: in any of these: "), "%s", text);
	cr_expect_null(strstr(text, " is best "), "%s", text);
	free(text);
	fixture_free(f);
}

Test(report, of_different_inputs)
{
	struct fixture *f = stored(2);
	char other[160], *text;
	const char *const databases[] = { f->db, other };

	f->trace.events = 1000;
	store_other(f, other, sizeof(other));
	text = report(databases, 2, KMR_REPORT_MD);
	cr_expect(strstr(text, "> These runs are not of the same trace, so what differs is not the "
			       "policies' doing alone.\n"),
		  "%s", text);
	free(text);
	fixture_free(f);
}

/* What is equal gives what is equal, in every format. */
Test(report, is_reproducible)
{
	struct fixture *f = stored(5);
	const char *const databases[] = { f->db };

	for (int format = KMR_REPORT_HTML; format <= KMR_REPORT_TXT; format++) {
		char *a = report(databases, 1, (enum kmr_report_format)format);
		char *b = report(databases, 1, (enum kmr_report_format)format);

		cr_expect_str_eq(a, b);
		cr_expect(strstr(a, "kmalloc-64"), "%s", a);
		cr_expect(strstr(a, "traces/a.zst"), "%s", a);
		free(a);
		free(b);
	}
	fixture_free(f);
}

/* Names come from traces, and a database may come from anywhere. */
Test(report, hostile_names)
{
	struct fixture *f = stored(2);
	const char *const databases[] = { f->db };
	char *text;

	change(f->db,
	       "UPDATE cache SET name = '</td><script>alert(1)</script>' || char(27);"
	       "UPDATE origin SET trace = '\"><img src=x onerror=alert(1)>', command = '<b>';"
	       "UPDATE run SET backend = '<i>' || char(155)");
	text = report(databases, 1, KMR_REPORT_HTML);
	cr_expect(strstr(text, "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;?"), "%s", text);
	cr_expect_null(strstr(text, "<script"), "%s", text);
	cr_expect_null(strstr(text, "<img"), "%s", text);
	cr_expect_null(strstr(text, "<i>"), "%s", text);
	cr_expect_null(strchr(text, '\x1b'), "%s", text);
	free(text);
	text = report(databases, 1, KMR_REPORT_TXT);
	cr_expect_null(strchr(text, '\x1b'), "%s", text);
	cr_expect_null(strstr(text, "\xc2\x9b"), "%s", text);
	free(text);
	fixture_free(f);
}

Test(report, formats_by_name)
{
	enum kmr_report_format format;

	cr_expect_eq(kmr_report_format_by_name("json", &format), 0);
	cr_expect_eq(format, KMR_REPORT_JSON);
	cr_expect_eq(kmr_report_format_by_name("pdf", &format), -1);
}
