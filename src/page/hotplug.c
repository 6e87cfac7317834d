// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that comes and goes, in sections: zones grow and shrink, limits follow.  Behaviour:
 * online_pages(), offline_pages() in mm/memory_hotplug.c.
 */
#include <stdlib.h>
#include <string.h>

#include "page/contig.h"

struct kmr_zone *kmr_zone_of_section(const struct kmr_page_backend *b, uint32_t pfn)
{
	uint8_t owner;

	if (pfn >= b->nr_frames)
		return NULL;
	owner = b->section_zone[pfn >> b->contig->section_order];
	if (owner == KMR_SECTION_OFFLINE)
		return NULL;
	if (owner != KMR_SECTION_BOOT)
		return &b->zones[owner - 1];
	for (unsigned int i = 0; i < b->nr_zones; i++)
		if (pfn - b->zones[i].boot_start < b->zones[i].boot_end - b->zones[i].boot_start)
			return &b->zones[i];
	return NULL;
}

static uint32_t section_pages(const struct kmr_page_backend *b)
{
	return 1u << b->contig->section_order;
}

static uint32_t nr_sections(const struct kmr_page_backend *b)
{
	return (uint32_t)(((uint64_t)b->nr_frames + section_pages(b) - 1) >>
			  b->contig->section_order);
}

/* From now on sections can change hands; -1: not on this machine, or no memory. */
static int track_sections(struct kmr_page_backend *b)
{
	const struct kmr_machine *m = &b->contig->machine;

	if (b->section_zone)
		return 0;
	if (!b->contig->section_order)
		return -1;
	b->section_zone = calloc(nr_sections(b), 1);
	if (!b->section_zone)
		return -1;
	for (unsigned int i = 0; i < m->nr_hotplug; i++)
		memset(b->section_zone + (m->hotplug[i].start_pfn >> b->contig->section_order),
		       KMR_SECTION_OFFLINE,
		       (m->hotplug[i].end_pfn - m->hotplug[i].start_pfn) >>
			       b->contig->section_order);
	return 0;
}

static bool whole_sections(const struct kmr_page_backend *b, uint64_t pfn, uint64_t pages)
{
	return pages && pfn < b->nr_frames && pages <= b->nr_frames - pfn &&
	       !((pfn | pages) & (section_pages(b) - 1));
}

static void set_sections(struct kmr_page_backend *b, uint32_t pfn, uint32_t pages, uint8_t owner)
{
	memset(b->section_zone + (pfn >> b->contig->section_order), owner,
	       pages >> b->contig->section_order);
}

static bool all_offline(const struct kmr_page_backend *b, uint64_t pfn, uint64_t pages)
{
	for (uint64_t p = pfn; p < pfn + pages; p += section_pages(b))
		if (b->section_zone[p >> b->contig->section_order] != KMR_SECTION_OFFLINE)
			return false;
	return true;
}

static struct kmr_zone *find_zone(const struct kmr_page_backend *b, unsigned int node,
				  unsigned int type)
{
	for (unsigned int i = 0; i < b->nr_zones; i++)
		if (b->zones[i].node == node && b->zones[i].type == type)
			return &b->zones[i];
	return NULL;
}

static bool intersects(const struct kmr_zone *z, const struct kmr_memory_block *block)
{
	return z && z->start != z->end && block->pfn < z->end &&
	       block->pfn + block->pages > z->start;
}

/*
 * The node of memory from boot; else of what begins last below the block; else the first one's.
 * The kernel has it from the firmware.
 */
static unsigned int node_of(const struct kmr_page_backend *b, uint64_t pfn)
{
	const struct kmr_zone *best = NULL;

	for (unsigned int i = 0; i < b->nr_zones; i++) {
		const struct kmr_zone *z = &b->zones[i];

		if (pfn >= z->boot_start && pfn < z->boot_end)
			return z->node;
		if (z->start != z->end && z->start <= pfn && (!best || z->start > best->start))
			best = z;
	}
	return best ? best->node : b->zones[0].node;
}

