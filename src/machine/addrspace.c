// SPDX-License-Identifier: GPL-2.0-only
/* The layouts of addrspace.h. */
#include "kmreplay/addrspace.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"

#define KIB UINT64_C(1024)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

/* i386: arch/x86/include/asm/fixmap.h, enum fixed_addresses, as the captures' kernels have it. */
#define I386_PAGE	  UINT64_C(4096)
#define I386_FIXADDR_TOP  UINT64_C(0xfffff000)
#define FIX_KMAP_BEGIN	  68 /* the hole, debug port, early console, APIC, 64 I/O APICs */
#define FIX_AFTER_KMAP	  1 /* PCI MMCONFIG */
#define FIX_BTMAPS	  512 /* early_ioremap()'s */
#define FIX_WP_TEST	  1
#define KM_MAX_IDX	  16 /* include/asm-generic/kmap_size.h */
#define I386_BUILD_CPUS	  4 /* NR_CPUS of the captures' kernels */
#define I386_MOST_CPUS	  64 /* CONFIG_NR_CPUS_RANGE_END with BIGSMP */
#define PAE_PKMAP_SLOTS	  512
#define NOPAE_PKMAP_SLOTS 1024
/*
 * Pages of struct cpu_entry_area: GDT, guard, entry stack, guard, double fault stack; TSS with two
 * I/O bitmaps; debug store; its buffers of 16 pages for branch traces and 16 for samples.
 */
#define CPU_ENTRY_PAGES (5 + 5 + 1 + 32)

/* The windows at the top of i386's address space, from the top down. */
struct i386_top {
	uint64_t fixaddr_start, fixaddr_boot_start; /* below: boot's mappings too */
	uint64_t cpu_entry, ldt, pkmap;
	uint64_t vmalloc_end;
	uint64_t maxmem; /* physical bytes mapped directly at most; 0: none */
};

static uint64_t i386_table_bytes(const struct kmr_machine *m)
{
	return m->pae ? 2 * MIB : 4 * MIB;
}

/* What vmalloc= sets aside, or its default; arch/x86/mm/pgtable_32.c: parse_vmalloc() */
static uint64_t i386_reserve(const struct kmr_machine *m)
{
	if (!m->vmalloc_bytes)
		return KMR_I386_VMALLOC_RESERVE;
	if (m->vmalloc_bytes > 4 * GIB)
		return 4 * GIB;
	return m->vmalloc_bytes + KMR_I386_VMALLOC_OFFSET;
}

/* One past the last fixed address, boot's mappings included; FIX_BTMAP_END in fixmap.h. */
static uint64_t i386_fixed_addresses(uint64_t permanent, uint64_t table_entries)
{
	uint64_t boot = permanent;

	/* they must not need two tables */
	if ((permanent ^ (permanent + FIX_BTMAPS - 1)) & ~(table_entries - 1))
		boot = permanent + FIX_BTMAPS - permanent % FIX_BTMAPS;
	return boot + FIX_BTMAPS + FIX_WP_TEST;
}

static void i386_top(const struct kmr_machine *m, unsigned int cpus, struct i386_top *top)
{
	const uint64_t table = i386_table_bytes(m);
	const uint64_t mask = ~(table - 1);
	const uint64_t permanent = FIX_KMAP_BEGIN + (uint64_t)KM_MAX_IDX * cpus + FIX_AFTER_KMAP;
	const uint64_t fixed = i386_fixed_addresses(permanent, table / I386_PAGE);
	const uint64_t reserve = i386_reserve(m);

	top->fixaddr_start = I386_FIXADDR_TOP - permanent * I386_PAGE;
	top->fixaddr_boot_start = I386_FIXADDR_TOP - fixed * I386_PAGE;
	/* one page more, for the IDT */
	top->cpu_entry =
		(top->fixaddr_boot_start - I386_PAGE * (CPU_ENTRY_PAGES * cpus + 1)) & mask;
	top->ldt = (top->cpu_entry - I386_PAGE) & mask;
	top->pkmap = (top->ldt - I386_PAGE) & mask;
	top->vmalloc_end = (m->has_type[KMR_ZONE_HIGHMEM] ? top->pkmap : top->ldt) - 2 * I386_PAGE;
	top->maxmem = top->vmalloc_end - KMR_I386_PAGE_OFFSET > reserve
			      ? top->vmalloc_end - KMR_I386_PAGE_OFFSET - reserve
			      : 0;
}

