// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fields of events.  They are looked for where the kernel prints them
 * (include/trace/events/{kmem,compaction,vmscan,vmalloc}.h), and anywhere in the line if they are
 * not there, so that fields added or left out by other versions do no harm.
 */
#include "trace/fields.h"

#include <string.h>

#include "kmreplay/gfp.h"
#include "trace/fields.h"

#define MAX_ORDER 31

/* MAX_ERRNO and ZERO_SIZE_PTR lie below; no memory that is allocated does. */
#define LOWEST_POINTER 4096

#define MAX_SITES	((uint32_t)1 << 20)
#define MAX_SITE_BYTES	((size_t)64 << 20)
#define MAX_CACHES	((uint32_t)UINT16_MAX)
#define MAX_CACHE_BYTES ((size_t)8 << 20)
#define SITE_TEXT	512

int decoder_init(struct decoder *d, unsigned int version)
{
	memset(d, 0, sizeof(*d));
	gfp_cache_init(&d->gfp, version);
	d->old_mobility = version && version < 404;
	if (kmr_strtab_init(&d->sites, MAX_SITES, MAX_SITE_BYTES) ||
	    kmr_strtab_init(&d->caches, MAX_CACHES, MAX_CACHE_BYTES)) {
		decoder_fini(d);
		return -1;
	}
	return 0;
}

void decoder_fini(struct decoder *d)
{
	kmr_strtab_fini(&d->sites);
	kmr_strtab_fini(&d->caches);
}

/*
 * A hashed pointer is 32 random bits.  With 64-bit pointers that shows at once; with 32-bit ones
 * most are not aligned or lie where user space is.
 */
static inline void note_pointer(struct decoder *d, uint64_t value)
{
	if (value < LOWEST_POINTER)
		return;
	d->pointers.shown++;
	if (d->pointers.bits == 64 ? value <= UINT32_MAX : (value & 3) || value < 0x40000000)
		d->pointers.strange++;
}

/* "sym+0x1/0x2 [module]" without the function's length, which trace-cmd and perf leave out. */
static int intern_module_site(struct decoder *d, const char *text, size_t len, const char *module,
			      uint32_t *id)
{
	size_t module_len = (size_t)(scan_word_end(module) - module);
	char site[SITE_TEXT];

	if (len + 1 + module_len > sizeof(site))
		return kmr_strtab_intern(&d->sites, text, len, id);
	memcpy(site, text, len);
	site[len] = ' ';
	memcpy(site + len + 1, module, module_len);
	return kmr_strtab_intern(&d->sites, site, len + 1 + module_len, id);
}

static bool take_site(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *text = f->at;
	const char *end;
	const char *slash;
	uint32_t id = 0;
	size_t len;
	int status;

	if (*text == '(')
		text++;
	end = scan_word_end(text);
	f->at = end;
	len = (size_t)(end - text);
	if (len && text[-1] == '(' && end[-1] == ')')
		len--;
	if (!len)
		return false;
	slash = memchr(text, '/', len);
	if (slash)
		len = (size_t)(slash - text);
	if (end[0] == ' ' && end[1] == '[') {
		f->at = scan_word_end(end + 1);
		status = intern_module_site(d, text, len, end + 1, &id);
	} else {
		status = kmr_strtab_intern(&d->sites, text, len, &id);
	}
	if (status)
		d->nomem = true;
	ev->site = id & 0xffffff;
	return true;
}

static void keep_gfp_number(struct decoder *d, const char *p)
{
	uint64_t value;

	if (scan_has_0x(p) ? scan_hex(p + 2, &value) != NULL : scan_dec(p, &value) != NULL)
		d->gfp_numbers[d->nr_gfp_numbers++] = value;
}

void decode_gfp(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *end = scan_word_end(f->at);
	size_t len = (size_t)(end - f->at);

	if (len) {
		d->has_gfp = true;
		if (scan_is_digit(*f->at) && d->nr_gfp_numbers < GFP_NUMBERS)
			keep_gfp_number(d, f->at);
		if (gfp_cache_parse(&d->gfp, f->at, len, &ev->gfp))
			ev->flags |= KMR_EVF_GFP_KNOWN;
	}
	f->at = end;
}

