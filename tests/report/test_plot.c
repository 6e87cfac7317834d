// SPDX-License-Identifier: GPL-2.0-only
/* Plots: which files appear, what is in them, and every way it can go wrong. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kmreplay/plot.h"
#include "metrics/fixture.h"

#define SOURCE_PLOTS KMR_SOURCE_ROOT "/plots"

/* Kinds that the fixture's run has data for, two zones of it. */
static const char *const figures[] = { "free-blocks", "unusable-index", "extfrag-index",
				       "watermarks",  "mobility",	"pageblocks" };
static const char *const zones[] = { "node0-Normal", "node0-HighMem" };

#define NR_FIGURES (sizeof(figures) / sizeof(figures[0]))
#define OF_ZONES   "free-blocks,unusable-index,extfrag-index,watermarks,mobility,pageblocks"

static bool have_gnuplot(void)
{
	return !system("command -v gnuplot >/dev/null 2>&1");
}

static void need_gnuplot(void)
{
	if (!have_gnuplot())
		cr_skip_test("gnuplot is not installed: no image is drawn");
}

static void store(struct fixture *f, unsigned int nr_samples)
{
	char digest[KMR_DIGEST_SIZE];
	struct kmr_error err;

	cr_assert_eq(fixture_store(f, f->db, nr_samples, digest, &err), 0, "%s", err.msg);
}

struct list {
	unsigned int count, skipped;
	char text[8192]; /* names, a line each */
	struct kmr_plot_figure last;
	char alt[1024], caption[1024], title[256], zone[128], why[512];
};

static void note(void *ctx, const struct kmr_plot_figure *figure)
{
	struct list *list = ctx;

	list->count++;
	strcat(list->text, figure->name);
	strcat(list->text, "\n");
	list->last = *figure;
	(void)snprintf(list->alt, sizeof(list->alt), "%s", figure->alt);
	(void)snprintf(list->caption, sizeof(list->caption), "%s", figure->caption);
	(void)snprintf(list->title, sizeof(list->title), "%s", figure->title);
	(void)snprintf(list->zone, sizeof(list->zone), "%s", figure->zone);
}

static void note_skipped(void *ctx, const char *kind, const char *why)
{
	struct list *list = ctx;

	list->skipped++;
	(void)snprintf(list->why, sizeof(list->why), "%s: %s", kind, why);
}

static int plot_with(const char *db, const char *dir, const struct kmr_plot_options *options,
		     struct list *list, struct kmr_error *err)
{
	const struct kmr_plot_listener listener = { note, note_skipped, list };
	struct kmr_plot_options o = *options;

	if (!o.templates)
		o.templates = SOURCE_PLOTS;
	err->msg[0] = '\0';
	return kmr_plot(&db, 1, dir, &o, list ? &listener : NULL, err);
}

/* Draws into dir itself, so that fixture_free() can remove all of it. */
static int plot(struct fixture *f, bool scripts_only, struct list *list, struct kmr_error *err)
{
	const struct kmr_plot_options options = { .kinds = OF_ZONES, .scripts_only = scripts_only };

	return plot_with(f->db, f->dir, &options, list, err);
}

static char *made_file(struct fixture *f, const char *name)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return read_whole(path);
}

