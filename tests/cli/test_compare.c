// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay compare, and objects in databases, as a user sees them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

TestSuite(compare, .init = command_enter, .fini = command_leave);

Test(compare, what_it_does_not_take)
{
	need("mkdir folder");
	assert_refused(run("$K compare"), "operand is missing");
	assert_refused(run("$K compare " TRACE " --object slub,slib"), "'slib'");
	assert_refused(run("$K compare " TRACE " --object ''"), "object");
	assert_refused(run("$K compare " TRACE " --object slub,"), "object");
	assert_refused(run("$K compare " TRACE " --object slub,colour=1"), "'colour'");
	assert_refused(run("$K compare " TRACE " --object slub,max_order=x"), "max_order");
	assert_refused(run("$K compare " TRACE " --page linux-6.1,linux-0.01"), "'linux-0.01'");
	assert_refused(run("$K compare " TRACE " --page linux-6.1,colour=1"), "'colour'");
	assert_refused(run("$K compare " TRACE " --vmap rbtree,tree"), "'tree'");
	assert_refused(run("$K compare " TRACE " --vmap rbtree,nodes=1"), "'nodes'");
	assert_refused(run("$K compare " TRACE " --jobs 0"), "'0'");
	assert_refused(run("$K compare " TRACE " --jobs -1"), "'-1'");
	assert_refused(run("$K compare " TRACE " --jobs two"), "'two'");
	assert_refused(run("$K compare " TRACE " --jobs 2x"), "'2x'");
	assert_refused(run("$K compare " TRACE " --jobs 99999999999999999999"), "--jobs");
	assert_refused(run("$K compare " TRACE " --start tomorrow"), "'tomorrow'");
	assert_refused(run("$K compare no-such-trace"), "no-such-trace");
	assert_refused(run("$K compare " TRACE " -o no/such/runs.db"), "no/such/runs.db");
	assert_refused(run("$K compare " TRACE " -o folder"), "folder");
	assert_refused(run("$K replay " TRACE " --object slib -o run.db"), "'slib'");
	assert_refused(run("$K replay " TRACE " --object slub,colour=1 -o run.db"), "'colour'");
	assert_files("folder");
}

/* Backends in one list, combinations in one table, combinations in all. */
Test(compare, too_many)
{
	static const char nine[] = "slub,slub,slub,slub,slub,slub,slub,slub,slub";
	static const char eight[] = "linux-6.1,linux-6.1,linux-6.1,linux-6.1,"
				    "linux-6.1,linux-6.1,linux-6.1,linux-6.1";

	assert_refused(run("$K compare " TRACE " -o runs.db --object %s,%s", nine, nine), "16");
	assert_refused(
		run("$K compare " TRACE " -o runs.db --json --page %s --object %s", eight, nine),
		"72 combinations");
	assert_refused(run("$K compare " TRACE " -o runs.db --page %s --object %s", eight, nine),
		       "72 combinations");
	assert_files("");
}

Test(compare, a_parameter_belongs_to_the_backend_before_it)
{
	need("$K compare " TRACE " --object slub,max_order=0,slab --json -o runs.db >out.json");
	need("python3 - <<'E'\n"
	     "import json\n"
	     "runs = json.load(open('out.json'))['runs']\n"
	     "assert [r['run'] for r in runs] == [1, 2], runs\n"
	     "for r in runs:\n"
	     "    assert len(r['digest']) == 32 and r['figures']['slab_pages_end'] > 1000, r\n"
	     "E");
	need("test \"$(sqlite3 runs.db 'SELECT run, object FROM run')\" = '1|slub\n2|slab'");
	need("sqlite3 runs.db 'SELECT object_params FROM run WHERE run = 1' | grep -q max_order=0");
	/* what max_order is for */
	need("test \"$(sqlite3 runs.db 'SELECT count(*) > 0 FROM cache WHERE run = 1"
	     " AND slab_allocs')\" = 1");
}

Test(compare, a_table_fits_a_terminal)
{
	need("$K compare " TRACE " >table");
	need("sed -n '/^best/,$p' table | awk 'length($0) > 80 { print; bad = 1 }"
	     " END { exit bad || NR < 15 }'");
	need("$K compare " TRACE " --object slub,max_order=0,slub,min_partial=10,slab >table");
	need("sed -n '/^best/,$p' table | awk 'length($0) > 80 { print; bad = 1 }"
	     " END { exit bad || NR < 15 }'");
	need("$K compare " TRACE " --object slub,none | grep -q 'slab pages at the end .*-'");
}

