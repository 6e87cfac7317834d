// SPDX-License-Identifier: GPL-2.0-only
/* Scalars as numbers and words: what is taken as what, and every message about what is not. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"

typedef int read_fn(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t min,
		    uint64_t max, uint64_t *value, struct kmr_error *err);

static struct kmr_yaml *yaml;
static struct kmr_error err;

static void end(void)
{
	kmr_yaml_free(yaml);
	yaml = NULL;
}

/* The value of key "k" */
static const struct kmr_yaml_node *value_of(const char *value)
{
	char text[512];

	end();
	(void)snprintf(text, sizeof(text), "k: %s\n", value);
	err.msg[0] = '\0';
	cr_assert_eq(kmr_yaml_parse(&yaml, "m.yaml", text, strlen(text), &err), 0, "%s", err.msg);
	return kmr_yaml_get(kmr_yaml_root(yaml), "k");
}

static void failed(int ret, const char *value, const char *message)
{
	char expected[512];

	cr_assert_eq(ret, -1, "taken: %s", value);
	(void)snprintf(expected, sizeof(expected), "m.yaml:1:%d: k: %s", *value ? 4 : 3, message);
	cr_assert_str_eq(err.msg, expected, "%s: %s", value, err.msg);
}

static void takes(read_fn *read, const char *value, uint64_t expected)
{
	uint64_t number = ~expected;

	cr_assert_eq(read(yaml, value_of(value), 0, UINT64_MAX, &number, &err), 0, "%s", err.msg);
	cr_assert_eq(number, expected, "%s: %" PRIu64, value, number);
}

static void limits(read_fn *read, const char *value, uint64_t min, uint64_t max,
		   const char *message)
{
	uint64_t number = 42;
	const struct kmr_yaml_node *node = value_of(value);

	failed(read(yaml, node, min, max, &number, &err), value, message);
	cr_assert_eq(number, 42u);
}

/* @what is found instead of what @read takes */
static void refuses(read_fn *read, const char *value, const char *what, const char *instead)
{
	char message[256];

	(void)snprintf(message, sizeof(message), "found %s, takes %s", what, instead);
	limits(read, value, 0, UINT64_MAX, message);
}

TestSuite(yaml_scalar, .fini = end);

Test(yaml_scalar, u64)
{
	static const char number[] = "a number, such as 12 or 0x1000";

	takes(kmr_yaml_u64, "0", 0);
	takes(kmr_yaml_u64, "18446744073709551615", UINT64_MAX);
	takes(kmr_yaml_u64, "0xFFFFffffFFFFffff", UINT64_MAX);
	takes(kmr_yaml_u64, "0X0010", 16);
	refuses(kmr_yaml_u64, "", "nothing", number);
	refuses(kmr_yaml_u64, "[5]", "a list", number);
	refuses(kmr_yaml_u64, "{a: 5}", "a map", number);
	refuses(kmr_yaml_u64, "five", "'five'", number);
	refuses(kmr_yaml_u64, "'5'", "the text \"5\"", number);
	refuses(kmr_yaml_u64, "+5", "'+5'", number);
	refuses(kmr_yaml_u64, "1.0", "'1.0'", number);
	refuses(kmr_yaml_u64, "1e3", "'1e3'", number);
	refuses(kmr_yaml_u64, "1_000", "'1_000'", number);
	refuses(kmr_yaml_u64, "4K", "'4K'", number);
	refuses(kmr_yaml_u64, "0x", "'0x'", number);
	refuses(kmr_yaml_u64, "0x1g", "'0x1g'", number);
	refuses(kmr_yaml_u64, "5 6", "'5 6'", number);
	refuses(kmr_yaml_u64, "-x", "'-x'", number);
	refuses(kmr_yaml_u64, "null", "'null'", number);
	/* 8 to some readers, 10 to others */
	refuses(kmr_yaml_u64, "010", "'010'", number);
	refuses(kmr_yaml_u64, "\xc3\xa4", "'\?\?'", number);
	refuses(kmr_yaml_u64, "this_is_longer_than_a_message_should_be",
		"'this_is_longer_than_a_message_should_be'", number);
	refuses(kmr_yaml_u64, "this_is_longer_than_a_message_should_be_",
		"'this_is_longer_than_a_message_should...'", number);
}

