// SPDX-License-Identifier: GPL-2.0-only
/* What is known of a class in one epoch. */
#include <stdlib.h>
#include <string.h>

#include "fit/class_internal.h"

/* All of an epoch's histograms. */
#define EPOCH_HISTS 14u

static void list_hists(struct fit_epoch *epoch, struct fit_hist *hists[EPOCH_HISTS])
{
	struct fit_hist *const all[EPOCH_HISTS] = {
		&epoch->gaps,
		&epoch->lifetimes,
		&epoch->ages,
		&epoch->alone,
		&epoch->alone_long,
		&epoch->alone_dates,
		&epoch->together.lifetimes,
		&epoch->together.sizes,
		&epoch->together.group_lifetimes,
		&epoch->together.dates,
		&epoch->together_long.lifetimes,
		&epoch->together_long.sizes,
		&epoch->together_long.group_lifetimes,
		&epoch->together_long.dates,
	};

	memcpy(hists, all, sizeof(all));
}

void fit_epoch_fini(struct fit_epoch *epoch)
{
	struct fit_hist *hists[EPOCH_HISTS];

	list_hists(epoch, hists);
	for (unsigned int i = 0; i < EPOCH_HISTS; i++)
		fit_hist_fini(hists[i]);
}

struct fit_epoch *fit_epoch_of(const struct fit_classes *classes, struct fit_class *class,
			       uint64_t time)
{
	struct fit_epoch **epoch = &class->epochs[time / classes->epoch];

	if (!*epoch)
		*epoch = calloc(1, sizeof(**epoch));
	return *epoch;
}

void fit_epoch_fold(struct fit_epoch *epoch)
{
	fit_hist_halve(&epoch->alone_dates);
	fit_hist_halve(&epoch->together_long.dates);
}

int fit_epoch_merge(struct fit_epoch *to, struct fit_epoch *from)
{
	struct fit_hist *into[EPOCH_HISTS], *out_of[EPOCH_HISTS];

	if (from->requests && (!to->requests || from->first < to->first))
		to->first = from->first;
	if (from->last > to->last)
		to->last = from->last;
	to->requests += from->requests;
	to->freed += from->freed;
	to->together.requests += from->together.requests;
	to->together_long.requests += from->together_long.requests;
	list_hists(to, into);
	list_hists(from, out_of);
	for (unsigned int i = 0; i < EPOCH_HISTS; i++)
		if (fit_hist_merge(into[i], out_of[i]))
			return -1;
	return 0;
}
