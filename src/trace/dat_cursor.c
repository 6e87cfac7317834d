// SPDX-License-Identifier: GPL-2.0-only
#include "trace/dat_cursor.h"

#include <stdlib.h>
#include <string.h>

static int cut_off(const struct dat_cursor *c, const char *what, struct kmr_error *err)
{
	return kmr_fail(err, "%s: %s is cut off at byte %llu%s; the file is not whole",
			kmr_randread_name(c->file), what,
			(unsigned long long)(c->mem ? c->section : c->at),
			c->mem ? ", in a compressed section" : "");
}

int dat_take(struct dat_cursor *c, void *buf, size_t len, const char *what, struct kmr_error *err)
{
	if (c->at > c->end || len > c->end - c->at)
		return cut_off(c, what, err);
	if (c->mem)
		memcpy(buf, c->mem + c->at, len);
	else if (kmr_randread_all(c->file, c->at, buf, len, what, err))
		return -1;
	c->at += len;
	return 0;
}

int dat_take_number(struct dat_cursor *c, unsigned int size, uint64_t *value, const char *what,
		    struct kmr_error *err)
{
	uint8_t bytes[8];

	if (dat_take(c, bytes, size, what, err))
		return -1;
	*value = dat_number(bytes, size, c->big);
	return 0;
}

int dat_take_string(struct dat_cursor *c, char *buf, size_t size, const char *what,
		    struct kmr_error *err)
{
	for (size_t n = 0; n < size; n++) {
		if (dat_take(c, buf + n, 1, what, err))
			return -1;
		if (!buf[n])
			return 0;
	}
	return kmr_fail(err, "%s: %s at byte %llu is longer than %zu bytes; the file is damaged",
			kmr_randread_name(c->file), what,
			(unsigned long long)(c->mem ? c->section : c->at), size - 1);
}

int dat_take_blob(struct dat_cursor *c, uint64_t len, char **blob, const char *what,
		  struct kmr_error *err)
{
	char *b;

	if (c->at > c->end || len > c->end - c->at || len > DAT_MAX_BLOB)
		return cut_off(c, what, err);
	b = malloc((size_t)len + 1);
	if (!b)
		return kmr_fail_nomem(err, what);
	if (dat_take(c, b, (size_t)len, what, err)) {
		free(b);
		return -1;
	}
	b[len] = '\0';
	*blob = b;
	return 0;
}

void dat_cursor_fini(struct dat_cursor *c)
{
	free(c->mem);
	c->mem = NULL;
}
