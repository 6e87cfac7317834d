// SPDX-License-Identifier: GPL-2.0-only
#include "cli/pressure.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/array.h"
#include "report/table.h"
#include "report/wrap.h"

/* What a simulation of reclaim can't know from a trace. */
static const char *const notes[] = {
	"which pages were used again is not in a trace: none gets a second chance",
	"a page read back after the traced kernel reclaimed it counts as another one",
	"slab caches shrink when the traced kernel's did",
	"time is the trace's: nobody waits for reclaim, nor is anybody killed for want of memory",
	"the trace has no flags of requests: all movable memory counts as page cache",
};

/* The last note is for runs that guessed. */
static size_t nr_notes(const struct kmr_pressure_report *report)
{
	return ARRAY_SIZE(notes) - !report->replay.guessed;
}

struct count {
	const char *name; /* JSON */
	const char *text;
	uint64_t value;
};

#define NR_REPLAY_COUNTS 5

static void replay_counts(const struct kmr_pressure_replay_stats *s,
			  struct count c[NR_REPLAY_COUNTS])
{
	c[0] = (struct count){ "start_pages", "pages on LRU lists at the start", s->start_pages };
	c[1] = (struct count){ "left_out", "traced reclaim left out, pages", s->left_out };
	c[2] = (struct count){ "agreed", "  reclaimed here before", s->agreed };
	c[3] = (struct count){ "dropped", "frees of what was reclaimed here", s->dropped };
	c[4] = (struct count){ "moved", "traced compaction left out, pages", s->moved };
}

void kmr_pressure_json(struct kmr_json *j, const struct kmr_pressure_report *report)
{
	struct count c[NR_REPLAY_COUNTS];
	const char *name;
	uint64_t value;

	if (!report->used)
		return;
	kmr_json_object(j, "pressure");
	kmr_json_string(j, "params", report->params);
	for (unsigned int i = 0; kmr_reclaim_stat_at(&report->stats, i, &name, &value); i++)
		kmr_json_uint(j, name, value);
	kmr_json_object(j, "trace");
	replay_counts(&report->replay, c);
	for (unsigned int i = 0; i < NR_REPLAY_COUNTS; i++)
		kmr_json_uint(j, c[i].name, c[i].value);
	kmr_json_end_object(j);
	kmr_json_object(j, "lru");
	kmr_json_uint(j, "inactive_anon", report->sizes.inactive[KMR_LRU_ANON]);
	kmr_json_uint(j, "active_anon", report->sizes.active[KMR_LRU_ANON]);
	kmr_json_uint(j, "inactive_file", report->sizes.inactive[KMR_LRU_FILE]);
	kmr_json_uint(j, "active_file", report->sizes.active[KMR_LRU_FILE]);
	kmr_json_uint(j, "swap_free", report->sizes.swap_free);
	kmr_json_end_object(j);
	kmr_json_array(j, "notes");
	for (size_t i = 0; i < nr_notes(report); i++)
		kmr_json_string(j, NULL, notes[i]);
	kmr_json_end_array(j);
	kmr_json_end_object(j);
}

int kmr_pressure_text(const struct kmr_pressure_report *report)
{
	static const struct kmr_column columns[] = { { "", NULL, KMR_ALIGN_LEFT },
						     { "", NULL, KMR_ALIGN_RIGHT } };
	struct count c[NR_REPLAY_COUNTS];
	struct kmr_table *t;
	const char *name;
	uint64_t value;

	if (!report->used)
		return 0;
	t = kmr_table_new("Reclaim, simulated", columns, 2);
	replay_counts(&report->replay, c);
	for (unsigned int i = 0; i < NR_REPLAY_COUNTS; i++) {
		kmr_table_text(t, c[i].text);
		kmr_table_count(t, c[i].value);
	}
	for (unsigned int i = 0; kmr_reclaim_stat_at(&report->stats, i, &name, &value); i++) {
		if (!value)
			continue;
		kmr_table_text(t, name);
		kmr_table_count(t, value);
	}
	if (kmr_table_print(t, stdout))
		return -1;
	for (size_t i = 0; i < nr_notes(report); i++)
		if (kmr_wrap(stdout, 6, "note:", notes[i]))
			return -1;
	return printf("\n") < 0 ? -1 : 0;
}
