// SPDX-License-Identifier: GPL-2.0-only
#include "replay/fit.h"

#include <stdbool.h>

int kmr_check_fit(const struct kmr_snapshot *snap, const char *snap_path,
		  const struct kmr_trace_info *info, const char *trace, struct kmr_error *err)
{
	const struct kmr_machine *m = &snap->machine;
	const bool wide = !m->has_type[KMR_ZONE_HIGHMEM];

	if (info->pointer_bits && (info->pointer_bits == 64) != wide)
		return kmr_fail(err, "%s: its machine is %s, but the pointers in %s have %u bits",
				snap_path, m->arch, trace, info->pointer_bits);
	if (info->nr_cpus > m->nr_cpus)
		return kmr_fail(err, "%s: its machine has %u CPUs, but %s names CPU %u", snap_path,
				m->nr_cpus, trace, info->nr_cpus - 1);
	return 0;
}

int kmr_check_frames(const struct kmr_snapshot *snap, const char *snap_path,
		     const struct kmr_trace_info *info, const char *trace, struct kmr_error *err)
{
	const uint64_t end = kmr_machine_end_pfn(&snap->machine);

	if (info->max_pfn < end)
		return 0;
	return kmr_fail(err, "%s: its machine has frames up to %llu, but %s names frame %llu",
			snap_path, (unsigned long long)end - 1, trace,
			(unsigned long long)info->max_pfn);
}

int kmr_no_marker(const struct kmr_snapshot *snap, const char *snap_path, const char *trace,
		  struct kmr_error *err)
{
	return kmr_fail(
		err,
		"%s: no marker 'kmsnap: %u' in the trace, so snapshot %s does not belong to it",
		trace, snap->seq, snap_path);
}
