// SPDX-License-Identifier: GPL-2.0-only
/* The table of backends and "NAME,parameter=value,…". */
#include "support.h"

Test(page_registry, table)
{
	const struct kmr_page_ops *first = kmr_page_backend_at(0);
	unsigned int n = 0;

	cr_assert_not_null(first);
	cr_assert_str_eq(first->name, "linux-6.1");
	for (const struct kmr_page_ops *ops; (ops = kmr_page_backend_at(n)); n++) {
		cr_assert_eq(kmr_page_backend_find(ops->name), ops);
		cr_assert_gt(strlen(ops->description), 0);
		cr_assert_null(strchr(ops->description, '\n'));
		cr_assert_leq(ops->nr_params, KMR_MAX_PARAMS);
		for (unsigned int i = 0; i < ops->nr_params; i++) {
			const struct kmr_param *p = &ops->params[i];

			cr_assert_gt(strlen(p->description), 0);
			cr_assert(p->min <= p->def && p->def <= p->max, "%s", p->name);
			cr_assert(p->type != KMR_PARAM_BOOL || p->max == 1, "%s", p->name);
		}
	}
	cr_assert_null(kmr_page_backend_at(n));
	cr_assert_null(kmr_page_backend_find("linux-6."));
	cr_assert_null(kmr_page_backend_find("linux-6.1 "));
	cr_assert_null(kmr_page_backend_find(""));
}

/* Callers ask for these without a look; the others may be missing, page.h says so. */
Test(page_registry, every_call_is_there)
{
	const struct kmr_page_ops *o;

	for (unsigned int n = 0; (o = kmr_page_backend_at(n)); n++) {
		cr_assert(o->create && o->destroy && o->alloc && o->free && o->free_prepare &&
				  o->free_commit && o->drain && o->drain_one && o->pcp_lock &&
				  o->tick && o->decay && o->kswapd && o->observe,
			  "%s", o->name);
		cr_assert(o->zone_state && o->pcp_count && o->refill_size && o->work && o->check &&
				  o->load && o->save && o->set_pageblock && o->seed_free,
			  "%s", o->name);
		cr_assert(o->where && o->unalloc && o->take && o->buddy_put && o->pcp_put &&
				  o->split && o->cma_activate && o->cma_alloc && o->cma_release &&
				  o->online && o->offline && o->set_huge_pages && o->contig_work &&
				  o->pcp_take_all,
			  "%s", o->name);
		cr_assert_eq(!o->numa, !o->numa_restart, "%s", o->name);
	}
}

static uint64_t value_of(const struct kmr_page_ops *ops, const uint64_t *values, const char *name)
{
	for (unsigned int i = 0; i < ops->nr_params; i++)
		if (!strcmp(ops->params[i].name, name))
			return values[i];
	cr_assert_fail("no parameter %s", name);
	return 0;
}

Test(page_registry, parameters)
{
	uint64_t values[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };
	const struct kmr_page_ops *ops = kmr_page_backend_parse("linux-6.1", values, &err);

	cr_assert_not_null(ops);
	for (unsigned int i = 0; i < ops->nr_params; i++)
		cr_assert_eq(values[i], ops->params[i].def);
	cr_assert_eq(kmr_page_backend_parse("linux-6.1,nofragment=0,pcp_high=1048576,pcp_batch=31",
					    values, &err),
		     ops);
	cr_assert_eq(value_of(ops, values, "nofragment"), 0);
	cr_assert_eq(value_of(ops, values, "mobility"), 1);
	cr_assert_eq(value_of(ops, values, "pcp_high"), 1048576);
	cr_assert_eq(value_of(ops, values, "pcp_batch"), 31);
	/* the last one counts */
	cr_assert_not_null(
		kmr_page_backend_parse("linux-6.1,pcp_batch=1,pcp_batch=2", values, &err));
	cr_assert_eq(value_of(ops, values, "pcp_batch"), 2);
}

static void assert_error(const char *spec, const char *message)
{
	uint64_t values[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };

	cr_assert_null(kmr_page_backend_parse(spec, values, &err), "%s was taken", spec);
	cr_assert_str_eq(err.msg, message);
}

Test(page_registry, errors)
{
	assert_error("", "--page: no backend ''; there is linux-6.1, linux-6.12, linux-5.15, "
			 "linux-2.6.24, linux-2.4");
	assert_error("linux-2.6,nofragment=1",
		     "--page: no backend 'linux-2.6'; there is linux-6.1, linux-6.12, linux-5.15, "
		     "linux-2.6.24, linux-2.4");
	assert_error("linux-6.1x", "--page: no backend 'linux-6.1x'; there is linux-6.1, "
				   "linux-6.12, linux-5.15, linux-2.6.24, linux-2.4");
	assert_error("linux-6.1,colour=3",
		     "--page linux-6.1: no parameter 'colour'; `kmreplay list` shows them");
	assert_error("linux-6.1,", "--page linux-6.1: no parameter ''; `kmreplay list` shows them");
	assert_error("linux-6.1,pcp=3",
		     "--page linux-6.1: no parameter 'pcp'; `kmreplay list` shows them");
	assert_error("linux-6.1,nofragment",
		     "--page linux-6.1: nofragment takes a number from 0 to 1, found 'nofragment'");
	assert_error(
		"linux-6.1,nofragment=",
		"--page linux-6.1: nofragment takes a number from 0 to 1, found 'nofragment='");
	assert_error(
		"linux-6.1,nofragment=2",
		"--page linux-6.1: nofragment takes a number from 0 to 1, found 'nofragment=2'");
	assert_error("linux-6.1,nofragment=yes,mobility=0",
		     "--page linux-6.1: nofragment takes a number from 0 to 1, found "
		     "'nofragment=yes'");
	assert_error("linux-6.1,pcp_high=1048577",
		     "--page linux-6.1: pcp_high takes a number from 0 to 1048576, found "
		     "'pcp_high=1048577'");
	assert_error("linux-6.1,pcp_high=-1",
		     "--page linux-6.1: pcp_high takes a number from 0 to 1048576, found "
		     "'pcp_high=-1'");
	assert_error("linux-6.1,pcp_high=0x10",
		     "--page linux-6.1: pcp_high takes a number from 0 to 1048576, found "
		     "'pcp_high=0x10'");
	assert_error("linux-6.1,pcp_batch=18446744073709551617",
		     "--page linux-6.1: pcp_batch takes a number from 0 to 65536, found "
		     "'pcp_batch=18446744073709551617'");
}
