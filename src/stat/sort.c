// SPDX-License-Identifier: GPL-2.0-only
/* Sort keys by name, and rows by sort keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/excerpt.h"
#include "stat/internal.h"

typedef int (*compare_fn)(const struct kmr_stat_row *a, const struct kmr_stat_row *b);

static int descending(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int by_name(const struct kmr_stat_row *a, const struct kmr_stat_row *b)
{
	return strcmp(a->name, b->name);
}

static int by_addr(const struct kmr_stat_row *a, const struct kmr_stat_row *b)
{
	return descending(a->addr, b->addr);
}

static int by_bytes(const struct kmr_stat_row *a, const struct kmr_stat_row *b)
{
	return descending(a->bytes_alloc, b->bytes_alloc);
}

static int by_hit(const struct kmr_stat_row *a, const struct kmr_stat_row *b)
{
	return descending(a->hit, b->hit);
}

static int by_pingpong(const struct kmr_stat_row *a, const struct kmr_stat_row *b)
{
	return descending(a->pingpong, b->pingpong);
}

/* Exact, where a quotient of two doubles would call different rows equal. */
static int by_fragmentation(const struct kmr_stat_row *a, const struct kmr_stat_row *b)
{
	const bool a_wastes = a->bytes_req < a->bytes_alloc;
	const bool b_wastes = b->bytes_req < b->bytes_alloc;
	unsigned __int128 left, right;

	if (!a_wastes || !b_wastes)
		return (int)b_wastes - (int)a_wastes;
	left = (unsigned __int128)a->bytes_req * b->bytes_alloc;
	right = (unsigned __int128)b->bytes_req * a->bytes_alloc;
	return (left > right) - (left < right);
}

static int by_order(const struct kmr_stat_row *a, const struct kmr_stat_row *b)
{
	return descending(a->order, b->order);
}

static int by_migratetype(const struct kmr_stat_row *a, const struct kmr_stat_row *b)
{
	return descending(a->migratetype, b->migratetype);
}

static int by_gfp(const struct kmr_stat_row *a, const struct kmr_stat_row *b)
{
	return descending(a->gfp, b->gfp);
}

#define VIEW(view)  (1u << KMR_STAT_##view)
#define SLAB_VIEWS  (VIEW(SLAB_CALLER) | VIEW(SLAB_ALLOC) | VIEW(SLAB_CACHE) | VIEW(SLAB_TASK))
#define PAGE_KINDS  (VIEW(PAGE_CALLER) | VIEW(PAGE_ALLOC))
#define WITH_A_SITE (VIEW(SLAB_CALLER) | VIEW(SLAB_ALLOC) | PAGE_KINDS)

static const struct {
	const char *name;
	compare_fn compare;
	unsigned int views; /* that have it */
	bool slab, page; /* whose key it is */
} sort_keys[] = {
	{ "ptr", by_addr, VIEW(SLAB_ALLOC), true, false },
	{ "page", by_addr, VIEW(PAGE_ALLOC), false, true },
	{ "callsite", by_name, WITH_A_SITE, true, true },
	{ "bytes", by_bytes, UINT32_MAX, true, true },
	{ "hit", by_hit, UINT32_MAX, true, true },
	{ "pingpong", by_pingpong, SLAB_VIEWS, true, false },
	{ "frag", by_fragmentation, SLAB_VIEWS, true, false },
	{ "order", by_order, PAGE_KINDS, false, true },
	{ "migtype", by_migratetype, PAGE_KINDS, false, true },
	{ "gfp", by_gfp, PAGE_KINDS, false, true },
};

/* "ptr, callsite, ..." of the keys of objects or of pages. */
static void list_keys(char *buf, size_t size, bool slab)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(sort_keys); i++)
		if ((slab ? sort_keys[i].slab : sort_keys[i].page) && used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						 sort_keys[i].name);
}

static int no_such_key(const char *key, size_t len, bool slab, bool page, struct kmr_error *err)
{
	char shown[40], slab_keys[128], page_keys[128];

	kmr_printable(shown, sizeof(shown), key, len);
	list_keys(slab_keys, sizeof(slab_keys), true);
	list_keys(page_keys, sizeof(page_keys), false);
	return kmr_fail(err, "no sort key '%s' here; there are %s%s%s%s%s", shown,
			slab ? slab_keys : "", slab ? " for --slab" : "",
			slab && page ? ", and " : "", page ? page_keys : "",
			page ? " for --page" : "");
}

