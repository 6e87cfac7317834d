// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events as the trace file of tracefs has them (kernel/trace/trace_output.c; formats of the events:
 * include/trace/events/{kmem,compaction,vmscan,cma}.h of 6.1 and vmalloc.h of 6.12), with times to
 * the nanosecond.  Events that no kernel has are called kmr_*.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/convert.h"
#include "kmreplay/gfp.h"
#include "trace/decode.h"

#define TASK_COLUMNS 160u /* "%16s-%-7d ", and what no kernel has */
#define GFP_BYTES    1024u /* all canonical names together take less */
#define GFP_SLOTS    64u

/* What a line takes: two strings at most, each no longer than readers keep them, and flags. */
#define STRING_BYTES 512u
#define LINE_BYTES   (TASK_COLUMNS + 2 * STRING_BYTES + GFP_BYTES + 512u)

#define SECOND UINT64_C(1000000000)

/* Where a kernel has its array of struct page, and how large one is. */
#define MEM_MAP_64	UINT64_C(0xffffea0000000000)
#define MEM_MAP_32	UINT64_C(0xc1000000)
#define STRUCT_PAGE_64	64u
#define STRUCT_PAGE_32	32u
#define MEM_MAP_32_MASK UINT64_C(0x1fffffff)

struct gfp_text {
	uint32_t gfp;
	uint32_t len; /* 0: the slot is empty */
	char text[GFP_BYTES];
};

struct kmr_text_writer {
	struct kmr_text_names names;
	unsigned int pointer_bits;
	char (*tasks)[TASK_COLUMNS]; /* by id; "": not made yet */
	struct gfp_text gfp[GFP_SLOTS];
	char *buf;
};

int kmr_text_writer_open(struct kmr_text_writer **out, const struct kmr_text_names *names,
			 unsigned int pointer_bits, struct kmr_error *err)
{
	struct kmr_text_writer *t = calloc(1, sizeof(*t));

	*out = t;
	if (t) {
		t->names = *names;
		t->pointer_bits = pointer_bits;
		t->tasks = calloc((size_t)UINT16_MAX + 1, sizeof(*t->tasks));
		t->buf = malloc((size_t)KMR_TEXT_EVENTS * LINE_BYTES);
	}
	if (t && t->tasks && t->buf)
		return 0;
	kmr_text_writer_close(t);
	*out = NULL;
	return kmr_fail_nomem(err, "the text of events");
}

void kmr_text_writer_close(struct kmr_text_writer *t)
{
	if (!t)
		return;
	free(t->tasks);
	free(t->buf);
	free(t);
}

const char *kmr_text_writer_head(struct kmr_text_writer *t, const char *comment, size_t *len)
{
	const int n = snprintf(t->buf, (size_t)KMR_TEXT_EVENTS * LINE_BYTES,
			       "# tracer: nop\n"
			       "#\n"
			       "%s"
			       "#                                _-----=> irqs-off/BH-disabled\n"
			       "#                               / _----=> need-resched\n"
			       "#                              | / _---=> hardirq/softirq\n"
			       "#                              || / _--=> preempt-depth\n"
			       "#                              ||| / _-=> migrate-disable\n"
			       "#                              |||| /     delay\n"
			       "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
			       "#              | |         |   |||||     |         |\n",
			       comment);

	*len = n > 0 ? (size_t)n : 0;
	return t->buf;
}

static inline char *put(char *p, const char *text, size_t len)
{
	memcpy(p, text, len);
	return p + len;
}

#define PUT(p, text) put(p, text, sizeof(text) - 1)

static inline char *put_string(char *p, const char *text)
{
	return put(p, text, strnlen(text, STRING_BYTES));
}

/* Decimal digits, @width of them at least, zeroes in front. */
static inline char *put_digits(char *p, uint64_t value, unsigned int width)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[sizeof(digits) - ++n] = (char)('0' + value % 10);
		value /= 10;
	} while (value || n < width);
	return put(p, digits + sizeof(digits) - n, n);
}

static inline char *put_number(char *p, uint64_t value)
{
	return put_digits(p, value, 1);
}

