// SPDX-License-Identifier: GPL-2.0-only
/* The few things that the room's readers of kernel text share. */
#include <string.h>

#include "machine/internal.h"

int kmr_scan_u64(const char **p, uint64_t max, uint64_t *value)
{
	const char *s = *p;
	uint64_t v = 0;

	if (*s < '0' || *s > '9')
		return -1;
	for (; *s >= '0' && *s <= '9'; s++) {
		unsigned int digit = (unsigned int)(*s - '0');

		if (digit > max || v > (max - digit) / 10)
			return -1;
		v = v * 10 + digit;
	}
	*value = v;
	*p = s;
	return 0;
}

int kmr_scan_hex(const char **p, uint64_t *value)
{
	const char *s = *p;
	uint64_t v = 0;

	for (;; s++) {
		unsigned int digit;

		if (*s >= '0' && *s <= '9')
			digit = (unsigned int)(*s - '0');
		else if (*s >= 'a' && *s <= 'f')
			digit = (unsigned int)(*s - 'a') + 10;
		else
			break;
		if (v >> 60)
			return -1;
		v = v << 4 | digit;
	}
	if (s == *p)
		return -1;
	*value = v;
	*p = s;
	return 0;
}

void kmr_skip_blanks(const char **p)
{
	while (**p == ' ' || **p == '\t')
		(*p)++;
}

int kmr_scan_zone_head(const char **p, unsigned int *node, char *name, size_t size)
{
	const char *s = *p;
	uint64_t n;
	size_t len;

	if (strncmp(s, "Node", 4))
		return -1;
	s += 4;
	kmr_skip_blanks(&s);
	if (kmr_scan_u64(&s, UINT16_MAX, &n) < 0 || strncmp(s, ", zone", 6))
		return -1;
	s += 6;
	kmr_skip_blanks(&s);
	len = strcspn(s, " ,\t");
	if (!len || len >= size)
		return -1;
	memcpy(name, s, len);
	name[len] = '\0';
	*node = (unsigned int)n;
	*p = s + len;
	return 0;
}