Test(plot, every_figure_of_every_zone, .timeout = 120)
{
	static const char *const endings[] = { "tsv", "gp", "svg", "png", "pdf", "embed.svg" };
	const struct kmr_plot_options options = { .kinds = OF_ZONES,
						  .formats = KMR_PLOT_PNG | KMR_PLOT_SVG |
							     KMR_PLOT_PDF | KMR_PLOT_EMBED };
	struct fixture *f = fixture_new();
	struct list list = { 0 };
	struct kmr_error err;
	char name[128], *text;
	size_t i, j, k;

	need_gnuplot();
	store(f, 20);
	cr_assert_eq(plot_with(f->db, f->dir, &options, &list, &err), 0, "%s", err.msg);
	cr_expect_eq(list.count, NR_FIGURES * 2);
	cr_expect_eq(files_in(f->dir), 1 + NR_FIGURES * 2 * 6);
	for (i = 0; i < NR_FIGURES; i++)
		for (j = 0; j < 2; j++)
			for (k = 0; k < 6; k++) {
				(void)snprintf(name, sizeof(name), "%s-%s\n", figures[i], zones[j]);
				cr_expect_not_null(strstr(list.text, name), "%s", name);
				(void)snprintf(name, sizeof(name), "%s-%s.%s", figures[i], zones[j],
					       endings[k]);
				text = made_file(f, name);
				cr_expect_gt(strlen(text), 3, "%s is empty", name);
				free(text);
			}
	text = made_file(f, "free-blocks-node0-HighMem.svg");
	cr_expect_not_null(strstr(text, "Free memory by order of block: node 0, zone HighMem"));
	cr_expect_not_null(strstr(text, "start state: snapshot"));
	free(text);
	cr_expect_str_eq(list.last.kind, "pageblocks");
	cr_expect_str_eq(list.zone, "node 0, zone HighMem");
	cr_expect_eq(list.last.run, 1);
	cr_expect_str_eq(list.title, "Pageblocks by migrate type: node 0, zone HighMem");
	cr_expect_eq(strncmp(list.alt, "Unmovable pageblocks go from ", 29), 0, "%s", list.alt);
	cr_expect_eq(strncmp(list.caption, "pages: linux-6.1", 16), 0, "%s", list.caption);
	fixture_free(f);
}

/* What goes into a page: no declaration, no white paper, every id its own, ink as the page's. */
Test(plot, embedded_figures_fit_into_a_page, .timeout = 60)
{
	const struct kmr_plot_options options = { .kinds = "watermarks",
						  .formats = KMR_PLOT_SVG | KMR_PLOT_EMBED };
	struct fixture *f = fixture_new();
	struct kmr_error err;
	char *text, *id;
	unsigned int ids = 0;

	need_gnuplot();
	store(f, 5);
	cr_assert_eq(plot_with(f->db, f->dir, &options, NULL, &err), 0, "%s", err.msg);
	text = made_file(f, "watermarks-node0-Normal.embed.svg");
	cr_expect_eq(strncmp(text, "<svg xmlns=", 11), 0, "%.40s", text);
	cr_expect_null(strstr(text, "<?xml"));
	cr_expect_null(strstr(text, "<script"));
	cr_expect_null(strstr(text, "fill=\"#ffffff\"/>"));
	cr_expect_null(strstr(text, "color=\"black\""));
	cr_expect_not_null(strstr(text, "currentColor"));
	cr_expect_null(strstr(text, "26,  26,  27"));
	cr_expect_not_null(strstr(text, "<title id=\"watermarks-node0-Normal-title\">Free memory"));
	cr_expect_not_null(strstr(text, "</text>"), "text is not text");
	for (id = strstr(text, " id="); id; id = strstr(id + 5, " id=")) {
		cr_expect_eq(strncmp(id + 5, "watermarks-node0-Normal-", 24), 0, "%.60s", id);
		ids++;
	}
	cr_expect_gt(ids, 10);
	for (id = strstr(text, "href='#"); id; id = strstr(id + 7, "href='#"))
		cr_expect_eq(strncmp(id + 7, "watermarks-node0-Normal-", 24), 0, "%.60s", id);
	free(text);
	fixture_free(f);
}

/* The same run twice: the same files, images too. */
Test(plot, is_deterministic, .timeout = 120)
{
	const struct kmr_plot_options options = { .kinds = "free-blocks,watermarks",
						  .formats = KMR_PLOT_PNG | KMR_PLOT_SVG |
							     KMR_PLOT_PDF | KMR_PLOT_EMBED };
	static const char *const endings[] = { "tsv", "gp", "svg", "png", "pdf", "embed.svg" };
	struct fixture *f = fixture_new(), *g = fixture_new();
	char a[256], b[256], *file, *state;
	struct list list = { 0 };
	struct kmr_error err;
	size_t i;

	need_gnuplot();
	store(f, 20);
	store(g, 20);
	cr_assert_eq(plot_with(f->db, f->dir, &options, &list, &err), 0, "%s", err.msg);
	(void)sleep(1); /* so that a date would differ */
	cr_assert_eq(plot_with(g->db, g->dir, &options, NULL, &err), 0, "%s", err.msg);
	for (file = strtok_r(list.text, "\n", &state); file; file = strtok_r(NULL, "\n", &state))
		for (i = 0; i < 6; i++) {
			(void)snprintf(a, sizeof(a), "%s/%s.%s", f->dir, file, endings[i]);
			(void)snprintf(b, sizeof(b), "%s/%s.%s", g->dir, file, endings[i]);
			cr_expect(same_bytes(a, b), "%s.%s differs", file, endings[i]);
		}
	fixture_free(f);
	fixture_free(g);
}

