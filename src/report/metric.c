// SPDX-License-Identifier: GPL-2.0-only
#include "report/metric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/doc.h"
#include "report/latency.h"
#include "report/over_time.h"

const char *kmr_topic_name(enum kmr_topic topic)
{
	static const char *const names[KMR_NR_TOPICS] = {
		[KMR_TOPIC_FRAGMENTATION] = "Fragmentation",
		[KMR_TOPIC_FAILURES] = "Failures",
		[KMR_TOPIC_HUGE] = "Huge pages",
		[KMR_TOPIC_EXTFRAG] = "Fallbacks",
		[KMR_TOPIC_SLAB] = "Slab memory",
		[KMR_TOPIC_WASTE] = "Internal waste",
		[KMR_TOPIC_LATENCY] = "Latency",
		[KMR_TOPIC_WORK] = "Work",
		[KMR_TOPIC_RECLAIM] = "Reclaim and compaction",
		[KMR_TOPIC_NUMA] = "Nodes",
		[KMR_TOPIC_ADDRESSES] = "Kernel addresses",
	};

	return names[topic];
}

int kmr_metric_index(const char *key)
{
	for (unsigned int i = 0; i < kmr_nr_metrics; i++)
		if (!strcmp(kmr_metrics[i].key, key))
			return (int)i;
	return -1;
}

int kmr_metrics_read(const struct kmr_database *d, sqlite3_int64 run, struct kmr_value *values,
		     struct kmr_error *err)
{
	struct kmr_value over[KMR_NR_OVER];

	if (kmr_over_time_read(d, run, over, err))
		return -1;
	for (unsigned int i = 0; i < kmr_nr_metrics; i++) {
		const struct kmr_metric *m = &kmr_metrics[i];
		struct kmr_value *v = &values[i];
		int ret;

		v->value = 0;
		if (m->sql)
			ret = kmr_query_value(d, m->sql, run, &v->value, err);
		else if (m->operation)
			ret = kmr_latency_percentile(d, run, m->operation, m->percentile, &v->value,
						     err);
		else
			ret = over[m->over].known;
		if (ret < 0)
			return -1;
		if (m->over)
			v->value = over[m->over].value;
		v->known = ret > 0;
	}
	return 0;
}

bool kmr_metric_differs(const struct kmr_metric *metric, double a, double b)
{
	const double least = metric->floor * (1 - 1e-9); /* 0.1 is none that 0.3 - 0.2 reaches */
	const double larger = fabs(a) > fabs(b) ? fabs(a) : fabs(b);

	/* a percentile is known up to the width of its bucket, a thousandth */
	if (metric->operation && fabs(a - b) <= larger * 0.001)
		return false;
	return fabs(a - b) >= least;
}

void kmr_metric_show(const struct kmr_metric *metric, double value, char *text, size_t size)
{
	const struct kmr_cell cell = { .kind = KMR_CELL_REAL,
				       .decimals = metric->decimals,
				       .real = value };
	const char *unit = metric->unit;
	size_t len = strlen(unit);
	char *number = kmr_cell_show(&cell);

	if (number && !strcmp(number, "1") && len && unit[len - 1] == 's')
		len--; /* "1 page": all units of counts are regular */
	(void)snprintf(text, size, "%s%s%.*s", number ? number : "?", len ? " " : "", (int)len,
		       unit);
	free(number);
}
