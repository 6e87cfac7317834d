// SPDX-License-Identifier: GPL-2.0-only
/* Names, lookups and defaults of a machine description. */
#include "machine/internal.h"

#include <stdio.h>
#include <string.h>

#include "kmreplay/addrspace.h"

static const char *const zone_names[KMR_ZONE_NR_TYPES] = {
	[KMR_ZONE_DMA] = "DMA",		[KMR_ZONE_DMA32] = "DMA32",
	[KMR_ZONE_NORMAL] = "Normal",	[KMR_ZONE_HIGHMEM] = "HighMem",
	[KMR_ZONE_MOVABLE] = "Movable",
};

const char *kmr_zone_name(enum kmr_zone_type type)
{
	return (unsigned int)type < KMR_ZONE_NR_TYPES ? zone_names[type] : "?";
}

enum kmr_zone_type kmr_zone_by_name(const char *name)
{
	unsigned int t;

	for (t = 0; t < KMR_ZONE_NR_TYPES; t++)
		if (!strcmp(name, zone_names[t]))
			break;
	return (enum kmr_zone_type)t;
}

const enum kmr_zone_type *kmr_arch_zone_types(const char *arch)
{
	static const enum kmr_zone_type i386[KMR_ARCH_ZONE_TYPES] = { KMR_ZONE_DMA, KMR_ZONE_NORMAL,
								      KMR_ZONE_HIGHMEM,
								      KMR_ZONE_MOVABLE };
	static const enum kmr_zone_type wide[KMR_ARCH_ZONE_TYPES] = { KMR_ZONE_DMA, KMR_ZONE_DMA32,
								      KMR_ZONE_NORMAL,
								      KMR_ZONE_MOVABLE };
	/* has three; the last one is given once more */
	static const enum kmr_zone_type alpha[KMR_ARCH_ZONE_TYPES] = {
		KMR_ZONE_DMA, KMR_ZONE_NORMAL, KMR_ZONE_MOVABLE, KMR_ZONE_MOVABLE
	};

	if (!strcmp(arch, "alpha"))
		return alpha;
	return strcmp(arch, "i386") ? wide : i386;
}

bool kmr_arch_has_zone(const char *arch, enum kmr_zone_type type)
{
	const enum kmr_zone_type *types = kmr_arch_zone_types(arch);

	for (unsigned int i = 0; i < KMR_ARCH_ZONE_TYPES; i++)
		if (types[i] == type)
			return true;
	return false;
}

void kmr_machine_set_arch(struct kmr_machine *m, const char *arch)
{
	const enum kmr_zone_type *types = kmr_arch_zone_types(arch);
	unsigned int i;

	(void)snprintf(m->arch, sizeof(m->arch), "%s", arch);
	m->page_shift = strcmp(arch, "alpha") ? 12 : 13;
	m->nr_orders = 11;
	/* huge pages are 4 MiB without PAE, 2 MiB with it and in 64-bit mode */
	m->pageblock_order = strcmp(arch, "i386") ? 9 : 10;
	memset(m->has_type, 0, sizeof(m->has_type));
	for (i = 0; i < KMR_ARCH_ZONE_TYPES; i++)
		m->has_type[types[i]] = true;
}

void kmr_zone_set_reserve(struct kmr_zone_spec *z, const uint64_t *values,
			  const enum kmr_zone_type *types, unsigned int nr)
{
	uint64_t last = 0;
	unsigned int t, i;

	for (t = 0; t < KMR_ZONE_NR_TYPES; t++) {
		for (i = 0; i < nr; i++)
			if (types[i] == t)
				last = values[i];
		z->reserve[t] = last;
	}
}

void kmr_machine_default_topology(struct kmr_machine *m)
{
	unsigned int i, j;

	for (i = 0; i < m->nr_cpus; i++)
		m->cpu_node[i] = (uint16_t)(i * m->nr_nodes / m->nr_cpus);
	for (i = 0; i < m->nr_nodes; i++)
		for (j = 0; j < m->nr_nodes; j++)
			m->distance[i][j] = i == j ? 10 : 20;
}

unsigned int kmr_machine_split_cpus(const struct kmr_machine *m, unsigned int node)
{
	unsigned int i, n = 0;

	for (i = 0; i < m->nr_cpus; i++)
		n += m->cpu_node[i] == node;
	if (!n)
		n = m->nr_cpus;
	return n ? n : 1;
}

/*
 * A zone's min is floor(pages * managed / lowmem) (__setup_per_zone_wmarks()), so each zone gives
 * a lower bound of pages, and the largest of the bounds fits all of them.
 */
uint64_t kmr_machine_guess_min_free(const struct kmr_machine *m)
{
	uint64_t lowmem = 0, pages = 0;
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++)
		if (m->zones[i].type < KMR_ZONE_HIGHMEM)
			lowmem += m->zones[i].managed;
	for (i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];
		uint64_t bound;

		if (z->type >= KMR_ZONE_HIGHMEM || !z->managed)
			continue;
		bound = (z->wmark_min * lowmem + z->managed - 1) / z->managed;
		if (bound > pages)
			pages = bound;
	}
	return pages << (m->page_shift - 10);
}

/* is_highmem_idx(): Movable is cut from the highest zone that the machine has */
bool kmr_zone_is_highmem(const struct kmr_machine *m, const struct kmr_zone_spec *z)
{
	if (z->type != KMR_ZONE_MOVABLE || !m->has_type[KMR_ZONE_HIGHMEM])
		return z->type == KMR_ZONE_HIGHMEM;
	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].type == KMR_ZONE_HIGHMEM)
			return true;
	/* all of what HighMem would have had */
	return z->start_pfn >= kmr_i386_maxmem_pfn(m);
}

uint64_t kmr_machine_online_end_pfn(const struct kmr_machine *m)
{
	uint64_t end = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].start_pfn + m->zones[i].spanned > end)
			end = m->zones[i].start_pfn + m->zones[i].spanned;
	return end;
}

uint64_t kmr_machine_end_pfn(const struct kmr_machine *m)
{
	uint64_t end = kmr_machine_online_end_pfn(m);

	for (unsigned int i = 0; i < m->nr_hotplug; i++)
		if (m->hotplug[i].end_pfn > end)
			end = m->hotplug[i].end_pfn;
	return end;
}

int kmr_machine_zone_of(const struct kmr_machine *m, uint64_t pfn)
{
	unsigned int i;

	/* one comparison a zone: pfns below start_pfn wrap around */
	for (i = 0; i < m->nr_zones; i++)
		if (pfn - m->zones[i].start_pfn < m->zones[i].spanned)
			return (int)i;
	return -1;
}
