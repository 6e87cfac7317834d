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

/* struct kmr_param.flags */
enum {
	/* what a snapshot of the same allocator has is of no use with another value than the default */
	KMR_PARAM_REMAKES = 0x1,
	/* came when runs had digests already: a run tells it only where it is not the default */
	KMR_PARAM_LATER = 0x2,
};

/* For `kmreplay list` and `--page NAME,param=value`. */
struct kmr_param {
	const char *name;
	const char *description;
	enum kmr_param_type type;
	uint8_t flags;
	uint64_t def, min, max;
};

#endif
