// SPDX-License-Identifier: GPL-2.0-only
/* Scalars as numbers and words, and maps as structs. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/yaml.h"

enum colour {
	RED,
	GREEN
};

struct thing {
	uint64_t number, size, time, part;
	uint32_t small;
	bool flag;
	char name[8];
	unsigned int colour;
	uint32_t items;
};

static int read_items(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		      struct kmr_error *err)
{
	struct thing *thing = object;

	if (node->kind != KMR_YAML_LIST)
		return kmr_yaml_fail(yaml, node, err, "no list of %s", "items");
	thing->items = node->nr;
	return 0;
}

static const char *const colours[] = { "red", "green", NULL };

static const struct kmr_yaml_field fields[] = {
	{ .key = "number", .type = KMR_YAML_U64, .offset = offsetof(struct thing, number) },
	{ .key = "small",
	  .type = KMR_YAML_U32,
	  .offset = offsetof(struct thing, small),
	  .min = 1,
	  .max = 64 },
	{ .key = "size", .type = KMR_YAML_SIZE, .offset = offsetof(struct thing, size) },
	{ .key = "time", .type = KMR_YAML_TIME, .offset = offsetof(struct thing, time) },
	{ .key = "part",
	  .type = KMR_YAML_FRACTION,
	  .offset = offsetof(struct thing, part),
	  .max = 1000000000 },
	{ .key = "flag", .type = KMR_YAML_BOOL, .offset = offsetof(struct thing, flag) },
	{ .key = "name",
	  .type = KMR_YAML_TEXT,
	  .required = true,
	  .offset = offsetof(struct thing, name),
	  .max = 8 },
	{ .key = "colour",
	  .type = KMR_YAML_CHOICE,
	  .offset = offsetof(struct thing, colour),
	  .names = colours },
	{ .key = "items", .type = KMR_YAML_CALL, .read = read_items },
};

static int bind(const char *text, struct thing *thing, struct kmr_error *err)
{
	struct kmr_yaml *yaml;
	int ret;

	if (kmr_yaml_parse(&yaml, "m.yaml", text, strlen(text), err))
		return -1;
	ret = kmr_yaml_bind(yaml, kmr_yaml_root(yaml), "a thing", fields, ARRAY_SIZE(fields), thing,
			    err);
	kmr_yaml_free(yaml);
	return ret;
}

static void refuse(const char *text, const char *message)
{
	struct kmr_error err = { "" };
	struct thing thing;

	cr_assert_eq(bind(text, &thing, &err), -1, "taken: %s", text);
	cr_assert_str_eq(err.msg, message);
}

Test(yaml_bind, every_type)
{
	struct thing thing = { .number = 7, .flag = true };
	struct kmr_error err = { "" };

	cr_assert_eq(bind("name: x\n", &thing, &err), 0, "%s", err.msg);
	cr_assert_eq(thing.number, 7u);
	cr_assert(thing.flag);
	cr_assert_eq(
		bind("number: 0x1fF\nsmall: 64\nsize: 3MiB\ntime: 1.5ms\npart: 12.5%\nflag: off\n"
		     "name: 'a b c d'\ncolour: green\nitems: [1, 2, 3]\n",
		     &thing, &err),
		0, "%s", err.msg);
	cr_assert_eq(thing.number, 511u);
	cr_assert_eq(thing.small, 64u);
	cr_assert_eq(thing.size, 3u << 20);
	cr_assert_eq(thing.time, 1500000u);
	cr_assert_eq(thing.part, 125000000u);
	cr_assert_not(thing.flag);
	cr_assert_str_eq(thing.name, "a b c d");
	cr_assert_eq(thing.colour, (unsigned int)GREEN);
	cr_assert_eq(thing.items, 3u);
}

Test(yaml_bind, keys)
{
	refuse("name: x\nnubmer: 3\n",
	       "m.yaml:2:1: a thing has no key 'nubmer'; did you mean 'number'?");
	refuse("name: x\nzebra: 3\n",
	       "m.yaml:2:1: a thing has no key 'zebra'; known are number, small, size, time, "
	       "part, flag, name, colour, items");
	refuse("size: 4K\n", "m.yaml:1:1: a thing lacks the key 'name'");
	refuse("[a]\n", "m.yaml:1:1: found a list where a thing has to be, which is a map of keys");
	refuse("a\n", "m.yaml:1:1: found 'a' where a thing has to be, which is a map of keys");
}

Test(yaml_bind, values)
{
	refuse("name: x\nnumber: -5\n", "m.yaml:2:9: number: -5 is negative: at least 0");
	refuse("name: x\nsmall: 65\n", "m.yaml:2:8: small: 65 is too large: at most 64");
	refuse("name: x\nsmall: 0\n", "m.yaml:2:8: small: 0 is too small: at least 1");
	refuse("name: x\nsize: [1]\n",
	       "m.yaml:2:7: size: found a list, takes a size, such as 4096, 64K or 512MiB");
	refuse("name: x\ncolour: gren\n",
	       "m.yaml:2:9: colour: found 'gren'; did you mean 'green'?");
}
