// SPDX-License-Identifier: GPL-2.0-only
/* The source: lines in, events and what is known of the trace out. */
#include "kmreplay/source.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/excerpt.h"
#include "trace/binary.h"
#include "trace/capture.h"
#include "trace/hint.h"
#include "trace/lines.h"
#include "trace/open.h"
#include "trace/recognise.h"
#include "trace/text.h"

#define MAX_READERS 4u

static const struct kmr_source_reader *readers[MAX_READERS];
static unsigned int nr_readers;

struct kmr_source {
	struct lines lines;
	struct text text;
	const struct kmr_source_reader *reader; /* NULL: text */
	const struct binary_format *format; /* NULL: text, or a reader's */
	void *own; /* the reader's or the format's */
	struct binary_input input; /* the format's */
	struct kmr_source_options options;
	struct kmr_trace_info info;
	bool failed; /* nothing can be read after a failure */
};

void kmr_source_add_reader(const struct kmr_source_reader *reader)
{
	assert(nr_readers < MAX_READERS);
	readers[nr_readers++] = reader;
}

static const struct kmr_source_reader *find_reader(const char *beginning, size_t len)
{
	for (unsigned int i = 0; i < nr_readers; i++)
		if (readers[i]->recognise(beginning, len))
			return readers[i];
	return NULL;
}

/* All of the input, in a buffer of its own. */
static int read_whole(struct lines *lines, size_t max, char **bytes, size_t *len,
		      struct kmr_error *err)
{
	const char *name = kmr_input_name(lines->input), *peeked;
	char *buf = malloc(max + 1);
	size_t have;
	ssize_t n = 1;

	*bytes = buf;
	if (!buf)
		return kmr_fail_nomem(err, "a file");
	if (lines_peek(lines, 0, &peeked, &have, err))
		return -1;
	if (have > max)
		have = max + 1;
	memcpy(buf, peeked, have);
	while (have <= max &&
	       (n = kmr_input_read(lines->input, buf + have, max + 1 - have, err)) > 0)
		have += (size_t)n;
	if (n < 0)
		return -1;
	if (have > max)
		return kmr_fail(err, "%s: more than %zu MiB; it takes a file of that at most", name,
				max >> 20);
	*len = have;
	return 0;
}

static int begin_reader(struct kmr_source *source, const struct kmr_source_reader *reader,
			struct kmr_error *err)
{
	struct kmr_input *input = source->lines.input;
	struct kmr_trace_info *info = &source->info;
	char *bytes = NULL;
	size_t len = 0;
	int ret;

	info->format = reader->format;
	info->compression = kmr_input_compression(input);
	info->input_size = 0; /* its file is not what is read */
	ret = read_whole(&source->lines, reader->max_bytes, &bytes, &len, err);
	info->bytes = len;
	for (const char *p = bytes; !ret && (p = memchr(p, '\n', len - (size_t)(p - bytes))); p++)
		info->lines++;
	if (!ret)
		ret = reader->open(&source->own, kmr_input_name(input), bytes, len, info, err);
	free(bytes);
	if (!ret)
		source->reader = reader;
	return ret;
}

/* A binary trace; its strings are kept where those of a text are. */
static int begin_binary(struct kmr_source *source, const struct binary_format *format,
			const char *beginning, size_t len, struct kmr_error *err)
{
	source->info.compression = kmr_input_compression(source->lines.input);
	if (text_init(&source->text, source->options.version))
		return kmr_fail_nomem(err, "the tables of a trace");
	source->info.binary = true;
	source->format = format;
	source->input.text = &source->text;
	source->input.options = &source->options;
	source->input.info = &source->info;
	if (kmr_randread_open(&source->input.bytes, source->lines.input, beginning, len, err))
		return -1;
	return format->open(&source->own, &source->input, err);
}

/* What a trace that was made up says of itself. */
static void update_own(struct kmr_source *source)
{
	source->info.made_up = source->text.made_up;
	memcpy(source->info.machine, source->text.machine, sizeof(source->info.machine));
}

