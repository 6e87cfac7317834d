/* SPDX-License-Identifier: GPL-2.0-only */
/* kmreplay stat: what was asked for, and the three forms it is printed in. */
#ifndef KMREPLAY_CLI_STAT_H
#define KMREPLAY_CLI_STAT_H

#include "kmreplay/stat.h"

struct stat_request {
	const char *path;
	struct kmr_stat_options options;
	struct kmr_stat_sort sort; /* nothing: each view's default */
	uint64_t lines; /* of each view */
};

/* A view's name as a heading and as a key of JSON; its first column's, as a heading and a key. */
struct stat_view {
	const char *title, *key;
	const char *column, *column_key;
	bool address; /* the first column is one */
	bool kinds; /* rows have order, migrate type and GFP flags */
	bool frees; /* text has room for them, as there is no bytes_req */
};

const struct stat_view *stat_view(enum kmr_stat_view view);

static inline bool stat_is_page_view(enum kmr_stat_view view)
{
	return view >= KMR_STAT_PAGE_CALLER;
}

/* Rows of @view that are to be printed. */
size_t stat_shown(const struct stat_request *request, const struct kmr_stat *stat,
		  enum kmr_stat_view view);

#define STAT_GFP_TEXT 512

/* GFP flags by name, "-" where the trace did not have them; returns @buf. */
char *stat_gfp_text(char buf[STAT_GFP_TEXT], const struct kmr_stat_row *row);

#define STAT_PTR_TEXT 24

/* "0xffff888006771000": as text, as few readers of JSON can hold 64 bits in a number. */
char *stat_ptr_text(char buf[STAT_PTR_TEXT], const struct kmr_stat_row *row);

/* "unmovable", ...; "unknown" beyond. */
const char *stat_migratetype_key(unsigned int migratetype);

/* Bytes given that nobody asked for. */
uint64_t stat_wasted(const struct kmr_stat_slab *sum);

bool stat_any_of_order(const struct kmr_stat_page *sum, unsigned int order);

/* -1 when there was no memory for a table. */
int stat_print_text(const struct stat_request *request, const struct kmr_stat *stat);
void stat_print_json(const struct stat_request *request, const struct kmr_stat *stat,
		     const struct kmr_trace_info *info);
void stat_print_csv(const struct stat_request *request, const struct kmr_stat *stat,
		    enum kmr_stat_view view);

#endif