Test(yaml_scalar, u64_limits)
{
	uint64_t number;

	limits(kmr_yaml_u64, "-5", 0, 9, "-5 is negative: at least 0");
	limits(kmr_yaml_u64, "-0", 1, 9, "-0 is negative: at least 1");
	limits(kmr_yaml_u64, "0", 1, 9, "0 is too small: at least 1");
	limits(kmr_yaml_u64, "10", 1, 9, "10 is too large: at most 9");
	limits(kmr_yaml_u64, "18446744073709551616", 0, UINT64_MAX,
	       "18446744073709551616 is too large: at most 18446744073709551615");
	limits(kmr_yaml_u64, "0x10000000000000000", 0, 255,
	       "0x10000000000000000 is too large: at most 255");
	limits(kmr_yaml_u64, "99999999999999999999999999999999999999999999999999", 0, 64,
	       "999999999999999999999999999999999999... is too large: at most 64");
	cr_assert_eq(kmr_yaml_u64(yaml, value_of("9"), 1, 9, &number, &err), 0);
	cr_assert_eq(kmr_yaml_u64(yaml, value_of("1"), 1, 9, &number, &err), 0);
	cr_assert_eq(number, 1u);
}

Test(yaml_scalar, size)
{
	static const char size[] = "a size, such as 4096, 64K or 512MiB";

	takes(kmr_yaml_size, "0", 0);
	takes(kmr_yaml_size, "4096", 4096);
	takes(kmr_yaml_size, "0x1000", 4096);
	takes(kmr_yaml_size, "0x10K", 16384);
	takes(kmr_yaml_size, "64k", 65536);
	takes(kmr_yaml_size, "64KiB", 65536);
	takes(kmr_yaml_size, "'3M'", 3 << 20);
	takes(kmr_yaml_size, "896mib", UINT64_C(896) << 20);
	takes(kmr_yaml_size, "64G", UINT64_C(64) << 30);
	takes(kmr_yaml_size, "2TIB", UINT64_C(2) << 40);
	takes(kmr_yaml_size, "16383P", UINT64_C(16383) << 50);
	takes(kmr_yaml_size, "18446744073709551615", UINT64_MAX);
	refuses(kmr_yaml_size, "", "nothing", size);
	refuses(kmr_yaml_size, "[4K]", "a list", size);
	/* 1000 or 1024? */
	refuses(kmr_yaml_size, "4KB", "'4KB'", size);
	refuses(kmr_yaml_size, "4Ki", "'4Ki'", size);
	refuses(kmr_yaml_size, "4KiBs", "'4KiBs'", size);
	refuses(kmr_yaml_size, "4B", "'4B'", size);
	refuses(kmr_yaml_size, "4 K", "'4 K'", size);
	refuses(kmr_yaml_size, "4E", "'4E'", size);
	refuses(kmr_yaml_size, "2.5M", "'2.5M'", size);
	refuses(kmr_yaml_size, "K", "'K'", size);
	refuses(kmr_yaml_size, "4\xc3\xab", "'4\?\?'", size);
	limits(kmr_yaml_size, "-4K", 0, 4096, "-4K is negative: at least 0");
	limits(kmr_yaml_size, "'-1'", 4096, 1 << 20, "-1 is negative: at least 4K");
	limits(kmr_yaml_size, "5K", 0, 4097, "5K is too large: at most 4097");
	limits(kmr_yaml_size, "65G", 0, UINT64_C(64) << 30, "65G is too large: at most 64G");
	limits(kmr_yaml_size, "4095", 4096, 1 << 20, "4095 is too small: at least 4K");
	limits(kmr_yaml_size, "16384P", 0, UINT64_C(2048) << 50,
	       "16384P is too large: at most 2048P");
	limits(kmr_yaml_size, "18446744073709551616", 0, UINT64_MAX,
	       "18446744073709551616 is too large: at most 18446744073709551615");
}

