// SPDX-License-Identifier: GPL-2.0-only
/* Documents and their five writers: layout, types, and texts that would be markup. */
#include "report/doc.h"
#include "report/svg_steps.h"
#include "written.h"

#define HOSTILE "<script>&\"'|*_`[x](y)\x1b[31m\xff\xc2\x9b"

static const struct kmr_doc_column columns[] = {
	{ "name", "name", NULL, false },
	{ "first", "first", "ns", true },
	{ "second", "second", NULL, true },
};

/* One of everything. */
static struct kmr_doc *example(void)
{
	struct kmr_doc *doc = kmr_doc_new("A & B", "kmreplay 0");
	struct kmr_doc_table *t;

	cr_assert_not_null(doc);
	kmr_doc_section(doc, "answer", "Answer");
	kmr_doc_paragraph(doc, "Plain %d.", 1);
	kmr_doc_note(doc, "Mind this.");
	kmr_doc_item(doc, "One", "is %s.", "first");
	kmr_doc_item(doc, NULL, "Nothing before it.");
	kmr_doc_section(doc, "table", "Table");
	t = kmr_doc_table(doc, "t", "Caption.", columns, 3);
	kmr_cell_text(t, "a,b");
	kmr_cell_real(t, 1234567.25, 1);
	kmr_cell_best(t);
	kmr_cell_none(t);
	kmr_cell_text(t, "c");
	kmr_cell_count(t, 7);
	kmr_cell_count(t, 12345);
	kmr_doc_code(doc, "x <y>\nz\n");
	cr_assert_not(doc->failed);
	return doc;
}

static FILE *stream(void)
{
	FILE *out = tmpfile();

	cr_assert_not_null(out);
	return out;
}

Test(doc, text)
{
	struct kmr_doc *doc = example();
	FILE *out = stream();

	cr_assert_eq(kmr_doc_write_txt(doc, out), 0);
	expect_written(out, "A & B\n=====\n\n"
			    "Answer\n------\n\n"
			    "Plain 1.\n\n"
			    "! Mind this.\n\n"
			    "- One: is first.\n"
			    "- Nothing before it.\n\n"
			    "Table\n-----\n\n"
			    "Caption.\n\n"
			    "name     first (ns)    second\n"
			    "-----------------------------\n"
			    "a,b   1,234,567.3 *       -  \n"
			    "c               7    12,345  \n\n"
			    "    x <y>\n    z\n\n"
			    "Made by kmreplay 0.\n");
	kmr_doc_free(doc);
}

Test(doc, markdown)
{
	struct kmr_doc *doc = example();
	FILE *out = stream();

	cr_assert_eq(kmr_doc_write_md(doc, out), 0);
	expect_written(out, "# A &amp; B\n\n"
			    "## Answer\n\n"
			    "Plain 1.\n\n"
			    "> Mind this.\n\n"
			    "- **One:** is first.\n"
			    "- Nothing before it.\n\n"
			    "## Table\n\n"
			    "Caption.\n\n"
			    "| name | first (ns) | second |\n"
			    "| --- | ---: | ---: |\n"
			    "| a,b | **1,234,567.3** | - |\n"
			    "| c | 7 | 12,345 |\n\n"
			    "    x <y>\n    z\n\n"
			    "Made by kmreplay 0.\n");
	kmr_doc_free(doc);
}

Test(doc, csv)
{
	struct kmr_doc *doc = example();
	FILE *out = stream();

	cr_assert_eq(kmr_doc_write_csv(doc, out), 0);
	expect_written(out, "section,table,row,column,value,unit\n"
			    "answer,paragraph,,,Plain 1.,\n"
			    "answer,note,,,Mind this.,\n"
			    "answer,item,,One,is first.,\n"
			    "answer,item,,,Nothing before it.,\n"
			    "table,t,1,name,\"a,b\",\n"
			    "table,t,1,first,1234567.3,ns\n"
			    "table,t,1,second,,\n"
			    "table,t,2,name,c,\n"
			    "table,t,2,first,7,ns\n"
			    "table,t,2,second,12345,\n"
			    "table,code,,,\"x <y>\nz\n\",\n");
	kmr_doc_free(doc);
}

