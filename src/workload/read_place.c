// SPDX-License-Identifier: GPL-2.0-only
/* Where and when actors run: CPUs and nodes, phases, start and stop. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/excerpt.h"
#include "base/suggest.h"
#include "workload/read.h"

int load_read_node(const struct load_reading *reading, const struct kmr_yaml_node *node,
		   int *number, struct kmr_error *err)
{
	uint64_t value;

	if (!reading->machine)
		return kmr_yaml_fail(reading->yaml, node, err,
				     "node: of a machine that the workload does not name; machine: "
				     "says it");
	if (kmr_yaml_u64(reading->yaml, node, 0, reading->machine->nr_nodes - 1, &value, err))
		return -1;
	*number = (int)value;
	return 0;
}

/* How many CPUs a file may name. */
static unsigned int max_cpus(const struct load_reading *reading)
{
	return reading->machine ? reading->machine->nr_cpus : KMR_MAX_CPUS;
}

/* Decimal digits from *@text on, which go up to @end; false: there are none. */
static bool read_digits(const char **text, unsigned long *value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	*value = strtoul(*text, &end, 10);
	*text = end;
	return true;
}

/* "2" or "0-3" */
static int read_range(const struct load_reading *reading, const struct kmr_yaml_node *node,
		      bool *chosen, struct kmr_error *err)
{
	const char *p = node->kind == KMR_YAML_SCALAR ? node->text : "";
	const unsigned int end = max_cpus(reading);
	unsigned long low = 0, high;
	char text[40];
	bool good = read_digits(&p, &low);

	high = low;
	if (good && *p == '-') {
		p++;
		good = read_digits(&p, &high) && high >= low;
	}
	if (!good || *p)
		return kmr_yaml_fail(reading->yaml, node, err,
				     "found '%s', takes CPUs: a number, a range such as 0-3, or a "
				     "list of them",
				     kmr_excerpt(text, sizeof(text), node->text ? node->text : ""));
	if (high >= end)
		return kmr_yaml_fail(reading->yaml, node, err, "CPU %lu: %s has %u, from 0 to %u",
				     high, reading->machine ? "the machine" : "a machine", end,
				     end - 1);
	for (unsigned long cpu = low; cpu <= high; cpu++)
		chosen[cpu] = true;
	return 0;
}

static int list_cpus(const bool *chosen, uint16_t **cpus, uint32_t *nr, struct kmr_error *err)
{
	*nr = 0;
	for (uint32_t cpu = 0; cpu < KMR_MAX_CPUS; cpu++)
		*nr += chosen[cpu];
	*cpus = calloc(*nr ? *nr : 1, sizeof(**cpus));
	if (!*cpus)
		return kmr_fail_nomem(err, "a list of CPUs");
	*nr = 0;
	for (uint32_t cpu = 0; cpu < KMR_MAX_CPUS; cpu++)
		if (chosen[cpu])
			(*cpus)[(*nr)++] = (uint16_t)cpu;
	return 0;
}

int load_read_cpus(const struct load_reading *reading, const struct kmr_yaml_node *node,
		   uint16_t **cpus, uint32_t *nr, struct kmr_error *err)
{
	bool chosen[KMR_MAX_CPUS] = { false };

	if (node->kind != KMR_YAML_LIST || !node->nr) {
		if (read_range(reading, node, chosen, err))
			return -1;
		return list_cpus(chosen, cpus, nr, err);
	}
	for (const struct kmr_yaml_node *item = node->items; item; item = item->next)
		if (read_range(reading, item, chosen, err))
			return -1;
	return list_cpus(chosen, cpus, nr, err);
}

int load_all_cpus(const struct load_reading *reading, int home, uint16_t **cpus, uint32_t *nr,
		  struct kmr_error *err)
{
	const struct kmr_machine *m = reading->machine;
	bool chosen[KMR_MAX_CPUS] = { false };

	chosen[0] = !m;
	for (unsigned int cpu = 0; m && cpu < m->nr_cpus; cpu++)
		chosen[cpu] = home < 0 || m->cpu_node[cpu] == home;
	return list_cpus(chosen, cpus, nr, err);
}

static const struct load_phase *find_phase(const struct load_reading *reading, const char *name)
{
	for (uint32_t i = 0; i < reading->nr_phases; i++)
		if (!strcmp(reading->phases[i].name, name))
			return &reading->phases[i];
	return NULL;
}

