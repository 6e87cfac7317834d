// SPDX-License-Identifier: GPL-2.0-only
/* Machine files: the tree of one into a struct kmr_spec. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "machine/spec.h"
#include "machine/spec_internal.h"

#define MAX_ADDRESS (UINT64_C(1) << 52)

static const char *const memory_types[] = { "ram", "hotplug", NULL };

int kmr_spec_list(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, const char *what,
		  uint32_t most, struct kmr_error *err)
{
	if (node->kind != KMR_YAML_LIST)
		return kmr_yaml_fail(yaml, node, err, "%s: a list of %s is needed, \"- ...\" each",
				     node->key->text, what);
	if (node->nr > most)
		return kmr_yaml_fail(yaml, node, err,
				     "%s: %" PRIu32 " entries; at most %" PRIu32 " will do",
				     node->key->text, node->nr, most);
	return 0;
}

/* What the keys of a range say, before it is known which of them are there. */
struct range_keys {
	struct kmr_spec_range range;
	uint64_t last, size;
	uint32_t node;
	unsigned int type;
};

static int finish_range(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
			struct range_keys *k, struct kmr_error *err)
{
	struct kmr_spec_range *r = &k->range;

	if ((k->last == KMR_NOT_SAID) == (k->size == KMR_NOT_SAID))
		return kmr_yaml_fail(yaml, node, err,
				     "a range has either end (its last byte, as in /proc/iomem) or "
				     "size; this one has %s",
				     k->size == KMR_NOT_SAID ? "neither" : "both");
	if (k->last != KMR_NOT_SAID && k->last < r->start)
		return kmr_yaml_fail(yaml, kmr_yaml_get(node, "end"), err,
				     "end: 0x%" PRIx64 " lies before start 0x%" PRIx64
				     "; it is the last byte of the range",
				     k->last, r->start);
	r->end = k->last != KMR_NOT_SAID ? k->last + 1 : r->start + k->size;
	r->node = (uint16_t)k->node;
	r->type = (uint8_t)k->type;
	r->at = node;
	return 0;
}

/* Keeps @list ascending; an overlap with what is there is an error. */
static int insert_range(struct kmr_spec_range *list, unsigned int *nr, const struct kmr_yaml *yaml,
			const struct kmr_spec_range *r, struct kmr_error *err)
{
	unsigned int i = *nr;

	while (i && list[i - 1].start > r->start)
		i--;
	if ((i && list[i - 1].end > r->start) || (i < *nr && list[i].start < r->end)) {
		const struct kmr_spec_range *o =
			i && list[i - 1].end > r->start ? &list[i - 1] : &list[i];

		return kmr_yaml_fail(yaml, r->at, err,
				     "0x%" PRIx64 " to 0x%" PRIx64 " overlaps 0x%" PRIx64
				     " to 0x%" PRIx64 " of line %" PRIu32,
				     r->start, r->end - 1, o->start, o->end - 1, o->at->line);
	}
	memmove(&list[i + 1], &list[i], (*nr - i) * sizeof(*list));
	list[i] = *r;
	(*nr)++;
	return 0;
}

#define RANGE_START                                                                    \
	{                                                                              \
		.key = "start", .type = KMR_YAML_SIZE, .required = true,               \
		.offset = offsetof(struct range_keys, range.start), .max = MAX_ADDRESS \
	}
#define RANGE_END                                                                                 \
	{                                                                                         \
		.key = "end", .type = KMR_YAML_SIZE, .offset = offsetof(struct range_keys, last), \
		.max = MAX_ADDRESS                                                                \
	}
#define RANGE_SIZE                                                                                 \
	{                                                                                          \
		.key = "size", .type = KMR_YAML_SIZE, .offset = offsetof(struct range_keys, size), \
		.min = 1, .max = MAX_ADDRESS                                                       \
	}

static int read_memory(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *list,
		       struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
		RANGE_START,
		RANGE_END,
		RANGE_SIZE,
		{ .key = "node",
		  .type = KMR_YAML_U32,
		  .offset = offsetof(struct range_keys, node),
		  .max = KMR_MAX_NODES - 1 },
		{ .key = "type",
		  .type = KMR_YAML_CHOICE,
		  .offset = offsetof(struct range_keys, type),
		  .names = memory_types },
		{ .key = "removable",
		  .type = KMR_YAML_BOOL,
		  .offset = offsetof(struct range_keys, range.removable) },
	};
	struct kmr_spec *spec = object;

	if (kmr_spec_list(yaml, list, "ranges", ARRAY_SIZE(spec->memory), err))
		return -1;
	for (const struct kmr_yaml_node *n = list->items; n; n = n->next) {
		struct range_keys k = { .last = KMR_NOT_SAID, .size = KMR_NOT_SAID };

		if (kmr_yaml_bind(yaml, n, "a range of memory", fields, ARRAY_SIZE(fields), &k,
				  err) ||
		    finish_range(yaml, n, &k, err) ||
		    insert_range(spec->memory, &spec->nr_memory, yaml, &k.range, err))
			return -1;
	}
	return 0;
}

