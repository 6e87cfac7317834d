// SPDX-License-Identifier: GPL-2.0-only
/* The built-in page backends, and "NAME,parameter=value,…" taken apart. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "page/linux.h"

static const struct kmr_page_ops *const backends[] = { &kmr_linux_6_1 };

const struct kmr_page_ops *kmr_page_backend_at(unsigned int i)
{
	return i < ARRAY_SIZE(backends) ? backends[i] : NULL;
}

static const struct kmr_page_ops *find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(backends); i++)
		if (strlen(backends[i]->name) == len && !memcmp(backends[i]->name, name, len))
			return backends[i];
	return NULL;
}

const struct kmr_page_ops *kmr_page_backend_find(const char *name)
{
	return find(name, strlen(name));
}

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

static int parse_param(const struct kmr_page_ops *ops, const char *text, size_t len,
		       uint64_t *values, struct kmr_error *err)
{
	const char *eq = memchr(text, '=', len);
	const size_t name = eq ? (size_t)(eq - text) : len;

	for (unsigned int i = 0; i < ops->nr_params; i++) {
		const struct kmr_param *p = &ops->params[i];

		if (strlen(p->name) != name || memcmp(p->name, text, name) != 0)
			continue;
		if (!eq || parse_uint(eq + 1, len - name - 1, &values[i]) || values[i] < p->min ||
		    values[i] > p->max)
			return kmr_fail(err,
					"--page %s: %s takes a number from %" PRIu64 " to %" PRIu64
					", found '%.*s'",
					ops->name, p->name, p->min, p->max, (int)len, text);
		return 0;
	}
	return kmr_fail(err, "--page %s: no parameter '%.*s'; `kmreplay list` shows them",
			ops->name, (int)name, text);
}

const struct kmr_page_ops *kmr_page_backend_parse(const char *spec, uint64_t *params,
						  struct kmr_error *err)
{
	size_t len = strcspn(spec, ",");
	const struct kmr_page_ops *ops = find(spec, len);

	if (!ops) {
		(void)kmr_fail(err, "--page: no backend '%.*s'; there is %s", (int)len, spec,
			       backends[0]->name);
		return NULL;
	}
	for (unsigned int i = 0; i < ops->nr_params; i++)
		params[i] = ops->params[i].def;
	while (spec[len]) {
		const char *item = spec + len + 1;
		const size_t item_len = strcspn(item, ",");

		if (parse_param(ops, item, item_len, params, err))
			return NULL;
		len = (size_t)(item - spec) + item_len;
	}
	return ops;
}
