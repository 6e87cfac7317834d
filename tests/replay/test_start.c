// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replays from every start state: how far from the kernel's own final /proc/buddyinfo they end,
 * that results repeat, which machine and start are chosen, and every error of the choice.
 */
#include "base/linereader.h"
#include "kmreplay/replay.h"
#include "replay/beside.h"
#include "replay/infer.h"
#include "replay/setup.h"
#include "replay/spool.h"
#include "support.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct kmr_replay_result *replay(const struct kmr_replay_options *o)
{
	struct kmr_replay_result *r = malloc(sizeof(*r));
	struct kmr_error err = { "" };

	cr_assert_not_null(r);
	cr_assert_eq(kmr_replay(o, r, &err), 0, "%s", err.msg);
	return r;
}

static struct kmr_replay_options options_of(const char *trace, enum kmr_start start)
{
	struct kmr_replay_options o;

	memset(&o, 0, sizeof(o));
	o.trace = trace;
	o.page = "linux-6.1";
	o.start = start;
	return o;
}

/* Thousandths of the kernel's free pages that lie in blocks of another size at the end. */
static void assert_near(const char *name, enum kmr_start start, uint64_t permille)
{
	struct kmr_replay_options o;
	struct kmr_replay_result *r;
	struct capture c;

	need_capture(&c, name);
	o = options_of(c.trace, start);
	o.check = true;
	r = replay(&o);
	cr_expect(r->distance.known);
	cr_expect_eq(r->start, start);
	cr_expect_leq(r->distance.permille, permille, "%s from %s: %u per mille, was at most %u",
		      name, kmr_start_name(start), (unsigned int)r->distance.permille,
		      (unsigned int)permille);
	cr_expect_eq(r->stats.failures, 0, "%s from %s", name, kmr_start_name(start));
	free(r);
}