static unsigned int i386_build_cpus(const struct kmr_machine *m)
{
	unsigned int cpus = I386_BUILD_CPUS;

	if (m->build_cpus >= m->nr_cpus && m->build_cpus)
		return m->build_cpus;
	while (cpus < m->nr_cpus && cpus < I386_MOST_CPUS)
		cpus *= 2;
	return cpus;
}

uint64_t kmr_i386_maxmem_pfn(const struct kmr_machine *m)
{
	struct i386_top top;

	i386_top(m, i386_build_cpus(m), &top);
	return top.maxmem / I386_PAGE;
}

/* Where HighMem begins, the kernel's direct map ends; 0: the machine has none. */
static uint64_t highmem_pfn(const struct kmr_machine *m)
{
	uint64_t first = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].type == KMR_ZONE_HIGHMEM &&
		    (!first || m->zones[i].start_pfn < first))
			first = m->zones[i].start_pfn;
	return first;
}

/* The windows of the kernel that the machine's zones are of; how many CPUs it is built for. */
static unsigned int i386_top_of(const struct kmr_machine *m, struct i386_top *top)
{
	const uint64_t high = highmem_pfn(m);

	for (unsigned int cpus = i386_build_cpus(m); high && cpus <= I386_MOST_CPUS; cpus *= 2) {
		i386_top(m, cpus, top);
		if (top->maxmem / I386_PAGE == high)
			return cpus;
	}
	i386_top(m, i386_build_cpus(m), top);
	return i386_build_cpus(m);
}

static int i386_space(const struct kmr_machine *m, struct kmr_address_space *as,
		      struct kmr_error *err)
{
	const uint64_t high = highmem_pfn(m), end = kmr_machine_online_end_pfn(m);
	struct i386_top top;

	as->build_cpus = i386_top_of(m, &top);
	if (top.maxmem < 16 * MIB)
		return kmr_fail(err,
				"machine %s: vmalloc=%" PRIu64 "M leaves less than 16M of low "
				"memory; up to %" PRIu64 "M will do",
				m->name, m->vmalloc_bytes / MIB,
				(top.vmalloc_end - KMR_I386_PAGE_OFFSET - KMR_I386_VMALLOC_OFFSET) /
						MIB -
					16);
	as->pointer_bytes = 4;
	as->direct_start = KMR_I386_PAGE_OFFSET;
	as->direct_end_pfn = top.maxmem / I386_PAGE;
	if (high && high < as->direct_end_pfn)
		as->direct_end_pfn = high;
	if (end < as->direct_end_pfn)
		as->direct_end_pfn = end;
	as->vmalloc_start =
		KMR_I386_PAGE_OFFSET + as->direct_end_pfn * I386_PAGE + KMR_I386_VMALLOC_OFFSET;
	as->vmalloc_end = top.vmalloc_end;
	as->table_bytes = i386_table_bytes(m);
	if (m->has_type[KMR_ZONE_HIGHMEM]) {
		as->pkmap_start = top.pkmap;
		as->pkmap_slots = m->pae ? PAE_PKMAP_SLOTS : NOPAE_PKMAP_SLOTS;
		as->kmap_local_top = I386_FIXADDR_TOP - FIX_KMAP_BEGIN * I386_PAGE;
		as->kmap_local_slots = KM_MAX_IDX;
	}
	return 0;
}

/* arch/x86/include/asm/pgtable_64_types.h, Documentation/x86/x86_64/mm.rst */
static int x86_64_space(const struct kmr_machine *m, struct kmr_address_space *as,
			struct kmr_error *err)
{
	(void)err;
	as->pointer_bytes = 8;
	as->direct_start = UINT64_C(0xffff888000000000);
	as->direct_end_pfn = kmr_machine_online_end_pfn(m);
	as->vmalloc_start = UINT64_C(0xffffc90000000000);
	as->vmalloc_end = as->vmalloc_start + 32 * TIB - 1;
	as->table_bytes = 2 * MIB;
	return 0;
}

#define ARM64_PAGE_END	  UINT64_C(0xffff800000000000) /* of the linear map, 48 bits */
#define ARM64_MODULES	  (128 * MIB)
#define STRUCT_PAGE_SHIFT 6 /* STRUCT_PAGE_MAX_SHIFT: 64 bytes */

static uint64_t arm64_vmemmap(const struct kmr_machine *m)
{
	return -(UINT64_C(1) << (48 - (m->page_shift - STRUCT_PAGE_SHIFT)));
}

