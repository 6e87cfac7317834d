/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of one event's line, for the files that decode them. */
#ifndef KMR_TRACE_FIELDS_H
#define KMR_TRACE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "trace/decode.h"
#include "trace/scan.h"

/* A physical address has at most 64 bits and a page at least 4096 bytes. */
#define MAX_PFN (UINT64_C(1) << 52)

/* The fields of one line; the cursor moves as fields are taken in order. */
struct fields {
	const char *start;
	const char *at;
};

static inline bool find_key(struct fields *f, const char *key, size_t len)
{
	for (const char *p = f->start;; p++) {
		p = scan_blanks(p);
		if (*p == '\n')
			return false;
		if (!memcmp(p, key, len)) {
			f->at = p + len;
			return true;
		}
		p = scan_word_end(p);
		if (*p == '\n')
			return false;
	}
}

static inline bool take_key(struct fields *f, const char *key, size_t len)
{
	const char *p = f->at;

	while (*p == ' ')
		p++;
	if (!memcmp(p, key, len)) {
		f->at = p + len;
		return true;
	}
	return find_key(f, key, len);
}

/* As take_key(), but without the search when the line is at its end. */
static inline bool take_last(struct fields *f, const char *key, size_t len)
{
	if (*f->at == '\n')
		return false;
	return take_key(f, key, len);
}

#define KEY(f, key)  take_key(f, key, sizeof(key) - 1)
#define LAST(f, key) take_last(f, key, sizeof(key) - 1)

/* Decimal, or hexadecimal behind "0x". */
static inline bool take_number(struct fields *f, uint64_t *value)
{
	const char *p = f->at;

	if (scan_has_0x(p))
		p = scan_hex(p + 2, value);
	else
		p = scan_dec(p, value);
	if (!p || !scan_number_ends(*p))
		return false;
	f->at = p;
	return true;
}

static inline bool take_signed(struct fields *f, int64_t *value)
{
	bool minus = *f->at == '-';
	uint64_t v;

	if (minus)
		f->at++;
	if (!take_number(f, &v) || v > INT32_MAX)
		return false;
	*value = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

static inline bool take_u32(struct fields *f, uint32_t *value)
{
	uint64_t v;

	if (!take_number(f, &v) || v > UINT32_MAX)
		return false;
	*value = (uint32_t)v;
	return true;
}

static inline const char *take_node(struct fields *f, struct kmr_event *ev)
{
	int64_t node;

	if (!take_signed(f, &node) || node < -1 || node > INT8_MAX)
		return "bad node=";
	ev->node = (int8_t)node;
	return NULL;
}

/* gfp_flags= of the decoder's kernel; it may be empty. */
void decode_gfp(struct decoder *d, struct fields *f, struct kmr_event *ev);

/* decode_vmap.c: addresses, and what workloads ask for beyond pages and objects */
const char *decode_vmap_alloc(struct decoder *d, struct fields *f, struct kmr_event *ev);
const char *decode_vmap_purge(struct decoder *d, struct fields *f, struct kmr_event *ev);
const char *decode_vmap_free(struct decoder *d, struct fields *f, struct kmr_event *ev);
const char *decode_vmalloc(struct decoder *d, struct fields *f, struct kmr_event *ev);
const char *decode_vfree(struct decoder *d, struct fields *f, struct kmr_event *ev);
const char *decode_kmap(struct decoder *d, struct fields *f, struct kmr_event *ev);

#endif