uint8_t decode_migratetype(const struct decoder *d, int64_t value)
{
	/* include/linux/mmzone.h before 4.4: unmovable, reclaimable, movable */
	if (d->old_mobility && (value == 1 || value == 2))
		value = 3 - value;
	return value >= 0 && value < KMR_MIGRATE_TYPES ? (uint8_t)value : KMR_MIGRATE_UNKNOWN;
}

static inline const char *take_migratetype(struct decoder *d, struct fields *f, uint8_t *out)
{
	int64_t value;

	if (!take_signed(f, &value))
		return "bad migratetype=";
	*out = decode_migratetype(d, value);
	return NULL;
}

static inline const char *take_order(struct fields *f, uint8_t *out)
{
	uint64_t order;

	if (!take_number(f, &order) || order > MAX_ORDER)
		return "bad order=";
	*out = (uint8_t)order;
	return NULL;
}

/* page= and pfn=, which all page events begin with; a page may be missing where one was asked for. */
static const char *take_page(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	enum pointer page = POINTER_HIDDEN;
	uint64_t address = 0;
	uint64_t pfn;

	if (KEY(f, "page=")) {
		page = take_pointer(d, f, &address);
		if (page == POINTER_BAD)
			return "bad page=";
		note_pointer(d, address);
	}
	if (!KEY(f, "pfn="))
		return "no pfn=";
	d->seen |= scan_has_0x(f->at) ? SEEN_PFN_HEX : SEEN_PFN_DEC;
	if (!take_number(f, &pfn))
		return "bad pfn=";
	/* in raw form -1 stands for no page; a 32-bit kernel's has 32 bits */
	if (pfn == UINT64_MAX || (pfn == UINT32_MAX && page != POINTER_SHOWN) ||
	    (pfn == 0 && page == POINTER_NULL)) {
		if (ev->type != KMR_EV_PAGE_ALLOC && ev->type != KMR_EV_PAGE_REFILL)
			return "no page";
		ev->addr = KMR_EV_NO_PFN;
		return NULL;
	}
	if (page == POINTER_NULL)
		return "pfn= without a page";
	if (pfn >= MAX_PFN)
		return "pfn= out of range";
	ev->addr = pfn;
	return NULL;
}

static const char *decode_page(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *wrong = take_page(d, f, ev);

	ev->page.migratetype = KMR_MIGRATE_UNKNOWN;
	if (wrong)
		return wrong;
	if (KEY(f, "order=")) {
		wrong = take_order(f, &ev->page.order);
		if (wrong)
			return wrong;
	} else if (ev->type != KMR_EV_PAGE_FREE_BATCHED) {
		return "no order=";
	}
	if (ev->type == KMR_EV_PAGE_FREE || ev->type == KMR_EV_PAGE_FREE_BATCHED)
		return NULL;
	if (!KEY(f, "migratetype="))
		return "no migratetype=";
	return take_migratetype(d, f, &ev->page.migratetype);
}

/* "interleave", or "bind" and "preferred_many" with the nodes, bit by bit */
static const char *take_policy(struct fields *f, struct kmr_event *ev)
{
	static const struct {
		const char *name;
		enum kmr_policy policy;
	} policies[] = {
		{ "interleave", KMR_POLICY_INTERLEAVE },
		{ "bind", KMR_POLICY_BIND },
		{ "preferred_many", KMR_POLICY_PREFERRED_MANY },
	};
	const size_t len = (size_t)(scan_word_end(f->at) - f->at);

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		if (strlen(policies[i].name) != len || memcmp(policies[i].name, f->at, len))
			continue;
		f->at += len;
		ev->flags |= (uint8_t)policies[i].policy;
		if (policies[i].policy == KMR_POLICY_INTERLEAVE)
			return NULL;
		if (!KEY(f, "nodes="))
			return "policy= without nodes=";
		return take_u32(f, &ev->page.nodes) ? NULL : "bad nodes=";
	}
	return "bad policy=";
}

