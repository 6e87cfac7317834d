// SPDX-License-Identifier: GPL-2.0-only
/*
 * What machine files can say, each in a file of traces/machines, with the figures that follow from
 * the kernel's rules.
 *
 *  feature                          file                   test
 *  direct map, 8 MiB gap, 128 MiB   i386                   i386_address_space
 *  pkmap of 1024 slots, fixmap      i386                   i386_address_space
 *  zones, fallback order            i386                   i386_zonelist
 *  largest requests                 i386                   i386_largest_requests
 *  max_order                        i386-max-order-12      max_order
 *  pageblock_order                  i386-max-order-12      max_order
 *  PAE, 64 GiB, mem_map             i386-pae-64G           pae_mem_map, pae_zones
 *  pkmap of 512 slots               i386-pae-64G           pae_address_space
 *  vmalloc=                         i386-vmalloc-256M      vmalloc_parameter
 *  kernelcore= by size              i386-vmalloc-256M      kernelcore_in_high_memory
 *  holes, reserved ranges           x86_64-iomem           holes, reserved_ranges
 *  early allocations                x86_64-iomem           early_allocation
 *  mem=                             x86_64-iomem           holes
 *  sections, their size             x86_64-iomem           sections
 *  nodes, their CPUs, distances     x86_64-numa-4          numa_nodes, numa_fallback
 *  node without memory, or CPUs     x86_64-numa-4          numa_fallback
 *  zone_order                       x86_64-zone-order      zone_order
 *  movablecore=                     x86_64-movablecore     movablecore
 *  kernelcore= in per cent          x86_64-kernelcore      kernelcore_over_nodes
 *  movable_node                     x86_64-movable-node    movable_node
 *  min_free_kbytes                  x86_64-limits          min_free_kbytes
 *  watermark_scale_factor           x86_64-limits          watermark_scale_factor
 *  lowmem_reserve_ratio             x86_64-limits          lowmem_reserve_ratio
 *  x86-64's address space           x86_64                 x86_64_address_space
 *  cma=                             x86_64-cma-hugepages   cma_areas
 *  hugepages=                       x86_64-cma-hugepages   huge_pages
 *  hot-pluggable memory             x86_64-hotplug         hotplug
 *  pages of 8 KiB                   alpha                  alpha
 *  pages of 16 KiB                  arm64-16K              arm64_16k
 *  pages of 64 KiB                  arm64-64K              arm64_64k
 *
 * What a replay makes of them is in test_loads.c and test_contig.c.
 */
#include "support.h"

#include "kmreplay/addrspace.h"
#include "kmreplay/figures.h"

/* "0:HighMem 0:Normal 0:DMA" */
static void expect_zonelist(const struct kmr_machine *m, unsigned int node,
			    enum kmr_zone_type highest, const char *expect)
{
	uint16_t zones[KMR_MAX_ZONES];
	const unsigned int nr = kmr_machine_zonelist(m, node, highest, zones);
	char got[512] = "";

	for (unsigned int i = 0; i < nr; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u:%s", i ? " " : "",
			 m->zones[zones[i]].node, kmr_zone_name(m->zones[zones[i]].type));
	cr_expect_str_eq(got, expect, "%s, node %u: %s, expected %s", m->name, node, got, expect);
}

static struct kmr_address_area area_of(const struct kmr_machine *m, const char *name)
{
	struct kmr_address_area areas[KMR_MAX_ADDRESS_AREAS];
	const unsigned int nr = kmr_address_areas(m, areas, KMR_MAX_ADDRESS_AREAS);

	for (unsigned int i = 0; i < nr; i++)
		if (!strcmp(areas[i].name, name))
			return areas[i];
	cr_assert_fail("%s: no area %s", m->name, name);
	return (struct kmr_address_area){ 0 };
}

/* Pages that boot keeps or lends for @what. */
static uint64_t reserved_pages(const struct kmr_machine *m, const char *what)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < m->nr_reserved; i++)
		if (!strcmp(m->reserved[i].what, what))
			pages += m->reserved[i].end_pfn - m->reserved[i].start_pfn;
	return pages;
}

