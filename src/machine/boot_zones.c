// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zones: which frames each architecture's have, where Movable begins, what of it nodes have.
 * (mm/page_alloc.c of 6.1, mm/mm_init.c of 6.12: free_area_init(),
 * find_zone_movable_pfns_for_nodes())
 */
#include <string.h>

#include "machine/boot.h"
#include "machine/internal.h"

#define MIB16	 (UINT64_C(16) << 20)
#define GIB4	 (UINT64_C(4) << 30)
#define WHOLE	 UINT64_C(1000000000)
#define NO_LIMIT UINT64_MAX

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t clamp(uint64_t v, uint64_t lo, uint64_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* The whole frames of a region. */
static uint64_t first_pfn(const struct kmr_boot *b, const struct kmr_memblock_region *r)
{
	return (r->start + b->page - 1) / b->page;
}

static uint64_t end_pfn(const struct kmr_boot *b, const struct kmr_memblock_region *r)
{
	return max(r->end / b->page, first_pfn(b, r));
}

uint64_t kmr_boot_pages_between(const struct kmr_boot *b, uint16_t node, uint64_t start,
				uint64_t end)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < b->mb.memory.nr; i++) {
		const struct kmr_memblock_region *r = &b->mb.memory.regions[i];
		uint64_t from = max(first_pfn(b, r), start), to = min(end_pfn(b, r), end);

		if ((node == KMR_ANY_NODE || r->node == node) && from < to)
			pages += to - from;
	}
	return pages;
}

bool kmr_boot_node_span(const struct kmr_boot *b, unsigned int node, uint64_t *start, uint64_t *end)
{
	bool found = false;

	for (size_t i = 0; i < b->mb.memory.nr; i++) {
		const struct kmr_memblock_region *r = &b->mb.memory.regions[i];

		if (r->node != node || first_pfn(b, r) == end_pfn(b, r))
			continue;
		if (!found)
			*start = first_pfn(b, r);
		*end = end_pfn(b, r);
		found = true;
	}
	return found;
}

/* arch/arm64/mm/init.c: max_zone_phys(): frames that a device with @bits of address reaches */
static uint64_t arm64_reach(const struct kmr_boot *b, unsigned int bits)
{
	uint64_t mask = (UINT64_C(1) << bits) - 1;
	uint64_t start = b->mb.memory.regions[0].start;

	if (start >= GIB4)
		return b->max_pfn;
	if (start > mask)
		mask = GIB4 - 1;
	return min(mask / b->page + 1, b->max_pfn);
}

/* dma_contiguous_reserve(): what is mapped on x86, what devices reach on arm64 */
uint64_t kmr_boot_cma_end(const struct kmr_boot *b)
{
	if (b->spec->arch == KMR_ARCH_I386)
		return b->max_low_pfn * b->page;
	if (b->spec->arch == KMR_ARCH_ARM64)
		return arm64_reach(b, b->spec->build.dma_bits
					      ? (unsigned int)b->spec->build.dma_bits
					      : 32) *
		       b->page;
	return b->max_pfn * b->page;
}

/* One past the last frame that a zone type can have: the arrays given to free_area_init(). */
static void highest_pfns(const struct kmr_boot *b, uint64_t *high)
{
	const struct kmr_spec *spec = b->spec;
	uint64_t dma = MIB16 / b->page;

	switch (spec->arch) {
	case KMR_ARCH_I386:
		high[KMR_ZONE_DMA] = min(dma, b->max_low_pfn);
		high[KMR_ZONE_NORMAL] = b->max_low_pfn;
		high[KMR_ZONE_HIGHMEM] = b->max_pfn;
		break;
	case KMR_ARCH_X86_64:
		high[KMR_ZONE_DMA] = min(dma, b->max_pfn);
		high[KMR_ZONE_DMA32] = min(GIB4 / b->page, b->max_pfn);
		high[KMR_ZONE_NORMAL] = b->max_pfn;
		break;
	case KMR_ARCH_ARM64:
		high[KMR_ZONE_DMA] = kmr_boot_cma_end(b) / b->page;
		high[KMR_ZONE_DMA32] = arm64_reach(b, 32);
		high[KMR_ZONE_NORMAL] = b->max_pfn;
		break;
	default:
		/* without an I/O MMU; with one, all memory is DMA's (MAX_DMA_ADDRESS) */
		high[KMR_ZONE_DMA] =
			min(spec->build.dma_bits ? (UINT64_C(1) << spec->build.dma_bits) / b->page
						 : dma,
			    b->max_pfn);
		high[KMR_ZONE_NORMAL] = b->max_pfn;
	}
}