Test(replay_start, snapshot_ends_as_the_kernel)
{
	static const char *const names[] = { "i386-slub-compile",    "i386-slab-compile",
					     "i386-slob-compile",    "i386-slub-files",
					     "i386-slab-files",	     "i386-slob-files",
					     "i386-slub-smp2-shell", "x86_64-6.1-up-sqlite" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_near(names[i], KMR_START_SNAPSHOT, 0);
}

Test(replay_start, proc_ends_near_the_kernel)
{
	assert_near("i386-slub-compile", KMR_START_PROC, 10);
	assert_near("i386-slab-compile", KMR_START_PROC, 10);
	assert_near("i386-slob-compile", KMR_START_PROC, 5);
	assert_near("i386-slub-files", KMR_START_PROC, 10);
	assert_near("i386-slab-files", KMR_START_PROC, 10);
	assert_near("i386-slob-files", KMR_START_PROC, 5);
	assert_near("i386-slub-smp2-shell", KMR_START_PROC, 20);
	assert_near("x86_64-6.1-up-sqlite", KMR_START_PROC, 5);
}

Test(replay_start, infer_ends_near_the_kernel)
{
	assert_near("i386-slub-compile", KMR_START_INFER, 15);
	assert_near("i386-slab-compile", KMR_START_INFER, 15);
	assert_near("i386-slob-compile", KMR_START_INFER, 16);
	assert_near("i386-slub-files", KMR_START_INFER, 20);
	assert_near("i386-slab-files", KMR_START_INFER, 23);
	assert_near("i386-slob-files", KMR_START_INFER, 21);
	assert_near("i386-slub-smp2-shell", KMR_START_INFER, 28);
	assert_near("x86_64-6.1-up-sqlite", KMR_START_INFER, 8);
}

/* Boot knows nothing of what is in use; it only has to run. */
Test(replay_start, boot)
{
	struct kmr_replay_options o;
	struct kmr_replay_result *r;
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	o = options_of(c.trace, KMR_START_BOOT);
	o.check = true;
	r = replay(&o);
	cr_assert_eq(r->start, KMR_START_BOOT);
	cr_assert_gt(r->stats.page_allocs, 50000);
	cr_assert_str_eq(r->start_from, "all managed memory free, as after boot");
	free(r);
}

struct run_dir {
	char dir[64];
	char db[128];
};

static void digest(const struct run_dir *d, struct kmr_replay_options o, char out[KMR_DIGEST_SIZE])
{
	struct kmr_replay_result *r;

	o.output = d->db;
	r = replay(&o);
	cr_assert_eq(strlen(r->digest), KMR_DIGEST_SIZE - 1);
	memcpy(out, r->digest, KMR_DIGEST_SIZE);
	free(r);
	cr_assert_eq(unlink(d->db), 0);
}

static void plain_copy(const char *from, const char *to)
{
	struct kmr_error err = { "" };
	struct kmr_linereader *in = kmr_linereader_open(from, &err);
	FILE *out = fopen(to, "w");
	struct kmr_line line;

	cr_assert(in && out, "%s", err.msg);
	while (kmr_linereader_next(in, &line, &err) > 0)
		cr_assert_geq(fprintf(out, "%s\n", line.text), 0);
	cr_assert_str_empty(err.msg);
	kmr_linereader_close(in);
	cr_assert_eq(fclose(out), 0);
}

/* The same inputs, the same digest; others, another. */
Test(replay_start, digests)
{
	char first[KMR_DIGEST_SIZE], other[KMR_DIGEST_SIZE], plain[128];
	struct kmr_replay_options o;
	struct run_dir d;
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	tmp_make(d.dir, sizeof(d.dir));
	tmp_path(d.db, sizeof(d.db), d.dir, "run.db");
	tmp_path(plain, sizeof(plain), d.dir, "trace.txt");
	o = options_of(c.trace, KMR_START_SNAPSHOT);
	o.machine = c.before;
	digest(&d, o, first);
	digest(&d, o, other);
	cr_expect_str_eq(first, other, "twice the same");
	plain_copy(c.trace, plain);
	o.trace = plain;
	digest(&d, o, other);
	cr_expect_str_eq(first, other, "decompressed");
	o.check = true;
	o.strict = true;
	digest(&d, o, other);
	cr_expect_str_eq(first, other, "with checks");
	o.max_samples = 64;
	digest(&d, o, other);
	cr_expect_str_neq(first, other, "with fewer samples");
	o.max_samples = 0;
	o.page = "linux-6.1,pcp_batch=31";
	digest(&d, o, other);
	cr_expect_str_neq(first, other, "with another batch");
	o.page = "linux-6.1";
	o.start = KMR_START_INFER;
	o.machine = NULL;
	digest(&d, o, other);
	cr_expect_str_neq(first, other, "from another start");
	cr_expect_eq(unlink(plain), 0);
	cr_expect_eq(rmdir(d.dir), 0);
}

/* Without an output nothing is written; the digest is the one that the database would have. */
Test(replay_start, no_output)
{
	struct kmr_replay_options o;
	struct kmr_replay_result *r;
	char stored[KMR_DIGEST_SIZE];
	struct capture c;
	struct run_dir d;

	need_capture(&c, "i386-slub-files");
	o = options_of(c.trace, KMR_START_AUTO);
	r = replay(&o);
	tmp_make(d.dir, sizeof(d.dir));
	tmp_path(d.db, sizeof(d.db), d.dir, "run.db");
	digest(&d, o, stored);
	cr_assert_str_eq(r->digest, stored);
	cr_expect_eq(rmdir(d.dir), 0);
	cr_assert_eq(r->start, KMR_START_SNAPSHOT, "the best there is");
	cr_assert_gt(r->samples, 2);
	cr_assert_str_eq(r->backend, "linux-6.1");
	cr_assert_str_eq(r->params, "nofragment=1,mobility=1,pcp_high=0,pcp_batch=0");
	cr_assert_eq(r->extfrag_events, r->work.extfrag);
	cr_assert_leq(r->first_time, r->last_time);
	free(r);
}

#define HEAD              \
	"# tracer: nop\n" \
	"#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
#define ALLOC(cpu, time, page, pfn, order)                                                  \
	"            init-1       [00" cpu "] .....    " time ": mm_page_alloc: page=" page \
	" pfn=" pfn " order=" order " migratetype=0 gfp_flags=GFP_KERNEL\n"
#define FREE(time, page, pfn, order)                                                             \
	"            init-1       [000] .....    " time ": mm_page_free: page=" page " pfn=" pfn \
	" order=" order "\n"
#define SMALL \
	HEAD ALLOC("0", "20.1", "f6acb4a0", "0x66a5", "0") FREE("20.2", "f6acb4a0", "0x66a5", "0")

/* A trace of a few lines in a directory of its own. */
static void small_trace(struct run_dir *d, char *trace, size_t size, const char *text)
{
	tmp_make(d->dir, sizeof(d->dir));
	tmp_path(trace, size, d->dir, "trace.txt");
	tmp_write(trace, text);
}

static void drop(const struct run_dir *d, const char *name)
{
	char path[256];

	tmp_path(path, sizeof(path), d->dir, name);
	(void)unlink(path);
}

static void assert_error(const struct kmr_replay_options *o, const char *message)
{
	struct kmr_replay_result *r = malloc(sizeof(*r));
	struct kmr_error err = { "" };

	cr_assert_not_null(r);
	cr_assert_eq(kmr_replay(o, r, &err), -1);
	cr_assert_str_eq(err.msg, message);
	free(r);
}

/* With nothing beside the trace a machine is made up from it. */
Test(replay_start, machine_made_up)
{
	char trace[128];
	struct kmr_replay_options o;
	struct kmr_replay_result *r;
	struct run_dir d;

	small_trace(&d, trace, sizeof(trace), SMALL);
	o = options_of(trace, KMR_START_AUTO);
	r = replay(&o);
	cr_assert_eq(r->start, KMR_START_INFER);
	cr_assert_str_eq(r->machine_from, "preset i386:ram=128M,cpus=1, guessed from the highest "
					  "frame of the trace, 26277");
	cr_assert_str_eq(r->start_from, "the trace: 0 frames in use, 1 free");
	cr_assert_not(r->distance.known);
	cr_assert_eq(r->stats.page_allocs, 1);
	cr_assert_eq(r->stats.page_frees, 1);
	cr_assert_eq(r->stats.live_pages, 0);
	free(r);
	/* with wide pointers and more CPUs, and memory above the hole at 3 GiB */
	tmp_write(trace, HEAD ALLOC("3", "20.1", "ffffea0004000000", "0x140000", "3"));
	o.start = KMR_START_BOOT;
	r = replay(&o);
	cr_assert_str_eq(r->machine_from, "preset x86_64:ram=4160M,cpus=4, guessed from the "
					  "highest frame of the trace, 1310727");
	cr_assert_eq(r->machine.nr_cpus, 4);
	free(r);
	drop(&d, "trace.txt");
	cr_assert_eq(rmdir(d.dir), 0);
}

Test(replay_start, machine_named)
{
	struct kmr_replay_options o;
	struct kmr_replay_result *r;
	char from[700], dir[256];
	struct capture c;

	need_capture(&c, "i386-slub-files");
	o = options_of(c.trace, KMR_START_AUTO);
	o.machine = "i386:ram=1536M";
	r = replay(&o);
	cr_assert_eq(r->start, KMR_START_INFER, "dumps of another machine mean nothing");
	cr_assert_str_eq(r->machine_from, "preset i386:ram=1536M");
	free(r);
	/* a snapshot brings its machine */
	o.machine = c.before;
	r = replay(&o);
	cr_assert_eq(r->start, KMR_START_SNAPSHOT);
	(void)snprintf(from, sizeof(from), "snapshot %s", c.before);
	cr_assert_str_eq(r->machine_from, from);
	(void)snprintf(from, sizeof(from), "%s at its marker", c.before);
	cr_assert_str_eq(r->start_from, from);
	free(r);
	/* a directory has the counts */
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(c.before, '/') - c.before),
		       c.before);
	o.machine = dir;
	r = replay(&o);
	cr_assert_eq(r->start, KMR_START_PROC);
	(void)snprintf(from, sizeof(from), "/proc dumps in %s", dir);
	cr_assert_str_eq(r->machine_from, from);
	(void)snprintf(from, sizeof(from), "counts of %s/buddyinfo.before, placement made up", dir);
	cr_assert_eq(strncmp(r->start_from, from, strlen(from)), 0, "%s", r->start_from);
	free(r);
}

