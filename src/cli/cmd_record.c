// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay record: what the kernel of this machine allocates while a command runs. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "kmreplay/record.h"

#define OUTPUT "kmreplay.capture"

/* A number from 1 with a unit out of @units behind it, or none; what one is is in @scale. */
static int parse_number(const char *option, const char *text, const char *units,
			const uint64_t *scale, uint64_t max, uint64_t *value, struct kmr_error *err)
{
	const char *unit;
	uint64_t factor = 1;
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (end != text && *end && !end[1] && (unit = strchr(units, *end))) {
		factor = scale[unit - units];
		end++;
	}
	if (end == text || *text < '0' || *text > '9' || *end || errno || !*value ||
	    *value > max / factor)
		return kmr_fail(err,
				"record: %s takes a number from 1, with one of %s behind it or "
				"not, found '%s'",
				option, units, text);
	*value *= factor;
	return 0;
}

/* Numbers and names as options have them; what contradicts. */
static int complete(struct kmr_record_options *o, const char *time, const char *buffer,
		    struct kmr_error *err)
{
	static const uint64_t kib[] = { 1, 1, 1024, 1024, 1048576, 1048576 };
	static const uint64_t seconds[] = { 1, 60, 3600 };

	if (time && o->command)
		return kmr_fail(err,
				"record: --time is for recording without a command, but "
				"there is '%s'; --time=N -- or the command alone",
				o->command[0]);
	if (o->instance && (!o->instance[0] || o->instance[0] == '.' || strchr(o->instance, '/')))
		return kmr_fail(err, "record: --instance takes the name of a directory, found '%s'",
				o->instance);
	if (time && parse_number("--time", time, "smh", seconds, 1000000000, &o->seconds, err))
		return -1;
	if (buffer &&
	    parse_number("--buffer", buffer, "kKmMgG", kib, (uint64_t)1 << 40, &o->buffer_kib, err))
		return -1;
	return 0;
}

static void say(const struct kmr_record_options *o, const struct kmr_record_result *r)
{
	for (unsigned int i = 0; i < r->nr_notes; i++)
		fprintf(stderr, "kmreplay: %s\n", r->notes[i]);
	if (r->lost)
		fprintf(stderr,
			"kmreplay: %" PRIu64 " events were lost; a larger --buffer, --stream or "
			"--pages would do\n",
			r->lost);
	fprintf(stderr, "kmreplay: %s: %" PRIu64 " events%s\n", o->output, r->events,
		r->interrupted ? ", until interrupted" : "");
}

static int run(int argc, char **argv)
{
	struct kmr_record_options o = {
		.output = OUTPUT,
		.proc = "/proc",
		.sys = "/sys",
	};
	const char *time = NULL, *buffer = NULL;
	struct kmr_record_result r;
	struct kmr_error err = { "" };
	int operand;
	const struct kmr_option options[] = {
		{ "output", 'o', "DIR", "the directory to make (" OUTPUT ")", NULL, &o.output },
		{ "force", 'f', NULL, "replace a capture that is there", &o.force, NULL },
		{ "time", 't', "N", "without COMMAND: for N seconds; 10m, 1h\n(until interrupted)",
		  NULL, &time },
		{ "buffer", 'b', "KIB",
		  "the buffer of each CPU; 64M, 1G (64M, but all together\nan eighth of what "
		  "memory "
		  "is available)",
		  NULL, &buffer },
		{ "stream", 's', NULL, "read events while they come, for long recordings",
		  &o.stream, NULL },
		{ "pages", 'p', NULL, "leave the events of objects out", &o.pages, NULL },
		{ "clock", 'c', "CLOCK", "of the events (that of the kernel's own buffer)", NULL,
		  &o.clock },
		{ "instance", 0, "NAME", "the tracefs instance to use (one of its own)", NULL,
		  &o.instance },
		{ "tracefs", 0, "DIR", "where tracefs is mounted (that in /proc/mounts)", NULL,
		  &o.tracefs },
		{ "proc", 0, "DIR", "where proc is mounted (/proc)", NULL, &o.proc },
		{ "sys", 0, "DIR", "where sysfs is mounted (/sys)", NULL, &o.sys },
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};

	operand = kmr_parse_options(&kmr_cmd_record, options, argc, argv, 0, argc);
	if (operand < 0)
		return kmr_parse_exit(operand);
	o.command = operand < argc ? argv + operand : NULL;
	if (complete(&o, time, buffer, &err))
		return kmr_complain(&err);
	if (!o.command && !o.seconds && isatty(STDERR_FILENO))
		fprintf(stderr, "kmreplay: recording until interrupted\n");
	if (kmr_record(&o, &r, &err)) {
		(void)kmr_complain(&err);
		for (unsigned int i = 0; i < r.nr_notes; i++)
			fprintf(stderr, "kmreplay: %s\n", r.notes[i]);
		/* nothing is left to clean up: main.c's handler lets the shell know */
		if (r.given_up)
			(void)raise(r.given_up);
		return KMR_EXIT_BAD;
	}
	say(&o, &r);
	return r.status;
}

const struct kmr_command kmr_cmd_record = {
	.name = "record",
	.usage = "[OPTION]... [--] [COMMAND [ARG]...]",
	.summary = "record what this machine's kernel allocates",
	.about = "Records the events of this machine's allocators while COMMAND runs, or until\n"
		 "interrupted, with their state before and after, in a directory that the other\n"
		 "commands take as TRACE. Needs root and tracefs; all settings are restored.\n"
		 "Exits as COMMAND does, with 2 when recording failed.",
	.run = run,
	.command_follows = true,
};
