// SPDX-License-Identifier: GPL-2.0-only
#include "replay/setup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/seed.h"

static const char *const start_names[] = {
	[KMR_START_AUTO] = "auto",   [KMR_START_SNAPSHOT] = "snapshot", [KMR_START_PROC] = "proc",
	[KMR_START_INFER] = "infer", [KMR_START_BOOT] = "boot",
};

const char *kmr_start_name(enum kmr_start start)
{
	return start_names[start];
}

int kmr_start_by_name(const char *name, enum kmr_start *start)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(start_names); i++)
		if (!strcmp(name, start_names[i])) {
			*start = (enum kmr_start)i;
			return 0;
		}
	return -1;
}

/* Whether --machine was given, and what it names is of @kind. */
static bool names(const struct kmr_replay_options *o, enum kmr_machine_kind kind)
{
	return o->machine && kmr_machine_kind(o->machine) == kind;
}

/* Whether --machine says what a machine is made of, and nothing of the state it was in. */
static bool described(const struct kmr_replay_options *o)
{
	return names(o, KMR_MACHINE_PRESET) || names(o, KMR_MACHINE_YAML);
}

/* What lies beside the trace, or in the directory that was named. */
static void find_beside(struct kmr_beside *beside, const struct kmr_replay_options *o)
{
	if (names(o, KMR_MACHINE_PROC))
		kmr_beside_find_in(beside, o->machine);
	else
		kmr_beside_find(beside, o->trace);
}

/* The start state that serves best with what there is. */
static enum kmr_start auto_start(const struct kmr_replay_options *o,
				 const struct kmr_beside *beside)
{
	if (names(o, KMR_MACHINE_SNAPSHOT) || (!o->machine && beside->snapshot[0]))
		return KMR_START_SNAPSHOT;
	/* dumps of another machine's state mean nothing on one that is described */
	if (!described(o) && beside->proc[0])
		return KMR_START_PROC;
	return KMR_START_INFER;
}

static enum kmr_start start_of(const struct kmr_replay_options *o, const struct kmr_beside *beside)
{
	return o->start != KMR_START_AUTO ? o->start : auto_start(o, beside);
}

bool kmr_setup_needs_two_passes(const struct kmr_replay_options *o)
{
	struct kmr_beside beside;
	enum kmr_start start;

	if (o->on)
		return false;
	find_beside(&beside, o);
	start = start_of(o, &beside);
	return start == KMR_START_INFER ||
	       (start == KMR_START_BOOT && !o->machine && !beside.proc[0]);
}

static int open_machine(struct kmr_setup *s, const char *what, struct kmr_error *err)
{
	if (kmr_machine_kind(what) == KMR_MACHINE_SNAPSHOT) {
		s->snapshot = calloc(1, sizeof(*s->snapshot));
		if (!s->snapshot)
			return kmr_fail_nomem(err, "a snapshot");
		(void)snprintf(s->snapshot_path, sizeof(s->snapshot_path), "%s", what);
	}
	return kmr_machine_open(&s->machine, what, s->snapshot, s->machine_from,
				sizeof(s->machine_from), err);
}

static int infer(struct kmr_setup *s, const struct kmr_replay_options *o, const char *path,
		 struct kmr_error *err)
{
	return s->inferred.first ? 0 : kmr_infer(&s->inferred, path, o, err);
}

static int machine_made_up(struct kmr_setup *s, const struct kmr_replay_options *o,
			   const char *path, struct kmr_error *err)
{
	char spec[64];

	if (infer(s, o, path, err))
		return -1;
	if (!s->inferred.trace.max_pfn)
		return kmr_fail(err,
				"%s: no page events in %" PRIu64
				" lines; record kmem:mm_page_alloc and kmem:mm_page_free",
				o->trace, s->inferred.trace.lines);
	kmr_infer_preset(&s->inferred, spec, sizeof(spec));
	(void)snprintf(s->machine_from, sizeof(s->machine_from),
		       "preset %s, guessed from the highest frame of the trace, %" PRIu64, spec,
		       s->inferred.trace.max_pfn);
	return kmr_machine_preset(&s->machine, spec, err);
}

