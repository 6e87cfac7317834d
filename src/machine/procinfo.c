// SPDX-License-Identifier: GPL-2.0-only
/*
 * The readers of buddyinfo and pagetypeinfo dumps (mm/vmstat.c: frag_show_print(),
 * pagetypeinfo_showfree_print(), pagetypeinfo_showblockcount_print()).
 */
#include "kmreplay/procinfo.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/excerpt.h"
#include "base/linereader.h"
#include "machine/internal.h"
#include "machine/zoneinfo.h"

struct reader {
	const struct kmr_machine *m;
	struct kmr_procinfo *info;
	const char *path;
	uint64_t line;
	bool *seen; /* zones of the machine that the file has */
	/* pagetypeinfo: what the columns of the block counts are */
	unsigned int columns[KMR_MIGRATE_TYPES];
	unsigned int nr_columns;
};

static int bad(const struct reader *r, const char *what, const char *found, struct kmr_error *err)
{
	char buf[48];

	return kmr_fail(err, "%s:%" PRIu64 ": %s expected, found \"%s\"", r->path, r->line, what,
			kmr_excerpt(buf, sizeof(buf), found));
}

static int find_zone(const struct reader *r, unsigned int node, const char *name,
		     struct kmr_error *err)
{
	unsigned int i;

	for (i = 0; i < r->m->nr_zones; i++)
		if (r->m->zones[i].node == node &&
		    !strcmp(kmr_zone_name(r->m->zones[i].type), name))
			return (int)i;
	return kmr_fail(err, "%s:%" PRIu64 ": machine %s has no zone %s on node %u", r->path,
			r->line, r->m->name, name, node);
}

/* "Node 0, zone   Normal": the zone's index. */
static int zone_head(const struct reader *r, const char **p, struct kmr_error *err)
{
	unsigned int node;
	char name[16];

	if (kmr_scan_zone_head(p, &node, name, sizeof(name)) < 0)
		return bad(r, "Node N, zone NAME", *p, err);
	return find_zone(r, node, name, err);
}

/* A migratetype's name, stepped over; KMR_MIGRATE_TYPES: none. */
static unsigned int scan_type(const char **p)
{
	unsigned int t;
	size_t len;

	kmr_skip_blanks(p);
	len = strcspn(*p, " \t");
	for (t = 0; t < KMR_MIGRATE_TYPES; t++) {
		const char *name = kmr_migratetype_name(t);

		if (strlen(name) == len && !strncmp(*p, name, len))
			break;
	}
	if (t < KMR_MIGRATE_TYPES)
		*p += len;
	return t;
}

/* Up to @max counts to the end of the line; ">100000" is 100000 and capped. */
static int counts(const struct reader *r, const char *p, unsigned int max, uint64_t *count,
		  bool *capped, struct kmr_error *err)
{
	unsigned int n = 0;

	for (kmr_skip_blanks(&p); *p; kmr_skip_blanks(&p)) {
		bool more = capped && *p == '>';

		if (n == max)
			return bad(r, "the end of the line", p, err);
		p += more;
		if (kmr_scan_u64(&p, UINT32_MAX, &count[n]) < 0 || (*p && *p != ' ' && *p != '\t'))
			return bad(r, "a count of blocks", p, err);
		if (capped)
			capped[n] = more;
		n++;
	}
	return (int)n;
}

static int mark_seen(struct reader *r, int zone, struct kmr_error *err)
{
	if (r->seen[zone])
		return kmr_fail(err, "%s:%" PRIu64 ": zone %s of node %u comes twice", r->path,
				r->line, kmr_zone_name(r->m->zones[zone].type),
				r->m->zones[zone].node);
	r->seen[zone] = true;
	return 0;
}

