// SPDX-License-Identifier: GPL-2.0-only
/*
 * UTF-8 by the table of well-formed byte sequences in the Unicode standard (table 3-7): the second
 * byte's range depends on the first, all further ones are 80..BF.
 */
#include "report/utf8.h"

#include <string.h>

size_t kmr_utf8_length(const unsigned char *s, size_t size)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (size < len)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < len; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return len;
}

size_t kmr_utf8_columns(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t columns = 0, len;

	for (; size; s += len, size -= len) {
		len = kmr_utf8_length(s, size);
		if (!len)
			len = 1;
		columns++;
	}
	return columns;
}
