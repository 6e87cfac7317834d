/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of one sub-buffer of the kernel's ring buffer, as a CPU wrote them: kernel/trace/
 * ring_buffer.c, and include/linux/ring_buffer.h for the heads of records.
 */
#ifndef KMR_TRACE_DAT_PAGE_H
#define KMR_TRACE_DAT_PAGE_H

#include <stdbool.h>
#include <stdint.h>

/* events/header_page: where a sub-buffer's own fields lie. */
struct dat_layout {
	uint32_t time; /* offset of 8 bytes */
	uint32_t commit, commit_size; /* 4 or 8: the kernel's long */
	uint32_t data; /* offset */
	uint32_t size; /* of a sub-buffer, bytes */
	bool big; /* endian */
};

struct dat_page {
	const uint8_t *bytes; /* layout.size of them; NULL: none */
	uint32_t at, end; /* of records not yet taken */
	uint64_t time; /* of the last record */
	bool lost; /* events were lost before this sub-buffer */
	uint64_t nr_lost; /* 0: the kernel does not know how many */
};

struct dat_piece {
	uint64_t time; /* of the trace's clock */
	const uint8_t *bytes;
	uint32_t len;
};

/* False when the sub-buffer says that it holds more than it can. */
bool dat_page_load(struct dat_page *page, const struct dat_layout *layout, const uint8_t *bytes);

/* 1: a record, 0: no more, -1: the next reaches beyond its sub-buffer, which ends with it. */
int dat_page_next(struct dat_page *page, const struct dat_layout *layout, struct dat_piece *piece);

#endif
