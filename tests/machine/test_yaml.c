// SPDX-License-Identifier: GPL-2.0-only
/* Machine files: what each key does, and what is said of files that will not do. */
#include "support.h"

static struct kmr_machine *make(const char *text)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_parse_yaml(m, "m.yaml", text, strlen(text), &err), 0, "%s",
		     err.msg);
	return m;
}

static const struct kmr_zone_spec *zone(const struct kmr_machine *m, unsigned int node,
					enum kmr_zone_type type)
{
	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].node == node && m->zones[i].type == type)
			return &m->zones[i];
	cr_assert(false, "no zone %s on node %u", kmr_zone_name(type), node);
	return NULL;
}

static void refuse(const char *text, const char *message)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err = { "" };

	cr_expect_eq(kmr_machine_parse_yaml(m, "m.yaml", text, strlen(text), &err), -1, "taken: %s",
		     text);
	cr_expect_str_eq(err.msg, message);
	free(m);
}

#define HEAD "machine: m\narch: x86_64\n"
#define I386 "machine: m\narch: i386\n"

/* The presets are files that are built in, and what they say is what the presets are. */
Test(yaml, shipped_presets)
{
	static const char *const names[] = { "i386", "x86_64", "i386-pae", "arm64", "alpha" };
	struct kmr_machine *file = new_machine(), *preset = new_machine();
	struct kmr_error err;
	char path[512];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/traces/machines/%s.yaml", KMR_SOURCE_ROOT,
			 names[i]);
		cr_expect_eq(kmr_machine_kind(path), KMR_MACHINE_YAML);
		cr_assert_eq(kmr_machine_from_yaml(file, path, &err), 0, "%s", err.msg);
		cr_assert_eq(kmr_machine_preset(preset, names[i], &err), 0, "%s", err.msg);
		cr_expect_str_eq(file->name, preset->name);
		memset(preset->name, 0, sizeof(preset->name));
		memset(file->name, 0, sizeof(file->name));
		cr_expect_eq(memcmp(file, preset, sizeof(*file)), 0, "%s", names[i]);
	}
	free(file);
	free(preset);
}

/* "ram" is short for the ranges of QEMU's PC. */
Test(yaml, ram_is_short_for_ranges)
{
	struct kmr_machine *a = make(HEAD "ram: 4G\n");
	struct kmr_machine *b = make(HEAD "memory:\n"
					  "  - {start: 0x1000, end: 0x9fbff}\n"
					  "  - {start: 1M, end: 0xbffd9fff}\n"
					  "  - {start: 4G, size: 1G}\n");

	compare_zones("ram", a, b);
	cr_expect_eq(a->nr_ram, 3);
	cr_expect_arr_eq(a->ram, b->ram, sizeof(a->ram));
	free(a);
	free(b);
}

/* Documentation/mm: 16 MiB of DMA, 896 MiB less the windows above vmalloc, the rest high memory. */
Test(yaml, zones_of_a_pc_without_and_with_pae)
{
	struct kmr_machine *m = make(I386 "ram: 3G\n");

	cr_expect_eq(zone(m, 0, KMR_ZONE_NORMAL)->start_pfn, 4096);
	cr_expect_eq(zone(m, 0, KMR_ZONE_HIGHMEM)->start_pfn, 0x373fe);
	free(m);
	m = make(I386 "pae: true\nram: 64G\n");
	/* what lies above 64 GiB, for the hole below 4 GiB, is out of reach */
	cr_expect_eq(kmr_machine_end_pfn(m), UINT64_C(64) << 18);
	cr_expect_eq(zone(m, 0, KMR_ZONE_HIGHMEM)->start_pfn, 0x375fe);
	/* mem_map of 64 GiB is 512 MiB: more than half of low memory */
	cr_expect_lt(zone(m, 0, KMR_ZONE_NORMAL)->managed, (886u - 16 - 512) << 8);
	cr_expect_gt(zone(m, 0, KMR_ZONE_NORMAL)->managed, 300u << 8);
	free(m);
	/* without PAE the same box has 4 GiB less the hole */
	m = make(I386 "memory: [{start: 0, size: 3G}, {start: 4G, size: 60G}]\n");
	cr_expect_eq(kmr_machine_end_pfn(m), UINT64_C(3) << 18);
	free(m);
}