/* Less memory than the trace has in use: it does what it can. */
Test(replay_start, machine_too_small)
{
	struct kmr_replay_options o;
	struct kmr_replay_result *r;
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	o = options_of(c.trace, KMR_START_BOOT);
	o.machine = "i386:ram=32M";
	o.check = true;
	r = replay(&o);
	cr_assert_gt(r->stats.failures, 0);
	cr_assert_gt(r->stats.dropped_frees, 0);
	cr_assert_gt(r->nr_failures, 0);
	for (unsigned int i = 0; i < r->nr_failures; i++)
		cr_assert_gt(r->failures[i].count, 0);
	free(r);
}

Test(replay_start, names)
{
	static const char *const names[] = { "auto", "snapshot", "proc", "infer", "boot" };
	enum kmr_start start;

	for (int i = 0; i < 5; i++) {
		cr_assert_str_eq(kmr_start_name((enum kmr_start)i), names[i]);
		cr_assert_eq(kmr_start_by_name(names[i], &start), 0);
		cr_assert_eq((int)start, i);
	}
	cr_assert_eq(kmr_start_by_name("Boot", &start), -1);
	cr_assert_eq(kmr_start_by_name("", &start), -1);
}

Test(replay_start, errors_of_the_choice)
{
	char trace[128], message[512];
	struct kmr_replay_options o;
	struct run_dir d;

	small_trace(&d, trace, sizeof(trace), SMALL);
	o = options_of(trace, KMR_START_SNAPSHOT);
	assert_error(&o, "--start snapshot: no kmsnap.before beside the trace; name a snapshot "
			 "with --machine");
	o.machine = d.dir;
	assert_error(&o, "--start snapshot: no kmsnap.before beside the trace; name a snapshot "
			 "with --machine");
	o.machine = "i386";
	assert_error(&o, "--start snapshot: a snapshot brings its own machine; name it with "
			 "--machine in place of 'i386'");
	o.start = KMR_START_PROC;
	assert_error(&o, "--start proc: no zoneinfo.before and buddyinfo.before beside the trace; "
			 "name their directory with --machine");
	o.machine = NULL;
	assert_error(&o, "--start proc: no zoneinfo.before and buddyinfo.before beside the trace; "
			 "name their directory with --machine");
	o = options_of(trace, KMR_START_AUTO);
	o.page = "nonesuch";
	assert_error(&o, "--page: no backend 'nonesuch'; there is linux-6.1, linux-6.12, "
			 "linux-5.15, linux-2.6.24, linux-2.4");
	/* nothing to replay */
	tmp_write(trace, HEAD "            init-1       [000] .....    20.067457: kfree: "
			      "call_site=skb_free_head+0x5c/0x70 ptr=c5e81000\n");
	o = options_of(trace, KMR_START_AUTO);
	(void)snprintf(message, sizeof(message),
		       "%s: no page events in 3 lines; record kmem:mm_page_alloc and "
		       "kmem:mm_page_free",
		       trace);
	assert_error(&o, message);
	o.machine = "i386";
	assert_error(&o, message);
	o.start = KMR_START_BOOT;
	assert_error(&o, message);
	drop(&d, "trace.txt");
	cr_assert_eq(rmdir(d.dir), 0);
}

