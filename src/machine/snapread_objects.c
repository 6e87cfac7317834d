// SPDX-License-Identifier: GPL-2.0-only
/*
 * The snapshot's records about object allocators: caches, slabs, and who holds which free object.
 * They name slabs before the slabpage records do, so that what they say is checked at the end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "machine/snapread.h"

#define MAX_SLAB_OBJECTS 32767u /* MAX_OBJS_PER_PAGE of mm/slub.c */
#define MAX_SIZE	 (1u << 28)
#define FLAGS		 " flags "

/* Bits of SLAB_* that have kept their numbers within a version; see learn_flags() for the rest. */
static const struct flag_bits {
	uint32_t flag;
	uint32_t bit_601, bit_612;
} flag_bits[] = {
	{ KMR_CACHE_KMALLOC, 0x1000, 1u << 3 },
	{ KMR_CACHE_DMA, 0x4000, 1u << 5 },
	{ KMR_CACHE_DMA32, 0x8000, 1u << 6 },
	{ KMR_CACHE_RCU, 0x80000, 1u << 9 },
};
#define RECLAIM_601	0x20000u
#define ACCOUNT_601	0x4000000u
#define NOLEAKTRACE_601 0x800000u
/* mm/slab.c's own */
#define OBJFREELIST_SLAB 0x40000000u
#define OFF_SLAB	 0x80000000u

static bool is_kmalloc(const char *name, const char *infix)
{
	const size_t len = strlen(infix);

	return !strncmp(name, infix, len) && name[len] >= '0' && name[len] <= '9';
}

/*
 * Which bits are SLAB_RECLAIM_ACCOUNT and SLAB_ACCOUNT depends on how a later kernel was built; they
 * are what its reclaimable and accounted kmalloc caches have and its plain ones have not.
 */
static void learn_flags(struct kmr_snapread *r, const char *name, uint32_t raw)
{
	if (is_kmalloc(name, "kmalloc-"))
		r->plain_flags = raw;
	else if (is_kmalloc(name, "kmalloc-rcl-"))
		r->reclaim_flags = raw;
	else if (is_kmalloc(name, "kmalloc-cg-"))
		r->account_flags = raw;
}

/*
 * Whether there is a constructor is not among the flags, but shows in the layout: SLUB then has the
 * free pointer behind the object, SLAB does not keep its list in a free object (CFLGS_OBJFREELIST_SLAB)
 * nor outside the slab (CFLGS_OFF_SLAB).
 */
static bool has_constructor(const struct kmr_snap_cache *c, uint32_t raw)
{
	if (c->min_partial)
		return c->offset >= c->object_size;
	return c->limit && !(raw & (OBJFREELIST_SLAB | OFF_SLAB));
}

static uint32_t flags_of(const struct kmr_snapread *r, const struct kmr_snap_cache *c)
{
	const uint32_t raw = c->flags;
	const bool old = r->snap->version <= 601;
	const uint32_t reclaim = old ? RECLAIM_601 : r->reclaim_flags & ~r->plain_flags;
	const uint32_t account = old ? ACCOUNT_601 : r->account_flags & ~r->plain_flags;
	uint32_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(flag_bits); i++)
		if (raw & (old ? flag_bits[i].bit_601 : flag_bits[i].bit_612))
			flags |= flag_bits[i].flag;
	if (raw & reclaim)
		flags |= KMR_CACHE_RECLAIM;
	if (raw & account)
		flags |= KMR_CACHE_ACCOUNT;
	if (old && raw & NOLEAKTRACE_601)
		flags |= KMR_CACHE_NOLEAKTRACE;
	if (!(flags & KMR_CACHE_RCU) && has_constructor(c, raw))
		flags |= KMR_CACHE_CTOR;
	return flags;
}

uint16_t kmr_snapread_find_cache(struct kmr_snapread *r, const char *name)
{
	const struct kmr_snapshot *s = r->snap;

	/* a cache's records follow each other, and slab pages of one cache often do */
	for (size_t n = 0, i = r->last_cache; n < s->nr_caches; n++, i++) {
		if (i >= s->nr_caches)
			i = 0;
		if (!strcmp(s->caches[i].name, name)) {
			r->last_cache = i;
			return (uint16_t)i;
		}
	}
	return KMR_SNAP_NO_CACHE;
}

