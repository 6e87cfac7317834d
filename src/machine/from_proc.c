// SPDX-License-Identifier: GPL-2.0-only
/*
 * A machine from a directory of /proc dumps: the values that the kernel printed are taken, not
 * computed again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/linereader.h"
#include "machine/internal.h"
#include "machine/zoneinfo.h"

struct builder {
	struct kmr_machine *m;
	const char *path;
	/* the zone types the kernel numbers, as node 0 lists them; NR_TYPES: of no use here */
	enum kmr_zone_type types[KMR_ZONEINFO_MAX_TYPES];
	unsigned int nr_types;
	unsigned int first_node;
	/* each zone's protection as printed, until all types are known */
	uint64_t protection[KMR_MAX_ZONES][KMR_ZONEINFO_MAX_TYPES];
	unsigned int nr_protection[KMR_MAX_ZONES];
	bool auto_high[KMR_MAX_ZONES]; /* pcp->high is tuned as it goes (6.7 and later) */
};

static int bad_zone(const struct builder *b, const struct kmr_zoneinfo_zone *z, const char *what,
		    struct kmr_error *err)
{
	return kmr_fail(err, "%s:%" PRIu64 ": node %u, zone %s: %s", b->path, z->line, z->node,
			z->name, what);
}

static int note_type(struct builder *b, const struct kmr_zoneinfo_zone *z, struct kmr_error *err)
{
	if (!b->nr_types)
		b->first_node = z->node;
	if (z->node != b->first_node)
		return 0;
	if (b->nr_types == KMR_ZONEINFO_MAX_TYPES)
		return bad_zone(b, z, "more than 8 zones on a node", err);
	b->types[b->nr_types++] = kmr_zone_by_name(z->name);
	return 0;
}

static int check_zone(const struct builder *b, const struct kmr_zoneinfo_zone *z,
		      struct kmr_error *err)
{
	const struct kmr_machine *m = b->m;
	const struct kmr_zone_spec *last = m->nr_zones ? &m->zones[m->nr_zones - 1] : NULL;
	enum kmr_zone_type type = kmr_zone_by_name(z->name);

	if (type == KMR_ZONE_NR_TYPES)
		return bad_zone(b, z, "has memory, but its type is not known", err);
	if (z->node >= KMR_MAX_NODES)
		return bad_zone(b, z, "a node beyond the 64th", err);
	if (last && (z->node < last->node || (z->node == last->node && type <= last->type)))
		return bad_zone(b, z, "comes twice or out of order", err);
	if (!z->has_start_pfn)
		return bad_zone(b, z, "no start_pfn", err);
	if (z->present > z->spanned || z->managed > z->present)
		return bad_zone(b, z, "managed, present and spanned contradict each other", err);
	if (z->start_pfn + z->spanned > UINT32_MAX)
		return bad_zone(b, z, "ends beyond page frame 2^32", err);
	if (!z->nr_cpus)
		return bad_zone(b, z, "no pagesets", err);
	if (z->min < z->boost || z->low < z->min || z->high < z->low)
		return bad_zone(b, z, "watermarks are not in order", err);
	return 0;
}

/* From 6.7 on, high moves between limits that zoneinfo does not print. */
static bool high_is_tuned(const struct kmr_zoneinfo_zone *z)
{
	unsigned int i;

	if (z->promo)
		return true;
	for (i = 0; i < z->nr_cpus; i++)
		if (!z->cpus[i].high || z->cpus[i].high != z->cpus[0].high)
			return true;
	return false;
}

static void add_zone(struct builder *b, const struct kmr_zoneinfo_zone *z)
{
	struct kmr_machine *m = b->m;
	unsigned int i = m->nr_zones++;
	struct kmr_zone_spec *spec = &m->zones[i];

	*spec = (struct kmr_zone_spec){
		.node = (uint16_t)z->node,
		.type = (uint8_t)kmr_zone_by_name(z->name),
		.start_pfn = z->start_pfn,
		.spanned = z->spanned,
		.present = z->present,
		.managed = z->managed,
		/* what is printed includes the boost */
		.wmark_min = z->min - z->boost,
		.wmark_low = z->low - z->boost,
		.wmark_high = z->high - z->boost,
		.boost = z->boost,
		.pcp_high = (uint32_t)z->cpus[0].high,
		.pcp_batch = (uint32_t)z->cpus[0].batch,
		.stat_threshold = (uint32_t)z->cpus[0].threshold,
	};
	b->auto_high[i] = high_is_tuned(z);
	b->nr_protection[i] = z->nr_protection;
	memcpy(b->protection[i], z->protection, sizeof(z->protection));
	if (z->nr_cpus > m->nr_cpus)
		m->nr_cpus = z->nr_cpus;
	if (z->node >= m->nr_nodes)
		m->nr_nodes = z->node + 1;
	m->ram_pages += z->present;
}

static int on_zone(void *ctx, const struct kmr_zoneinfo_zone *z, struct kmr_error *err)
{
	struct builder *b = ctx;

	if (note_type(b, z, err) < 0)
		return -1;
	/* a zone without memory has none of the figures, and no place in a zonelist */
	if (!z->present)
		return 0;
	if (check_zone(b, z, err) < 0)
		return -1;
	if (b->m->nr_zones == KMR_MAX_ZONES)
		return bad_zone(b, z, "more populated zones than there is room for", err);
	add_zone(b, z);
	return 0;
}

