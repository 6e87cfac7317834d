// SPDX-License-Identifier: GPL-2.0-only
#include "record/config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "record/files.h"
#include "record/have.h"

#if KMR_HAVE_ZLIB
#include <zlib.h>

#define MAX_CONFIG ((size_t)4 << 20)

static int read_gz(const char *path, char **bytes, size_t *len)
{
	gzFile gz = gzopen(path, "rb");
	char *buf = gz ? malloc(MAX_CONFIG) : NULL;
	int n = -1;

	if (buf)
		n = gzread(gz, buf, (unsigned int)MAX_CONFIG);
	if (gz)
		(void)gzclose(gz);
	if (n <= 0 || (size_t)n == MAX_CONFIG) {
		free(buf);
		return -1;
	}
	*bytes = buf;
	*len = (size_t)n;
	return 0;
}
#else
static int read_gz(const char *path, char **bytes, size_t *len)
{
	(void)path;
	(void)bytes;
	(void)len;
	return -1;
}
#endif

int rec_config(const struct kmr_record_options *o, char **bytes, size_t *len)
{
	char path[REC_PATH];
	struct utsname u;

	if (!read_gz(rec_path(path, "%s/config.gz", o->proc), bytes, len))
		return 0;
	/* /boot is this machine's, and so is only its own /proc */
	if (strcmp(o->proc, "/proc") != 0 || uname(&u))
		return -1;
	return rec_read(rec_path(path, "/boot/config-%s", u.release), bytes, len) ? -1 : 0;
}
