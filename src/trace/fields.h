/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of a line: looked for where the kernel prints them, and anywhere in the line if they are
 * not there, so that fields added or left out by other versions do no harm.
 */
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

/* Hexadecimal whether "0x" says so or not. */
static inline bool take_hex(struct fields *f, uint64_t *value)
{
	const char *p = scan_hex(scan_has_0x(f->at) ? f->at + 2 : f->at, value);

	if (!p || !scan_number_ends(*p))
		return false;
	f->at = p;
	return true;
}

enum pointer {
	POINTER_BAD,
	POINTER_NULL,
	POINTER_HIDDEN,
	POINTER_SHOWN
};

static inline bool starts_with(const char *p, const char *text)
{
	return !strncmp(p, text, strlen(text));
}

/* "(null)", "(nil)", or "(____ptrval____)" when the kernel had no key to hash with yet. */
static inline enum pointer take_words(struct fields *f)
{
	const char *p = scan_blanks(f->at);

	f->at = scan_word_end(p);
	if (starts_with(p, "(null)") || starts_with(p, "(nil)"))
		return POINTER_NULL;
	return starts_with(p, "(____ptrval____)") ? POINTER_HIDDEN : POINTER_BAD;
}

/* "ffff888006771000", "c5e81000", "0xffff888006771000" or words. */
static inline enum pointer take_pointer(struct decoder *d, struct fields *f, uint64_t *value)
{
	const char *p = f->at;
	bool prefixed = scan_has_0x(p);
	const char *digits = prefixed ? p + 2 : p;
	const char *end = scan_hex(digits, value);
	size_t width;

	if (!end) {
		*value = 0;
		return take_words(f);
	}
	if (!scan_number_ends(*end))
		return POINTER_BAD;
	f->at = end;
	width = (size_t)(end - digits);
	if (width > 8)
		d->pointers.bits = 64;
	else if (!d->pointers.bits && *value)
		d->pointers.bits = 32;
	return *value ? POINTER_SHOWN : POINTER_NULL;
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

/* decode_contig.c: contiguous memory, memory that comes and goes */
const char *decode_cma(struct decoder *d, struct fields *f, struct kmr_event *ev);
const char *decode_memory_block(struct decoder *d, struct fields *f, struct kmr_event *ev);
const char *decode_hugepages(struct decoder *d, struct fields *f, struct kmr_event *ev);

#endif
