// SPDX-License-Identifier: GPL-2.0-only
/* Series as lines of signs: levels, what is kept of many points, and what a line stands for. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "report/spark.h"
#include "report/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *draw(const struct kmr_point *points, size_t n, unsigned int width)
{
	static char text[KMR_SPARK_SIZE];
	struct kmr_spark_scale scale;

	kmr_spark_scale(&scale, points, n, false);
	return kmr_spark(text, points, n, &scale, width, false);
}

Test(spark, eight_levels)
{
	static const struct kmr_point ramp[] = { { 0, 0 }, { 1, 1 }, { 2, 2 }, { 3, 3 },
						 { 4, 4 }, { 5, 5 }, { 6, 6 }, { 7, 7 } };
	const struct kmr_spark_scale scale = { 0, 7, 0, 7 };
	char text[KMR_SPARK_SIZE];

	cr_expect_str_eq(kmr_spark(text, ramp, 8, &scale, 16, false), "..::--==++**##@@");
	cr_expect_str_eq(kmr_spark(text, ramp, 8, &scale, 16, true), "▁▁▂▂▃▃▄▄▅▅▆▆▇▇██");
	/* an odd width is rounded down */
	cr_expect_str_eq(kmr_spark(text, ramp, 8, &scale, 17, false), "..::--==++**##@@");
	cr_expect_str_eq(kmr_spark(text, ramp, 8, &scale, 1, false), "");
	cr_expect_str_eq(kmr_spark(text, ramp, 8, &scale, 0, false), "");
	/* eighths of the scale, not of what is drawn */
	cr_expect_str_eq(
		kmr_spark(text, ramp, 8, &(struct kmr_spark_scale){ 0, 7, 0, 700 }, 16, false),
		"................");
	cr_expect_str_eq(
		kmr_spark(text, ramp, 8, &(struct kmr_spark_scale){ 0, 7, 2, 4 }, 16, false),
		"......++@@@@@@@@");
}

Test(spark, few_points)
{
	static const struct kmr_point one[] = { { 5, 9 } };
	static const struct kmr_point two[] = { { 0, 1 }, { 100, 3 } };
	static const struct kmr_point late[] = { { 50, 1 }, { 100, 2 } };
	const struct kmr_spark_scale scale = { 0, 100, 1, 2 };
	char text[KMR_SPARK_SIZE];

	cr_expect_str_eq(draw(NULL, 0, 4), "    ");
	cr_expect_str_eq(draw(one, 1, 4), "....");
	/* what was is what is, until it changes */
	cr_expect_str_eq(draw(two, 2, 8), "......@@");
	/* nothing is known of the time before */
	cr_expect_str_eq(kmr_spark(text, late, 2, &scale, 8, false), "  ....@@");
}

/* One low and one high value among a million: both are there, at their places, in their order. */
Test(spark, extremes_survive)
{
	const size_t n = 1000000;
	struct kmr_point *points = calloc(n, sizeof(*points));

	cr_assert_not_null(points);
	for (size_t i = 0; i < n; i++)
		points[i] = (struct kmr_point){ i, 500 };
	points[300001].y = 1000;
	points[300002].y = 0;
	points[900000].y = 0;
	points[900001].y = 1000;
	/* parts of 100,000: the fourth has its peak first, the last one its low */
	cr_expect_str_eq(draw(points, n, 20), "++++++@.++++++++++.@");
	free(points);
}

/* Wherever the extremes lie, however many columns there are. */
Test(spark, extremes_survive_anywhere)
{
	struct kmr_point points[997];

	srand(1);
	for (int round = 0; round < 2000; round++) {
		const unsigned int width = 2 + (unsigned int)rand() % 78;
		const size_t n = 2 + (size_t)rand() % 900;
		const char *line;
		uint64_t x = 0;

		for (size_t i = 0; i < n; i++) {
			x += (uint64_t)rand() % 1000;
			points[i] = (struct kmr_point){ x, 100 + (uint64_t)rand() % 100 };
		}
		points[(size_t)rand() % n].y = 1;
		points[0].y = points[0].y == 1 ? 1 : 300;
		if (points[0].y == 1)
			points[n - 1].y = 300;
		line = draw(points, n, width);
		cr_expect_eq(strlen(line), width / 2 * 2);
		cr_expect(strchr(line, '.') && strchr(line, '@'), "round %d: %s", round, line);
	}
}

Test(spark, scale_of_several)
{
	static const struct kmr_point a[] = { { 10, 5 }, { 20, 7 } },
				      b[] = { { 0, 6 }, { 5, 900 } };
	struct kmr_spark_scale s;

	kmr_spark_scale(&s, a, 2, false);
	cr_expect(s.x0 == 10 && s.x1 == 20 && s.lo == 5 && s.hi == 7);
	kmr_spark_scale(&s, b, 2, true);
	cr_expect(s.x0 == 0 && s.x1 == 20 && s.lo == 5 && s.hi == 900);
	kmr_spark_scale(&s, NULL, 0, true);
	cr_expect(s.x0 == 0 && s.x1 == 20 && s.lo == 5 && s.hi == 900);
	kmr_spark_scale(&s, NULL, 0, false);
	cr_expect(!s.x0 && !s.x1 && !s.lo && !s.hi);
}

/* The largest numbers there are, and a line as long as one can be. */
Test(spark, limits)
{
	static const struct kmr_point ends[] = { { 0, 0 }, { UINT64_MAX, UINT64_MAX } };
	const struct kmr_spark_scale scale = { 0, UINT64_MAX, 0, UINT64_MAX };
	char text[KMR_SPARK_SIZE];

	cr_expect_str_eq(draw(ends, 2, 6), "....@@");
	(void)kmr_spark(text, ends, 2, &scale, 1000, true);
	cr_expect_eq(strlen(text), (size_t)KMR_SPARK_SIZE - 1);
	cr_expect_eq(kmr_utf8_columns(text, strlen(text)), (size_t)KMR_SPARK_WIDTH);
}
