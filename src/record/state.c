// SPDX-License-Identifier: GPL-2.0-only
#include "record/state.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/array.h"
#include "record/config.h"
#include "record/events.h"

int rec_state_add(struct rec_state *s, const char *name, char *bytes, size_t len,
		  struct kmr_error *err)
{
	struct rec_file *grown = kmr_grow(s->files, s->nr, &s->cap, sizeof(*grown));
	char *own = strdup(name);

	if (grown)
		s->files = grown;
	if (!grown || !own || !bytes) {
		free(own);
		free(bytes);
		return kmr_fail_nomem(err, "the state");
	}
	s->files[s->nr++] = (struct rec_file){ own, bytes, len };
	return 0;
}

/* A file as it is; one that this kernel has not, or does not show, is left out. */
static int add_file(struct rec_state *s, const char *name, const char *path, struct kmr_error *err)
{
	char *bytes;
	size_t len;
	const int errnum = rec_read(path, &bytes, &len);

	if (errnum == ENOMEM)
		return kmr_fail_nomem(err, path);
	return errnum ? 0 : rec_state_add(s, name, bytes, len, err);
}

/* Text that grows. */
struct text {
	FILE *file;
	char *bytes;
	size_t len;
};

static int text_open(struct text *t, struct kmr_error *err)
{
	memset(t, 0, sizeof(*t));
	t->file = open_memstream(&t->bytes, &t->len);
	return t->file ? 0 : kmr_fail_nomem(err, "the state");
}

/* Adds it, unless it is empty. */
static int text_add(struct text *t, struct rec_state *s, const char *name, struct kmr_error *err)
{
	if (fclose(t->file)) {
		free(t->bytes);
		return kmr_fail_nomem(err, "the state");
	}
	if (t->len)
		return rec_state_add(s, name, t->bytes, t->len, err);
	free(t->bytes);
	return 0;
}

