// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a report says first: which run did best at what, and by how much.  A sentence a topic, by
 * one metric that stands for it; differences below the metric's floor are called none.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/report.h"
#include "report/units.h"

#define MOST_SHOWN 4 /* runs named behind the best ones, the last among them */
#define TEXT_SIZE  96

/* The metric that stands for a topic. */
static const struct headline {
	const char *about, *key;
} headlines[] = {
	{ "Fragmentation", "unusable_huge_mean" },
	{ "Failures", "page_failures" },
	{ "Huge pages", "huge_success" },
	{ "Fallbacks", "extfrag" },
	{ "Slab memory", "slab_pages_peak" },
	{ "Internal waste", "slab_waste_end" },
	{ "Latency tail of pages", "page_alloc_p999" },
	{ "Latency tail of objects", "object_alloc_p999" },
	{ "Direct reclaim", "allocstall" },
	{ "Remote memory", "numa_remote" },
	{ "Kernel addresses", "holes_unusable_end" },
};

/* The runs in which a metric is known, the best first. */
struct ranking {
	const struct kmr_metric *metric;
	const struct kmr_runs *runs;
	size_t index; /* of the metric */
	size_t *order;
	size_t nr;
	size_t nr_best; /* of these, the first ones: no worse than the best */
};

static double value_of(const struct ranking *r, size_t place)
{
	return r->runs->all[r->order[place]].values[r->index].value;
}

static bool is_better(const struct ranking *r, double a, double b)
{
	return r->metric->better == KMR_BETTER_MORE ? a > b : a < b;
}

/* Insertion sort: a few dozen runs at most, and those that are level keep their order. */
static void rank(struct ranking *r, const struct kmr_runs *runs, size_t metric)
{
	r->metric = &kmr_metrics[metric];
	r->runs = runs;
	r->index = metric;
	r->nr = 0;
	for (size_t i = 0; i < runs->nr; i++) {
		const struct kmr_value *v = &runs->all[i].values[metric];
		size_t at = r->nr;

		if (!v->known)
			continue;
		for (; at && is_better(r, v->value, value_of(r, at - 1)); at--)
			r->order[at] = r->order[at - 1];
		r->order[at] = i;
		r->nr++;
	}
	r->nr_best = 0;
	while (r->nr_best < r->nr &&
	       !kmr_metric_differs(r->metric, value_of(r, 0), value_of(r, r->nr_best)))
		r->nr_best++;
}

static const char *label_of(const struct ranking *r, size_t place)
{
	return r->runs->all[r->order[place]].label;
}

/* "a, b and c" */
static const char *best_names(struct kmr_doc *doc, const struct ranking *r)
{
	const char *text = label_of(r, 0);

	for (size_t i = 1; i < r->nr_best; i++)
		text = kmr_doc_text(doc, "%s%s%s", text, i + 1 == r->nr_best ? " and " : ", ",
				    label_of(r, i));
	return text;
}

/* How much further a value is than the best: "+3.2 %", "+0.4 points", "+14", "13 times". */
static void show_distance(const struct kmr_metric *m, double best, double value, char *text,
			  size_t size)
{
	const double more = value - best;
	const char *sign = more < 0 ? "\xe2\x88\x92" : "+"; /* a minus sign */
	char number[KMR_UNITS_SIZE];

	if (m->unit[0] == '%')
		(void)snprintf(text, size, "%s%s points", sign,
			       kmr_units_fixed(number, fabs(more), m->decimals));
	else if (!(fabs(best) > 0))
		(void)snprintf(text, size, "%s%s", sign,
			       kmr_units_fixed(number, fabs(more), m->decimals));
	else if (value / best >= 10)
		(void)snprintf(text, size, "%s times",
			       kmr_units_fixed(number, value / best, value / best < 100));
	else
		(void)snprintf(text, size, "%s%s %%", sign,
			       kmr_units_fixed(number, fabs(100 * more / best), 1));
}

/* ", b 1.3 % (+0.1 points)" */
static const char *add_run(struct kmr_doc *doc, const char *text, const struct ranking *r,
			   size_t place)
{
	struct kmr_metric short_unit = *r->metric;
	char value[TEXT_SIZE], distance[TEXT_SIZE];

	short_unit.unit = r->metric->unit[0] == '%' ? "%" : "";
	kmr_metric_show(&short_unit, value_of(r, place), value, sizeof(value));
	show_distance(r->metric, value_of(r, 0), value_of(r, place), distance, sizeof(distance));
	return kmr_doc_text(doc, "%s%s%s %s (%s)", text, place == r->nr_best ? "; " : ", ",
			    label_of(r, place), value, distance);
}

