// SPDX-License-Identifier: GPL-2.0-only
/* Zones: what free_area_init() (mm/page_alloc.c, later mm/mm_init.c) prints, and their sizes. */
#include <inttypes.h>

#include "kmreplay/figures.h"
#include "report/machine_sections.h"
#include "report/table.h"

static void print_range(const struct kmr_machine *m, uint64_t start, uint64_t end, FILE *out)
{
	(void)fprintf(out, "[mem 0x%016" PRIx64 "-0x%016" PRIx64 "]\n", kmr_bytes_of(m, start),
		      kmr_bytes_of(m, end) - 1);
}

static void print_zone_ranges(const struct kmr_machine *m, FILE *out)
{
	struct kmr_frame_range r;

	(void)fprintf(out, "Zone ranges:\n");
	for (unsigned int t = 0; t < KMR_ZONE_MOVABLE; t++) {
		if (!m->has_type[t])
			continue;
		(void)fprintf(out, "  %-8s ", kmr_zone_name((enum kmr_zone_type)t));
		if (kmr_machine_zone_range(m, (enum kmr_zone_type)t, &r))
			print_range(m, r.start_pfn, r.end_pfn, out);
		else
			(void)fprintf(out, "empty\n");
	}
	(void)fprintf(out, "Movable zone start for each node\n");
	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].type == KMR_ZONE_MOVABLE && m->zones[i].present)
			(void)fprintf(out, "  Node %u: 0x%016" PRIx64 "\n", m->zones[i].node,
				      kmr_bytes_of(m, m->zones[i].start_pfn));
}

/* The node's frames from its first to its last; false: it has no memory. */
static bool node_span(const struct kmr_machine *m, unsigned int node, uint64_t *start,
		      uint64_t *end)
{
	*start = UINT64_MAX;
	*end = 0;
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		if (z->node != node || !z->present)
			continue;
		if (z->start_pfn < *start)
			*start = z->start_pfn;
		if (z->start_pfn + z->spanned > *end)
			*end = z->start_pfn + z->spanned;
	}
	return *end;
}

static void print_nodes(const struct kmr_machine *m, FILE *out)
{
	struct kmr_frame_range ranges[KMR_MAX_NODE_RANGES];
	const unsigned int nr = kmr_machine_node_ranges(m, ranges);
	uint64_t start, end;

	(void)fprintf(out, "Early memory node ranges\n");
	for (unsigned int i = 0; i < nr; i++) {
		(void)fprintf(out, "  node %3u: ", ranges[i].node);
		print_range(m, ranges[i].start_pfn, ranges[i].end_pfn, out);
	}
	for (unsigned int node = 0; node < m->nr_nodes; node++) {
		(void)fprintf(out, "Initmem setup node %u ", node);
		if (node_span(m, node, &start, &end))
			print_range(m, start, end, out);
		else
			(void)fprintf(out, "as memoryless\n");
	}
}

static int print_sizes(const struct kmr_machine *m, FILE *out)
{
	static const struct kmr_column columns[] = {
		{ "zone", NULL, KMR_ALIGN_LEFT },     { "start_pfn", NULL, KMR_ALIGN_RIGHT },
		{ "spanned", NULL, KMR_ALIGN_RIGHT }, { "holes", NULL, KMR_ALIGN_RIGHT },
		{ "present", NULL, KMR_ALIGN_RIGHT }, { "managed", NULL, KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t = kmr_table_new(NULL, columns, 6);
	uint64_t spanned = 0, present = 0, managed = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		kmr_table_format(t, "%u %s", z->node, kmr_zone_name(z->type));
		kmr_table_format(t, "%" PRIu64, z->start_pfn);
		kmr_table_count(t, z->spanned);
		kmr_table_count(t, z->spanned - z->present);
		kmr_table_count(t, z->present);
		kmr_table_count(t, z->managed);
		spanned += z->spanned;
		present += z->present;
		managed += z->managed;
	}
	kmr_table_rule(t);
	kmr_table_text(t, "all, pages");
	kmr_table_text(t, "");
	kmr_table_count(t, spanned);
	kmr_table_count(t, spanned - present);
	kmr_table_count(t, present);
	kmr_table_count(t, managed);
	(void)fprintf(out, "\n");
	return kmr_table_print(t, out);
}

static int zones_text(const struct kmr_machine *m, FILE *out)
{
	print_zone_ranges(m, out);
	print_nodes(m, out);
	return print_sizes(m, out);
}

static void json_range(const struct kmr_machine *m, struct kmr_json *j, uint64_t start,
		       uint64_t end)
{
	kmr_json_uint(j, "start", kmr_bytes_of(m, start));
	kmr_json_uint(j, "end", kmr_bytes_of(m, end));
}

static void json_ranges(const struct kmr_machine *m, struct kmr_json *j)
{
	struct kmr_frame_range ranges[KMR_MAX_NODE_RANGES], r;
	const unsigned int nr = kmr_machine_node_ranges(m, ranges);

	kmr_json_array(j, "ranges");
	for (unsigned int t = 0; t < KMR_ZONE_MOVABLE; t++) {
		if (!m->has_type[t])
			continue;
		(void)kmr_machine_zone_range(m, (enum kmr_zone_type)t, &r);
		kmr_json_object(j, NULL);
		kmr_json_string(j, "name", kmr_zone_name((enum kmr_zone_type)t));
		json_range(m, j, r.start_pfn, r.end_pfn);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	kmr_json_array(j, "node_ranges");
	for (unsigned int i = 0; i < nr; i++) {
		kmr_json_object(j, NULL);
		kmr_json_uint(j, "node", ranges[i].node);
		json_range(m, j, ranges[i].start_pfn, ranges[i].end_pfn);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

static int zones_json(const struct kmr_machine *m, struct kmr_json *j)
{
	json_ranges(m, j);
	kmr_json_array(j, "zones");
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		kmr_json_object(j, NULL);
		kmr_json_uint(j, "node", z->node);
		kmr_json_string(j, "name", kmr_zone_name(z->type));
		kmr_json_uint(j, "start_pfn", z->start_pfn);
		kmr_json_uint(j, "spanned", z->spanned);
		kmr_json_uint(j, "holes", z->spanned - z->present);
		kmr_json_uint(j, "present", z->present);
		kmr_json_uint(j, "managed", z->managed);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	return 0;
}

const struct kmr_machine_section kmr_section_zones = { "zones", zones_text, zones_json };
