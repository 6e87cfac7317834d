// SPDX-License-Identifier: GPL-2.0-only
#include "record/instance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "record/events.h"
#include "record/tracefs.h"

#define DEFAULT_KIB  ((uint64_t)64 << 10)
#define LEAST_KIB    ((uint64_t)256)
#define TASK_NAMES   8192 /* the kernel keeps 128 unless told otherwise */
#define MAX_CPU_DIRS 8192
#define OWN_NAME     "kmreplay-" /* and the process's id: an instance's */

void rec_note(struct kmr_record_result *r, const char *fmt, ...)
{
	va_list ap;

	if (r->nr_notes == KMR_RECORD_NOTES)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(r->notes[r->nr_notes++], KMR_RECORD_NOTE, fmt, ap);
	va_end(ap);
}

/* What stands in @path, as it has to be written to get it back; NULL with errno. */
static char *value_to_keep(const char *path)
{
	char *text, *open, *end;
	size_t len;
	const int errnum = rec_read(path, &text, &len);

	if (errnum) {
		errno = errnum;
		return NULL;
	}
	/* "local [global] counter": the one in use; "7 (expanded: 1408)", "1*": the number */
	open = strchr(text, '[');
	end = open ? strchr(open, ']') : NULL;
	if (end) {
		memmove(text, open + 1, (size_t)(end - open) - 1);
		text[end - open - 1] = '\0';
	} else {
		text[strcspn(text, " *\n")] = '\0';
	}
	return text;
}

/*
 * Writes @value to a setting, which goes back to what it was in the end.  In an instance of our own
 * nothing has to be kept, as it goes as a whole.
 */
static int change(struct rec_instance *in, const char *path, const char *value, bool ours)
{
	char *old = NULL, *kept = NULL;
	struct rec_setting *grown;
	int errnum;

	if (ours)
		return rec_write(path, value);
	old = value_to_keep(path);
	if (!old)
		return errno;
	grown = kmr_grow(in->settings, in->nr_settings, &in->cap_settings, sizeof(*grown));
	kept = strdup(path);
	if (grown)
		in->settings = grown;
	if (!grown || !kept) {
		free(old);
		free(kept);
		return ENOMEM;
	}
	errnum = rec_write(path, value);
	if (errnum) {
		free(old);
		free(kept);
		return errnum;
	}
	in->settings[in->nr_settings++] = (struct rec_setting){ kept, old };
	return 0;
}

/* A file of the instance; 0 or an errno value. */
static int set(struct rec_instance *in, const char *name, const char *value)
{
	char path[REC_PATH];

	return change(in, rec_path(path, "%s/%s", in->path, name), value, in->made);
}

static int set_or_fail(struct rec_instance *in, const char *name, const char *value,
		       struct kmr_error *err)
{
	const int errnum = set(in, name, value);
	char path[REC_PATH];

	return errnum ? rec_denied(in->o, rec_path(path, "%s/%s", in->path, name), errnum, err) : 0;
}

/* Those of recordings that were killed keep their memory until somebody removes them. */
static void look_for_left_overs(struct rec_instance *in)
{
	char path[REC_PATH];
	struct dirent *e;
	DIR *dir = opendir(rec_path(path, "%s/instances", in->tracefs));

	while (dir && (e = readdir(dir))) {
		const size_t len = sizeof(OWN_NAME) - 1;
		const long pid = strncmp(e->d_name, OWN_NAME, len) != 0
					 ? 0
					 : strtol(e->d_name + len, NULL, 10);

		if (pid > 0 && kill((pid_t)pid, 0) && errno == ESRCH)
			rec_note(in->r, "%s/%s: left from a recording that was killed; rmdir it",
				 path, e->d_name);
	}
	if (dir)
		(void)closedir(dir);
}

static int make(struct rec_instance *in, struct kmr_error *err)
{
	struct stat st;

	if (in->o->instance)
		rec_path(in->path, "%s/instances/%s", in->tracefs, in->o->instance);
	else
		rec_path(in->path, "%s/instances/" OWN_NAME "%ld", in->tracefs, (long)getpid());
	if (!mkdir(in->path, 0700)) {
		in->made = true;
		return 0;
	}
	if (errno != EEXIST || !in->o->instance || stat(in->path, &st) || !S_ISDIR(st.st_mode))
		return rec_denied(in->o, in->path, errno, err);
	return 0;
}

