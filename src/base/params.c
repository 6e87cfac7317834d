// SPDX-License-Identifier: GPL-2.0-only
#include "base/params.h"

#include <inttypes.h>
#include <string.h>

/* Decimal digits only, no sign, no overflow. */
static int parse_uint(const char *text, size_t len, uint64_t *value)
{
	*value = 0;
	if (!len)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(text[i] - '0'), value))
			return -1;
	}
	return 0;
}

static int parse_param(const char *option, const char *name, const struct kmr_param *p,
		       const char *text, size_t len, uint64_t *value, struct kmr_error *err)
{
	const size_t skip = strlen(p->name) + 1;

	if (len >= skip && !parse_uint(text + skip, len - skip, value) && *value >= p->min &&
	    *value <= p->max)
		return 0;
	return kmr_fail(err,
			"%s %s: %s takes a number from %" PRIu64 " to %" PRIu64 ", found '%.*s'",
			option, name, p->name, p->min, p->max, (int)len, text);
}

static int find_param(const struct kmr_param *params, unsigned int nr, const char *text, size_t len)
{
	const size_t name = strcspn(text, "=") < len ? strcspn(text, "=") : len;

	for (unsigned int i = 0; i < nr; i++)
		if (strlen(params[i].name) == name && !memcmp(params[i].name, text, name))
			return (int)i;
	return -1;
}

int kmr_params_parse(const char *option, const char *name, const struct kmr_param *params,
		     unsigned int nr, const char *text, uint64_t *values, struct kmr_error *err)
{
	for (unsigned int i = 0; i < nr; i++)
		values[i] = params[i].def;
	while (*text) {
		const char *item = text + 1;
		const size_t len = strcspn(item, ",");
		const int i = find_param(params, nr, item, len);

		if (i < 0)
			return kmr_fail(
				err, "%s %s: no parameter '%.*s'; `kmreplay list` shows them",
				option, name,
				(int)(strcspn(item, "=") < len ? strcspn(item, "=") : len), item);
		if (parse_param(option, name, &params[i], item, len, &values[i], err))
			return -1;
		text = item + len;
	}
	return 0;
}
