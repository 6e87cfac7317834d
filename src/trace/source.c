// SPDX-License-Identifier: GPL-2.0-only
/* The source: lines in, events and what is known of the trace out. */
#include "kmreplay/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/excerpt.h"
#include "trace/hint.h"
#include "trace/lines.h"
#include "trace/open.h"
#include "trace/recognise.h"
#include "trace/text.h"

struct kmr_source {
	struct lines lines;
	struct text text;
	struct kmr_source_options options;
	struct kmr_trace_info info;
	bool failed; /* nothing can be read after a failure */
};

static int begin(struct kmr_source *source, const char *path, struct kmr_error *err)
{
	struct recognised what = { 0 };
	struct kmr_input *input;

	if (trace_open(&input, path, err))
		return -1;
	if (lines_init(&source->lines, input, err) || recognise_text(&source->lines, &what, err))
		return -1;
	if (text_init(&source->text,
		      source->options.version ? source->options.version : what.version))
		return kmr_fail_nomem(err, "the tables of a trace");
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
		source->text.time = source->info.last_time;
		return 1;
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
	info->lines = source->lines.number;
	info->lost += source->text.overwritten;
	source->text.overwritten = 0;
	info->has_context = source->text.irq_info;
	info->has_gfp = d->has_gfp;
	info->pointer_bits = d->pointers.bits;
	/* one mangled pointer proves nothing; most 32-bit hashes are strange, not all */
	info->hashed_pointers = d->pointers.strange * 2 > d->pointers.shown;
	hint_kernel(d->seen, source->info.kernel, sizeof(source->info.kernel));
}

ssize_t kmr_source_read(struct kmr_source *source, struct kmr_event *events, size_t count,
			struct kmr_error *err)
{
	size_t n = 0;

	if (source->failed)
		return kmr_fail(err, "%s: cannot be read on after a failure",
				kmr_input_name(source->lines.input));
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
	return kmr_strtab_get(&source->text.decoder.sites, id);
}

const char *kmr_source_task(const struct kmr_source *source, uint32_t id)
{
	return kmr_strtab_get(&source->text.tasks, id);
}

const char *kmr_source_cache(const struct kmr_source *source, uint32_t id)
{
	return kmr_strtab_get(&source->text.decoder.caches, id);
}

void kmr_source_close(struct kmr_source *source)
{
	if (!source)
		return;
	lines_fini(&source->lines);
	text_fini(&source->text);
	free(source);
}
