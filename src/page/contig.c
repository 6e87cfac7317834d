// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a machine needs so that ranges of its frames can be told apart, and taking such a range:
 * its pageblocks are isolated, what can move moves, what is free is taken, the pageblocks go back.
 * Behaviour: alloc_contig_range(), free_contig_range() in mm/page_alloc.c.
 */
#include "page/contig.h"

#include <stdlib.h>
#include <string.h>

static int check_hotplug(const struct kmr_machine *m, struct kmr_error *err)
{
	if (m->nr_hotplug > KMR_MAX_RAM_RANGES)
		return kmr_fail(err, "machine %s: %u ranges of memory to come, at most %u", m->name,
				m->nr_hotplug, KMR_MAX_RAM_RANGES);
	if (m->nr_hotplug && !kmr_has_sections(m))
		return kmr_fail(err,
				"machine %s: memory can come and go in sections only; sections of "
				"%llu pages are not a power of two that holds blocks of order %u",
				m->name, (unsigned long long)m->section_pages, m->nr_orders - 1);
	for (unsigned int i = 0; i < m->nr_hotplug; i++) {
		const struct kmr_ram_range *r = &m->hotplug[i];

		if (r->start_pfn >= r->end_pfn || r->end_pfn > KMR_NO_PFN ||
		    ((r->start_pfn | r->end_pfn) & (m->section_pages - 1)))
			return kmr_fail(err,
					"machine %s: memory to come, frames %llu to %llu, is no "
					"number of whole sections of %llu pages",
					m->name, (unsigned long long)r->start_pfn,
					(unsigned long long)r->end_pfn,
					(unsigned long long)m->section_pages);
	}
	return 0;
}

static int check_area(const struct kmr_machine *m, const struct kmr_cma_area *a,
		      struct kmr_error *err)
{
	const uint64_t size = UINT64_C(1) << m->pageblock_order;
	const int zone = kmr_machine_zone_of(m, a->start_pfn);

	/* cma_init_reserved_mem() */
	if (!a->pages || ((a->start_pfn | a->pages) & (size - 1)) ||
	    a->order_per_bit > m->pageblock_order)
		return kmr_fail(err,
				"machine %s: CMA area %s, frames %llu+%llu and %u pages a bit, is "
				"not made of whole pageblocks of order %u",
				m->name, a->name, (unsigned long long)a->start_pfn,
				(unsigned long long)a->pages, 1u << (a->order_per_bit & 31u),
				m->pageblock_order);
	/* cma_activate_area() */
	if (zone < 0 || a->pages > m->zones[zone].start_pfn + m->zones[zone].spanned - a->start_pfn)
		return kmr_fail(err,
				"machine %s: CMA area %s, frames %llu+%llu, is not in one zone",
				m->name, a->name, (unsigned long long)a->start_pfn,
				(unsigned long long)a->pages);
	for (const struct kmr_cma_area *o = m->cma; o < a; o++) {
		if (!strncmp(a->name, o->name, sizeof(a->name)))
			return kmr_fail(err, "machine %s: two CMA areas are called %s", m->name,
					a->name);
		if (a->start_pfn < o->start_pfn + o->pages &&
		    o->start_pfn < a->start_pfn + a->pages)
			return kmr_fail(err, "machine %s: CMA areas %s and %s overlap", m->name,
					o->name, a->name);
	}
	return 0;
}

int kmr_contig_check_machine(const struct kmr_machine *m, struct kmr_error *err)
{
	if (check_hotplug(m, err))
		return -1;
	if (m->nr_cma > KMR_MAX_CMA)
		return kmr_fail(err, "machine %s: %u CMA areas, at most %u", m->name, m->nr_cma,
				KMR_MAX_CMA);
	for (unsigned int i = 0; i < m->nr_cma; i++)
		if (check_area(m, &m->cma[i], err))
			return -1;
	if (m->huge_order >= m->nr_orders)
		return kmr_fail(err,
				"machine %s: huge pages of order %u, but the largest blocks have "
				"order %u",
				m->name, m->huge_order, m->nr_orders - 1);
	return 0;
}

static int init_area(struct kmr_page_backend *b, struct kmr_cma *cma, const struct kmr_cma_area *a,
		     const struct kmr_machine *m)
{
	cma->start = (uint32_t)a->start_pfn;
	cma->pages = (uint32_t)a->pages;
	cma->order_per_bit = a->order_per_bit;
	cma->nr_bits = cma->pages >> a->order_per_bit;
	cma->zone = &b->zones[kmr_machine_zone_of(m, a->start_pfn)];
	cma->bitmap = calloc(cma->nr_bits / 64 + 1, sizeof(*cma->bitmap));
	return cma->bitmap ? 0 : -1;
}