static int begin(struct kmr_source *source, const char *name, struct kmr_error *err)
{
	const struct kmr_source_reader *reader;
	const struct binary_format *format;
	char buf[TRACE_PATH];
	const char *path = trace_of_capture(name, buf, err);
	struct recognised what = { 0 };
	struct kmr_input *input;
	const char *beginning;
	size_t len;

	if (!path || trace_open(&input, path, err))
		return -1;
	source->info.input_size = kmr_input_size(input);
	if (lines_init(&source->lines, input, err) ||
	    lines_peek(&source->lines, RECOGNISE_BYTES, &beginning, &len, err))
		return -1;
	if (trace_check(kmr_input_name(input), beginning, len, err))
		return -1;
	format = binary_find(beginning, len);
	if (format)
		return begin_binary(source, format, beginning, len, err);
	reader = find_reader(beginning, len);
	if (reader)
		return begin_reader(source, reader, err);
	if (recognise_text(&source->lines, &what, err))
		return -1;
	if (text_init(&source->text,
		      source->options.version ? source->options.version : what.version))
		return kmr_fail_nomem(err, "the tables of a trace");
	source->text.made_up = what.made_up;
	memcpy(source->text.machine, what.machine, sizeof(what.machine));
	update_own(source);
	if (!source->options.version && what.old_mobility) {
		source->text.decoder.old_mobility = true;
		source->text.decoder.seen = SEEN_OLD_MOBILITY;
	}
	source->info.format = what.format;
	source->info.compression = kmr_input_compression(input);
	hint_kernel(0, source->info.kernel, sizeof(source->info.kernel));
	return 0;
}

int kmr_source_open(struct kmr_source **out, const char *path,
		    const struct kmr_source_options *options, struct kmr_error *err)
{
	struct kmr_source *source = calloc(1, sizeof(*source));

	*out = NULL;
	if (!source)
		return kmr_fail_nomem(err, "a trace");
	if (options)
		source->options = *options;
	if (begin(source, path, err)) {
		kmr_source_close(source);
		return -1;
	}
	*out = source;
	return 0;
}

static void note_event(struct kmr_trace_info *info, const struct kmr_event *ev)
{
	info->events++;
	info->by_type[ev->type]++;
	if (ev->cpu >= info->nr_cpus)
		info->nr_cpus = (unsigned int)ev->cpu + 1;
	if (ev->type == KMR_EV_LOST) {
		info->lost += ev->addr;
		info->gaps++;
		return;
	}
	if (info->events - info->gaps == 1)
		info->first_time = ev->time;
	else if (ev->time < info->last_time)
		info->backwards++;
	info->last_time = ev->time;
	if (ev->type >= KMR_EV_PAGE_ALLOC && ev->type <= KMR_EV_PAGE_EXTFRAG &&
	    ev->addr != KMR_EV_NO_PFN) {
		unsigned int order = ev->page.order;
		uint64_t last;

		if (ev->type == KMR_EV_PAGE_EXTFRAG && ev->page.fallback_order > order)
			order = ev->page.fallback_order;
		last = ev->addr + (UINT64_C(1) << order) - 1;
		if (last > info->max_pfn)
			info->max_pfn = last;
	}
}

static int note_malformed(struct kmr_source *source, const struct line *line,
			  const struct text_problem *problem, struct kmr_error *err)
{
	struct kmr_trace_info *info = &source->info;
	struct kmr_malformed kept = { .line = line->number };

	kmr_printable(kept.text, sizeof(kept.text), line->text, line->len);
	kmr_printable(kept.reason, sizeof(kept.reason), problem->reason, strlen(problem->reason));
	if (source->options.strict)
		return kmr_fail(err, "%s:%llu: malformed %s: %s, in '%s'",
				kmr_input_name(source->lines.input),
				(unsigned long long)line->number,
				problem->type ? kmr_event_name(problem->type) : "line", kept.reason,
				kept.text);
	if (info->malformed < KMR_MALFORMED_KEPT)
		info->first_malformed[info->malformed] = kept;
	info->malformed++;
	return 0;
}

/* Whoever asked for calls is told of @call, or of @ev. */
static int tell_graph(struct kmr_source *source, const struct kmr_graph_line *call,
		      const struct kmr_event *ev, struct kmr_error *err)
{
	const struct kmr_graph_sink *sink = source->options.graph;
	struct kmr_graph_line line = { .kind = KMR_GRAPH_EVENT, .event = ev };

	if (!sink)
		return 0;
	if (ev)
		line.cpu = ev->cpu;
	if (!sink->line(sink->ctx, call ? call : &line))
		return kmr_fail_nomem(err, "the calls of a trace");
	return 0;
}

/* 1: *ev is an event, 0: it is not, -1: failure. */
static int take_line(struct kmr_source *source, const struct line *line, struct kmr_event *ev,
		     struct kmr_error *err)
{
	struct text_problem problem = { KMR_EV_NONE, "" };
	enum text_kind kind = text_parse(&source->text, line, ev, &problem);

