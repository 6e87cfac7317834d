// SPDX-License-Identifier: GPL-2.0-only
/* Physical memory: memblock's regions (mm/memblock.c: memblock_dump_all()), and lsmem(1). */
#include <inttypes.h>
#include <string.h>

#include "kmreplay/figures.h"
#include "report/machine_sections.h"
#include "report/table.h"
#include "report/units.h"

static const char *const kinds[] = {
	[KMR_RESERVED_KEPT] = "kept",
	[KMR_RESERVED_INIT] = "init",
	[KMR_RESERVED_CMA] = "cma",
	[KMR_RESERVED_HUGE] = "huge",
};

/* Hexadecimal digits of a physical address: those of phys_addr_t on i386, else what is needed. */
static int address_digits(const struct kmr_machine *m)
{
	uint64_t end = kmr_bytes_of(m, kmr_machine_end_pfn(m));
	int digits = 1;

	if (!strcmp(m->arch, "i386") && !m->pae)
		return 8;
	while (end >>= 4)
		digits++;
	return digits < 9 ? 9 : digits;
}

/* " memory[0x1]	[0x00100000-0x4ffd9fff], 0x4feda000 bytes"; returns how many columns that is. */
static int print_region(const struct kmr_machine *m, const char *type, unsigned int i,
			uint64_t start, uint64_t end, FILE *out)
{
	const int digits = address_digits(m);
	char head[32];

	(void)snprintf(head, sizeof(head), " %s[0x%x]", type, i);
	(void)fprintf(out, "%s\t[0x%0*" PRIx64 "-0x%0*" PRIx64 "], 0x%0*" PRIx64 " bytes", head,
		      digits, kmr_bytes_of(m, start), digits, kmr_bytes_of(m, end) - 1, digits,
		      kmr_bytes_of(m, end - start));
	return (int)(strlen(head) / 8 + 1) * 8 + 3 * digits + 17;
}

static void print_memory(const struct kmr_machine *m, const struct kmr_frame_range *ranges,
			 unsigned int nr, FILE *out)
{
	(void)fprintf(out, " memory.cnt  = 0x%x\n", nr);
	for (unsigned int i = 0; i < nr; i++) {
		(void)print_region(m, "memory", i, ranges[i].start_pfn, ranges[i].end_pfn, out);
		(void)fprintf(out, " on node %u\n", ranges[i].node);
	}
}

/* With what lies there, on a line of its own where it would go beyond the 80th column. */
static void print_reserved(const struct kmr_machine *m, FILE *out)
{
	(void)fprintf(out, " reserved.cnt  = 0x%x\n", m->nr_reserved);
	for (unsigned int i = 0; i < m->nr_reserved; i++) {
		const struct kmr_reserved_range *r = &m->reserved[i];
		const char *kind = r->kind == KMR_RESERVED_INIT ? " (init)" : "";
		const int used = print_region(m, "reserved", i, r->start_pfn, r->end_pfn, out);

		(void)fprintf(out, "%s%s%s\n",
			      used + 2 + (int)(strlen(r->what) + strlen(kind)) > KMR_TABLE_WIDTH
				      ? "\n\t\t"
				      : ", ",
			      r->what, kind);
	}
}

/* Pages; where no ranges are known, what the zones do not manage. */
static uint64_t reserved_pages(const struct kmr_machine *m)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < m->nr_reserved; i++)
		pages += m->reserved[i].end_pfn - m->reserved[i].start_pfn;
	for (unsigned int i = 0; !m->nr_reserved && i < m->nr_zones; i++)
		pages += m->zones[i].present - m->zones[i].managed + m->zones[i].init_pages;
	return pages;
}

static uint64_t memory_pages(const struct kmr_frame_range *ranges, unsigned int nr)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < nr; i++)
		pages += ranges[i].end_pfn - ranges[i].start_pfn;
	return pages;
}

static int memblock_text(const struct kmr_machine *m, FILE *out)
{
	struct kmr_frame_range ranges[KMR_MAX_NODE_RANGES];
	const unsigned int nr = kmr_machine_node_ranges(m, ranges);
	const int digits = address_digits(m);

	(void)fprintf(out, "MEMBLOCK configuration:\n");
	(void)fprintf(out, " memory size = 0x%0*" PRIx64 " reserved size = 0x%0*" PRIx64 "\n",
		      digits, kmr_bytes_of(m, memory_pages(ranges, nr)), digits,
		      kmr_bytes_of(m, reserved_pages(m)));
	print_memory(m, ranges, nr, out);
	if (m->nr_reserved)
		print_reserved(m, out);
	else
		(void)fprintf(out, " reserved: where is not known\n");
	return 0;
}

