// SPDX-License-Identifier: GPL-2.0-only
#include "replay/compare.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* One kind of lists of both sides, and where to count them. */
struct side_by_side {
	const struct kmr_snapshot *model, *kernel;
	const struct kmr_snap_list *a, *b;
	size_t nr_a, nr_b;
	const char *kind;
	uint64_t *total, *identical;
	char *first; /* first_difference */
	size_t first_size;
};

static bool same_list(const struct kmr_snap_list *x, const struct kmr_snap_list *y)
{
	return x->zone == y->zone && x->cpu == y->cpu && x->index == y->index &&
	       x->migratetype == y->migratetype;
}

static const struct kmr_snap_list *find(const struct kmr_snap_list *lists, size_t nr,
					const struct kmr_snap_list *like)
{
	for (size_t i = 0; i < nr; i++)
		if (same_list(&lists[i], like))
			return &lists[i];
	return NULL;
}

/* How many blocks are the same from the head. */
static uint32_t common(const struct side_by_side *s, const struct kmr_snap_list *x,
		       const struct kmr_snap_list *y)
{
	const uint32_t n = x->count < y->count ? x->count : y->count;
	uint32_t i = 0;

	while (i < n && s->model->pfns[x->first + i] == s->kernel->pfns[y->first + i])
		i++;
	return i;
}

static void note(const struct side_by_side *s, const struct kmr_snap_list *l, uint32_t in_model,
		 uint32_t in_kernel, uint32_t same)
{
	const struct kmr_zone_spec *z = &s->kernel->machine.zones[l->zone];

	if (s->first[0])
		return;
	(void)snprintf(s->first, s->first_size,
		       "%s list node %u %s cpu %u index %u type %u: %u blocks, kernel has %u, "
		       "first %u the same",
		       s->kind, z->node, kmr_zone_name((enum kmr_zone_type)z->type), l->cpu,
		       l->index, l->migratetype, in_model, in_kernel, same);
}

static void compare_lists(const struct side_by_side *s)
{
	for (size_t i = 0; i < s->nr_a; i++) {
		const struct kmr_snap_list *x = &s->a[i], *y = find(s->b, s->nr_b, x);
		const uint32_t same = y ? common(s, x, y) : 0;

		++*s->total;
		if (y && same == x->count && same == y->count)
			++*s->identical;
		else
			note(s, x, x->count, y ? y->count : 0, same);
	}
	for (size_t i = 0; i < s->nr_b; i++)
		if (!find(s->a, s->nr_a, &s->b[i])) {
			++*s->total;
			note(s, &s->b[i], 0, s->b[i].count, 0);
		}
}

static void compare_pageblocks(const struct kmr_snapshot *model, const struct kmr_snapshot *kernel,
			       struct kmr_verify_result *r)
{
	for (unsigned int z = 0; z < kernel->machine.nr_zones; z++) {
		const struct kmr_snap_zone *a = &model->zones[z], *b = &kernel->zones[z];

		for (size_t k = 0; k < b->nr_blocks; k++) {
			const uint8_t type = kernel->pageblocks[b->first_block + k];

			if (type == KMR_MIGRATE_UNKNOWN)
				continue;
			r->pageblocks_total++;
			if (k < a->nr_blocks && model->pageblocks[a->first_block + k] == type)
				r->pageblocks_identical++;
			else if (!r->first_difference[0])
				(void)snprintf(r->first_difference, sizeof(r->first_difference),
					       "pageblock %zu of zone %u: kernel has it %s", k, z,
					       kmr_migratetype_name(type));
		}
	}
}

static const struct kmr_snap_pcp *find_pcp(const struct kmr_snapshot *s,
					   const struct kmr_snap_pcp *like)
{
	for (size_t i = 0; i < s->nr_pcps; i++)
		if (s->pcps[i].zone == like->zone && s->pcps[i].cpu == like->cpu)
			return &s->pcps[i];
	return NULL;
}

/* What moves of a CPU's limits and counters; which of them a kernel has, its version tells. */
static bool same_limits(const struct kmr_snap_pcp *x, const struct kmr_snap_pcp *y,
			unsigned int version)
{
	if (x->high != y->high || x->batch != y->batch)
		return false;
	if (version <= 601)
		return x->free_factor == y->free_factor;
	return x->high_min == y->high_min && x->high_max == y->high_max && x->flags == y->flags &&
	       x->free_count == y->free_count && x->alloc_factor == y->alloc_factor;
}

static void compare_limits(const struct kmr_snapshot *model, const struct kmr_snapshot *kernel,
			   struct kmr_verify_result *r)
{
	for (size_t i = 0; i < kernel->nr_pcps; i++) {
		const struct kmr_snap_pcp *y = &kernel->pcps[i], *x = find_pcp(model, y);

		r->limits_total++;
		r->limits_identical += x && same_limits(x, y, kernel->version);
	}
}

void kmr_compare_snapshots(const struct kmr_snapshot *model, const struct kmr_snapshot *kernel,
			   struct kmr_verify_result *r)
{
	const struct side_by_side free_lists = { model,
						 kernel,
						 model->free_lists,
						 kernel->free_lists,
						 model->nr_free_lists,
						 kernel->nr_free_lists,
						 "free",
						 &r->lists_total,
						 &r->lists_identical,
						 r->first_difference,
						 sizeof(r->first_difference) };
	const struct side_by_side pcp_lists = { model,
						kernel,
						model->pcp_lists,
						kernel->pcp_lists,
						model->nr_pcp_lists,
						kernel->nr_pcp_lists,
						"per-CPU",
						&r->pcp_total,
						&r->pcp_identical,
						r->first_difference,
						sizeof(r->first_difference) };

	compare_lists(&free_lists);
	compare_lists(&pcp_lists);
	compare_pageblocks(model, kernel, r);
	compare_limits(model, kernel, r);
}
