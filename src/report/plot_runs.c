// SPDX-License-Identifier: GPL-2.0-only
/* The runs of a set: which there are, their facts, and labels that tell them apart. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/db.h"
#include "metrics/query.h"
#include "report/plot_query.h"

#define MAX_RUNS 64

static const char facts_query[] =
	"SELECT r.backend, r.params, r.object, r.object_params, r.start, r.first_time,"
	"	r.last_time, d.digest, m.arch, m.ram_pages, m.page_shift, m.nr_orders,"
	"	m.pageblock_order,"
	"	(SELECT count(*) FROM cpu c WHERE c.run = r.run),"
	"	(SELECT count(*) FROM node n WHERE n.run = r.run),"
	"	(SELECT count(*) FROM zone z WHERE z.run = r.run),"
	"	coalesce((SELECT o.trace FROM origin o WHERE o.run = r.run), '')"
	" FROM run r JOIN machine m USING (run) JOIN digest d USING (run) WHERE r.run = ?1";

/* The last part of a path, whether or not it ends in slashes. */
static void base_name(char *path)
{
	size_t len = strlen(path), at;

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	for (at = len; at && path[at - 1] != '/'; at--)
		;
	if (at < len)
		memmove(path, path + at, len - at + 1);
}

static int take_facts(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct kmr_plot_run *run = ctx;

	kmr_plot_text(row, 0, run->backend, sizeof(run->backend));
	kmr_plot_text(row, 1, run->params, sizeof(run->params));
	kmr_plot_text(row, 2, run->object, sizeof(run->object));
	kmr_plot_text(row, 3, run->object_params, sizeof(run->object_params));
	kmr_plot_text(row, 4, run->start, sizeof(run->start));
	run->first_time = kmr_query_count(row, 5);
	run->last_time = kmr_query_count(row, 6);
	kmr_plot_text(row, 7, run->digest, sizeof(run->digest));
	kmr_plot_text(row, 8, run->arch, sizeof(run->arch));
	run->ram_pages = kmr_query_count(row, 9);
	run->page_shift = (unsigned int)kmr_query_count(row, 10);
	run->nr_orders = (unsigned int)kmr_query_count(row, 11);
	run->pageblock_order = (unsigned int)kmr_query_count(row, 12);
	run->nr_cpus = (unsigned int)kmr_query_count(row, 13);
	run->nr_nodes = (unsigned int)kmr_query_count(row, 14);
	run->nr_zones = (unsigned int)kmr_query_count(row, 15);
	kmr_plot_text(row, 16, run->trace, sizeof(run->trace));
	base_name(run->trace);
	if (run->page_shift < 10 || run->page_shift > 20)
		return kmr_plot_damaged(run, "page size out of range", err);
	if (run->nr_orders < 1 || run->nr_orders > KMR_MAX_ORDERS)
		return kmr_plot_damaged(run, "number of orders out of range", err);
	if (run->pageblock_order >= run->nr_orders)
		return kmr_plot_damaged(run, "size of pageblocks out of range", err);
	if (run->nr_zones < 1 || run->nr_zones > KMR_MAX_ZONES)
		return kmr_plot_damaged(run, "number of zones out of range", err);
	return 0;
}

static int take_zone(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct kmr_plot_run *run = ctx;
	uint64_t number = kmr_query_count(row, 0);
	struct kmr_plot_zone *zone;

	if (number >= run->nr_zones)
		return kmr_plot_damaged(run, "a zone is missing", err);
	zone = &run->zones[number];
	zone->node = (unsigned int)kmr_query_count(row, 1);
	kmr_plot_text(row, 2, zone->name, sizeof(zone->name));
	zone->start_pfn = kmr_query_count(row, 3);
	zone->spanned = kmr_query_count(row, 4);
	zone->present = kmr_query_count(row, 5);
	zone->managed = kmr_query_count(row, 6);
	run->managed += zone->managed;
	return 0;
}

static int take_type(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct kmr_plot_run *run = ctx;

	(void)err;
	if (kmr_query_count(row, 0) < KMR_MIGRATE_TYPES)
		kmr_plot_text(row, 1, run->migratetype[kmr_query_count(row, 0)], KMR_PLOT_NAME);
	return 0;
}

static int read_facts(struct kmr_plot_run *run, struct kmr_error *err)
{
	if (kmr_plot_query(run, facts_query, take_facts, run, err))
		return -1;
	if (!run->nr_zones)
		return kmr_plot_damaged(run, "a run without a machine or a digest", err);
	if (kmr_plot_query(run,
			   "SELECT zone, node, name, start_pfn, spanned, present, managed"
			   " FROM zone WHERE run = ?1",
			   take_zone, run, err) ||
	    kmr_plot_query(run, "SELECT migratetype, name FROM migratetype WHERE ?1", take_type,
			   run, err))
		return -1;
	return 0;
}

static int add_run(struct kmr_plot_set *set, const char *path, unsigned int database,
		   sqlite3_int64 number, struct kmr_error *err)
{
	struct kmr_plot_run *run;

	if (set->nr == MAX_RUNS)
		return kmr_fail(err, "%s: more than %d runs to plot: name some with --run", path,
				MAX_RUNS);
	run = calloc(1, sizeof(*run));
	if (!run)
		return kmr_fail_nomem(err, "the facts of a run");
	set->runs[set->nr++] = run;
	run->path = path;
	run->database = database;
	run->run = number;
	if (kmr_db_open(&run->db, path, err))
		return -1;
	return read_facts(run, err);
}

struct numbers {
	sqlite3_int64 run[MAX_RUNS];
	unsigned int nr;
	bool more;
};

static int take_number(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct numbers *n = ctx;

	(void)err;
	if (n->nr < MAX_RUNS)
		n->run[n->nr++] = sqlite3_column_int64(row, 0);
	else
		n->more = true;
	return 0;
}

