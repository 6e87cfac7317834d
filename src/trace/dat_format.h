/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event formats of a binary trace, as the kernel describes them (events/SYSTEM/EVENT/format): where
 * fields lie goes by these and by nothing else.
 */
#ifndef KMR_TRACE_DAT_FORMAT_H
#define KMR_TRACE_DAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "trace/print_flags.h"

struct dat_field {
	uint32_t offset, size; /* bytes; size 0: to the end of the record */
	bool present, is_signed;
	bool data_loc; /* holds offset and length of a string in the record */
	bool rel_loc; /* the same, the offset from the field's end */
};

/* What no event of ours is but tells a marker. */
enum dat_mark {
	DAT_NO_MARK,
	DAT_PRINT, /* the text is in the record */
	DAT_BPRINT, /* a format's address, and its arguments */
	DAT_BPUTS, /* a string's address */
};

#define DAT_MAX_WANTED 8

struct dat_format {
	enum kmr_event_type type;
	enum dat_mark mark;
	uint32_t seen; /* SEEN_* of decode.h */
	struct dat_field field[DAT_MAX_WANTED]; /* as dat_wanted() has them */
	struct print_flags *gfp; /* owned; NULL: no table that can be read */
	bool symbolic; /* call sites are printed as symbols */
	bool says_accounted; /* an "accounted=" is printed */
	bool never_accounted; /* without memcg */
};

#define DAT_MAX_FORMATS 255

struct dat_formats {
	uint8_t by_id[65536]; /* number of the format from 1; 0: not ours */
	struct dat_format format[DAT_MAX_FORMATS];
	unsigned int count;
	struct dat_field type, flags, pid; /* common to all events */
};

/* The fields that are read of an event, in the order of enum constants in dat_record.c. */
const char *const *dat_wanted(enum kmr_event_type type);

/* "\tfield:TYPE NAME;\toffset:N;\tsize:N;\tsigned:N;" of @text with this name. */
struct dat_field dat_find_field(const char *text, const char *name);

/* Reads one format file; what is not ours is left out.  -1: damaged or out of memory. */
int dat_formats_add(struct dat_formats *formats, const char *text, const char *name,
		    struct kmr_error *err);

void dat_formats_fini(struct dat_formats *formats);

#endif
