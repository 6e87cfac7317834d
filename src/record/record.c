// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording from beginning to end.  The order is what matters: all that allocates is done before
 * tracing is switched on, the state before is read last of it, and the state after is read first
 * when it is off again; only then the trace is read, the instance removed, and files are written.
 */
#include "kmreplay/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "record/child.h"
#include "record/instance.h"
#include "record/outdir.h"
#include "record/state.h"
#include "record/tracefile.h"

struct recording {
	const struct kmr_record_options *o;
	struct kmr_record_result *r;
	struct rec_outdir out;
	struct rec_instance instance;
	struct rec_state state;
	struct rec_child child;
	struct rec_signals signals;
	struct rec_tracefile *trace;
	struct timespec start, end;
};

/* Where the command can leave more, and put marks into the trace. */
static int tell_command(const struct recording *rec, struct kmr_error *err)
{
	char path[REC_PATH], *whole;
	int ret;

	whole = realpath(rec_path(path, "%s/state", rec->out.temp), NULL);
	if (!whole)
		return kmr_fail_nomem(err, "a path");
	ret = setenv("KMREPLAY_STATE", whole, 1) ||
	      setenv("KMREPLAY_INSTANCE", rec->instance.path, 1);
	free(whole);
	return ret ? kmr_fail_nomem(err, "the environment") : 0;
}

static int prepare(struct recording *rec, struct kmr_error *err)
{
	char path[REC_PATH];

	if (rec_outdir_make(&rec->out, rec->o->output, rec->o->force, err) ||
	    rec_tracefile_create(&rec->trace, rec_path(path, "%s/trace.txt.zst", rec->out.temp),
				 err) ||
	    rec_instance_open(&rec->instance, rec->o, rec->r, err) ||
	    rec_state_machine(&rec->state, rec->o, err) ||
	    rec_state_formats(&rec->state, &rec->instance, err))
		return -1;
	if ((rec->o->command && tell_command(rec, err)) ||
	    rec_child_fork(&rec->child, rec->o, &rec->signals, err))
		return -1;
	if (!rec->o->stream)
		return 0;
	return rec_tracefile_stream(rec->trace, rec_path(path, "%s/trace_pipe", rec->instance.path),
				    err);
}

static int run(struct recording *rec, struct kmr_error *err)
{
	if (rec_state_memory(&rec->state, rec->o, ".before", err) ||
	    rec_instance_switch(&rec->instance, true, err))
		return -1;
	(void)clock_gettime(CLOCK_MONOTONIC, &rec->start);
	rec_instance_mark(&rec->instance, "kmreplay: begin\n");
	if (rec_child_start(&rec->child, rec->o, err))
		return -1;
	rec_child_wait(&rec->child, rec->o, &rec->signals, rec->r);
	rec_instance_mark(&rec->instance, "kmreplay: end\n");
	(void)clock_gettime(CLOCK_MONOTONIC, &rec->end);
	return rec_instance_switch(&rec->instance, false, err) || rec->r->given_up ||
			       rec_state_memory(&rec->state, rec->o, ".after", err)
		       ? -1
		       : 0;
}

/* A second signal while the trace is saved gives it up, as in rec_child_wait(). */
static bool stop_saving(void *ctx)
{
	struct kmr_record_result *r = ctx;
	const int sig = rec_signals_pending();

	if (sig && !r->interrupted)
		r->interrupted = sig;
	else if (sig)
		r->given_up = sig;
	return r->given_up != 0;
}

/*
 * What was dropped at the end of a full buffer leaves no line in the trace.  Here is one in the
 * kernel's own words, so that whoever reads the trace knows.
 */
static int tell_dropped(struct recording *rec, unsigned int cpu, uint64_t dropped,
			struct kmr_error *err)
{
	char line[64];

	if (!dropped)
		return 0;
	(void)snprintf(line, sizeof(line), "CPU:%u [LOST %" PRIu64 " EVENTS]\n", cpu, dropped);
	return rec_tracefile_line(rec->trace, line, err);
}

