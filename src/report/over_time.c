// SPDX-License-Identifier: GPL-2.0-only
#include "report/over_time.h"

#include <string.h>

#define ORDER_4	     4u
#define MANY_SAMPLES 32768 /* of one run */

/* A value that holds until the next one. */
struct mean {
	double sum, weight, last;
	uint64_t since; /* ns */
	bool any;
};

static void mean_set(struct mean *m, uint64_t time, double value)
{
	if (m->any && time > m->since) {
		m->sum += m->last * (double)(time - m->since);
		m->weight += (double)(time - m->since);
	}
	if (!m->any || time > m->since)
		m->since = time;
	m->last = value;
	m->any = true;
}

static void mean_get(const struct mean *m, struct kmr_value *mean, struct kmr_value *end)
{
	mean->known = m->any;
	mean->value = m->weight > 0 ? m->sum / m->weight : m->last;
	if (!end)
		return;
	end->known = m->any;
	end->value = m->last;
}

/* Free pages of one sample: all, and those in blocks large enough. */
struct free_pages {
	uint64_t all, order_4, huge;
};

/* As unusable_free_index() has it: nothing free is all unusable. */
static double unusable(uint64_t all, uint64_t suitable)
{
	return all ? 100.0 * (double)(all - suitable) / (double)all : 100.0;
}

struct unusable_means {
	struct mean order_4, huge;
};

static void add_sample(struct unusable_means *means, uint64_t time, const struct free_pages *f)
{
	mean_set(&means->order_4, time, unusable(f->all, f->order_4));
	mean_set(&means->huge, time, unusable(f->all, f->huge));
}

/* The free lists of one sample; @lists is left for the next one. */
static int take_lists(const struct kmr_database *d, sqlite3_stmt *lists, sqlite3_int64 sample,
		      unsigned int pageblock_order, struct free_pages *f, struct kmr_error *err)
{
	int ret;

	memset(f, 0, sizeof(*f));
	(void)sqlite3_bind_int64(lists, 2, sample);
	while ((ret = kmr_query_next(d, lists, err)) > 0) {
		const uint64_t order = kmr_query_count(lists, 0);
		const uint64_t pages = order < 32 ? kmr_query_count(lists, 1) << order : 0;

		f->all += pages;
		f->order_4 += order >= ORDER_4 ? pages : 0;
		f->huge += order >= pageblock_order ? pages : 0;
	}
	(void)sqlite3_reset(lists);
	return ret;
}

static int walk_samples(const struct kmr_database *d, sqlite3_stmt *samples, sqlite3_stmt *lists,
			unsigned int pageblock_order, struct unusable_means *means,
			struct kmr_error *err)
{
	struct free_pages f;
	int ret;

	while ((ret = kmr_query_next(d, samples, err)) > 0) {
		ret = take_lists(d, lists, sqlite3_column_int64(samples, 0), pageblock_order, &f,
				 err);
		if (ret)
			break;
		add_sample(means, kmr_query_count(samples, 1), &f);
	}
	return ret;
}

/*
 * The samples that are looked at: all of them or, of very many, one in every so many and the last.
 * The first may not know its time, which is then that of the first event.
 */
static const char samples_query[] =
	"SELECT s.sample, max(s.time, r.first_time) FROM sample s JOIN run r USING (run)"
	" WHERE s.run = ?1 AND (s.sample % ?2 = 0 OR s.sample ="
	"	(SELECT max(sample) FROM sample WHERE run = ?1)) ORDER BY s.sample";

static const char lists_query[] =
	"SELECT page_order, blocks FROM sample_free WHERE run = ?1 AND sample = ?2";

static int read_unusable(const struct kmr_database *d, sqlite3_int64 run,
			 struct kmr_value values[KMR_NR_OVER], struct kmr_error *err)
{
	struct unusable_means means = { .huge = { .any = false } };
	sqlite3_stmt *samples = NULL, *lists = NULL;
	double pageblock_order = 0, count = 0;
	int ret;

	if (kmr_query_value(d, "SELECT pageblock_order FROM machine WHERE run = ?1", run,
			    &pageblock_order, err) < 0 ||
	    kmr_query_value(d, "SELECT count(*) FROM sample WHERE run = ?1", run, &count, err) < 0)
		return -1;
	ret = kmr_query_begin(d, samples_query, run, &samples, err) ||
	      kmr_query_begin(d, lists_query, run, &lists, err);
	if (!ret) {
		(void)sqlite3_bind_int64(samples, 2, 1 + (sqlite3_int64)count / MANY_SAMPLES);
		ret = walk_samples(d, samples, lists, (unsigned int)pageblock_order, &means, err);
	}
	(void)sqlite3_finalize(samples);
	(void)sqlite3_finalize(lists);
	mean_get(&means.order_4, &values[KMR_OVER_UNUSABLE_4_MEAN],
		 &values[KMR_OVER_UNUSABLE_4_END]);
	mean_get(&means.huge, &values[KMR_OVER_UNUSABLE_HUGE_MEAN],
		 &values[KMR_OVER_UNUSABLE_HUGE_END]);
	return ret ? -1 : 0;
}

/* Pages that the object backend held. */
static int read_slab_pages(const struct kmr_database *d, sqlite3_int64 run, struct kmr_value *value,
			   struct kmr_error *err)
{
	struct mean pages = { .any = false };
	sqlite3_stmt *row;
	int ret;

	if (kmr_query_begin(d,
			    "SELECT max(o.time, r.first_time), o.pages"
			    " FROM object_sample o JOIN run r USING (run)"
			    " WHERE o.run = ?1 ORDER BY o.sample",
			    run, &row, err))
		return -1;
	while ((ret = kmr_query_next(d, row, err)) > 0)
		mean_set(&pages, kmr_query_count(row, 0), (double)kmr_query_count(row, 1));
	(void)sqlite3_finalize(row);
	mean_get(&pages, value, NULL);
	return ret;
}

/* Of what caches had last; not of SLOB, whose pages have no slots of one size. */
static const char slots_query[] = "SELECT 100.0 * sum(active) / sum(objects)"
				  " FROM (SELECT active, objects, max(sample) FROM cache_sample"
				  "	WHERE run = ?1 GROUP BY cache)"
				  " WHERE (SELECT object FROM run WHERE run = ?1) <> 'slob'";

static int read_slabs(const struct kmr_database *d, sqlite3_int64 run,
		      struct kmr_value values[KMR_NR_OVER], struct kmr_error *err)
{
	struct kmr_value *used = &values[KMR_OVER_SLAB_USED_END];
	int ret;

	if (read_slab_pages(d, run, &values[KMR_OVER_SLAB_PAGES_MEAN], err))
		return -1;
	ret = kmr_query_value(d, slots_query, run, &used->value, err);
	used->known = ret > 0;
	return ret < 0 ? -1 : 0;
}

int kmr_over_time_read(const struct kmr_database *d, sqlite3_int64 run,
		       struct kmr_value values[KMR_NR_OVER], struct kmr_error *err)
{
	memset(values, 0, KMR_NR_OVER * sizeof(*values));
	return read_unusable(d, run, values, err) || read_slabs(d, run, values, err) ? -1 : 0;
}
