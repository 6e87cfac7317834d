// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace.dat file as events.  CPUs are merged by time, the lower number first where times are
 * equal, as the kernel merges them for its trace file: kernel/trace/trace.c, __find_next_entry().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/binary.h"
#include "trace/dat_stream.h"
#include "trace/hint.h"

struct dat_reader {
	struct binary_input *in;
	struct dat_file file;
	struct dat_decoder decoder;
	struct dat_stream *streams;
	struct dat_stream **heap; /* those with a record, the next one first */
	size_t nr_streams, nr_heap;
	uint64_t records;
	uint64_t last_time; /* of the last event */
	uint64_t told_lost; /* by the records */
};

static bool recognise(const char *beginning, size_t len)
{
	static const char magic[] = "\x17\x08\x44tracing";

	return len >= sizeof(magic) - 1 && !memcmp(beginning, magic, sizeof(magic) - 1);
}

static bool before(const struct dat_stream *a, const struct dat_stream *b)
{
	if (a->head.time != b->head.time)
		return a->head.time < b->head.time;
	return a->cpu < b->cpu;
}

static void sift_down(struct dat_reader *r, size_t at)
{
	struct dat_stream *moving = r->heap[at];

	for (size_t child; (child = 2 * at + 1) < r->nr_heap; at = child) {
		if (child + 1 < r->nr_heap && before(r->heap[child + 1], r->heap[child]))
			child++;
		if (!before(r->heap[child], moving))
			break;
		r->heap[at] = r->heap[child];
	}
	r->heap[at] = moving;
}

/* Damage and an end that came early are told by the stream, once each. */
static int note_state(struct dat_reader *r, struct dat_stream *s, struct kmr_error *err)
{
	static const struct text_problem damaged = { KMR_EV_NONE,
						     "a record beyond its sub-buffer's end" };
	char where[96];

	if (s->truncated)
		r->in->info->truncated = true;
	if (!s->damaged)
		return 0;
	s->damaged = false;
	(void)snprintf(where, sizeof(where), "a sub-buffer of CPU %u near byte %llu", s->cpu,
		       (unsigned long long)s->place);
	return binary_malformed(r->in, r->records + 1, &damaged, where, err);
}

/* The next record of @s; the heap is not touched. */
static int advance(struct dat_reader *r, struct dat_stream *s, struct kmr_error *err)
{
	const int status = dat_stream_next(s, err);

	return note_state(r, s, err) ? -1 : status;
}

static int open_streams(struct dat_reader *r, struct kmr_error *err)
{
	r->streams = calloc(r->file.nr_cpus + 1, sizeof(*r->streams));
	r->heap = calloc(r->file.nr_cpus + 1, sizeof(struct dat_stream *));
	if (!r->streams || !r->heap)
		return kmr_fail_nomem(err, "a trace's CPUs");
	for (size_t i = 0; i < r->file.nr_cpus; i++) {
		struct dat_stream *s = &r->streams[r->nr_streams++];
		int status;

		if (dat_stream_open(s, &r->file, &r->file.cpus[i], err))
			return -1;
		status = advance(r, s, err);
		if (status < 0)
			return -1;
		if (status)
			r->heap[r->nr_heap++] = s;
	}
	for (size_t i = r->nr_heap / 2; i-- > 0;)
		sift_down(r, i);
	return 0;
}

static void describe(struct dat_reader *r)
{
	/* what is told of a trace outlives its reader; only version 7 can be compressed inside */
	static const char *const inside[] = { [DAT_PLAIN] = "trace.dat version 7",
					      [DAT_ZSTD] = "trace.dat version 7 (zstd)",
					      [DAT_ZLIB] = "trace.dat version 7 (zlib)" };
	struct kmr_trace_info *info = r->in->info;

	info->format = r->file.version == 6 ? "trace.dat version 6" : inside[r->file.compression];
	info->bytes = r->in->bytes.size;
	info->input_size = r->in->bytes.size;
	info->pointer_bits = r->file.layout.commit_size * 8;
	info->has_context = true;
	if (r->file.kernel[0])
		(void)snprintf(info->kernel, sizeof(info->kernel), "%.40s", r->file.kernel);
	else
		hint_kernel(0, info->kernel, sizeof(info->kernel));
}

static int dat_open(void **out, struct binary_input *in, struct kmr_error *err)
{
	struct dat_reader *r = calloc(1, sizeof(*r));

	*out = r;
	if (!r)
		return kmr_fail_nomem(err, "a trace");
	r->in = in;
	r->file.bytes = &in->bytes;
	r->decoder.names = &r->file.names;
	r->decoder.text = in->text;
	if (dat_file_open(&r->file, err))
		return -1;
	if (in->options->version)
		r->file.names.version = in->options->version;
	else if (r->file.names.version && r->file.names.version < 404)
		in->text->decoder.old_mobility = true;
	describe(r);
	return open_streams(r, err);
}