static int read_sizes(const struct kmr_snapread *r, const char *p, struct kmr_snap_cache *c,
		      struct kmr_error *err)
{
	const struct kmr_snapread_field fields[] = {
		{ "object_size", NULL, &c->object_size },
		{ "size", NULL, &c->size },
		{ "align", NULL, &c->align },
		{ "objs", NULL, &c->objects },
		{ "order", NULL, &c->order },
		{ "offset", NULL, &c->offset },
		{ "min_objs", NULL, &c->min_objects },
		{ "min_order", NULL, &c->min_order },
		{ "min_partial", NULL, &c->min_partial },
		{ "cpu_partial_slabs", NULL, &c->cpu_partial_slabs },
		{ "colour", NULL, &c->colour },
		{ "colour_off", NULL, &c->colour_off },
		{ "freelist_size", NULL, &c->freelist_size },
		{ "limit", NULL, &c->limit },
		{ "batch", NULL, &c->batch },
		{ "shared", NULL, &c->shared },
		{ NULL, NULL, NULL },
	};
	const int needed = (1 << 5) - 1;
	const int seen = kmr_snapread_fields(r, p, "a size", MAX_SIZE, fields, err);

	if (seen < 0)
		return -1;
	if ((seen & needed) != needed)
		return kmr_snapread_bad(r, "object_size, size, align, objs and order", "", err);
	return 0;
}

/* What no allocator would make. */
static int check_sizes(const struct kmr_snapread *r, const struct kmr_snap_cache *c,
		       struct kmr_error *err)
{
	const char *what = NULL;

	if (c->order >= r->snap->machine.nr_orders || c->min_order > c->order)
		what = "its order is beyond the page allocator's";
	else if (!c->size || !c->objects || c->objects > MAX_SLAB_OBJECTS ||
		 c->object_size > c->size)
		what = "its sizes contradict each other";
	else if ((uint64_t)c->size * c->objects > UINT64_C(65536) << c->order) /* largest page */
		what = "its objects do not fit into its slabs";
	else if (c->align & (c->align - 1))
		what = "its alignment is no power of two";
	if (!what)
		return 0;
	return kmr_fail(err, "%s:%" PRIu64 ": cache %s: %s", r->path, r->line, c->name, what);
}

/* "HEX" up to the end of the line. */
static int read_flags(const struct kmr_snapread *r, const char *p, uint32_t *flags,
		      struct kmr_error *err)
{
	const size_t digits = strspn(p, "0123456789abcdefABCDEF");

	if (!digits || digits > 8 || p[digits])
		return kmr_snapread_bad(r, "flags as a hexadecimal number", p, err);
	*flags = (uint32_t)strtoul(p, NULL, 16);
	return 0;
}

/* "cache NAME object_size N size N ... flags HEX"; without flags it has none */
int kmr_snapread_cache(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	struct kmr_snap_cache c, *added;
	const char *end;
	char buf[512];

	memset(&c, 0, sizeof(c));
	if (kmr_snapread_word(r, &p, "a cache's name", c.name, sizeof(c.name), err) < 0)
		return -1;
	end = strstr(p, FLAGS);
	if (end && read_flags(r, end + strlen(FLAGS), &c.flags, err))
		return -1;
	if (!end)
		end = p + strlen(p);
	if ((size_t)(end - p) >= sizeof(buf))
		return kmr_snapread_bad(r, "a cache's sizes and flags", p, err);
	(void)snprintf(buf, sizeof(buf), "%.*s", (int)(end - p), p);
	if (read_sizes(r, buf, &c, err) || check_sizes(r, &c, err))
		return -1;
	if (r->snap->nr_caches >= KMR_SNAP_NO_CACHE)
		return kmr_snapread_bad(r, "fewer than 65535 caches", "another", err);
	if (kmr_snapread_find_cache(r, c.name) != KMR_SNAP_NO_CACHE)
		return kmr_fail(err, "%s:%" PRIu64 ": second record of cache %s", r->path, r->line,
				c.name);
	learn_flags(r, c.name, c.flags);
	added = kmr_snapshot_add_cache(r->snap);
	if (!added)
		return kmr_fail_nomem(err, "a snapshot's caches");
	*added = c;
	r->last_cache = r->snap->nr_caches - 1;
	return 0;
}

