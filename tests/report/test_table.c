// SPDX-License-Identifier: GPL-2.0-only
/* Tables as they are printed, and numbers in them. */
#include <math.h>

#include "report/table.h"
#include "report/units.h"
#include "written.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(table, layout)
{
	static const struct kmr_column columns[] = {
		{ "zone", NULL, KMR_ALIGN_LEFT },
		{ "free", "pages", KMR_ALIGN_RIGHT },
		{ "note", NULL, KMR_ALIGN_LEFT },
	};
	struct kmr_table *t = kmr_table_new("Zones", columns, COUNT(columns));
	FILE *out = tmpfile();

	kmr_table_text(t, "DMA");
	kmr_table_count(t, 3951);
	kmr_table_text(t, NULL);
	kmr_table_text(t, "HighMem");
	kmr_table_count(t, 1234567);
	kmr_table_format(t, "%d of %d", 1, 2);
	kmr_table_rule(t);
	kmr_table_text(t, "all");
	kmr_table_count(t, 1238518);
	cr_expect_eq(kmr_table_print(t, out), 0);
	expect_written(out, "Zones\n"
			    "zone     free (pages)  note\n"
			    "-----------------------------\n"
			    "DMA             3,951\n"
			    "HighMem     1,234,567  1 of 2\n"
			    "-----------------------------\n"
			    "all         1,238,518\n");
}

Test(table, no_heading)
{
	static const struct kmr_column columns[] = {
		{ NULL, NULL, KMR_ALIGN_LEFT },
		{ NULL, NULL, KMR_ALIGN_LEFT },
	};
	struct kmr_table *t = kmr_table_new(NULL, columns, COUNT(columns));
	FILE *out = tmpfile();

	kmr_table_text(t, "trace");
	kmr_table_text(t, "a.zst");
	kmr_table_text(t, "");
	kmr_table_text(t, "b");
	cr_expect_eq(kmr_table_print(t, out), 0);
	expect_written(out, "trace  a.zst\n       b\n");
}

