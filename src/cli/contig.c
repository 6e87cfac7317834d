// SPDX-License-Identifier: GPL-2.0-only
#include "cli/contig.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "report/table.h"

struct count {
	const char *name; /* JSON */
	const char *text;
	uint64_t value;
};

#define MAX_COUNTS 32

static unsigned int counts(const struct kmr_contig_report *r, struct count c[MAX_COUNTS])
{
	const struct kmr_contig_stats *s = &r->stats;
	const struct kmr_contig_work *w = &r->work;
	const struct count all[] = {
		{ "cma_requests", "CMA requests", s->cma_requests },
		{ "cma_failures", "  that fail only in the model", s->cma_failures },
		{ "cma_traced_failures", "  that failed in the trace", s->cma_traced_failures },
		{ "cma_rescued", "    of these, served by the model", s->cma_rescued },
		{ "cma_retries", "  ranges that were busy", w->cma_retries },
		{ "cma_releases", "CMA releases", s->cma_releases },
		{ "cma_dropped_releases", "  of what failed in the model",
		  s->cma_dropped_releases },
		{ "cma_unknown_releases", "  of what nobody asked for", s->cma_unknown_releases },
		{ "cma_repeated", "CMA requests for frames still live", s->cma_repeated },
		{ "cma_foreign", "events of CMA areas the machine lacks", s->cma_foreign },
		{ "cma_live_pages", "pages of CMA live at the end", s->cma_live_pages },
		{ "pages_migrated", "pages migrated", w->pages_migrated },
		{ "blocks_split", "  blocks split for want of room", w->blocks_split },
		{ "migrate_failures", "  blocks without room anywhere", w->migrate_failures },
		{ "onlined", "memory brought online", s->onlined },
		{ "online_failures", "  that could not be", s->online_failures },
		{ "pages_onlined", "  pages", w->pages_onlined },
		{ "offlined", "memory taken offline", s->offlined },
		{ "pages_offlined", "  pages", w->pages_offlined },
		{ "offline_busy", "  failed: something does not move", s->offline_busy },
		{ "offline_no_room", "  failed: nowhere to move to", s->offline_no_room },
		{ "offline_invalid", "  failed: no whole sections of one zone",
		  s->offline_invalid },
		{ "pool_changes", "changes of nr_hugepages", s->pool_changes },
		{ "pool_short", "  that got less than that", s->pool_short },
		{ "pool_pages", "huge pages in the pool at the end", s->pool_pages },
		{ "huge_replaced", "  moved out of the way", w->huge_replaced },
		{ "huge_dissolved", "  lost with their memory", w->huge_dissolved },
		{ "thp_requests", "requests of a huge page's size", s->thp_requests },
		{ "thp_failures", "  that fail in the model", s->thp_failures },
	};

	_Static_assert(ARRAY_SIZE(all) <= MAX_COUNTS, "they fit");
	memcpy(c, all, sizeof(all));
	return ARRAY_SIZE(all);
}

static void json_areas(struct kmr_json *j, const struct kmr_contig_report *r)
{
	kmr_json_array(j, "cma_areas");
	for (unsigned int i = 0; i < r->nr_areas; i++) {
		const struct kmr_cma_report *a = &r->areas[i];

		kmr_json_object(j, NULL);
		kmr_json_string(j, "name", a->name);
		kmr_json_uint(j, "pages", a->pages);
		kmr_json_uint(j, "requests", a->requests);
		kmr_json_uint(j, "failures", a->failures);
		kmr_json_uint(j, "live_pages", a->live_pages);
		kmr_json_uint(j, "peak_pages", a->peak_pages);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

void kmr_contig_json(struct kmr_json *j, const struct kmr_contig_report *r)
{
	struct count c[MAX_COUNTS];
	unsigned int n;

	if (!r->used && !r->stats.thp_requests)
		return;
	n = counts(r, c);
	kmr_json_object(j, "contiguous");
	for (unsigned int i = 0; i < n; i++)
		kmr_json_uint(j, c[i].name, c[i].value);
	if (r->first_busy != KMR_EV_NO_PFN)
		kmr_json_uint(j, "offline_first_busy_pfn", r->first_busy);
	json_areas(j, r);
	kmr_json_end_object(j);
}

int kmr_contig_text(const struct kmr_contig_report *r)
{
	static const struct kmr_column columns[] = { { "", NULL, KMR_ALIGN_LEFT },
						     { "", NULL, KMR_ALIGN_RIGHT } };
	struct count c[MAX_COUNTS];
	struct kmr_table *t;
	unsigned int n;

	if (!r->used && !r->stats.thp_requests)
		return 0;
	t = kmr_table_new("Contiguous memory", columns, 2);
	n = counts(r, c);
	for (unsigned int i = 0; i < n; i++) {
		if (!c[i].value)
			continue;
		kmr_table_text(t, c[i].text);
		kmr_table_count(t, c[i].value);
	}
	if (r->first_busy != KMR_EV_NO_PFN) {
		kmr_table_text(t, "  first page in the way, frame");
		kmr_table_format(t, "%" PRIu64, r->first_busy);
	}
	for (unsigned int i = 0; i < r->nr_areas; i++) {
		kmr_table_format(t, "area %s: most pages at once, of %" PRIu64, r->areas[i].name,
				 r->areas[i].pages);
		kmr_table_count(t, r->areas[i].peak_pages);
	}
	if (kmr_table_print(t, stdout))
		return -1;
	return printf("\n") < 0 ? -1 : 0;
}