Test(yaml, page_sizes)
{
	static const struct {
		const char *text;
		unsigned int shift, orders;
		uint64_t section_pages;
	} cases[] = {
		{ HEAD "ram: 1G\n", 12, 11, 32768 },
		{ "machine: m\narch: alpha\nram: 1G\n", 13, 11, 0 },
		{ "machine: m\narch: arm64\nram: 1G\n", 12, 11, 32768 },
		{ "machine: m\narch: arm64\npage_size: 16K\nram: 1G\n", 14, 12, 8192 },
		{ "machine: m\narch: arm64\npage_size: 64K\nram: 1G\n", 16, 14, 8192 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kmr_machine *m = make(cases[i].text);
		uint64_t present = 0;

		cr_expect_eq(m->page_shift, cases[i].shift);
		cr_expect_eq(m->nr_orders, cases[i].orders);
		cr_expect_eq(m->section_pages, cases[i].section_pages);
		for (unsigned int z = 0; z < m->nr_zones; z++) {
			const struct kmr_zone_spec *k = &m->zones[z];

			present += k->present;
			cr_expect_lt(k->managed, k->present);
			cr_expect_lt(k->wmark_min, k->wmark_high + 1);
		}
		/* all but the firmware's part of a PC */
		cr_expect_leq(present << m->page_shift, 1u << 30);
		cr_expect_gt(present << m->page_shift, (1u << 30) - (1u << 20));
		free(m);
	}
}

/* 4 GiB is what 32 bits reach; a machine's DMA zone goes by fewer, from where its RAM begins. */
Test(yaml, dma_zones)
{
	struct kmr_machine *m = make("machine: m\narch: arm64\nmemory: [{start: 0, size: 8G}]\n");

	cr_expect_eq(zone(m, 0, KMR_ZONE_DMA)->spanned, 1u << 20);
	cr_expect_eq(zone(m, 0, KMR_ZONE_NORMAL)->start_pfn, 1u << 20);
	free(m);
	/* a Raspberry Pi 4 */
	m = make(
		"machine: m\narch: arm64\nmemory: [{start: 0, size: 8G}]\nbuild: {dma_bits: 30}\n");
	cr_expect_eq(zone(m, 0, KMR_ZONE_DMA)->spanned, 1u << 18);
	cr_expect_eq(zone(m, 0, KMR_ZONE_DMA32)->spanned, 3u << 18);
	free(m);
	m = make("machine: m\narch: alpha\nram: 1G\n");
	cr_expect_eq(zone(m, 0, KMR_ZONE_DMA)->spanned, 16u << 7);
	cr_expect(!m->has_type[KMR_ZONE_DMA32]);
	free(m);
}

Test(yaml, nodes)
{
	struct kmr_machine *m = make(HEAD "memory:\n"
					  "  - {start: 0, size: 1G}\n"
					  "  - {start: 1G, size: 1G, node: 2}\n"
					  "nodes:\n"
					  "  - {cpus: [0, 2-3], distance: [10, 20, 40]}\n"
					  "  - {cpus: [1], distance: [20, 10, 30]}\n"
					  "  - {distance: [40, 30, 10]}\n");
	uint16_t list[KMR_MAX_ZONES];

	cr_expect_eq(m->nr_nodes, 3);
	cr_expect_eq(m->nr_cpus, 4);
	cr_expect_eq(m->cpu_node[0], 0);
	cr_expect_eq(m->cpu_node[1], 1);
	cr_expect_eq(m->cpu_node[3], 0);
	cr_expect_eq(m->distance[0][2], 40);
	/* the CPU of the node without memory allocates from the nearest one */
	cr_expect_eq(kmr_machine_zonelist(m, 1, KMR_ZONE_NORMAL, list), 3);
	cr_expect_eq(m->zones[list[0]].node, 0);
	cr_expect_eq(m->zones[list[2]].node, 2);
	free(m);
}

Test(yaml, hotplug)
{
	struct kmr_machine *m = make(HEAD "memory:\n"
					  "  - {start: 0, size: 1G}\n"
					  "  - {start: 4G, size: 256M, type: hotplug, node: 1}\n"
					  "section_size: 256M\n");

	cr_expect_eq(m->section_pages, 65536);
	cr_assert_eq(m->nr_hotplug, 1);
	cr_expect_eq(m->hotplug[0].start_pfn, 1u << 20);
	cr_expect_eq(m->hotplug[0].end_pfn, (1u << 20) + 65536);
	/* empty, but there: memory will come to one of them */
	cr_expect_eq(zone(m, 1, KMR_ZONE_NORMAL)->present, 0);
	cr_expect_eq(zone(m, 1, KMR_ZONE_MOVABLE)->present, 0);
	cr_expect_eq(m->nr_nodes, 2);
	free(m);
}

/* movable_node: memory that can be taken out is for what can be moved. */
Test(yaml, movable_node)
{
	struct kmr_machine *m = make(HEAD "memory:\n"
					  "  - {start: 0, size: 2G}\n"
					  "  - {start: 2G, size: 1G, node: 1, removable: true}\n"
					  "boot: {movable_node: true}\n");

	cr_expect_eq(m->nr_zones, 3);
	cr_expect_eq(zone(m, 1, KMR_ZONE_MOVABLE)->start_pfn, 0x80000);
	/* nothing of boot's lies there */
	cr_expect_eq(zone(m, 1, KMR_ZONE_MOVABLE)->managed, 1u << 18);
	free(m);
	m = make(HEAD "memory:\n"
		      "  - {start: 0, size: 2G}\n"
		      "  - {start: 2G, size: 1G, node: 1, removable: true}\n");
	cr_expect_eq(m->zones[m->nr_zones - 1].type, KMR_ZONE_DMA32);
	free(m);
}

Test(yaml, limits)
{
	struct kmr_machine *a = make(HEAD "ram: 2G\n");
	struct kmr_machine *b = make(HEAD "ram: 2G\n"
					  "boot:\n"
					  "  min_free_kbytes: 40000\n"
					  "  watermark_scale_factor: 1000\n"
					  "  lowmem_reserve_ratio: {DMA: 1, DMA32: 32}\n");
	const struct kmr_zone_spec *d = zone(b, 0, KMR_ZONE_DMA), *n = zone(b, 0, KMR_ZONE_DMA32);

	cr_expect_eq(b->min_free_kbytes, 40000);
	cr_expect_eq(n->wmark_min, 10000 * n->managed / (n->managed + d->managed));
	/* a tenth of the zone */
	cr_expect_eq(n->wmark_low - n->wmark_min, n->managed / 10);
	cr_expect_eq(d->reserve[KMR_ZONE_DMA32], n->managed);
	cr_expect_eq(zone(a, 0, KMR_ZONE_DMA)->reserve[KMR_ZONE_DMA32], (n->managed - 834) / 256);
	free(a);
	free(b);
}

Test(yaml, small_keys)
{
	struct kmr_machine *m = make(HEAD "description: anything\n"
					  "kernel: 6.12\n"
					  "ram: 2G\n"
					  "cpus: 3\n"
					  "max_order: 12\n"
					  "pageblock_order: 8\n"
					  "thp: off\n"
					  "boot: {zone_order: zone, hugepages: 5}\n");

	cr_expect_str_eq(m->name, "m");
	cr_expect_str_eq(m->kernel, "6.12");
	cr_expect_eq(m->nr_cpus, 3);
	cr_expect_eq(m->nr_orders, 13);
	cr_expect_eq(m->pageblock_order, 8);
	cr_expect(!m->thp);
	cr_expect(m->zone_order);
	cr_expect_eq(m->huge_pages[0], 5);
	cr_expect_eq(m->huge_order, 9);
	free(m);
	/* 2.5 MiB in one piece need 4 MiB blocks, or larger ones */
	m = make(I386 "ram: 256M\nmax_order: 13\n");
	cr_expect_eq(m->nr_orders, 14);
	free(m);
}

/* The command line says the same; keys go before it. */
Test(yaml, command_line)
{
	struct kmr_machine *a = make(I386 "ram: 1280M\n"
					  "boot:\n"
					  "  mem: 1G\n"
					  "  kernelcore: 25%\n"
					  "  vmalloc: 256M\n"
					  "  min_free_kbytes: 9000\n"
					  "  command_line: \"aaaaaaa\"\n");
	struct kmr_machine *b = make(I386 "ram: 1280M\n"
					  "boot:\n"
					  "  command_line: \"mem=1G kernelcore=25% vmalloc=256M "
					  "sysctl.vm.min_free_kbytes=9000 quiet\"\n");
	struct kmr_machine *c = make(I386 "ram: 1280M\n"
					  "boot:\n"
					  "  mem: 1G\n"
					  "  command_line: \"mem=512M kernelcore=25% vmalloc=256M "
					  "sysctl.vm.min_free_kbytes=9000\"\n");

	compare_zones("command line", b, a);
	compare_zones("keys first", c, a);
	cr_expect_eq(a->vmalloc_bytes, 256u << 20);
	cr_expect_eq(kmr_machine_end_pfn(a), 1u << 18);
	free(a);
	free(b);
	free(c);
}

Test(yaml, swiotlb)
{
	struct kmr_machine *a = make(HEAD "ram: 6G\n");
	struct kmr_machine *b = make(HEAD "ram: 6G\nboot: {swiotlb: 0}\n");
	struct kmr_machine *c = make(HEAD "ram: 6G\nboot: {command_line: \"swiotlb=noforce\"}\n");
	struct kmr_machine *d = make(HEAD "ram: 6G\nboot: {command_line: \"swiotlb=65536,2\"}\n");
	const uint64_t dma32 = zone(a, 0, KMR_ZONE_DMA32)->managed;

	cr_expect_eq(zone(b, 0, KMR_ZONE_DMA32)->managed, dma32 + 16384);
	cr_expect_eq(zone(c, 0, KMR_ZONE_DMA32)->managed, dma32 + 16384);
	/* 65536 slots of 2 KiB */
	cr_expect_eq(zone(d, 0, KMR_ZONE_DMA32)->managed, dma32 - 16384);
	free(a);
	free(b);
	free(c);
	free(d);
}

/* mem= cuts at an address on a PC, at an amount elsewhere. */
Test(yaml, mem)
{
	struct kmr_machine *m = make(HEAD "memory: [{start: 0, size: 1G}, {start: 4G, size: 1G}]\n"
					  "boot: {mem: 5G}\n");

	cr_expect_eq(kmr_machine_end_pfn(m), UINT64_C(5) << 18);
	free(m);
	m = make("machine: m\narch: arm64\n"
		 "memory: [{start: 1G, size: 1G}, {start: 4G, size: 2G}]\n"
		 "boot: {mem: 2G}\n");
	cr_expect_eq(kmr_machine_end_pfn(m), UINT64_C(5) << 18);
	free(m);
}

/* What boot does that no rule knows, and what the firmware keeps. */
Test(yaml, reserved_and_early)
{
	struct kmr_machine *a = make(HEAD "ram: 2G\n");
	struct kmr_machine *b =
		make(HEAD "ram: 2G\n"
			  "reserved:\n"
			  "  - {start: 64M, size: 1M, what: ramoops}\n"
			  "  - {start: 80M, size: 8M, what: initrd, init: true}\n"
			  "early:\n"
			  "  - {what: crashkernel, size: 256M, align: 16M, below: 1G}\n");
	const struct kmr_zone_spec *z = zone(b, 0, KMR_ZONE_DMA32);
	bool found[3] = { false };

	cr_expect_eq(z->managed, zone(a, 0, KMR_ZONE_DMA32)->managed - (257 << 8));
	cr_expect_eq(z->init_pages, zone(a, 0, KMR_ZONE_DMA32)->init_pages + (8 << 8));
	for (unsigned int i = 0; i < b->nr_reserved; i++) {
		const struct kmr_reserved_range *r = &b->reserved[i];

		found[0] |= !strcmp(r->what, "ramoops") && r->start_pfn == 64 << 8 &&
			    r->kind == KMR_RESERVED_KEPT;
		found[1] |= !strcmp(r->what, "initrd") && r->end_pfn == 88 << 8 &&
			    r->kind == KMR_RESERVED_INIT;
		found[2] |= !strcmp(r->what, "crashkernel") && r->start_pfn == 768 << 8;
	}
	cr_expect(found[0] && found[1] && found[2]);
	free(a);
	free(b);
}

/* Ranges stay in order and apart, whatever overlaps whatever by pages. */
Test(yaml, reserved_ranges_are_ascending_and_account_for_all)
{
	static const char *const texts[] = { HEAD "ram: 6G\ncpus: 8\n", I386 "ram: 3G\ncpus: 4\n",
					     "machine: m\narch: arm64\nram: 6G\npage_size: 64K\n",
					     "machine: m\narch: alpha\nram: 2G\n" };

	for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
		struct kmr_machine *m = make(texts[t]);
		uint64_t at = 0, kept = 0, present = 0, managed = 0;

		for (unsigned int i = 0; i < m->nr_reserved; i++) {
			const struct kmr_reserved_range *r = &m->reserved[i];

			cr_expect_geq(r->start_pfn, at);
			cr_expect_gt(r->end_pfn, r->start_pfn);
			at = r->end_pfn;
			kept += r->kind == KMR_RESERVED_KEPT ? r->end_pfn - r->start_pfn : 0;
		}
		for (unsigned int z = 0; z < m->nr_zones; z++) {
			present += m->zones[z].present;
			managed += m->zones[z].managed;
		}
		cr_expect_eq(present - kept, managed);
		free(m);
	}
}

