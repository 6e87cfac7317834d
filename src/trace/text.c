// SPDX-License-Identifier: GPL-2.0-only
/* Lines of text into events. */
#include "trace/text.h"

#include <string.h>

#include "base/excerpt.h"
#include "trace/scan.h"

#define TASK_FULL      UINT16_MAX
#define MAX_TASK_BYTES ((size_t)8 << 20)
#define TASK_TEXT      128

#define MARK_TEXT "kmsnap: "

#define GRAPH_TEXT "# tracer: function_graph"

/* Comments of traces that `kmreplay gen` made up. */
#define MADE_UP_TEXT "# kmreplay: made up"
#define MACHINE_TEXT "# kmreplay: machine "

int text_init(struct text *text, unsigned int version)
{
	memset(text, 0, sizeof(*text));
	if (decoder_init(&text->decoder, version))
		return -1;
	if (kmr_strtab_init(&text->tasks, TASK_FULL - 1, MAX_TASK_BYTES)) {
		decoder_fini(&text->decoder);
		return -1;
	}
	return 0;
}

void text_fini(struct text *text)
{
	decoder_fini(&text->decoder);
	kmr_strtab_fini(&text->tasks);
}

static bool starts(const char *p, const char *text)
{
	return !strncmp(p, text, strlen(text));
}

/* "comm-pid", however the line spells it. */
static uint16_t intern_task(struct text *text, const struct prefix *prefix)
{
	char task[TASK_TEXT];
	size_t comm_len = prefix->comm_len;
	uint32_t id = 0;

	if (comm_len > sizeof(task) - 1 - prefix->pid_len)
		comm_len = sizeof(task) - 1 - prefix->pid_len;
	memcpy(task, prefix->comm, comm_len);
	task[comm_len] = '-';
	memcpy(task + comm_len + 1, prefix->pid, prefix->pid_len);
	if (kmr_strtab_intern(&text->tasks, task, comm_len + 1 + prefix->pid_len, &id))
		text->decoder.nomem = true;
	return id ? (uint16_t)id : TASK_FULL;
}

static struct task_cache_slot *task_slot(struct text *text, const char *columns, size_t len)
{
	uint64_t h = 0;
	uint64_t v;

	/* the last 16 bytes: the end of the comm and the pid */
	memcpy(&v, columns + len - 8, sizeof(v));
	h = v * UINT64_C(0x9e3779b97f4a7c15);
	memcpy(&v, columns + len - 16, sizeof(v));
	h = (h ^ (h >> 29) ^ v) * UINT64_C(0xff51afd7ed558ccd);
	return &text->cache[h >> 56];
}

/* The task in the columns before "[cpu]", which the fast parser left alone. */
static bool cached_task(struct text *text, const char *line, struct prefix *prefix, uint16_t *id)
{
	size_t len = text->layout.bracket;
	struct task_cache_slot *slot;

	if (len < 16 || len > TASK_CACHE_BYTES)
		return false;
	slot = task_slot(text, line, len);
	if (slot->len == len && !memcmp(slot->text, line, len)) {
		*id = slot->id;
		return true;
	}
	if (!prefix_split_task(line, len, prefix) || prefix->pid_len >= TASK_TEXT / 2)
		return false;
	*id = intern_task(text, prefix);
	slot->len = (uint16_t)len;
	slot->id = *id;
	memcpy(slot->text, line, len);
	return true;
}

static void note_prefix(struct text *text, const struct prefix *prefix)
{
	text->prefixes++;
	text->perf_prefixes += (prefix->writer & PREFIX_PERF) != 0;
	text->padded_names += (prefix->writer & PREFIX_PADDED_NAME) != 0;
	if (prefix->flags)
		text->irq_info = true;
}