static int choose_machine(struct kmr_setup *s, const struct kmr_replay_options *o, const char *path,
			  const struct kmr_beside *beside, struct kmr_error *err)
{
	if (s->start == KMR_START_SNAPSHOT && !names(o, KMR_MACHINE_SNAPSHOT))
		return open_machine(s, beside->snapshot, err);
	if (o->machine)
		return open_machine(s, o->machine, err);
	if (beside->proc[0])
		return open_machine(s, beside->proc, err);
	return machine_made_up(s, o, path, err);
}

/* A start state that was asked for has to be there. */
static int check_start(const struct kmr_setup *s, const struct kmr_replay_options *o,
		       const struct kmr_beside *beside, struct kmr_error *err)
{
	if (s->start == KMR_START_SNAPSHOT && described(o))
		return kmr_fail(err,
				"--start snapshot: a snapshot brings its own machine; name it with "
				"--machine in place of '%s'",
				o->machine);
	if (s->start == KMR_START_SNAPSHOT && !names(o, KMR_MACHINE_SNAPSHOT) &&
	    !beside->snapshot[0])
		return kmr_fail(err, "--start snapshot: no kmsnap.before beside the trace; name a "
				     "snapshot with --machine");
	if (s->start == KMR_START_PROC && !beside->proc[0])
		return kmr_fail(err, "--start proc: no zoneinfo.before and buddyinfo.before beside "
				     "the trace; name their directory with --machine");
	return 0;
}

/* What the trace says of itself: a workload is for a machine of its own. */
static int look_at_trace(struct kmr_setup *s, const struct kmr_replay_options *o, const char *path,
			 struct kmr_error *err)
{
	const struct kmr_source_options options = { .strict = o->strict };
	const struct kmr_trace_info *info;
	struct kmr_source *source;

	/* what can be read once only has all that matters said on the command line */
	if (!strcmp(path, "-"))
		return 0;
	if (kmr_source_open(&source, path, &options, err))
		return -1;
	info = kmr_source_info(source);
	s->made_up = info->made_up;
	memcpy(s->own_machine, info->machine, sizeof(s->own_machine));
	kmr_source_close(source);
	return 0;
}

/* A workload begins with nothing of its own: from any state but one inferred from its frames. */
static int choose_for_workload(const struct kmr_setup *s, struct kmr_replay_options *o,
			       struct kmr_error *err)
{
	if (!o->machine && !s->own_machine[0])
		return kmr_fail(
			err,
			"%s: a workload without a machine; --machine, or its key machine:, says "
			"which",
			o->trace);
	if (!o->machine)
		o->machine = s->own_machine;
	if (o->start == KMR_START_INFER)
		return kmr_fail(
			err,
			"--start infer: %s is a workload, whose page frames tell nothing; boot, "
			"proc or snapshot would do",
			o->trace);
	if (o->start == KMR_START_AUTO && described(o))
		o->start = KMR_START_BOOT;
	return 0;
}

int kmr_setup_choose(struct kmr_setup *s, const struct kmr_replay_options *options,
		     const char *path, struct kmr_error *err)
{
	struct kmr_replay_options o = *options;
	struct kmr_beside beside;

	memset(s, 0, sizeof(*s));
	if (o.on) {
		s->machine = *o.on;
		s->start = KMR_START_BOOT;
		(void)snprintf(s->machine_from, sizeof(s->machine_from), "%s", o.on->name);
		return 0;
	}
	if (look_at_trace(s, &o, path, err) || (s->made_up && choose_for_workload(s, &o, err)))
		return -1;
	find_beside(&beside, &o);
	s->start = start_of(&o, &beside);
	if (check_start(s, &o, &beside, err) || choose_machine(s, &o, path, &beside, err))
		return -1;
	(void)snprintf(s->proc_dir, sizeof(s->proc_dir), "%s", beside.proc);
	if (beside.has_after && !s->made_up)
		(void)snprintf(s->after_dir, sizeof(s->after_dir), "%s", beside.proc);
	return s->start == KMR_START_INFER ? infer(s, &o, path, err) : 0;
}

