// SPDX-License-Identifier: GPL-2.0-only
#include "report/run_facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "metrics/db.h"

/* The facts in the order of their enum, then first and last time. */
static const char facts_query[] =
	"SELECT r.backend, r.params, r.object, r.object_params, coalesce(v.backend, ''),"
	" coalesce(v.params, ''),"
	" coalesce((SELECT group_concat(substr(name, 16) || '=' || value, ',') FROM counter c"
	"	WHERE c.run = r.run AND name LIKE 'pressure.param.%'), ''),"
	" r.start, r.object_start, o.machine,"
	" m.arch || ', ' || CASE WHEN (m.ram_pages << m.page_shift) % (1 << 30) = 0"
	"	THEN ((m.ram_pages << m.page_shift) >> 30) || ' GiB'"
	"	ELSE ((m.ram_pages << m.page_shift) >> 20) || ' MiB' END"
	" || ', ' || (SELECT count(*) || iif(count(*) = 1, ' CPU, ', ' CPUs, ')"
	"	FROM cpu c WHERE c.run = r.run)"
	" || (SELECT count(*) || iif(count(*) = 1, ' node, ', ' nodes, ')"
	"	FROM node n WHERE n.run = r.run) || 'pages of '"
	" || ((1 << m.page_shift) >> 10) || ' KiB',"
	" o.trace, t.events || ' events, ' || t.bytes || ' bytes, ' || t.first_time || ' to '"
	" || t.last_time || ' ns', t.format, t.kernel, o.command, o.program, d.digest,"
	" r.first_time, r.last_time"
	" FROM run r LEFT JOIN machine m USING (run) LEFT JOIN trace t USING (run)"
	" LEFT JOIN origin o USING (run) LEFT JOIN digest d USING (run)"
	" LEFT JOIN vmap v USING (run) WHERE r.run = ?1";

static int read_facts(struct kmr_run_facts *f, struct kmr_error *err)
{
	sqlite3_stmt *row;
	int ret;

	if (kmr_query_begin(&f->database, facts_query, f->run, &row, err))
		return -1;
	ret = kmr_query_next(&f->database, row, err);
	for (int i = 0; ret > 0 && i < KMR_NR_FACTS; i++) {
		f->fact[i] = strdup(kmr_query_text(row, i));
		if (!f->fact[i])
			ret = kmr_fail_nomem(err, "the facts of a run");
	}
	if (ret > 0) {
		f->first_time = kmr_query_count(row, KMR_NR_FACTS);
		f->last_time = kmr_query_count(row, KMR_NR_FACTS + 1);
	} else if (!ret) {
		ret = kmr_fail(err, "%s: the database is damaged: a run is gone", f->database.path);
	}
	(void)sqlite3_finalize(row);
	return ret < 0 ? -1 : 0;
}

/* A run always has samples: the first and the last moment. */
static int check_samples(const struct kmr_run_facts *f, struct kmr_error *err)
{
	double sample;
	const int ret =
		kmr_query_value(&f->database, "SELECT sample FROM sample WHERE run = ?1 LIMIT 1",
				f->run, &sample, err);

	if (ret)
		return ret < 0 ? -1 : 0;
	return kmr_fail(err, "%s: the run has no samples, nothing to report", f->database.path);
}

static int read_run(struct kmr_run_facts *f, struct kmr_error *err)
{
	if (read_facts(f, err) || check_samples(f, err))
		return -1;
	f->values = calloc(kmr_nr_metrics, sizeof(*f->values));
	if (!f->values)
		return kmr_fail_nomem(err, "the figures of a run");
	return kmr_metrics_read(&f->database, f->run, f->values, err);
}

static struct kmr_run_facts *add_run(struct kmr_runs *runs, struct kmr_error *err)
{
	struct kmr_run_facts *all = kmr_grow(runs->all, runs->nr, &runs->max, sizeof(*runs->all));

	if (!all) {
		kmr_fail_nomem(err, "the runs");
		return NULL;
	}
	runs->all = all;
	all += runs->nr++;
	memset(all, 0, sizeof(*all));
	return all;
}

static int read_database(struct kmr_runs *runs, const struct kmr_database *d, struct kmr_error *err)
{
	const size_t before = runs->nr;
	sqlite3_stmt *row;
	int ret;

	if (kmr_query_begin(d, "SELECT run FROM run ORDER BY run", 0, &row, err))
		return -1;
	while ((ret = kmr_query_next(d, row, err)) > 0) {
		struct kmr_run_facts *f = add_run(runs, err);

		if (!f) {
			ret = -1;
			break;
		}
		f->database = *d;
		f->run = sqlite3_column_int64(row, 0);
		ret = read_run(f, err);
		if (ret)
			break;
	}
	(void)sqlite3_finalize(row);
	if (!ret && runs->nr == before)
		ret = kmr_fail(err, "%s: there is no run in it", d->path);
	return ret;
}

int kmr_runs_open(struct kmr_runs *runs, const char *const *paths, size_t nr, struct kmr_error *err)
{
	memset(runs, 0, sizeof(*runs));
	runs->databases = calloc(nr, sizeof(*runs->databases));
	if (!runs->databases)
		return kmr_fail_nomem(err, "the databases");
	for (size_t i = 0; i < nr; i++) {
		struct kmr_database *d = &runs->databases[i];

		d->path = paths[i];
		if (kmr_db_open(&d->db, d->path, err))
			return -1;
		runs->nr_databases++;
		if (read_database(runs, d, err))
			return -1;
	}
	return 0;
}

void kmr_runs_close(struct kmr_runs *runs)
{
	for (size_t i = 0; i < runs->nr; i++) {
		for (unsigned int k = 0; k < KMR_NR_FACTS; k++)
			free(runs->all[i].fact[k]);
		free(runs->all[i].values);
		free(runs->all[i].label);
	}
	for (size_t i = 0; i < runs->nr_databases; i++)
		(void)sqlite3_close(runs->databases[i].db);
	free(runs->all);
	free(runs->databases);
	memset(runs, 0, sizeof(*runs));
}

bool kmr_runs_agree(const struct kmr_runs *runs, enum kmr_fact fact)
{
	for (size_t i = 1; i < runs->nr; i++)
		if (strcmp(runs->all[i].fact[fact], runs->all[0].fact[fact]) != 0)
			return false;
	return true;
}
