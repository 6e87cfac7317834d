// SPDX-License-Identifier: GPL-2.0-only
#include "trace/binary.h"

#include <stdio.h>

#include "base/array.h"

static const struct binary_format *const formats[] = { &binary_trace_dat, &binary_llfree };

const struct binary_format *binary_find(const char *beginning, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i]->recognise(beginning, len))
			return formats[i];
	return NULL;
}

int binary_malformed(struct binary_input *in, uint64_t number, const struct text_problem *problem,
		     const char *where, struct kmr_error *err)
{
	const char *type = problem->type ? kmr_event_name(problem->type) : "record";
	struct kmr_trace_info *info = in->info;

	if (in->options->strict)
		return kmr_fail(err, "%s: malformed %s, number %llu: %s, in %s",
				kmr_randread_name(&in->bytes), type, (unsigned long long)number,
				problem->reason, where);
	if (info->malformed < KMR_MALFORMED_KEPT) {
		struct kmr_malformed *kept = &info->first_malformed[info->malformed];

		kept->line = number;
		(void)snprintf(kept->reason, sizeof(kept->reason), "%s", problem->reason);
		(void)snprintf(kept->text, sizeof(kept->text), "%s of %s", type, where);
	}
	info->malformed++;
	return 0;
}
