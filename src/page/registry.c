// SPDX-License-Identifier: GPL-2.0-only
/* The built-in page backends, and "NAME,parameter=value,…" taken apart. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/params.h"
#include "page/common.h"
#include "page/linux.h"

static const struct kmr_page_ops *const backends[] = {
	&kmr_linux_6_1, &kmr_linux_6_12, &kmr_linux_5_15, &kmr_linux_2_6_24, &kmr_linux_2_4,
};

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

static const char *list_names(char *to, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(backends) && used < size; i++)
		used += (size_t)snprintf(to + used, size - used, "%s%s", i ? ", " : "",
					 backends[i]->name);
	return to;
}

const struct kmr_page_ops *kmr_page_backend_parse(const char *spec, uint64_t *params,
						  struct kmr_error *err)
{
	const size_t len = strcspn(spec, ",");
	const struct kmr_page_ops *ops = find(spec, len);
	char names[256];

	if (!ops) {
		(void)kmr_fail(err, "--page: no backend '%.*s'; there is %s", (int)len, spec,
			       list_names(names, sizeof(names)));
		return NULL;
	}
	if (kmr_params_parse("--page", ops->name, ops->params, ops->nr_params, spec + len, params,
			     err))
		return NULL;
	return ops;
}
