// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay gen: a workload as a trace. */
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "cli/cli.h"
#include "cli/textfile.h"
#include "kmreplay/workload.h"

struct gen {
	const char *output, *seed, *duration, *limit; /* as given; NULL: not */
	struct kmr_workload *workload;
	struct kmr_workload_stream *stream;
	struct kmr_workload_text *text;
	struct kmr_textfile *file;
	struct kmr_event *events;
	uint64_t nr_events; /* written */
	uint64_t until, most; /* time and number of events at the end; 0: that does not end it */
};

typedef int read_fn(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t min,
		    uint64_t max, uint64_t *value, struct kmr_error *err);

/* What an option says is written as it is in a workload. */
static int parse(const char *option, const char *text, read_fn *read, uint64_t min, uint64_t *value,
		 struct kmr_error *err)
{
	struct kmr_yaml *yaml;
	int ret;

	if (!text)
		return 0;
	if (kmr_yaml_parse(&yaml, option, text, strlen(text), err))
		return -1;
	ret = read(yaml, kmr_yaml_root(yaml), min, UINT64_MAX, value, err);
	kmr_yaml_free(yaml);
	return ret;
}

static int open_stream(struct gen *g, const char *path, struct kmr_error *err)
{
	struct kmr_workload_options o = { .has_seed = g->seed != NULL };

	if (parse("--seed", g->seed, kmr_yaml_u64, 0, &o.seed, err) ||
	    parse("--duration", g->duration, kmr_yaml_time, 1, &o.duration, err) ||
	    parse("--limit", g->limit, kmr_yaml_u64, 1, &o.limit, err) ||
	    kmr_workload_read(&g->workload, path, err))
		return -1;
	g->until = o.duration ? o.duration : kmr_workload_duration(g->workload);
	g->most = o.limit;
	return kmr_workload_stream_open(&g->stream, g->workload, &o, err);
}

static int open_output(struct gen *g, struct kmr_error *err)
{
	g->events = malloc(KMR_WORKLOAD_TEXT_EVENTS * sizeof(*g->events));
	if (!g->events)
		return kmr_fail_nomem(err, "events");
	if (kmr_workload_text_open(&g->text, g->workload, g->stream, err))
		return -1;
	return kmr_textfile_open(&g->file, g->output, err);
}

/* Its end is a time or a number of events, whichever is nearer. */
static void tell(const struct gen *g, uint64_t time)
{
	struct kmr_progress p = { "gen", g->nr_events, time, g->until, 0, 0 };

	if (g->most && (!g->until ||
			(double)g->nr_events / (double)g->most > (double)time / (double)g->until)) {
		p.done = g->nr_events;
		p.total = g->most;
	}
	kmr_progress_show("gen", &p);
}

static int write_all(struct gen *g, struct kmr_error *err)
{
	size_t len;
	const char *text = kmr_workload_text_head(g->text, &len);
	ssize_t n;

	if (kmr_textfile_write(g->file, text, len, err))
		return -1;
	while ((n = kmr_workload_stream_read(g->stream, g->events, KMR_WORKLOAD_TEXT_EVENTS, err)) >
	       0) {
		text = kmr_workload_text_events(g->text, g->events, (size_t)n, &len);
		if (kmr_textfile_write(g->file, text, len, err))
			return -1;
		g->nr_events += (uint64_t)n;
		tell(g, g->events[n - 1].time);
	}
	kmr_progress_end();
	return n < 0 ? -1 : kmr_textfile_finish(g->file, err);
}

static int run(int argc, char **argv)
{
	struct kmr_error err = { "" };
	struct gen g = { 0 };
	int operand, code = KMR_EXIT_OK;
	const struct kmr_option options[] = {
		{ "output", 'o', "FILE",
		  "the trace to write, compressed if its name ends in .zst\n"
		  "(standard output)",
		  NULL, &g.output },
		{ "seed", 0, "N", "in place of the workload's", NULL, &g.seed },
		{ "duration", 0, "TIME", "in place of the workload's: 10s, 5min", NULL,
		  &g.duration },
		{ "limit", 0, "N", "end after so many events", NULL, &g.limit },
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};

	operand = kmr_parse_options(&kmr_cmd_gen, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	if (open_stream(&g, argv[operand], &err) || open_output(&g, &err) || write_all(&g, &err))
		code = kmr_complain(&err);
	kmr_textfile_close(g.file);
	kmr_workload_text_close(g.text);
	kmr_workload_stream_close(g.stream);
	kmr_workload_free(g.workload);
	free(g.events);
	return code;
}

const struct kmr_command kmr_cmd_gen = {
	.name = "gen",
	.usage = "LOAD.yaml [OPTION]...",
	.summary = "write a workload as a trace",
	.about = "Writes the events of the workload LOAD.yaml, see kmreplay-workload(5), as the "
		 "text "
		 "of a\n"
		 "trace. Every command that takes a TRACE takes the workload itself as well and "
		 "does "
		 "the\n"
		 "same with it.",
	.run = run,
};
