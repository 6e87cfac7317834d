/* SPDX-License-Identifier: GPL-2.0-only */
/* Fields of one record, as its format places them. */
#ifndef KMR_TRACE_DAT_RECORD_INTERNAL_H
#define KMR_TRACE_DAT_RECORD_INTERNAL_H

#include "trace/dat_cursor.h"
#include "trace/dat_record.h"

struct record {
	struct dat_decoder *d;
	const struct dat_format *format;
	const uint8_t *bytes;
	uint32_t len;
};

static inline bool record_number(const struct record *r, const struct dat_field *f, uint64_t *value)
{
	if (!f->present || !f->size || f->size > 8 || f->offset > r->len ||
	    f->size > r->len - f->offset)
		return false;
	*value = dat_number(r->bytes + f->offset, f->size, r->d->names->big);
	if (f->is_signed && f->size < 8 && *value >> (f->size * 8 - 1))
		*value |= ~UINT64_C(0) << (f->size * 8);
	return true;
}

/* A field that must be there, as a number. */
static inline bool take(const struct record *r, unsigned int i, uint64_t *value)
{
	return record_number(r, &r->format->field[i], value);
}

static inline bool has(const struct record *r, unsigned int i)
{
	return r->format->field[i].present;
}

static inline bool take_max(const struct record *r, unsigned int i, uint64_t max, uint64_t *value)
{
	return take(r, i, value) && *value <= max;
}

/* Fills in @ev from the fields; NULL, or what is wrong with them, as decode_fields() says it. */
const char *record_fill(const struct record *r, struct kmr_event *ev);

#endif
