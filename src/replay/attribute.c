// SPDX-License-Identifier: GPL-2.0-only
#include "replay/attribute.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/ptrmap.h"
#include "kmreplay/gfp.h"
#include "replay/basemap.h"
#include "replay/context.h"
#include "replay/objects.h"

#define PAGE_SHIFT  12u /* of every machine that traces come from so far */
#define MAX_PENDING 4u /* page requests of one object: orders that failed, a nested one */
#define SURE	    100u
#define NESTED	    90u /* hashed pointers: flags that only slabs ask with */
#define FOLLOWS	    60u /* hashed pointers: nothing but the order of events */
#define FLAGS_ALONE 50u /* no object was ever seen in it */
#define BY_SITE	    70u /* vmalloc(): the objects before it say so */
#define MAX_CACHED  8192u /* bytes: the largest kmalloc() from a cache */
#define WHOLE_ORDER 5u /* up to here every frame of a block is noted, beyond its first alone */

/* A page that the trace has allocated, or that objects were seen in. */
struct page {
	uint64_t pfn;
	uint32_t event; /* number of its allocation, from 1; 0: before the trace */
	uint16_t cache;
	uint8_t order, owner, confidence;
	bool freed; /* and not allocated since by an event */
};

/* What a task is doing in one context. */
struct stream {
	uint32_t pending[MAX_PENDING]; /* numbers of its last page allocations */
	uint8_t nr_pending;
	uint8_t objects; /* allocations since the last of them */
	bool vmalloc; /* the last object was for vmalloc() */
};

struct attributor {
	struct kmr_tape *t;
	const struct kmr_snapshot *snap;
	struct kmr_attribution *r;
	struct page *pages; /* [0] is none */
	size_t nr_pages, cap_pages;
	struct kmr_ptrmap page_of; /* frame → page */
	struct kmr_ptrmap live; /* pointer → number of its allocation */
	struct kmr_ptrmap freed; /* pointer → number of its last free, when it is not live */
	struct kmr_ptrmap votes; /* site and sizes → cache */
	struct stream *streams; /* [task][context] */
	uint8_t *sites; /* by call site: enum site */
	bool slub; /* requests with SLUB's flags were seen: its slabs have no others */
	bool mixed; /* pages are of no one cache */
	bool made_up; /* every page was asked for directly, and no object lies in one */
	bool nomem;
};

enum site {
	SITE_NOT_LOOKED_AT,
	SITE_OTHER,
	SITE_VMALLOC,
};

static struct stream *stream_of(const struct attributor *a, const struct kmr_event *ev)
{
	return &a->streams[ev->task * KMR_NR_CONTEXTS + kmr_context_of(ev)];
}

/* What objects of one cache have in common; the flags do so less surely than the rest. */
static uint64_t vote_key(const struct kmr_event *ev, bool flags)
{
	const uint64_t key = (uint64_t)ev->site << 40 | (uint64_t)(ev->bytes.req & 0xfffff) << 20 |
			     (ev->bytes.alloc & 0xfffff);

	return flags ? key ^ (uint64_t)(ev->gfp + 1) * UINT64_C(0x9e3779b97f4a7c15) : key;
}

/* What of an object's flags reaches its slab's page (mm/internal.h), and what a cache adds. */
#define KEPT                                                                                 \
	(KMR_GFP_HIGH | KMR_GFP_IO | KMR_GFP_FS | KMR_GFP_RETRY_MAYFAIL | KMR_GFP_MEMALLOC | \
	 KMR_GFP_ATOMIC | KMR_GFP_HARDWALL | KMR_GFP_THISNODE)
#define ADDED                                                                                    \
	(KMR_GFP_RECLAIM | KMR_GFP_NOWARN | KMR_GFP_NORETRY | KMR_GFP_NOMEMALLOC |               \
	 KMR_GFP_NOFAIL | KMR_GFP_NOLOCKDEP | KMR_GFP_COMP | KMR_GFP_RECLAIMABLE | KMR_GFP_DMA | \
	 KMR_GFP_DMA32)

/* What SLUB adds to every request for a slab that may fail (allocate_slab()). */
static bool has_slub_flags(const struct kmr_event *ev)
{
	/* later kernels print __GFP_NOWARN as a part of GFP_NOWAIT */
	return ev->flags & KMR_EVF_GFP_KNOWN && ev->gfp & KMR_GFP_NORETRY &&
	       (ev->gfp & KMR_GFP_NOWARN || !(ev->gfp & KMR_GFP_DIRECT_RECLAIM)) &&
	       !(ev->gfp & ~(uint32_t)(KEPT | ADDED));
}

