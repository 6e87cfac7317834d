/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Contiguous memory in a replay: requests of CMA, memory that comes and goes, the pool of huge
 * pages, and what migrates for them: the traced frames of a block lead to where it is now.
 */
#ifndef KMREPLAY_REPLAY_CONTIG_H
#define KMREPLAY_REPLAY_CONTIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ptrmap.h"
#include "kmreplay/contig.h"
#include "kmreplay/event.h"
#include "kmreplay/gfp.h"

struct kmr_engine;
struct kmr_map_entry;

/* What an area gave out, as the trace knows it. */
struct kmr_cma_block {
	uint64_t traced; /* first frame there */
	uint64_t pages;
	kmr_pfn_t sim; /* first frame here; KMR_NO_PFN: failed in the simulation only */
	uint32_t area;
	uint32_t next_unused; /* index + 1 */
};

struct kmr_contig_replay {
	bool nomem; /* something could not be kept: results are worth nothing */
	/*
	 * By the first simulated frame of a live block its first traced one, once there is something
	 * that may move blocks: up to then NULL.  An entry is true if the map agrees.
	 */
	uint32_t *traced_of;
	struct kmr_ptrmap block_of; /* traced first frame → index + 1 */
	struct kmr_cma_block *blocks;
	size_t nr_blocks, cap_blocks;
	uint32_t unused; /* index + 1 */
	struct kmr_contig_report report;
};

/* GFP_TRANSHUGE_LIGHT without what callers leave out (include/linux/gfp_types.h) */
#define KMR_GFP_TRANSHUGE (KMR_GFP_MOVABLE | KMR_GFP_COMP | KMR_GFP_NOMEMALLOC)

static inline bool kmr_is_contig_event(const struct kmr_event *ev)
{
	return ev->type >= KMR_EV_CMA_ALLOC && ev->type <= KMR_EV_HUGEPAGES;
}

/*
 * The areas of CMA, and at boot the pool of huge pages: what a machine has of them beyond its free
 * lists.  For a backend in its start state, before anything else takes pages; @boot: frames in use
 * are the kernel's own.
 */
void kmr_contig_start(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		      struct kmr_page_backend *b, bool boot);

void kmr_contig_replay_init(struct kmr_engine *e);
void kmr_contig_replay_fini(struct kmr_engine *e);
/* From now on blocks may move.  -1: no memory. */
int kmr_contig_track_moves(struct kmr_engine *e);
/* The entry of the live block that has simulated frame @pfn; *head its first traced frame. */
struct kmr_map_entry *kmr_contig_entry_at(struct kmr_engine *e, kmr_pfn_t pfn, uint64_t *head);
/* One of the events above, in order. */
void kmr_contig_event(struct kmr_engine *e, const struct kmr_event *ev);
/* A request of a huge page's size came out as @sim; true: it was for a transparent huge page. */
bool kmr_contig_thp(struct kmr_engine *e, uint32_t gfp, kmr_pfn_t sim);
/* From the backend: struct kmr_page_observer. */
void kmr_contig_migrated(void *ctx, kmr_pfn_t from, kmr_pfn_t to, unsigned int order);
void kmr_contig_kept(void *ctx, kmr_pfn_t pfn, unsigned int order, bool kept);

#endif