/* arch/arm64/include/asm/{memory,pgtable}.h of 6.1, Documentation/arm64/memory.rst */
static int arm64_space(const struct kmr_machine *m, struct kmr_address_space *as,
		       struct kmr_error *err)
{
	/* memstart_addr, rounded down as arch/arm64/include/asm/kernel-pgtable.h wants it */
	const uint64_t align = m->page_shift == 16 ? 512 * MIB : GIB;
	const uint64_t first = m->nr_zones ? m->zones[0].start_pfn : 0;

	(void)err;
	as->pointer_bytes = 8;
	as->direct_start = UINT64_C(0xffff000000000000);
	as->direct_pfn = first & ~((align >> m->page_shift) - 1);
	as->direct_end_pfn = kmr_machine_online_end_pfn(m);
	as->vmalloc_start = ARM64_PAGE_END + ARM64_MODULES;
	as->vmalloc_end = arm64_vmemmap(m) - 256 * MIB;
	as->table_bytes = UINT64_C(1) << (2 * m->page_shift - 3);
	return 0;
}

/* arch/alpha/include/asm/{page,pgtable}.h without ALPHA_LARGE_VMALLOC */
static int alpha_space(const struct kmr_machine *m, struct kmr_address_space *as,
		       struct kmr_error *err)
{
	const uint64_t pgdir = UINT64_C(1) << (3 * m->page_shift - 6);

	(void)err;
	as->pointer_bytes = 8;
	as->direct_start = UINT64_C(0xfffffc0000000000);
	as->direct_end_pfn = kmr_machine_online_end_pfn(m);
	as->vmalloc_start = -(2 * pgdir);
	as->vmalloc_end = -pgdir;
	as->table_bytes = UINT64_C(1) << (2 * m->page_shift - 3);
	return 0;
}

/* Where areas are written to. */
struct area_list {
	struct kmr_address_area *areas;
	unsigned int nr, max;
};

/* @end is exclusive; 0: the last byte of all. */
static void add(struct area_list *list, uint64_t first, uint64_t end, bool inside, const char *name,
		const char *what)
{
	if (list->nr < list->max && first != end)
		list->areas[list->nr++] =
			(struct kmr_address_area){ first, end - 1, name, what, inside };
}

static void i386_areas(const struct kmr_machine *m, const struct kmr_address_space *as,
		       struct area_list *list)
{
	const uint64_t direct_end = as->vmalloc_start - KMR_I386_VMALLOC_OFFSET;
	struct i386_top top;

	(void)i386_top_of(m, &top);
	add(list, as->direct_start, direct_end, false, "lowmem", "direct map of low memory");
	add(list, direct_end, as->vmalloc_start, false, "gap", "nothing: VMALLOC_OFFSET");
	add(list, as->vmalloc_start, as->vmalloc_end, false, "vmalloc",
	    "vmalloc, ioremap, modules");
	if (as->pkmap_slots)
		add(list, as->pkmap_start, as->pkmap_start + as->pkmap_slots * I386_PAGE, false,
		    "pkmap", "permanent mappings of high memory: kmap()");
	add(list, top.ldt, top.ldt + as->table_bytes, false, "ldt",
	    "LDT, with page table isolation");
	add(list, top.cpu_entry, top.cpu_entry + I386_PAGE * (CPU_ENTRY_PAGES * as->build_cpus + 1),
	    false, "cpu_entry_area", "IDT, and per CPU GDT, TSS, entry stacks, debug store");
	add(list, top.fixaddr_boot_start, top.fixaddr_start, false, "boot_fixmap",
	    "fixed mappings during boot: early_ioremap()");
	add(list, top.fixaddr_start, I386_FIXADDR_TOP, false, "fixmap", "fixed mappings");
	if (as->kmap_local_slots)
		add(list,
		    as->kmap_local_top + I386_PAGE -
			    (uint64_t)as->kmap_local_slots * as->build_cpus * I386_PAGE,
		    as->kmap_local_top + I386_PAGE, true, "kmap_local",
		    "per CPU mappings of high memory: kmap_local_page()");
}