/* default_kernel_zone_for_pfn() */
static struct kmr_zone *default_kernel_zone(const struct kmr_page_backend *b, unsigned int node,
					    const struct kmr_memory_block *block)
{
	for (unsigned int type = 0; type < KMR_ZONE_NORMAL; type++) {
		struct kmr_zone *z = find_zone(b, node, type);

		if (intersects(z, block))
			return z;
	}
	return find_zone(b, node, KMR_ZONE_NORMAL);
}

/* default_zone_for_pfn() without movable_node: ZONE_MOVABLE only where that is already */
static struct kmr_zone *default_zone(const struct kmr_page_backend *b, unsigned int node,
				     const struct kmr_memory_block *block)
{
	struct kmr_zone *kernel = default_kernel_zone(b, node, block);
	struct kmr_zone *movable = find_zone(b, node, KMR_ZONE_MOVABLE);

	return intersects(movable, block) && !intersects(kernel, block) ? movable : kernel;
}

/* zone_for_pfn_range(), policy "contig-zones" */
static struct kmr_zone *zone_for(const struct kmr_page_backend *b,
				 const struct kmr_memory_block *block)
{
	const unsigned int node =
		block->node >= 0 ? (unsigned int)block->node : node_of(b, block->pfn);

	if (block->zone == KMR_ZONE_MOVABLE)
		return find_zone(b, node, KMR_ZONE_MOVABLE);
	if (block->zone == KMR_EV_ANY_ZONE)
		return default_zone(b, node, block);
	return default_kernel_zone(b, node, block);
}

static void set_span(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t start, uint32_t end)
{
	struct kmr_zone_spec *spec = &b->contig->machine.zones[z->index];

	z->start = start;
	z->end = end;
	z->first_block = start >> b->pageblock_order;
	z->nr_blocks = start == end ? 0 : ((end - 1) >> b->pageblock_order) - z->first_block + 1;
	z->pageblocks = b->pageblocks + z->first_block;
	spec->start_pfn = start;
	spec->spanned = end - start;
}

/* The zone has @pages more than before: everything that follows from its size. */
static void resized(struct kmr_page_backend *b, struct kmr_zone *z, int64_t pages)
{
	struct kmr_machine *m = &b->contig->machine;
	struct kmr_zone_spec *spec = &m->zones[z->index];

	z->managed += (uint64_t)pages;
	spec->managed += (uint64_t)pages;
	spec->present += (uint64_t)pages;
	m->ram_pages += (uint64_t)pages;
}

/* A zone got its first memory, or lost its last: build_all_zonelists(), with CPUs up by now. */
static void rebuild_zonelists(struct kmr_page_backend *b)
{
	b->contig->machine.zonelists_rebuilt = true;
	kmr_build_zonelists(b, &b->contig->machine);
}

/* init_per_zone_wmark_min() */
static void update_limits(struct kmr_page_backend *b)
{
	struct kmr_machine *m = &b->contig->machine;

	kmr_machine_update_limits(m, b->contig->thp_on);
	for (unsigned int i = 0; i < b->nr_zones; i++)
		kmr_set_zone_limits(b, m, &b->zones[i], &m->zones[i]);
}

/* move_pfn_range_to_zone() */
static void move_to_zone(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			 uint32_t pages)
{
	const uint32_t end = pfn + pages;
	const bool empty = z->start == z->end;

	set_span(b, z, empty || pfn < z->start ? pfn : z->start,
		 empty || end > z->end ? end : z->end);
	set_sections(b, pfn, pages, (uint8_t)(z->index + 1));
	memset(kmr_pageblock(b, z, pfn), KMR_MIGRATE_ISOLATE, pages >> b->pageblock_order);
	z->nr_isolate += pages >> b->pageblock_order;
}

/* online_pages_range() */
static void free_all(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn, uint32_t pages,
		     unsigned int cpu)
{
	const uint32_t end = pfn + pages;

	while (pfn < end) {
		unsigned int order = b->nr_orders - 1;

		if (pfn && (unsigned int)__builtin_ctz(pfn) < order)
			order = (unsigned int)__builtin_ctz(pfn);
		kmr_bits_set_free(b->bits, pfn, order);
		kmr_free_one_page_tail(b, z, pfn, order, KMR_MIGRATE_ISOLATE, cpu);
		pfn += 1u << order;
	}
}

