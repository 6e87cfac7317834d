// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader of kmsnap files: the first line, the zone records, and the machine they make.  The
 * format is strict, as whatever is wrong here would look like a fault of a model later.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/excerpt.h"
#include "base/linereader.h"
#include "machine/snapread.h"

#define SIGNATURE "kmsnap "

int kmr_snapread_bad(const struct kmr_snapread *r, const char *what, const char *found,
		     struct kmr_error *err)
{
	char buf[48];

	return kmr_fail(err, "%s:%" PRIu64 ": %s expected, found \"%s\"", r->path, r->line, what,
			kmr_excerpt(buf, sizeof(buf), found));
}

int kmr_snapread_number(const struct kmr_snapread *r, const char **p, const char *what,
			uint64_t max, uint64_t *value, struct kmr_error *err)
{
	const char *s = *p;

	if (*s++ != ' ' || kmr_scan_u64(&s, max, value) < 0 || (*s != ' ' && *s))
		return kmr_snapread_bad(r, what, **p == ' ' ? *p + 1 : *p, err);
	*p = s;
	return 0;
}

int kmr_snapread_word(const struct kmr_snapread *r, const char **p, const char *what, char *buf,
		      size_t size, struct kmr_error *err)
{
	const char *s = *p;
	size_t len;

	if (*s == ' ')
		s++;
	len = strcspn(s, " ");
	if (s == *p || !len || len >= size)
		return kmr_snapread_bad(r, what, s, err);
	memcpy(buf, s, len);
	buf[len] = '\0';
	*p = s + len;
	return 0;
}

int kmr_snapread_fields(const struct kmr_snapread *r, const char *p, const char *what, uint64_t max,
			const struct kmr_snapread_field *fields, struct kmr_error *err)
{
	int seen = 0;

	while (*p) {
		char name[24];
		uint64_t value;

		if (kmr_snapread_word(r, &p, "a field's name", name, sizeof(name), err) < 0 ||
		    kmr_snapread_number(r, &p, what, max, &value, err) < 0)
			return -1;
		for (int i = 0; fields[i].name; i++) {
			if (strcmp(fields[i].name, name))
				continue;
			if (fields[i].u64)
				*fields[i].u64 = value;
			else
				*fields[i].u32 = (uint32_t)value;
			seen |= 1 << i;
		}
	}
	return seen;
}

static int read_node_and_type(const struct kmr_snapread *r, const char **p, uint64_t *node,
			      enum kmr_zone_type *type, struct kmr_error *err)
{
	char name[16];

	if (kmr_snapread_number(r, p, "a node below 64", KMR_MAX_NODES - 1, node, err) < 0 ||
	    kmr_snapread_word(r, p, "a zone's name", name, sizeof(name), err) < 0)
		return -1;
	*type = kmr_zone_by_name(name);
	if (*type == KMR_ZONE_NR_TYPES)
		return kmr_snapread_bad(r, "DMA, DMA32, Normal, HighMem or Movable", name, err);
	return 0;
}

int kmr_snapread_zone(const struct kmr_snapread *r, const char **p, struct kmr_error *err)
{
	const struct kmr_machine *m = &r->snap->machine;
	enum kmr_zone_type type;
	uint64_t node;
	unsigned int i;

	if (read_node_and_type(r, p, &node, &type, err) < 0)
		return -1;
	/* a zone's records follow each other, so it is most often the last */
	for (i = m->nr_zones; i-- > 0;)
		if (m->zones[i].node == node && m->zones[i].type == type)
			return (int)i;
	return kmr_fail(err,
			"%s:%" PRIu64 ": no zone record of node %" PRIu64 ", zone %s before it",
			r->path, r->line, node, kmr_zone_name(type));
}

static int check_zone(const struct kmr_snapread *r, const struct kmr_zone_spec *z,
		      struct kmr_error *err)
{
	const struct kmr_machine *m = &r->snap->machine;
	const struct kmr_zone_spec *last = m->nr_zones ? &m->zones[m->nr_zones - 1] : NULL;
	const char *what = NULL;

