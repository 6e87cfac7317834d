// SPDX-License-Identifier: GPL-2.0-only
/*
 * What gives objects and slabs back without being asked for any: the reaper, which comes by every two
 * seconds on each CPU, and kmem_cache_shrink().  Behaviour: cache_reap(), reap_alien(),
 * drain_array(), drain_freelist(), drain_cpu_caches(), start_cpu_timer() in mm/slab.c.
 *
 * The kernel rounds the reaper's timer to full seconds of jiffies, three jiffies later for each CPU
 * (round_jiffies_relative()), so that it keeps its phase for as long as it is not kept waiting for a
 * quarter of a second.  What the phase is on a trace's clock is the caller's to say: it shows where
 * kworkers free pages of slabs.  Not modelled: the timer wheel is late by up to eight jiffies (with
 * 250 Hz by turns by some and by 16 ms more), and a kworker has to wait for its CPU.
 *
 * Which caches' nodes are looked at every four seconds, and which two seconds later, goes by
 * addresses in the kernel; here it goes by number.
 */
#include "object/slab.h"

#define SECOND	    UINT64_C(1000000000)
#define PERIOD	    (2 * SECOND) /* REAPTIMEOUT_AC */
#define NODE_PERIOD (4 * SECOND) /* REAPTIMEOUT_NODE */
#define CPU_JIFFIES 3u /* between CPUs: __round_jiffies_relative() */
/* After so many without anything between them, another would find nothing to do. */
#define MAX_ROUNDS 64u

/* drain_array_locked(): those longest in it, a fifth of what it can hold or half of what it has */
static void drain_front(struct slab_cache *c, struct slab_array *ac, unsigned int node, bool all,
			struct slab_link *ring)
{
	uint32_t count = all ? ac->avail : (ac->limit + 4) / 5;

	if (!ac->avail)
		return;
	if (count > ac->avail)
		count = (ac->avail + 1) / 2;
	kmr_slab_free_block(c, ac->entry, count, node, ring);
	kmr_slab_remove_front(ac, count);
}

/* drain_array(): one that was used since the last time is left alone once. */
static void drain_array(struct kmr_object_backend *b, struct slab_cache *c, struct slab_array *ac,
			unsigned int cpu)
{
	struct slab_link ring;

	if (!ac->avail)
		return;
	if (ac->touched) {
		ac->touched = 0;
		return;
	}
	slab_ring_init(&ring);
	drain_front(c, ac, b->mem_node[cpu], false, &ring);
	kmr_slab_destroy_list(b, &ring, cpu);
}

/* drain_freelist(): at most @count free slabs go, those longest on the list first. */
static void drain_slabs(struct kmr_object_backend *b, const struct slab_cache *c,
			struct slab_node *n, uint32_t count, unsigned int cpu)
{
	for (; count && !slab_ring_empty(&n->lists[SLAB_FREE]); count--) {
		struct slab *s = slab_of(n->lists[SLAB_FREE].prev);
		struct slab_link ring;

		slab_ring_init(&ring);
		slab_unlink(s);
		slab_link_between(s, &ring, &ring);
		n->free_slabs--;
		n->total_slabs--;
		n->free_objects -= c->lay.objects;
		kmr_slab_destroy_list(b, &ring, cpu);
	}
}

/* reap_alien(): the alien cache for one other node, another one each time */
static void reap_alien(struct kmr_object_backend *b, struct slab_cache *c, struct slab_node *n,
		       unsigned int cpu)
{
	const unsigned int node = b->reap_node[cpu];
	struct slab_link ring;

	if (!n->alien || !n->alien[node].entry)
		return;
	slab_ring_init(&ring);
	kmr_slab_drain_alien(c, &n->alien[node], node, &ring);
	kmr_slab_destroy_list(b, &ring, cpu);
}

static void reap_cache(struct kmr_object_backend *b, struct slab_cache *c, unsigned int cpu)
{
	struct slab_node *n = &c->nodes[b->mem_node[cpu]];
	const uint64_t fifth = 5 * (uint64_t)c->lay.objects;

	reap_alien(b, c, n, cpu);
	drain_array(b, c, &c->cpu[cpu], cpu);
	if (n->next_reap > b->now)
		return;
	n->next_reap = b->now + NODE_PERIOD;
	drain_array(b, c, &n->shared, cpu);
	if (n->free_touched)
		n->free_touched = false;
	else
		drain_slabs(b, c, n, (uint32_t)((n->free_limit + fifth - 1) / fifth), cpu);
}

