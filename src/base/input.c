// SPDX-License-Identifier: GPL-2.0-only
/*
 * The input layer: what is read ahead to tell zstd by is given out first, all else goes from the
 * file, or through the decompressor, straight to the caller's buffer.
 */
#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define RAW_BYTES ((size_t)256 << 10)

struct kmr_input {
	char *name;
	int fd;
	bool plain_file; /* opened here, so that its offsets count from 0 */
	bool end; /* read() said so */
	bool in_frame; /* zstd: a frame has begun and not ended */
	ZSTD_DStream *zstd; /* NULL: plain */
	uint64_t size; /* of the file; 0: not a regular one */
	uint64_t raw_base; /* file offset of raw[0] */
	ZSTD_inBuffer in; /* over raw */
	char raw[RAW_BYTES];
};

/* Reads into the raw buffer until it holds @want bytes or the file ends. */
static int fill_raw(struct kmr_input *input, size_t want, struct kmr_error *err)
{
	while (!input->end && input->in.size < want) {
		ssize_t n = read(input->fd, input->raw + input->in.size,
				 sizeof(input->raw) - input->in.size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return kmr_fail_errno(
				err, errno, "%s: cannot read at byte %llu", input->name,
				(unsigned long long)(input->raw_base + input->in.size));
		if (n == 0)
			input->end = true;
		input->in.size += (size_t)n;
	}
	return 0;
}

/* zstd's frame magic, or that of a frame to skip: RFC 8878, 3.1 */
static bool is_zstd(const char *raw, size_t size)
{
	const unsigned char *p = (const unsigned char *)raw;

	if (size < 4)
		return false;
	if (p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd)
		return true;
	return p[0] >> 4 == 5 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18;
}

static int check_kind(struct kmr_input *input, const char *what, struct kmr_error *err)
{
	struct stat st;

	if (fstat(input->fd, &st))
		return kmr_fail_errno(err, errno, "%s: cannot stat", input->name);
	if (S_ISDIR(st.st_mode))
		return kmr_fail(err, "%s: is a directory, not %s", input->name, what);
	input->size = S_ISREG(st.st_mode) && st.st_size > 0 ? (uint64_t)st.st_size : 0;
	return 0;
}

static int recognise(struct kmr_input *input, struct kmr_error *err)
{
	if (fill_raw(input, KMR_INPUT_PEEK, err))
		return -1;
	if (!is_zstd(input->raw, input->in.size))
		return 0;
	input->zstd = ZSTD_createDStream();
	if (!input->zstd)
		return kmr_fail_nomem(err, "a zstd decoder");
	return 0;
}

/* Takes over @fd; @fd < 0: it could not be had, errno tells why. */
static int open_fd(struct kmr_input **out, int fd, const char *name, const char *what,
		   struct kmr_error *err)
{
	struct kmr_input *input;
	int errnum = errno;

	*out = NULL;
	if (fd < 0)
		return kmr_fail_errno(err, errnum, "%s: cannot open", name);
	input = malloc(sizeof(*input));
	if (!input) {
		(void)close(fd);
		return kmr_fail_nomem(err, "the input buffer");
	}
	memset(input, 0, offsetof(struct kmr_input, raw));
	input->fd = fd;
	input->in.src = input->raw;
	input->name = strdup(name);
	if (!input->name) {
		kmr_input_close(input);
		return kmr_fail_nomem(err, "the input's name");
	}
	if (check_kind(input, what, err) || recognise(input, err)) {
		kmr_input_close(input);
		return -1;
	}
	*out = input;
	return 0;
}

int kmr_input_open(struct kmr_input **input, const char *path, const char *what,
		   struct kmr_error *err)
{
	struct stat st;

	if (open_fd(input, open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), path, what, err))
		return -1;
	(*input)->plain_file = !(*input)->zstd && !fstat((*input)->fd, &st) && S_ISREG(st.st_mode);
	return 0;
}

int kmr_input_stdin(struct kmr_input **input, const char *what, struct kmr_error *err)
{
	return open_fd(input, dup(STDIN_FILENO), "standard input", what, err);
}

const char *kmr_input_peek(const struct kmr_input *input, size_t *len)
{
	*len = input->in.size;
	return input->raw;
}

static void drop_raw(struct kmr_input *input)
{
	input->raw_base += input->in.size;
	input->in.size = 0;
	input->in.pos = 0;
}

static ssize_t read_plain(struct kmr_input *input, char *buf, size_t size, struct kmr_error *err)
{
	size_t have = input->in.size - input->in.pos;
	ssize_t n;

	/* what was read to recognise the file comes first, the rest goes straight to @buf */
	if (have) {
		if (have > size)
			have = size;
		memcpy(buf, input->raw + input->in.pos, have);
		input->in.pos += have;
		return (ssize_t)have;
	}
	if (input->in.size)
		drop_raw(input);
	if (input->end)
		return 0;
	do {
		n = read(input->fd, buf, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return kmr_fail_errno(err, errno, "%s: cannot read at byte %llu", input->name,
				      (unsigned long long)input->raw_base);
	if (n == 0)
		input->end = true;
	input->raw_base += (uint64_t)n;
	return n;
}

static ssize_t read_zstd(struct kmr_input *input, char *buf, size_t size, struct kmr_error *err)
{
	ZSTD_outBuffer out = { buf, size, 0 };

	while (!out.pos) {
		size_t before;
		size_t status;

		if (input->in.pos == input->in.size) {
			drop_raw(input);
			if (fill_raw(input, 1, err))
				return -1;
			if (!input->in.size && !input->in_frame)
				return 0;
		}
		before = input->in.pos;
		status = ZSTD_decompressStream(input->zstd, &out, &input->in);
		if (ZSTD_isError(status))
			return kmr_fail(err,
					"%s: corrupt zstd frame near byte %llu: %s; zstd -t tells "
					"whether the file is whole",
					input->name,
					(unsigned long long)(input->raw_base + input->in.pos),
					ZSTD_getErrorName(status));
		input->in_frame = status != 0;
		/* all input given, nothing more comes out, and the frame is not at its end */
		if (input->in_frame && input->end && !out.pos && input->in.pos == before &&
		    input->in.pos == input->in.size)
			return kmr_fail(
				err, "%s: zstd frame cut off at byte %llu; the file is not whole",
				input->name, (unsigned long long)(input->raw_base + input->in.pos));
	}
	return (ssize_t)out.pos;
}

ssize_t kmr_input_read(struct kmr_input *input, char *buf, size_t size, struct kmr_error *err)
{
	return input->zstd ? read_zstd(input, buf, size, err) : read_plain(input, buf, size, err);
}

const char *kmr_input_name(const struct kmr_input *input)
{
	return input->name;
}

int kmr_input_file(const struct kmr_input *input)
{
	return input->plain_file ? input->fd : -1;
}

uint64_t kmr_input_size(const struct kmr_input *input)
{
	return input->size;
}

uint64_t kmr_input_done(const struct kmr_input *input)
{
	return input->raw_base + input->in.pos;
}

const char *kmr_input_compression(const struct kmr_input *input)
{
	return input->zstd ? "zstd" : "none";
}

void kmr_input_close(struct kmr_input *input)
{
	if (!input)
		return;
	(void)close(input->fd);
	ZSTD_freeDStream(input->zstd);
	free(input->name);
	free(input);
}