static uint64_t present_pages(const struct kmr_machine *m)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		pages += m->zones[i].present;
	return pages;
}

/*
 * Documentation/mm/highmem.rst: of the kernel's 1 GiB, 128 MiB are for mappings, so that up to
 * 896 MiB of RAM are mapped directly.  The windows above vmalloc's space (pkmap, LDT, CPU entry
 * areas, fixmap) come out of the direct map, too; arch/x86/include/asm/pgtable_32_areas.h.
 */
Test(machines, i386_address_space)
{
	struct kmr_machine *m = shipped_machine("i386");
	struct kmr_address_space as;
	struct kmr_error err = { "" };
	uint64_t windows;

	cr_assert_eq(kmr_address_space(m, &as, &err), 0, "%s", err.msg);
	windows = 4 * GIB - as.vmalloc_end;
	cr_expect_eq(area_of(m, "lowmem").first, 3 * GIB);
	cr_expect_eq(area_of(m, "lowmem").last + 1 - 3 * GIB, 896 * MIB - windows);
	/* boot's zones are by the same border */
	cr_expect_eq(zone_of(m, 0, KMR_ZONE_HIGHMEM)->start_pfn * 4 * KIB, 896 * MIB - windows);
	cr_expect_eq(as.vmalloc_start - area_of(m, "lowmem").last - 1, 8 * MIB);
	cr_expect_eq(area_of(m, "gap").last - area_of(m, "gap").first + 1, 8 * MIB);
	cr_expect_eq(as.vmalloc_end - area_of(m, "gap").first, 128 * MIB);
	cr_expect_eq(as.pkmap_slots, 1024);
	cr_expect_eq(as.pkmap_start, as.vmalloc_end + 2 * 4 * KIB, "two guard pages below");
	cr_expect_eq(area_of(m, "pkmap").first, as.pkmap_start);
	/* the fixmap ends a page below 4 GiB (__FIXADDR_TOP); 16 slots of it for each of 4 CPUs */
	cr_expect_eq(area_of(m, "fixmap").last, 4 * GIB - 4 * KIB - 1);
	cr_expect_eq(area_of(m, "kmap_local").last - area_of(m, "kmap_local").first + 1,
		     UINT64_C(4) * 16 * 4 * KIB);
	cr_expect_geq(area_of(m, "kmap_local").first, area_of(m, "fixmap").first);
	free(m);
}

Test(machines, i386_zonelist)
{
	struct kmr_machine *m = shipped_machine("i386");

	expect_zonelist(m, 0, KMR_ZONE_HIGHMEM, "0:HighMem 0:Normal 0:DMA");
	expect_zonelist(m, 0, KMR_ZONE_NORMAL, "0:Normal 0:DMA");
	expect_zonelist(m, 0, KMR_ZONE_DMA, "0:DMA");
	cr_expect_eq(zone_of(m, 0, KMR_ZONE_NORMAL)->start_pfn, 16 * MIB / (4 * KIB));
	/* sysctl vm.lowmem_reserve_ratio: 1/256 of what is above DMA, 1/32 of what is above Normal */
	cr_expect_eq(zone_of(m, 0, KMR_ZONE_NORMAL)->reserve[KMR_ZONE_HIGHMEM],
		     zone_of(m, 0, KMR_ZONE_HIGHMEM)->managed / 32);
	cr_expect_eq(zone_of(m, 0, KMR_ZONE_DMA)->reserve[KMR_ZONE_NORMAL],
		     (zone_of(m, 0, KMR_ZONE_NORMAL)->managed -
		      zone_of(m, 0, KMR_ZONE_NORMAL)->init_pages) /
			     256);
	cr_expect_eq(zone_of(m, 0, KMR_ZONE_NORMAL)->reserve[KMR_ZONE_NORMAL], 0);
	free(m);
}