/*
 * As above, and nobody else asks so: pages for socket buffers come with the same flags, but leave
 * it to kswapd to reclaim (skb_page_frag_refill()).
 */
static bool has_only_slub_flags(const struct kmr_event *ev)
{
	if (!has_slub_flags(ev) || ev->page.order > 3)
		return false;
	return ev->page.order ? !(ev->gfp & KMR_GFP_RECLAIM) && ev->gfp & KMR_GFP_NOMEMALLOC
			      : (ev->gfp & KMR_GFP_DIRECT_RECLAIM) != 0;
}

/*
 * SLUB does not try hard for a slab that could be of a smaller order; so a page that its object's
 * flags would allow to reclaim for does so if it is of the smallest.
 */
static bool reclaim_fits(const struct kmr_event *page, const struct kmr_event *object)
{
	const bool smallest = !page->page.order ||
			      object->bytes.alloc > UINT64_C(1)
							    << (PAGE_SHIFT + page->page.order - 1);
	const bool direct = object->gfp & KMR_GFP_DIRECT_RECLAIM && smallest;

	return !(page->gfp & KMR_GFP_DIRECT_RECLAIM) == !direct &&
	       (smallest || !(object->gfp & KMR_GFP_DIRECT_RECLAIM) ||
		!(page->gfp & KMR_GFP_RECLAIM));
}

/* The page's flags are what the object's become on their way through an allocator of objects. */
static bool flags_fit(const struct kmr_event *page, const struct kmr_event *object)
{
	if (page->page.migratetype == KMR_MIGRATE_MOVABLE)
		return false;
	if (!(page->flags & object->flags & KMR_EVF_GFP_KNOWN))
		return true;
	return !(page->gfp & ~(uint32_t)(KEPT | ADDED)) &&
	       (page->gfp & KEPT) == (object->gfp & KEPT) &&
	       (!has_slub_flags(page) || reclaim_fits(page, object));
}

/* vmalloc() allocates its own structures just before its pages. */
static bool is_vmalloc_site(struct attributor *a, uint32_t site)
{
	static const char *const symbols[] = { "__vmalloc_node_range", "__vmalloc_area_node",
					       "alloc_vmap_area", "__get_vm_area_node" };
	const char *name;

	if (a->sites[site] == SITE_NOT_LOOKED_AT) {
		name = kmr_source_site(a->t->source, site);
		a->sites[site] = SITE_OTHER;
		for (size_t i = 0; i < ARRAY_SIZE(symbols); i++)
			if (!strncmp(name, symbols[i], strlen(symbols[i])))
				a->sites[site] = SITE_VMALLOC;
	}
	return a->sites[site] == SITE_VMALLOC;
}

static struct page *find_page(const struct attributor *a, uint64_t pfn)
{
	const uint32_t n = kmr_ptrmap_get(&a->page_of, pfn);

	return n ? &a->pages[n] : NULL;
}

static struct page *add_page(struct attributor *a, uint64_t pfn, unsigned int order)
{
	const uint64_t frames = order <= WHOLE_ORDER ? UINT64_C(1) << order : 1;
	struct page *p = find_page(a, pfn);

	/* a block that begins at the same frame is gone by now */
	if (!p || p->pfn != pfn) {
		struct page *pages = NULL;

		if (a->nr_pages < UINT32_MAX)
			pages = kmr_grow(a->pages, a->nr_pages, &a->cap_pages, sizeof(*pages));
		if (!pages) {
			a->nomem = true;
			return NULL;
		}
		a->pages = pages;
		p = &pages[a->nr_pages++];
	}
	memset(p, 0, sizeof(*p));
	p->pfn = pfn;
	p->order = (uint8_t)order;
	for (uint64_t f = pfn; f < pfn + frames; f++)
		if (kmr_ptrmap_put(&a->page_of, f, (uint32_t)(p - a->pages)))
			a->nomem = true;
	return p;
}