Test(yaml_scalar, time)
{
	static const char time[] = "a time with its unit (ns, us, ms, s, min, h, d), such as 10ms "
				   "or 1.5s";

	takes(kmr_yaml_time, "0", 0);
	takes(kmr_yaml_time, "'0'", 0);
	takes(kmr_yaml_time, "0s", 0);
	takes(kmr_yaml_time, "1ns", 1);
	takes(kmr_yaml_time, "2.5us", 2500);
	takes(kmr_yaml_time, "0.000001ms", 1);
	takes(kmr_yaml_time, "1.000000001s", 1000000001);
	takes(kmr_yaml_time, "0.5min", UINT64_C(30000000000));
	takes(kmr_yaml_time, "0.000000001h", 3600);
	takes(kmr_yaml_time, "0.999999999d", UINT64_C(86399999913600));
	takes(kmr_yaml_time, "7d", UINT64_C(604800000000000));
	takes(kmr_yaml_time, "213503d", UINT64_C(18446659200000000000));
	takes(kmr_yaml_time, "18446744073.709551615s", UINT64_MAX);
	refuses(kmr_yaml_time, "", "nothing", time);
	refuses(kmr_yaml_time, "{s: 1}", "a map", time);
	refuses(kmr_yaml_time, "5", "'5'", time);
	refuses(kmr_yaml_time, "0.0", "'0.0'", time);
	refuses(kmr_yaml_time, "1 s", "'1 s'", time);
	refuses(kmr_yaml_time, "1S", "'1S'", time);
	refuses(kmr_yaml_time, "1sec", "'1sec'", time);
	refuses(kmr_yaml_time, ".5s", "'.5s'", time);
	refuses(kmr_yaml_time, "5.s", "'5.s'", time);
	refuses(kmr_yaml_time, "0x5s", "'0x5s'", time);
	refuses(kmr_yaml_time, "1.0000000001s", "'1.0000000001s'", time);
	limits(kmr_yaml_time, "0.5ns", 0, 9, "0.5ns is no whole number of nanoseconds");
	limits(kmr_yaml_time, "1.0005us", 0, 9, "1.0005us is no whole number of nanoseconds");
	limits(kmr_yaml_time, "-1s", 0, 9, "-1s is negative: at least 0ns");
	limits(kmr_yaml_time, "11ms", 0, 10000000, "11ms is too large: at most 10ms");
	limits(kmr_yaml_time, "2d", 0, UINT64_C(86400000000000), "2d is too large: at most 1d");
	limits(kmr_yaml_time, "1ns", 1500, UINT64_MAX, "1ns is too small: at least 1500ns");
	limits(kmr_yaml_time, "213504d", 0, UINT64_MAX,
	       "213504d is too large: at most 18446744073709551615ns");
	limits(kmr_yaml_time, "18446744073.709551616s", 0, 60000000000,
	       "18446744073.709551616s is too large: at most 1min");
	limits(kmr_yaml_time, "99999999999999999999ns", 0, 7200000000000,
	       "99999999999999999999ns is too large: at most 2h");
}

