// SPDX-License-Identifier: GPL-2.0-only
/* What follows from a machine: ranges, mem_map, memory blocks, largest requests. */
#include "kmreplay/figures.h"
#include "support.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

static struct kmr_machine *preset(const char *spec)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(m, spec, &err), 0, "%s", err.msg);
	return m;
}

static void expect_range(const struct kmr_machine *m, enum kmr_zone_type type, uint64_t start,
			 uint64_t end)
{
	struct kmr_frame_range r;

	cr_expect_eq(kmr_machine_zone_range(m, type, &r), start != end, "%s", kmr_zone_name(type));
	cr_expect(start == end || (r.start_pfn == start && r.end_pfn == end),
		  "%s: %llu to %llu, expected %llu to %llu", kmr_zone_name(type),
		  (unsigned long long)r.start_pfn, (unsigned long long)r.end_pfn,
		  (unsigned long long)start, (unsigned long long)end);
}

/* 16 MiB, 896 MiB less what the windows above vmalloc's space take, 4 GiB; frame 0 is not RAM. */
Test(figures, zone_ranges)
{
	struct kmr_machine *m = preset("i386:ram=1280M");

	expect_range(m, KMR_ZONE_DMA, 1, 4096);
	expect_range(m, KMR_ZONE_DMA32, 0, 0);
	expect_range(m, KMR_ZONE_NORMAL, 4096, 226302);
	expect_range(m, KMR_ZONE_HIGHMEM, 226302, 0x4ffda);
	expect_range(m, KMR_ZONE_MOVABLE, 0, 0);
	free(m);
	/* no high memory: Normal ends where RAM does, HighMem is empty */
	m = preset("i386:ram=320M");
	expect_range(m, KMR_ZONE_NORMAL, 4096, 0x13fda);
	expect_range(m, KMR_ZONE_HIGHMEM, 0, 0);
	free(m);
	m = preset("x86_64:ram=2G");
	expect_range(m, KMR_ZONE_DMA32, 4096, 0x7ffda);
	expect_range(m, KMR_ZONE_NORMAL, 0, 0);
	free(m);
	/* RAM ends at 3 GiB and goes on at 4 GiB; the zone's range ends at 4 GiB */
	m = preset("x86_64:ram=6G");
	expect_range(m, KMR_ZONE_DMA32, 4096, 4 * GIB >> 12);
	expect_range(m, KMR_ZONE_NORMAL, 4 * GIB >> 12, 7 * GIB >> 12);
	free(m);
}

/* All of Normal's frames are Movable's now: the range is still Normal's. */
Test(figures, zone_ranges_with_movable)
{
	struct kmr_machine *m = preset("x86_64:ram=6G");

	cr_assert_eq(m->zones[2].type, KMR_ZONE_NORMAL);
	m->zones[2].type = KMR_ZONE_MOVABLE;
	expect_range(m, KMR_ZONE_NORMAL, 4 * GIB >> 12, 7 * GIB >> 12);
	expect_range(m, KMR_ZONE_MOVABLE, 0, 0);
	free(m);
}

/* arm64's DMA goes up to 4 GiB, or to where DMA32 has memory; there is none of DMA32 else. */
Test(figures, zone_ranges_on_arm64)
{
	struct kmr_machine *m = new_machine();

	snprintf(m->arch, sizeof(m->arch), "arm64");
	m->has_type[KMR_ZONE_DMA] = m->has_type[KMR_ZONE_DMA32] = m->has_type[KMR_ZONE_NORMAL] =
		m->has_type[KMR_ZONE_MOVABLE] = true;
	m->page_shift = 16;
	m->nr_zones = 2;
	m->zones[0] = (struct kmr_zone_spec){
		.type = KMR_ZONE_DMA, .start_pfn = 0x4000, .spanned = 0x8000, .present = 0x8000
	};
	m->zones[1] = (struct kmr_zone_spec){
		.type = KMR_ZONE_NORMAL, .start_pfn = 0x20000, .spanned = 0x4000, .present = 0x4000
	};
	expect_range(m, KMR_ZONE_DMA, 0x4000, 0x10000);
	expect_range(m, KMR_ZONE_DMA32, 0, 0);
	expect_range(m, KMR_ZONE_NORMAL, 0x10000, 0x24000);
	/* a device that reaches 1 GiB past where RAM begins */
	m->zones[2] = m->zones[1];
	m->zones[0].spanned = m->zones[0].present = 0x4000;
	m->zones[1] = (struct kmr_zone_spec){
		.type = KMR_ZONE_DMA32, .start_pfn = 0x8000, .spanned = 0x4000, .present = 0x4000
	};
	m->nr_zones = 3;
	expect_range(m, KMR_ZONE_DMA, 0x4000, 0x8000);
	expect_range(m, KMR_ZONE_DMA32, 0x8000, 0x10000);
	expect_range(m, KMR_ZONE_NORMAL, 0x10000, 0x24000);
	free(m);
}