Test(yaml, errors_of_keys)
{
	refuse("arch: x86_64\n",
	       "m.yaml:1:1: a machine file begins with the key 'machine', its name");
	refuse("- 1\n",
	       "m.yaml:1:1: found a list where a machine has to be, which is a map of keys");
	refuse("machine: m\nram: 1G\n", "m.yaml:1:1: a machine lacks the key 'arch'");
	refuse(HEAD,
	       "m.yaml:1:1: a machine without RAM: give ram, for example 1280M, or memory, its "
	       "ranges");
	refuse(HEAD "ram: 1G\nkernle: 6.1\n",
	       "m.yaml:4:1: a machine has no key 'kernle'; did you mean 'kernel'?");
	refuse(HEAD "ram: 1G\nboot: {kernelcor: 1G}\n",
	       "m.yaml:4:8: boot has no key 'kernelcor'; did you mean 'kernelcore'?");
	refuse(HEAD "ram: 1G\nram: 2G\n", "m.yaml:4:1: key 'ram' is there twice, the first at 3:1");
	refuse(HEAD "ram: 1G\nmemory: [{start: 0, size: 1G}]\n",
	       "m.yaml:3:6: ram: beside memory; a machine has either ram (an amount, in the usual "
	       "layout) or memory (its ranges)");
	refuse(HEAD "ram: 1G\npage_size: 8K\n",
	       "m.yaml:4:12: page_size: 8K on x86_64, which has pages of 4K");
	refuse("machine: m\narch: arm64\nram: 1G\npage_size: 8K\n",
	       "m.yaml:4:12: page_size: 8K on arm64, which has pages of 4K, 16K, 64K");
	refuse(HEAD "ram: 1G\npage_size: 32K\n",
	       "m.yaml:4:12: page_size: '32K'; one of 4K, 8K, 16K, 64K");
	refuse(HEAD "ram: 1G\npae: true\n", "m.yaml:4:6: pae: on x86_64; only i386 has it");
	refuse(HEAD "ram: 1G\nsection_size: 100M\n",
	       "m.yaml:4:15: section_size: '100M'; a power of two from 16M to 16G, or 0 for flat "
	       "memory");
	refuse(HEAD "ram: 1G\nsection_size: 16M\nmax_order: 13\n",
	       "m.yaml:4:15: section_size: 16M is less than the largest block, 32M (max_order 13)");
	refuse(HEAD "ram: 1G\npageblock_order: 11\n",
	       "m.yaml:4:18: pageblock_order: 11 is above max_order, 10");
	refuse(HEAD "ram: 1G\nreserved: 1\n",
	       "m.yaml:4:11: reserved: a list of ranges is needed, \"- ...\" each");
	refuse(HEAD "ram: 1G\nearly: [{what: a, size: 1M, align: 3}]\n",
	       "m.yaml:4:36: align: 3 is no power of two");
}

