// SPDX-License-Identifier: GPL-2.0-only
/* Early allocations that architectures share. */
#include <stdio.h>

#include "machine/boot.h"
#include "machine/internal.h"

#define MIB		(UINT64_C(1) << 20)
#define GIB4		(UINT64_C(4) << 30)
#define LOG_BUF		(UINT64_C(1) << 17) /* CONFIG_LOG_BUF_SHIFT */
#define LOG_CPU		(UINT64_C(1) << 12) /* CONFIG_LOG_CPU_MAX_BUF_SHIFT */
#define LOG_DESC	32 /* bytes of text for each record's descriptor: PRB_AVGBITS */
#define LOG_INFO	88 /* sizeof(struct printk_info) */
#define SWIOTLB_SLOT	2048 /* IO_TLB_SIZE */
#define SWIOTLB_BYTES	(64 * MIB) /* IO_TLB_DEFAULT_SIZE */
#define SWIOTLB_SLOT_64 24 /* sizeof(struct io_tlb_slot) */

uint64_t kmr_boot_take_from(struct kmr_boot *b, const struct kmr_memblock_request *r)
{
	uint64_t at = kmr_memblock_alloc(&b->mb, r);

	if (at == KMR_MEMBLOCK_NONE && !b->failed) {
		b->failed = r->what;
		b->failed_bytes = r->size;
	}
	return at;
}

uint64_t kmr_boot_take(struct kmr_boot *b, const char *what, uint64_t size, uint64_t align)
{
	return kmr_boot_take_from(
		b, &(struct kmr_memblock_request){
			   .size = size, .align = align, .node = KMR_ANY_NODE, .what = what });
}

static uint64_t round_up_pow2(uint64_t v)
{
	return v > 1 ? UINT64_C(1) << (64 - __builtin_clzll(v - 1)) : 1;
}

/* setup_log_buf(): as was asked for, or what many CPUs need, beside the one built in */
void kmr_boot_log_buffer(struct kmr_boot *b)
{
	uint64_t len = b->spec->boot.log_buf_len;
	uint64_t cpus = (b->spec->nr_cpus - 1) * LOG_CPU;

	if (!len && cpus > LOG_BUF / 2)
		len = cpus + LOG_BUF;
	len = round_up_pow2(len);
	if (len <= LOG_BUF)
		return;
	(void)kmr_boot_take(b, "log buffer", len, b->profile.long_bytes);
	/* a state, where its text begins, where it ends */
	(void)kmr_boot_take(b, "log buffer", len / LOG_DESC * 3 * b->profile.long_bytes,
			    b->profile.long_bytes);
	(void)kmr_boot_take(b, "log buffer", len / LOG_DESC * LOG_INFO, b->profile.long_bytes);
}

/* alloc_node_data(), and alloc_offline_node_data() for nodes without memory, later */
void kmr_boot_node_data(struct kmr_boot *b)
{
	const uint64_t align = b->profile.pgdat_align;
	const uint64_t size = (b->profile.pgdat + align - 1) / align * align;

	for (unsigned int n = 0; n < b->spec->nr_nodes; n++) {
		uint64_t start, end, at;

		if (!kmr_boot_node_span(b, n, &start, &end))
			continue;
		at = kmr_boot_take_from(
			b, &(struct kmr_memblock_request){ .size = size,
							   .align = b->profile.cache_line,
							   .node = (uint16_t)n,
							   .what = "node data" });
		b->pgdat_at[n] = at == KMR_MEMBLOCK_NONE ? 0 : at;
	}
}

