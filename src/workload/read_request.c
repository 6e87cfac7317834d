// SPDX-License-Identifier: GPL-2.0-only
/* What an actor asks for: pages:, kmalloc: and the other kinds, and where from. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/align.h"
#include "base/array.h"
#include "base/excerpt.h"
#include "base/suggest.h"
#include "kmreplay/gfp.h"
#include "workload/read.h"

#define GFP_VERSION 601u /* whose numbers a file's numbers are */

#define MIN_ALIGN 8u
#define MAX_ALIGN 64u

/* As many pages as the largest block that names are made for. */
#define MAX_CMA_PAGES (UINT64_C(1) << (KMR_MAX_ORDERS - 1))

const char *const load_kind_names[LOAD_KINDS + 1] = {
	[LOAD_PAGES] = "pages",	    [LOAD_KMALLOC] = "kmalloc",	    [LOAD_CACHE] = "cache",
	[LOAD_VMALLOC] = "vmalloc", [LOAD_KMAP] = "kmap",	    [LOAD_CMA] = "cma",
	[LOAD_HOTPLUG] = "hotplug", [LOAD_HUGEPAGES] = "hugepages",
};

/* A request while its map is read. */
struct request_file {
	struct load_reading *reading;
	const struct load_actor *actor;
	struct load_request *request;
	const struct kmr_yaml_node *map;
};

int load_find_kind(const struct load_reading *reading, const struct kmr_yaml_node *map,
		   const char *what, bool or_mix, enum load_kind *kind, struct kmr_error *err)
{
	const struct kmr_yaml_node *found = or_mix ? kmr_yaml_get(map, "mix") : NULL;

	*kind = LOAD_KINDS;
	for (unsigned int k = 0; k < LOAD_KINDS; k++) {
		const struct kmr_yaml_node *node = kmr_yaml_get(map, load_kind_names[k]);

		if (!node)
			continue;
		if (found)
			return kmr_yaml_fail(reading->yaml, node->key, err,
					     "%s has one request, and '%s' is there already%s",
					     what, found->key->text,
					     or_mix ? "; mix: takes several" : "");
		found = node;
		*kind = (enum load_kind)k;
	}
	if (found)
		return 0;
	return kmr_yaml_fail(
		reading->yaml, map, err,
		"%s has no request: pages, kmalloc, cache, vmalloc, kmap, cma, hotplug "
		"or hugepages%s",
		what, or_mix ? ", or a mix of them" : "");
}

static int fail_gfp(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, const char *word,
		    struct kmr_error *err)
{
	struct kmr_suggest suggest;
	char excerpt[64], text[320];
	const char *name;

	kmr_suggest_begin(&suggest, word);
	for (unsigned int i = 0; (name = kmr_gfp_name(i)); i++)
		kmr_suggest_add(&suggest, name);
	return kmr_yaml_fail(yaml, node, err, "gfp: '%s' is no GFP flag; %s",
			     kmr_excerpt(excerpt, sizeof(excerpt), word),
			     kmr_suggest_text(&suggest, text, sizeof(text)));
}

/* "GFP_KERNEL|__GFP_ZERO", or a number as 6.1 has them. */
static int read_gfp(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		    struct kmr_error *err)
{
	struct request_file *file = object;
	char text[512];
	char *word = text;

	if (kmr_yaml_text(yaml, node, text, sizeof(text), err))
		return -1;
	if (!kmr_gfp_parse(text, strlen(text), GFP_VERSION, &file->request->gfp))
		return 0;
	/* the first that is not known */
	for (char *bar = word; bar; word = bar + 1) {
		uint32_t ignored;

		bar = strchr(word, '|');
		if (bar)
			*bar = '\0';
		if (kmr_gfp_parse(word, strlen(word), GFP_VERSION, &ignored))
			break;
	}
	return fail_gfp(yaml, node, word, err);
}

#define GFP_FIELD                                                     \
	{                                                             \
		.key = "gfp", .type = KMR_YAML_CALL, .read = read_gfp \
	}

/* node: of requests that say one themselves, as kmalloc_node() and alloc_pages_node() do. */
static int read_own_node(const struct request_file *file, struct kmr_error *err)
{
	const struct kmr_yaml_node *node = kmr_yaml_get(file->map, "node");

	return node ? load_read_node(file->reading, node, &file->request->node, err) : 0;
}

