// SPDX-License-Identifier: GPL-2.0-only
/* Traces in other forms give the same results: trace.dat, LLFree's pages, and text made of them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../trace/dat_maker.h"
#include "command.h"

#define DAT	 KMR_SOURCE_ROOT "/traces/x86_64-6.12-dat"
#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures/"

TestSuite(convert, .init = command_enter, .fini = command_leave);

static void digest_of(char digest[64], const char *command)
{
	const struct outcome *o = run("%s", command);

	cr_assert_eq(o->status, 0, "%s: %s", command, o->err);
	(void)snprintf(digest, 64, "%s", json_value(o->out, "digest"));
	cr_assert_eq(strlen(digest), 32u, "%s: %s", command, digest);
}

static void same_digest(const char *one, const char *other)
{
	char a[64], b[64];

	digest_of(a, one);
	digest_of(b, other);
	cr_assert_str_eq(a, b, "%s | %s", one, other);
}

Test(convert, binary_and_text_give_the_same)
{
	same_digest("$K replay --json -m x86_64:ram=2G " DAT "/trace.dat",
		    "$K replay --json -m x86_64:ram=2G " DAT "/trace.txt.zst");
	same_digest("$K replay --json -m x86_64:ram=2G -O slub - <" DAT "/trace.dat",
		    "$K replay --json -m x86_64:ram=2G -O slub " DAT "/trace.txt.zst");
	need("zstd -qc " DAT "/trace.dat >a.zst");
	need("$K compare --json -m x86_64:ram=2G a.zst | grep digest >a");
	need("$K compare --json -m x86_64:ram=2G " DAT "/trace.txt.zst | grep digest >b");
	need("cmp a b && test $(wc -l <a) = 3");
}

/* The whole of verify's answer, pages and objects. */
Test(convert, verify_gives_the_same)
{
	static const char state[] = CAPTURES "x86_64-6.12-up-dat/state";

	if (access(state, R_OK))
		cr_skip_test("the captures are not here");
	for (unsigned int i = 0; i < 2; i++)
		need("$K verify -s %s/kmsnap.before.zst -e %s/kmsnap.after.zst " CAPTURES
		     "x86_64-6.12-up-dat/%s >%u; test $? -le 1",
		     state, state, i ? "trace.dat.zst" : "trace.txt.zst", i);
	need("cmp 0 1 && grep -q kmalloc-96 0");
	same_digest("$K replay --json -m " CAPTURES "x86_64-6.12-up-dat/state/kmsnap.before.zst -O "
		    "slub " CAPTURES "x86_64-6.12-up-dat/trace.dat.zst",
		    "$K replay --json -m " CAPTURES "x86_64-6.12-up-dat/state/kmsnap.before.zst -O "
		    "slub " CAPTURES "x86_64-6.12-up-dat/trace.txt.zst");
}

Test(convert, info_names_the_format)
{
	const struct outcome *o = run("$K info --json " DAT "/trace.dat");

	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_assert_str_eq(json_value(o->out, "format"), "trace.dat version 7 (zstd)");
	cr_assert_str_eq(json_value(o->out, "lines"), "16000");
	cr_assert_str_eq(json_value(o->out, "events"), "15999");
	need("$K convert --to=llfree -o p " DAT "/trace.dat");
	o = run("$K info --json p");
	cr_assert_str_eq(json_value(o->out, "format"), "LLFree trace");
}

Test(convert, to_text)
{
	same_digest("$K convert " DAT "/trace.dat | $K replay --json -m x86_64:ram=2G -O slub -",
		    "$K replay --json -m x86_64:ram=2G -O slub " DAT "/trace.txt.zst");
	/* 32 bits, reclaim and all, snapshots' markers, compressed */
	need("$K convert " TRACE " -o a.zst && zstd -tq a.zst");
	same_digest("$K replay --json -m " BEFORE " a.zst",
		    "$K replay --json -m " BEFORE " " TRACE);
	/* text of text is the same text */
	need("$K convert a.zst -o b.txt && zstd -dqc a.zst | cmp - b.txt");
}

