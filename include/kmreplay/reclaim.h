/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reclaim, simulated: who makes room in a page backend when memory is short.  LRU lists of the
 * frames that are said to be user memory or page cache, kswapd and kcompactd of each node in
 * simulated time, direct reclaim and compaction within a request, out of memory.
 *
 * A backend is given one of these with kmr_reclaim_create(); from then on its slow path asks here.
 * Whoever allocates says which frames are on the lists, and is told when one is reclaimed.
 *
 * Time: kswapd and kcompactd run beside whatever the trace does, on CPUs of their own.  They begin
 * wake_ns after they were woken, and a page that they reclaim or move takes page_ns of simulated
 * time.  A task that reclaims for itself gives them as much time again, where there is another CPU.
 * Nothing happens by itself: kmr_reclaim_run() brings them up to the time it is given.
 */
#ifndef KMREPLAY_RECLAIM_H
#define KMREPLAY_RECLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"
#include "kmreplay/param.h"

enum kmr_lru_kind {
	KMR_LRU_ANON,
	KMR_LRU_FILE,
};

/*
 * How often what was done, by the names of /proc/vmstat where that has it; pages unless said
 * otherwise.  Nothing but counts.
 */
struct kmr_reclaim_stats {
	uint64_t pgscan_kswapd, pgscan_direct;
	uint64_t pgsteal_kswapd, pgsteal_direct;
	uint64_t pgsteal_anon, pgsteal_file;
	uint64_t pgskip; /* scanned in vain: of a zone that does not help */
	uint64_t pgrefill, pgdeactivate;
	uint64_t pgrotated; /* found dirty and put back */
	uint64_t pswpout;
	uint64_t pageoutrun; /* rounds of kswapd: its mm_vmscan_kswapd_wake */
	uint64_t kswapd_wakeups; /* by somebody: mm_vmscan_wakeup_kswapd */
	uint64_t kswapd_low_wmark_hit_quickly, kswapd_high_wmark_hit_quickly; /* times */
	uint64_t kswapd_sleeps; /* times */
	uint64_t allocstall; /* times a task reclaimed for itself */
	uint64_t compact_stall, compact_success, compact_fail; /* times, by tasks */
	uint64_t compact_daemon_wake; /* times */
	uint64_t compact_proactive; /* times, of a node */
	uint64_t compact_zones; /* zones gone through, whoever did: mm_compaction_begin */
	uint64_t compact_deferred; /* attempts that were not made */
	uint64_t compact_defers; /* failures that make later attempts be deferred */
	uint64_t compact_migrate_scanned, compact_free_scanned, compact_isolated;
	uint64_t pgmigrate_success;
	uint64_t oom_kill; /* requests that nothing could help */
};

/* What a scan of the lists finds at one moment, pages. */
struct kmr_lru_sizes {
	uint64_t inactive[2],
		active[2]; /* by kind; generations: all but the youngest, the youngest */
	uint64_t swap_free;
};

/* What became of the traced kernel's own reclaim in a replay that simulates it; pages. */
struct kmr_pressure_replay_stats {
	uint64_t start_pages; /* of the start state that were put on lists */
	uint64_t left_out; /* reclaimed by the traced kernel, still there in the simulation */
	uint64_t agreed; /* reclaimed by both, the simulation first */
	uint64_t dropped; /* reclaimed in the simulation; the trace freed them for another reason */
	uint64_t moved; /* by the traced kernel's compaction, to nobody knows where */
	uint64_t guessed; /* taken for page cache, as the trace has no flags of their requests */
};

struct kmr_pressure_report {
	bool used;
	char params[256]; /* "mglru=0,swap=0,…" */
	struct kmr_reclaim_stats stats;
	struct kmr_pressure_replay_stats replay;
	struct kmr_lru_sizes sizes; /* at the end */
};

struct kmr_reclaim_observer {
	void *ctx;
	/* the block of 2^@order frames at @pfn is about to be freed: its content is gone */
	void (*reclaimed)(void *ctx, kmr_pfn_t pfn, unsigned int order);
};

struct kmr_reclaim;

/* The parameters of "model", for `kmreplay list`. */
extern const struct kmr_param kmr_reclaim_params[];
extern const unsigned int kmr_reclaim_nr_params;

/*
 * Splits "follow" or "model,swap=1024" into parameter values (room for KMR_MAX_PARAMS).  Returns 1
 * for model, 0 for follow, -1 with a message that names the parameter and its range.
 */
int kmr_reclaim_parse(const char *spec, uint64_t *params, struct kmr_error *err);

/*
 * Makes room in @b, a backend with @ops for @machine, from now on; both must outlive it.  @params
 * in the order of kmr_reclaim_params, NULL: the defaults.  NULL with a message when there is no
 * memory or the backend can't be helped.
 */
struct kmr_reclaim *kmr_reclaim_create(const struct kmr_machine *machine,
				       const struct kmr_page_ops *ops, struct kmr_page_backend *b,
				       const uint64_t *params,
				       const struct kmr_reclaim_observer *observer,
				       struct kmr_error *err);
void kmr_reclaim_destroy(struct kmr_reclaim *r);

/*
 * The used block of 2^@order frames at @pfn is user memory or page cache from now on, newest of
 * its list.  @dirty: it has to be written before it can be reclaimed.
 */
void kmr_reclaim_add(struct kmr_reclaim *r, kmr_pfn_t pfn, unsigned int order,
		     enum kmr_lru_kind kind, bool dirty);
/* As it, but in the list of what is used often. */
void kmr_reclaim_add_active(struct kmr_reclaim *r, kmr_pfn_t pfn, unsigned int order,
			    enum kmr_lru_kind kind);
/* Somebody frees 2^@order frames at @pfn: blocks of them that are on a list leave it. */
void kmr_reclaim_forget(struct kmr_reclaim *r, kmr_pfn_t pfn, unsigned int order);
/* The block at @pfn, if it is on a list, is two of the next lower order, each on it. */
void kmr_reclaim_split(struct kmr_reclaim *r, kmr_pfn_t pfn);
/* What was at @from is at @to now. */
void kmr_reclaim_moved(struct kmr_reclaim *r, kmr_pfn_t from, kmr_pfn_t to);
/* A block that begins at @pfn is on a list. */
bool kmr_reclaim_has(const struct kmr_reclaim *r, kmr_pfn_t pfn);

/*
 * The machine takes @step_ns, more than 0, from one traced event to the next of a task that does
 * nothing else meanwhile; of use where parameter page_ns is 0.
 */
void kmr_reclaim_set_speed(struct kmr_reclaim *r, uint64_t step_ns);

/*
 * Simulated time has come to @now, ns, which never goes back, with an event on @cpu: daemons do what
 * they would have.
 */
void kmr_reclaim_run(struct kmr_reclaim *r, uint64_t now, unsigned int cpu);

const struct kmr_reclaim_stats *kmr_reclaim_stats(const struct kmr_reclaim *r);
void kmr_reclaim_sizes(const struct kmr_reclaim *r, struct kmr_lru_sizes *sizes);
/* The same names and values as text goes: i from 0; false past the last. */
bool kmr_reclaim_stat_at(const struct kmr_reclaim_stats *stats, unsigned int i, const char **name,
			 uint64_t *value);

/* Walks every invariant; -1 with the first that does not hold. */
int kmr_reclaim_check(const struct kmr_reclaim *r, struct kmr_error *err);

#endif