Test(doc, json)
{
	struct kmr_doc *doc = example();
	FILE *out = stream();
	char *text;

	cr_assert_eq(kmr_doc_write_json(doc, out), 0);
	text = written(out);
	cr_expect(strstr(text, "  \"title\": \"A & B\",\n  \"program\": \"kmreplay 0\",\n"), "%s",
		  text);
	cr_expect(strstr(text, "\"kind\": \"item\",\n          \"about\": \"One\",\n"
			       "          \"text\": \"is first.\"\n"),
		  "%s", text);
	cr_expect(strstr(text, "\"name\": \"a,b\",\n              \"first\": 1234567.3,\n"
			       "              \"second\": null\n"),
		  "%s", text);
	cr_expect(strstr(text, "\"first\": 7,\n              \"second\": 12345\n"), "%s", text);
	free(text);
	kmr_doc_free(doc);
}

Test(doc, html)
{
	static const char *const parts[] = {
		"<!DOCTYPE html>\n<html lang=\"en\">",
		"<title>A &amp; B</title>",
		"<h1>A &amp; B</h1>",
		"<section id=\"answer\">\n<h2>Answer</h2>\n<p>Plain 1.</p>\n",
		"<p class=\"note\">Mind this.</p>\n"
		"<ul>\n<li><b>One</b> is first.</li>\n<li>Nothing before it.</li>\n</ul>\n",
		"<a href=\"#table\">Table</a>",
		"<caption>Caption.</caption>",
		"<th scope=\"col\" class=\"n\">first <span class=\"unit\">ns</span></th>",
		"<tr><th scope=\"row\">a,b</th><td class=\"n best\">1,234,567.3</td>"
		"<td class=\"n\">-</td></tr>",
		">x &lt;y&gt;\nz\n</pre>",
		"prefers-color-scheme:dark",
		"@page{size:A4",
	};
	struct kmr_doc *doc = example();
	FILE *out = stream();
	char *text;

	cr_assert_eq(kmr_doc_write_html(doc, out), 0);
	text = written(out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		cr_expect(strstr(text, parts[i]), "no %s in:\n%s", parts[i], text);
	/* nothing is fetched, nothing runs */
	cr_expect_null(strstr(text, "http://"));
	cr_expect_null(strstr(text, "https://"));
	cr_expect_null(strstr(text, "<script"));
	cr_expect_null(strstr(text, "<link"));
	cr_expect_null(strstr(text, "url("));
	free(text);
	kmr_doc_free(doc);
}

/* A document all of whose texts are hostile. */
static struct kmr_doc *hostile(void)
{
	const struct kmr_doc_column column = { "name", HOSTILE, HOSTILE, false };
	struct kmr_doc *doc = kmr_doc_new(HOSTILE, HOSTILE);
	struct kmr_doc_table *t;

	cr_assert_not_null(doc);
	kmr_doc_section(doc, "answer", HOSTILE);
	kmr_doc_section(doc, "other", HOSTILE);
	kmr_doc_paragraph(doc, "%s", HOSTILE);
	kmr_doc_note(doc, "%s", HOSTILE);
	kmr_doc_item(doc, HOSTILE, "%s", HOSTILE);
	kmr_doc_code(doc, HOSTILE);
	t = kmr_doc_table(doc, "t", HOSTILE, &column, 1);
	kmr_cell_text(t, HOSTILE);
	return doc;
}

static void expect_without(int (*write)(const struct kmr_doc *, FILE *), const char *const *bad)
{
	struct kmr_doc *doc = hostile();
	FILE *out = stream();
	char *text;

	cr_assert_eq(write(doc, out), 0);
	text = written(out);
	for (; *bad; bad++)
		cr_expect_null(strstr(text, *bad), "'%s' in:\n%s", *bad, text);
	free(text);
	kmr_doc_free(doc);
}

Test(doc, hostile_texts)
{
	static const char *const controls[] = { "\x1b", "\xff", "\xc2\x9b", NULL };
	static const char *const html[] = { "<script", "\x1b", "\xff", "&\"", "\"'", "'|", NULL };

	expect_without(kmr_doc_write_txt, controls);
	expect_without(kmr_doc_write_csv, controls);
	expect_without(kmr_doc_write_json, controls);
	expect_without(kmr_doc_write_md, controls);
	expect_without(kmr_doc_write_html, html);
}

/* In Markdown a name may neither end a cell nor begin markup. */
Test(doc, markdown_escapes)
{
	struct kmr_doc *doc = kmr_doc_new("t", "p");
	FILE *out = stream();
	char *text;

	kmr_doc_section(doc, "s", "s");
	kmr_doc_paragraph(doc, "%s", "a|b*c_d`e<f>[g](h)\\i\nj");
	cr_assert_eq(kmr_doc_write_md(doc, out), 0);
	text = written(out);
	cr_expect(strstr(text, "a\\|b\\*c\\_d\\`e&lt;f>\\[g\\](h)\\\\i j\n"), "%s", text);
	free(text);
	kmr_doc_free(doc);
}

/* A table of more columns than a line has room for comes in parts that say what a row is about. */
Test(doc, wide_tables_are_cut)
{
	struct kmr_doc_column wide[13] = { { "name", "name", NULL, false } };
	struct kmr_doc *doc = kmr_doc_new("t", "p");
	struct kmr_doc_table *t;
	FILE *out = stream();
	char *text, *line, *state;
	unsigned int names = 0;

	for (size_t i = 1; i < 13; i++)
		wide[i] = (struct kmr_doc_column){ "n", "a number", NULL, true };
	kmr_doc_section(doc, "s", "s");
	t = kmr_doc_table(doc, "t", NULL, wide, 13);
	kmr_cell_text(t, "row");
	for (uint64_t i = 1; i < 13; i++)
		kmr_cell_count(t, 1000000 + i);
	cr_assert_eq(kmr_doc_write_txt(doc, out), 0);
	text = written(out);
	cr_expect(strstr(text, "1,000,001") && strstr(text, "1,000,012"), "%s", text);
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		cr_expect_leq(strlen(line), 80, "%s", line);
		names += !strncmp(line, "row ", 4);
	}
	cr_expect_eq(names, 2);
	free(text);
	kmr_doc_free(doc);
}

