// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memblock.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* The first region that ends above @addr, by halving. */
static size_t first_above(const struct kmr_memblock_list *list, uint64_t addr)
{
	size_t lo = 0, hi = list->nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (list->regions[mid].end > addr)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

static void insert_at(struct kmr_memblock *mb, struct kmr_memblock_list *list, size_t i,
		      const struct kmr_memblock_region *r)
{
	struct kmr_memblock_region *regions =
		kmr_grow(list->regions, list->nr, &list->cap, sizeof(*regions));

	if (!regions) {
		mb->nomem = true;
		return;
	}
	list->regions = regions;
	memmove(&regions[i + 1], &regions[i], (list->nr - i) * sizeof(*regions));
	regions[i] = *r;
	list->nr++;
}

static bool alike(const struct kmr_memblock_region *a, const struct kmr_memblock_region *b)
{
	return a->node == b->node && a->hotplug == b->hotplug && a->kind == b->kind &&
	       (a->what == b->what || (a->what && b->what && !strcmp(a->what, b->what)));
}

/* Joins region @i with the one before it when nothing tells them apart: memblock_merge_regions() */
static void merge_at(struct kmr_memblock_list *list, size_t i)
{
	struct kmr_memblock_region *r = &list->regions[i];

	if (!i || i >= list->nr || r[-1].end != r->start || !alike(r - 1, r))
		return;
	r[-1].end = r->end;
	memmove(r, r + 1, (list->nr - i - 1) * sizeof(*r));
	list->nr--;
}

/* memblock_add_range(): the parts of @r that no region has */
static void add_range(struct kmr_memblock *mb, struct kmr_memblock_list *list,
		      struct kmr_memblock_region r)
{
	const size_t first = first_above(list, r.start);
	const uint64_t end = r.end;
	size_t i = first;

	while (r.start < end && !mb->nomem) {
		r.end = i < list->nr && list->regions[i].start < end ? list->regions[i].start : end;
		if (r.start < r.end)
			insert_at(mb, list, i++, &r);
		if (i >= list->nr || list->regions[i].start >= end)
			break;
		r.start = list->regions[i++].end;
	}
	for (i = i < list->nr ? i : list->nr; i > 0 && i >= first; i--)
		merge_at(list, i);
}

/* memblock_remove_range() */
static void remove_range(struct kmr_memblock *mb, struct kmr_memblock_list *list, uint64_t start,
			 uint64_t end)
{
	size_t i = first_above(list, start), kept;

	if (start >= end)
		return;
	if (i < list->nr && list->regions[i].start < start) {
		struct kmr_memblock_region low = list->regions[i];

		low.end = start;
		list->regions[i].start = start;
		insert_at(mb, list, i++, &low);
	}
	for (kept = i; i < list->nr && list->regions[i].end <= end; i++)
		;
	memmove(&list->regions[kept], &list->regions[i], (list->nr - i) * sizeof(*list->regions));
	list->nr -= i - kept;
	if (kept < list->nr && list->regions[kept].start < end)
		list->regions[kept].start = end;
}

void kmr_memblock_add(struct kmr_memblock *mb, uint64_t start, uint64_t end, uint16_t node,
		      bool hotplug)
{
	add_range(mb, &mb->memory,
		  (struct kmr_memblock_region){
			  .start = start, .end = end, .node = node, .hotplug = hotplug });
}

void kmr_memblock_remove(struct kmr_memblock *mb, uint64_t start, uint64_t end)
{
	remove_range(mb, &mb->memory, start, end);
}

void kmr_memblock_reserve(struct kmr_memblock *mb, uint64_t start, uint64_t end, const char *what,
			  uint8_t kind)
{
	add_range(mb, &mb->reserved,
		  (struct kmr_memblock_region){
			  .start = start, .end = end, .what = what, .kind = kind });
}

void kmr_memblock_free(struct kmr_memblock *mb, uint64_t start, uint64_t end)
{
	remove_range(mb, &mb->reserved, start, end);
}

static uint64_t clamp(uint64_t v, uint64_t lo, uint64_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* A place for @r between @lo and @hi, which are of one region of memory. */
static uint64_t find_between(const struct kmr_memblock *mb, const struct kmr_memblock_request *r,
			     uint64_t lo, uint64_t hi)
{
	const struct kmr_memblock_list *res = &mb->reserved;
	const size_t first = first_above(res, lo), last = first_above(res, hi);

	/* gap i lies below reserved region i */
	for (size_t n = 0; n <= last - first; n++) {
		size_t i = mb->bottom_up ? first + n : last - n;
		uint64_t start = clamp(i ? res->regions[i - 1].end : 0, lo, hi);
		uint64_t end = clamp(i < res->nr ? res->regions[i].start : hi, lo, hi);
		uint64_t at;

		if (start >= end || end - start < r->size)
			continue;
		at = mb->bottom_up ? (start + r->align - 1) & ~(r->align - 1)
				   : (end - r->size) & ~(r->align - 1);
		if (at >= start && at < end && end - at >= r->size)
			return at;
	}
	return KMR_MEMBLOCK_NONE;
}

static uint64_t find_on(const struct kmr_memblock *mb, const struct kmr_memblock_request *r,
			uint16_t node)
{
	uint64_t min = r->min > mb->page_size ? r->min : mb->page_size;
	uint64_t max = r->max ? r->max : mb->limit;

	for (size_t n = 0; n < mb->memory.nr; n++) {
		const struct kmr_memblock_region *m =
			&mb->memory.regions[mb->bottom_up ? n : mb->memory.nr - 1 - n];
		uint64_t lo = m->start > min ? m->start : min, hi = m->end < max ? m->end : max;
		uint64_t at;

		if (lo >= hi || (node != UINT16_MAX && m->node != node) ||
		    (m->hotplug && mb->skip_hotplug))
			continue;
		at = find_between(mb, r, lo, hi);
		if (at != KMR_MEMBLOCK_NONE)
			return at;
	}
	return KMR_MEMBLOCK_NONE;
}

uint64_t kmr_memblock_find(const struct kmr_memblock *mb, const struct kmr_memblock_request *r)
{
	return find_on(mb, r, r->node);
}

static uint64_t find_anyhow(const struct kmr_memblock *mb, const struct kmr_memblock_request *r)
{
	uint64_t at = find_on(mb, r, r->node);

	if (at == KMR_MEMBLOCK_NONE && r->node != UINT16_MAX && !r->exact_node)
		at = find_on(mb, r, UINT16_MAX);
	return at;
}

uint64_t kmr_memblock_alloc(struct kmr_memblock *mb, const struct kmr_memblock_request *r)
{
	uint64_t at = find_anyhow(mb, r);

	if (at == KMR_MEMBLOCK_NONE && r->min) {
		struct kmr_memblock_request low = *r;

		low.min = 0;
		at = find_anyhow(mb, &low);
	}
	if (at != KMR_MEMBLOCK_NONE)
		kmr_memblock_reserve(mb, at, at + r->size, r->what, r->kind);
	return at;
}

bool kmr_memblock_next_free(const struct kmr_memblock *mb, uint64_t *start, uint64_t *end)
{
	uint64_t from = *start;

	for (size_t i = first_above(&mb->memory, from); i < mb->memory.nr; i++) {
		const struct kmr_memblock_region *m = &mb->memory.regions[i];
		size_t r;

		if (from < m->start)
			from = m->start;
		for (r = first_above(&mb->reserved, from);
		     r < mb->reserved.nr && mb->reserved.regions[r].start <= from; r++)
			from = mb->reserved.regions[r].end;
		if (from >= m->end)
			continue;
		*start = from;
		*end = r < mb->reserved.nr && mb->reserved.regions[r].start < m->end
			       ? mb->reserved.regions[r].start
			       : m->end;
		return true;
	}
	return false;
}

const struct kmr_memblock_region *kmr_memblock_memory_above(const struct kmr_memblock *mb,
							    uint64_t addr)
{
	size_t i = first_above(&mb->memory, addr);

	return i < mb->memory.nr ? &mb->memory.regions[i] : NULL;
}

uint64_t kmr_memblock_size(const struct kmr_memblock *mb, uint64_t limit)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < mb->memory.nr; i++) {
		const struct kmr_memblock_region *m = &mb->memory.regions[i];

		if (m->start < limit)
			sum += (m->end < limit ? m->end : limit) - m->start;
	}
	return sum;
}

uint64_t kmr_memblock_end(const struct kmr_memblock *mb)
{
	return mb->memory.nr ? mb->memory.regions[mb->memory.nr - 1].end : 0;
}

void kmr_memblock_destroy(struct kmr_memblock *mb)
{
	free(mb->memory.regions);
	free(mb->reserved.regions);
	memset(mb, 0, sizeof(*mb));
}
