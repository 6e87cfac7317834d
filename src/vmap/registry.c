// SPDX-License-Identifier: GPL-2.0-only
/* The built-in vmap backends. */
#include <string.h>

#include "base/array.h"
#include "base/params.h"
#include "vmap/vmap.h"

static const struct kmr_vmap_ops *const backends[] = { &kmr_vmap_augmented, &kmr_vmap_rbtree };

const struct kmr_vmap_ops *kmr_vmap_backend_at(unsigned int i)
{
	return i < ARRAY_SIZE(backends) ? backends[i] : NULL;
}

static const struct kmr_vmap_ops *find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(backends); i++)
		if (strlen(backends[i]->name) == len && !memcmp(backends[i]->name, name, len))
			return backends[i];
	return NULL;
}

const struct kmr_vmap_ops *kmr_vmap_backend_find(const char *name)
{
	return find(name, strlen(name));
}

const struct kmr_vmap_ops *kmr_vmap_backend_parse(const char *spec, uint64_t *params,
						  struct kmr_error *err)
{
	const size_t len = strcspn(spec, ",");
	const struct kmr_vmap_ops *ops = find(spec, len);

	if (!ops) {
		(void)kmr_fail(err,
			       "--vmap: no backend '%.*s'; `kmreplay list` shows those there are",
			       (int)len, spec);
		return NULL;
	}
	if (kmr_params_parse("--vmap", ops->name, ops->params, ops->nr_params, spec + len, params,
			     err))
		return NULL;
	return ops;
}
