// SPDX-License-Identifier: GPL-2.0-only
/* What a machine is like when its file does not say, and what must not be said of it. */
#include "machine/spec.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "machine/internal.h"

#define MIB		   (UINT64_C(1) << 20)
#define GIB		   (UINT64_C(1) << 30)
#define MAX_PFN		   (UINT64_C(1) << 32) /* a model's frame numbers have 32 bits */
#define NO_ORDER	   UINT32_MAX
#define USUAL_COMMAND_LINE 128 /* bytes; boot keeps two copies */

const char *const kmr_arch_names[] = {
	[KMR_ARCH_I386] = "i386",   [KMR_ARCH_X86_64] = "x86_64", [KMR_ARCH_ARM64] = "arm64",
	[KMR_ARCH_ALPHA] = "alpha", [KMR_NR_ARCHES] = NULL,
};

const char *const kmr_kernel_names[] = {
	[KMR_KERNEL_6_1] = "6.1",
	[KMR_KERNEL_6_12] = "6.12",
	[KMR_NR_KERNELS] = NULL,
};

void kmr_spec_init(struct kmr_spec *spec, enum kmr_arch arch)
{
	memset(spec, 0, sizeof(*spec));
	spec->arch = arch;
	spec->page_size = arch == KMR_ARCH_ALPHA ? 8192 : 4096;
	spec->section_size = KMR_NOT_SAID;
	spec->max_order = spec->pageblock_order = NO_ORDER;
	spec->thp = arch != KMR_ARCH_ALPHA;
	for (size_t i = 0; i < KMR_MAX_CPUS; i++)
		spec->cpu_node[i] = KMR_ANY_NODE;
	spec->boot.command_line = USUAL_COMMAND_LINE;
	spec->boot.swiotlb = KMR_NOT_SAID;
	spec->build = (struct kmr_spec_build){ .percpu_static = KMR_NOT_SAID,
					       .brk = KMR_NOT_SAID,
					       .init = KMR_NOT_SAID,
					       .smp_locks = KMR_NOT_SAID,
					       .struct_page = KMR_NOT_SAID,
					       .kernel = KMR_NOT_SAID };
}

/* Pages of 2^order that one entry of the second-lowest page table maps: PMD_ORDER */
static unsigned int pmd_order(const struct kmr_spec *spec)
{
	if (spec->arch == KMR_ARCH_I386)
		return spec->pae ? 9 : 10;
	return (unsigned int)__builtin_ctzll(spec->page_size) - 3;
}

/* arch/arm64/Kconfig: ARCH_FORCE_MAX_ORDER; 10 everywhere else */
static unsigned int usual_max_order(const struct kmr_spec *spec)
{
	if (spec->arch == KMR_ARCH_ARM64 && spec->page_size > 4096)
		return spec->page_size == 16384 ? 11 : 13;
	return 10;
}

/*
 * include/linux/pageblock-flags.h of kernels without hugetlbfs: the largest order, but that of a
 * huge page since 6.11 if there are transparent ones.
 */
static unsigned int usual_pageblock_order(const struct kmr_spec *spec)
{
	unsigned int pmd = pmd_order(spec);

	if (spec->kernel == KMR_KERNEL_6_1 || spec->arch == KMR_ARCH_ALPHA)
		return spec->max_order;
	return pmd < spec->max_order ? pmd : spec->max_order;
}

/* SECTION_SIZE_BITS in each architecture's asm/sparsemem.h, where memory is sparse by default */
static uint64_t usual_section_size(const struct kmr_spec *spec)
{
	switch (spec->arch) {
	case KMR_ARCH_X86_64:
		return 128 * MIB;
	case KMR_ARCH_ARM64:
		return spec->page_size == 65536 ? 512 * MIB : 128 * MIB;
	default:
		return 0;
	}
}

static void settle_nodes(struct kmr_spec *spec)
{
	unsigned int i, j, said = 0;

	for (i = 0; i < spec->nr_memory; i++)
		if (spec->memory[i].node >= spec->nr_nodes && !spec->has_nodes)
			spec->nr_nodes = spec->memory[i].node + 1u;
	if (!spec->nr_nodes)
		spec->nr_nodes = 1;
	for (i = 0; i < KMR_MAX_CPUS; i++)
		if (spec->cpu_node[i] != KMR_ANY_NODE)
			said = i + 1;
	if (!spec->nr_cpus)
		spec->nr_cpus = said ? said : 1;
	for (i = 0; !said && i < spec->nr_cpus; i++)
		spec->cpu_node[i] = (uint16_t)(i * spec->nr_nodes / spec->nr_cpus);
	for (i = 0; !spec->has_distance && i < spec->nr_nodes; i++)
		for (j = 0; j < spec->nr_nodes; j++)
			spec->distance[i][j] = i == j ? 10 : 20;
}