/* Alpha's DMA ends where Normal has memory, which depends on the board. */
Test(figures, zone_ranges_on_alpha)
{
	struct kmr_machine *m = new_machine();

	snprintf(m->arch, sizeof(m->arch), "alpha");
	m->has_type[KMR_ZONE_DMA] = m->has_type[KMR_ZONE_NORMAL] = true;
	m->page_shift = 13;
	m->nr_zones = 2;
	m->zones[0] = (struct kmr_zone_spec){
		.type = KMR_ZONE_DMA, .start_pfn = 32, .spanned = 0x800, .present = 0x800
	};
	m->zones[1] = (struct kmr_zone_spec){
		.type = KMR_ZONE_NORMAL, .start_pfn = 0x820, .spanned = 0x1000, .present = 0x1000
	};
	expect_range(m, KMR_ZONE_DMA, 32, 0x820);
	expect_range(m, KMR_ZONE_NORMAL, 0x820, 0x1820);
	free(m);
}

static void expect_node_ranges(const struct kmr_machine *m, const char *expect)
{
	struct kmr_frame_range r[KMR_MAX_NODE_RANGES];
	const unsigned int nr = kmr_machine_node_ranges(m, r);
	char got[256] = "";

	for (unsigned int i = 0; i < nr; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u:%llx-%llx",
			 i ? " " : "", r[i].node, (unsigned long long)r[i].start_pfn,
			 (unsigned long long)r[i].end_pfn);
	cr_expect_str_eq(got, expect);
}

/* Zones' borders do not part them, nodes' do, and holes. */
Test(figures, node_ranges)
{
	struct kmr_machine *m = preset("i386:ram=1280M");

	expect_node_ranges(m, "0:1-9f 0:100-4ffda");
	/* without ranges of RAM, what the zones span */
	m->nr_ram = 0;
	expect_node_ranges(m, "0:1-4ffda");
	free(m);
	m = preset("x86_64:ram=6G,nodes=2,cpus=4");
	expect_node_ranges(m, "0:1-9f 0:100-bffda 1:100000-1c0000");
	free(m);
}

/* One struct page of 32 bytes for each frame up to the next multiple of 4 MiB: 10 MiB of 1280. */
Test(figures, flat_mem_map)
{
	struct kmr_machine *m = preset("i386:ram=1280M");
	struct kmr_mem_map map;

	kmr_machine_mem_map(m, &map);
	cr_expect_eq(map.model, KMR_FLATMEM);
	cr_expect_eq(map.struct_page, 32);
	cr_expect_eq(map.frames, 1280 * MIB >> 12);
	cr_expect_eq(map.pages, 10 * MIB >> 12);
	cr_expect_eq(map.sections, 0);
	free(m);
}

/* Sections of 128 MiB, 2 MiB of struct pages each; the hole from 3 to 4 GiB has none. */
Test(figures, vmemmap)
{
	struct kmr_machine *m = preset("x86_64:ram=6G,nodes=2,cpus=4");
	struct kmr_mem_map map;

	kmr_machine_mem_map(m, &map);
	cr_expect_eq(map.model, KMR_VMEMMAP);
	cr_expect_eq(map.struct_page, 64);
	cr_expect_eq(map.sections, 48);
	cr_expect_eq(map.frames, 6 * GIB >> 12);
	cr_expect_eq(map.pages, 96 * MIB >> 12);
	free(m);
	/* a section is mapped whole, however little of it there is */
	m = preset("x86_64:ram=129M");
	kmr_machine_mem_map(m, &map);
	cr_expect_eq(map.sections, 2);
	cr_expect_eq(map.pages, 4 * MIB >> 12);
	free(m);
}

/* The sum of what boot takes of @what, pages. */
static uint64_t reserved_as(const struct kmr_machine *m, const char *what)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < m->nr_reserved; i++)
		if (!strcmp(m->reserved[i].what, what))
			pages += m->reserved[i].end_pfn - m->reserved[i].start_pfn;
	return pages;
}

/* What is told of mem_map is what boot took for it, and all that is not managed has its use. */
Test(figures, mem_map_as_booted)
{
	static const char *const specs[] = { "i386:ram=1280M", "i386:ram=100M,cpus=8",
					     "x86_64:ram=129M", "x86_64:ram=6G,nodes=2,cpus=4",
					     "x86_64:ram=40G,nodes=3,cpus=5,version=6.12" };

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct kmr_machine *m = preset(specs[i]);
		uint64_t kept = 0, missing = 0;
		struct kmr_mem_map map;

		kmr_machine_mem_map(m, &map);
		cr_expect_eq(map.pages, reserved_as(m, "mem_map"), "%s", specs[i]);
		for (unsigned int r = 0; r < m->nr_reserved; r++)
			if (m->reserved[r].kind == KMR_RESERVED_KEPT)
				kept += m->reserved[r].end_pfn - m->reserved[r].start_pfn;
		for (unsigned int z = 0; z < m->nr_zones; z++)
			missing += m->zones[z].present - m->zones[z].managed;
		cr_expect_eq(kept, missing, "%s: %llu pages kept, %llu not managed", specs[i],
			     (unsigned long long)kept, (unsigned long long)missing);
		free(m);
	}
}