/* With what an LLFree trace can hold and nothing else, all comes through. */
Test(convert, llfree_and_back)
{
	need("zstd -qdc " TRACE " | grep -E '^#|: mm_page_(alloc|free): ' | "
	     "sed -E 's/(\\[[0-9]+\\]) [^ ]{5} /\\1 /' >only.txt");
	need("$K convert only.txt --to=llfree -o only.bin 2>err && ! test -s err");
	need("test $(wc -c <only.bin) -eq $((4096 * (1 + $(od -An -tu4 -N4 only.bin))))");
	same_digest("$K replay --json -s boot -m " BEFORE " only.txt",
		    "$K replay --json -s boot -m " BEFORE " only.bin");
	same_digest("$K replay --json -s boot -m " BEFORE " only.txt",
		    "$K convert only.bin | $K replay --json -s boot -m " BEFORE " -");
	/* what else a trace has is counted */
	need("$K convert -t llfree -o all.bin " DAT "/trace.dat 2>err; cat err >&2; "
	     "grep -q 'all.bin: 1[0-9]* events of other types than mm_page_alloc and mm_page_free "
	     "left out$' err && grep -q 'events in interrupts do not say so$' err");
	need("cmp only.bin only.bin && $K convert only.bin --to llfree -o again.bin && "
	     "cmp only.bin again.bin");
}

Test(convert, refusals)
{
	assert_refused(run("$K convert --to=pdf " DAT "/trace.dat"),
		       "--to=pdf: is not a form; there are text and llfree");
	assert_refused(run("$K convert --to=llfree " DAT "/trace.dat"),
		       "--to=llfree needs a file to write: -o FILE");
	assert_refused(run("$K convert --to=llfree -o . " DAT "/trace.dat"), ".: ");
	assert_refused(run("$K convert nothing"), "nothing: cannot open");
	need("printf '%%s\\n' ' a-1 [000] 1.000000: kfree: call_site=x ptr=c0001000' >t");
	assert_refused(run("$K convert t -t llfree -o out"),
		       "out: there is no page event to write");
	need("printf '%%s\\n' ' a-1 [000] 1.000000: mm_page_free: page=c0001000 pfn=0x1000000 "
	     "order=0' >t");
	assert_refused(run("$K convert t -t llfree -o out"), "frame 16777216 does not fit");
	need("head -c 300000 " DAT "/trace.dat >cut");
	assert_refused(run("$K info cut"), "cut: ");
	assert_files("cut t");
}

/* A trace that lost events is used, and says so: binary and text alike. */
Test(convert, lost_events)
{
	struct maker m = { .version = 6, .long_size = 4, .clock = "local" };
	const struct outcome *o;
	FILE *file;

	maker_page(&m, 0, 1000000);
	for (unsigned int i = 0; i < 20; i++)
		maker_alloc(&m, 1000, 0x1000 + i, 0, 0xcc0);
	maker_page(&m, 0, 9000000);
	maker_lost(&m, 31);
	for (unsigned int i = 0; i < 20; i++)
		maker_free(&m, 1000, 0x1000 + i, 0, 7);
	maker_finish(&m);
	file = fopen("lost.dat", "wb");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(m.bytes, 1, m.len, file), m.len);
	cr_assert_eq(fclose(file), 0);
	maker_free_bytes(&m);
	o = run("$K replay --json -m i386:ram=256M -s boot lost.dat");
	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_assert(strstr(o->err, "lost.dat: the kernel lost 31 events in 1 places; record with a "
				 "larger buffer"),
		  "%s", o->err);
	o = run("$K convert lost.dat -o lost.txt");
	cr_assert_eq(o->status, 0, "%s", o->err);
	need("grep -qx 'CPU:0 \\[LOST 31 EVENTS\\]' lost.txt");
	o = run("$K replay --json -m i386:ram=256M -s boot lost.txt");
	cr_assert(strstr(o->err, "lost.txt: the kernel lost 31 events in 1 places"), "%s", o->err);
	same_digest("$K replay --json -m i386:ram=256M -s boot lost.dat",
		    "$K replay --json -m i386:ram=256M -s boot lost.txt");
	/* cut off in the last sub-buffer: what is there is used */
	need("head -c -100 lost.dat >cut.dat");
	o = run("$K info cut.dat");
	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_assert(strstr(o->err,
			 "cut.dat: the file is cut off; the records that are there were read"),
		  "%s", o->err);
}
