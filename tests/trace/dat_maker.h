/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.dat files made by hand: what no capture has (other byte orders, lost events, equal times on
 * two CPUs), and a beginning for damage.
 */
#ifndef KMR_TESTS_TRACE_DAT_MAKER_H
#define KMR_TESTS_TRACE_DAT_MAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAKER_PAGE  4096u
#define MAKER_PAGES 8u

/* Ids of the events that its formats describe. */
enum {
	MAKER_PRINT = 5,
	MAKER_ALLOC = 100,
	MAKER_FREE = 101,
	MAKER_CACHE_FREE = 102,
	MAKER_CACHE_ALLOC = 103, /* as kernels have it that name the cache */
	MAKER_OTHER = 200, /* of no format */
};

struct maker_page {
	uint32_t cpu, used; /* bytes of data */
	uint64_t time, commit_flags, missed;
	uint8_t data[MAKER_PAGE];
};

struct maker_option {
	unsigned int id;
	const void *bytes;
	size_t len;
};

struct maker {
	/* to be set before anything else */
	unsigned int version; /* 6 or 7 */
	bool big, zstd;
	unsigned int long_size; /* of the kernel: 4 or 8 */
	const char *clock;
	struct maker_option options[4]; /* beside those that a file needs; bytes NULL: none */
	/* compresses in place of zstd, where that is set; what it is called in the file */
	size_t (*pack)(void *to, size_t room, const void *from, size_t len);
	const char *packer;
	/* what was made */
	struct maker_page pages[MAKER_PAGES];
	unsigned int nr_pages;
	uint8_t *bytes; /* maker_finish(): owned by the maker */
	size_t len, cap;
};

/* A sub-buffer of @cpu whose first time stamp is @time; pages of a CPU follow each other. */
void maker_page(struct maker *m, uint32_t cpu, uint64_t time);
/* Events were lost before the last page; @count 0: not known how many. */
void maker_lost(struct maker *m, uint64_t count);

/* Records of the last page, @delta after the one before. */
void maker_alloc(struct maker *m, uint32_t delta, uint64_t pfn, unsigned int order, uint64_t gfp);
void maker_free(struct maker *m, uint32_t delta, uint64_t pfn, unsigned int flags, int pid);
void maker_cache_free(struct maker *m, uint32_t delta, uint64_t ptr, const char *name);
void maker_cache_alloc(struct maker *m, uint32_t delta, uint64_t ptr, const char *name);
void maker_print(struct maker *m, uint32_t delta, const char *text);
void maker_other(struct maker *m, uint32_t delta);
/* Any head of a record: type and delta, and a word behind it. */
void maker_raw(struct maker *m, unsigned int type, uint32_t delta, uint32_t word);

void maker_finish(struct maker *m);
void maker_free_bytes(struct maker *m);

#endif
