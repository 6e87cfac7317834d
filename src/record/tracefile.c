// SPDX-License-Identifier: GPL-2.0-only
#include "record/tracefile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#define IN_BYTES ((size_t)256 << 10)
#define LEVEL	 3

struct rec_tracefile {
	ZSTD_CCtx *zstd;
	char *path, *from;
	char *in, *out;
	size_t out_size;
	int fd, pipe; /* -1 */
	bool streaming;
	atomic_bool ending;
	pthread_t thread;
	struct kmr_error failure; /* the thread's */
};

int rec_tracefile_create(struct rec_tracefile **out, const char *path, struct kmr_error *err)
{
	struct rec_tracefile *f = calloc(1, sizeof(*f));

	*out = f;
	if (!f)
		return kmr_fail_nomem(err, "the trace");
	f->fd = -1;
	f->pipe = -1;
	f->out_size = ZSTD_CStreamOutSize();
	f->path = strdup(path);
	f->in = malloc(IN_BYTES);
	f->out = malloc(f->out_size);
	f->zstd = ZSTD_createCCtx();
	if (!f->path || !f->in || !f->out || !f->zstd ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_compressionLevel, LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_checksumFlag, 1)))
		return kmr_fail_nomem(err, "the trace");
	f->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return f->fd < 0 ? kmr_fail_errno(err, errno, "%s", path) : 0;
}

static int write_out(struct rec_tracefile *f, size_t len, struct kmr_error *err)
{
	size_t done = 0;

	while (done < len) {
		const ssize_t n = write(f->fd, f->out + done, len - done);

		if (n < 0 && errno != EINTR)
			return kmr_fail_errno(err, errno, "%s", f->path);
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int compress(struct rec_tracefile *f, const char *bytes, size_t len, ZSTD_EndDirective how,
		    struct kmr_error *err)
{
	ZSTD_inBuffer in = { bytes, len, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { f->out, f->out_size, 0 };

		left = ZSTD_compressStream2(f->zstd, &out, &in, how);
		if (ZSTD_isError(left))
			return kmr_fail(err, "%s: zstd: %s", f->path, ZSTD_getErrorName(left));
		if (write_out(f, out.pos, err))
			return -1;
	} while (how == ZSTD_e_end ? left != 0 : in.pos < in.size);
	return 0;
}

/* Bytes read from @fd and written; 0: none for now, or the end. */
static ssize_t step(struct rec_tracefile *f, int fd, const char *from, struct kmr_error *err)
{
	const ssize_t n = read(fd, f->in, IN_BYTES);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return kmr_fail_errno(err, errno, "%s", from);
	return n && compress(f, f->in, (size_t)n, ZSTD_e_continue, err) ? -1 : n;
}

int rec_tracefile_copy(struct rec_tracefile *f, const char *from, bool (*stop)(void *ctx),
		       void *ctx, struct kmr_error *err)
{
	const int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = 1;

	if (fd < 0)
		return kmr_fail_errno(err, errno, "%s", from);
	while (n > 0)
		n = stop(ctx) ? -1 : step(f, fd, from, err);
	(void)close(fd);
	return n ? -1 : 0;
}

/*
 * Takes what is there, then waits: for the kernel to have more, or a little while, as a trace_pipe
 * that is empty with tracing off, and a plain file, are always ready.
 */
static void *stream(void *arg)
{
	static const struct timespec nap = { 0, 10000000 };
	struct rec_tracefile *f = arg;
	struct pollfd p = { f->pipe, POLLIN, 0 };

	for (;;) {
		/* looked at before reading: what came until then is taken all the same */
		const bool last = atomic_load(&f->ending);
		const ssize_t n = step(f, f->pipe, f->from, &f->failure);

		if (n < 0 || (!n && last))
			return NULL;
		if (!n) {
			(void)poll(&p, 1, 100);
			(void)nanosleep(&nap, NULL);
		}
	}
}

int rec_tracefile_stream(struct rec_tracefile *f, const char *from, struct kmr_error *err)
{
	int errnum;

	f->from = strdup(from);
	if (!f->from)
		return kmr_fail_nomem(err, "the trace");
	f->pipe = open(from, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (f->pipe < 0)
		return kmr_fail_errno(err, errno, "%s", from);
	errnum = pthread_create(&f->thread, NULL, stream, f);
	if (errnum)
		return kmr_fail_errno(err, errnum, "no thread to read %s with", from);
	f->streaming = true;
	return 0;
}

int rec_tracefile_drain(struct rec_tracefile *f, struct kmr_error *err)
{
	if (!f->streaming)
		return 0;
	atomic_store(&f->ending, true);
	(void)pthread_join(f->thread, NULL);
	f->streaming = false;
	if (!f->failure.msg[0])
		return 0;
	*err = f->failure;
	return -1;
}

int rec_tracefile_line(struct rec_tracefile *f, const char *line, struct kmr_error *err)
{
	return compress(f, line, strlen(line), ZSTD_e_continue, err);
}

int rec_tracefile_finish(struct rec_tracefile *f, struct kmr_error *err)
{
	int errnum = 0;

	if (compress(f, "", 0, ZSTD_e_end, err))
		return -1;
	if (fsync(f->fd) || close(f->fd))
		errnum = errno;
	f->fd = -1;
	return errnum ? kmr_fail_errno(err, errnum, "%s", f->path) : 0;
}

void rec_tracefile_free(struct rec_tracefile *f)
{
	struct kmr_error ignored;

	if (!f)
		return;
	(void)rec_tracefile_drain(f, &ignored);
	if (f->fd >= 0)
		(void)close(f->fd);
	if (f->pipe >= 0)
		(void)close(f->pipe);
	ZSTD_freeCCtx(f->zstd);
	free(f->path);
	free(f->from);
	free(f->in);
	free(f->out);
	free(f);
}
