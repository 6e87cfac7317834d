// SPDX-License-Identifier: GPL-2.0-only
/* The backends and their parameters. */
#include "support.h"

Test(registry, backends_describe_themselves)
{
	unsigned int nr = 0;

	for (const struct kmr_vmap_ops *ops; (ops = kmr_vmap_backend_at(nr)); nr++) {
		cr_expect_eq(kmr_vmap_backend_find(ops->name), ops);
		cr_expect_gt(strlen(ops->description), 10u);
		cr_expect_leq(ops->nr_params, (unsigned int)KMR_MAX_PARAMS);
		for (unsigned int i = 0; i < ops->nr_params; i++) {
			const struct kmr_param *p = &ops->params[i];

			cr_expect(p->def >= p->min && p->def <= p->max, "%s", p->name);
			cr_expect_gt(strlen(p->description), 10u);
		}
	}
	cr_expect_eq(nr, 2);
	cr_expect_str_eq(kmr_vmap_backend_at(0)->name, "augmented");
	cr_expect_null(kmr_vmap_backend_find("slub"));
}

static void refused(const char *spec, const char *message)
{
	uint64_t params[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };

	cr_expect_null(kmr_vmap_backend_parse(spec, params, &err), "%s", spec);
	cr_expect_str_eq(err.msg, message);
}

Test(registry, errors)
{
	refused("tree", "--vmap: no backend 'tree'; `kmreplay list` shows those there are");
	refused("", "--vmap: no backend ''; `kmreplay list` shows those there are");
	refused("rbtree,nodes=1",
		"--vmap rbtree: no parameter 'nodes'; `kmreplay list` shows them");
	refused("augmented,nodes=129",
		"--vmap augmented: nodes takes a number from 0 to 128, found 'nodes=129'");
	refused("augmented,block_order=x",
		"--vmap augmented: block_order takes a number from 0 to 10, found 'block_order=x'");
	refused("rbtree,lazy_max=4294967296", "--vmap rbtree: lazy_max takes a number from 0 to "
					      "4294967295, found 'lazy_max=4294967296'");
}