/* Vmap backends are combined with the others, and titles tell runs apart. */
Test(compare, vmap_backends)
{
	need("{ zstd -dc " TRACE " | head -n 2000;"
	     " for i in $(seq 40); do"
	     "  echo \"  a-1 [000] ..... 9999.0: kmr_vmalloc: ptr=$i bytes=$((i * 4096))"
	     " gfp_flags=GFP_KERNEL\"; done;"
	     " for i in $(seq 3 3 40); do echo \"  a-1 [000] ..... 9999.1: kmr_vfree: ptr=$i\"; "
	     "done; }"
	     " >trace");
	need("$K compare trace -m i386:ram=1280M -s boot --object none --vmap augmented,rbtree,none"
	     " -o runs.db >table");
	need("grep -q 'best in a row: \\* *augmented *rbtree *none' table");
	need("grep -q 'holes between areas .*-' table");
	need("grep -q '^digest .* linux-6.1 none rbtree$' table");
	need("test \"$(sqlite3 runs.db 'SELECT run, backend FROM vmap')\" = "
	     "'1|augmented\n2|rbtree'");
	need("test \"$(sqlite3 runs.db \"SELECT count(DISTINCT value) FROM counter"
	     " WHERE name = 'mappings.vmallocs'\")\" = 1");
	need("$K compare trace -m i386:ram=1280M -s boot --object none,slub --vmap augmented,rbtree"
	     " >table");
	/* what finds no room in 80 columns comes below */
	need("grep ^best table | tr -s ' \\n' ' ' | grep -q '^best in a row: \\* none augmented "
	     "none "
	     "rbtree slub augmented best in a row: \\* slub rbtree $'");
	need("grep -c '^holes between areas ' table | grep -qx 2");
}

/* Where nobody asked for pages but areas, a request for pages has no latency, which is not 0. */
Test(compare, no_latency_of_what_was_not_asked_for)
{
	need("$K compare " KMR_SOURCE_ROOT
	     "/traces/loads/vmalloc-churn.yaml --object none --vmap augmented,rbtree"
	     " --json | python3 -c 'import json, sys;"
	     " r = json.load(sys.stdin)[\"runs\"];"
	     " assert len(r) == 2 and not any(\"page_alloc_p99_ns\" in x[\"figures\"] for x in r);"
	     " assert not any(o[\"operation\"] == \"page_alloc\" for x in r for o in "
	     "x[\"latency\"])'");
	need("$K compare " TRACE " --object none,slub --json | python3 -c 'import json, sys;"
	     " r = [x[\"figures\"] for x in json.load(sys.stdin)[\"runs\"]];"
	     " assert all(x[\"page_alloc_p99_ns\"] > 0 for x in r);"
	     " assert [\"object_alloc_p99_ns\" in x for x in r] == [False, True]'");
}

/* The list names what --vmap takes, and completion finds it there. */
Test(compare, list_has_the_vmap_backends)
{
	need("for v in augmented rbtree; do $K list | grep -q \"^ *$v \" || exit; done");
	need("$K list --json | python3 -c 'import json, sys;"
	     " print([v[\"name\"] for v in json.load(sys.stdin)[\"vmap\"]])'"
	     " | grep -q \"'augmented', 'rbtree'\"");
}

/* The list names what --object takes. */
Test(compare, list_has_the_object_backends)
{
	need("for o in slub slab slob; do $K list | grep -q \"^ *$o \" || exit;"
	     " $K replay " TRACE " --object $o >/dev/null || exit; done");
	need("$K list --json | python3 -m json.tool >/dev/null");
}