Test(plot, scripts_run_again_where_they_lie, .timeout = 60)
{
	struct fixture *f = fixture_new();
	struct kmr_error err;
	char command[256], *text;

	need_gnuplot();
	store(f, 5);
	cr_assert_eq(plot(f, true, NULL, &err), 0, "%s", err.msg);
	text = made_file(f, "watermarks-node0-Normal.gp");
	cr_expect_null(strstr(text, f->dir), "a path in the script");
	free(text);
	(void)snprintf(command, sizeof(command), "cd %s && gnuplot watermarks-node0-Normal.gp",
		       f->dir);
	cr_expect_eq(system(command), 0);
	text = made_file(f, "watermarks-node0-Normal.svg");
	cr_expect_not_null(strstr(text, "</svg>"));
	free(text);
	fixture_free(f);
}

/* Names come from databases, which come from anywhere: no name runs as gnuplot's command. */
Test(plot, names_run_nothing, .timeout = 120)
{
	static const char *const names[] = {
		"'; system('touch PWNED'); '",
		"\"; system(\"touch PWNED\"); \"",
		"''; system(\"touch PWNED\"); #",
		"`touch PWNED`",
		"\\'`touch PWNED`",
		"a\nsystem('touch PWNED')",
		"\xc3'; system(\"touch PWNED\"); #",
		"\xff\xfe <b>&amp; \xef\xbf\xbe \x01\x1b",
	};
	const struct kmr_plot_options options = { .kinds = "watermarks", .formats = KMR_PLOT_SVG };
	struct kmr_error err;
	sqlite3_stmt *row;
	sqlite3 *db;

	need_gnuplot();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct fixture *f = fixture_new();
		char command[256], path[256];

		store(f, 5);
		db = open_raw(f->db);
		cr_assert_eq(sqlite3_prepare_v2(db, "UPDATE run SET backend = ?1", -1, &row, NULL),
			     0);
		cr_assert_eq(sqlite3_bind_text(row, 1, names[i], -1, SQLITE_STATIC), 0);
		cr_assert_eq(sqlite3_step(row), SQLITE_DONE);
		(void)sqlite3_finalize(row);
		(void)sqlite3_close(db);
		cr_expect_eq(plot_with(f->db, f->dir, &options, NULL, &err), 0, "%s: %s", names[i],
			     err.msg);
		(void)snprintf(path, sizeof(path), "%s/PWNED", f->dir);
		cr_expect_neq(access(path, F_OK), 0, "%s ran", names[i]);
		(void)snprintf(command, sizeof(command),
			       "python3 -c 'import xml.dom.minidom as m, sys; m.parse(sys.argv[1])'"
			       " %s/watermarks-node0-Normal.svg",
			       f->dir);
		cr_expect_eq(system(command), 0, "%s: no XML", names[i]);
		fixture_free(f);
	}
}

Test(plot, data)
{
	struct fixture *f = fixture_new();
	struct list list = { 0 };
	struct kmr_error err;
	char *text;

	store(f, 2);
	cr_assert_eq(plot(f, true, &list, &err), 0, "%s", err.msg);
	cr_expect_eq(list.count, NR_FIGURES * 2);
	text = made_file(f, "watermarks-node0-HighMem.tsv");
	cr_expect_str_eq(text, "time_s\tfree_pages\twmark_min\twmark_low\twmark_high\tpcp_pages\n"
			       "0.000000000\t30000\t128\t300\t450\t20\n"
			       "0.001000000\t30000\t128\t300\t450\t20\n");
	free(text);
	/* blocks of order o: 3 o movable and o % 3 unmovable */
	text = made_file(f, "free-blocks-node0-Normal.tsv");
	cr_expect_str_eq(text, "time_s\torder_0\torder_1\torder_2\torder_3\torder_4\torder_5\t"
			       "order_6\torder_7\torder_8\torder_9\torder_10\n"
			       "0.000000000\t0\t4\t8\t9\t13\t17\t18\t22\t26\t27\t31\n"
			       "0.001000000\t0\t4\t8\t9\t13\t17\t18\t22\t26\t27\t31\n");
	free(text);
	text = made_file(f, "unusable-index-node0-Normal.tsv");
	cr_expect_not_null(strstr(text, "\n0.001000000\t0.000\t0.000\t0.000\t"));
	free(text);
	text = made_file(f, "mobility-node0-Normal.tsv");
	cr_expect_not_null(strstr(text, "time_s\tUnmovable\tMovable\tReclaimable\tHighAtomic\tCMA\t"
					"Isolate\n0.000000000\t"));
	free(text);
	fixture_free(f);
}