	if (m->nr_zones == KMR_MAX_ZONES)
		what = "one zone too many";
	else if (last && last->node == z->node && last->type == z->type)
		what = "second record of this zone";
	else if (last && (z->node < last->node || (z->node == last->node && z->type < last->type)))
		what = "zones are not in the order of nodes and types";
	else if (!z->spanned || z->present > z->spanned || z->managed > z->present)
		what = "spanned, present and managed contradict each other";
	else if (z->start_pfn + z->spanned > UINT32_MAX)
		what = "the zone ends beyond page frame 2^32";
	else if (z->wmark_low < z->wmark_min || z->wmark_high < z->wmark_low)
		what = "watermarks are not in order";
	if (!what)
		return 0;
	return kmr_fail(err, "%s:%" PRIu64 ": node %u, zone %s: %s", r->path, r->line, z->node,
			kmr_zone_name(z->type), what);
}

/* "zone NODE NAME start_pfn N spanned N present N managed N min N low N high N ..." */
static int read_zone(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	struct kmr_machine *m = &r->snap->machine;
	struct kmr_zone_spec z = { 0 };
	struct kmr_snap_zone sz = { 0 };
	const struct kmr_snapread_field fields[] = {
		{ "start_pfn", &z.start_pfn, NULL },
		{ "spanned", &z.spanned, NULL },
		{ "present", &z.present, NULL },
		{ "managed", &z.managed, NULL },
		{ "min", &z.wmark_min, NULL },
		{ "low", &z.wmark_low, NULL },
		{ "high", &z.wmark_high, NULL },
		{ "free", &sz.free, NULL },
		{ "boost", &z.boost, NULL },
		{ "highatomic", &sz.highatomic, NULL },
		{ NULL, NULL, NULL },
	};
	const int needed = (1 << 8) - 1;
	enum kmr_zone_type type;
	uint64_t node;
	int seen;

	if (read_node_and_type(r, &p, &node, &type, err) < 0)
		return -1;
	z.node = (uint16_t)node;
	z.type = (uint8_t)type;
	seen = kmr_snapread_fields(r, p, "a number of pages", UINT32_MAX, fields, err);
	if (seen < 0)
		return -1;
	if ((seen & needed) != needed)
		return kmr_snapread_bad(
			r, "start_pfn, spanned, present, managed, min, low, high and free", "",
			err);
	if (check_zone(r, &z, err) < 0)
		return -1;
	r->snap->zones[m->nr_zones] = sz;
	m->zones[m->nr_zones++] = z;
	m->ram_pages += z.present;
	if (node >= m->nr_nodes)
		m->nr_nodes = (unsigned int)node + 1;
	return 0;
}

/* "lowmem NODE NAME r0 r1 ..." */
static int read_lowmem(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	int zone = kmr_snapread_zone(r, &p, err);
	struct kmr_snapread_zone *z;

	if (zone < 0)
		return -1;
	z = &r->zones[zone];
	if (z->nr_reserves)
		return kmr_snapread_bad(r, "one lowmem record a zone", p, err);
	while (*p) {
		if (z->nr_reserves == KMR_SNAP_MAX_RESERVES)
			return kmr_snapread_bad(r, "at most 8 reserves", p, err);
		if (kmr_snapread_number(r, &p, "a number of pages", UINT32_MAX,
					&z->reserve[z->nr_reserves], err) < 0)
			return -1;
		z->nr_reserves++;
	}
	return 0;
}