/* next_node_in() of the nodes that are online */
static unsigned int next_node(const struct kmr_object_backend *b, unsigned int node)
{
	return node + 1 < b->nr_nodes ? node + 1 : 0;
}

static void cache_reap(struct kmr_object_backend *b, unsigned int cpu)
{
	for (struct slab_cache *c = b->first; c; c = c->next)
		reap_cache(b, c, cpu);
	b->reap_node[cpu] = (uint8_t)next_node(b, b->reap_node[cpu]);
}

/* The first time after @now that is @phase beyond a multiple of the period. */
static uint64_t next_time(uint64_t now, uint64_t phase)
{
	const uint64_t since = (now + PERIOD - phase % PERIOD) % PERIOD;

	return now - since + PERIOD;
}

/* Time begins: reapers have been running all along. */
static void first_tick(struct kmr_object_backend *b, uint64_t now)
{
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++) {
		b->next_reap[cpu] = next_time(now, b->phase + cpu * CPU_JIFFIES * b->jiffy);
		b->reap_node[cpu] = (uint8_t)next_node(b, b->mem_node[cpu]);
	}
	for (struct slab_cache *c = b->first; c; c = c->next)
		for (unsigned int node = 0; node < b->nr_nodes; node++)
			c->nodes[node].next_reap += now;
	b->ticked = true;
}

static unsigned int next_cpu(const struct kmr_object_backend *b)
{
	unsigned int first = 0;

	for (unsigned int cpu = 1; cpu < b->nr_cpus; cpu++)
		if (b->next_reap[cpu] < b->next_reap[first])
			first = cpu;
	return first;
}

/* A gap in the trace of hours is not walked in steps of two seconds. */
static void skip_rounds(struct kmr_object_backend *b, uint64_t now)
{
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++) {
		const uint64_t rounds =
			now > b->next_reap[cpu] ? (now - b->next_reap[cpu]) / PERIOD : 0;

		if (rounds > MAX_ROUNDS)
			b->next_reap[cpu] += (rounds - MAX_ROUNDS) * PERIOD;
	}
}

void kmr_slab_tick(struct kmr_object_backend *b, uint64_t now)
{
	if (!b->ticked)
		first_tick(b, now);
	if (!b->reap || now < b->reap_due) {
		if (now > b->now)
			b->now = now;
		return;
	}
	skip_rounds(b, now);
	for (;;) {
		const unsigned int cpu = next_cpu(b);

		b->reap_due = b->next_reap[cpu];
		if (b->reap_due > now)
			break;
		b->now = b->reap_due;
		cache_reap(b, cpu);
		b->next_reap[cpu] += PERIOD;
	}
	b->now = now;
}

/* drain_cpu_caches(); each CPU does its own. */
static void drain_all(struct kmr_object_backend *b, struct slab_cache *c)
{
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++) {
		struct slab_link ring;

		slab_ring_init(&ring);
		drain_front(c, &c->cpu[cpu], b->mem_node[cpu], true, &ring);
		kmr_slab_destroy_list(b, &ring, cpu);
	}
	for (unsigned int node = 0; node < b->nr_nodes; node++)
		for (unsigned int to = 0; c->nodes[node].alien && to < b->nr_nodes; to++) {
			struct slab_link ring;

			slab_ring_init(&ring);
			kmr_slab_drain_alien(c, &c->nodes[node].alien[to], to, &ring);
			kmr_slab_destroy_list(b, &ring, 0);
		}
	for (unsigned int node = 0; node < b->nr_nodes; node++) {
		struct slab_link ring;

		slab_ring_init(&ring);
		drain_front(c, &c->nodes[node].shared, node, true, &ring);
		kmr_slab_destroy_list(b, &ring, 0);
	}
}

void kmr_slab_shrink(struct kmr_object_backend *b, unsigned int cache)
{
	struct slab_cache *c;

	if (cache >= b->nr_caches)
		return;
	c = b->caches[cache];
	drain_all(b, c);
	for (unsigned int node = 0; node < b->nr_nodes; node++)
		drain_slabs(b, c, &c->nodes[node], UINT32_MAX, 0);
}
