// SPDX-License-Identifier: GPL-2.0-only
#include "report/latency.h"

#include "base/hist.h"

#define PS_PER_NS 1000.0

int kmr_latency_walk(const struct kmr_database *d, sqlite3_stmt *row, uint64_t count,
		     uint64_t longest, const unsigned int *percentiles, unsigned int nr, double *ns,
		     struct kmr_error *err)
{
	uint64_t seen = 0, last;
	unsigned int i = 0;
	int ret;

	for (unsigned int k = 0; k < nr; k++)
		ns[k] = (double)longest / PS_PER_NS;
	while (i < nr && (ret = kmr_query_next(d, row, err))) {
		if (ret < 0)
			return -1;
		seen += kmr_query_count(row, 2);
		last = kmr_query_count(row, 0) + kmr_query_count(row, 1) - 1;
		for (; i < nr && seen >= kmr_hist_rank(count, percentiles[i]); i++)
			if (last < longest)
				ns[i] = (double)last / PS_PER_NS;
	}
	return 0;
}

int kmr_latency_percentile(const struct kmr_database *d, sqlite3_int64 run, const char *operation,
			   unsigned int percentile, double *ns, struct kmr_error *err)
{
	sqlite3_stmt *row;
	uint64_t count = 0, longest = 0;
	int ret;

	if (kmr_query_begin(d,
			    "SELECT sum(count), max(longest) FROM latency"
			    " WHERE run = ?1 AND operation = ?2",
			    run, &row, err))
		return -1;
	(void)sqlite3_bind_text(row, 2, operation, -1, SQLITE_STATIC);
	ret = kmr_query_next(d, row, err);
	if (ret > 0) {
		count = kmr_query_count(row, 0);
		longest = kmr_query_count(row, 1);
	}
	(void)sqlite3_finalize(row);
	if (ret <= 0 || !count)
		return ret < 0 ? -1 : 0;
	if (kmr_query_begin(d,
			    "SELECT low, width, sum(count) FROM latency_bucket WHERE run = ?1"
			    " AND operation = ?2 GROUP BY low, width ORDER BY low",
			    run, &row, err))
		return -1;
	(void)sqlite3_bind_text(row, 2, operation, -1, SQLITE_STATIC);
	ret = kmr_latency_walk(d, row, count, longest, &percentile, 1, ns, err);
	(void)sqlite3_finalize(row);
	return ret ? -1 : 1;
}
