// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plotting: which figures of which runs, their data and scripts, and then gnuplot.
 */
#include "kmreplay/plot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "report/gnuplot.h"
#include "report/script.h"
#include "report/template.h"

#define NAME_LEN  160
#define PATH_SIZE 4096
#define MAX_KINDS 64
#define MANY_RUNS 4 /* of more, figures of each are drawn when they are asked for */

/* A figure whose data and script are written. */
struct drawing {
	const struct kmr_plot_kind *kind;
	const struct kmr_plot_run *run; /* NULL: of all */
	char name[NAME_LEN], script[NAME_LEN + 8];
	char zone[KMR_PLOT_TEXT];
	char title[KMR_PLOT_TEXT];
	char *caption, *alt;
};

struct job {
	struct kmr_plot_set set;
	const char *directory;
	const char *templates;
	const struct kmr_plot_options *options;
	const struct kmr_plot_listener *listener;
	unsigned int formats;
	bool wanted[MAX_KINDS];
	char *style;
	struct drawing *drawings;
	size_t nr, room;
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

/* ---- which kinds ---- */

static int unknown_kind(const char *name, size_t len, struct kmr_error *err)
{
	char list[KMR_ERROR_MAX] = "";
	size_t used = 0;
	unsigned int i;

	for (i = 0; kmr_plot_kind_name(i) && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "",
					 kmr_plot_kind_name(i));
	return kmr_fail(err, "plot: no kind of figure is called \"%.*s\": there are %s", (int)len,
			name, list);
}

static int choose_kinds(struct job *job, struct kmr_error *err)
{
	const char *p = job->options->kinds;
	unsigned int i;
	size_t len;

	for (i = 0; kmr_plot_kind_at(i); i++)
		job->wanted[i] = !p;
	for (; p && *p; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		for (i = 0; kmr_plot_kind_at(i); i++)
			if (strlen(kmr_plot_kind_name(i)) == len &&
			    !strncmp(kmr_plot_kind_name(i), p, len))
				break;
		if (!kmr_plot_kind_at(i))
			return unknown_kind(p, len, err);
		job->wanted[i] = true;
	}
	return 0;
}

static const char of_each[] = "of so many runs only figures of all together are drawn: name kinds "
			      "with --kind, or runs with "
			      "--run";

/* Each run of many would be a hundred figures, which nobody asked for. */
static void drop_kinds_of_each(struct job *job)
{
	const struct kmr_plot_listener *l = job->listener;
	unsigned int i;

	if (job->options->kinds || job->options->nr_runs || job->set.nr <= MANY_RUNS)
		return;
	for (i = 0; kmr_plot_kind_at(i); i++) {
		if (kmr_plot_kind_at(i)->scope == KMR_SCOPE_SET)
			continue;
		job->wanted[i] = false;
		if (l && l->skipped)
			l->skipped(l->ctx, kmr_plot_kind_name(i), of_each);
	}
}

static unsigned int needs_of(const struct job *job)
{
	unsigned int needs = 0, i;

	for (i = 0; kmr_plot_kind_at(i); i++)
		if (job->wanted[i])
			needs |= kmr_plot_kind_at(i)->needs;
	return needs;
}

/* ---- data and scripts ---- */

static int write_file(const struct job *job, const char *name, const char *ending,
		      const char *bytes, size_t len, struct kmr_error *err)
{
	char path[PATH_SIZE];
	int errnum, failed;
	FILE *f;

	if ((size_t)snprintf(path, PATH_SIZE, "%s/%s.%s", job->directory, name, ending) >=
	    PATH_SIZE)
		return kmr_fail_errno(err, ENAMETOOLONG, "%s", job->directory);
	f = fopen(path, "wb");
	if (!f)
		return kmr_fail_errno(err, errno, "%s", path);
	failed = fwrite(bytes, 1, len, f) != len;
	errnum = errno; /* of the write that failed */
	if (fclose(f) && !failed) {
		failed = 1;
		errnum = errno;
	}
	if (!failed)
		return 0;
	(void)unlink(path);
	return kmr_fail_errno(err, errnum, "%s", path);
}

/*
 * "free-blocks-node0-HighMem", "free-blocks-run2-node0-HighMem"; a name from the database may not
 * leave the directory.
 */
static void name_figure(const struct job *job, struct drawing *d, const struct kmr_scene *scene)
{
	static const char safe[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
	size_t used = (size_t)snprintf(d->name, NAME_LEN, "%s", d->kind->name);
	unsigned int i;
	char *p;

	if (d->run && job->set.nr > 1) {
		for (i = 0; job->set.runs[i] != d->run; i++)
			;
		used += (size_t)snprintf(d->name + used, NAME_LEN - used, "-run%u", i + 1);
	}
	if (d->run && d->kind->scope == KMR_SCOPE_ZONE) {
		used += (size_t)snprintf(d->name + used, NAME_LEN - used, "-node%u-",
					 d->run->zones[scene->zone].node);
		(void)snprintf(d->name + used, NAME_LEN - used, "%s",
			       d->run->zones[scene->zone].name);
		kmr_figure_zone_name(d->zone, sizeof(d->zone), scene);
		for (p = d->name + used; *p; p++)
			if (!strchr(safe, *p) || *p == '-')
				*p = '_';
	}
	(void)snprintf(d->script, sizeof(d->script), "%s.gp", d->name);
}

/* Names from a database may be long: what does not fit is cut. */
static void title_figure(const struct job *job, struct drawing *d, struct kmr_figure *f)
{
	const char *of_run = d->run && job->set.nr > 1 ? d->run->label : "";

	if (*d->zone && *of_run)
		(void)snprintf(f->title, sizeof(f->title), "%s: %.80s; %.100s", d->kind->title,
			       d->zone, of_run);
	else
		(void)snprintf(f->title, sizeof(f->title), "%s%s%.100s%.100s", d->kind->title,
			       *d->zone || *of_run ? ": " : "", d->zone, of_run);
}

static int write_script(const struct job *job, const struct drawing *d, const struct kmr_figure *f,
			const struct kmr_scene *scene, const char *vars, struct kmr_error *err)
{
	char *template, *text = NULL;
	size_t len = 0;
	FILE *out;
	int ret;

	if (kmr_template_read(&template, job->templates, d->kind->name, err))
		return -1;
	out = open_memstream(&text, &len);
	if (!out) {
		free(template);
		return kmr_fail_nomem(err, "a figure's script");
	}
	kmr_script_write(out, f, scene, d->name, job->formats, vars, job->style, template);
	free(template);
	ret = fclose(out) ? kmr_fail_nomem(err, "a figure's script")
			  : write_file(job, d->name, "gp", text, len, err);
	free(text);
	return ret;
}

static struct drawing *new_drawing(struct job *job, const struct kmr_plot_kind *kind,
				   const struct kmr_scene *scene)
{
	struct drawing *grown = kmr_grow(job->drawings, job->nr, &job->room, sizeof(*grown));

	if (!grown)
		return NULL;
	job->drawings = grown;
	memset(&grown[job->nr], 0, sizeof(*grown));
	grown[job->nr].kind = kind;
	grown[job->nr].run = scene->run;
	return &grown[job->nr];
}

/* Fills and writes: 1, has no data: 0, failed: -1. */
static int fill_and_write(struct job *job, struct drawing *d, struct kmr_figure *f,
			  const struct kmr_scene *scene, struct kmr_error *err)
{
	char *data = NULL, *vars = NULL;
	size_t data_len = 0, vars_len = 0;
	bool no_data, no_vars;
	int ret = -1;

	f->data = open_memstream(&data, &data_len);
	f->vars = open_memstream(&vars, &vars_len);
	if (f->data && f->vars)
		ret = d->kind->fill(f, scene, err);
	no_data = !f->data || fclose(f->data);
	no_vars = !f->vars || fclose(f->vars);
	if (no_data || no_vars)
		ret = kmr_fail_nomem(err, "a figure's data");
	if (ret > 0 && (write_file(job, d->name, "tsv", data, data_len, err) ||
			write_script(job, d, f, scene, vars, err)))
		ret = -1;
	free(data);
	free(vars);
	return ret;
}

/* One figure: 1, no data for it: 0, failed: -1. */
static int write_figure(struct job *job, const struct kmr_plot_kind *kind,
			const struct kmr_scene *scene, struct kmr_error *err)
{
	struct drawing *d = new_drawing(job, kind, scene);
	struct kmr_figure *f = calloc(1, sizeof(*f));
	int ret;

	if (!d || !f) {
		free(f);
		return kmr_fail_nomem(err, "a figure");
	}
	f->height = kind->height;
	name_figure(job, d, scene);
	title_figure(job, d, f);
	kmr_script_caption(f->caption, scene);
	ret = fill_and_write(job, d, f, scene, err);
	if (ret > 0) {
		(void)snprintf(d->title, sizeof(d->title), "%s", f->title);
		d->caption = strdup(f->caption);
		d->alt = strdup(f->alt);
		job->nr++;
		if (!d->caption || !d->alt)
			ret = kmr_fail_nomem(err, "a figure");
	}
	free(f);
	return ret;
}

static bool zone_counts(const struct job *job, const struct kmr_plot_run *run, unsigned int zone)
{
	uint64_t largest = 0;
	unsigned int i;

	for (i = 0; i < run->nr_zones; i++)
		if (run->zones[i].managed > largest)
			largest = run->zones[i].managed;
	return run->zones[zone].managed == largest ||
	       (double)run->zones[zone].managed * 1000 >=
		       (double)run->managed * job->options->zone_share;
}

/* A kind's figures of one run. */
static int write_run(struct job *job, const struct kmr_plot_kind *kind, struct kmr_scene *scene,
		     struct kmr_error *err)
{
	int ret, any = 0;

	if (kind->scope != KMR_SCOPE_ZONE)
		return write_figure(job, kind, scene, err);
	for (scene->zone = 0; scene->zone < scene->run->nr_zones; scene->zone++) {
		if (!zone_counts(job, scene->run, scene->zone))
			continue;
		ret = write_figure(job, kind, scene, err);
		if (ret < 0)
			return -1;
		any |= ret;
	}
	return any;
}

static int write_kind(struct job *job, const struct kmr_plot_kind *kind, struct kmr_error *err)
{
	struct kmr_scene scene = { .set = &job->set };
	int ret, any = 0;
	unsigned int i;

	if (kind->scope == KMR_SCOPE_SET)
		return write_figure(job, kind, &scene, err);
	for (i = 0; i < job->set.nr; i++) {
		scene.run = job->set.runs[i];
		ret = write_run(job, kind, &scene, err);
		if (ret < 0)
			return -1;
		any |= ret;
	}
	return any;
}

static int write_all(struct job *job, struct kmr_error *err)
{
	const struct kmr_plot_listener *l = job->listener;
	const struct kmr_plot_kind *kind;
	unsigned int i;
	int ret;

	for (i = 0; (kind = kmr_plot_kind_at(i)); i++) {
		if (!job->wanted[i])
			continue;
		ret = write_kind(job, kind, err);
		if (ret < 0)
			return -1;
		if (!ret && job->options->kinds)
			return kmr_fail(err, "%s: no data for the kind %s: %s",
					job->set.runs[0]->path, kind->name, kind->lacking);
		if (!ret && l && l->skipped)
			l->skipped(l->ctx, kind->name, kind->lacking);
	}
	return 0;
}

/* ---- images ---- */

static void tell(const struct job *job, const struct drawing *d, unsigned int formats)
{
	const struct kmr_plot_figure figure = {
		.kind = d->kind->name,
		.name = d->name,
		.title = d->title,
		.caption = d->caption,
		.alt = d->alt,
		.database = d->run ? d->run->database : job->set.runs[0]->database,
		.run = d->run ? (unsigned int)d->run->run : 0,
		.zone = d->zone,
		.formats = formats,
	};

	if (job->listener && job->listener->made)
		job->listener->made(job->listener->ctx, &figure);
}

static int image_path(const struct job *job, const struct drawing *d, const char *ending,
		      char path[PATH_SIZE], struct kmr_error *err)
{
	if ((size_t)snprintf(path, PATH_SIZE, "%s/%s.%s", job->directory, d->name, ending) >=
	    PATH_SIZE)
		return kmr_fail_errno(err, ENAMETOOLONG, "%s", job->directory);
	return 0;
}

static int drawn(void *ctx, unsigned int i, struct kmr_error *err)
{
	const struct job *job = ctx;
	const struct drawing *d = &job->drawings[i];
	char path[PATH_SIZE];

	if ((job->formats & KMR_PLOT_EMBED) &&
	    (image_path(job, d, "embed.svg", path, err) ||
	     kmr_svg_embed(path, d->name, d->title, d->alt, err)))
		return -1;
	if ((job->formats & KMR_PLOT_PDF) &&
	    (image_path(job, d, "pdf", path, err) || kmr_pdf_undate(path, err)))
		return -1;
	tell(job, d, job->formats);
	return 0;
}

static int draw_all(struct job *job, struct kmr_error *err)
{
	const char **scripts = calloc(job->nr + 1, sizeof(*scripts));
	size_t i;
	int ret;

	if (!scripts)
		return kmr_fail_nomem(err, "the names of scripts");
	for (i = 0; i < job->nr; i++)
		scripts[i] = job->drawings[i].script;
	ret = kmr_gnuplot_run(job->directory, scripts, (unsigned int)job->nr, drawn, job, err);
	free(scripts);
	return ret;
}

/* All data and scripts come first: they are whole even when gnuplot is missing. */
static int run_job(struct job *job, const char *const *databases, unsigned int nr,
		   struct kmr_error *err)
{
	size_t i;

	if (choose_kinds(job, err) ||
	    kmr_plot_find_runs(&job->set, databases, nr, job->options->runs, job->options->nr_runs,
			       err))
		return -1;
	drop_kinds_of_each(job);
	if (kmr_plot_load(&job->set, needs_of(job), err) ||
	    kmr_template_read(&job->style, job->templates, "style", err) ||
	    make_directory(job->directory, err) || write_all(job, err))
		return -1;
	if (!job->options->scripts_only && kmr_gnuplot_found())
		return draw_all(job, err);
	for (i = 0; i < job->nr; i++)
		tell(job, &job->drawings[i], 0);
	return job->options->scripts_only ? 0 : draw_all(job, err);
}

int kmr_plot(const char *const *databases, unsigned int nr, const char *directory,
	     const struct kmr_plot_options *options, const struct kmr_plot_listener *listener,
	     struct kmr_error *err)
{
	static const struct kmr_plot_options defaults;
	struct job job = {
		.directory = directory,
		.options = options ? options : &defaults,
		.listener = listener,
	};
	size_t i;
	int ret;

	job.templates = kmr_template_directory(job.options->templates);
	job.formats = job.options->formats;
	if (!job.formats)
		job.formats = KMR_PLOT_PNG | KMR_PLOT_SVG;
	ret = run_job(&job, databases, nr, err);
	for (i = 0; i < job.nr; i++) {
		free(job.drawings[i].caption);
		free(job.drawings[i].alt);
	}
	free(job.drawings);
	free(job.style);
	kmr_plot_free_set(&job.set);
	return ret;
}

bool kmr_plot_can_draw(void)
{
	return kmr_gnuplot_found();
}
