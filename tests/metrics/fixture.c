// SPDX-License-Identifier: GPL-2.0-only
#include "metrics/fixture.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fill_machine(struct kmr_machine *m)
{
	static const struct kmr_zone_spec zones[] = {
		{ .type = KMR_ZONE_NORMAL,
		  .start_pfn = 4096,
		  .spanned = 65536,
		  .present = 65000,
		  .managed = 64000,
		  .wmark_min = 1000,
		  .wmark_low = 1250,
		  .wmark_high = 1500,
		  .reserve = { 0, 0, 0, 50, 60 },
		  .pcp_high = 378,
		  .pcp_batch = 63,
		  .stat_threshold = 16 },
		{ .type = KMR_ZONE_HIGHMEM,
		  .start_pfn = 69632,
		  .spanned = 32768,
		  .present = 32768,
		  .managed = 32768,
		  .wmark_min = 128,
		  .wmark_low = 300,
		  .wmark_high = 450,
		  .boost = 7,
		  .pcp_high = 90,
		  .pcp_batch = 15,
		  .stat_threshold = 8 },
	};

	strcpy(m->name, "/some/where/kmsnap");
	strcpy(m->arch, "i386");
	m->page_shift = 12;
	m->nr_orders = 11;
	m->pageblock_order = 10;
	m->thp = true;
	m->has_type[KMR_ZONE_NORMAL] = m->has_type[KMR_ZONE_HIGHMEM] = true;
	m->ram_pages = 97768;
	m->min_free_kbytes = 4512;
	m->nr_nodes = 1;
	m->nr_cpus = FIXTURE_CPUS;
	m->distance[0][0] = 10;
	m->nr_zones = 2;
	memcpy(m->zones, zones, sizeof(zones));
}

static void fill_numa(struct kmr_numa_report *numa)
{
	numa->known = true;
	numa->zones[0] = (struct kmr_numa_zone){ .hit = 100,
						 .miss = 7,
						 .foreign = 2,
						 .interleave_hit = 30,
						 .local = 90,
						 .other = 17,
						 .reclaims = 1 };
	numa->zones[1] = (struct kmr_numa_zone){
		.hit = 200, .miss = 2, .foreign = 7, .interleave_hit = 31, .local = 202
	};
	numa->traffic[0][0] = (struct kmr_numa_traffic){ 90, 180 };
}

static void fill_state(struct fixture *f)
{
	static const uint32_t pcp[] = { 5, 0, 17, 3 };
	unsigned int zone, order;

	for (zone = 0; zone < 2; zone++) {
		struct kmr_zone_state *z = &f->zones[zone];

		for (order = 0; order < 11; order++) {
			z->nr_free[order][KMR_MIGRATE_MOVABLE] = 3 * order + zone;
			z->nr_free[order][KMR_MIGRATE_UNMOVABLE] = order % 3;
		}
		z->free_pages = 30000;
		z->pcp_pages = 20;
		z->wmark_min = f->machine.zones[zone].wmark_min;
		z->wmark_low = f->machine.zones[zone].wmark_low;
		z->wmark_high = f->machine.zones[zone].wmark_high;
		z->pageblocks[KMR_MIGRATE_MOVABLE] = 60;
		z->pageblocks[KMR_MIGRATE_UNMOVABLE] = 4;
	}
	memcpy(f->pcp, pcp, sizeof(pcp));
}

struct fixture *fixture_new(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	cr_assert_not_null(f);
	strcpy(f->dir, "/tmp/kmreplay-test-XXXXXX");
	cr_assert_not_null(mkdtemp(f->dir));
	(void)snprintf(f->db, sizeof(f->db), "%s/run.db", f->dir);
	fill_machine(&f->machine);
	fill_numa(&f->numa);
	fill_state(f);
	f->run = (struct kmr_run_info){ .trace = "traces/a.zst",
					.backend = "linux-6.1",
					.params = "nofragment=1",
					.start = "snapshot",
					.object = "slab",
					.object_params = "limit=0",
					.object_start = "snapshot",
					.first_time = 2000000000,
					.last_time = 9000000000 };
	f->trace = (struct kmr_trace_info){ .format = "ftrace",
					    .compression = "zstd",
					    .kernel = "6.1 or later",
					    .pointer_bits = 32,
					    .events = 12,
					    .malformed = 1,
					    .nr_cpus = 2,
					    .max_pfn = 99999 };
	f->trace.by_type[KMR_EV_PAGE_ALLOC] = 7;
	f->trace.by_type[KMR_EV_PAGE_FREE] = 5;
	f->trace.first_malformed[0].line = 77;
	strcpy(f->trace.first_malformed[0].reason, "no pfn=");
	strcpy(f->trace.first_malformed[0].text, "cc1-1 [000] 1.0: mm_page_alloc: ?");
	f->stats = (struct kmr_replay_stats){ .events = 12, .page_allocs = 7, .failures = 1 };
	f->work = (struct kmr_page_work){ .allocs = 7, .splits = 11 };
	return f;
}

