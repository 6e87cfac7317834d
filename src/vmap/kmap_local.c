// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fixed mappings of high memory: the slots are a CPU's, and which of them is next is a task's own
 * count of mappings (since 5.11).  mm/highmem.c: kmap_local_idx_push(), __kmap_local_pfn_prot(),
 * kunmap_local_indexed().
 */
#include <inttypes.h>
#include <stdlib.h>

#include "vmap/vmap.h"

#define MAX_SLOTS 32

/* What a task has mapped, the last one at the end. */
struct stack {
	uint32_t depth;
	kmr_pfn_t pages[MAX_SLOTS];
};

struct kmr_kmap_local {
	struct kmr_address_space space;
	struct kmr_kmap_local_stats stats;
	struct stack **stacks; /* by task, made when it maps for the first time */
};

#define NR_TASKS (UINT16_MAX + 1)

struct kmr_kmap_local *kmr_kmap_local_create(const struct kmr_machine *machine,
					     struct kmr_error *err)
{
	struct kmr_kmap_local *k = calloc(1, sizeof(*k));

	if (!k) {
		(void)kmr_fail_nomem(err, "fixed mappings");
		return NULL;
	}
	if (kmr_address_space(machine, &k->space, err)) {
		kmr_kmap_local_destroy(k);
		return NULL;
	}
	k->stacks = calloc(NR_TASKS, sizeof(struct stack *));
	if (!k->stacks) {
		(void)kmr_fail_nomem(err, "fixed mappings");
		kmr_kmap_local_destroy(k);
		return NULL;
	}
	return k;
}

void kmr_kmap_local_destroy(struct kmr_kmap_local *k)
{
	if (!k)
		return;
	for (unsigned int i = 0; k->stacks && i < NR_TASKS; i++)
		free(k->stacks[i]);
	free(k->stacks);
	free(k);
}

static bool is_high(const struct kmr_kmap_local *k, kmr_pfn_t pfn)
{
	return k->space.kmap_local_slots && pfn >= k->space.direct_end_pfn;
}

uint64_t kmr_kmap_local_map(struct kmr_kmap_local *k, unsigned int cpu, uint16_t task,
			    kmr_pfn_t pfn)
{
	const struct kmr_address_space *as = &k->space;
	struct stack *s = k->stacks[task];
	uint64_t index;

	if (!is_high(k, pfn)) {
		k->stats.lowmem++;
		return as->direct_start + ((pfn - as->direct_pfn) << as->page_shift);
	}
	if (!s)
		s = k->stacks[task] = calloc(1, sizeof(*s));
	if (!s || s->depth + 1 >= as->kmap_local_slots) {
		k->stats.overflows++;
		return KMR_NO_ADDR;
	}
	index = (uint64_t)cpu * as->kmap_local_slots + s->depth;
	s->pages[s->depth++] = pfn;
	k->stats.maps++;
	if (s->depth > k->stats.deepest)
		k->stats.deepest = s->depth;
	return as->kmap_local_top - (index << as->page_shift);
}

int kmr_kmap_local_unmap(struct kmr_kmap_local *k, uint16_t task, kmr_pfn_t pfn)
{
	struct stack *s = k->stacks[task];

	if (!is_high(k, pfn))
		return 0;
	if (!s || !s->depth) {
		k->stats.bad_unmaps++;
		return -1;
	}
	k->stats.unmaps++;
	if (s->pages[--s->depth] == pfn)
		return 0;
	k->stats.misordered++;
	return -1;
}

unsigned int kmr_kmap_local_depth(const struct kmr_kmap_local *k, uint16_t task)
{
	return k->stacks[task] ? k->stacks[task]->depth : 0;
}

const struct kmr_kmap_local_stats *kmr_kmap_local_stats(const struct kmr_kmap_local *k)
{
	return &k->stats;
}
