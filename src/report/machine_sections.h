/* SPDX-License-Identifier: GPL-2.0-only */
/* The sections that machine.c puts together; each is printed by one of the files machine_*.c. */
#ifndef REPORT_MACHINE_SECTIONS_H
#define REPORT_MACHINE_SECTIONS_H

#include <stdio.h>

#include "kmreplay/machine.h"
#include "report/json.h"

struct kmr_machine_section {
	const char *name; /* for --show, and the member's in JSON */
	/* -1: no memory for it, or the stream failed */
	int (*text)(const struct kmr_machine *m, FILE *out);
	/* members of an object that is open */
	int (*json)(const struct kmr_machine *m, struct kmr_json *j);
};

extern const struct kmr_machine_section kmr_section_zones, kmr_section_memblock, kmr_section_lsmem,
	kmr_section_nodes, kmr_section_zonelists, kmr_section_watermarks, kmr_section_memmap,
	kmr_section_addresses, kmr_section_limits;

static inline uint64_t kmr_bytes_of(const struct kmr_machine *m, uint64_t pages)
{
	return pages << m->page_shift;
}

#endif
