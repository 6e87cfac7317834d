// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay show: the kernel's files about memory, of a snapshot or of a run's end. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "kmreplay/show.h"
#include "kmreplay/snapshot.h"
#include "replay/beside.h"

struct output {
	bool json, heads; /* several files: each with its name before it */
	int last; /* file shown last; -1: none yet */
};

static int print_line(void *ctx, enum kmr_shown shown, const char *line)
{
	struct output *o = ctx;

	if (o->json) {
		(void)printf("%s\"%s\":%s", o->last < 0 ? "{" : ",\n ", kmr_shown_name(shown),
			     line);
	} else {
		if (o->heads && o->last != (int)shown)
			(void)printf("%s==> %s <==\n", o->last < 0 ? "" : "\n",
				     kmr_shown_name(shown));
		(void)printf("%s\n", line);
	}
	o->last = (int)shown;
	return 0;
}

static int show_snapshot(const struct kmr_show *show, const char *path, struct kmr_error *err)
{
	struct kmr_snapshot *snap = calloc(1, sizeof(*snap));
	int ret;

	if (!snap)
		return kmr_fail_nomem(err, "a snapshot");
	ret = kmr_snapshot_read(snap, path, err);
	if (!ret)
		ret = kmr_show_snapshot(show, snap, err);
	kmr_snapshot_free(snap);
	free(snap);
	return ret;
}

static int show_capture(const struct kmr_show *show, const char *dir, bool after,
			struct kmr_error *err)
{
	struct kmr_beside beside;
	const char *path;

	kmr_beside_find_in(&beside, dir);
	path = after ? beside.end_snapshot : beside.snapshot;
	if (!path[0])
		return kmr_fail(err,
				"%s: is a directory that has no snapshot kmsnap.%s, in itself or "
				"in state/",
				dir, after ? "after" : "before");
	return show_snapshot(show, path, err);
}

/* What there is at @path, told by what it is and begins with. */
static int show_any(const struct kmr_show *show, const char *path, bool after, const char *run,
		    struct kmr_error *err)
{
	unsigned long long number = 0;
	struct stat st = { .st_mode = 0 };
	char *end;

	if (run) {
		number = strtoull(run, &end, 10);
		if (*run < '1' || *run > '9' || *end)
			return kmr_fail(err, "--run: '%s' is no number of a run, which are from 1",
					run);
	}
	(void)stat(path, &st); /* what is not there is a database that is missing */
	if (S_ISDIR(st.st_mode))
		return run ? kmr_fail(err, "--run: %s is a capture, no database", path)
			   : show_capture(show, path, after, err);
	if (after)
		return kmr_fail(err, "--after: %s is no directory of a capture", path);
	/* looking into a pipe would wait for who writes to it */
	if (S_ISREG(st.st_mode) && kmr_snapshot_probe(path) > 0)
		return run ? kmr_fail(err, "--run: %s is a snapshot, no database", path)
			   : show_snapshot(show, path, err);
	return kmr_show_database(show, path, number, err);
}

static int run(int argc, char **argv)
{
	const char *what = "all", *number = NULL;
	struct output output = { .last = -1 };
	struct kmr_show show = { .line = print_line, .ctx = &output };
	bool after = false;
	struct kmr_error err;
	int operand;
	const struct kmr_option options[] = {
		{ "what", 'w', "FILE,...",
		  "only these: buddyinfo, pagetypeinfo, extfrag_index,\n"
		  "unusable_index, slabinfo; all: each there is, the default",
		  NULL, &what },
		{ "run", 'r', "N", "of a database: run number N instead of the last", NULL,
		  &number },
		{ "after", 0, NULL, "of a capture: the snapshot at its end", &after, NULL },
		{ "json", 'j', NULL, "print them as JSON", &output.json, NULL },
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};

	operand = kmr_parse_options(&kmr_cmd_show, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	if (kmr_shown_parse(what, &show.what, &err))
		return kmr_complain(&err);
	output.heads = (show.what & (show.what - 1)) != 0;
	show.json = output.json;
	if (show_any(&show, argv[operand], after, number, &err))
		return kmr_complain(&err);
	if (output.json)
		(void)printf("}\n");
	return KMR_EXIT_OK;
}

const struct kmr_command kmr_cmd_show = {
	.name = "show",
	.usage = "SNAPSHOT|CAPTURE|DB [OPTION]...",
	.summary = "print the kernel's files about memory, recomputed",
	.about =
		"Prints buddyinfo, pagetypeinfo, extfrag_index, unusable_index and slabinfo as "
		"the\n"
		"kernel would: of a snapshot (a kmsnap file, or the directory of a capture, whose\n"
		"first snapshot is taken), or of the end of a run in a database.  Both are "
		"computed\n"
		"by the same views.",
	.run = run,
};