/* One sample, at time 0; no free memory at all. */
Test(plot, draws_the_least_there_can_be, .timeout = 60)
{
	struct fixture *f = fixture_new();
	struct kmr_error err;

	need_gnuplot();
	memset(f->zones, 0, sizeof(f->zones));
	store(f, 1);
	cr_expect_eq(plot(f, false, NULL, &err), 0, "%s", err.msg);
	fixture_free(f);
}

Test(plot, names_from_the_database_stay_harmless, .timeout = 60)
{
	struct fixture *f = fixture_new();
	struct kmr_error err;
	char command[256], *text;
	sqlite3 *db;

	need_gnuplot();
	store(f, 2);
	db = open_raw(f->db);
	(void)snprintf(command, sizeof(command),
		       "UPDATE zone SET name = '../a''b`touch %s/ran`' WHERE zone = 0", f->dir);
	cr_assert_eq(sqlite3_exec(db, command, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
	cr_assert_eq(plot(f, false, NULL, &err), 0, "%s", err.msg);
	(void)snprintf(command, sizeof(command), "%s/ran", f->dir);
	cr_expect_neq(access(command, F_OK), 0, "a name was run as a command");
	cr_expect_eq(files_in(f->dir), 1 + NR_FIGURES * 2 * 4);
	(void)snprintf(command, sizeof(command), "free-blocks-node0-___a_b_touch__tmp_%s_ran_.gp",
		       f->dir + 5);
	for (text = command + 30; *text; text++)
		if (*text == '-')
			*text = '_';
	text = made_file(f, command);
	cr_expect_not_null(strstr(text, "zone ../a\xe2\x80\x99"
					"b`touch"));
	free(text);
	fixture_free(f);
}

static void expect_failure(struct fixture *f, const char *directory, const char *templates,
			   const char *expected)
{
	const struct kmr_plot_options options = { .templates = templates, .kinds = OF_ZONES };
	const char *db = f->db;
	struct kmr_error err = { { 0 } };

	cr_expect_eq(kmr_plot(&db, 1, directory, &options, NULL, &err), -1);
	cr_expect_str_eq(err.msg, expected);
}

Test(plot, says_what_is_wrong_with_the_database)
{
	struct fixture *f = fixture_new();
	char message[256];

	(void)snprintf(message, sizeof(message), "%s: No such file or directory", f->db);
	expect_failure(f, f->dir, NULL, message);
	write_file(f->db, "", 0);
	(void)snprintf(message, sizeof(message),
		       "%s: the file is empty, not a database of kmreplay's", f->db);
	expect_failure(f, f->dir, NULL, message);
	store(f, 0);
	(void)snprintf(message, sizeof(message), "%s: the run has no samples, nothing to plot",
		       f->db);
	expect_failure(f, f->dir, NULL, message);
	cr_expect_eq(files_in(f->dir), 1);
	fixture_free(f);
}

static void damage(struct fixture *f, const char *sql, const char *what)
{
	char message[256];
	sqlite3 *db;

	store(f, 3);
	db = open_raw(f->db);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	(void)snprintf(message, sizeof(message), "%s: %s", f->db, what);
	expect_failure(f, f->dir, SOURCE_PLOTS, message);
}

Test(plot, survives_a_database_changed_by_hand)
{
	struct fixture *f = fixture_new();

	damage(f, "UPDATE machine SET nr_orders = 99",
	       "the database is damaged: number of orders out of range");
	damage(f, "UPDATE machine SET page_shift = 64",
	       "the database is damaged: page size out of range");
	damage(f, "DELETE FROM zone", "the database is damaged: number of zones out of range");
	damage(f, "DELETE FROM sample_zone WHERE sample = 1",
	       "the database is damaged: samples without their zones");
	damage(f, "UPDATE sample_zone SET zone = 9 WHERE zone = 1 AND sample = 2",
	       "the database is damaged: a zone's row of no sample or zone");
	damage(f, "DELETE FROM sample WHERE sample = 1",
	       "the database is damaged: a sample is missing");
	damage(f, "UPDATE sample_pageblock SET migratetype = 77 WHERE migratetype = 1",
	       "the database is damaged: pageblocks of no sample, zone or type");
	damage(f, "UPDATE machine SET pageblock_order = 12",
	       "the database is damaged: size of pageblocks out of range");
	damage(f, "UPDATE zone SET zone = 9 WHERE zone = 1",
	       "the database is damaged: a zone is missing");
	damage(f, "UPDATE sample_free SET page_order = 400 WHERE page_order = 4",
	       "the database is damaged: a free list of no sample, order or type");
	damage(f, "DELETE FROM run", "there is no run in it");
	damage(f, "DROP TABLE sample_free", "no such table: sample_free");
	fixture_free(f);
}

Test(plot, says_when_the_directory_cannot_be_made)
{
	struct fixture *f = fixture_new();
	char path[256], message[512];

	store(f, 1);
	expect_failure(f, "", SOURCE_PLOTS, "the name of the directory for plots is empty");
	(void)snprintf(message, sizeof(message), "%s: is not a directory", f->db);
	expect_failure(f, f->db, SOURCE_PLOTS, message);
	(void)snprintf(path, sizeof(path), "%s/sub", f->db);
	(void)snprintf(message, sizeof(message), "%s: can't make the directory: Not a directory",
		       path);
	expect_failure(f, path, SOURCE_PLOTS, message);
	fixture_free(f);
}

Test(plot, says_when_a_file_cannot_be_written)
{
	struct fixture *f = fixture_new();
	char path[256], message[512];

	store(f, 400); /* more than a stream holds back */
	(void)snprintf(path, sizeof(path), "%s/free-blocks-node0-Normal.tsv", f->dir);
	cr_assert_eq(symlink("/dev/full", path), 0);
	(void)snprintf(message, sizeof(message), "%s: No space left on device", path);
	expect_failure(f, f->dir, SOURCE_PLOTS, message);
	fixture_free(f);
}

Test(plot, says_when_templates_are_missing)
{
	struct fixture *f = fixture_new();
	char message[512];

	store(f, 1);
	(void)snprintf(message, sizeof(message),
		       "%s/style.gp: can't read the plot template: No such file or directory",
		       f->dir);
	expect_failure(f, f->dir, f->dir, message);
	cr_assert_eq(setenv("KMREPLAY_PLOTS", f->dir, 1), 0);
	expect_failure(f, f->dir, NULL, message);
	expect_failure(f, f->dir, "/dev/null",
		       "/dev/null/style.gp: can't read the plot template: Not a directory");
	fixture_free(f);
}

Test(plot, says_when_gnuplot_is_missing)
{
	struct fixture *f = fixture_new();
	char message[256];

	store(f, 2);
	cr_assert_eq(setenv("PATH", f->dir, 1), 0);
	(void)snprintf(message, sizeof(message),
		       "gnuplot not found: apt-get install gnuplot-nox; data and scripts are in %s",
		       f->dir);
	expect_failure(f, f->dir, SOURCE_PLOTS, message);
	cr_expect_eq(files_in(f->dir), 1 + NR_FIGURES * 2 * 2);
	fixture_free(f);
}

Test(plot, passes_on_what_gnuplot_says, .timeout = 60)
{
	static const char broken[] = "set title 'fine'\nplot nonsense(x)\n";
	struct fixture *f = fixture_new();
	char path[256], copy[256], message[512];
	struct kmr_error err;
	size_t i;

	need_gnuplot();
	store(f, 2);
	for (i = 0; i < NR_FIGURES; i++) {
		(void)snprintf(path, sizeof(path), SOURCE_PLOTS "/%s.gp", figures[i]);
		(void)snprintf(copy, sizeof(copy), "%s/%s.gp", f->dir, figures[i]);
		copy_file(path, copy);
	}
	(void)snprintf(copy, sizeof(copy), "%s/style.gp", f->dir);
	copy_file(SOURCE_PLOTS "/style.gp", copy);
	(void)snprintf(copy, sizeof(copy), "%s/free-blocks.gp", f->dir);
	write_file(copy, broken, sizeof(broken) - 1);

	struct kmr_plot_options options = { .templates = f->dir, .kinds = OF_ZONES };

	cr_expect_eq(plot_with(f->db, f->dir, &options, NULL, &err), -1);
	(void)snprintf(message, sizeof(message),
		       "%s/free-blocks-node0-Normal.gp: gnuplot: \"free-blocks-node0-Normal.gp\" "
		       "line ",
		       f->dir);
	cr_expect_eq(strncmp(err.msg, message, strlen(message)), 0, "%s", err.msg);
	cr_expect_not_null(strstr(err.msg, "undefined function: nonsense"), "%s", err.msg);
	cr_expect_null(strchr(err.msg, '\n'));
	fixture_free(f);
}

Test(plot, says_which_kinds_and_runs_there_are)
{
	struct kmr_plot_options options = { .kinds = "watermarks,latencies" };
	struct fixture *f = fixture_new();
	const unsigned int seven = 7;
	struct list list = { 0 };
	char message[512];
	struct kmr_error err;

	store(f, 3);
	cr_expect_eq(plot_with(f->db, f->dir, &options, NULL, &err), -1);
	cr_expect_eq(strncmp(err.msg,
			     "plot: no kind of figure is called \"latencies\": there are "
			     "panels, overlay, latency, ",
			     83),
		     0, "%s", err.msg);
	options.kinds = "numa";
	cr_expect_eq(plot_with(f->db, f->dir, &options, NULL, &err), -1);
	(void)snprintf(message, sizeof(message),
		       "%s: no data for the kind numa: the machine has one node alone: replay with "
		       "--machine=x86_64:ram=4G,nodes=2, say",
		       f->db);
	cr_expect_str_eq(err.msg, message);
	options.kinds = NULL;
	options.runs = &seven;
	options.nr_runs = 1;
	cr_expect_eq(plot_with(f->db, f->dir, &options, NULL, &err), -1);
	(void)snprintf(message, sizeof(message), "%s: there is no run 7 in it, it has 1", f->db);
	cr_expect_str_eq(err.msg, message);
	cr_expect_eq(files_in(f->dir), 1);
	options.runs = NULL;
	options.nr_runs = 0;
	options.scripts_only = true;
	cr_expect_eq(plot_with(f->db, f->dir, &options, &list, &err), 0, "%s", err.msg);
	cr_expect_eq(list.last.formats, 0);
	cr_expect_gt(list.skipped, 5);
	cr_expect_eq(strncmp(list.why, "numa: the machine has one node alone", 36), 0, "%s",
		     list.why);
	fixture_free(f);
}

/* Two databases: figures of both together, and each run's under its own name. */
Test(plot, several_databases)
{
	struct kmr_plot_options options = { .templates = SOURCE_PLOTS,
					    .scripts_only = true,
					    .kinds = "panels,overlay,watermarks" };
	struct fixture *f = fixture_new(), *g = fixture_new();
	const char *const databases[] = { f->db, g->db };
	struct list list = { 0 };
	const struct kmr_plot_listener listener = { note, note_skipped, &list };
	struct kmr_error err;
	char *text;

	store(f, 4);
	store(g, 9);
	cr_assert_eq(kmr_plot(databases, 2, f->dir, &options, &listener, &err), 0, "%s", err.msg);
	cr_expect_str_eq(list.text,
			 "panels\noverlay\n"
			 "watermarks-run1-node0-Normal\nwatermarks-run1-node0-HighMem\n"
			 "watermarks-run2-node0-Normal\nwatermarks-run2-node0-HighMem\n");
	cr_expect_eq(list.last.database, 1);
	cr_expect_eq(list.last.run, 1);
	text = made_file(f, "overlay.tsv");
	cr_expect_not_null(strstr(text, "\n\n\n0.000000000\t"), "one block a run");
	free(text);
	options.kinds = "panels";
	cr_expect_eq(kmr_plot(databases, 1, f->dir, &options, &listener, &err), -1);
	cr_expect_not_null(
		strstr(err.msg, ": there is one run alone: plot a database of compare's"), "%s",
		err.msg);
	fixture_free(f);
	fixture_free(g);
}
