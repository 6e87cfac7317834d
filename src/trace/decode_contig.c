// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of contiguous memory (include/trace/events/cma.h), and what no kernel event tells, by
 * kmreplay's own names: memory that comes and goes, the pool of huge pages.
 */
#include <string.h>

#include "trace/fields.h"

/* The area's name, which events have since 5.13. */
static void take_area(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *end;
	uint32_t id = 0;

	if (!KEY(f, "name="))
		return;
	end = scan_word_end(f->at);
	if (end > f->at && kmr_strtab_intern(&d->caches, f->at, (size_t)(end - f->at), &id))
		d->nomem = true;
	ev->cache = (uint16_t)id;
	f->at = end;
}

/* pfn= is hexadecimal, without "0x" in some versions; a request that failed has no page. */
const char *decode_cma(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	enum pointer page = POINTER_HIDDEN;
	uint64_t address, value;
	int64_t error = 0;

	take_area(d, f, ev);
	if (!KEY(f, "pfn="))
		return "no pfn=";
	if (!take_hex(f, &ev->addr))
		return "bad pfn=";
	if (KEY(f, "page=")) {
		page = take_pointer(d, f, &address);
		if (page == POINTER_BAD)
			return "bad page=";
	}
	if (!KEY(f, "count="))
		return "no count=";
	if (!take_number(f, &ev->size))
		return "bad count=";
	if (LAST(f, "align=")) {
		if (!take_number(f, &value) || value > UINT32_MAX)
			return "bad align=";
		ev->align = (uint32_t)value;
	}
	/* 6.12 has it, 6.1 has not */
	if (LAST(f, "errorno=") && !take_signed(f, &error))
		return "bad errorno=";
	if (page == POINTER_NULL || error) {
		if (ev->type != KMR_EV_CMA_ALLOC)
			return "no page";
		ev->addr = KMR_EV_NO_PFN;
		return NULL;
	}
	return ev->addr < MAX_PFN ? NULL : "pfn= out of range";
}

static const char *const zone_names[] = { "DMA", "DMA32", "Normal", "HighMem", "Movable" };

#define NR_ZONE_NAMES (sizeof(zone_names) / sizeof(zone_names[0]))

const char *decode_zone_name(uint32_t zone)
{
	return zone < NR_ZONE_NAMES ? zone_names[zone] : "default";
}

/*
 * zone=Movable, or zone=default: the one that the kernel chooses if it is not told.  Numbers are
 * those of enum kmr_zone_type.
 */
static const char *take_zone(struct fields *f, struct kmr_event *ev)
{
	const char *word = f->at;
	const size_t len = (size_t)(scan_word_end(word) - word);

	f->at = word + len;
	if (len == strlen("default") && !memcmp(word, "default", len))
		return NULL;
	for (uint32_t zone = 0; zone < NR_ZONE_NAMES; zone++)
		if (strlen(zone_names[zone]) == len && !memcmp(word, zone_names[zone], len)) {
			ev->block.zone = zone;
			return NULL;
		}
	return "bad zone=";
}

static const char *take_optional_node(struct fields *f, struct kmr_event *ev)
{
	int64_t node = -1;

	if (LAST(f, "node=") && (!take_signed(f, &node) || node < -1 || node > INT8_MAX))
		return "bad node=";
	ev->node = (int8_t)node;
	return NULL;
}

const char *decode_memory_block(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	const char *wrong = NULL;

	(void)d;
	if (!KEY(f, "pfn="))
		return "no pfn=";
	if (!take_number(f, &ev->addr) || ev->addr >= MAX_PFN)
		return "bad pfn=";
	if (!KEY(f, "pages="))
		return "no pages=";
	if (!take_u32(f, &ev->block.pages))
		return "bad pages=";
	ev->block.zone = KMR_EV_ANY_ZONE;
	if (ev->type == KMR_EV_MEM_ONLINE && LAST(f, "zone="))
		wrong = take_zone(f, ev);
	return wrong ? wrong : take_optional_node(f, ev);
}

const char *decode_hugepages(struct decoder *d, struct fields *f, struct kmr_event *ev)
{
	(void)d;
	if (!KEY(f, "nr="))
		return "no nr=";
	if (!take_number(f, &ev->size))
		return "bad nr=";
	return take_optional_node(f, ev);
}
