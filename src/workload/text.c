// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events as the trace file of tracefs has them (kernel/trace/trace_output.c; formats of the events:
 * include/trace/events/kmem.h and cma.h of 6.1), with times to the nanosecond.  Events that no
 * kernel has are called kmr_*.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "workload/spec.h"

#define TASK_COLUMNS 32u /* "%16s-%-7d " and more */
#define GFP_BYTES    1024u /* all canonical names together take less */
#define GFP_SLOTS    64u

/* A line without its strings, of which a line has two at most and flags. */
#define LINE_REST  256u
#define LINE_BYTES (LINE_REST + TASK_COLUMNS + LOAD_SITE + LOAD_NAME + GFP_BYTES)

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

struct kmr_workload_text {
	const struct kmr_workload *workload;
	const struct kmr_workload_stream *stream;
	char (*tasks)[TASK_COLUMNS]; /* by id; "": not made yet */
	struct gfp_text gfp[GFP_SLOTS];
	char *buf;
};

int kmr_workload_text_open(struct kmr_workload_text **out, const struct kmr_workload *workload,
			   const struct kmr_workload_stream *stream, struct kmr_error *err)
{
	struct kmr_workload_text *t = calloc(1, sizeof(*t));

	*out = t;
	if (t) {
		t->workload = workload;
		t->stream = stream;
		t->tasks = calloc((size_t)UINT16_MAX + 1, sizeof(*t->tasks));
		t->buf = malloc((size_t)KMR_WORKLOAD_TEXT_EVENTS * LINE_BYTES);
	}
	if (t && t->tasks && t->buf)
		return 0;
	kmr_workload_text_close(t);
	*out = NULL;
	return kmr_fail_nomem(err, "the text of a workload");
}

void kmr_workload_text_close(struct kmr_workload_text *t)
{
	if (!t)
		return;
	free(t->tasks);
	free(t->buf);
	free(t);
}

