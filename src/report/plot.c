// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plotting a run: for each zone and figure the data, the script, and then gnuplot.
 */
#include "kmreplay/plot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "metrics/db.h"
#include "report/figure.h"
#include "report/gnuplot.h"
#include "report/plot_data.h"
#include "report/template.h"

#define NAME_MAX_LEN 200
#define PATH_SIZE    4096

struct plot_job {
	sqlite3 *db;
	const char *database;
	const char *directory;
	const char *templates;
	char *style;
	bool scripts_only;
	kmr_plot_made made;
	void *ctx;
	struct kmr_plot_run run;
};

/* mkdir -p */
static int make_directory(const char *directory, struct kmr_error *err)
{
	char path[PATH_SIZE];
	struct stat st;
	char *p;

	if (!*directory)
		return kmr_fail(err, "the name of the directory for plots is empty");
	if ((size_t)snprintf(path, sizeof(path), "%s", directory) >= sizeof(path))
		return kmr_fail_errno(err, ENAMETOOLONG, "%s", directory);
	for (p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(path, 0777); /* whether it is there shows at the end */
		*p = '/';
	}
	if (mkdir(path, 0777) && errno != EEXIST)
		return kmr_fail_errno(err, errno, "%s: can't make the directory", directory);
	if (stat(path, &st))
		return kmr_fail_errno(err, errno, "%s", directory);
	if (!S_ISDIR(st.st_mode))
		return kmr_fail(err, "%s: is not a directory", directory);
	return 0;
}

static void made(const struct plot_job *job, const char *name, const char *ending)
{
	char file[NAME_MAX_LEN + 8];

	if (!job->made)
		return;
	(void)snprintf(file, sizeof(file), "%s.%s", name, ending);
	job->made(job->ctx, file);
}

static FILE *open_output(const struct plot_job *job, const char *name, const char *ending,
			 char path[PATH_SIZE], struct kmr_error *err)
{
	FILE *f;

	if ((size_t)snprintf(path, PATH_SIZE, "%s/%s.%s", job->directory, name, ending) >=
	    PATH_SIZE) {
		kmr_fail_errno(err, ENAMETOOLONG, "%s", job->directory);
		return NULL;
	}
	f = fopen(path, "wb");
	if (!f)
		kmr_fail_errno(err, errno, "%s", path);
	return f;
}

static int close_output(FILE *f, const char *path, struct kmr_error *err)
{
	int failed = ferror(f);
	int errnum = errno; /* of the write that failed */

	if (fclose(f) && !failed) {
		failed = 1;
		errnum = errno;
	}
	return failed ? kmr_fail_errno(err, errnum, "%s", path) : 0;
}

static int write_data(const struct plot_job *job, const struct kmr_figure *figure, const char *name,
		      const struct kmr_plot_zone *zone, struct kmr_error *err)
{
	char path[PATH_SIZE];
	FILE *f = open_output(job, name, "tsv", path, err);

	if (!f)
		return -1;
	figure->write_data(f, &job->run, zone);
	if (close_output(f, path, err))
		return -1;
	made(job, name, "tsv");
	return 0;
}

static int write_script(const struct plot_job *job, const struct kmr_figure *figure,
			const char *name, const struct kmr_plot_zone *zone, struct kmr_error *err)
{
	char path[PATH_SIZE];
	char *template;
	FILE *f;

	if (kmr_template_read(&template, job->templates, figure->name, err))
		return -1;
	f = open_output(job, name, "gp", path, err);
	if (!f) {
		free(template);
		return -1;
	}
	kmr_figure_write_script(f, figure, name, &job->run, zone, job->style, template);
	free(template);
	if (close_output(f, path, err))
		return -1;
	made(job, name, "gp");
	return 0;
}

/* "free-blocks-node0-HighMem"; a name from the database may not leave the directory. */
static void name_figure(char name[NAME_MAX_LEN], const struct kmr_figure *figure,
			const struct kmr_plot_zone *zone)
{
	static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	char *p;

	(void)snprintf(name, NAME_MAX_LEN, "%s-node%u-", figure->name, zone->node);
	p = name + strlen(name);
	(void)snprintf(p, NAME_MAX_LEN - (size_t)(p - name), "%s", zone->name);
	for (; *p; p++)
		if (!strchr(safe, *p))
			*p = '_';
}