Test(yaml, errors_of_memory)
{
	refuse(HEAD "memory: [{start: 0, size: 1G, end: 2G}]\n",
	       "m.yaml:3:10: a range has either end (its last byte, as in /proc/iomem) or size; "
	       "this "
	       "one has both");
	refuse(HEAD "memory: [{start: 0}]\n", "m.yaml:3:10: a range has either end (its last byte, "
					      "as in /proc/iomem) or size; this "
					      "one has neither");
	refuse(HEAD "memory: [{start: 4K, end: 4095}]\n",
	       "m.yaml:3:27: end: 0xfff lies before start 0x1000; it is the last byte of the "
	       "range");
	refuse(HEAD "memory:\n  - {start: 0, size: 1G}\n  - {start: 1023M, size: 1G}\n",
	       "m.yaml:5:5: 0x3ff00000 to 0x7fefffff overlaps 0x0 to 0x3fffffff of line 4");
	refuse(HEAD "memory:\n  - {start: 1023M, size: 1G}\n  - {start: 0, size: 1G}\n",
	       "m.yaml:5:5: 0x0 to 0x3fffffff overlaps 0x3ff00000 to 0x7fefffff of line 4");
	refuse(HEAD "memory: [{start: 0, size: 16T}]\n",
	       "m.yaml:3:10: memory up to 0xfffffffffff; up to 0xfffffffefff will do");
	refuse(HEAD "memory: [{start: 0, size: 1G, node: 1}]\nnodes: [{}]\n",
	       "m.yaml:3:10: memory on node 1; 'nodes' has 0 to 0");
	refuse(HEAD "memory: [{start: 0, size: 1G}, {start: 4G, size: 1M, type: hotplug}]\n",
	       "m.yaml:3:32: memory of type hotplug begins and ends at multiples of section_size, "
	       "128M");
	refuse(I386 "memory: [{start: 0, size: 1G}, {start: 2G, size: 1G, type: hotplug}]\n",
	       "m.yaml:3:32: memory of type hotplug needs sections: set section_size, for example "
	       "to "
	       "128M");
	refuse(HEAD "memory:\n  - {start: 0, size: 1G}\n  - {start: 1G, size: 1G, node: 1}\n"
		    "  - {start: 2G, size: 1G}\n",
	       "m.yaml:6:5: memory of node 0 on both sides of node 1's; nodes that interleave are "
	       "not "
	       "modelled");
	refuse(HEAD "memory: [{start: 4G, size: 1G, type: hotplug}]\n",
	       "m.yaml:3:9: a machine without RAM: give ram, for example 1280M, or memory, its "
	       "ranges");
	refuse(HEAD "memory: [{start: 0, size: 1G}]\n"
		    "reserved: [{start: 1G, size: 1M, what: Kernel code}]\n",
	       "m.yaml:4:12: Kernel code at 0x40000000 to 0x400fffff lies in no range of RAM");
	refuse(I386 "ram: 16M\n", "m.yaml:3:6: ram=16M is too small: from 32M to 3583M will do");
	refuse(HEAD
	       "ram: 1G\nnodes: [{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, "
	       "{}]\n",
	       "m.yaml:3:6: ram=1024M on nodes=17 leaves each less than 64M: too small");
	refuse(I386 "memory: [{start: 0, size: 16M}]\n",
	       "m.yaml:3:9: the kernel's image ends at 0x1927000, the memory that it can map at "
	       "0x1000000; more RAM is needed");
	refuse(HEAD "memory: [{start: 0, size: 40M}]\ncpus: 64\nboot: {log_buf_len: 16M}\n",
	       "m.yaml:3:9: log buffer: no room for 16384 KiB in 40572 KiB of RAM, 40960 KiB of "
	       "them "
	       "mapped, beside what boot takes before");
	refuse(HEAD "ram: 1G\nearly:\n  - {what: a, size: 512M}\n  - {what: b, size: 512M}\n",
	       "m.yaml:6:5: b: no room for 524288 KiB in 1048576 KiB of RAM, 1048424 KiB of them "
	       "mapped, beside what boot takes before");
}

