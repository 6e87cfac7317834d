// SPDX-License-Identifier: GPL-2.0-only
/* The columns of the function_graph tracer; kernel/trace/trace_functions_graph.c. */
#include "trace/graph_line.h"

#include <string.h>

#include "trace/scan.h"

#define INDENT	  2u /* TRACE_GRAPH_INDENT */
#define MAX_DEPTH 4096u
/* No column before the calls is wider: a task is at most 16 + 1 + 10 characters. */
#define MAX_COLUMN 64
/* Of more us than this no nanoseconds are told, nor would any be right. */
#define MAX_US (UINT64_MAX / 1000)

static bool starts(const char *p, const char *text)
{
	return !strncmp(p, text, strlen(text));
}

/* "0.523", "12.3", "1234567": us with up to three decimals, as ns. */
static const char *scan_us(const char *p, uint64_t *ns)
{
	static const unsigned int scale[] = { 1000, 100, 10, 1 };
	uint64_t whole, part = 0;
	unsigned int digits = 0;

	p = scan_dec(p, &whole);
	if (!p || whole >= MAX_US)
		return NULL;
	if (*p == '.')
		for (p++; digits < 3 && scan_is_digit(*p); p++, digits++)
			part = part * 10 + (unsigned int)(*p - '0');
	*ns = whole * 1000 + part * scale[digits];
	return p;
}

/* "  20.067457 |" or "     1234 us |"; NULL: no such column. */
static const char *scan_clock(const char *p, uint64_t *ns)
{
	uint64_t whole, part = 0;
	unsigned int digits = 0;

	p = scan_dec(scan_blanks(p), &whole);
	if (!p)
		return NULL;
	if (*p == '.') {
		for (p++; digits < 6 && scan_is_digit(*p); p++, digits++)
			part = part * 10 + (unsigned int)(*p - '0');
		if (digits != 6 || whole >= UINT64_MAX / 1000000000)
			return NULL;
		*ns = whole * 1000000000 + part * 1000;
	} else {
		if (whole >= MAX_US || !starts(p, " us"))
			return NULL;
		*ns = whole * 1000;
		p += 3;
	}
	p = scan_blanks(p);
	return *p == '|' ? p + 1 : NULL;
}

/* " 0) ": NULL: no such column. */
static const char *scan_cpu(const char *p, uint16_t *cpu)
{
	uint64_t value;

	p = scan_dec(scan_blanks(p), &value);
	if (!p || value > UINT16_MAX || p[0] != ')' || p[1] != ' ')
		return NULL;
	*cpu = (uint16_t)value;
	return p + 2;
}

/* "+ 12.345 us" and nothing behind it, from @p to @end. */
static bool is_duration(const char *p, const char *end, uint64_t *ns)
{
	if (*p && memchr("+!#*@$", *p, 6))
		p = scan_blanks(p + 1);
	if (!scan_is_digit(*p))
		return false;
	p = scan_us(p, ns);
	return p && starts(p, " us") && p + 3 == end;
}

/* The name of a function as %ps prints it, with or without its module; its end. */
static const char *scan_function(const char *p)
{
	const char *start = p;

	while ((unsigned char)*p > ' ' && *p != '(' && *p != ';' && *p != '{' && *p != '}')
		p++;
	if (p == start)
		return NULL;
	/* " [module]" */
	if (p[0] == ' ' && p[1] == '[') {
		const char *q = p + 2;

		while ((unsigned char)*q > ' ' && *q != ']')
			q++;
		if (*q == ']')
			return q + 1;
	}
	return p;
}

static bool parse_exit(struct graph_line *g, const char *p)
{
	const char *end;

	g->call.kind = KMR_GRAPH_EXIT;
	p = scan_blanks(p);
	if (*p == '\n')
		return true;
	/* funcgraph-tail, or an entry that was lost; with funcgraph-retval "name = 0x0" */
	if (!starts(p, "/* "))
		return false;
	end = scan_function(p + 3);
	if (!end || *end != ' ')
		return false;
	g->call.function = p + 3;
	g->call.function_len = (size_t)(end - p) - 3;
	return true;
}

static bool parse_entry(struct graph_line *g, const char *p)
{
	const char *end = scan_function(p);
	int depth = 0;

	if (!end || *end != '(')
		return false;
	g->call.function = p;
	g->call.function_len = (size_t)(end - p);
	/* funcgraph-args, since 6.15: what is between the parentheses */
	for (; *end != '\n'; end++) {
		depth += *end == '(';
		depth -= *end == ')';
		if (!depth)
			break;
	}
	if (*end != ')')
		return false;
	end++;
	if (*end == ';')
		g->call.kind = KMR_GRAPH_LEAF;
	else if (starts(end, " {"))
		g->call.kind = KMR_GRAPH_ENTER;
	else
		return false;
	return true;
}