/* "6.12" and "linux-6.12" are 612; 0: no version. */
static unsigned int version_number(const char *text)
{
	unsigned int major, minor;

	if (!strncmp(text, "linux-", 6))
		text += 6;
	return sscanf(text, "%u.%u", &major, &minor) == 2 && minor < 100 ? major * 100 + minor : 0;
}

static unsigned int kernel_version(const struct kmr_snapshot *snap, const struct kmr_machine *m,
				   char *why)
{
	const char *whose = "machine";
	unsigned int version = version_number(m->kernel);

	if (snap && snap->version) {
		version = snap->version;
		whose = "snapshot";
	}
	if (version) {
		(void)snprintf(why, KMR_BACKEND_WHY, "for the %s's kernel, %u.%u", whose,
			       version / 100, version % 100);
		return version;
	}
	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].pcp_high_max) {
			(void)snprintf(why, KMR_BACKEND_WHY, "for the dumps' kernel, 6.7 or later");
			return 612;
		}
	why[0] = '\0';
	return 601;
}

const char *kmr_setup_page_backend(const struct kmr_snapshot *snap, const struct kmr_machine *m,
				   char *why)
{
	const unsigned int version = kernel_version(snap, m, why);
	const struct kmr_page_ops *ops;
	const char *name = NULL;
	unsigned int best = 0;

	for (unsigned int i = 0; (ops = kmr_page_backend_at(i)); i++) {
		const unsigned int v = version_number(ops->name);

		/* what has been since 3.0 is nearer to 5.15 than to 2.6.24 */
		if ((v < 300) != (version < 300))
			continue;
		/* before the first of them that one is the nearest */
		if (!name || (v <= version ? v > best || best > version : v < best)) {
			name = ops->name;
			best = v;
		}
	}
	return name;
}

static int start_from_proc(struct kmr_setup *s, const struct kmr_page_ops *ops,
			   struct kmr_page_backend *b, struct kmr_error *err)
{
	struct kmr_procinfo info;
	uint64_t left_out = 0;
	int ret;

	ret = kmr_procinfo_read(&info, &s->machine, s->proc_dir, ".before", err);
	if (!ret)
		ret = kmr_seed_proc(&s->machine, &info, ops, b, &left_out, err);
	if (!ret)
		(void)snprintf(s->start_from, sizeof(s->start_from),
			       "counts of %s/buddyinfo.before, placement made up%s", s->proc_dir,
			       left_out ? " (some blocks found no place)" : "");
	kmr_procinfo_free(&info);
	return ret;
}

int kmr_setup_start(struct kmr_setup *s, const struct kmr_page_ops *ops, struct kmr_page_backend *b,
		    struct kmr_error *err)
{
	switch (s->start) {
	case KMR_START_SNAPSHOT:
		(void)snprintf(s->start_from, sizeof(s->start_from), "%s at its marker",
			       s->snapshot_path);
		return ops->load(b, s->snapshot, err);
	case KMR_START_PROC:
		return start_from_proc(s, ops, b, err);
	case KMR_START_INFER:
		kmr_infer_seed(&s->inferred, &s->machine, ops, b);
		(void)snprintf(s->start_from, sizeof(s->start_from),
			       "the trace: %" PRIu64 " frames in use, %" PRIu64 " free",
			       s->inferred.used, s->inferred.free);
		return 0;
	default:
		kmr_seed_boot(&s->machine, ops, b);
		(void)snprintf(s->start_from, sizeof(s->start_from),
			       "all managed memory free, as after boot");
		return 0;
	}
}

void kmr_setup_free(struct kmr_setup *s)
{
	if (s->snapshot)
		kmr_snapshot_free(s->snapshot);
	free(s->snapshot);
	kmr_inferred_free(&s->inferred);
}
