// SPDX-License-Identifier: GPL-2.0-only
/* What is asked of the command line itself: help, lists, and everything it does not take. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

TestSuite(usage, .init = command_enter, .fini = command_leave);

static const char *const commands[] = { "replay",  "verify", "info", "stat",   "plot",
					"machine", "list",   "gen",  "report", "diff" };
#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

Test(usage, help_of_the_program_names_every_command)
{
	const struct outcome *o;

	need("$K --help");
	o = run("$K --help");
	for (size_t i = 0; i < NR_COMMANDS; i++) {
		char entry[32];

		(void)snprintf(entry, sizeof(entry), "\n  %s ", commands[i]);
		cr_expect(strstr(o->out, entry), "no %s in: %s", commands[i], o->out);
	}
	cr_expect_str_empty(o->err);
}

Test(usage, help_of_every_command)
{
	for (size_t i = 0; i < NR_COMMANDS; i++) {
		char usage[64];
		const struct outcome *o = run("$K %s --help", commands[i]);

		(void)snprintf(usage, sizeof(usage), "Usage: kmreplay %s ", commands[i]);
		cr_expect_eq(o->status, 0);
		cr_expect_eq(strncmp(o->out, usage, strlen(usage)), 0, "%s", o->out);
		cr_expect(strstr(o->out, "-h, --help"), "%s", o->out);
		cr_expect_str_empty(o->err);
		/* the short name, and behind an operand */
		cr_expect_eq(run("$K %s -h", commands[i])->status, 0);
		cr_expect_eq(run("$K %s somewhere --help", commands[i])->status, 0);
	}
}

Test(usage, version)
{
	const struct outcome *o = run("$K --version");

	cr_expect_eq(o->status, 0);
	cr_expect_eq(strncmp(o->out, "kmreplay ", 9), 0, "%s", o->out);
}

Test(usage, list_is_what_replay_takes)
{
	need("$K list --json | python3 -m json.tool >list.json");
	need("for m in $($K list | sed -n 's/^  \\(i386\\|x86_64\\) .*/\\1/p'); do"
	     " $K replay " TRACE " --machine $m:ram=512M --start infer || exit; done");
	need("$K list | sed '1,/^Page/d; /^$/,$d' | grep '^  [^ ]\\|^    [^ ]' | while read -r "
	     "name rest; do case $name in "
	     "linux-*) b=$name; continue ;; [0-9]*) continue ;; esac;"
	     " $K replay " TRACE " --page $b,$name=1 >>pages || exit; done");
	need("test $(grep -c ^page pages) -ge 20");
	need("$K list | sed '1,/^Object/d; /^$/,$d' | grep '^  [^ ]\\|^    [^ ]' | while read -r "
	     "name rest; do case $name in "
	     "slub | slab "
	     "| slob)"
	     " b=$name; set -- ;; [0-9]*) continue ;; *) set -- ,$name=$(test $name != hz || echo "
	     "25)1 ;;"
	     " esac; $K replay " TRACE " --object $b$1 >>objects || exit; done");
	need("test $(grep -c ^object objects) -ge 10");
}

Test(usage, no_such_command)
{
	assert_refused(run("$K"), "no command");
	assert_refused(run("$K replai"), "'replai'");
	assert_refused(run("$K --frobnicate"), "'--frobnicate'");
	assert_refused(run("$K ''"), "no command ''");
}

Test(usage, no_such_option)
{
	for (size_t i = 0; i < NR_COMMANDS; i++) {
		assert_refused(run("$K %s --frobnicate", commands[i]), "'--frobnicate'");
		assert_refused(run("$K %s -Q", commands[i]), "'-Q'");
	}
	assert_refused(run("$K replay " TRACE " --output"), "needs an argument");
	assert_refused(run("$K replay " TRACE " -o"), "needs an argument");
	assert_refused(run("$K replay " TRACE " --json=yes"), "'--json=yes'");
}

Test(usage, too_few_and_too_many_operands)
{
	assert_refused(run("$K replay"), "operand is missing");
	assert_refused(run("$K verify --snapshot " BEFORE), "operand is missing");
	assert_refused(run("$K info"), "operand is missing");
	assert_refused(run("$K stat --page"), "operand is missing");
	assert_refused(run("$K plot -o figures"), "operand is missing");
	assert_refused(run("$K replay " TRACE " again"), "'again'");
	assert_refused(run("$K list all"), "'all'");
}

Test(usage, no_such_machine)
{
	assert_refused(run("$K replay " TRACE " --machine vax"), "vax");
	assert_refused(run("$K replay " TRACE " --machine i386:ram=lots"), "ram=lots");
	assert_refused(run("$K replay " TRACE " --machine i386:ram=1M"), "too small");
	assert_refused(run("$K replay " TRACE " --machine i386:ram=9999T"), "ram=");
	assert_refused(run("$K replay " TRACE " --machine i386:nodes=2"), "nodes=2");
	assert_refused(run("$K replay " TRACE " --machine i386:disk=1G"), "disk");
	assert_refused(run("$K replay " TRACE " --machine x86_64:version=2.4"), "version=2.4");
	need("mkdir nothing");
	assert_refused(run("$K replay " TRACE " --machine nothing"), "nothing");
	assert_files("nothing");
}

