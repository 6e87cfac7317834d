// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay calibrate: prices of steps out of measured latencies. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/cli.h"
#include "cli/run_head.h"
#include "kmreplay/calibrate.h"
#include "report/json.h"
#include "report/table.h"
#include "report/units.h"

#define PRICE_TEXT 32
/* What recording a call or an event can be said to add: a second. */
#define MAX_OVERHEAD (KMR_MAX_PRICE / 1000)

struct count {
	const char *key, *text;
	uint64_t value;
};

#define NR_COUNTS 6u

static void list_counts(const struct kmr_calibrate_result *r, struct count counts[NR_COUNTS])
{
	const struct kmr_calibrate_counts *c = &r->counts;
	const struct count all[NR_COUNTS] = {
		{ "calls", "calls of entry points with their events", c->calls },
		{ "interrupted", "left out: with an interrupt in them", c->interrupted },
		{ "unknown", "left out: the replay does not know all their events", c->unknown },
		{ "trimmed", "left out: too long by what a fit to the others says", c->trimmed },
		{ "fitted", "fitted to", c->fitted },
		{ "broken", "cut by a switch of tasks, lost events or the trace's end", c->broken },
	};

	memcpy(counts, all, sizeof(all));
}

static int print_counts(const struct kmr_calibrate_result *r)
{
	static const struct kmr_column columns[] = { { "", NULL, KMR_ALIGN_LEFT },
						     { "", NULL, KMR_ALIGN_RIGHT } };
	struct kmr_table *t = kmr_table_new(NULL, columns, ARRAY_SIZE(columns));
	struct count counts[NR_COUNTS];

	list_counts(r, counts);
	for (unsigned int i = 0; i < NR_COUNTS; i++) {
		kmr_table_text(t, counts[i].text);
		kmr_table_count(t, counts[i].value);
	}
	return kmr_table_print(t, stdout);
}

/* ns, with three digits behind the point below 10 and one from there. */
static void put_ns(struct kmr_table *t, uint64_t ps)
{
	char buf[KMR_UNITS_SIZE];

	kmr_table_text(t, kmr_units_fixed(buf, (double)ps / 1000, ps < 10000 ? 3 : 1));
}

static void put_double(struct kmr_table *t, double ns)
{
	char buf[KMR_UNITS_SIZE];

	kmr_table_text(t, kmr_units_fixed(buf, ns, 1));
}