static int bind(const struct request_file *file, const struct kmr_yaml_field *fields, size_t nr,
		struct kmr_error *err)
{
	struct request_file copy = *file;

	return kmr_yaml_bind(file->reading->yaml, file->map, file->map->key->text, fields, nr,
			     &copy, err);
}

static int read_amount(const struct request_file *file, const char *key,
		       const struct load_unit *unit, struct kmr_error *err)
{
	return load_read_dist(file->reading->yaml, kmr_yaml_get(file->map, key), unit,
			      &file->request->amount, err);
}

static unsigned int max_order(const struct load_reading *reading)
{
	return (reading->machine ? reading->machine->nr_orders : KMR_MAX_ORDERS) - 1;
}

/* The order of the smallest block that has @size bytes: get_order(). */
static int read_block(const struct request_file *file, const struct kmr_yaml_node *node,
		      struct kmr_error *err)
{
	const unsigned int shift = file->reading->w->page_shift, most = max_order(file->reading);
	uint64_t bytes;
	unsigned int order = 0;

	if (kmr_yaml_size(file->reading->yaml, node, 1, UINT64_C(1) << (most + shift), &bytes, err))
		return -1;
	while (UINT64_C(1) << (order + shift) < bytes)
		order++;
	load_dist_constant(&file->request->amount, order);
	return 0;
}

static int read_pages(const struct request_file *file, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("order", false),
							LOAD_LATER("size", false),
							LOAD_LATER("node", false), GFP_FIELD };
	const struct load_unit unit = { LOAD_COUNTS, 0, max_order(file->reading) };
	const struct kmr_yaml_node *size;

	if (bind(file, fields, ARRAY_SIZE(fields), err) || read_own_node(file, err))
		return -1;
	size = kmr_yaml_get(file->map, "size");
	if (!size && !kmr_yaml_get(file->map, "order")) {
		load_dist_constant(&file->request->amount, 0);
		return 0;
	}
	if (!size)
		return read_amount(file, "order", &unit, err);
	if (kmr_yaml_get(file->map, "order"))
		return kmr_yaml_fail(file->reading->yaml, size->key, err,
				     "pages: takes order: or size:, not both");
	return read_block(file, size, err);
}

static int read_kmalloc(const struct request_file *file, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("size", true),
							LOAD_LATER("node", false), GFP_FIELD };
	static const struct load_unit unit = { LOAD_SIZES, 1, LOAD_MAX_KMALLOC };

	if (bind(file, fields, ARRAY_SIZE(fields), err) || read_own_node(file, err))
		return -1;
	return read_amount(file, "size", &unit, err);
}

static int read_vmalloc(const struct request_file *file, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("size", true),
							LOAD_LATER("node", false), GFP_FIELD };
	static const struct load_unit unit = { LOAD_SIZES, 1, LOAD_MAX_BYTES };

	/* as mm/vmalloc.c, __vmalloc_area_node(), asks for its pages */
	file->request->gfp = KMR_GFP_KERNEL | KMR_GFP_HIGHMEM;
	if (bind(file, fields, ARRAY_SIZE(fields), err) || read_own_node(file, err))
		return -1;
	return read_amount(file, "size", &unit, err);
}

static bool is_word(const char *text)
{
	for (; *text; text++)
		if (*text == ' ')
			return false;
	return true;
}

static int read_name(const struct request_file *file, const char *key, struct kmr_error *err)
{
	const struct kmr_yaml_node *node = kmr_yaml_get(file->map, key);

	if (kmr_yaml_text(file->reading->yaml, node, file->request->name,
			  sizeof(file->request->name), err))
		return -1;
	if (!is_word(file->request->name))
		return kmr_yaml_fail(file->reading->yaml, node, err,
				     "%s: '%s' has a blank in it, which ends a name in a trace",
				     key, file->request->name);
	return 0;
}