static int list_runs(struct numbers *n, const char *path, struct kmr_error *err)
{
	struct kmr_plot_run asks = { .path = path };
	int ret;

	memset(n, 0, sizeof(*n));
	if (kmr_db_open(&asks.db, path, err))
		return -1;
	ret = kmr_plot_query(&asks, "SELECT run FROM run WHERE ?1 = 0 ORDER BY run", take_number, n,
			     err);
	(void)sqlite3_close(asks.db);
	return ret;
}

static bool is_wanted(sqlite3_int64 run, const unsigned int *wanted, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (run == wanted[i])
			return true;
	return !nr;
}

/* The runs of one database. */
static int add_database(struct kmr_plot_set *set, const char *path, unsigned int database,
			const unsigned int *wanted, unsigned int nr_wanted, struct kmr_error *err)
{
	struct numbers n;
	unsigned int i, j;

	if (list_runs(&n, path, err))
		return -1;
	if (!n.nr)
		return kmr_fail(err, "%s: there is no run in it", path);
	for (i = 0; i < nr_wanted; i++) {
		for (j = 0; j < n.nr && n.run[j] != wanted[i]; j++)
			;
		if (j == n.nr && !n.more)
			return kmr_fail(err, "%s: there is no run %u in it, it has %u", path,
					wanted[i], n.nr);
	}
	if (n.more && !nr_wanted)
		return kmr_fail(err, "%s: more than %d runs to plot: name some with --run", path,
				MAX_RUNS);
	for (i = 0; i < n.nr; i++)
		if (is_wanted(n.run[i], wanted, nr_wanted) &&
		    add_run(set, path, database, n.run[i], err))
			return -1;
	return 0;
}

/* ---- labels ---- */

static void append(char *to, const char *text)
{
	size_t used = strlen(to);

	(void)snprintf(to + used, KMR_PLOT_TEXT - used, "%s%s", used ? ", " : "", text);
}

static bool has_param(const char *params, const char *param, size_t len)
{
	const char *p = params;

	while (p && *p) {
		if (strcspn(p, ",") == len && !strncmp(p, param, len))
			return true;
		p = strchr(p, ',');
		p += p != NULL;
	}
	return false;
}

/* Those parameters of @run that not all of the set have, of runs of the same backend. */
static void append_params(const struct kmr_plot_set *set, struct kmr_plot_run *run, bool object)
{
	const char *p = object ? run->object_params : run->params, *other;
	char text[KMR_PLOT_TEXT];
	unsigned int i;
	size_t len;

	for (; *p; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		for (i = 0; i < set->nr; i++) {
			const struct kmr_plot_run *o = set->runs[i];

			other = object ? o->object_params : o->params;
			if (!strcmp(object ? o->object : o->backend,
				    object ? run->object : run->backend) &&
			    !has_param(other, p, len))
				break;
		}
		if (i < set->nr && len < sizeof(text)) {
			memcpy(text, p, len);
			text[len] = '\0';
			append(run->label, text);
		}
	}
}

static bool differ(const struct kmr_plot_set *set, size_t offset)
{
	unsigned int i;

	for (i = 1; i < set->nr; i++)
		if (strcmp((const char *)set->runs[0] + offset,
			   (const char *)set->runs[i] + offset))
			return true;
	return false;
}

static void label_run(const struct kmr_plot_set *set, struct kmr_plot_run *run)
{
	char number[32];

	if (differ(set, offsetof(struct kmr_plot_run, trace)))
		append(run->label, run->trace);
	if (differ(set, offsetof(struct kmr_plot_run, backend)))
		append(run->label, run->backend);
	append_params(set, run, false);
	if (differ(set, offsetof(struct kmr_plot_run, object)))
		append(run->label, *run->object ? run->object : "pages alone");
	append_params(set, run, true);
	if (differ(set, offsetof(struct kmr_plot_run, start)))
		append(run->label, run->start);
	if (!*run->label) {
		(void)snprintf(number, sizeof(number), "run %lld", (long long)run->run);
		append(run->label, set->nr == 1 ? run->backend : number);
	}
}

/* Runs whose labels are equal get their database's name, or their number. */
static void tell_apart(const struct kmr_plot_set *set)
{
	char text[KMR_PLOT_TEXT];
	unsigned int i, j;

	for (i = 1; i < set->nr; i++) {
		for (j = 0; j < i && strcmp(set->runs[i]->label, set->runs[j]->label); j++)
			;
		if (j == i)
			continue;
		for (j = 0; j < set->nr; j++) {
			struct kmr_plot_run *run = set->runs[j];

			(void)snprintf(text, sizeof(text), "%s", run->path);
			base_name(text);
			if (!strncmp(run->label, "run ", 4))
				*run->label = '\0';
			if (set->runs[0]->database != set->runs[set->nr - 1]->database)
				append(run->label, text);
			(void)snprintf(text, sizeof(text), "run %lld", (long long)run->run);
			append(run->label, text);
		}
		return;
	}
}

int kmr_plot_find_runs(struct kmr_plot_set *set, const char *const *databases, unsigned int nr,
		       const unsigned int *wanted, unsigned int nr_wanted, struct kmr_error *err)
{
	unsigned int i;

	set->nr = 0;
	set->runs = calloc(MAX_RUNS, sizeof(struct kmr_plot_run *));
	if (!set->runs)
		return kmr_fail_nomem(err, "runs");
	for (i = 0; i < nr; i++)
		if (add_database(set, databases[i], i, wanted, nr_wanted, err))
			return -1;
	for (i = 0; i < set->nr; i++)
		label_run(set, set->runs[i]);
	tell_apart(set);
	return 0;
}
