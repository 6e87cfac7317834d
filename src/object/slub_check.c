// SPDX-License-Identifier: GPL-2.0-only
/* Every invariant of SLUB's lists and counts. */
#include <inttypes.h>
#include <stdlib.h>

#include "object/slub.h"

static int broken(const struct slub_cache *c, kmr_pfn_t pfn, const char *what,
		  struct kmr_error *err)
{
	return kmr_fail(err, "slub: cache %s, slab at pfn %" PRIu32 ": %s", c->name, pfn, what);
}

/* How many objects a list has; more than the slab's when it runs in circles. */
static unsigned int length(const struct slub_slab *s, uint16_t head)
{
	unsigned int n = 0;

	for (uint16_t i = head; i != SLUB_END && n <= s->objects; i = s->links[i], n++)
		if (i >= s->objects)
			return s->objects + 1u;
	return n;
}

/* What has to hold of every slab, wherever it is; its free objects are added to *@nr_free. */
static int check_slab(const struct kmr_object_backend *b, uint32_t number, uint64_t *nr_free,
		      struct kmr_error *err)
{
	const struct slub_slab *s = slub_slab(b, number);
	const struct slub_cache *c = &b->caches[s->cache];
	unsigned int marked = 0, own = length(s, s->freelist), held = 0;

	for (unsigned int i = 0; i < s->objects; i++)
		marked += s->links[i] != SLUB_USED;
	if (s->place == SLUB_CPU)
		held = length(s, c->cpus[s->cpu].freelist);
	*nr_free += marked;
	if (own + held != marked)
		return broken(c, s->pfn, "its lists do not have all of its free objects", err);
	if (own != (unsigned int)s->objects - s->inuse)
		return broken(c, s->pfn, "inuse is not what its freelist leaves", err);
	for (kmr_pfn_t p = s->pfn; p < s->pfn + (1u << s->order); p++)
		if (kmr_framemap_get(&b->frames, p) != number)
			return broken(c, s->pfn, "a frame does not tell its slab", err);
	if (s->place == SLUB_CPU && c->cpus[s->cpu].slab != number)
		return broken(c, s->pfn, "it is a CPU's that does not know of it", err);
	if (s->place == SLUB_FULL && own)
		return broken(c, s->pfn, "it is on no list, but has free objects", err);
	return 0;
}

static int check_node(const struct kmr_object_backend *b, const struct slub_cache *c,
		      unsigned int node, struct kmr_error *err)
{
	const struct slub_node *n = &c->nodes[node];
	uint32_t count = 0, last = 0;

	for (uint32_t i = n->first; i; i = slub_slab(b, i)->next, count++) {
		const struct slub_slab *s = slub_slab(b, i);

		if (s->place != SLUB_NODE_PARTIAL || s->node != node || s->prev != last)
			return broken(c, s->pfn, "it is not where its node's list has it", err);
		if (s->freelist == SLUB_END)
			return broken(c, s->pfn, "it is partial and full", err);
		if (count > n->nr_partial)
			return broken(c, s->pfn, "its node's list is longer than counted", err);
		last = i;
	}
	if (count != n->nr_partial || last != n->last)
		return kmr_fail(err, "slub: cache %s: node %u counts %u partial slabs, has %u",
				c->name, node, n->nr_partial, count);
	return 0;
}

static int check_cpu(const struct kmr_object_backend *b, const struct slub_cache *c,
		     unsigned int cpu, struct kmr_error *err)
{
	const struct slub_cpu *k = &c->cpus[cpu];
	unsigned int left = k->partial ? slub_slab(b, k->partial)->slabs : 0;

	if (!k->slab && k->freelist != SLUB_END)
		return kmr_fail(err, "slub: cache %s: CPU %u has a freelist and no slab", c->name,
				cpu);
	for (uint32_t i = k->partial; i; i = slub_slab(b, i)->next, left--) {
		const struct slub_slab *s = slub_slab(b, i);

		if (s->place != SLUB_CPU_PARTIAL || s->cpu != cpu || s->slabs != left)
			return broken(c, s->pfn, "it is not where its CPU's list has it", err);
		if (s->freelist == SLUB_END)
			return broken(c, s->pfn, "it is partial and full", err);
	}
	return left ? kmr_fail(err, "slub: cache %s: CPU %u counts %u partial slabs too many",
			       c->name, cpu, left)
		    : 0;
}

/* What a walk over all slabs finds of a cache. */
struct found {
	uint64_t slabs, objects, pages, nr_free;
};

static int check_slabs(const struct kmr_object_backend *b, struct found *found,
		       struct kmr_error *err)
{
	for (uint32_t i = 1; i <= b->nr_slabs; i++) {
		const struct slub_slab *s = slub_slab(b, i);
		struct found *f = &found[s->cache];

		if (s->place == SLUB_NOWHERE)
			continue;
		f->slabs++;
		f->objects += s->objects;
		f->pages += UINT64_C(1) << s->order;
		if (check_slab(b, i, &f->nr_free, err))
			return -1;
	}
	return 0;
}

static int check_cache(const struct kmr_object_backend *b, const struct slub_cache *c,
		       const struct found *f, struct kmr_error *err)
{
	if (f->slabs != c->nr_slabs || f->objects != c->nr_objects || f->pages != c->nr_pages)
		return kmr_fail(err, "slub: cache %s: its slabs are not as many as counted",
				c->name);
	if (f->objects - f->nr_free != c->live)
		return kmr_fail(err, "slub: cache %s: %" PRIu64 " objects in use, counted %" PRIu64,
				c->name, f->objects - f->nr_free, c->live);
	for (unsigned int node = 0; node < b->c.machine->nr_nodes; node++)
		if (check_node(b, c, node, err))
			return -1;
	for (unsigned int cpu = 0; cpu < b->c.machine->nr_cpus; cpu++)
		if (check_cpu(b, c, cpu, err))
			return -1;
	return 0;
}

int slub_check(const struct kmr_object_backend *b, struct kmr_error *err)
{
	struct found *found = calloc(b->nr_caches + 1, sizeof(*found));
	int ret;

	if (!found)
		return kmr_fail_nomem(err, "counts of caches");
	ret = check_slabs(b, found, err);
	for (size_t i = 0; i < b->nr_caches && !ret; i++)
		ret = check_cache(b, &b->caches[i], &found[i], err);
	free(found);
	return ret;
}