/* " NAME WHERE" of a cache that was named before, into a new record. */
static struct kmr_snap_objects *begin(struct kmr_snapread *r, const char **p, unsigned int kind,
				      bool cpu, struct kmr_error *err)
{
	const uint64_t max = cpu ? KMR_MAX_CPUS - 1 : KMR_MAX_NODES - 1;
	char name[KMR_SNAP_CACHE_NAME];
	struct kmr_snap_objects *o;
	uint64_t where;
	uint16_t cache;

	if (kmr_snapread_word(r, p, "a cache's name", name, sizeof(name), err) < 0 ||
	    kmr_snapread_number(r, p, cpu ? "a CPU" : "a node", max, &where, err) < 0)
		return NULL;
	cache = kmr_snapread_find_cache(r, name);
	if (cache == KMR_SNAP_NO_CACHE) {
		(void)kmr_fail(err, "%s:%" PRIu64 ": no cache record of %s before it", r->path,
			       r->line, name);
		return NULL;
	}
	o = kmr_snapshot_add_objects(r->snap);
	if (!o) {
		(void)kmr_fail_nomem(err, "a snapshot's slabs");
		return NULL;
	}
	o->kind = (uint8_t)kind;
	o->cache = cache;
	if (cpu)
		o->cpu = (uint16_t)where;
	else
		o->node = (uint16_t)where;
	return o;
}

static int read_pfn(const struct kmr_snapread *r, const char **p, uint64_t *pfn,
		    struct kmr_error *err)
{
	return kmr_snapread_number(r, p, "a pfn", UINT32_MAX - 1, pfn, err);
}

static int read_u32(const struct kmr_snapread *r, const char **p, const char *what, uint64_t max,
		    uint32_t *value, struct kmr_error *err)
{
	uint64_t v;

	if (kmr_snapread_number(r, p, what, max, &v, err) < 0)
		return -1;
	*value = (uint32_t)v;
	return 0;
}

static int read_keyword(const struct kmr_snapread *r, const char **p, const char *keyword,
			struct kmr_error *err)
{
	char word[16];

	if (kmr_snapread_word(r, p, keyword, word, sizeof(word), err) < 0)
		return -1;
	return strcmp(word, keyword) ? kmr_snapread_bad(r, keyword, word, err) : 0;
}

static int add_item(struct kmr_snapread *r, struct kmr_snap_objects *o, uint64_t item,
		    struct kmr_error *err)
{
	if (kmr_snapshot_add_item(r->snap, item))
		return kmr_fail_nomem(err, "a snapshot's free objects");
	o->count++;
	return 0;
}

/* " free IDX IDX ..." as far as the numbers go. */
static int read_indices(struct kmr_snapread *r, const char **p, struct kmr_snap_objects *o,
			uint32_t objects, struct kmr_error *err)
{
	while (**p && (*p)[1] != '|') {
		uint64_t index;

		if (kmr_snapread_number(r, p, "an object's index below the number in its slab",
					objects - 1, &index, err) < 0 ||
		    add_item(r, o, index, err))
			return -1;
	}
	return 0;
}

/* " A:B A:B ..." up to the end of the line. */
static int read_pairs(struct kmr_snapread *r, const char *p, struct kmr_snap_objects *o,
		      struct kmr_error *err)
{
	while (*p) {
		const char *s = p + 1;
		uint64_t high, low;

		if (*p != ' ' || kmr_scan_u64(&s, UINT32_MAX - 1, &high) < 0 || *s++ != ':' ||
		    kmr_scan_u64(&s, UINT32_MAX - 1, &low) < 0 || (*s && *s != ' '))
			return kmr_snapread_bad(r, "two numbers with a colon between them", p, err);
		if (add_item(r, o, KMR_SNAP_ITEM(high, low), err))
			return -1;
		p = s;
	}
	return 0;
}

/* "PFN INUSE OBJECTS free IDX..." of SLUB, with "| IDX..." for a CPU's slab */
static int read_slub(struct kmr_snapread *r, const char *p, unsigned int kind,
		     struct kmr_error *err)
{
	struct kmr_snap_objects *o = begin(r, &p, kind, kind != KMR_SNAP_NODE_PARTIAL, err);
	uint32_t own;

