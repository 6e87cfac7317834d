// SPDX-License-Identifier: GPL-2.0-only
/* Boot, from the firmware's map to limits. */
#include "machine/boot.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kmreplay/addrspace.h"
#include "machine/internal.h"

#define MIB	 (UINT64_C(1) << 20)
#define GIB4	 (UINT64_C(4) << 30)
#define GIB64	 (UINT64_C(64) << 30)
#define LOW_END	 (UINT64_C(640) << 10)
#define NO_LIMIT UINT64_MAX

static bool is_x86(const struct kmr_spec *spec)
{
	return spec->arch <= KMR_ARCH_X86_64;
}

static uint64_t up(uint64_t v, uint64_t align)
{
	return (v + align - 1) & ~(align - 1);
}

/* What of the machine is said, not computed. */
static void describe(struct kmr_machine *m, const struct kmr_spec *spec)
{
	kmr_machine_set_arch(m, kmr_arch_names[spec->arch]);
	(void)snprintf(m->kernel, sizeof(m->kernel), "%s", kmr_kernel_names[spec->kernel]);
	m->page_shift = (unsigned int)__builtin_ctzll(spec->page_size);
	m->nr_orders = spec->max_order + 1;
	m->pageblock_order = spec->pageblock_order;
	m->pae = spec->pae;
	m->thp = spec->thp;
	m->vmalloc_bytes = spec->boot.vmalloc;
	m->section_pages = spec->section_size / spec->page_size;
	m->nr_nodes = spec->nr_nodes;
	m->nr_cpus = spec->nr_cpus;
	m->build_cpus = (unsigned int)spec->build.max_cpus;
	for (unsigned int i = 0; i < spec->nr_cpus; i++)
		m->cpu_node[i] = spec->cpu_node[i];
	memcpy(m->distance, spec->distance, sizeof(m->distance));
	m->user_min_free_kbytes = spec->boot.min_free_kbytes;
	m->user_watermark_scale = spec->boot.watermark_scale;
	m->has_reserve_ratio = spec->boot.has_reserve_ratio;
	memcpy(m->reserve_ratio, spec->boot.reserve_ratio, sizeof(m->reserve_ratio));
	m->zone_order = spec->boot.zone_order;
}

/* memblock_enforce_memory_limit(): where the first @bytes of memory end */
static uint64_t end_of_first(const struct kmr_memblock *mb, uint64_t bytes)
{
	for (size_t i = 0; i < mb->memory.nr; i++) {
		const struct kmr_memblock_region *r = &mb->memory.regions[i];

		if (bytes <= r->end - r->start)
			return r->start + bytes;
		bytes -= r->end - r->start;
	}
	return NO_LIMIT;
}

/* Where memory that the kernel takes ends: mem=, and what it can address at all. */
static uint64_t memory_limit(const struct kmr_boot *b)
{
	const struct kmr_spec *spec = b->spec;
	uint64_t limit = NO_LIMIT;

	if (spec->arch == KMR_ARCH_I386)
		limit = spec->pae ? GIB64 : GIB4;
	if (spec->boot.mem) {
		/* x86 cuts at an address, the others at an amount */
		uint64_t end = is_x86(spec) ? spec->boot.mem : end_of_first(&b->mb, spec->boot.mem);

		if (end < limit)
			limit = end;
	}
	return limit;
}

/* e820__memblock_setup(): RAM in whole pages, without the BIOS's */
static void trim(struct kmr_boot *b)
{
	const uint64_t page = b->page;

	if (is_x86(b->spec)) {
		kmr_memblock_remove(&b->mb, 0, page);
		kmr_memblock_remove(&b->mb, LOW_END, MIB);
	}
	for (size_t i = 0; i < b->mb.memory.nr;) {
		struct kmr_memblock_region r = b->mb.memory.regions[i];
		size_t before = b->mb.memory.nr;

		kmr_memblock_remove(&b->mb, r.start, up(r.start, page));
		kmr_memblock_remove(&b->mb, r.end & ~(page - 1), r.end);
		i += b->mb.memory.nr == before;
	}
}

static void add_memory(struct kmr_boot *b, bool nodes, uint64_t limit)
{
	for (unsigned int i = 0; i < b->spec->nr_memory; i++) {
		const struct kmr_spec_range *r = &b->spec->memory[i];
		uint64_t end = r->end < limit ? r->end : limit;

		if (r->type == KMR_MEMORY_RAM && r->start < end)
			kmr_memblock_add(&b->mb, r->start, end, nodes ? r->node : 0,
					 nodes && r->removable);
	}
}

void kmr_boot_set_nodes(struct kmr_boot *b)
{
	uint64_t end = kmr_memblock_end(&b->mb);

	kmr_memblock_remove(&b->mb, 0, NO_LIMIT);
	add_memory(b, true, end);
	trim(b);
	b->mb.skip_hotplug = b->spec->boot.movable_node;
}

