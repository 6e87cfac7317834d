// SPDX-License-Identifier: GPL-2.0-only
#include "cli/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "base/outfile.h"

#define SUFFIX ".zst"
#define LEVEL  3

struct kmr_textfile {
	int fd; /* -1: closed */
	bool to_file; /* not standard output */
	struct kmr_outfile out;
	ZSTD_CStream *zstd; /* NULL: plain */
	char *buf; /* what comes out of that */
	size_t size;
};

static bool ends_in(const char *text, const char *suffix)
{
	const size_t len = strlen(text), end = strlen(suffix);

	return len > end && !strcmp(text + len - end, suffix);
}

static int fail_write(const struct kmr_textfile *f, struct kmr_error *err)
{
	return kmr_fail_errno(err, errno, "%s: can't write",
			      f->to_file ? f->out.given : "standard output");
}

static int open_file(struct kmr_textfile *f, const char *path, struct kmr_error *err)
{
	if (kmr_outfile_create(&f->out, path, "trace", err))
		return -1;
	f->to_file = true;
	f->fd = open(f->out.temp, O_WRONLY | O_CLOEXEC);
	return f->fd < 0 ? fail_write(f, err) : 0;
}

static int open_zstd(struct kmr_textfile *f, struct kmr_error *err)
{
	f->size = ZSTD_CStreamOutSize();
	f->buf = malloc(f->size);
	f->zstd = ZSTD_createCStream();
	if (!f->buf || !f->zstd || ZSTD_isError(ZSTD_initCStream(f->zstd, LEVEL)))
		return kmr_fail_nomem(err, "a zstd encoder");
	return 0;
}

int kmr_textfile_open(struct kmr_textfile **out, const char *path, struct kmr_error *err)
{
	struct kmr_textfile *f = calloc(1, sizeof(*f));

	*out = NULL;
	if (!f)
		return kmr_fail_nomem(err, "an output file");
	f->fd = STDOUT_FILENO;
	if (path && (open_file(f, path, err) || (ends_in(path, SUFFIX) && open_zstd(f, err)))) {
		kmr_textfile_close(f);
		return -1;
	}
	*out = f;
	return 0;
}

static int write_all(const struct kmr_textfile *f, const char *bytes, size_t len,
		     struct kmr_error *err)
{
	while (len) {
		const ssize_t n = write(f->fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_write(f, err);
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int compress(const struct kmr_textfile *f, const char *text, size_t len,
		    ZSTD_EndDirective end, struct kmr_error *err)
{
	ZSTD_inBuffer in = { text, len, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { f->buf, f->size, 0 };

		left = ZSTD_compressStream2(f->zstd, &out, &in, end);
		if (ZSTD_isError(left))
			return kmr_fail(err, "%s: can't compress: %s", f->out.given,
					ZSTD_getErrorName(left));
		if (write_all(f, f->buf, out.pos, err))
			return -1;
	} while (in.pos < in.size || (end == ZSTD_e_end && left));
	return 0;
}

int kmr_textfile_write(struct kmr_textfile *f, const char *text, size_t len, struct kmr_error *err)
{
	return f->zstd ? compress(f, text, len, ZSTD_e_continue, err)
		       : write_all(f, text, len, err);
}

int kmr_textfile_finish(struct kmr_textfile *f, struct kmr_error *err)
{
	const int fd = f->fd;

	if (f->zstd && compress(f, NULL, 0, ZSTD_e_end, err))
		return -1;
	if (!f->to_file)
		return 0;
	f->fd = -1;
	if (close(fd))
		return fail_write(f, err);
	return kmr_outfile_commit(&f->out, err);
}

void kmr_textfile_close(struct kmr_textfile *f)
{
	if (!f)
		return;
	if (f->to_file) {
		if (f->fd >= 0)
			(void)close(f->fd);
		kmr_outfile_release(&f->out);
	}
	ZSTD_freeCStream(f->zstd);
	free(f->buf);
	free(f);
}
