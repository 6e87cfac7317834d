// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fields are judged as in text (decode.c), so that both readers take and refuse the same; what
 * text has by name goes through the same names.
 */
#include "trace/dat_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "trace/dat_cursor.h"
#include "trace/decode.h"
#include "trace/fields.h"
#include "trace/gfp_bits.h"

#define MAX_ORDER 31
#define GFP_TEXT  1024

/* include/linux/trace_events.h */
#define FLAG_HARDIRQ 0x08
#define FLAG_SOFTIRQ 0x10
#define FLAG_NMI     0x40

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
enum {
	PRINT_BUF,
	PRINT_FMT,
	PRINT_STR
};

struct record {
	struct dat_decoder *d;
	const struct dat_format *format;
	const uint8_t *bytes;
	uint32_t len;
};

static bool number(const struct record *r, const struct dat_field *f, uint64_t *value)
{
	if (!f->present || !f->size || f->size > 8 || f->offset > r->len ||
	    f->size > r->len - f->offset)
		return false;
	*value = dat_number(r->bytes + f->offset, f->size, r->d->names->big);
	if (f->is_signed && f->size < 8 && *value >> (f->size * 8 - 1))
		*value |= ~UINT64_C(0) << (f->size * 8);
	return true;
}

/* A field that must be there, as a number. */
static bool take(const struct record *r, unsigned int i, uint64_t *value)
{
	return number(r, &r->format->field[i], value);
}

static bool has(const struct record *r, unsigned int i)
{
	return r->format->field[i].present;
}

static bool take_max(const struct record *r, unsigned int i, uint64_t max, uint64_t *value)
{
	return take(r, i, value) && *value <= max;
}

/* The string behind a __data_loc or __rel_loc field. */
static bool string(const struct record *r, unsigned int i, const char **text, size_t *len)
{
	const struct dat_field *f = &r->format->field[i];
	const char *nul;
	uint64_t loc;
	uint32_t at, size;

	if (!(f->data_loc || f->rel_loc) || f->size != 4 || !number(r, f, &loc))
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
	    kmr_ptrmap_put(&names->site_of, address, id + 1))
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

static const char *fill_object_alloc(const struct record *r, struct kmr_event *ev)
{
	const char *wrong = take_object(r, ev);
	uint64_t value;

	if (wrong)
		return wrong;
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
	return !strcmp(names[0], "zone_start") ? "no zone_start="
	       : !strcmp(names[0], "start")    ? "no start="
					       : "no va_start=";
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
	uint64_t scanned, taken;

	if (first && has(r, 0) && !take(r, 0, &ev->addr))
		return "bad range=";
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
	uint64_t node;

	if (!take_max(r, 0, INT8_MAX, &node))
		return has(r, 0) ? "bad nid=" : "no nid=";
	ev->node = (int8_t)node;
	if (ev->type == KMR_EV_KSWAPD_SLEEP || take_order(r, 1, &ev->page.order))
		return NULL;
	return has(r, 1) ? "bad order=" : "no order=";
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

static const char *fill_fields(const struct record *r, struct kmr_event *ev)
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
	case KMR_EV_COMPACT_BEGIN:
	case KMR_EV_COMPACT_END:
		return fill_pair(r, &ev->addr, &ev->size);
	case KMR_EV_COMPACT_ISOLATE_FREE:
	case KMR_EV_COMPACT_ISOLATE_MIGRATE:
	case KMR_EV_COMPACT_MIGRATE:
		return fill_scan(r, ev);
	case KMR_EV_KSWAPD_WAKE:
	case KMR_EV_KSWAPD_SLEEP:
		return fill_kswapd(r, ev);
	case KMR_EV_RECLAIM_BEGIN:
	case KMR_EV_RECLAIM_END:
		return fill_reclaim(r, ev);
	default:
		return fill_cma(r, ev);
	}
}

#define MARK_TEXT "kmsnap: "

static bool mark_in(const char *text, size_t len, struct kmr_event *ev)
{
	const char *p = text + sizeof(MARK_TEXT) - 1, *end = text + len;

	if (len < sizeof(MARK_TEXT) || memcmp(text, MARK_TEXT, sizeof(MARK_TEXT) - 1))
		return false;
	for (ev->addr = 0; p < end && *p >= '0' && *p <= '9'; p++)
		ev->addr = ev->addr * 10 + (uint64_t)(*p - '0');
	return p > text + sizeof(MARK_TEXT) - 1 && (p == end || (unsigned char)*p <= ' ');
}

static const char *string_at(const struct record *r, unsigned int field)
{
	uint64_t address;

	return take(r, field, &address) ? symbols_string(&r->d->names->strings, address) : NULL;
}

/* "kmsnap: %d", the argument in the record: lib/vsprintf.c, vbin_printf() */
static bool bprint_mark(const struct record *r, struct kmr_event *ev)
{
	const char *format = string_at(r, PRINT_FMT), *p;
	const struct dat_field *buf = &r->format->field[PRINT_BUF];
	struct dat_field argument = { .present = true, .offset = buf->offset, .size = 4 };
	uint64_t value;

	if (!format || strncmp(format, MARK_TEXT, sizeof(MARK_TEXT) - 1) != 0)
		return false;
	p = format + sizeof(MARK_TEXT) - 1;
	if (*p != '%')
		return mark_in(format, strlen(format), ev);
	for (p++; *p == 'l'; p++)
		argument.size = r->format->field[PRINT_FMT].size;
	if ((*p != 'd' && *p != 'u' && *p != 'i') || !number(r, &argument, &value))
		return false;
	ev->addr = value;
	return true;
}