static int read_reserved(void *object, const struct kmr_yaml *yaml,
			 const struct kmr_yaml_node *list, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
		RANGE_START,
		RANGE_END,
		RANGE_SIZE,
		{ .key = "what",
		  .type = KMR_YAML_TEXT,
		  .required = true,
		  .offset = offsetof(struct range_keys, range.what),
		  .max = sizeof(((struct kmr_spec_range *)NULL)->what) },
		{ .key = "init",
		  .type = KMR_YAML_BOOL,
		  .offset = offsetof(struct range_keys, range.init) },
	};
	struct kmr_spec *spec = object;

	if (kmr_spec_list(yaml, list, "ranges", ARRAY_SIZE(spec->reserved), err))
		return -1;
	for (const struct kmr_yaml_node *n = list->items; n; n = n->next) {
		struct range_keys k = { .last = KMR_NOT_SAID, .size = KMR_NOT_SAID };

		if (kmr_yaml_bind(yaml, n, "a reserved range", fields, ARRAY_SIZE(fields), &k,
				  err) ||
		    finish_range(yaml, n, &k, err) ||
		    insert_range(spec->reserved, &spec->nr_reserved, yaml, &k.range, err))
			return -1;
	}
	return 0;
}

static int read_early(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *list,
		      struct kmr_error *err)
{
	struct keys {
		struct kmr_spec_early early;
		uint32_t node;
	};
	static const struct kmr_yaml_field fields[] = {
		{ .key = "what",
		  .type = KMR_YAML_TEXT,
		  .required = true,
		  .offset = offsetof(struct keys, early.what),
		  .max = sizeof(((struct kmr_spec_early *)NULL)->what) },
		{ .key = "size",
		  .type = KMR_YAML_SIZE,
		  .required = true,
		  .offset = offsetof(struct keys, early.size),
		  .min = 1,
		  .max = MAX_ADDRESS },
		{ .key = "align",
		  .type = KMR_YAML_SIZE,
		  .offset = offsetof(struct keys, early.align),
		  .min = 1,
		  .max = UINT64_C(1) << 40 },
		{ .key = "node",
		  .type = KMR_YAML_U32,
		  .offset = offsetof(struct keys, node),
		  .max = KMR_MAX_NODES - 1 },
		{ .key = "below",
		  .type = KMR_YAML_SIZE,
		  .offset = offsetof(struct keys, early.below),
		  .min = 1,
		  .max = MAX_ADDRESS },
	};
	struct kmr_spec *spec = object;

	if (kmr_spec_list(yaml, list, "allocations", ARRAY_SIZE(spec->early), err))
		return -1;
	for (const struct kmr_yaml_node *n = list->items; n; n = n->next) {
		struct keys k = { .node = KMR_ANY_NODE };

		if (kmr_yaml_bind(yaml, n, "an early allocation", fields, ARRAY_SIZE(fields), &k,
				  err))
			return -1;
		if (k.early.align & (k.early.align - 1))
			return kmr_yaml_fail(yaml, kmr_yaml_get(n, "align"), err,
					     "align: %" PRIu64 " is no power of two",
					     k.early.align);
		k.early.node = (uint16_t)k.node;
		k.early.at = n;
		spec->early[spec->nr_early++] = k.early;
	}
	return 0;
}

static int read_build(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
		      struct kmr_error *err)
{
#define BUILD(name, kind, least, most)                                                         \
	{                                                                                      \
		.key = #name, .type = KMR_YAML_##kind,                                         \
		.offset = offsetof(struct kmr_spec_build, name), .min = (least), .max = (most) \
	}
	static const struct kmr_yaml_field fields[] = {
		BUILD(percpu_static, SIZE, 1, UINT64_C(1) << 26),
		BUILD(brk, SIZE, 0, UINT64_C(1) << 30),
		BUILD(smp_locks, SIZE, 0, UINT64_C(1) << 26),
		BUILD(init, SIZE, 0, UINT64_C(1) << 30),
		BUILD(struct_page, SIZE, 16, 256),
		BUILD(dma_bits, U64, 20, 40),
		BUILD(max_cpus, U64, 1, 64),
	};
#undef BUILD
	struct kmr_spec *spec = object;

	return kmr_yaml_bind(yaml, map, "build", fields, ARRAY_SIZE(fields), &spec->build, err);
}

static int read_page_size(void *object, const struct kmr_yaml *yaml,
			  const struct kmr_yaml_node *node, struct kmr_error *err)
{
	struct kmr_spec *spec = object;

	if (kmr_yaml_size(yaml, node, 4096, 65536, &spec->page_size, err))
		return -1;
	if (spec->page_size & (spec->page_size - 1) || spec->page_size == 32768)
		return kmr_yaml_fail(yaml, node, err, "page_size: '%s'; one of 4K, 8K, 16K, 64K",
				     node->text);
	return 0;
}

