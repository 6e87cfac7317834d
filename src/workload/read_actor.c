// SPDX-License-Identifier: GPL-2.0-only
/* Actors: who they are, how often they ask, and what for. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "workload/read.h"

#define NANO	   UINT64_C(1000000000)
#define MAX_RATE   (1000 * NANO)
#define MAX_WEIGHT (UINT64_C(1) << 40)

static const struct load_unit gaps = { LOAD_TIMES, 1, LOAD_MAX_TIME };

/* Letters that cannot be mistaken for a trace's own columns. */
static bool is_comm(const char *name)
{
	static const char others[] = "_.:/+-";

	if (strchr(others + 1, name[0]))
		return false;
	for (const char *p = name; *p; p++)
		if ((*p < '0' || *p > '9') && (*p < 'a' || *p > 'z') && (*p < 'A' || *p > 'Z') &&
		    !strchr(others, *p))
			return false;
	return true;
}

static int read_name(struct load_reading *reading, const struct kmr_yaml_node *node,
		     struct load_actor *actor, struct kmr_error *err)
{
	const uint32_t known = reading->actors.count;
	uint32_t id = 0;

	if (kmr_yaml_text(reading->yaml, node, actor->name, sizeof(actor->name), err))
		return -1;
	if (!is_comm(actor->name))
		return kmr_yaml_fail(
			reading->yaml, node, err,
			"name: '%s' takes letters, digits and _.:/+- and begins with a "
			"letter, a digit or _",
			actor->name);
	if (kmr_strtab_intern(&reading->actors, actor->name, strlen(actor->name), &id) || !id)
		return kmr_fail_nomem(err, "the names of actors");
	if (id <= known)
		return kmr_yaml_fail(reading->yaml, node, err,
				     "name: there is an actor '%s' already; its random numbers and "
				     "tasks go by its name",
				     actor->name);
	return 0;
}

static int read_count(struct load_reading *reading, const struct kmr_yaml_node *map,
		      struct load_actor *actor, struct kmr_error *err)
{
	const struct kmr_yaml_node *node = kmr_yaml_get(map, "count");
	uint64_t count = 1;

	if (node && kmr_yaml_u64(reading->yaml, node, 1, LOAD_MAX_TASKS, &count, err))
		return -1;
	if (count > LOAD_MAX_TASKS - reading->w->nr_tasks)
		return kmr_yaml_fail(reading->yaml, node ? node : map, err,
				     "more than %u tasks in all actors", LOAD_MAX_TASKS);
	actor->tasks = (uint32_t)count;
	actor->first_task = reading->w->nr_tasks;
	reading->w->nr_tasks += actor->tasks;
	return 0;
}

/* cpus:, node: and free_cpu: */
static int read_cpus(struct load_reading *reading, const struct kmr_yaml_node *map,
		     struct load_actor *actor, struct kmr_error *err)
{
	const struct kmr_yaml_node *cpus = kmr_yaml_get(map, "cpus"),
				   *home = kmr_yaml_get(map, "node"),
				   *frees = kmr_yaml_get(map, "free_cpu");
	const bool any = frees && frees->kind == KMR_YAML_SCALAR && !strcmp(frees->text, "any");
	int number = -1;

	if (home && cpus)
		return kmr_yaml_fail(
			reading->yaml, home->key, err,
			"node: runs an actor on a node's CPUs, and cpus: says them; it "
			"takes one of them");
	if (home && load_read_node(reading, home, &number, err))
		return -1;
	if (cpus ? load_read_cpus(reading, cpus, &actor->cpus, &actor->nr_cpus, err)
		 : load_all_cpus(reading, number, &actor->cpus, &actor->nr_cpus, err))
		return -1;
	if (!actor->nr_cpus)
		return kmr_yaml_fail(reading->yaml, home, err,
				     "node: node %d has no CPUs to run on", number);
	if (!frees || (frees->kind == KMR_YAML_SCALAR && !strcmp(frees->text, "same")))
		return 0;
	actor->free_anywhere = true;
	if (any)
		return load_all_cpus(reading, -1, &actor->free_cpus, &actor->nr_free_cpus, err);
	return load_read_cpus(reading, frees, &actor->free_cpus, &actor->nr_free_cpus, err);
}

static int read_context(const struct load_reading *reading, const struct kmr_yaml_node *map,
			struct load_actor *actor, struct kmr_error *err)
{
	static const char *const names[] = { [KMR_CTX_TASK] = "task",
					     [KMR_CTX_SOFTIRQ] = "softirq",
					     [KMR_CTX_HARDIRQ] = "hardirq",
					     NULL };
	const struct kmr_yaml_node *node = kmr_yaml_get(map, "context");
	unsigned int context = KMR_CTX_TASK;