void kmr_spec_settle(struct kmr_spec *spec)
{
	if (spec->max_order == NO_ORDER)
		spec->max_order = usual_max_order(spec);
	if (spec->pageblock_order == NO_ORDER)
		spec->pageblock_order = usual_pageblock_order(spec);
	if (spec->section_size == KMR_NOT_SAID)
		spec->section_size = usual_section_size(spec);
	if (!spec->boot.huge_page_size)
		spec->boot.huge_page_size = spec->page_size << pmd_order(spec);
	settle_nodes(spec);
}

const struct kmr_yaml_node *kmr_spec_find(const struct kmr_yaml *yaml, const char *key,
					  const char *inner)
{
	const struct kmr_yaml_node *root = kmr_yaml_root(yaml);
	const struct kmr_yaml_node *at = kmr_yaml_get(root, key);
	const struct kmr_yaml_node *in = at && inner ? kmr_yaml_get(at, inner) : NULL;

	return in ? in : at ? at : root;
}

static int check_arch(const struct kmr_spec *spec, const struct kmr_yaml *yaml,
		      struct kmr_error *err)
{
	static const struct {
		uint64_t sizes;
		const char *text;
	} pages[] = {
		[KMR_ARCH_I386] = { 4096, "4K" },
		[KMR_ARCH_X86_64] = { 4096, "4K" },
		[KMR_ARCH_ARM64] = { 4096 | 16384 | 65536, "4K, 16K, 64K" },
		[KMR_ARCH_ALPHA] = { 8192, "8K" },
	};
	const char *arch = kmr_arch_names[spec->arch];
	const struct kmr_spec_boot *boot = &spec->boot;

	if (!(pages[spec->arch].sizes & spec->page_size))
		return kmr_yaml_fail(yaml, kmr_spec_find(yaml, "page_size", NULL), err,
				     "page_size: %" PRIu64 "K on %s, which has pages of %s",
				     spec->page_size >> 10, arch, pages[spec->arch].text);
	if (spec->pae && spec->arch != KMR_ARCH_I386)
		return kmr_yaml_fail(yaml, kmr_spec_find(yaml, "pae", NULL), err,
				     "pae: on %s; only i386 has it", arch);
	if (boot->vmalloc && spec->arch != KMR_ARCH_I386)
		return kmr_yaml_fail(yaml, kmr_spec_find(yaml, "boot", "vmalloc"), err,
				     "vmalloc: on %s; only i386 has it", arch);
	for (unsigned int t = 0; t < KMR_ZONE_NR_TYPES; t++)
		if (boot->reserve_ratio[t] && !kmr_arch_has_zone(arch, (enum kmr_zone_type)t))
			return kmr_yaml_fail(yaml,
					     kmr_spec_find(yaml, "boot", "lowmem_reserve_ratio"),
					     err, "lowmem_reserve_ratio: %s has no zone %s", arch,
					     kmr_zone_name((enum kmr_zone_type)t));
	return 0;
}

static int check_orders(const struct kmr_spec *spec, const struct kmr_yaml *yaml,
			struct kmr_error *err)
{
	uint64_t largest = spec->page_size << spec->max_order;

	if (spec->pageblock_order > spec->max_order)
		return kmr_yaml_fail(yaml, kmr_spec_find(yaml, "pageblock_order", NULL), err,
				     "pageblock_order: %u is above max_order, %u",
				     spec->pageblock_order, spec->max_order);
	if (spec->section_size && spec->section_size < largest)
		return kmr_yaml_fail(yaml, kmr_spec_find(yaml, "section_size", NULL), err,
				     "section_size: %" PRIu64 "M is less than the largest block, "
				     "%" PRIu64 "M (max_order %u)",
				     spec->section_size / MIB, largest / MIB, spec->max_order);
	return 0;
}

static int check_cpus(const struct kmr_spec *spec, const struct kmr_yaml *yaml,
		      struct kmr_error *err)
{
	unsigned int cpu;

	for (cpu = 0; cpu < spec->nr_cpus; cpu++)
		if (spec->cpu_node[cpu] == KMR_ANY_NODE)
			return kmr_yaml_fail(yaml, kmr_spec_find(yaml, "nodes", NULL), err,
					     "nodes: CPU %u of %u is on no node", cpu,
					     spec->nr_cpus);
	for (; cpu < KMR_MAX_CPUS; cpu++)
		if (spec->cpu_node[cpu] != KMR_ANY_NODE)
			return kmr_yaml_fail(yaml, kmr_spec_find(yaml, "cpus", NULL), err,
					     "cpus: %u, but node %u has CPU %u; they count from 0",
					     spec->nr_cpus, spec->cpu_node[cpu], cpu);
	for (unsigned int n = spec->nr_nodes; n < KMR_MAX_NODES; n++)
		if (spec->boot.huge_pages[n])
			return kmr_yaml_fail(yaml, kmr_spec_find(yaml, "boot", "hugepages"), err,
					     "hugepages: more entries than the %u nodes",
					     spec->nr_nodes);
	return 0;
}

