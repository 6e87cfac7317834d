// SPDX-License-Identifier: GPL-2.0-only
/* Constant expressions of C, as far as macros of flags expand to them. */
#include "trace/print_flags.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Casts and macros nest about ten deep. */
#define MAX_DEPTH 64

struct expr {
	const char *at;
	unsigned int depth;
};

static void skip_blanks(struct expr *e)
{
	while (*e->at == ' ' || *e->at == '\t' || *e->at == '\n')
		e->at++;
}

static bool take_char(struct expr *e, char c)
{
	skip_blanks(e);
	if (*e->at != c)
		return false;
	e->at++;
	return true;
}

/* "( unsigned long)", "(gfp_t)": words in parentheses, a type since no name has a value here */
static bool take_cast(struct expr *e)
{
	const char *p = e->at;
	bool word = false;

	if (*p != '(')
		return false;
	for (p++; *p == ' ' || *p == '_' || isalnum((unsigned char)*p); p++) {
		if (!word && isdigit((unsigned char)*p))
			return false;
		word |= *p != ' ';
	}
	if (!word || *p != ')')
		return false;
	e->at = p + 1;
	return true;
}

static bool take_number(struct expr *e, uint64_t *value)
{
	const char *p = e->at;
	char *end;

	if (!isdigit((unsigned char)*p))
		return false;
	*value = strtoull(p, &end, 0);
	while (*end == 'u' || *end == 'U' || *end == 'l' || *end == 'L')
		end++;
	e->at = end;
	return true;
}

static bool take_or(struct expr *e, uint64_t *value);

static bool take_unary(struct expr *e, uint64_t *value)
{
	bool ok;

	if (e->depth == MAX_DEPTH)
		return false;
	e->depth++;
	skip_blanks(e);
	if (take_cast(e)) {
		ok = take_unary(e, value);
	} else if (take_char(e, '~')) {
		ok = take_unary(e, value);
		*value = ~*value;
	} else if (take_char(e, '(')) {
		ok = take_or(e, value) && take_char(e, ')');
	} else {
		ok = take_number(e, value);
	}
	e->depth--;
	return ok;
}

static bool take_shift(struct expr *e, uint64_t *value)
{
	uint64_t by;

	if (!take_unary(e, value))
		return false;
	for (skip_blanks(e); e->at[0] == '<' && e->at[1] == '<'; skip_blanks(e)) {
		e->at += 2;
		if (!take_unary(e, &by) || by > 63)
			return false;
		*value <<= by;
	}
	return true;
}

static bool take_and(struct expr *e, uint64_t *value)
{
	uint64_t other;

	if (!take_shift(e, value))
		return false;
	while (take_char(e, '&')) {
		if (!take_shift(e, &other))
			return false;
		*value &= other;
	}
	return true;
}

static bool take_or(struct expr *e, uint64_t *value)
{
	uint64_t other;

	*value = 0;
	if (!take_and(e, value))
		return false;
	while (take_char(e, '|')) {
		if (!take_and(e, &other))
			return false;
		*value |= other;
	}
	return true;
}

/* {mask, "NAME"} */
static bool take_flag(struct expr *e, struct print_flags *flags)
{
	const char *end;
	size_t len;
	uint64_t mask;

	if (!take_or(e, &mask) || !take_char(e, ',') || !take_char(e, '"'))
		return false;
	end = strchr(e->at, '"');
	if (!end || flags->count == PRINT_FLAGS_MAX)
		return false;
	len = (size_t)(end - e->at);
	if (!len || len >= PRINT_FLAGS_NAME)
		return false;
	memcpy(flags->flag[flags->count].name, e->at, len);
	flags->flag[flags->count].name[len] = '\0';
	/* gfp_t has 32 bits, and a complement more */
	flags->flag[flags->count++].mask = mask & UINT32_MAX;
	e->at = end + 1;
	return take_char(e, '}');
}

bool print_flags_read(struct print_flags *flags, const char *format, const char *field)
{
	struct expr e = { NULL, 0 };
	char call[64];

	memset(flags, 0, sizeof(*flags));
	(void)snprintf(call, sizeof(call), "__print_flags(REC->%s,", field);
	e.at = strstr(format, call);
	if (!e.at)
		return false;
	e.at = strchr(e.at, '{');
	if (!e.at)
		return false;
	while (take_char(&e, '{')) {
		if (!take_flag(&e, flags))
			return false;
		if (!take_char(&e, ','))
			break;
	}
	return flags->count && take_char(&e, ')');
}

void print_flags_format(const struct print_flags *flags, uint64_t value, char *buf, size_t size)
{
	size_t used = 0;
	int n = 0;

	if (!value) {
		(void)snprintf(buf, size, "none");
		return;
	}
	buf[0] = '\0';
	for (unsigned int i = 0; i < flags->count && value && used < size; i++) {
		const uint64_t mask = flags->flag[i].mask;

		if (!mask || (value & mask) != mask)
			continue;
		value &= ~mask;
		n = snprintf(buf + used, size - used, "%s%s", used ? "|" : "", flags->flag[i].name);
		used += n > 0 ? (size_t)n : 0;
	}
	if (value && used < size)
		(void)snprintf(buf + used, size - used, "%s0x%" PRIx64, used ? "|" : "", value);
}
