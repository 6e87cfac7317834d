// SPDX-License-Identifier: GPL-2.0-only
/* YAML files as trees: what is in them, and every way in which one is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
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

Test(yaml, not_the_bytes_of_a_text)
{
	static const char utf16[] = "\xff\xfe"
				    "a\0:\0 \0001\0",
			  utf16_be[] = "\xfe\xff\0a\0:\0 \0001", nul[] = "a: 1\nb: \xc3\xa4x\0y\n",
			  utf16_no_mark[] = "a\0:\0 \0001\0";

	refuse_bytes(utf16, sizeof(utf16) - 1,
		     "m.yaml:1:1: the file is UTF-16; it has to be UTF-8");
	refuse_bytes(utf16_be, sizeof(utf16_be) - 1,
		     "m.yaml:1:1: the file is UTF-16; it has to be UTF-8");
	refuse_bytes(utf16_no_mark, sizeof(utf16_no_mark) - 1,
		     "m.yaml:1:2: a NUL byte; the file has to be text");
	refuse_bytes(nul, sizeof(nul) - 1, "m.yaml:2:6: a NUL byte; the file has to be text");
	refuse("a: \"x\\0y\"\n", "m.yaml:1:4: a text with a NUL in it");
	refuse("a: \xff\n", "m.yaml:1:4: invalid leading UTF-8 octet");
	refuse("\xc3\xa4: 1\nb: \xc3(\n", "m.yaml:2:5: invalid trailing UTF-8 octet");
	refuse("a: \xe2\x82", "m.yaml:1:4: incomplete UTF-8 octet sequence");
	/* a NUL in two bytes, a surrogate, an escape for terminals */
	refuse("a: \xc0\x80\n", "m.yaml:1:4: invalid length of a UTF-8 sequence");
	refuse("a: \xed\xa0\x80\n", "m.yaml:1:4: invalid Unicode character");
	refuse("a: \x1b[31m\n", "m.yaml:1:4: control characters are not allowed");
	refuse("a: \x7f\n", "m.yaml:1:4: control characters are not allowed");
}

/* Lines are those of the text whatever ends them, columns are characters. */
Test(yaml, lines_and_columns)
{
	struct kmr_yaml *yaml = parse("\xef\xbb\xbf"
				      "a: \xc3\xa4\r\n"
				      "\xe2\x82\xac\xe2\x82\xac: b\r"
				      "c: \xc3\xa4 d\xc2\x85"
				      "e: f\xe2\x80\xa8"
				      "g: h");
	const struct kmr_yaml_node *root = kmr_yaml_root(yaml);

	at(kmr_yaml_get(root, "a"), 1, 4);
	at(kmr_yaml_get(root, "a")->key, 1, 1);
	at(kmr_yaml_get(root, "\xe2\x82\xac\xe2\x82\xac"), 2, 5);
	at(kmr_yaml_get(root, "c"), 3, 4);
	cr_assert_str_eq(kmr_yaml_get(root, "c")->text, "\xc3\xa4 d");
	at(kmr_yaml_get(root, "e"), 4, 4);
	at(kmr_yaml_get(root, "g"), 5, 4);
	kmr_yaml_free(yaml);
	/* the same where a byte is wrong, which libyaml tells by its offset */
	refuse("\xef\xbb\xbf"
	       "a: \xc3\xa4\r\nb: 1\rc: 1\xc2\x85"
	       "d: 1\xe2\x80\xa9"
	       "\xe2\x82\xac: \xff\n",
	       "m.yaml:5:4: invalid leading UTF-8 octet");
	refuse("\xef\xbb\xbf"
	       "a: 1\r\na: 2\r\n",
	       "m.yaml:2:1: key 'a' is there twice, the first at 1:1");
}

Test(yaml, tabs)
{
	refuse("a:\n\tb: 1\n", "m.yaml:2:1: a tab; lines are indented with spaces");
	refuse("\xc3\xa4: |\n\tb\n", "m.yaml:2:1: a tab; lines are indented with spaces");
	refuse("a: 1\n\tb: 2\n", "m.yaml:2:1: a tab; lines are indented with spaces");
	refuse("a: \xc3\xa4\xc2\x85\tb: 1\n", "m.yaml:2:1: a tab; lines are indented with spaces");
	/* where it indents nothing it is a blank */
	kmr_yaml_free(parse("a:\t1\t# one\nb: \"\t\"\nc: [1,\n\t2]\n"));
}

