// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a workload: events in the order of their times, the same ones twice, which are text
 * that a tracer could have printed, or a message.
 */
#include <string.h>

#include "fuzz.h"
#include "fuzz_message.h"
#include "kmreplay/workload.h"

/* Of a workload's endless stream as much is looked at. */
#define BATCH	64u
#define BATCHES 16u

static void check_events(const struct kmr_event *events, size_t nr, uint64_t *time)
{
	for (size_t i = 0; i < nr; i++) {
		MUST(events[i].type > KMR_EV_NONE && events[i].type < KMR_EV_NR_TYPES);
		MUST(events[i].time >= *time);
		*time = events[i].time;
	}
}

static void check_text(const char *text, size_t len)
{
	MUST(len && text[len - 1] == '\n');
	for (size_t i = 0; i < len; i++)
		MUST(text[i] == '\n' || text[i] == '\t' || (unsigned char)text[i] >= ' ');
}

static void check_batch(struct kmr_workload_text *text, const struct kmr_event *events, size_t nr)
{
	size_t len;
	const char *lines = kmr_workload_text_events(text, events, nr, &len);

	check_text(lines, len);
}

/* Two streams side by side, and the text of one. */
static void check_streams(struct kmr_workload_stream *one, struct kmr_workload_stream *other,
			  struct kmr_workload_text *text)
{
	struct kmr_error err = { "" };
	uint64_t time = 0;

	for (unsigned int i = 0; i < BATCHES; i++) {
		struct kmr_event a[BATCH], b[BATCH];
		const ssize_t nr = kmr_workload_stream_read(one, a, BATCH, &err);

		MUST(kmr_workload_stream_read(other, b, BATCH, &err) == nr);
		if (nr <= 0) {
			MUST(!nr || err.msg[0]);
			return;
		}
		MUST((size_t)nr <= BATCH && !memcmp(a, b, (size_t)nr * sizeof(a[0])));
		check_events(a, (size_t)nr, &time);
		check_batch(text, a, (size_t)nr);
	}
}

static void check_workload(const struct kmr_workload *workload)
{
	struct kmr_workload_stream *one = NULL, *other = NULL;
	struct kmr_workload_text *text = NULL;
	struct kmr_error err = { "" };
	const char *head;
	size_t len;

	if (kmr_workload_stream_open(&one, workload, NULL, &err)) {
		MUST(err.msg[0]);
		return;
	}
	MUST(!kmr_workload_stream_open(&other, workload, NULL, &err));
	MUST(!kmr_workload_text_open(&text, workload, one, &err));
	head = kmr_workload_text_head(text, &len);
	check_text(head, len);
	check_streams(one, other, text);
	kmr_workload_text_close(text);
	kmr_workload_stream_close(other);
	kmr_workload_stream_close(one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kmr_error err = { "" };
	struct kmr_workload *workload;

	if (kmr_workload_parse(&workload, FUZZ_NAME, (const char *)data, size, &err)) {
		MUST(!workload);
		check_message(&err);
		return 0;
	}
	check_workload(workload);
	kmr_workload_free(workload);
	return 0;
}
