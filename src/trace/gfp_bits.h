/* SPDX-License-Identifier: GPL-2.0-only */
/* GFP numbers as each kernel version lays out their bits, made canonical. */
#ifndef KMR_TRACE_GFP_BITS_H
#define KMR_TRACE_GFP_BITS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * @version is major * 100 + minor, 0 for 6.1's layout.  Returns false when @bits has a bit that
 * this version does not know; *gfp holds the others.
 */
bool kmr_gfp_from_bits(uint64_t bits, unsigned int version, uint32_t *gfp);

/* The other way; *left: what of @gfp this version has no bit for. */
uint64_t kmr_gfp_to_bits(uint32_t gfp, unsigned int version, uint32_t *left);

/* The version whose layout the masks of a trace fit best, 0 when they tell nothing. */
unsigned int kmr_gfp_guess_version(const uint64_t *masks, unsigned int count);

#endif
