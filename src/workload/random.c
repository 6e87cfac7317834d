// SPDX-License-Identifier: GPL-2.0-only
#include "workload/random.h"

/* splitmix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t split(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Takes one more number into the seed: different ones lead to unrelated seeds. */
static void absorb(uint64_t *state, uint64_t value)
{
	*state ^= value;
	*state = split(state);
}

void load_random_seed(struct load_random *random, uint64_t seed, const char *actor, uint64_t index)
{
	uint64_t state = 0;

	absorb(&state, seed);
	for (; *actor; actor++)
		absorb(&state, (unsigned char)*actor);
	absorb(&state, UINT64_C(256)); /* the name ends here */
	absorb(&state, index);
	for (unsigned int i = 0; i < 4; i++)
		random->s[i] = split(&state);
}