	if (node && kmr_yaml_choice(reading->yaml, node, names, &context, err))
		return -1;
	actor->context = (uint8_t)context;
	return 0;
}

static int read_burst(const struct load_reading *reading, const struct kmr_yaml_node *map,
		      struct load_actor *actor, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("size", true),
							LOAD_LATER("every", false) };
	static const struct load_unit sizes = { LOAD_COUNTS, 1, UINT32_MAX };
	static const struct load_unit within = { LOAD_TIMES, 0, LOAD_MAX_TIME };
	const struct kmr_yaml_node *every;

	if (kmr_yaml_bind(reading->yaml, map, "burst", fields, ARRAY_SIZE(fields), NULL, err) ||
	    load_read_dist(reading->yaml, kmr_yaml_get(map, "size"), &sizes, &actor->burst_size,
			   err))
		return -1;
	actor->bursts = true;
	every = kmr_yaml_get(map, "every");
	return every ? load_read_dist(reading->yaml, every, &within, &actor->burst_every, err) : 0;
}

static bool ends(const struct load_reading *reading, const struct load_actor *actor)
{
	return reading->w->duration != LOAD_FOREVER ||
	       actor->spans[actor->nr_spans - 1].end != LOAD_FOREVER;
}

/* The rate's line runs over the active time, which has to have an end. */
static int read_ramp(const struct load_reading *reading, const struct kmr_yaml_node *map,
		     struct load_actor *actor, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("from", true),
							LOAD_LATER("to", true) };
	uint64_t from, to;

	if (kmr_yaml_bind(reading->yaml, map, "ramp", fields, ARRAY_SIZE(fields), NULL, err) ||
	    kmr_yaml_fraction(reading->yaml, kmr_yaml_get(map, "from"), 0, MAX_RATE, &from, err) ||
	    kmr_yaml_fraction(reading->yaml, kmr_yaml_get(map, "to"), 0, MAX_RATE, &to, err))
		return -1;
	if (!from && !to)
		return kmr_yaml_fail(reading->yaml, map, err, "ramp: from 0 to 0 asks for nothing");
	if (actor->once)
		return kmr_yaml_fail(reading->yaml, map->key, err,
				     "ramp: there is no every: whose rate would change");
	if (!ends(reading, actor))
		return kmr_yaml_fail(
			reading->yaml, map->key, err,
			"ramp: needs an end of the actor's time: stop:, phases: or the "
			"workload's duration:");
	actor->ramps = true;
	actor->ramp_from = (double)from / (double)NANO;
	actor->ramp_to = (double)to / (double)NANO;
	return 0;
}

static int read_limit(const struct load_reading *reading, const struct kmr_yaml_node *map,
		      struct load_actor *actor, struct kmr_error *err)
{
	const struct kmr_yaml_node *limit = kmr_yaml_get(map, "limit");

	actor->limit = UINT64_MAX;
	if (limit)
		return kmr_yaml_u64(reading->yaml, limit, 1, UINT64_MAX - 1, &actor->limit, err);
	if (actor->once || ends(reading, actor))
		return 0;
	return kmr_yaml_fail(reading->yaml, map, err,
			     "actor '%s' never ends: the workload's duration:, or stop: or limit: "
			     "here would do",
			     actor->name);
}

/* spread: takes a number of requests, and a time for them. */
static int read_spread(const struct load_reading *reading, const struct kmr_yaml_node *map,
		       struct load_actor *actor, struct kmr_error *err)
{
	const struct kmr_yaml_node *node = kmr_yaml_get(map, "spread");

	if (!node)
		return 0;
	if (kmr_yaml_bool(reading->yaml, node, &actor->spread, err))
		return -1;
	if (!actor->spread)
		return 0;
	if (actor->once || actor->limit == UINT64_MAX)
		return kmr_yaml_fail(reading->yaml, node->key, err,
				     "spread: needs every: and limit:, the requests to spread");
	if (actor->ramps)
		return kmr_yaml_fail(reading->yaml, node->key, err,
				     "spread: and ramp: both say how the rate changes; an actor "
				     "takes one of them");
	if (!ends(reading, actor))
		return kmr_yaml_fail(
			reading->yaml, node->key, err,
			"spread: needs an end of the actor's time: stop:, phases: or the "
			"workload's duration:");
	actor->pace = load_dist_mean(&actor->every);
	if (actor->bursts)
		actor->pace = actor->pace / load_dist_mean(&actor->burst_size) +
			      load_dist_mean(&actor->burst_every);
	return 0;
}

