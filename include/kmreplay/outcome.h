/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether those who asked for memory got it. */
#ifndef KMREPLAY_OUTCOME_H
#define KMREPLAY_OUTCOME_H

#include <stdint.h>

/* What a task can ask for. */
enum kmr_request_kind {
	KMR_REQ_PAGES,
	KMR_REQ_VMALLOC,
	KMR_REQ_KMAP,
	KMR_REQ_CMA,
	KMR_REQ_ONLINE, /* memory blocks */
	KMR_REQ_OFFLINE,
	KMR_REQ_HUGEPAGES,
	KMR_REQ_NR,
};

/* "pages", "vmalloc", …; "?" beyond. */
const char *kmr_request_kind_name(enum kmr_request_kind kind);

/* What became of the requests of all tasks of one command. */
struct kmr_outcome {
	char *actor; /* their command */
	enum kmr_request_kind kind;
	uint8_t order; /* PAGES; 0 else */
	uint64_t requests;
	uint64_t failures; /* that the simulation could not serve */
	uint64_t pages; /* asked for */
	uint64_t first_failure; /* ns; if there were any */
};

#endif
