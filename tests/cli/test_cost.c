// SPDX-License-Identifier: GPL-2.0-only
/* Latencies and their prices, as a user asks for them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

TestSuite(cost, .init = command_enter, .fini = command_leave, .timeout = 300);

/* Text, JSON and database tell the same; a latency is its steps times their prices. */
Test(cost, latencies_are_the_same_everywhere)
{
	need("$K replay " TRACE " --object slub --json -o a.db >a.json");
	need("$K replay " TRACE " --object slub >a.txt");
	need("python3 - <<'E'\n"
	     "import json, sqlite3\n"
	     "db = sqlite3.connect('a.db')\n"
	     "found = 0\n"
	     "for l in json.load(open('a.json'))['latency']:\n"
	     "    q = ('SELECT count, p50, p99, p999, max FROM latency_percentile '\n"
	     "         'WHERE operation = ? AND page_order = ? AND path = ?')\n"
	     "    key = lambda d: tuple(d[k] for k in ('count', 'p50_ns', 'p99_ns', 'p999_ns', "
	     "'max_ns'))\n"
	     "    assert db.execute(q, (l['operation'], -1, 'all')).fetchall() == [key(l)], l\n"
	     "    for p in l['paths']:\n"
	     "        assert db.execute(q, (l['operation'], p['order'], p['path'])).fetchall() "
	     "== [key(p)], p\n"
	     "        found += 1\n"
	     "    line = [x.split() for x in open('a.txt') if x.startswith(l['operation'] + ' ')]\n"
	     "    assert line[0][1].replace(',', '') == str(l['count']), line\n"
	     "assert found == db.execute('SELECT count(*) FROM latency').fetchone()[0] > 8\n"
	     "for op, total in db.execute('SELECT operation, sum(total) FROM latency GROUP BY "
	     "1'):\n"
	     "    assert total == db.execute('SELECT sum(s.count * price) FROM step s JOIN cost '\n"
	     "        'USING (run, step) WHERE operation = ?', (op,)).fetchone()[0], op\n"
	     "E\n");
	need("test $(wc -L < a.txt) -le 400 && grep -A7 '^Simulated latency' a.txt | awk 'length > "
	     "80 { exit 1 }'");
}

/* With one CPU and prices of nothing but one step, a latency counts that step. */
Test(cost, a_file_gives_other_prices)
{
	need("$K list --json >list.json");
	need("python3 - <<'E'\n"
	     "import json\n"
	     "steps = [s['name'] for s in json.load(open('list.json'))['cost']]\n"
	     "assert len(steps) == len(set(steps)) > 40\n"
	     "with open('one.yaml', 'w') as f:\n"
	     "    f.write('name: one\\nsteps:\\n')\n"
	     "    for s in steps:\n"
	     "        f.write(f'  {s}: {\"7 ns\" if s == \"page_free\" else 0}\\n')\n"
	     "E\n");
	need("$K replay " TRACE " --cost one.yaml -o one.db");
	need("python3 - <<'E'\n"
	     "import sqlite3\n"
	     "db = sqlite3.connect('one.db')\n"
	     "for op, price in ('page_free', 7000), ('page_alloc', 0):\n"
	     "    q = 'SELECT min(shortest), max(longest) FROM latency WHERE operation = ?'\n"
	     "    assert db.execute(q, (op,)).fetchone() == (price, price), op\n"
	     "E\n");
}

/* Prices change latencies and nothing else. */
Test(cost, prices_do_not_change_what_happens)
{
	need("printf 'steps:\\n  zone: 1 us\\n' >dear.yaml");
	need("$K replay " TRACE " -o a.db && $K replay " TRACE " -c dear.yaml -o b.db");
	need("for t in sample_zone sample_free extfrag failure counter step; do sqlite3 a.db "
	     "\"SELECT "
	     "* FROM $t\" >a.rows; sqlite3 b.db \"SELECT * FROM $t\" >b.rows; cmp a.rows b.rows || "
	     "exit 1; done");
	need("test \"$(sqlite3 a.db 'SELECT sum(total) FROM latency')\" -lt "
	     "\"$(sqlite3 b.db 'SELECT sum(total) FROM latency')\"");
}

Test(cost, files_that_will_not_do)
{
	need("printf 'steps:\\n  pcp_aloc: 1 ns\\n' >name.yaml");
	assert_refused(run("$K replay " TRACE " --cost name.yaml -o x.db"),
		       "name.yaml:2:3: there is no step 'pcp_aloc'; did you mean 'pcp_alloc'?");
	need("printf 'steps:\\n  zone: 1 hour\\n' >unit.yaml");
	assert_refused(run("$K compare " TRACE " --cost unit.yaml -o x.db"),
		       "unit.yaml:2:9: zone: '1 hour' is no price");
	assert_refused(run("$K replay " TRACE " --cost missing.yaml"), "missing.yaml");
	assert_refused(run("$K replay " TRACE " --cost " TRACE), "trace.txt.zst");
	assert_files("name.yaml unit.yaml");
}

Test(cost, compare_has_percentiles_of_each_run)
{
	need("$K compare " TRACE " --object slub,slab --json -o runs.db >out.json");
	need("python3 - <<'E'\n"
	     "import json, sqlite3\n"
	     "db = sqlite3.connect('runs.db')\n"
	     "for r in json.load(open('out.json'))['runs']:\n"
	     "    for op in 'page', 'object':\n"
	     "        p99 = db.execute('SELECT p99 FROM latency_percentile WHERE run = ? AND '\n"
	     "            'page_order = -1 AND operation = ?', (r['run'], op + '_alloc'))\n"
	     "        p99 = p99.fetchone()[0]\n"
	     "        assert abs(r['figures'][op + '_alloc_p99_ns'] - p99) <= 0.051, (op, "
	     "r['run'])\n"
	     "E\n");
}

/* What vmalloc() takes is what its model counts. */
Test(cost, steps_of_addresses_are_the_models_counts)
{
	need("$K replay " KMR_SOURCE_ROOT "/traces/loads/driver-2.5M.yaml --object slub -o v.db");
	need("python3 - <<'E'\n"
	     "import sqlite3\n"
	     "db = sqlite3.connect('v.db')\n"
	     "count = dict(db.execute('SELECT name, value FROM counter'))\n"
	     "def step(op, name):\n"
	     "    row = db.execute('SELECT count FROM step WHERE operation = ? AND step = ?', (op, "
	     "name)).fetchone()\n"
	     "    return row[0] if row else 0\n"
	     "assert step('vmalloc', 'vmalloc') == count['vmap.allocs'] > 0\n"
	     "assert step('vfree', 'vfree') == count['vmap.frees'] > 0\n"
	     "assert step('vmalloc', 'page_table') == count['vmap.page_allocs'] > 0\n"
	     "assert step('vfree', 'page_table') == count['vmap.page_frees']\n"
	     "assert step('vmalloc', 'tlb_flush') + step('vfree', 'tlb_flush') == "
	     "count['vmap.flushes'] > 0\n"
	     "assert step('vmalloc', 'page_alloc') < step('vmalloc', 'page_table'), 'in bulk'\n"
	     "E\n");
}