	if (line->unfinished && kind != TEXT_EVENT)
		source->info.truncated = true;
	switch (kind) {
	case TEXT_EVENT:
		note_event(&source->info, ev);
		/* lost events have no time of their own; a function graph's clock goes on */
		if (!source->text.graph.on)
			source->text.time = source->info.last_time;
		return tell_graph(source, NULL, ev, err) ? -1 : 1;
	case TEXT_CALL:
		return tell_graph(source, &source->text.graph.line.call, NULL, err);
	case TEXT_FOREIGN:
		source->info.foreign++;
		return 0;
	case TEXT_MALFORMED:
		return note_malformed(source, line, &problem, err);
	case TEXT_NOMEM:
		return kmr_fail_nomem(err, "the strings of a trace");
	default:
		return 0;
	}
}

static void update_info(struct kmr_source *source)
{
	const struct decoder *d = &source->text.decoder;
	struct kmr_trace_info *info = &source->info;

	info->bytes = source->lines.bytes;
	info->input_read = kmr_input_done(source->lines.input);
	info->lines = source->lines.number;
	info->lost += source->text.overwritten;
	source->text.overwritten = 0;
	update_own(source);
	info->has_context = source->text.irq_info;
	info->timeless = source->text.graph.timeless;
	info->has_gfp = d->has_gfp;
	info->pointer_bits = d->pointers.bits;
	/* one mangled pointer proves nothing; most 32-bit hashes are strange, not all */
	info->hashed_pointers = d->pointers.strange * 2 > d->pointers.shown;
	hint_kernel(d->seen, source->info.kernel, sizeof(source->info.kernel));
}

static ssize_t read_reader(struct kmr_source *source, struct kmr_event *events, size_t count,
			   struct kmr_error *err)
{
	struct kmr_trace_info *info = &source->info;
	const ssize_t n = source->reader->read(source->own, events, count, err);

	if (n < 0)
		source->failed = true;
	for (ssize_t i = 0; i < n; i++) {
		note_event(info, &events[i]);
		info->has_context |= (events[i].flags & KMR_EVF_CONTEXT_KNOWN) != 0;
		info->has_gfp |= (events[i].flags & KMR_EVF_GFP_KNOWN) != 0;
	}
	return n;
}

static ssize_t read_binary(struct kmr_source *source, struct kmr_event *events, size_t count,
			   struct kmr_error *err)
{
	const ssize_t n = source->format->read(source->own, events, count, err);

	if (n < 0)
		source->failed = true;
	for (ssize_t i = 0; i < n; i++)
		note_event(&source->info, &events[i]);
	return n;
}

ssize_t kmr_source_read(struct kmr_source *source, struct kmr_event *events, size_t count,
			struct kmr_error *err)
{
	size_t n = 0;

	if (source->failed)
		return kmr_fail(err, "%s: cannot be read on after a failure",
				kmr_input_name(source->lines.input));
	if (source->format)
		return read_binary(source, events, count, err);
	if (source->reader)
		return read_reader(source, events, count, err);
	while (n < count) {
		struct line line;
		int status = lines_next(&source->lines, &line, err);

		if (status == 0)
			break;
		if (status > 0)
			status = take_line(source, &line, &events[n], err);
		if (status < 0) {
			source->failed = true;
			update_info(source);
			return -1;
		}
		n += (size_t)status;
	}
	update_info(source);
	return (ssize_t)n;
}

const struct kmr_trace_info *kmr_source_info(const struct kmr_source *source)
{
	return &source->info;
}

const char *kmr_source_site(const struct kmr_source *source, uint32_t id)
{
	if (source->reader)
		return source->reader->site(source->own, id);
	return kmr_strtab_get(&source->text.decoder.sites, id);
}

const char *kmr_source_task(const struct kmr_source *source, uint32_t id)
{
	if (source->reader)
		return source->reader->task(source->own, id);
	return kmr_strtab_get(&source->text.tasks, id);
}

const char *kmr_source_cache(const struct kmr_source *source, uint32_t id)
{
	if (source->reader)
		return source->reader->cache(source->own, id);
	return kmr_strtab_get(&source->text.decoder.caches, id);
}

bool kmr_source_range(const struct kmr_source *source, uint32_t id, uint64_t *start, uint64_t *end)
{
	return decoder_range(&source->text.decoder, id, start, end);
}

void kmr_source_close(struct kmr_source *source)
{
	if (!source)
		return;
	if (source->reader)
		source->reader->close(source->own);
	if (source->format && source->own)
		source->format->close(source->own);
	kmr_randread_close(&source->input.bytes);
	lines_fini(&source->lines);
	text_fini(&source->text);
	free(source);
}
