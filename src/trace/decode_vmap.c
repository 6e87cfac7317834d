// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fields of events about the kernel's address space (include/trace/events/vmalloc.h), and of what
 * workloads ask for there.
 */
#include "trace/fields.h"

/* No kernel has more addresses for itself. */
#define MAX_AREA ((UINT64_C(1) << 48) - 1)

bool decoder_range(const struct decoder *d, uint32_t id, uint64_t *start, uint64_t *end)
{
	if (!id || id > d->nr_ranges)
		return false;
	*start = d->ranges[id - 1][0];
	*end = d->ranges[id - 1][1];
	return true;
}

/* 0 when there are too many. */
static uint32_t intern_range(struct decoder *d, uint64_t start, uint64_t end)
{
	for (uint32_t i = 0; i < d->nr_ranges; i++)
		if (d->ranges[i][0] == start && d->ranges[i][1] == end)
			return i + 1;
	if (d->nr_ranges == MAX_RANGES)
		return 0;
	d->ranges[d->nr_ranges][0] = start;
	d->ranges[d->nr_ranges][1] = end;
	return ++d->nr_ranges;
}

bool decode_area_size(struct kmr_event *ev, uint64_t bytes)
{
	if (bytes > MAX_AREA)
		return false;
	ev->area.bytes = bytes & MAX_AREA;
	return true;
}

bool decode_area_align(struct kmr_event *ev, uint64_t align)
{
	if (!align || align & (align - 1))
		return false;
	ev->area.align_order = (unsigned int)__builtin_ctzll(align) & 63u;
	return true;
}

void decode_area_range(struct decoder *d, struct kmr_event *ev, uint64_t start, uint64_t end)
{
	ev->area.range = intern_range(d, start, end) & 1023u;
}

/* align=, vstart= and vend=, which a trace put together by other means may lack. */
static const char *take_constraints(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	uint64_t align, start, end;

	if (LAST(f, "align=")) {
		if (!take_number(f, &align) || !decode_area_align(ev, align))
			return "bad align=";
	}
	if (!LAST(f, "vstart="))
		return NULL;
	if (!take_number(f, &start))
		return "bad vstart=";
	if (!KEY(f, "vend="))
		return "no vend=";
	if (!take_number(f, &end))
		return "bad vend=";
	decode_area_range(d, ev, start, end);
	return NULL;
}

const char *decode_vmap_alloc(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	uint64_t size, failed = 0;
	const char *wrong;

	/* "addr=" is the field's name, which raw forms print */
	if (!KEY(f, "va_start:") && !KEY(f, "addr="))
		return "no va_start:";
	f->at = scan_blanks(f->at);
	if (!take_number(f, &ev->addr))
		return "bad va_start:";
	if (!KEY(f, "size="))
		return "no size=";
	if (!take_number(f, &size) || !decode_area_size(ev, size))
		return "bad size=";
	wrong = take_constraints(d, f, ev);
	if (wrong)
		return wrong;
	if (!KEY(f, "failed="))
		return "no failed=";
	if (!take_number(f, &failed))
		return "bad failed=";
	if (failed)
		ev->addr = KMR_EV_NO_PFN;
	return NULL;
}

const char *decode_vmap_purge(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	uint64_t end;

	(void)d;
	if (!KEY(f, "start="))
		return "no start=";
	if (!take_number(f, &ev->addr))
		return "bad start=";
	if (!KEY(f, "end="))
		return "no end=";
	if (!take_number(f, &end))
		return "bad end=";
	/* nothing purged leaves start above end: mm/vmalloc.c, __purge_vmap_area_lazy() */
	ev->size = end > ev->addr ? end - ev->addr : 0;
	return NULL;
}

const char *decode_vmap_free(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	if (!KEY(f, "va_start="))
		return "no va_start=";
	if (!take_number(f, &ev->addr))
		return "bad va_start=";
	if (!KEY(f, "nr_lazy="))
		return "no nr_lazy=";
	return take_number(f, &ev->size) ? NULL : "bad nr_lazy=";
}

/* ptr=, a name that a workload has for what it asked for: any number, in hexadecimal. */
static const char *take_name(struct fields *f, struct kmr_event *ev)
{
	const char *end;

	if (!KEY(f, "ptr="))
		return "no ptr=";
	end = scan_hex(scan_has_0x(f->at) ? f->at + 2 : f->at, &ev->addr);
	if (!end || !scan_number_ends(*end))
		return "bad ptr=";
	f->at = end;
	return NULL;
}

const char *decode_vfree(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	return take_name(f, ev);
}

const char *decode_vmalloc(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *wrong = take_name(f, ev);

	if (wrong)
		return wrong;
	if (!KEY(f, "bytes="))
		return "no bytes=";
	if (!take_number(f, &ev->size))
		return "bad bytes=";
	if (!KEY(f, "gfp_flags="))
		return "no gfp_flags=";
	decode_gfp(d, f, ev);
	return LAST(f, "node=") ? take_node(f, ev) : NULL;
}

const char *decode_kmap(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	if (!KEY(f, "pfn="))
		return "no pfn=";
	if (!take_number(f, &ev->addr))
		return "bad pfn=";
	return ev->addr < MAX_PFN ? NULL : "pfn= out of range";
}