Test(yaml, errors_of_nodes)
{
	refuse(HEAD "ram: 1G\nnodes: []\n",
	       "m.yaml:4:8: nodes: no entry; a machine has one or more");
	refuse(HEAD "ram: 1G\nnodes: [{cpus: [0]}, {cpus: [0]}]\n",
	       "m.yaml:4:30: CPU 0 is on node 0 already; a CPU is on one node");
	refuse(HEAD "ram: 1G\nnodes: [{cpus: [1]}]\n",
	       "m.yaml:4:8: nodes: CPU 0 of 2 is on no node");
	refuse(HEAD "ram: 1G\ncpus: 1\nnodes: [{cpus: [0, 1]}]\n",
	       "m.yaml:4:7: cpus: 1, but node 0 has CPU 1; they count from 0");
	refuse(HEAD "ram: 1G\nnodes: [{cpus: [3-1]}]\n",
	       "m.yaml:4:17: in cpus: found '3-1', takes a number, such as 12 or 0x1000");
	refuse(HEAD "ram: 1G\nnodes: [{distance: [10]}, {}]\n",
	       "m.yaml:4:20: distance: 1 entries; node 0 needs 2, one to each node");
	refuse(HEAD "ram: 1G\nnodes: [{distance: [10, 20]}, {}]\n",
	       "m.yaml:4:31: node 1 lacks 'distance', which other nodes have");
	refuse(HEAD "ram: 1G\nnodes: [{distance: [10, 20]}, {distance: [30, 10]}]\n",
	       "m.yaml:4:42: distance from node 1 to node 0 is 30, but 20 from node 0 to node 1; "
	       "they "
	       "have to be equal");
	refuse(HEAD "ram: 1G\nnodes: [{distance: [11, 20]}, {}]\n",
	       "m.yaml:4:21: distance of node 0 to itself is 11; it has to be 10");
	refuse(HEAD "ram: 1G\nnodes: [{distance: [10, 10]}, {}]\n",
	       "m.yaml:4:25: distance from node 0 to node 1 is 10, which is that of a node to "
	       "itself; "
	       "11 to 255 will do");
}