static unsigned int count_cpus(const struct rec_instance *in)
{
	char path[REC_PATH];
	unsigned int n = 0;

	while (n < MAX_CPU_DIRS && !access(rec_path(path, "%s/per_cpu/cpu%u", in->path, n), F_OK))
		n++;
	return n ? n : 1;
}

/* Buffers are memory that the machine lacks while it is traced: an eighth of what it has at most. */
static uint64_t default_buffer(const struct rec_instance *in)
{
	char path[REC_PATH];
	const int64_t available =
		rec_read_value(rec_path(path, "%s/meminfo", in->o->proc), "MemAvailable");
	uint64_t kib = DEFAULT_KIB;

	if (available > 0 && (uint64_t)available / 8 / in->nr_cpus < kib)
		kib = (uint64_t)available / 8 / in->nr_cpus;
	return kib < LEAST_KIB ? LEAST_KIB : kib;
}

static int set_buffer(struct rec_instance *in, struct kmr_error *err)
{
	char text[32], path[REC_PATH];
	int errnum;

	in->nr_cpus = count_cpus(in);
	in->buffer_kib = in->o->buffer_kib ? in->o->buffer_kib : default_buffer(in);
	(void)snprintf(text, sizeof(text), "%" PRIu64, in->buffer_kib);
	errnum = set(in, "buffer_size_kb", text);
	rec_path(path, "%s/buffer_size_kb", in->path);
	if (errnum == ENOMEM)
		return kmr_fail_errno(
			err, errnum,
			"%s: no buffers of %" PRIu64
			" KiB for %u CPU%s; a smaller --buffer, with --stream, would do",
			path, in->buffer_kib, in->nr_cpus, in->nr_cpus == 1 ? "" : "s");
	return errnum ? rec_denied(in->o, path, errnum, err) : 0;
}

/* The clock of the kernel's own buffer: it turns to "global" by itself where "local" is no good. */
static int set_clock(struct rec_instance *in, struct kmr_error *err)
{
	/* those in nanoseconds, which are printed as seconds */
	static const char *const known[] = { "local",	 "global", "perf", "mono",
					     "mono_raw", "boot",   "tai" };
	char path[REC_PATH], *clock;
	size_t i = 0;
	int ret;

	clock = in->o->clock ? strdup(in->o->clock)
			     : value_to_keep(rec_path(path, "%s/trace_clock", in->tracefs));
	while (clock && i < ARRAY_SIZE(known) && strcmp(clock, known[i]) != 0)
		i++;
	if (clock && i == ARRAY_SIZE(known) && in->o->clock)
		ret = kmr_fail(
			err,
			"--clock: local, global, perf, mono, mono_raw, boot or tai expected, "
			"found '%s'",
			clock);
	else if (clock && i < ARRAY_SIZE(known))
		ret = set_or_fail(in, "trace_clock", clock, err);
	else
		ret = set_or_fail(in, "trace_clock", "local", err);
	free(clock);
	return ret;
}

/*
 * An instance begins with a copy of the options of the kernel's own buffer, whatever somebody set
 * there.  Options that a kernel has not are no loss, except real pointers.
 */
static void set_options(struct rec_instance *in)
{
	static const struct {
		const char *name, *value;
	} options[] = {
		{ "context-info", "1" }, { "irq-info", "1" },
		{ "record-cmd", "1" },	 { "markers", "1" },
		{ "annotate", "1" },	 { "latency-format", "0" },
		{ "raw", "0" },		 { "hex", "0" },
		{ "bin", "0" },		 { "block", "0" },
		{ "fields", "0" },	 { "verbose", "0" },
		{ "stacktrace", "0" },	 { "userstacktrace", "0" },
		{ "record-tgid", "0" },	 { "pause-on-trace", "0" },
	};
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		(void)snprintf(name, sizeof(name), "options/%s", options[i].name);
		(void)set(in, name, options[i].value);
	}
	/* what is full keeps its beginning, which the state before belongs to */
	(void)set(in, "options/overwrite", in->o->stream ? "1" : "0");
	in->hashed = set(in, "options/hash-ptr", "0") != 0;
	if (in->hashed)
		rec_note(in->r, "the kernel can't print real pointers to the trace (no option "
				"hash-ptr); boot it with no_hash_pointers");
}

