/* SPDX-License-Identifier: GPL-2.0-only */
/* A page request made from its traced event; and one made up where the trace has none. */
#ifndef KMREPLAY_REPLAY_REQUEST_H
#define KMREPLAY_REPLAY_REQUEST_H

#include "kmreplay/event.h"
#include "kmreplay/gfp.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"

/* Flags of the most common request of a mobility, for traces that print none. */
static inline uint32_t kmr_gfp_guess(unsigned int migratetype)
{
	if (migratetype == KMR_MIGRATE_MOVABLE)
		return KMR_GFP_HIGHUSER_MOV;
	if (migratetype == KMR_MIGRATE_RECLAIMABLE)
		return KMR_GFP_KERNEL | KMR_GFP_RECLAIMABLE;
	return KMR_GFP_KERNEL;
}

static inline struct kmr_page_request kmr_request_of(const struct kmr_machine *m,
						     const struct kmr_event *ev)
{
	struct kmr_page_request req = { 0 };

	req.gfp = ev->flags & KMR_EVF_GFP_KNOWN ? ev->gfp : kmr_gfp_guess(ev->page.migratetype);
	req.order = ev->page.order;
	req.cpu = (uint16_t)(ev->cpu < m->nr_cpus ? ev->cpu : ev->cpu % m->nr_cpus);
	req.node = (uint8_t)m->cpu_node[req.cpu];
	/* of a node that is not there: as the kernel's numa_mem_id(), the CPU's own */
	if (ev->node >= 0 && (unsigned int)ev->node < m->nr_nodes)
		req.node = (uint8_t)ev->node;
	/* other events have other flags in that place */
	if (ev->type == KMR_EV_PAGE_ALLOC)
		req.policy = ev->flags & KMR_EVF_POLICY;
	req.nodes = req.policy ? ev->page.nodes : 0;
	return req;
}

/*
 * For a refill that the trace shows without the request: its order and mobility are known, and
 * the zone that was refilled says the rest.
 */
static inline struct kmr_page_request kmr_request_of_refill(const struct kmr_machine *m,
							    const struct kmr_event *ev)
{
	struct kmr_page_request req = kmr_request_of(m, ev);
	const int zone = kmr_machine_zone_of(m, ev->addr);

	req.gfp = kmr_gfp_guess(ev->page.migratetype);
	if (zone < 0)
		return req;
	req.node = (uint8_t)m->zones[zone].node;
	switch (m->zones[zone].type) {
	case KMR_ZONE_DMA:
		req.gfp = (req.gfp & ~(uint32_t)KMR_GFP_HIGHMEM) | KMR_GFP_DMA;
		break;
	case KMR_ZONE_DMA32:
		req.gfp = (req.gfp & ~(uint32_t)KMR_GFP_HIGHMEM) | KMR_GFP_DMA32;
		break;
	case KMR_ZONE_NORMAL:
		req.gfp &= ~(uint32_t)KMR_GFP_HIGHMEM;
		break;
	default:
		req.gfp |= KMR_GFP_HIGHMEM;
		break;
	}
	return req;
}

#endif