Test(yaml, syntax)
{
	refuse("a: 1\n  b: 2\n",
	       "m.yaml:2:4: mapping values are not allowed in this context; a text with ': ' in it "
	       "has to be quoted, keys of one map are indented alike");
	refuse("a:\n    b: 1\n   c: 2\n",
	       "m.yaml:3:4: did not find expected key, while parsing a block mapping that began at "
	       "1:1; keys of one map are indented alike, by spaces, and a map has no items");
	refuse("- a\nb: 1\n",
	       "m.yaml:2:1: did not find expected '-' indicator, while parsing a block collection "
	       "that began at 1:1; items of one list are indented alike");
	refuse("a: - b\n   - c\n", "m.yaml:1:4: block sequence entries are not allowed in this "
				   "context; the items of a list begin below their key");
	refuse("  a: 1\nb: 2\n",
	       "m.yaml:2:1: did not find expected <document start>; something follows where the "
	       "file's value has ended");
	refuse("a: @x\n", "m.yaml:1:4: found character that cannot start any token; a text that "
			  "begins so has to be quoted");
	refuse("a: \"x\n",
	       "m.yaml:2:1: found unexpected end of stream, while scanning a quoted scalar that "
	       "began at 1:4; the closing quote is missing");
	refuse("a: [1, 2\nb: 3\n", "m.yaml:2:2: did not find expected ',' or ']', while parsing a "
				   "flow sequence that began at 1:4");
}

Test(yaml, directives)
{
	static const char refusal[] = "a line begins with '%', as directives do; of those only "
				      "%YAML is taken";
	char message[128];

	(void)snprintf(message, sizeof(message), "m.yaml:1:1: %s", refusal);
	refuse("%TAG !a! b\n--- 1\n", message);
	refuse("%", message);
	refuse("%YAML", message);
	(void)snprintf(message, sizeof(message), "m.yaml:4:1: %s", refusal);
	refuse("a: 1\r\n...\xc2\x85# no\r%TAG !a! b\n--- 1\n", message);
	(void)snprintf(message, sizeof(message), "m.yaml:2:1: %s", refusal);
	refuse("%YAML 1.1\n%FOO\n--- 1\n", message);
	refuse("%YAML 2.0\n--- 1\n", "m.yaml:1:1: found incompatible YAML document");
	kmr_yaml_free(parse("%YAML 1.2\n---\na: 10%\nb: |\n %c\n...\n"));
}

Test(yaml, keys)
{
	char text[512], message[512];

	refuse("? |\n  two\n  lines\n: 1\n", "m.yaml:1:3: a key with a control character in it");
	refuse("\"a\\eb\": 1\n", "m.yaml:1:1: a key with a control character in it");
	refuse("'a': 1\na: 2\n", "m.yaml:2:1: key 'a' is there twice, the first at 1:1");
	refuse("{a: 1, a: 2}", "m.yaml:1:8: key 'a' is there twice, the first at 1:2");
	/* of different maps they may be alike, and "<<" quoted merges nothing */
	kmr_yaml_free(parse("a: {a: 1}\nb: {a: 1}\n'<<': 1\nc: <<\n"));
	(void)snprintf(text, sizeof(text), "%0*d: 1\n", (int)KMR_YAML_MAX_KEY, 1);
	kmr_yaml_free(parse(text));
	(void)snprintf(text, sizeof(text), "%0*d: 1\n%0*d: 2\n", (int)KMR_YAML_MAX_KEY, 1,
		       (int)KMR_YAML_MAX_KEY, 1);
	(void)snprintf(message, sizeof(message),
		       "m.yaml:2:1: key '%0*d' is there twice, the first at 1:1",
		       (int)KMR_YAML_MAX_KEY, 1);
	refuse(text, message);
	(void)snprintf(text, sizeof(text), "a: 1\n%0*d: 1\n", (int)KMR_YAML_MAX_KEY + 1, 1);
	refuse(text, "m.yaml:2:1: a key of 129 bytes; 128 are the limit");
}

/* What a caller quotes of a file neither ends the line nor speaks to a terminal. */
Test(yaml, messages_are_printable)
{
	struct kmr_yaml *yaml = parse("a: \"x\\e[31m\\n\\u20acy\"\n");
	const struct kmr_yaml_node *node = kmr_yaml_get(kmr_yaml_root(yaml), "a");
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_yaml_fail(yaml, node, &err, "no %s", node->text), -1);
	cr_assert_str_eq(err.msg, "m.yaml:1:4: no x?[31m??\?\?y");
	kmr_yaml_free(yaml);
}