/* The page is not its user's own; where more is known than before, that is written down. */
static void set_owner(struct attributor *a, struct page *p, enum kmr_owner owner,
		      unsigned int confidence)
{
	struct kmr_event *ev;

	p->owner = (uint8_t)owner;
	p->confidence = (uint8_t)confidence;
	if (!p->event)
		return;
	ev = &a->t->events[p->event - 1];
	ev->asked.owner = (uint8_t)owner;
	ev->asked.confidence = (uint8_t)confidence;
	ev->cache = p->cache;
}

static void set_cache(struct attributor *a, struct page *p, uint16_t cache)
{
	if (p->cache || !cache || p->owner != KMR_OWNER_SLAB || a->mixed)
		return;
	p->cache = cache;
	if (p->event)
		a->t->events[p->event - 1].cache = cache;
}

/*
 * kmalloc() tells whose it is: SLOB puts a header of 8 bytes in front, SLAB has no class below 32
 * bytes.
 */
static const char *allocator_of(const struct kmr_event *ev)
{
	const uint32_t given = ev->bytes.alloc;

	if (!ev->bytes.req || ev->bytes.req > 2048)
		return NULL;
	if (given == ev->bytes.req + 8 && given & (given - 1) && given != 96 && given != 192)
		return "slob";
	if (ev->bytes.req > 16)
		return NULL;
	return given >= 32 ? "slab" : "slub";
}

static const char *find_allocator(const struct kmr_tape *t)
{
	const char *found = NULL;

	for (uint64_t i = 0; i < t->count && !found; i++)
		if (t->events[i].type == KMR_EV_KMALLOC)
			found = allocator_of(&t->events[i]);
	return found;
}

/* Until something says otherwise. */
static void set_direct(const struct attributor *a, struct kmr_event *ev)
{
	ev->asked.owner = KMR_OWNER_DIRECT;
	ev->asked.confidence = a->r->real_pointers || a->made_up ? SURE : FOLLOWS;
	/* in its place a workload's request has the nodes of its policy, and keeps them */
	if (a->made_up && ev->type == KMR_EV_PAGE_ALLOC && ev->flags & KMR_EVF_POLICY)
		return;
	if (ev->type == KMR_EV_PAGE_ALLOC)
		ev->flags &= (uint8_t)~KMR_EVF_POLICY;
	ev->asked.cause = 0;
}

static void page_alloc(struct attributor *a, struct kmr_event *ev, uint32_t number)
{
	struct stream *s = stream_of(a, ev);
	struct page *p = NULL;

	set_direct(a, ev);
	if (a->made_up)
		return;
	if (ev->addr != KMR_EV_NO_PFN)
		p = add_page(a, ev->addr, ev->page.order);
	if (p)
		p->event = number;
	if (s->nr_pending == MAX_PENDING)
		s->nr_pending--;
	memmove(s->pending + 1, s->pending, s->nr_pending * sizeof(*s->pending));
	s->pending[0] = number;
	s->nr_pending++;
	s->objects = 0;
	a->slub |= has_only_slub_flags(ev);
	if (p && has_only_slub_flags(ev))
		set_owner(a, p, KMR_OWNER_SLAB, FLAGS_ALONE);
	else if (p && s->vmalloc && ev->page.order == 0)
		set_owner(a, p, KMR_OWNER_VMALLOC, BY_SITE);
}

static void page_free(const struct attributor *a, struct kmr_event *ev)
{
	struct page *p = find_page(a, ev->addr);

	set_direct(a, ev);
	if (!p || p->pfn != ev->addr)
		return;
	p->freed = true;
	if (p->owner == KMR_OWNER_DIRECT)
		return;
	ev->asked.owner = p->owner;
	ev->asked.confidence = p->confidence;
	ev->cache = p->cache;
}

/* One of the last page allocations of the stream. */
static bool is_pending(const struct stream *s, uint32_t number)
{
	for (unsigned int i = 0; i < s->nr_pending; i++)
		if (s->pending[i] == number)
			return true;
	return false;
}

static enum kmr_owner owner_of(const struct kmr_event *ev)
{
	return ev->type == KMR_EV_KMALLOC && ev->bytes.req > MAX_CACHED ? KMR_OWNER_KMALLOC
									: KMR_OWNER_SLAB;
}

/* Real pointers: the page is where the object is. */
static struct page *place(struct attributor *a, const struct kmr_event *ev, enum kmr_owner owner)
{
	const uint64_t pfn = (ev->addr - a->r->base) >> PAGE_SHIFT;
	struct page *p;