/* A larger struct page, as with debugging options in it. */
Test(figures, struct_page_of_the_build)
{
	static const char text[] = "machine: debug\narch: x86_64\nram: 2G\nbuild:\n"
				   "  struct_page: 80\n";
	struct kmr_machine *m = new_machine();
	struct kmr_mem_map map;
	struct kmr_error err;

	cr_assert_eq(kmr_machine_parse_yaml(m, "debug", text, sizeof(text) - 1, &err), 0, "%s",
		     err.msg);
	kmr_machine_mem_map(m, &map);
	cr_expect_eq(map.struct_page, 80);
	cr_expect_eq(map.pages, 40 * MIB >> 12);
	cr_expect_eq(map.pages, reserved_as(m, "mem_map"));
	free(m);
}

/* 32-bit SPARSEMEM: an array of 512 KiB for each section of 64 MiB. */
Test(figures, sparse_by_pieces)
{
	struct kmr_machine *m = preset("i386:ram=1280M");
	struct kmr_mem_map map;

	m->section_pages = 64 * MIB >> 12;
	kmr_machine_mem_map(m, &map);
	cr_expect_eq(map.model, KMR_SPARSEMEM);
	cr_expect_eq(map.sections, 20);
	cr_expect_eq(map.pages, 10 * MIB >> 12);
	free(m);
}

/* Present less mem_map as the kernel guesses it: zone by zone, rounded up, and none of HighMem. */
Test(figures, total_pages)
{
	struct kmr_machine *m = preset("i386:ram=1280M");

	/* 3998 - 32, 222206 - 1736, and all of HighMem's 101340 */
	cr_expect_eq(kmr_machine_total_pages(m), 3966 + 220470 + 101340);
	cr_expect(kmr_machine_groups_by_mobility(m));
	snprintf(m->kernel, sizeof(m->kernel), "6.12");
	cr_expect_eq(kmr_machine_total_pages(m), 327544);
	snprintf(m->kernel, sizeof(m->kernel), "6.1");
	/* Movable pages out of HighMem are high as well; out of Normal they are not */
	m->zones[2].type = KMR_ZONE_MOVABLE;
	cr_expect_eq(kmr_machine_total_pages(m), 3966 + 220470 + 101340);
	free(m);
	m = preset("i386:ram=320M");
	m->zones[2] = m->zones[1];
	m->zones[1].spanned = m->zones[1].present = 40960;
	m->zones[2].start_pfn = m->zones[1].start_pfn + 40960;
	m->zones[2].spanned = m->zones[2].present = 32768;
	m->zones[2].type = KMR_ZONE_MOVABLE;
	m->nr_zones = 3;
	cr_expect_eq(kmr_machine_total_pages(m), 3966 + (40960 - 320) + (32768 - 256));
	free(m);
	/* six pageblocks of 4 MiB are 24 MiB */
	m = preset("i386:ram=32M");
	cr_expect(kmr_machine_groups_by_mobility(m));
	m->zones[1].present = m->zones[1].spanned = 1000;
	cr_expect_not(kmr_machine_groups_by_mobility(m));
	free(m);
}

struct blocks {
	char text[1024];
};

static void note_block(void *ctx, const struct kmr_block_range *r)
{
	struct blocks *b = ctx;
	char node[8] = "-";

	if (r->node != KMR_NO_NODE)
		snprintf(node, sizeof(node), "%u", r->node);
	snprintf(b->text + strlen(b->text), sizeof(b->text) - strlen(b->text),
		 "%s%llu-%llu:%s:%s:%s%s", b->text[0] ? " " : "", (unsigned long long)r->first,
		 (unsigned long long)r->last, node,
		 r->zone == KMR_ZONE_NR_TYPES ? "none" : kmr_zone_name(r->zone),
		 r->online ? "on" : "off", r->removable ? ",removable" : "");
}

static void expect_blocks(const struct kmr_machine *m, const char *expect)
{
	struct blocks b = { "" };

	cr_assert_eq(kmr_machine_blocks(m, note_block, &b), 0);
	cr_expect_str_eq(b.text, expect);
}

