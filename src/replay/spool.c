// SPDX-License-Identifier: GPL-2.0-only
#include "replay/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK (1u << 16)

static int copy_stdin(FILE *to, struct kmr_error *err)
{
	char *block = malloc(BLOCK);
	int ret = 0;

	if (!block)
		return kmr_fail_nomem(err, "standard input");
	while (!ret) {
		const ssize_t n = read(STDIN_FILENO, block, BLOCK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			ret = kmr_fail_errno(err, errno, "standard input: can't read");
		if (n <= 0)
			break;
		if (fwrite(block, 1, (size_t)n, to) != (size_t)n)
			ret = kmr_fail_errno(err, errno,
					     "standard input: can't keep a copy in /tmp");
	}
	if (!ret && fflush(to))
		ret = kmr_fail_errno(err, errno, "standard input: can't keep a copy in /tmp");
	free(block);
	return ret;
}

int kmr_spool_open(struct kmr_spool *spool, const char *trace, bool twice, struct kmr_error *err)
{
	memset(spool, 0, sizeof(*spool));
	spool->path = trace;
	if (!twice || strcmp(trace, "-") != 0)
		return 0;
	spool->file = tmpfile();
	if (!spool->file)
		return kmr_fail_errno(err, errno, "standard input: can't keep a copy in /tmp");
	(void)snprintf(spool->name, sizeof(spool->name), "/dev/fd/%d", fileno(spool->file));
	spool->path = spool->name;
	if (!copy_stdin(spool->file, err))
		return 0;
	kmr_spool_close(spool);
	return -1;
}

void kmr_spool_close(struct kmr_spool *spool)
{
	if (spool->file)
		(void)fclose(spool->file);
	spool->file = NULL;
}
