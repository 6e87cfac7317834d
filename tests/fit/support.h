/* SPDX-License-Identifier: GPL-2.0-only */
/* Traces of a few lines, or of many that a test's own rules make. */
#ifndef KMR_TESTS_FIT_SUPPORT_H
#define KMR_TESTS_FIT_SUPPORT_H

#include <stdint.h>

#include "fit/collect.h"

/* Who the following events are of; "task-1" on CPU 0 at first. */
void by(const char *task, unsigned int cpu);

/* Appends an event at @us; its fields are formatted. */
void event(uint64_t us, const char *name, const char *fields, ...)
	__attribute__((format(printf, 3, 4)));

void page_alloc(uint64_t us, uint64_t pfn, unsigned int order, unsigned int migratetype,
		const char *gfp);
void page_free(uint64_t us, uint64_t pfn, unsigned int order);
void kmalloc(uint64_t us, const char *site, uint64_t ptr, unsigned int req, unsigned int alloc);
void kfree(uint64_t us, uint64_t ptr);
void cache_alloc(uint64_t us, const char *site, uint64_t ptr, unsigned int req, unsigned int alloc);
void cache_free(uint64_t us, uint64_t ptr, const char *cache);

/* In place of events: what the file will have. */
void write_text(const char *all);

/* Writes what was appended to a file, which is forgotten then; its name until the next. */
const char *write_trace(void);

/* Collects the classes of what was appended, attributed; leave() when done. */
const struct fit_collect *collect(bool objects, enum kmr_fit_by by);
void leave(void);

/* The first class with that kind and order, or of that call site; fails when there is none. */
const struct fit_class *page_class(const struct fit_collect *c, unsigned int order);
const struct fit_class *site_class(const struct fit_collect *c, const char *site);

/* The sums over its epochs; valid until the next call. */
const struct fit_epoch *whole(const struct fit_class *class);

/* A fixed sequence of numbers, the same in every run. */
uint32_t chance(uint32_t below);

#endif