static void x86_64_areas(const struct kmr_machine *m, const struct kmr_address_space *as,
			 struct area_list *list)
{
	(void)m;
	add(list, UINT64_C(0xffff800000000000), UINT64_C(0xffff880000000000), false, "guard",
	    "nothing: a hypervisor's");
	add(list, UINT64_C(0xffff880000000000), UINT64_C(0xffff888000000000), false, "ldt",
	    "LDT, with page table isolation");
	add(list, as->direct_start, as->direct_start + 64 * TIB, false, "lowmem",
	    "direct map of all memory");
	add(list, as->vmalloc_start, as->vmalloc_start + 32 * TIB, false, "vmalloc",
	    "vmalloc, ioremap");
	add(list, UINT64_C(0xffffea0000000000), UINT64_C(0xffffeb0000000000), false, "vmemmap",
	    "mem_map");
	add(list, UINT64_C(0xfffffe0000000000), UINT64_C(0xfffffe8000000000), false,
	    "cpu_entry_area", "IDT, and per CPU GDT, TSS, entry and exception stacks");
	add(list, UINT64_C(0xffffff0000000000), UINT64_C(0xffffff8000000000), false, "espfix",
	    "stacks for returns to 16-bit segments");
	add(list, UINT64_C(0xffffffef00000000), UINT64_C(0xffffffff00000000), false, "efi",
	    "EFI's runtime services");
	/* KERNEL_IMAGE_SIZE without RANDOMIZE_BASE */
	add(list, UINT64_C(0xffffffff80000000), UINT64_C(0xffffffffa0000000), false, "text",
	    "the kernel's image");
	add(list, UINT64_C(0xffffffffa0000000), UINT64_C(0xffffffffff000000), false, "modules",
	    "modules");
	add(list, UINT64_C(0xffffffffff000000), UINT64_C(0xffffffffff600000), false, "fixmap",
	    "fixed mappings, at the end of this");
	add(list, UINT64_C(0xffffffffff600000), UINT64_C(0xffffffffff601000), false, "vsyscall",
	    "the old system call page");
}

static void arm64_areas(const struct kmr_machine *m, const struct kmr_address_space *as,
			struct area_list *list)
{
	const uint64_t vmemmap = arm64_vmemmap(m);
	/* the linear map's pages, VMEMMAP_SIZE */
	const uint64_t map_bytes = UINT64_C(1) << (47 - (m->page_shift - STRUCT_PAGE_SHIFT));

	add(list, as->direct_start, ARM64_PAGE_END, false, "lowmem", "linear map of all memory");
	add(list, ARM64_PAGE_END, as->vmalloc_start, false, "modules", "modules");
	add(list, as->vmalloc_start, as->vmalloc_end, false, "vmalloc",
	    "vmalloc, ioremap, the kernel's image");
	add(list, as->vmalloc_end, vmemmap - 32 * MIB, false, "fixmap",
	    "fixed mappings, at the end of this");
	add(list, vmemmap - 24 * MIB, vmemmap - 8 * MIB, false, "pci_io", "PCI I/O space");
	add(list, vmemmap, vmemmap + map_bytes, false, "vmemmap", "mem_map");
}

static void alpha_areas(const struct kmr_machine *m, const struct kmr_address_space *as,
			struct area_list *list)
{
	(void)m;
	add(list, as->direct_start, as->direct_start + 2 * TIB, false, "kseg",
	    "direct map of all memory, the kernel's image in it");
	add(list, as->vmalloc_start, as->vmalloc_end, false, "vmalloc",
	    "vmalloc, ioremap, modules");
	add(list, as->vmalloc_end, 0, false, "tables", "the page tables themselves");
}

static const struct layout {
	const char *arch;
	int (*space)(const struct kmr_machine *m, struct kmr_address_space *as,
		     struct kmr_error *err);
	void (*areas)(const struct kmr_machine *m, const struct kmr_address_space *as,
		      struct area_list *list);
} layouts[] = {
	{ "i386", i386_space, i386_areas },
	{ "x86_64", x86_64_space, x86_64_areas },
	{ "arm64", arm64_space, arm64_areas },
	{ "alpha", alpha_space, alpha_areas },
};

static const struct layout *layout_of(const struct kmr_machine *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
		if (!strcmp(m->arch, layouts[i].arch))
			return &layouts[i];
	return NULL;
}

int kmr_address_space(const struct kmr_machine *m, struct kmr_address_space *as,
		      struct kmr_error *err)
{
	const struct layout *layout = layout_of(m);

	memset(as, 0, sizeof(*as));
	as->page_shift = m->page_shift;
	if (layout)
		return layout->space(m, as, err);
	return kmr_fail(err,
			"machine %s: the kernel's address space is not known on %s; i386, x86_64, "
			"arm64 and alpha are",
			m->name, m->arch);
}

unsigned int kmr_address_areas(const struct kmr_machine *m, struct kmr_address_area *areas,
			       unsigned int max)
{
	const struct layout *layout = layout_of(m);
	struct area_list list = { areas, 0, max };
	struct kmr_address_space as;
	struct kmr_error ignored;

	if (!layout || kmr_address_space(m, &as, &ignored))
		return 0;
	layout->areas(m, &as, &list);
	return list.nr;
}
