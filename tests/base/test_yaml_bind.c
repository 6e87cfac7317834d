// SPDX-License-Identifier: GPL-2.0-only
/* Maps into structs: every type of field, and every message about a map that does not fit. */
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
	uint32_t small, large;
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
	{ .key = "large", .type = KMR_YAML_U32, .offset = offsetof(struct thing, large) },
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
	refuse("name: x\nzebra: 3\n", "m.yaml:2:1: a thing has no key 'zebra'; known are number, "
				      "small, large, size, time, "
				      "part, flag, name, colour, items");
	refuse("size: 4K\n", "m.yaml:1:1: a thing lacks the key 'name'");
	refuse("[a]\n", "m.yaml:1:1: found a list where a thing has to be, which is a map of keys");
	refuse("size: 4K\nnmae: x\n",
	       "m.yaml:2:1: a thing has no key 'nmae'; did you mean 'name'?");
	refuse("''\n", "m.yaml:1:1: found nothing where a thing has to be, which is a map of keys");
	refuse("a\n", "m.yaml:1:1: found 'a' where a thing has to be, which is a map of keys");
}

Test(yaml_bind, values)
{
	refuse("name: x\nnumber: -5\n", "m.yaml:2:9: number: -5 is negative: at least 0");
	refuse("name: x\nnumber: 18446744073709551616\n",
	       "m.yaml:2:9: number: 18446744073709551616 is too large: at most "
	       "18446744073709551615");
	refuse("name: x\nsmall: 65\n", "m.yaml:2:8: small: 65 is too large: at most 64");
	refuse("name: x\nsmall: 0\n", "m.yaml:2:8: small: 0 is too small: at least 1");
	refuse("name: x\nlarge: 4294967296\n",
	       "m.yaml:2:8: large: 4294967296 is too large: at most 4294967295");
	refuse("name: x\nsize: [1]\n",
	       "m.yaml:2:7: size: found a list, takes a size, such as 4096, 64K or 512MiB");
	refuse("name: x\ntime: 3\n", "m.yaml:2:7: time: found '3', takes a time with its unit (ns, "
				     "us, ms, s, min, h, d), such as 10ms or 1.5s");
	refuse("name: x\npart: 101%\n", "m.yaml:2:7: part: 101% is too large: at most 1");
	refuse("name: x\nflag: 1\n", "m.yaml:2:7: flag: found '1', takes true or false");
	refuse("name: eight by\n",
	       "m.yaml:1:7: name: the text has 8 bytes, takes a text of up to 7 bytes");
	refuse("name: x\ncolour: gren\n",
	       "m.yaml:2:9: colour: found 'gren'; did you mean 'green'?");
	refuse("name: x\nitems: 3\n", "m.yaml:2:8: no list of items");
}

/* What is not in the file stays, whatever is beside it. */
Test(yaml_bind, nothing_else_is_written)
{
	struct thing thing, before;
	struct kmr_error err = { "" };

	memset(&thing, 0xa5, sizeof(thing));
	cr_assert_eq(bind("name: abcdefg\nlarge: 4294967295\n", &thing, &err), 0, "%s", err.msg);
	memset(&before, 0xa5, sizeof(before));
	before.large = UINT32_MAX;
	memcpy(before.name, "abcdefg", 8);
	cr_assert_arr_eq(&thing, &before, sizeof(thing));
}

/* A reader of one key binds the map that is its value. */
struct inner {
	uint32_t order;
};

static int read_inner(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		      struct kmr_error *err)
{
	static const struct kmr_yaml_field of_inner[] = {
		{ .key = "order",
		  .type = KMR_YAML_U32,
		  .required = true,
		  .offset = offsetof(struct inner, order),
		  .max = 10 },
	};

	return kmr_yaml_bind(yaml, node, "a request", of_inner, ARRAY_SIZE(of_inner), object, err);
}

Test(yaml_bind, a_map_in_a_map)
{
	static const struct kmr_yaml_field outer[] = {
		{ .key = "request", .type = KMR_YAML_CALL, .read = read_inner },
	};
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "request: {order: 3}", "" },
		{ "request:\n  ordr: 3\n",
		  "m.yaml:2:3: a request has no key 'ordr'; did you mean 'order'?" },
		{ "request:\n  order: 11\n", "m.yaml:2:10: order: 11 is too large: at most 10" },
		{ "request: {}\n", "m.yaml:1:10: a request lacks the key 'order'" },
		{ "request:\n",
		  "m.yaml:1:9: found nothing where a request has to be, which is a map of keys" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct kmr_error err = { "" };
		struct inner inner = { 0 };
		struct kmr_yaml *yaml;
		int ret;

		cr_assert_eq(
			kmr_yaml_parse(&yaml, "m.yaml", cases[i].text, strlen(cases[i].text), &err),
			0);
		ret = kmr_yaml_bind(yaml, kmr_yaml_root(yaml), "a load", outer, ARRAY_SIZE(outer),
				    &inner, &err);
		cr_assert_str_eq(err.msg, cases[i].message);
		cr_assert_eq(ret, *cases[i].message ? -1 : 0);
		cr_assert_eq(inner.order, *cases[i].message ? 0u : 3u);
		kmr_yaml_free(yaml);
	}
}

static int refuse_any(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		      struct kmr_error *err)
{
	cr_assert_null(object);
	return kmr_yaml_fail(yaml, node, err, "'%s' was read", node->text);
}

Test(yaml_bind, no_object)
{
	static const struct kmr_yaml_field only[] = {
		{ .key = "a", .type = KMR_YAML_CALL, .read = refuse_any },
	};
	struct kmr_error err = { "" };
	struct kmr_yaml *yaml;

	cr_assert_eq(kmr_yaml_parse(&yaml, "m.yaml", "a: b", 4, &err), 0);
	cr_assert_eq(kmr_yaml_bind(yaml, kmr_yaml_root(yaml), "it", only, 1, NULL, &err), -1);
	cr_assert_str_eq(err.msg, "m.yaml:1:4: 'b' was read");
	kmr_yaml_free(yaml);
}
