/* SPDX-License-Identifier: GPL-2.0-only */
/* A record of a binary trace into the event that its line of text would become. */
#ifndef KMR_TRACE_DAT_RECORD_H
#define KMR_TRACE_DAT_RECORD_H

#include "base/ptrmap.h"
#include "trace/dat_format.h"
#include "trace/symbols.h"
#include "trace/text.h"

/* Addresses and pids whose names are remembered; those beyond are looked up each time. */
#define DAT_MAX_KNOWN (UINT64_C(1) << 20)

/* What numbers of a trace stand for. */
struct dat_names {
	struct dat_formats formats;
	struct symbols symbols;
	struct symbols strings; /* of trace_printk(), by address */
	char *comms; /* "PID COMM\n"…, owned */
	struct kmr_ptrmap comm_of; /* pid + 1 to offset + 1 in it */
	struct kmr_ptrmap task_of; /* pid + 1 to id + 1 */
	struct kmr_ptrmap site_of; /* address to id + 1 */
	bool big; /* endian */
	unsigned int version; /* of the kernel, for GFP numbers without a table */
};

#define DAT_GFP_SLOTS 64

struct dat_gfp_slot {
	const struct print_flags *table;
	uint64_t value;
	uint32_t gfp;
	bool used, known;
};

struct dat_decoder {
	struct dat_names *names;
	struct text *text; /* strings of the source, and what it has seen */
	struct dat_gfp_slot gfp[DAT_GFP_SLOTS];
};

/*
 * @ev: zeroed but for time and CPU.  TEXT_EVENT, TEXT_FOREIGN, TEXT_NOMEM, or TEXT_MALFORMED with
 * @problem filled in.
 */
enum text_kind dat_decode(struct dat_decoder *d, const uint8_t *record, uint32_t len,
			  struct kmr_event *ev, struct text_problem *problem);

/* saved_cmdlines; takes over @text.  -1: out of memory. */
int dat_names_comms(struct dat_names *names, char *text, size_t len);

void dat_names_fini(struct dat_names *names);

#endif
