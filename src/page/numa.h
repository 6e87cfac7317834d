/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several nodes: what is counted of each request, the nodes that a memory policy allows, and
 * zone_reclaim.  A backend of one node has none of it.
 */
#ifndef KMREPLAY_PAGE_NUMA_H
#define KMREPLAY_PAGE_NUMA_H

#include "page/linux.h"

struct kmr_numa {
	struct kmr_numa_zone *zones; /* as the backend's */
	struct kmr_numa_traffic *traffic; /* [node of the CPU * nr_nodes + node of the frame] */
	bool *near; /* likewise, of two nodes: zone_allows_reclaim() */
	bool *has_cpu; /* by node */
};

/* -1: no memory.  A machine of one node gets nothing. */
int kmr_numa_init(struct kmr_page_backend *b, const struct kmr_machine *m);
void kmr_numa_free(struct kmr_page_backend *b);

/* A request that @preferred came first for was served by @z: zone_statistics() */
static inline void kmr_numa_count(const struct kmr_page_backend *b,
				  const struct kmr_zone *preferred, const struct kmr_zone *z,
				  const struct kmr_page_request *req)
{
	struct kmr_numa *n = b->numa;
	struct kmr_numa_traffic *traffic;
	unsigned int home;

	if (!n)
		return;
	home = b->cpu_node[req->cpu];
	if (z->node == preferred->node) {
		n->zones[z->index].hit++;
	} else {
		n->zones[z->index].miss++;
		n->zones[preferred->index].foreign++;
	}
	if (z->node == home)
		n->zones[z->index].local++;
	else
		n->zones[z->index].other++;
	traffic = &n->traffic[(size_t)home * b->nr_nodes + z->node];
	traffic->requests++;
	traffic->pages += UINT64_C(1) << req->order;
}

/* The request's policy decides which zones, up to type @highest: policy_nodemask() */
kmr_pfn_t kmr_numa_alloc(struct kmr_page_backend *b, const struct kmr_page_request *req,
			 unsigned int highest);

/*
 * In the slow path a request that may use reserves and can't wait, or helps to free memory, goes
 * beyond the nodes it is bound to: __alloc_pages_slowpath()
 */
static inline bool kmr_numa_unbound(const struct kmr_page_backend *b,
				    const struct kmr_page_request *req)
{
	if (!b->numa || req->policy < KMR_POLICY_BIND || (req->gfp & KMR_GFP_THISNODE))
		return false;
	if ((req->gfp & KMR_GFP_MEMALLOC) && !(req->gfp & KMR_GFP_NOMEMALLOC))
		return true;
	return (req->gfp & KMR_GFP_HIGH) && !(req->gfp & KMR_GFP_DIRECT_RECLAIM);
}

/* As kmr_zone_reclaim(), when zone_reclaim_mode is set. */
bool kmr_reclaim_near(const struct kmr_page_backend *b, const struct kmr_page_request *req,
		      const struct kmr_zone *preferred, const struct kmr_zone *z,
		      unsigned int highest);

/*
 * @z is below its mark: with zone_reclaim_mode its node may be reclaimed before the next zone is
 * tried.  How often that comes up is counted.  False: nothing was, and there is nothing to look at
 * again.  (mm/vmscan.c: node_reclaim())
 */
static inline bool kmr_zone_reclaim(const struct kmr_page_backend *b,
				    const struct kmr_page_request *req,
				    const struct kmr_zone *preferred, const struct kmr_zone *z,
				    unsigned int highest)
{
	return b->zone_reclaim && kmr_reclaim_near(b, req, preferred, z, highest);
}

bool kmr_linux_numa(const struct kmr_page_backend *b, struct kmr_numa_report *report);
void kmr_linux_numa_restart(struct kmr_page_backend *b);

#endif
