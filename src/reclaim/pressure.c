// SPDX-License-Identifier: GPL-2.0-only
/* What the page allocator asks, parameters, counts; out of memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/array.h"
#include "base/params.h"
#include "reclaim/reclaim.h"

/* A page takes about as long as this many steps between traced events do, tracing included. */
#define STEPS_PER_PAGE	  4
#define DEFAULT_STEP_NS	  500 /* before anything was measured */
#define SWITCH_PAGES	  8
#define EEVDF_SINCE	  606
#define BASE_SLICE_NS	  750000
#define SLEEPER_CREDIT_NS 3000000 /* half of sysctl_sched_latency: place_entity() */

enum {
	PARAM_MGLRU,
	PARAM_SWAP,
	PARAM_SWAPPINESS,
	PARAM_DIRTY,
	PARAM_PAGE_NS,
	PARAM_WAKE_NS,
	PARAM_PROACTIVENESS,
	NR_PARAMS
};

const struct kmr_param kmr_reclaim_params[NR_PARAMS] = {
	[PARAM_MGLRU] = { "mglru", "generations in place of active and inactive lists",
			  KMR_PARAM_BOOL, false, 0, 0, 1 },
	[PARAM_SWAP] = { "swap", "room for anonymous memory on a swap device, pages; 0: none",
			 KMR_PARAM_UINT, false, 0, 0, UINT32_MAX },
	[PARAM_SWAPPINESS] = { "swappiness", "as /proc/sys/vm/swappiness", KMR_PARAM_UINT, false,
			       60, 0, 200 },
	[PARAM_DIRTY] = { "dirty", "of written pages, how many per cent reclaim finds dirty still",
			  KMR_PARAM_UINT, false, 0, 0, 100 },
	[PARAM_PAGE_NS] = { "page_ns",
			    "ns to reclaim or to move a page; 0: by the trace's own speed",
			    KMR_PARAM_UINT, false, 0, 0, 1000000000 },
	[PARAM_WAKE_NS] = { "wake_ns",
			    "ns until a daemon that was woken runs; 0: by the kernel's scheduler",
			    KMR_PARAM_UINT, false, 0, 0, 1000000000 },
	[PARAM_PROACTIVENESS] = { "proactiveness", "as /proc/sys/vm/compaction_proactiveness",
				  KMR_PARAM_UINT, false, 20, 0, 100 },
};

const unsigned int kmr_reclaim_nr_params = NR_PARAMS;

int kmr_reclaim_parse(const char *spec, uint64_t *params, struct kmr_error *err)
{
	const size_t len = strcspn(spec, ",");

	if (len == strlen("follow") && !strncmp(spec, "follow", len)) {
		if (spec[len])
			return kmr_fail(err, "--pressure follow takes no parameters, found '%s'",
					spec + len);
		return 0;
	}
	if (len != strlen("model") || strncmp(spec, "model", len) != 0)
		return kmr_fail(err, "--pressure takes 'follow' or 'model', found '%.*s'", (int)len,
				spec);
	if (kmr_params_parse("--pressure", "model", kmr_reclaim_params, NR_PARAMS, spec + len,
			     params, err))
		return -1;
	return 1;
}

static uint64_t reclaimable(void *ctx, unsigned int zone)
{
	return kmr_zone_reclaimable(ctx, zone);
}

/* The kernel ends a task; here whoever asked goes without. */
static void oom(void *ctx, const struct kmr_page_request *req)
{
	struct kmr_reclaim *r = ctx;

	(void)req;
	r->stats.oom_kill++;
}

static void nobody_told(void *ctx, kmr_pfn_t pfn, unsigned int order)
{
	(void)ctx;
	(void)pfn;
	(void)order;
}

/*
 * Until 6.5 a task that has slept preempts whoever runs, which takes as long as a few pages do.
 * Since then it waits for the end of a time slice, sysctl_sched_base_slice in kernel/sched/fair.c.
 */
static void set_wake_ns(struct kmr_reclaim *r)
{
	unsigned int major = 0, minor = 0, cpus = r->machine->nr_cpus;
	uint64_t slice = BASE_SLICE_NS;

	r->slice_ns = SLEEPER_CREDIT_NS;
	if (r->scheduled)
		r->wake_ns = r->page_ns * SWITCH_PAGES;
	if (sscanf(r->ops->name, "linux-%u.%u", &major, &minor) != 2 ||
	    major * 100 + minor < EEVDF_SINCE)
		return;
	/* SCHED_TUNABLESCALING_LOG, of at most 8 CPUs */
	for (cpus = cpus < 8 ? cpus : 8; cpus > 1; cpus >>= 1)
		slice += BASE_SLICE_NS;
	r->slice_ns = slice;
	if (r->scheduled)
		r->wake_ns = slice;
}