/* include/linux/slab.h: KMALLOC_SHIFT_MAX is MAX_ORDER + PAGE_SHIFT - 1, and so is alloc_pages()'s */
Test(machines, i386_largest_requests)
{
	struct kmr_machine *m = shipped_machine("i386");
	struct kmr_largest l;

	kmr_machine_largest(m, &l);
	cr_expect_eq(l.order, 10);
	cr_expect_eq(l.block, 4 * MIB);
	cr_expect_eq(l.kmalloc[KMR_BY_SLUB], 4 * MIB);
	cr_expect_eq(l.cached[KMR_BY_SLUB], 8 * KIB);
	cr_expect_eq(l.kmalloc[KMR_BY_OLD_SLAB], 4 * MIB);
	cr_expect_eq(l.vmalloc, 120 * MIB - 4 * KIB, "the gap and a guard page are not for it");
	free(m);
}

Test(machines, max_order)
{
	struct kmr_machine *m = shipped_machine("i386-max-order-12");
	struct kmr_largest l;

	kmr_machine_largest(m, &l);
	cr_expect_eq(l.block, 16 * MIB);
	cr_expect_eq(l.kmalloc[KMR_BY_SLUB], 16 * MIB);
	cr_expect_eq(m->nr_orders, 13);
	cr_expect_eq(m->pageblock_order, 10);
	free(m);
}

/* 64 GiB are 16 Mi frames of 32 bytes each: 512 MiB of low memory. */
Test(machines, pae_mem_map)
{
	struct kmr_machine *m = shipped_machine("i386-pae-64G");
	struct kmr_mem_map map;

	kmr_machine_mem_map(m, &map);
	cr_expect_eq(map.model, KMR_FLATMEM);
	cr_expect_eq(map.frames, 64 * GIB / (4 * KIB));
	cr_expect_eq(map.struct_page, 32);
	cr_expect_eq(map.pages * 4 * KIB, 512 * MIB);
	cr_expect_eq(reserved_pages(m, "mem_map"), map.pages);
	for (unsigned int i = 0; i < m->nr_reserved; i++)
		if (!strcmp(m->reserved[i].what, "mem_map"))
			cr_expect_leq(m->reserved[i].end_pfn,
				      zone_of(m, 0, KMR_ZONE_HIGHMEM)->start_pfn);
	cr_expect_lt(zone_of(m, 0, KMR_ZONE_NORMAL)->managed * 4 * KIB, 374 * MIB,
		     "of 886 MiB of low memory");
	free(m);
}

/*
 * 36 bits of address: what lies above 64 GiB is not seen.  A 32nd of high memory is more than all
 * of Normal, so that its reserve shuts out every request that could have had high memory.
 */
Test(machines, pae_zones)
{
	struct kmr_machine *m = shipped_machine("i386-pae-64G");
	const struct kmr_zone_spec *normal = zone_of(m, 0, KMR_ZONE_NORMAL);
	const struct kmr_zone_spec *high = zone_of(m, 0, KMR_ZONE_HIGHMEM);

	cr_expect_eq(high->start_pfn + high->spanned, 64 * GIB / (4 * KIB));
	cr_expect_eq(high->spanned - high->present, GIB / (4 * KIB), "the hole below 4 GiB");
	cr_expect_eq(present_pages(m), (63 * GIB - MIB) / (4 * KIB) + 0x9f - 1);
	cr_expect_eq(high->managed, high->present, "boot has nothing in high memory");
	cr_expect_eq(normal->reserve[KMR_ZONE_HIGHMEM], high->managed / 32);
	cr_expect_gt(normal->reserve[KMR_ZONE_HIGHMEM], normal->managed);
	free(m);
}

/* Entries of 64 bits: a table maps 2 MiB, and that is what pkmap has. */
Test(machines, pae_address_space)
{
	struct kmr_machine *m = shipped_machine("i386-pae-64G");
	struct kmr_address_space as;
	struct kmr_largest l;
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_address_space(m, &as, &err), 0, "%s", err.msg);
	cr_expect_eq(as.pkmap_slots, 512);
	cr_expect_eq(as.table_bytes, 2 * MIB);
	cr_expect_eq(as.vmalloc_end - 3 * GIB - as.direct_end_pfn * 4 * KIB, 128 * MIB);
	kmr_machine_largest(m, &l);
	cr_expect_eq(l.huge[0], 2 * MIB);
	free(m);
}

