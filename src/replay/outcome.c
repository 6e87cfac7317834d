// SPDX-License-Identifier: GPL-2.0-only
#include "replay/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void kmr_outcomes_fini(struct kmr_outcomes *o)
{
	kmr_ptrmap_fini(&o->index);
	free(o->rows);
	memset(o, 0, sizeof(*o));
}

static struct kmr_outcome_row *row_of(struct kmr_outcomes *o, uint16_t task,
				      enum kmr_request_kind kind, unsigned int order)
{
	const uint64_t key = (uint64_t)task << 16 | (uint64_t)kind << 8 | order;
	const uint32_t at = kmr_ptrmap_get(&o->index, key);
	struct kmr_outcome_row *rows;

	if (at)
		return &o->rows[at - 1];
	rows = kmr_grow(o->rows, o->nr, &o->cap, sizeof(*rows));
	if (!rows)
		return NULL;
	o->rows = rows;
	if (kmr_ptrmap_put(&o->index, key, (uint32_t)o->nr + 1))
		return NULL;
	rows[o->nr] = (struct kmr_outcome_row){ .task = task,
						.kind = (uint8_t)kind,
						.order = (uint8_t)order };
	return &rows[o->nr++];
}

void kmr_outcome_note(struct kmr_outcomes *o, uint16_t task, enum kmr_request_kind kind,
		      unsigned int order, uint64_t pages, bool served, uint64_t time)
{
	struct kmr_outcome_row *row;

	if (!o)
		return;
	row = row_of(o, task, kind, order);
	if (!row) {
		o->failed = true;
		return;
	}
	row->requests++;
	row->pages += pages;
	if (served)
		return;
	if (!row->failures++)
		row->first_failure = time;
}

/* "kworker/0:1-33" → "kworker/0:1" */
static char *command_of(const char *task)
{
	const char *dash = strrchr(task, '-');

	return strndup(task, dash ? (size_t)(dash - task) : strlen(task));
}

static int by_actor(const void *a, const void *b)
{
	const struct kmr_outcome *x = a, *y = b;
	const int cmp = strcmp(x->actor, y->actor);

	if (cmp)
		return cmp;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void add(struct kmr_outcome *to, const struct kmr_outcome *from)
{
	if (from->failures && (!to->failures || from->first_failure < to->first_failure))
		to->first_failure = from->first_failure;
	to->requests += from->requests;
	to->failures += from->failures;
	to->pages += from->pages;
}

/* Neighbours of one actor, kind and order become one. */
static size_t merge(struct kmr_outcome *all, size_t nr)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr; i++) {
		if (kept && !by_actor(&all[kept - 1], &all[i])) {
			add(&all[kept - 1], &all[i]);
			free(all[i].actor);
			continue;
		}
		all[kept++] = all[i];
	}
	return kept;
}

int kmr_outcomes_report(const struct kmr_outcomes *o, const struct kmr_source *source,
			struct kmr_replay_result *result, struct kmr_error *err)
{
	struct kmr_outcome *all;

	if (o->failed)
		return kmr_fail_nomem(err, "the outcome of requests");
	if (!o->nr)
		return 0;
	all = calloc(o->nr, sizeof(*all));
	if (!all)
		return kmr_fail_nomem(err, "the outcome of requests");
	result->outcomes = all;
	for (size_t i = 0; i < o->nr; i++) {
		const struct kmr_outcome_row *row = &o->rows[i];
		char *actor = command_of(kmr_source_task(source, row->task));

		if (!actor)
			return kmr_fail_nomem(err, "the outcome of requests");
		all[i] = (struct kmr_outcome){
			.actor = actor,
			.kind = (enum kmr_request_kind)row->kind,
			.order = row->order,
			.requests = row->requests,
			.failures = row->failures,
			.pages = row->pages,
			.first_failure = row->first_failure,
		};
		result->nr_outcomes = i + 1;
	}
	qsort(all, o->nr, sizeof(*all), by_actor);
	result->nr_outcomes = merge(all, o->nr);
	return 0;
}
