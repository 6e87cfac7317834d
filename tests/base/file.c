// SPDX-License-Identifier: GPL-2.0-only
#include "file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

char file_path[64];

void file_begin(void)
{
	int fd;

	strcpy(file_path, "/tmp/kmr-base-XXXXXX");
	fd = mkstemp(file_path);
	cr_assert_geq(fd, 0);
	close(fd);
}

void file_end(void)
{
	unlink(file_path);
}

void file_put(const void *data, size_t size)
{
	FILE *f = fopen(file_path, "w");

	cr_assert_not_null(f);
	cr_assert_eq(fwrite(data, 1, size, f), size);
	cr_assert_eq(fclose(f), 0);
}

size_t file_compress(const void *data, size_t size, char **out)
{
	size_t cap = ZSTD_compressBound(size), n;

	*out = malloc(cap);
	cr_assert_not_null(*out);
	n = ZSTD_compress(*out, cap, data, size, 1);
	cr_assert_not(ZSTD_isError(n));
	return n;
}
