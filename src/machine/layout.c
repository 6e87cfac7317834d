// SPDX-License-Identifier: GPL-2.0-only
/*
 * RAM as QEMU's "pc" machine and SeaBIOS present it, cut into nodes and zones as x86 kernels do.
 * RAM below 4 GiB ends at 3 GiB at the latest, for the PCI hole, once there are 3.5 GiB in all;
 * the rest lies from 4 GiB on.  Nodes have equal shares in that order.
 */
#include <inttypes.h>
#include <string.h>

#include "kmreplay/addrspace.h"
#include "machine/boot.h"
#include "machine/internal.h"

#define MIB	   ((uint64_t)1 << 20)
#define PFN(bytes) ((bytes) >> 12)
#define FIRST_PFN  1 /* frame 0 belongs to the firmware */
#define EBDA_PFN   PFN(0x9f000) /* 0x9fc00: the last page below is not whole */
#define MIB1_PFN   PFN(MIB)
#define DMA_PFN	   PFN(16 * MIB) /* arch/x86/include/asm/dma.h: MAX_DMA_PFN */
#define HOLE_PFN   PFN(3072 * MIB)
#define HOLE_RAM   (3584 * MIB) /* with so much RAM, the hole begins at 3 GiB */
#define DMA32_PFN  PFN(4096 * MIB)
#define ACPI_PAGES PFN(0x26000) /* SeaBIOS keeps the end of low RAM for its tables */

/* A node's share of RAM, cut at the holes. */
struct share {
	uint64_t start, end;
};

static uint64_t overlap(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
	uint64_t start = a > b ? a : b, end = a_end < b_end ? a_end : b_end;

	return start < end ? end - start : 0;
}

static void add_ram(struct kmr_machine *m, uint64_t start, uint64_t end)
{
	if (start < end)
		m->ram[m->nr_ram++] = (struct kmr_ram_range){ start, end };
}

/* The e820 map, usable ranges only; returns where RAM below 4 GiB ends, ACPI's share included. */
static uint64_t lay_out_ram(struct kmr_machine *m)
{
	uint64_t low = m->ram_pages < PFN(HOLE_RAM) ? m->ram_pages : HOLE_PFN;

	m->nr_ram = 0;
	add_ram(m, FIRST_PFN, EBDA_PFN);
	add_ram(m, MIB1_PFN, low - ACPI_PAGES);
	add_ram(m, DMA32_PFN, DMA32_PFN + m->ram_pages - low);
	return low;
}

/* Where the @offset-th page of RAM lies; @offset counts the firmware's as well. */
static uint64_t ram_to_pfn(uint64_t offset, uint64_t low)
{
	return offset < low ? offset : DMA32_PFN + offset - low;
}

/* The node's memory from its first to its last page, holes within it included. */
static struct share node_share(const struct kmr_machine *m, unsigned int node, uint64_t low)
{
	uint64_t each = m->ram_pages / m->nr_nodes & ~(PFN(MIB) - 1);
	uint64_t from = node * each;
	uint64_t to = node + 1 == m->nr_nodes ? m->ram_pages : from + each;
	uint64_t start = ram_to_pfn(from, low), end = ram_to_pfn(to - 1, low) + 1;
	struct share s = { 0, 0 };
	unsigned int i;

	for (i = 0; i < m->nr_ram; i++) {
		const struct kmr_ram_range *r = &m->ram[i];

		if (!overlap(start, end, r->start_pfn, r->end_pfn))
			continue;
		if (!s.end)
			s.start = start > r->start_pfn ? start : r->start_pfn;
		s.end = end < r->end_pfn ? end : r->end_pfn;
	}
	return s;
}

static void zone_bounds(const struct kmr_machine *m, enum kmr_zone_type type, uint64_t *start,
			uint64_t *end)
{
	bool i386 = !strcmp(m->arch, "i386");

	switch (type) {
	case KMR_ZONE_DMA:
		*start = 0;
		*end = DMA_PFN;
		break;
	case KMR_ZONE_DMA32:
		*start = DMA_PFN;
		*end = DMA32_PFN;
		break;
	case KMR_ZONE_NORMAL:
		*start = i386 ? DMA_PFN : DMA32_PFN;
		*end = i386 ? kmr_i386_maxmem_pfn(m) : UINT64_MAX;
		break;
	case KMR_ZONE_HIGHMEM:
		*start = kmr_i386_maxmem_pfn(m);
		*end = UINT64_MAX;
		break;
	default:
		*start = *end = 0;
	}
}

/* zone_spanned_pages_in_node(), zone_absent_pages_in_node() */
static void add_zone(struct kmr_machine *m, unsigned int node, enum kmr_zone_type type,
		     const struct share *s)
{
	struct kmr_zone_spec *z = &m->zones[m->nr_zones];
	uint64_t start, end;
	unsigned int i;

	zone_bounds(m, type, &start, &end);
	if (!overlap(start, end, s->start, s->end))
		return;
	memset(z, 0, sizeof(*z));
	z->node = (uint16_t)node;
	z->type = (uint8_t)type;
	z->start_pfn = start > s->start ? start : s->start;
	z->spanned = overlap(start, end, s->start, s->end);
	for (i = 0; i < m->nr_ram; i++)
		z->present += overlap(z->start_pfn, z->start_pfn + z->spanned, m->ram[i].start_pfn,
				      m->ram[i].end_pfn);
	if (z->present)
		m->nr_zones++;
}

int kmr_boot_layout(struct kmr_machine *m, uint64_t ram, struct kmr_error *err)
{
	const enum kmr_zone_type *types = kmr_arch_zone_types(m->arch);
	bool i386 = !strcmp(m->arch, "i386");
	uint64_t least = (i386 ? 32 : 64) * MIB;
	uint64_t most = i386 ? HOLE_RAM - MIB : (uint64_t)1 << 42;
	unsigned int n, t;
	uint64_t low;

	if (ram < least || ram > most)
		return kmr_fail(err,
				"machine %s: ram=%" PRIu64 "M is too %s: from %" PRIu64
				"M to %" PRIu64 "M will do",
				m->arch, ram / MIB, ram < least ? "small" : "large", least / MIB,
				most / MIB);
	if (ram % MIB)
		return kmr_fail(err, "machine %s: ram=%" PRIu64 " is no whole number of MiB",
				m->arch, ram);
	if (ram / m->nr_nodes < least)
		return kmr_fail(err,
				"machine %s: ram=%" PRIu64 "M on nodes=%u leaves each less than "
				"%" PRIu64 "M: too small",
				m->arch, ram / MIB, m->nr_nodes, least / MIB);
	m->ram_pages = PFN(ram);
	low = lay_out_ram(m);
	m->nr_zones = 0;
	for (n = 0; n < m->nr_nodes; n++) {
		struct share s = node_share(m, n, low);

		for (t = 0; t < KMR_ARCH_ZONE_TYPES; t++)
			add_zone(m, n, types[t], &s);
	}
	return 0;
}
