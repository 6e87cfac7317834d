// SPDX-License-Identifier: GPL-2.0-only
/*
 * The snapshot's records about frames: pageblocks, per-CPU lists, free lists, slab pages.  Every
 * frame may be in one place only; a bitmap a zone keeps count of that.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "kmreplay/event.h"
#include "machine/snapread.h"

#define WORD_BITS 64

static const struct kmr_zone_spec *spec(const struct kmr_snapread *r, unsigned int zone)
{
	return &r->snap->machine.zones[zone];
}

static int bad_pfn(const struct kmr_snapread *r, unsigned int zone, uint64_t pfn,
		   unsigned int order, const char *what, struct kmr_error *err)
{
	return kmr_fail(err,
			"%s:%" PRIu64 ": block of order %u at pfn %" PRIu64 " %s (node %u, zone "
			"%s)",
			r->path, r->line, order, pfn, what, spec(r, zone)->node,
			kmr_zone_name(spec(r, zone)->type));
}

/* Sets 2^@order bits from @bit; false when one of them is set already. */
static bool set_bits(uint64_t *map, uint64_t bit, unsigned int order)
{
	uint64_t end = bit + ((uint64_t)1 << order);

	while (bit < end) {
		uint64_t n = WORD_BITS - bit % WORD_BITS;
		uint64_t mask;

		if (n > end - bit)
			n = end - bit;
		mask = (UINT64_MAX >> (WORD_BITS - n)) << bit % WORD_BITS;
		if (map[bit / WORD_BITS] & mask)
			return false;
		map[bit / WORD_BITS] |= mask;
		bit += n;
	}
	return true;
}

/* Marks a block as being in its one place. */
static int claim(struct kmr_snapread *r, unsigned int zone, uint64_t pfn, unsigned int order,
		 struct kmr_error *err)
{
	const struct kmr_zone_spec *z = spec(r, zone);
	uint64_t size = (uint64_t)1 << order;

	if (pfn < z->start_pfn || pfn + size > z->start_pfn + z->spanned)
		return bad_pfn(r, zone, pfn, order, "does not lie in its zone", err);
	if (pfn & (size - 1))
		return bad_pfn(r, zone, pfn, order, "is not aligned to its order", err);
	if (!set_bits(r->zones[zone].taken, pfn - z->start_pfn, order))
		return bad_pfn(r, zone, pfn, order, "has frames that are on a list already", err);
	return 0;
}

/* The rest of the line, " pfn pfn ...", into the snapshot; how many, or -1. */
static int64_t read_pfns(struct kmr_snapread *r, const char *p, unsigned int zone,
			 unsigned int order, struct kmr_error *err)
{
	int64_t n = 0;

	while (*p) {
		uint64_t pfn;

		if (kmr_snapread_number(r, &p, "a pfn", UINT32_MAX - 1, &pfn, err) < 0 ||
		    claim(r, zone, pfn, order, err) < 0)
			return -1;
		if (kmr_snapshot_add_pfn(r->snap, (uint32_t)pfn) < 0)
			return kmr_fail_nomem(err, "a snapshot's lists");
		n++;
	}
	return n;
}

/*
 * A digit of the kernel's own migratetypes as enum kmr_migratetype, which has CMA; kernels
 * without have isolate in its place.
 */
static uint8_t migratetype(const struct kmr_snapread *r, uint64_t digit)
{
	if (r->nr_types < KMR_MIGRATE_TYPES && digit == KMR_MIGRATE_CMA)
		return KMR_MIGRATE_ISOLATE;
	return (uint8_t)digit;
}

static int need_pb(const struct kmr_snapread *r, int zone, struct kmr_error *err)
{
	const struct kmr_zone_spec *z;

	if (zone < 0)
		return -1;
	if (r->zones[zone].taken)
		return 0;
	z = spec(r, (unsigned int)zone);
	return kmr_fail(err, "%s:%" PRIu64 ": no pb record of node %u, zone %s before it", r->path,
			r->line, z->node, kmr_zone_name(z->type));
}

