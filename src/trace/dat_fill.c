// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fields are judged as in text (decode.c), so that both readers take and refuse the same; what
 * text has by name goes through the same names.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "trace/dat_record_internal.h"
#include "trace/decode.h"
#include "trace/fields.h"
#include "trace/gfp_bits.h"

#define MAX_ORDER 31
#define GFP_TEXT  1024

/* Positions in dat_wanted(). */
enum {
	PAGE_PFN,
	PAGE_ORDER,
	PAGE_MIGRATETYPE,
	PAGE_GFP,
	PAGE_REFILL
};
enum {
	FRAG_PFN,
	FRAG_ORDER,
	FRAG_FALLBACK_ORDER,
	FRAG_TYPE,
	FRAG_FALLBACK_TYPE,
	FRAG_CHANGE
};
enum {
	OBJ_SITE,
	OBJ_PTR,
	OBJ_REQ,
	OBJ_ALLOC,
	OBJ_GFP,
	OBJ_NODE,
	OBJ_ACCOUNTED,
	OBJ_NAME,
	OBJ_FREE_NAME = 2
};
enum {
	AREA_ADDR,
	AREA_SIZE,
	AREA_ALIGN,
	AREA_VSTART,
	AREA_VEND,
	AREA_FAILED
};
enum {
	CMA_PFN,
	CMA_PAGE,
	CMA_COUNT,
	CMA_ALIGN,
	CMA_ERROR,
	CMA_NAME
};

/* The string behind a __data_loc or __rel_loc field. */
static bool string(const struct record *r, unsigned int i, const char **text, size_t *len)
{
	const struct dat_field *f = &r->format->field[i];
	const char *nul;
	uint64_t loc;
	uint32_t at, size;

	if (!(f->data_loc || f->rel_loc) || f->size != 4 || !record_number(r, f, &loc))
		return false;
	at = (uint32_t)(loc & 0xffff) + (f->rel_loc ? f->offset + 4 : 0);
	size = (uint32_t)(loc >> 16 & 0xffff);
	if (at > r->len || size > r->len - at)
		return false;
	*text = (const char *)r->bytes + at;
	nul = memchr(*text, '\0', size);
	*len = nul ? (size_t)(nul - *text) : size;
	return true;
}

static void read_gfp(const struct dat_decoder *d, struct dat_gfp_slot *slot)
{
	char text[GFP_TEXT];

	if (slot->table) {
		print_flags_format(slot->table, slot->value, text, sizeof(text));
		slot->known = kmr_gfp_parse(text, strlen(text), d->text->decoder.gfp.version,
					    &slot->gfp) == 0;
	} else {
		slot->known = kmr_gfp_from_bits(slot->value, d->names->version, &slot->gfp);
	}
	slot->used = true;
}

static const char *take_gfp(const struct record *r, unsigned int i, struct kmr_event *ev)
{
	const struct print_flags *table = r->format->gfp;
	struct dat_gfp_slot *slot;
	uint64_t value;

	if (!take(r, i, &value))
		return has(r, i) ? "bad gfp_flags=" : "no gfp_flags=";
	slot = &r->d->gfp[(value * UINT64_C(0x9e3779b97f4a7c15)) >> 58];
	if (!slot->used || slot->value != value || slot->table != table) {
		slot->value = value;
		slot->table = table;
		read_gfp(r->d, slot);
	}
	r->d->text->decoder.has_gfp = true;
	ev->gfp = slot->gfp;
	if (slot->known)
		ev->flags |= KMR_EVF_GFP_KNOWN;
	return NULL;
}

static bool take_order(const struct record *r, unsigned int i, uint8_t *order)
{
	uint64_t value;

	if (!take_max(r, i, MAX_ORDER, &value))
		return false;
	*order = (uint8_t)value;
	return true;
}

static bool take_type(const struct record *r, unsigned int i, uint8_t *type)
{
	uint64_t value;

	if (!take(r, i, &value))
		return false;
	*type = decode_migratetype(&r->d->text->decoder, (int64_t)value);
	return true;
}

static const char *take_pfn(const struct record *r, unsigned int i, struct kmr_event *ev)
{
	const struct dat_field *f = &r->format->field[i];
	uint64_t pfn;

	if (!take(r, i, &pfn))
		return has(r, i) ? "bad pfn=" : "no pfn=";
	/* -1UL stands for no page */
	if (pfn == UINT64_MAX >> (64 - f->size * 8)) {
		if (ev->type != KMR_EV_PAGE_ALLOC && ev->type != KMR_EV_PAGE_REFILL)
			return "no page";
		ev->addr = KMR_EV_NO_PFN;
		return NULL;
	}
	if (pfn >= MAX_PFN)
		return "pfn= out of range";
	ev->addr = pfn;
	return NULL;
}

