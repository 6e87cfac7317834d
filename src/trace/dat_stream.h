/* SPDX-License-Identifier: GPL-2.0-only */
/* The records of one CPU in a trace.dat file, in the order in which it wrote them. */
#ifndef KMR_TRACE_DAT_STREAM_H
#define KMR_TRACE_DAT_STREAM_H

#include "trace/dat_file.h"

struct dat_stream {
	const struct dat_file *file;
	uint32_t cpu;
	uint64_t at, end; /* what has not been read of it, offsets in the file */
	uint64_t chunks; /* compressed: that have not been read */
	uint8_t *buf; /* sub-buffers: owned */
	size_t cap;
	size_t fill, next; /* bytes: in it; where the next sub-buffer begins */
	uint64_t place; /* of the sub-buffer in the file, or of the chunk it was in */
	struct dat_page page;
	struct dat_piece head; /* the next record */
	bool lost; /* events before it were lost */
	uint64_t nr_lost; /* 0: not known how many */
	bool truncated; /* the file ends before the CPU's records do */
	bool damaged; /* a sub-buffer had to be left: reset by who has seen it */
};

int dat_stream_open(struct dat_stream *s, const struct dat_file *file, const struct dat_cpu *cpu,
		    struct kmr_error *err);

/* 1: @head is the next record, 0: there are no more, -1: failure. */
int dat_stream_next(struct dat_stream *s, struct kmr_error *err);

void dat_stream_close(struct dat_stream *s);

#endif
