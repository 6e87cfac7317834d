// SPDX-License-Identifier: GPL-2.0-only
/* The largest requests, and the memory that is there for large ones: huge pages, CMA, hot-plug. */
#include <inttypes.h>
#include <string.h>

#include "kmreplay/addrspace.h"
#include "kmreplay/figures.h"
#include "report/machine_sections.h"
#include "report/table.h"
#include "report/units.h"

static const struct {
	const char *key, *text;
} users[KMR_KMALLOC_USERS] = {
	[KMR_BY_SLUB] = { "slub", "kmalloc(), SLUB" },
	[KMR_BY_SLAB] = { "slab", "kmalloc(), SLAB" },
	[KMR_BY_OLD_SLAB] = { "slab_before_6.1", "kmalloc(), SLAB before 6.1" },
	[KMR_BY_SLOB] = { "slob", "kmalloc(), SLOB" },
};

/* SLUB is the only one left since 6.8, without SLOB since 6.4. */
static bool has_user(const struct kmr_machine *m, unsigned int user)
{
	return user == KMR_BY_SLUB || strcmp(m->kernel, "6.12") != 0;
}

static void add_bytes(struct kmr_table *t, uint64_t bytes)
{
	char text[KMR_UNITS_SIZE];

	kmr_table_text(t, kmr_units_bytes(text, bytes));
}

static void add_kmalloc(struct kmr_table *t, const struct kmr_largest *l, unsigned int user)
{
	char text[KMR_UNITS_SIZE];

	kmr_table_text(t, users[user].text);
	add_bytes(t, l->kmalloc[user]);
	if (l->cached[user] >= l->kmalloc[user])
		kmr_table_text(t, "all of it from caches");
	else
		kmr_table_format(t, "to %s from %s, then pages",
				 kmr_units_bytes(text, l->cached[user]),
				 user == KMR_BY_SLOB ? "the heap" : "caches");
}

static int print_largest(const struct kmr_machine *m, const struct kmr_largest *l, FILE *out)
{
	static const struct kmr_column columns[] = { { "request", NULL, KMR_ALIGN_LEFT },
						     { "largest", NULL, KMR_ALIGN_RIGHT },
						     { "", NULL, KMR_ALIGN_LEFT } };
	struct kmr_table *t = kmr_table_new(NULL, columns, 3);

	kmr_table_text(t, "alloc_pages()");
	add_bytes(t, l->block);
	kmr_table_format(t, "order %u; a pageblock is order %u", l->order, m->pageblock_order);
	for (unsigned int u = 0; u < KMR_KMALLOC_USERS; u++)
		if (has_user(m, u))
			add_kmalloc(t, l, u);
	kmr_table_text(t, "vmalloc()");
	if (l->vmalloc)
		add_bytes(t, l->vmalloc);
	else
		kmr_table_text(t, "-");
	kmr_table_text(t, !l->vmalloc	      ? "not known"
			  : l->vmalloc_by_ram ? "all managed memory; its space is larger"
					      : "its space less a guard page, if all is free");
	return kmr_table_print(t, out);
}

static bool has_huge_pool(const struct kmr_machine *m)
{
	for (unsigned int node = 0; node < m->nr_nodes; node++)
		if (m->huge_pages[node])
			return true;
	return false;
}

static void print_huge(const struct kmr_machine *m, const struct kmr_largest *l, FILE *out)
{
	char text[KMR_UNITS_SIZE];

	(void)fprintf(out, "\nhuge pages       ");
	for (unsigned int i = 0; i < l->nr_huge; i++)
		(void)fprintf(out, "%s%s", i ? ", " : "", kmr_units_bytes(text, l->huge[i]));
	(void)fprintf(out, "%s; transparent %s\n", l->nr_huge ? "" : "none", m->thp ? "yes" : "no");
	for (unsigned int node = 0; has_huge_pool(m) && node < m->nr_nodes; node++)
		(void)fprintf(out, "                 node %u: %" PRIu64 " of %s from boot on\n",
			      node, m->huge_pages[node],
			      kmr_units_bytes(text, kmr_bytes_of(m, UINT64_C(1) << m->huge_order)));
}

static void print_mappings(const struct kmr_machine *m, FILE *out)
{
	struct kmr_address_space as;
	struct kmr_error ignored;
	char text[KMR_UNITS_SIZE];

	if (kmr_address_space(m, &as, &ignored))
		return;
	if (as.pkmap_slots)
		(void)fprintf(out, "kmap()           %u slots, %s at a time\n", as.pkmap_slots,
			      kmr_units_bytes(text, kmr_bytes_of(m, as.pkmap_slots)));
	else
		(void)fprintf(out, "kmap()           no limit: all memory is mapped\n");
}