static int count(struct recording *rec, struct kmr_error *err)
{
	for (unsigned int cpu = 0; cpu < rec->instance.nr_cpus; cpu++) {
		const uint64_t dropped = rec_instance_stat(&rec->instance, cpu, "dropped events");

		rec->r->lost += dropped + rec_instance_stat(&rec->instance, cpu, "overrun");
		rec->r->events += rec_instance_stat(&rec->instance, cpu, "entries") +
				  rec_instance_stat(&rec->instance, cpu, "read events");
		if (tell_dropped(rec, cpu, dropped, err))
			return -1;
	}
	return 0;
}

static int save_trace(struct recording *rec, struct kmr_error *err)
{
	char path[REC_PATH];

	if (rec->o->stream
		    ? rec_tracefile_drain(rec->trace, err)
		    : rec_tracefile_copy(rec->trace, rec_path(path, "%s/trace", rec->instance.path),
					 stop_saving, rec->r, err))
		return -1;
	if (count(rec, err) || rec_state_stats(&rec->state, &rec->instance, err))
		return -1;
	return rec_tracefile_finish(rec->trace, err);
}

/* What was recorded, for people. */
static int add_origin(struct recording *rec, struct kmr_error *err)
{
	const int64_t ms = (rec->end.tv_sec - rec->start.tv_sec) * 1000 +
			   (rec->end.tv_nsec - rec->start.tv_nsec) / 1000000;
	char *bytes = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&bytes, &len);

	if (!f)
		return kmr_fail_nomem(err, "the state");
	(void)fprintf(f, "command");
	for (char *const *arg = rec->o->command; arg && *arg; arg++)
		(void)fprintf(f, " %s", *arg);
	(void)fprintf(f,
		      "\nstatus %d\nduration_ms %" PRId64 "\nbuffer_kib %" PRIu64
		      "\nread %s\nevents %" PRIu64 "\nlost %" PRIu64 "\n",
		      rec->r->status, ms, rec->instance.buffer_kib,
		      rec->o->stream ? "while recording" : "afterwards", rec->r->events,
		      rec->r->lost);
	if (fclose(f)) {
		free(bytes);
		return kmr_fail_nomem(err, "the state");
	}
	return rec_state_add(&rec->state, "record", bytes, len, err);
}

static void init(struct recording *rec, const struct kmr_record_options *o,
		 struct kmr_record_result *r)
{
	memset(rec, 0, sizeof(*rec));
	rec->o = o;
	rec->r = r;
	rec->instance.marker = -1;
	rec->child.go = -1;
	rec->child.failed = -1;
}

int kmr_record(const struct kmr_record_options *o, struct kmr_record_result *r,
	       struct kmr_error *err)
{
	struct recording *rec = malloc(sizeof(*rec));
	int ret;

	memset(r, 0, sizeof(*r));
	if (!rec)
		return kmr_fail_nomem(err, "the recording");
	init(rec, o, r);
	rec_signals_hold(&rec->signals);
	ret = prepare(rec, err) || run(rec, err);
	r->status = rec_child_code(&rec->child);
	ret = ret || save_trace(rec, err);
	rec_child_free(&rec->child);
	/* ends the thread, which has a file of the instance open */
	rec_tracefile_free(rec->trace);
	if (rec->instance.path[0])
		rec_instance_restore(&rec->instance);
	if (!ret && !r->given_up)
		ret = add_origin(rec, err) || rec_state_write(&rec->state, &rec->out, err) ||
		      rec_outdir_commit(&rec->out, err);
	rec_outdir_release(&rec->out);
	rec_state_free(&rec->state);
	rec_signals_release(&rec->signals);
	free(rec);
	if (r->given_up)
		return kmr_fail(err, "%s: interrupted twice; nothing was kept", o->output);
	return ret ? -1 : 0;
}