/* "pb NODE NAME ORDER DIGITS" */
int kmr_snapread_pb(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	unsigned int order = r->snap->machine.pageblock_order;
	int zone = kmr_snapread_zone(r, &p, err);
	const struct kmr_zone_spec *z;
	struct kmr_snap_zone *sz;
	uint64_t found, end;

	if (zone < 0 || kmr_snapread_number(r, &p, "a pageblock order", 63, &found, err) < 0)
		return -1;
	z = spec(r, (unsigned int)zone);
	sz = &r->snap->zones[zone];
	if (found != order)
		return kmr_fail(err,
				"%s:%" PRIu64 ": pageblock order %" PRIu64
				", but %u in the first line",
				r->path, r->line, found, order);
	if (r->zones[zone].taken)
		return kmr_fail(err, "%s:%" PRIu64 ": second pb record of node %u, zone %s",
				r->path, r->line, z->node, kmr_zone_name(z->type));
	if (*p++ != ' ')
		return kmr_snapread_bad(r, "a digit a pageblock", p - 1, err);
	sz->first_block = r->snap->nr_pageblocks;
	for (; *p; p++) {
		if (*p != '-' && (*p < '0' || *p >= (char)('0' + r->nr_types)))
			return kmr_snapread_bad(r, "a migratetype's digit or -", p, err);
		if (kmr_snapshot_add_pageblock(
			    r->snap, *p == '-' ? KMR_MIGRATE_UNKNOWN
					       : migratetype(r, (uint64_t)(*p - '0'))) < 0)
			return kmr_fail_nomem(err, "a snapshot's pageblocks");
	}
	sz->nr_blocks = r->snap->nr_pageblocks - sz->first_block;
	end = (z->start_pfn + z->spanned + ((uint64_t)1 << order) - 1) >> order;
	if (sz->nr_blocks != end - (z->start_pfn >> order))
		return kmr_fail(err,
				"%s:%" PRIu64 ": %zu pageblocks, but node %u, zone %s has %" PRIu64,
				r->path, r->line, sz->nr_blocks, z->node, kmr_zone_name(z->type),
				end - (z->start_pfn >> order));
	/* only now, as a line of that length shows that the zone's size is meant */
	r->zones[zone].taken = calloc(z->spanned / WORD_BITS + 1, sizeof(uint64_t));
	return r->zones[zone].taken ? 0 : kmr_fail_nomem(err, "a map of a zone's frames");
}

/* "free NODE NAME ORDER MIGRATETYPE pfn..." */
int kmr_snapread_free(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	int zone = kmr_snapread_zone(r, &p, err);
	struct kmr_snap_list *list;
	uint64_t order, type;
	uint8_t bit;
	int64_t n;

	if (need_pb(r, zone, err) < 0 ||
	    kmr_snapread_number(r, &p, "an order", r->snap->machine.nr_orders - 1, &order, err) <
		    0 ||
	    kmr_snapread_number(r, &p, "a migratetype", r->nr_types - 1, &type, err) < 0)
		return -1;
	bit = (uint8_t)(1u << type);
	if (r->zones[zone].lists[order] & bit)
		return kmr_fail(err,
				"%s:%" PRIu64 ": second free list of order %" PRIu64
				" and migratetype %" PRIu64,
				r->path, r->line, order, type);
	r->zones[zone].lists[order] |= bit;
	list = kmr_snapshot_add_free_list(r->snap);
	if (!list)
		return kmr_fail_nomem(err, "a snapshot's lists");
	list->zone = (uint16_t)zone;
	list->index = (uint8_t)order;
	list->migratetype = migratetype(r, type);
	n = read_pfns(r, p, (unsigned int)zone, (unsigned int)order, err);
	if (n < 0)
		return -1;
	list->count = (uint32_t)n;
	return 0;
}

