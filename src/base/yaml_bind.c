// SPDX-License-Identifier: GPL-2.0-only
/* A map into a struct, by a table of fields. */
#include "base/yaml.h"

#include <inttypes.h>
#include <string.h>

#include "base/excerpt.h"
#include "base/suggest.h"

/* In messages; as much of a key or of what a map is for as one line bears. */
#define EXCERPT 64u

static const struct kmr_yaml_field *find_field(const struct kmr_yaml_field *fields, size_t nr,
					       const char *key)
{
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(fields[i].key, key))
			return &fields[i];
	return NULL;
}

static int fail_unknown(const struct kmr_yaml *yaml, const struct kmr_yaml_node *key,
			const char *what, const struct kmr_yaml_field *fields, size_t nr,
			struct kmr_error *err)
{
	char word[EXCERPT], text[320];
	struct kmr_suggest suggest;

	kmr_suggest_begin(&suggest, key->text);
	for (size_t i = 0; i < nr; i++)
		kmr_suggest_add(&suggest, fields[i].key);
	return kmr_yaml_fail(yaml, key, err, "%s has no key '%s'; %s", what,
			     kmr_excerpt(word, sizeof(word), key->text),
			     kmr_suggest_text(&suggest, text, sizeof(text)));
}

static int bind_u32(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		    const struct kmr_yaml_field *field, uint64_t max, uint32_t *to,
		    struct kmr_error *err)
{
	uint64_t value;

	if (kmr_yaml_u64(yaml, node, field->min, max < UINT32_MAX ? max : UINT32_MAX, &value, err))
		return -1;
	*to = (uint32_t)value;
	return 0;
}

static int bind_field(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		      const struct kmr_yaml_field *field, void *object, struct kmr_error *err)
{
	const uint64_t max = field->max ? field->max : UINT64_MAX;
	void *to = NULL;

	/* there may be no object for those alone */
	if (field->type != KMR_YAML_CALL)
		to = (char *)object + field->offset;
	switch (field->type) {
	case KMR_YAML_U64:
		return kmr_yaml_u64(yaml, node, field->min, max, to, err);
	case KMR_YAML_U32:
		return bind_u32(yaml, node, field, max, to, err);
	case KMR_YAML_SIZE:
		return kmr_yaml_size(yaml, node, field->min, max, to, err);
	case KMR_YAML_TIME:
		return kmr_yaml_time(yaml, node, field->min, max, to, err);
	case KMR_YAML_FRACTION:
		return kmr_yaml_fraction(yaml, node, field->min, max, to, err);
	case KMR_YAML_BOOL:
		return kmr_yaml_bool(yaml, node, to, err);
	case KMR_YAML_TEXT:
		return kmr_yaml_text(yaml, node, to, field->max, err);
	case KMR_YAML_CHOICE:
		return kmr_yaml_choice(yaml, node, field->names, to, err);
	case KMR_YAML_CALL:
		return field->read(object, yaml, node, err);
	}
	return kmr_yaml_fail(yaml, node, err, "a field '%s' of no type", field->key);
}

static int fail_no_map(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		       const char *what, struct kmr_error *err)
{
	char text[EXCERPT];

	if (node->kind == KMR_YAML_LIST)
		return kmr_yaml_fail(yaml, node, err,
				     "found a list where %s has to be, which is a map of keys",
				     what);
	if (!node->len)
		return kmr_yaml_fail(yaml, node, err,
				     "found nothing where %s has to be, which is a map of keys",
				     what);
	return kmr_yaml_fail(yaml, node, err,
			     "found '%s' where %s has to be, which is a map of keys",
			     kmr_excerpt(text, sizeof(text), node->text), what);
}

static int check_required(const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
			  const char *what, const struct kmr_yaml_field *fields, size_t nr,
			  struct kmr_error *err)
{
	for (size_t i = 0; i < nr; i++)
		if (fields[i].required && !kmr_yaml_get(map, fields[i].key))
			return kmr_yaml_fail(yaml, map, err, "%s lacks the key '%s'", what,
					     fields[i].key);
	return 0;
}

int kmr_yaml_bind(const struct kmr_yaml *yaml, const struct kmr_yaml_node *map, const char *what,
		  const struct kmr_yaml_field *fields, size_t nr, void *object,
		  struct kmr_error *err)
{
	if (map->kind != KMR_YAML_MAP)
		return fail_no_map(yaml, map, what, err);
	for (const struct kmr_yaml_node *v = map->items; v; v = v->next)
		if (!find_field(fields, nr, v->key->text))
			return fail_unknown(yaml, v->key, what, fields, nr, err);
	if (check_required(yaml, map, what, fields, nr, err))
		return -1;
	for (const struct kmr_yaml_node *v = map->items; v; v = v->next)
		if (bind_field(yaml, v, find_field(fields, nr, v->key->text), object, err))
			return -1;
	return 0;
}