	if (ev->addr < a->r->base)
		return NULL;
	p = find_page(a, pfn);
	/* unknown so far, or taken without an event since it was freed */
	if (!p || p->freed)
		p = add_page(a, p ? p->pfn : pfn, p ? p->order : 0);
	if (!p)
		return NULL;
	if (p->owner == KMR_OWNER_DIRECT || p->confidence < SURE)
		set_owner(a, p, owner, SURE);
	return p;
}

/*
 * Hashed pointers: what the stream asked for just before was for this object if its flags say so,
 * or nothing says otherwise.
 */
static struct page *guess(struct attributor *a, const struct kmr_event *ev, const struct stream *s)
{
	const enum kmr_owner owner = owner_of(ev);

	for (unsigned int i = 0; i < s->nr_pending; i++) {
		const struct kmr_event *pe = &a->t->events[s->pending[i] - 1];
		struct page *p = find_page(a, pe->addr);
		const bool flags = has_slub_flags(pe);
		const unsigned int confidence =
			flags || owner == KMR_OWNER_KMALLOC ? NESTED : FOLLOWS;

		if (!p || p->event != s->pending[i] || pe->addr == KMR_EV_NO_PFN ||
		    p->confidence > confidence || !flags_fit(pe, ev))
			continue;
		if (owner == KMR_OWNER_KMALLOC &&
		    (uint64_t)ev->bytes.alloc != UINT64_C(1) << (pe->page.order + PAGE_SHIFT))
			continue;
		if (owner == KMR_OWNER_SLAB && !flags && (a->slub || s->objects))
			continue;
		set_owner(a, p, owner, confidence);
		return p;
	}
	return NULL;
}

static void vote(struct attributor *a, const struct kmr_event *ev)
{
	if (ev->type == KMR_EV_CACHE_ALLOC && ev->cache &&
	    (kmr_ptrmap_put(&a->votes, vote_key(ev, true), ev->cache) ||
	     kmr_ptrmap_put(&a->votes, vote_key(ev, false), ev->cache)))
		a->nomem = true;
}

/* An object whose free was never seen: its slab tells its cache. */
static void settle(struct attributor *a, uint32_t number)
{
	struct kmr_event *ev = &a->t->events[number - 1];
	const struct page *p;

	if (ev->type != KMR_EV_CACHE_ALLOC || ev->cache || !a->r->real_pointers ||
	    ev->addr < a->r->base)
		return;
	p = find_page(a, (ev->addr - a->r->base) >> PAGE_SHIFT);
	if (!p || !p->cache)
		return;
	ev->cache = p->cache;
	a->r->by_slab++;
	vote(a, ev);
}

static void object_alloc(struct attributor *a, struct kmr_event *ev, uint32_t number)
{
	struct stream *s = stream_of(a, ev);
	const uint32_t before = kmr_ptrmap_get(&a->live, ev->addr);
	struct page *p;

	a->r->objects++;
	s->vmalloc = is_vmalloc_site(a, ev->site);
	if (!kmr_is_object_pointer(ev->addr))
		return;
	/* freed without an event */
	if (before)
		settle(a, before);
	if (kmr_ptrmap_put(&a->live, ev->addr, number))
		a->nomem = true;
	(void)kmr_ptrmap_take(&a->freed, ev->addr);
	p = a->r->real_pointers ? place(a, ev, owner_of(ev)) : guess(a, ev, s);
	if (p) {
		set_cache(a, p, ev->cache);
		if (p->event && is_pending(s, p->event) && s->objects < MAX_PENDING &&
		    !a->t->events[p->event - 1].asked.cause)
			a->t->events[p->event - 1].asked.cause = number;
	}
	s->objects++;
	if (!a->r->real_pointers)
		s->nr_pending = 0;
}

/* Freed once more without having been allocated: it was taken without an event since. */
static void note_free(struct attributor *a, const struct kmr_event *ev, uint32_t number, bool live)
{
	const uint32_t before = live ? 0 : kmr_ptrmap_get(&a->freed, ev->addr);

	if (before) {
		a->t->events[before - 1].flags |= KMR_EVF_TAKEN_AGAIN;
		a->r->taken_again++;
	}
	if (kmr_ptrmap_put(&a->freed, ev->addr, number))
		a->nomem = true;
}

