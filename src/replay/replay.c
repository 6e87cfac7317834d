// SPDX-License-Identifier: GPL-2.0-only
/* One run into its store. */
#include "kmreplay/replay.h"

#include <stdlib.h>
#include <string.h>

#include "replay/run.h"

static int write_store(struct kmr_run *run, struct kmr_store *store, struct kmr_error *err)
{
	const struct kmr_run_info info = kmr_run_info(run);
	struct kmr_replay_result *r = run->r;

	if (kmr_run_write(run, store, err)) {
		kmr_store_discard(store);
		return -1;
	}
	return kmr_store_finish(store, &info, &r->trace, &r->stats, &r->work, r->digest, err);
}

static int replay(struct kmr_shared *shared, struct kmr_replay_result *result,
		  struct kmr_error *err)
{
	const struct kmr_replay_options *o = shared->o;
	struct kmr_store *store = NULL;
	struct kmr_run run;
	int ret = kmr_run_prepare(&run, shared, o->page, o->object, o->vmap, result, err);

	/* before the simulation, as it may be a long one and the place not to be written to */
	if (!ret)
		ret = kmr_store_create(&store, o->output, &result->machine, err);
	if (!ret)
		ret = kmr_run_simulate_alone(&run);
	if (!ret)
		ret = write_store(&run, store, err);
	else
		kmr_store_discard(store);
	kmr_run_free(&run);
	return ret;
}

int kmr_replay(const struct kmr_replay_options *options, struct kmr_replay_result *result,
	       struct kmr_error *err)
{
	const bool objects = options->object && strcmp(options->object, "none") != 0;
	struct kmr_shared shared;
	int ret;

	memset(result, 0, sizeof(*result));
	ret = kmr_shared_open(&shared, options, objects, err);
	if (!ret)
		ret = replay(&shared, result, err);
	kmr_shared_free(&shared);
	if (ret)
		kmr_replay_result_free(result);
	return ret;
}

void kmr_replay_result_free(struct kmr_replay_result *result)
{
	kmr_object_report_free(&result->objects);
	kmr_mapping_report_free(&result->mappings);
	kmr_distributions_free(&result->distributions);
	kmr_latency_report_free(&result->latency);
	for (size_t i = 0; i < result->nr_outcomes; i++)
		free(result->outcomes[i].actor);
	free(result->outcomes);
	result->outcomes = NULL;
	result->nr_outcomes = 0;
}