/* The names of tasks are kept by the kernel for all instances together. */
static void keep_more_names(struct rec_instance *in)
{
	char path[REC_PATH], text[32];

	if (rec_read_number(rec_path(path, "%s/saved_cmdlines_size", in->tracefs)) >= TASK_NAMES)
		return;
	(void)snprintf(text, sizeof(text), "%d", TASK_NAMES);
	(void)change(in, path, text, false);
}

/* For kmr_events_each(): an event on, or not at all. */
static int enable(void *ctx, const char *system, const char *event, struct kmr_error *err)
{
	char name[256];

	(void)snprintf(name, sizeof(name), "events/%s/%s/enable", system, event);
	return set_or_fail(ctx, name, "1", err);
}

int rec_instance_open(struct rec_instance *in, const struct kmr_record_options *o,
		      struct kmr_record_result *r, struct kmr_error *err)
{
	char path[REC_PATH];
	int errnum;

	memset(in, 0, sizeof(*in));
	in->o = o;
	in->r = r;
	in->marker = -1;
	if (rec_find_tracefs(in->tracefs, o, err))
		return -1;
	look_for_left_overs(in);
	if (make(in, err) || set_or_fail(in, "tracing_on", "0", err) ||
	    set_or_fail(in, "current_tracer", "nop", err))
		return -1;
	in->marker = open(rec_path(path, "%s/trace_marker", in->path),
			  O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	if (in->marker < 0)
		return rec_denied(o, path, errno, err);
	if (set_clock(in, err) || set_buffer(in, err))
		return -1;
	set_options(in);
	keep_more_names(in);
	if (rec_events_each(in->path, o->pages, enable, in, err))
		return -1;
	errnum = rec_write(rec_path(path, "%s/trace", in->path), "");
	return errnum ? rec_denied(o, path, errnum, err) : 0;
}

int rec_instance_switch(struct rec_instance *in, bool on, struct kmr_error *err)
{
	char path[REC_PATH];
	const int errnum = rec_write(rec_path(path, "%s/tracing_on", in->path), on ? "1" : "0");

	return errnum ? rec_denied(in->o, path, errnum, err) : 0;
}

void rec_instance_mark(const struct rec_instance *in, const char *text)
{
	if (in->marker >= 0)
		(void)rec_append(in->marker, text);
}

uint64_t rec_instance_stat(const struct rec_instance *in, unsigned int cpu, const char *key)
{
	char path[REC_PATH];
	const int64_t value =
		rec_read_value(rec_path(path, "%s/per_cpu/cpu%u/stats", in->path, cpu), key);

	return value > 0 ? (uint64_t)value : 0;
}

void rec_instance_restore(struct rec_instance *in)
{
	char path[REC_PATH];

	if (in->marker >= 0)
		(void)close(in->marker);
	in->marker = -1;
	if (in->path[0] && in->made) {
		/* an instance whose events are on can't be removed on some kernels */
		(void)rec_write(rec_path(path, "%s/events/enable", in->path), "0");
		if (rmdir(in->path))
			rec_note(in->r, "%s: can't be removed: %s; rmdir it", in->path,
				 strerror(errno));
	}
	in->made = false;
	while (in->nr_settings--) {
		struct rec_setting *s = &in->settings[in->nr_settings];
		const int errnum = rec_write(s->path, s->value);

		if (errnum)
			rec_note(in->r, "%s: was %s, which can't be written back: %s", s->path,
				 s->value, strerror(errnum));
		free(s->path);
		free(s->value);
	}
	free(in->settings);
	in->settings = NULL;
	in->nr_settings = 0;
}
