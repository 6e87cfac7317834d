/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace of a machine that was short of memory: what its events tell of the way that a request
 * took, and of what reclaim and compaction did.
 *
 *  - A request that woke kswapd had found no zone above its low watermark; one that reclaimed, none
 *    above the min watermark either.  Both events come before that of the frame.
 *  - kswapd lowers the per-CPU lists' limits while it works, and at the end of a round drops the
 *    boosts that it found.  It tells when it begins, and when it has slept for a tenth of a second,
 *    but not when a round ends: the model's watermarks say when there is nothing left to do.
 *  - Compaction's free scanner takes blocks from the free lists, and since 6.6 tells how many pages
 *    its searches took; which ones follows from the lists.  Until then a page that was moved away
 *    is known by its free, and a place for it was taken just before.
 *  - Two things nobody tells show by the zone that a request went to, for the requests behind it:
 *    that a node had too many dirty pages (node_dirty_ok()), and how the zones' counts of free
 *    pages were spread over CPUs.
 */
#ifndef KMREPLAY_REPLAY_FOLLOW_H
#define KMREPLAY_REPLAY_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/event.h"
#include "kmreplay/follow.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"

#define KMR_MAX_COMPACTIONS 16u /* at a time */

/* A run of compaction. */
struct kmr_compaction {
	uint32_t task; /* who runs it: an index into kmr_follow.tasks */
	uint32_t run; /* its number, from 1 */
	uint32_t free_pages; /* taken from the free lists and not yet moved to */
	bool migrating;
	bool searched; /* the free lists, since free pages were last needed */
	struct kmr_free_search search;
};

/* kswapd of a node. */
struct kmr_kswapd {
	uint64_t last; /* ns: when it was seen last */
	uint64_t reclaimed; /* pages, since it was woken */
	uint32_t task; /* an index into kmr_follow.tasks */
	uint16_t cpu; /* where it ran last */
	uint8_t order; /* that it was woken for */
	uint8_t highest; /* zone that it reclaims for, as the kernel counts */
	uint8_t compact_highest; /* likewise, kcompactd, when it will be woken next */
	uint8_t woken_for; /* likewise: the highest zone that it was woken for */
	uint8_t called_for; /* likewise, since then */
	bool called; /* since it was woken */
	bool running; /* a round goes on */
	bool begun; /* the round has been seen at work */
	/* marks were missed when it began: boosts are left alone then, balance_pgdat() */
	bool boosts_waived;
	bool in_lists; /* it was seen last at pages of the LRU lists, not at shrinkers behind them */
	bool asked; /* whether it is done, since it was seen last */
	bool guessed; /* that it is asleep: no event said so */
	bool freeing; /* a list of pages: it tells what came of it before it does anything else */
};

struct kmr_follow_stats {
	uint64_t compactions;
	uint64_t isolated; /* pages taken from the free lists by compaction */
	uint64_t migrated; /* pages that its migration gave back */
	uint64_t homeless; /* of them those that no free page could be found for */
	uint64_t
		scans_differ; /* ranges, and searches, where the kernel took another number of pages */
};

struct kmr_follow {
	const struct kmr_machine *machine;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	uint8_t *tasks; /* by task, then by CPU and context: what has been seen of it */
	uint8_t *orders; /* likewise: that memory was last to be compacted for */
	uint64_t dirty_nodes;
	uint32_t fell_back; /* the task that fell back last: an index into tasks */
	uint8_t fell_back_in; /* zone, as the kernel counts */
	struct kmr_kswapd kswapd[KMR_MAX_NODES];
	uint64_t running; /* bit a node: its kswapd is */
	bool traced; /* the trace has such events */
	bool shrinkers_told; /* it has mm_shrink_slab_end */
	bool searches_told; /* it has mm_compaction_fast_isolate_freepages */
	bool simulated; /* frames are not the traced kernel's: it only keeps watch on compaction */
	bool nomem;
	struct kmr_compaction compactions[KMR_MAX_COMPACTIONS];
	unsigned int nr_compactions;
	/*
	 * By zone: from where on the free scanner is where it began (compact_init_free_pfn).  0 until
	 * the zone's hints were first reset, which shows where a run begins then.
	 */
	uint32_t init_free[KMR_MAX_ZONES];
	/* by frame: the run of compaction that took it as a place to move a page to; NULL: none did */
	uint32_t *isolated_by;
	uint32_t nr_frames;
	struct kmr_follow_stats stats;
};

/* -1: no memory; kmr_follow_free() in either case. */
int kmr_follow_init(struct kmr_follow *f, const struct kmr_machine *m,
		    const struct kmr_page_ops *ops, struct kmr_page_backend *b);
void kmr_follow_free(struct kmr_follow *f);

/* Every event, before the others: its task runs. */
void kmr_follow_seen(struct kmr_follow *f, const struct kmr_event *ev);

/* Any event that is not about pages. */
void kmr_follow_event(struct kmr_follow *f, const struct kmr_event *ev);

/* A request fell back: mm_page_alloc_extfrag @ev. */
void kmr_follow_fell_back(struct kmr_follow *f, const struct kmr_event *ev);

/*
 * A page of mm_page_free @ev is about to be freed.  False when it only goes back to compaction,
 * which could not move another page there (compaction_free() since 6.9).
 */
bool kmr_follow_frees(struct kmr_follow *f, const struct kmr_event *ev);

/* The compaction that the task of @ev runs; NULL: none. */
struct kmr_compaction *kmr_follow_compaction(struct kmr_follow *f, const struct kmr_event *ev);

/* What is known of a request beforehand. */
struct kmr_follow_guess {
	struct kmr_way way;
	/* of one that asks to write: where it goes if its node has few dirty pages, or many; -1 */
	int clean_zone, dirty_zone;
};

/* The request of mm_page_alloc @ev is about to be made. */
void kmr_follow_ask(struct kmr_follow *f, const struct kmr_event *ev,
		    const struct kmr_page_request *req, struct kmr_follow_guess *guess);

/*
 * It was, and the kernel's frame is of @zone, -1: it got none.  True when the node's dirty pages
 * were more or fewer than thought, which is known now.
 */
bool kmr_follow_got(struct kmr_follow *f, const struct kmr_event *ev,
		    const struct kmr_page_request *req, const struct kmr_follow_guess *guess,
		    int zone);

/*
 * The model's frame was of another zone than the kernel's, and has been given back.  True when that
 * was for a few pages more or less in the zones' counts, which are put right.
 */
bool kmr_follow_other_zone(struct kmr_follow *f, const struct kmr_page_request *req,
			   const struct kmr_follow_guess *guess, int zone);

/* compaction, for follow.c */
static inline uint32_t kmr_follow_block(const struct kmr_follow *f, uint64_t pfn)
{
	return (uint32_t)(pfn >> f->machine->pageblock_order << f->machine->pageblock_order);
}

struct kmr_compaction *kmr_follow_compaction_of(struct kmr_follow *f, uint32_t task);
/* The task of @ev compacts memory of @order; KMR_EV_WHOLE_ZONE: all that there is. */
void kmr_follow_compaction_begins(struct kmr_follow *f, const struct kmr_event *ev, uint32_t task,
				  uint8_t order);
void kmr_follow_compaction_event(struct kmr_follow *f, const struct kmr_event *ev, uint32_t task);
bool kmr_follow_compaction_frees(struct kmr_follow *f, const struct kmr_event *ev, uint32_t task);

#endif
