/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of a run's requests for contiguous memory, and of memory that came and went. */
#ifndef KMREPLAY_CONTIG_H
#define KMREPLAY_CONTIG_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/machine.h"
#include "kmreplay/page.h"

/* What the engine counted; events, but where it says otherwise. */
struct kmr_contig_stats {
	uint64_t cma_requests; /* of areas that the machine has */
	uint64_t cma_failures; /* of them, failed in the simulation only */
	uint64_t cma_traced_failures; /* failed in the traced kernel; tried too */
	uint64_t cma_rescued; /* of these, the ones that the model could serve */
	uint64_t cma_releases;
	uint64_t cma_dropped_releases; /* of what failed in the simulation only */
	uint64_t cma_unknown_releases; /* of what nobody asked for */
	uint64_t cma_repeated; /* requests for frames that were never released */
	uint64_t cma_foreign; /* of areas that the machine lacks, left out */
	uint64_t cma_live_pages; /* pages: handed out and not released at the end */
	uint64_t onlined, online_failures;
	uint64_t offlined;
	uint64_t offline_busy; /* something sat there that does not move */
	uint64_t offline_no_room; /* nowhere to move it to */
	uint64_t offline_invalid; /* not there, or not whole sections of one zone */
	uint64_t pool_changes; /* nr_hugepages was set */
	uint64_t pool_short; /* of these, how often it got less than that */
	uint64_t pool_pages; /* huge pages: in the pool at the end */
	uint64_t thp_requests; /* pages of a huge page's size for the taking: GFP_TRANSHUGE */
	uint64_t thp_failures; /* of them, in the simulation */
};

struct kmr_cma_report {
	char name[32];
	uint64_t pages; /* of the area */
	uint64_t requests, failures; /* both in the simulation */
	uint64_t live_pages, peak_pages; /* handed out: at the end, at most */
};

struct kmr_contig_report {
	bool used; /* any of it happened but the requests of a huge page's size, which any trace has */
	struct kmr_contig_stats stats;
	struct kmr_contig_work work; /* the model's */
	unsigned int nr_areas;
	struct kmr_cma_report areas[KMR_MAX_CMA];
	uint64_t first_busy; /* frame that the first offline failed at; KMR_EV_NO_PFN: none did */
};

#endif
