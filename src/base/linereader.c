// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line reader: one growing buffer that is filled from the input and cut at newlines in place.
 * Bytes that were searched for a newline once are not searched again, so a line of many MB costs
 * no more than many short ones.
 */
#include "base/linereader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"

#define CHUNK ((size_t)256 << 10)
#define PEEK  64 /* bytes that are there before the first line, if the file has them */

struct kmr_linereader {
	struct kmr_input *input;
	bool eof; /* nothing more comes into the buffer */
	/* buf[start..end) waits to be cut into lines; buf[start..scanned) has no newline */
	char *buf;
	size_t cap, start, scanned, end;
	uint64_t lines;
};

/* Makes room for a chunk and a terminating 0 behind buf[end]. */
static int make_room(struct kmr_linereader *lr, struct kmr_error *err)
{
	size_t cap = lr->cap;
	char *buf;

	if (lr->start) {
		memmove(lr->buf, lr->buf + lr->start, lr->end - lr->start);
		lr->end -= lr->start;
		lr->scanned -= lr->start;
		lr->start = 0;
	}
	if (lr->end > KMR_LINE_MAX)
		return kmr_fail(err, "%s:%" PRIu64 ": line longer than %zu bytes: not a text file",
				kmr_input_name(lr->input), lr->lines + 1, KMR_LINE_MAX);
	if (cap - lr->end > CHUNK)
		return 0;
	while (cap - lr->end <= CHUNK)
		cap *= 2;
	buf = realloc(lr->buf, cap);
	if (!buf)
		return kmr_fail_nomem(err, "a line");
	lr->buf = buf;
	lr->cap = cap;
	return 0;
}

static int fill(struct kmr_linereader *lr, struct kmr_error *err)
{
	ssize_t n;

	if (make_room(lr, err) < 0)
		return -1;
	n = kmr_input_read(lr->input, lr->buf + lr->end, lr->cap - lr->end - 1, err);
	if (n < 0)
		return -1;
	lr->eof = n == 0;
	lr->end += (size_t)n;
	return 0;
}

static int begin(struct kmr_linereader *lr, const char *path, struct kmr_error *err)
{
	lr->cap = 2 * CHUNK;
	lr->buf = malloc(lr->cap);
	if (!lr->buf)
		return kmr_fail_nomem(err, "a file reader");
	if (kmr_input_open(&lr->input, path, "a text file", err))
		return -1;
	while (lr->end < PEEK && !lr->eof)
		if (fill(lr, err) < 0)
			return -1;
	return 0;
}

struct kmr_linereader *kmr_linereader_open(const char *path, struct kmr_error *err)
{
	struct kmr_linereader *lr = calloc(1, sizeof(*lr));

	if (!lr) {
		kmr_fail_nomem(err, "a file reader");
		return NULL;
	}
	if (begin(lr, path, err) == 0)
		return lr;
	kmr_linereader_close(lr);
	return NULL;
}

const char *kmr_linereader_peek(const struct kmr_linereader *lr, size_t *len)
{
	*len = lr->end - lr->start;
	return lr->buf + lr->start;
}

int kmr_linereader_next(struct kmr_linereader *lr, struct kmr_line *line, struct kmr_error *err)
{
	char *nl;

	for (;;) {
		nl = memchr(lr->buf + lr->scanned, '\n', lr->end - lr->scanned);
		if (nl || lr->eof)
			break;
		lr->scanned = lr->end;
		if (fill(lr, err) < 0)
			return -1;
	}
	if (!nl && lr->start == lr->end)
		return 0;
	line->text = lr->buf + lr->start;
	line->len = (nl ? (size_t)(nl - lr->buf) : lr->end) - lr->start;
	line->number = ++lr->lines;
	line->complete = nl != NULL;
	line->text[line->len] = '\0';
	lr->start += line->len + (nl != NULL);
	lr->scanned = lr->start;
	return 1;
}

void kmr_linereader_close(struct kmr_linereader *lr)
{
	if (!lr)
		return;
	kmr_input_close(lr->input);
	free(lr->buf);
	free(lr);
}