/* Frames strewn as no machine's are: pfn= was tampered with. */
Test(replay_start, wild_frames)
{
	char trace[128], message[512];
	struct kmr_replay_options o;
	struct run_dir d;

	small_trace(&d, trace, sizeof(trace),
		    HEAD ALLOC("0", "20.1", "f6acb4a0", "0xfffffffffff", "0"));
	o = options_of(trace, KMR_START_BOOT);
	o.machine = "i386";
	(void)snprintf(message, sizeof(message),
		       "%s: its page frames go up to 17592186044415 and lie too far apart to "
		       "follow; is pfn= intact?",
		       trace);
	assert_error(&o, message);
	drop(&d, "trace.txt");
	cr_assert_eq(rmdir(d.dir), 0);
}

Test(replay_start, snapshot_of_another_trace)
{
	char trace[128], message[1024];
	struct kmr_replay_options o;
	struct capture c;
	struct run_dir d;

	need_capture(&c, "i386-slub-compile");
	small_trace(&d, trace, sizeof(trace), SMALL);
	o = options_of(trace, KMR_START_AUTO);
	o.machine = c.before;
	(void)snprintf(message, sizeof(message),
		       "%s: no marker 'kmsnap: 1' in the trace, so snapshot %s does not belong to "
		       "it",
		       trace, c.before);
	assert_error(&o, message);
	drop(&d, "trace.txt");
	cr_assert_eq(rmdir(d.dir), 0);
}