/* Hexadecimal digits, @width of them at least. */
static inline char *put_hex(char *p, uint64_t value, unsigned int width)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned int used = value ? (67u - (unsigned int)__builtin_clzll(value)) / 4 : 1;
	const unsigned int n = used > width ? used : width;

	for (unsigned int i = n; i > 0; i--) {
		p[i - 1] = digits[value & 15];
		value >>= 4;
	}
	return p + n;
}

static inline char *put_pointer(const struct kmr_text_writer *t, char *p, uint64_t value)
{
	return put_hex(p, value, t->pointer_bits / 4);
}

/* "            comm-1000    " */
static const char *task_columns(struct kmr_text_writer *t, uint16_t id)
{
	char *columns = t->tasks[id];
	const char *name, *pid;

	if (columns[0])
		return columns;
	name = t->names.task(t->names.ctx, id);
	pid = strrchr(name, '-');
	if (!pid || pid == name)
		(void)snprintf(columns, TASK_COLUMNS, "%16s-%-7s ", "<...>", "0");
	else
		(void)snprintf(columns, TASK_COLUMNS, "%16.*s-%-7.20s ",
			       pid - name < 120 ? (int)(pid - name) : 120, name, pid + 1);
	return columns;
}

static char *put_time(char *p, uint64_t time)
{
	const uint64_t seconds = time / SECOND;
	uint64_t padding = 10000;

	while (padding > seconds && padding > 1) {
		*p++ = ' ';
		padding /= 10;
	}
	p = put_number(p, seconds);
	*p++ = '.';
	return put_digits(p, time % SECOND, 9);
}

/* kernel/trace/trace_output.c, trace_print_lat_fmt() */
static char context_letter(const struct kmr_event *ev)
{
	static const char letters[] = { [KMR_CTX_TASK] = '.',
					[KMR_CTX_SOFTIRQ] = 's',
					[KMR_CTX_HARDIRQ] = 'h',
					[KMR_CTX_NMI] = 'Z' };

	return letters[ev->flags & KMR_EVF_CONTEXT];
}

/* What stands before the event's fields; a trace without the irq-info column stays without it. */
static char *put_columns(struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	p = put_string(p, task_columns(t, ev->task));
	*p++ = '[';
	p = put_digits(p, ev->cpu, 3);
	p = PUT(p, "] ");
	if (ev->flags & KMR_EVF_CONTEXT_KNOWN) {
		p = PUT(p, "..");
		*p++ = context_letter(ev);
		p = PUT(p, ".. ");
	}
	p = put_time(p, ev->time);
	p = PUT(p, ": ");
	/* a marker is what a program writes to trace_marker */
	p = put_string(p,
		       ev->type == KMR_EV_MARK ? "tracing_mark_write" : kmr_event_name(ev->type));
	return PUT(p, ": ");
}

static char *put_gfp(struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	const uint32_t gfp = ev->gfp;
	struct gfp_text *slot = &t->gfp[(gfp * UINT32_C(0x9e3779b1)) >> 26];

	/* a trace can have the field empty */
	if (!gfp && !(ev->flags & KMR_EVF_GFP_KNOWN))
		return PUT(p, " gfp_flags=");
	if (!slot->len || slot->gfp != gfp) {
		(void)kmr_gfp_format(gfp, slot->text, sizeof(slot->text));
		slot->len = (uint32_t)strlen(slot->text);
		slot->gfp = gfp;
	}
	p = PUT(p, " gfp_flags=");
	return put(p, slot->text, slot->len);
}

static char *put_struct_page(const struct kmr_text_writer *t, char *p, uint64_t pfn)
{
	const uint64_t offset = pfn * STRUCT_PAGE_32 & MEM_MAP_32_MASK;

	p = PUT(p, "page=");
	return put_pointer(t, p,
			   t->pointer_bits == 32 ? MEM_MAP_32 + offset
						 : MEM_MAP_64 + pfn * STRUCT_PAGE_64);
}

static char *put_pfn(char *p, uint64_t pfn)
{
	p = PUT(p, "pfn=0x");
	return put_hex(p, pfn, 1);
}

