// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a trace, of which binary ones are the hard part: events that hold together, the same
 * ones twice, or a message.
 */
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "kmreplay/source.h"

#define BATCH 64u

/* One printable line that begins with the file's name. */
static void check_message(const struct kmr_error *err)
{
	MUST(memchr(err->msg, '\0', sizeof(err->msg)));
	MUST(!strncmp(err->msg, "/dev/fd/", 8));
	for (const char *p = err->msg; *p; p++)
		MUST((unsigned char)*p >= ' ' && (unsigned char)*p < 0x7f);
}

/* What is read of one input; a compressed one can be endless. */
#define BATCHES 256u

static void check_event(const struct kmr_source *source, const struct kmr_event *ev)
{
	MUST(ev->type > KMR_EV_NONE && ev->type < KMR_EV_NR_TYPES);
	MUST(ev->node >= -1);
	if (ev->type >= KMR_EV_PAGE_ALLOC && ev->type <= KMR_EV_PAGE_EXTFRAG) {
		MUST(ev->addr == KMR_EV_NO_PFN || ev->addr < UINT64_C(1) << 52);
		MUST(ev->page.order <= 31 && ev->page.fallback_order <= 31);
		MUST(ev->page.migratetype < KMR_MIGRATE_TYPES ||
		     ev->page.migratetype == KMR_MIGRATE_UNKNOWN);
	}
	MUST(kmr_source_task(source, ev->task) && kmr_source_site(source, ev->site) &&
	     kmr_source_cache(source, ev->cache));
}

static void check_info(const struct kmr_trace_info *info, uint64_t events)
{
	uint64_t by_type = 0;

	for (unsigned int i = 0; i < KMR_EV_NR_TYPES; i++)
		by_type += info->by_type[i];
	MUST(info->events == events && by_type == events);
	MUST(info->format && info->compression && memchr(info->kernel, 0, sizeof(info->kernel)));
}

/* Two sources side by side. */
static void check_events(struct kmr_source *one, struct kmr_source *other)
{
	struct kmr_event a[BATCH], b[BATCH];
	struct kmr_error err = { "" };
	uint64_t events = 0;
	ssize_t nr = 1;

	for (unsigned int i = 0; i < BATCHES && nr > 0; i++) {
		nr = kmr_source_read(one, a, BATCH, &err);
		if (nr < 0)
			check_message(&err);
		MUST(kmr_source_read(other, b, BATCH, &err) == nr);
		for (ssize_t n = 0; n < nr; n++)
			check_event(one, &a[n]);
		MUST(nr <= 0 || !memcmp(a, b, (size_t)nr * sizeof(a[0])));
		events += nr > 0 ? (uint64_t)nr : 0;
	}
	if (nr >= 0)
		check_info(kmr_source_info(one), events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kmr_source *one = NULL, *other = NULL;
	struct kmr_error err = { "" };
	FILE *file = tmpfile();
	char path[32];

	MUST(file && fwrite(data, 1, size, file) == size && !fflush(file));
	(void)snprintf(path, sizeof(path), "/dev/fd/%d", fileno(file));
	if (kmr_source_open(&one, path, NULL, &err)) {
		MUST(!one);
		check_message(&err);
	} else {
		MUST(!kmr_source_open(&other, path, NULL, &err));
		check_events(one, other);
	}
	kmr_source_close(other);
	kmr_source_close(one);
	(void)fclose(file);
	return 0;
}