/* arch/x86/mm/pgtable_32.c, parse_vmalloc(): the gap comes on top of what was asked for. */
Test(machines, vmalloc_parameter)
{
	struct kmr_machine *m = shipped_machine("i386-vmalloc-256M"),
			   *usual = shipped_machine("i386");
	struct kmr_address_space as;
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_address_space(m, &as, &err), 0, "%s", err.msg);
	cr_expect_eq(as.vmalloc_end - as.vmalloc_start, 256 * MIB);
	cr_expect_eq((zone_of(usual, 0, KMR_ZONE_HIGHMEM)->start_pfn -
		      zone_of(m, 0, KMR_ZONE_HIGHMEM)->start_pfn) *
			     4 * KIB,
		     (256 + 8 - 128) * MIB);
	free(usual);
	free(m);
}

/* Documentation/admin-guide/kernel-parameters.txt: Movable's share comes from the highest zone. */
Test(machines, kernelcore_in_high_memory)
{
	struct kmr_machine *m = shipped_machine("i386-vmalloc-256M");
	const struct kmr_zone_spec *movable = zone_of(m, 0, KMR_ZONE_MOVABLE);
	const uint64_t kernel = present_pages(m) - movable->present, block = 1024;

	/* 1 GiB, and what rounding Movable's beginning up to a largest block adds */
	cr_expect_geq(kernel, GIB / (4 * KIB));
	cr_expect_lt(kernel, GIB / (4 * KIB) + block);
	cr_expect_eq(movable->start_pfn % block, 0);
	cr_expect_eq(movable->start_pfn, zone_of(m, 0, KMR_ZONE_HIGHMEM)->start_pfn +
						 zone_of(m, 0, KMR_ZONE_HIGHMEM)->spanned);
	expect_zonelist(m, 0, KMR_ZONE_MOVABLE, "0:Movable 0:HighMem 0:Normal 0:DMA");
	expect_zonelist(m, 0, KMR_ZONE_HIGHMEM, "0:HighMem 0:Normal 0:DMA");
	free(m);
}

/* The file's ranges: 632 KiB, 1023 MiB, 767.875 MiB and, with mem=6G, 2 GiB of 6. */
Test(machines, holes)
{
	struct kmr_machine *m = shipped_machine("x86_64-iomem");
	const struct kmr_zone_spec *dma32 = zone_of(m, 0, KMR_ZONE_DMA32);

	cr_expect_eq(m->nr_ram, 4);
	cr_expect_eq(present_pages(m) * 4 * KIB,
		     632 * KIB + 1023 * MIB + 767 * MIB + 896 * KIB + 2 * GIB);
	cr_expect_eq(kmr_machine_end_pfn(m), 6 * GIB / (4 * KIB), "mem= cuts at an address");
	cr_expect_eq(dma32->spanned, (4 * GIB - 16 * MIB) / (4 * KIB), "to where Normal begins");
	cr_expect_eq((dma32->spanned - dma32->present) * 4 * KIB, (256 + 2048) * MIB + 128 * KIB);
	/* a hole's frames are in the zone that spans them; beyond all RAM there is none */
	cr_expect_eq(kmr_machine_zone_of(m, 0x48000), (int)zone_index(m, 0, KMR_ZONE_DMA32));
	cr_expect_eq(kmr_machine_zone_of(m, 0x180000), -1);
	free(m);
}

Test(machines, reserved_ranges)
{
	struct kmr_machine *m = shipped_machine("x86_64-iomem");
	uint64_t kept = 0;

	cr_expect_eq(reserved_pages(m, "ramoops") * 4 * KIB, MIB);
	cr_expect_eq(reserved_pages(m, "framebuffer") * 4 * KIB, 8 * MIB);
	for (unsigned int i = 0; i < m->nr_reserved; i++)
		if (m->reserved[i].kind == KMR_RESERVED_KEPT)
			kept += m->reserved[i].end_pfn - m->reserved[i].start_pfn;
	for (unsigned int i = 0; i < m->nr_zones; i++)
		kept += m->zones[i].managed;
	cr_expect_eq(kept, present_pages(m), "what is not kept is managed");
	free(m);
}

