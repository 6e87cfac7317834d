/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021), seeded by splitmix64 as its authors advise.  32 bytes a generator, so that
 * each task has one of its own and what one task draws does not depend on any other.
 */
#ifndef KMR_WORKLOAD_RANDOM_H
#define KMR_WORKLOAD_RANDOM_H

#include <stdint.h>

struct load_random {
	uint64_t s[4];
};

/*
 * Of task number @index of the actor called @actor, in a run with @seed: by name, so that other
 * actors may come and go.
 */
void load_random_seed(struct load_random *random, uint64_t seed, const char *actor, uint64_t index);

static inline uint64_t load_rotate(uint64_t x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

/* All 64 bits. */
static inline uint64_t load_random_next(struct load_random *random)
{
	uint64_t *s = random->s;
	const uint64_t result = load_rotate(s[1] * 5, 7) * 9;
	const uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = load_rotate(s[3], 45);
	return result;
}

/*
 * From 0 to @n - 1; for n = 0, all 64 bits.  Of 2^64 values each gets 2^64 / n or one more: no
 * number of draws that a run makes tells the difference for an n below 2^40.
 */
static inline uint64_t load_random_below(struct load_random *random, uint64_t n)
{
	const uint64_t r = load_random_next(random);

	return n ? (uint64_t)((unsigned __int128)r * n >> 64) : r;
}

/* Above 0 and up to 1, in steps of 2^-53. */
static inline double load_random_unit(struct load_random *random)
{
	return (double)((load_random_next(random) >> 11) + 1) * 0x1p-53;
}

#endif
