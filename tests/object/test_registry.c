// SPDX-License-Identifier: GPL-2.0-only
/* The table of backends and "NAME,parameter=value,…". */
#include <criterion/criterion.h>
#include <string.h>

#include "kmreplay/object.h"

Test(object_registry, table)
{
	static const char *const names[] = { "slub", "slab", "slob" };
	unsigned int n = 0;

	for (const struct kmr_object_ops *ops; (ops = kmr_object_backend_at(n)); n++) {
		cr_assert_lt(n, 3);
		cr_expect_str_eq(ops->name, names[n]);
		cr_expect_eq(kmr_object_backend_find(ops->name), ops);
		cr_expect_gt(strlen(ops->description), 0);
		cr_expect_null(strchr(ops->description, '\n'));
		cr_assert_leq(ops->nr_params, KMR_MAX_PARAMS);
		for (unsigned int i = 0; i < ops->nr_params; i++) {
			const struct kmr_param *p = &ops->params[i];

			cr_expect_gt(strlen(p->description), 0);
			cr_expect(p->min <= p->def && p->def <= p->max, "%s", p->name);
			cr_expect(p->type != KMR_PARAM_BOOL || p->max == 1, "%s", p->name);
		}
	}
	cr_expect_eq(n, 3);
	cr_expect_null(kmr_object_backend_find("slu"));
	cr_expect_null(kmr_object_backend_find("slub "));
	cr_expect_null(kmr_object_backend_find("SLUB"));
	cr_expect_null(kmr_object_backend_find(""));
}

static uint64_t value_of(const struct kmr_object_ops *ops, const uint64_t *values, const char *name)
{
	for (unsigned int i = 0; i < ops->nr_params; i++)
		if (!strcmp(ops->params[i].name, name))
			return values[i];
	cr_assert_fail("no parameter %s", name);
	return 0;
}

Test(object_registry, parameters)
{
	uint64_t values[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };
	const struct kmr_object_ops *ops;

	for (unsigned int n = 0; (ops = kmr_object_backend_at(n)); n++) {
		memset(values, 0xff, sizeof(values));
		cr_assert_eq(kmr_object_backend_parse(ops->name, values, &err), ops);
		for (unsigned int i = 0; i < ops->nr_params; i++)
			cr_expect_eq(values[i], ops->params[i].def);
	}
	ops = kmr_object_backend_parse("slub,max_order=0,min_objects=32767,cpu_partial=0", values,
				       &err);
	cr_assert_eq(ops, kmr_object_backend_find("slub"), "%s", err.msg);
	cr_expect_eq(value_of(ops, values, "max_order"), 0);
	cr_expect_eq(value_of(ops, values, "min_objects"), 32767);
	cr_expect_eq(value_of(ops, values, "min_partial"), 0);
	cr_expect_eq(value_of(ops, values, "cpu_partial"), 0);
	/* the last one counts */
	cr_assert_not_null(
		kmr_object_backend_parse("slub,min_partial=1,min_partial=2", values, &err));
	cr_expect_eq(value_of(ops, values, "min_partial"), 2);
}

static void expect_error(const char *spec, const char *message)
{
	uint64_t values[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };

	cr_expect_null(kmr_object_backend_parse(spec, values, &err), "%s was taken", spec);
	cr_expect_str_eq(err.msg, message, "\"%s\", expected \"%s\"", err.msg, message);
}

Test(object_registry, errors)
{
	expect_error("", "--object: no backend ''; `kmreplay list` shows those there are");
	expect_error("slqb,max_order=1",
		     "--object: no backend 'slqb'; `kmreplay list` shows those there are");
	expect_error("slubx",
		     "--object: no backend 'slubx'; `kmreplay list` shows those there are");
	expect_error("slub=3",
		     "--object: no backend 'slub=3'; `kmreplay list` shows those there are");
	expect_error("slub,", "--object slub: no parameter ''; `kmreplay list` shows them");
	expect_error("slub,colour=3",
		     "--object slub: no parameter 'colour'; `kmreplay list` shows them");
	expect_error("slub,max=3", "--object slub: no parameter 'max'; `kmreplay list` shows them");
	expect_error("slub,max_order=1,,min_partial=1",
		     "--object slub: no parameter ''; `kmreplay list` shows them");
	expect_error("slub,max_order",
		     "--object slub: max_order takes a number from 0 to 10, found 'max_order'");
	expect_error("slub,max_order=",
		     "--object slub: max_order takes a number from 0 to 10, found 'max_order='");
	expect_error("slub,max_order=11",
		     "--object slub: max_order takes a number from 0 to 10, found 'max_order=11'");
	expect_error("slub,max_order=-1",
		     "--object slub: max_order takes a number from 0 to 10, found 'max_order=-1'");
	expect_error("slub,cpu_partial=yes,max_order=1",
		     "--object slub: cpu_partial takes a number from 0 to 1, found "
		     "'cpu_partial=yes'");
	expect_error("slub,min_objects=0x10",
		     "--object slub: min_objects takes a number from 0 to 32767, found "
		     "'min_objects=0x10'");
	expect_error("slub,min_partial=18446744073709551617",
		     "--object slub: min_partial takes a number from 0 to 65535, found "
		     "'min_partial=18446744073709551617'");
}