	if (!o || read_pfn(r, &p, &o->pfn, err) ||
	    read_u32(r, &p, "objects in use", MAX_SLAB_OBJECTS, &o->inuse, err) ||
	    read_u32(r, &p, "objects of the slab", MAX_SLAB_OBJECTS, &o->objects, err))
		return -1;
	if (!o->objects || o->inuse > o->objects)
		return kmr_snapread_bad(r, "objects in use, no more than the slab has", p, err);
	if (read_keyword(r, &p, "free", err) || read_indices(r, &p, o, o->objects, err))
		return -1;
	own = o->count;
	if (kind == KMR_SNAP_CPU_SLAB &&
	    (read_keyword(r, &p, "|", err) || read_indices(r, &p, o, o->objects, err)))
		return -1;
	o->remote = o->count - own;
	if (*p)
		return kmr_snapread_bad(r, "the end of the line", p, err);
	/* of a CPU's slab all are in use but those on its own list */
	own = kind == KMR_SNAP_CPU_SLAB ? o->remote : o->count;
	if (own != o->objects - o->inuse)
		return kmr_fail(
			err, "%s:%" PRIu64 ": %u of %u objects in use, but %u on the slab's list",
			r->path, r->line, o->inuse, o->objects, own);
	return 0;
}

int kmr_snapread_cpuslab(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	return read_slub(r, p, KMR_SNAP_CPU_SLAB, err);
}

int kmr_snapread_cpupartial(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	return read_slub(r, p, KMR_SNAP_CPU_PARTIAL, err);
}

int kmr_snapread_partial(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	return read_slub(r, p, KMR_SNAP_NODE_PARTIAL, err);
}

/* "ac NAME CPU AVAIL LIMIT BATCH TOUCHED PFN:IDX..." */
int kmr_snapread_ac(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	struct kmr_snap_objects *o = begin(r, &p, KMR_SNAP_ARRAY_CACHE, true, err);
	uint32_t avail;

	if (!o || read_u32(r, &p, "objects held", MAX_SIZE, &avail, err) ||
	    read_u32(r, &p, "a limit", MAX_SIZE, &o->limit, err) ||
	    read_u32(r, &p, "a batch", MAX_SIZE, &o->batch, err) ||
	    read_u32(r, &p, "0 or 1", 1, &o->touched, err) || read_pairs(r, p, o, err))
		return -1;
	if (avail != o->count || avail > o->limit)
		return kmr_fail(err, "%s:%" PRIu64 ": %u objects held of at most %u, but %u follow",
				r->path, r->line, avail, o->limit, o->count);
	return 0;
}

/* "node NAME NODE total_slabs N ... shared N PFN:IDX..." */
int kmr_snapread_node(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	struct kmr_snap_objects *o = begin(r, &p, KMR_SNAP_NODE, false, err);
	static const char *const names[] = { "total_slabs", "free_slabs",  "free_objects",
					     "free_limit",  "colour_next", "shared" };
	uint32_t values[ARRAY_SIZE(names)];

	if (!o)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (read_keyword(r, &p, names[i], err) ||
		    read_u32(r, &p, names[i], UINT32_MAX - 1, &values[i], err))
			return -1;
	o->total_slabs = values[0];
	o->free_slabs = values[1];
	o->free_objects = values[2];
	o->free_limit = values[3];
	o->colour_next = values[4];
	if (read_pairs(r, p, o, err))
		return -1;
	return values[5] == o->count
		       ? 0
		       : kmr_snapread_bad(r, "as many shared objects as the record says", p, err);
}

