// SPDX-License-Identifier: GPL-2.0-only
#include "cli/buddyinfo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/table.h"
#include "report/wrap.h"

static void json_zone(struct kmr_json *j, const struct kmr_replay_result *r, unsigned int i)
{
	const struct kmr_zone_spec *z = &r->machine.zones[i];
	const struct kmr_zone_state *s = &r->zones[i];

	kmr_json_object(j, NULL);
	kmr_json_uint(j, "node", z->node);
	kmr_json_string(j, "name", kmr_zone_name((enum kmr_zone_type)z->type));
	kmr_json_uint(j, "managed", z->managed);
	kmr_json_uint(j, "free_pages", s->free_pages);
	kmr_json_uint(j, "pcp_pages", s->pcp_pages);
	kmr_json_array(j, "free_blocks");
	for (unsigned int o = 0; o < r->machine.nr_orders; o++) {
		uint64_t n = 0;

		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
			n += s->nr_free[o][t];
		kmr_json_uint(j, NULL, n);
	}
	kmr_json_end_array(j);
	if (r->distance.known) {
		kmr_json_array(j, "kernel_free_blocks");
		for (unsigned int o = 0; o < r->machine.nr_orders; o++)
			kmr_json_uint(j, NULL, r->distance.kernel[i][o]);
		kmr_json_end_array(j);
	}
	kmr_json_end_object(j);
}

void kmr_buddyinfo_json(struct kmr_json *j, const struct kmr_replay_result *r)
{
	kmr_json_array(j, "zones");
	for (unsigned int i = 0; i < r->machine.nr_zones; i++)
		json_zone(j, r, i);
	kmr_json_end_array(j);
	kmr_json_object(j, "distance");
	kmr_json_bool(j, "known", r->distance.known);
	if (r->distance.known)
		kmr_json_double(j, "percent_of_free_pages", (double)r->distance.permille / 10, 1);
	kmr_json_end_object(j);
}

/* Free blocks by zone and order, the kernel's own below where they are known. */
static int print_lists(const struct kmr_replay_result *r)
{
	struct kmr_column columns[KMR_MAX_ORDERS + 2];
	static const char *const orders[KMR_MAX_ORDERS] = { "0",  "1",	"2",  "3", "4",	 "5",
							    "6",  "7",	"8",  "9", "10", "11",
							    "12", "13", "14", "15" };
	const unsigned int n = r->machine.nr_orders;
	struct kmr_table *t;

	memset(columns, 0, sizeof(columns));
	columns[0].title = "zone";
	columns[1].title = "";
	for (unsigned int o = 0; o < n; o++) {
		columns[o + 2].title = orders[o];
		columns[o + 2].align = KMR_ALIGN_RIGHT;
	}
	t = kmr_table_new("Free blocks at the end, by order", columns, n + 2);
	for (unsigned int i = 0; i < r->machine.nr_zones; i++) {
		const struct kmr_zone_spec *z = &r->machine.zones[i];

		for (int kernel = 0; kernel <= r->distance.known; kernel++) {
			if (kernel)
				kmr_table_text(t, "");
			else
				kmr_table_format(t, "%u %s", z->node,
						 kmr_zone_name((enum kmr_zone_type)z->type));
			kmr_table_text(t, kernel ? "kernel" : "model");
			for (unsigned int o = 0; o < n; o++) {
				uint64_t blocks = 0;

				for (unsigned int mt = 0; mt < KMR_MIGRATE_TYPES; mt++)
					blocks += r->zones[i].nr_free[o][mt];
				kmr_table_format(t, "%" PRIu64,
						 kernel ? r->distance.kernel[i][o] : blocks);
			}
		}
	}
	return kmr_table_print(t, stdout);
}

int kmr_buddyinfo_text(const struct kmr_replay_result *r)
{
	if (print_lists(r))
		return -1;
	if (!r->distance.known)
		return 0;
	(void)fputc('\n', stdout);
	return kmr_wrap_format(stdout, 0, "",
			       "Distance from the kernel's /proc/buddyinfo: %" PRIu64 ".%" PRIu64
			       " %% of its free pages lie in blocks of another order or zone",
			       r->distance.permille / 10, r->distance.permille % 10);
}
