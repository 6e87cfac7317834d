// SPDX-License-Identifier: GPL-2.0-only
#include "cli/outcomes.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/table.h"

void kmr_outcomes_json(struct kmr_json *j, const struct kmr_replay_result *r)
{
	if (!r->nr_outcomes)
		return;
	kmr_json_array(j, "outcomes");
	for (size_t i = 0; i < r->nr_outcomes; i++) {
		const struct kmr_outcome *o = &r->outcomes[i];

		kmr_json_object(j, NULL);
		kmr_json_string(j, "actor", o->actor);
		kmr_json_string(j, "kind", kmr_request_kind_name(o->kind));
		kmr_json_uint(j, "order", o->order);
		kmr_json_uint(j, "requests", o->requests);
		kmr_json_uint(j, "failures", o->failures);
		kmr_json_uint(j, "pages", o->pages);
		if (o->failures)
			kmr_json_uint(j, "first_failure_ns", o->first_failure);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

/* Requests by actor, and how many of them were served. */
int kmr_outcomes_text(const struct kmr_replay_result *r)
{
	static const struct kmr_column columns[] = {
		{ "actor", NULL, KMR_ALIGN_LEFT },     { "asks for", NULL, KMR_ALIGN_LEFT },
		{ "requests", NULL, KMR_ALIGN_RIGHT }, { "failed", NULL, KMR_ALIGN_RIGHT },
		{ "served", "%", KMR_ALIGN_RIGHT },    { "first failure", "s", KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t;

	if (!r->nr_outcomes)
		return 0;
	t = kmr_table_new("Requests by actor", columns, 6);

	for (size_t i = 0; i < r->nr_outcomes; i++) {
		const struct kmr_outcome *o = &r->outcomes[i];
		/* rounded down: 100 means that none failed */
		const uint64_t permille = (o->requests - o->failures) * 1000 / o->requests;

		kmr_table_text(t, o->actor);
		if (o->kind == KMR_REQ_PAGES)
			kmr_table_format(t, "pages, order %u", o->order);
		else
			kmr_table_text(t, kmr_request_kind_name(o->kind));
		kmr_table_count(t, o->requests);
		kmr_table_count(t, o->failures);
		if (o->failures)
			kmr_table_style(t, KMR_STYLE_BAD);
		kmr_table_format(t, "%" PRIu64 ".%" PRIu64, permille / 10, permille % 10);
		if (o->failures)
			kmr_table_format(t, "%" PRIu64 ".%03" PRIu64, o->first_failure / 1000000000,
					 o->first_failure / 1000000 % 1000);
		else
			kmr_table_text(t, "");
	}
	return kmr_table_print(t, stdout) || printf("\n") < 0 ? -1 : 0;
}
