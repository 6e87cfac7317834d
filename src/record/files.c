// SPDX-License-Identifier: GPL-2.0-only
#include "record/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_BYTES ((size_t)64 << 20)

const char *rec_path(char path[REC_PATH], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, REC_PATH, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= REC_PATH)
		path[0] = '\0';
	return path;
}

/* Sizes of such files are not known beforehand: stat() says 0 or a page. */
static int read_fd(int fd, char **bytes, size_t *len)
{
	size_t cap = (size_t)16 << 10, have = 0;
	char *buf = malloc(cap + 1);

	while (buf) {
		const ssize_t n = read(fd, buf + have, cap - have);
		char *grown;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || have == MAX_BYTES) {
			const int errnum = n < 0 ? errno : EFBIG;

			free(buf);
			return errnum;
		}
		have += (size_t)n;
		if (!n) {
			buf[have] = '\0';
			*bytes = buf;
			*len = have;
			return 0;
		}
		if (have < cap)
			continue;
		cap *= 2;
		grown = realloc(buf, cap + 1);
		if (!grown)
			free(buf);
		buf = grown;
	}
	return ENOMEM;
}

int rec_read(const char *path, char **bytes, size_t *len)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int errnum;

	*bytes = NULL;
	*len = 0;
	if (fd < 0)
		return errno;
	errnum = read_fd(fd, bytes, len);
	(void)close(fd);
	return errnum;
}

int rec_append(int fd, const char *text)
{
	const size_t len = strlen(text);
	ssize_t n;

	do {
		n = write(fd, text, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	return (size_t)n == len ? 0 : EIO;
}

int rec_write(const char *path, const char *value)
{
	const int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
	char line[256];
	int errnum;

	if (fd < 0)
		return errno;
	/* in one piece, as a setting is what one write() brings; none has done its work by O_TRUNC */
	if (snprintf(line, sizeof(line), *value ? "%s\n" : "%s", value) >= (int)sizeof(line))
		errnum = EINVAL;
	else
		errnum = *line ? rec_append(fd, line) : 0;
	if (close(fd) && !errnum)
		errnum = errno;
	return errnum;
}

static int64_t number_at(const char *text)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 10);
	return end == text || errno ? -1 : value;
}

int64_t rec_read_number(const char *path)
{
	int64_t value = -1;
	char *bytes;
	size_t len;

	if (!rec_read(path, &bytes, &len) && bytes)
		value = number_at(bytes);
	free(bytes);
	return value;
}

int64_t rec_read_value(const char *path, const char *key)
{
	const size_t key_len = strlen(key);
	int64_t value = -1;
	char *bytes, *line;
	size_t len;

	if (rec_read(path, &bytes, &len))
		return -1;
	for (line = bytes; line && value < 0; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, key_len) && (line[key_len] == ':' || line[key_len] == ' '))
			value = number_at(line + key_len + 1);
	}
	free(bytes);
	return value;
}