/* From the top of what is mapped below 4 GiB, at a multiple of 16 MiB. */
Test(machines, early_allocation)
{
	struct kmr_machine *m = shipped_machine("x86_64-iomem");

	cr_expect_eq(reserved_pages(m, "capture buffer") * 4 * KIB, 24 * MIB);
	for (unsigned int i = 0; i < m->nr_reserved; i++) {
		const struct kmr_reserved_range *r = &m->reserved[i];

		if (strcmp(r->what, "capture buffer") != 0)
			continue;
		cr_expect_eq(r->start_pfn * 4 * KIB % (16 * MIB), 0);
		cr_expect_gt(r->end_pfn * 4 * KIB, GIB);
		cr_expect_leq(r->end_pfn * 4 * KIB, UINT64_C(0x7ffe0000));
	}
	free(m);
}

/*
 * 48 sections up to 6 GiB; without RAM are two in the hole at 1 GiB and 16 from 2 to 4 GiB.
 * 128 MiB are 32768 frames of 64 bytes: 2 MiB of mem_map each.
 */
Test(machines, sections)
{
	struct kmr_machine *m = shipped_machine("x86_64-iomem");
	struct kmr_mem_map map;

	kmr_machine_mem_map(m, &map);
	cr_expect_eq(map.model, KMR_VMEMMAP);
	cr_expect_eq(m->section_pages * 4 * KIB, 128 * MIB);
	cr_expect_eq(map.sections, 48 - 2 - 16);
	cr_expect_eq(map.pages * 4 * KIB, map.sections * 2 * MIB);
	cr_expect_eq(reserved_pages(m, "mem_map"), map.pages);
	cr_expect_eq(kmr_machine_block_pages(m), m->section_pages);
	free(m);
}

Test(machines, numa_nodes)
{
	static const uint16_t nodes[6] = { 0, 0, 1, 1, 2, 2 };
	static const uint8_t distance[4][4] = {
		{ 10, 16, 22, 16 }, { 16, 10, 16, 22 }, { 22, 16, 10, 16 }, { 16, 22, 16, 10 }
	};
	struct kmr_machine *m = shipped_machine("x86_64-numa-4");
	struct kmr_frame_range r[KMR_MAX_NODE_RANGES];

	cr_expect_eq(m->nr_nodes, 4);
	cr_expect_eq(m->nr_cpus, 6);
	cr_expect_arr_eq(m->cpu_node, nodes, sizeof(nodes));
	for (unsigned int n = 0; n < 4; n++)
		cr_expect_arr_eq(m->distance[n], distance[n], 4);
	cr_assert_eq(kmr_machine_node_ranges(m, r), 5);
	cr_expect_eq(r[3].node, 1);
	cr_expect_eq(r[3].end_pfn - r[3].start_pfn, 2 * GIB / (4 * KIB));
	cr_expect_eq(r[4].node, 3);
	free(m);
}

/*
 * The nearest first; at equal distance the next one upwards.  Node 2 has no memory: it stands in
 * nobody's list, its own begins with a neighbour.  (mm/page_alloc.c: find_next_best_node())
 */
Test(machines, numa_fallback)
{
	struct kmr_machine *m = shipped_machine("x86_64-numa-4");

	expect_zonelist(m, 0, KMR_ZONE_NORMAL, "0:Normal 0:DMA32 0:DMA 1:Normal 3:Normal");
	expect_zonelist(m, 1, KMR_ZONE_NORMAL, "1:Normal 0:Normal 0:DMA32 0:DMA 3:Normal");
	expect_zonelist(m, 2, KMR_ZONE_NORMAL, "3:Normal 1:Normal 0:Normal 0:DMA32 0:DMA");
	expect_zonelist(m, 3, KMR_ZONE_NORMAL, "3:Normal 0:Normal 0:DMA32 0:DMA 1:Normal");
	free(m);
}