static void note_ram(struct kmr_boot *b)
{
	struct kmr_machine *m = b->m;

	m->nr_ram = 0;
	m->ram_pages = 0;
	for (size_t i = 0; i < b->mb.memory.nr && m->nr_ram < KMR_MAX_RAM_RANGES; i++) {
		const struct kmr_memblock_region *r = &b->mb.memory.regions[i];

		m->ram[m->nr_ram++] =
			(struct kmr_ram_range){ r->start / b->page, r->end / b->page };
		m->ram_pages += (r->end - r->start) / b->page;
	}
	if (b->spec->ram)
		m->ram_pages = b->spec->ram / b->page;
}

static void note_hotplug(struct kmr_boot *b)
{
	struct kmr_machine *m = b->m;

	b->possible_end = kmr_memblock_end(&b->mb);
	m->nr_hotplug = 0;
	for (unsigned int i = 0; i < b->spec->nr_memory; i++) {
		const struct kmr_spec_range *r = &b->spec->memory[i];

		if (r->type != KMR_MEMORY_HOTPLUG || m->nr_hotplug == KMR_MAX_RAM_RANGES)
			continue;
		m->hotplug[m->nr_hotplug++] =
			(struct kmr_ram_range){ r->start / b->page, r->end / b->page };
		if (r->end > b->possible_end)
			b->possible_end = r->end;
	}
}

static void set_up_memory(struct kmr_boot *b)
{
	const struct kmr_spec *spec = b->spec;
	uint64_t limit;

	add_memory(b, false, NO_LIMIT);
	limit = memory_limit(b);
	kmr_memblock_remove(&b->mb, limit, NO_LIMIT);
	trim(b);
	note_ram(b);
	note_hotplug(b);
	b->max_pfn = b->max_low_pfn = kmr_memblock_end(&b->mb) / b->page;
	if (spec->arch == KMR_ARCH_I386) {
		uint64_t most = kmr_i386_maxmem_pfn(b->m);

		b->max_low_pfn = most < b->max_pfn ? most : b->max_pfn;
	}
	b->mb.limit = b->max_low_pfn * b->page;
	/* until the firmware's table of nodes is read */
	b->mb.bottom_up = spec->boot.movable_node && is_x86(spec);
}

static void settle_profile(struct kmr_boot *b)
{
	const struct kmr_spec_build *build = &b->spec->build;
	struct kmr_boot_profile *p = &b->profile;

	*p = *kmr_boot_profile((enum kmr_arch)b->spec->arch, (enum kmr_kernel)b->spec->kernel);
	if (b->spec->arch > KMR_ARCH_X86_64) {
		uint64_t start = b->mb.memory.nr ? b->mb.memory.regions[0].start : 0;
		uint64_t *addresses[] = { &p->text, &p->text_end, &p->rodata, &p->rodata_end,
					  &p->data, &p->data_end, &p->bss,    &p->bss_end };

		for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
			*addresses[i] += up(start, 2 * MIB) + 2 * MIB;
	}
	if (build->percpu_static != KMR_NOT_SAID)
		p->percpu_static = build->percpu_static;
	if (build->init != KMR_NOT_SAID)
		p->init = build->init;
	if (build->smp_locks != KMR_NOT_SAID)
		p->smp_locks = build->smp_locks;
	if (build->struct_page != KMR_NOT_SAID)
		p->struct_page = (unsigned int)build->struct_page;
	b->m->struct_page = p->struct_page;
}

/* alloc_offline_node_data(): nodes that are possible but have no memory */
static void take_offline_nodes(struct kmr_boot *b)
{
	uint64_t start, end;

	for (unsigned int n = 0; b->profile.pgdat && n < b->m->nr_nodes; n++)
		if (!kmr_boot_node_span(b, n, &start, &end))
			(void)kmr_boot_take(b, "node data", b->profile.pgdat,
					    b->profile.cache_line);
}

static void take_early(struct kmr_boot *b)
{
	for (unsigned int i = 0; i < b->spec->nr_early; i++) {
		const struct kmr_spec_early *e = &b->spec->early[i];

		bool failed = b->failed;

		(void)kmr_boot_take_from(
			b, &(struct kmr_memblock_request){
				   .size = e->size,
				   .align = e->align ? e->align : b->profile.cache_line,
				   .max = e->below,
				   .node = e->node,
				   .what = e->what });
		if (b->failed && !failed)
			b->failed_at = e->at;
	}
}

/* The pool of ordinary huge pages comes from the page allocator, evenly from nodes with memory. */
static void note_huge_pages(struct kmr_boot *b)
{
	const struct kmr_spec_boot *p = &b->spec->boot;
	struct kmr_machine *m = b->m;
	uint64_t left = p->huge_pages_any;
	unsigned int nodes = 0;
	uint64_t start, end;

	m->huge_order = 0;
	for (unsigned int n = 0; n < m->nr_nodes; n++)
		nodes += kmr_boot_node_span(b, n, &start, &end);
	for (unsigned int n = 0; n < m->nr_nodes; n++) {
		m->huge_pages[n] = p->huge_pages[n];
		if (!nodes || !kmr_boot_node_span(b, n, &start, &end))
			continue;
		m->huge_pages[n] += (left + nodes - 1) / nodes;
		left -= (left + nodes - 1) / nodes;
		nodes--;
	}
	for (unsigned int n = 0; n < m->nr_nodes; n++)
		if (m->huge_pages[n])
			m->huge_order = (unsigned int)__builtin_ctzll(p->huge_page_size / b->page);
}