/* "kmsnap SEQ pageblock_order N max_order N migratetypes N pages N" */
static int read_header(struct kmr_snapread *r, const struct kmr_line *line, struct kmr_error *err)
{
	struct kmr_machine *m = &r->snap->machine;
	uint64_t seq, value[4] = { 0 };
	static const struct {
		const char *name;
		uint64_t max;
	} fields[] = {
		{ "pageblock_order", KMR_MAX_ORDERS - 1 },
		{ "max_order", KMR_MAX_ORDERS },
		{ "migratetypes", 6 },
		{ "pages", UINT32_MAX },
	};
	char name[24], buf[32];
	const char *p = line->text + strlen(SIGNATURE) - 1;
	size_t i;

	if (strncmp(line->text, SIGNATURE, strlen(SIGNATURE)))
		return kmr_fail(err,
				"%s: no snapshot: its first line should begin with \"kmsnap\", but "
				"begins with \"%s\"",
				r->path, kmr_excerpt(buf, sizeof(buf), line->text));
	if (kmr_snapread_number(r, &p, "the snapshot's number", UINT32_MAX, &seq, err) < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (kmr_snapread_word(r, &p, fields[i].name, name, sizeof(name), err) < 0 ||
		    (strcmp(name, fields[i].name) &&
		     kmr_snapread_bad(r, fields[i].name, name, err) < 0) ||
		    kmr_snapread_number(r, &p, fields[i].name, fields[i].max, &value[i], err) < 0)
			return -1;
	if (*p)
		return kmr_snapread_bad(r, "the end of the line", p, err);
	if (!value[0] || value[0] >= value[1] || value[2] < 4)
		return kmr_snapread_bad(r, "pageblock_order below max_order, 4 to 6 migratetypes",
					line->text, err);
	r->snap->seq = (unsigned int)seq;
	m->pageblock_order = (unsigned int)value[0];
	m->nr_orders = (unsigned int)value[1];
	r->nr_types = (unsigned int)value[2];
	return 0;
}

static const struct record {
	const char *name;
	int (*read)(struct kmr_snapread *r, const char *p, struct kmr_error *err);
} records[] = {
	{ "free", kmr_snapread_free },
	{ "slabpage", kmr_snapread_slabpage },
	{ "pcplist", kmr_snapread_pcplist },
	{ "zone", read_zone },
	{ "lowmem", read_lowmem },
	{ "pb", kmr_snapread_pb },
	{ "pcp", kmr_snapread_pcp },
	{ "stat", kmr_snapread_stat },
	{ "cache", kmr_snapread_cache },
	{ "cpuslab", kmr_snapread_cpuslab },
	{ "cpupartial", kmr_snapread_cpupartial },
	{ "partial", kmr_snapread_partial },
	{ "ac", kmr_snapread_ac },
	{ "node", kmr_snapread_node },
	{ "slab", kmr_snapread_slab },
	{ "slob", kmr_snapread_slob },
};

static int read_record(struct kmr_snapread *r, const struct kmr_line *line, struct kmr_error *err)
{
	size_t len = strcspn(line->text, " ");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(records); i++)
		if (!strncmp(records[i].name, line->text, len) && !records[i].name[len])
			return records[i].read(r, line->text + len, err);
	return kmr_snapread_bad(r, "a record's name (zone, pb, pcp, free, ...)", line->text, err);
}

static int read_lines(struct kmr_snapread *r, struct kmr_linereader *lr, struct kmr_error *err)
{
	struct kmr_line line;
	int ret;

	while ((ret = kmr_linereader_next(lr, &line, err)) > 0) {
		r->line = line.number;
		if (line.number == 1 && read_header(r, &line, err) < 0)
			return -1;
		if (!line.complete)
			return kmr_fail(err,
					"%s:%" PRIu64 ": the last line is cut off: the file is "
					"truncated",
					r->path, r->line);
		if (memchr(line.text, '\0', line.len))
			return kmr_fail(err, "%s:%" PRIu64 ": a zero byte: not a text file",
					r->path, r->line);
		if (line.number > 1 && read_record(r, &line, err) < 0)
			return -1;
	}
	if (ret < 0)
		return -1;
	if (!r->line)
		return kmr_fail(err, "%s: empty: a snapshot expected", r->path);
	return kmr_snapread_check(r, err);
}

