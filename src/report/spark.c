// SPDX-License-Identifier: GPL-2.0-only
#include "report/spark.h"

#include <string.h>

#define LEVELS 8u

/* U+2581 to U+2588, the lower eighths of a block. */
static const char *const blocks[LEVELS] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const ascii[LEVELS] = { ".", ":", "-", "=", "+", "*", "#", "@" };

void kmr_spark_scale(struct kmr_spark_scale *scale, const struct kmr_point *points, size_t n,
		     bool more)
{
	if (!more)
		*scale = n ? (struct kmr_spark_scale){ points[0].x, points[0].x, points[0].y,
						       points[0].y }
			   : (struct kmr_spark_scale){ 0 };
	for (size_t i = 0; i < n; i++) {
		const struct kmr_point *p = &points[i];

		scale->x0 = p->x < scale->x0 ? p->x : scale->x0;
		scale->x1 = p->x > scale->x1 ? p->x : scale->x1;
		scale->lo = p->y < scale->lo ? p->y : scale->lo;
		scale->hi = p->y > scale->hi ? p->y : scale->hi;
	}
}

static const char *sign(uint64_t y, const struct kmr_spark_scale *s, bool utf8)
{
	const uint64_t span = s->hi - s->lo;
	const uint64_t above = y < s->lo ? 0 : y > s->hi ? span : y - s->lo;
	/* eight equal parts of the scale; the last one holds its end, too */
	unsigned int level = span ? (unsigned int)((double)above / (double)span * LEVELS) : 0;

	if (level >= LEVELS)
		level = LEVELS - 1;
	return utf8 ? blocks[level] : ascii[level];
}

/* The extremes of a part of the x axis, by when they came first. */
struct part {
	bool any;
	uint64_t lo, hi;
	bool hi_first;
};

static void widen(struct part *p, uint64_t y)
{
	if (!p->any)
		*p = (struct part){ true, y, y, false };
	if (y < p->lo) {
		p->lo = y;
		p->hi_first = true;
	} else if (y > p->hi) {
		p->hi = y;
		p->hi_first = false;
	}
}

char *kmr_spark(char text[KMR_SPARK_SIZE], const struct kmr_point *points, size_t n,
		const struct kmr_spark_scale *s, unsigned int width, bool utf8)
{
	const unsigned int parts = (width < KMR_SPARK_WIDTH ? width : KMR_SPARK_WIDTH) / 2;
	const uint64_t step = parts ? (s->x1 - s->x0) / parts + 1 : 1;
	bool begun = false;
	uint64_t held = 0; /* the last point's value */
	size_t at = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < parts; i++) {
		struct part p = { 0 };

		for (; at < n && (points[at].x < s->x0 || (points[at].x - s->x0) / step <= i);
		     at++) {
			widen(&p, points[at].y);
			held = points[at].y;
			begun = true;
		}
		if (!p.any)
			p = (struct part){ true, held, held, false };
		(void)strcat(text, begun ? sign(p.hi_first ? p.hi : p.lo, s, utf8) : " ");
		(void)strcat(text, begun ? sign(p.hi_first ? p.lo : p.hi, s, utf8) : " ");
	}
	return text;
}