void fixture_free(struct fixture *f)
{
	char path[512];
	struct dirent *entry;
	DIR *dir = opendir(f->dir);

	while (dir && (entry = readdir(dir))) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->dir, entry->d_name);
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && unlink(path))
			(void)rmdir(path);
	}
	if (dir)
		(void)closedir(dir);
	cr_expect_eq(rmdir(f->dir), 0, "%s is not empty", f->dir);
	free(f);
}

/* Two caches in two samples, the second of which is as it was. */
static int put_objects(struct kmr_store *store, struct kmr_error *err)
{
	struct kmr_cache_state caches[] = {
		{ .name = "filp",
		  .object_size = 160,
		  .size = 192,
		  .objects_per_slab = 21,
		  .order = 0,
		  .allocs = 9,
		  .frees = 2,
		  .slab_allocs = 1 },
		{ .name = "kmalloc-64",
		  .object_size = 64,
		  .size = 64,
		  .objects_per_slab = 64,
		  .limit = 120,
		  .batch = 60,
		  .shared = 8,
		  .remote_frees = 3 },
	};
	struct kmr_cache_row first[] = { { 5, 21, 1, 1, 0, 0, 1, 700 },
					 { 30, 128, 2, 1, 1, 4, 2, 1000 } };
	struct kmr_cache_row second[] = { { 7, 21, 1, 1, 0, 0, 1, 980 },
					  { 30, 128, 2, 1, 1, 4, 2, 1000 } };
	struct kmr_cache_sample samples[] = { { 2000000000, 0, 3, 2, first },
					      { 9000000000, 11, 5, 2, second } };
	struct kmr_site_stats sites[] = { { .site = "open+0x1",
					    .cache = "filp",
					    .hits = 9,
					    .bytes_requested = 1440,
					    .bytes_given = 1728,
					    .frees = 2,
					    .pingpong = 1,
					    .lifetime = 5000,
					    .live = 7,
					    .live_requested = 980 } };
	const struct kmr_object_report report = {
		.backend = "slab",
		.start = "snapshot",
		.stats = { .allocs = 9, .frees = 2, .live_objects = 37 },
		.work = { .allocs = 9, .frees = 2, .fast_allocs = 8 },
		.caches = caches,
		.nr_caches = 2,
		.samples = samples,
		.nr_samples = 2,
		.sites = sites,
		.nr_sites = 1,
	};

	return kmr_store_objects(store, &report, err);
}

static int put_mappings(struct kmr_store *store, struct kmr_error *err)
{
	struct kmr_mapping_sample samples[] = {
		{ .time = 2000000000, .space = { .areas = 1, .holes = 1 } },
		{ .time = 9000000000,
		  .event = 21,
		  .space = { 1, 2, 3, 4, 5, 6, 7, 4000, 1000, 10, 11, 12, 13, 14, 15 },
		  .pkmap_used = 16,
		  .pkmap_waiting = 17 },
	};
	const struct kmr_mapping_report report = {
		.backend = "augmented",
		.params = "nodes=0",
		.version = 612,
		.space = { .vmalloc_start = UINT64_C(0xffffc90000000000),
			   .vmalloc_end = UINT64_C(0xffffe8ffffffffff),
			   .pkmap_slots = 1024,
			   .kmap_local_slots = 16 },
		.lazy_max = 8192,
		.stats = { .vmallocs = 3, .same_address = 2 },
		.work = { .allocs = 4, .restarts = 5 },
		.pkmap = { .maps = 6 },
		.kmap_local = { .deepest = 7 },
		.samples = samples,
		.nr_samples = 2,
	};

	return kmr_store_mappings(store, &report, err);
}

