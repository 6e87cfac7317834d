/* SPDX-License-Identifier: GPL-2.0-only */
/* Free memory for a start state: ranges of frames, and blocks by their number. */
#ifndef KMREPLAY_REPLAY_SEED_H
#define KMREPLAY_REPLAY_SEED_H

#include <stdint.h>

#include "kmreplay/machine.h"
#include "kmreplay/page.h"
#include "kmreplay/procinfo.h"

/*
 * Frees what is RAM of frames [start, end) as boot does: in the largest aligned blocks, from the
 * lowest, movable (mm/memblock.c: __free_pages_memory()).
 */
void kmr_seed_range(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		    struct kmr_page_backend *b, uint64_t start, uint64_t end);

/*
 * The frames that boot keeps of a zone, present but not managed, are taken to be its lowest: the
 * kernel's image and its tables lie there.  Returns the first frame behind them.
 */
uint64_t kmr_boot_first_free(const struct kmr_machine *m, const struct kmr_zone_spec *z);

/*
 * Memory as boot hands it over: free but what it keeps.  Low memory comes in the largest aligned
 * blocks (mm/memblock.c: free_low_memory_core_early()), high memory and what boot needed only for
 * a while page by page, CMA areas by pageblocks.  Where only the amount is known that boot keeps,
 * it is taken to be a zone's lowest.
 */
void kmr_seed_boot(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		   struct kmr_page_backend *b);

/*
 * As many free blocks of each order and type as /proc says, in places made up from the counts
 * alone, and pages on the per-CPU lists.  *left_out: blocks that found no place.
 */
int kmr_seed_proc(const struct kmr_machine *m, const struct kmr_procinfo *info,
		  const struct kmr_page_ops *ops, struct kmr_page_backend *b, uint64_t *left_out,
		  struct kmr_error *err);

#endif