static int check_range(const struct kmr_spec *spec, const struct kmr_yaml *yaml,
		       const struct kmr_spec_range *r, struct kmr_error *err)
{
	uint64_t section = spec->section_size;

	if (r->end / spec->page_size >= MAX_PFN)
		return kmr_yaml_fail(yaml, r->at, err,
				     "memory up to 0x%" PRIx64 "; up to 0x%" PRIx64 " will do",
				     r->end - 1, MAX_PFN * spec->page_size - spec->page_size - 1);
	if (r->node >= spec->nr_nodes)
		return kmr_yaml_fail(yaml, r->at, err, "memory on node %u; 'nodes' has 0 to %u",
				     r->node, spec->nr_nodes - 1);
	if (r->type != KMR_MEMORY_HOTPLUG)
		return 0;
	if (!section)
		return kmr_yaml_fail(yaml, r->at, err,
				     "memory of type hotplug needs sections: set section_size, "
				     "for example to 128M");
	if (r->start % section || r->end % section)
		return kmr_yaml_fail(yaml, r->at, err,
				     "memory of type hotplug begins and ends at multiples of "
				     "section_size, %" PRIu64 "M",
				     section / MIB);
	return 0;
}

/* Nodes one behind the other: a model finds a frame's zone by the zones' spans. */
static int check_order_of_nodes(const struct kmr_spec *spec, const struct kmr_yaml *yaml,
				struct kmr_error *err)
{
	bool done[KMR_MAX_NODES] = { false };
	unsigned int i;

	for (i = 1; i < spec->nr_memory; i++) {
		const struct kmr_spec_range *r = &spec->memory[i], *before = r - 1;

		if (r->node == before->node)
			continue;
		done[before->node] = true;
		if (done[r->node])
			return kmr_yaml_fail(yaml, r->at, err,
					     "memory of node %u on both sides of node %u's; nodes "
					     "that interleave are not modelled",
					     r->node, before->node);
	}
	return 0;
}

static int check_memory(const struct kmr_spec *spec, const struct kmr_yaml *yaml,
			struct kmr_error *err)
{
	uint64_t ram = spec->ram;

	if (spec->ram && spec->nr_memory)
		return kmr_yaml_fail(yaml, kmr_spec_find(yaml, "ram", NULL), err,
				     "ram: beside memory; a machine has either ram (an amount, in "
				     "the usual layout) or memory (its ranges)");
	for (unsigned int i = 0; i < spec->nr_memory; i++) {
		if (check_range(spec, yaml, &spec->memory[i], err))
			return -1;
		if (spec->memory[i].type == KMR_MEMORY_RAM)
			ram += spec->memory[i].end - spec->memory[i].start;
	}
	if (!ram)
		return kmr_yaml_fail(yaml, kmr_spec_find(yaml, "memory", NULL), err,
				     "a machine without RAM: give ram, for example 1280M, or "
				     "memory, its ranges");
	return check_order_of_nodes(spec, yaml, err);
}

/* The range of RAM that holds all of @r; NULL: none. */
static const struct kmr_spec_range *ram_around(const struct kmr_spec *spec,
					       const struct kmr_spec_range *r)
{
	for (unsigned int i = 0; i < spec->nr_memory; i++) {
		const struct kmr_spec_range *m = &spec->memory[i];

		if (m->type == KMR_MEMORY_RAM && m->start <= r->start && r->end <= m->end)
			return m;
	}
	return NULL;
}

static int check_image(const struct kmr_spec *spec, const struct kmr_yaml *yaml,
		       struct kmr_error *err)
{
	for (unsigned int i = 0; spec->nr_memory && i < spec->nr_reserved; i++) {
		const struct kmr_spec_range *r = &spec->reserved[i];

		if (!strncmp(r->what, "Kernel ", 7) && !ram_around(spec, r))
			return kmr_yaml_fail(yaml, r->at, err,
					     "%s at 0x%" PRIx64 " to 0x%" PRIx64
					     " lies in no range of RAM",
					     r->what, r->start, r->end - 1);
	}
	return 0;
}

int kmr_spec_check(const struct kmr_spec *spec, const struct kmr_yaml *yaml, struct kmr_error *err)
{
	if (check_arch(spec, yaml, err) || check_orders(spec, yaml, err) ||
	    check_memory(spec, yaml, err) || check_cpus(spec, yaml, err))
		return -1;
	return check_image(spec, yaml, err);
}
