// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data and variables of figures.  Templates are plain gnuplot and see a figure's particulars as
 * variables, so a script beside an image can be changed and run again without kmreplay.
 */
#include "report/figure.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "report/units.h"
#include "report/utf8.h"

/*
 * The length of what can be written of a character: what is no UTF-8, and what XML 1.0 forbids in
 * an SVG (2.2: controls, U+FFFE, U+FFFF), is 0.
 */
static size_t clean_length(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	const size_t len = kmr_utf8_length(s, strlen(text));

	return s[0] < 0x20 || (len == 3 && s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe) ? 0 : len;
}

/*
 * Double quotes would let a name from the database run commands through backquotes.  A quote can't
 * be written as two: gnuplot 5.4 takes two at the beginning for an empty text.
 */
void kmr_figure_quote(FILE *out, const char *text)
{
	size_t len;

	(void)fputc('\'', out);
	for (; *text; text += len ? len : 1) {
		len = clean_length(text);
		if (*text == '\'')
			(void)fputs("\xe2\x80\x99", out);
		else
			(void)fwrite(len ? text : " ", 1, len ? len : 1, out);
	}
	(void)fputc('\'', out);
}

void kmr_figure_field(FILE *out, const char *text)
{
	size_t len;

	for (; *text; text += len ? len : 1) {
		/* gnuplot takes a quote at a field's beginning for quoting */
		len = *text == '"' ? 0 : clean_length(text);
		(void)fwrite(len ? text : " ", 1, len ? len : 1, out);
	}
}

void kmr_figure_text(struct kmr_figure *f, const char *name, const char *text)
{
	(void)fprintf(f->vars, "%s = ", name);
	kmr_figure_quote(f->vars, text);
	(void)fputc('\n', f->vars);
}

void kmr_figure_number(struct kmr_figure *f, const char *name, double value)
{
	(void)fprintf(f->vars, "%s = %.12g\n", name, value);
}

void kmr_figure_element(struct kmr_figure *f, const char *name, unsigned int nr, unsigned int i,
			const char *text)
{
	if (i == 1)
		(void)fprintf(f->vars, "array %s[%u]\n", name, nr);
	(void)fprintf(f->vars, "%s[%u] = ", name, i);
	kmr_figure_quote(f->vars, text);
	(void)fputc('\n', f->vars);
}

void kmr_figure_time(FILE *out, uint64_t ns)
{
	(void)fprintf(out, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
}

static void put_value(FILE *out, int64_t value, unsigned int decimals)
{
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, unit = 1;
	unsigned int i;

	for (i = 0; i < decimals; i++)
		unit *= 10;
	(void)fprintf(out, "\t%s%" PRIu64, value < 0 ? "-" : "", size / unit);
	if (decimals)
		(void)fprintf(out, ".%0*" PRIu64, (int)decimals, size % unit);
}

void kmr_figure_lanes(struct kmr_figure *f, const struct kmr_lanes *lanes,
		      const struct kmr_figure_column *columns, unsigned int nr,
		      unsigned int decimals)
{
	const struct kmr_lane_time *t = lanes->time;
	const struct kmr_lane_cell *cell;
	unsigned int i, j;

	(void)fputs("time_s", f->data);
	for (j = 0; j < nr; j++) {
		(void)fputc('\t', f->data);
		kmr_figure_field(f->data, columns[j].name);
		if (t->reduced) {
			(void)fputc('\t', f->data);
			kmr_figure_field(f->data, columns[j].name);
			(void)fputs("_low\t", f->data);
			kmr_figure_field(f->data, columns[j].name);
			(void)fputs("_high", f->data);
		}
	}
	(void)fputc('\n', f->data);
	for (i = 0; i < t->columns; i++) {
		kmr_figure_time(f->data, t->time[i]);
		for (j = 0; j < nr; j++) {
			cell = kmr_lane(lanes, columns[j].lane) + i;
			put_value(f->data, cell->last, decimals);
			if (t->reduced) {
				put_value(f->data, cell->low, decimals);
				put_value(f->data, cell->high, decimals);
			}
		}
		(void)fputc('\n', f->data);
	}
	(void)fprintf(f->vars, "reduced = %d\n", t->reduced);
	f->time_end = (double)t->time[t->columns - 1] / 1e9;
}

void kmr_figure_alt(struct kmr_figure *f, const char *fmt, ...)
{
	size_t used = strlen(f->alt);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(f->alt + used, sizeof(f->alt) - used, fmt, ap);
	va_end(ap);
}

void kmr_figure_zone_name(char *text, size_t size, const struct kmr_scene *scene)
{
	const struct kmr_plot_zone *zone = &scene->run->zones[scene->zone];

	(void)snprintf(text, size, "node %u, zone %s", zone->node, zone->name);
}

const char *kmr_figure_order_size(char *text, const struct kmr_plot_run *run, unsigned int order)
{
	return kmr_units_bytes(text, (uint64_t)1 << (run->page_shift + order));
}