Test(yaml, errors_of_boot)
{
	refuse(HEAD "ram: 1G\nboot: {vmalloc: 1M}\n",
	       "m.yaml:4:17: vmalloc: on x86_64; only i386 has it");
	refuse(I386 "ram: 1G\nboot: {vmalloc: 1000M}\n",
	       "m.yaml:4:17: vmalloc=1000M leaves 3M of low memory; the kernel's image ends at "
	       "25M");
	refuse(I386 "ram: 1G\nboot: {lowmem_reserve_ratio: {DMA32: 256}}\n",
	       "m.yaml:4:30: lowmem_reserve_ratio: i386 has no zone DMA32");
	refuse(HEAD "ram: 1G\nboot: {cma: [{size: 1M}, {size: 2M}]}\n",
	       "m.yaml:4:26: two CMA areas of the name 'reserved'; give each its own 'name'");
	refuse(HEAD "ram: 1G\nboot: {cma: 1G}\n", "m.yaml:4:13: CMA: no room for 1048576 KiB in "
						  "1048576 KiB of RAM, 1048424 KiB of them "
						  "mapped, beside what boot takes before");
	refuse(HEAD "ram: 1G\nboot: {cma: {size: 1M, base: 16M}}\n",
	       "m.yaml:4:13: CMA: no room for 4096 KiB in 1048576 KiB of RAM, 1048424 KiB of them "
	       "mapped, beside what boot takes before");
	refuse(HEAD "ram: 1G\nboot: {hugepages: [1, 2]}\n",
	       "m.yaml:4:19: hugepages: more entries than the 1 nodes");
	refuse(HEAD "ram: 1G\nboot: {watermark_scale_factor: 3001}\n",
	       "m.yaml:4:32: watermark_scale_factor: 3001 is too large: at most 3000");
	refuse(HEAD "ram: 1G\nboot: {kernelcore: 101%}\n",
	       "m.yaml:4:20: kernelcore: 101% is too large: at most 1");
}
