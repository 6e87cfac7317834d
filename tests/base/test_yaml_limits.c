// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limits of YAML files, each met and passed by one, bombs that fill the largest file that is
 * read, and files on disk.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "file.h"

struct text {
	char *bytes;
	size_t len;
};

/* @head, then @body again and again up to @len bytes, then @tail. */
static struct text repeat(const char *head, const char *body, size_t len, const char *tail)
{
	const size_t n = strlen(body);
	struct text text = { malloc(len + strlen(head) + strlen(tail)), strlen(head) };

	cr_assert_not_null(text.bytes);
	memcpy(text.bytes, head, text.len);
	for (; text.len + n <= len; text.len += n)
		memcpy(text.bytes + text.len, body, n);
	memcpy(text.bytes + text.len, tail, strlen(tail));
	text.len += strlen(tail);
	return text;
}

static void check(struct text text, const char *message)
{
	struct kmr_error err = { "" };
	struct kmr_yaml *yaml;
	const int ret = kmr_yaml_parse(&yaml, "m.yaml", text.bytes, text.len, &err);

	cr_assert_eq(ret, message ? -1 : 0, "%s", err.msg);
	cr_assert_str_eq(err.msg, message ? message : "");
	kmr_yaml_free(yaml);
	free(text.bytes);
}

/* As check(), of as many times @body as a file of the limit holds. */
static void bomb(const char *head, const char *body, const char *message)
{
	check(repeat(head, body, KMR_YAML_MAX_BYTES, ""), message);
}

Test(yaml_limits, depth)
{
	check(repeat("", "[", 16, "]]]]]]]]]]]]]]]]"), NULL);
	check(repeat("", "[", 17, "]]]]]]]]]]]]]]]]]"),
	      "m.yaml:1:17: more than 16 lists and maps nested");
	check(repeat("", "{a: ", 64, "1}}}}}}}}}}}}}}}}"), NULL);
	check(repeat("", "{a: ", 68, "1}}}}}}}}}}}}}}}}}"),
	      "m.yaml:1:65: more than 16 lists and maps nested");
	check(repeat("", "- ", 32, "a"), NULL);
	check(repeat("", "- ", 34, "a"), "m.yaml:1:33: more than 16 lists and maps nested");
	/* what was closed does not count */
	check(repeat("[", "[],", 3000, "]"), NULL);
}

Test(yaml_limits, nesting_bombs)
{
	bomb("", "[", "m.yaml:1:17: more than 16 lists and maps nested");
	bomb("", "- ", "m.yaml:1:33: more than 16 lists and maps nested");
	bomb("", "{a: ", "m.yaml:1:65: more than 16 lists and maps nested");
	bomb("", "[{a: ", "m.yaml:1:41: more than 16 lists and maps nested");
	bomb("", "? ", "m.yaml:1:3: a map as a key; keys are words");
	bomb("", "{", "m.yaml:1:2: a map as a key; keys are words");
	bomb("", "[? ", "m.yaml:1:4: a list as a key; keys are words");
}

Test(yaml_limits, alias_bombs)
{
	static const char laughs[] = "a: &a [lol, lol, lol]\n"
				     "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
				     "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n";

	check(repeat("", laughs, sizeof(laughs) - 1, ""),
	      "m.yaml:1:4: an anchor '&a'; anchors and aliases are not taken");
	check(repeat("a: [1]\n", "b: [*a, *a]\n", 19, ""),
	      "m.yaml:2:5: an alias '*a'; anchors and aliases are not taken");
	bomb("- ", "*a ", "m.yaml:1:3: an alias '*a'; anchors and aliases are not taken");
	bomb("- &", "a",
	     "m.yaml:1:3: an anchor "
	     "'&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'; "
	     "anchors and aliases are not taken");
	bomb("- !", "a",
	     "m.yaml:1:3: a tag '!aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'; "
	     "tags are not taken");
}

Test(yaml_limits, nodes)
{
	/* the list is one */
	check(repeat("", "- \n", 3 * (KMR_YAML_MAX_NODES - 1), ""), NULL);
	check(repeat("", "- \n", 3 * KMR_YAML_MAX_NODES, ""),
	      "m.yaml:131072:2: more than 131072 keys and values");
	/* keys are some: each item is 3 */
	check(repeat("- ", "{a: b}\n- ", 2 + 9 * 43690 - 4, "1}"), NULL);
	bomb("- ", "{a: b}\n- ", "m.yaml:43691:4: more than 131072 keys and values");
	bomb("[", "a,", "m.yaml:1:262144: more than 131072 keys and values");
}