Test(table, wraps_text_to_80_columns)
{
	static const struct kmr_column columns[] = {
		{ "key", NULL, KMR_ALIGN_LEFT },
		{ "value", NULL, KMR_ALIGN_LEFT },
		{ "n", NULL, KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t = kmr_table_new(NULL, columns, COUNT(columns));
	char path[101], *text, *line, *state;
	FILE *out = tmpfile();
	size_t kept = 0;

	memset(path, 'x', 100);
	path[100] = '\0';
	kmr_table_text(t, "words");
	kmr_table_text(t, "a snapshot was found beside the trace and it fits the marker that "
			  "the trace has near its start");
	kmr_table_count(t, 1000);
	kmr_table_text(t, "path");
	kmr_table_text(t, path);
	kmr_table_count(t, 2);
	cr_expect_eq(kmr_table_print(t, out), 0);
	text = written(out);
	cr_expect_not_null(strstr(text, "fits the marker that   1,000\n       the trace has"), "%s",
			   text);
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		cr_expect_leq(strlen(line), KMR_TABLE_WIDTH, "%s", line);
		for (; *line; line++)
			kept += *line == 'x';
	}
	cr_expect_eq(kept, 100);
	free(text);
}

Test(table, counts_characters_not_bytes)
{
	static const struct kmr_column columns[] = {
		{ "task", NULL, KMR_ALIGN_LEFT },
		{ "n", NULL, KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t = kmr_table_new(NULL, columns, COUNT(columns));
	FILE *out = tmpfile();

	kmr_table_text(t, "\xc3\xa9\xe2\x82\xac\xff");
	kmr_table_count(t, 1);
	kmr_table_text(t, "abcd");
	kmr_table_count(t, 22);
	cr_expect_eq(kmr_table_print(t, out), 0);
	expect_written(out, "task   n\n--------\n\xc3\xa9\xe2\x82\xac\xff    1\nabcd  22\n");
}

Test(table, too_many_numbers_are_not_cut)
{
	struct kmr_column columns[12];
	struct kmr_table *t;
	FILE *out = tmpfile();
	char *text, *found;
	size_t i;

	for (i = 0; i < 12; i++)
		columns[i] = (struct kmr_column){ "n", NULL, KMR_ALIGN_RIGHT };
	t = kmr_table_new(NULL, columns, 12);
	for (i = 0; i < 12; i++)
		kmr_table_count(t, 123456789);
	cr_expect_eq(kmr_table_print(t, out), 0);
	text = written(out);
	for (i = 0, found = text; (found = strstr(found, "123,456,789")); found++)
		i++;
	cr_expect_eq(i, 12);
	free(text);
}

Test(table, says_when_the_stream_failed)
{
	static const struct kmr_column columns[] = { { "a", NULL, KMR_ALIGN_LEFT } };
	FILE *full = fopen("/dev/full", "w");
	size_t i;
	struct kmr_table *t = kmr_table_new(NULL, columns, 1);

	cr_assert_not_null(full);
	for (i = 0; i < 4096; i++)
		kmr_table_text(t, "row");
	cr_expect_eq(kmr_table_print(t, full), -1);
	(void)fclose(full);
	cr_expect_eq(kmr_table_print(NULL, stdout), -1);
}

Test(units, counts)
{
	char buf[KMR_UNITS_SIZE];

	cr_expect_str_eq(kmr_units_count(buf, 0), "0");
	cr_expect_str_eq(kmr_units_count(buf, 999), "999");
	cr_expect_str_eq(kmr_units_count(buf, 1000), "1,000");
	cr_expect_str_eq(kmr_units_count(buf, UINT64_MAX), "18,446,744,073,709,551,615");
}

Test(units, bytes)
{
	char buf[KMR_UNITS_SIZE];

	cr_expect_str_eq(kmr_units_bytes(buf, 0), "0");
	cr_expect_str_eq(kmr_units_bytes(buf, 1023), "1023 B");
	cr_expect_str_eq(kmr_units_bytes(buf, 4096), "4 KiB");
	cr_expect_str_eq(kmr_units_bytes(buf, UINT64_C(1280) << 20), "1280 MiB");
	cr_expect_str_eq(kmr_units_bytes(buf, UINT64_C(2) << 30), "2 GiB");
	cr_expect_str_eq(kmr_units_bytes(buf, UINT64_C(101353) << 12), "395.9 MiB");
	cr_expect_str_eq(kmr_units_bytes(buf, (UINT64_C(20) << 20) - 1), "20 MiB");
	cr_expect_str_eq(kmr_units_bytes(buf, UINT64_MAX), "16384 PiB");
}

Test(units, times)
{
	char buf[KMR_UNITS_SIZE];

	cr_expect_str_eq(kmr_units_time(buf, 0), "0.000000 s");
	cr_expect_str_eq(kmr_units_time(buf, 1499), "0.000001 s");
	cr_expect_str_eq(kmr_units_time(buf, 1500), "0.000002 s");
	cr_expect_str_eq(kmr_units_time(buf, UINT64_MAX), "18446744073.709552 s");
}

Test(units, percents_never_round_to_all_or_nothing)
{
	char buf[KMR_UNITS_SIZE];

	cr_expect_str_eq(kmr_units_percent(buf, 5, 5), "100.0000 %");
	cr_expect_str_eq(kmr_units_percent(buf, 0, 5), "0.0000 %");
	cr_expect_str_eq(kmr_units_percent(buf, 1, 3), "33.3333 %");
	cr_expect_str_eq(kmr_units_percent(buf, 99999999, 100000000), "99.9999 %");
	cr_expect_str_eq(kmr_units_percent(buf, 1, 100000000), "0.0001 %");
	cr_expect_str_eq(kmr_units_percent(buf, UINT64_MAX, UINT64_MAX), "100.0000 %");
	cr_expect_str_eq(kmr_units_percent(buf, 0, 0), "-");
	cr_expect_str_eq(kmr_units_percent(buf, 3, 2), "150.0000 %");
}

Test(units, fixed)
{
	char buf[KMR_UNITS_SIZE];

	cr_expect_str_eq(kmr_units_fixed(buf, 1.005, 1), "1.0");
	cr_expect_str_eq(kmr_units_fixed(buf, -1e-9, 3), "0.000");
	cr_expect_str_eq(kmr_units_fixed(buf, NAN, 3), "nan");
	cr_expect_str_eq(kmr_units_fixed(buf, -INFINITY, 3), "-inf");
	cr_expect_str_eq(kmr_units_fixed(buf, 0.1, 17), "0.10000000000000000");
}
