/* SPDX-License-Identifier: GPL-2.0-only */
/* A workload as its file says it: plain data that streams are made from. */
#ifndef KMR_WORKLOAD_SPEC_H
#define KMR_WORKLOAD_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/event.h"
#include "kmreplay/machine.h"
#include "kmreplay/workload.h"
#include "workload/dist.h"
#include "workload/keep.h"
#include "workload/policy.h"

#define LOAD_MAX_ACTORS	  4096u
#define LOAD_MAX_TASKS	  60000u /* of all actors; events have 16 bits for them */
#define LOAD_MAX_REQUESTS 256u /* of a mix */
#define LOAD_MAX_PHASES	  4096u
#define LOAD_MAX_TABLE	  65536u /* entries of a distribution */
#define LOAD_MAX_KEEP	  (UINT64_C(1) << 32)

/* Bounds for times, so that sums of a few do not overflow: 2^62 ns are 146 years. */
#define LOAD_MAX_TIME (UINT64_C(1) << 60)
#define LOAD_FOREVER  UINT64_MAX

#define LOAD_MAX_BYTES	 (UINT32_MAX & ~UINT32_C(4095)) /* of one vmalloc() */
#define LOAD_MAX_KMALLOC (UINT32_C(4) << 20) /* KMALLOC_MAX_SIZE with MAX_ORDER 11 */
#define LOAD_MAX_OBJECT	 (UINT32_C(1) << 20) /* of a cache */

#define LOAD_COMM 16u /* TASK_COMM_LEN */
#define LOAD_NAME 64u
#define LOAD_SITE 128u

enum load_kind {
	LOAD_PAGES,
	LOAD_KMALLOC,
	LOAD_CACHE,
	LOAD_VMALLOC,
	LOAD_KMAP,
	LOAD_CMA,
	LOAD_HOTPLUG,
	LOAD_HUGEPAGES,
	LOAD_KINDS,
};

/* When what was allocated is freed. */
enum load_release {
	LOAD_NEVER,
	LOAD_AFTER, /* a time */
	LOAD_GROUP, /* a time, together with others */
	LOAD_KEEP, /* when the task has more than so many */
	LOAD_HOLD, /* when the actor has more than so much memory */
};

struct load_lifetime {
	enum load_release release;
	struct load_dist after; /* AFTER, GROUP: ns */
	bool dated; /* AFTER, GROUP: that is a time of the workload's clock */
	struct load_dist group; /* GROUP: how many go together */
	enum load_order order; /* KEEP, HOLD */
	uint64_t keep; /* KEEP: requests; HOLD: bytes */
	bool forever; /* GROUP: never freed */
};

struct load_request {
	enum load_kind kind;
	uint32_t gfp; /* canonical */
	struct load_dist amount; /* PAGES: order; KMALLOC, VMALLOC: bytes; CMA, HUGEPAGES: pages */
	bool local; /* KMAP: of the CPU */
	uint32_t object_size, size; /* CACHE: asked for, and from object to object */
	char name[LOAD_NAME]; /* CACHE, CMA: the cache's, the area's */
	char site[LOAD_SITE]; /* KMALLOC, CACHE: "symbol+0x10", without the function's length */
	uint64_t start_pfn; /* HOTPLUG */
	uint32_t pages, zone; /* HOTPLUG */
	int node; /* asked for; -1: any, or the CPU's */
	uint16_t lifetime; /* number in the actor's */
};

/* A time in which an actor is active, ns; end LOAD_FOREVER: it has none. */
struct load_span {
	uint64_t start, end;
};

struct load_actor {
	char name[LOAD_COMM];
	uint32_t first_task, tasks;
	uint16_t *cpus; /* where its tasks run, each on one */
	uint32_t nr_cpus;
	bool free_anywhere; /* frees happen on one of free_cpus, not where it was allocated */
	uint16_t *free_cpus;
	uint32_t nr_free_cpus;
	uint8_t context; /* enum kmr_context */
	struct load_policy policy;
	struct load_span *spans; /* ascending, none overlapping or empty */
	uint32_t nr_spans;
	bool once; /* a task makes one request (or burst), at its start */
	bool spread; /* the last of its requests comes at the end of its time */
	struct load_dist every; /* ns from one request, or burst, to the next */
	bool bursts;
	struct load_dist burst_size, burst_every;
	bool ramps;
	double ramp_from, ramp_to; /* of the rate, at the beginning and end of its active time */
	uint64_t limit; /* requests of all its tasks */
	double pace; /* with spread: mean time from one request of a task to the next, ns */
	struct load_request *requests;
	uint32_t nr_requests;
	struct load_choice mix; /* more than one request */
	struct load_lifetime *lifetimes;
	uint32_t nr_lifetimes;
};

struct kmr_workload {
	char *path; /* as given, for messages */
	char name[LOAD_NAME];
	char description[256];
	char machine[KMR_TRACE_MACHINE]; /* as kmr_machine_open() takes it; "": none */
	bool preset; /* it is one's specification, no file */
	unsigned int page_shift;
	unsigned int pointer_bits; /* 32, 64 */
	unsigned int nr_cpus; /* the machine's, or what the actors name */
	uint64_t seed;
	uint64_t duration; /* ns; LOAD_FOREVER: until all actors are done */
	struct load_actor *actors;
	uint32_t nr_actors;
	uint32_t nr_tasks;
	uint64_t lines; /* of the file */
};

#endif