Test(yaml_limits, keys_of_a_map)
{
	char text[4096];
	size_t len = 0;

	for (unsigned int i = 0; i < KMR_YAML_MAX_KEYS; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "k%u: 1\n", i);
	check(repeat(text, " ", 0, ""), NULL);
	check(repeat(text, "x: 1\n", len + 5, ""), "m.yaml:257:1: more than 256 keys in one map");
}

Test(yaml_limits, bytes)
{
	struct text text;

	/* one text that fills it */
	bomb("a: ", "b", NULL);
	bomb("a: |\n", " b\n", NULL);
	bomb("'", "b''",
	     "m.yaml:1:4194305: found unexpected end of stream, while scanning a quoted "
	     "scalar that began at 1:1; the closing quote is missing");
	check(repeat("a: ", "b", KMR_YAML_MAX_BYTES, "b"),
	      "m.yaml:1:4194305: the file is larger than 4 MiB");
	check(repeat("a: 1\n", "# b\n", KMR_YAML_MAX_BYTES - 3, "\n\xc3\xa4\n"),
	      "m.yaml:1048577:2: the file is larger than 4 MiB");
	/* its mark of byte order is not counted */
	text = repeat("\xef\xbb\xbf", " ", KMR_YAML_MAX_BYTES, "  1");
	cr_assert_eq(text.len, KMR_YAML_MAX_BYTES + 3);
	check(text, NULL);
	bomb("", "\n", "m.yaml:1:1: nothing but comments and blanks; keys and values would do");
	bomb("? ", "k", "m.yaml:1:3: a key of 4194302 bytes; 128 are the limit");
	bomb("", "%TAG !a! b\n",
	     "m.yaml:1:1: a line begins with '%', as directives do; of those "
	     "only %YAML is taken");
}

TestSuite(yaml_read, .init = file_begin, .fini = file_end);

static void refuse_file(const char *message)
{
	char expected[256];
	struct kmr_error err = { "" };
	struct kmr_yaml *yaml;

	cr_assert_eq(kmr_yaml_read(&yaml, file_path, "a machine", &err), -1);
	(void)snprintf(expected, sizeof(expected), "%s%s", file_path, message);
	cr_assert_str_eq(err.msg, expected);
	cr_assert_null(yaml);
}

/* Compared by hand: Criterion cannot print 4 MiB. */
static void take_file(const char *value, size_t len)
{
	const struct kmr_yaml_node *node;
	struct kmr_error err = { "" };
	struct kmr_yaml *yaml;

	cr_assert_eq(kmr_yaml_read(&yaml, file_path, "a machine", &err), 0, "%s", err.msg);
	cr_assert_str_eq(kmr_yaml_name(yaml), file_path);
	node = kmr_yaml_get(kmr_yaml_root(yaml), "a");
	cr_assert_eq(node->len, len);
	cr_assert(!memcmp(node->text, value, len));
	kmr_yaml_free(yaml);
}

Test(yaml_read, plain_and_zstd)
{
	struct text text = repeat("a: ", "b", KMR_YAML_MAX_BYTES, "");
	size_t len;
	char *out;

	file_put("a: 1\n", 5);
	take_file("1", 1);
	len = file_compress("a: 22\n", 6, &out);
	file_put(out, len);
	take_file("22", 2);
	file_put(out, len - 3);
	free(out);
	refuse_file(": zstd frame cut off at byte 12; the file is not whole");
	file_put("a: [", 4);
	refuse_file(":2:1: did not find expected node content");
	file_put(text.bytes, text.len);
	take_file(text.bytes + 3, text.len - 3);
	free(text.bytes);
}

/* The file is small, what comes out of it is not: reading ends at the limit. */
Test(yaml_read, zstd_bomb)
{
	struct text text = repeat("a: ", "b", (size_t)64 << 20, "");
	char *out;
	const size_t len = file_compress(text.bytes, text.len, &out);

	cr_assert_lt(len, 65536u);
	file_put(out, len);
	free(out);
	free(text.bytes);
	refuse_file(":1:4194305: the file is larger than 4 MiB");
}

Test(yaml_read, no_file)
{
	struct kmr_error err = { "" };
	struct kmr_yaml *yaml;

	cr_assert_eq(kmr_yaml_read(&yaml, "/nowhere/m.yaml", "a machine", &err), -1);
	cr_assert_str_eq(err.msg, "/nowhere/m.yaml: cannot open: No such file or directory");
	cr_assert_null(yaml);
	cr_assert_eq(kmr_yaml_read(&yaml, "/tmp", "a machine", &err), -1);
	cr_assert_str_eq(err.msg, "/tmp: is a directory, not a machine");
}
