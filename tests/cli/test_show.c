// SPDX-License-Identifier: GPL-2.0-only
/* `kmreplay show`: of a snapshot, a capture, a database; and what it does not take. */
#include <criterion/criterion.h>
#include <string.h>

#include "command.h"

#define CAPTURE KMR_SOURCE_ROOT "/traces/i386-slub-compile"

TestSuite(show, .init = command_enter, .fini = command_leave);

/* The end of the bundled capture, which is the kernel's own; but a cache that grew afterwards. */
Test(show, files_of_a_capture)
{
	static const char *const files[] = { "buddyinfo", "pagetypeinfo", "extfrag_index",
					     "unusable_index" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		need("$K show " CAPTURE " --after --what %s | cmp - " CAPTURE "/state/%s.after",
		     files[i], files[i]);
	need("$K show " CAPTURE " --what slabinfo | cmp - " CAPTURE "/state/slabinfo.before");
	need("$K show " CAPTURE "/state/kmsnap.after.zst -w buddyinfo |"
	     " cmp - " CAPTURE "/state/buddyinfo.after");
}

Test(show, all_with_their_names)
{
	need("$K show " CAPTURE " >got");
	need("test $(grep -c '^==> [a-z_]* <==$' got) = 5");
	need("test \"$(head -1 got)\" = '==> buddyinfo <=='");
	need("sed -n '/^==> slabinfo/,$p' got | sed 1d | cmp - " CAPTURE "/state/slabinfo.before");
}

/* The same views: what a replay of the capture ends with is what the kernel ended with. */
Test(show, a_run_s_end)
{
	need("$K compare " CAPTURE " --page linux-6.1,linux-5.15 --object slub -o runs.db");
	need("$K show runs.db --run 1 -w extfrag_index,unusable_index | grep -v '^$' >got");
	need("test $(grep -c zone got) = 6");
	need("$K show runs.db --run 2 -w buddyinfo >last; $K show runs.db -w buddyinfo | cmp - "
	     "last");
	need("$K show runs.db -w slabinfo | head -2 >got;"
	     " head -2 " CAPTURE "/state/slabinfo.after | cmp - got");
}

Test(show, json)
{
	need("$K show " CAPTURE " --json --what buddyinfo,slabinfo >got");
	need("python3 -c 'import json; d = json.load(open(\"got\"));"
	     " assert sorted(d) == [\"buddyinfo\", \"slabinfo\"];"
	     " assert d[\"buddyinfo\"][1][\"zone\"] == \"Normal\";"
	     " assert len(d[\"buddyinfo\"][1][\"free\"]) == 11;"
	     " assert d[\"slabinfo\"][0][\"name\"] == \"ext4_groupinfo_4k\"'");
}

static void refused(const char *args, const char *message)
{
	const struct outcome *o = run("$K show %s", args);

	cr_expect_eq(o->status, 2, "%s: %d", args, o->status);
	cr_expect_not_null(strstr(o->err, message), "%s: %s", args, o->err);
}

Test(show, messages)
{
	need("$K replay " CAPTURE " --object none -o pages.db");
	refused(CAPTURE " --what meminfo", "--what: no file 'meminfo'; there is buddyinfo, ");
	refused(CAPTURE " --run 1", "is a capture, no database");
	refused(CAPTURE "/state/kmsnap.after.zst --run 1", "is a snapshot, no database");
	refused("pages.db --run 0", "--run: '0' is no number of a run");
	refused("pages.db --run 2x", "--run: '2x' is no number of a run");
	refused("pages.db --run 2", "pages.db: has no run 2; its runs are 1 to 1");
	refused("pages.db --after", "--after: pages.db is no directory of a capture");
	refused("pages.db --what slabinfo", "pages.db: has no slabinfo");
	refused(".",
		".: is a directory that has no snapshot kmsnap.before, in itself or in state/");
	refused("nothing", "nothing: ");
}
