// SPDX-License-Identifier: GPL-2.0-only
/*
 * What gnuplot can't be told is mended in what it drew.  SVG that is to be part of a page: the XML
 * declaration, ids that would be the same in every figure, colours that have to follow the page's.
 * PDF: the date.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/markup.h"
#include "report/script.h"

#define FILE_MAX (64 << 20)

static char *read_file(const char *path, size_t *len, struct kmr_error *err)
{
	FILE *in = fopen(path, "rb");
	char *text = NULL;
	long size = -1;

	if (!in) {
		kmr_fail_errno(err, errno, "%s", path);
		return NULL;
	}
	if (!fseek(in, 0, SEEK_END))
		size = ftell(in);
	rewind(in);
	if (size < 0 || size > FILE_MAX)
		kmr_fail(err, "%s: not a figure's size: %ld bytes", path, size);
	else if (!(text = malloc((size_t)size + 1)))
		kmr_fail_nomem(err, "a figure");
	else
		text[ *len = fread(text, 1, (size_t)size, in)] = '\0';
	(void)fclose(in);
	return text;
}

/* Text from people, between tags. */
static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++)
		kmr_markup_put(out, (unsigned char)*text < 0x20 ? ' ' : *text);
}

/* What is replaced wherever it stands. */
static const struct {
	const char *from, *to;
	bool is_id; /* the prefix of ids follows */
} mended[] = {
	{ " id=\"", " id=\"", true },
	{ " id='", " id='", true },
	{ "href='#", "href='#", true },
	{ "href=\"#", "href=\"#", true },
	{ "url(#", "url(#", true },
	/* what gnuplot takes currentColor from */
	{ " color=\"black\"", "", false },
	{ "fill=\"black\"", "fill=\"currentColor\"", false }, /* titles of keys */
	/* plots/style.gp's ink and grid, in gnuplot's ways of writing them */
	{ "rgb( 26,  26,  27)", "currentColor", false },
	{ "rgb(26,26,27)", "currentColor", false },
	{ "#1a1a1b", "currentColor", false },
	{ "rgb(216, 216, 217)\"", "currentColor\" stroke-opacity=\"0.2\"", false },
	{ "rgb(216, 216, 217)'", "currentColor' stroke-opacity='0.2'", false },
};

static void put_mended(FILE *out, const char *p, const char *name)
{
	size_t i;

	while (*p) {
		for (i = 0; i < sizeof(mended) / sizeof(mended[0]); i++)
			if (!strncmp(p, mended[i].from, strlen(mended[i].from)))
				break;
		if (i == sizeof(mended) / sizeof(mended[0])) {
			(void)fputc(*p++, out);
			continue;
		}
		(void)fprintf(out, "%s%s%s", mended[i].to, mended[i].is_id ? name : "",
			      mended[i].is_id ? "-" : "");
		p += strlen(mended[i].from);
	}
}

/* Past the XML declaration to the tag's end; its title is replaced by the figure's. */
static void put_page_svg(FILE *out, char *text, const char *name, const char *title,
			 const char *alt)
{
	char *svg = strstr(text, "<svg"), *viewbox, *end, *body, *paper;

	if (!svg)
		return;
	viewbox = strstr(svg, "viewBox=\"");
	end = viewbox ? strchr(viewbox + 9, '"') : NULL;
	body = strstr(svg, "</desc>");
	if (!end || !body)
		return;
	(void)fprintf(out,
		      "<svg xmlns=\"http://www.w3.org/2000/svg\" "
		      "xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"%.*s\" "
		      "role=\"img\" aria-labelledby=\"%s-title %s-desc\">\n",
		      (int)(end - viewbox - 9), viewbox + 9, name, name);
	(void)fprintf(out, "<title id=\"%s-title\">", name);
	put_escaped(out, title);
	(void)fprintf(out, "</title>\n<desc id=\"%s-desc\">", name);
	put_escaped(out, alt);
	(void)fputs("</desc>\n", out);
	/* the paper of a format drawn before stays set in gnuplot */
	paper = strstr(body, "<rect x=\"0\" y=\"0\"");
	if (paper && strstr(paper, "/>")) {
		*paper = '\0';
		put_mended(out, body + 7, name);
		body = strstr(paper + 1, "/>") - 5;
	}
	put_mended(out, body + 7, name);
}

int kmr_svg_embed(const char *path, const char *name, const char *title, const char *alt,
		  struct kmr_error *err)
{
	size_t len;
	char *text = read_file(path, &len, err);
	bool failed;
	FILE *out;

	if (!text)
		return -1;
	out = fopen(path, "wb");
	if (!out) {
		free(text);
		return kmr_fail_errno(err, errno, "%s", path);
	}
	put_page_svg(out, text, name, title, alt);
	free(text);
	failed = ferror(out) || !ftell(out);
	if (fclose(out) || failed)
		return kmr_fail(err, "%s: the figure could not be made fit for a page", path);
	return 0;
}

int kmr_pdf_undate(const char *path, struct kmr_error *err)
{
	static const char key[] = "/CreationDate (D:", date[] = "19700101000000";
	size_t len, i;
	char *text = read_file(path, &len, err);
	bool failed;
	FILE *out;

	if (!text)
		return -1;
	for (i = 0; i + sizeof(key) + sizeof(date) < len; i++)
		if (text[i] == '/' && !memcmp(text + i, key, sizeof(key) - 1))
			memcpy(text + i + sizeof(key) - 1, date, sizeof(date) - 1);
	out = fopen(path, "wb");
	failed = !out || fwrite(text, 1, len, out) != len;
	if (out && fclose(out))
		failed = true;
	free(text);
	return failed ? kmr_fail_errno(err, errno, "%s", path) : 0;
}