/* One step as gnuplot's SVG terminal writes it. */
#define STEP(colour, x0, x1, base, top)                                                          \
	"\t<path stroke='" colour "'  d='M" x0 "," top " L" x0 "," base "  '/>\t"                \
	"<g stroke='none' shape-rendering='crispEdges'>\n"                                       \
	"\t\t<polygon fill = '" colour "' points = '" x0 "," base " " x1 "," base " " x1 "," top \
	" " x0 "," top " '/>\n\t</g>\n"

/* Steps that adjoin become one path; a gap, another colour or base begins the next. */
Test(doc, steps_of_figures)
{
	static const char steps[] =
		"<svg>\t<path stroke='r' d='M1,2'/>\n" STEP("r", "1", "2", "9", "3")
			STEP("r", "2", "4", "9", "3") STEP("r", "4", "5.5", "9", "7")
				STEP("r", "6", "7", "9", "7") STEP("g", "7", "8", "9", "7")
					STEP("g", "8", "9", "0", "7") "</svg> ";
	char *text = kmr_svg_join_steps(steps);

	cr_expect_str_eq(
		text, "<svg>\t<path stroke='r' d='M1,2'/>\n"
		      " <path stroke-linejoin='bevel' stroke='r' fill='r' d='M1,9V3H4V7H5.5V9Z'/>\n"
		      " <path stroke-linejoin='bevel' stroke='r' fill='r' d='M6,9V7H7V9Z'/>\n"
		      " <path stroke-linejoin='bevel' stroke='g' fill='g' d='M7,9V7H8V9Z'/>\n"
		      " <path stroke-linejoin='bevel' stroke='g' fill='g' d='M8,0V7H9V0Z'/>\n"
		      "</svg> ");
	free(text);
	/* what is cut off in a step stays as it is */
	for (size_t len = 0; len < sizeof(steps); len++) {
		char *cut = strndup(steps, len);

		text = kmr_svg_join_steps(cut);
		cr_expect_leq(strlen(text), len);
		free(text);
		free(cut);
	}
}

/* Numbers with groups in front of the point alone, and a sign where there is one. */
Test(doc, cells)
{
	static const struct {
		struct kmr_cell cell;
		const char *text;
	} cases[] = {
		{ { .kind = KMR_CELL_REAL, .real = -1234.5678, .decimals = 4 }, "-1,234.5678" },
		{ { .kind = KMR_CELL_REAL, .real = 999.96, .decimals = 1 }, "1,000.0" },
		{ { .kind = KMR_CELL_REAL, .real = 0.05, .decimals = 2 }, "0.05" },
		{ { .kind = KMR_CELL_COUNT, .count = UINT64_MAX }, "18,446,744,073,709,551,615" },
		{ { .kind = KMR_CELL_NONE }, "-" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = kmr_cell_show(&cases[i].cell);

		cr_expect_str_eq(text, cases[i].text);
		free(text);
	}
}
