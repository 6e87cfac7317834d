// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay stat: what its views are called, and what all forms of output share. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/stat.h"
#include "kmreplay/gfp.h"

static const struct stat_view views[KMR_STAT_NR_VIEWS] = {
	[KMR_STAT_SLAB_CALLER] = { .title = "Objects by call site",
				   .key = "callers",
				   .column = "Callsite",
				   .column_key = "callsite" },
	[KMR_STAT_SLAB_ALLOC] = { .title = "Objects by address",
				  .key = "allocs",
				  .column = "Alloc Ptr",
				  .column_key = "ptr",
				  .address = true },
	[KMR_STAT_SLAB_CACHE] = { .title = "Objects by cache",
				  .key = "caches",
				  .column = "Cache",
				  .column_key = "cache",
				  .frees = true },
	[KMR_STAT_SLAB_TASK] = { .title = "Objects by task",
				 .key = "tasks",
				 .column = "Task",
				 .column_key = "task",
				 .frees = true },
	[KMR_STAT_PAGE_CALLER] = { .title = "Pages by call site",
				   .key = "callers",
				   .column = "Callsite",
				   .column_key = "callsite",
				   .kinds = true },
	[KMR_STAT_PAGE_ALLOC] = { .title = "Pages by frame",
				  .key = "allocs",
				  .column = "PFN",
				  .column_key = "pfn",
				  .address = true,
				  .kinds = true },
	[KMR_STAT_PAGE_TASK] = { .title = "Pages by task",
				 .key = "tasks",
				 .column = "Task",
				 .column_key = "task",
				 .frees = true },
};

static const char *const migratetype_keys[KMR_STAT_MIGRATETYPES] = {
	[KMR_MIGRATE_UNMOVABLE] = "unmovable",
	[KMR_MIGRATE_MOVABLE] = "movable",
	[KMR_MIGRATE_RECLAIMABLE] = "reclaimable",
	[KMR_MIGRATE_HIGHATOMIC] = "highatomic",
	[KMR_MIGRATE_CMA] = "cma",
	[KMR_MIGRATE_ISOLATE] = "isolate",
	[KMR_MIGRATE_TYPES] = "unknown",
};

const struct stat_view *stat_view(enum kmr_stat_view view)
{
	return &views[view];
}

size_t stat_shown(const struct stat_request *request, const struct kmr_stat *stat,
		  enum kmr_stat_view view)
{
	const size_t nr = kmr_stat_nr_rows(stat, view);

	return nr < request->lines ? nr : (size_t)request->lines;
}

char *stat_gfp_text(char buf[STAT_GFP_TEXT], const struct kmr_stat_row *row)
{
	if (row->gfp_known)
		return kmr_gfp_format(row->gfp, buf, STAT_GFP_TEXT);
	buf[0] = '-';
	buf[1] = '\0';
	return buf;
}

char *stat_ptr_text(char buf[STAT_PTR_TEXT], const struct kmr_stat_row *row)
{
	(void)snprintf(buf, STAT_PTR_TEXT, "0x%" PRIx64, row->addr);
	return buf;
}

const char *stat_migratetype_key(unsigned int migratetype)
{
	return migratetype_keys[migratetype < KMR_MIGRATE_TYPES ? migratetype : KMR_MIGRATE_TYPES];
}

uint64_t stat_wasted(const struct kmr_stat_slab *sum)
{
	return sum->bytes_alloc > sum->bytes_req ? sum->bytes_alloc - sum->bytes_req : 0;
}

bool stat_any_of_order(const struct kmr_stat_page *sum, unsigned int order)
{
	for (unsigned int m = 0; m < KMR_STAT_MIGRATETYPES; m++)
		if (sum->by_order[order][m])
			return true;
	return false;
}
