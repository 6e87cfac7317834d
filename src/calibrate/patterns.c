// SPDX-License-Identifier: GPL-2.0-only
#include "calibrate/patterns.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

int patterns_init(struct patterns *patterns)
{
	memset(patterns, 0, sizeof(*patterns));
	patterns->nr_slots = PATTERNS_MAX * 2;
	patterns->slot = calloc(patterns->nr_slots, sizeof(*patterns->slot));
	patterns->pattern = kmr_grow(NULL, 0, &patterns->cap, sizeof(*patterns->pattern));
	if (!patterns->slot || !patterns->pattern)
		return -1;
	memset(&patterns->pattern[0], 0, sizeof(patterns->pattern[0]));
	patterns->nr = 1;
	return 0;
}

void patterns_fini(struct patterns *patterns)
{
	free(patterns->pattern);
	free(patterns->slot);
	memset(patterns, 0, sizeof(*patterns));
}

static size_t hash_pattern(const struct pattern *p)
{
	uint64_t h = (uint64_t)p->reports << 16 | (uint64_t)p->operation << 8 | p->path;

	for (unsigned int i = 0; i < KMR_NR_STEPS; i++) {
		h = (h ^ p->count[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return (size_t)h;
}

static bool same(const struct pattern *a, const struct pattern *b)
{
	return a->reports == b->reports && a->operation == b->operation && a->path == b->path &&
	       !memcmp(a->count, b->count, sizeof(a->count));
}

static bool sum_up(struct pattern *sum, const struct kmr_operation_report *report)
{
	for (unsigned int i = 0; i < KMR_NR_STEPS; i++) {
		if (i == KMR_STEP_WAIT)
			continue;
		if (report->steps->count[i] > UINT32_MAX - sum->count[i])
			return false;
		sum->count[i] += (uint32_t)report->steps->count[i];
	}
	if (!sum->reports)
		sum->operation = (uint8_t)report->operation;
	if (!sum->reports || report->path > sum->path)
		sum->path = (uint8_t)report->path;
	sum->reports++;
	return true;
}

uint32_t patterns_add(struct patterns *patterns, uint32_t from,
		      const struct kmr_operation_report *report)
{
	struct pattern sum = patterns->pattern[from], *grown;
	size_t at;

	if (!sum_up(&sum, report))
		return 0;
	at = hash_pattern(&sum) & (patterns->nr_slots - 1);
	for (; patterns->slot[at]; at = (at + 1) & (patterns->nr_slots - 1))
		if (same(&patterns->pattern[patterns->slot[at]], &sum))
			return patterns->slot[at];
	if (patterns->nr == PATTERNS_MAX)
		return 0;
	grown = kmr_grow(patterns->pattern, patterns->nr, &patterns->cap, sizeof(*grown));
	if (!grown)
		return 0;
	patterns->pattern = grown;
	patterns->pattern[patterns->nr] = sum;
	patterns->slot[at] = (uint32_t)patterns->nr;
	return (uint32_t)patterns->nr++;
}
