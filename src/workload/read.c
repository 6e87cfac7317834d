// SPDX-License-Identifier: GPL-2.0-only
/* A workload's file as a whole: its head, its machine, its phases, and the list of its actors. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "workload/arith.h"
#include "workload/read.h"

#define DEFAULT_PAGE_SHIFT   12u
#define DEFAULT_POINTER_BITS 64u

#define MAX_NAME_BYTES ((size_t)8 << 20)

/*
 * The path of a file or a directory that lies beside the workload, if there is one of that name: a
 * device or a pipe might never end.
 */
static bool beside(const struct kmr_workload *w, char *path, size_t size)
{
	const char *slash = strrchr(w->path, '/');
	const int dir = slash && w->machine[0] != '/' ? (int)(slash - w->path) + 1 : 0;
	const int n = snprintf(path, size, "%.*s%s", dir, w->path, w->machine);
	struct stat st;

	return n > 0 && (size_t)n < size && !stat(path, &st) &&
	       (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

static bool is_file_name(const char *machine)
{
	const char *dot = strrchr(machine, '.');

	return strchr(machine, '/') ||
	       (dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml") || !strcmp(dot, ".zst")));
}

static int pointer_bits_of(const struct kmr_machine *m)
{
	return strcmp(m->arch, "i386") ? 64 : 32;
}

/* machine: a file beside this one, or a preset. */
static int open_machine(struct load_reading *r, const struct kmr_yaml_node *node,
			struct kmr_error *err)
{
	struct kmr_workload *w = r->w;
	struct kmr_error why = { "" };
	char path[sizeof(w->machine)];

	w->preset = !beside(w, path, sizeof(path));
	if (w->preset && is_file_name(w->machine))
		return kmr_yaml_fail(r->yaml, node, err,
				     "machine: there is no file %s; it is looked for beside the "
				     "workload",
				     path);
	if (!w->preset)
		memcpy(w->machine, path, sizeof(path));
	r->machine = malloc(sizeof(*r->machine));
	if (!r->machine)
		return kmr_fail_nomem(err, "a machine");
	if (kmr_machine_open(r->machine, w->machine, NULL, NULL, 0, &why))
		return kmr_yaml_fail(r->yaml, node, err, "machine: %s", why.msg);
	w->page_shift = r->machine->page_shift;
	w->pointer_bits = (unsigned int)pointer_bits_of(r->machine);
	return 0;
}

static int read_phase(struct load_reading *r, const struct kmr_yaml_node *map, uint64_t *time,
		      struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("name", true),
							LOAD_LATER("duration", true) };
	struct load_phase *phase = &r->phases[r->nr_phases];
	const struct kmr_yaml_node *name;
	char text[LOAD_NAME];
	uint64_t duration;

	if (kmr_yaml_bind(r->yaml, map, "a phase", fields, ARRAY_SIZE(fields), NULL, err))
		return -1;
	name = kmr_yaml_get(map, "name");
	if (kmr_yaml_text(r->yaml, name, text, sizeof(text), err) ||
	    kmr_yaml_time(r->yaml, kmr_yaml_get(map, "duration"), 1, LOAD_MAX_TIME - *time,
			  &duration, err))
		return -1;
	for (uint32_t i = 0; i < r->nr_phases; i++)
		if (!strcmp(r->phases[i].name, name->text))
			return kmr_yaml_fail(r->yaml, name, err,
					     "name: there is a phase '%s' already", name->text);
	*phase = (struct load_phase){ name->text, { *time, *time + duration } };
	*time += duration;
	r->nr_phases++;
	return 0;
}

/* They follow each other, and their sum is how long it takes. */
static int read_phases(struct load_reading *r, const struct kmr_yaml_node *list,
		       struct kmr_error *err)
{
	uint64_t time = 0;

	if (list->kind != KMR_YAML_LIST || !list->nr || list->nr > LOAD_MAX_PHASES)
		return kmr_yaml_fail(
			r->yaml, list, err,
			"phases: takes a list of 1 to %u, each with name: and duration:",
			LOAD_MAX_PHASES);
	r->phases = calloc(list->nr, sizeof(*r->phases));
	if (!r->phases)
		return kmr_fail_nomem(err, "phases");
	for (const struct kmr_yaml_node *item = list->items; item; item = item->next)
		if (read_phase(r, item, &time, err))
			return -1;
	r->w->duration = time;
	return 0;
}

static int read_duration(struct load_reading *r, const struct kmr_yaml_node *root,
			 struct kmr_error *err)
{
	const struct kmr_yaml_node *duration = kmr_yaml_get(root, "duration"),
				   *phases = kmr_yaml_get(root, "phases");

	if (phases && duration)
		return kmr_yaml_fail(r->yaml, duration->key, err,
				     "duration: follows from phases:, whose durations add up; it "
				     "takes one of them");
	if (phases)
		return read_phases(r, phases, err);
	if (!duration)
		return 0;
	return kmr_yaml_time(r->yaml, duration, 1, LOAD_MAX_TIME, &r->w->duration, err);
}

static int read_actors(struct load_reading *r, const struct kmr_yaml_node *list,
		       struct kmr_error *err)
{
	struct kmr_workload *w = r->w;

	if (list->kind != KMR_YAML_LIST || !list->nr || list->nr > LOAD_MAX_ACTORS)
		return kmr_yaml_fail(r->yaml, list, err, "actors: takes a list of 1 to %u",
				     LOAD_MAX_ACTORS);
	w->actors = calloc(list->nr, sizeof(*w->actors));
	if (!w->actors)
		return kmr_fail_nomem(err, "actors");
	for (const struct kmr_yaml_node *item = list->items; item; item = item->next)
		if (load_read_actor(r, item, &w->actors[w->nr_actors++], err))
			return -1;
	return 0;
}

static int read_workload(struct load_reading *r, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
		{ .key = "workload",
		  .type = KMR_YAML_TEXT,
		  .required = true,
		  .offset = offsetof(struct kmr_workload, name),
		  .max = LOAD_NAME },
		{ .key = "description",
		  .type = KMR_YAML_TEXT,
		  .offset = offsetof(struct kmr_workload, description),
		  .max = sizeof(r->w->description) },
		{ .key = "machine",
		  .type = KMR_YAML_TEXT,
		  .offset = offsetof(struct kmr_workload, machine),
		  .max = sizeof(r->w->machine) },
		{ .key = "seed",
		  .type = KMR_YAML_U64,
		  .offset = offsetof(struct kmr_workload, seed) },
		LOAD_LATER("duration", false),
		LOAD_LATER("phases", false),
		LOAD_LATER("actors", true),
	};
	const struct kmr_yaml_node *root = kmr_yaml_root(r->yaml), *machine;

	if (kmr_yaml_bind(r->yaml, root, "a workload", fields, ARRAY_SIZE(fields), r->w, err))
		return -1;
	machine = kmr_yaml_get(root, "machine");
	if ((machine && open_machine(r, machine, err)) || read_duration(r, root, err))
		return -1;
	return read_actors(r, kmr_yaml_get(root, "actors"), err);
}

static struct kmr_workload *new_workload(const char *name)
{
	struct kmr_workload *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	load_arith_init();
	w->path = strdup(name);
	w->page_shift = DEFAULT_PAGE_SHIFT;
	w->pointer_bits = DEFAULT_POINTER_BITS;
	w->seed = 1;
	w->duration = LOAD_FOREVER;
	if (w->path)
		return w;
	free(w);
	return NULL;
}

/* Reads what @yaml holds, and gives it back. */
static int take_yaml(struct kmr_workload **out, struct kmr_yaml *yaml, struct kmr_error *err)
{
	struct load_reading r = { .yaml = yaml };
	int ret = -1;

	r.w = new_workload(kmr_yaml_name(yaml));
	if (!r.w || kmr_strtab_init(&r.actors, LOAD_MAX_ACTORS, MAX_NAME_BYTES) ||
	    kmr_strtab_init(&r.caches, UINT16_MAX - 1, MAX_NAME_BYTES))
		(void)kmr_fail_nomem(err, "a workload");
	else
		ret = read_workload(&r, err);
	kmr_strtab_fini(&r.actors);
	kmr_strtab_fini(&r.caches);
	free(r.seen);
	free(r.phases);
	free(r.machine);
	kmr_yaml_free(yaml);
	if (ret)
		kmr_workload_free(r.w);
	else
		*out = r.w;
	return ret;
}

int kmr_workload_read(struct kmr_workload **workload, const char *path, struct kmr_error *err)
{
	struct kmr_yaml *yaml;

	*workload = NULL;
	return kmr_yaml_read(&yaml, path, "a workload", err) ? -1 : take_yaml(workload, yaml, err);
}

int kmr_workload_parse(struct kmr_workload **workload, const char *name, const char *text,
		       size_t len, struct kmr_error *err)
{
	struct kmr_yaml *yaml;

	*workload = NULL;
	return kmr_yaml_parse(&yaml, name, text, len, err) ? -1 : take_yaml(workload, yaml, err);
}

void kmr_workload_free(struct kmr_workload *w)
{
	if (!w)
		return;
	for (uint32_t i = 0; i < w->nr_actors; i++)
		load_actor_free(&w->actors[i]);
	free(w->actors);
	free(w->path);
	free(w);
}

uint64_t kmr_workload_duration(const struct kmr_workload *w)
{
	return w->duration == LOAD_FOREVER ? 0 : w->duration;
}

const char *kmr_workload_name(const struct kmr_workload *w)
{
	return w->name;
}

const char *kmr_workload_machine(const struct kmr_workload *w)
{
	return w->machine[0] ? w->machine : NULL;
}
