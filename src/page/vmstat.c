// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a CPU does for its counters, once a second and in part when it goes idle: it adds what it
 * holds back to the zones', lets the limits of its lists decay, and drains its lists of other
 * nodes' zones when it has not used them for three seconds.  Behaviour: refresh_cpu_vm_stats() in
 * mm/vmstat.c.
 */
#include "page/linux.h"

/* updates without a change until a remote zone's lists are drained */
#define EXPIRES 3

/* vm_stat_diff[] to zero; other counters of a zone than its free pages are not simulated. */
static void fold(struct kmr_zone *z, struct kmr_pcp *pcp)
{
	if (!pcp->stat_diff)
		return;
	z->stat_lag -= pcp->stat_diff;
	pcp->stat_diff = 0;
	pcp->expire = EXPIRES;
}

/* decay_pcp_high() */
static void decay(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu)
{
	struct kmr_pcp *pcp = &z->pcp[cpu];
	uint32_t left;

	kmr_pcp_decay(b->rules, pcp);
	left = pcp->count > pcp->high ? pcp->count - pcp->high : 0;
	while (left) {
		const uint32_t part = left < pcp->batch ? left : pcp->batch;

		kmr_free_pcppages_bulk(b, z, cpu, part, 0);
		left -= part;
	}
}

static void expire(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu)
{
	struct kmr_pcp *pcp = &z->pcp[cpu];

	if (!pcp->expire || !pcp->count)
		return;
	if (z->node == b->cpu_node[cpu])
		pcp->expire = 0;
	else if (!--pcp->expire)
		kmr_free_pcppages_bulk(b, z, cpu, pcp->batch, 0);
}

void kmr_linux_vmstat(struct kmr_page_backend *b, unsigned int cpu, bool lists)
{
	if (cpu >= b->nr_cpus)
		return;
	for (unsigned int i = 0; i < b->nr_zones; i++) {
		struct kmr_zone *z = &b->zones[i];

		if (!z->managed)
			continue;
		fold(z, &z->pcp[cpu]);
		if (!lists)
			continue;
		if (b->rules->auto_high)
			decay(b, z, cpu);
		if (b->multi_node)
			expire(b, z, cpu);
	}
}
