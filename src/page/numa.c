// SPDX-License-Identifier: GPL-2.0-only
#include "page/numa.h"

#include <stdlib.h>
#include <string.h>

#define RECLAIM_DISTANCE 30 /* include/linux/topology.h */
#define RECLAIM_UNMAP	 4u /* include/uapi/linux/mempolicy.h */

int kmr_numa_init(struct kmr_page_backend *b, const struct kmr_machine *m)
{
	struct kmr_numa *n;

	if (m->nr_nodes < 2)
		return 0;
	n = calloc(1, sizeof(*n));
	b->numa = n;
	if (!n)
		return -1;
	n->zones = calloc(m->nr_zones, sizeof(*n->zones));
	n->traffic = calloc((size_t)m->nr_nodes * m->nr_nodes, sizeof(*n->traffic));
	n->near = calloc((size_t)m->nr_nodes * m->nr_nodes, sizeof(*n->near));
	n->has_cpu = calloc(m->nr_nodes, sizeof(*n->has_cpu));
	if (!n->zones || !n->traffic || !n->near || !n->has_cpu)
		return -1;
	for (unsigned int i = 0; i < m->nr_nodes * m->nr_nodes; i++)
		n->near[i] = m->distance[i / m->nr_nodes][i % m->nr_nodes] <= RECLAIM_DISTANCE;
	for (unsigned int cpu = 0; cpu < m->nr_cpus; cpu++)
		n->has_cpu[m->cpu_node[cpu]] = true;
	return 0;
}

void kmr_numa_free(struct kmr_page_backend *b)
{
	if (!b->numa)
		return;
	free(b->numa->zones);
	free(b->numa->traffic);
	free(b->numa->near);
	free(b->numa->has_cpu);
	free(b->numa);
}

bool kmr_reclaim_near(const struct kmr_page_backend *b, const struct kmr_page_request *req,
		      const struct kmr_zone *preferred, const struct kmr_zone *z,
		      unsigned int highest)
{
	const bool unmap = b->zone_reclaim & RECLAIM_UNMAP;
	const struct kmr_numa *n = b->numa;

	if (!(req->gfp & KMR_GFP_DIRECT_RECLAIM) || !n ||
	    !n->near[(size_t)preferred->node * b->nr_nodes + z->node])
		return false;
	/* other nodes' CPUs shall do it for themselves */
	if (n->has_cpu[z->node] && z->node != b->cpu_node[req->cpu])
		return false;
	n->zones[z->index].reclaims++;
	return b->pressure &&
	       b->pressure->reclaim_node(b->pressure->ctx, req, z->node, highest, unmap);
}

/* The zones of @from that are on @nodes. */
static void on_nodes(const struct kmr_page_backend *b, const uint16_t *from, uint32_t nodes,
		     uint16_t *to)
{
	for (; *from != UINT16_MAX; from++) {
		const unsigned int node = b->zones[*from].node;

		if (node < KMR_POLICY_NODES && nodes >> node & 1)
			*to++ = *from;
	}
	*to = UINT16_MAX;
}

/*
 * apply_policy_zone(): a request that is to have lower zones than most is bound to nothing, as not
 * every node has them.
 */
static bool binds(const struct kmr_page_backend *b, uint32_t nodes, unsigned int highest)
{
	unsigned int policy_zone = 0;
	bool movable_only = true;

	for (unsigned int i = 0; i < b->nr_zones; i++) {
		const struct kmr_zone *z = &b->zones[i];

		if (!z->managed || z->type == KMR_ZONE_MOVABLE)
			continue;
		if (z->type > policy_zone)
			policy_zone = z->type;
		if (z->node < KMR_POLICY_NODES && nodes >> z->node & 1)
			movable_only = false;
	}
	return highest >= (movable_only ? KMR_ZONE_MOVABLE : policy_zone);
}

static kmr_pfn_t alloc_interleaved(struct kmr_page_backend *b, const struct kmr_page_request *req,
				   const uint16_t *zonelist, unsigned int highest)
{
	const kmr_pfn_t pfn = kmr_alloc_from(b, req, zonelist, highest);
	const struct kmr_zone *z = pfn == KMR_NO_PFN ? NULL : kmr_zone_of(b, pfn);

	if (z && z->node == req->node)
		b->numa->zones[z->index].interleave_hit++;
	return pfn;
}

/* alloc_pages_preferred_many() */
static kmr_pfn_t alloc_preferred(struct kmr_page_backend *b, const struct kmr_page_request *req,
				 const uint16_t *zonelist, const uint16_t *preferred,
				 unsigned int highest)
{
	struct kmr_page_request first = *req;
	kmr_pfn_t pfn;

	first.gfp |= KMR_GFP_NOWARN;
	first.gfp &= ~(uint32_t)(KMR_GFP_DIRECT_RECLAIM | KMR_GFP_NOFAIL);
	pfn = kmr_alloc_from(b, &first, preferred, highest);
	if (pfn != KMR_NO_PFN)
		return pfn;
	/* it is one request */
	b->work.allocs--;
	b->work.failures--;
	return kmr_alloc_from(b, req, zonelist, highest);
}

kmr_pfn_t kmr_numa_alloc(struct kmr_page_backend *b, const struct kmr_page_request *req,
			 unsigned int highest)
{
	const uint16_t *zonelist = kmr_request_zonelist(b, req, highest);
	uint16_t chosen[KMR_MAX_ZONES + 1];

	switch (req->policy) {
	case KMR_POLICY_BIND:
		if (!binds(b, req->nodes, highest))
			break;
		on_nodes(b, zonelist, req->nodes, chosen);
		return kmr_alloc_from(b, req, chosen, highest);
	case KMR_POLICY_PREFERRED_MANY:
		on_nodes(b, zonelist, req->nodes, chosen);
		return alloc_preferred(b, req, zonelist, chosen, highest);
	case KMR_POLICY_INTERLEAVE:
		return alloc_interleaved(b, req, zonelist, highest);
	default:
		break;
	}
	return kmr_alloc_from(b, req, zonelist, highest);
}

bool kmr_linux_numa(const struct kmr_page_backend *b, struct kmr_numa_report *report)
{
	const struct kmr_numa *n = b->numa;

	memset(report, 0, sizeof(*report));
	if (!n)
		return false;
	report->known = true;
	memcpy(report->zones, n->zones, b->nr_zones * sizeof(*n->zones));
	for (unsigned int node = 0; node < b->nr_nodes; node++)
		memcpy(report->traffic[node], n->traffic + (size_t)node * b->nr_nodes,
		       b->nr_nodes * sizeof(*n->traffic));
	return true;
}

void kmr_linux_numa_restart(struct kmr_page_backend *b)
{
	struct kmr_numa *n = b->numa;

	if (!n)
		return;
	memset(n->zones, 0, b->nr_zones * sizeof(*n->zones));
	memset(n->traffic, 0, (size_t)b->nr_nodes * b->nr_nodes * sizeof(*n->traffic));
}
