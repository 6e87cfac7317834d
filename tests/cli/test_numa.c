// SPDX-License-Identifier: GPL-2.0-only
/* Machines with several nodes, up to 1 TiB, through every command, as a user sees them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define MACHINE	 KMR_SOURCE_ROOT "/traces/machines/x86_64-numa-8.yaml"
#define POLICIES KMR_SOURCE_ROOT "/traces/loads/numa-policies.yaml"
#define FAR	 KMR_SOURCE_ROOT "/traces/loads/numa-distance.yaml"

TestSuite(numa, .init = command_enter, .fini = command_leave, .timeout = 300);

/* Text, JSON and database tell the same, and add up. */
Test(numa, counts)
{
	const struct outcome *o;

	need("$K replay " FAR " --json -o run.db >out.json");
	need("python3 - <<'E'\n"
	     "import json, sqlite3\n"
	     "r = json.load(open('out.json'))\n"
	     "db = sqlite3.connect('run.db')\n"
	     "keys = 'node numa_hit numa_miss numa_foreign interleave_hit local_node other_node'\n"
	     "rows = [dict(zip(keys.split(), row)) for row in\n"
	     "        db.execute('SELECT ' + ','.join(keys.split()) + ' FROM numa_node')]\n"
	     "nodes = [{k: n[k] for k in keys.split()} for n in r['numa']['nodes']]\n"
	     "assert rows == nodes, (rows, nodes)\n"
	     "assert len(nodes) == 4\n"
	     "done = r['counts']['page_allocs'] - r['counts']['failures']\n"
	     "for a, b in (('numa_hit', 'numa_miss'), ('local_node', 'other_node')):\n"
	     "    assert sum(n[a] + n[b] for n in nodes) == done, (a, done)\n"
	     "assert sum(n['numa_miss'] for n in nodes) == sum(n['numa_foreign'] for n in nodes) > "
	     "0\n"
	     "# the node without memory: all of its CPUs' requests are other nodes'\n"
	     "assert nodes[2]['numa_hit'] == nodes[2]['local_node'] == 0\n"
	     "d = {x['distance']: x['requests'] for x in r['numa']['distances']}\n"
	     "assert sum(d.values()) == done and set(d) <= {10, 16, 22}, d\n"
	     "E");
	o = run("$K replay " FAR);
	cr_expect_eq(o->status, 0);
	cr_expect(strstr(o->out, "Requests by node, as numastat counts them"));
	cr_expect(strstr(o->out, "From CPUs to their memory"));
	o = run("$K replay " TRACE " -m " BEFORE);
	cr_expect_eq(o->status, 0);
	cr_expect_not(strstr(o->out, "numastat"));
}

/* Far requests come up against zone_reclaim_mode, which leaves a run as it is, but for its counts. */
Test(numa, zone_reclaim_mode)
{
	const struct outcome *o =
		run("$K compare " FAR " --json --page linux-6.1,linux-6.1,zone_reclaim_mode=1 "
		    "--object none");

	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_expect(strstr(o->out, "zone_reclaim_mode=1"));
	cr_expect_not(strstr(o->out, "zone_reclaim_mode=0"));
	need("$K compare " FAR " --json --page linux-6.1,linux-6.1,zone_reclaim_mode=1 "
	     "--object none | python3 -c '\n"
	     "import json, sys\n"
	     "a, b = json.load(sys.stdin)[\"runs\"]\n"
	     "n = [sum(x[\"zone_reclaims\"] for x in r[\"numa\"][\"nodes\"]) for r in (a, b)]\n"
	     "assert n[0] == 0 < n[1], n\n"
	     "assert a[\"figures\"] == b[\"figures\"] and \"mean_distance\" in a[\"figures\"]\n"
	     "'");
	assert_refused(run("$K replay " FAR " --page linux-6.1,zone_reclaim_mode=8"),
		       "zone_reclaim_mode");
}

/*
 * What is read from files fills a node of 512 MiB three times over.  Without zone_reclaim_mode the
 * other node gets what kswapd does not make room for; with it the node keeps nearly all.
 */
Test(numa, zone_reclaim_keeps_pages_near)
{
	need("cat >load.yaml <<'E'\n"
	     "workload: cache\n"
	     "machine: \"x86_64:ram=1G,nodes=2,cpus=2\"\n"
	     "duration: 4s\n"
	     "actors:\n"
	     "  - name: reader\n"
	     "    cpus: 0\n"
	     "    every: 10us\n"
	     "    pages: {gfp: GFP_HIGHUSER_MOVABLE|__GFP_WRITE}\n"
	     "    lifetime: forever\n"
	     "E");
	need("for mode in 0 1; do $K replay load.yaml --json --pressure model "
	     "--page linux-6.1,zone_reclaim_mode=$mode >$mode.json; done");
	need("python3 - <<'E'\n"
	     "import json\n"
	     "def remote(mode):\n"
	     "    r = json.load(open(str(mode) + '.json'))\n"
	     "    assert r['counts']['failures'] == 0\n"
	     "    d = {x['distance']: x['pages'] for x in r['numa']['distances']}\n"
	     "    return d.get(20, 0) / sum(d.values())\n"
	     "assert remote(0) > 0.2 and remote(1) < 0.01, (remote(0), remote(1))\n"
	     "E");
}

/* The text of a workload with policies is the workload, on 1 TiB. */
Test(numa, a_tebibyte_through_every_command)
{
	char digest[64];

	need("$K machine " MACHINE " >machine.txt");
	need("grep -q 'Normal' machine.txt");
	need("$K gen " POLICIES " -o load.txt");
	need("grep -q 'node=7 policy=interleave' load.txt");
	need("grep -q 'policy=bind nodes=0xc8' load.txt");
	snprintf(digest, sizeof(digest), "%s",
		 json_value(run("$K replay " POLICIES " --json")->out, "digest"));
	cr_assert_eq(strlen(digest), 32);
	cr_expect_str_eq(json_value(run("$K replay load.txt -m " MACHINE " --json")->out, "digest"),
			 digest);
	need("$K compare " POLICIES " --object slub,none --page linux-6.1");
}