static bool parse_columns(struct text *text, const struct line *line, struct prefix *prefix,
			  uint16_t *task)
{
	if (text->layout.bracket &&
	    prefix_parse_fast(line->text, line->len, &text->layout, prefix) &&
	    cached_task(text, line->text, prefix, task)) {
		note_prefix(text, prefix);
		return true;
	}
	if (!prefix_parse(line->text, prefix) || prefix->pid_len >= TASK_TEXT / 2)
		return false;
	if (prefix->bracket) {
		text->layout.bracket = prefix->bracket;
		text->layout.irq_width = prefix->irq_width;
	}
	*task = intern_task(text, prefix);
	note_prefix(text, prefix);
	return true;
}

/* "CPU:1 [LOST 12 EVENTS]", "CPU:1 [12 EVENTS DROPPED]", both also without the number. */
static bool parse_lost(const char *p, struct kmr_event *ev)
{
	uint64_t cpu;
	uint64_t count = 0;

	p = scan_dec(p + 4, &cpu);
	if (!p || cpu > UINT16_MAX || p[0] != ' ' || p[1] != '[')
		return false;
	p += 2;
	if (starts(p, "LOST "))
		p += 5;
	if (scan_is_digit(*p)) {
		p = scan_dec(p, &count);
		if (!p || *p != ' ')
			return false;
		p++;
	}
	if (!starts(p, "EVENTS]") && !starts(p, "EVENTS DROPPED]"))
		return false;
	ev->cpu = (uint16_t)cpu;
	ev->addr = count;
	return true;
}

/* perf script --show-lost-events: "PERF_RECORD_LOST lost 12" where an event's name stands. */
static bool parse_perf_lost(const char *p, struct kmr_event *ev)
{
	if (!starts(p, "PERF_RECORD_LOST"))
		return false;
	p = scan_blanks(scan_word_end(p));
	if (!starts(p, "lost "))
		return false;
	return scan_dec(scan_blanks(p + 5), &ev->addr) != NULL;
}

static void set_lost(struct text *text, struct kmr_event *ev)
{
	ev->type = KMR_EV_LOST;
	ev->time = text->time;
	ev->node = -1;
}

static void parse_own_comment(struct text *text, const struct line *line)
{
	const size_t name = sizeof(MACHINE_TEXT) - 1;

	if (starts(line->text, MADE_UP_TEXT))
		text->made_up = true;
	else if (starts(line->text, MACHINE_TEXT) && line->len - name < sizeof(text->machine))
		kmr_printable(text->machine, sizeof(text->machine), line->text + name,
			      line->len - name);
}

/* A comment; some tell. */
static enum text_kind parse_comment(struct text *text, const struct line *line)
{
	static const char entries[] = "# entries-in-buffer/entries-written: ";
	uint64_t kept;
	uint64_t written;
	const char *p;

	parse_own_comment(text, line);
	if (starts(line->text, "# tracer: "))
		text->ftrace_header = true;
	if (starts(line->text, GRAPH_TEXT))
		text->graph.on = true;
	if (!starts(line->text, entries))
		return TEXT_NOTHING;
	text->ftrace_header = true;
	p = scan_dec(line->text + sizeof(entries) - 1, &kept);
	if (p && *p == '/' && scan_dec(p + 1, &written) && written > kept)
		text->overwritten += written - kept;
	return TEXT_NOTHING;
}

/*
 * trace_printk("kmsnap: N"): behind the caller's name in the trace file, and behind "bprint:",
 * "print:" and the caller in trace-cmd's and perf's output.
 */
static bool parse_mark(const struct prefix *prefix, struct kmr_event *ev)
{
	const char *p = prefix->args;

	if (prefix->event_len == 5
		    ? !memcmp(prefix->event, "print", 5)
		    : prefix->event_len == 6 && !memcmp(prefix->event, "bprint", 6)) {
		for (; !starts(p, MARK_TEXT); p = scan_blanks(scan_word_end(p)))
			if ((unsigned char)*p < ' ')
				return false;
	} else if (!starts(p, MARK_TEXT)) {
		return false;
	}
	p = scan_dec(scan_blanks(p + sizeof(MARK_TEXT) - 1), &ev->addr);
	return p && scan_number_ends(*p);
}