static void set_zone_limits(struct kmr_boot *b)
{
	uint64_t high[KMR_ZONE_NR_TYPES] = { 0 };
	uint64_t start = first_pfn(b, &b->mb.memory.regions[0]);

	highest_pfns(b, high);
	for (unsigned int t = 0; t < KMR_ZONE_MOVABLE; t++) {
		if (!b->m->has_type[t])
			continue;
		b->zone_low[t] = start;
		b->zone_high[t] = start = max(high[t], start);
	}
}

/* find_usable_zone_for_movable(): the highest type that has frames */
static unsigned int movable_zone(const struct kmr_boot *b)
{
	unsigned int t = KMR_ZONE_MOVABLE;

	while (t-- > 1)
		if (b->zone_high[t] > b->zone_low[t])
			break;
	return t;
}

/* Pages of a size or of a share of @total. */
static uint64_t amount(const struct kmr_boot *b, uint64_t bytes, uint64_t share, uint64_t total)
{
	return share ? total / WHOLE * share + total % WHOLE * share / WHOLE : bytes / b->page;
}

/* Pages that kernelcore= and movablecore= together leave to the kernel; 0: all of them. */
static uint64_t kernel_pages(const struct kmr_boot *b, uint64_t total)
{
	const struct kmr_spec_boot *p = &b->spec->boot;
	const uint64_t block = UINT64_C(1) << (b->m->nr_orders - 1);
	uint64_t core = amount(b, p->kernelcore, p->kernelcore_share, total);
	uint64_t movable = amount(b, p->movablecore, p->movablecore_share, total);

	if (movable) {
		movable = min((movable + block - 1) & ~(block - 1), total);
		core = max(core, total - movable);
	}
	return core >= total ? 0 : core;
}

/* One node's share of the kernel's pages, from its lowest; less is *@left. */
static void place_on_node(struct kmr_boot *b, unsigned int node, uint64_t usable, uint64_t share,
			  uint64_t *left)
{
	uint64_t *movable = &b->movable_pfn[node];

	for (size_t i = 0; i < b->mb.memory.nr; i++) {
		const struct kmr_memblock_region *r = &b->mb.memory.regions[i];
		uint64_t start = max(first_pfn(b, r), *movable), end = end_pfn(b, r);
		uint64_t pages;

		if (r->node != node || start >= end)
			continue;
		if (start < usable) {
			/* the kernel's in any case */
			pages = min(end, usable) - start;
			share -= min(pages, share);
			*left -= min(pages, *left);
			if (end <= usable) {
				*movable = end;
				continue;
			}
			start = usable;
		}
		pages = min(end - start, share);
		*movable = start + pages;
		*left -= min(pages, *left);
		share -= pages;
		if (!share)
			break;
	}
}

static unsigned int count_nodes(const struct kmr_boot *b)
{
	unsigned int nodes = 0;
	uint64_t start, end;

	for (unsigned int n = 0; n < b->spec->nr_nodes; n++)
		nodes += kmr_boot_node_span(b, n, &start, &end);
	return nodes;
}

