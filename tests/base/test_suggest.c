// SPDX-License-Identifier: GPL-2.0-only
/* What is suggested for an unknown word, and when nothing is. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

static const char *const keys[] = {
	"watermark_scale_factor", "min_free_kbytes", "nodes", "node", "cma", "ram", NULL
};

static void suggests(const char *word, const char *text)
{
	struct kmr_suggest suggest;
	char buf[512];

	kmr_suggest_begin(&suggest, word);
	for (size_t i = 0; keys[i]; i++)
		kmr_suggest_add(&suggest, keys[i]);
	cr_assert_str_eq(kmr_suggest_text(&suggest, buf, sizeof(buf)), text, "%s: %s", word, buf);
}

Test(suggest, nearest)
{
	static const char all[] = "known are watermark_scale_factor, min_free_kbytes, nodes, node, "
				  "cma, ram";

	suggests("nods", "did you mean 'nodes'?");
	suggests("nod", "did you mean 'node'?");
	suggests("nodess", "did you mean 'nodes'?");
	suggests("min-free-kbytes", "did you mean 'min_free_kbytes'?");
	suggests("min_free_kbyte", "did you mean 'min_free_kbytes'?");
	/* a third of a long word, two letters of a short one, never all of it */
	suggests("watermark_scale",
		 "known are watermark_scale_factor, min_free_kbytes, nodes, node, "
		 "cma, ram");
	suggests("wtrmrk_scl_fctr", all);
	suggests("watrmark_scal_fctr", "did you mean 'watermark_scale_factor'?");
	suggests("r", all);
	suggests("rom", "did you mean 'ram'?");
	suggests("xy", all);
	suggests("ramxxx", all);
	suggests("", all);
	/* too long to be compared */
	suggests("nodesnodesnodesnodesnodesnodesnodesnodesnodesnodesnodesnodesnodes", all);
}

/* Of equally near ones the first, so that the message does not depend on anything else. */
Test(suggest, first_of_equals)
{
	struct kmr_suggest suggest;
	char buf[64];

	kmr_suggest_begin(&suggest, "cats");
	kmr_suggest_add(&suggest, "bats");
	kmr_suggest_add(&suggest, "rats");
	cr_assert_str_eq(kmr_suggest_text(&suggest, buf, sizeof(buf)), "did you mean 'bats'?");
}

Test(suggest, nothing_known)
{
	struct kmr_suggest suggest;
	char buf[64];

	kmr_suggest_begin(&suggest, "x");
	cr_assert_str_eq(kmr_suggest_text(&suggest, buf, sizeof(buf)), "none is known");
}

Test(suggest, more_than_a_message_holds)
{
	static const char name[] = "a_name_of_20_letters";
	struct kmr_suggest suggest;
	char buf[512];

	kmr_suggest_begin(&suggest, "x");
	for (unsigned int i = 0; i < 100; i++) {
		kmr_suggest_add(&suggest, name);
		cr_assert_lt(strlen(suggest.all), sizeof(suggest.all));
		cr_assert_eq(strlen(suggest.all), suggest.len);
	}
	/* a short one does not slip in behind the dots */
	kmr_suggest_add(&suggest, "b");
	kmr_suggest_text(&suggest, buf, sizeof(buf));
	cr_assert_str_eq(buf + strlen(buf) - strlen(name) - 5, "a_name_of_20_letters, ...");
	cr_assert_null(strstr(buf, "..., "));
	cr_assert_gt(strlen(buf), 200u);
}