const char *kmr_workload_text_head(struct kmr_workload_text *t, size_t *len)
{
	const struct kmr_workload *w = t->workload;
	char machine[sizeof(w->machine) + 32] = "";
	int n;

	if (w->preset)
		(void)snprintf(machine, sizeof(machine), "# kmreplay: machine %s\n", w->machine);
	n = snprintf(t->buf, (size_t)KMR_WORKLOAD_TEXT_EVENTS * LINE_BYTES,
		     "# tracer: nop\n"
		     "#\n"
		     "# kmreplay: made up by the workload %s: page frames and pointers are names\n"
		     "%s"
		     "#\n"
		     "#                                _-----=> irqs-off/BH-disabled\n"
		     "#                               / _----=> need-resched\n"
		     "#                              | / _---=> hardirq/softirq\n"
		     "#                              || / _--=> preempt-depth\n"
		     "#                              ||| / _-=> migrate-disable\n"
		     "#                              |||| /     delay\n"
		     "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
		     "#              | |         |   |||||     |         |\n",
		     w->name, machine);
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
	return put(p, text, strlen(text));
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

static inline char *put_pointer(const struct kmr_workload_text *t, char *p, uint64_t value)
{
	return put_hex(p, value, t->workload->pointer_bits / 4);
}

/* "            comm-1000    " */
static const char *task_columns(struct kmr_workload_text *t, uint16_t id)
{
	char *columns = t->tasks[id];
	const char *name, *pid;

	if (columns[0])
		return columns;
	name = kmr_workload_stream_task(t->stream, id);
	pid = strrchr(name, '-');
	(void)snprintf(columns, TASK_COLUMNS, "%16.*s-%-7.7s ", pid ? (int)(pid - name) : 0, name,
		       pid ? pid + 1 : "0");
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

/* Everything in front of the event's fields. */
static char *put_columns(struct kmr_workload_text *t, char *p, const struct kmr_event *ev)
{
	p = put_string(p, task_columns(t, ev->task));
	*p++ = '[';
	p = put_digits(p, ev->cpu, 3);
	p = PUT(p, "] ..");
	*p++ = context_letter(ev);
	p = PUT(p, ".. ");
	p = put_time(p, ev->time);
	p = PUT(p, ": ");
	p = put_string(p, kmr_event_name(ev->type));
	return PUT(p, ": ");
}

static char *put_gfp(struct kmr_workload_text *t, char *p, uint32_t gfp)
{
	struct gfp_text *slot = &t->gfp[(gfp * UINT32_C(0x9e3779b1)) >> 26];

	if (!slot->len || slot->gfp != gfp) {
		(void)kmr_gfp_format(gfp, slot->text, sizeof(slot->text));
		slot->len = (uint32_t)strlen(slot->text);
		slot->gfp = gfp;
	}
	p = PUT(p, " gfp_flags=");
	return put(p, slot->text, slot->len);
}

static char *put_struct_page(const struct kmr_workload_text *t, char *p, uint64_t pfn)
{
	const uint64_t offset = pfn * STRUCT_PAGE_32 & MEM_MAP_32_MASK;

	p = PUT(p, "page=");
	return put_pointer(t, p,
			   t->workload->pointer_bits == 32 ? MEM_MAP_32 + offset
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

static char *put_page(struct kmr_workload_text *t, char *p, const struct kmr_event *ev)
{
	p = put_struct_page(t, p, ev->addr);
	*p++ = ' ';
	p = put_pfn(p, ev->addr);
	p = PUT(p, " order=");
	p = put_number(p, ev->page.order);
	if (ev->type != KMR_EV_PAGE_ALLOC)
		return p;
	p = PUT(p, " migratetype=");
	p = put_number(p, ev->page.migratetype);
	return put_own_node(put_gfp(t, p, ev->gfp), ev->node);
}

static char *put_object(struct kmr_workload_text *t, char *p, const struct kmr_event *ev)
{
	p = PUT(p, "call_site=");
	p = put_string(p, kmr_workload_stream_site(t->stream, ev->site));
	p = PUT(p, " ptr=");
	p = put_pointer(t, p, ev->addr);
	if (ev->type == KMR_EV_KMALLOC || ev->type == KMR_EV_CACHE_ALLOC) {
		p = PUT(p, " bytes_req=");
		p = put_number(p, ev->bytes.req);
		p = PUT(p, " bytes_alloc=");
		p = put_number(p, ev->bytes.alloc);
		p = put_gfp(t, p, ev->gfp);
		p = put_node(p, ev->node);
		p = PUT(p, " accounted=");
		p = put_string(p, ev->flags & KMR_EVF_ACCOUNTED ? "true" : "false");
	}
	if (!ev->cache)
		return p;
	p = PUT(p, " name=");
	return put_string(p, kmr_workload_stream_cache(t->stream, ev->cache));
}

static char *put_vmalloc(struct kmr_workload_text *t, char *p, const struct kmr_event *ev)
{
	p = PUT(p, "ptr=");
	p = put_pointer(t, p, ev->addr);
	if (ev->type == KMR_EV_VFREE)
		return p;
	p = PUT(p, " bytes=");
	p = put_number(p, ev->size);
	return put_own_node(put_gfp(t, p, ev->gfp), ev->node);
}

static char *put_cma(const struct kmr_workload_text *t, char *p, const struct kmr_event *ev)
{
	p = PUT(p, "name=");
	p = put_string(p, kmr_workload_stream_cache(t->stream, ev->cache));
	*p++ = ' ';
	p = put_pfn(p, ev->addr);
	*p++ = ' ';
	p = put_struct_page(t, p, ev->addr);
	p = PUT(p, " count=");
	p = put_number(p, ev->size);
	return ev->type == KMR_EV_CMA_ALLOC ? PUT(p, " align=0 errorno=0") : p;
}

static char *put_block(char *p, const struct kmr_event *ev)
{
	p = put_pfn(p, ev->addr);
	p = PUT(p, " pages=");
	p = put_number(p, ev->block.pages);
	if (ev->type != KMR_EV_MEM_ONLINE || ev->block.zone == KMR_EV_ANY_ZONE)
		return p;
	p = PUT(p, " zone=");
	return put_string(p, kmr_zone_name((enum kmr_zone_type)ev->block.zone));
}

static char *put_hugepages(char *p, const struct kmr_event *ev)
{
	p = PUT(p, "nr=");
	p = put_number(p, ev->size);
	return put_node(p, ev->node);
}

static char *put_fields(struct kmr_workload_text *t, char *p, const struct kmr_event *ev)
{
	switch (ev->type) {
	case KMR_EV_PAGE_ALLOC:
	case KMR_EV_PAGE_FREE:
		return put_page(t, p, ev);
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
	default:
		return put_hugepages(p, ev);
	}
}

const char *kmr_workload_text_events(struct kmr_workload_text *t, const struct kmr_event *events,
				     size_t count, size_t *len)
{
	char *p = t->buf;

	for (size_t i = 0; i < count && i < KMR_WORKLOAD_TEXT_EVENTS; i++) {
		p = put_columns(t, p, &events[i]);
		p = put_fields(t, p, &events[i]);
		*p++ = '\n';
	}
	*len = (size_t)(p - t->buf);
	return t->buf;
}
