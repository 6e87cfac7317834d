// SPDX-License-Identifier: GPL-2.0-only
#include "calibrate/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/excerpt.h"
#include "base/outfile.h"

#define PRICE_TEXT 32

static void write_head(FILE *out, const struct kmr_calibrate_options *o,
		       const struct kmr_calibrate_result *r)
{
	char trace[256], price[PRICE_TEXT];

	kmr_printable(trace, sizeof(trace), o->trace, strlen(o->trace));
	(void)fprintf(out,
		      "# Prices of steps as kmreplay calibrate fitted them to %" PRIu64
		      " calls in\n# %s,\n# replayed on %s%s%s.\n",
		      r->counts.fitted, trace, r->replay->backend,
		      r->replay->objects.backend ? " and " : "",
		      r->replay->objects.backend ? r->replay->objects.backend : "");
	(void)fprintf(out, "# Recording a call was taken to add %s to it (%s)",
		      kmr_price_text(r->overhead, price, sizeof(price)),
		      r->overhead_estimated ? "estimated" : "given");
	if (o->event_overhead)
		(void)fprintf(out, ", an event %s (given)",
			      kmr_price_text(o->event_overhead, price, sizeof(price)));
	if (r->inner_overhead)
		(void)fprintf(out, ",\n# to a call around it %s more (estimated)",
			      kmr_price_text(r->inner_overhead, price, sizeof(price)));
	(void)fprintf(out, ".\nname: calibrated\nsteps:\n");
}

static void write_step(FILE *out, unsigned int s, const struct kmr_calibrate_step *step)
{
	char after[PRICE_TEXT], before[PRICE_TEXT];

	(void)fprintf(out, "  %s: %s # ", kmr_step_name(s),
		      kmr_price_text(step->after, after, sizeof(after)));
	switch (step->state) {
	case KMR_PRICE_FITTED:
		(void)fprintf(out, "fitted to %" PRIu64 " calls", step->calls);
		break;
	case KMR_PRICE_TIED:
		(void)fprintf(out, "with its like in group %u fitted to %" PRIu64 " calls",
			      step->group, step->calls);
		break;
	case KMR_PRICE_UNSEEN:
		(void)fprintf(out, "no call took it: kept");
		break;
	case KMR_PRICE_HELD:
		(void)fprintf(out, "time itself: kept");
		break;
	}
	if (step->state == KMR_PRICE_FITTED || step->state == KMR_PRICE_TIED)
		(void)fprintf(out, ", was %s",
			      kmr_price_text(step->before, before, sizeof(before)));
	(void)fprintf(out, "\n");
}

/* The file's text; NULL: no memory. */
static char *make_text(const struct kmr_calibrate_options *o, const struct kmr_calibrate_result *r,
		       size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	write_head(out, o, r);
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++)
		write_step(out, s, &r->steps[s]);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

int calibrate_write(const struct kmr_calibrate_options *options,
		    const struct kmr_calibrate_result *result, struct kmr_error *err)
{
	struct kmr_outfile file;
	size_t len = 0;
	char *text = make_text(options, result, &len);
	int ret;

	if (!text)
		return kmr_fail_nomem(err, "a cost table");
	if (kmr_outfile_create(&file, options->output, "cost table", err)) {
		free(text);
		return -1;
	}
	ret = kmr_outfile_write(&file, text, len, err) || kmr_outfile_commit(&file, err) ? -1 : 0;
	kmr_outfile_release(&file);
	free(text);
	return ret;
}
