/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The room of statistics: what perf kmem stat tells of a recording, of any trace that the readers
 * understand, and by cache and by task as well.  It sits beside metrics/, knows the event and the
 * source, and nothing of models.
 */
#ifndef KMR_STAT_INTERNAL_H
#define KMR_STAT_INTERNAL_H

#include "base/pool.h"
#include "base/ptrmap.h"
#include "base/strtab.h"
#include "kmreplay/stat.h"

/* Rows by number from 0, all zeroes when new. */
struct stat_rows {
	struct kmr_stat_row *row;
	size_t nr, cap;
	uint32_t *sorted; /* after kmr_stat_sort(): the order to show them in */
};

void stat_rows_fini(struct stat_rows *rows);

/* Makes rows up to number @at; -1: out of memory. */
int stat_rows_need(struct stat_rows *rows, size_t at);

/* Adds to @to all that is counted in @from. */
void stat_row_add(struct kmr_stat_row *to, const struct kmr_stat_row *from);

/* Leaves out rows of which nothing is counted; the others keep their order, not their numbers. */
void stat_rows_compact(struct stat_rows *rows);

/* A number for @key: what it got at first sight, in turn from 1; 0: out of memory. */
uint32_t stat_intern(struct kmr_ptrmap *map, uint64_t key);

/* What is known of an object while it lives. */
struct stat_object {
	uint32_t req, alloc; /* bytes */
	uint32_t site; /* id */
	uint32_t class; /* number in stat_cache.classes, when there is such a view */
	uint32_t row; /* number in the view by address, when there is one */
	uint16_t task; /* id */
	uint16_t cpu;
};

static inline void stat_row_alloc(struct kmr_stat_row *row, const struct stat_object *object)
{
	row->hit++;
	row->bytes_req += object->req;
	row->bytes_alloc += object->alloc;
}

/* As if it had never been allocated. */
static inline void stat_row_forget(struct kmr_stat_row *row, const struct stat_object *object)
{
	row->hit--;
	row->bytes_req -= object->req;
	row->bytes_alloc -= object->alloc;
}

static inline void stat_row_free(struct kmr_stat_row *row, const struct stat_object *object,
				 bool pingpong)
{
	row->frees++;
	row->bytes_freed += object->alloc;
	row->pingpong += pingpong;
}

/*
 * Objects by cache.  An allocation's event does not name its cache, a free's does: objects are
 * counted with those of the same call site and sizes, their class, until a free names their cache.
 */
struct stat_class {
	struct kmr_stat_row row; /* objects whose cache no free has named */
	uint32_t bytes; /* of an object, given */
	uint32_t cache; /* id that frees of such objects named, or below */
};

#define STAT_CACHE_SEVERAL UINT32_C(0x10000) /* frees have named several */
#define STAT_CACHE_KMALLOC UINT32_C(0x10001) /* it goes by the size */

struct stat_cache {
	struct kmr_ptrmap sizes, class_map; /* numbers for bytes_req and bytes_alloc; for classes */
	struct stat_class *classes;
	size_t nr_classes, cap_classes;
	struct stat_rows named; /* by id in the reader's table */
	struct kmr_stat_row nobody; /* frees of what nobody allocated, without a name */
	struct kmr_strtab names; /* of the final rows */
	bool live;
};

int stat_cache_alloc(struct stat_cache *c, const struct kmr_event *ev, struct stat_object *object);
/* Learns from a free; counts it unless rows show what is live, which stat_cache_forget() is for. */
int stat_cache_free(struct stat_cache *c, const struct kmr_event *ev,
		    const struct stat_object *object, bool pingpong);
int stat_cache_unknown_free(struct stat_cache *c, const struct kmr_event *ev);
void stat_cache_forget(struct stat_cache *c, const struct stat_object *object);
/* Puts one row a cache into @rows; their names belong to @c. */
int stat_cache_finish(struct stat_cache *c, const struct kmr_source *source,
		      struct stat_rows *rows);
void stat_cache_fini(struct stat_cache *c);

struct stat_slab {
	struct kmr_stat_slab sum;
	struct kmr_ptrmap live; /* pointer → objects */
	struct kmr_pool objects; /* struct stat_object */
	struct kmr_ptrmap pointers; /* pointer → row of the view by address, + 1 */
	struct stat_cache cache;
};

struct stat_page {
	struct kmr_stat_page sum;
	struct kmr_ptrmap live; /* first frame → blocks */
	struct kmr_pool blocks; /* struct stat_block */
	struct kmr_pool splits; /* uint32_t: blocks that are left of one request */
	struct kmr_ptrmap kinds; /* order, migrate type, GFP flags, call site → number from 1 */
	uint64_t *kind; /* the same by number from 0 */
	size_t nr_kinds, cap_kinds;
	struct kmr_ptrmap frames; /* frame → number from 1 */
	struct kmr_ptrmap frame_rows; /* number of frame and kind → row of the view, + 1 */
};

struct kmr_stat {
	struct kmr_stat_options options;
	uint64_t events; /* within the time window */
	struct stat_slab slab;
	struct stat_page page;
	struct stat_rows views[KMR_STAT_NR_VIEWS];
};

static inline bool stat_wants(const struct kmr_stat *stat, enum kmr_stat_view view)
{
	return stat->options.views >> view & 1;
}

/* Of an event that is of that kind.  -1: out of memory. */
int stat_slab_event(struct kmr_stat *stat, const struct kmr_event *ev);
int stat_page_event(struct kmr_stat *stat, const struct kmr_event *ev);

/* Sums and rows as far as the room itself can complete them; names too.  -1: out of memory. */
int stat_slab_finish(struct kmr_stat *stat, const struct kmr_source *source);
void stat_page_finish(struct kmr_stat *stat, const struct kmr_source *source);

void stat_page_init(struct stat_page *page);
void stat_slab_fini(struct stat_slab *slab);
void stat_page_fini(struct stat_page *page);

/* "-" for what has no name. */
const char *stat_site_name(const struct kmr_source *source, uint32_t id);
const char *stat_task_name(const struct kmr_source *source, uint32_t id);

#endif