static void say_best(struct kmr_doc *doc, const char *about, const struct ranking *r)
{
	char value[TEXT_SIZE];
	const char *text;
	size_t left_out = 0;

	kmr_metric_show(r->metric, value_of(r, 0), value, sizeof(value));
	text = kmr_doc_text(doc, "%s %s %s (%s)", best_names(doc, r),
			    r->nr_best > 1 ? "are best, level at" : "is best with", value,
			    r->metric->name);
	for (size_t i = r->nr_best; i < r->nr; i++) {
		if (i - r->nr_best >= MOST_SHOWN - 1 && i + 1 < r->nr)
			left_out++;
		else
			text = add_run(doc, text, r, i);
	}
	if (left_out)
		text = kmr_doc_text(doc, "%s, %zu more between", text, left_out);
	if (r->nr < r->runs->nr)
		text = kmr_doc_text(doc, "%s; known of %zu of %zu runs", text, r->nr, r->runs->nr);
	kmr_doc_item(doc, about, "%s.", text);
}

/* How often each run is among the best where runs differ. */
static void say_score(struct kmr_doc *doc, const struct kmr_runs *runs, const size_t *best,
		      size_t topics)
{
	const char *text = "";
	size_t most = 0;

	for (size_t i = 0; i < runs->nr; i++)
		most = best[i] > most ? best[i] : most;
	for (size_t score = most; score; score--)
		for (size_t i = 0; i < runs->nr; i++)
			if (best[i] == score)
				text = kmr_doc_text(doc, "%s%s%s in %zu", text, *text ? ", " : "",
						    runs->all[i].label, score);
	if (topics == 1)
		kmr_doc_paragraph(doc, "The runs differ in one of the topics below.");
	else
		kmr_doc_paragraph(doc,
				  "Of %zu topics in which the runs differ, best or level with the "
				  "best: %s.",
				  topics, text);
}

static void say_level(struct kmr_doc *doc, const char *level, size_t topics)
{
	if (*level && !topics)
		kmr_doc_item(doc, "No difference", "in any of these: %s.", level);
	else if (*level)
		kmr_doc_item(doc, "No difference", "%s.", level);
}

/* Runs of other traces or machines differ for more reasons than their policies. */
static void warn_about_inputs(struct kmr_doc *doc, const struct kmr_runs *runs)
{
	const bool traces = kmr_runs_agree(runs, KMR_FACT_TRACED);
	const bool machines = kmr_runs_agree(runs, KMR_FACT_HARDWARE);

	if (traces && machines)
		return;
	kmr_doc_note(doc,
		     "These runs are not of the same %s, so what differs is not the "
		     "policies' doing alone.",
		     traces	? "machine"
		     : machines ? "trace"
				: "trace, nor of the same machine");
}

struct answer {
	struct ranking *rankings; /* as headlines */
	size_t *best; /* per run, topics in which it is among the best */
	size_t topics; /* in which runs differ */
	const char *level; /* topics in which they don't */
};

static void judge(struct kmr_report *report, struct answer *a)
{
	char value[TEXT_SIZE];

	a->level = "";
	for (size_t i = 0; i < ARRAY_SIZE(headlines); i++) {
		struct ranking *r = &a->rankings[i];

		rank(r, &report->runs, (size_t)kmr_metric_index(headlines[i].key));
		if (r->nr < 2)
			continue;
		if (r->nr_best == r->nr) {
			kmr_metric_show(r->metric, value_of(r, 0), value, sizeof(value));
			a->level = kmr_doc_text(report->doc, "%s%s%s (%s)", a->level,
						*a->level ? ", " : "", r->metric->name, value);
			continue;
		}
		a->topics++;
		for (size_t k = 0; k < r->nr_best; k++)
			a->best[r->order[k]]++;
	}
}

static void answer_of_several(struct kmr_report *report, struct answer *a)
{
	struct kmr_doc *doc = report->doc;

	judge(report, a);
	kmr_doc_section(doc, "answer", "Which did best, and by how much");
	warn_about_inputs(doc, &report->runs);
	if (a->topics)
		say_score(doc, &report->runs, a->best, a->topics);
	for (size_t i = 0; i < ARRAY_SIZE(headlines); i++)
		if (a->rankings[i].nr > 1 && a->rankings[i].nr_best < a->rankings[i].nr)
			say_best(doc, headlines[i].about, &a->rankings[i]);
	say_level(doc, a->level, a->topics);
}