Test(yaml_scalar, fraction)
{
	static const char fraction[] = "a fraction, such as 0.25 or 25%";
	const uint64_t one = 1000000000;

	takes(kmr_yaml_fraction, "0", 0);
	takes(kmr_yaml_fraction, "1", one);
	takes(kmr_yaml_fraction, "0.25", 250000000);
	takes(kmr_yaml_fraction, "25%", 250000000);
	takes(kmr_yaml_fraction, "0.000000001", 1);
	takes(kmr_yaml_fraction, "0.0000001%", 1);
	takes(kmr_yaml_fraction, "'12.3456789%'", 123456789);
	takes(kmr_yaml_fraction, "150%", 1500000000);
	takes(kmr_yaml_fraction, "18446744073.709551615", UINT64_MAX);
	refuses(kmr_yaml_fraction, "", "nothing", fraction);
	refuses(kmr_yaml_fraction, "[1]", "a list", fraction);
	refuses(kmr_yaml_fraction, "half", "'half'", fraction);
	refuses(kmr_yaml_fraction, "1/2", "'1/2'", fraction);
	refuses(kmr_yaml_fraction, "0x1", "'0x1'", fraction);
	refuses(kmr_yaml_fraction, "25 %", "'25 %'", fraction);
	refuses(kmr_yaml_fraction, "25%%", "'25%%'", fraction);
	refuses(kmr_yaml_fraction, "5e-1", "'5e-1'", fraction);
	refuses(kmr_yaml_fraction, ".5", "'.5'", fraction);
	refuses(kmr_yaml_fraction, "00.5", "'00.5'", fraction);
	refuses(kmr_yaml_fraction, "0.0000000001", "'0.0000000001'", fraction);
	limits(kmr_yaml_fraction, "0.00000001%", 0, one,
	       "0.00000001% is too exact: a percentage has at most 7 decimals");
	limits(kmr_yaml_fraction, "-0.5", 0, one, "-0.5 is negative: at least 0");
	limits(kmr_yaml_fraction, "-.5", 0, one, "-.5 is negative: at least 0");
	limits(kmr_yaml_fraction, "1.000000001", 0, one, "1.000000001 is too large: at most 1");
	limits(kmr_yaml_fraction, "101%", 0, one, "101% is too large: at most 1");
	limits(kmr_yaml_fraction, "0.01", 50000000, one, "0.01 is too small: at least 0.05");
	limits(kmr_yaml_fraction, "0", 1, one, "0 is too small: at least 0.000000001");
	limits(kmr_yaml_fraction, "18446744073.709551616", 0, 1500000000,
	       "18446744073.709551616 is too large: at most 1.5");
	limits(kmr_yaml_fraction, "1844674407370.9551616%", 0, UINT64_MAX,
	       "1844674407370.9551616% is too large: at most 18446744073.709551615");
}

static void boolean(const char *value, bool expected)
{
	bool flag = !expected;

	cr_assert_eq(kmr_yaml_bool(yaml, value_of(value), &flag, &err), 0, "%s", err.msg);
	cr_assert_eq(flag, expected);
}

static void no_boolean(const char *value, const char *message)
{
	const struct kmr_yaml_node *node = value_of(value);
	bool flag;

	failed(kmr_yaml_bool(yaml, node, &flag, &err), value, message);
}

Test(yaml_scalar, booleans)
{
	boolean("true", true);
	boolean("false", false);
	boolean("on", true);
	boolean("off", false);
	boolean("yes", true);
	boolean("no", false);
	no_boolean("1", "found '1', takes true or false");
	no_boolean("True", "found 'True', takes true or false");
	no_boolean("'on'", "found the text \"on\", takes true or false");
	no_boolean("", "found nothing, takes true or false");
	no_boolean("[on]", "found a list, takes true or false");
}

static void no_text(const char *value, const char *message)
{
	const struct kmr_yaml_node *node = value_of(value);
	char buf[8] = "before";

	failed(kmr_yaml_text(yaml, node, buf, sizeof(buf), &err), value, message);
	cr_assert_str_eq(buf, "before");
}