static bool parse_comment(struct graph_line *g, const char *p, const char *end)
{
	static const char close[] = " */";
	const size_t n = sizeof(close) - 1;

	g->shape = GRAPH_COMMENT;
	g->text = p;
	g->closed = (size_t)(end - p) >= n && !memcmp(end - n, close, n);
	g->len = (size_t)(end - p) - (g->closed ? n : 0);
	return true;
}

/* What stands behind the columns; @p is where they end. */
static bool parse_calls(struct graph_line *g, const char *p, const char *end)
{
	const char *text = scan_blanks(p);
	const size_t indent = (size_t)(text - p);

	g->shape = GRAPH_CALL;
	if (starts(text, "/* "))
		return parse_comment(g, text + 3, end);
	g->call.depth = indent / INDENT < MAX_DEPTH ? (unsigned int)(indent / INDENT) : MAX_DEPTH;
	return *text == '}' ? parse_exit(g, text + 1) : parse_entry(g, text);
}

/* "bash-123", and nothing that the tracer puts into other columns. */
static bool take_task(struct graph_line *g, const char *p, const char *end)
{
	g->columns.writer = 0;
	if (g->has_task || !prefix_split_task(p, (size_t)(end - p), &g->columns) ||
	    (g->columns.writer & PREFIX_PERF))
		return false;
	g->has_task = true;
	return true;
}

enum column {
	COLUMN_NONE, /* it is none of the tracer's */
	COLUMN_MORE, /* others follow */
	COLUMN_LAST, /* the duration's, behind which calls stand */
	COLUMN_ARROW, /* of an interrupt, which stands where durations do */
};

static enum column take_column(struct graph_line *g, const char *p, const char *end)
{
	while (end > p && end[-1] == ' ')
		end--;
	if (p == end)
		return COLUMN_LAST;
	if (is_duration(p, end, &g->call.duration)) {
		g->call.measured = true;
		return COLUMN_LAST;
	}
	if (end - p == 11 && (starts(p, "==========>") || starts(p, "<=========="))) {
		g->call.kind = *p == '=' ? KMR_GRAPH_IRQ_ENTER : KMR_GRAPH_IRQ_EXIT;
		return COLUMN_ARROW;
	}
	if (prefix_irq_info(p, (size_t)(end - p), &g->columns.flags))
		return COLUMN_MORE;
	return take_task(g, p, end) ? COLUMN_MORE : COLUMN_NONE;
}

/* " 0)   bash-123     =>    sh-124": the task that the CPU goes on with. */
static bool parse_switch(struct graph_line *g, const char *p, const char *end)
{
	const char *at = p;

	while (at < end && !starts(at, " => "))
		at++;
	if (at >= end)
		return false;
	p = scan_blanks(at + 4);
	while (end > p && end[-1] == ' ')
		end--;
	if (!take_task(g, p, end))
		return false;
	g->shape = GRAPH_CALL;
	g->call.kind = KMR_GRAPH_SWITCH;
	return true;
}

/* Task, irq-info and duration, then calls; @p is behind the CPU. */
static bool parse_columns(struct graph_line *g, const char *p, const char *end, bool sure)
{
	bool bars = g->has_time;

	for (unsigned int n = 0; n < 3; n++) {
		const char *text = scan_blanks(p);
		const size_t left = (size_t)(end - text);
		const char *bar = memchr(text, '|', left < MAX_COLUMN ? left : MAX_COLUMN);
		enum column column = COLUMN_NONE;

		if (bar && !starts(text, "/* "))
			column = take_column(g, text, bar);
		if (column == COLUMN_ARROW) {
			g->shape = GRAPH_CALL;
			return true;
		}
		if (column == COLUMN_NONE)
			break;
		bars = true;
		p = bar + 1;
		if (column == COLUMN_LAST)
			break;
	}
	/* two blanks stand behind every column */
	if (p[0] == ' ' && p[1] == ' ')
		p += 2;
	return (bars || sure) && parse_calls(g, p, end);
}

bool graph_line_parse(const char *line, size_t len, bool sure, struct graph_line *g)
{
	const char *end = line + len, *p = line, *next;
	bool has_cpu;

	memset(g, 0, sizeof(*g));
	while (end > line && end[-1] == ' ')
		end--;
	/* absolute time, relative time: the first counts */
	for (unsigned int n = 0; n < 2; n++) {
		uint64_t time;

		next = scan_clock(p, &time);
		if (!next)
			break;
		if (!g->has_time)
			g->columns.time = time;
		g->has_time = true;
		p = next;
	}
	if (!g->has_time && *scan_blanks(p) == '|')
		p = scan_blanks(p) + 1; /* a switch, as old kernels print it */
	next = scan_cpu(p, &g->columns.cpu);
	has_cpu = next != NULL;
	if (next)
		p = next;
	if (!has_cpu && !g->has_time && !sure)
		return false;
	g->call.cpu = g->columns.cpu;
	if (has_cpu && parse_switch(g, p, end))
		return true;
	g->has_task = false;
	return parse_columns(g, p, end, sure);
}
