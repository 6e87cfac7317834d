// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every command that reads a database, on every kind of file that is none: one line on standard
 * error, exit 2, nothing else.  A command more is a line in `commands`, a kind of damage one in
 * `damages`.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

/* $D is the database; good.db is a whole one beside it. */
static const char *const commands[] = {
	"$K plot $D -o figures --scripts-only",
	"$K report $D -o report.txt",
	"$K report good.db $D -f json",
	"$K diff good.db $D",
	"$K show $D",
};

struct damage {
	const char *name;
	const char *make; /* x.db out of good.db, in sh */
	const char *says;
};

#define SQL(statements) "cp good.db x.db && sqlite3 x.db '" statements "'"
#define CUT(bytes)	"head -c " bytes " good.db >x.db"
/* @page from 1 on; the byte is neither of a page's type nor a cell's */
#define GARBAGE(page)                                                   \
	"cp good.db x.db && yes '' | tr '\\n' '\\335' | head -c 4096 |" \
	" dd of=x.db bs=4096 seek=$((" page " - 1)) conv=notrunc 2>dd.log"
#define PAGES "$(($(wc -c <good.db) / 4096))"

static const struct damage damages[] = {
	{ "missing", ":", "x.db: No such file or directory" },
	{ "empty", ": >x.db", "x.db: the file is empty" },
	{ "directory", "mkdir x.db", "x.db: is a directory" },
	{ "pipe", "mkfifo x.db", "x.db: not a regular file" },
	{ "link to nothing", "ln -s nowhere x.db", "x.db: No such file or directory" },
	{ "text", "cp " KMR_SOURCE_ROOT "/LICENSE x.db", "x.db: not an SQLite database" },
	{ "trace", "cp " TRACE " x.db", "x.db: not an SQLite database" },
	{ "another program's", "sqlite3 x.db 'CREATE TABLE run (run)'",
	  "x.db: an SQLite database, but not one of kmreplay's" },
	{ "older", SQL("PRAGMA user_version = 2"),
	  "x.db: has schema version 2, older than this kmreplay's 3; replay its trace again" },
	{ "newer", SQL("PRAGMA user_version = 4"),
	  "x.db: has schema version 4, newer than this kmreplay's 3; read it with the kmreplay" },
	{ "1 byte", CUT("1"), "x.db: truncated" },
	{ "half a header", CUT("50"), "x.db: truncated" },
	{ "a header", CUT("100"), "x.db: truncated" },
	{ "a page", CUT("4096"), "x.db: truncated" },
	{ "a page and a half", CUT("6000"), "x.db: truncated" },
	{ "half of it", CUT("$((" PAGES " / 2 * 4096))"), "x.db: truncated" },
	{ "all but a page", CUT("$(((" PAGES " - 1) * 4096))"), "x.db: truncated" },
	{ "all but a byte", CUT("-1"), "x.db: truncated" },
	{ "garbage for the schema", GARBAGE("2"), "x.db: the database is damaged" },
	{ "garbage at a quarter", GARBAGE(PAGES " / 4"), "x.db: the database is damaged" },
	{ "garbage in the middle", GARBAGE(PAGES " / 2"), "x.db: the database is damaged" },
	{ "garbage at the end", GARBAGE(PAGES), "x.db: the database is damaged" },
	{ "no table of runs", SQL("DROP TABLE run"), "x.db: no such table: run" },
	{ "no run", SQL("DELETE FROM run"), "x.db: there is no run in it" },
	{ "no digest", SQL("DELETE FROM digest"), "x.db: there is no run in it" },
	{ "no samples", SQL("DELETE FROM sample; DELETE FROM sample_zone; DELETE FROM sample_free"),
	  "x.db: the run has no samples" },
	{ "a change begun and not ended",
	  /* a journal with a header that SQLite takes for one to roll back */
	  SQL("PRAGMA journal_mode = persist; PRAGMA user_version = 3") " >log && { printf "
									"'\\331\\325\\005\\371\\040"
									"\\241\\143\\327\\377\\377"
									"\\377\\377';"
									" head -c 500 /dev/zero; } "
									"| dd of=x.db-journal "
									"conv=notrunc 2>dd.log",
	  "x.db: somebody who wrote to it did not finish" },
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void enter(void)
{
	command_enter();
	need("$K replay " TRACE " -o good.db >/dev/null");
}

TestSuite(databases, .init = enter, .fini = command_leave);

static const struct outcome *run_on(const char *command, const char *database)
{
	return run("D=%s; %s", database, command);
}

Test(databases, every_command_on_every_damage)
{
	for (size_t d = 0; d < ARRAY_SIZE(damages); d++)
		for (size_t c = 0; c < ARRAY_SIZE(commands); c++) {
			const struct outcome *o;
			const char *newline;

			need("rm -rf x.db* figures; %s", damages[d].make);
			o = run_on(commands[c], "x.db");
			newline = strchr(o->err, '\n');
			cr_expect_eq(o->status, 2, "%s, %s: exit %d, it says: %s%s", commands[c],
				     damages[d].name, o->status, o->err, o->out);
			cr_expect(newline && !newline[1], "%s, %s: not one line: %s", commands[c],
				  damages[d].name, o->err);
			cr_expect(strstr(o->err, damages[d].says), "%s, %s: no '%s' in: %s",
				  commands[c], damages[d].name, damages[d].says, o->err);
			cr_expect_str_empty(o->out, "%s, %s", commands[c], damages[d].name);
		}
}

/* SQLite's other way of writing is one that a person may have chosen: it is read like any. */
Test(databases, of_those_who_write_ahead)
{
	need("cp good.db wal.db && sqlite3 wal.db 'PRAGMA journal_mode = wal' >log");
	for (size_t c = 0; c < ARRAY_SIZE(commands); c++) {
		need("rm -rf figures");
		cr_expect_eq(run_on(commands[c], "wal.db")->status, 0, "%s: %s", commands[c],
			     run_on(commands[c], "wal.db")->err);
	}
	/* what lies in the log counts: here nothing but the deletion of all runs */
	need("sqlite3 wal.db 'DELETE FROM run; PRAGMA wal_checkpoint = 0' '.shell cp wal.db x.db; "
	     "cp "
	     "wal.db-wal x.db-wal' >log && test -s x.db-wal");
	for (size_t c = 0; c < ARRAY_SIZE(commands); c++)
		assert_refused(run_on(commands[c], "x.db"), "x.db: there is no run in it");
}

/* root may read everything, so it becomes somebody else for this */
Test(databases, that_may_not_be_read)
{
	const char *other = getuid() ? "" : "setpriv --reuid=65534 --clear-groups ";

	if (run("chmod 755 . ..; %s$K --version", other)->status)
		cr_skip_test("nobody to be who may run kmreplay");
	need("cp good.db x.db; chmod 0 x.db; mkdir -m 777 figures");
	for (size_t c = 0; c < ARRAY_SIZE(commands); c++) {
		char line[256];

		(void)snprintf(line, sizeof(line), "%s%s", other, commands[c]);
		assert_refused(run_on(line, "x.db"), "x.db: Permission denied");
	}
}

/* What needs no gnuplot works without it; what does says what to install. */
Test(databases, without_gnuplot)
{
	/* all that a shell finds, but for gnuplot */
	need("mkdir bin && for d in /usr/bin /bin; do for f in $d/*; do case $f in */gnuplot*) ;;"
	     " *) ln -sf $f bin/ ;; esac; done; done");
	need("export PATH=$PWD/bin; ! command -v gnuplot");
	assert_refused(run("export PATH=$PWD/bin; $K plot good.db -o figures >made"),
		       "gnuplot not found: apt-get install gnuplot-nox");
	need("grep -q '[.]gp$' made && grep -q '[.]tsv$' made && ! grep -q '[.]png$' made");
	need("for f in $(cat made); do test -s $f || exit; done");
	need("export PATH=$PWD/bin; $K plot good.db -o scripts --scripts-only >/dev/null");
	need("export PATH=$PWD/bin; $K replay " TRACE
	     " -o again.db >/dev/null && test -s again.db");
}

Test(databases, with_a_gnuplot_that_fails)
{
	/* as 5.4 says it: the command, a mark below it, and then what is wrong */
	need("mkdir bin && cat >bin/gnuplot <<'E' && chmod +x bin/gnuplot\n"
	     "#!/bin/sh\n"
	     "printf '\\nset colormap x\\n    ^\\n\"%%s\" line 7: unrecognized option\\n\\n' $2 "
	     ">&2\n"
	     "exit 1\n"
	     "E");
	assert_refused(run("PATH=$PWD/bin:$PATH $K plot good.db -o figures >made"),
		       "line 7: unrecognized option");
	assert_refused(run("PATH=$PWD/bin:$PATH $K plot good.db -o figures >made"), "figures/");
	assert_refused(run("PATH=$PWD/bin:$PATH $K plot good.db -o figures >made"),
		       ".gp: gnuplot: ");
	need("printf '#!/bin/sh\\nexit 3\\n' >bin/gnuplot");
	assert_refused(run("PATH=$PWD/bin:$PATH $K plot good.db -o figures >made"), "says nothing");
	need("printf '#!/bin/sh\\nkill -9 $$\\n' >bin/gnuplot");
	assert_refused(run("PATH=$PWD/bin:$PATH $K plot good.db -o figures >made"),
		       "killed by signal 9");
}