/* In whatever order and company, a combination's digest is the one it has alone. */
Test(compare, digests_do_not_depend_on_company, .timeout = 300)
{
	need("$K compare " TRACE " --jobs 1 -o one.db | grep ^digest | sort >one");
	need("$K compare " TRACE " --jobs 2 -o two.db | grep ^digest | sort >two");
	need("cmp one two && cmp one.db two.db");
	need("$K compare " TRACE " --object slob,none,slab,slub --jobs 2 | grep ^digest |"
	     " grep -v none | sort >other && cmp one other");
	need("for o in slub slab slob; do $K replay --json " TRACE " --object $o -o $o.db |"
	     " grep -o '\"digest\": \"[0-9a-f]*' | grep -o '[0-9a-f]\\{32\\}' || exit; done |"
	     " sort >alone");
	need("awk '{ print $2 }' one | sort | cmp - alone");
	need("test $(sort -u alone | wc -l) = 3");
	need("$K replay --json " TRACE " --object none | grep '\"digest\"' >none");
	need("$K replay --json " TRACE " | grep '\"digest\"' | cmp - none");
}

/* What holds in every database with objects, whichever run is looked at. */
Test(compare, databases_are_sound, .timeout = 300)
{
	need("$K compare " TRACE " -o runs.db >/dev/null");
	need("test -z \"$(sqlite3 runs.db 'PRAGMA foreign_key_check; ')\"");
	need("test \"$(sqlite3 runs.db 'PRAGMA integrity_check')\" = ok");
	need("test \"$(sqlite3 runs.db 'SELECT count(*), count(DISTINCT digest) FROM digest')\""
	     " = '3|3'");
	/* the last sample is the counters' end */
	need("test \"$(sqlite3 runs.db 'SELECT count(*) FROM run r WHERE object <> \"slob\" AND"
	     " (SELECT sum(pages) FROM cache_at a WHERE a.run = r.run AND sample ="
	     " (SELECT max(sample) FROM object_sample WHERE run = r.run)) <="
	     " (SELECT value FROM counter WHERE run = r.run AND name = \"objects.end_pages\")')\""
	     " = 2");
	need("test \"$(sqlite3 runs.db 'SELECT count(*) FROM cache_use WHERE NOT"
	     " (utilisation BETWEEN 0 AND 1 AND internal BETWEEN 0 AND 1)')\" = 0");
	/* call sites add up to the counters */
	need("test \"$(sqlite3 runs.db 'SELECT count(*) FROM run r WHERE"
	     " (SELECT sum(frees) FROM call_site c WHERE c.run = r.run) ="
	     " (SELECT value FROM counter WHERE run = r.run AND name = \"objects.frees\") AND"
	     " (SELECT sum(live) FROM call_site c WHERE c.run = r.run) ="
	     " (SELECT value FROM counter WHERE run = r.run AND name = \"objects.live_objects\")"
	     "')\" = 3");
	/* samples begin before the first event and end behind the last, in order */
	need("test \"$(sqlite3 runs.db 'SELECT count(*) FROM object_sample s JOIN object_sample n"
	     " ON n.run = s.run AND n.sample = s.sample + 1 WHERE n.time < s.time OR"
	     " n.event < s.event')\" = 0");
	need("test $(sqlite3 runs.db 'SELECT count(*) FROM cache_at WHERE active > objects OR"
	     " partial_slabs + cpu_slabs > slabs') = 0");
	/* a cache has a row in a sample only when it is not as it was before */
	need("test $(sqlite3 runs.db 'SELECT count(*) FROM cache_sample a JOIN cache_sample b"
	     " USING (run, cache, active, objects, slabs, pages, partial_slabs, cpu_slabs, cached,"
	     " requested) WHERE b.sample = a.sample + 1') = 0");
}

/* mm/slab_common.c, cache_show(): every cache has the kernel's sizes. */
Test(compare, slabinfo_is_the_kernels)
{
	need("$K replay " TRACE " --object slub -o run.db >/dev/null");
	need("sqlite3 run.db 'SELECT * FROM slabinfo' >slabinfo");
	need("sed -n 2p " CAPTURE "/state/slabinfo.after >want; head -1 slabinfo | cmp - want");
	need("awk 'NR > 1 { print $1, $4, $5, $6 }' slabinfo | sort >have");
	need("awk 'NR > 2 { print $1, $4, $5, $6 }' " CAPTURE "/state/slabinfo.after | sort >want");
	need("test $(wc -l <want) -gt 80 && cmp have want");
	/* the columns stand where the kernel's do */
	need("awk 'NR > 1 { print substr($0, 1, 17), index($0, \": tunables\") }' slabinfo |"
	     " sort >have; awk 'NR > 2 { print substr($0, 1, 17), index($0, \": tunables\") "
	     "}' " CAPTURE "/state/slabinfo.after | sort >want; cmp have want");
}