static int memblock_json(const struct kmr_machine *m, struct kmr_json *j)
{
	struct kmr_frame_range ranges[KMR_MAX_NODE_RANGES];
	const unsigned int nr = kmr_machine_node_ranges(m, ranges);

	kmr_json_uint(j, "memory_bytes", kmr_bytes_of(m, memory_pages(ranges, nr)));
	kmr_json_uint(j, "reserved_bytes", kmr_bytes_of(m, reserved_pages(m)));
	kmr_json_array(j, "memory");
	for (unsigned int i = 0; i < nr; i++) {
		kmr_json_object(j, NULL);
		kmr_json_uint(j, "start", kmr_bytes_of(m, ranges[i].start_pfn));
		kmr_json_uint(j, "end", kmr_bytes_of(m, ranges[i].end_pfn));
		kmr_json_uint(j, "node", ranges[i].node);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	kmr_json_array(j, "reserved");
	for (unsigned int i = 0; i < m->nr_reserved; i++) {
		const struct kmr_reserved_range *r = &m->reserved[i];

		kmr_json_object(j, NULL);
		kmr_json_uint(j, "start", kmr_bytes_of(m, r->start_pfn));
		kmr_json_uint(j, "end", kmr_bytes_of(m, r->end_pfn));
		kmr_json_string(j, "kind", kinds[r->kind]);
		kmr_json_string(j, "what", r->what);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	return 0;
}

/* Where rows of lsmem go, and their sums in blocks. */
struct listing {
	const struct kmr_machine *m;
	struct kmr_table *table; /* of the two, the one that is wanted */
	struct kmr_json *json;
	uint64_t online, offline;
};

static const char *zone_of_blocks(const struct kmr_block_range *r)
{
	return r->zone < KMR_ZONE_NR_TYPES ? kmr_zone_name((enum kmr_zone_type)r->zone) : "none";
}

static void add_row(struct listing *l, const struct kmr_block_range *r, uint64_t start,
		    uint64_t end)
{
	char size[KMR_UNITS_SIZE];

	kmr_table_format(l->table, "0x%0*" PRIx64 "-0x%0*" PRIx64, address_digits(l->m), start,
			 address_digits(l->m), end - 1);
	kmr_table_text(l->table, kmr_units_bytes(size, end - start));
	kmr_table_text(l->table, r->online ? "online" : "offline");
	kmr_table_text(l->table, r->removable ? "yes" : "no");
	if (r->first == r->last)
		kmr_table_format(l->table, "%" PRIu64, r->first);
	else
		kmr_table_format(l->table, "%" PRIu64 "-%" PRIu64, r->first, r->last);
	if (r->node == KMR_NO_NODE)
		kmr_table_text(l->table, "-");
	else
		kmr_table_format(l->table, "%u", r->node);
	kmr_table_text(l->table, zone_of_blocks(r));
}

static void add_json(struct listing *l, const struct kmr_block_range *r, uint64_t start,
		     uint64_t end)
{
	kmr_json_object(l->json, NULL);
	kmr_json_uint(l->json, "start", start);
	kmr_json_uint(l->json, "end", end);
	kmr_json_string(l->json, "state", r->online ? "online" : "offline");
	kmr_json_bool(l->json, "removable", r->removable);
	kmr_json_uint(l->json, "first_block", r->first);
	kmr_json_uint(l->json, "last_block", r->last);
	if (r->node == KMR_NO_NODE)
		kmr_json_null(l->json, "node");
	else
		kmr_json_uint(l->json, "node", r->node);
	kmr_json_string(l->json, "zone", zone_of_blocks(r));
	kmr_json_end_object(l->json);
}

static void on_blocks(void *ctx, const struct kmr_block_range *r)
{
	struct listing *l = ctx;
	const uint64_t block = kmr_bytes_of(l->m, kmr_machine_block_pages(l->m));

	*(r->online ? &l->online : &l->offline) += r->last - r->first + 1;
	if (l->table)
		add_row(l, r, r->first * block, (r->last + 1) * block);
	if (l->json)
		add_json(l, r, r->first * block, (r->last + 1) * block);
}

static int lsmem_text(const struct kmr_machine *m, FILE *out)
{
	static const struct kmr_column columns[] = {
		{ "RANGE", NULL, KMR_ALIGN_LEFT },  { "SIZE", NULL, KMR_ALIGN_RIGHT },
		{ "STATE", NULL, KMR_ALIGN_LEFT },  { "REMOVABLE", NULL, KMR_ALIGN_RIGHT },
		{ "BLOCK", NULL, KMR_ALIGN_RIGHT }, { "NODE", NULL, KMR_ALIGN_RIGHT },
		{ "ZONES", NULL, KMR_ALIGN_LEFT },
	};
	const uint64_t block = kmr_bytes_of(m, kmr_machine_block_pages(m));
	char size[KMR_UNITS_SIZE];
	struct listing l = { .m = m };

	if (!block) {
		(void)fprintf(out, "flat memory: no memory blocks, nothing to plug in or out\n");
		return 0;
	}
	l.table = kmr_table_new(NULL, columns, 7);
	if (kmr_machine_blocks(m, on_blocks, &l) | kmr_table_print(l.table, out))
		return -1;
	(void)fprintf(out, "\nMemory block size:    %10s\n", kmr_units_bytes(size, block));
	(void)fprintf(out, "Total online memory:  %10s\n", kmr_units_bytes(size, l.online * block));
	(void)fprintf(out, "Total offline memory: %10s\n",
		      kmr_units_bytes(size, l.offline * block));
	return 0;
}

static int lsmem_json(const struct kmr_machine *m, struct kmr_json *j)
{
	const uint64_t block = kmr_bytes_of(m, kmr_machine_block_pages(m));
	struct listing l = { .m = m, .json = j };
	int ret;

	kmr_json_uint(j, "block_bytes", block);
	kmr_json_array(j, "blocks");
	ret = kmr_machine_blocks(m, on_blocks, &l);
	kmr_json_end_array(j);
	kmr_json_uint(j, "online_bytes", l.online * block);
	kmr_json_uint(j, "offline_bytes", l.offline * block);
	return ret;
}

const struct kmr_machine_section kmr_section_memblock = { "memblock", memblock_text,
							  memblock_json };
const struct kmr_machine_section kmr_section_lsmem = { "lsmem", lsmem_text, lsmem_json };