/* "slab NAME NODE full|partial|free PFN ACTIVE S_MEM free IDX..." */
int kmr_snapread_slab(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	static const char *const lists[] = { "full", "partial", "free" };
	struct kmr_snap_objects *o = begin(r, &p, KMR_SNAP_SLAB_FULL, false, err);
	char list[16];
	size_t i;

	if (!o || kmr_snapread_word(r, &p, "full, partial or free", list, sizeof(list), err))
		return -1;
	for (i = 0; i < ARRAY_SIZE(lists) && strcmp(lists[i], list); i++)
		;
	if (i == ARRAY_SIZE(lists))
		return kmr_snapread_bad(r, "full, partial or free", list, err);
	o->kind = (uint8_t)(KMR_SNAP_SLAB_FULL + i);
	o->objects = r->snap->caches[o->cache].objects;
	if (read_pfn(r, &p, &o->pfn, err) ||
	    read_u32(r, &p, "objects in use", o->objects, &o->inuse, err) ||
	    read_u32(r, &p, "an offset", MAX_SIZE, &o->offset, err) ||
	    read_keyword(r, &p, "free", err) || read_indices(r, &p, o, o->objects, err))
		return -1;
	if (o->inuse + o->count != o->objects)
		return kmr_fail(err, "%s:%" PRIu64 ": %u of %u objects in use, but %u free",
				r->path, r->line, o->inuse, o->objects, o->count);
	return 0;
}

/* "slob small|medium|large PFN UNITS free OFFSET:UNITS..." */
int kmr_snapread_slob(struct kmr_snapread *r, const char *p, struct kmr_error *err)
{
	static const char *const lists[] = { "small", "medium", "large" };
	struct kmr_snap_objects *o = kmr_snapshot_add_objects(r->snap);
	uint64_t units = 0;
	char list[16];
	size_t i;

	if (!o)
		return kmr_fail_nomem(err, "a snapshot's slabs");
	if (kmr_snapread_word(r, &p, "small, medium or large", list, sizeof(list), err))
		return -1;
	for (i = 0; i < ARRAY_SIZE(lists) && strcmp(lists[i], list); i++)
		;
	if (i == ARRAY_SIZE(lists))
		return kmr_snapread_bad(r, "small, medium or large", list, err);
	o->kind = (uint8_t)(KMR_SNAP_SLOB_SMALL + i);
	if (read_pfn(r, &p, &o->pfn, err) ||
	    read_u32(r, &p, "free units", MAX_SLAB_OBJECTS, &o->inuse, err) ||
	    read_keyword(r, &p, "free", err) || read_pairs(r, p, o, err))
		return -1;
	for (uint32_t n = 0; n < o->count; n++)
		units += (uint32_t)r->snap->items[o->first + n];
	if (units != o->inuse)
		return kmr_fail(err, "%s:%" PRIu64 ": %u free units, but %" PRIu64 " listed",
				r->path, r->line, o->inuse, units);
	return 0;
}

static int check_slab(const struct kmr_snapread *r, const struct kmr_snap_objects *o, uint64_t pfn,
		      struct kmr_error *err)
{
	const struct kmr_snap_slab *slab = kmr_snapshot_find_slab(r->snap, pfn);

	if (slab && slab->cache == o->cache)
		return 0;
	return kmr_fail(err, "%s: the slab at pfn %" PRIu64 " of cache %s has no slabpage record",
			r->path, pfn,
			o->cache == KMR_SNAP_NO_CACHE ? "SLOB" : r->snap->caches[o->cache].name);
}

/* "PFN:IDX" */
static int check_item(const struct kmr_snapread *r, const struct kmr_snap_objects *o, uint64_t item,
		      struct kmr_error *err)
{
	const struct kmr_snap_cache *c = &r->snap->caches[o->cache];

	if (check_slab(r, o, item >> 32, err))
		return -1;
	if ((uint32_t)item < c->objects)
		return 0;
	return kmr_fail(err,
			"%s: object %u of the slab at pfn %" PRIu64 ", but slabs of %s have %u",
			r->path, (uint32_t)item, item >> 32, c->name, c->objects);
}

int kmr_snapread_check_objects(const struct kmr_snapread *r, struct kmr_error *err)
{
	struct kmr_snapshot *s = r->snap;

	for (size_t i = 0; i < s->nr_caches; i++)
		s->caches[i].flags = flags_of(r, &s->caches[i]);
	for (size_t i = 0; i < s->nr_objects; i++) {
		const struct kmr_snap_objects *o = &s->objects[i];

		if (o->kind != KMR_SNAP_ARRAY_CACHE && o->kind != KMR_SNAP_NODE) {
			if (check_slab(r, o, o->pfn, err))
				return -1;
			continue;
		}
		for (uint32_t n = 0; n < o->count; n++)
			if (check_item(r, o, s->items[o->first + n], err))
				return -1;
	}
	return 0;
}
