/* SPDX-License-Identifier: GPL-2.0-only */
/* Telling UTF-8 from other bytes. */
#ifndef REPORT_UTF8_H
#define REPORT_UTF8_H

#include <stddef.h>

/*
 * Bytes of the character that @s begins with; 0: its first byte begins no character (overlong
 * forms, surrogates and what lies above U+10FFFF are none).  @size is at least 1.
 */
size_t kmr_utf8_length(const unsigned char *s, size_t size);

/* Columns that @text takes on a terminal, a column a character. */
size_t kmr_utf8_columns(const char *text, size_t size);

#endif
