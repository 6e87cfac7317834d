// SPDX-License-Identifier: GPL-2.0-only
#include "base/randread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)256 << 10)

static int keep(struct kmr_randread *r, const char *bytes, size_t len, struct kmr_error *err)
{
	if (fwrite(bytes, 1, len, r->spool) != len)
		return kmr_fail_errno(err, errno, "%s: cannot keep a copy in /tmp",
				      kmr_randread_name(r));
	r->size += len;
	return 0;
}

static int copy_rest(struct kmr_randread *r, struct kmr_error *err)
{
	char *block = malloc(BLOCK);
	ssize_t n;
	int ret = 0;

	if (!block)
		return kmr_fail_nomem(err, "a block of input");
	while (!ret && (n = kmr_input_read(r->input, block, BLOCK, err)) != 0)
		ret = n < 0 ? -1 : keep(r, block, (size_t)n, err);
	free(block);
	return ret;
}

int kmr_randread_open(struct kmr_randread *r, struct kmr_input *input, const char *beginning,
		      size_t len, struct kmr_error *err)
{
	struct stat st;

	memset(r, 0, sizeof(*r));
	r->input = input;
	r->fd = kmr_input_file(input);
	if (r->fd >= 0 && !fstat(r->fd, &st)) {
		r->size = (uint64_t)st.st_size;
		return 0;
	}
	r->spool = tmpfile();
	if (!r->spool)
		return kmr_fail_errno(err, errno, "%s: cannot keep a copy in /tmp",
				      kmr_randread_name(r));
	r->fd = fileno(r->spool);
	if (keep(r, beginning, len, err) || copy_rest(r, err))
		return -1;
	if (fflush(r->spool))
		return kmr_fail_errno(err, errno, "%s: cannot keep a copy in /tmp",
				      kmr_randread_name(r));
	return 0;
}

ssize_t kmr_randread_some(const struct kmr_randread *r, uint64_t at, void *buf, size_t len,
			  struct kmr_error *err)
{
	size_t have = 0;

	if (at >= r->size)
		return 0;
	if (len > r->size - at)
		len = (size_t)(r->size - at);
	while (have < len) {
		const ssize_t n = pread(r->fd, (char *)buf + have, len - have, (off_t)(at + have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return kmr_fail_errno(err, errno, "%s: cannot read at byte %llu",
					      kmr_randread_name(r),
					      (unsigned long long)(at + have));
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

int kmr_randread_all(const struct kmr_randread *r, uint64_t at, void *buf, size_t len,
		     const char *what, struct kmr_error *err)
{
	const ssize_t n = kmr_randread_some(r, at, buf, len, err);

	if (n < 0)
		return -1;
	if ((size_t)n == len)
		return 0;
	return kmr_fail(err,
			"%s: the file has %llu bytes and is cut off: %s is at byte %llu, %zu bytes "
			"long",
			kmr_randread_name(r), (unsigned long long)r->size, what,
			(unsigned long long)at, len);
}

const char *kmr_randread_name(const struct kmr_randread *r)
{
	return kmr_input_name(r->input);
}

void kmr_randread_close(struct kmr_randread *r)
{
	if (r->spool)
		(void)fclose(r->spool);
	r->spool = NULL;
}
