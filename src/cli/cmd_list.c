// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay list: what can be chosen. */
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "kmreplay/cost.h"
#include "kmreplay/machine.h"
#include "kmreplay/object.h"
#include "kmreplay/page.h"
#include "kmreplay/reclaim.h"
#include "kmreplay/vmap.h"
#include "report/json.h"
#include "report/wrap.h"

static void json_backend(struct kmr_json *j, const char *name, const char *description,
			 const struct kmr_param *params, unsigned int nr_params)
{
	kmr_json_object(j, NULL);
	kmr_json_string(j, "name", name);
	kmr_json_string(j, "description", description);
	kmr_json_array(j, "params");
	for (unsigned int k = 0; k < nr_params; k++) {
		const struct kmr_param *p = &params[k];

		kmr_json_object(j, NULL);
		kmr_json_string(j, "name", p->name);
		kmr_json_string(j, "description", p->description);
		kmr_json_string(j, "type", p->type == KMR_PARAM_BOOL ? "bool" : "uint");
		kmr_json_uint(j, "default", p->def);
		kmr_json_uint(j, "min", p->min);
		kmr_json_uint(j, "max", p->max);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	kmr_json_end_object(j);
}

static const char follow[] = "what the traced kernel's reclaim freed is freed";
static const char model[] = "reclaim and compaction are simulated";

static void json_steps(struct kmr_json *j, const struct kmr_cost_table *cost)
{
	kmr_json_array(j, "cost");
	for (unsigned int i = 0; i < KMR_NR_STEPS; i++) {
		kmr_json_object(j, NULL);
		kmr_json_string(j, "name", kmr_step_name(i));
		kmr_json_string(j, "description", kmr_step_description(i));
		kmr_json_uint(j, "price_ps", cost->price[i]);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

static void print_json(const struct kmr_cost_table *cost)
{
	const char *name, *description;
	const struct kmr_object_ops *objects;
	const struct kmr_page_ops *pages;
	const struct kmr_vmap_ops *vmaps;
	struct kmr_json j;

	kmr_json_init(&j, stdout);
	kmr_json_object(&j, NULL);
	kmr_json_array(&j, "machines");
	for (unsigned int i = 0; kmr_machine_preset_info(i, &name, &description); i++) {
		kmr_json_object(&j, NULL);
		kmr_json_string(&j, "name", name);
		kmr_json_string(&j, "description", description);
		kmr_json_end_object(&j);
	}
	kmr_json_end_array(&j);
	kmr_json_array(&j, "page");
	for (unsigned int i = 0; (pages = kmr_page_backend_at(i)); i++)
		json_backend(&j, pages->name, pages->description, pages->params, pages->nr_params);
	kmr_json_end_array(&j);
	kmr_json_array(&j, "object");
	for (unsigned int i = 0; (objects = kmr_object_backend_at(i)); i++)
		json_backend(&j, objects->name, objects->description, objects->params,
			     objects->nr_params);
	kmr_json_end_array(&j);
	kmr_json_array(&j, "vmap");
	for (unsigned int i = 0; (vmaps = kmr_vmap_backend_at(i)); i++)
		json_backend(&j, vmaps->name, vmaps->description, vmaps->params, vmaps->nr_params);
	kmr_json_end_array(&j);
	kmr_json_array(&j, "pressure");
	json_backend(&j, "follow", follow, NULL, 0);
	json_backend(&j, "model", model, kmr_reclaim_params, kmr_reclaim_nr_params);
	kmr_json_end_array(&j);
	json_steps(&j, cost);
	kmr_json_end_object(&j);
}

static void print_backend(const char *name, const char *description, const struct kmr_param *params,
			  unsigned int nr_params)
{
	char left[64];

	(void)snprintf(left, sizeof(left), "  %s", name);
	(void)kmr_wrap(stdout, 15, left, description);
	for (unsigned int k = 0; k < nr_params; k++) {
		const struct kmr_param *p = &params[k];

		(void)snprintf(left, sizeof(left), "    %s", p->name);
		(void)kmr_wrap(stdout, 22, left, p->description);
		printf("    %-17s %" PRIu64 "..%" PRIu64 ", default %" PRIu64 "\n", "", p->min,
		       p->max, p->def);
	}
}

static void print_steps(const struct kmr_cost_table *cost)
{
	char price[32];

	printf("\nSteps and their prices (--cost FILE):\n");
	for (unsigned int i = 0; i < KMR_NR_STEPS; i++)
		printf("  %-18s %9s  %s\n", kmr_step_name(i),
		       kmr_price_text(cost->price[i], price, sizeof(price)),
		       kmr_step_description(i));
}

static void print_text(const struct kmr_cost_table *cost)
{
	const char *name, *description;
	const struct kmr_object_ops *objects;
	const struct kmr_page_ops *pages;
	const struct kmr_vmap_ops *vmaps;

	printf("Machines (--machine NAME[:KEY=VALUE,...]):\n");
	for (unsigned int i = 0; kmr_machine_preset_info(i, &name, &description); i++) {
		/* what it is; its keys */
		const size_t len = strcspn(description, ";");
		char left[64];

		(void)snprintf(left, sizeof(left), "  %s", name);
		(void)kmr_wrap_format(stdout, 15, left, "%.*s", (int)len, description);
		if (description[len])
			(void)kmr_wrap(stdout, 15, "", description + len + 1);
	}
	printf("\nPage backends (--page NAME[,PARAM=VALUE...]):\n");
	for (unsigned int i = 0; (pages = kmr_page_backend_at(i)); i++)
		print_backend(pages->name, pages->description, pages->params, pages->nr_params);
	printf("\nObject backends (--object NAME[,PARAM=VALUE...]):\n");
	for (unsigned int i = 0; (objects = kmr_object_backend_at(i)); i++)
		print_backend(objects->name, objects->description, objects->params,
			      objects->nr_params);
	printf("\nVmap backends (--vmap NAME[,PARAM=VALUE...]):\n");
	for (unsigned int i = 0; (vmaps = kmr_vmap_backend_at(i)); i++)
		print_backend(vmaps->name, vmaps->description, vmaps->params, vmaps->nr_params);
	printf("\nPressure (--pressure HOW[,PARAM=VALUE...]):\n");
	print_backend("follow", follow, NULL, 0);
	print_backend("model", model, kmr_reclaim_params, kmr_reclaim_nr_params);
	print_steps(cost);
}

static int run(int argc, char **argv)
{
	struct kmr_cost_table cost;
	struct kmr_error err = { "" };
	bool json = false;
	int operand;
	const struct kmr_option options[] = {
		{ "json", 'j', NULL, "print it as JSON", &json, NULL },
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};

	operand = kmr_parse_options(&kmr_cmd_list, options, argc, argv, 0, 0);
	if (operand < 0)
		return kmr_parse_exit(operand);
	if (kmr_cost_defaults(&cost, &err))
		return kmr_complain(&err);
	if (json)
		print_json(&cost);
	else
		print_text(&cost);
	return KMR_EXIT_OK;
}

const struct kmr_command kmr_cmd_list = {
	.name = "list",
	.usage = "[OPTION]",
	.summary = "list machine presets and backends with their parameters",
	.about = "Lists what --machine, --page, --object, --vmap and --pressure take, and the "
		 "steps\n"
		 "that --cost can give other prices.",
	.run = run,
};
