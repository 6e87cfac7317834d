// SPDX-License-Identifier: GPL-2.0-only
/* Workloads where traces are read. */
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "workload/spec.h"

#define FIRST_KEY "workload:"

struct reader {
	struct kmr_workload *workload;
	struct kmr_workload_stream *stream;
};

static bool starts(const char *p, const char *end, const char *text)
{
	const size_t len = strlen(text);

	return (size_t)(end - p) >= len && !memcmp(p, text, len);
}

/* The first line that says anything begins with the key. */
static bool recognise(const char *p, size_t len)
{
	const char *end = p + len, *newline;

	for (; p < end; p = newline + 1) {
		if (starts(p, end, FIRST_KEY))
			return true;
		newline = memchr(p, '\n', (size_t)(end - p));
		if (!newline)
			return false;
		if (starts(p, end, "---"))
			continue;
		while (p < newline && (*p == ' ' || *p == '\t' || *p == '\r'))
			p++;
		if (p < newline && *p != '#')
			return false;
	}
	return false;
}

static void close_reader(void *own)
{
	struct reader *r = own;

	if (!r)
		return;
	kmr_workload_stream_close(r->stream);
	kmr_workload_free(r->workload);
	free(r);
}

static int open_reader(void **own, const char *name, const char *bytes, size_t len,
		       struct kmr_trace_info *info, struct kmr_error *err)
{
	struct reader *r = calloc(1, sizeof(*r));

	*own = NULL;
	if (!r)
		return kmr_fail_nomem(err, "a workload");
	if (kmr_workload_parse(&r->workload, name, bytes, len, err) ||
	    kmr_workload_stream_open(&r->stream, r->workload, NULL, err)) {
		close_reader(r);
		return -1;
	}
	info->made_up = true;
	memcpy(info->machine, r->workload->machine, sizeof(info->machine));
	info->pointer_bits = r->workload->pointer_bits;
	info->until = kmr_workload_duration(r->workload);
	*own = r;
	return 0;
}

static ssize_t read_events(void *own, struct kmr_event *events, size_t count, struct kmr_error *err)
{
	const struct reader *r = own;

	return kmr_workload_stream_read(r->stream, events, count, err);
}

static const char *site(const void *own, uint32_t id)
{
	return kmr_workload_stream_site(((const struct reader *)own)->stream, id);
}

static const char *task(const void *own, uint32_t id)
{
	return kmr_workload_stream_task(((const struct reader *)own)->stream, id);
}

static const char *cache(const void *own, uint32_t id)
{
	return kmr_workload_stream_cache(((const struct reader *)own)->stream, id);
}

const struct kmr_source_reader kmr_workload_reader = {
	.format = "workload",
	.max_bytes = KMR_YAML_MAX_BYTES,
	.recognise = recognise,
	.open = open_reader,
	.read = read_events,
	.site = site,
	.task = task,
	.cache = cache,
	.close = close_reader,
};
