// SPDX-License-Identifier: GPL-2.0-only
/* A workload's events as text: the writer of traces with a workload's names. */
#include <stdio.h>
#include <stdlib.h>

#include "kmreplay/convert.h"
#include "workload/spec.h"

_Static_assert(KMR_WORKLOAD_TEXT_EVENTS == KMR_TEXT_EVENTS, "lines that are made at once");

struct kmr_workload_text {
	const struct kmr_workload *workload;
	struct kmr_text_writer *writer;
};

static const char *site(const void *stream, uint32_t id)
{
	return kmr_workload_stream_site(stream, id);
}

static const char *task(const void *stream, uint32_t id)
{
	return kmr_workload_stream_task(stream, id);
}

static const char *cache(const void *stream, uint32_t id)
{
	return kmr_workload_stream_cache(stream, id);
}

int kmr_workload_text_open(struct kmr_workload_text **out, const struct kmr_workload *workload,
			   const struct kmr_workload_stream *stream, struct kmr_error *err)
{
	const struct kmr_text_names names = { stream, site, task, cache, NULL };
	struct kmr_workload_text *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (!t)
		return kmr_fail_nomem(err, "the text of a workload");
	t->workload = workload;
	if (kmr_text_writer_open(&t->writer, &names, workload->pointer_bits, err)) {
		free(t);
		return -1;
	}
	*out = t;
	return 0;
}

void kmr_workload_text_close(struct kmr_workload_text *t)
{
	if (!t)
		return;
	kmr_text_writer_close(t->writer);
	free(t);
}

const char *kmr_workload_text_head(struct kmr_workload_text *t, size_t *len)
{
	const struct kmr_workload *w = t->workload;
	char comment[sizeof(w->machine) + sizeof(w->name) + 128];
	int n = snprintf(comment, sizeof(comment),
			 "# kmreplay: made up by the workload %s: page frames and pointers are "
			 "names\n",
			 w->name);

	if (w->preset)
		n += snprintf(comment + n, sizeof(comment) - (size_t)n, "# kmreplay: machine %s\n",
			      w->machine);
	(void)snprintf(comment + n, sizeof(comment) - (size_t)n, "#\n");
	return kmr_text_writer_head(t->writer, comment, len);
}

const char *kmr_workload_text_events(struct kmr_workload_text *t, const struct kmr_event *events,
				     size_t count, size_t *len)
{
	return kmr_text_writer_events(t->writer, events, count, len);
}
