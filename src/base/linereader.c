// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line reader: one growing buffer that is filled from the file, directly or through zstd, and
 * cut at newlines in place.  Bytes that were searched for a newline once are not searched again,
 * so a line of many MB costs no more than many short ones.
 */
#include "base/linereader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define CHUNK ((size_t)256 << 10)
#define PEEK  64 /* bytes that are there before the first line, if the file has them */

struct kmr_linereader {
	char *path;
	int fd;
	uint64_t offset; /* bytes read from the file */
	bool eof; /* nothing more comes into the buffer */
	/* buf[start..end) waits to be cut into lines; buf[start..scanned) has no newline */
	char *buf;
	size_t cap, start, scanned, end;
	uint64_t lines;
	/* compressed input; NULL: plain */
	ZSTD_DStream *zstd;
	char *in;
	ZSTD_inBuffer inbuf;
	bool frame_open; /* within a frame: the file may not end here */
};

static ssize_t read_file(struct kmr_linereader *lr, char *dst, size_t size, struct kmr_error *err)
{
	ssize_t n;

	do {
		n = read(lr->fd, dst, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return kmr_fail_errno(err, errno, "%s: cannot read at byte %" PRIu64, lr->path,
				      lr->offset);
	lr->offset += (uint64_t)n;
	return n;
}

/* Decompresses at least one byte into @dst unless the file ends; how many, or -1. */
static ssize_t read_zstd(struct kmr_linereader *lr, char *dst, size_t size, struct kmr_error *err)
{
	ZSTD_outBuffer out = { .dst = dst, .size = size, .pos = 0 };

	for (;;) {
		size_t r;
		size_t before = lr->inbuf.pos;

		if (lr->inbuf.pos < lr->inbuf.size || lr->frame_open) {
			r = ZSTD_decompressStream(lr->zstd, &out, &lr->inbuf);
			if (ZSTD_isError(r))
				return kmr_fail(err,
						"%s: corrupt zstd data near byte %" PRIu64
						" of the file: %s",
						lr->path, lr->offset - lr->inbuf.size + before,
						ZSTD_getErrorName(r));
			lr->frame_open = r != 0;
			if (out.pos)
				return (ssize_t)out.pos;
		}
		if (lr->inbuf.pos == lr->inbuf.size) {
			ssize_t n = read_file(lr, lr->in, CHUNK, err);

			if (n < 0)
				return -1;
			if (n == 0 && lr->frame_open)
				return kmr_fail(err,
						"%s: zstd data ends within a frame at byte %" PRIu64
						": the file is truncated",
						lr->path, lr->offset);
			if (n == 0)
				return 0;
			lr->inbuf.size = (size_t)n;
			lr->inbuf.pos = 0;
		}
	}
}

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
				lr->path, lr->lines + 1, KMR_LINE_MAX);
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
	if (lr->zstd)
		n = read_zstd(lr, lr->buf + lr->end, lr->cap - lr->end - 1, err);
	else
		n = read_file(lr, lr->buf + lr->end, lr->cap - lr->end - 1, err);
	if (n < 0)
		return -1;
	lr->eof = n == 0;
	lr->end += (size_t)n;
	return 0;
}

static int fill_at_least(struct kmr_linereader *lr, size_t size, struct kmr_error *err)
{
	while (lr->end < size && !lr->eof)
		if (fill(lr, err) < 0)
			return -1;
	return 0;
}

/* Frames begin with 28 b5 2f fd, skippable ones with 5? 2a 4d 18 (RFC 8878). */
static bool is_zstd(const char *p, size_t len)
{
	const unsigned char *b = (const unsigned char *)p;

	if (len < 4)
		return false;
	if (b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd)
		return true;
	return (b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18;
}

/* What was read as plain bytes becomes the decompressor's first input. */
static int start_zstd(struct kmr_linereader *lr, struct kmr_error *err)
{
	lr->zstd = ZSTD_createDStream();
	lr->in = malloc(lr->cap > CHUNK ? lr->cap : CHUNK);
	if (!lr->zstd || !lr->in)
		return kmr_fail_nomem(err, "decompression");
	memcpy(lr->in, lr->buf, lr->end);
	lr->inbuf = (ZSTD_inBuffer){ .src = lr->in, .size = lr->end, .pos = 0 };
	lr->end = 0;
	lr->eof = false;
	return fill_at_least(lr, PEEK, err);
}

/* Reads until there are enough bytes to tell the format by, or the file ends. */
static int begin(struct kmr_linereader *lr, struct kmr_error *err)
{
	if (fill_at_least(lr, PEEK, err) < 0)
		return -1;
	return is_zstd(lr->buf, lr->end) ? start_zstd(lr, err) : 0;
}

struct kmr_linereader *kmr_linereader_open(const char *path, struct kmr_error *err)
{
	struct kmr_linereader *lr = calloc(1, sizeof(*lr));

	if (!lr) {
		kmr_fail_nomem(err, "a file reader");
		return NULL;
	}
	lr->cap = 2 * CHUNK;
	lr->path = strdup(path);
	lr->buf = malloc(lr->cap);
	lr->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (!lr->path || !lr->buf)
		kmr_fail_nomem(err, "a file reader");
	else if (lr->fd < 0)
		kmr_fail_errno(err, errno, "%s: cannot open", path);
	else if (begin(lr, err) == 0)
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
	if (lr->fd >= 0)
		close(lr->fd);
	ZSTD_freeDStream(lr->zstd);
	free(lr->in);
	free(lr->buf);
	free(lr->path);
	free(lr);
}