static const char *decode_page_alloc(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *wrong = decode_page(d, f, ev);

	if (wrong)
		return wrong;
	if (!KEY(f, "gfp_flags="))
		return "no gfp_flags=";
	decode_gfp(d, f, ev);
	if (ev->page.migratetype == KMR_MIGRATE_RECLAIMABLE &&
	    (ev->gfp & (KMR_GFP_MOVABLE | KMR_GFP_RECLAIMABLE)) == KMR_GFP_MOVABLE)
		d->seen |= SEEN_OLD_MOBILITY;
	/* no kernel prints these; workloads do, where a page is asked for of another node */
	if (LAST(f, "node=")) {
		wrong = take_node(f, ev);
		if (wrong)
			return wrong;
	}
	return LAST(f, "policy=") ? take_policy(f, ev) : NULL;
}

static const char *decode_refill(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *wrong = decode_page(d, f, ev);
	uint64_t refill;

	if (wrong)
		return wrong;
	if (!KEY(f, "percpu_refill="))
		return "no percpu_refill=";
	if (!take_number(f, &refill))
		return "bad percpu_refill=";
	if (refill)
		ev->flags |= KMR_EVF_PERCPU_REFILL;
	return NULL;
}

static const char *decode_extfrag(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *wrong = take_page(d, f, ev);
	uint64_t change;

	if (wrong)
		return wrong;
	if (!KEY(f, "alloc_order="))
		return "no alloc_order=";
	if (take_order(f, &ev->page.order))
		return "bad alloc_order=";
	if (!KEY(f, "fallback_order="))
		return "no fallback_order=";
	if (take_order(f, &ev->page.fallback_order))
		return "bad fallback_order=";
	if (!KEY(f, "alloc_migratetype="))
		return "no alloc_migratetype=";
	if (take_migratetype(d, f, &ev->page.migratetype))
		return "bad alloc_migratetype=";
	if (!KEY(f, "fallback_migratetype="))
		return "no fallback_migratetype=";
	if (take_migratetype(d, f, &ev->page.fallback_migratetype))
		return "bad fallback_migratetype=";
	if (!KEY(f, "change_ownership="))
		return "no change_ownership=";
	if (!take_number(f, &change))
		return "bad change_ownership=";
	if (change)
		ev->flags |= KMR_EVF_CHANGE_OWNER;
	return NULL;
}

/* call_site= and ptr=, which all object events begin with. */
static const char *take_object(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	if (!KEY(f, "call_site="))
		return "no call_site=";
	if (!take_site(d, f, ev))
		return "bad call_site=";
	if (!KEY(f, "ptr="))
		return "no ptr=";
	switch (take_pointer(d, f, &ev->addr)) {
	case POINTER_BAD:
		return "bad ptr=";
	case POINTER_HIDDEN:
		return "hidden ptr=";
	default:
		note_pointer(d, ev->addr);
		return NULL;
	}
}

/* name= is the last field and may hold blanks, or nothing. */
static void take_cache(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *end;
	uint32_t id = 0;

	for (end = scan_word_end(f->at); *end != '\n';)
		end = scan_word_end(end + 1);
	while (end > f->at && end[-1] == ' ')
		end--;
	if (end > f->at && kmr_strtab_intern(&d->caches, f->at, (size_t)(end - f->at), &id))
		d->nomem = true;
	ev->cache = (uint16_t)id;
}

/* Newer kernels name the cache behind ptr=; the name may hold blanks and ends where a field begins. */
static void take_inner_cache(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *name = scan_blanks(f->at), *end, *next, *after;
	uint32_t id = 0;

	if (memcmp(name, "name=", 5) != 0)
		return;
	name += 5;
	for (after = scan_word_end(name);; after = scan_word_end(next)) {
		end = after;
		next = scan_blanks(end);
		if ((unsigned char)*next <= ' ' ||
		    memchr(next, '=', (size_t)(scan_word_end(next) - next)))
			break;
	}
	f->at = next;
	if (end > name && kmr_strtab_intern(&d->caches, name, (size_t)(end - name), &id))
		d->nomem = true;
	ev->cache = (uint16_t)id;
}