/* every:, burst:, ramp:, limit:, spread: and when. */
static int read_times(const struct load_reading *reading, const struct kmr_yaml_node *map,
		      struct load_actor *actor, struct kmr_error *err)
{
	const struct kmr_yaml_node *every = kmr_yaml_get(map, "every"),
				   *burst = kmr_yaml_get(map, "burst"),
				   *ramp = kmr_yaml_get(map, "ramp");

	if (load_read_spans(reading, map, actor, err))
		return -1;
	actor->once = !every;
	if (every && load_read_dist(reading->yaml, every, &gaps, &actor->every, err))
		return -1;
	if (burst && read_burst(reading, burst, actor, err))
		return -1;
	if (ramp && read_ramp(reading, ramp, actor, err))
		return -1;
	if (read_limit(reading, map, actor, err))
		return -1;
	return read_spread(reading, map, actor, err);
}

/* Adds a lifetime; *index is its number. */
static int add_lifetime(const struct load_reading *reading, const struct kmr_yaml_node *node,
			struct load_actor *actor, uint16_t *index, struct kmr_error *err)
{
	*index = (uint16_t)actor->nr_lifetimes;
	return load_read_lifetime(reading, node, &actor->lifetimes[actor->nr_lifetimes++], err);
}

/* hold:, or lifetime: for all requests that have none of their own: the first of the actor's. */
static int read_common_lifetime(const struct load_reading *reading, const struct kmr_yaml_node *map,
				struct load_actor *actor, struct kmr_error *err)
{
	const struct kmr_yaml_node *life = kmr_yaml_get(map, "lifetime"),
				   *hold = kmr_yaml_get(map, "hold");
	uint16_t index;

	if (hold && life)
		return kmr_yaml_fail(reading->yaml, life->key, err,
				     "lifetime: and hold: both say what is freed when; an actor "
				     "takes one of them");
	if (hold && actor->once)
		return kmr_yaml_fail(reading->yaml, hold->key, err,
				     "hold: needs every:, the time from one request to the next");
	if (hold)
		return load_read_hold(reading, hold, &actor->lifetimes[actor->nr_lifetimes++], err);
	return life ? add_lifetime(reading, life, actor, &index, err) : 0;
}

/* Huge pages have none: the last size that was set stays. */
static int read_request_lifetime(const struct load_reading *reading,
				 const struct kmr_yaml_node *map, bool of_mix,
				 struct load_actor *actor, struct load_request *request,
				 struct kmr_error *err)
{
	const struct kmr_yaml_node *own = of_mix ? kmr_yaml_get(map, "lifetime") : NULL;
	const bool held = actor->nr_lifetimes && actor->lifetimes[0].release == LOAD_HOLD;

	if (request->kind == LOAD_HUGEPAGES) {
		if (own || (!of_mix && actor->nr_lifetimes))
			return kmr_yaml_fail(reading->yaml, own ? own->key : map, err,
					     "hugepages: sets how many there are, which stays so: "
					     "no lifetime: or hold: goes with it");
		request->lifetime = (uint16_t)actor->nr_lifetimes;
		actor->lifetimes[actor->nr_lifetimes++].release = LOAD_NEVER;
		return 0;
	}
	if (own && held)
		return kmr_yaml_fail(reading->yaml, own->key, err,
				     "lifetime: and hold: both say what is freed when; an actor "
				     "takes one of them");
	if (own)
		return add_lifetime(reading, own, actor, &request->lifetime, err);
	if (actor->nr_lifetimes)
		return 0;
	return kmr_yaml_fail(
		reading->yaml, map, err,
		"actor '%s' lacks the key 'lifetime': a time, a distribution of times, "
		"or forever",
		actor->name);
}

static const struct kmr_yaml_field item_fields[] = {
	LOAD_LATER("pages", false),   LOAD_LATER("kmalloc", false),   LOAD_LATER("cache", false),
	LOAD_LATER("vmalloc", false), LOAD_LATER("kmap", false),      LOAD_LATER("cma", false),
	LOAD_LATER("hotplug", false), LOAD_LATER("hugepages", false), LOAD_LATER("weight", true),
	LOAD_LATER("site", false),    LOAD_LATER("lifetime", false),
};

static int read_mix_item(struct load_reading *reading, const struct kmr_yaml_node *item,
			 struct load_actor *actor, uint64_t *weight, struct kmr_error *err)
{
	struct load_request *request = &actor->requests[actor->nr_requests++];
	enum load_kind kind;

