/* SPDX-License-Identifier: GPL-2.0-only */
/* Replays of workloads that are shipped. */
#ifndef KMR_TESTS_SHIPPED_REPLAY_H
#define KMR_TESTS_SHIPPED_REPLAY_H

#include "kmreplay/replay.h"
#include "kmreplay/workload.h"
#include "support.h"

/* Once a test, before its first replay. */
static inline void use_workloads(void)
{
	kmr_source_add_reader(&kmr_workload_reader);
}

/*
 * traces/loads/@load.yaml, replayed, with every invariant checked on its own machine; @machine and
 * @vmap as in struct kmr_replay_options.  For replay_done().
 */
static inline struct kmr_replay_result *replay_into(const char *load, const char *machine,
						    const char *vmap, const char *output)
{
	struct kmr_replay_result *r = calloc(1, sizeof(*r));
	struct kmr_error err = { "" };
	char path[512];
	const struct kmr_replay_options options = { .trace = path,
						    .machine = machine,
						    .page = "linux-6.1",
						    .vmap = vmap,
						    .output = output,
						    .check = !machine };

	cr_assert(r);
	snprintf(path, sizeof(path), LOADS "%s.yaml", load);
	cr_assert_eq(kmr_replay(&options, r, &err), 0, "%s", err.msg);
	return r;
}

static inline void replay_done(struct kmr_replay_result *r)
{
	kmr_replay_result_free(r);
	free(r);
}

/* What became of an actor's requests of a kind, of all orders. */
static inline struct kmr_outcome outcome_of(const struct kmr_replay_result *r, const char *actor,
					    enum kmr_request_kind kind)
{
	struct kmr_outcome sum = { .kind = kind };

	for (size_t i = 0; i < r->nr_outcomes; i++) {
		const struct kmr_outcome *o = &r->outcomes[i];

		if (o->kind != kind || strcmp(o->actor, actor) != 0)
			continue;
		sum.requests += o->requests;
		sum.failures += o->failures;
	}
	cr_assert_gt(sum.requests, 0, "%s: no request of %s", actor, kmr_request_kind_name(kind));
	return sum;
}

static inline uint64_t served(const struct kmr_replay_result *r, const char *actor,
			      enum kmr_request_kind kind)
{
	const struct kmr_outcome o = outcome_of(r, actor, kind);

	return o.requests - o.failures;
}

static inline uint64_t failed(const struct kmr_replay_result *r, const char *actor,
			      enum kmr_request_kind kind)
{
	return outcome_of(r, actor, kind).failures;
}

static inline void expect_near(uint64_t got, uint64_t expect, uint64_t by, const char *what)
{
	cr_expect(got + by >= expect && got <= expect + by, "%s: %llu, expected %llu +- %llu", what,
		  (unsigned long long)got, (unsigned long long)expect, (unsigned long long)by);
}

#endif