static char *put_node(char *p, int node)
{
	p = PUT(p, " node=");
	return node < 0 ? PUT(p, "-1") : put_number(p, (uint64_t)node);
}

/* No kernel tells the node of these: it is there where one was asked for. */
static char *put_own_node(char *p, int node)
{
	return node < 0 ? p : put_node(p, node);
}

static char *put_migratetype(char *p, const char *key, uint8_t migratetype)
{
	p = put_string(p, key);
	return migratetype == KMR_MIGRATE_UNKNOWN ? PUT(p, "-1") : put_number(p, migratetype);
}

/* page= and pfn=; both zero stand for no page. */
static char *put_frame(const struct kmr_text_writer *t, char *p, uint64_t pfn)
{
	if (pfn == KMR_EV_NO_PFN) {
		p = PUT(p, "page=");
		p = put_pointer(t, p, 0);
		return PUT(p, " pfn=0x0");
	}
	p = put_struct_page(t, p, pfn);
	*p++ = ' ';
	return put_pfn(p, pfn);
}

/* Nor does a kernel tell these. */
static char *put_policy(char *p, const struct kmr_event *ev)
{
	switch (ev->flags & KMR_EVF_POLICY) {
	case KMR_POLICY_NONE:
		return p;
	case KMR_POLICY_INTERLEAVE:
		return PUT(p, " policy=interleave");
	case KMR_POLICY_BIND:
		p = PUT(p, " policy=bind nodes=0x");
		break;
	default:
		p = PUT(p, " policy=preferred_many nodes=0x");
		break;
	}
	return put_hex(p, ev->page.nodes, 1);
}

static char *put_page(struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	p = put_frame(t, p, ev->addr);
	p = PUT(p, " order=");
	p = put_number(p, ev->page.order);
	if (ev->type == KMR_EV_PAGE_FREE || ev->type == KMR_EV_PAGE_FREE_BATCHED)
		return p;
	p = put_migratetype(p, " migratetype=", ev->page.migratetype);
	if (ev->type == KMR_EV_PAGE_ALLOC)
		return put_policy(put_own_node(put_gfp(t, p, ev), ev->node), ev);
	if (ev->type == KMR_EV_PAGE_REFILL)
		p = put_string(p, ev->flags & KMR_EVF_PERCPU_REFILL ? " percpu_refill=1"
								    : " percpu_refill=0");
	return p;
}

static char *put_extfrag(const struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	p = put_frame(t, p, ev->addr);
	p = PUT(p, " alloc_order=");
	p = put_number(p, ev->page.order);
	p = PUT(p, " fallback_order=");
	p = put_number(p, ev->page.fallback_order);
	p = put_migratetype(p, " alloc_migratetype=", ev->page.migratetype);
	p = put_migratetype(p, " fallback_migratetype=", ev->page.fallback_migratetype);
	return put_string(p, ev->flags & KMR_EVF_CHANGE_OWNER ? " change_ownership=1"
							      : " change_ownership=0");
}

static char *put_object(struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	const char *site = t->names.site(t->names.ctx, ev->site);

	p = PUT(p, "call_site=");
	p = put_string(p, *site ? site : "0x0");
	p = PUT(p, " ptr=");
	p = put_pointer(t, p, ev->addr);
	if (ev->type == KMR_EV_KMALLOC || ev->type == KMR_EV_CACHE_ALLOC) {
		p = PUT(p, " bytes_req=");
		p = put_number(p, ev->bytes.req);
		p = PUT(p, " bytes_alloc=");
		p = put_number(p, ev->bytes.alloc);
		p = put_gfp(t, p, ev);
		p = put_node(p, ev->node);
		p = PUT(p, " accounted=");
		p = put_string(p, ev->flags & KMR_EVF_ACCOUNTED ? "true" : "false");
	}
	if (!ev->cache)
		return p;
	p = PUT(p, " name=");
	return put_string(p, t->names.cache(t->names.ctx, ev->cache));
}

