// SPDX-License-Identifier: GPL-2.0-only
/* The line buffer: whole lines are given out in place, a part of one moves to the front. */
#include "trace/lines.h"

#include <stdlib.h>
#include <string.h>

#include "trace/scan.h"

/* A block that stays in the second-level cache, behind the longest part of a line. */
#define BLOCK_BYTES  ((size_t)256 << 10)
#define BUFFER_BYTES (LINE_MAX_BYTES + BLOCK_BYTES)

int lines_init(struct lines *lines, struct kmr_input *input, struct kmr_error *err)
{
	memset(lines, 0, sizeof(*lines));
	lines->input = input;
	/* zeroed, as scans read the padding */
	lines->buf = calloc(1, BUFFER_BYTES + SCAN_PADDING);
	if (!lines->buf)
		return kmr_fail_nomem(err, "the line buffer");
	return 0;
}

void lines_fini(struct lines *lines)
{
	kmr_input_close(lines->input);
	free(lines->buf);
	memset(lines, 0, sizeof(*lines));
}

static int refill(struct lines *lines, struct kmr_error *err)
{
	ssize_t n;

	if (lines->start) {
		memmove(lines->buf, lines->buf + lines->start, lines->fill - lines->start);
		lines->fill -= lines->start;
		lines->start = 0;
	}
	n = kmr_input_read(lines->input, lines->buf + lines->fill, BUFFER_BYTES - lines->fill, err);
	if (n < 0)
		return -1;
	if (n == 0)
		lines->end = true;
	lines->fill += (size_t)n;
	return 0;
}

int lines_peek(struct lines *lines, size_t want, const char **text, size_t *size,
	       struct kmr_error *err)
{
	while (!lines->end && lines->fill - lines->start < want)
		if (refill(lines, err))
			return -1;
	*text = lines->buf + lines->start;
	*size = lines->fill - lines->start;
	return 0;
}

/* Ends the line at @len of buf + start, and steps over it and @skip bytes of line end. */
static void give(struct lines *lines, struct line *line, size_t len, size_t skip)
{
	line->text = lines->buf + lines->start;
	line->len = len;
	line->number = ++lines->number;
	line->text[len] = '\n';
	if (len && line->text[len - 1] == '\r')
		line->text[--line->len] = '\n';
	lines->start += len + skip;
	lines->bytes += len + skip;
}

/* How much of a line that is too long is kept to show. */
#define SHOWN_BYTES ((size_t)256)

static int shown(struct lines *lines, struct line *line, char *text)
{
	text[SHOWN_BYTES - 1] = '\n';
	line->text = text;
	line->len = SHOWN_BYTES - 1;
	line->number = ++lines->number;
	line->too_long = true;
	return 1;
}

/* A line longer than can be: its beginning stays in front of the block, the rest is dropped. */
static int give_too_long(struct lines *lines, struct line *line, struct kmr_error *err)
{
	char *rest = lines->buf + SHOWN_BYTES;

	memmove(lines->buf, lines->buf + lines->start, SHOWN_BYTES);
	lines->bytes += lines->fill - lines->start;
	lines->start = lines->fill = SHOWN_BYTES;
	for (;;) {
		ssize_t n = kmr_input_read(lines->input, rest, BLOCK_BYTES, err);
		char *newline;

		if (n < 0)
			return -1;
		if (n == 0) {
			lines->end = true;
			break;
		}
		lines->start = lines->fill = SHOWN_BYTES + (size_t)n;
		newline = memchr(rest, '\n', (size_t)n);
		if (newline) {
			lines->start = (size_t)(newline - lines->buf) + 1;
			lines->bytes += (size_t)(newline - rest) + 1;
			break;
		}
		lines->bytes += (size_t)n;
	}
	return shown(lines, line, lines->buf);
}

int lines_next(struct lines *lines, struct line *line, struct kmr_error *err)
{
	size_t searched = 0;

	line->unfinished = false;
	line->too_long = false;
	for (;;) {
		char *from = lines->buf + lines->start;
		size_t have = lines->fill - lines->start;
		char *newline = memchr(from + searched, '\n', have - searched);

		if (newline && (size_t)(newline - from) > LINE_MAX_BYTES) {
			lines->start += (size_t)(newline - from) + 1;
			lines->bytes += (size_t)(newline - from) + 1;
			return shown(lines, line, from);
		}
		if (newline) {
			give(lines, line, (size_t)(newline - from), 1);
			return 1;
		}
		if (have > LINE_MAX_BYTES)
			return give_too_long(lines, line, err);
		if (lines->end) {
			if (!have)
				return 0;
			line->unfinished = true;
			give(lines, line, have, 0);
			return 1;
		}
		searched = have;
		if (refill(lines, err))
			return -1;
	}
}
