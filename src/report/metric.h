/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run is summed up by: one table of metrics, each with its unit, what is better, how it is
 * read out of a database, and how large a difference has to be to mean something.  Reports and
 * comparisons of two runs both walk it.
 */
#ifndef REPORT_METRIC_H
#define REPORT_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "kmreplay/error.h"
#include "metrics/query.h"

enum kmr_better {
	KMR_BETTER_NEITHER,
	KMR_BETTER_LESS,
	KMR_BETTER_MORE
};

enum kmr_topic {
	KMR_TOPIC_FRAGMENTATION,
	KMR_TOPIC_FAILURES,
	KMR_TOPIC_HUGE,
	KMR_TOPIC_EXTFRAG,
	KMR_TOPIC_SLAB,
	KMR_TOPIC_WASTE,
	KMR_TOPIC_LATENCY,
	KMR_TOPIC_WORK,
	KMR_TOPIC_RECLAIM,
	KMR_TOPIC_NUMA,
	KMR_TOPIC_ADDRESSES,
	KMR_NR_TOPICS
};

/* Means over time and ends of series, which one pass over the samples gives; see over_time.h. */
enum kmr_over_time {
	KMR_OVER_NONE,
	KMR_OVER_UNUSABLE_HUGE_MEAN,
	KMR_OVER_UNUSABLE_HUGE_END,
	KMR_OVER_UNUSABLE_4_MEAN,
	KMR_OVER_UNUSABLE_4_END,
	KMR_OVER_SLAB_PAGES_MEAN,
	KMR_OVER_SLAB_USED_END,
	KMR_NR_OVER
};

struct kmr_metric {
	const char *key; /* a word, for JSON and CSV */
	const char *name;
	const char *unit; /* "" for plain counts */
	/* how it is read: a query of run ?1 (no row or NULL: there is no such thing in it), ... */
	const char *sql;
	/* ... a percentile, in thousandths of a percent, of an operation's latency, ... */
	const char *operation;
	unsigned int percentile;
	enum kmr_over_time over; /* ... or from the samples */
	double floor; /* smaller differences, in its unit, are called none */
	enum kmr_topic topic;
	enum kmr_better better;
	unsigned int decimals;
};

/* A value of a metric in one run. */
struct kmr_value {
	bool known;
	double value;
};

extern const struct kmr_metric kmr_metrics[];
extern const unsigned int kmr_nr_metrics;

const char *kmr_topic_name(enum kmr_topic topic);

/* -1: there is none with this key. */
int kmr_metric_index(const char *key);

/* Reads all metrics of a run into @values, as many as there are metrics. */
int kmr_metrics_read(const struct kmr_database *d, sqlite3_int64 run, struct kmr_value *values,
		     struct kmr_error *err);

/* Is the difference of two values of @metric large enough to mean something? */
bool kmr_metric_differs(const struct kmr_metric *metric, double a, double b);

/* "1,234 pages", "12.3 %"; @text of @size bytes. */
void kmr_metric_show(const struct kmr_metric *metric, double value, char *text, size_t size);

#endif
