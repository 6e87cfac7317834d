// SPDX-License-Identifier: GPL-2.0-only
#include "trace/dat_stream.h"

#include <stdlib.h>
#include <string.h>

/* Sub-buffers that are read at once where they are not compressed. */
#define PLAIN_BYTES ((size_t)64 << 10)

/* trace-cmd compresses some dozen sub-buffers at a time. */
#define MAX_CHUNK (UINT64_C(64) << 20)

/* Numbers behind the last sub-buffer that are read at once, never beyond the buffer. */
#define PADDING 8

static int reserve(struct dat_stream *s, size_t size, struct kmr_error *err)
{
	uint8_t *grown;

	if (size <= s->cap)
		return 0;
	grown = realloc(s->buf, size + PADDING);
	if (!grown)
		return kmr_fail_nomem(err, "a CPU's records");
	s->buf = grown;
	s->cap = size;
	return 0;
}

int dat_stream_open(struct dat_stream *s, const struct dat_file *file, const struct dat_cpu *cpu,
		    struct kmr_error *err)
{
	/* where chunks are counted, the size is that of what is behind their number */
	const uint64_t size = cpu->size + (file->packed ? 4 : 0);
	struct dat_cursor c = { .file = file->bytes, .big = file->big };

	memset(s, 0, sizeof(*s));
	s->file = file;
	s->cpu = cpu->cpu;
	s->at = cpu->offset;
	if (cpu->offset > file->bytes->size)
		return kmr_fail(
			err,
			"%s: the records of CPU %u begin at byte %llu, but the file has %llu "
			"bytes; it is not whole",
			kmr_randread_name(file->bytes), cpu->cpu, (unsigned long long)cpu->offset,
			(unsigned long long)file->bytes->size);
	s->end = file->bytes->size;
	if (cpu->size <= size && size <= s->end - s->at)
		s->end = s->at + size;
	else
		s->truncated = true;
	if (!file->packed)
		return 0;
	c.at = s->at;
	c.end = s->end;
	if (dat_take_number(&c, 4, &s->chunks, "the number of a CPU's chunks", err))
		return -1;
	s->at = c.at;
	return 0;
}

/* 1: there are sub-buffers in the buffer, 0: the end. */
static int read_plain(struct dat_stream *s, struct kmr_error *err)
{
	const size_t size = s->file->layout.size;
	size_t want = size > PLAIN_BYTES ? size : PLAIN_BYTES / size * size;
	ssize_t n;

	if (want > s->end - s->at)
		want = (size_t)(s->end - s->at);
	if (reserve(s, want, err))
		return -1;
	n = kmr_randread_some(s->file->bytes, s->at, s->buf, want, err);
	if (n < 0)
		return -1;
	s->place = s->at;
	s->at += (size_t)n;
	s->fill = (size_t)n;
	return n > 0;
}

static int read_chunk(struct dat_stream *s, struct kmr_error *err)
{
	struct dat_cursor c = {
		.file = s->file->bytes, .at = s->at, .end = s->end, .big = s->file->big
	};
	uint64_t packed, size;
	char *from;
	int ret;

	if (!s->chunks)
		return 0;
	/* what is there of a file that was cut off is used */
	if (s->truncated && s->end - s->at < 8)
		return 0;
	s->place = s->at;
	if (dat_take_number(&c, 4, &packed, "a chunk of records", err) ||
	    dat_take_number(&c, 4, &size, "a chunk of records", err))
		return -1;
	if (s->truncated && packed > c.end - c.at)
		return 0;
	if (size > MAX_CHUNK)
		return kmr_fail(err, "%s: the chunk at byte %llu would take %llu MiB of memory",
				kmr_randread_name(s->file->bytes), (unsigned long long)s->place,
				(unsigned long long)(size >> 20));
	if (dat_take_blob(&c, packed, &from, "a chunk of records", err))
		return -1;
	ret = reserve(s, (size_t)size, err);
	if (!ret)
		ret = dat_decompress(s->file, from, (size_t)packed, s->buf, (size_t)size, s->place,
				     err);
	free(from);
	s->chunks--;
	s->at = c.at;
	s->fill = (size_t)size;
	return ret ? -1 : 1;
}

/* The next sub-buffer; a part of one at the end is none. */
static int load_page(struct dat_stream *s, struct kmr_error *err)
{
	const struct dat_layout *l = &s->file->layout;
	const uint8_t *bytes;

	while (s->fill - s->next < l->size) {
		int status;

		s->truncated |= s->fill != s->next;
		s->fill = s->next = 0;
		status = s->file->packed ? read_chunk(s, err) : read_plain(s, err);
		if (status <= 0)
			return status;
	}
	bytes = s->buf + s->next;
	if (!s->file->packed && s->next)
		s->place += l->size;
	s->next += l->size;
	if (!dat_page_load(&s->page, l, bytes))
		s->damaged = true;
	if (s->page.lost) {
		s->lost = true;
		s->nr_lost += s->page.nr_lost;
	}
	return 1;
}

int dat_stream_next(struct dat_stream *s, struct kmr_error *err)
{
	for (;;) {
		int status =
			s->page.bytes ? dat_page_next(&s->page, &s->file->layout, &s->head) : 0;

		if (status > 0)
			return 1;
		s->damaged |= status < 0;
		status = load_page(s, err);
		if (status <= 0) {
			s->page.bytes = NULL;
			return status;
		}
	}
}

void dat_stream_close(struct dat_stream *s)
{
	free(s->buf);
	s->buf = NULL;
}
