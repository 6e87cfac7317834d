/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/kallsyms: addresses to names, as the kernel's own "%pS" has them. */
#ifndef KMR_TRACE_SYMBOLS_H
#define KMR_TRACE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"

struct symbol {
	uint64_t address;
	uint32_t name, module; /* offsets in the text; module 0: none */
};

struct symbols {
	char *text; /* owned, with a NUL behind each name */
	struct symbol *symbols; /* by address, one for each */
	size_t count, cap;
};

/* Takes over @text, @len bytes and a NUL, also when it fails. */
int symbols_read(struct symbols *s, char *text, size_t len, struct kmr_error *err);

/* The same of printk_formats: addresses of strings, as "0x… : "text\n"", the newline left out. */
int symbols_read_strings(struct symbols *s, char *text, size_t len, struct kmr_error *err);

/* The string at exactly @address; NULL: there is none. */
const char *symbols_string(const struct symbols *s, uint64_t address);

/*
 * "name+0x1f" or "name+0x1f [module]" for @address, "0x…" where no symbol is; a size of 512 holds
 * all names.
 */
void symbols_format(const struct symbols *s, uint64_t address, char *buf, size_t size);

void symbols_fini(struct symbols *s);

#endif