int kmr_contig_init(struct kmr_page_backend *b, const struct kmr_machine *m)
{
	struct kmr_contig *c = calloc(1, sizeof(*c));

	if (!c)
		return -1;
	b->contig = c;
	c->machine = *m;
	c->thp_on = kmr_machine_thp_on(m);
	/* boot is over: what it freed last counts like the rest */
	for (unsigned int i = 0; i < m->nr_zones; i++)
		c->machine.zones[i].init_pages = 0;
	if (kmr_has_sections(m))
		c->section_order = (unsigned int)__builtin_ctzll(m->section_pages);
	kmr_huge_init(&c->huge, m);
	for (unsigned int i = 0; i < m->nr_cma; i++, c->nr_cma++)
		if (init_area(b, &c->cma[i], &m->cma[i], m))
			return -1;
	return 0;
}

void kmr_contig_free(struct kmr_page_backend *b)
{
	free(b->section_zone);
	if (!b->contig)
		return;
	for (unsigned int i = 0; i < b->contig->nr_cma; i++)
		free(b->contig->cma[i].bitmap);
	free(b->contig);
}

unsigned int kmr_block_order(const struct kmr_page_backend *b, uint32_t pfn)
{
	const struct kmr_frame *f = kmr_frame(b, pfn);

	if (kmr_bit_free(b->bits, pfn))
		return f->state == KMR_FS_BUDDY || f->state == KMR_FS_PCP ? f->order : 0;
	if ((pfn & ((1u << f->order) - 1)) || !kmr_bits_all_used(b->bits, pfn, f->order))
		return 0;
	return f->order;
}

uint32_t kmr_block_of(const struct kmr_page_backend *b, uint32_t pfn, unsigned int *order)
{
	/* no block reaches over a multiple of the largest there can be */
	uint32_t head = pfn & ~((1u << (b->nr_orders - 1)) - 1);

	for (;;) {
		*order = kmr_block_order(b, head);
		if (pfn - head < 1u << *order)
			return head;
		head += 1u << *order;
	}
}

void kmr_linux_split(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order)
{
	if (!order || order >= b->nr_orders || pfn >= b->nr_frames ||
	    b->nr_frames - pfn < 1u << order)
		return;
	kmr_frame(b, pfn)->order = (uint8_t)(order - 1);
	kmr_frame(b, pfn + (1u << (order - 1)))->order = (uint8_t)(order - 1);
}

void kmr_free_contig_range(struct kmr_page_backend *b, uint32_t pfn, uint32_t pages,
			   unsigned int cpu)
{
	while (pages--)
		(void)kmr_linux_free(b, pfn++, 0, cpu);
}

/* Takes the free blocks of a range as single frames; returns the end of the last block. */
static uint32_t take_free_blocks(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t start,
				 uint32_t end)
{
	while (start < end) {
		const unsigned int order = kmr_frame(b, start)->order;

		kmr_free_list_del(b, z, start);
		kmr_bits_set_used(b->bits, start, order, false);
		for (uint32_t i = 0; i < 1u << order; i++)
			kmr_frame(b, start + i)->order = 0;
		start += 1u << order;
	}
	return start;
}

enum kmr_range_result kmr_alloc_contig_range(struct kmr_page_backend *b, struct kmr_zone *z,
					     uint32_t start, uint32_t end, unsigned int migratetype,
					     unsigned int cpu)
{
	uint32_t outer_start = start, outer_end, busy;
	enum kmr_range_result result;

	result = kmr_isolate_range(b, z, start, end, migratetype, cpu, &busy);
	if (result)
		return result;
	kmr_drain_zone(b, z);
	result = kmr_migrate_for_contig(b, z, start, end, cpu);
	if (!result) {
		if (kmr_bit_free(b->bits, start))
			outer_start = kmr_free_head(b, start);
		if (kmr_test_isolated(b, z, outer_start, end) != KMR_NO_PFN)
			result = KMR_RANGE_BUSY;
	}
	if (!result) {
		outer_end = take_free_blocks(b, z, outer_start, end);
		kmr_free_contig_range(b, outer_start, start - outer_start, cpu);
		kmr_free_contig_range(b, end, outer_end - end, cpu);
	}
	kmr_undo_isolate(b, z, start, end, migratetype, cpu);
	return result;
}

const struct kmr_contig_work *kmr_linux_contig_work(const struct kmr_page_backend *b)
{
	return &b->contig->work;
}
