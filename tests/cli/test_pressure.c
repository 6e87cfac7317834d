// SPDX-License-Identifier: GPL-2.0-only
/* Reclaim, followed and simulated, as a user asks for it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* The bundled capture on a machine that is too small for it. */
#define SMALL TRACE " --machine i386:ram=40M --start boot"

TestSuite(pressure, .init = command_enter, .fini = command_leave, .timeout = 300);

Test(pressure, follow_is_what_is_done_without_the_option)
{
	need("$K replay " TRACE " --json >none.json");
	need("$K replay " TRACE " --json --pressure follow >follow.json");
	need("cmp none.json follow.json");
	need("! grep -q pressure none.json");
}

/* A request that nothing was free for is served from page cache that nobody has used of late. */
Test(pressure, a_small_machine_reclaims_instead_of_failing)
{
	need("$K replay " SMALL " --json >follow.json");
	need("$K replay " SMALL " --json --check --pressure model >model.json");
	need("python3 - <<'E'\n"
	     "import json\n"
	     "follow, model = (json.load(open(n)) for n in ('follow.json', 'model.json'))\n"
	     "p = model['pressure']\n"
	     "assert p['pgsteal_kswapd'] > 0 and p['pageoutrun'] > 0, p\n"
	     "assert p['pgsteal_kswapd'] + p['pgsteal_direct'] == \\\n"
	     "       p['pgsteal_anon'] + p['pgsteal_file'], p\n"
	     "assert model['counts']['failures'] < follow['counts']['failures']\n"
	     "assert len(p['notes']) == 4\n"
	     "E\n");
}

/* Text, JSON and database tell the same, and every run does. */
Test(pressure, counts_are_the_same_everywhere)
{
	need("$K replay " SMALL " --pressure model,swap=500 --json -o a.db >a.json");
	need("$K replay " SMALL " --pressure model,swap=500 -o b.db >b.txt");
	need("python3 - <<'E'\n"
	     "import json, sqlite3\n"
	     "p = json.load(open('a.json'))['pressure']\n"
	     "rows = [dict(sqlite3.connect(n).execute(\n"
	     "        \"SELECT name, value FROM counter WHERE name LIKE 'pressure.%%'\"))\n"
	     "        for n in ('a.db', 'b.db')]\n"
	     "assert rows[0] == rows[1]\n"
	     "assert rows[0]['pressure.param.swap'] == 500\n"
	     "for k, v in p.items():\n"
	     "    if isinstance(v, int):\n"
	     "        assert rows[0]['pressure.' + k] == v, k\n"
	     "for k, v in p['trace'].items():\n"
	     "    assert rows[0]['pressure.trace.' + k] == v, k\n"
	     "E\n");
	need("grep -q '^pressure  model (mglru=0,swap=500,' b.txt");
	need("grep -q '^note: which pages were used again is not in a trace' b.txt");
	need("test \"$(grep -o '[0-9a-f]\\{32\\}' a.json)\" = \"$(sed -n 's/^digest *//p' "
	     "b.txt)\"");
}

Test(pressure, compare_has_it_for_all_runs)
{
	need("$K compare " SMALL
	     " --object none,slub --pressure model --json -o runs.db >out.json");
	need("python3 - <<'E'\n"
	     "import sqlite3\n"
	     "n = sqlite3.connect('runs.db').execute(\"SELECT COUNT(*) FROM counter WHERE name = "
	     "\"\n"
	     "        \"'pressure.pgsteal_kswapd' AND value > 0\").fetchone()[0]\n"
	     "assert n == 2, n\n"
	     "E\n");
}

Test(pressure, what_it_takes_is_listed)
{
	need("$K list --json | python3 -c 'import json, sys\n"
	     "l = json.load(sys.stdin)[\"pressure\"]\n"
	     "assert [x[\"name\"] for x in l] == [\"follow\", \"model\"]\n"
	     "assert \"swappiness\" in [p[\"name\"] for p in l[1][\"params\"]]'");
	assert_refused(run("$K replay " TRACE " --pressure guess"),
		       "--pressure takes 'follow' or 'model', found 'guess'");
	assert_refused(run("$K replay " TRACE " --pressure model,page=1"),
		       "--pressure model: no parameter 'page'");
	assert_refused(run("$K replay " TRACE " --page linux-2.4 --pressure model"),
		       "page backend linux-2.4 has no slow path to help");
}