/* "[mem 0x10000000-0x13ffffff]  64 MiB" */
static void print_extent(const struct kmr_machine *m, uint64_t start, uint64_t pages, FILE *out)
{
	char text[KMR_UNITS_SIZE];

	(void)fprintf(out, "[mem 0x%08" PRIx64 "-0x%08" PRIx64 "]  %s", kmr_bytes_of(m, start),
		      kmr_bytes_of(m, start + pages) - 1,
		      kmr_units_bytes(text, kmr_bytes_of(m, pages)));
}

static void print_extents(const struct kmr_machine *m, FILE *out)
{
	(void)fprintf(out, "CMA areas%s\n", m->nr_cma ? "" : "        none");
	for (unsigned int i = 0; i < m->nr_cma; i++) {
		(void)fprintf(out, "  %-14.14s ", m->cma[i].name);
		print_extent(m, m->cma[i].start_pfn, m->cma[i].pages, out);
		(void)fprintf(out, ", in units of order %u\n", m->cma[i].order_per_bit);
	}
	(void)fprintf(out, "hot-pluggable%s\n", m->nr_hotplug ? "" : "    nothing");
	for (unsigned int i = 0; i < m->nr_hotplug; i++) {
		(void)fprintf(out, "                 ");
		print_extent(m, m->hotplug[i].start_pfn,
			     m->hotplug[i].end_pfn - m->hotplug[i].start_pfn, out);
		(void)fprintf(out, "\n");
	}
}

static int limits_text(const struct kmr_machine *m, FILE *out)
{
	struct kmr_largest l;

	kmr_machine_largest(m, &l);
	if (print_largest(m, &l, out))
		return -1;
	print_huge(m, &l, out);
	print_mappings(m, out);
	print_extents(m, out);
	return 0;
}

static void json_extents(const struct kmr_machine *m, struct kmr_json *j)
{
	kmr_json_array(j, "cma");
	for (unsigned int i = 0; i < m->nr_cma; i++) {
		kmr_json_object(j, NULL);
		kmr_json_string(j, "name", m->cma[i].name);
		kmr_json_uint(j, "start", kmr_bytes_of(m, m->cma[i].start_pfn));
		kmr_json_uint(j, "bytes", kmr_bytes_of(m, m->cma[i].pages));
		kmr_json_uint(j, "order_per_bit", m->cma[i].order_per_bit);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	kmr_json_array(j, "hotplug");
	for (unsigned int i = 0; i < m->nr_hotplug; i++) {
		const struct kmr_ram_range *r = &m->hotplug[i];

		kmr_json_object(j, NULL);
		kmr_json_uint(j, "start", kmr_bytes_of(m, r->start_pfn));
		kmr_json_uint(j, "bytes", kmr_bytes_of(m, r->end_pfn - r->start_pfn));
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

static void json_huge(const struct kmr_machine *m, const struct kmr_largest *l, struct kmr_json *j)
{
	kmr_json_array(j, "huge_page_bytes");
	for (unsigned int i = 0; i < l->nr_huge; i++)
		kmr_json_uint(j, NULL, l->huge[i]);
	kmr_json_end_array(j);
	kmr_json_bool(j, "transparent_huge_pages", m->thp);
	if (has_huge_pool(m))
		kmr_json_uint(j, "huge_pool_order", m->huge_order);
	else
		kmr_json_null(j, "huge_pool_order");
	kmr_json_array(j, "huge_pool");
	for (unsigned int node = 0; has_huge_pool(m) && node < m->nr_nodes; node++)
		kmr_json_uint(j, NULL, m->huge_pages[node]);
	kmr_json_end_array(j);
}

static int limits_json(const struct kmr_machine *m, struct kmr_json *j)
{
	struct kmr_largest l;

	kmr_machine_largest(m, &l);
	kmr_json_uint(j, "max_order", l.order);
	kmr_json_uint(j, "pageblock_order", m->pageblock_order);
	kmr_json_uint(j, "alloc_pages_bytes", l.block);
	kmr_json_object(j, "kmalloc");
	for (unsigned int u = 0; u < KMR_KMALLOC_USERS; u++) {
		if (!has_user(m, u))
			continue;
		kmr_json_object(j, users[u].key);
		kmr_json_uint(j, "cached_bytes", l.cached[u]);
		kmr_json_uint(j, "bytes", l.kmalloc[u]);
		kmr_json_end_object(j);
	}
	kmr_json_end_object(j);
	kmr_json_uint(j, "vmalloc_bytes", l.vmalloc);
	kmr_json_bool(j, "vmalloc_limited_by_ram", l.vmalloc_by_ram);
	json_huge(m, &l, j);
	json_extents(m, j);
	return 0;
}

const struct kmr_machine_section kmr_section_limits = { "limits", limits_text, limits_json };
