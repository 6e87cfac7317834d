// SPDX-License-Identifier: GPL-2.0-only
/*
 * Progress for people: one line on standard error that is written over, a few times a second, and
 * taken away at the end.  Whoever works calls once a batch; most calls do nothing but look at the
 * clock.  Blanks erase the line, so that a terminal needs to know nothing but \r.
 */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "report/units.h"

#define NS_PER_S UINT64_C(1000000000)
/* What is over sooner needs no line, which would only flicker. */
#define PATIENCE (NS_PER_S / 4)
#define INTERVAL (NS_PER_S / 10)
/* A rate and an end that are told too early jump. */
#define SETTLED (NS_PER_S / 2)

#define LINE_SIZE 160

static struct {
	enum kmr_progress_mode mode;
	bool shown; /* there is a line to erase */
	size_t width; /* of it */
	uint64_t first, last; /* ns of the clock: when work began, when a line was written */
	uint64_t began; /* when this part of it began */
	const char *doing; /* the part */
} state;

void kmr_progress_set(enum kmr_progress_mode mode)
{
	state.mode = mode;
}

static bool wanted(void)
{
	if (state.mode == KMR_PROGRESS_AUTO)
		state.mode = isatty(STDERR_FILENO) ? KMR_PROGRESS_PATIENT : KMR_PROGRESS_NEVER;
	return state.mode != KMR_PROGRESS_NEVER;
}

/* Columns of the terminal that a line may take: one less, or some would wrap. */
static size_t columns(void)
{
	struct winsize size;

	if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col > 1)
		return size.ws_col - 1u;
	return 79;
}

/* Whether a line is due @now; the first call begins the clock. */
static bool due(uint64_t now)
{
	if (!state.first)
		state.first = now;
	if (state.mode == KMR_PROGRESS_PATIENT && now - state.first < PATIENCE)
		return false;
	return !state.last || now - state.last >= INTERVAL;
}

KMR_PRINTF(2, 3) static void append(char line[LINE_SIZE], const char *fmt, ...)
{
	const size_t used = strlen(line);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line + used, LINE_SIZE - used, fmt, ap);
	va_end(ap);
}

/* "8.1 M/s", "950 k/s": three digits are what can be read while it changes. */
static void append_rate(char line[LINE_SIZE], uint64_t events, uint64_t ns)
{
	static const char *const units[] = { "", " k", " M", " G" };
	uint64_t tenths = (uint64_t)((double)events * 1e10 / (double)ns);
	unsigned int i = 0;

	for (; tenths >= 10000 && i + 1 < sizeof(units) / sizeof(units[0]); i++)
		tenths /= 1000;
	if (i && tenths < 1000)
		append(line, ", %" PRIu64 ".%" PRIu64 "%s/s", tenths / 10, tenths % 10, units[i]);
	else
		append(line, ", %" PRIu64 "%s/s", tenths / 10, units[i]);
}

static void append_left(char line[LINE_SIZE], const struct kmr_progress *p, uint64_t ns)
{
	const uint64_t s =
		(uint64_t)((double)ns * (double)(p->total - p->done) / (double)p->done / 1e9) + 1;

	if (s >= 3600)
		append(line, ", %" PRIu64 " h %02" PRIu64 " min left", s / 3600, s / 60 % 60);
	else if (s >= 60)
		append(line, ", %" PRIu64 " min %02" PRIu64 " s left", s / 60, s % 60);
	else
		append(line, ", %" PRIu64 " s left", s);
}

static void describe(char line[LINE_SIZE], const char *command, const struct kmr_progress *p,
		     uint64_t ns)
{
	char count[KMR_UNITS_SIZE];

	(void)snprintf(line, LINE_SIZE, "%s", command);
	if (strcmp(p->doing, command) != 0)
		append(line, ": %s", p->doing);
	append(line, ": ");
	if (p->runs)
		append(line, "%u of %u runs done, ", p->runs_done, p->runs);
	if (p->events)
		append(line, "%s events", kmr_units_count(count, p->events));
	else
		append(line, "%" PRIu64 " of %" PRIu64, p->done, p->total);
	if (p->events && ns >= SETTLED)
		append_rate(line, p->events, ns);
	if (!p->total || p->done > p->total)
		return;
	append(line, ", %u %%", (unsigned int)((double)p->done * 100 / (double)p->total));
	if (p->done && p->done < p->total && ns >= SETTLED)
		append_left(line, p, ns);
}

static void put(const char *line)
{
	const size_t room = columns(), len = strlen(line), shown = len < room ? len : room;
	const size_t blanks = state.width > shown ? state.width - shown : 0;

	fprintf(stderr, "\r%.*s%*s", (int)shown, line, (int)blanks, "");
	/* the cursor stands behind the line, not behind the blanks */
	for (size_t i = 0; i < blanks; i++)
		(void)fputc('\b', stderr);
	(void)fflush(stderr);
	state.width = shown;
	state.shown = true;
}

void kmr_progress_show(const char *command, const struct kmr_progress *p)
{
	char line[LINE_SIZE];
	struct timespec t;
	uint64_t now;

	if (!wanted() || clock_gettime(CLOCK_MONOTONIC, &t))
		return;
	now = (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
	if (state.doing != p->doing) {
		state.doing = p->doing;
		state.began = now;
	}
	if (!due(now))
		return;
	state.last = now;
	describe(line, command, p, now - state.began);
	put(line);
}

void kmr_progress_trace(const char *command, const struct kmr_trace_info *info)
{
	const struct kmr_progress p = {
		.doing = "read",
		.events = info->events,
		.done = info->until ? info->last_time : info->input_read,
		.total = info->until ? info->until : info->input_size,
	};

	kmr_progress_show(command, &p);
}

void kmr_progress_items(const char *command, const char *doing, uint64_t done, uint64_t total)
{
	kmr_progress_show(command, &(struct kmr_progress){ doing, 0, done, total, 0, 0 });
}

void kmr_progress(const char *what, uint64_t events, uint64_t bytes)
{
	(void)bytes;
	kmr_progress_show(what, &(struct kmr_progress){ what, events, 0, 0, 0, 0 });
}

void kmr_progress_end(void)
{
	if (state.shown)
		fprintf(stderr, "\r%*s\r", (int)state.width, "");
	state.shown = false;
	state.width = 0;
	state.first = state.last = 0;
	state.doing = NULL;
}