static const char *fill_page(const struct record *r, struct kmr_event *ev)
{
	const char *wrong = take_pfn(r, PAGE_PFN, ev);
	uint64_t refill;

	ev->page.migratetype = KMR_MIGRATE_UNKNOWN;
	if (wrong)
		return wrong;
	if (ev->type == KMR_EV_PAGE_FREE_BATCHED && !has(r, PAGE_ORDER))
		return NULL;
	if (!take_order(r, PAGE_ORDER, &ev->page.order))
		return has(r, PAGE_ORDER) ? "bad order=" : "no order=";
	if (ev->type == KMR_EV_PAGE_FREE || ev->type == KMR_EV_PAGE_FREE_BATCHED)
		return NULL;
	if (!take_type(r, PAGE_MIGRATETYPE, &ev->page.migratetype))
		return "no migratetype=";
	if (ev->type == KMR_EV_PAGE_ALLOC)
		return take_gfp(r, PAGE_GFP, ev);
	if (ev->type != KMR_EV_PAGE_REFILL)
		return NULL;
	/* until 5.18 it was not recorded but worked out: trace/events/kmem.h, mm_page */
	if (!has(r, PAGE_REFILL))
		refill = ev->page.order == 0;
	else if (!take(r, PAGE_REFILL, &refill))
		return "bad percpu_refill=";
	if (refill)
		ev->flags |= KMR_EVF_PERCPU_REFILL;
	return NULL;
}

static const char *fill_extfrag(const struct record *r, struct kmr_event *ev)
{
	const char *wrong = take_pfn(r, FRAG_PFN, ev);
	uint64_t change;

	if (wrong)
		return wrong;
	if (!take_order(r, FRAG_ORDER, &ev->page.order))
		return "bad alloc_order=";
	if (!take_order(r, FRAG_FALLBACK_ORDER, &ev->page.fallback_order))
		return "bad fallback_order=";
	if (!take_type(r, FRAG_TYPE, &ev->page.migratetype))
		return "bad alloc_migratetype=";
	if (!take_type(r, FRAG_FALLBACK_TYPE, &ev->page.fallback_migratetype))
		return "bad fallback_migratetype=";
	if (!take(r, FRAG_CHANGE, &change))
		return "bad change_ownership=";
	if (change)
		ev->flags |= KMR_EVF_CHANGE_OWNER;
	return NULL;
}

static void intern_site(const struct record *r, uint64_t address, struct kmr_event *ev)
{
	struct dat_names *names = r->d->names;
	struct decoder *d = &r->d->text->decoder;
	uint32_t id = kmr_ptrmap_get(&names->site_of, address);
	char site[512];

	if (id) {
		ev->site = (id - 1) & 0xffffff;
		return;
	}
	if (r->format->symbolic)
		symbols_format(&names->symbols, address, site, sizeof(site));
	else
		(void)snprintf(site, sizeof(site), "%" PRIx64, address);
	if (kmr_strtab_intern(&d->sites, site, strlen(site), &id) ||
	    (names->site_of.count < DAT_MAX_KNOWN &&
	     kmr_ptrmap_put(&names->site_of, address, id + 1)))
		d->nomem = true;
	ev->site = id & 0xffffff;
}

static const char *take_object(const struct record *r, struct kmr_event *ev)
{
	uint64_t site;

	if (!take(r, OBJ_SITE, &site))
		return has(r, OBJ_SITE) ? "bad call_site=" : "no call_site=";
	intern_site(r, site, ev);
	if (!take(r, OBJ_PTR, &ev->addr))
		return has(r, OBJ_PTR) ? "bad ptr=" : "no ptr=";
	return NULL;
}

static const char *take_object_node(const struct record *r, struct kmr_event *ev)
{
	uint64_t value;

	if (!has(r, OBJ_NODE))
		return NULL;
	if (!take(r, OBJ_NODE, &value) || (int64_t)value < -1 || (int64_t)value > INT8_MAX)
		return "bad node=";
	ev->node = (int8_t)(int64_t)value;
	return NULL;
}

/* kmalloc's is not recorded but worked out when it is printed: trace/events/kmem.h. */
static const char *take_accounted(const struct record *r, struct kmr_event *ev)
{
	uint64_t accounted = 0;

	if (has(r, OBJ_ACCOUNTED)) {
		if (!take(r, OBJ_ACCOUNTED, &accounted))
			return "bad accounted=";
	} else if (r->format->says_accounted && !r->format->never_accounted) {
		accounted = ev->gfp & KMR_GFP_ACCOUNT;
	}
	if (accounted)
		ev->flags |= KMR_EVF_ACCOUNTED;
	return NULL;
}

