// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of one comparison share nothing that they write to, so that threads take them as they come;
 * preparing and writing them is done by one, in order.
 */
#include "kmreplay/compare.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/run.h"

struct comparison {
	const struct kmr_compare_options *o;
	struct kmr_shared shared;
	struct kmr_run *runs;
	struct kmr_error *errors; /* a run's own */
	unsigned int nr, prepared;
	pthread_mutex_t lock;
	unsigned int next; /* run that nobody has taken yet */
	bool failed;
};

static void *work(void *ctx)
{
	struct comparison *c = ctx;

	for (;;) {
		unsigned int i;
		int ret;

		(void)pthread_mutex_lock(&c->lock);
		i = c->failed ? c->nr : c->next++;
		(void)pthread_mutex_unlock(&c->lock);
		if (i >= c->nr)
			return NULL;
		ret = kmr_run_simulate(&c->runs[i]);
		if (!ret)
			continue;
		(void)pthread_mutex_lock(&c->lock);
		c->failed = true;
		(void)pthread_mutex_unlock(&c->lock);
	}
}

static unsigned int jobs(const struct comparison *c)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned int n = c->o->jobs ? c->o->jobs : cpus > 0 ? (unsigned int)cpus : 1;

	if (n > KMR_COMPARE_MAX)
		n = KMR_COMPARE_MAX;
	return n > c->nr ? c->nr : n;
}

/* This thread is one of them; what can't be started is done by the others. */
static void simulate(struct comparison *c)
{
	pthread_t threads[KMR_COMPARE_MAX];
	unsigned int started = 0;
	const unsigned int n = jobs(c);

	while (started + 1 < n && !pthread_create(&threads[started], NULL, work, c))
		started++;
	(void)work(c);
	while (started-- > 0)
		(void)pthread_join(threads[started], NULL);
}

/* The first error by the order of the runs, whichever came first in time. */
static int first_error(const struct comparison *c, struct kmr_error *err)
{
	for (unsigned int i = 0; i < c->nr; i++)
		if (c->errors[i].msg[0]) {
			*err = c->errors[i];
			return -1;
		}
	return 0;
}

struct kmr_combination kmr_compare_combination(const struct kmr_compare_options *o, unsigned int i)
{
	const unsigned int vmaps = o->nr_vmaps ? o->nr_vmaps : 1;
	const struct kmr_combination k = {
		.page = o->pages[i / vmaps / o->nr_objects],
		.object = o->objects[i / vmaps % o->nr_objects],
		.vmap = o->nr_vmaps ? o->vmaps[i % vmaps] : NULL,
	};

	return k;
}

unsigned int kmr_compare_combinations(const struct kmr_compare_options *o)
{
	return o->nr_pages * o->nr_objects * (o->nr_vmaps ? o->nr_vmaps : 1);
}

static int prepare(struct comparison *c, struct kmr_replay_result *results, struct kmr_error *err)
{
	for (unsigned int i = 0; i < c->nr; i++) {
		c->prepared = i + 1;
		const struct kmr_combination k = kmr_compare_combination(c->o, i);

		if (kmr_run_prepare(&c->runs[i], &c->shared, k.page, k.object, k.vmap, &results[i],
				    &c->errors[i])) {
			*err = c->errors[i];
			return -1;
		}
		if (c->o->sampled_ctxs)
			c->runs[i].sampled_ctx = c->o->sampled_ctxs[i];
	}
	return 0;
}

static int write_runs(const struct comparison *c, struct kmr_store *store, struct kmr_error *err)
{
	for (unsigned int i = 0; i < c->nr; i++) {
		struct kmr_run *run = &c->runs[i];
		const struct kmr_run_info info = kmr_run_info(run);
		struct kmr_replay_result *r = run->r;

		if (kmr_run_write(run, store, err)) {
			kmr_store_discard(store);
			return -1;
		}
		if (i + 1 == c->nr)
			return kmr_store_finish(store, &info, &r->trace, &r->stats, &r->work,
						r->digest, err);
		if (kmr_store_next_run(store, &info, &r->trace, &r->stats, &r->work, r->digest,
				       c->runs[i + 1].m, err)) {
			kmr_store_discard(store);
			return -1;
		}
	}
	return 0;
}

static int compare(struct comparison *c, struct kmr_replay_result *results, struct kmr_error *err)
{
	struct kmr_store *store = NULL;
	struct kmr_passing passing;

	if (kmr_shared_open(&c->shared, &c->o->replay, true, err) || prepare(c, results, err) ||
	    kmr_store_create(&store, c->o->replay.output, &results[0].machine, err))
		return -1;
	if (c->o->replay.replayed &&
	    !kmr_passing_init(&passing, &c->o->replay, c->nr, c->nr * c->shared.tape.count))
		for (unsigned int i = 0; i < c->nr; i++)
			c->runs[i].passing = &passing;
	simulate(c);
	if (c->runs[0].passing)
		kmr_passing_fini(&passing);
	if (first_error(c, err)) {
		kmr_store_discard(store);
		return -1;
	}
	return write_runs(c, store, err);
}

int kmr_compare(const struct kmr_compare_options *options, struct kmr_replay_result *results,
		struct kmr_error *err)
{
	struct comparison c;
	int ret = -1;

	memset(&c, 0, sizeof(c));
	c.o = options;
	c.nr = kmr_compare_combinations(options);
	if (!c.nr || c.nr > KMR_COMPARE_MAX)
		return kmr_fail(err, "%u combinations; from 1 to %u can be compared", c.nr,
				KMR_COMPARE_MAX);
	memset(results, 0, c.nr * sizeof(*results));
	c.runs = calloc(c.nr, sizeof(*c.runs));
	c.errors = calloc(c.nr, sizeof(*c.errors));
	if (!c.runs || !c.errors || pthread_mutex_init(&c.lock, NULL)) {
		(void)kmr_fail_nomem(err, "a comparison");
	} else {
		ret = compare(&c, results, err);
		(void)pthread_mutex_destroy(&c.lock);
	}
	for (unsigned int i = 0; i < c.prepared; i++)
		kmr_run_free(&c.runs[i]);
	kmr_shared_free(&c.shared);
	free(c.runs);
	free(c.errors);
	for (unsigned int i = 0; ret && i < c.nr; i++)
		kmr_replay_result_free(&results[i]);
	return ret;
}
