/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading a workload's file: what its parts share while they are read. */
#ifndef KMR_WORKLOAD_READ_H
#define KMR_WORKLOAD_READ_H

#include "base/strtab.h"
#include "base/yaml.h"
#include "workload/spec.h"

/* What a distribution is of. */
enum load_unit_kind {
	LOAD_TIMES, /* ns */
	LOAD_SIZES, /* bytes */
	LOAD_COUNTS,
};

struct load_unit {
	enum load_unit_kind kind;
	uint64_t min, max; /* of what is said, and of what is drawn */
};

struct load_phase {
	const char *name; /* the file's */
	struct load_span span;
};

/* A cache as the first request that names it has it. */
struct load_cache_seen {
	const struct kmr_yaml_node *node;
	uint32_t object_size, size;
};

struct load_reading {
	const struct kmr_yaml *yaml;
	struct kmr_workload *w;
	struct kmr_machine *machine; /* NULL: the workload names none */
	struct load_phase *phases;
	uint32_t nr_phases;
	struct kmr_strtab actors, caches; /* names, to tell those that come twice */
	struct load_cache_seen *seen; /* by id in caches, from 1 */
	size_t nr_seen, cap_seen;
};

/*
 * A field's read() for keys whose values are looked at after the rest of the map: it takes
 * anything.
 */
int load_later(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
	       struct kmr_error *err);

#define LOAD_LATER(name, must)                                                               \
	{                                                                                    \
		.key = (name), .type = KMR_YAML_CALL, .required = (must), .read = load_later \
	}

/* A plain value, or a map that says a distribution. */
int load_read_dist(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		   const struct load_unit *unit, struct load_dist *d, struct kmr_error *err);

/* The keys that say what is asked for, by enum load_kind; NULL behind the last. */
extern const char *const load_kind_names[LOAD_KINDS + 1];

/*
 * The one of those keys that @map, called @what, has; fails when it has none or two.  @or_mix: mix:
 * will do, too, and then it is LOAD_KINDS.
 */
int load_find_kind(const struct load_reading *reading, const struct kmr_yaml_node *map,
		   const char *what, bool or_mix, enum load_kind *kind, struct kmr_error *err);

/* What @map has at the key for @kind, and beside it at site: and node:. */
int load_read_request(struct load_reading *reading, const struct load_actor *actor,
		      const struct kmr_yaml_node *map, enum load_kind kind,
		      struct load_request *request, struct kmr_error *err);

int load_read_lifetime(const struct load_reading *reading, const struct kmr_yaml_node *node,
		       struct load_lifetime *life, struct kmr_error *err);
int load_read_hold(const struct load_reading *reading, const struct kmr_yaml_node *node,
		   struct load_lifetime *life, struct kmr_error *err);

/* A node's number of the machine's. */
int load_read_node(const struct load_reading *reading, const struct kmr_yaml_node *node,
		   int *number, struct kmr_error *err);
/* "0", "0-3", or a list of such; the caller frees *cpus, also when it fails. */
int load_read_cpus(const struct load_reading *reading, const struct kmr_yaml_node *node,
		   uint16_t **cpus, uint32_t *nr, struct kmr_error *err);
/* All of the machine's, or of its node @home if that is not -1. */
int load_all_cpus(const struct load_reading *reading, int home, uint16_t **cpus, uint32_t *nr,
		  struct kmr_error *err);

/* When the actor of @map is active: phases:, or start: and stop:. */
int load_read_spans(const struct load_reading *reading, const struct kmr_yaml_node *map,
		    struct load_actor *actor, struct kmr_error *err);

/* policy: of an actor whose requests have been read. */
int load_read_policy(const struct load_reading *reading, const struct kmr_yaml_node *map,
		     struct load_actor *actor, struct kmr_error *err);

/* One of the list of actors. */
int load_read_actor(struct load_reading *reading, const struct kmr_yaml_node *map,
		    struct load_actor *actor, struct kmr_error *err);
void load_actor_free(struct load_actor *actor);

#endif
