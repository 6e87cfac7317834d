// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run of verify: the snapshots are read and checked against each other and the trace, what lies
 * between their markers goes through the models, and these are compared with the second one.
 */
#include "kmreplay/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/compare.h"
#include "replay/fit.h"
#include "replay/setup.h"
#include "replay/tape.h"
#include "replay/verify_pages.h"

#define CHECK_PERIOD 65536 /* events between walks of the invariants */
#define TELL_PERIOD  4096 /* events between two times somebody who waits is told */

static const char *const miss_names[KMR_MISS_NR] = {
	[KMR_MISS_PCP_BEHIND] = "pcp_behind",
	[KMR_MISS_PCP_OTHER] = "pcp_other",
	[KMR_MISS_BUDDY] = "buddy",
	[KMR_MISS_USED] = "used",
	[KMR_MISS_ZONE] = "zone",
	[KMR_MISS_COUNTS] = "free_count",
	[KMR_MISS_DIRTY] = "dirty_limit",
	[KMR_MISS_NO_FRAME] = "no_frame",
	[KMR_MISS_MODEL_FAILED] = "model_failed",
	[KMR_MISS_KERNEL_FAILED] = "kernel_failed",
};

const char *kmr_miss_name(enum kmr_miss miss)
{
	return miss < KMR_MISS_NR ? miss_names[miss] : "?";
}
static int check_models(const struct kmr_page_verifier *v, struct kmr_error *err)
{
	if (v->ops->check(v->b, err))
		return -1;
	return v->vo ? v->vo->o.ops->check(v->vo->o.b, err) : 0;
}

/* Everything from the start's marker to the end's goes through the sequencer. */
static int feed(struct kmr_page_verifier *v, const struct kmr_tape *tape,
		const struct kmr_snapshot *start, const struct kmr_snapshot *end,
		struct kmr_sequence *seq, const struct kmr_verify_options *o, struct kmr_error *err)
{
	bool started = false, ended = false;

	for (uint64_t i = 0; i < tape->count && !ended; i++) {
		const struct kmr_event *ev = &tape->events[i];

		v->seen++;
		if (i % TELL_PERIOD == 0 && o->verified)
			o->verified(o->progress_ctx,
				    &(struct kmr_progress){ "verify", i, i, tape->count, 0, 0 });
		if (ev->type == KMR_EV_MARK) {
			if (!started && ev->addr == start->seq)
				kmr_prelude_compare(&v->prelude, v->ops, v->b);
			started = started || ev->addr == start->seq;
			ended = started && end && ev->addr == end->seq;
			continue;
		}
		if (!started) {
			kmr_prelude_note(&v->prelude, ev);
			continue;
		}
		v->r->events++;
		kmr_sequence_feed(seq, ev);
		if (o->check && v->r->events % CHECK_PERIOD == 0 && check_models(v, err))
			return -1;
	}
	kmr_sequence_flush(seq);
	kmr_vp_settle(v);
	if (!started)
		return kmr_no_marker(start, o->snapshot, o->trace, err);
	if (end && !ended)
		return kmr_no_marker(end, o->end_snapshot, o->trace, err);
	return 0;
}

/* Whether the snapshot is of the run that the trace is of. */
static int judge_fit(const struct kmr_page_verifier *v, const struct kmr_snapshot *start,
		     const struct kmr_verify_options *o, struct kmr_error *err)
{
	if (kmr_check_fit(start, o->snapshot, &v->r->trace, o->trace, err))
		return -1;
	if (v->r->misses[KMR_MISS_NO_FRAME] * 2 > v->r->alloc_total)
		return kmr_fail(err,
				"%s: most frames that %s allocates are beyond its machine's "
				"memory: not the same machine",
				o->snapshot, o->trace);
	/*
	 * A request that refills gets the first frame of the refill, in every kernel: a trace where
	 * that is not so has been tampered with and proves nothing against the snapshot.
	 */
	if (v->got_first * 1000 >= v->refilled * 999 &&
	    kmr_prelude_check(&v->prelude, o->snapshot, o->trace, err))
		return -1;
	return v->nomem ? kmr_fail_nomem(err, "the model's deeds") : 0;
}

static int replay(struct kmr_page_verifier *v, struct kmr_tape *tape,
		  const struct kmr_snapshot *start, const struct kmr_snapshot *end,
		  const struct kmr_verify_options *o, struct kmr_error *err)
{
	const struct kmr_sequence_sink sink = kmr_vp_sink(v);
	struct kmr_sequence *seq = kmr_sequence_create(&sink, err);
	int ret;

	if (!seq)
		return -1;
	ret = feed(v, tape, start, end, seq, o, err);
	kmr_sequence_destroy(seq);
	v->r->trace = *tape->info;
	if (ret || judge_fit(v, start, o, err))
		return -1;
	return o->check ? check_models(v, err) : 0;
}

static int compare_end(const struct kmr_page_verifier *v, const struct kmr_snapshot *end,
		       struct kmr_error *err)
{
	struct kmr_snapshot *mine = calloc(1, sizeof(*mine));
	int ret;

