// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frees: what goes one by one, and what goes together.  Frees in a row are a burst; when it is
 * over, it shows whether they were of one group.
 */
#include <stdlib.h>
#include <string.h>

#include "fit/class_internal.h"

/* A group has at least every fourth of the requests from its first to its last. */
#define GROUP_SPREAD 4u

static void drop_part(struct fit_burst *burst, unsigned int at)
{
	struct fit_part *part = burst->parts[at];

	if (!part)
		return;
	fit_hist_fini(&part->lifetimes);
	fit_hist_fini(&part->alone);
	fit_hist_fini(&part->alone_long);
	fit_hist_fini(&part->alone_dates);
	free(part);
	burst->parts[at] = NULL;
}

void fit_burst_fini(struct fit_burst *burst)
{
	for (unsigned int i = 0; i < FIT_EPOCHS; i++)
		drop_part(burst, i);
}

static int merge_part(struct fit_part *to, const struct fit_part *from)
{
	to->count += from->count;
	if (from->last_alloc > to->last_alloc)
		to->last_alloc = from->last_alloc;
	if (fit_hist_merge(&to->lifetimes, &from->lifetimes) ||
	    fit_hist_merge(&to->alone, &from->alone) ||
	    fit_hist_merge(&to->alone_long, &from->alone_long))
		return -1;
	return fit_hist_merge(&to->alone_dates, &from->alone_dates);
}

int fit_burst_fold(struct fit_burst *burst)
{
	for (unsigned int i = 0; i < FIT_EPOCHS / 2; i++) {
		struct fit_part *first = burst->parts[2 * i], *second = burst->parts[2 * i + 1];

		if (first && second && merge_part(first, second))
			return -1;
		if (first)
			drop_part(burst, 2 * i + 1);
		burst->parts[2 * i] = NULL;
		burst->parts[2 * i + 1] = NULL;
		burst->parts[i] = first ? first : second;
		if (burst->parts[i])
			fit_hist_halve(&burst->parts[i]->alone_dates);
	}
	return 0;
}

static uint64_t slot_of(const struct fit_classes *classes, uint64_t time)
{
	return time / (classes->epoch / (FIT_SLOTS / FIT_EPOCHS));
}

static bool is_long(const struct fit_classes *classes, uint64_t lifetime)
{
	return lifetime / classes->epoch >= FIT_LONG_EPOCHS;
}

static int count_group(struct fit_together *together, uint64_t size, uint64_t lifetime)
{
	return fit_hist_add(&together->sizes, size) ||
			       fit_hist_add(&together->group_lifetimes, lifetime)
		       ? -1
		       : 0;
}

/* A group that lived long: each epoch that it has requests of has a group of its own. */
static int count_long(const struct fit_classes *classes, struct fit_epoch *epoch,
		      const struct fit_burst *burst, const struct fit_part *part)
{
	struct fit_together *together = &epoch->together_long;
	const uint64_t slot = slot_of(classes, burst->first_free);

	together->requests += part->count;
	if (count_group(together, part->count, burst->first_free - part->last_alloc) ||
	    fit_hist_put(&together->dates, (unsigned int)slot, 1))
		return -1;
	return fit_hist_merge(&together->lifetimes, &part->lifetimes);
}

static int count_alone(struct fit_epoch *epoch, const struct fit_part *part)
{
	if (fit_hist_merge(&epoch->alone, &part->alone) ||
	    fit_hist_merge(&epoch->alone_long, &part->alone_long))
		return -1;
	return fit_hist_merge(&epoch->alone_dates, &part->alone_dates);
}

static void clear_part(struct fit_part *part)
{
	part->count = 0;
	part->last_alloc = 0;
	fit_hist_clear(&part->lifetimes);
	fit_hist_clear(&part->alone);
	fit_hist_clear(&part->alone_long);
	fit_hist_clear(&part->alone_dates);
}

static bool is_group(const struct fit_burst *burst)
{
	return burst->count > 1 &&
	       (burst->last_number - burst->first_number) / GROUP_SPREAD < burst->count;
}

/*
 * Ends a burst.  A group that did not live long is all of the epoch that it began in: it may be of
 * two, but is not to be torn.
 */