/* What of memory CMA may be taken from, in turn: cma_declare_contiguous_nid(), mm/cma.c */
static uint64_t place_cma(struct kmr_boot *b, const struct kmr_memblock_request *area)
{
	struct kmr_memblock_request r = *area;
	const uint64_t high = b->max_low_pfn * b->page, end = kmr_memblock_end(&b->mb);
	const bool wide = b->spec->arch != KMR_ARCH_I386 || b->spec->pae;
	uint64_t at = KMR_MEMBLOCK_NONE;

	if (wide && !b->mb.bottom_up && end >= GIB4 + r.size) {
		/* far from where the kernel allocates */
		r.min = GIB4;
		b->mb.bottom_up = true;
		at = kmr_memblock_find(&b->mb, &r);
		b->mb.bottom_up = false;
	}
	if (at == KMR_MEMBLOCK_NONE && area->min < high && r.max > high) {
		r.min = high;
		at = kmr_memblock_find(&b->mb, &r);
		r.max = high;
	}
	if (at == KMR_MEMBLOCK_NONE) {
		r.min = area->min;
		at = kmr_memblock_find(&b->mb, &r);
	}
	return at;
}

static bool is_reserved(const struct kmr_boot *b, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < b->mb.reserved.nr; i++)
		if (b->mb.reserved.regions[i].start < end && start < b->mb.reserved.regions[i].end)
			return true;
	return false;
}

static void take_area(struct kmr_boot *b, const struct kmr_spec_cma *c)
{
	struct kmr_machine *m = b->m;
	const uint64_t align = b->page << m->pageblock_order;
	const uint64_t reach = kmr_boot_cma_end(b);
	struct kmr_memblock_request r = {
		.size = (c->size + align - 1) & ~(align - 1),
		.align = align,
		.min = (c->base + align - 1) & ~(align - 1),
		.max = c->limit && c->limit < reach ? c->limit : reach,
		.node = KMR_ANY_NODE,
		.what = "CMA",
		.kind = KMR_RESERVED_CMA,
	};
	uint64_t at = r.min;

	r.max &= ~(align - 1);
	if (!c->base || c->limit)
		at = place_cma(b, &r);
	else if (r.min + r.size > kmr_memblock_end(&b->mb) || is_reserved(b, at, at + r.size))
		at = KMR_MEMBLOCK_NONE;
	if (at == KMR_MEMBLOCK_NONE) {
		if (!b->failed) {
			b->failed = r.what;
			b->failed_bytes = r.size;
			b->failed_at = c->at;
		}
		return;
	}
	kmr_memblock_reserve(&b->mb, at, at + r.size, r.what, r.kind);
	m->cma[m->nr_cma].start_pfn = at / b->page;
	m->cma[m->nr_cma].pages = r.size / b->page;
	(void)snprintf(m->cma[m->nr_cma].name, sizeof(m->cma[0].name), "%s", c->name);
	m->nr_cma++;
}

void kmr_boot_cma(struct kmr_boot *b)
{
	for (unsigned int i = 0; i < b->spec->boot.nr_cma; i++)
		take_area(b, &b->spec->boot.cma[i]);
}

/* saved_command_line and static_command_line, init/main.c */
void kmr_boot_command_line(struct kmr_boot *b)
{
	for (int i = 0; i < 2; i++)
		(void)kmr_boot_take(b, "command line", b->spec->boot.command_line + 1u,
				    b->profile.cache_line);
}

/* swiotlb_init_remap(), kernel/dma/swiotlb.c */
void kmr_boot_swiotlb(struct kmr_boot *b)
{
	const uint64_t align = b->page;
	const uint64_t said = b->spec->boot.swiotlb;
	const uint64_t bytes = said == KMR_NOT_SAID ? SWIOTLB_BYTES : said;
	const uint64_t slots = bytes / SWIOTLB_SLOT * SWIOTLB_SLOT_64;

	if (!bytes)
		return;

	(void)kmr_boot_take_from(
		b, &(struct kmr_memblock_request){ .size = (bytes + align - 1) & ~(align - 1),
						   .align = align,
						   .max = GIB4 - 1,
						   .node = KMR_ANY_NODE,
						   .what = "swiotlb" });
	(void)kmr_boot_take(b, "swiotlb", (slots + align - 1) & ~(align - 1), align);
	(void)kmr_boot_take(b, "swiotlb", round_up_pow2(b->spec->nr_cpus) * b->profile.swiotlb_area,
			    b->profile.cache_line);
}
