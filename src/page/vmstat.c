// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a CPU does once a second for its counters: it adds what it holds back to the zones', lets
 * the limits of its lists decay (since 6.7), and drains its lists of other nodes' zones when it has
 * not used them for three seconds.  Behaviour: refresh_cpu_vm_stats() in mm/vmstat.c.
 *
 * Up to 6.1 a simulation goes without it: limits are fixed, and where the counters stand decides
 * little.
 */
#include "page/linux.h"

#define PERIOD	    UINT64_C(1000000000) /* sysctl_stat_interval, ns */
#define EXPIRES	    3 /* updates without a change until a remote zone's lists are drained */
#define MAX_UPDATES 256

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

/* drain_zone_pages(), when the time has come */
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

/* vmstat_update() */
static void update(struct kmr_page_backend *b, unsigned int cpu)
{
	for (unsigned int i = 0; i < b->nr_zones; i++) {
		struct kmr_zone *z = &b->zones[i];

		if (!z->managed)
			continue;
		fold(z, &z->pcp[cpu]);
		decay(b, z, cpu);
		if (b->multi_node)
			expire(b, z, cpu);
	}
}

void kmr_vmstat_until(struct kmr_page_backend *b, uint64_t now)
{
	if (!b->rules->auto_high || now < b->next_vmstat)
		return;
	/* after so many without a request between them nothing changes any more */
	for (unsigned int i = 0; b->next_vmstat && i < MAX_UPDATES && now >= b->next_vmstat; i++) {
		for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++)
			update(b, cpu);
		b->next_vmstat += PERIOD;
	}
	b->next_vmstat = now - now % PERIOD + PERIOD;
}

void kmr_linux_decay(struct kmr_page_backend *b)
{
	for (unsigned int i = 0; b->rules->auto_high && i < b->nr_zones; i++)
		for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++)
			kmr_pcp_decay(b->rules, &b->zones[i].pcp[cpu]);
}
