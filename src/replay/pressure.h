/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pressure in a replay, `--pressure model`: reclaim is simulated, so what the traced kernel's
 * reclaim did is recognised and left out.
 *
 * Which frames are on LRU lists follows from their requests' flags, see kmr_pressure_kind().  A
 * free counts as reclaim's when its task is kswapd, or reclaims for itself at that moment
 * (mm_vmscan_direct_reclaim_begin to _end), and the simulated frame is on a list; as compaction's,
 * which moves the content to a frame that no event names, between mm_compaction_begin and _end of
 * its task.  All other frees are the workload's own, shrinkers of slab caches among them.
 *
 * So a frame may be gone here and live there, and the other way around.  What was reclaimed here
 * and is freed there later is dropped.  What was reclaimed there stays here, as memory that no
 * traced frame stands for, until it is reclaimed here; read back there, it is allocated once more
 * here, as nothing tells that it is the same.  What was moved there is freed here by a later free of
 * a frame that nobody allocated.
 */
#ifndef KMREPLAY_REPLAY_PRESSURE_H
#define KMREPLAY_REPLAY_PRESSURE_H

#include "kmreplay/event.h"
#include "kmreplay/machine.h"
#include "kmreplay/reclaim.h"
#include "kmreplay/replay.h"
#include "replay/homeless.h"
#include "replay/pfnmap.h"

struct kmr_engine;

struct kmr_pressure_replay {
	struct kmr_reclaim *reclaim; /* NULL: what the trace's reclaim frees is freed */
	uint8_t *tasks; /* by id: what its name says, and what it is doing */
	struct kmr_pressure_replay_stats stats;
	/* frames whose content the traced kernel moved, oldest first; a ring */
	struct kmr_homeless homeless;
	/* the machine's speed: time between two events in a row of one task on one CPU */
	struct {
		uint64_t time;
		uint16_t task;
	} last[KMR_MAX_CPUS];
	uint64_t nr_steps, steps_ns;
};

/* With @params of kmr_reclaim_params; kmr_pressure_fini() in either case. */
int kmr_pressure_init(struct kmr_engine *e, const uint64_t *params, struct kmr_error *err);
void kmr_pressure_fini(struct kmr_engine *e);
/*
 * Puts frames of the start state on lists: as many as @lru says, by zone, in the order of enum
 * lru_list, of those in movable pageblocks.
 */
void kmr_pressure_start(struct kmr_engine *e, uint64_t (*lru)[4],
			const struct kmr_snapshot *snapshot);
/* Every event as the trace has it: measures how fast the traced machine is. */
void kmr_pressure_measure(struct kmr_engine *e, const struct kmr_event *ev);
/* RECLAIM_* and COMPACT_*: what their task is doing. */
void kmr_pressure_event(struct kmr_engine *e, const struct kmr_event *ev);
/* True: the free is none here. @committed: it was one of a list. */
bool kmr_pressure_leaves_out(struct kmr_engine *e, const struct kmr_event *ev, bool committed);
/* A free of what nobody allocated; true: it was of something that had been moved. */
bool kmr_pressure_unknown(struct kmr_engine *e, const struct kmr_event *ev, unsigned int cpu);
/* The request was given the block at @sim.  Not @gfp_known: the trace has its mobility alone. */
void kmr_pressure_allocated(struct kmr_engine *e, const struct kmr_page_request *req,
			    bool gfp_known, kmr_pfn_t sim);

#endif
