// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JSON writer (RFC 8259), two spaces a level.
 */
#include "report/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/units.h"
#include "report/utf8.h"

void kmr_json_init(struct kmr_json *json, FILE *out)
{
	json->out = out;
	json->depth = 0;
	json->first = true;
}

/* The letter of a two-character escape; 0: there is none. */
static char shorthand(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	}
	return 0;
}

static void put_escaped(FILE *out, const unsigned char *s, size_t size)
{
	size_t len;

	for (; size; s += len, size -= len) {
		len = kmr_utf8_length(s, size);
		if (!len) {
			(void)fputs("\xef\xbf\xbd", out); /* U+FFFD */
			len = 1;
		} else if (shorthand(*s)) {
			(void)fprintf(out, "\\%c", shorthand(*s));
		} else if (*s < 0x20 || *s == 0x7f) {
			(void)fprintf(out, "\\u%04x", *s);
		} else {
			(void)fwrite(s, 1, len, out);
		}
	}
}

static void put_quoted(FILE *out, const void *text, size_t len)
{
	(void)fputc('"', out);
	put_escaped(out, text, len);
	(void)fputc('"', out);
}

static void new_line(struct kmr_json *json)
{
	unsigned int i;

	(void)fputc('\n', json->out);
	for (i = 0; i < json->depth; i++)
		(void)fputs("  ", json->out);
}

/* What comes before a value. */
static void lead_in(struct kmr_json *json, const char *key)
{
	if (!json->first)
		(void)fputc(',', json->out);
	json->first = false;
	if (json->depth)
		new_line(json);
	if (key) {
		put_quoted(json->out, key, strlen(key));
		(void)fputs(": ", json->out);
	}
}

/* What comes after one. */
static void lead_out(struct kmr_json *json)
{
	if (!json->depth)
		(void)fputc('\n', json->out);
}

static void open_level(struct kmr_json *json, const char *key, char bracket)
{
	lead_in(json, key);
	(void)fputc(bracket, json->out);
	json->depth++;
	json->first = true;
}

static void close_level(struct kmr_json *json, char bracket)
{
	json->depth--;
	if (!json->first)
		new_line(json);
	json->first = false;
	(void)fputc(bracket, json->out);
	lead_out(json);
}

void kmr_json_object(struct kmr_json *json, const char *key)
{
	open_level(json, key, '{');
}

void kmr_json_array(struct kmr_json *json, const char *key)
{
	open_level(json, key, '[');
}

void kmr_json_end_object(struct kmr_json *json)
{
	close_level(json, '}');
}

void kmr_json_end_array(struct kmr_json *json)
{
	close_level(json, ']');
}

void kmr_json_bytes(struct kmr_json *json, const char *key, const void *text, size_t len)
{
	lead_in(json, key);
	put_quoted(json->out, text, len);
	lead_out(json);
}

static void put_word(struct kmr_json *json, const char *key, const char *word)
{
	lead_in(json, key);
	(void)fputs(word, json->out);
	lead_out(json);
}

void kmr_json_string(struct kmr_json *json, const char *key, const char *text)
{
	if (text)
		kmr_json_bytes(json, key, text, strlen(text));
	else
		kmr_json_null(json, key);
}

void kmr_json_int(struct kmr_json *json, const char *key, int64_t value)
{
	char word[24];

	(void)snprintf(word, sizeof(word), "%" PRId64, value);
	put_word(json, key, word);
}

void kmr_json_uint(struct kmr_json *json, const char *key, uint64_t value)
{
	char word[24];

	(void)snprintf(word, sizeof(word), "%" PRIu64, value);
	put_word(json, key, word);
}

void kmr_json_double(struct kmr_json *json, const char *key, double value, unsigned int decimals)
{
	char word[KMR_UNITS_SIZE];

	put_word(json, key, isfinite(value) ? kmr_units_fixed(word, value, decimals) : "null");
}

void kmr_json_bool(struct kmr_json *json, const char *key, bool value)
{
	put_word(json, key, value ? "true" : "false");
}

void kmr_json_null(struct kmr_json *json, const char *key)
{
	put_word(json, key, "null");
}
