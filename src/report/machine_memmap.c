// SPDX-License-Identifier: GPL-2.0-only
/* What memory costs itself: mem_map, and all else that boot keeps, by what it is for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/figures.h"
#include "report/machine_sections.h"
#include "report/table.h"
#include "report/units.h"

static const char *const models[] = {
	[KMR_FLATMEM] = "flat",
	[KMR_SPARSEMEM] = "sparse",
	[KMR_VMEMMAP] = "vmemmap",
};

static uint64_t present_pages(const struct kmr_machine *m)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		pages += m->zones[i].present;
	return pages;
}

static uint64_t managed_pages(const struct kmr_machine *m)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		pages += m->zones[i].managed;
	return pages;
}

/* Reserved memory of one use: how much of it, in how many ranges. */
struct use {
	char what[sizeof(((struct kmr_reserved_range *)0)->what)];
	uint8_t kind;
	unsigned int ranges;
	uint64_t pages;
};

static int by_pages(const void *a, const void *b)
{
	const struct use *p = a, *q = b;

	if (p->pages != q->pages)
		return p->pages > q->pages ? -1 : 1;
	if (p->kind != q->kind)
		return p->kind < q->kind ? -1 : 1;
	return strcmp(p->what, q->what);
}

/* The reserved ranges summed up by use, the largest first; how many uses. */
static unsigned int sum_up(const struct kmr_machine *m, struct use *uses)
{
	unsigned int nr = 0, u;

	for (unsigned int i = 0; i < m->nr_reserved; i++) {
		const struct kmr_reserved_range *r = &m->reserved[i];

		for (u = 0; u < nr; u++)
			if (uses[u].kind == r->kind && !strcmp(uses[u].what, r->what))
				break;
		if (u == nr) {
			memset(&uses[nr], 0, sizeof(uses[nr]));
			memcpy(uses[nr].what, r->what, sizeof(uses[nr].what));
			uses[nr++].kind = r->kind;
		}
		uses[u].ranges++;
		uses[u].pages += r->end_pfn - r->start_pfn;
	}
	qsort(uses, nr, sizeof(*uses), by_pages);
	return nr;
}

static const char *kind_name(const struct use *u)
{
	static const char *const kinds[] = {
		[KMR_RESERVED_KEPT] = "kept",
		[KMR_RESERVED_INIT] = "freed after boot",
		[KMR_RESERVED_CMA] = "lent to movable pages",
		[KMR_RESERVED_HUGE] = "kept",
	};

	return kinds[u->kind];
}

static void add_pages(const struct kmr_machine *m, struct kmr_table *t, uint64_t pages)
{
	char text[KMR_UNITS_SIZE];

	kmr_table_count(t, pages);
	kmr_table_text(t, kmr_units_bytes(text, kmr_bytes_of(m, pages)));
	kmr_table_text(t, kmr_units_percent(text, pages, present_pages(m)));
}

static int print_uses(const struct kmr_machine *m, FILE *out)
{
	static const struct kmr_column columns[] = {
		{ "boot memory", NULL, KMR_ALIGN_LEFT }, { "ranges", NULL, KMR_ALIGN_RIGHT },
		{ "pages", NULL, KMR_ALIGN_RIGHT },	 { "size", NULL, KMR_ALIGN_RIGHT },
		{ "of RAM", NULL, KMR_ALIGN_RIGHT },	 { "is", NULL, KMR_ALIGN_LEFT },
	};
	struct kmr_table *t = kmr_table_new(NULL, columns, 6);
	struct use *uses = calloc(KMR_MAX_RESERVED, sizeof(*uses));
	const unsigned int nr = uses ? sum_up(m, uses) : 0;

	for (unsigned int i = 0; i < nr; i++) {
		kmr_table_text(t, uses[i].what);
		kmr_table_count(t, uses[i].ranges);
		add_pages(m, t, uses[i].pages);
		kmr_table_text(t, kind_name(&uses[i]));
	}
	if (nr)
		kmr_table_rule(t);
	kmr_table_text(t, "present, not managed");
	kmr_table_text(t, "");
	add_pages(m, t, present_pages(m) - managed_pages(m));
	kmr_table_text(t, "kept");
	(void)fprintf(out, "\n");
	if (!uses) {
		(void)kmr_table_print(t, out);
		return -1;
	}
	free(uses);
	return kmr_table_print(t, out);
}

static int memmap_text(const struct kmr_machine *m, FILE *out)
{
	char text[KMR_UNITS_SIZE], percent[KMR_UNITS_SIZE];
	struct kmr_mem_map map;

	kmr_machine_mem_map(m, &map);
	(void)fprintf(out, "memory model  %s", models[map.model]);
	if (map.sections)
		(void)fprintf(out, ", %" PRIu64 " sections of %s", map.sections,
			      kmr_units_bytes(text, kmr_bytes_of(m, map.frames / map.sections)));
	(void)fprintf(out, "\nstruct page   %u bytes for each of %s page frames\n", map.struct_page,
		      kmr_units_count(text, map.frames));
	(void)fprintf(out, "mem_map       %s", kmr_units_bytes(text, kmr_bytes_of(m, map.pages)));
	(void)fprintf(out, ", %s pages, %s of RAM\n", kmr_units_count(text, map.pages),
		      kmr_units_percent(percent, map.pages, present_pages(m)));
	return print_uses(m, out);
}

static int memmap_json(const struct kmr_machine *m, struct kmr_json *j)
{
	static const char *const kinds[] = { "kept", "init", "cma", "huge" };
	struct use *uses = calloc(KMR_MAX_RESERVED, sizeof(*uses));
	const unsigned int nr = uses ? sum_up(m, uses) : 0;
	struct kmr_mem_map map;

	kmr_machine_mem_map(m, &map);
	kmr_json_string(j, "model", models[map.model]);
	kmr_json_uint(j, "struct_page_bytes", map.struct_page);
	kmr_json_uint(j, "frames", map.frames);
	kmr_json_uint(j, "sections", map.sections);
	kmr_json_uint(j, "pages", map.pages);
	kmr_json_array(j, "boot_memory");
	for (unsigned int i = 0; i < nr; i++) {
		kmr_json_object(j, NULL);
		kmr_json_string(j, "what", uses[i].what);
		kmr_json_string(j, "kind", kinds[uses[i].kind]);
		kmr_json_uint(j, "ranges", uses[i].ranges);
		kmr_json_uint(j, "pages", uses[i].pages);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	kmr_json_uint(j, "not_managed_pages", present_pages(m) - managed_pages(m));
	free(uses);
	return uses ? 0 : -1;
}

const struct kmr_machine_section kmr_section_memmap = { "memmap", memmap_text, memmap_json };