/* All that ask for a cache's objects have to mean the same ones. */
static int check_cache(const struct request_file *file, struct kmr_error *err)
{
	struct load_reading *reading = file->reading;
	const struct load_request *request = file->request;
	struct load_cache_seen *seen;
	uint32_t id = 0;

	if (kmr_strtab_intern(&reading->caches, request->name, strlen(request->name), &id) || !id)
		return kmr_fail_nomem(err, "the names of caches");
	if (id < reading->nr_seen) {
		seen = &reading->seen[id];
		if (seen->object_size == request->object_size && seen->size == request->size)
			return 0;
		return kmr_yaml_fail(reading->yaml, file->map, err,
				     "cache '%s' has objects of %" PRIu32 " bytes, %" PRIu32
				     " apart, in line %" PRIu32 "; a cache has one size",
				     request->name, seen->object_size, seen->size,
				     seen->node->line);
	}
	while (reading->nr_seen <= id) {
		seen = kmr_grow(reading->seen, reading->nr_seen, &reading->cap_seen, sizeof(*seen));
		if (!seen)
			return kmr_fail_nomem(err, "the names of caches");
		reading->seen = seen;
		seen[reading->nr_seen++] =
			(struct load_cache_seen){ file->map, request->object_size, request->size };
	}
	return 0;
}

static int read_cache(const struct request_file *file, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("name", true),
							LOAD_LATER("size", true),
							LOAD_LATER("align", false),
							LOAD_LATER("node", false), GFP_FIELD };
	const struct kmr_yaml_node *align;
	uint64_t size, step = MIN_ALIGN;

	if (bind(file, fields, ARRAY_SIZE(fields), err) || read_name(file, "name", err) ||
	    read_own_node(file, err) ||
	    kmr_yaml_size(file->reading->yaml, kmr_yaml_get(file->map, "size"), 1, LOAD_MAX_OBJECT,
			  &size, err))
		return -1;
	align = kmr_yaml_get(file->map, "align");
	if (align && kmr_yaml_size(file->reading->yaml, align, MIN_ALIGN, MAX_ALIGN, &step, err))
		return -1;
	if (step & (step - 1))
		return kmr_yaml_fail(
			file->reading->yaml, align, err,
			"align: %" PRIu64 " is no power of two; 8, 16, 32 or 64 would do", step);
	file->request->object_size = (uint32_t)size;
	file->request->size = kmr_align_up(size, step);
	return check_cache(file, err);
}

static int read_kmap(const struct request_file *file, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("local", false), GFP_FIELD };
	const struct kmr_yaml_node *local;

	load_dist_constant(&file->request->amount, 1);
	file->request->gfp = KMR_GFP_HIGHUSER;
	if (bind(file, fields, ARRAY_SIZE(fields), err))
		return -1;
	local = kmr_yaml_get(file->map, "local");
	return local ? kmr_yaml_bool(file->reading->yaml, local, &file->request->local, err) : 0;
}

static int read_cma(const struct request_file *file, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("area", true),
							LOAD_LATER("pages", true) };
	static const struct load_unit unit = { LOAD_COUNTS, 1, MAX_CMA_PAGES };

	if (bind(file, fields, ARRAY_SIZE(fields), err) || read_name(file, "area", err))
		return -1;
	return read_amount(file, "pages", &unit, err);
}

static int read_zone(const struct request_file *file, struct kmr_error *err)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "HighMem", "Movable", NULL };
	const struct kmr_yaml_node *node = kmr_yaml_get(file->map, "zone");
	unsigned int zone = 0;

	file->request->zone = KMR_EV_ANY_ZONE;
	if (!node)
		return 0;
	if (kmr_yaml_choice(file->reading->yaml, node, names, &zone, err))
		return -1;
	file->request->zone = kmr_zone_by_name(names[zone]);
	return 0;
}

