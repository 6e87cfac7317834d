// SPDX-License-Identifier: GPL-2.0-only
/* The columns before an event's fields; formats: kernel/trace/trace_output.c. */
#include "trace/prefix.h"

#include <string.h>

#include "kmreplay/event.h"
#include "trace/scan.h"

/* No prefix is longer: comm, two pids, cpu, irq-info and time are bounded. */
#define PREFIX_MAX 256

/* Before the time: irqs-off, need-resched, context, preempt and migrate-disable depth, lock. */
#define IRQ_INFO_MIN 4
#define IRQ_INFO_MAX 6

const uint8_t scan_hex_digit[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* Which columns of irq-info a character can stand in, by bits 0, 1, 2 and, for all others, 3. */
static const uint8_t irq_columns[256] = {
	['.'] = 15, ['d'] = 9, ['D'] = 9, ['b'] = 11, ['X'] = 1, ['B'] = 11, ['N'] = 2,
	['n'] = 2,  ['p'] = 2, ['P'] = 2, ['l'] = 2,  ['L'] = 2, ['g'] = 2,  ['G'] = 2,
	['t'] = 2,  ['T'] = 2, ['h'] = 4, ['H'] = 4,  ['s'] = 4, ['z'] = 4,  ['Z'] = 4,
	['0'] = 8,  ['1'] = 8, ['2'] = 8, ['3'] = 8,  ['4'] = 8, ['5'] = 8,  ['6'] = 8,
	['7'] = 8,  ['8'] = 8, ['9'] = 8, ['a'] = 8,  ['c'] = 8, ['e'] = 8,  ['f'] = 8,
};

static inline bool is_irq_info(const char *p, size_t len)
{
	const unsigned char *c = (const unsigned char *)p;

	if (len < IRQ_INFO_MIN || len > IRQ_INFO_MAX)
		return false;
	if (!(irq_columns[c[0]] & 1) || !(irq_columns[c[1]] & 2) || !(irq_columns[c[2]] & 4))
		return false;
	for (size_t i = 3; i < len; i++)
		if (!(irq_columns[c[i]] & 8))
			return false;
	return true;
}

/* kernel/trace/trace_output.c, trace_print_lat_fmt() */
static uint8_t irq_context(char c)
{
	switch (c) {
	case 's':
		return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_SOFTIRQ;
	case 'h':
	case 'H':
		return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_HARDIRQ;
	case 'z':
	case 'Z':
		return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_NMI;
	default:
		return KMR_EVF_CONTEXT_KNOWN | KMR_CTX_TASK;
	}
}

bool prefix_irq_info(const char *text, size_t len, uint8_t *flags)
{
	if (!is_irq_info(text, len))
		return false;
	*flags = irq_context(text[2]);
	return true;
}

/* Digits behind the point, to nanoseconds; NULL when there are none or more than nine. */
static inline const char *scan_fraction(const char *p, uint64_t *ns)
{
	static const uint32_t scale[] = { 0,	 100000000, 10000000, 1000000, 100000,
					  10000, 1000,	    100,      10,      1 };
	const char *start = p;
	uint64_t v = 0;

	for (; scan_is_digit(*p) && p - start < 10; p++)
		v = v * 10 + (unsigned int)(*p - '0');
	if (p == start || p - start > 9)
		return NULL;
	*ns = v * scale[p - start];
	return p;
}

/*
 * "12.345678", "12.345678901", "12345us", "12us+" or, of a clock that counts, "12345".  Returns
 * the end, NULL when @p is no time stamp.
 */
static const char *scan_time(const char *p, uint64_t *ns)
{
	uint64_t whole;
	uint64_t fraction = 0;

	p = scan_dec(p, &whole);
	if (!p)
		return NULL;
	if (*p == '.') {
		if (whole > UINT64_MAX / 1000000000 - 1)
			return NULL;
		p = scan_fraction(p + 1, &fraction);
		*ns = whole * 1000000000 + fraction;
		return p;
	}
	if (p[0] == 'u' && p[1] == 's') {
		if (whole > UINT64_MAX / 1000)
			return NULL;
		*ns = whole * 1000;
		p += 2;
		/* how long until the next event: trace_find_mark() */
		return *p && memchr(" +!#*@$", *p, 7) ? p + 1 : p;
	}
	*ns = whole;
	return p;
}

void prefix_event(const char *p, struct prefix *prefix)
{
	const char *colon;
	const char *end;

	p = scan_blanks(p);
	/* trace-cmd report --ts-diff */
	if (p[0] == '(' && p[1] == '+')
		p = scan_blanks(scan_word_end(p));
	end = scan_word_end(p);
	prefix->event = p;
	prefix->event_len = 0;
	prefix->args = p;
	if (end == p || end[-1] != ':')
		return;
	/* perf says "kmem:mm_page_alloc:" */
	while ((colon = memchr(p, ':', (size_t)(end - 1 - p)))) {
		p = colon + 1;
		prefix->writer |= PREFIX_PERF;
	}
	prefix->event = p;
	prefix->event_len = (size_t)(end - 1 - p);
	prefix->args = scan_blanks(end);
	if (prefix->args > end + 1)
		prefix->writer |= PREFIX_PADDED_NAME;
}

static size_t trim(const char *text, size_t len)
{
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return len;
}

/* "(   123)" or "(-----)" at the end: leave it out. */
static size_t cut_tgid(const char *text, size_t len)
{
	size_t at = len;

	if (!len || text[len - 1] != ')')
		return len;
	for (at = len - 1; at > 0; at--) {
		char c = text[at - 1];

		if (c == '(')
			return trim(text, at - 1);
		if (c != ' ' && c != '-' && !scan_is_digit(c))
			break;
	}
	return len;
}

static void set_task(struct prefix *prefix, const char *comm, size_t comm_len, const char *pid,
		     size_t pid_len)
{
	prefix->comm = comm;
	prefix->comm_len = trim(comm, comm_len);
	prefix->pid = pid;
	prefix->pid_len = pid_len;
}

bool prefix_split_task(const char *text, size_t len, struct prefix *prefix)
{
	size_t digits;

	while (len && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	len = cut_tgid(text, trim(text, len));
	for (digits = len; digits && scan_is_digit(text[digits - 1]);)
		digits--;
	if (digits == len || digits < 2)
		return false;
	switch (text[digits - 1]) {
	case '-':
		/* perf's "comm  -1" has a blank where a comm would end */
		if (text[digits - 2] == ' ') {
			prefix->writer |= PREFIX_PERF;
			set_task(prefix, text, digits - 2, text + digits - 1, len - digits + 1);
		} else {
			set_task(prefix, text, digits - 1, text + digits, len - digits);
		}
		return prefix->comm_len != 0;
	case '/': { /* perf's "comm pid/tid" */
		size_t at = digits - 1;

		while (at && scan_is_digit(text[at - 1]))
			at--;
		if (at == digits - 1 || !at || text[at - 1] != ' ')
			return false;
		prefix->writer |= PREFIX_PERF;
		set_task(prefix, text, at - 1, text + digits, len - digits);
		return prefix->comm_len != 0;
	}
	case ' ': /* perf's "comm pid" */
		prefix->writer |= PREFIX_PERF;
		set_task(prefix, text, digits - 1, text + digits, len - digits);
		return prefix->comm_len != 0;
	default:
		return false;
	}
}

/* "[000]", ending at @end (exclusive); on success *at is the bracket. */
static bool parse_cpu_before(const char *line, const char *end, const char **at, uint16_t *cpu)
{
	const char *p = end - 1;
	uint64_t value;

	if (p <= line || *p != ']')
		return false;
	while (p > line && scan_is_digit(p[-1]))
		p--;
	if (p == line || p[-1] != '[' || p == end - 1)
		return false;
	if (!scan_dec(p, &value) || value > UINT16_MAX)
		return false;
	*cpu = (uint16_t)value;
	*at = p - 1;
	return true;
}

static void set_irq_info(struct prefix *prefix, const char *p, size_t len)
{
	prefix->flags = irq_context(p[2]);
	prefix->writer |= PREFIX_IRQ_INFO;
	prefix->irq_width = (uint8_t)len;
}

/* Everything before the time: [@line, @end). */
static bool parse_left(const char *line, const char *end, struct prefix *prefix)
{
	const char *word;
	const char *at;
	size_t digits = 0;

	end = line + trim(line, (size_t)(end - line));
	for (word = end; word > line && word[-1] != ' ' && word[-1] != '\t';)
		word--;
	if (is_irq_info(word, (size_t)(end - word))) {
		const char *left = line + trim(line, (size_t)(word - line));

		if (parse_cpu_before(line, left, &at, &prefix->cpu)) {
			set_irq_info(prefix, word, (size_t)(end - word));
			prefix->bracket = (uint32_t)(at - line);
			return prefix_split_task(line, (size_t)(at - line), prefix);
		}
	}
	if (parse_cpu_before(line, end, &at, &prefix->cpu)) {
		prefix->bracket = (uint32_t)(at - line);
		return prefix_split_task(line, (size_t)(at - line), prefix);
	}
	/* latency format: the CPU's number and the irq-info in one word */
	while (word + digits < end && scan_is_digit(word[digits]))
		digits++;
	if (digits && digits <= 5 && is_irq_info(word + digits, (size_t)(end - word) - digits)) {
		uint64_t cpu;

		if (!scan_dec(word, &cpu) || cpu > UINT16_MAX)
			return false;
		prefix->cpu = (uint16_t)cpu;
		set_irq_info(prefix, word + digits, (size_t)(end - word) - digits);
		return prefix_split_task(line, (size_t)(word - line), prefix) &&
		       !(prefix->writer & PREFIX_PERF);
	}
	/* perf script without a CPU: "comm pid time:" */
	return prefix_split_task(line, (size_t)(end - line), prefix) &&
	       (prefix->writer & PREFIX_PERF);
}

static bool try_colon(const char *line, const char *colon, struct prefix *prefix)
{
	const char *start = colon;
	const char *end;

	/* "12us :" has a blank before its colon */
	if (start > line && start[-1] == ' ')
		start--;
	while (start > line && start[-1] != ' ' && start[-1] != '\t')
		start--;
	if (start == line)
		return false;
	end = scan_time(start, &prefix->time);
	if (end != colon)
		return false;
	prefix->writer = 0;
	prefix->flags = 0;
	prefix->cpu = 0;
	prefix->bracket = 0;
	prefix->irq_width = 0;
	if (!parse_left(line, start, prefix))
		return false;
	prefix_event(colon + 1, prefix);
	/* without a CPU only a named event tells a trace from prose with a number in it */
	return prefix->event_len || prefix->bracket || prefix->irq_width;
}

bool prefix_parse(const char *line, struct prefix *prefix)
{
	const char *limit = line + PREFIX_MAX;

	for (const char *p = line; *p != '\n' && p < limit; p++)
		if (*p == ':' && (p[1] == ' ' || p[1] == '\t' || p[1] == '\n') && p > line &&
		    try_colon(line, p, prefix))
			return true;
	return false;
}

bool prefix_parse_fast(const char *line, size_t len, const struct layout *layout,
		       struct prefix *prefix)
{
	const char *p = line + layout->bracket;
	const char *digits = p + 1;
	unsigned int cpu = 0;

	if (len < (size_t)layout->bracket + 16 || *p != '[' || p[-1] != ' ')
		return false;
	for (p++; scan_is_digit(*p) && p - digits < 5; p++)
		cpu = cpu * 10 + (unsigned int)(*p - '0');
	if (p == digits || p[0] != ']' || p[1] != ' ' || cpu > UINT16_MAX)
		return false;
	p += 2;
	prefix->flags = 0;
	prefix->writer = 0;
	if (layout->irq_width) {
		if (p[layout->irq_width] != ' ' || !is_irq_info(p, layout->irq_width))
			return false;
		prefix->flags = irq_context(p[2]);
		p += layout->irq_width;
	}
	p = scan_time(scan_blanks(p), &prefix->time);
	if (!p || p[0] != ':' || p[1] != ' ')
		return false;
	prefix->cpu = (uint16_t)cpu;
	prefix->comm = NULL;
	prefix_event(p + 1, prefix);
	return true;
}
