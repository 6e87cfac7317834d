// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two runs side by side.  An effect is |B − A| over the larger of the two plus ten floors of the
 * metric, so that 0 has no special place: from 0 to one event is a small effect, from 0 to a
 * thousand a large one.  Topics come by their largest effect, and metrics within them likewise.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/report.h"
#include "report/json.h"
#include "report/run_facts.h"
#include "report/table.h"
#include "report/units.h"

#define NUMBER_SIZE  64
#define SMALL_FLOORS 10 /* floors that a small effect is about */

enum verdict {
	NEITHER, /* no direction is better */
	BETTER,
	WORSE
};

struct change {
	unsigned int index; /* of the metric */
	enum verdict verdict; /* of B */
	double a, b;
	double effect; /* 0 to 1 */
};

struct diff {
	struct kmr_runs runs[2];
	struct kmr_run_facts *run[2];
	struct change *changes;
	size_t nr;
	size_t small; /* metrics whose difference means nothing */
	size_t only[2]; /* metrics known in one run alone */
	double largest[KMR_NR_TOPICS]; /* effect of a topic */
};

static const struct kmr_metric *of(const struct change *c)
{
	return &kmr_metrics[c->index];
}

/* A's and B's, in percent of A; infinite from 0. */
static double percent(const struct change *c)
{
	const double base = fabs(c->a);

	if (base > 0)
		return 100 * (c->b - c->a) / base;
	return c->b > c->a ? INFINITY : -INFINITY;
}

static double effect(const struct kmr_metric *m, double a, double b)
{
	const double larger = fabs(a) > fabs(b) ? fabs(a) : fabs(b);

	return fabs(b - a) / (larger + SMALL_FLOORS * m->floor);
}

static enum verdict judge(const struct kmr_metric *m, double a, double b)
{
	if (m->better == KMR_BETTER_NEITHER)
		return NEITHER;
	return (m->better == KMR_BETTER_MORE) == (b > a) ? BETTER : WORSE;
}

static int compare(struct diff *d, struct kmr_error *err)
{
	d->changes = calloc(kmr_nr_metrics, sizeof(*d->changes));
	if (!d->changes)
		return kmr_fail_nomem(err, "the differences");
	for (unsigned int i = 0; i < kmr_nr_metrics; i++) {
		const struct kmr_metric *m = &kmr_metrics[i];
		const struct kmr_value *a = &d->run[0]->values[i], *b = &d->run[1]->values[i];
		struct change *c = &d->changes[d->nr];

		d->only[0] += a->known && !b->known;
		d->only[1] += b->known && !a->known;
		if (!a->known || !b->known)
			continue;
		if (!kmr_metric_differs(m, a->value, b->value)) {
			d->small += a->value < b->value || a->value > b->value;
			continue;
		}
		*c = (struct change){ i, judge(m, a->value, b->value), a->value, b->value,
				      effect(m, a->value, b->value) };
		if (c->effect > d->largest[m->topic])
			d->largest[m->topic] = c->effect;
		d->nr++;
	}
	return 0;
}

static bool before(const struct diff *d, const struct change *a, const struct change *b)
{
	const double x = d->largest[of(a)->topic], y = d->largest[of(b)->topic];

	if (x > y || x < y)
		return x > y;
	if (of(a)->topic != of(b)->topic)
		return of(a)->topic < of(b)->topic;
	return a->effect > b->effect;
}

/* Insertion sort: a few dozen, and equals stay in the order of the metrics. */
static void sort(struct diff *d)
{
	for (size_t i = 1; i < d->nr; i++) {
		const struct change c = d->changes[i];
		size_t at = i;

		for (; at && before(d, &c, &d->changes[at - 1]); at--)
			d->changes[at] = d->changes[at - 1];
		d->changes[at] = c;
	}
}

static bool too_much_worse(const struct diff *d, double threshold)
{
	for (size_t i = 0; i < d->nr; i++)
		if (d->changes[i].verdict == WORSE && fabs(percent(&d->changes[i])) > threshold)
			return true;
	return false;
}

/* "+12.3 %", "from 0", "13.1 times" */
static void show_change(const struct change *c, char text[NUMBER_SIZE])
{
	const char *sign = c->b < c->a ? "-" : "+";
	char number[KMR_UNITS_SIZE];

	if (!(fabs(c->a) > 0))
		(void)snprintf(text, NUMBER_SIZE, "from 0");
	else if (c->b / c->a >= 10)
		(void)snprintf(text, NUMBER_SIZE, "%s times",
			       kmr_units_fixed(number, c->b / c->a, c->b / c->a < 100));
	else
		(void)snprintf(text, NUMBER_SIZE, "%s%s %%", sign,
			       kmr_units_fixed(number, fabs(percent(c)), 1));
}