static enum text_kind other_event(struct text *text, const struct prefix *prefix,
				  struct kmr_event *ev)
{
	if (parse_mark(prefix, ev)) {
		ev->type = KMR_EV_MARK;
		ev->node = -1;
		return TEXT_EVENT;
	}
	if (!prefix->event_len && parse_perf_lost(prefix->args, ev)) {
		set_lost(text, ev);
		return TEXT_EVENT;
	}
	return TEXT_FOREIGN;
}

/* A line without the columns of a trace: one of ours if it names an event of ours all the same. */
static enum text_kind no_columns(struct text *text, const struct line *line,
				 struct text_problem *problem)
{
	const char *end = line->text + line->len;

	for (const char *p = line->text; p < end; p = scan_blanks(p)) {
		const char *word = p;
		uint32_t seen = 0;

		p = scan_word_end(p);
		if (p == word) {
			/* a control character that ends a word and is no blank */
			p++;
			continue;
		}
		if (p[-1] != ':')
			continue;
		if ((size_t)(p - word) > 5 && !memcmp(word, "kmem:", 5))
			word += 5;
		problem->type = decode_type(word, (size_t)(p - word) - 1, &seen);
		if (problem->type) {
			problem->reason = "no task, CPU and time before the event";
			return TEXT_MALFORMED;
		}
	}
	if (starts(line->text, "cpus=") && scan_is_digit(line->text[5]))
		text->trace_cmd_header = true;
	return TEXT_NOTHING;
}

/* A line that the end of the input cut may lack a field that others have and that may be absent. */
static const char *check_whole(const struct text *text, uint32_t seen_before,
			       const struct kmr_event *ev, bool had_gfp)
{
	uint32_t wanted = 0;

	if (had_gfp && !(ev->flags & KMR_EVF_GFP_KNOWN))
		return "cut off in gfp_flags=";
	if (ev->type == KMR_EV_CACHE_FREE)
		wanted = SEEN_CACHE_NAME;
	else if (ev->type == KMR_EV_KMALLOC || ev->type == KMR_EV_CACHE_ALLOC)
		wanted = SEEN_ACCOUNTED;
	return seen_before & wanted & ~text->decoder.seen ? "cut off" : NULL;
}

static const char *decode_unfinished(struct text *text, const char *args, struct kmr_event *ev)
{
	struct decoder *d = &text->decoder;
	uint32_t seen = d->seen;
	bool has_gfp = d->has_gfp;
	const char *wrong;

	d->seen = 0;
	d->has_gfp = false;
	wrong = decode_fields(d, args, ev);
	if (!wrong)
		wrong = check_whole(text, seen, ev, d->has_gfp);
	d->seen |= seen;
	d->has_gfp |= has_gfp;
	return wrong;
}

/* An event behind its columns. */
static enum text_kind take_event(struct text *text, bool unfinished, const struct prefix *prefix,
				 uint16_t task, struct kmr_event *ev, struct text_problem *problem)
{
	ev->time = prefix->time;
	ev->cpu = prefix->cpu;
	ev->task = task;
	ev->flags = prefix->flags;
	ev->type = (uint8_t)decode_type(prefix->event, prefix->event_len, &text->decoder.seen);
	if (!ev->type)
		return text->decoder.nomem ? TEXT_NOMEM : other_event(text, prefix, ev);
	problem->type = ev->type;
	if (unfinished)
		problem->reason = decode_unfinished(text, prefix->args, ev);
	else
		problem->reason = decode_fields(&text->decoder, prefix->args, ev);
	if (text->decoder.nomem)
		return TEXT_NOMEM;
	return problem->reason ? TEXT_MALFORMED : TEXT_EVENT;
}