void kmr_reclaim_set_speed(struct kmr_reclaim *r, uint64_t step_ns)
{
	if (!r->measured)
		return;
	r->page_ns = step_ns * STEPS_PER_PAGE;
	set_wake_ns(r);
}

static void set_params(struct kmr_reclaim *r, const uint64_t *values)
{
	uint64_t defaults[NR_PARAMS];

	for (unsigned int i = 0; !values && i < NR_PARAMS; i++)
		defaults[i] = kmr_reclaim_params[i].def;
	values = values ? values : defaults;
	r->generations = values[PARAM_MGLRU];
	r->swap = values[PARAM_SWAP];
	r->swap_free = r->swap;
	r->swappiness = (unsigned int)values[PARAM_SWAPPINESS];
	r->dirty = (unsigned int)values[PARAM_DIRTY];
	r->page_ns = values[PARAM_PAGE_NS];
	r->wake_ns = values[PARAM_WAKE_NS];
	r->measured = !r->page_ns;
	r->scheduled = !r->wake_ns;
	if (r->measured)
		kmr_reclaim_set_speed(r, DEFAULT_STEP_NS);
	else
		set_wake_ns(r);
	r->proactiveness = (unsigned int)values[PARAM_PROACTIVENESS];
}

static void init_nodes(struct kmr_reclaim *r)
{
	const struct kmr_machine *m = r->machine;

	for (unsigned int i = 0; i < m->nr_nodes; i++) {
		struct kmr_reclaim_node *n = &r->nodes[i];

		for (unsigned int list = 0; list < KMR_LRU_LISTS; list++)
			kmr_list_init(&n->lists[list]);
		n->max_seq = KMR_NR_GENS - 1;
		for (unsigned int cpu = 0; cpu < m->nr_cpus; cpu++)
			n->nr_cpus += m->cpu_node[cpu] == i;
		while (n->cpu < m->nr_cpus && m->cpu_node[n->cpu] != i)
			n->cpu++;
		if (n->cpu == m->nr_cpus)
			n->cpu = 0;
		n->kswapd.due = UINT64_MAX;
		n->kswapd.wanted_highest = KMR_NO_TYPE;
		n->kswapd.highest = KMR_ZONE_NR_TYPES - 1;
		n->kcompactd.wanted_highest = KMR_ZONE_NR_TYPES;
		n->kcompactd.due = UINT64_MAX;
	}
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		struct kmr_reclaim_node *n = &r->nodes[m->zones[i].node];

		r->zones[i].present = m->zones[i].present;
		/* beyond the zone: the scanners have not been anywhere */
		r->zones[i].free_pfn = UINT32_MAX;
		n->present = true;
		/* its first look is half a second after whatever comes first */
		n->kcompactd.due = r->proactiveness ? 0 : UINT64_MAX;
	}
}

static void init_pressure(struct kmr_reclaim *r)
{
	r->pressure = (struct kmr_pressure_ops){
		.ctx = r,
		.wake_kswapd = kmr_wake_kswapd,
		.reclaim = kmr_direct_reclaim,
		.reclaim_node = kmr_node_reclaim,
		.compact = kmr_direct_compact,
		.compactable = kmr_compactable,
		.compacted = kmr_compacted,
		.reclaimable = reclaimable,
		.oom = oom,
	};
	r->ops->set_pressure(r->b, &r->pressure);
}

struct kmr_reclaim *kmr_reclaim_create(const struct kmr_machine *machine,
				       const struct kmr_page_ops *ops, struct kmr_page_backend *b,
				       const uint64_t *params,
				       const struct kmr_reclaim_observer *observer,
				       struct kmr_error *err)
{
	struct kmr_reclaim *r;