static void object_free(struct attributor *a, struct kmr_event *ev, uint32_t index)
{
	const uint32_t number = kmr_ptrmap_take(&a->live, ev->addr);
	struct kmr_event *alloc = number ? &a->t->events[number - 1] : NULL;
	struct page *p = NULL;

	stream_of(a, ev)->vmalloc = false;
	if (!kmr_is_object_pointer(ev->addr))
		return;
	note_free(a, ev, index, number != 0);
	if (a->r->real_pointers)
		p = place(a, ev, KMR_OWNER_SLAB);
	if (p)
		set_cache(a, p, ev->cache);
	if (!alloc)
		return;
	ev->bytes = alloc->bytes;
	if (alloc->type != KMR_EV_CACHE_ALLOC)
		return;
	if (!alloc->cache && ev->cache) {
		alloc->cache = ev->cache;
		a->r->named++;
	} else if (!alloc->cache) {
		settle(a, number);
	}
	vote(a, alloc);
	if (!ev->cache)
		ev->cache = alloc->cache;
}

/* From its marker on the snapshot's slabs are what they are. */
static void take_snapshot(struct attributor *a)
{
	const struct kmr_snapshot *snap = a->snap;

	for (size_t i = 0; i < snap->nr_slabs; i++) {
		const struct kmr_snap_slab *slab = &snap->slabs[i];
		struct page *p = find_page(a, slab->pfn);
		uint16_t cache = 0;

		if (slab->cache != KMR_SNAP_NO_CACHE)
			cache = kmr_tape_cache(a->t, snap->caches[slab->cache].name);
		if (!p || p->pfn != slab->pfn || p->order != slab->order)
			p = add_page(a, slab->pfn, slab->order);
		if (!p)
			return;
		p->cache = 0;
		set_owner(a, p, KMR_OWNER_SLAB, SURE);
		set_cache(a, p, cache);
	}
}

static void first_pass(struct attributor *a)
{
	for (uint32_t i = 0; i < a->t->count && !a->nomem; i++) {
		struct kmr_event *ev = &a->t->events[i];

		switch (ev->type) {
		case KMR_EV_PAGE_ALLOC:
			page_alloc(a, ev, i + 1);
			break;
		case KMR_EV_PAGE_FREE:
		case KMR_EV_PAGE_FREE_BATCHED:
			page_free(a, ev);
			break;
		case KMR_EV_KMALLOC:
		case KMR_EV_CACHE_ALLOC:
			object_alloc(a, ev, i + 1);
			break;
		case KMR_EV_KFREE:
		case KMR_EV_CACHE_FREE:
			object_free(a, ev, i + 1);
			break;
		case KMR_EV_MARK:
			if (a->snap && ev->addr == a->snap->seq)
				take_snapshot(a);
			break;
		default:
			break;
		}
	}
	/* what is live at the end, in the order of the trace */
	for (uint32_t i = 0; i < a->t->count && !a->nomem; i++) {
		const struct kmr_event *ev = &a->t->events[i];

		if (ev->type == KMR_EV_CACHE_ALLOC && !ev->cache &&
		    kmr_is_object_pointer(ev->addr) && kmr_ptrmap_get(&a->live, ev->addr) == i + 1)
			settle(a, i + 1);
	}
}

/* The snapshot has caches of the same sizes: it is most likely the first, as they were made. */
static uint16_t by_sizes(struct attributor *a, const struct kmr_event *ev)
{
	for (size_t i = 0; a->snap && i < a->snap->nr_caches; i++) {
		const struct kmr_snap_cache *c = &a->snap->caches[i];

		if (c->object_size == ev->bytes.req && c->size == ev->bytes.alloc &&
		    !(c->flags & KMR_CACHE_KMALLOC))
			return kmr_tape_cache(a->t, c->name);
	}
	return 0;
}

static uint16_t made_up(struct kmr_tape *t, const struct kmr_event *ev, bool mixed)
{
	char name[KMR_SNAP_CACHE_NAME], flags[16] = "";
	uint16_t cache;

	if (mixed)
		(void)snprintf(flags, sizeof(flags), "-%" PRIx32, ev->gfp);
	(void)snprintf(name, sizeof(name), "size-%" PRIu32 "-%" PRIu32 "%s", ev->bytes.req,
		       ev->bytes.alloc, flags);
	cache = kmr_tape_cache(t, name);
	if (cache)
		t->caches[cache].made_up = true;
	return cache;
}