/* A failed run leaves no file behind. */
Test(replay_start, failure_leaves_nothing)
{
	struct kmr_replay_result *r = malloc(sizeof(*r));
	char trace[128], db[128];
	struct kmr_error err = { "" };
	struct kmr_replay_options o;
	struct run_dir d;

	cr_assert_not_null(r);
	small_trace(&d, trace, sizeof(trace), HEAD);
	tmp_path(db, sizeof(db), d.dir, "run.db");
	o = options_of(trace, KMR_START_BOOT);
	o.machine = "i386";
	o.output = db;
	cr_assert_eq(kmr_replay(&o, r, &err), -1);
	cr_assert_neq(access(db, F_OK), 0);
	drop(&d, "trace.txt");
	cr_assert_eq(rmdir(d.dir), 0, "something was left");
	free(r);
}

Test(replay_start, two_passes)
{
	struct kmr_replay_options o = options_of("-", KMR_START_AUTO);

	cr_assert(kmr_setup_needs_two_passes(&o));
	o.start = KMR_START_BOOT;
	cr_assert(kmr_setup_needs_two_passes(&o), "the machine has to be made up");
	o.machine = "i386";
	cr_assert_not(kmr_setup_needs_two_passes(&o));
	o.start = KMR_START_INFER;
	cr_assert(kmr_setup_needs_two_passes(&o));
	o.start = KMR_START_SNAPSHOT;
	cr_assert_not(kmr_setup_needs_two_passes(&o));
}

/* Standard input that is needed twice is kept; else it is read as it comes. */
Test(replay_start, standard_input)
{
	struct kmr_replay_result *r;
	struct kmr_replay_options o;
	struct kmr_spool spool;
	struct kmr_error err = { "" };
	struct run_dir d;
	char trace[128];
	int fd;

	small_trace(&d, trace, sizeof(trace), SMALL);
	cr_assert_eq(kmr_spool_open(&spool, trace, true, &err), 0);
	cr_assert_eq(spool.path, (const char *)trace);
	kmr_spool_close(&spool);
	cr_assert_eq(kmr_spool_open(&spool, "-", false, &err), 0);
	cr_assert_str_eq(spool.path, "-");
	kmr_spool_close(&spool);
	kmr_spool_close(&spool);
	fd = open(trace, O_RDONLY);
	cr_assert_geq(fd, 0);
	cr_assert_geq(dup2(fd, STDIN_FILENO), 0);
	o = options_of("-", KMR_START_INFER);
	r = replay(&o);
	cr_assert_eq(r->stats.page_allocs, 1);
	cr_assert_eq(r->stats.page_frees, 1);
	free(r);
	(void)close(fd);
	drop(&d, "trace.txt");
	cr_assert_eq(rmdir(d.dir), 0);
}

