// SPDX-License-Identifier: GPL-2.0-only
/* Fallbacks, reclaim and compaction. */
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "report/figure.h"

/*
 * How harmful it is when a request takes from another type's list and leaves the pageblock mixed:
 * an unmovable page in a movable pageblock stops compaction there for as long as it lives, a
 * reclaimable one until it is reclaimed; movable pages elsewhere can be moved away again.
 * (mm/page_alloc.c: can_steal_fallback(), fallbacks[])
 */
static unsigned int harm_of(unsigned int wanted, unsigned int taken)
{
	if (wanted == KMR_MIGRATE_UNMOVABLE)
		return taken == KMR_MIGRATE_MOVABLE || taken == KMR_MIGRATE_CMA ? 3 : 2;
	if (wanted == KMR_MIGRATE_RECLAIMABLE)
		return taken == KMR_MIGRATE_UNMOVABLE ? 1 : 2;
	return 1;
}

/* Types that are shown: those every machine has, and others that a fallback had to do with. */
static unsigned int choose_types(const struct kmr_plot_run *run,
				 unsigned int types[KMR_MIGRATE_TYPES])
{
	unsigned int nr = 0, type, other;
	uint64_t steals;

	for (type = 0; type < KMR_MIGRATE_TYPES; type++) {
		steals = 0;
		for (other = 0; other < KMR_MIGRATE_TYPES; other++)
			steals += run->extfrag_matrix[type][other].steals +
				  run->extfrag_matrix[other][type].steals;
		if (type < KMR_MIGRATE_PCPTYPES || steals)
			types[nr++] = type;
	}
	return nr;
}

/* Rows of the matrix: place of the wanted type, of the taken one, and what is there. */
static void put_matrix(struct kmr_figure *f, const struct kmr_plot_run *run)
{
	unsigned int types[KMR_MIGRATE_TYPES], nr = choose_types(run, types), i, j;

	kmr_figure_number(f, "nr_types", nr);
	(void)fputs("wanted\ttaken\tfallbacks\tfragmenting\tharm\twanted_name\ttaken_name\n",
		    f->data);
	for (i = 0; i < nr; i++) {
		kmr_figure_element(f, "migratetype", nr, i + 1, run->migratetype[types[i]]);
		for (j = 0; j < nr; j++) {
			const struct kmr_extfrag_cell *c = &run->extfrag_matrix[types[i]][types[j]];

			(void)fprintf(f->data, "%u\t%u\t%" PRIu64 "\t%" PRIu64 "\t%u\t", i, j,
				      c->steals, c->fragmenting, harm_of(types[i], types[j]));
			kmr_figure_field(f->data, run->migratetype[types[i]]);
			(void)fputc('\t', f->data);
			kmr_figure_field(f->data, run->migratetype[types[j]]);
			(void)fputc('\n', f->data);
		}
	}
}

int kmr_fill_extfrag_matrix(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	uint64_t fragmenting = 0, worst = 0;
	unsigned int wanted, taken;

	(void)err;
	if (!run->nr_extfrag)
		return 0;
	put_matrix(f, run);
	for (wanted = 0; wanted < KMR_MIGRATE_TYPES; wanted++)
		for (taken = 0; taken < KMR_MIGRATE_TYPES; taken++) {
			fragmenting += run->extfrag_matrix[wanted][taken].fragmenting;
			if (harm_of(wanted, taken) == 3)
				worst += run->extfrag_matrix[wanted][taken].fragmenting;
		}
	kmr_figure_alt(f,
		       "%" PRIu64 " fallbacks, of them %" PRIu64 " fragmenting, of which %" PRIu64
		       " put unmovable pages into movable pageblocks.",
		       run->nr_extfrag, fragmenting, worst);
	return 1;
}