static int set_reserves(struct builder *b, struct kmr_error *err)
{
	struct kmr_machine *m = b->m;
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++) {
		if (b->nr_protection[i] != b->nr_types)
			return kmr_fail(err,
					"%s: node %u, zone %s: protection lists %u zones, but a "
					"node has %u",
					b->path, m->zones[i].node, kmr_zone_name(m->zones[i].type),
					b->nr_protection[i], b->nr_types);
		kmr_zone_set_reserve(&m->zones[i], b->protection[i], b->types, b->nr_types);
	}
	return 0;
}

/* The kernel's zone types tell the architecture: only 32-bit ones have highmem. */
static void set_arch(struct builder *b)
{
	bool has[KMR_ZONE_NR_TYPES + 1] = { false };
	unsigned int i;

	for (i = 0; i < b->nr_types; i++)
		has[b->types[i]] = true;
	kmr_machine_set_arch(b->m,
			     has[KMR_ZONE_HIGHMEM] && !has[KMR_ZONE_DMA32] ? "i386" : "x86_64");
	memcpy(b->m->has_type, has, sizeof(b->m->has_type));
}

/* What 6.7 and later start from: zone_highsize() with no fraction set, high_min. */
static void set_tuned_highs(struct builder *b)
{
	struct kmr_machine *m = b->m;
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++) {
		struct kmr_zone_spec *z = &m->zones[i];
		uint64_t high = z->wmark_low / kmr_machine_split_cpus(m, z->node);

		if (!b->auto_high[i])
			continue;
		if (high < 4 * (uint64_t)z->pcp_batch)
			high = 4 * (uint64_t)z->pcp_batch;
		z->pcp_high = (uint32_t)high;
		z->pcp_high_max = kmr_machine_pcp_high_max(m, z, z->managed);
	}
}

/* "Page block order: 10" is the first line of pagetypeinfo. */
static int read_pageblock_order(struct kmr_machine *m, const char *dir, struct kmr_error *err)
{
	static const char head[] = "Page block order: ";
	char path[4096];
	struct kmr_linereader *lr;
	struct kmr_line line;
	const char *p;
	uint64_t order;
	int r;

	if (kmr_dump_path(path, sizeof(path), dir, "pagetypeinfo", NULL) < 0)
		return 0;
	lr = kmr_linereader_open(path, err);
	if (!lr)
		return -1;
	r = kmr_linereader_next(lr, &line, err);
	p = r > 0 ? line.text + sizeof(head) - 1 : NULL;
	if (r > 0 && (strncmp(line.text, head, sizeof(head) - 1) ||
		      kmr_scan_u64(&p, m->nr_orders - 1, &order) < 0 || *p))
		r = kmr_fail(err, "%s:1: \"%s10\" or less expected, found \"%.40s\"", path, head,
			     line.text);
	else if (r > 0)
		m->pageblock_order = (unsigned int)order;
	kmr_linereader_close(lr);
	return r < 0 ? -1 : 0;
}

static int finish(struct builder *b, const char *dir, struct kmr_error *err)
{
	struct kmr_machine *m = b->m;

	if (!m->nr_zones)
		return kmr_fail(err, "%s: no zone with memory", b->path);
	set_arch(b);
	m->thp = true;
	kmr_machine_default_topology(m);
	if (set_reserves(b, err) < 0 || kmr_machine_read_dumps(m, dir, err) < 0 ||
	    read_pageblock_order(m, dir, err) < 0)
		return -1;
	set_tuned_highs(b);
	m->min_free_kbytes = kmr_machine_guess_min_free(m);
	return 0;
}

/* The directory that has the dumps: @dir or its subdirectory "state". */
static int find_zoneinfo(const char *dir, char *sub, size_t size, char *path, size_t path_size,
			 struct kmr_error *err)
{
	struct stat st;

	if ((size_t)snprintf(sub, size, "%s/state", dir) >= size)
		return kmr_fail(err, "%.100s...: path too long", dir);
	if (!kmr_dump_path(path, path_size, sub, "zoneinfo", NULL))
		return 0;
	(void)snprintf(sub, size, "%s", dir);
	if (!kmr_dump_path(path, path_size, sub, "zoneinfo", NULL))
		return 0;
	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return kmr_fail(err, "%s: no directory of /proc dumps", dir);
	return kmr_fail(err, "%s: no zoneinfo, zoneinfo.before or zoneinfo.after there", dir);
}

int kmr_machine_from_proc(struct kmr_machine *m, const char *dir, struct kmr_error *err)
{
	char path[4096], sub[4000];
	struct builder b = { .m = m, .path = path };

	memset(m, 0, sizeof(*m));
	(void)snprintf(m->name, sizeof(m->name), "%s", dir);
	if (find_zoneinfo(dir, sub, sizeof(sub), path, sizeof(path), err) < 0)
		return -1;
	if (kmr_zoneinfo_read(path, on_zone, &b, err) < 0)
		return -1;
	return finish(&b, sub, err);
}