/* The pcp record of a zone and CPU, from the last back, as its lists follow it; -1: none. */
static int64_t find_pcp(const struct kmr_snapread *r, int zone, uint64_t cpu)
{
	size_t i;

	for (i = r->snap->nr_pcps; i-- > 0;)
		if (r->snap->pcps[i].zone == zone && r->snap->pcps[i].cpu == cpu)
			return (int64_t)i;
	return -1;
}

/* A CPU number that a pcp record has named: the record's index, or -1. */
static int64_t read_cpu(const struct kmr_snapread *r, const char **p, int zone,
			struct kmr_error *err)
{
	uint64_t cpu;
	int64_t i;

	if (kmr_snapread_number(r, p, "a CPU", KMR_MAX_CPUS - 1, &cpu, err) < 0)
		return -1;
	i = find_pcp(r, zone, cpu);
	if (i < 0)
		return kmr_fail(err,
				"%s:%" PRIu64 ": no pcp record of cpu %" PRIu64
				" in this zone before it",
				r->path, r->line, cpu);
	return i;
}

/* "pcplist NODE NAME CPU INDEX pfn..." */
int kmr_snapread_pcplist(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	int zone = kmr_snapread_zone(r, &p, err);
	struct kmr_snap_list *list;
	unsigned int order;
	uint64_t index;
	int64_t pcp, n;

	if (need_pb(r, zone, err) < 0)
		return -1;
	pcp = read_cpu(r, &p, zone, err);
	if (pcp < 0 ||
	    kmr_snapread_number(r, &p, "a list index", KMR_PCP_LISTS - 1, &index, err) < 0)
		return -1;
	if (r->pcps[pcp].lists & 1u << index)
		return kmr_fail(err, "%s:%" PRIu64 ": second list %" PRIu64 " of this CPU", r->path,
				r->line, index);
	r->pcps[pcp].lists |= 1u << index;
	r->huge_lists |= index >= KMR_PCP_LOWORDER_LISTS;
	order = index < KMR_PCP_LOWORDER_LISTS ? (unsigned int)index / KMR_MIGRATE_PCPTYPES
					       : r->snap->machine.pageblock_order;
	list = kmr_snapshot_add_pcp_list(r->snap);
	if (!list)
		return kmr_fail_nomem(err, "a snapshot's lists");
	list->zone = (uint16_t)zone;
	list->cpu = r->snap->pcps[pcp].cpu;
	list->index = (uint8_t)index;
	n = read_pfns(r, p, (unsigned int)zone, order, err);
	if (n < 0)
		return -1;
	list->count = (uint32_t)n;
	r->pcps[pcp].pages += (uint64_t)n << order;
	return 0;
}

/* "slabpage PFN ORDER CACHE" */
int kmr_snapread_slabpage(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	unsigned int max_order = r->snap->machine.nr_orders - 1;
	struct kmr_snap_slab *slab;
	uint64_t pfn, order;
	int zone;

	if (kmr_snapread_number(r, &p, "a pfn", UINT32_MAX - 1, &pfn, err) < 0 ||
	    kmr_snapread_number(r, &p, "an order", max_order, &order, err) < 0)
		return -1;
	if (*p != ' ' || !p[1])
		return kmr_snapread_bad(r, "a cache's name", p, err);
	zone = kmr_machine_zone_of(&r->snap->machine, pfn);
	if (zone < 0)
		return kmr_fail(err, "%s:%" PRIu64 ": slab page %" PRIu64 " lies in no zone",
				r->path, r->line, pfn);
	if (pfn < r->last_slab)
		return kmr_fail(err,
				"%s:%" PRIu64 ": slab page %" PRIu64 " is not after the one before",
				r->path, r->line, pfn);
	if (need_pb(r, zone, err) < 0 ||
	    claim(r, (unsigned int)zone, pfn, (unsigned int)order, err) < 0)
		return -1;
	r->last_slab = pfn + 1;
	slab = kmr_snapshot_add_slab(r->snap);
	if (!slab)
		return kmr_fail_nomem(err, "a snapshot's slabs");
	slab->pfn = pfn;
	slab->order = (uint8_t)order;
	slab->cache = kmr_snapread_find_cache(r, p + 1);
	return 0;
}