enum kmr_range_result kmr_linux_online(struct kmr_page_backend *b,
				       const struct kmr_memory_block *block, unsigned int cpu)
{
	const uint32_t pfn = (uint32_t)block->pfn, pages = (uint32_t)block->pages;
	struct kmr_zone *z;
	bool populated;

	if (cpu >= b->nr_cpus || track_sections(b) ||
	    !whole_sections(b, block->pfn, block->pages) ||
	    !all_offline(b, block->pfn, block->pages))
		return KMR_RANGE_INVALID;
	z = zone_for(b, block);
	if (!z)
		return KMR_RANGE_INVALID;
	populated = z->managed != 0;
	z->odd_merges = true;
	move_to_zone(b, z, pfn, pages);
	free_all(b, z, pfn, pages, cpu);
	resized(b, z, pages);
	if (!populated)
		rebuild_zonelists(b);
	kmr_undo_isolate(b, z, pfn, pfn + pages, KMR_MIGRATE_MOVABLE, cpu);
	update_limits(b);
	b->contig->work.pages_onlined += pages;
	return KMR_RANGE_DONE;
}

/* All of it is there, and one zone's. */
static struct kmr_zone *zone_of_sections(const struct kmr_page_backend *b, uint32_t pfn,
					 uint32_t pages)
{
	const struct kmr_machine *m = &b->contig->machine;
	struct kmr_zone *z = kmr_zone_of(b, pfn);

	for (uint32_t p = pfn; p < pfn + pages; p += section_pages(b)) {
		const uint32_t last = p + section_pages(b) - 1;
		unsigned int i = 0;

		if (!z || kmr_zone_of(b, p) != z || kmr_zone_of(b, last) != z)
			return NULL;
		if (b->section_zone[p >> b->contig->section_order] != KMR_SECTION_BOOT)
			continue;
		while (i < m->nr_ram && (p < m->ram[i].start_pfn || last >= m->ram[i].end_pfn))
			i++;
		if (m->nr_ram && i == m->nr_ram)
			return NULL;
	}
	return z;
}

/* zone_pcp_disable(): what is freed goes through, what is asked for is refilled one at a time. */
static void pcp_disable(struct kmr_page_backend *b, struct kmr_zone *z)
{
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++) {
		struct kmr_pcp *pcp = &z->pcp[cpu];

		pcp->usual_high = pcp->high;
		pcp->usual_high_min = pcp->high_min;
		pcp->usual_high_max = pcp->high_max;
		pcp->usual_batch = pcp->batch;
		/* since 6.7 the next operation brings it between its limits */
		if (!b->rules->auto_high)
			pcp->high = 0;
		pcp->high_min = 0;
		pcp->high_max = 0;
		pcp->batch = 1;
	}
	kmr_drain_zone(b, z);
}

static void pcp_enable(struct kmr_page_backend *b, struct kmr_zone *z)
{
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++) {
		struct kmr_pcp *pcp = &z->pcp[cpu];

		if (!b->rules->auto_high)
			pcp->high = pcp->usual_high;
		pcp->high_min = pcp->usual_high_min;
		pcp->high_max = pcp->usual_high_max;
		pcp->batch = pcp->usual_batch;
	}
}

/* __offline_isolated_pages() */
static void take_away(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn, uint32_t pages)
{
	const uint32_t end = pfn + pages;

	while (pfn < end) {
		const unsigned int order = kmr_frame(b, pfn)->order;

		kmr_free_list_del(b, z, pfn);
		kmr_bits_set_used(b->bits, pfn, order, false);
		pfn += 1u << order;
	}
}

