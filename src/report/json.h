/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON out: a writer that knows where commas, quotes and indentation go.  Keys and strings may
 * hold any bytes; what is not UTF-8 comes out as U+FFFD, so that the result is always valid JSON.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct kmr_json {
	FILE *out;
	unsigned int depth;
	bool first; /* nothing yet within the innermost object or array */
};

/*
 * @key is the member's name within an object and NULL within an array or at the top.  The value at
 * the top is followed by a newline.  Write errors are the stream's: look at ferror() at the end.
 */
void kmr_json_init(struct kmr_json *json, FILE *out);
void kmr_json_object(struct kmr_json *json, const char *key); /* opens one */
void kmr_json_array(struct kmr_json *json, const char *key);
void kmr_json_end_object(struct kmr_json *json);
void kmr_json_end_array(struct kmr_json *json);
void kmr_json_string(struct kmr_json *json, const char *key, const char *text); /* NULL: null */
void kmr_json_bytes(struct kmr_json *json, const char *key, const void *text, size_t len);
void kmr_json_int(struct kmr_json *json, const char *key, int64_t value);
void kmr_json_uint(struct kmr_json *json, const char *key, uint64_t value);
/* With @decimals digits behind the point in any locale; null when it is no finite number. */
void kmr_json_double(struct kmr_json *json, const char *key, double value, unsigned int decimals);
void kmr_json_bool(struct kmr_json *json, const char *key, bool value);
void kmr_json_null(struct kmr_json *json, const char *key);

#endif