static int read_gbpages(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
			struct kmr_error *err)
{
	struct kmr_spec *spec = object;
	bool has = true;

	if (kmr_yaml_bool(yaml, node, &has, err))
		return -1;
	spec->no_gbpages = !has;
	return 0;
}

static int read_section_size(void *object, const struct kmr_yaml *yaml,
			     const struct kmr_yaml_node *node, struct kmr_error *err)
{
	struct kmr_spec *spec = object;

	if (kmr_yaml_size(yaml, node, 0, UINT64_C(1) << 34, &spec->section_size, err))
		return -1;
	if (spec->section_size & (spec->section_size - 1) ||
	    (spec->section_size && spec->section_size < UINT64_C(1) << 24))
		return kmr_yaml_fail(yaml, node, err,
				     "section_size: '%s'; a power of two from 16M to 16G, or 0 "
				     "for flat memory",
				     node->text);
	return 0;
}

#define KEY(name, kind, to)                                                                     \
	{                                                                                       \
		.key = (name), .type = KMR_YAML_##kind, .offset = offsetof(struct kmr_spec, to) \
	}
#define CALL(name, function)                                             \
	{                                                                \
		.key = (name), .type = KMR_YAML_CALL, .read = (function) \
	}

static const struct kmr_yaml_field fields[] = {
	{ .key = "machine",
	  .type = KMR_YAML_TEXT,
	  .required = true,
	  .offset = offsetof(struct kmr_spec, name),
	  .max = sizeof(((struct kmr_spec *)NULL)->name) },
	{ .key = "description",
	  .type = KMR_YAML_TEXT,
	  .offset = offsetof(struct kmr_spec, description),
	  .max = sizeof(((struct kmr_spec *)NULL)->description) },
	{ .key = "arch",
	  .type = KMR_YAML_CHOICE,
	  .required = true,
	  .offset = offsetof(struct kmr_spec, arch),
	  .names = kmr_arch_names },
	{ .key = "kernel",
	  .type = KMR_YAML_CHOICE,
	  .offset = offsetof(struct kmr_spec, kernel),
	  .names = kmr_kernel_names },
	{ .key = "ram",
	  .type = KMR_YAML_SIZE,
	  .offset = offsetof(struct kmr_spec, ram),
	  .min = 1,
	  .max = MAX_ADDRESS },
	{ .key = "cpus",
	  .type = KMR_YAML_U32,
	  .offset = offsetof(struct kmr_spec, nr_cpus),
	  .min = 1,
	  .max = KMR_MAX_CPUS },
	{ .key = "max_order",
	  .type = KMR_YAML_U32,
	  .offset = offsetof(struct kmr_spec, max_order),
	  .min = 1,
	  .max = KMR_MAX_ORDERS - 1 },
	{ .key = "pageblock_order",
	  .type = KMR_YAML_U32,
	  .offset = offsetof(struct kmr_spec, pageblock_order),
	  .min = 1,
	  .max = KMR_MAX_ORDERS - 1 },
	KEY("thp", BOOL, thp),
	KEY("pae", BOOL, pae),
	CALL("gbpages", read_gbpages),
	CALL("page_size", read_page_size),
	CALL("section_size", read_section_size),
	CALL("memory", read_memory),
	CALL("reserved", read_reserved),
	CALL("nodes", kmr_spec_read_nodes),
	CALL("boot", kmr_spec_read_boot),
	CALL("build", read_build),
	CALL("early", read_early),
};

/* The keys that others depend on: defaults go by the architecture. */
static int read_arch(struct kmr_spec *spec, const struct kmr_yaml *yaml,
		     const struct kmr_yaml_node *root, struct kmr_error *err)
{
	const struct kmr_yaml_node *arch = kmr_yaml_get(root, "arch");
	unsigned int which = KMR_ARCH_I386;

	/* what is wrong with the map itself is for kmr_yaml_bind() to say */
	if (arch && kmr_yaml_choice(yaml, arch, kmr_arch_names, &which, err))
		return -1;
	kmr_spec_init(spec, (enum kmr_arch)which);
	return 0;
}

int kmr_spec_read(struct kmr_spec *spec, const struct kmr_yaml *yaml, struct kmr_error *err)
{
	const struct kmr_yaml_node *root = kmr_yaml_root(yaml);

	if (root->kind == KMR_YAML_MAP &&
	    strcmp(root->items ? root->items->key->text : "", "machine"))
		return kmr_yaml_fail(yaml, root, err,
				     "a machine file begins with the key 'machine', its name");
	if (read_arch(spec, yaml, root, err))
		return -1;
	spec->yaml = yaml;
	return kmr_yaml_bind(yaml, root, "a machine", fields, ARRAY_SIZE(fields), spec, err);
}
