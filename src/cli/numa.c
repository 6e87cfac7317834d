// SPDX-License-Identifier: GPL-2.0-only
#include "cli/numa.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/table.h"
#include "report/units.h"
#include "report/wrap.h"

#define MAX_DISTANCE 255u

static void json_node(struct kmr_json *j, unsigned int node, const struct kmr_numa_zone *n)
{
	kmr_json_object(j, NULL);
	kmr_json_uint(j, "node", node);
	kmr_json_uint(j, "numa_hit", n->hit);
	kmr_json_uint(j, "numa_miss", n->miss);
	kmr_json_uint(j, "numa_foreign", n->foreign);
	kmr_json_uint(j, "interleave_hit", n->interleave_hit);
	kmr_json_uint(j, "local_node", n->local);
	kmr_json_uint(j, "other_node", n->other);
	kmr_json_uint(j, "zone_reclaims", n->reclaims);
	kmr_json_end_object(j);
}

void kmr_numa_json(struct kmr_json *j, const struct kmr_replay_result *r)
{
	const struct kmr_machine *m = &r->machine;

	if (!r->numa.known)
		return;
	kmr_json_object(j, "numa");
	kmr_json_array(j, "nodes");
	for (unsigned int node = 0; node < m->nr_nodes; node++) {
		struct kmr_numa_zone sum;

		kmr_numa_node(m, &r->numa, node, &sum);
		json_node(j, node, &sum);
	}
	kmr_json_end_array(j);
	kmr_json_array(j, "distances");
	for (unsigned int d = 0; d <= MAX_DISTANCE; d++) {
		struct kmr_numa_traffic sum;

		kmr_numa_distance(m, &r->numa, d, &sum);
		if (!sum.requests)
			continue;
		kmr_json_object(j, NULL);
		kmr_json_uint(j, "distance", d);
		kmr_json_uint(j, "requests", sum.requests);
		kmr_json_uint(j, "pages", sum.pages);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	kmr_json_end_object(j);
}

static int print_nodes(const struct kmr_replay_result *r)
{
	static const struct kmr_column columns[] = {
		{ "node", NULL, KMR_ALIGN_LEFT },	  { "hit", NULL, KMR_ALIGN_RIGHT },
		{ "miss", NULL, KMR_ALIGN_RIGHT },	  { "foreign", NULL, KMR_ALIGN_RIGHT },
		{ "interleaved", NULL, KMR_ALIGN_RIGHT }, { "local", NULL, KMR_ALIGN_RIGHT },
		{ "other", NULL, KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t =
		kmr_table_new("Requests by node, as numastat counts them", columns, 7);

	for (unsigned int node = 0; node < r->machine.nr_nodes; node++) {
		struct kmr_numa_zone n;

		kmr_numa_node(&r->machine, &r->numa, node, &n);
		kmr_table_format(t, "%u", node);
		kmr_table_count(t, n.hit);
		kmr_table_count(t, n.miss);
		kmr_table_count(t, n.foreign);
		kmr_table_count(t, n.interleave_hit);
		kmr_table_count(t, n.local);
		kmr_table_count(t, n.other);
	}
	return kmr_table_print(t, stdout);
}

/* Pages in per mille of all, rounded down. */
static uint64_t permille(uint64_t pages, uint64_t all)
{
	/* 2^54 pages are more than there are requests for */
	return all ? pages * 1000 / all : 0;
}

static int print_distances(const struct kmr_replay_result *r)
{
	static const struct kmr_column columns[] = {
		{ "distance", NULL, KMR_ALIGN_RIGHT },
		{ "requests", NULL, KMR_ALIGN_RIGHT },
		{ "pages", NULL, KMR_ALIGN_RIGHT },
		{ "of pages", "%", KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t = kmr_table_new("From CPUs to their memory", columns, 4);
	struct kmr_numa_traffic sum;
	uint64_t all = 0;

	for (unsigned int d = 0; d <= MAX_DISTANCE; d++) {
		kmr_numa_distance(&r->machine, &r->numa, d, &sum);
		all += sum.pages;
	}
	for (unsigned int d = 0; d <= MAX_DISTANCE; d++) {
		uint64_t share;

		kmr_numa_distance(&r->machine, &r->numa, d, &sum);
		if (!sum.requests)
			continue;
		share = permille(sum.pages, all);
		kmr_table_format(t, "%u", d);
		kmr_table_count(t, sum.requests);
		kmr_table_count(t, sum.pages);
		kmr_table_format(t, "%" PRIu64 ".%" PRIu64, share / 10, share % 10);
	}
	return kmr_table_print(t, stdout);
}

static int print_reclaims(const struct kmr_replay_result *r)
{
	char count[KMR_UNITS_SIZE];
	uint64_t reclaims = 0;

	for (unsigned int i = 0; i < r->machine.nr_zones; i++)
		reclaims += r->numa.zones[i].reclaims;
	if (!reclaims)
		return 0;
	(void)fputc('\n', stdout);
	return kmr_wrap_format(stdout, 0, "",
			       "zone_reclaim_mode: %s times a node was to be reclaimed before "
			       "another was tried",
			       kmr_units_count(count, reclaims));
}

int kmr_numa_text(const struct kmr_replay_result *r)
{
	if (!r->numa.known)
		return 0;
	if (print_nodes(r) || printf("\n") < 0 || print_distances(r) || print_reclaims(r))
		return -1;
	return printf("\n") < 0 ? -1 : 0;
}