/* What the trace shows of a cache's sizes, the first time; and of how it aligns. */
static void note_sizes(struct kmr_tape *t, const struct kmr_event *ev)
{
	struct kmr_tape_cache *c = &t->caches[ev->cache];

	if (kmr_is_object_pointer(ev->addr)) {
		c->addresses |= ev->addr;
		c->nr_addresses++;
	}
	if (c->size)
		return;
	c->object_size = ev->bytes.req;
	c->size = ev->bytes.alloc;
}

static void count_page(struct kmr_attribution *r, const struct kmr_event *ev)
{
	if (ev->type == KMR_EV_PAGE_FREE) {
		r->frees[ev->asked.owner]++;
		return;
	}
	r->allocs[ev->asked.owner]++;
	if (ev->asked.owner == KMR_OWNER_DIRECT)
		return;
	r->sure += ev->asked.confidence == SURE;
	r->confidence += ev->asked.confidence;
	r->caused += ev->asked.cause != 0;
}

/* Caches that are still open, and the counts. */
static void second_pass(struct attributor *a)
{
	for (uint64_t i = 0; i < a->t->count && !a->nomem; i++) {
		struct kmr_event *ev = &a->t->events[i];

		if (ev->type == KMR_EV_PAGE_ALLOC || ev->type == KMR_EV_PAGE_FREE)
			count_page(a->r, ev);
		if (ev->type != KMR_EV_CACHE_ALLOC)
			continue;
		if (!ev->cache) {
			ev->cache = (uint16_t)kmr_ptrmap_get(&a->votes, vote_key(ev, true));
			/* SLOB's call sites are its own functions', and tell nothing without flags */
			if (!ev->cache && !a->mixed)
				ev->cache =
					(uint16_t)kmr_ptrmap_get(&a->votes, vote_key(ev, false));
			a->r->by_site += ev->cache != 0;
		}
		if (!ev->cache) {
			ev->cache = by_sizes(a, ev);
			if (!ev->cache)
				ev->cache = made_up(a->t, ev, a->mixed);
			a->r->by_size++;
		}
		note_sizes(a->t, ev);
	}
}

/* A slab's page takes over its object's cache when that became known later. */
static void third_pass(const struct attributor *a)
{
	for (uint64_t i = 0; i < a->t->count; i++) {
		struct kmr_event *ev = &a->t->events[i];

		if (ev->type == KMR_EV_PAGE_ALLOC && ev->asked.owner == KMR_OWNER_SLAB &&
		    !ev->cache && ev->asked.cause)
			ev->cache = a->t->events[ev->asked.cause - 1].cache;
	}
}

int kmr_attribute(struct kmr_tape *t, const struct kmr_snapshot *snap,
		  struct kmr_attribution *result, struct kmr_error *err)
{
	struct attributor a;

	memset(&a, 0, sizeof(a));
	memset(result, 0, sizeof(*result));
	a.t = t;
	a.snap = snap;
	a.r = result;
	a.nr_pages = 1;
	a.streams = calloc((size_t)(UINT16_MAX + 1) * KMR_NR_CONTEXTS, sizeof(*a.streams));
	a.sites = calloc(UINT32_C(1) << 24, 1);
	a.cap_pages = 64;
	a.pages = calloc(a.cap_pages, sizeof(*a.pages));
	if (!a.streams || !a.sites || !a.pages) {
		a.nomem = true;
	} else {
		a.made_up = t->info->made_up;
		if (!a.made_up) {
			result->real_pointers = kmr_find_base(t, &result->base);
			result->allocator = find_allocator(t);
		}
		t->allocator = result->allocator;
		t->real_pointers = result->real_pointers;
		/* SLOB's pages have objects of any cache */
		a.mixed = result->allocator && !strcmp(result->allocator, "slob");
		first_pass(&a);
		second_pass(&a);
		third_pass(&a);
	}
	kmr_ptrmap_fini(&a.page_of);
	kmr_ptrmap_fini(&a.live);
	kmr_ptrmap_fini(&a.freed);
	kmr_ptrmap_fini(&a.votes);
	free(a.pages);
	free(a.streams);
	free(a.sites);
	return a.nomem ? kmr_fail_nomem(err, "the attribution of pages") : 0;
}