/* What lies beside a trace, in its directory or in state/ there. */
Test(replay_start, beside)
{
	static const char *const files[] = { "zoneinfo.before", "buddyinfo.before",
					     "buddyinfo.after", "kmsnap.before" };
	struct kmr_beside beside;
	char trace[128], state[128], path[256];
	struct run_dir d;

	small_trace(&d, trace, sizeof(trace), SMALL);
	kmr_beside_find(&beside, trace);
	cr_assert_str_empty(beside.snapshot);
	cr_assert_str_empty(beside.proc);
	cr_assert_not(beside.has_after);
	tmp_path(state, sizeof(state), d.dir, "state");
	cr_assert_eq(mkdir(state, 0700), 0);
	/* zoneinfo alone is not enough */
	for (int i = 0; i < 4; i++) {
		tmp_path(path, sizeof(path), state, files[i]);
		tmp_write(path, "x\n");
		kmr_beside_find(&beside, trace);
		cr_assert_eq(beside.proc[0] != '\0', i >= 1);
		cr_assert_eq(beside.has_after, i >= 2);
		cr_assert_eq(beside.snapshot[0] != '\0', i >= 3);
	}
	cr_assert_str_eq(beside.proc, state);
	cr_assert_str_eq(beside.snapshot, path);
	/* compressed before plain, the trace's own directory before state/ */
	tmp_path(path, sizeof(path), state, "kmsnap.before.zst");
	tmp_write(path, "x\n");
	kmr_beside_find_in(&beside, d.dir);
	cr_assert_str_eq(beside.snapshot, path);
	kmr_beside_find_in(&beside, state);
	cr_assert_str_eq(beside.snapshot, path);
	tmp_path(path, sizeof(path), d.dir, "kmsnap.before");
	tmp_write(path, "x\n");
	kmr_beside_find(&beside, trace);
	cr_assert_str_eq(beside.snapshot, path);
	kmr_beside_find(&beside, "-");
	cr_assert_str_empty(beside.snapshot);
	cr_assert_str_empty(beside.proc);
	for (int i = 0; i < 4; i++) {
		tmp_path(path, sizeof(path), state, files[i]);
		(void)unlink(path);
	}
	tmp_path(path, sizeof(path), state, "kmsnap.before.zst");
	(void)unlink(path);
	cr_assert_eq(rmdir(state), 0);
	drop(&d, "trace.txt");
	drop(&d, "kmsnap.before");
	cr_assert_eq(rmdir(d.dir), 0);
}

/* What is freed first was in use, what is allocated, refilled or drained first was free. */
Test(replay_start, inferring)
{
	const struct kmr_replay_options strict = { .strict = true };
	struct kmr_inferred in;
	struct kmr_error err = { "" };
	char trace[128];
	struct run_dir d;

	small_trace(&d, trace, sizeof(trace),
		    HEAD ALLOC("0", "20.1", "f6acb4a0", "0x40", "2")
			    FREE("20.2", "f6acb4a0", "0x80", "1")
				    FREE("20.3", "f6acb4a0", "0x40", "2")
					    ALLOC("1", "20.4", "f6acb4a0", "0x80", "0"));
	cr_assert_eq(kmr_infer(&in, trace, &strict, &err), 0, "%s", err.msg);
	cr_assert_eq(in.free, 4);
	cr_assert_eq(in.used, 2);
	cr_assert_eq(in.nr_frames, 0x82);
	for (unsigned int i = 0; i < 4; i++)
		cr_assert_eq(in.first[0x40 + i], KMR_SEEN_FREE);
	cr_assert_eq(in.first[0x44], KMR_SEEN_NOT);
	cr_assert_eq(in.first[0x80], KMR_SEEN_USED);
	cr_assert_eq(in.first[0x81], KMR_SEEN_USED);
	cr_assert_eq(in.trace.nr_cpus, 2);
	kmr_inferred_free(&in);
	cr_assert_eq(kmr_infer(&in, "/nowhere/trace", &strict, &err), -1);
	kmr_inferred_free(&in);
	drop(&d, "trace.txt");
	cr_assert_eq(rmdir(d.dir), 0);
}