Test(machines, zone_order)
{
	struct kmr_machine *m = shipped_machine("x86_64-zone-order");

	expect_zonelist(m, 0, KMR_ZONE_NORMAL, "0:Normal 1:Normal 0:DMA32 0:DMA");
	expect_zonelist(m, 1, KMR_ZONE_NORMAL, "1:Normal 0:Normal 0:DMA32 0:DMA");
	free(m);
}

/* RAM ends at 9 GiB: 8 GiB and the hole. */
Test(machines, movablecore)
{
	struct kmr_machine *m = shipped_machine("x86_64-movablecore");
	const struct kmr_zone_spec *movable = zone_of(m, 0, KMR_ZONE_MOVABLE);

	cr_expect_eq(movable->start_pfn, 7 * GIB / (4 * KIB));
	cr_expect_eq(movable->present, 2 * GIB / (4 * KIB));
	cr_expect_eq(zone_of(m, 0, KMR_ZONE_NORMAL)->spanned, 3 * GIB / (4 * KIB));
	expect_zonelist(m, 0, KMR_ZONE_MOVABLE, "0:Movable 0:Normal 0:DMA32 0:DMA");
	expect_zonelist(m, 0, KMR_ZONE_NORMAL, "0:Normal 0:DMA32 0:DMA");
	free(m);
}

/* Half of a half for each node, rounded up to a largest block. */
Test(machines, kernelcore_over_nodes)
{
	struct kmr_machine *m = shipped_machine("x86_64-kernelcore");
	const uint64_t share = present_pages(m) / 4, block = 1024;

	for (unsigned int n = 0; n < 2; n++) {
		const struct kmr_zone_spec *movable = zone_of(m, n, KMR_ZONE_MOVABLE);
		uint64_t kernel = 0;

		for (unsigned int i = 0; i < m->nr_zones; i++)
			if (m->zones[i].node == n && m->zones[i].type != KMR_ZONE_MOVABLE)
				kernel += m->zones[i].present;
		cr_expect_geq(kernel, share, "node %u", n);
		cr_expect_lt(kernel, share + block, "node %u", n);
		cr_expect_eq(movable->start_pfn % block, 0);
	}
	expect_zonelist(m, 1, KMR_ZONE_NORMAL, "1:Normal 0:Normal 0:DMA32 0:DMA");
	free(m);
}

/* All of node 1 is Movable, and nothing that boot keeps lies there, not even its mem_map. */
Test(machines, movable_node)
{
	struct kmr_machine *m = shipped_machine("x86_64-movable-node");
	const struct kmr_zone_spec *movable = zone_of(m, 1, KMR_ZONE_MOVABLE);
	struct kmr_mem_map map;

	cr_expect_eq(movable->start_pfn, 5 * GIB / (4 * KIB));
	cr_expect_eq(movable->present, 4 * GIB / (4 * KIB));
	cr_expect_eq(movable->managed, movable->present);
	for (unsigned int i = 0; i < m->nr_reserved; i++)
		cr_expect_leq(m->reserved[i].end_pfn, movable->start_pfn, "%s",
			      m->reserved[i].what);
	kmr_machine_mem_map(m, &map);
	cr_expect_eq(reserved_pages(m, "mem_map"), map.pages);
	expect_zonelist(m, 1, KMR_ZONE_NORMAL, "0:Normal 0:DMA32 0:DMA");
	expect_zonelist(m, 1, KMR_ZONE_MOVABLE, "1:Movable 0:Normal 0:DMA32 0:DMA");
	free(m);
}

/* __setup_per_zone_wmarks(): each zone's share of it, by managed pages, rounded down. */
Test(machines, min_free_kbytes)
{
	struct kmr_machine *m = shipped_machine("x86_64-limits");
	uint64_t managed = 0, sum = 0;

	cr_expect_eq(m->min_free_kbytes, 65536);
	for (unsigned int i = 0; i < m->nr_zones; i++)
		managed += m->zones[i].managed;
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		cr_expect_eq(m->zones[i].wmark_min, 16384 * m->zones[i].managed / managed);
		sum += m->zones[i].wmark_min;
	}
	cr_expect_leq(sum, 16384);
	cr_expect_gt(sum, 16384 - m->nr_zones);
	free(m);
}