/* (a * mul) >> shift without losing the upper bits in between */
static uint64_t scale(uint64_t a, uint32_t mul, uint32_t shift)
{
	const uint64_t low = (a & UINT32_MAX) * mul, high = (a >> 32) * mul;

	if (shift <= 32)
		return (low >> shift) + (high << (32 - shift));
	return ((low >> 32) + high) >> (shift - 32);
}

/* Nanoseconds as the text has them, which is rounded to microseconds: ns2usecs(). */
static uint64_t event_time(const struct dat_reader *r, uint64_t time)
{
	if (r->file.tsc_mult)
		time = scale(time, r->file.tsc_mult, r->file.tsc_shift);
	time += r->file.time_offset;
	return r->file.ns && time <= UINT64_MAX - 500 ? (time + 500) / 1000 * 1000 : time;
}

static void set_lost(struct dat_reader *r, const struct dat_stream *s, struct kmr_event *ev)
{
	memset(ev, 0, sizeof(*ev));
	ev->type = KMR_EV_LOST;
	ev->time = r->last_time;
	ev->cpu = (uint16_t)s->cpu;
	ev->node = -1;
	ev->addr = s->nr_lost;
	r->told_lost += s->nr_lost;
}

/* 1: *ev is an event, 0: it is not, -1: failure. */
static int take_record(struct dat_reader *r, const struct dat_stream *s, struct kmr_event *ev,
		       struct kmr_error *err)
{
	struct text_problem problem;
	char where[96];

	r->records++;
	memset(ev, 0, sizeof(*ev));
	ev->time = event_time(r, s->head.time);
	ev->cpu = (uint16_t)s->cpu;
	switch (dat_decode(&r->decoder, s->head.bytes, s->head.len, ev, &problem)) {
	case TEXT_EVENT:
		r->last_time = ev->time;
		return 1;
	case TEXT_FOREIGN:
		r->in->info->foreign++;
		return 0;
	case TEXT_MALFORMED:
		(void)snprintf(where, sizeof(where), "CPU %u near byte %llu", s->cpu,
			       (unsigned long long)s->place);
		return binary_malformed(r->in, r->records, &problem, where, err);
	default:
		return kmr_fail_nomem(err, "the strings of a trace");
	}
}

/* The next event into *ev, the way take_record() says it; moves the heap on. */
static int step(struct dat_reader *r, struct kmr_event *ev, struct kmr_error *err)
{
	struct dat_stream *s = r->heap[0];
	int status, more;

	if (s->lost) {
		set_lost(r, s, ev);
		s->lost = false;
		s->nr_lost = 0;
		return 1;
	}
	status = take_record(r, s, ev, err);
	if (status < 0)
		return -1;
	more = advance(r, s, err);
	if (more < 0)
		return -1;
	if (!more)
		r->heap[0] = r->heap[--r->nr_heap];
	if (r->nr_heap)
		sift_down(r, 0);
	return status;
}

static void tell(struct dat_reader *r)
{
	struct kmr_trace_info *info = r->in->info;
	const struct decoder *d = &r->in->text->decoder;

	info->lines = r->records;
	info->input_read = r->in->bytes.size;
	for (size_t i = 0; i < r->nr_streams; i++)
		info->input_read -= r->streams[i].end - r->streams[i].at;
	info->has_gfp = d->has_gfp;
	if (!r->file.kernel[0])
		hint_kernel(d->seen, info->kernel, sizeof(info->kernel));
	/* what the kernel's own count has beyond the marks in the buffers */
	if (!r->nr_heap && r->file.overrun > r->told_lost) {
		info->lost += r->file.overrun - r->told_lost;
		r->file.overrun = 0;
	}
}

static ssize_t dat_read(void *reader, struct kmr_event *events, size_t count, struct kmr_error *err)
{
	struct dat_reader *r = reader;
	size_t n = 0;

	while (n < count && r->nr_heap) {
		const int status = step(r, &events[n], err);

		if (status < 0)
			return -1;
		n += (size_t)status;
	}
	tell(r);
	return (ssize_t)n;
}

static void dat_close(void *reader)
{
	struct dat_reader *r = reader;

	for (size_t i = 0; i < r->nr_streams; i++)
		dat_stream_close(&r->streams[i]);
	free(r->streams);
	free(r->heap);
	dat_file_close(&r->file);
	free(r);
}

const struct binary_format binary_trace_dat = { recognise, dat_open, dat_read, dat_close };
