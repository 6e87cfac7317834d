// SPDX-License-Identifier: GPL-2.0-only
#include "base/suggest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Longer words are not compared: the time for two is the product of their lengths. */
#define MAX_WORD 64u

static size_t min3(size_t a, size_t b, size_t c)
{
	const size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein's distance, row by row. */
static size_t distance(const char *a, const char *b)
{
	const size_t len = strlen(b);
	size_t row[MAX_WORD + 1];

	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < len; j++) {
			const size_t above = row[j + 1];

			row[j + 1] = min3(above + 1, row[j] + 1, corner + (a[i] != b[j]));
			corner = above;
		}
	}
	return row[len];
}

void kmr_suggest_begin(struct kmr_suggest *suggest, const char *word)
{
	*suggest = (struct kmr_suggest){ .word = word };
}

/* Two letters, or a third of the word; never so many that nothing of the word is left. */
static size_t near_enough(size_t len)
{
	const size_t most = len / 3 > 2 ? len / 3 : 2;

	return most < len ? most : len - 1;
}

static void consider(struct kmr_suggest *suggest, const char *name)
{
	const size_t len = strlen(suggest->word);
	size_t d;

	if (!len || len > MAX_WORD || strlen(name) > MAX_WORD)
		return;
	d = distance(suggest->word, name);
	if (d > near_enough(len) || d >= strlen(name))
		return;
	if (!suggest->nearest || d < suggest->distance) {
		suggest->nearest = name;
		suggest->distance = d;
	}
}

static void append(struct kmr_suggest *suggest, const char *name)
{
	static const char more[] = ", ...";
	const size_t need = strlen(name) + (suggest->len ? 2 : 0);
	char *end = suggest->all + suggest->len;

	/* what does not fit is told once: nothing follows the dots */
	if (suggest->len + need + sizeof(more) > sizeof(suggest->all)) {
		if (suggest->len && *(end - 1) != '.')
			suggest->len += (size_t)sprintf(end, "%s", more);
		return;
	}
	if (suggest->len && *(end - 1) == '.')
		return;
	suggest->len += (size_t)sprintf(end, "%s%s", suggest->len ? ", " : "", name);
}

void kmr_suggest_add(struct kmr_suggest *suggest, const char *name)
{
	consider(suggest, name);
	append(suggest, name);
}

char *kmr_suggest_text(const struct kmr_suggest *suggest, char *buf, size_t size)
{
	if (suggest->nearest)
		(void)snprintf(buf, size, "did you mean '%s'?", suggest->nearest);
	else if (suggest->len)
		(void)snprintf(buf, size, "known are %s", suggest->all);
	else
		(void)snprintf(buf, size, "none is known");
	return buf;
}