/* "PREFIX:LINE" for each line of a file, as grep has it. */
static void text_lines(struct text *t, const char *prefix, const char *path)
{
	char *bytes, *line, *save;
	size_t len;

	if (rec_read(path, &bytes, &len))
		return;
	for (line = strtok_r(bytes, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		(void)fprintf(t->file, "%s:%s\n", prefix, line);
	free(bytes);
}

/* As uname -a has it, without the host's name, which is nobody's business. */
static int add_uname(struct rec_state *s, struct kmr_error *err)
{
	struct utsname u;
	struct text t;

	if (uname(&u))
		return 0;
	if (text_open(&t, err))
		return -1;
	(void)fprintf(t.file, "%s (none) %s %s %s GNU/Linux\n", u.sysname, u.release, u.version,
		      u.machine);
	return text_add(&t, s, "uname", err);
}

static int add_distances(struct rec_state *s, const struct kmr_record_options *o,
			 struct kmr_error *err)
{
	char path[REC_PATH], name[64];
	struct text t;

	if (text_open(&t, err))
		return -1;
	/* nodes need not be numbered without gaps */
	for (unsigned int node = 0; node < 1024; node++) {
		(void)snprintf(name, sizeof(name), "devices/system/node/node%u/distance", node);
		rec_path(path, "%s/%s", o->sys, name);
		if (access(path, R_OK))
			continue;
		(void)snprintf(name, sizeof(name), "/sys/devices/system/node/node%u/distance",
			       node);
		text_lines(&t, name, path);
	}
	return text_add(&t, s, "distance", err);
}

/* "NAME object_size slab_size align objs_per_slab order min_partial cpu_partial"; false: lacks one */
static bool cache_line(struct text *t, const char *dir, const char *name)
{
	static const char *const files[] = { "object_size",   "slab_size", "align",
					     "objs_per_slab", "order",	   "min_partial",
					     "cpu_partial" };
	int64_t values[ARRAY_SIZE(files)];
	char path[REC_PATH];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		values[i] = rec_read_number(rec_path(path, "%s/%s/%s", dir, name, files[i]));
		/* kernels without CONFIG_SLUB_CPU_PARTIAL have no cpu_partial */
		if (values[i] < 0 && i + 1 < ARRAY_SIZE(files))
			return false;
	}
	(void)fprintf(t->file, "%s", name);
	for (size_t i = 0; i < ARRAY_SIZE(files) && values[i] >= 0; i++)
		(void)fprintf(t->file, " %" PRId64, values[i]);
	(void)fputs("\n", t->file);
	return true;
}

static int add_caches(struct rec_state *s, const struct kmr_record_options *o,
		      struct kmr_error *err)
{
	struct dirent **names = NULL;
	char dir[REC_PATH];
	struct text t;
	int n;

	if (text_open(&t, err))
		return -1;
	n = scandir(rec_path(dir, "%s/kernel/slab", o->sys), &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.')
			(void)cache_line(&t, dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return text_add(&t, s, "slab_params", err);
}

int rec_state_machine(struct rec_state *s, const struct kmr_record_options *o,
		      struct kmr_error *err)
{
	char path[REC_PATH], *bytes;
	size_t len;

	if (add_uname(s, err) ||
	    add_file(s, "cmdline", rec_path(path, "%s/cmdline", o->proc), err) ||
	    add_file(s, "cpuinfo", rec_path(path, "%s/cpuinfo", o->proc), err) ||
	    add_distances(s, o, err) || add_caches(s, o, err))
		return -1;
	if (rec_config(o, &bytes, &len))
		return 0;
	return rec_state_add(s, "config", bytes, len, err);
}

struct formats {
	struct rec_state *s;
	const struct rec_instance *in;
};

static int add_format(void *ctx, const char *system, const char *event, struct kmr_error *err)
{
	const struct formats *f = ctx;
	char path[REC_PATH], name[256];

	(void)snprintf(name, sizeof(name), "formats/%s", event);
	return add_file(f->s, name,
			rec_path(path, "%s/events/%s/%s/format", f->in->path, system, event), err);
}

int rec_state_formats(struct rec_state *s, const struct rec_instance *in, struct kmr_error *err)
{
	struct formats f = { s, in };

	return rec_events_each(in->path, in->o->pages, add_format, &f, err);
}

/*
 * /proc/vmallocinfo prints hashes of addresses to everybody while kptr_restrict is 0, and the
 * addresses to root while it is 1: lib/vsprintf.c, restricted_pointer().
 */
static int add_vmallocinfo(struct rec_state *s, const struct kmr_record_options *o,
			   const char *name, struct kmr_error *err)
{
	char path[REC_PATH], control[REC_PATH];
	bool changed;
	int ret;

	rec_path(control, "%s/sys/kernel/kptr_restrict", o->proc);
	changed = !rec_read_number(control) && !rec_write(control, "1");
	ret = add_file(s, name, rec_path(path, "%s/vmallocinfo", o->proc), err);
	if (changed)
		(void)rec_write(control, "0");
	return ret;
}

int rec_state_memory(struct rec_state *s, const struct kmr_record_options *o, const char *suffix,
		     struct kmr_error *err)
{
	/* those that a replay begins with are last */
	static const struct {
		const char *name;
		bool sys;
	} files[] = {
		{ "iomem", false },
		{ "vmallocinfo", false },
		{ "meminfo", false },
		{ "vmstat", false },
		{ "kernel/debug/extfrag/extfrag_index", true },
		{ "kernel/debug/extfrag/unusable_index", true },
		{ "slabinfo", false },
		{ "zoneinfo", false },
		{ "pagetypeinfo", false },
		{ "buddyinfo", false },
	};
	const size_t nr = ARRAY_SIZE(files);
	const bool forwards = !strcmp(suffix, ".before");

	for (size_t k = 0; k < nr; k++) {
		const size_t i = forwards ? k : nr - 1 - k;
		const char *slash = strrchr(files[i].name, '/');
		char path[REC_PATH], name[64];

		(void)snprintf(name, sizeof(name), "%s%s", slash ? slash + 1 : files[i].name,
			       suffix);
		rec_path(path, "%s/%s", files[i].sys ? o->sys : o->proc, files[i].name);
		if (strcmp(files[i].name, "vmallocinfo") ? add_file(s, name, path, err)
							 : add_vmallocinfo(s, o, name, err))
			return -1;
	}
	return 0;
}

int rec_state_stats(struct rec_state *s, const struct rec_instance *in, struct kmr_error *err)
{
	char path[REC_PATH];
	struct text t;

	if (text_open(&t, err))
		return -1;
	for (unsigned int cpu = 0; cpu < in->nr_cpus; cpu++) {
		rec_path(path, "%s/per_cpu/cpu%u/stats", in->path, cpu);
		text_lines(&t, path, path);
	}
	return text_add(&t, s, "trace_stats", err);
}

int rec_state_write(const struct rec_state *s, const struct rec_outdir *out, struct kmr_error *err)
{
	char name[512];

	for (size_t i = 0; i < s->nr; i++) {
		(void)snprintf(name, sizeof(name), "state/%s", s->files[i].name);
		if (rec_outdir_write(out, name, s->files[i].bytes, s->files[i].len, err))
			return -1;
	}
	return 0;
}

void rec_state_free(struct rec_state *s)
{
	for (size_t i = 0; i < s->nr; i++) {
		free(s->files[i].name);
		free(s->files[i].bytes);
	}
	free(s->files);
	memset(s, 0, sizeof(*s));
}
