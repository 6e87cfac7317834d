// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of migrate types.  Below every room, as traces, dumps of /proc and reports all have
 * them.
 */
#include "kmreplay/event.h"

/* mm/page_alloc.c, migratetype_names */
static const char *const names[KMR_MIGRATE_TYPES] = {
	[KMR_MIGRATE_UNMOVABLE] = "Unmovable",
	[KMR_MIGRATE_MOVABLE] = "Movable",
	[KMR_MIGRATE_RECLAIMABLE] = "Reclaimable",
	[KMR_MIGRATE_HIGHATOMIC] = "HighAtomic",
	[KMR_MIGRATE_CMA] = "CMA",
	[KMR_MIGRATE_ISOLATE] = "Isolate",
};

const char *kmr_migratetype_name(unsigned int migratetype)
{
	return migratetype < KMR_MIGRATE_TYPES ? names[migratetype] : "?";
}
