// SPDX-License-Identifier: GPL-2.0-only
#include "support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MOST_EVENTS ((size_t)1 << 23)
#define BATCH	    1000u

struct kmr_workload *parse(const char *text)
{
	struct kmr_error err = { "" };
	struct kmr_workload *w;

	cr_assert_eq(kmr_workload_parse(&w, "load.yaml", text, strlen(text), &err), 0, "%s",
		     err.msg);
	return w;
}

static void run_all(struct run *run, const struct kmr_workload_options *options)
{
	struct kmr_error err = { "" };
	size_t room = 0;
	ssize_t n = 1;

	cr_assert_eq(kmr_workload_stream_open(&run->stream, run->workload, options, &err), 0, "%s",
		     err.msg);
	while (n > 0) {
		if (room - run->nr < BATCH) {
			room = room ? room * 2 : 4 * BATCH;
			cr_assert_leq(room, MOST_EVENTS);
			run->events = realloc(run->events, room * sizeof(*run->events));
			cr_assert_not_null(run->events);
		}
		n = kmr_workload_stream_read(run->stream, run->events + run->nr, BATCH, &err);
		cr_assert_geq(n, 0, "%s", err.msg);
		run->nr += (size_t)n;
	}
}

void run_text(struct run *run, const char *text, const struct kmr_workload_options *options)
{
	memset(run, 0, sizeof(*run));
	run->workload = parse(text);
	run_all(run, options);
}

void run_file(struct run *run, const char *path, const struct kmr_workload_options *options)
{
	struct kmr_error err = { "" };

	memset(run, 0, sizeof(*run));
	cr_assert_eq(kmr_workload_read(&run->workload, path, &err), 0, "%s", err.msg);
	run_all(run, options);
}

void run_done(struct run *run)
{
	kmr_workload_stream_close(run->stream);
	kmr_workload_free(run->workload);
	free(run->events);
}

size_t count_type(const struct run *run, enum kmr_event_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < run->nr; i++)
		n += run->events[i].type == type;
	return n;
}