/* 200 of 10000: two per cent of a zone lie between its watermarks. */
Test(machines, watermark_scale_factor)
{
	struct kmr_machine *m = shipped_machine("x86_64-limits");

	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		cr_expect_eq(z->wmark_low - z->wmark_min, z->managed / 50);
		cr_expect_eq(z->wmark_high - z->wmark_low, z->managed / 50);
	}
	free(m);
}

Test(machines, lowmem_reserve_ratio)
{
	struct kmr_machine *m = shipped_machine("x86_64-limits");
	const struct kmr_zone_spec *dma = zone_of(m, 0, KMR_ZONE_DMA);
	const struct kmr_zone_spec *dma32 = zone_of(m, 0, KMR_ZONE_DMA32);
	const struct kmr_zone_spec *normal = zone_of(m, 0, KMR_ZONE_NORMAL);

	cr_expect_eq(dma32->reserve[KMR_ZONE_NORMAL], normal->managed / 64);
	cr_expect_eq(dma->reserve[KMR_ZONE_DMA32], dma32->managed / 256);
	cr_expect_eq(dma->reserve[KMR_ZONE_NORMAL], (dma32->managed + normal->managed) / 256);
	cr_expect_eq(normal->reserve[KMR_ZONE_MOVABLE], 0);
	free(m);
}

/* Documentation/arch/x86/x86_64/mm.rst, page tables of four levels */
Test(machines, x86_64_address_space)
{
	struct kmr_machine *m = shipped_machine("x86_64");
	struct kmr_address_space as;
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_address_space(m, &as, &err), 0, "%s", err.msg);
	cr_expect_eq(as.direct_start, UINT64_C(0xffff888000000000));
	cr_expect_eq(area_of(m, "lowmem").last - area_of(m, "lowmem").first + 1, 64 * KIB * GIB);
	cr_expect_eq(as.vmalloc_start, UINT64_C(0xffffc90000000000));
	cr_expect_eq(as.vmalloc_end + 1 - as.vmalloc_start, 32 * KIB * GIB);
	cr_expect_eq(area_of(m, "vmemmap").last - area_of(m, "vmemmap").first + 1, KIB * GIB);
	cr_expect_eq(area_of(m, "vmemmap").first, UINT64_C(0xffffea0000000000));
	cr_expect_eq(as.pkmap_slots, 0, "kmap() is the direct map");
	free(m);
}

/* One where the kernel finds room from the top down, one where the file says; in whole pageblocks. */
Test(machines, cma_areas)
{
	struct kmr_machine *m = shipped_machine("x86_64-cma-hugepages");
	const uint64_t block = UINT64_C(1) << m->pageblock_order;

	cr_assert_eq(m->nr_cma, 2);
	cr_expect_str_eq(m->cma[0].name, "reserved");
	cr_expect_eq(m->cma[0].pages * 4 * KIB, 64 * MIB);
	cr_expect_eq(m->cma[0].start_pfn % block, 0);
	cr_expect_gt((m->cma[0].start_pfn + m->cma[0].pages) * 4 * KIB, 2 * GIB - 64 * MIB);
	cr_expect_str_eq(m->cma[1].name, "codec");
	cr_expect_eq(m->cma[1].pages * 4 * KIB, 16 * MIB);
	cr_expect_eq(m->cma[1].start_pfn * 4 * KIB, GIB);
	/* lent, not kept: managed as all else */
	cr_expect_eq(reserved_pages(m, "CMA") * 4 * KIB, 80 * MIB);
	for (unsigned int i = 0; i < m->nr_reserved; i++)
		if (!strcmp(m->reserved[i].what, "CMA"))
			cr_expect_eq(m->reserved[i].kind, KMR_RESERVED_CMA);
	free(m);
}

Test(machines, huge_pages)
{
	struct kmr_machine *m = shipped_machine("x86_64-cma-hugepages");

	cr_expect_eq(m->huge_order, 9);
	cr_expect_eq(m->huge_pages[0], 64);
	free(m);
}