/* "Node 0, zone      DMA      0      0 ..." */
static int buddyinfo_line(struct reader *r, const char *p, struct kmr_error *err)
{
	int zone = zone_head(r, &p, err);
	int n;

	if (zone < 0 || mark_seen(r, zone, err) < 0)
		return -1;
	n = counts(r, p, KMR_MAX_ORDERS, r->info->zones[zone].nr_free, NULL, err);
	if (n < 0)
		return -1;
	if (!n || (r->info->nr_orders && r->info->nr_orders != (unsigned int)n))
		return bad(r, "a count for each order, as many in each zone", p, err);
	r->info->nr_orders = (unsigned int)n;
	return 0;
}

/* "Number of blocks type     Unmovable      Movable ..." */
static int block_columns(struct reader *r, const char *p, struct kmr_error *err)
{
	r->nr_columns = 0;
	for (kmr_skip_blanks(&p); *p; kmr_skip_blanks(&p)) {
		unsigned int t = scan_type(&p);

		if (t == KMR_MIGRATE_TYPES || r->nr_columns == KMR_MIGRATE_TYPES)
			return bad(r, "a migratetype", p, err);
		r->columns[r->nr_columns++] = t;
	}
	return 0;
}

/* "Node 0, zone      DMA            1            7 ..." */
static int block_line(struct reader *r, int zone, const char *p, struct kmr_error *err)
{
	uint64_t count[KMR_MIGRATE_TYPES];
	unsigned int i;
	int n;

	if (!r->nr_columns)
		return bad(r, "\"Number of blocks type\" before this line", p, err);
	n = counts(r, p, r->nr_columns, count, NULL, err);
	if (n < 0)
		return -1;
	if ((unsigned int)n != r->nr_columns)
		return bad(r, "a count for each migratetype", p, err);
	if (mark_seen(r, zone, err) < 0)
		return -1;
	for (i = 0; i < r->nr_columns; i++)
		r->info->zones[zone].pageblocks[r->columns[i]] = count[i];
	return 0;
}

/* "Node    0, zone      DMA, type    Unmovable      0      0 ..." */
static int type_line(struct reader *r, int zone, const char *p, struct kmr_error *err)
{
	struct kmr_procinfo_zone *z = &r->info->zones[zone];
	uint64_t count[KMR_MAX_ORDERS];
	bool capped[KMR_MAX_ORDERS];
	unsigned int t = scan_type(&p);
	int n, i;

	if (t == KMR_MIGRATE_TYPES)
		return bad(r, "a migratetype", p, err);
	n = counts(r, p, KMR_MAX_ORDERS, count, capped, err);
	if (n < 0)
		return -1;
	if ((unsigned int)n != r->info->nr_orders)
		return bad(r, "as many orders as buddyinfo has", p, err);
	for (i = 0; i < n; i++) {
		z->nr_free_type[i][t] = count[i];
		z->capped[i][t] = capped[i];
	}
	return 0;
}

static int pagetypeinfo_line(struct reader *r, const char *p, struct kmr_error *err)
{
	static const char blocks[] = "Number of blocks type", type[] = ", type";
	static const char *const headings[] = { "Page block order:", "Pages per block:",
						"Free pages count per migrate type",
						"Number of mixed blocks" };
	size_t i;
	int zone;

	if (!*p)
		return 0;
	if (!strncmp(p, blocks, sizeof(blocks) - 1))
		return block_columns(r, p + sizeof(blocks) - 1, err);
	for (i = 0; i < ARRAY_SIZE(headings); i++)
		if (!strncmp(p, headings[i], strlen(headings[i])))
			return 0;
	zone = zone_head(r, &p, err);
	if (zone < 0)
		return -1;
	if (strncmp(p, type, sizeof(type) - 1))
		return block_line(r, zone, p, err);
	return type_line(r, zone, p + sizeof(type) - 1, err);
}

static int read_file(struct reader *r, const char *path,
		     int (*on_line)(struct reader *r, const char *p, struct kmr_error *err),
		     struct kmr_error *err)
{
	struct kmr_linereader *lr = kmr_linereader_open(path, err);
	struct kmr_line line;
	unsigned int i;
	int ret;