/* What is known of a topic in a few words: nothing but the first metric where that is nothing. */
static const char *say_topic(struct kmr_doc *doc, const struct kmr_run_facts *f, int topic)
{
	const char *text = "";
	char value[TEXT_SIZE];
	unsigned int said = 0;
	bool nothing = false;

	for (unsigned int i = 0; i < kmr_nr_metrics && said < 3 && !nothing; i++) {
		const struct kmr_metric *m = &kmr_metrics[i];

		if ((int)m->topic != topic || !f->values[i].known)
			continue;
		nothing = !said++ && m->better == KMR_BETTER_LESS && !(f->values[i].value > 0);
		kmr_metric_show(m, f->values[i].value, value, sizeof(value));
		text = kmr_doc_text(doc, "%s%s%s (%s)", text, *text ? ", " : "", value, m->name);
	}
	return text;
}

/* One run has nobody to be better than: what is known of each topic, in a line. */
static void answer_of_one(struct kmr_report *report)
{
	kmr_doc_section(report->doc, "answer", "What came out");
	for (int topic = 0; topic < KMR_NR_TOPICS; topic++) {
		const char *text = say_topic(report->doc, &report->runs.all[0], topic);

		if (*text)
			kmr_doc_item(report->doc, kmr_topic_name((enum kmr_topic)topic), "%s.",
				     text);
	}
}

void kmr_report_answer(struct kmr_report *report)
{
	const size_t nr = report->runs.nr;
	struct answer a = { .topics = 0 };
	size_t *orders;

	if (nr == 1) {
		answer_of_one(report);
		return;
	}
	a.rankings = calloc(ARRAY_SIZE(headlines), sizeof(*a.rankings));
	a.best = calloc(nr, sizeof(*a.best));
	orders = calloc(nr * ARRAY_SIZE(headlines), sizeof(*orders));
	if (!a.rankings || !a.best || !orders) {
		report->doc->failed = true;
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(headlines); i++)
			a.rankings[i].order = orders + i * nr;
		answer_of_several(report, &a);
	}
	free(a.rankings);
	free(a.best);
	free(orders);
}

static bool known_anywhere(const struct kmr_runs *runs, unsigned int metric)
{
	for (size_t i = 0; i < runs->nr; i++)
		if (runs->all[i].values[metric].known)
			return true;
	return false;
}

static void put_metric(struct kmr_report *report, struct kmr_doc_table *t, unsigned int metric,
		       struct ranking *r)
{
	const struct kmr_metric *m = &kmr_metrics[metric];

	rank(r, &report->runs, metric);
	kmr_cell_text(t, m->name);
	kmr_cell_text(t, m->unit);
	for (size_t i = 0; i < report->runs.nr; i++) {
		const struct kmr_value *v = &report->runs.all[i].values[metric];

		if (!v->known)
			kmr_cell_none(t);
		else
			kmr_cell_real(t, v->value, m->decimals);
		for (size_t k = 0; k < r->nr_best; k++)
			if (r->nr_best < r->nr && m->better != KMR_BETTER_NEITHER &&
			    r->order[k] == i)
				kmr_cell_best(t);
	}
}

/* Where names are too long for a table's heading it has numbers. */
static void say_names(struct kmr_report *report)
{
	for (size_t i = 0; i < report->runs.nr; i++) {
		const char *name = kmr_report_name(report, i);

		if (strcmp(name, report->runs.all[i].label) != 0)
			kmr_doc_item(report->doc, name, "%s", report->runs.all[i].label);
	}
}

void kmr_report_summary(struct kmr_report *report)
{
	static const struct kmr_doc_column fixed[] = {
		{ "metric", "metric", NULL, false },
		{ "unit", "unit", NULL, false },
	};
	struct kmr_doc_column *columns = kmr_report_columns(report, fixed, ARRAY_SIZE(fixed));
	struct ranking r = { .order = calloc(report->runs.nr, sizeof(*r.order)) };
	struct kmr_doc_table *t = NULL;

	kmr_doc_section(report->doc, "summary", "Summary");
	say_names(report);
	if (!columns || !r.order)
		report->doc->failed = true;
	for (unsigned int i = 0; columns && r.order && i < kmr_nr_metrics; i++) {
		if (!known_anywhere(&report->runs, i))
			continue;
		if (!t)
			t = kmr_doc_table(
				report->doc, "summary",
				report->runs.nr > 1
					? "The best of a row is marked where the runs differ."
					: NULL,
				columns, ARRAY_SIZE(fixed) + report->runs.nr);
		put_metric(report, t, i, &r);
	}
	free(columns);
	free(r.order);
}