/* Caches' and areas' names share a table. */
static void intern_cache(const struct record *r, unsigned int field, struct kmr_event *ev)
{
	struct decoder *d = &r->d->text->decoder;
	const char *name;
	uint32_t id = 0;
	size_t len;

	if (!string(r, field, &name, &len))
		return;
	while (len && name[len - 1] == ' ')
		len--;
	if (len && kmr_strtab_intern(&d->caches, name, len, &id))
		d->nomem = true;
	ev->cache = (uint16_t)id;
}

static const char *fill_object_alloc(const struct record *r, struct kmr_event *ev)
{
	const char *wrong = take_object(r, ev);
	uint64_t value;

	if (wrong)
		return wrong;
	if (has(r, OBJ_NAME))
		intern_cache(r, OBJ_NAME, ev);
	if (!take_max(r, OBJ_REQ, UINT32_MAX, &value))
		return has(r, OBJ_REQ) ? "bad bytes_req=" : "no bytes_req=";
	ev->bytes.req = (uint32_t)value;
	if (!take_max(r, OBJ_ALLOC, UINT32_MAX, &value))
		return has(r, OBJ_ALLOC) ? "bad bytes_alloc=" : "no bytes_alloc=";
	ev->bytes.alloc = (uint32_t)value;
	wrong = take_gfp(r, OBJ_GFP, ev);
	if (!wrong)
		wrong = take_object_node(r, ev);
	return wrong ? wrong : take_accounted(r, ev);
}

static const char *fill_object_free(const struct record *r, struct kmr_event *ev)
{
	const char *wrong = take_object(r, ev);

	if (!wrong && ev->type == KMR_EV_CACHE_FREE)
		intern_cache(r, OBJ_FREE_NAME, ev);
	return wrong;
}

static const char *fill_area(const struct record *r, struct kmr_event *ev)
{
	uint64_t size, start, end, failed;

	if (!take(r, AREA_ADDR, &ev->addr))
		return "no va_start:";
	if (!take(r, AREA_SIZE, &size))
		return "no size=";
	if (!decode_area_size(ev, size))
		return "bad size=";
	if (has(r, AREA_ALIGN) && (!take(r, AREA_ALIGN, &start) || !decode_area_align(ev, start)))
		return "bad align=";
	if (has(r, AREA_VSTART)) {
		if (!take(r, AREA_VSTART, &start))
			return "bad vstart=";
		if (!take(r, AREA_VEND, &end))
			return "no vend=";
		decode_area_range(&r->d->text->decoder, ev, start, end);
	}
	if (!take(r, AREA_FAILED, &failed))
		return "no failed=";
	if (failed)
		ev->addr = KMR_EV_NO_PFN;
	return NULL;
}

static const char *fill_pair(const struct record *r, uint64_t *first, uint64_t *second)
{
	const char *const *names = dat_wanted(r->format->type);

	if (take(r, 0, first) && take(r, 1, second))
		return NULL;
	return !strcmp(names[0], "start") ? "no start=" : "no va_start=";
}

static const char *fill_compact_zone(const struct record *r, struct kmr_event *ev)
{
	uint64_t migrate_pfn, free_pfn;

	if (!take(r, 0, &ev->addr))
		return "no zone_start=";
	if (!take_max(r, 1, UINT32_MAX, &migrate_pfn))
		return has(r, 1) ? "bad migrate_pfn=" : "no migrate_pfn=";
	if (!take_max(r, 2, UINT32_MAX, &free_pfn))
		return has(r, 2) ? "bad free_pfn=" : "no free_pfn=";
	ev->scanners.migrate_pfn = (uint32_t)migrate_pfn;
	ev->scanners.free_pfn = (uint32_t)free_pfn;
	return NULL;
}

static const char *fill_purge(const struct record *r, struct kmr_event *ev)
{
	uint64_t end = 0;
	const char *wrong = fill_pair(r, &ev->addr, &end);

	ev->size = end > ev->addr ? end - ev->addr : 0;
	return wrong;
}

static const char *fill_scan(const struct record *r, struct kmr_event *ev)
{
	const unsigned int first = ev->type == KMR_EV_COMPACT_MIGRATE ? 0 : 1;
	uint64_t scanned, taken, end = 0;

	if (first && has(r, 0) && (!take(r, 0, &ev->addr) || !take_max(r, 3, UINT32_MAX, &end)))
		return "bad range=";
	ev->end = (uint32_t)end;
	if (!take_max(r, first, UINT32_MAX, &scanned) ||
	    !take_max(r, first + 1, UINT32_MAX, &taken))
		return first ? "bad nr_scanned=" : "bad nr_migrated=";
	/* nr_migrated comes before nr_failed */
	ev->scan.scanned = (uint32_t)(first ? scanned : taken);
	ev->scan.taken = (uint32_t)(first ? taken : scanned);
	return NULL;
}

