/* SPDX-License-Identifier: GPL-2.0-only */
/* A trace of a few lines in, statistics out. */
#ifndef KMR_TESTS_STAT_SUPPORT_H
#define KMR_TESTS_STAT_SUPPORT_H

#include <stddef.h>

#include "kmreplay/stat.h"

#define SITE "call_site="

/* Appends an event; its time is @ms, its fields are formatted. */
void event(unsigned int cpu, unsigned int ms, const char *name, const char *fields, ...)
	__attribute__((format(printf, 4, 5)));

/* "a+0x1" allocates, with @ptr as the kernel prints it. */
void object_alloc(unsigned int cpu, const char *name, const char *site, const char *ptr,
		  unsigned int req, unsigned int alloc);
void object_free(unsigned int cpu, const char *ptr);
/* Of a cache; "" prints the field empty. */
void cache_free(unsigned int cpu, const char *ptr, const char *cache);
void page_alloc(unsigned int pfn, unsigned int order, unsigned int migratetype, const char *gfp);
void page_free(unsigned int pfn, unsigned int order);

/*
 * The statistics of the events that were appended, which are gone then.  Ended by leave(), before
 * which there is one at a time.
 */
struct kmr_stat *statistics(const struct kmr_stat_options *options);
void leave(void);

/* The same in two steps, with whatever events a test feeds by itself in between. */
struct kmr_stat *begin(const struct kmr_stat_options *options);
void complete(void);

/* Everything of all views, with no time window. */
struct kmr_stat_options everything(void);

/* The row of that name, or of that address; a failed test when there is none or are several. */
const struct kmr_stat_row *named(const struct kmr_stat *stat, enum kmr_stat_view view,
				 const char *name);
const struct kmr_stat_row *at_address(const struct kmr_stat *stat, enum kmr_stat_view view,
				      uint64_t addr);

#endif