int kmr_fill_extfrag_time(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	const struct kmr_lane_time *t = &run->time;
	static const char *const names[] = { "unmovable", "movable", "whole" };
	int64_t sums[KMR_EXTFRAG_CLASSES] = { 0 };
	unsigned int i, class;

	(void)err;
	if (!run->nr_extfrag)
		return 0;
	(void)fputs("time_s", f->data);
	for (class = 0; class < KMR_EXTFRAG_CLASSES; class ++)
		(void)fprintf(f->data, "\t%s\t%s_sum", names[class], names[class]);
	(void)fputc('\n', f->data);
	for (i = 0; i < t->columns; i++) {
		kmr_figure_time(f->data, t->time[i]);
		for (class = 0; class < KMR_EXTFRAG_CLASSES; class ++) {
			int64_t here = kmr_lane(&run->extfrag, class)[i].last;

			sums[class] += here;
			(void)fprintf(f->data, "\t%" PRId64 "\t%" PRId64, here, sums[class]);
		}
		(void)fputc('\n', f->data);
	}
	f->time_end = (double)t->time[t->columns - 1] / 1e9;
	kmr_figure_alt(f,
		       "In the end %" PRId64 " fallbacks were fragmenting for unmovable or "
		       "reclaimable pages, %" PRId64 " for movable ones, %" PRId64
		       " took whole pageblocks.",
		       sums[KMR_EXTFRAG_UNMOVABLE], sums[KMR_EXTFRAG_MOVABLE],
		       sums[KMR_EXTFRAG_WHOLE]);
	return 1;
}

/* ---- reclaim and compaction ---- */

/* Counters of the timeline, by the names that the model and a followed kernel have for them. */
static const struct {
	const char *column;
	const char *names[4];
} pressures[] = {
	{ "scanned", { "pressure.pgscan_kswapd", "pressure.pgscan_direct" } },
	{ "reclaimed", { "pressure.pgsteal_kswapd", "pressure.pgsteal_direct" } },
	{ "stalls", { "pressure.allocstall" } },
	{ "compact_zones", { "pressure.compact_zones" } },
	{ "compact_success", { "pressure.compact_success" } },
	{ "migrated", { "pressure.pgmigrate_success" } },
};

static bool find_counter(const struct kmr_plot_run *run, const char *name, unsigned int *lane)
{
	unsigned int i;

	for (i = 0; i < run->counter_names.nr; i++) {
		*lane = i;
		if (!strcmp(run->counter_names.name[i], name))
			return true;
	}
	return false;
}

static int64_t counter_at(const struct kmr_plot_run *run, unsigned int row, unsigned int column)
{
	int64_t sum = 0;
	unsigned int i, lane;

	for (i = 0; i < 4 && pressures[row].names[i]; i++)
		if (find_counter(run, pressures[row].names[i], &lane))
			sum += kmr_lane(&run->counters, lane)[column].last;
	return sum;
}

int kmr_fill_pressure(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	const struct kmr_lane_time *t = &run->time;
	int64_t any = 0, free_pages, low;
	unsigned int i, row, zone;

	(void)err;
	for (row = 0; run->counters.cells && row < ARRAY_SIZE(pressures); row++)
		any += counter_at(run, row, t->columns - 1);
	if (!any)
		return 0;
	(void)fputs("time_s\tfree_pages\twmark_low", f->data);
	for (row = 0; row < ARRAY_SIZE(pressures); row++)
		(void)fprintf(f->data, "\t%s", pressures[row].column);
	(void)fputc('\n', f->data);
	for (i = 0; i < t->columns; i++) {
		free_pages = low = 0;
		for (zone = 0; run->zone.cells && zone < run->nr_zones; zone++) {
			free_pages +=
				kmr_lane(&run->zone, zone * KMR_ZONE_SERIES + KMR_ZONE_FREE)[i]
					.last;
			low += kmr_lane(&run->zone, zone * KMR_ZONE_SERIES + KMR_ZONE_LOW)[i].last;
		}
		kmr_figure_time(f->data, t->time[i]);
		(void)fprintf(f->data, "\t%" PRId64 "\t%" PRId64, free_pages, low);
		for (row = 0; row < ARRAY_SIZE(pressures); row++)
			(void)fprintf(f->data, "\t%" PRId64, counter_at(run, row, i));
		(void)fputc('\n', f->data);
	}
	f->time_end = (double)t->time[t->columns - 1] / 1e9;
	i = t->columns - 1;
	kmr_figure_alt(f,
		       "By the end %" PRId64 " pages were scanned and %" PRId64
		       " reclaimed, requests stalled %" PRId64 " times, compaction ran %" PRId64
		       " times, succeeded %" PRId64 " times and moved %" PRId64 " pages.",
		       counter_at(run, 0, i), counter_at(run, 1, i), counter_at(run, 2, i),
		       counter_at(run, 3, i), counter_at(run, 4, i), counter_at(run, 5, i));
	return 1;
}