static void show_number(const struct kmr_metric *m, double value, char text[NUMBER_SIZE])
{
	struct kmr_metric bare = *m;

	bare.unit = "";
	kmr_metric_show(&bare, value, text, NUMBER_SIZE);
}

static const char *word(const struct change *c)
{
	/* arrows down and up */
	static const char *const words[2][3] = {
		{ "\xe2\x86\x93 less", "\xe2\x86\x93 better", "\xe2\x86\x93 worse" },
		{ "\xe2\x86\x91 more", "\xe2\x86\x91 better", "\xe2\x86\x91 worse" },
	};

	return words[c->b > c->a][c->verdict];
}

static int print_table(const struct diff *d, size_t limit, FILE *out)
{
	static const struct kmr_column columns[] = {
		{ "metric", NULL, KMR_ALIGN_LEFT },  { "unit", NULL, KMR_ALIGN_LEFT },
		{ "A", NULL, KMR_ALIGN_RIGHT },	     { "B", NULL, KMR_ALIGN_RIGHT },
		{ "B to A", NULL, KMR_ALIGN_RIGHT }, { "B is", NULL, KMR_ALIGN_LEFT },
	};
	struct kmr_table *t = kmr_table_new(NULL, columns, ARRAY_SIZE(columns));
	char text[NUMBER_SIZE];

	for (size_t i = 0; i < d->nr && i < limit; i++) {
		const struct change *c = &d->changes[i];

		if (i && of(c)->topic != of(c - 1)->topic)
			kmr_table_rule(t);
		kmr_table_text(t, of(c)->name);
		kmr_table_text(t, of(c)->unit);
		show_number(of(c), c->a, text);
		kmr_table_text(t, text);
		show_number(of(c), c->b, text);
		kmr_table_text(t, text);
		show_change(c, text);
		kmr_table_text(t, text);
		kmr_table_text(t, word(c));
	}
	return kmr_table_print(t, out);
}

static bool same(const struct diff *d, enum kmr_fact fact)
{
	return !strcmp(d->run[0]->fact[fact], d->run[1]->fact[fact]);
}

/* What was not the same before the runs began, one line each. */
static void print_inputs(const struct diff *d, FILE *out)
{
	static const struct {
		enum kmr_fact fact;
		const char *what;
	} inputs[] = {
		{ KMR_FACT_TRACED, "traces" },
		{ KMR_FACT_HARDWARE, "machines" },
		{ KMR_FACT_START, "start states" },
	};
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		if (same(d, inputs[i].fact))
			continue;
		(void)fprintf(out, "different %s:\n  A: %s\n  B: %s\n", inputs[i].what,
			      d->run[0]->fact[inputs[i].fact], d->run[1]->fact[inputs[i].fact]);
		any = true;
	}
	if (any)
		(void)fputs("so what differs is not the policies' doing alone\n", out);
}

/* How many metrics speak for B, and how many against it. */
static void print_score(const struct diff *d, FILE *out)
{
	size_t count[3] = { 0 };

	for (size_t i = 0; i < d->nr; i++)
		count[d->changes[i].verdict]++;
	if (d->nr)
		(void)fprintf(out, "B is better in %zu of %u metrics, worse in %zu\n\n",
			      count[BETTER], kmr_nr_metrics, count[WORSE]);
}

static int print_text(const struct diff *d, const struct kmr_diff_options *o, FILE *out)
{
	const size_t limit = o->limit ? o->limit : d->nr;

	for (int i = 0; i < 2; i++)
		(void)fprintf(out, "%c: %s, run %lld: %s\n", 'A' + i, d->run[i]->database.path,
			      (long long)d->run[i]->run, d->run[i]->label);
	if (same(d, KMR_FACT_DIGEST)) {
		(void)fprintf(out, "equal: both have digest %s\n",
			      d->run[0]->fact[KMR_FACT_DIGEST]);
		return 0;
	}
	print_inputs(d, out);
	print_score(d, out);
	if (d->nr && print_table(d, limit, out))
		return -1;
	if (d->nr)
		(void)fputc('\n', out);
	if (limit < d->nr)
		(void)fprintf(out, "%zu more differ; --limit 0 shows all\n", d->nr - limit);
	if (!d->nr)
		(void)fputs("the digests differ, but no metric by as much as matters\n", out);
	else if (d->small)
		(void)fprintf(out, "%zu more differ by less than matters\n", d->small);
	for (int i = 0; i < 2; i++)
		if (d->only[i])
			(void)fprintf(out, "%zu metrics are known of %c alone\n", d->only[i],
				      'A' + i);
	return 0;
}