static bool find_key(const char *key, size_t len, bool slab, bool page, uint8_t *at)
{
	for (size_t i = 0; i < ARRAY_SIZE(sort_keys); i++) {
		if (strlen(sort_keys[i].name) != len || memcmp(sort_keys[i].name, key, len))
			continue;
		*at = (uint8_t)i;
		return (slab && sort_keys[i].slab) || (page && sort_keys[i].page);
	}
	return false;
}

int kmr_stat_sort_parse(struct kmr_stat_sort *sort, const char *text, bool slab, bool page,
			struct kmr_error *err)
{
	sort->nr = 0;
	for (;; text++) {
		const size_t len = strcspn(text, ",");

		if (sort->nr == KMR_STAT_MAX_KEYS)
			return kmr_fail(err, "more than %d sort keys", KMR_STAT_MAX_KEYS);
		if (!find_key(text, len, slab, page, &sort->keys[sort->nr]))
			return no_such_key(text, len, slab, page, err);
		sort->nr++;
		text += len;
		if (!*text)
			return 0;
	}
}

/* What a view is sorted by: those of perf kmem stat, and bytes for the views it does not have. */
static void default_sort(struct kmr_stat_sort *sort, enum kmr_stat_view view)
{
	struct kmr_error err;
	const char *keys = "bytes,hit";

	if (view == KMR_STAT_SLAB_CALLER || view == KMR_STAT_SLAB_ALLOC)
		keys = "frag,hit,bytes";
	(void)kmr_stat_sort_parse(sort, keys, true, true, &err);
}

/* Never 0 for different rows, so that an order is the only one there is. */
static int last_resort(const struct kmr_stat_row *a, const struct kmr_stat_row *b)
{
	int c = by_name(a, b);

	c = c ? c : by_addr(b, a);
	c = c ? c : by_order(b, a);
	c = c ? c : by_migratetype(b, a);
	c = c ? c : by_gfp(b, a);
	c = c ? c : (int)a->gfp_known - (int)b->gfp_known;
	return c ? c : descending(b->id, a->id);
}

static int compare(const struct kmr_stat_row *a, const struct kmr_stat_row *b,
		   const struct kmr_stat_sort *sort, enum kmr_stat_view view)
{
	for (unsigned int i = 0; i < sort->nr; i++) {
		const int c = sort_keys[sort->keys[i]].views >> view & 1
				      ? sort_keys[sort->keys[i]].compare(a, b)
				      : 0;

		if (c)
			return c;
	}
	return last_resort(a, b);
}

/* Merges from[begin..middle) and from[middle..end), which are sorted, into @to. */
static void merge(const struct kmr_stat_row *row, const struct kmr_stat_sort *sort,
		  enum kmr_stat_view view, const uint32_t *from, uint32_t *to, size_t begin,
		  size_t middle, size_t end)
{
	size_t left = begin, right = middle;

	for (size_t i = begin; i < end; i++) {
		const bool take_left = left < middle &&
				       (right == end || compare(&row[from[left]], &row[from[right]],
								sort, view) <= 0);

		to[i] = take_left ? from[left++] : from[right++];
	}
}

int kmr_stat_sort(struct kmr_stat *stat, enum kmr_stat_view view, const struct kmr_stat_sort *sort,
		  struct kmr_error *err)
{
	struct stat_rows *rows = &stat->views[view];
	struct kmr_stat_sort keys = *sort;
	const size_t nr = rows->nr;
	uint32_t *now = calloc(nr + 1, sizeof(*now));
	uint32_t *next = calloc(nr + 1, sizeof(*next));

	if (!now || !next) {
		free(now);
		free(next);
		return kmr_fail_nomem(err, "sorted statistics");
	}
	if (!keys.nr)
		default_sort(&keys, view);
	for (size_t i = 0; i < nr; i++)
		now[i] = (uint32_t)i;
	for (size_t width = 1; width < nr; width *= 2) {
		uint32_t *swap = now;

		for (size_t begin = 0; begin < nr; begin += 2 * width)
			merge(rows->row, &keys, view, now, next, begin,
			      begin + width < nr ? begin + width : nr,
			      begin + 2 * width < nr ? begin + 2 * width : nr);
		now = next;
		next = swap;
	}
	free(next);
	free(rows->sorted);
	rows->sorted = now;
	return 0;
}