static void allocate(struct kmr_boot *b)
{
	kmr_boot_reserve_image(b);
	if (is_x86(b->spec))
		kmr_boot_x86_before_zones(b);
	else
		kmr_boot_other_before_zones(b);
	kmr_boot_zones(b);
	if (!b->m->section_pages)
		kmr_boot_flat(b);
	take_offline_nodes(b);
	kmr_boot_count_pages(b);
	if (is_x86(b->spec))
		kmr_boot_x86_after_zones(b);
	else
		kmr_boot_other_after_zones(b);
	take_early(b);
	note_huge_pages(b);
}

int kmr_boot_fail(const struct kmr_spec *spec, const char *where, const char *key,
		  const struct kmr_yaml_node *at, struct kmr_error *err, const char *format, ...)
{
	char text[sizeof(err->msg)];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (!spec->yaml)
		return kmr_fail(err, "%s: %s", where, text);
	return kmr_yaml_fail(spec->yaml, at ? at : kmr_spec_find(spec->yaml, key, NULL), err, "%s",
			     text);
}

/* What was asked for is too small for the image: the RAM, or what vmalloc= leaves to be mapped. */
static int fail_image(const struct kmr_boot *b, struct kmr_error *err)
{
	const struct kmr_spec *spec = b->spec;
	const uint64_t low = b->max_low_pfn * b->page;

	if (spec->boot.vmalloc && b->max_low_pfn < b->max_pfn)
		return kmr_boot_fail(
			spec, b->where, "boot",
			spec->yaml ? kmr_spec_find(spec->yaml, "boot", "vmalloc") : NULL, err,
			"vmalloc=%" PRIu64 "M leaves %" PRIu64
			"M of low memory; the kernel's image ends at %" PRIu64 "M",
			spec->boot.vmalloc / MIB, low / MIB, b->profile.bss_end / MIB);
	return kmr_boot_fail(spec, b->where, "memory", NULL, err,
			     "the kernel's image ends at 0x%" PRIx64
			     ", the memory that it can map at 0x%" PRIx64 "; more RAM is needed",
			     b->profile.bss_end, low);
}

/* An allocation did not fit: one that was asked for, or one that every boot makes. */
static int fail_allocation(const struct kmr_boot *b, struct kmr_error *err)
{
	const uint64_t kib = b->page >> 10;

	return kmr_boot_fail(b->spec, b->where, b->spec->ram ? "ram" : "memory", b->failed_at, err,
			     "%s: no room for %" PRIu64 " KiB in %" PRIu64 " KiB of RAM, %" PRIu64
			     " KiB of them mapped, beside what boot takes before",
			     b->failed, (b->failed_bytes + 1023) >> 10, b->m->ram_pages * kib,
			     b->max_low_pfn * kib);
}

static int check(const struct kmr_boot *b, struct kmr_error *err)
{
	const uint64_t pages = b->spec->build.kernel;
	const bool image = b->profile.bss_end + b->profile.brk > b->max_low_pfn * b->page;

	if (b->mb.nomem)
		return kmr_fail_nomem(err, "a machine's boot");
	if (!image && !b->failed)
		return 0;
	/* a preset has no other keys to blame */
	if (!b->spec->yaml)
		return kmr_boot_fail(b->spec, b->where, "ram", NULL, err,
				     "ram=%" PRIu64 "M is too small for a kernel of %" PRIu64
				     " KiB and what it takes at boot",
				     b->spec->ram / MIB,
				     (pages != KMR_NOT_SAID ? pages : b->profile.kernel) *
					     (b->page >> 10));
	return image ? fail_image(b, err) : fail_allocation(b, err);
}

int kmr_boot(struct kmr_machine *m, const struct kmr_spec *spec, const char *where,
	     struct kmr_error *err)
{
	struct kmr_boot b = { .spec = spec, .m = m, .page = spec->page_size, .where = where };
	int ret;

	describe(m, spec);
	b.mb.page_size = b.page;
	set_up_memory(&b);
	settle_profile(&b);
	if (b.mb.memory.nr) {
		allocate(&b);
		ret = check(&b, err);
	} else {
		ret = kmr_boot_fail(spec, where, "memory", NULL, err,
				    "no RAM that the kernel can use");
	}
	if (!ret) {
		kmr_boot_hand_over(&b);
		kmr_machine_set_limits(m);
	}
	kmr_memblock_destroy(&b.mb);
	return ret;
}
