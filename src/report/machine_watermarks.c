// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel derives from the zones' sizes, as /proc/zoneinfo prints it (mm/vmstat.c). */
#include <inttypes.h>

#include "report/machine_sections.h"

/* Pages of CMA areas in a zone. */
static uint64_t cma_pages(const struct kmr_machine *m, const struct kmr_zone_spec *z)
{
	const uint64_t end = z->start_pfn + z->spanned;
	uint64_t pages = 0;

	for (unsigned int i = 0; i < m->nr_cma; i++) {
		const struct kmr_cma_area *a = &m->cma[i];

		if (a->start_pfn >= z->start_pfn && a->start_pfn < end)
			pages += a->pages;
	}
	return pages;
}

static void print_zone(const struct kmr_machine *m, const struct kmr_zone_spec *z, FILE *out)
{
	const char *sep = "(";

	(void)fprintf(out, "Node %u, zone %8s\n", z->node, kmr_zone_name(z->type));
	(void)fprintf(out, "        boost    %" PRIu64 "\n", z->boost);
	(void)fprintf(out, "        min      %" PRIu64 "\n", z->wmark_min + z->boost);
	(void)fprintf(out, "        low      %" PRIu64 "\n", z->wmark_low + z->boost);
	(void)fprintf(out, "        high     %" PRIu64 "\n", z->wmark_high + z->boost);
	(void)fprintf(out, "        spanned  %" PRIu64 "\n", z->spanned);
	(void)fprintf(out, "        present  %" PRIu64 "\n", z->present);
	(void)fprintf(out, "        managed  %" PRIu64 "\n", z->managed);
	(void)fprintf(out, "        cma      %" PRIu64 "\n", cma_pages(m, z));
	(void)fprintf(out, "        protection: ");
	for (unsigned int t = 0; t < KMR_ZONE_NR_TYPES; t++) {
		if (!m->has_type[t])
			continue;
		(void)fprintf(out, "%s%" PRIu64, sep, z->reserve[t]);
		sep = ", ";
	}
	(void)fprintf(out, ")\n  pagesets\n");
	(void)fprintf(out, m->nr_cpus > 1 ? "    cpu: 0-%u\n" : "    cpu: %u\n", m->nr_cpus - 1);
	(void)fprintf(out, "              high:  %" PRIu32 "\n", z->pcp_high);
	(void)fprintf(out, "              batch: %" PRIu32 "\n", z->pcp_batch);
	(void)fprintf(out, "  vm stats threshold: %" PRIu32 "\n", z->stat_threshold);
	(void)fprintf(out, "  start_pfn:           %" PRIu64 "\n", z->start_pfn);
}

static int watermarks_text(const struct kmr_machine *m, FILE *out)
{
	(void)fprintf(out, "min_free_kbytes %" PRIu64 "\n", m->min_free_kbytes);
	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].present)
			print_zone(m, &m->zones[i], out);
	return 0;
}

static void json_zone(const struct kmr_machine *m, const struct kmr_zone_spec *z,
		      struct kmr_json *j)
{
	kmr_json_object(j, NULL);
	kmr_json_uint(j, "node", z->node);
	kmr_json_string(j, "name", kmr_zone_name(z->type));
	kmr_json_uint(j, "boost", z->boost);
	kmr_json_uint(j, "min", z->wmark_min + z->boost);
	kmr_json_uint(j, "low", z->wmark_low + z->boost);
	kmr_json_uint(j, "high", z->wmark_high + z->boost);
	kmr_json_uint(j, "cma", cma_pages(m, z));
	kmr_json_object(j, "protection");
	for (unsigned int t = 0; t < KMR_ZONE_NR_TYPES; t++)
		if (m->has_type[t])
			kmr_json_uint(j, kmr_zone_name((enum kmr_zone_type)t), z->reserve[t]);
	kmr_json_end_object(j);
	kmr_json_uint(j, "pcp_high", z->pcp_high);
	kmr_json_uint(j, "pcp_batch", z->pcp_batch);
	kmr_json_uint(j, "stat_threshold", z->stat_threshold);
	kmr_json_end_object(j);
}

static int watermarks_json(const struct kmr_machine *m, struct kmr_json *j)
{
	kmr_json_uint(j, "min_free_kbytes", m->min_free_kbytes);
	kmr_json_array(j, "zones");
	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].present)
			json_zone(m, &m->zones[i], j);
	kmr_json_end_array(j);
	return 0;
}

const struct kmr_machine_section kmr_section_watermarks = { "watermarks", watermarks_text,
							    watermarks_json };