/*
 * The zone types present tell the architecture: HighMem is 32-bit, DMA32 64-bit, and Normal below
 * 4 GiB means that there is no DMA32.
 */
static const char *guess_arch(const struct kmr_machine *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		if (z->type == KMR_ZONE_DMA32)
			return "x86_64";
		if (z->type == KMR_ZONE_HIGHMEM ||
		    (z->type == KMR_ZONE_NORMAL && z->start_pfn < 1u << 20))
			return "i386";
	}
	return "x86_64";
}

/* The directory of @path, "." when it has none. */
static void directory_of(const char *path, char *dir, size_t size)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		(void)snprintf(dir, size, ".");
	else
		(void)snprintf(dir, size, "%.*s", (int)(slash - path) + 1, path);
}

/* The limits that the kernel set at boot, from the first CPU's record in each zone. */
static void set_percpu(struct kmr_snapread *r)
{
	struct kmr_machine *m = &r->snap->machine;
	size_t i;

	for (i = 0; i < r->snap->nr_pcps; i++) {
		const struct kmr_snap_pcp *pcp = &r->snap->pcps[i];
		struct kmr_zone_spec *z = &m->zones[pcp->zone];

		if (pcp->cpu)
			continue;
		/* from 6.7 on, high moves, beginning at high_min */
		z->pcp_high = r->snap->version > 601 ? pcp->high_min : pcp->high;
		z->pcp_batch = pcp->batch;
		z->pcp_high_max = pcp->high_max;
		z->stat_threshold = kmr_machine_stat_threshold(m, z->managed);
	}
}

static int finish_machine(struct kmr_snapread *r, struct kmr_error *err)
{
	struct kmr_machine *m = &r->snap->machine;
	unsigned int orders = m->nr_orders, pageblock = m->pageblock_order, i;
	const enum kmr_zone_type *types;
	char dir[4096];

	kmr_machine_set_arch(m, guess_arch(m));
	m->nr_orders = orders;
	m->pageblock_order = pageblock;
	m->thp = true;
	types = kmr_arch_zone_types(m->arch);
	for (i = 0; i < m->nr_zones; i++)
		kmr_zone_set_reserve(&m->zones[i], r->zones[i].reserve, types, KMR_ARCH_ZONE_TYPES);
	kmr_machine_default_topology(m);
	set_percpu(r);
	directory_of(r->path, dir, sizeof(dir));
	if (kmr_machine_read_dumps(m, dir, err) < 0)
		return -1;
	m->thp |= r->huge_lists;
	m->min_free_kbytes = kmr_machine_guess_min_free(m);
	return 0;
}

int kmr_snapshot_read(struct kmr_snapshot *snap, const char *path, struct kmr_error *err)
{
	struct kmr_linereader *lr;
	struct kmr_snapread *r;
	unsigned int i;
	int ret;

	memset(snap, 0, sizeof(*snap));
	lr = kmr_linereader_open(path, err);
	if (!lr)
		return -1;
	r = calloc(1, sizeof(*r));
	if (!r) {
		kmr_linereader_close(lr);
		return kmr_fail_nomem(err, "a snapshot");
	}
	r->path = path;
	r->snap = snap;
	(void)snprintf(snap->machine.name, sizeof(snap->machine.name), "%s", path);
	ret = read_lines(r, lr, err);
	if (ret == 0)
		ret = finish_machine(r, err);
	for (i = 0; i < snap->machine.nr_zones; i++)
		free(r->zones[i].taken);
	free(r->pcps);
	free(r);
	kmr_linereader_close(lr);
	return ret;
}

int kmr_snapshot_probe(const char *path)
{
	struct kmr_error err;
	struct kmr_linereader *lr = kmr_linereader_open(path, &err);
	const char *text;
	size_t len;
	int is;

	if (!lr)
		return 0;
	text = kmr_linereader_peek(lr, &len);
	is = len >= strlen(SIGNATURE) && !memcmp(text, SIGNATURE, strlen(SIGNATURE));
	kmr_linereader_close(lr);
	return is;
}
