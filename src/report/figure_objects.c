// SPDX-License-Identifier: GPL-2.0-only
/* Caches and call sites: utilisation, internal fragmentation, live memory. */
#include <inttypes.h>
#include <string.h>

#include "metrics/query.h"
#include "report/figure.h"
#include "report/plot_query.h"
#include "report/units.h"

static void put_value(FILE *out, const struct kmr_lanes *lanes, unsigned int lane, unsigned int i)
{
	(void)fprintf(out, "\t%" PRId64, kmr_lane(lanes, lane)[i].last);
}

int kmr_fill_slab_use(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	const struct kmr_lane_time *t = &run->object_time;
	const unsigned int all = KMR_PLOT_TOP * KMR_CACHE_SERIES;
	char held[KMR_UNITS_SIZE], active[KMR_UNITS_SIZE];
	unsigned int i, cache;

	(void)err;
	if (!run->caches.cells)
		return 0;
	/* objects of SLOB's kmalloc() are of no cache, so nobody says how many are in use */
	kmr_figure_text(f, "in_use",
			strcmp(run->object, "slob") != 0 ? "objects in use" : "objects of caches");
	(void)fputs("time_s\theld\tactive\trequested", f->data);
	for (cache = 0; cache < run->cache_names.nr; cache++) {
		kmr_figure_element(f, "cache_name", run->cache_names.nr, cache + 1,
				   run->cache_names.name[cache]);
		(void)fputc('\t', f->data);
		kmr_figure_field(f->data, run->cache_names.name[cache]);
		(void)fputs("_held\t", f->data);
		kmr_figure_field(f->data, run->cache_names.name[cache]);
		(void)fputs("_active", f->data);
	}
	(void)fputc('\n', f->data);
	kmr_figure_number(f, "nr_caches", run->cache_names.nr);
	for (i = 0; i < t->columns; i++) {
		kmr_figure_time(f->data, t->time[i]);
		put_value(f->data, &run->caches, all + KMR_CACHE_HELD, i);
		put_value(f->data, &run->caches, all + KMR_CACHE_ACTIVE, i);
		put_value(f->data, &run->caches, all + KMR_CACHE_REQUESTED, i);
		for (cache = 0; cache < run->cache_names.nr; cache++) {
			put_value(f->data, &run->caches, cache * KMR_CACHE_SERIES + KMR_CACHE_HELD,
				  i);
			put_value(f->data, &run->caches,
				  cache * KMR_CACHE_SERIES + KMR_CACHE_ACTIVE, i);
		}
		(void)fputc('\n', f->data);
	}
	f->time_end = (double)t->time[t->columns - 1] / 1e9;
	kmr_units_bytes(held, (uint64_t)kmr_lane_end(&run->caches, all + KMR_CACHE_HELD));
	kmr_units_bytes(active, (uint64_t)kmr_lane_end(&run->caches, all + KMR_CACHE_ACTIVE));
	kmr_figure_alt(f, "In the end %s are held, of which objects of caches in use take %s.",
		       held, active);
	return 1;
}

/* ---- internal fragmentation ---- */

struct bars {
	struct kmr_figure *f;
	const char *group;
	unsigned int nr;
	char first[KMR_PLOT_TEXT]; /* the longest bar's name */
	uint64_t most;
};

static int take_bar(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct bars *bars = ctx;
	char name[KMR_PLOT_TEXT];
	uint64_t waste = kmr_query_count(row, 1);

	(void)err;
	kmr_plot_text(row, 0, name, sizeof(name));
	if (!bars->nr++) {
		(void)snprintf(bars->first, sizeof(bars->first), "%s", name);
		bars->most = waste;
	}
	kmr_figure_field(bars->f->data, name);
	(void)fprintf(bars->f->data, "\t%" PRIu64 "\t%" PRIu64 "\n", waste,
		      kmr_query_count(row, 2));
	return 0;
}

/* One block of bars; gnuplot's index counts blocks, so an empty one gets a line of zeros. */
static int put_bars(struct bars *bars, const struct kmr_plot_run *run, const char *sql,
		    struct kmr_error *err)
{
	(void)fprintf(bars->f->data, "# %s\twasted_bytes\tused_bytes\n", bars->group);
	if (kmr_plot_query(run, sql, take_bar, bars, err))
		return -1;
	(void)fputs(bars->nr ? "\n\n" : "none\t0\t0\n\n\n", bars->f->data);
	return 0;
}

int kmr_fill_internal(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	/* of the objects in use at the end */
	static const char by_cache[] =
		"SELECT c.name, max(a.active * c.size - a.requested, 0), a.requested"
		" FROM cache c JOIN cache_sample a ON a.run = c.run AND a.cache = c.cache"
		"	AND a.sample = (SELECT max(b.sample) FROM cache_sample b"
		"		WHERE b.run = c.run AND b.cache = c.cache)"
		" WHERE c.run = ?1 AND a.active * c.size > a.requested"
		" ORDER BY 2 DESC, 1 LIMIT 10";
	static const char by_site[] =
		"SELECT CASE site WHEN '' THEN '(before the trace)' ELSE site END,"
		"	sum(bytes_given - bytes_requested), sum(bytes_requested)"
		" FROM call_site WHERE run = ?1 AND cache <> '' GROUP BY site"
		" HAVING sum(bytes_given) > sum(bytes_requested) ORDER BY 2 DESC, 1 LIMIT 10";
	struct bars caches = { .f = f, .group = "cache" }, sites = { .f = f, .group = "call_site" };
	char most[KMR_UNITS_SIZE];

	if (put_bars(&caches, s->run, by_cache, err) || put_bars(&sites, s->run, by_site, err))
		return -1;
	if (!caches.nr && !sites.nr)
		return 0;
	kmr_figure_number(f, "nr_caches", caches.nr);
	kmr_figure_number(f, "nr_sites", sites.nr);
	if (caches.nr)
		kmr_figure_alt(f, "Most is lost to rounding up in %s: %s at the end. ",
			       caches.first, kmr_units_bytes(most, caches.most));
	if (sites.nr)
		kmr_figure_alt(f, "Of call sites %s lost most: %s over the run.", sites.first,
			       kmr_units_bytes(most, sites.most));
	return 1;
}

int kmr_fill_live_memory(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	struct kmr_figure_column columns[KMR_PLOT_TOP];
	uint64_t before = 0;
	char end[KMR_UNITS_SIZE];
	unsigned int i, nr = 0;

	(void)err;
	if (!run->sites.cells)
		return 0;
	/* what is older than the trace has no call site, and would dwarf what has one */
	for (i = 0; i < run->site_names.nr; i++) {
		if (!*run->site_names.name[i]) {
			before = (uint64_t)kmr_lane_end(&run->sites, i);
			continue;
		}
		columns[nr].name = run->site_names.name[i];
		columns[nr++].lane = i;
	}
	if (!nr)
		return 0;
	for (i = 0; i < nr; i++)
		kmr_figure_element(f, "site_name", nr, i + 1, columns[i].name);
	kmr_figure_number(f, "nr_sites", nr);
	kmr_figure_number(f, "bytes_before", (double)before);
	kmr_figure_lanes(f, &run->sites, columns, nr, 0);
	kmr_units_bytes(end, (uint64_t)kmr_lane_end(&run->sites, columns[0].lane));
	kmr_figure_alt(f, "%s had most and has %s in use at the end.", columns[0].name, end);
	return 1;
}
