/* SPDX-License-Identifier: GPL-2.0-only */
/* Parameters of backends: they describe themselves, and are given as "NAME,parameter=value,…". */
#ifndef KMREPLAY_PARAM_H
#define KMREPLAY_PARAM_H

#include <stdbool.h>
#include <stdint.h>

#define KMR_MAX_PARAMS 16

enum kmr_param_type {
	KMR_PARAM_BOOL,
	KMR_PARAM_UINT
};

/* For `kmreplay list` and `--page NAME,param=value`. */
struct kmr_param {
	const char *name;
	const char *description;
	enum kmr_param_type type;
	/* what a snapshot of the same allocator has is of no use with another value than the default */
	bool remakes;
	uint64_t def, min, max;
};

#endif