	if (!lr)
		return -1;
	r->path = path;
	memset(r->seen, 0, r->m->nr_zones * sizeof(*r->seen));
	while ((ret = kmr_linereader_next(lr, &line, err)) > 0) {
		r->line = line.number;
		if (!line.complete)
			ret = bad(r, "a newline: the file is truncated;", line.text, err);
		else
			ret = on_line(r, line.text, err);
		if (ret < 0)
			break;
	}
	kmr_linereader_close(lr);
	for (i = 0; ret == 0 && i < r->m->nr_zones; i++)
		if (!r->seen[i])
			ret = kmr_fail(err, "%s: nothing about zone %s of node %u", path,
				       kmr_zone_name(r->m->zones[i].type), r->m->zones[i].node);
	return ret;
}

static int on_zoneinfo(void *ctx, const struct kmr_zoneinfo_zone *z, struct kmr_error *err)
{
	struct reader *r = ctx;
	struct kmr_procinfo_zone *pz;
	unsigned int i;
	int zone;

	if (!z->present)
		return 0;
	r->line = z->line;
	zone = find_zone(r, z->node, z->name, err);
	if (zone < 0 || mark_seen(r, zone, err) < 0)
		return -1;
	pz = &r->info->zones[zone];
	pz->free_pages = z->free;
	memcpy(pz->lru, z->lru, sizeof(pz->lru));
	pz->nr_cpus = z->nr_cpus;
	for (i = 0; i < z->nr_cpus; i++) {
		pz->pcp_count[i] = (uint32_t)z->cpus[i].count;
		pz->pcp_pages += z->cpus[i].count;
	}
	return 0;
}

/* zoneinfo has a reader of its own. */
static int read_zoneinfo(struct reader *r, const char *path, struct kmr_error *err)
{
	r->path = path;
	memset(r->seen, 0, r->m->nr_zones * sizeof(*r->seen));
	return kmr_zoneinfo_read(path, on_zoneinfo, r, err);
}

static int read_all(struct reader *r, const char *dir, const char *suffix, struct kmr_error *err)
{
	char sub[4000], path[4096];

	if ((size_t)snprintf(sub, sizeof(sub), "%s/state", dir) >= sizeof(sub))
		return kmr_fail(err, "%.100s...: path too long", dir);
	if (kmr_dump_path(path, sizeof(path), sub, "buddyinfo", suffix) < 0) {
		(void)snprintf(sub, sizeof(sub), "%s", dir);
		if (kmr_dump_path(path, sizeof(path), sub, "buddyinfo", suffix) < 0)
			return kmr_fail(err, "%s: no buddyinfo%s there", dir, suffix);
	}
	if (read_file(r, path, buddyinfo_line, err) < 0)
		return -1;
	r->info->has_types = !kmr_dump_path(path, sizeof(path), sub, "pagetypeinfo", suffix);
	if (r->info->has_types && read_file(r, path, pagetypeinfo_line, err) < 0)
		return -1;
	r->info->has_zoneinfo = !kmr_dump_path(path, sizeof(path), sub, "zoneinfo", suffix);
	return r->info->has_zoneinfo ? read_zoneinfo(r, path, err) : 0;
}

int kmr_procinfo_read(struct kmr_procinfo *info, const struct kmr_machine *m, const char *dir,
		      const char *suffix, struct kmr_error *err)
{
	struct reader r = { .m = m, .info = info };
	int ret;

	memset(info, 0, sizeof(*info));
	if (!m->nr_zones)
		return kmr_fail(err, "machine %s has no zones", m->name);
	info->nr_zones = m->nr_zones;
	info->zones = calloc(m->nr_zones, sizeof(*info->zones));
	r.seen = calloc(m->nr_zones, sizeof(*r.seen));
	if (!info->zones || !r.seen)
		ret = kmr_fail_nomem(err, "counts of free blocks");
	else
		ret = read_all(&r, dir, suffix, err);
	free(r.seen);
	return ret;
}

void kmr_procinfo_free(struct kmr_procinfo *info)
{
	free(info->zones);
	memset(info, 0, sizeof(*info));
}