/* The part of a zone's memory that lies in section @s; false: none of it is online. */
static bool section_part(const struct kmr_page_backend *b, const struct kmr_zone *z, uint32_t s,
			 uint32_t *start, uint32_t *end)
{
	const uint8_t owner = b->section_zone[s];

	*start = s << b->contig->section_order;
	*end = *start + section_pages(b);
	if (owner == z->index + 1)
		return true;
	if (owner != KMR_SECTION_BOOT)
		return false;
	if (*start < z->boot_start)
		*start = z->boot_start;
	if (*end > z->boot_end)
		*end = z->boot_end;
	return *start < *end;
}

/* The zone spans what it still has: shrink_zone_span() */
static void shrink_span(struct kmr_page_backend *b, struct kmr_zone *z)
{
	uint32_t first = 0, last = 0, start, end;

	for (uint32_t s = 0; s < nr_sections(b); s++) {
		if (!section_part(b, z, s, &start, &end))
			continue;
		if (!last)
			first = start;
		last = end;
	}
	set_span(b, z, first, last);
}

/* zone_pcp_reset(): nobody's counts lag behind any more */
static void pcp_reset(struct kmr_page_backend *b, struct kmr_zone *z)
{
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++) {
		z->stat_lag -= z->pcp[cpu].stat_diff;
		z->pcp[cpu].stat_diff = 0;
	}
}

static enum kmr_range_result empty_range(struct kmr_page_backend *b, struct kmr_zone *z,
					 uint32_t pfn, uint32_t end, unsigned int cpu,
					 kmr_pfn_t *busy)
{
	enum kmr_range_result result =
		kmr_isolate_range(b, z, pfn, end, KMR_MIGRATE_MOVABLE, cpu, busy);

	if (result)
		return result;
	result = kmr_migrate_for_offline(b, z, pfn, end, cpu, busy);
	if (!result) {
		*busy = kmr_test_isolated(b, z, pfn, end);
		if (*busy != KMR_NO_PFN)
			result = KMR_RANGE_BUSY;
	}
	if (result)
		kmr_undo_isolate(b, z, pfn, end, KMR_MIGRATE_MOVABLE, cpu);
	return result;
}

enum kmr_range_result kmr_linux_offline(struct kmr_page_backend *b, uint64_t start, uint64_t count,
					unsigned int cpu, kmr_pfn_t *busy)
{
	const uint32_t pfn = (uint32_t)start, pages = (uint32_t)count;
	enum kmr_range_result result;
	struct kmr_zone *z;

	*busy = KMR_NO_PFN;
	if (cpu >= b->nr_cpus || track_sections(b) || !whole_sections(b, start, count))
		return KMR_RANGE_INVALID;
	z = zone_of_sections(b, pfn, pages);
	if (!z)
		return KMR_RANGE_INVALID;
	pcp_disable(b, z);
	result = empty_range(b, z, pfn, pfn + pages, cpu, busy);
	if (!result)
		take_away(b, z, pfn, pages);
	pcp_enable(b, z);
	if (result)
		return result;
	z->nr_isolate -= pages >> b->pageblock_order;
	set_sections(b, pfn, pages, KMR_SECTION_OFFLINE);
	resized(b, z, -(int64_t)pages);
	shrink_span(b, z);
	update_limits(b);
	if (!z->managed) {
		pcp_reset(b, z);
		rebuild_zonelists(b);
	}
	b->contig->work.pages_offlined += pages;
	return KMR_RANGE_DONE;
}

int kmr_hotplug_check(const struct kmr_page_backend *b, struct kmr_error *err)
{
	for (uint32_t s = 0; b->section_zone && s < nr_sections(b); s++) {
		const uint8_t owner = b->section_zone[s];
		const uint32_t pfn = s << b->contig->section_order;
		const struct kmr_zone *z;

		if (owner == KMR_SECTION_BOOT || owner == KMR_SECTION_OFFLINE)
			continue;
		z = owner <= b->nr_zones ? &b->zones[owner - 1] : NULL;
		if (!z || pfn < z->start || z->end - pfn < section_pages(b))
			return kmr_fail(err, "section %u, frames from %u, is not in its zone %u", s,
					pfn, owner - 1u);
	}
	return 0;
}
