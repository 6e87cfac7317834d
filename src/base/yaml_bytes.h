/* SPDX-License-Identifier: GPL-2.0-only */
/* A YAML file as bytes: what is told before libyaml sees it, and where in it a byte is. */
#ifndef KMR_BASE_YAML_BYTES_H
#define KMR_BASE_YAML_BYTES_H

#include <stddef.h>

struct kmr_yaml_place {
	size_t line, column; /* from 1; columns are characters */
};

/* Of the byte at @offset, as libyaml counts: ends of lines are those of Unicode too. */
struct kmr_yaml_place kmr_yaml_place_of(const char *text, size_t len, size_t offset);

/* The first byte of the character in @line, @column, both from 0; 0 behind the end. */
char kmr_yaml_char_at(const char *text, size_t len, size_t line, size_t column);

/* What is wrong with @text, and with which byte of it; NULL when nothing is. */
const char *kmr_yaml_check_bytes(const char *text, size_t len, size_t *offset);

#endif