	if (kmr_yaml_bind(reading->yaml, item, "a request of mix", item_fields,
			  ARRAY_SIZE(item_fields), NULL, err) ||
	    kmr_yaml_u64(reading->yaml, kmr_yaml_get(item, "weight"), 1, MAX_WEIGHT, weight, err) ||
	    load_find_kind(reading, item, "a request of mix", false, &kind, err))
		return -1;
	if (load_read_request(reading, actor, item, kind, request, err))
		return -1;
	return read_request_lifetime(reading, item, true, actor, request, err);
}

static int read_mix(struct load_reading *reading, const struct kmr_yaml_node *list,
		    struct load_actor *actor, struct kmr_error *err)
{
	uint64_t weights[LOAD_MAX_REQUESTS];

	if (list->kind != KMR_YAML_LIST || !list->nr || list->nr > LOAD_MAX_REQUESTS)
		return kmr_yaml_fail(reading->yaml, list, err,
				     "mix: takes a list of 1 to %u requests, each with its weight:",
				     LOAD_MAX_REQUESTS);
	for (const struct kmr_yaml_node *item = list->items; item; item = item->next)
		if (read_mix_item(reading, item, actor, &weights[actor->nr_requests], err))
			return -1;
	if (load_choice_init(&actor->mix, weights, actor->nr_requests))
		return kmr_fail_nomem(err, "a mix of requests");
	return 0;
}

static int read_requests(struct load_reading *reading, const struct kmr_yaml_node *map,
			 struct load_actor *actor, struct kmr_error *err)
{
	const struct kmr_yaml_node *mix = kmr_yaml_get(map, "mix");
	const size_t room = mix && mix->kind == KMR_YAML_LIST ? mix->nr : 1;
	enum load_kind kind;

	actor->requests = calloc(room + 1, sizeof(*actor->requests));
	actor->lifetimes = calloc(room + 1, sizeof(*actor->lifetimes));
	if (!actor->requests || !actor->lifetimes)
		return kmr_fail_nomem(err, "the requests of an actor");
	if (load_find_kind(reading, map, "an actor", true, &kind, err) ||
	    read_common_lifetime(reading, map, actor, err))
		return -1;
	if (mix)
		return read_mix(reading, mix, actor, err);
	actor->nr_requests = 1;
	if (load_read_request(reading, actor, map, kind, actor->requests, err))
		return -1;
	return read_request_lifetime(reading, map, false, actor, actor->requests, err);
}

int load_read_actor(struct load_reading *reading, const struct kmr_yaml_node *map,
		    struct load_actor *actor, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
		LOAD_LATER("name", true),	LOAD_LATER("count", false),
		LOAD_LATER("cpus", false),	LOAD_LATER("node", false),
		LOAD_LATER("phases", false),	LOAD_LATER("start", false),
		LOAD_LATER("stop", false),	LOAD_LATER("site", false),
		LOAD_LATER("context", false),	LOAD_LATER("pages", false),
		LOAD_LATER("kmalloc", false),	LOAD_LATER("cache", false),
		LOAD_LATER("vmalloc", false),	LOAD_LATER("kmap", false),
		LOAD_LATER("cma", false),	LOAD_LATER("hotplug", false),
		LOAD_LATER("hugepages", false), LOAD_LATER("mix", false),
		LOAD_LATER("every", false),	LOAD_LATER("burst", false),
		LOAD_LATER("ramp", false),	LOAD_LATER("limit", false),
		LOAD_LATER("spread", false),	LOAD_LATER("lifetime", false),
		LOAD_LATER("free_cpu", false),	LOAD_LATER("hold", false),
		LOAD_LATER("policy", false),
	};

	if (kmr_yaml_bind(reading->yaml, map, "an actor", fields, ARRAY_SIZE(fields), NULL, err) ||
	    read_name(reading, kmr_yaml_get(map, "name"), actor, err) ||
	    read_count(reading, map, actor, err) || read_cpus(reading, map, actor, err) ||
	    read_context(reading, map, actor, err) || read_times(reading, map, actor, err) ||
	    read_requests(reading, map, actor, err))
		return -1;
	return load_read_policy(reading, map, actor, err);
}

void load_actor_free(struct load_actor *actor)
{
	free(actor->cpus);
	free(actor->free_cpus);
	free(actor->spans);
	load_dist_free(&actor->every);
	load_dist_free(&actor->burst_size);
	load_dist_free(&actor->burst_every);
	for (uint32_t i = 0; i < actor->nr_requests; i++)
		load_dist_free(&actor->requests[i].amount);
	free(actor->requests);
	load_choice_free(&actor->mix);
	for (uint32_t i = 0; i < actor->nr_lifetimes; i++) {
		load_dist_free(&actor->lifetimes[i].after);
		load_dist_free(&actor->lifetimes[i].group);
	}
	free(actor->lifetimes);
}