/* Block 0 has DMA and DMA32; 3 to 4 GiB has no blocks. */
Test(figures, blocks)
{
	struct kmr_machine *m = preset("x86_64:ram=6G,nodes=2,cpus=4");

	cr_expect_eq(kmr_machine_block_pages(m), 128 * MIB >> 12);
	expect_blocks(m, "0-0:0:none:on 1-23:0:DMA32:on 32-55:1:Normal:on");
	m->zones[2].type = KMR_ZONE_MOVABLE;
	m->nr_hotplug = 1;
	/* 1 GiB at 8 GiB, and a block in the middle of memory that is online makes no difference */
	m->hotplug[0] = (struct kmr_ram_range){ 8 * GIB >> 12, 9 * GIB >> 12 };
	expect_blocks(m, "0-0:0:none:on 1-23:0:DMA32:on 32-55:1:Movable:on,removable "
			 "64-71:-:none:off,removable");
	m->hotplug[0] = (struct kmr_ram_range){ 0, 4096 };
	expect_blocks(m, "0-0:0:none:on 1-23:0:DMA32:on 32-55:1:Movable:on,removable");
	free(m);
	/* flat memory has none */
	m = preset("i386:ram=1280M");
	cr_expect_eq(kmr_machine_block_pages(m), 0);
	expect_blocks(m, "");
	free(m);
}

/* 2 GiB from 64 GiB on, if memory ends on such a border; RAM here ends a GiB past its size. */
Test(figures, large_blocks)
{
	struct kmr_machine *m = preset("x86_64:ram=62G");

	cr_expect_eq(kmr_machine_block_pages(m), 128 * MIB >> 12);
	free(m);
	m = preset("x86_64:ram=63G");
	cr_expect_eq(kmr_machine_block_pages(m), 2 * GIB >> 12);
	free(m);
	m = preset("x86_64:ram=64G");
	cr_expect_eq(kmr_machine_block_pages(m), GIB >> 12);
	expect_blocks(m, "0-0:0:none:on 1-2:0:DMA32:on 4-64:0:Normal:on");
	free(m);
}

Test(figures, largest)
{
	struct kmr_machine *m = preset("i386:ram=1280M");
	struct kmr_largest l;

	kmr_machine_largest(m, &l);
	cr_expect_eq(l.order, 10);
	cr_expect_eq(l.block, 4 * MIB);
	cr_expect_eq(l.kmalloc[KMR_BY_SLUB], 4 * MIB);
	cr_expect_eq(l.cached[KMR_BY_SLUB], 8 * KIB);
	cr_expect_eq(l.cached[KMR_BY_SLAB], 8 * KIB);
	cr_expect_eq(l.cached[KMR_BY_OLD_SLAB], 4 * MIB);
	cr_expect_eq(l.cached[KMR_BY_SLOB], 4087);
	/* VmallocTotal of the bundled capture, less the guard page */
	cr_expect_eq(l.vmalloc, (122880 - 4) * KIB);
	cr_expect_not(l.vmalloc_by_ram);
	cr_expect_eq(l.nr_huge, 1);
	cr_expect_eq(l.huge[0], 4 * MIB);
	/* orders beyond 32 MiB: old SLAB stops there */
	m->nr_orders = 15;
	kmr_machine_largest(m, &l);
	cr_expect_eq(l.kmalloc[KMR_BY_SLUB], 64 * MIB);
	cr_expect_eq(l.kmalloc[KMR_BY_OLD_SLAB], 32 * MIB);
	cr_expect_eq(l.cached[KMR_BY_OLD_SLAB], 32 * MIB);
	free(m);
}

/* With 32 TiB of addresses, memory is what runs out. */
Test(figures, largest_on_64_bits)
{
	struct kmr_machine *m = preset("x86_64:ram=2G");
	struct kmr_largest l;
	uint64_t managed = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		managed += m->zones[i].managed;
	kmr_machine_largest(m, &l);
	cr_expect(l.vmalloc_by_ram);
	cr_expect_eq(l.vmalloc, managed << 12);
	cr_expect_eq(l.nr_huge, 2);
	cr_expect_eq(l.huge[0], 2 * MIB);
	cr_expect_eq(l.huge[1], GIB);
	/* arm64 with pages of 64 KiB: order 13 is a PMD of 512 MiB */
	snprintf(m->arch, sizeof(m->arch), "arm64");
	m->page_shift = 16;
	m->nr_orders = 14;
	kmr_machine_largest(m, &l);
	cr_expect_eq(l.block, 512 * MIB);
	cr_expect_eq(l.cached[KMR_BY_SLUB], 128 * KIB);
	cr_expect_eq(l.kmalloc[KMR_BY_OLD_SLAB], 32 * MIB);
	cr_expect_eq(l.nr_huge, 3);
	cr_expect_eq(l.huge[1], 512 * MIB);
	free(m);
}
