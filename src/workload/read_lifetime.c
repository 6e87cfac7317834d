// SPDX-License-Identifier: GPL-2.0-only
/* How long things live: lifetime: and hold:. */
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "workload/read.h"

#define PERCENT_100 UINT64_C(1000000000)

static const struct load_unit times = { LOAD_TIMES, 0, LOAD_MAX_TIME };

static const char *const order_names
	[] = { [LOAD_FIFO] = "fifo", [LOAD_LIFO] = "lifo", [LOAD_RANDOM] = "random", NULL };

/* order: of a map that may have it. */
static int read_order(const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
		      struct load_lifetime *life, struct kmr_error *err)
{
	const struct kmr_yaml_node *node = kmr_yaml_get(map, "order");
	unsigned int order = life->order;

	if (node && kmr_yaml_choice(yaml, node, order_names, &order, err))
		return -1;
	life->order = (enum load_order)order;
	return 0;
}

static bool is_forever(const struct kmr_yaml_node *node)
{
	return node->kind == KMR_YAML_SCALAR && !strcmp(node->text, "forever");
}

static int read_group(const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
		      struct load_lifetime *life, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("group", true),
							LOAD_LATER("of", false),
							LOAD_LATER("until", false) };
	static const struct load_unit members = { LOAD_COUNTS, 1, UINT32_MAX };
	const struct kmr_yaml_node *of, *until;

	if (kmr_yaml_bind(yaml, map, "the lifetime of a group", fields, ARRAY_SIZE(fields), NULL,
			  err))
		return -1;
	life->release = LOAD_GROUP;
	if (load_read_dist(yaml, kmr_yaml_get(map, "group"), &members, &life->group, err))
		return -1;
	of = kmr_yaml_get(map, "of");
	until = kmr_yaml_get(map, "until");
	if (!of == !until)
		return kmr_yaml_fail(yaml, map, err,
				     "the lifetime of a group takes either of: or until:");
	life->dated = until != NULL;
	return load_read_dist(yaml, of ? of : until, &times, &life->after, err);
}

/* A time of the workload's clock. */
static int read_until(const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
		      struct load_lifetime *life, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("until", true) };

	if (kmr_yaml_bind(yaml, map, "a lifetime", fields, ARRAY_SIZE(fields), NULL, err))
		return -1;
	life->release = LOAD_AFTER;
	life->dated = true;
	return load_read_dist(yaml, kmr_yaml_get(map, "until"), &times, &life->after, err);
}

static int read_keep(const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
		     struct load_lifetime *life, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("keep", true),
							LOAD_LATER("order", false) };

	if (kmr_yaml_bind(yaml, map, "a lifetime by number", fields, ARRAY_SIZE(fields), NULL, err))
		return -1;
	life->release = LOAD_KEEP;
	life->order = LOAD_FIFO;
	if (kmr_yaml_u64(yaml, kmr_yaml_get(map, "keep"), 1, LOAD_MAX_KEEP, &life->keep, err))
		return -1;
	return read_order(yaml, map, life, err);
}

int load_read_lifetime(const struct load_reading *reading, const struct kmr_yaml_node *node,
		       struct load_lifetime *life, struct kmr_error *err)
{
	const struct kmr_yaml *yaml = reading->yaml;

	if (is_forever(node)) {
		life->release = LOAD_NEVER;
		return 0;
	}
	if (node->kind == KMR_YAML_MAP && kmr_yaml_get(node, "group"))
		return read_group(yaml, node, life, err);
	if (node->kind == KMR_YAML_MAP &&
	    (kmr_yaml_get(node, "keep") || kmr_yaml_get(node, "order")))
		return read_keep(yaml, node, life, err);
	if (node->kind == KMR_YAML_MAP && kmr_yaml_get(node, "until"))
		return read_until(yaml, node, life, err);
	life->release = LOAD_AFTER;
	return load_read_dist(yaml, node, &times, &life->after, err);
}

/* Bytes that the page allocator manages in the zones that are meant. */
static uint64_t managed(const struct load_reading *reading, enum kmr_zone_type type, int home)
{
	const struct kmr_machine *m = reading->machine;
	uint64_t pages = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		if ((type == KMR_ZONE_NR_TYPES || m->zones[i].type == type) &&
		    (home < 0 || m->zones[i].node == home))
			pages += m->zones[i].managed;
	return pages << m->page_shift;
}

/* of: a share of a zone, of a node, or of all memory. */
static int read_share(const struct load_reading *reading, const struct kmr_yaml_node *map,
		      struct load_lifetime *life, struct kmr_error *err)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "HighMem", "Movable", NULL };
	const struct kmr_yaml_node *zone = kmr_yaml_get(map, "zone"),
				   *home = kmr_yaml_get(map, "node");
	const struct kmr_yaml_node *of = kmr_yaml_get(map, "of");
	enum kmr_zone_type type = KMR_ZONE_NR_TYPES;
	uint64_t nano, bytes;
	unsigned int choice = 0;
	int number = -1;

	if (!reading->machine)
		return kmr_yaml_fail(
			reading->yaml, of, err,
			"of: %s of a machine that the workload does not name; machine: "
			"says it, or bytes: instead",
			of->text ? of->text : "a share");
	if (kmr_yaml_fraction(reading->yaml, of, 1, PERCENT_100, &nano, err) ||
	    (zone && kmr_yaml_choice(reading->yaml, zone, names, &choice, err)) ||
	    (home && load_read_node(reading, home, &number, err)))
		return -1;
	if (zone)
		type = kmr_zone_by_name(names[choice]);
	bytes = managed(reading, type, number);
	if (!bytes)
		return kmr_yaml_fail(reading->yaml, zone ? zone : of, err,
				     "zone: machine %s has no memory in zone %s%s",
				     reading->w->machine, zone ? names[choice] : "of any kind",
				     home ? " of that node" : "");
	life->keep = (uint64_t)((unsigned __int128)bytes * nano / PERCENT_100);
	return 0;
}

int load_read_hold(const struct load_reading *reading, const struct kmr_yaml_node *node,
		   struct load_lifetime *life, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
		LOAD_LATER("of", false), LOAD_LATER("zone", false), LOAD_LATER("node", false),
		LOAD_LATER("bytes", false), LOAD_LATER("order", false)
	};
	const struct kmr_yaml *yaml = reading->yaml;
	const struct kmr_yaml_node *bytes;

	if (kmr_yaml_bind(yaml, node, "hold", fields, ARRAY_SIZE(fields), NULL, err))
		return -1;
	bytes = kmr_yaml_get(node, "bytes");
	if (!bytes == !kmr_yaml_get(node, "of"))
		return kmr_yaml_fail(yaml, node, err, "hold: takes either of: or bytes:");
	if (bytes && (kmr_yaml_get(node, "zone") || kmr_yaml_get(node, "node")))
		return kmr_yaml_fail(yaml, bytes->key, err,
				     "bytes: says how much; zone: and node: are for of:");
	life->release = LOAD_HOLD;
	life->order = LOAD_RANDOM;
	if (bytes ? kmr_yaml_size(yaml, bytes, 1, UINT64_C(1) << 52, &life->keep, err)
		  : read_share(reading, node, life, err))
		return -1;
	return read_order(yaml, node, life, err);
}