static int write_zone(const struct plot_job *job, const struct kmr_plot_zone *zone,
		      struct kmr_error *err)
{
	const struct kmr_figure *figure;
	char name[NAME_MAX_LEN];
	unsigned int i;

	for (i = 0; (figure = kmr_figure_at(i)); i++) {
		name_figure(name, figure, zone);
		if (write_data(job, figure, name, zone, err) ||
		    write_script(job, figure, name, zone, err))
			return -1;
	}
	return 0;
}

static int draw_zone(const struct plot_job *job, const struct kmr_plot_zone *zone,
		     struct kmr_error *err)
{
	const struct kmr_figure *figure;
	char name[NAME_MAX_LEN], script[NAME_MAX_LEN + 8];
	unsigned int i;

	for (i = 0; (figure = kmr_figure_at(i)); i++) {
		name_figure(name, figure, zone);
		(void)snprintf(script, sizeof(script), "%s.gp", name);
		if (kmr_gnuplot_run(job->directory, script, err))
			return -1;
		made(job, name, "svg");
		made(job, name, "png");
	}
	return 0;
}

/* All data and scripts come first: they are whole even when gnuplot is missing. */
static int each_zone(const struct plot_job *job,
		     int (*fn)(const struct plot_job *, const struct kmr_plot_zone *,
			       struct kmr_error *),
		     struct kmr_error *err)
{
	struct kmr_plot_zone zone;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < job->run.nr_zones && !ret; i++) {
		ret = kmr_plot_load_zone(job->db, job->database, &job->run, i, &zone, err);
		if (!ret)
			ret = fn(job, &zone, err);
		kmr_plot_free_zone(&zone);
	}
	return ret;
}

static int run_job(struct plot_job *job, struct kmr_error *err)
{
	if (kmr_plot_load_run(job->db, job->database, &job->run, err) ||
	    kmr_template_read(&job->style, job->templates, "style", err) ||
	    make_directory(job->directory, err) || each_zone(job, write_zone, err))
		return -1;
	return job->scripts_only ? 0 : each_zone(job, draw_zone, err);
}

int kmr_plot_run(const char *database, const char *directory,
		 const struct kmr_plot_options *options, kmr_plot_made made_fn, void *ctx,
		 struct kmr_error *err)
{
	struct plot_job job = {
		.database = database,
		.directory = directory,
		.templates = kmr_template_directory(options ? options->templates : NULL),
		.scripts_only = options && options->scripts_only,
		.made = made_fn,
		.ctx = ctx,
	};
	int ret;

	if (kmr_db_open(&job.db, database, err))
		return -1;
	ret = run_job(&job, err);
	free(job.style);
	(void)sqlite3_close(job.db);
	return ret;
}

const char *kmr_plot_kind_name(unsigned int i)
{
	const struct kmr_figure *figure = kmr_figure_at(i);

	return figure ? figure->name : NULL;
}

const char *kmr_plot_kind_title(unsigned int i)
{
	const struct kmr_figure *figure = kmr_figure_at(i);

	return figure ? figure->title : NULL;
}

bool kmr_plot_can_draw(void)
{
	return kmr_gnuplot_found();
}

struct relay {
	const struct kmr_plot_listener *listener;
	unsigned int database;
};

static void relay(void *ctx, const char *file)
{
	const struct relay *r = ctx;
	const struct kmr_plot_listener *l = r->listener;
	char name[NAME_MAX_LEN + 8];
	char *ending;

	(void)snprintf(name, sizeof(name), "%s", file);
	ending = strrchr(name, '.');
	if (!l || !l->made || !ending || strcmp(ending, ".png"))
		return;
	*ending = '\0';
	l->made(l->ctx, &(struct kmr_plot_figure){ .kind = name,
						   .name = name,
						   .title = name,
						   .caption = "",
						   .alt = "",
						   .database = r->database,
						   .zone = "",
						   .formats = KMR_PLOT_PNG | KMR_PLOT_SVG });
}

int kmr_plot(const char *const *databases, unsigned int nr, const char *directory,
	     const struct kmr_plot_options *options, const struct kmr_plot_listener *listener,
	     struct kmr_error *err)
{
	struct relay r = { listener, 0 };

	for (; r.database < nr; r.database++)
		if (kmr_plot_run(databases[r.database], directory, options, relay, &r, err))
			return -1;
	return 0;
}