static int end_burst(struct fit_classes *classes, struct fit_class *class)
{
	struct fit_burst *burst = &class->burst;
	const bool group = is_group(burst);
	const bool is_of_many = is_long(classes, burst->first_free - burst->first_alloc);
	struct fit_epoch *first;
	int status = 0;

	if (!burst->count)
		return 0;
	first = fit_epoch_of(classes, class, burst->first_alloc);
	if (!first)
		return -1;
	if (group && !is_of_many)
		status = count_group(&first->together, burst->count,
				     burst->first_free - burst->last_alloc);
	for (unsigned int i = 0; i < FIT_EPOCHS && !status; i++) {
		struct fit_part *part = burst->parts[i];

		if (!part || !part->count)
			continue;
		/* its requests have made the epoch */
		if (!group) {
			status = count_alone(class->epochs[i], part);
		} else if (is_of_many) {
			status = count_long(classes, class->epochs[i], burst, part);
		} else {
			first->together.requests += part->count;
			status = fit_hist_merge(&first->together.lifetimes, &part->lifetimes);
		}
		clear_part(part);
	}
	burst->count = 0;
	return status;
}

/* Whether a free at @now goes on with what @burst has begun. */
static bool joins(const struct fit_burst *burst, const struct fit_live *live, uint64_t now)
{
	uint64_t gap;

	if (!burst->count || now < burst->last_free || live->time > burst->first_free)
		return false;
	gap = (burst->first_free - burst->first_alloc) / FIT_GROUP_PART;
	if (gap < FIT_GROUP_MIN_GAP)
		gap = FIT_GROUP_MIN_GAP;
	if (gap > FIT_GROUP_MAX_GAP)
		gap = FIT_GROUP_MAX_GAP;
	return now - burst->last_free <= gap;
}

static void join(struct fit_burst *burst, const struct fit_live *live, uint64_t now)
{
	if (!burst->count) {
		burst->first_free = now;
		burst->first_alloc = live->time;
		burst->last_alloc = live->time;
		burst->first_number = live->number;
		burst->last_number = live->number;
	}
	burst->count++;
	burst->last_free = now;
	if (live->time < burst->first_alloc)
		burst->first_alloc = live->time;
	if (live->time > burst->last_alloc)
		burst->last_alloc = live->time;
	if (live->number < burst->first_number)
		burst->first_number = live->number;
	if (live->number > burst->last_number)
		burst->last_number = live->number;
}

static struct fit_part *part_of(const struct fit_classes *classes, struct fit_burst *burst,
				uint64_t time)
{
	struct fit_part **part = &burst->parts[time / classes->epoch];

	if (!*part)
		*part = calloc(1, sizeof(**part));
	return *part;
}

/* A free at @end within a burst; whether it is alone shows when that is over. */
static int count_free(const struct fit_classes *classes, struct fit_part *part,
		      const struct fit_live *live, uint64_t end)
{
	const uint64_t lifetime = end - live->time;

	part->count++;
	if (live->time > part->last_alloc)
		part->last_alloc = live->time;
	if (fit_hist_add(&part->lifetimes, lifetime))
		return -1;
	if (!is_long(classes, lifetime))
		return fit_hist_add(&part->alone, lifetime);
	if (fit_hist_add(&part->alone_long, lifetime))
		return -1;
	return fit_hist_put(&part->alone_dates, (unsigned int)slot_of(classes, end), 1);
}

int fit_class_free(struct fit_classes *classes, const struct fit_live *live, uint64_t now,
		   unsigned int cpu)
{
	struct fit_class *class = classes->class[live->class];
	struct fit_epoch *epoch = fit_epoch_of(classes, class, live->time);
	const uint64_t end = now > live->time ? now : live->time;
	struct fit_part *part;

	if (!epoch || fit_hist_add(&epoch->lifetimes, end - live->time))
		return -1;
	epoch->freed++;
	class->frees++;
	class->moved += cpu != live->cpu;
	if (!joins(&class->burst, live, end) && end_burst(classes, class))
		return -1;
	join(&class->burst, live, end);
	part = part_of(classes, &class->burst, live->time);
	if (!part)
		return -1;
	return count_free(classes, part, live, end);
}

int fit_classes_end(struct fit_classes *classes)
{
	for (size_t i = 0; i < classes->nr; i++)
		if (end_burst(classes, classes->class[i]))
			return -1;
	return 0;
}
