// SPDX-License-Identifier: GPL-2.0-only
#include "cli/latency.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/hist.h"
#include "report/table.h"
#include "report/units.h"

/* Nanoseconds with one decimal, "1,234.5". */
static void cell(struct kmr_table *t, uint64_t ps)
{
	char whole[KMR_UNITS_SIZE];
	const uint64_t tenths = ps / 100 + (ps % 100 >= 50);

	kmr_table_format(t, "%s.%" PRIu64, kmr_units_count(whole, tenths / 10), tenths % 10);
}

static void json_times(struct kmr_json *j, const struct kmr_latency_summary *s)
{
	kmr_json_uint(j, "count", s->count);
	kmr_json_double(j, "p50_ns", (double)s->p50 / 1000, 3);
	kmr_json_double(j, "p99_ns", (double)s->p99 / 1000, 3);
	kmr_json_double(j, "p999_ns", (double)s->p999 / 1000, 3);
	kmr_json_double(j, "max_ns", (double)s->max / 1000, 3);
}

static void json_row(struct kmr_json *j, const struct kmr_latency_row *row)
{
	const struct kmr_latency_summary s = {
		.count = row->hist->count,
		.p50 = kmr_hist_percentile(row->hist, 50000),
		.p99 = kmr_hist_percentile(row->hist, 99000),
		.p999 = kmr_hist_percentile(row->hist, 99900),
		.max = row->hist->max,
	};

	kmr_json_object(j, NULL);
	kmr_json_uint(j, "order", row->order);
	kmr_json_string(j, "path", kmr_path_name(row->path));
	json_times(j, &s);
	kmr_json_end_object(j);
}

void kmr_latency_json(struct kmr_json *j, const struct kmr_latency_report *report)
{
	kmr_json_array(j, "latency");
	for (unsigned int o = 0; o < KMR_NR_OPERATIONS; o++) {
		struct kmr_latency_summary s;

		if (kmr_latency_summarise(report, (enum kmr_operation)o, &s) || !s.count)
			continue;
		kmr_json_object(j, NULL);
		kmr_json_string(j, "operation", kmr_operation_name(o));
		json_times(j, &s);
		kmr_json_array(j, "paths");
		for (size_t i = 0; i < report->nr_rows; i++)
			if (report->rows[i].operation == o)
				json_row(j, &report->rows[i]);
		kmr_json_end_array(j);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

int kmr_latency_text(const struct kmr_latency_report *report)
{
	static const struct kmr_column columns[] = {
		{ "operation", NULL, KMR_ALIGN_LEFT }, { "count", NULL, KMR_ALIGN_RIGHT },
		{ "p50", NULL, KMR_ALIGN_RIGHT },      { "p99", NULL, KMR_ALIGN_RIGHT },
		{ "p99.9", NULL, KMR_ALIGN_RIGHT },    { "max", NULL, KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t;

	if (!report->nr_rows)
		return 0;
	t = kmr_table_new("Simulated latency, ns", columns, 6);
	for (unsigned int o = 0; o < KMR_NR_OPERATIONS; o++) {
		struct kmr_latency_summary s;

		if (kmr_latency_summarise(report, (enum kmr_operation)o, &s) || !s.count)
			continue;
		kmr_table_text(t, kmr_operation_name(o));
		kmr_table_count(t, s.count);
		cell(t, s.p50);
		cell(t, s.p99);
		cell(t, s.p999);
		cell(t, s.max);
	}
	return kmr_table_print(t, stdout) || printf("\n") < 0 ? -1 : 0;
}
