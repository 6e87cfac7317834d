// SPDX-License-Identifier: GPL-2.0-only
/* Rows, and numbers for keys. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "stat/internal.h"

void stat_rows_fini(struct stat_rows *rows)
{
	free(rows->row);
	free(rows->sorted);
	memset(rows, 0, sizeof(*rows));
}

int stat_rows_need(struct stat_rows *rows, size_t at)
{
	while (rows->nr <= at) {
		struct kmr_stat_row *row =
			kmr_grow(rows->row, rows->nr, &rows->cap, sizeof(*rows->row));

		if (!row)
			return -1;
		rows->row = row;
		memset(&row[rows->nr++], 0, sizeof(*row));
	}
	return 0;
}

void stat_row_add(struct kmr_stat_row *to, const struct kmr_stat_row *from)
{
	to->hit += from->hit;
	to->bytes_req += from->bytes_req;
	to->bytes_alloc += from->bytes_alloc;
	to->frees += from->frees;
	to->bytes_freed += from->bytes_freed;
	to->pingpong += from->pingpong;
}

void stat_rows_compact(struct stat_rows *rows)
{
	size_t kept = 0;

	for (size_t i = 0; i < rows->nr; i++)
		if (rows->row[i].hit || rows->row[i].frees)
			rows->row[kept++] = rows->row[i];
	rows->nr = kept;
}

uint32_t stat_intern(struct kmr_ptrmap *map, uint64_t key)
{
	uint32_t number = kmr_ptrmap_get(map, key);

	if (number)
		return number;
	if (map->count >= UINT32_MAX)
		return 0;
	number = (uint32_t)map->count + 1;
	return kmr_ptrmap_put(map, key, number) ? 0 : number;
}
