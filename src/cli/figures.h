/* SPDX-License-Identifier: GPL-2.0-only */
/* The numbers by which runs are compared. */
#ifndef CLI_FIGURES_H
#define CLI_FIGURES_H

#include <stdbool.h>

#include "kmreplay/replay.h"

/* A figure of a run; what is better, if anything. */
enum kmr_better {
	KMR_BETTER_NEITHER,
	KMR_BETTER_LESS,
	KMR_BETTER_MORE
};

/* What has to be simulated for it. */
enum kmr_figure_kind {
	KMR_FIGURE_PAGES,
	KMR_FIGURE_OBJECTS,
	KMR_FIGURE_NODES, /* several on the machine */
	KMR_FIGURE_ADDRESSES,
	KMR_FIGURE_RECLAIM,
	KMR_FIGURE_PAGE_TIMES, /* pages that somebody other than an area or a cache asked for */
	KMR_FIGURE_OBJECT_TIMES
};

struct kmr_figure {
	const char *text, *key;
	enum kmr_better better;
	unsigned int decimals;
	double (*of)(const struct kmr_replay_result *r);
	enum kmr_figure_kind kind;
};

#define KMR_FIGURES_MAX 64

/* In the order in which they are shown; NULL past the last, which is before KMR_FIGURES_MAX. */
const struct kmr_figure *kmr_figure(unsigned int i);

/* Whether the run has what the figure is about. */
bool kmr_figure_applies(const struct kmr_figure *figure, const struct kmr_replay_result *result);

#endif