static const char *decode_object_alloc(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *wrong = take_object(d, f, ev);

	if (wrong)
		return wrong;
	if (ev->type == KMR_EV_CACHE_ALLOC)
		take_inner_cache(d, f, ev);
	if (!KEY(f, "bytes_req="))
		return "no bytes_req=";
	if (!take_u32(f, &ev->bytes.req))
		return "bad bytes_req=";
	if (!KEY(f, "bytes_alloc="))
		return "no bytes_alloc=";
	if (!take_u32(f, &ev->bytes.alloc))
		return "bad bytes_alloc=";
	if (!KEY(f, "gfp_flags="))
		return "no gfp_flags=";
	decode_gfp(d, f, ev);
	if (LAST(f, "node=")) {
		wrong = take_node(f, ev);
		if (wrong)
			return wrong;
		d->seen |= SEEN_ALLOC_NODE;
	}
	if (LAST(f, "accounted=")) {
		d->seen |= SEEN_ACCOUNTED;
		if (*f->at == 't' || *f->at == '1')
			ev->flags |= KMR_EVF_ACCOUNTED;
		else if (*f->at != 'f' && *f->at != '0')
			return "bad accounted=";
		f->at = scan_word_end(f->at);
	}
	/* `kmreplay gen` names the cache here */
	if (ev->type == KMR_EV_CACHE_ALLOC && !ev->cache && LAST(f, "name="))
		take_cache(d, f, ev);
	return NULL;
}

static const char *decode_object_free(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	return take_object(d, f, ev);
}

static const char *decode_cache_free(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *wrong = take_object(d, f, ev);

	if (wrong)
		return wrong;
	if (!LAST(f, "name="))
		return NULL;
	d->seen |= SEEN_CACHE_NAME;
	take_cache(d, f, ev);
	return NULL;
}

static const char *decode_compact_zone(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	/* before 3.19 the end told its status only */
	if (!KEY(f, "zone_start="))
		return ev->type == KMR_EV_COMPACT_END && KEY(f, "status=") ? NULL
									   : "no zone_start=";
	if (!take_number(f, &ev->addr))
		return "bad zone_start=";
	if (!KEY(f, "migrate_pfn="))
		return "no migrate_pfn=";
	if (!take_u32(f, &ev->scanners.migrate_pfn))
		return "bad migrate_pfn=";
	if (!KEY(f, "free_pfn="))
		return "no free_pfn=";
	return take_u32(f, &ev->scanners.free_pfn) ? NULL : "bad free_pfn=";
}

static const char *decode_compact_scan(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	/* before 3.20 there was no range */
	if (KEY(f, "range=(") &&
	    (!take_number(f, &ev->addr) || !KEY(f, "~ ") || !take_u32(f, &ev->end)))
		return "bad range=";
	if (!KEY(f, "nr_scanned="))
		return "no nr_scanned=";
	if (!take_u32(f, &ev->scan.scanned))
		return "bad nr_scanned=";
	if (!KEY(f, "nr_taken="))
		return "no nr_taken=";
	return take_u32(f, &ev->scan.taken) ? NULL : "bad nr_taken=";
}

static const char *decode_compact_migrate(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	if (!KEY(f, "nr_migrated="))
		return "no nr_migrated=";
	if (!take_u32(f, &ev->scan.taken))
		return "bad nr_migrated=";
	if (!KEY(f, "nr_failed="))
		return "no nr_failed=";
	return take_u32(f, &ev->scan.scanned) ? NULL : "bad nr_failed=";
}

/* The number of a node, which is there. */
static bool take_its_node(struct fields *f, struct kmr_event *ev)
{
	int64_t node;

	if (!take_signed(f, &node) || node < 0 || node > INT8_MAX)
		return false;
	ev->node = (int8_t)node;
	return true;
}

static const char *decode_suitable(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	if (!KEY(f, "node="))
		return "no node=";
	if (!take_its_node(f, ev))
		return "bad node=";
	if (!KEY(f, "order="))
		return "no order=";
	if (f->at[0] == '-' && f->at[1] == '1') {
		ev->page.order = KMR_EV_WHOLE_ZONE;
		return NULL;
	}
	return take_order(f, &ev->page.order);
}

static const char *decode_kswapd(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	if (!KEY(f, "nid="))
		return "no nid=";
	if (!take_its_node(f, ev))
		return "bad nid=";
	if (ev->type == KMR_EV_KSWAPD_SLEEP)
		return NULL;
	return KEY(f, "order=") ? take_order(f, &ev->page.order) : "no order=";
}

static const char *decode_kswapd_call(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *wrong = decode_kswapd(d, f, ev);

	if (wrong)
		return wrong;
	/* since 4.15 */
	if (KEY(f, "gfp_flags="))
		decode_gfp(d, f, ev);
	return NULL;
}

