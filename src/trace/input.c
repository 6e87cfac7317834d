// SPDX-License-Identifier: GPL-2.0-only
/*
 * The input layer.  What a file is goes by its first bytes: a name can lie, and standard input
 * has none.  Formats that are known but not read here are named, with what would read them.
 */
#include "trace/input.h"

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

/* The longest magic below, and zstd's. */
#define MAGIC_BYTES 16

struct kmr_input {
	char *name;
	int fd;
	bool end; /* read() said so */
	bool in_frame; /* zstd: a frame has begun and not ended */
	ZSTD_DStream *zstd; /* NULL: plain */
	uint64_t raw_base; /* file offset of raw[0] */
	ZSTD_inBuffer in; /* over raw */
	char raw[RAW_BYTES];
};

struct magic {
	const char *bytes;
	size_t len;
	const char *what;
	const char *instead;
};

#define MAGIC(b) (b), sizeof(b) - 1

static const struct magic magics[] = {
	{ MAGIC("\x17\x08\x44tracing"), "a trace-cmd trace.dat file",
	  "convert it with trace-cmd report" },
	{ MAGIC("PERFILE2"), "a perf.data file", "convert it with perf script" },
	{ MAGIC("\x1f\x8b"), "gzip-compressed", "decompress it with gzip -dc" },
	{ MAGIC("\xfd"
		"7zXZ"),
	  "xz-compressed", "decompress it with xz -dc" },
	{ MAGIC("BZh"), "bzip2-compressed", "decompress it with bzip2 -dc" },
	{ MAGIC("\x04\x22\x4d\x18"), "lz4-compressed", "decompress it with lz4 -dc" },
	{ MAGIC("\x89PNG"), "a PNG image", "give an ftrace or perf trace as text" },
	{ MAGIC("\x7f"
		"ELF"),
	  "an ELF file", "give an ftrace or perf trace as text" },
	{ MAGIC("SQLite format 3"), "an SQLite database", "give the trace it was made from" },
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

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

static int check_magic(const struct kmr_input *input, struct kmr_error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if (input->in.size >= magics[i].len &&
		    !memcmp(input->raw, magics[i].bytes, magics[i].len))
			return kmr_fail(err, "%s: is %s, not a trace as text: %s", input->name,
					magics[i].what, magics[i].instead);
	return 0;
}

static int open_fd(struct kmr_input *input, const char *path, struct kmr_error *err)
{
	struct stat st;

	if (!strcmp(path, "-")) {
		input->fd = dup(STDIN_FILENO);
	} else {
		input->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (input->fd < 0)
		return kmr_fail_errno(err, errno, "%s: cannot open", input->name);
	if (fstat(input->fd, &st))
		return kmr_fail_errno(err, errno, "%s: cannot stat", input->name);
	if (S_ISDIR(st.st_mode))
		return kmr_fail(err, "%s: is a directory, not a trace file", input->name);
	return 0;
}

static int recognise(struct kmr_input *input, struct kmr_error *err)
{
	if (fill_raw(input, MAGIC_BYTES, err))
		return -1;
	if (!input->in.size)
		return kmr_fail(err, "%s: is empty, not a trace", input->name);
	if (!is_zstd(input->raw, input->in.size))
		return check_magic(input, err);
	input->zstd = ZSTD_createDStream();
	if (!input->zstd)
		return kmr_fail_nomem(err, "a zstd decoder");
	return 0;
}

int kmr_input_open(struct kmr_input **out, const char *path, struct kmr_error *err)
{
	struct kmr_input *input = malloc(sizeof(*input));

	*out = NULL;
	if (!input)
		return kmr_fail_nomem(err, "the input buffer");
	memset(input, 0, offsetof(struct kmr_input, raw));
	input->fd = -1;
	input->in.src = input->raw;
	input->name = strdup(strcmp(path, "-") ? path : "standard input");
	if (!input->name) {
		kmr_input_close(input);
		return kmr_fail_nomem(err, "the input's name");
	}
	if (open_fd(input, path, err) || recognise(input, err)) {
		kmr_input_close(input);
		return -1;
	}
	*out = input;
	return 0;
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

const char *kmr_input_compression(const struct kmr_input *input)
{
	return input->zstd ? "zstd" : "none";
}

void kmr_input_close(struct kmr_input *input)
{
	if (!input)
		return;
	if (input->fd >= 0)
		(void)close(input->fd);
	ZSTD_freeDStream(input->zstd);
	free(input->name);
	free(input);
}
