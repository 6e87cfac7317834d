// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "kmreplay/replay.h"
#include "replay/attribute.h"
#include "replay/tape.h"

int kmr_attribute_trace(const struct kmr_attribute_options *o, struct kmr_trace_info *info,
			struct kmr_attribution *attribution, struct kmr_error *err)
{
	const struct kmr_source_options options = { .strict = o->strict };
	struct kmr_tape tape;
	int ret;

	ret = kmr_tape_record(&tape, o->trace, &options, o->progress, o->progress_ctx, err);
	if (!ret) {
		*info = *tape.info;
		ret = kmr_attribute(&tape, NULL, attribution, err);
	}
	kmr_tape_free(&tape);
	return ret;
}