Test(yaml_scalar, text)
{
	char buf[8];

	cr_assert_eq(kmr_yaml_text(yaml, value_of("1234567"), buf, sizeof(buf), &err), 0);
	cr_assert_str_eq(buf, "1234567");
	cr_assert_eq(kmr_yaml_text(yaml, value_of("'x y'"), buf, sizeof(buf), &err), 0);
	cr_assert_str_eq(buf, "x y");
	cr_assert_eq(kmr_yaml_text(yaml, value_of("\xc2\xa0\xe2\x82\xac"), buf, sizeof(buf), &err),
		     0);
	cr_assert_str_eq(buf, "\xc2\xa0\xe2\x82\xac");
	no_text("12345678", "the text has 8 bytes, takes a text of up to 7 bytes");
	no_text("", "found nothing, takes a text of up to 7 bytes");
	no_text("''", "found nothing, takes a text of up to 7 bytes");
	no_text("{}", "found a map, takes a text of up to 7 bytes");
	no_text("\"a\\nb\"",
		"the text has a control character in it, takes a text of up to 7 bytes");
	no_text("\"\\e[1m\"",
		"the text has a control character in it, takes a text of up to 7 bytes");
	no_text("\"\\x7f\"",
		"the text has a control character in it, takes a text of up to 7 bytes");
	no_text("\"\\x9b\"",
		"the text has a control character in it, takes a text of up to 7 bytes");
}

Test(yaml_scalar, choice)
{
	static const char *const names[] = { "DMA", "Normal", "HighMem", "Movable", NULL };
	unsigned int index = 9;

	cr_assert_eq(kmr_yaml_choice(yaml, value_of("DMA"), names, &index, &err), 0);
	cr_assert_eq(index, 0u);
	cr_assert_eq(kmr_yaml_choice(yaml, value_of("'Movable'"), names, &index, &err), 0);
	cr_assert_eq(index, 3u);
	failed(kmr_yaml_choice(yaml, value_of("highmem"), names, &index, &err), "highmem",
	       "found 'highmem'; did you mean 'HighMem'?");
	failed(kmr_yaml_choice(yaml, value_of("Device"), names, &index, &err), "Device",
	       "found 'Device'; known are DMA, Normal, HighMem, Movable");
	failed(kmr_yaml_choice(yaml, value_of(""), names, &index, &err), "",
	       "found nothing; known are DMA, Normal, HighMem, Movable");
	failed(kmr_yaml_choice(yaml, value_of("[DMA]"), names, &index, &err), "[DMA]",
	       "found a list; known are DMA, Normal, HighMem, Movable");
	cr_assert_eq(index, 3u);
}

static void fails_at(const char *text, const struct kmr_yaml_node *(*find)(void),
		     const char *message)
{
	uint64_t number;

	end();
	cr_assert_eq(kmr_yaml_parse(&yaml, "m.yaml", text, strlen(text), &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_yaml_u64(yaml, find(), 0, 9, &number, &err), -1);
	cr_assert_str_eq(err.msg, message);
}

static const struct kmr_yaml_node *root(void)
{
	return kmr_yaml_root(yaml);
}

static const struct kmr_yaml_node *second(void)
{
	return kmr_yaml_root(yaml)->items->next;
}

static const struct kmr_yaml_node *second_of_first(void)
{
	return kmr_yaml_root(yaml)->items->items->next;
}

/* An item is called by its list's key; what has no key at all by its place. */
Test(yaml_scalar, names)
{
	fails_at("distances:\n  - 1\n  - far\n", second_of_first,
		 "m.yaml:3:5: in distances: found 'far', takes a number, such as 12 or 0x1000");
	fails_at("distances:\n  - 1\n  - 10\n", second_of_first,
		 "m.yaml:3:5: in distances: 10 is too large: at most 9");
	fails_at("- [1]\n- 10\n", second, "m.yaml:2:3: 10 is too large: at most 9");
	fails_at("- [1, 10]\n", second_of_first, "m.yaml:1:7: 10 is too large: at most 9");
	fails_at("10\n", root, "m.yaml:1:1: 10 is too large: at most 9");
	fails_at(
		"a: 1\nwhat_a_key_this_is_which_no_message_bears_whole: -1\n", second,
		"m.yaml:2:50: what_a_key_this_is_which_no_message_...: -1 is negative: at least 0");
}