	if (!ops->set_pressure) {
		(void)kmr_fail(err, "--pressure model: page backend %s has no slow path to help",
			       ops->name);
		return NULL;
	}
	r = calloc(1, sizeof(*r));
	if (!r) {
		(void)kmr_fail_nomem(err, "reclaim");
		return NULL;
	}
	r->machine = machine;
	r->ops = ops;
	r->b = b;
	r->observer.reclaimed = nobody_told;
	if (observer)
		r->observer = *observer;
	r->nr_frames = (uint32_t)kmr_machine_end_pfn(machine);
	r->frames_bytes = (size_t)r->nr_frames * sizeof(*r->frames);
	r->frames = mmap(NULL, r->frames_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	if (r->frames == MAP_FAILED) {
		free(r);
		(void)kmr_fail_nomem(err, "LRU lists");
		return NULL;
	}
	set_params(r, params);
	init_nodes(r);
	kmr_due_changed(r);
	init_pressure(r);
	return r;
}

void kmr_reclaim_destroy(struct kmr_reclaim *r)
{
	if (!r)
		return;
	r->ops->set_pressure(r->b, NULL);
	(void)munmap(r->frames, r->frames_bytes);
	free(r);
}

void kmr_due_changed(struct kmr_reclaim *r)
{
	r->next_due = UINT64_MAX;
	for (unsigned int i = 0; i < r->machine->nr_nodes; i++) {
		const struct kmr_reclaim_node *n = &r->nodes[i];

		r->next_due = n->kswapd.due < r->next_due ? n->kswapd.due : r->next_due;
		r->next_due = n->kcompactd.due < r->next_due ? n->kcompactd.due : r->next_due;
	}
}

/* Whoever is due first; a node's kswapd before its kcompactd. */
static void go_on(struct kmr_reclaim *r)
{
	const uint64_t due = r->next_due;

	if (due > r->now)
		r->now = due;
	for (unsigned int i = 0; i < r->machine->nr_nodes; i++) {
		if (r->nodes[i].kswapd.due == due) {
			kmr_kswapd_go_on(r, i);
			return;
		}
		if (r->nodes[i].kcompactd.due == due) {
			kmr_kcompactd_go_on(r, i);
			return;
		}
	}
}

void kmr_run_daemons(struct kmr_reclaim *r, uint64_t now)
{
	while (r->next_due <= now)
		go_on(r);
	if (now > r->now)
		r->now = now;
}

static void begin(struct kmr_reclaim *r, uint64_t now)
{
	r->begun = true;
	for (unsigned int i = 0; i < r->machine->nr_nodes; i++)
		if (!r->nodes[i].kcompactd.due)
			r->nodes[i].kcompactd.due = now + KMR_KCOMPACTD_CHECK_NS;
	kmr_due_changed(r);
}

void kmr_reclaim_run(struct kmr_reclaim *r, uint64_t now, unsigned int cpu)
{
	r->cpu = cpu;
	/* the first time: daemons that look by themselves begin to count from here */
	if (!r->begun)
		begin(r, now);
	kmr_run_daemons(r, now + r->ahead);
}

const struct kmr_reclaim_stats *kmr_reclaim_stats(const struct kmr_reclaim *r)
{
	return &r->stats;
}

#define STAT(field)                                               \
	{                                                         \
#field, offsetof(struct kmr_reclaim_stats, field) \
	}

static const struct {
	const char *name;
	size_t offset;
} stat_names[] = {
	STAT(pgscan_kswapd),
	STAT(pgscan_direct),
	STAT(pgsteal_kswapd),
	STAT(pgsteal_direct),
	STAT(pgsteal_anon),
	STAT(pgsteal_file),
	STAT(pgskip),
	STAT(pgrefill),
	STAT(pgdeactivate),
	STAT(pgrotated),
	STAT(pswpout),
	STAT(pageoutrun),
	STAT(kswapd_wakeups),
	STAT(kswapd_low_wmark_hit_quickly),
	STAT(kswapd_high_wmark_hit_quickly),
	STAT(kswapd_sleeps),
	STAT(allocstall),
	STAT(compact_stall),
	STAT(compact_success),
	STAT(compact_fail),
	STAT(compact_daemon_wake),
	STAT(compact_proactive),
	STAT(compact_zones),
	STAT(compact_deferred),
	STAT(compact_defers),
	STAT(compact_migrate_scanned),
	STAT(compact_free_scanned),
	STAT(compact_isolated),
	STAT(pgmigrate_success),
	STAT(oom_kill),
};

_Static_assert(sizeof(struct kmr_reclaim_stats) == ARRAY_SIZE(stat_names) * sizeof(uint64_t),
	       "every count has a name");

bool kmr_reclaim_stat_at(const struct kmr_reclaim_stats *stats, unsigned int i, const char **name,
			 uint64_t *value)
{
	if (i >= ARRAY_SIZE(stat_names))
		return false;
	*name = stat_names[i].name;
	memcpy(value, (const char *)stats + stat_names[i].offset, sizeof(*value));
	return true;
}