static void json_run(struct kmr_json *j, const char *key, const struct kmr_run_facts *f)
{
	kmr_json_object(j, key);
	kmr_json_string(j, "database", f->database.path);
	kmr_json_int(j, "run", f->run);
	kmr_json_string(j, "label", f->label);
	kmr_json_string(j, "backend", f->fact[KMR_FACT_BACKEND]);
	kmr_json_string(j, "params", f->fact[KMR_FACT_PARAMS]);
	kmr_json_string(j, "object", f->fact[KMR_FACT_OBJECT]);
	kmr_json_string(j, "object_params", f->fact[KMR_FACT_OBJECT_PARAMS]);
	kmr_json_string(j, "trace", f->fact[KMR_FACT_TRACE]);
	kmr_json_string(j, "machine", f->fact[KMR_FACT_HARDWARE]);
	kmr_json_string(j, "start", f->fact[KMR_FACT_START]);
	kmr_json_string(j, "digest", f->fact[KMR_FACT_DIGEST]);
	kmr_json_end_object(j);
}

static void json_change(struct kmr_json *j, const struct change *c)
{
	static const char *const verdicts[] = { [BETTER] = "better", [WORSE] = "worse" };

	kmr_json_object(j, NULL);
	kmr_json_string(j, "metric", of(c)->key);
	kmr_json_string(j, "name", of(c)->name);
	kmr_json_string(j, "topic", kmr_topic_name(of(c)->topic));
	kmr_json_string(j, "unit", of(c)->unit);
	kmr_json_double(j, "a", c->a, of(c)->decimals);
	kmr_json_double(j, "b", c->b, of(c)->decimals);
	kmr_json_double(j, "percent", percent(c), 3);
	kmr_json_double(j, "effect", c->effect, 4);
	kmr_json_string(j, "b_is", verdicts[c->verdict]);
	kmr_json_end_object(j);
}

static void print_json(const struct diff *d, const struct kmr_diff_options *o, bool differ,
		       FILE *out)
{
	const size_t limit = o->limit ? o->limit : d->nr;
	struct kmr_json j;

	kmr_json_init(&j, out);
	kmr_json_object(&j, NULL);
	json_run(&j, "a", d->run[0]);
	json_run(&j, "b", d->run[1]);
	kmr_json_bool(&j, "equal_digests", same(d, KMR_FACT_DIGEST));
	kmr_json_bool(&j, "same_trace", same(d, KMR_FACT_TRACED));
	kmr_json_bool(&j, "same_machine", same(d, KMR_FACT_HARDWARE));
	kmr_json_bool(&j, "differ", differ);
	kmr_json_uint(&j, "metrics_that_differ", d->nr);
	kmr_json_uint(&j, "by_less_than_matters", d->small);
	kmr_json_array(&j, "differences");
	for (size_t i = 0; i < d->nr && i < limit; i++)
		json_change(&j, &d->changes[i]);
	kmr_json_end_array(&j);
	kmr_json_end_object(&j);
}

/* The run of that number; 0: the only one. */
static struct kmr_run_facts *find_run(struct kmr_runs *runs, unsigned int number, char which,
				      struct kmr_error *err)
{
	const char *path = runs->databases[0].path;

	if (!number && runs->nr > 1) {
		kmr_fail(err, "%s: has %zu runs, say which with --run-%c", path, runs->nr, which);
		return NULL;
	}
	for (size_t i = 0; i < runs->nr; i++)
		if (!number || runs->all[i].run == (sqlite3_int64)number)
			return &runs->all[i];
	kmr_fail(err, "%s: has no run %u", path, number);
	return NULL;
}

static int load(struct diff *d, const char *const paths[2], const struct kmr_diff_options *o,
		struct kmr_error *err)
{
	const unsigned int numbers[2] = { o->run_a, o->run_b };

	for (int i = 0; i < 2; i++) {
		if (kmr_runs_open(&d->runs[i], &paths[i], 1, err))
			return -1;
		d->run[i] = find_run(&d->runs[i], numbers[i], (char)('a' + i), err);
		if (!d->run[i])
			return -1;
	}
	return kmr_runs_label(d->run, 2, err);
}

int kmr_diff(const char *a, const char *b, const struct kmr_diff_options *options, FILE *out,
	     bool *differ, struct kmr_error *err)
{
	const char *const paths[2] = { a, b };
	struct diff d;
	int ret;

	memset(&d, 0, sizeof(d));
	ret = load(&d, paths, options, err) || compare(&d, err) ? -1 : 0;
	if (!ret) {
		sort(&d);
		*differ = options->judge ? too_much_worse(&d, options->threshold) : d.nr > 0;
		if (options->json)
			print_json(&d, options, *differ, out);
		else if (print_text(&d, options, out))
			ret = kmr_fail_nomem(err, "the differences");
	}
	free(d.changes);
	kmr_runs_close(&d.runs[0]);
	kmr_runs_close(&d.runs[1]);
	return ret;
}
