// SPDX-License-Identifier: GPL-2.0-only
/* The JSON writer: layout, escapes, numbers. */
#include <math.h>

#include "report/json.h"
#include "written.h"

static struct kmr_json writer(void)
{
	struct kmr_json json;

	kmr_json_init(&json, tmpfile());
	cr_assert_not_null(json.out);
	return json;
}

Test(json, nests)
{
	struct kmr_json j = writer();

	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "digest", "00ff");
	kmr_json_object(&j, "alloc");
	kmr_json_uint(&j, "total", UINT64_MAX);
	kmr_json_int(&j, "change", INT64_MIN);
	kmr_json_end_object(&j);
	kmr_json_array(&j, "list");
	kmr_json_int(&j, NULL, 1);
	kmr_json_array(&j, NULL);
	kmr_json_end_array(&j);
	kmr_json_object(&j, NULL);
	kmr_json_end_object(&j);
	kmr_json_end_array(&j);
	kmr_json_bool(&j, "yes", true);
	kmr_json_bool(&j, "no", false);
	kmr_json_null(&j, "none");
	kmr_json_string(&j, "null", NULL);
	kmr_json_end_object(&j);
	expect_written(j.out, "{\n"
			      "  \"digest\": \"00ff\",\n"
			      "  \"alloc\": {\n"
			      "    \"total\": 18446744073709551615,\n"
			      "    \"change\": -9223372036854775808\n"
			      "  },\n"
			      "  \"list\": [\n"
			      "    1,\n"
			      "    [],\n"
			      "    {}\n"
			      "  ],\n"
			      "  \"yes\": true,\n"
			      "  \"no\": false,\n"
			      "  \"none\": null,\n"
			      "  \"null\": null\n"
			      "}\n");
}

static void expect_string(const char *text, size_t len, const char *expected)
{
	struct kmr_json j = writer();

	kmr_json_bytes(&j, NULL, text, len);
	expect_written(j.out, expected);
}

#define STRING(text, expected) expect_string(text, sizeof(text) - 1, "\"" expected "\"\n")

Test(json, escapes)
{
	STRING("", "");
	STRING("a \"b\" \\c/", "a \\\"b\\\" \\\\c/");
	STRING("\b\f\n\r\t", "\\b\\f\\n\\r\\t");
	STRING("\0\x01\x1f\x7f", "\\u0000\\u0001\\u001f\\u007f");
	STRING("bfnrt", "bfnrt");
}

Test(json, keys_are_escaped_too)
{
	struct kmr_json j = writer();

	kmr_json_object(&j, NULL);
	kmr_json_null(&j, "a\"\xff");
	kmr_json_end_object(&j);
	expect_written(j.out, "{\n  \"a\\\"\xef\xbf\xbd\": null\n}\n");
}

#define BAD "\xef\xbf\xbd"

Test(json, keeps_utf8)
{
	STRING("\xc3\xa9", "\xc3\xa9");
	STRING("\xe2\x82\xac", "\xe2\x82\xac");
	STRING("\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"); /* around surrogates */
	STRING("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

Test(json, replaces_what_is_not_utf8)
{
	STRING("a\xff z", "a" BAD " z");
	STRING("\x80", BAD);
	STRING("\xc3", BAD); /* cut off */
	STRING("\xe2\x82", BAD BAD); /* cut off */
	STRING("\xe2\x82z", BAD BAD "z"); /* broken off */
	STRING("\xc0\xaf", BAD BAD); /* overlong */
	STRING("\xe0\x80\xaf", BAD BAD BAD); /* overlong */
	STRING("\xf0\x8f\xbf\xbf", BAD BAD BAD BAD); /* overlong */
	STRING("\xed\xa0\x80", BAD BAD BAD); /* a surrogate */
	STRING("\xf4\x90\x80\x80", BAD BAD BAD BAD); /* above U+10FFFF */
	STRING("\xf5\x80\x80\x80", BAD BAD BAD BAD);
}

static void expect_double(double value, unsigned int decimals, const char *expected)
{
	struct kmr_json j = writer();

	kmr_json_double(&j, NULL, value, decimals);
	expect_written(j.out, expected);
}

Test(json, doubles)
{
	expect_double(0.5, 3, "0.500\n");
	expect_double(-12.3456, 2, "-12.35\n");
	expect_double(99.99999, 4, "100.0000\n");
	expect_double(-0.0001, 2, "0.00\n");
	expect_double(7, 0, "7\n");
	expect_double(NAN, 2, "null\n");
	expect_double(-INFINITY, 2, "null\n");
	expect_double(1e300, 2, "1.00000000000000005e+300\n");
}