/* No RAM yet, but its zones are there, and swiotlb, as addresses go beyond 4 GiB. */
Test(machines, hotplug)
{
	struct kmr_machine *m = shipped_machine("x86_64-hotplug");

	cr_assert_eq(m->nr_hotplug, 1);
	cr_expect_eq(m->hotplug[0].start_pfn, 4 * GIB / (4 * KIB));
	cr_expect_eq(m->hotplug[0].end_pfn, 6 * GIB / (4 * KIB));
	cr_expect_eq((m->hotplug[0].end_pfn - m->hotplug[0].start_pfn) % m->section_pages, 0);
	cr_expect_eq(zone_of(m, 0, KMR_ZONE_NORMAL)->present, 0);
	cr_expect_eq(zone_of(m, 0, KMR_ZONE_MOVABLE)->present, 0);
	cr_expect_eq(present_pages(m), (2 * GIB - MIB) / (4 * KIB) + 0x9f - 1);
	cr_expect_geq(reserved_pages(m, "swiotlb") * 4 * KIB, 64 * MIB);
	free(m);
}

/* arch/alpha: no I/O MMU, so DMA is 16 MiB; a table of 1024 entries maps 8 MiB. */
Test(machines, alpha)
{
	struct kmr_machine *m = shipped_machine("alpha");
	struct kmr_address_space as;
	struct kmr_error err = { "" };
	struct kmr_largest l;

	cr_expect_eq(m->page_shift, 13);
	cr_expect_eq(zone_of(m, 0, KMR_ZONE_DMA)->spanned, 16 * MIB / (8 * KIB));
	cr_expect_eq(present_pages(m), GIB / (8 * KIB));
	expect_zonelist(m, 0, KMR_ZONE_MOVABLE, "0:Normal 0:DMA");
	kmr_machine_largest(m, &l);
	cr_expect_eq(l.block, 8 * MIB);
	cr_expect_eq(l.kmalloc[KMR_BY_SLUB], 8 * MIB);
	cr_expect_eq(l.nr_huge, 0);
	cr_assert_eq(kmr_address_space(m, &as, &err), 0, "%s", err.msg);
	cr_expect_eq(as.vmalloc_end - as.vmalloc_start, 8 * GIB);
	cr_expect_eq(as.pkmap_slots, 0, "no high memory");
	free(m);
}

/* arch/arm64/Kconfig, ARCH_FORCE_MAX_ORDER: the largest block is one entry of the middle table. */
Test(machines, arm64_16k)
{
	struct kmr_machine *m = shipped_machine("arm64-16K");
	struct kmr_largest l;

	kmr_machine_largest(m, &l);
	cr_expect_eq(m->page_shift, 14);
	cr_expect_eq(l.order, 11);
	cr_expect_eq(l.block, 32 * MIB);
	cr_assert_eq(l.nr_huge, 3);
	cr_expect_eq(l.huge[0], 2 * MIB, "128 contiguous entries");
	cr_expect_eq(l.huge[1], 32 * MIB);
	cr_expect_eq(l.huge[2], GIB, "32 contiguous ones of these");
	cr_expect_eq(m->section_pages * 16 * KIB, 128 * MIB);
	cr_expect_eq(zone_of(m, 0, KMR_ZONE_NORMAL)->start_pfn, 4 * GIB / (16 * KIB));
	free(m);
}

Test(machines, arm64_64k)
{
	struct kmr_machine *m = shipped_machine("arm64-64K");
	struct kmr_largest l;
	struct kmr_mem_map map;

	kmr_machine_largest(m, &l);
	cr_expect_eq(m->page_shift, 16);
	cr_expect_eq(l.order, 13);
	cr_expect_eq(l.block, 512 * MIB);
	cr_expect_eq(m->pageblock_order, 13);
	kmr_machine_mem_map(m, &map);
	cr_expect_eq(map.sections, 8);
	cr_expect_eq(m->section_pages * 64 * KIB, 512 * MIB);
	/* a page of mem_map describes 64 MiB, sixteen times what it does with pages of 4 KiB */
	cr_expect_eq(map.pages * 64 * MIB, 4 * GIB);
	free(m);
}
