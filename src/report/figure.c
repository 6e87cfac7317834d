// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data and scripts of figures.  Templates are plain gnuplot and see a figure's particulars as
 * variables, so a script beside an image can be changed and run again without kmreplay.
 */
#include "report/figure.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/frag.h"
#include "report/units.h"

static void put_time(FILE *out, uint64_t ns)
{
	(void)fprintf(out, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
}

static void blocks_by_order(const struct kmr_plot_sample *s, unsigned int nr_orders,
			    uint64_t blocks[KMR_MAX_ORDERS])
{
	unsigned int order, type;

	for (order = 0; order < nr_orders; order++) {
		blocks[order] = 0;
		for (type = 0; type < KMR_MIGRATE_TYPES; type++)
			blocks[order] += s->free[order][type];
	}
}

static void put_order_heading(FILE *out, const struct kmr_plot_run *run)
{
	unsigned int order;

	(void)fputs("time_s", out);
	for (order = 0; order < run->nr_orders; order++)
		(void)fprintf(out, "\torder_%u", order);
	(void)fputc('\n', out);
}

static void write_free_blocks(FILE *out, const struct kmr_plot_run *run,
			      const struct kmr_plot_zone *zone)
{
	uint64_t blocks[KMR_MAX_ORDERS];
	unsigned int order;
	size_t i;

	put_order_heading(out, run);
	for (i = 0; i < run->nr_samples; i++) {
		blocks_by_order(&zone->samples[i], run->nr_orders, blocks);
		put_time(out, zone->samples[i].time);
		for (order = 0; order < run->nr_orders; order++)
			(void)fprintf(out, "\t%" PRIu64, blocks[order]);
		(void)fputc('\n', out);
	}
}

static void write_unusable_index(FILE *out, const struct kmr_plot_run *run,
				 const struct kmr_plot_zone *zone)
{
	uint64_t blocks[KMR_MAX_ORDERS];
	unsigned int order;
	size_t i;
	int index;

	put_order_heading(out, run);
	for (i = 0; i < run->nr_samples; i++) {
		blocks_by_order(&zone->samples[i], run->nr_orders, blocks);
		put_time(out, zone->samples[i].time);
		for (order = 0; order < run->nr_orders; order++) {
			index = kmr_unusable_index(blocks, run->nr_orders, order);
			(void)fprintf(out, "\t%d.%03d", index / 1000, index % 1000);
		}
		(void)fputc('\n', out);
	}
}

static void write_watermarks(FILE *out, const struct kmr_plot_run *run,
			     const struct kmr_plot_zone *zone)
{
	const struct kmr_plot_sample *s;
	size_t i;

	(void)fputs("time_s\tfree_pages\twmark_min\twmark_low\twmark_high\n", out);
	for (i = 0; i < run->nr_samples; i++) {
		s = &zone->samples[i];
		put_time(out, s->time);
		(void)fprintf(out, "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
			      s->free_pages, s->wmark_min, s->wmark_low, s->wmark_high);
	}
}

static void write_mobility(FILE *out, const struct kmr_plot_run *run,
			   const struct kmr_plot_zone *zone)
{
	unsigned int order, type;
	uint64_t pages;
	size_t i;

	(void)fputs("time_s", out);
	for (type = 0; type < KMR_MIGRATE_TYPES; type++)
		(void)fprintf(out, "\t%s", run->migratetype[type]);
	(void)fputc('\n', out);
	for (i = 0; i < run->nr_samples; i++) {
		put_time(out, zone->samples[i].time);
		for (type = 0; type < KMR_MIGRATE_TYPES; type++) {
			pages = 0;
			for (order = 0; order < run->nr_orders; order++)
				pages += zone->samples[i].free[order][type] << order;
			(void)fprintf(out, "\t%" PRIu64, pages);
		}
		(void)fputc('\n', out);
	}
}

static const struct kmr_figure figures[] = {
	{ "free-blocks", "Free blocks by order", write_free_blocks },
	{ "unusable-index", "Unusable free space index by order", write_unusable_index },
	{ "mobility", "Free memory by migrate type", write_mobility },
	{ "watermarks", "Free memory and watermarks", write_watermarks },
};

const struct kmr_figure *kmr_figure_at(unsigned int i)
{
	return i < ARRAY_SIZE(figures) ? &figures[i] : NULL;
}

/*
 * A single-quoted gnuplot string, in which nothing but the quote itself is special: double quotes
 * would let a name from the database run commands through backquotes.
 */
static void put_string(FILE *out, const char *text)
{
	(void)fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			(void)fputc('\'', out);
		(void)fputc((unsigned char)*text < 0x20 ? ' ' : *text, out);
	}
	(void)fputc('\'', out);
}

static void put_variable(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, "%s = ", name);
	put_string(out, text);
	(void)fputc('\n', out);
}

static void put_texts(FILE *out, const struct kmr_figure *figure, const struct kmr_plot_run *run,
		      const struct kmr_plot_zone *zone)
{
	char text[1024], ram[KMR_UNITS_SIZE], managed[KMR_UNITS_SIZE];

	(void)snprintf(text, sizeof(text), "%s: node %u, zone %s", figure->title, zone->node,
		       zone->name);
	put_variable(out, "figure_title", text);
	kmr_units_bytes(ram, run->ram_pages << run->page_shift);
	kmr_units_bytes(managed, zone->managed << run->page_shift);
	(void)snprintf(text, sizeof(text),
		       "%s, start state: %s; machine: %s, %s, %u CPU%s, %u node%s; this zone: %s; "
		       "run %.8s",
		       run->backend, run->start, run->arch, ram, run->nr_cpus,
		       run->nr_cpus == 1 ? "" : "s", run->nr_nodes, run->nr_nodes == 1 ? "" : "s",
		       managed, run->digest);
	put_variable(out, "figure_caption", text);
}

/* Blank-separated, so that a template can take word() N. */
static void put_migratetypes(FILE *out, const struct kmr_plot_run *run)
{
	char text[KMR_MIGRATE_TYPES * (KMR_PLOT_TEXT + 1)];
	size_t used = 0;
	unsigned int type;

	for (type = 0; type < KMR_MIGRATE_TYPES; type++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", type ? " " : "",
					 run->migratetype[type]);
	put_variable(out, "migratetypes", text);
}

void kmr_figure_write_script(FILE *out, const struct kmr_figure *figure, const char *name,
			     const struct kmr_plot_run *run, const struct kmr_plot_zone *zone,
			     const char *style, const char *template)
{
	(void)fprintf(out,
		      "# Written by kmreplay. Draws %s.svg and %s.png from %s.tsv:\n"
		      "#     gnuplot %s.gp\n\n",
		      name, name, name, name);
	put_variable(out, "figure_name", name);
	put_texts(out, figure, run, zone);
	put_migratetypes(out, run);
	(void)fprintf(out, "nr_orders = %u\n", run->nr_orders);
	(void)fprintf(out, "page_bytes = %lu\n", 1ul << run->page_shift);
	(void)fputs("time_end = ", out);
	put_time(out, zone->samples[run->nr_samples - 1].time);
	(void)fprintf(out, "\n\n%s\n%s", style, template);
}