static int put_happenings(const struct fixture *f, struct kmr_store *store, struct kmr_error *err)
{
	static const struct kmr_extfrag ef = { .pfn = 4096,
					       .zone = 0,
					       .order = 2,
					       .fallback_order = 9,
					       .migratetype = KMR_MIGRATE_UNMOVABLE,
					       .fallback_migratetype = KMR_MIGRATE_MOVABLE,
					       .change_owner = true };

	if (kmr_store_extfrag(store, 2500000000, &ef, err))
		return -1;
	const struct kmr_outcome outcome = { .actor = (char *)"rx",
					     .kind = KMR_REQ_PAGES,
					     .order = 3,
					     .requests = 70,
					     .failures = 2,
					     .pages = 560,
					     .first_failure = 2600000000 };

	if (kmr_store_outcome(store, &outcome, err))
		return -1;
	if (kmr_store_failure(store, 4, 0x1c0, 2, 2600000000, err))
		return -1;
	if (kmr_store_numa(store, &f->numa, err))
		return -1;
	return put_objects(store, err) || put_mappings(store, err) ? -1 : 0;
}

int fixture_store(const struct fixture *f, const char *path, unsigned int nr_samples,
		  char digest[KMR_DIGEST_SIZE], struct kmr_error *err)
{
	struct kmr_sample sample = { .zones = f->zones, .pcp = f->pcp };
	struct kmr_store *store;
	unsigned int i;

	if (kmr_store_create(&store, path, &f->machine, err))
		return -1;
	for (i = 0; i < nr_samples; i++) {
		sample.time = f->run.first_time + i * UINT64_C(1000000);
		sample.event = i;
		if (kmr_store_sample(store, &sample, err))
			goto fail;
	}
	if (put_happenings(f, store, err))
		goto fail;
	return kmr_store_finish(store, &f->run, &f->trace, &f->stats, &f->work, digest, err);
fail:
	kmr_store_discard(store);
	return -1;
}

unsigned int files_in(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int count = 0;

	cr_assert_not_null(dir, "%s", path);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count - 2;
}

static char *read_sized(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *text;

	cr_assert(f && !fstat(fileno(f), &st), "%s", path);
	text = malloc((size_t)st.st_size + 1);
	cr_assert_not_null(text);
	*size = fread(text, 1, (size_t)st.st_size, f);
	text[*size] = '\0';
	(void)fclose(f);
	return text;
}

char *read_whole(const char *path)
{
	size_t size;

	return read_sized(path, &size);
}

bool same_bytes(const char *a, const char *b)
{
	size_t a_size, b_size;
	char *a_text = read_sized(a, &a_size), *b_text = read_sized(b, &b_size);
	bool same = a_size == b_size && !memcmp(a_text, b_text, a_size);

	free(a_text);
	free(b_text);
	return same;
}

void write_file(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");

	cr_assert_not_null(f, "%s", path);
	cr_assert_eq(fwrite(data, 1, size, f), size);
	cr_assert_eq(fclose(f), 0);
}

void copy_file(const char *from, const char *to)
{
	size_t size;
	char *text = read_sized(from, &size);

	write_file(to, text, size);
	free(text);
}

sqlite3 *open_raw(const char *path)
{
	sqlite3 *db;

	cr_assert_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK, "%s",
		     path);
	return db;
}

char *rows_of(sqlite3 *db, const char *query)
{
	sqlite3_str *text = sqlite3_str_new(db);
	sqlite3_stmt *row;
	char *all, *result;
	int i;

	cr_assert_eq(sqlite3_prepare_v2(db, query, -1, &row, NULL), SQLITE_OK, "%s: %s", query,
		     sqlite3_errmsg(db));
	while (sqlite3_step(row) == SQLITE_ROW) {
		for (i = 0; i < sqlite3_column_count(row); i++)
			sqlite3_str_appendf(text, "%s%s", i ? "|" : "",
					    sqlite3_column_text(row, i));
		sqlite3_str_appendchar(text, 1, '\n');
	}
	cr_assert_eq(sqlite3_finalize(row), SQLITE_OK, "%s: %s", query, sqlite3_errmsg(db));
	all = sqlite3_str_finish(text);
	result = strdup(all ? all : "");
	sqlite3_free(all);
	return result;
}