static int fail_phase(const struct load_reading *reading, const struct kmr_yaml_node *node,
		      struct kmr_error *err)
{
	struct kmr_suggest suggest;
	char excerpt[64], text[320];

	kmr_suggest_begin(&suggest, node->text);
	for (uint32_t i = 0; i < reading->nr_phases; i++)
		kmr_suggest_add(&suggest, reading->phases[i].name);
	return kmr_yaml_fail(reading->yaml, node, err, "phases: no phase '%s'; %s",
			     kmr_excerpt(excerpt, sizeof(excerpt), node->text),
			     kmr_suggest_text(&suggest, text, sizeof(text)));
}

static int mark_phases(const struct load_reading *reading, const struct kmr_yaml_node *list,
		       bool *active, struct kmr_error *err)
{
	if (list->kind != KMR_YAML_LIST || !list->nr)
		return kmr_yaml_fail(reading->yaml, list, err,
				     "phases: takes a list of the workload's phases, by name");
	for (const struct kmr_yaml_node *item = list->items; item; item = item->next) {
		const struct load_phase *phase;

		if (item->kind != KMR_YAML_SCALAR)
			return kmr_yaml_fail(reading->yaml, item, err,
					     "phases: takes names of the workload's phases");
		phase = find_phase(reading, item->text);
		if (!phase)
			return fail_phase(reading, item, err);
		active[phase - reading->phases] = true;
	}
	return 0;
}

/* Phases that follow each other are one span. */
static void join_phases(const struct load_reading *reading, const bool *active,
			struct load_actor *actor)
{
	for (uint32_t i = 0; i < reading->nr_phases; i++) {
		const struct load_span *span = &reading->phases[i].span;

		if (!active[i])
			continue;
		if (actor->nr_spans && actor->spans[actor->nr_spans - 1].end == span->start)
			actor->spans[actor->nr_spans - 1].end = span->end;
		else
			actor->spans[actor->nr_spans++] = *span;
	}
}

static int read_phases(const struct load_reading *reading, const struct kmr_yaml_node *list,
		       struct load_actor *actor, struct kmr_error *err)
{
	bool *active = calloc((size_t)reading->nr_phases + 1, sizeof(*active));
	int ret;

	actor->spans = calloc((size_t)reading->nr_phases + 1, sizeof(*actor->spans));
	if (!active || !actor->spans)
		ret = kmr_fail_nomem(err, "the phases of an actor");
	else
		ret = mark_phases(reading, list, active, err);
	if (!ret)
		join_phases(reading, active, actor);
	free(active);
	return ret;
}

static int read_start_stop(const struct load_reading *reading, const struct kmr_yaml_node *start,
			   const struct kmr_yaml_node *stop, struct load_actor *actor,
			   struct kmr_error *err)
{
	struct load_span *span;

	actor->spans = calloc(1, sizeof(*actor->spans));
	if (!actor->spans)
		return kmr_fail_nomem(err, "the time of an actor");
	actor->nr_spans = 1;
	span = actor->spans;
	span->end = LOAD_FOREVER;
	if (start && kmr_yaml_time(reading->yaml, start, 0, LOAD_MAX_TIME, &span->start, err))
		return -1;
	if (start && span->start >= reading->w->duration)
		return kmr_yaml_fail(reading->yaml, start, err,
				     "start: %s is not before the workload's end", start->text);
	if (!stop)
		return 0;
	return kmr_yaml_time(reading->yaml, stop, span->start + 1, LOAD_MAX_TIME, &span->end, err);
}

int load_read_spans(const struct load_reading *reading, const struct kmr_yaml_node *map,
		    struct load_actor *actor, struct kmr_error *err)
{
	const struct kmr_yaml_node *phases = kmr_yaml_get(map, "phases"),
				   *start = kmr_yaml_get(map, "start"),
				   *stop = kmr_yaml_get(map, "stop");

	if (!phases)
		return read_start_stop(reading, start, stop, actor, err);
	if (start || stop)
		return kmr_yaml_fail(reading->yaml, (start ? start : stop)->key, err,
				     "phases: says when an actor runs, and start: and stop: do so, "
				     "too; it takes one of them");
	return read_phases(reading, phases, actor, err);
}