static int add_pcp(struct kmr_snapread *r, const struct kmr_snap_pcp *values, struct kmr_error *err)
{
	size_t nr = r->snap->nr_pcps;
	struct kmr_snapread_pcp *pcps = kmr_grow(r->pcps, nr, &r->cap_pcps, sizeof(*pcps));
	struct kmr_snap_pcp *pcp;

	if (pcps)
		r->pcps = pcps;
	pcp = pcps ? kmr_snapshot_add_pcp(r->snap) : NULL;
	if (!pcp)
		return kmr_fail_nomem(err, "a snapshot's CPUs");
	*pcp = *values;
	r->pcps[nr] = (struct kmr_snapread_pcp){ .line = r->line };
	r->zones[pcp->zone].nr_pcps++;
	return 0;
}

/* "pcp NODE NAME CPU count N high N batch N ..." */
int kmr_snapread_pcp(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	struct kmr_snap_pcp v = { 0 };
	const struct kmr_snapread_field fields[] = {
		{ "count", NULL, &v.count },
		{ "high", NULL, &v.high },
		{ "batch", NULL, &v.batch },
		{ "free_factor", NULL, &v.free_factor },
		{ "flags", NULL, &v.flags },
		{ "high_min", NULL, &v.high_min },
		{ "high_max", NULL, &v.high_max },
		{ "free_count", NULL, &v.free_count },
		{ "alloc_factor", NULL, &v.alloc_factor },
		{ NULL, NULL, NULL },
	};
	int zone = kmr_snapread_zone(r, &p, err);
	uint64_t cpu;
	int seen;

	if (zone < 0 || kmr_snapread_number(r, &p, "a CPU", KMR_MAX_CPUS - 1, &cpu, err) < 0)
		return -1;
	v.zone = (uint16_t)zone;
	v.cpu = (uint16_t)cpu;
	if (cpu != r->zones[zone].nr_pcps)
		return kmr_fail(err,
				"%s:%" PRIu64 ": pcp record of cpu %" PRIu64
				", but cpu %u should follow",
				r->path, r->line, cpu, r->zones[zone].nr_pcps);
	seen = kmr_snapread_fields(r, p, "a number", INT32_MAX, fields, err);
	if (seen < 0)
		return -1;
	if ((seen & 7) != 7)
		return kmr_snapread_bad(r, "count, high and batch", "", err);
	if (cpu == r->snap->machine.nr_cpus)
		r->snap->machine.nr_cpus++;
	/* which of the fields there are tells the kernel: 6.7 made the limits tune themselves */
	r->snap->version = seen & 1 << 5 ? 612 : 601;
	return add_pcp(r, &v, err);
}

/* "stat NODE NAME CPU DIFF" */
int kmr_snapread_stat(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	int zone = kmr_snapread_zone(r, &p, err);
	bool negative;
	uint64_t diff;
	int64_t pcp;

	if (zone < 0)
		return -1;
	pcp = read_cpu(r, &p, zone, err);
	if (pcp < 0)
		return -1;
	negative = p[0] == ' ' && p[1] == '-';
	if (negative) {
		p += 2;
		if (kmr_scan_u64(&p, INT8_MAX + 1, &diff) < 0)
			return kmr_snapread_bad(r, "a number down to -128", p, err);
	} else if (kmr_snapread_number(r, &p, "a difference", INT8_MAX, &diff, err) < 0) {
		return -1;
	}
	if (*p)
		return kmr_snapread_bad(r, "the end of the line", p, err);
	r->snap->pcps[pcp].stat_diff = negative ? -(int32_t)diff : (int32_t)diff;
	return 0;
}