static int print_prices(const struct kmr_calibrate_result *r)
{
	static const struct kmr_column columns[] = {
		{ "step", NULL, KMR_ALIGN_LEFT },    { "table", "ns", KMR_ALIGN_RIGHT },
		{ "fitted", "ns", KMR_ALIGN_RIGHT }, { "calls", NULL, KMR_ALIGN_RIGHT },
		{ "times", NULL, KMR_ALIGN_RIGHT },  { "group", NULL, KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t = kmr_table_new("Prices", columns, ARRAY_SIZE(columns));

	for (unsigned int s = 0; s < KMR_NR_STEPS; s++) {
		const struct kmr_calibrate_step *step = &r->steps[s];

		if (step->state != KMR_PRICE_FITTED && step->state != KMR_PRICE_TIED)
			continue;
		kmr_table_text(t, kmr_step_name(s));
		put_ns(t, step->before);
		put_ns(t, step->after);
		kmr_table_count(t, step->calls);
		kmr_table_count(t, step->times);
		if (step->group)
			kmr_table_format(t, "%u", step->group);
		else
			kmr_table_text(t, "");
	}
	return kmr_table_print(t, stdout);
}

static bool any_in(const struct kmr_calibrate_result *r, enum kmr_price_state state)
{
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++)
		if (r->steps[s].state == state)
			return true;
	return false;
}

/* Names of the steps in @state, in lines of 80 columns behind @intro. */
static void print_steps(const struct kmr_calibrate_result *r, enum kmr_price_state state,
			const char *intro)
{
	int column = printf("%s", intro);

	for (unsigned int s = 0; s < KMR_NR_STEPS; s++) {
		const char *name = kmr_step_name(s);

		if (r->steps[s].state != state)
			continue;
		if (column + 1 + (int)strlen(name) > KMR_TABLE_WIDTH) {
			printf("\n ");
			column = 1;
		}
		column += printf(" %s", name);
	}
	printf("\n");
}

static void put_kind(struct kmr_table *t, const struct kmr_calibrate_residual *res)
{
	kmr_table_text(t, kmr_operation_name(res->operation));
	kmr_table_text(t, kmr_path_name(res->path));
	kmr_table_count(t, res->calls);
}

static int print_measured(const struct kmr_calibrate_result *r)
{
	static const struct kmr_column columns[] = {
		{ "operation", NULL, KMR_ALIGN_LEFT }, { "path", NULL, KMR_ALIGN_LEFT },
		{ "calls", NULL, KMR_ALIGN_RIGHT },    { "left out", NULL, KMR_ALIGN_RIGHT },
		{ "p50", NULL, KMR_ALIGN_RIGHT },      { "p99", NULL, KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t = kmr_table_new("Latencies as measured, of all calls (ns)", columns,
					    ARRAY_SIZE(columns));

	for (unsigned int i = 0; i < r->nr_residuals; i++) {
		put_kind(t, &r->residuals[i]);
		kmr_table_count(t, r->residuals[i].trimmed);
		kmr_table_count(t, r->residuals[i].p50);
		kmr_table_count(t, r->residuals[i].p99);
	}
	return kmr_table_print(t, stdout);
}

static int print_residuals(const struct kmr_calibrate_result *r)
{
	static const struct kmr_column columns[] = {
		{ "operation", NULL, KMR_ALIGN_LEFT }, { "path", NULL, KMR_ALIGN_LEFT },
		{ "calls", NULL, KMR_ALIGN_RIGHT },    { "measured", NULL, KMR_ALIGN_RIGHT },
		{ "model", NULL, KMR_ALIGN_RIGHT },    { "residual", NULL, KMR_ALIGN_RIGHT },
		{ "RMS", NULL, KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t = kmr_table_new("Residuals: measured less model, means (ns)", columns,
					    ARRAY_SIZE(columns));

	for (unsigned int i = 0; i < r->nr_residuals; i++) {
		const struct kmr_calibrate_residual *res = &r->residuals[i];

		put_kind(t, res);
		put_double(t, res->measured);
		put_double(t, res->predicted);
		put_double(t, res->measured - res->predicted);
		put_double(t, res->rms);
	}
	return kmr_table_print(t, stdout);
}

static void print_overhead(const struct kmr_calibrate_options *o,
			   const struct kmr_calibrate_result *r)
{
	char price[PRICE_TEXT], scale[KMR_UNITS_SIZE];

	printf("\nRecording a call adds %s (%s)", kmr_price_text(r->overhead, price, sizeof(price)),
	       r->overhead_estimated ? "estimated"
	       : o->overhead_given   ? "given"
				     : o->overhead_of);
	if (o->event_overhead)
		printf(", an event in it %s (given)",
		       kmr_price_text(o->event_overhead, price, sizeof(price)));
	printf(".\n");
	if (r->inner_overhead)
		printf("To a call around it that adds %s more (estimated).\n",
		       kmr_price_text(r->inner_overhead, price, sizeof(price)));
	if (r->overhead_tied)
		printf("The trace does not tell that apart from prices: --overhead=NS if it is "
		       "known.\n");
	printf("As a whole the table fits best %s times.\n", kmr_units_fixed(scale, r->scale, 3));
}

static int print_text(const struct kmr_calibrate_options *o, const struct kmr_calibrate_result *r)
{
	const struct kmr_replay_result *t = r->replay;
	char number[KMR_UNITS_SIZE];

	if (kmr_run_head_text(o->trace, t->last_time - t->first_time, t))
		return -1;
	if (o->output)
		printf("prices    %s\n", o->output);
	printf("\n");
	if (print_counts(r))
		return -1;
	printf("\n");
	if (print_prices(r))
		return -1;
	if (any_in(r, KMR_PRICE_TIED))
		printf("What calls do not tell apart within a group is shared as in the "
		       "table.\n");
	if (any_in(r, KMR_PRICE_UNSEEN))
		print_steps(r, KMR_PRICE_UNSEEN, "No call took, price kept:");
	print_overhead(o, r);
	printf("\n");
	if (print_measured(r))
		return -1;
	printf("\n");
	if (print_residuals(r))
		return -1;
	printf("R² %s", kmr_units_fixed(number, r->r_squared, 4));
	printf(", RMS of all %s ns\n", kmr_units_fixed(number, r->rms, 1));
	return 0;
}

static void json_steps(struct kmr_json *j, const struct kmr_calibrate_result *r)
{
	static const char *const states[] = {
		[KMR_PRICE_UNSEEN] = "unseen",
		[KMR_PRICE_FITTED] = "fitted",
		[KMR_PRICE_TIED] = "tied",
		[KMR_PRICE_HELD] = "held",
	};

	kmr_json_array(j, "steps");
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++) {
		const struct kmr_calibrate_step *step = &r->steps[s];

		kmr_json_object(j, NULL);
		kmr_json_string(j, "step", kmr_step_name(s));
		kmr_json_string(j, "state", states[step->state]);
		kmr_json_uint(j, "table_ps", step->before);
		kmr_json_uint(j, "fitted_ps", step->after);
		kmr_json_uint(j, "calls", step->calls);
		kmr_json_uint(j, "times", step->times);
		if (step->group)
			kmr_json_uint(j, "group", step->group);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

static void json_residuals(struct kmr_json *j, const struct kmr_calibrate_result *r)
{
	kmr_json_array(j, "residuals");
	for (unsigned int i = 0; i < r->nr_residuals; i++) {
		const struct kmr_calibrate_residual *res = &r->residuals[i];

		kmr_json_object(j, NULL);
		kmr_json_string(j, "operation", kmr_operation_name(res->operation));
		kmr_json_string(j, "path", kmr_path_name(res->path));
		kmr_json_uint(j, "calls", res->calls);
		kmr_json_uint(j, "trimmed", res->trimmed);
		kmr_json_uint(j, "p50_ns", res->p50);
		kmr_json_uint(j, "p99_ns", res->p99);
		kmr_json_double(j, "measured_ns", res->measured, 3);
		kmr_json_double(j, "predicted_ns", res->predicted, 3);
		kmr_json_double(j, "rms_ns", res->rms, 3);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

static void print_json(const struct kmr_calibrate_options *o, const struct kmr_calibrate_result *r)
{
	struct count counts[NR_COUNTS];
	struct kmr_json j;

	list_counts(r, counts);
	kmr_json_init(&j, stdout);
	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "trace", o->trace);
	kmr_json_string(&j, "machine", r->replay->machine_from);
	kmr_json_string(&j, "start", kmr_start_name(r->replay->start));
	kmr_json_string(&j, "page", r->replay->backend);
	kmr_json_string(&j, "object", r->replay->objects.backend);
	kmr_json_object(&j, "counts");
	for (unsigned int i = 0; i < NR_COUNTS; i++)
		kmr_json_uint(&j, counts[i].key, counts[i].value);
	kmr_json_end_object(&j);
	kmr_json_uint(&j, "overhead_ps", r->overhead);
	kmr_json_uint(&j, "inner_overhead_ps", r->inner_overhead);
	kmr_json_bool(&j, "overhead_estimated", r->overhead_estimated);
	kmr_json_bool(&j, "overhead_told_apart", !r->overhead_tied);
	kmr_json_uint(&j, "event_overhead_ps", o->event_overhead);
	kmr_json_double(&j, "scale", r->scale, 6);
	kmr_json_double(&j, "r_squared", r->r_squared, 6);
	kmr_json_double(&j, "rms_ns", r->rms, 3);
	json_steps(&j, r);
	json_residuals(&j, r);
	kmr_json_end_object(&j);
}

static void progress(void *ctx, const struct kmr_trace_info *info)
{
	(void)ctx;
	kmr_progress("calibrate", info->events, info->bytes);
}

/* "131", "131.5": nanoseconds with up to three decimals, as ps. */
static int parse_ns(const char *option, const char *text, uint64_t *ps, struct kmr_error *err)
{
	uint64_t value = 0;
	unsigned int decimals = 0, digits = 0;
	bool point = false;
	const char *p = text;

	for (; *p && value < MAX_OVERHEAD * 1000; p++) {
		if (*p == '.' && !point && digits) {
			point = true;
		} else if (*p >= '0' && *p <= '9' && decimals < 3) {
			value = value * 10 + (unsigned int)(*p - '0');
			decimals += point;
			digits++;
		} else {
			break;
		}
	}
	for (; decimals < 3 && value < MAX_OVERHEAD * 1000; decimals++)
		value *= 10;
	if (!digits || *p || (point && p[-1] == '.') || value > MAX_OVERHEAD * 1000)
		return kmr_fail(err,
				"calibrate: --%s takes nanoseconds up to a second, such as 120 or "
				"85.5, found '%s'",
				option, text);
	*ps = value;
	return 0;
}

/* "2", "0.5": per cent with one decimal, as permille. */
static int parse_trim(const char *text, unsigned int *permille, struct kmr_error *err)
{
	uint64_t ps;
	struct kmr_error ignored;

	if (parse_ns("trim", text, &ps, &ignored) || ps > 50000 || ps % 100)
		return kmr_fail(err,
				"calibrate: --trim takes per cent from 0 to 50 with one decimal, "
				"found '%s'",
				text);
	*permille = (unsigned int)(ps / 100);
	return 0;
}

static int check(struct kmr_calibrate_options *o, const char *overhead, const char *event,
		 const char *trim, const char *start, struct kmr_error *err)
{
	o->trim = KMR_CALIBRATE_TRIM;
	o->overhead_given = overhead && ((*overhead >= '0' && *overhead <= '9') || !*overhead);
	if (overhead && !o->overhead_given)
		o->overhead_of = overhead;
	if (o->overhead_given && parse_ns("overhead", overhead, &o->overhead, err))
		return -1;
	if (event && parse_ns("event-overhead", event, &o->event_overhead, err))
		return -1;
	if (trim && parse_trim(trim, &o->trim, err))
		return -1;
	if (start && kmr_start_by_name(start, &o->start))
		return kmr_fail(
			err, "calibrate: --start takes snapshot, proc, infer or boot, found '%s'",
			start);
	return 0;
}

static int calibrate(const struct kmr_calibrate_options *o, bool json, struct kmr_error *err)
{
	struct kmr_calibrate_result *r = calloc(1, sizeof(*r));
	int code = KMR_EXIT_OK;

	if (!r || kmr_calibrate(o, r, err)) {
		if (!r)
			(void)kmr_fail_nomem(err, "the result");
		free(r);
		return kmr_complain(err);
	}
	kmr_progress_end();
	kmr_warn_about_trace(o->trace, &r->replay->trace);
	if (json)
		print_json(o, r);
	else if (print_text(o, r))
		code = KMR_EXIT_BAD;
	kmr_calibrate_result_free(r);
	free(r);
	return code;
}

static int run(int argc, char **argv)
{
	const char *overhead = NULL, *event = NULL, *trim = NULL, *start = NULL;
	struct kmr_calibrate_options o;
	struct kmr_error err = { "" };
	bool json = false;
	int operand;

	memset(&o, 0, sizeof(o));
	const struct kmr_option options[] = {
		{ "output", 'o', "FILE", "the fitted table, for --cost", NULL, &o.output },
		{ "cost", 'c', "FILE",
		  "prices to begin with, over the shipped ones: what is\nnot told is shared out as "
		  "here",
		  NULL, &o.cost },
		{ "machine", 'm', "MACHINE", "as for replay", NULL, &o.machine },
		{ "page", 'p', "BACKEND", "page backend (as for replay)", NULL, &o.page },
		{ "object", 'O', "BACKEND",
		  "object backend, or none: calls for pages alone\n(that which was traced)", NULL,
		  &o.object },
		{ "start", 's', "STATE", "snapshot, proc, infer or boot; else the best there is",
		  NULL, &start },
		{ "overhead", 0, "NS",
		  "what recording a call adds to it, or a function whose\nshortest call is that "
		  "(estimated, as the constant term)",
		  NULL, &overhead },
		{ "event-overhead", 0, "NS", "what an event in a call adds to it (0)", NULL,
		  &event },
		{ "trim", 't', "PERCENT",
		  "calls left out of each operation and path: longest by\nwhat a fit to the others "
		  "says (2)",
		  NULL, &trim },
		{ "json", 'j', NULL, "print the result as JSON", &json, NULL },
		kmr_option_strict(&o.strict),
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};
	operand = kmr_parse_options(&kmr_cmd_calibrate, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	o.trace = argv[operand];
	o.progress = progress;
	if (check(&o, overhead, event, trim, start, &err))
		return kmr_complain(&err);
	return calibrate(&o, json, &err);
}

const struct kmr_command kmr_cmd_calibrate = {
	.name = "calibrate",
	.usage = "TRACE [-o cost.yaml] [OPTION]...",
	.summary = "fit the prices of steps to latencies in a trace",
	.about =
		"Reads how long calls of the allocators took in TRACE, which the function_graph\n"
		"tracer recorded with the kmem events on, replays it to learn which steps each of\n"
		"them took, and fits the prices of the steps by least squares. Prints prices and\n"
		"residuals; the table it writes is what --cost takes.\n",
	.run = run,
};
