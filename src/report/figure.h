/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A figure in the making: its data, what its template needs to know as gnuplot variables, and its
 * texts.  And the kinds of figures, which fill it.
 */
#ifndef REPORT_FIGURE_H
#define REPORT_FIGURE_H

#include <stdbool.h>
#include <stdio.h>

#include "kmreplay/error.h"
#include "report/plot_data.h"

#define KMR_FIGURE_TEXT 2048

struct kmr_figure {
	FILE *data; /* a line of column names, then lines of data, tab-separated */
	FILE *vars; /* gnuplot statements */
	char title[KMR_PLOT_TEXT]; /* the kind's title, with what it is of */
	char caption[KMR_FIGURE_TEXT];
	char alt[KMR_FIGURE_TEXT];
	double time_end; /* s; of the axis of time */
	unsigned int height; /* mm; the kind's, unless it depends on what there is */
};

/* What is drawn. */
struct kmr_scene {
	const struct kmr_plot_set *set;
	const struct kmr_plot_run *run; /* NULL: all of the set */
	unsigned int zone; /* of the run, for kinds that show one */
};

enum kmr_scope {
	KMR_SCOPE_ZONE, /* a figure for each zone of each run */
	KMR_SCOPE_RUN, /* a figure a run */
	KMR_SCOPE_SET, /* a figure of all runs */
};

struct kmr_plot_kind {
	const char *name; /* of the template, and the first part of the files' names */
	const char *title;
	enum kmr_scope scope;
	unsigned int needs; /* enum kmr_plot_need */
	const char *lacking; /* why a run may have no data for it, and what would record that */
	unsigned int height; /* mm, of a figure 160 mm wide, without its caption */
	/* 1: filled in, 0: there is no data, -1: failed */
	int (*fill)(struct kmr_figure *f, const struct kmr_scene *scene, struct kmr_error *err);
};

/* Variables for the template. */
void kmr_figure_text(struct kmr_figure *f, const char *name, const char *text);
void kmr_figure_number(struct kmr_figure *f, const char *name, double value);
/* Element @i, from 1, of an array of @nr. */
void kmr_figure_element(struct kmr_figure *f, const char *name, unsigned int nr, unsigned int i,
			const char *text);

/*
 * @text in single quotes, in which nothing but the quote is special: that becomes U+2019, what is
 * no UTF-8 or not allowed in XML a blank.
 */
void kmr_figure_quote(FILE *out, const char *text);

/* A field of data: no tab and no line break gets through. */
void kmr_figure_field(FILE *out, const char *text);

void kmr_figure_time(FILE *out, uint64_t ns); /* seconds */

/* A column of data over time. */
struct kmr_figure_column {
	const char *name;
	unsigned int lane;
};

/*
 * Writes lanes over time: time_s, then a column each.  Where samples were reduced, each has two
 * more behind it, its lowest and highest value, and the variable `reduced` is 1.  @decimals: the
 * values are in 10^-decimals.
 */
void kmr_figure_lanes(struct kmr_figure *f, const struct kmr_lanes *lanes,
		      const struct kmr_figure_column *columns, unsigned int nr,
		      unsigned int decimals);

/* Appends a sentence's part to the text for those who can't see the figure. */
void kmr_figure_alt(struct kmr_figure *f, const char *fmt, ...) KMR_PRINTF(2, 3);

/* "node 0, zone Normal" */
void kmr_figure_zone_name(char *text, size_t size, const struct kmr_scene *scene);

/* "4 KiB" */
const char *kmr_figure_order_size(char *text, const struct kmr_plot_run *run, unsigned int order);

/* The kinds, in the order in which they are drawn; NULL past the last. */
const struct kmr_plot_kind *kmr_plot_kind_at(unsigned int i);

/* Fill functions of kinds, by family. */
int kmr_fill_memory_map(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_mobility_map(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_free_blocks(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_unusable(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_extfrag_index(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_watermarks(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_mobility(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_pageblocks(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_contiguity(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_unmovable(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_extfrag_matrix(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_extfrag_time(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_pressure(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_latency(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_slab_use(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_internal(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_live_memory(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_sizes(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_lifetimes(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_numa(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_overlay(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);
int kmr_fill_panels(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err);

#endif