/* That it happened is all that matters. */
static const char *decode_nothing(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	(void)f;
	(void)ev;
	return NULL;
}

static const char *decode_lru_isolate(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	if (!KEY(f, "classzone="))
		return "no classzone=";
	return take_number(f, &ev->size) ? NULL : "bad classzone=";
}

static const char *decode_reclaim_begin(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *wrong;

	if (!KEY(f, "order="))
		return "no order=";
	wrong = take_order(f, &ev->page.order);
	if (wrong)
		return wrong;
	if (!KEY(f, "gfp_flags="))
		return "no gfp_flags=";
	decode_gfp(d, f, ev);
	return NULL;
}

static const char *decode_reclaim_end(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	if (!KEY(f, "nr_reclaimed="))
		return "no nr_reclaimed=";
	return take_number(f, &ev->size) ? NULL : "bad nr_reclaimed=";
}

typedef const char *(*decode_fn)(struct decoder *d, struct fields *f, struct kmr_event *ev);

static const decode_fn decoders[KMR_EV_NR_TYPES] = {
	[KMR_EV_PAGE_ALLOC] = decode_page_alloc,
	[KMR_EV_PAGE_FREE] = decode_page,
	[KMR_EV_PAGE_FREE_BATCHED] = decode_page,
	[KMR_EV_PAGE_REFILL] = decode_refill,
	[KMR_EV_PAGE_DRAIN] = decode_page,
	[KMR_EV_PAGE_EXTFRAG] = decode_extfrag,
	[KMR_EV_KMALLOC] = decode_object_alloc,
	[KMR_EV_KFREE] = decode_object_free,
	[KMR_EV_CACHE_ALLOC] = decode_object_alloc,
	[KMR_EV_CACHE_FREE] = decode_cache_free,
	[KMR_EV_VMAP_ALLOC] = decode_vmap_alloc,
	[KMR_EV_VMAP_PURGE] = decode_vmap_purge,
	[KMR_EV_VMAP_FREE] = decode_vmap_free,
	[KMR_EV_VMALLOC] = decode_vmalloc,
	[KMR_EV_VFREE] = decode_vfree,
	[KMR_EV_KMAP] = decode_kmap,
	[KMR_EV_KUNMAP] = decode_kmap,
	[KMR_EV_KMAP_LOCAL] = decode_kmap,
	[KMR_EV_KUNMAP_LOCAL] = decode_kmap,
	[KMR_EV_COMPACT_BEGIN] = decode_compact_zone,
	[KMR_EV_COMPACT_END] = decode_compact_zone,
	[KMR_EV_COMPACT_ISOLATE_FREE] = decode_compact_scan,
	[KMR_EV_COMPACT_ISOLATE_MIGRATE] = decode_compact_scan,
	[KMR_EV_COMPACT_MIGRATE] = decode_compact_migrate,
	[KMR_EV_KSWAPD_WAKE] = decode_kswapd,
	[KMR_EV_KSWAPD_SLEEP] = decode_kswapd,
	[KMR_EV_RECLAIM_BEGIN] = decode_reclaim_begin,
	[KMR_EV_RECLAIM_END] = decode_reclaim_end,
	[KMR_EV_KSWAPD_CALL] = decode_kswapd_call,
	[KMR_EV_COMPACT_SUITABLE] = decode_suitable,
	[KMR_EV_LRU_ISOLATE] = decode_lru_isolate,
	[KMR_EV_SHRINK_SLAB] = decode_nothing,
	[KMR_EV_COMPACT_FAST_FREE] = decode_compact_scan,
	[KMR_EV_CMA_ALLOC] = decode_cma,
	[KMR_EV_CMA_RELEASE] = decode_cma,
	[KMR_EV_MEM_ONLINE] = decode_memory_block,
	[KMR_EV_MEM_OFFLINE] = decode_memory_block,
	[KMR_EV_HUGEPAGES] = decode_hugepages,
};

const char *decode_fields(struct decoder *d, const char *args, struct kmr_event *ev)
{
	struct fields f = { .start = args, .at = args };

	ev->node = -1;
	return decoders[ev->type](d, &f, ev);
}
