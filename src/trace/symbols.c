// SPDX-License-Identifier: GPL-2.0-only
#include "trace/symbols.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "trace/scan.h"

/* "ffffffff81000000 T _stext", and behind a tab "[module]"; false: not a symbol */
static bool read_line(struct symbols *s, char *line, char *end, struct symbol *sym)
{
	const char *p = scan_hex(line, &sym->address);
	char *name, *module;

	/* without the right to see them all addresses are 0 */
	if (!p || !sym->address || p[0] != ' ' || !p[1] || p[2] != ' ')
		return false;
	name = s->text + (p + 3 - s->text);
	*end = '\0';
	module = strpbrk(name, " \t");
	sym->module = 0;
	if (module) {
		*module++ = '\0';
		module += strspn(module, " \t");
		if (*module)
			sym->module = (uint32_t)(module - s->text);
	}
	sym->name = (uint32_t)(name - s->text);
	return *name != '\0';
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

/* Of several names of one address the kernel takes the first, too: get_symbol_pos(). */
static void drop_aliases(struct symbols *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++)
		if (!kept || s->symbols[i].address != s->symbols[kept - 1].address)
			s->symbols[kept++] = s->symbols[i];
	s->count = kept;
}

/* "0xffffffff81b6a9b2 : "kmsnap: %d\n"" with the escapes as they are */
static bool read_string(struct symbols *s, char *line, char *end, struct symbol *sym)
{
	char *text, *last;

	*end = '\0';
	if (!scan_has_0x(line) || !scan_hex(line + 2, &sym->address))
		return false;
	text = strchr(line, '"');
	last = strrchr(line, '"');
	if (!text || text == last)
		return false;
	*last = '\0';
	if (last - text > 2 && !strcmp(last - 2, "\\n"))
		last[-2] = '\0';
	sym->module = 0;
	sym->name = (uint32_t)(text + 1 - s->text);
	return true;
}

typedef bool line_reader(struct symbols *s, char *line, char *end, struct symbol *sym);

static int read_lines(struct symbols *s, char *text, size_t len, line_reader *read,
		      struct kmr_error *err)
{
	char *end = text + len;

	/* a second table takes the place of the first */
	symbols_fini(s);
	s->text = text;
	for (char *line = text; line < end;) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		struct symbol *grown, sym;

		if (!newline)
			newline = end;
		if (read(s, line, newline, &sym)) {
			grown = kmr_grow(s->symbols, s->count, &s->cap, sizeof(*grown));
			if (!grown)
				return kmr_fail_nomem(err, "a kernel's symbols");
			s->symbols = grown;
			s->symbols[s->count++] = sym;
		}
		line = newline + 1;
	}
	if (s->count)
		qsort(s->symbols, s->count, sizeof(*s->symbols), by_address);
	drop_aliases(s);
	return 0;
}

int symbols_read(struct symbols *s, char *text, size_t len, struct kmr_error *err)
{
	return read_lines(s, text, len, read_line, err);
}

int symbols_read_strings(struct symbols *s, char *text, size_t len, struct kmr_error *err)
{
	return read_lines(s, text, len, read_string, err);
}

/* The one at the highest address that is not above @address. */
static const struct symbol *find(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (s->symbols[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &s->symbols[low - 1] : NULL;
}

void symbols_format(const struct symbols *s, uint64_t address, char *buf, size_t size)
{
	const struct symbol *sym = find(s, address);

	if (!sym)
		(void)snprintf(buf, size, "0x%" PRIx64, address);
	else
		(void)snprintf(buf, size, "%.400s+0x%" PRIx64 "%s%.60s", s->text + sym->name,
			       address - sym->address, sym->module ? " " : "",
			       sym->module ? s->text + sym->module : "");
}

const char *symbols_string(const struct symbols *s, uint64_t address)
{
	const struct symbol *sym = find(s, address);

	return sym && sym->address == address ? s->text + sym->name : NULL;
}

void symbols_fini(struct symbols *s)
{
	free(s->text);
	free(s->symbols);
	memset(s, 0, sizeof(*s));
}
