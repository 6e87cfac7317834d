// SPDX-License-Identifier: GPL-2.0-only
/* The string table of strtab.h: open addressing over chunks of text that never move. */
#include "base/strtab.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES   ((size_t)64 << 10)
#define INITIAL_SLOTS 1024u

struct kmr_strtab_chunk {
	struct kmr_strtab_chunk *next;
	size_t used;
	size_t size;
	char text[];
};

static uint64_t load64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t load32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ (h >> 32);
}

/* The hash only places strings; ids go by first sight, so results do not depend on it. */
static uint32_t hash_text(const char *p, size_t len)
{
	uint64_t h = len * UINT64_C(0xd6e8feb86659fd93);
	size_t left = len;

	if (len >= 8) {
		for (; left > 8; left -= 8, p += 8)
			h = mix(h, load64(p));
		h = mix(h, load64(p + left - 8));
	} else if (len >= 4) {
		h = mix(h, load32(p) | load32(p + len - 4) << 32);
	} else if (len) {
		h = mix(h, (uint64_t)(unsigned char)p[0] |
				   (uint64_t)(unsigned char)p[len / 2] << 8 |
				   (uint64_t)(unsigned char)p[len - 1] << 16);
	}
	h *= UINT64_C(0xff51afd7ed558ccd);
	return (uint32_t)(h >> 32);
}

int kmr_strtab_init(struct kmr_strtab *tab, uint32_t max_count, size_t max_bytes)
{
	memset(tab, 0, sizeof(*tab));
	tab->slots = calloc(INITIAL_SLOTS, sizeof(*tab->slots));
	if (!tab->slots)
		return -1;
	tab->nr_slots = INITIAL_SLOTS;
	tab->max_count = max_count;
	tab->max_bytes = max_bytes;
	return 0;
}

void kmr_strtab_fini(struct kmr_strtab *tab)
{
	while (tab->chunks) {
		struct kmr_strtab_chunk *next = tab->chunks->next;

		free(tab->chunks);
		tab->chunks = next;
	}
	free(tab->slots);
	free(tab->strings);
	free(tab->lengths);
	memset(tab, 0, sizeof(*tab));
}

static int grow_slots(struct kmr_strtab *tab)
{
	uint32_t nr = tab->nr_slots * 2;
	struct kmr_strtab_slot *slots;

	if (!nr)
		return -1;
	slots = calloc(nr, sizeof(*slots));
	if (!slots)
		return -1;
	for (uint32_t i = 0; i < tab->nr_slots; i++) {
		uint32_t at = tab->slots[i].hash & (nr - 1);

		if (!tab->slots[i].id)
			continue;
		while (slots[at].id)
			at = (at + 1) & (nr - 1);
		slots[at] = tab->slots[i];
	}
	free(tab->slots);
	tab->slots = slots;
	tab->nr_slots = nr;
	return 0;
}

static int grow_ids(struct kmr_strtab *tab)
{
	uint32_t capacity = tab->capacity ? tab->capacity * 2 : 256;
	const char **strings;
	uint32_t *lengths;

	strings = realloc(tab->strings, capacity * sizeof(*strings));
	if (!strings)
		return -1;
	tab->strings = strings;
	lengths = realloc(tab->lengths, capacity * sizeof(*lengths));
	if (!lengths)
		return -1;
	tab->lengths = lengths;
	tab->capacity = capacity;
	return 0;
}

static const char *keep_text(struct kmr_strtab *tab, const char *text, size_t len)
{
	struct kmr_strtab_chunk *chunk = tab->chunks;
	char *copy;

	if (!chunk || chunk->size - chunk->used < len + 1) {
		size_t size = len + 1 > CHUNK_BYTES ? len + 1 : CHUNK_BYTES;

		chunk = malloc(sizeof(*chunk) + size);
		if (!chunk)
			return NULL;
		chunk->next = tab->chunks;
		chunk->used = 0;
		chunk->size = size;
		tab->chunks = chunk;
	}
	copy = chunk->text + chunk->used;
	memcpy(copy, text, len);
	copy[len] = '\0';
	chunk->used += len + 1;
	return copy;
}

static int add(struct kmr_strtab *tab, const char *text, size_t len, uint32_t hash, uint32_t *id)
{
	const char *copy;
	uint32_t at;

	*id = 0;
	if (tab->count >= tab->max_count || len >= UINT32_MAX || tab->bytes > tab->max_bytes ||
	    len > tab->max_bytes - tab->bytes)
		return 0;
	if (tab->count + 1 >= tab->capacity && grow_ids(tab))
		return -1;
	if (tab->count >= tab->nr_slots / 2 && grow_slots(tab))
		return -1;
	copy = keep_text(tab, text, len);
	if (!copy)
		return -1;
	tab->bytes += len + 1;
	*id = ++tab->count;
	tab->strings[*id] = copy;
	tab->lengths[*id] = (uint32_t)len;
	at = hash & (tab->nr_slots - 1);
	while (tab->slots[at].id)
		at = (at + 1) & (tab->nr_slots - 1);
	tab->slots[at] = (struct kmr_strtab_slot){ .hash = hash, .id = *id };
	return 0;
}

int kmr_strtab_intern(struct kmr_strtab *tab, const char *text, size_t len, uint32_t *id)
{
	uint32_t hash = hash_text(text, len);
	uint32_t at = hash & (tab->nr_slots - 1);

	for (; tab->slots[at].id; at = (at + 1) & (tab->nr_slots - 1)) {
		const struct kmr_strtab_slot *slot = &tab->slots[at];

		if (slot->hash == hash && tab->lengths[slot->id] == len &&
		    !memcmp(tab->strings[slot->id], text, len)) {
			*id = slot->id;
			return 0;
		}
	}
	return add(tab, text, len, hash, id);
}

const char *kmr_strtab_get(const struct kmr_strtab *tab, uint32_t id)
{
	return id && id <= tab->count ? tab->strings[id] : "";
}
