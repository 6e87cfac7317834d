/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading numbers and words from a line of text, fast.
 *
 * A line lies in a buffer with at least SCAN_PADDING readable bytes behind its newline.  So a scan
 * needs no bounds: every loop here ends at the newline at the latest, as no digit, key or word
 * contains one, and loads of eight bytes stay within the padding.
 */
#ifndef KMR_TRACE_SCAN_H
#define KMR_TRACE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SCAN_PADDING 64

static inline bool scan_is_digit(char c)
{
	return (unsigned int)(unsigned char)c - '0' < 10;
}

static inline const char *scan_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* The end of the word at @p: the first byte that is a blank or a control character. */
static inline const char *scan_word_end(const char *p)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const uint64_t ones = UINT64_C(0x0101010101010101);

	for (;; p += 8) {
		uint64_t v;
		uint64_t low;

		memcpy(&v, p, sizeof(v));
		/* the high bit of each byte below 0x21; exact up to and including the first */
		low = (v - ones * 0x21) & ~v & (ones * 0x80);
		if (low)
			return p + (__builtin_ctzll(low) >> 3);
	}
#else
	while ((unsigned char)*p > ' ')
		p++;
	return p;
#endif
}

/* May a number end here? */
static inline bool scan_number_ends(char c)
{
	return (unsigned char)c <= ' ' || c == ',' || c == ')';
}

/* Decimal digits; NULL when there are none or the value does not fit. */
static inline const char *scan_dec(const char *p, uint64_t *value)
{
	uint64_t v = 0;
	unsigned int n = 0;

	for (; scan_is_digit(*p); p++, n++) {
		unsigned int digit = (unsigned int)(*p - '0');

		if (n >= 19 && (v > UINT64_MAX / 10 || v * 10 > UINT64_MAX - digit))
			return NULL;
		v = v * 10 + digit;
	}
	*value = v;
	return n ? p : NULL;
}

extern const uint8_t scan_hex_digit[256]; /* the digit's value + 1; 0: none */

/* At most 16 hexadecimal digits; NULL when there are none or more. */
static inline const char *scan_hex(const char *p, uint64_t *value)
{
	const char *start = p;
	uint64_t v = 0;
	unsigned int digit;

	while ((digit = scan_hex_digit[(unsigned char)*p])) {
		v = v << 4 | (digit - 1);
		p++;
	}
	*value = v;
	return p > start && p - start <= 16 ? p : NULL;
}

static inline bool scan_has_0x(const char *p)
{
	return p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
}

#endif