static int read_hotplug(const struct request_file *file, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("start", true),
							LOAD_LATER("size", true),
							LOAD_LATER("zone", false) };
	const struct kmr_yaml *yaml = file->reading->yaml;
	const unsigned int shift = file->reading->w->page_shift;
	const uint64_t page = UINT64_C(1) << shift;
	const struct kmr_yaml_node *at, *length;
	uint64_t start, size;

	if (bind(file, fields, ARRAY_SIZE(fields), err) || read_zone(file, err))
		return -1;
	at = kmr_yaml_get(file->map, "start");
	length = kmr_yaml_get(file->map, "size");
	if (kmr_yaml_size(yaml, at, 0, UINT64_C(1) << 52, &start, err) ||
	    kmr_yaml_size(yaml, length, page, (uint64_t)UINT32_MAX << shift, &size, err))
		return -1;
	if (start & (page - 1))
		return kmr_yaml_fail(yaml, at, err, "start: %s is no multiple of a page, %" PRIu64,
				     at->text, page);
	if (size & (page - 1))
		return kmr_yaml_fail(yaml, length, err,
				     "size: %s is no multiple of a page, %" PRIu64, length->text,
				     page);
	load_dist_constant(&file->request->amount, 1);
	file->request->start_pfn = start >> shift;
	file->request->pages = (uint32_t)(size >> shift);
	return 0;
}

static int read_hugepages(const struct request_file *file, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("pages", true),
							LOAD_LATER("node", false) };
	static const struct load_unit unit = { LOAD_COUNTS, 0, UINT32_MAX };

	if (bind(file, fields, ARRAY_SIZE(fields), err) || read_own_node(file, err))
		return -1;
	return read_amount(file, "pages", &unit, err);
}

/*
 * "symbol+0x10/0x20", perhaps with " [module]" behind it.  Readers of traces leave out the
 * function's length, so that it is left out here.
 */
static int read_site(const struct request_file *file, const struct kmr_yaml_node *node,
		     struct kmr_error *err)
{
	char *site = file->request->site, *blank, *slash;
	char text[LOAD_SITE];

	if (kmr_yaml_text(file->reading->yaml, node, text, sizeof(text), err))
		return -1;
	blank = strchr(text, ' ');
	slash = strchr(text, '/');
	if (text[0] == '(' || text[0] == ' ' || text[0] == '/' ||
	    (blank && (blank[1] != '[' || !is_word(blank + 1))))
		return kmr_yaml_fail(file->reading->yaml, node, err,
				     "site: '%s' is no call site, such as symbol+0x10/0x20 or "
				     "symbol+0x10 [module]",
				     text);
	memcpy(site, text, sizeof(text));
	if (slash && !blank)
		site[slash - text] = '\0';
	else if (slash && slash < blank)
		memmove(site + (slash - text), blank, strlen(blank) + 1);
	return 0;
}

static void default_site(const struct request_file *file)
{
	char *site = file->request->site;

	(void)snprintf(site, LOAD_SITE, "%s+0x0", file->actor->name);
	for (char *slash = site; (slash = strchr(slash, '/'));)
		*slash = '_';
}

/* Events of other kinds have no call site. */
static int read_where(const struct request_file *file, const struct kmr_yaml_node *map,
		      struct kmr_error *err)
{
	const struct kmr_yaml_node *site = kmr_yaml_get(map, "site");
	const enum load_kind kind = file->request->kind;

	if (site && read_site(file, site, err))
		return -1;
	if (!site)
		default_site(file);
	if (kind != LOAD_KMALLOC && kind != LOAD_CACHE)
		file->request->site[0] = '\0';
	return 0;
}

int load_read_request(struct load_reading *reading, const struct load_actor *actor,
		      const struct kmr_yaml_node *map, enum load_kind kind,
		      struct load_request *request, struct kmr_error *err)
{
	static int (*const readers[LOAD_KINDS])(const struct request_file *file,
						struct kmr_error *err) = {
		[LOAD_PAGES] = read_pages,     [LOAD_KMALLOC] = read_kmalloc,
		[LOAD_CACHE] = read_cache,     [LOAD_VMALLOC] = read_vmalloc,
		[LOAD_KMAP] = read_kmap,       [LOAD_CMA] = read_cma,
		[LOAD_HOTPLUG] = read_hotplug, [LOAD_HUGEPAGES] = read_hugepages,
	};
	const struct request_file file = { reading, actor, request,
					   kmr_yaml_get(map, load_kind_names[kind]) };

	request->kind = kind;
	request->gfp = KMR_GFP_KERNEL;
	request->node = -1;
	return readers[kind](&file, err) || read_where(&file, map, err) ? -1 : 0;
}
