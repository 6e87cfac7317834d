/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files share that classes are made of. */
#ifndef KMR_FIT_CLASS_INTERNAL_H
#define KMR_FIT_CLASS_INTERNAL_H

#include "fit/class.h"

/* The epoch of @class that @time is in, made when there is none yet; NULL: out of memory. */
struct fit_epoch *fit_epoch_of(const struct fit_classes *classes, struct fit_class *class,
			       uint64_t time);

/* Epochs and slots are twice as long from now on.  -1: out of memory. */
void fit_epoch_fold(struct fit_epoch *epoch);
int fit_burst_fold(struct fit_burst *burst);

void fit_burst_fini(struct fit_burst *burst);

#endif