	if (!mine)
		return kmr_fail_nomem(err, "a snapshot");
	mine->machine = *v->machine;
	ret = v->ops->save(v->b, mine, err);
	if (!ret) {
		v->r->has_end = true;
		kmr_compare_snapshots(mine, end, v->r);
	}
	kmr_snapshot_free(mine);
	free(mine);
	return ret;
}

static int check_pair(const struct kmr_snapshot *start, const struct kmr_snapshot *end,
		      const struct kmr_verify_options *o, struct kmr_error *err)
{
	if (end->seq <= start->seq)
		return kmr_fail(err, "%s: its marker %u is not after %s's %u", o->end_snapshot,
				end->seq, o->snapshot, start->seq);
	if (end->machine.nr_zones != start->machine.nr_zones)
		return kmr_fail(err, "%s: %u zones, but %s has %u: not the same machine",
				o->end_snapshot, end->machine.nr_zones, o->snapshot,
				start->machine.nr_zones);
	for (unsigned int i = 0; i < end->machine.nr_zones; i++)
		if (end->machine.zones[i].start_pfn != start->machine.zones[i].start_pfn ||
		    end->machine.zones[i].spanned != start->machine.zones[i].spanned)
			return kmr_fail(err, "%s: zone %u differs from %s's: not the same machine",
					o->end_snapshot, i, o->snapshot);
	return 0;
}

static int run_models(struct kmr_page_verifier *v, struct kmr_tape *tape,
		      const struct kmr_verify_options *o, const struct kmr_snapshot *start,
		      const struct kmr_snapshot *end, struct kmr_error *err)
{
	struct kmr_object_verifier *vo = malloc(sizeof(*vo));
	int ret;

	if (!vo)
		return kmr_fail_nomem(err, "the object verifier");
	ret = kmr_vo_init(vo, o->object, tape, start, v->ops, v->b, &v->r->objects, err);
	v->vo = ret ? NULL : vo;
	if (ret >= 0)
		ret = replay(v, tape, start, end, o, err);
	if (!ret && end)
		ret = compare_end(v, end, err);
	if (!ret && v->vo)
		ret = kmr_vo_finish(vo, end, err);
	kmr_vo_free(vo);
	free(vo);
	v->vo = NULL;
	return ret;
}

static int run(struct kmr_page_verifier *v, const struct kmr_verify_options *o,
	       const struct kmr_snapshot *start, const struct kmr_snapshot *end,
	       struct kmr_error *err)
{
	const struct kmr_page_observer observer = kmr_vp_observer(v);
	const struct kmr_source_options source_options = { .strict = o->strict };
	struct kmr_tape tape;
	int ret = -1;

	if (!kmr_tape_record(&tape, o->trace, &source_options, o->progress, o->progress_ctx, err)) {
		v->nomem = kmr_interrupts_look_ahead(&tape, v->machine, end) != 0;
		v->ops->observe(v->b, &observer);
		ret = run_models(v, &tape, o, start, end, err);
		v->ops->observe(v->b, NULL);
	}
	kmr_tape_free(&tape);
	return ret;
}
static int verify_from(const struct kmr_verify_options *o, const struct kmr_snapshot *start,
		       const struct kmr_snapshot *end, struct kmr_verify_result *result,
		       struct kmr_error *err)
{
	uint64_t params[KMR_MAX_PARAMS];
	struct kmr_page_verifier v;
	int ret = -1;

	memset(&v, 0, sizeof(v));
	v.r = result;
	v.ops = kmr_page_backend_parse(
		o->page ? o->page
			: kmr_setup_page_backend(start, &start->machine, result->page_why),
		params, err);
	if (!v.ops)
		return -1;
	(void)snprintf(result->page, sizeof(result->page), "%s", v.ops->name);
	if (!kmr_vp_init(&v, &start->machine, params, err) && !v.ops->load(v.b, start, err))
		ret = run(&v, o, start, end, err);
	kmr_vp_free(&v);
	return ret;
}

int kmr_verify(const struct kmr_verify_options *o, struct kmr_verify_result *result,
	       struct kmr_machine *machine, struct kmr_error *err)
{
	struct kmr_snapshot *start = calloc(1, sizeof(*start));
	struct kmr_snapshot *end = calloc(1, sizeof(*end));
	int ret = -1;

	memset(result, 0, sizeof(*result));
	if (!start || !end) {
		(void)kmr_fail_nomem(err, "snapshots");
		goto out;
	}
	if (kmr_snapshot_read(start, o->snapshot, err))
		goto out;
	if (o->end_snapshot &&
	    (kmr_snapshot_read(end, o->end_snapshot, err) || check_pair(start, end, o, err)))
		goto out;
	*machine = start->machine;
	ret = verify_from(o, start, o->end_snapshot ? end : NULL, result, err);
out:
	if (start)
		kmr_snapshot_free(start);
	if (end)
		kmr_snapshot_free(end);
	free(start);
	free(end);
	return ret;
}

void kmr_verify_result_free(struct kmr_verify_result *result)
{
	free(result->objects.caches);
	result->objects.caches = NULL;
	result->objects.nr_caches = 0;
}