/* The kernel's pages evenly over the nodes, in rounds while some nodes are too small. */
static void spread_kernel_pages(struct kmr_boot *b)
{
	uint64_t total = kmr_boot_pages_between(b, KMR_ANY_NODE, 0, NO_LIMIT);
	uint64_t left = kernel_pages(b, total), start, end;
	uint64_t usable = b->zone_low[movable_zone(b)];
	unsigned int nodes = count_nodes(b);

	if (!left)
		return;
	do {
		uint64_t share = left / nodes;

		for (unsigned int n = 0; n < b->spec->nr_nodes; n++) {
			if (!kmr_boot_node_span(b, n, &start, &end))
				continue;
			if (left < share)
				share = left / nodes;
			place_on_node(b, n, usable, share, &left);
		}
		nodes--;
	} while (nodes && left > nodes);
}

/* movable_node: from a node's lowest memory that can be taken out. */
static void follow_firmware(struct kmr_boot *b)
{
	for (size_t i = b->mb.memory.nr; i-- > 0;) {
		const struct kmr_memblock_region *r = &b->mb.memory.regions[i];

		if (r->hotplug)
			b->movable_pfn[r->node] = first_pfn(b, r);
	}
}

static void find_movable(struct kmr_boot *b)
{
	const uint64_t block = UINT64_C(1) << (b->m->nr_orders - 1);

	if (b->spec->boot.movable_node)
		follow_firmware(b);
	else
		spread_kernel_pages(b);
	for (unsigned int n = 0; n < b->spec->nr_nodes; n++) {
		uint64_t *pfn = &b->movable_pfn[n], start, end;

		*pfn = (*pfn + block - 1) & ~(block - 1);
		if (!kmr_boot_node_span(b, n, &start, &end) || *pfn >= end)
			*pfn = 0;
	}
}

/* zone_spanned_pages_in_node(), adjust_zone_range_for_zone_movable() */
static void zone_span(const struct kmr_boot *b, unsigned int node, unsigned int type,
		      uint64_t node_start, uint64_t node_end, uint64_t *start, uint64_t *end)
{
	const uint64_t movable = b->movable_pfn[node];

	if (type == KMR_ZONE_MOVABLE) {
		*start = movable;
		*end = movable ? min(node_end, b->zone_high[movable_zone(b)]) : 0;
		return;
	}
	*start = clamp(node_start, b->zone_low[type], b->zone_high[type]);
	*end = clamp(node_end, b->zone_low[type], b->zone_high[type]);
	if (!movable)
		return;
	if (*start >= movable)
		*end = *start;
	else if (*end > movable)
		*end = movable;
}

static void add_zone(struct kmr_boot *b, unsigned int node, unsigned int type, uint64_t start,
		     uint64_t end)
{
	struct kmr_machine *m = b->m;
	struct kmr_zone_spec *z = &m->zones[m->nr_zones];
	/* memory that comes later goes to one of these, so they are there */
	bool target = m->nr_hotplug && (type == KMR_ZONE_NORMAL || type == KMR_ZONE_MOVABLE);

	if (m->nr_zones == KMR_MAX_ZONES)
		return;
	memset(z, 0, sizeof(*z));
	z->node = (uint16_t)node;
	z->type = (uint8_t)type;
	if (start < end) {
		z->start_pfn = start;
		z->spanned = end - start;
		z->present = kmr_boot_pages_between(b, (uint16_t)node, start, end);
	}
	if (z->present || target)
		m->nr_zones++;
}

void kmr_boot_zones(struct kmr_boot *b)
{
	set_zone_limits(b);
	find_movable(b);
	b->m->nr_zones = 0;
	for (unsigned int n = 0; n < b->spec->nr_nodes; n++) {
		uint64_t node_start = 0, node_end = 0, start, end;

		(void)kmr_boot_node_span(b, n, &node_start, &node_end);
		for (unsigned int t = 0; t < KMR_ZONE_NR_TYPES; t++) {
			if (!b->m->has_type[t])
				continue;
			zone_span(b, n, t, node_start, node_end, &start, &end);
			add_zone(b, n, t, start, end);
		}
	}
}