static bool is_mark(const struct record *r, struct kmr_event *ev)
{
	const struct dat_field *buf = &r->format->field[PRINT_BUF];
	const char *text;

	switch (r->format->mark) {
	case DAT_BPRINT:
		return buf->present && bprint_mark(r, ev);
	case DAT_BPUTS:
		text = string_at(r, PRINT_STR);
		return text && mark_in(text, strlen(text), ev);
	default:
		if (!buf->present || buf->offset >= r->len)
			return false;
		text = (const char *)r->bytes + buf->offset;
		return mark_in(text, strnlen(text, r->len - buf->offset), ev);
	}
}

static uint8_t context(uint64_t flags)
{
	if (flags & FLAG_NMI)
		return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_NMI;
	if (flags & FLAG_HARDIRQ)
		return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_HARDIRQ;
	if (flags & FLAG_SOFTIRQ)
		return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_SOFTIRQ;
	return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_TASK;
}

/* "comm-pid", where the trace does not know the comm as the kernel prints it then. */
static void intern_task(struct dat_decoder *d, uint64_t pid, struct kmr_event *ev)
{
	struct dat_names *names = d->names;
	uint32_t at = kmr_ptrmap_get(&names->comm_of, pid + 1), id;
	const char *comm = at ? names->comms + at - 1 : pid ? "<...>" : "<idle>";
	size_t len = strcspn(comm, "\n");
	char task[128];

	id = kmr_ptrmap_get(&names->task_of, pid + 1);
	if (id) {
		ev->task = (uint16_t)(id - 1);
		return;
	}
	while (len && (*comm == ' ' || *comm == '\t')) {
		comm++;
		len--;
	}
	while (len && (comm[len - 1] == ' ' || comm[len - 1] == '\t'))
		len--;
	(void)snprintf(task, sizeof(task), "%.*s-%" PRIu64, (int)(len < 64 ? len : 64), comm, pid);
	if (kmr_strtab_intern(&d->text->tasks, task, strlen(task), &id))
		d->text->decoder.nomem = true;
	ev->task = id ? (uint16_t)id : UINT16_MAX;
	if (kmr_ptrmap_put(&names->task_of, pid + 1, (uint32_t)ev->task + 1))
		d->text->decoder.nomem = true;
}

enum text_kind dat_decode(struct dat_decoder *d, const uint8_t *record, uint32_t len,
			  struct kmr_event *ev, struct text_problem *problem)
{
	const struct dat_formats *formats = &d->names->formats;
	struct record r = { .d = d, .bytes = record, .len = len };
	uint64_t type, flags, pid;
	uint8_t index;

	problem->type = KMR_EV_NONE;
	problem->reason = "shorter than the fields of all events";
	if (!number(&r, &formats->type, &type) || !number(&r, &formats->flags, &flags) ||
	    !number(&r, &formats->pid, &pid))
		return TEXT_MALFORMED;
	ev->flags = context(flags);
	intern_task(d, pid & UINT32_MAX, ev);
	index = type <= UINT16_MAX ? formats->by_id[type] : 0;
	if (d->text->decoder.nomem)
		return TEXT_NOMEM;
	if (!index)
		return TEXT_FOREIGN;
	r.format = &formats->format[index - 1];
	ev->type = (uint8_t)r.format->type;
	ev->node = -1;
	if (r.format->mark)
		return is_mark(&r, ev) ? TEXT_EVENT : TEXT_FOREIGN;
	d->text->decoder.seen |= r.format->seen;
	problem->type = r.format->type;
	problem->reason = fill_fields(&r, ev);
	if (d->text->decoder.nomem)
		return TEXT_NOMEM;
	return problem->reason ? TEXT_MALFORMED : TEXT_EVENT;
}

int dat_names_comms(struct dat_names *names, char *text, size_t len)
{
	char *end = text + len;

	names->comms = text;
	for (char *line = text; line < end;) {
		char *newline = memchr(line, '\n', (size_t)(end - line)), *comm;
		const unsigned long pid = strtoul(line, &comm, 10);

		if (comm > line && *comm == ' ' && pid <= UINT32_MAX &&
		    kmr_ptrmap_put(&names->comm_of, (uint64_t)pid + 1,
				   (uint32_t)(comm + 1 - text) + 1))
			return -1;
		line = newline ? newline + 1 : end;
	}
	return 0;
}

void dat_names_fini(struct dat_names *names)
{
	dat_formats_fini(&names->formats);
	symbols_fini(&names->symbols);
	symbols_fini(&names->strings);
	free(names->comms);
	kmr_ptrmap_fini(&names->comm_of);
	kmr_ptrmap_fini(&names->task_of);
	kmr_ptrmap_fini(&names->site_of);
}
