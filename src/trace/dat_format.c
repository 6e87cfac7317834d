// SPDX-License-Identifier: GPL-2.0-only
#include "trace/dat_format.h"

#include <stdlib.h>
#include <string.h>

#include "trace/decode.h"

static const char *const no_fields[DAT_MAX_WANTED];

static const char *const page_fields[DAT_MAX_WANTED] = { "pfn", "order", "migratetype", "gfp_flags",
							 "percpu_refill" };
static const char *const extfrag_fields[DAT_MAX_WANTED] = { "pfn",
							    "alloc_order",
							    "fallback_order",
							    "alloc_migratetype",
							    "fallback_migratetype",
							    "change_ownership" };
static const char *const object_fields[DAT_MAX_WANTED] = { "call_site",	  "ptr",       "bytes_req",
							   "bytes_alloc", "gfp_flags", "node",
							   "accounted",	  "name" };
static const char *const free_fields[DAT_MAX_WANTED] = { "call_site", "ptr", "name" };
static const char *const area_fields[DAT_MAX_WANTED] = { "addr",   "size", "align",
							 "vstart", "vend", "failed" };
static const char *const purge_fields[DAT_MAX_WANTED] = { "start", "end" };
static const char *const lazy_fields[DAT_MAX_WANTED] = { "va_start", "nr_lazy" };
static const char *const zone_fields[DAT_MAX_WANTED] = { "zone_start", "migrate_pfn", "free_pfn" };
static const char *const scan_fields[DAT_MAX_WANTED] = { "start_pfn", "nr_scanned", "nr_taken",
							 "end_pfn" };
static const char *const migrate_fields[DAT_MAX_WANTED] = { "nr_migrated", "nr_failed" };
static const char *const kswapd_fields[DAT_MAX_WANTED] = { "nid", "order", "gfp_flags" };
static const char *const isolate_fields[DAT_MAX_WANTED] = { "highest_zoneidx" };
static const char *const reclaim_fields[DAT_MAX_WANTED] = { "order", "gfp_flags" };
static const char *const reclaimed_fields[DAT_MAX_WANTED] = { "nr_reclaimed" };
static const char *const cma_fields[DAT_MAX_WANTED] = { "pfn",	 "page",    "count",
							"align", "errorno", "name" };
static const char *const print_fields[DAT_MAX_WANTED] = { "buf", "fmt", "str" };

static const char *const *const wanted[KMR_EV_NR_TYPES] = {
	[KMR_EV_PAGE_ALLOC] = page_fields,
	[KMR_EV_PAGE_FREE] = page_fields,
	[KMR_EV_PAGE_FREE_BATCHED] = page_fields,
	[KMR_EV_PAGE_REFILL] = page_fields,
	[KMR_EV_PAGE_DRAIN] = page_fields,
	[KMR_EV_PAGE_EXTFRAG] = extfrag_fields,
	[KMR_EV_KMALLOC] = object_fields,
	[KMR_EV_CACHE_ALLOC] = object_fields,
	[KMR_EV_KFREE] = free_fields,
	[KMR_EV_CACHE_FREE] = free_fields,
	[KMR_EV_VMAP_ALLOC] = area_fields,
	[KMR_EV_VMAP_PURGE] = purge_fields,
	[KMR_EV_VMAP_FREE] = lazy_fields,
	[KMR_EV_COMPACT_BEGIN] = zone_fields,
	[KMR_EV_COMPACT_END] = zone_fields,
	[KMR_EV_COMPACT_ISOLATE_FREE] = scan_fields,
	[KMR_EV_COMPACT_ISOLATE_MIGRATE] = scan_fields,
	[KMR_EV_COMPACT_MIGRATE] = migrate_fields,
	[KMR_EV_KSWAPD_WAKE] = kswapd_fields,
	[KMR_EV_KSWAPD_SLEEP] = kswapd_fields,
	[KMR_EV_RECLAIM_BEGIN] = reclaim_fields,
	[KMR_EV_RECLAIM_END] = reclaimed_fields,
	[KMR_EV_KSWAPD_CALL] = kswapd_fields,
	[KMR_EV_COMPACT_SUITABLE] = kswapd_fields,
	[KMR_EV_LRU_ISOLATE] = isolate_fields,
	[KMR_EV_COMPACT_FAST_FREE] = scan_fields,
	[KMR_EV_CMA_ALLOC] = cma_fields,
	[KMR_EV_CMA_RELEASE] = cma_fields,
	[KMR_EV_MARK] = print_fields,
};

const char *const *dat_wanted(enum kmr_event_type type)
{
	return wanted[type] ? wanted[type] : no_fields;
}

/* "offset:8;" behind @from on the line that ends at @end */
static bool take_property(const char *from, const char *end, const char *key, uint32_t *value)
{
	const char *p = strstr(from, key);
	unsigned long v;

	if (!p || p >= end)
		return false;
	v = strtoul(p + strlen(key), NULL, 10);
	/* no record is longer than a sub-buffer */
	if (v > UINT32_C(1) << 20)
		return false;
	*value = (uint32_t)v;
	return true;
}

