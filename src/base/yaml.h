/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A YAML file as a tree of nodes that know their line and column, and the strict reading of such
 * a tree into structs.
 *
 * Files come from anywhere.  What is refused with a message, never followed: anchors and aliases,
 * tags, directives other than %YAML, merge keys, a second document, keys twice, keys that are no
 * scalars of one line, NUL bytes, UTF-16, and more than the limits below.  Time and memory are
 * linear in the file's size.
 */
#ifndef KMR_BASE_YAML_H
#define KMR_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"

#define KMR_YAML_MAX_BYTES ((size_t)4 << 20)
#define KMR_YAML_MAX_DEPTH 16u /* lists and maps in one another */
#define KMR_YAML_MAX_NODES 131072u /* keys too */
#define KMR_YAML_MAX_KEYS  256u /* of one map */
#define KMR_YAML_MAX_KEY   128u /* bytes of one key */

struct kmr_yaml; /* the file: owns every node and text */

enum kmr_yaml_kind {
	KMR_YAML_SCALAR,
	KMR_YAML_LIST,
	KMR_YAML_MAP,
};

struct kmr_yaml_node {
	enum kmr_yaml_kind kind;
	bool plain; /* a scalar without quotes */
	uint32_t line, column; /* from 1 */
	uint32_t nr; /* items of a list, values of a map */
	uint32_t len; /* of text */
	const char *text; /* a scalar's, terminated by 0 and without one in it; else NULL */
	const struct kmr_yaml_node *key; /* of a value in a map: a scalar; else NULL */
	const struct kmr_yaml_node *parent; /* the list or map that it is in; NULL: the root */
	const struct kmr_yaml_node *items; /* first item or value, in the file's order */
	const struct kmr_yaml_node *next; /* behind it in the same list or map */
};

/* Reads @path whole, plain or zstd.  @what is expected, for messages: "a machine". */
int kmr_yaml_read(struct kmr_yaml **yaml, const char *path, const char *what,
		  struct kmr_error *err);
/* The same of @len bytes at @text, called @name in messages; @text is not kept. */
int kmr_yaml_parse(struct kmr_yaml **yaml, const char *name, const char *text, size_t len,
		   struct kmr_error *err);
/* NULL is fine. */
void kmr_yaml_free(struct kmr_yaml *yaml);

/* Never NULL: an empty file is an error. */
const struct kmr_yaml_node *kmr_yaml_root(const struct kmr_yaml *yaml);
const char *kmr_yaml_name(const struct kmr_yaml *yaml);

/* The value of @key in a map, NULL when there is none. */
const struct kmr_yaml_node *kmr_yaml_get(const struct kmr_yaml_node *map, const char *key);

/*
 * "NAME:LINE:COLUMN: " and the message, in which everything but printable ASCII becomes '?', so that
 * texts of the file can be quoted; returns -1.
 */
int kmr_yaml_fail(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		  struct kmr_error *err, const char *format, ...) KMR_PRINTF(4, 5);

/* As kmr_fail()'s: what clang-tidy does not see in another file */
#ifdef __clang_analyzer__
#define kmr_yaml_fail(...) (kmr_yaml_fail(__VA_ARGS__), -1)
#endif

/*
 * Scalars.  Each takes what is said and fails with where it is, its key, what was found, and what
 * would do.  Numbers are decimal, or hexadecimal behind 0x, without sign.
 */
int kmr_yaml_u64(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t min,
		 uint64_t max, uint64_t *value, struct kmr_error *err);
/* Bytes: a number with an optional K, M, G, T, P, in either case, also as KiB and so on. */
int kmr_yaml_size(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t min,
		  uint64_t max, uint64_t *bytes, struct kmr_error *err);
/* Nanoseconds: "0", or a number, with up to 9 decimals, and ns, us, ms, s, min, h, or d. */
int kmr_yaml_time(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t min,
		  uint64_t max, uint64_t *ns, struct kmr_error *err);
/*
 * A fraction in units of 10^-9: "0.25" or "25%", from @min to @max of those units.  Decimal
 * arithmetic on integers: no rounding that differs between machines.
 */
int kmr_yaml_fraction(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, uint64_t min,
		      uint64_t max, uint64_t *nano, struct kmr_error *err);
/* true, false, on, off, yes, no. */
int kmr_yaml_bool(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, bool *value,
		  struct kmr_error *err);
/* A text of 1 to @size - 1 bytes without control characters into @buf. */
int kmr_yaml_text(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node, char *buf,
		  size_t size, struct kmr_error *err);
/* The index of one of @names (NULL ends them); suggests the nearest. */
int kmr_yaml_choice(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		    const char *const *names, unsigned int *index, struct kmr_error *err);

/*
 * A map read into a struct by a table of fields.  A field's destination is of the type that its
 * kind says, at @offset.  What the file does not have keeps the value that it had.
 */
enum kmr_yaml_type {
	KMR_YAML_U64, /* uint64_t */
	KMR_YAML_U32, /* uint32_t, as U64 */
	KMR_YAML_SIZE, /* uint64_t, bytes */
	KMR_YAML_TIME, /* uint64_t, ns */
	KMR_YAML_FRACTION, /* uint64_t, 10^-9 */
	KMR_YAML_BOOL, /* bool */
	KMR_YAML_TEXT, /* char[max] */
	KMR_YAML_CHOICE, /* unsigned int; names */
	KMR_YAML_CALL, /* read() is called with the whole struct and the value's node */
};

struct kmr_yaml_field {
	const char *key;
	enum kmr_yaml_type type;
	bool required;
	size_t offset;
	uint64_t min, max; /* max 0: no limit */
	const char *const *names; /* CHOICE */
	int (*read)(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		    struct kmr_error *err); /* CALL */
};

/*
 * Fails when @map is no map, has a key that is in no field (the nearest is suggested, and where
 * none is near, all are listed), or lacks one that is required; @what names it in messages.
 * @object is for the fields; where all of them are CALL it is theirs alone, and can be NULL.
 */
int kmr_yaml_bind(const struct kmr_yaml *yaml, const struct kmr_yaml_node *map, const char *what,
		  const struct kmr_yaml_field *fields, size_t nr, void *object,
		  struct kmr_error *err);

#endif
