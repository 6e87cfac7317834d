// SPDX-License-Identifier: GPL-2.0-only
#include "cli/run_head.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/wrap.h"

int kmr_run_start_text(const struct kmr_replay_result *r)
{
	return kmr_wrap(stdout, KMR_HEAD_INDENT, "machine", r->machine_from) ||
			       kmr_wrap_format(stdout, KMR_HEAD_INDENT, "start", "%s: %s",
					       kmr_start_name(r->start), r->start_from)
		       ? -1
		       : 0;
}

int kmr_run_head_text(const char *trace, uint64_t ns, const struct kmr_replay_result *r)
{
	if (kmr_wrap_format(stdout, KMR_HEAD_INDENT, "trace",
			    "%s (%s, %" PRIu64 ".%03" PRIu64 " s)", trace, r->trace.format,
			    ns / 1000000000, ns / 1000000 % 1000) ||
	    kmr_run_start_text(r) ||
	    kmr_wrap_format(stdout, KMR_HEAD_INDENT, "page", "%s (%s)%s%s", r->backend, r->params,
			    r->backend_why[0] ? ", " : "", r->backend_why))
		return -1;
	if (r->objects.backend &&
	    kmr_wrap_format(stdout, KMR_HEAD_INDENT, "object", "%s (%s), objects at the start: %s",
			    r->objects.backend, r->object_params, r->objects.start))
		return -1;
	if (r->mappings.backend &&
	    kmr_wrap_format(stdout, KMR_HEAD_INDENT, "vmap", "%s (%s), at the start: %s",
			    r->mappings.backend, r->mappings.params, r->mappings.start))
		return -1;
	if (r->pressure.used)
		return kmr_wrap_format(stdout, KMR_HEAD_INDENT, "pressure", "model (%s)",
				       r->pressure.params);
	return 0;
}