static bool is_name_char(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Does the declaration that ends at @end declare @name: "unsigned long pfn", "char buf[]"? */
static bool declares(const char *text, const char *end, const char *name)
{
	const size_t len = strlen(name);

	if (end > text && end[-1] == ']')
		while (end > text && *--end != '[')
			;
	return (size_t)(end - text) > len && !memcmp(end - len, name, len) &&
	       !is_name_char(end[-(ptrdiff_t)len - 1]);
}

/* The field that the line declares, ending at @end, if its name is @name. */
static bool read_field(const char *line, const char *end, const char *name, struct dat_field *field)
{
	const char *semicolon = memchr(line, ';', (size_t)(end - line));
	uint32_t is_signed = 0;

	if (!semicolon || !declares(line, semicolon, name))
		return false;
	if (!take_property(semicolon, end, "offset:", &field->offset) ||
	    !take_property(semicolon, end, "size:", &field->size))
		return false;
	(void)take_property(semicolon, end, "signed:", &is_signed);
	field->is_signed = is_signed != 0;
	field->data_loc = !strncmp(line, "__data_loc", 10);
	field->rel_loc = !strncmp(line, "__rel_loc", 9);
	field->present = true;
	return true;
}

struct dat_field dat_find_field(const char *text, const char *name)
{
	struct dat_field field = { 0 };
	const char *end;

	for (const char *line = text; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		while (*line == ' ' || *line == '\t')
			line++;
		if (strncmp(line, "field:", 6) != 0)
			continue;
		line += 6;
		line += *line == ' ';
		if (line < end && read_field(line, end, name, &field))
			break;
	}
	return field;
}

static int keep_common(struct dat_formats *formats, const char *text, const char *name,
		       struct kmr_error *err)
{
	const struct dat_field type = dat_find_field(text, "common_type"),
			       flags = dat_find_field(text, "common_flags"),
			       pid = dat_find_field(text, "common_pid");

	if (!type.present || type.size > 4 || !type.size || !flags.present || flags.size != 1 ||
	    !pid.present || pid.size != 4)
		return kmr_fail(err, "%s: an event's format lacks the common fields of all events",
				name);
	if (formats->count &&
	    (type.offset != formats->type.offset || type.size != formats->type.size ||
	     flags.offset != formats->flags.offset || pid.offset != formats->pid.offset))
		return kmr_fail(err, "%s: the formats of two events contradict each other", name);
	formats->type = type;
	formats->flags = flags;
	formats->pid = pid;
	return 0;
}

static void name_format(struct dat_format *f, const char *name, size_t len)
{
	static const char *const marks[] = {
		[DAT_PRINT] = "print", [DAT_BPRINT] = "bprint", [DAT_BPUTS] = "bputs"
	};

	f->type = decode_type(name, len, &f->seen);
	for (unsigned int m = DAT_PRINT; m <= DAT_BPUTS; m++)
		if (strlen(marks[m]) == len && !memcmp(marks[m], name, len)) {
			f->mark = (enum dat_mark)m;
			f->type = KMR_EV_MARK;
		}
}

/* What the text of an event looks like, where that tells more than its fields. */
static int read_print(struct dat_format *f, const char *text, struct kmr_error *err)
{
	const char *print = strstr(text, "print fmt:");

	if (!print)
		return 0;
	f->symbolic = strstr(print, "call_site=%p") != NULL;
	f->says_accounted = strstr(print, "accounted=") != NULL;
	f->never_accounted = strstr(print, "(0 && (REC->gfp_flags") != NULL;
	if (strstr(print, "name=%s") && f->type == KMR_EV_CACHE_FREE)
		f->seen |= SEEN_CACHE_NAME;
	if (strstr(print, " pfn="))
		f->seen |= strstr(print, " pfn=0x%lx") ? SEEN_PFN_HEX : SEEN_PFN_DEC;
	if (f->type == KMR_EV_KMALLOC || f->type == KMR_EV_CACHE_ALLOC)
		f->seen |= (f->says_accounted ? SEEN_ACCOUNTED : 0) |
			   (strstr(print, " node=") ? SEEN_ALLOC_NODE : 0);
	f->gfp = malloc(sizeof(*f->gfp));
	if (!f->gfp)
		return kmr_fail_nomem(err, "a table of flags");
	if (!print_flags_read(f->gfp, print, "gfp_flags")) {
		free(f->gfp);
		f->gfp = NULL;
	}
	return 0;
}

int dat_formats_add(struct dat_formats *formats, const char *text, const char *name,
		    struct kmr_error *err)
{
	const char *event = strstr(text, "name: "), *id = strstr(text, "\nID: ");
	struct dat_format *f = &formats->format[formats->count];
	unsigned long number;

	if (!event || !id || formats->count == DAT_MAX_FORMATS)
		return 0;
	memset(f, 0, sizeof(*f));
	event += 6;
	number = strtoul(id + 5, NULL, 10);
	name_format(f, event, strcspn(event, "\n"));
	/* an event that was there before stays what it was */
	if (!wanted[f->type] || number > UINT16_MAX || formats->by_id[number])
		return 0;
	if (keep_common(formats, text, name, err) || read_print(f, text, err))
		return -1;
	for (unsigned int i = 0; i < DAT_MAX_WANTED && dat_wanted(f->type)[i]; i++)
		f->field[i] = dat_find_field(text, dat_wanted(f->type)[i]);
	formats->by_id[number] = (uint8_t)++formats->count;
	return 0;
}

void dat_formats_fini(struct dat_formats *formats)
{
	for (unsigned int i = 0; i < formats->count; i++)
		free(formats->format[i].gfp);
	formats->count = 0;
}
