// SPDX-License-Identifier: GPL-2.0-only
/* YAML files as trees: what is in them, and every way in which one is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "file.h"

static struct kmr_yaml *parse(const char *text)
{
	struct kmr_error err = { "" };
	struct kmr_yaml *yaml;

	cr_assert_eq(kmr_yaml_parse(&yaml, "m.yaml", text, strlen(text), &err), 0, "%s", err.msg);
	return yaml;
}

static void refuse_bytes(const char *text, size_t len, const char *message)
{
	struct kmr_error err = { "" };
	struct kmr_yaml *yaml = (struct kmr_yaml *)&err;

	cr_assert_eq(kmr_yaml_parse(&yaml, "m.yaml", text, len, &err), -1, "taken: %s", message);
	cr_assert_str_eq(err.msg, message);
	cr_assert_null(yaml);
}

static void refuse(const char *text, const char *message)
{
	refuse_bytes(text, strlen(text), message);
}

static void at(const struct kmr_yaml_node *node, unsigned int line, unsigned int column)
{
	cr_assert_not_null(node);
	cr_assert_eq(node->line, line);
	cr_assert_eq(node->column, column);
}

Test(yaml, a_tree_that_knows_where_it_is)
{
	struct kmr_yaml *yaml = parse("# a machine\n"
				      "name: small  # comment\n"
				      "ram:\n"
				      "  - {start: 0, size: 640K}\n"
				      "  - 'quoted'\n"
				      "empty:\n"
				      "\"text\": |\n"
				      "  two\n"
				      "  lines\n");
	const struct kmr_yaml_node *root = kmr_yaml_root(yaml), *ram, *map;

	cr_assert_str_eq(kmr_yaml_name(yaml), "m.yaml");
	cr_assert_eq(root->kind, KMR_YAML_MAP);
	cr_assert_eq(root->nr, 4u);
	cr_assert_null(root->parent);
	cr_assert_null(root->key);
	at(root, 2, 1);
	cr_assert_str_eq(kmr_yaml_get(root, "name")->text, "small");
	cr_assert(kmr_yaml_get(root, "name")->plain);
	at(kmr_yaml_get(root, "name"), 2, 7);
	at(kmr_yaml_get(root, "name")->key, 2, 1);
	ram = kmr_yaml_get(root, "ram");
	cr_assert_eq(ram->kind, KMR_YAML_LIST);
	cr_assert_eq(ram->nr, 2u);
	cr_assert_null(ram->text);
	at(ram, 4, 3);
	map = ram->items;
	at(map, 4, 5);
	cr_assert_eq(map->parent, ram);
	cr_assert_null(map->key);
	cr_assert_str_eq(kmr_yaml_get(map, "size")->text, "640K");
	cr_assert_str_eq(map->next->text, "quoted");
	cr_assert_not(map->next->plain);
	cr_assert_null(map->next->next);
	cr_assert_str_eq(kmr_yaml_get(root, "empty")->text, "");
	cr_assert_eq(kmr_yaml_get(root, "text")->len, 10u);
	cr_assert_str_eq(kmr_yaml_get(root, "text")->text, "two\nlines\n");
	cr_assert_null(kmr_yaml_get(root, "none"));
	cr_assert_null(kmr_yaml_get(ram, "start"));
	kmr_yaml_free(yaml);
	kmr_yaml_free(NULL);
}

Test(yaml, what_is_never_followed)
{
	refuse("a: &x 1\nb: *x\n", "m.yaml:1:4: an anchor '&x'; anchors and aliases are not taken");
	refuse("a: &x [1]\n", "m.yaml:1:4: an anchor '&x'; anchors and aliases are not taken");
	refuse("a: *x\n", "m.yaml:1:4: an alias '*x'; anchors and aliases are not taken");
	refuse("a: !!int 1\n", "m.yaml:1:4: a tag 'tag:yaml.org,2002:int'; tags are not taken");
	refuse("a: ! {}\n", "m.yaml:1:4: a tag '!'; tags are not taken");
	refuse("a: {}\nb:\n  <<: {c: 1}\n",
	       "m.yaml:3:3: a merge key '<<'; write out what it would bring");
	refuse("a: 1\n---\na: 2\n", "m.yaml:2:1: a second document; a file has one");
	refuse("a: 1\nb: 2\na: 3\n", "m.yaml:3:1: key 'a' is there twice, the first at 1:1");
	refuse("[1]: 2\n", "m.yaml:1:1: a list as a key; keys are words");
	refuse("{a: 1}: 2\n", "m.yaml:1:1: a map as a key; keys are words");
	refuse("'': 2\n", "m.yaml:1:1: a key is missing before ':'");
}

Test(yaml, nothing_in_it)
{
	refuse("", "m.yaml:1:1: nothing but comments and blanks; keys and values would do");
	refuse("# no\n\n", "m.yaml:1:1: nothing but comments and blanks; keys and values would do");
	refuse("\n--- # no\n",
	       "m.yaml:3:1: nothing but comments and blanks; keys and values would do");
}
