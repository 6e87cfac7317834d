/* SPDX-License-Identifier: GPL-2.0-only */
/* What may have been meant by a word that is none of those known: for the end of a message. */
#ifndef KMR_BASE_SUGGEST_H
#define KMR_BASE_SUGGEST_H

#include <stddef.h>

struct kmr_suggest {
	const char *word;
	const char *nearest; /* NULL: none of those added is near */
	size_t distance; /* between the two, in characters inserted, removed, or replaced */
	size_t len; /* of all */
	char all[256]; /* those added, by commas; ends in "..." when they are more than fit */
};

void kmr_suggest_begin(struct kmr_suggest *suggest, const char *word);

/* @name has to live as long as @suggest; of equally near ones the first counts. */
void kmr_suggest_add(struct kmr_suggest *suggest, const char *name);

/* "did you mean 'x'?", or else what is known: "known are x, y, z"; into @buf, which it returns */
char *kmr_suggest_text(const struct kmr_suggest *suggest, char *buf, size_t size);

#endif
