// SPDX-License-Identifier: GPL-2.0-only
#include "base/yaml_bytes.h"

#include <stdbool.h>
#include <string.h>

#include "base/yaml.h"

/* The bytes of the end of a line at @text, 0 when there is none. */
static size_t line_break(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;

	if (p[0] == '\r')
		return len > 1 && p[1] == '\n' ? 2 : 1;
	if (p[0] == '\n')
		return 1;
	if (len > 1 && p[0] == 0xc2 && p[1] == 0x85)
		return 2;
	if (len > 2 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9))
		return 3;
	return 0;
}

static bool continues_char(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

struct kmr_yaml_place kmr_yaml_place_of(const char *text, size_t len, size_t offset)
{
	struct kmr_yaml_place at = { 1, 1 };

	for (size_t i = 0; i < offset && i < len;) {
		const size_t brk = line_break(text + i, len - i);

		if (brk) {
			at.line++;
			at.column = 1;
			i += brk;
		} else {
			at.column += !continues_char(text[i]);
			i++;
		}
	}
	return at;
}

char kmr_yaml_char_at(const char *text, size_t len, size_t line, size_t column)
{
	size_t i = 0;

	while (i < len && line) {
		const size_t brk = line_break(text + i, len - i);

		line -= brk != 0;
		i += brk ? brk : 1;
	}
	for (; i < len && column; column--)
		do {
			i++;
		} while (i < len && continues_char(text[i]));
	return i < len ? text[i] : '\0';
}

static bool is_utf16(const char *text, size_t len)
{
	return len >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2));
}

/*
 * Tags are refused, so the directives that name them are too, and before libyaml reads them: it
 * compares each with all before it.  A quoted text that goes on at the beginning of a line with '%'
 * is refused as well, which is as good: it can be written otherwise.
 */
static bool is_bad_directive(const char *line, size_t len)
{
	return line[0] == '%' && (len < 6 || memcmp(line, "%YAML ", 6) != 0);
}

static bool has_bad_directive(const char *text, size_t len, size_t *offset)
{
	bool begins = true;

	for (size_t i = 0; i < len;) {
		const size_t brk = line_break(text + i, len - i);

		if (begins && is_bad_directive(text + i, len - i)) {
			*offset = i;
			return true;
		}
		begins = brk != 0;
		i += brk ? brk : 1;
	}
	return false;
}

const char *kmr_yaml_check_bytes(const char *text, size_t len, size_t *offset)
{
	const char *nul;

	*offset = 0;
	if (len > KMR_YAML_MAX_BYTES) {
		*offset = KMR_YAML_MAX_BYTES;
		return "the file is larger than 4 MiB";
	}
	if (is_utf16(text, len))
		return "the file is UTF-16; it has to be UTF-8";
	nul = len ? memchr(text, '\0', len) : NULL;
	if (nul) {
		*offset = (size_t)(nul - text);
		return "a NUL byte; the file has to be text";
	}
	if (has_bad_directive(text, len, offset))
		return "a line begins with '%', as directives do; of those only %YAML is taken";
	return NULL;
}
