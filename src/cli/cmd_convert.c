// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay convert: a trace in another form. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/textfile.h"
#include "kmreplay/convert.h"

struct convert {
	const char *trace, *output, *to; /* as given; NULL: not */
	struct kmr_source_options options;
	struct kmr_source *source;
	struct kmr_text_writer *text;
	struct kmr_textfile *file;
	struct kmr_llfree_writer *llfree;
	struct kmr_event events[KMR_TEXT_EVENTS];
	ssize_t count; /* of them */
};

static const char *site(const void *source, uint32_t id)
{
	return kmr_source_site(source, id);
}

static const char *task(const void *source, uint32_t id)
{
	return kmr_source_task(source, id);
}

static const char *cache(const void *source, uint32_t id)
{
	return kmr_source_cache(source, id);
}

static bool range(const void *source, uint32_t id, uint64_t *start, uint64_t *end)
{
	return kmr_source_range(source, id, start, end);
}

typedef int write_fn(struct convert *c, size_t count, struct kmr_error *err);

static int write_text(struct convert *c, size_t count, struct kmr_error *err)
{
	size_t len;
	const char *text = kmr_text_writer_events(c->text, c->events, count, &len);

	return kmr_textfile_write(c->file, text, len, err);
}

static int write_llfree(struct convert *c, size_t count, struct kmr_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (kmr_llfree_write(c->llfree, &c->events[i],
				     kmr_source_task(c->source, c->events[i].task), err))
			return -1;
	return 0;
}

static int read_events(struct convert *c, struct kmr_error *err)
{
	c->count = kmr_source_read(c->source, c->events, KMR_TEXT_EVENTS, err);
	return c->count < 0 ? -1 : 0;
}

/* The events that were read, and the rest. */
static int copy(struct convert *c, write_fn *write, struct kmr_error *err)
{
	const struct kmr_trace_info *info = kmr_source_info(c->source);

	while (c->count > 0) {
		if (write(c, (size_t)c->count, err) || read_events(c, err))
			return -1;
		kmr_progress_trace("convert", info);
	}
	kmr_progress_end();
	return 0;
}

static int to_text(struct convert *c, struct kmr_error *err)
{
	const struct kmr_text_names names = { c->source, site, task, cache, range };
	const struct kmr_trace_info *info = kmr_source_info(c->source);
	char comment[KMR_TRACE_MACHINE + 128] = "";
	const char *text;
	size_t len;

	if (info->made_up)
		(void)snprintf(comment, sizeof(comment), "# kmreplay: made up\n%s%s%s#\n",
			       info->machine[0] ? "# kmreplay: machine " : "", info->machine,
			       info->machine[0] ? "\n" : "");
	/* the events that were read have shown how wide pointers are */
	if (kmr_text_writer_open(&c->text, &names, info->pointer_bits == 32 ? 32 : 64, err) ||
	    kmr_textfile_open(&c->file, c->output, err))
		return -1;
	text = kmr_text_writer_head(c->text, comment, &len);
	if (kmr_textfile_write(c->file, text, len, err) || copy(c, write_text, err))
		return -1;
	return kmr_textfile_finish(c->file, err);
}

static void tell(const char *path, uint64_t count, const char *what)
{
	if (count)
		fprintf(stderr, "kmreplay: %s: %" PRIu64 " %s\n", path, count, what);
}

static void tell_notes(const char *path, const struct kmr_llfree_notes *n)
{
	tell(path, n->others, "events of other types than mm_page_alloc and mm_page_free left out");
	tell(path, n->failed, "requests that got no page left out");
	tell(path, n->frame_zero, "events of page frame 0 left out, which ends a page there");
	tell(path, n->gaps, "places where events were lost are not told");
	tell(path, n->flags, "requests have GFP flags that the format does not have");
	tell(path, n->migratetypes,
	     "requests are of another migrate type than their GFP flags say");
	tell(path, n->nodes, "requests for a node do not say which");
	tell(path, n->contexts, "events in interrupts do not say so");
	tell(path, n->fractions, "times were cut to microseconds");
	tell(path, n->seconds_off,
	     "seconds were taken off all times, which would not fit otherwise");
	tell(path, n->reordered, "events change places with those of another CPU at their time");
}

static int to_llfree(struct convert *c, struct kmr_error *err)
{
	struct kmr_llfree_notes notes;

	if (!c->output)
		return kmr_fail(err, "--to=llfree needs a file to write: -o FILE");
	if (kmr_llfree_open(&c->llfree, c->output, err) || copy(c, write_llfree, err) ||
	    kmr_llfree_finish(c->llfree, &notes, err))
		return -1;
	tell_notes(c->output, &notes);
	return 0;
}

static int convert(struct convert *c, struct kmr_error *err)
{
	const bool llfree = c->to && !strcmp(c->to, "llfree");
	int ret;

	if (c->to && !llfree && strcmp(c->to, "text") != 0)
		return kmr_fail(err, "--to=%s: is not a form; there are text and llfree", c->to);
	if (kmr_source_open(&c->source, c->trace, &c->options, err) || read_events(c, err))
		return -1;
	ret = llfree ? to_llfree(c, err) : to_text(c, err);
	if (!ret)
		kmr_warn_about_trace(c->trace, kmr_source_info(c->source));
	return ret;
}

static int run(int argc, char **argv)
{
	struct kmr_error err = { "" };
	struct convert *c = calloc(1, sizeof(*c));
	int operand, code = KMR_EXIT_OK;

	if (!c) {
		(void)kmr_fail_nomem(&err, "a trace");
		return kmr_complain(&err);
	}
	const struct kmr_option options[] = {
		{ "output", 'o', "FILE",
		  "the trace to write, compressed if it is text and its name\n"
		  "ends in .zst (standard output)",
		  NULL, &c->output },
		{ "to", 't', "FORM", "text or llfree (text)", NULL, &c->to },
		kmr_option_strict(&c->options.strict),
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};

	operand = kmr_parse_options(&kmr_cmd_convert, options, argc, argv, 1, 1);
	if (operand < 0) {
		free(c);
		return kmr_parse_exit(operand);
	}
	c->trace = argv[operand];
	if (convert(c, &err))
		code = kmr_complain(&err);
	kmr_textfile_close(c->file);
	kmr_text_writer_close(c->text);
	kmr_llfree_close(c->llfree);
	kmr_source_close(c->source);
	free(c);
	return code;
}

const struct kmr_command kmr_cmd_convert = {
	.name = "convert",
	.usage = "TRACE [-o FILE] [--to=text|llfree] [OPTION]...",
	.summary = "write a trace in another form",
	.about =
		"Writes the events of TRACE that kmreplay knows as the text of ftrace, which every "
		"command\n"
		"reads as it reads TRACE, or as the binary pages of LLFree, which have nothing but "
		"allocations\n"
		"and frees of pages. What those cannot hold is counted on standard error; a frame "
		"or time that\n"
		"does not fit is an error.",
	.run = run,
};