static const char *fill_kswapd(const struct record *r, struct kmr_event *ev)
{
	uint64_t node, order;

	if (!take_max(r, 0, INT8_MAX, &node))
		return ev->type == KMR_EV_COMPACT_SUITABLE ? (has(r, 0) ? "bad node=" : "no node=")
		       : has(r, 0)			   ? "bad nid="
							   : "no nid=";
	ev->node = (int8_t)node;
	if (ev->type == KMR_EV_KSWAPD_SLEEP)
		return NULL;
	if (ev->type == KMR_EV_COMPACT_SUITABLE && take(r, 1, &order) && order == UINT64_MAX)
		ev->page.order = KMR_EV_WHOLE_ZONE;
	else if (!take_order(r, 1, &ev->page.order))
		return has(r, 1) ? "bad order=" : "no order=";
	/* since 4.15 */
	return ev->type == KMR_EV_KSWAPD_CALL && has(r, 2) ? take_gfp(r, 2, ev) : NULL;
}

static const char *fill_reclaim(const struct record *r, struct kmr_event *ev)
{
	if (ev->type == KMR_EV_RECLAIM_END)
		return take(r, 0, &ev->size) ? NULL : "no nr_reclaimed=";
	if (!take_order(r, 0, &ev->page.order))
		return has(r, 0) ? "bad order=" : "no order=";
	return take_gfp(r, 1, ev);
}

static const char *fill_cma(const struct record *r, struct kmr_event *ev)
{
	uint64_t page = 1, align = 0, error = 0;

	if (has(r, CMA_NAME))
		intern_cache(r, CMA_NAME, ev);
	if (!take(r, CMA_PFN, &ev->addr))
		return has(r, CMA_PFN) ? "bad pfn=" : "no pfn=";
	if (has(r, CMA_PAGE) && !take(r, CMA_PAGE, &page))
		return "bad page=";
	if (!take(r, CMA_COUNT, &ev->size))
		return has(r, CMA_COUNT) ? "bad count=" : "no count=";
	if (has(r, CMA_ALIGN) && !take_max(r, CMA_ALIGN, UINT32_MAX, &align))
		return "bad align=";
	ev->align = (uint32_t)align;
	if (has(r, CMA_ERROR) && !take(r, CMA_ERROR, &error))
		return "bad errorno=";
	if (!page || error) {
		if (ev->type != KMR_EV_CMA_ALLOC)
			return "no page";
		ev->addr = KMR_EV_NO_PFN;
		return NULL;
	}
	return ev->addr < MAX_PFN ? NULL : "pfn= out of range";
}

const char *record_fill(const struct record *r, struct kmr_event *ev)
{
	switch (ev->type) {
	case KMR_EV_PAGE_ALLOC:
	case KMR_EV_PAGE_FREE:
	case KMR_EV_PAGE_FREE_BATCHED:
	case KMR_EV_PAGE_REFILL:
	case KMR_EV_PAGE_DRAIN:
		return fill_page(r, ev);
	case KMR_EV_PAGE_EXTFRAG:
		return fill_extfrag(r, ev);
	case KMR_EV_KMALLOC:
	case KMR_EV_CACHE_ALLOC:
		return fill_object_alloc(r, ev);
	case KMR_EV_KFREE:
	case KMR_EV_CACHE_FREE:
		return fill_object_free(r, ev);
	case KMR_EV_VMAP_ALLOC:
		return fill_area(r, ev);
	case KMR_EV_VMAP_PURGE:
		return fill_purge(r, ev);
	case KMR_EV_VMAP_FREE:
		return fill_pair(r, &ev->addr, &ev->size);
	case KMR_EV_COMPACT_BEGIN:
	case KMR_EV_COMPACT_END:
		return fill_compact_zone(r, ev);
	case KMR_EV_COMPACT_FAST_FREE:
	case KMR_EV_COMPACT_ISOLATE_FREE:
	case KMR_EV_COMPACT_ISOLATE_MIGRATE:
	case KMR_EV_COMPACT_MIGRATE:
		return fill_scan(r, ev);
	case KMR_EV_KSWAPD_WAKE:
	case KMR_EV_KSWAPD_SLEEP:
	case KMR_EV_KSWAPD_CALL:
	case KMR_EV_COMPACT_SUITABLE:
		return fill_kswapd(r, ev);
	case KMR_EV_SHRINK_SLAB:
		return NULL;
	case KMR_EV_LRU_ISOLATE:
		return take(r, 0, &ev->size) ? NULL : "no classzone=";
	case KMR_EV_RECLAIM_BEGIN:
	case KMR_EV_RECLAIM_END:
		return fill_reclaim(r, ev);
	default:
		return fill_cma(r, ev);
	}
}