static char *put_vmalloc(struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	p = PUT(p, "ptr=");
	p = put_pointer(t, p, ev->addr);
	if (ev->type == KMR_EV_VFREE)
		return p;
	p = PUT(p, " bytes=");
	p = put_number(p, ev->size);
	return put_own_node(put_gfp(t, p, ev), ev->node);
}

static char *put_cma(const struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	p = PUT(p, "name=");
	p = put_string(p, t->names.cache(t->names.ctx, ev->cache));
	*p++ = ' ';
	if (ev->addr == KMR_EV_NO_PFN) {
		p = PUT(p, "pfn=0x0 page=");
		p = put_pointer(t, p, 0);
	} else {
		p = put_pfn(p, ev->addr);
		*p++ = ' ';
		p = put_struct_page(t, p, ev->addr);
	}
	p = PUT(p, " count=");
	p = put_number(p, ev->size);
	if (ev->type != KMR_EV_CMA_ALLOC)
		return p;
	p = PUT(p, " align=");
	p = put_number(p, ev->align);
	return put_string(p, ev->addr == KMR_EV_NO_PFN ? " errorno=-12" : " errorno=0");
}

static char *put_area(const struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	const bool failed = ev->addr == KMR_EV_NO_PFN;
	uint64_t start, end;

	p = PUT(p, "va_start: ");
	p = put_number(p, failed ? 0 : ev->addr);
	p = PUT(p, " size=");
	p = put_number(p, ev->area.bytes);
	p = PUT(p, " align=");
	p = put_number(p, UINT64_C(1) << ev->area.align_order);
	if (t->names.range && t->names.range(t->names.ctx, ev->area.range, &start, &end)) {
		p = PUT(p, " vstart=0x");
		p = put_hex(p, start, 1);
		p = PUT(p, " vend=0x");
		p = put_hex(p, end, 1);
	}
	return put_string(p, failed ? " failed=1" : " failed=0");
}

static char *put_range(char *p, const char *from, uint64_t start, const char *to, uint64_t end)
{
	p = put_string(p, from);
	p = put_hex(p, start, 1);
	p = put_string(p, to);
	return put_hex(p, end, 1);
}

static char *put_counts(char *p, const char *first, uint64_t a, const char *second, uint64_t b)
{
	p = put_string(p, first);
	p = put_number(p, a);
	p = put_string(p, second);
	return put_number(p, b);
}

/* What compaction and reclaim say. */
static char *put_pressure(struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	switch (ev->type) {
	case KMR_EV_COMPACT_BEGIN:
	case KMR_EV_COMPACT_END:
		p = put_hex(PUT(p, "zone_start=0x"), ev->addr, 1);
		return put_range(p, " migrate_pfn=0x", ev->scanners.migrate_pfn, " free_pfn=0x",
				 ev->scanners.free_pfn);
	case KMR_EV_COMPACT_FAST_FREE:
	case KMR_EV_COMPACT_ISOLATE_FREE:
	case KMR_EV_COMPACT_ISOLATE_MIGRATE:
		p = put_range(p, "range=(0x", ev->addr, " ~ 0x", ev->end);
		return put_counts(p, ") nr_scanned=", ev->scan.scanned,
				  " nr_taken=", ev->scan.taken);
	case KMR_EV_COMPACT_MIGRATE:
		return put_counts(p, "nr_migrated=", ev->scan.taken,
				  " nr_failed=", ev->scan.scanned);
	case KMR_EV_KSWAPD_WAKE:
		return put_counts(p, "nid=", (uint64_t)ev->node, " order=", ev->page.order);
	case KMR_EV_KSWAPD_SLEEP:
		return put_number(PUT(p, "nid="), (uint64_t)ev->node);
	case KMR_EV_KSWAPD_CALL:
		p = put_counts(p, "nid=", (uint64_t)ev->node, " order=", ev->page.order);
		return put_gfp(t, p, ev);
	case KMR_EV_COMPACT_SUITABLE:
		p = put_number(PUT(p, "node="), (uint64_t)ev->node);
		if (ev->page.order == KMR_EV_WHOLE_ZONE)
			return PUT(p, " order=-1");
		return put_number(PUT(p, " order="), ev->page.order);
	case KMR_EV_SHRINK_SLAB:
		return p;
	case KMR_EV_LRU_ISOLATE:
		return put_number(PUT(p, "classzone="), ev->size);
	case KMR_EV_RECLAIM_BEGIN:
		return put_gfp(t, put_number(PUT(p, "order="), ev->page.order), ev);
	default:
		return put_number(PUT(p, "nr_reclaimed="), ev->size);
	}
}