Test(usage, no_such_backend)
{
	assert_refused(run("$K replay " TRACE " --page linux-0.01"), "'linux-0.01'");
	assert_refused(run("$K replay " TRACE " --page linux-6.1,colour=1"), "'colour'");
	assert_refused(run("$K replay " TRACE " --page linux-6.1,nofragment=7"), "nofragment");
	assert_refused(run("$K replay " TRACE " --page linux-6.1,pcp_high=x"), "pcp_high");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " --page ''"), "--page");
}

Test(usage, object_backends_of_verify)
{
	assert_refused(run("$K verify " TRACE " -s " BEFORE " --object slob"),
		       "of a kernel with slub");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " -O slqb"), "'slqb'");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " -O slub,colour=1"), "'colour'");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " --object"), "needs an argument");
	need("$K verify --json " TRACE " -s " BEFORE " --object none >none.json");
	need("grep -q '\"object_not_compared\": \"not asked for\"' none.json");
	need("$K verify " TRACE " -s " BEFORE " >objects && grep -q '^objects  *98,' objects");
	/* every column has its heading */
	need("grep -q '^cache .* inferred .* missed .* in bulk  *exact (%%)$' objects");
	need("test $(awk '/^maple_node/ { print NF }' objects) = 8");
}

Test(usage, info_tells_who_asked_for_pages)
{
	const struct outcome *o = run("$K info " TRACE);

	cr_assert_eq(o->status, 0);
	cr_expect(strstr(o->out, "page frame 0 at c0000000"), "%s", o->out);
	cr_expect(strstr(o->out, "\nfor slabs                  50"), "%s", o->out);
	o = run("$K info --json " TRACE);
	cr_expect_str_eq(json_value(o->out, "base"), "0xc0000000");
	cr_expect_str_eq(json_value(o->out, "real_pointers"), "true");
	cr_expect_str_eq(json_value(o->out, "vmalloc"), "12");
	cr_expect_str_eq(json_value(o->out, "sure"), "50");
	cr_expect_str_eq(json_value(o->out, "by_size"), "130");
	/* pages alone */
	need("zstd -qdc " TRACE " | grep -vE ': (k(malloc|free)|kmem_)' >pages.txt");
	o = run("$K info pages.txt");
	cr_expect(!strstr(o->out, "pages asked for"), "%s", o->out);
	o = run("$K info --json pages.txt");
	cr_expect_str_eq(json_value(o->out, "real_pointers"), "false");
	cr_expect_str_eq(json_value(o->out, "base"), "null");
	cr_expect_str_eq(json_value(o->out, "sure"), "0");
	/* some by their flags alone */
	cr_expect_str_eq(json_value(o->out, "mean_confidence"), "50.00");
}

Test(usage, start_states_that_cannot_be_had)
{
	assert_refused(run("$K replay " TRACE " --start tomorrow"), "'tomorrow'");
	need("cp " TRACE " alone.zst");
	assert_refused(run("$K replay alone.zst --start snapshot"), "kmsnap.before");
	assert_refused(run("$K replay alone.zst --start proc"), "zoneinfo.before");
	assert_refused(run("$K replay " TRACE " --machine i386 --start snapshot"), "'i386'");
}

Test(usage, verify_wants_a_snapshot_and_a_percentage)
{
	assert_refused(run("$K verify " TRACE), "--snapshot");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " --min-exact 101"), "'101'");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " --min-exact -1"), "'-1'");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " --min-exact nan"), "'nan'");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " --min-exact 99%%"), "'99%'");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " --min-exact ''"), "''");
}

Test(usage, json_is_json)
{
	need("$K info --json " TRACE " | python3 -m json.tool >/dev/null");
	need("$K replay --json " TRACE " | python3 -m json.tool >/dev/null");
	need("$K replay --json " TRACE " -o run.db | python3 -m json.tool >/dev/null");
	need("$K verify --json " TRACE " -s " BEFORE " | python3 -m json.tool >/dev/null");
	need("$K verify --json " TRACE " -s " BEFORE " -e " AFTER
	     " | python3 -m json.tool >/dev/null");
	/* a name that has to be escaped */
	need("cp " TRACE " 'a \"b\"\\c\td.zst' &&"
	     " $K info --json 'a \"b\"\\c\td.zst' | python3 -c 'import json,sys;"
	     " assert json.load(sys.stdin)[\"trace\"] == \"a \\\"b\\\"\\\\c\\td.zst\"'");
}