/* Sizes of memory as they are sold. */
Test(replay_start, made_up_sizes)
{
	static const struct {
		unsigned int bits, cpus;
		uint64_t max_pfn;
		const char *spec;
	} cases[] = {
		{ 32, 1, 1, "i386:ram=64M,cpus=1" },
		{ 32, 2, 16383, "i386:ram=64M,cpus=2" },
		{ 32, 2, 16384, "i386:ram=128M,cpus=2" },
		{ 32, 1, 327641, "i386:ram=1280M,cpus=1" },
		{ 64, 0, 524000, "x86_64:ram=2048M,cpus=1" },
		{ 64, 8, 0x13ffff, "x86_64:ram=4096M,cpus=8" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kmr_inferred in;
		char spec[64];

		memset(&in, 0, sizeof(in));
		in.trace.pointer_bits = cases[i].bits;
		in.trace.nr_cpus = cases[i].cpus;
		in.trace.max_pfn = cases[i].max_pfn;
		kmr_infer_preset(&in, spec, sizeof(spec));
		cr_assert_str_eq(spec, cases[i].spec);
	}
}

/* The page backend for whom none was named goes by the kernel, and says whose. */
Test(replay_start, page_backend_by_kernel)
{
	static const struct {
		unsigned int snapshot; /* 0: none */
		const char *booted;
		uint32_t pcp_high_max;
		const char *name, *why;
	} cases[] = {
		{ 0, "", 0, "linux-6.1", "" },
		{ 601, "", 0, "linux-6.1", "for the snapshot's kernel, 6.1" },
		{ 612, "", 480, "linux-6.12", "for the snapshot's kernel, 6.12" },
		{ 601, "6.12", 480, "linux-6.1", "for the snapshot's kernel, 6.1" },
		{ 0, "6.1", 0, "linux-6.1", "for the machine's kernel, 6.1" },
		{ 0, "6.6", 0, "linux-6.1", "for the machine's kernel, 6.6" },
		{ 0, "5.15", 0, "linux-5.15", "for the machine's kernel, 5.15" },
		{ 0, "6.0", 0, "linux-5.15", "for the machine's kernel, 6.0" },
		{ 0, "4.19", 0, "linux-5.15", "for the machine's kernel, 4.19" },
		{ 0, "2.6", 0, "linux-2.6.24", "for the machine's kernel, 2.6" },
		{ 0, "2.4", 0, "linux-2.4", "for the machine's kernel, 2.4" },
		{ 0, "6.12", 0, "linux-6.12", "for the machine's kernel, 6.12" },
		{ 0, "", 480, "linux-6.12", "for the dumps' kernel, 6.7 or later" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kmr_snapshot *snap = calloc(1, sizeof(*snap));
		struct kmr_machine m;
		char why[KMR_BACKEND_WHY];
		const char *name;

		cr_assert_not_null(snap);
		memset(&m, 0, sizeof(m));
		m.nr_zones = 2;
		m.zones[1].pcp_high_max = cases[i].pcp_high_max;
		(void)snprintf(m.kernel, sizeof(m.kernel), "%s", cases[i].booted);
		snap->version = cases[i].snapshot;
		name = kmr_setup_page_backend(cases[i].snapshot ? snap : NULL, &m, why);
		cr_expect_str_eq(name, cases[i].name, "case %zu", i);
		cr_expect_str_eq(why, cases[i].why, "case %zu", i);
		free(snap);
	}
}
