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

static const char *const figures[] = { "free-blocks", "unusable-index", "mobility", "watermarks" };
static const char *const zones[] = { "node0-Normal", "node0-HighMem" };

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
	unsigned int count;
	char text[8192];
};

static void note(void *ctx, const char *file)
{
	struct list *list = ctx;

	list->count++;
	strcat(list->text, file);
	strcat(list->text, "\n");
}

/* Draws into dir itself, so that fixture_free() can remove all of it. */
static int plot(struct fixture *f, bool scripts_only, struct list *list, struct kmr_error *err)
{
	struct kmr_plot_options options = { .templates = SOURCE_PLOTS,
					    .scripts_only = scripts_only };

	err->msg[0] = '\0';
	return kmr_plot_run(f->db, f->dir, &options, list ? note : NULL, list, err);
}

static char *made_file(struct fixture *f, const char *name)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return read_whole(path);
}

Test(plot, every_figure_of_every_zone, .timeout = 120)
{
	static const char *const endings[] = { "tsv", "gp", "svg", "png" };
	struct fixture *f = fixture_new();
	struct list list = { 0 };
	struct kmr_error err;
	char name[128], *text;
	size_t i, j, k;

	need_gnuplot();
	store(f, 20);
	cr_assert_eq(plot(f, false, &list, &err), 0, "%s", err.msg);
	cr_expect_eq(list.count, 4 * 2 * 4);
	cr_expect_eq(files_in(f->dir), 1 + 4 * 2 * 4);
	for (i = 0; i < 4; i++)
		for (j = 0; j < 2; j++)
			for (k = 0; k < 4; k++) {
				(void)snprintf(name, sizeof(name), "%s-%s.%s", figures[i], zones[j],
					       endings[k]);
				cr_expect_not_null(strstr(list.text, name), "%s", name);
				text = made_file(f, name);
				cr_expect_gt(strlen(text), 3, "%s is empty", name);
				free(text);
			}
	text = made_file(f, "free-blocks-node0-HighMem.svg");
	cr_expect_not_null(strstr(text, "Free blocks by order: node 0, zone HighMem"));
	cr_expect_not_null(strstr(text, "linux-6.1, start state: snapshot; machine: i386, "));
	free(text);
	fixture_free(f);
}

/* The same run twice: the same files, images too. */
Test(plot, is_deterministic, .timeout = 120)
{
	struct fixture *f = fixture_new(), *g = fixture_new();
	char name[128], a[256], b[256];
	struct list list = { 0 };
	struct kmr_error err;
	char *file, *state;

	need_gnuplot();
	store(f, 20);
	store(g, 20);
	cr_assert_eq(plot(f, false, &list, &err), 0, "%s", err.msg);
	cr_assert_eq(plot(g, false, NULL, &err), 0, "%s", err.msg);
	for (file = strtok_r(list.text, "\n", &state); file; file = strtok_r(NULL, "\n", &state)) {
		(void)snprintf(name, sizeof(name), "%s", file);
		(void)snprintf(a, sizeof(a), "%s/%s", f->dir, name);
		(void)snprintf(b, sizeof(b), "%s/%s", g->dir, name);
		cr_expect(same_bytes(a, b), "%s differs", name);
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

Test(plot, data)
{
	struct fixture *f = fixture_new();
	struct list list = { 0 };
	struct kmr_error err;
	char *text;

	store(f, 2);
	cr_assert_eq(plot(f, true, &list, &err), 0, "%s", err.msg);
	cr_expect_eq(list.count, 4 * 2 * 2);
	text = made_file(f, "watermarks-node0-HighMem.tsv");
	cr_expect_str_eq(text, "time_s\tfree_pages\twmark_min\twmark_low\twmark_high\n"
			       "0.000000000\t30000\t128\t300\t450\n"
			       "0.001000000\t30000\t128\t300\t450\n");
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
	cr_expect_eq(files_in(f->dir), 1 + 4 * 2 * 4);
	(void)snprintf(command, sizeof(command), "free-blocks-node0-___a_b_touch__tmp_%s_ran_.gp",
		       f->dir + 5);
	for (text = command + 30; *text; text++)
		if (*text == '-')
			*text = '_';
	text = made_file(f, command);
	cr_expect_not_null(strstr(text, "zone ../a''b`touch"));
	free(text);
	fixture_free(f);
}

static void expect_failure(struct fixture *f, const char *directory, const char *templates,
			   const char *expected)
{
	struct kmr_plot_options options = { .templates = templates };
	struct kmr_error err = { { 0 } };

	cr_expect_eq(kmr_plot_run(f->db, directory, &options, NULL, NULL, &err), -1);
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
	       "the database is damaged: a zone lacks samples");
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
	cr_expect_eq(files_in(f->dir), 1 + 4 * 2 * 2);
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
	for (i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), SOURCE_PLOTS "/%s.gp", figures[i]);
		(void)snprintf(copy, sizeof(copy), "%s/%s.gp", f->dir, figures[i]);
		copy_file(path, copy);
	}
	(void)snprintf(copy, sizeof(copy), "%s/style.gp", f->dir);
	copy_file(SOURCE_PLOTS "/style.gp", copy);
	(void)snprintf(copy, sizeof(copy), "%s/free-blocks.gp", f->dir);
	write_file(copy, broken, sizeof(broken) - 1);

	struct kmr_plot_options options = { .templates = f->dir };

	cr_expect_eq(kmr_plot_run(f->db, f->dir, &options, NULL, NULL, &err), -1);
	(void)snprintf(message, sizeof(message),
		       "%s/free-blocks-node0-Normal.gp: gnuplot: \"free-blocks-node0-Normal.gp\" "
		       "line ",
		       f->dir);
	cr_expect_eq(strncmp(err.msg, message, strlen(message)), 0, "%s", err.msg);
	cr_expect_not_null(strstr(err.msg, "undefined function: nonsense"), "%s", err.msg);
	cr_expect_null(strchr(err.msg, '\n'));
	fixture_free(f);
}
