// SPDX-License-Identifier: GPL-2.0-only
#include "cli/pace.h"

#include <stdio.h>

#include "base/array.h"
#include "report/table.h"
#include "report/term.h"

#define NS_PER_S UINT64_C(1000000000)
#define PARTS	 20u /* of the time, at most; each two columns wide */
#define FEWEST	 4u /* parts of what is worth a line */

void kmr_pace_note(struct kmr_pace *p, const struct kmr_trace_info *info)
{
	if (!p->every) {
		p->every = 1;
		p->points[p->nr++] = (struct kmr_point){ info->first_time, 0 };
	}
	if (++p->told % p->every)
		return;
	if (p->nr == KMR_PACE_POINTS) {
		for (size_t i = 0; i < KMR_PACE_POINTS / 2; i++)
			p->points[i] = p->points[2 * i];
		p->nr = KMR_PACE_POINTS / 2;
		p->every *= 2;
	}
	p->points[p->nr++] = (struct kmr_point){ info->last_time, info->events };
}

/* Events up to time @x: evenly spread between two points.  *@at goes up with @x. */
static uint64_t events_at(const struct kmr_pace *p, uint64_t x, size_t *at)
{
	const struct kmr_point *a, *b;

	while (*at + 1 < p->nr && p->points[*at + 1].x < x)
		(*at)++;
	a = &p->points[*at];
	if (*at + 1 == p->nr || x <= a->x)
		return a->y;
	b = a + 1;
	return a->y +
	       (uint64_t)((double)(b->y - a->y) * (double)(x - a->x) / (double)(b->x - a->x));
}

int kmr_pace_text(const struct kmr_pace *p, const struct kmr_trace_info *info)
{
	static const struct kmr_column columns[] = { { "events", "/s", KMR_ALIGN_LEFT },
						     { "least", NULL, KMR_ALIGN_RIGHT },
						     { "over time", NULL, KMR_ALIGN_LEFT },
						     { "most", NULL, KMR_ALIGN_RIGHT } };
	const size_t parts = p->nr > PARTS ? PARTS : p->nr > FEWEST ? p->nr - 1 : 0;
	struct kmr_point rate[PARTS];
	struct kmr_spark_scale scale;
	char line[KMR_SPARK_SIZE];
	uint64_t step, before = 0;
	struct kmr_table *t;
	size_t at = 0;

	if (!parts || info->last_time < info->first_time + parts)
		return 0;
	step = (info->last_time - info->first_time) / parts;
	for (size_t i = 0; i < parts; i++) {
		const uint64_t now = events_at(p, info->first_time + (i + 1) * step, &at);

		rate[i] = (struct kmr_point){ i, (uint64_t)((double)(now - before) *
							    (double)NS_PER_S / (double)step) };
		before = now;
	}
	kmr_spark_scale(&scale, rate, parts, false);
	t = kmr_table_new(NULL, columns, ARRAY_SIZE(columns));
	kmr_table_text(t, "all CPUs");
	kmr_table_count(t, scale.lo);
	kmr_table_text(t, kmr_spark(line, rate, parts, &scale, 2 * (unsigned int)parts,
				    kmr_term_utf8(stdout)));
	kmr_table_count(t, scale.hi);
	return printf("\n") < 0 || kmr_table_print(t, stdout) ? -1 : 0;
}