/* The task of a line: its own column's, or the one that the CPU was last said to switch to. */
static uint16_t graph_task(struct text *text, const struct graph_line *g)
{
	const bool known = g->columns.cpu < GRAPH_CPUS;
	uint16_t id = known ? text->graph.task[g->columns.cpu] : 0;

	if (g->has_task && g->columns.pid_len < TASK_TEXT / 2)
		id = intern_task(text, &g->columns);
	if (known)
		text->graph.task[g->columns.cpu] = id;
	return id;
}

static enum text_kind take_comment(struct text *text, const struct line *line, uint16_t task,
				   struct kmr_event *ev, struct text_problem *problem)
{
	struct graph_line *g = &text->graph.line;
	char *end = line->text + (g->text - line->text) + g->len;
	enum text_kind kind;

	/* fields are read up to the line's end, which is now the comment's */
	*end = '\n';
	prefix_event(g->text, &g->columns);
	if (starts(g->text, MARK_TEXT)) {
		/* trace_printk()'s text, which no name stands before here */
		g->columns.event_len = 0;
		g->columns.args = g->text;
	}
	if (g->columns.flags)
		text->irq_info = true;
	kind = take_event(text, false, &g->columns, task, ev, problem);
	if (kind == TEXT_EVENT && line->unfinished && !g->closed) {
		problem->type = ev->type;
		problem->reason = "cut off";
		return TEXT_MALFORMED;
	}
	return kind;
}

/* Time without a column for it: what the calls took that nobody in the trace called. */
static void pass_time(struct text *text, const struct graph_line *g)
{
	if (g->shape == GRAPH_CALL && g->call.kind == KMR_GRAPH_SWITCH)
		return; /* which never has one */
	text->graph.timeless = true;
	if (g->shape == GRAPH_CALL && g->call.measured && !g->call.depth &&
	    text->time < UINT64_MAX - g->call.duration)
		text->time += g->call.duration;
}

/* A line of the function_graph tracer; TEXT_NOTHING: it is none. */
static enum text_kind parse_graph(struct text *text, const struct line *line, struct kmr_event *ev,
				  struct text_problem *problem)
{
	struct graph_line *g = &text->graph.line;
	uint16_t task;

	if (!graph_line_parse(line->text, line->len, text->graph.on, g))
		return TEXT_NOTHING;
	text->graph.lines++;
	text->graph.on = true;
	task = graph_task(text, g);
	if (text->decoder.nomem)
		return TEXT_NOMEM;
	if (g->has_time)
		text->time = g->columns.time;
	else
		pass_time(text, g);
	g->columns.time = text->time;
	return g->shape == GRAPH_COMMENT ? take_comment(text, line, task, ev, problem) : TEXT_CALL;
}

enum text_kind text_parse(struct text *text, const struct line *line, struct kmr_event *ev,
			  struct text_problem *problem)
{
	enum text_kind kind = TEXT_NOTHING;
	struct prefix prefix;
	uint16_t task;
	const char *p = line->text;

	memset(ev, 0, sizeof(*ev));
	if (line->too_long) {
		problem->type = KMR_EV_NONE;
		problem->reason = "longer than 64 KiB";
		return TEXT_MALFORMED;
	}
	if (*p == '#')
		return parse_comment(text, line);
	if (text->graph.on)
		kind = parse_graph(text, line, ev, problem);
	if (kind != TEXT_NOTHING)
		return kind;
	if (parse_columns(text, line, &prefix, &task))
		return take_event(text, line->unfinished, &prefix, task, ev, problem);
	if (starts(p, "CPU:") && parse_lost(p, ev)) {
		set_lost(text, ev);
		return TEXT_EVENT;
	}
	if (!text->graph.on)
		kind = parse_graph(text, line, ev, problem);
	return kind != TEXT_NOTHING ? kind : no_columns(text, line, problem);
}
