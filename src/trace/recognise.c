// SPDX-License-Identifier: GPL-2.0-only
/*
 * The beginning of a text is parsed as if it were a trace, on a copy and with tables of its own:
 * lines in a trace's shape make it one, what they hold tells the writer and the kernel's age.
 */
#include "trace/recognise.h"

#include <stdlib.h>
#include <string.h>

#include "base/excerpt.h"
#include "trace/gfp_bits.h"
#include "trace/hint.h"
#include "trace/scan.h"
#include "trace/text.h"

static const char *format_name(const struct text *text)
{
	if (text->graph.lines > text->prefixes)
		return "function_graph";
	if (text->ftrace_header)
		return "ftrace";
	if (text->trace_cmd_header || text->padded_names * 2 > text->prefixes)
		return "trace-cmd report";
	if (text->perf_prefixes * 2 > text->prefixes)
		return "perf script";
	return "trace_pipe";
}

static void parse_beginning(struct text *text, char *copy, size_t size)
{
	struct line line = { 0 };
	struct kmr_event ev;
	struct text_problem problem;
	char *p = copy;
	char *end = copy + size;

	while (p < end && line.number < RECOGNISE_LINES) {
		char *newline = memchr(p, '\n', (size_t)(end - p));

		line.text = p;
		line.unfinished = !newline;
		line.len = (size_t)((newline ? newline : end) - p);
		p[line.len] = '\n';
		p += line.len + 1;
		if (line.len && line.text[line.len - 1] == '\r')
			line.text[--line.len] = '\n';
		line.number++;
		(void)text_parse(text, &line, &ev, &problem);
	}
}

static int check_text(const struct lines *lines, const char *text, size_t size,
		      struct kmr_error *err)
{
	const char *nul = memchr(text, '\0', size);

	if (!size)
		return kmr_fail(err, "%s: holds nothing once decompressed, not a trace",
				kmr_input_name(lines->input));
	if (nul)
		return kmr_fail(
			err,
			"%s: binary content (a NUL at byte %zu%s), not an ftrace/perf trace "
			"as text",
			kmr_input_name(lines->input), (size_t)(nul - text),
			strcmp(kmr_input_compression(lines->input), "none") ? " once decompressed"
									    : "");
	return 0;
}

/* The line at *@at without its end, and *@at behind it; false at the end of the text. */
static bool take_text_line(const char **at, const char *end, const char **line, size_t *len)
{
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));

	*line = *at;
	*len = (size_t)((newline ? newline : end) - *at);
	*at = newline ? newline + 1 : end;
	return *len || newline;
}

/* "key:" at the beginning of a line: how YAML begins. */
static size_t key_length(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && ((line[n] >= 'a' && line[n] <= 'z') || line[n] == '_'))
		n++;
	return n && n < len && line[n] == ':' && (n + 1 == len || line[n + 1] == ' ') ? n : 0;
}

/* The first key of what looks like a YAML file. */
static size_t find_yaml_key(const char *text, size_t size, const char **key)
{
	const char *end = text + size, *line;
	size_t len;

	while (take_text_line(&text, end, &line, &len)) {
		if (!len || *line == '#' || *line == '\r' || (len >= 3 && !memcmp(line, "---", 3)))
			continue;
		*key = line;
		return key_length(line, len);
	}
	return 0;
}

static int no_trace(const struct lines *lines, const char *text, size_t size, struct kmr_error *err)
{
	const char *newline = memchr(text, '\n', size), *key = NULL;
	const size_t yaml = find_yaml_key(text, size, &key);
	char line[64];

	if (yaml == 7 && !memcmp(key, "machine", yaml))
		return kmr_fail(err,
				"%s: is a machine, not a trace or a workload; --machine takes it",
				kmr_input_name(lines->input));
	if (yaml) {
		kmr_printable(line, sizeof(line), key, yaml);
		return kmr_fail(
			err,
			"%s: looks like YAML but begins with '%s:'; a workload's first key is "
			"workload:",
			kmr_input_name(lines->input), line);
	}
	kmr_printable(line, sizeof(line), text, newline ? (size_t)(newline - text) : size);
	return kmr_fail(err,
			"%s: not an ftrace/perf trace: line 1 is '%s'; give the output of trace, "
			"trace_pipe, trace-cmd report or perf script",
			kmr_input_name(lines->input), line);
}

static int judge(const struct lines *lines, const struct text *text, const char *beginning,
		 size_t size, struct recognised *what, struct kmr_error *err)
{
	const struct decoder *d = &text->decoder;

	if (d->nomem)
		return kmr_fail_nomem(err, "the beginning of a trace");
	if (!text->prefixes && !text->graph.lines && !text->ftrace_header &&
	    !text->trace_cmd_header)
		return no_trace(lines, beginning, size, err);
	what->format = format_name(text);
	what->version = hint_version(d->seen);
	if (!what->version)
		what->version = kmr_gfp_guess_version(d->gfp_numbers, d->nr_gfp_numbers);
	what->old_mobility = (d->seen & SEEN_OLD_MOBILITY) != 0;
	what->made_up = text->made_up;
	memcpy(what->machine, text->machine, sizeof(what->machine));
	return 0;
}

int recognise_text(struct lines *lines, struct recognised *what, struct kmr_error *err)
{
	const char *beginning;
	struct text *text;
	size_t size;
	char *copy;
	int status;

	if (lines_peek(lines, RECOGNISE_BYTES, &beginning, &size, err))
		return -1;
	if (size > RECOGNISE_BYTES)
		size = RECOGNISE_BYTES;
	if (check_text(lines, beginning, size, err))
		return -1;
	copy = calloc(1, size + SCAN_PADDING);
	text = malloc(sizeof(*text));
	if (!copy || !text || text_init(text, 0)) {
		free(copy);
		free(text);
		return kmr_fail_nomem(err, "the beginning of a trace");
	}
	memcpy(copy, beginning, size);
	parse_beginning(text, copy, size);
	status = judge(lines, text, beginning, size, what, err);
	text_fini(text);
	free(text);
	free(copy);
	return status;
}