static char *put_block(char *p, const struct kmr_event *ev)
{
	p = put_pfn(p, ev->addr);
	p = PUT(p, " pages=");
	p = put_number(p, ev->block.pages);
	if (ev->type != KMR_EV_MEM_ONLINE || ev->block.zone == KMR_EV_ANY_ZONE)
		return p;
	p = PUT(p, " zone=");
	return put_string(p, decode_zone_name(ev->block.zone));
}

static char *put_hugepages(char *p, const struct kmr_event *ev)
{
	p = PUT(p, "nr=");
	p = put_number(p, ev->size);
	return put_node(p, ev->node);
}

static char *put_fields(struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	switch (ev->type) {
	case KMR_EV_PAGE_ALLOC:
	case KMR_EV_PAGE_FREE:
	case KMR_EV_PAGE_FREE_BATCHED:
	case KMR_EV_PAGE_REFILL:
	case KMR_EV_PAGE_DRAIN:
		return put_page(t, p, ev);
	case KMR_EV_PAGE_EXTFRAG:
		return put_extfrag(t, p, ev);
	case KMR_EV_VMAP_ALLOC:
		return put_area(t, p, ev);
	case KMR_EV_VMAP_PURGE:
		return put_range(p, "start=0x", ev->addr, " end=0x", ev->addr + ev->size);
	case KMR_EV_VMAP_FREE:
		p = PUT(p, "va_start=0x");
		return put_counts(put_hex(p, ev->addr, 1), " nr_lazy=", ev->size,
				  " nr_lazy_max=", 0);
	case KMR_EV_KMALLOC:
	case KMR_EV_KFREE:
	case KMR_EV_CACHE_ALLOC:
	case KMR_EV_CACHE_FREE:
		return put_object(t, p, ev);
	case KMR_EV_VMALLOC:
	case KMR_EV_VFREE:
		return put_vmalloc(t, p, ev);
	case KMR_EV_KMAP:
	case KMR_EV_KUNMAP:
	case KMR_EV_KMAP_LOCAL:
	case KMR_EV_KUNMAP_LOCAL:
		return put_pfn(p, ev->addr);
	case KMR_EV_CMA_ALLOC:
	case KMR_EV_CMA_RELEASE:
		return put_cma(t, p, ev);
	case KMR_EV_MEM_ONLINE:
	case KMR_EV_MEM_OFFLINE:
		return put_block(p, ev);
	case KMR_EV_HUGEPAGES:
		return put_hugepages(p, ev);
	default:
		return put_pressure(t, p, ev);
	}
}

/* "CPU:1 [LOST 12 EVENTS]", as the kernel prints it between lines */
static char *put_lost(char *p, const struct kmr_event *ev)
{
	p = put_number(PUT(p, "CPU:"), ev->cpu);
	p = PUT(p, " [LOST ");
	if (ev->addr)
		p = PUT(put_number(p, ev->addr), " ");
	return PUT(p, "EVENTS]");
}

static char *put_line(struct kmr_text_writer *t, char *p, const struct kmr_event *ev)
{
	if (ev->type == KMR_EV_LOST)
		return put_lost(p, ev);
	p = put_columns(t, p, ev);
	if (ev->type == KMR_EV_MARK)
		return put_number(PUT(p, "kmsnap: "), ev->addr);
	return put_fields(t, p, ev);
}

const char *kmr_text_writer_events(struct kmr_text_writer *t, const struct kmr_event *events,
				   size_t count, size_t *len)
{
	char *p = t->buf;

	for (size_t i = 0; i < count && i < KMR_TEXT_EVENTS; i++) {
		p = put_line(t, p, &events[i]);
		*p++ = '\n';
	}
	*len = (size_t)(p - t->buf);
	return t->buf;
}
