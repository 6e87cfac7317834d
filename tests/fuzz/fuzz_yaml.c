// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as YAML: a tree within its limits whose scalars are read as all types, or a message. */
#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "base/yaml.h"
#include "fuzz.h"
#include "fuzz_message.h"

struct all {
	uint64_t u64, size, time, fraction;
	uint32_t u32;
	bool flag;
	char text[16];
	unsigned int choice;
	const struct kmr_yaml_node *node;
};

static int read_node(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		     struct kmr_error *err)
{
	struct all *all = object;

	if (node->kind != KMR_YAML_LIST)
		return kmr_yaml_fail(yaml, node, err, "no list");
	all->node = node;
	return 0;
}

static const char *const choices[] = { "Normal", "Movable", "HighMem", NULL };

static const struct kmr_yaml_field fields[] = {
	{ .key = "u64", .type = KMR_YAML_U64, .offset = offsetof(struct all, u64) },
	{ .key = "u32", .type = KMR_YAML_U32, .offset = offsetof(struct all, u32), .min = 1 },
	{ .key = "size", .type = KMR_YAML_SIZE, .offset = offsetof(struct all, size) },
	{ .key = "time", .type = KMR_YAML_TIME, .offset = offsetof(struct all, time) },
	{ .key = "fraction", .type = KMR_YAML_FRACTION, .offset = offsetof(struct all, fraction) },
	{ .key = "flag", .type = KMR_YAML_BOOL, .offset = offsetof(struct all, flag) },
	{ .key = "text", .type = KMR_YAML_TEXT, .offset = offsetof(struct all, text), .max = 16 },
	{ .key = "choice",
	  .type = KMR_YAML_CHOICE,
	  .offset = offsetof(struct all, choice),
	  .names = choices },
	{ .key = "node", .type = KMR_YAML_CALL, .read = read_node },
};

/* Taken within the limits, or refused with a message that names the place. */
static void check_number(int ret, uint64_t value, uint64_t min, uint64_t max,
			 const struct kmr_error *err)
{
	if (ret)
		check_message(err);
	else
		MUST(value >= min && value <= max);
}

static void read_numbers(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
			 uint64_t min, uint64_t max)
{
	struct kmr_error err = { "" };
	uint64_t value = 0;
	int ret;

	ret = kmr_yaml_u64(yaml, node, min, max, &value, &err);
	check_number(ret, value, min, max, &err);
	ret = kmr_yaml_size(yaml, node, min, max, &value, &err);
	check_number(ret, value, min, max, &err);
	ret = kmr_yaml_time(yaml, node, min, max, &value, &err);
	check_number(ret, value, min, max, &err);
	ret = kmr_yaml_fraction(yaml, node, min, max, &value, &err);
	check_number(ret, value, min, max, &err);
}

static void read_words(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node)
{
	struct kmr_error err = { "" };
	unsigned int choice;
	char text[16];
	bool flag;

	if (kmr_yaml_bool(yaml, node, &flag, &err))
		check_message(&err);
	if (kmr_yaml_text(yaml, node, text, sizeof(text), &err))
		check_message(&err);
	else
		MUST(text[0] && strlen(text) == node->len);
	if (kmr_yaml_choice(yaml, node, choices, &choice, &err))
		check_message(&err);
	else
		MUST(!strcmp(node->text, choices[choice]));
}

static void check_scalar(const struct kmr_yaml_node *node)
{
	MUST(!node->items && !node->nr);
	MUST(strlen(node->text) == node->len);
}

static void check_value(const struct kmr_yaml_node *parent, const struct kmr_yaml_node *node)
{
	MUST(node->parent == parent);
	MUST(!node->key == (parent->kind == KMR_YAML_LIST));
	if (!node->key)
		return;
	check_scalar(node->key);
	MUST(node->key->len && node->key->len <= KMR_YAML_MAX_KEY);
	/* that it is the first of its name tells that there is no other */
	MUST(kmr_yaml_get(parent, node->key->text) == node);
}

/* Recursion is limited by what is checked here. */
static uint32_t check_tree(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
			   unsigned int depth)
{
	uint32_t nr = 0, nodes = 1;

	MUST(node->line && node->column);
	read_numbers(yaml, node, 0, UINT64_MAX);
	read_numbers(yaml, node, 1, 1000);
	read_words(yaml, node);
	if (node->kind == KMR_YAML_SCALAR) {
		check_scalar(node);
		return nodes;
	}
	MUST(depth < KMR_YAML_MAX_DEPTH);
	for (const struct kmr_yaml_node *v = node->items; v; v = v->next) {
		check_value(node, v);
		nodes += check_tree(yaml, v, depth + 1) + !!v->key;
		nr++;
	}
	MUST(nr == node->nr && (node->kind == KMR_YAML_LIST || nr <= KMR_YAML_MAX_KEYS));
	return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kmr_error err = { "" };
	struct all all = { 0 };
	struct kmr_yaml *yaml;

	if (kmr_yaml_parse(&yaml, FUZZ_NAME, (const char *)data, size, &err)) {
		MUST(!yaml);
		check_message(&err);
		return 0;
	}
	MUST(check_tree(yaml, kmr_yaml_root(yaml), 0) <= KMR_YAML_MAX_NODES);
	if (kmr_yaml_bind(yaml, kmr_yaml_root(yaml), "everything", fields, ARRAY_SIZE(fields), &all,
			  &err))
		check_message(&err);
	kmr_yaml_free(yaml);
	return 0;
}
