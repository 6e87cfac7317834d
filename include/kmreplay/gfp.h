/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Canonical GFP flags.  Kernels print them by name or as bits whose numbers change between
 * versions; readers turn both into these bits, which belong to kmreplay alone.  They cover the
 * union of what Linux 3.x to 6.12 know.
 */
#ifndef KMREPLAY_GFP_H
#define KMREPLAY_GFP_H

#include <stddef.h>
#include <stdint.h>

enum kmr_gfp {
	KMR_GFP_DMA = 1u << 0,
	KMR_GFP_HIGHMEM = 1u << 1,
	KMR_GFP_DMA32 = 1u << 2,
	KMR_GFP_MOVABLE = 1u << 3,
	KMR_GFP_RECLAIMABLE = 1u << 4,
	KMR_GFP_HIGH = 1u << 5, /* may use half of the min watermark's reserve */
	KMR_GFP_IO = 1u << 6,
	KMR_GFP_FS = 1u << 7,
	KMR_GFP_ZERO = 1u << 8,
	KMR_GFP_ATOMIC = 1u << 9, /* until 6.2; later kernels go by HIGH and no DIRECT_RECLAIM */
	KMR_GFP_DIRECT_RECLAIM = 1u << 10,
	KMR_GFP_KSWAPD_RECLAIM = 1u << 11,
	KMR_GFP_WRITE = 1u << 12,
	KMR_GFP_NOWARN = 1u << 13,
	KMR_GFP_RETRY_MAYFAIL = 1u << 14, /* __GFP_REPEAT before 4.13 */
	KMR_GFP_NOFAIL = 1u << 15,
	KMR_GFP_NORETRY = 1u << 16,
	KMR_GFP_MEMALLOC = 1u << 17,
	KMR_GFP_COMP = 1u << 18,
	KMR_GFP_NOMEMALLOC = 1u << 19,
	KMR_GFP_HARDWALL = 1u << 20,
	KMR_GFP_THISNODE = 1u << 21,
	KMR_GFP_ACCOUNT = 1u << 22,
	KMR_GFP_ZEROTAGS = 1u << 23,
	KMR_GFP_SKIP_ZERO = 1u << 24,
	KMR_GFP_SKIP_KASAN = 1u << 25, /* any of the SKIP_KASAN_* flags */
	KMR_GFP_NOLOCKDEP = 1u << 26,
	KMR_GFP_NO_OBJ_EXT = 1u << 27,
	KMR_GFP_NOTRACK = 1u << 28, /* kmemcheck, until 4.14 */
	KMR_GFP_COLD = 1u << 29, /* until 4.14 */
};

#define KMR_GFP_RECLAIM	     (KMR_GFP_DIRECT_RECLAIM | KMR_GFP_KSWAPD_RECLAIM)
#define KMR_GFP_KERNEL	     (KMR_GFP_RECLAIM | KMR_GFP_IO | KMR_GFP_FS)
#define KMR_GFP_USER	     (KMR_GFP_KERNEL | KMR_GFP_HARDWALL)
#define KMR_GFP_HIGHUSER     (KMR_GFP_USER | KMR_GFP_HIGHMEM)
#define KMR_GFP_HIGHUSER_MOV (KMR_GFP_HIGHUSER | KMR_GFP_MOVABLE)

/*
 * Reads "GFP_KERNEL|__GFP_ZERO", "none", "0xcc0" or "3264" of @len bytes.  Numbers are taken as
 * kernel @version has them (major * 100 + minor: 601 for 6.1); 0 means not known, and then a
 * number is read as 6.1's.  Returns 0, or -1 when a name or the form is not known, *gfp then
 * holding what could be read.
 */
int kmr_gfp_parse(const char *text, size_t len, unsigned int version, uint32_t *gfp);

/* The names that it knows, for suggestions: i from 0; NULL past the last. */
const char *kmr_gfp_name(unsigned int i);

/* Writes the flags by name, the kernel's way, into @buf (always terminated); returns @buf. */
char *kmr_gfp_format(uint32_t gfp, char *buf, size_t size);

/* The mobility a request asks for: gfp_migratetype() in include/linux/gfp.h. */
unsigned int kmr_gfp_migratetype(uint32_t gfp);

#endif
