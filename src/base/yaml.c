// SPDX-License-Identifier: GPL-2.0-only
/*
 * libyaml's events into a tree.  libyaml's own tree ("document") is not used: it follows aliases and
 * has no limits.
 */
#include "base/yaml.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/array.h"
#include "base/excerpt.h"
#include "base/input.h"
#include "base/yaml_bytes.h"

#undef kmr_yaml_fail

#define CHUNK_BYTES ((size_t)64 << 10)

struct chunk {
	struct chunk *next;
	size_t used, size;
	max_align_t bytes[];
};

struct kmr_yaml {
	char *name;
	struct chunk *chunks; /* of nodes and texts */
	uint32_t nr_nodes;
	struct kmr_yaml_node *root;
};

struct level {
	struct kmr_yaml_node *node;
	struct kmr_yaml_node *last; /* item or value */
	struct kmr_yaml_node *key; /* of a map: was read, its value is still to come */
};

struct builder {
	struct kmr_yaml *yaml;
	const char *text;
	size_t len;
	uint32_t depth;
	struct level open[KMR_YAML_MAX_DEPTH];
	struct kmr_error *err;
};

static void *arena_get(struct kmr_yaml *yaml, size_t size)
{
	struct chunk *c = yaml->chunks;
	void *p;

	size = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	if (!c || c->size - c->used < size) {
		const size_t bytes = size > CHUNK_BYTES ? size : CHUNK_BYTES;

		c = malloc(sizeof(*c) + bytes);
		if (!c)
			return NULL;
		*c = (struct chunk){ .next = yaml->chunks, .size = bytes };
		yaml->chunks = c;
	}
	p = (char *)c->bytes + c->used;
	c->used += size;
	return p;
}

static int fail_at(const struct builder *b, size_t line, size_t column, const char *message)
{
	return kmr_fail(b->err, "%s:%zu:%zu: %s", b->yaml->name, line, column, message);
}

static int fail_at_offset(const struct builder *b, size_t offset, const char *message)
{
	const struct kmr_yaml_place at = kmr_yaml_place_of(b->text, b->len, offset);

	return fail_at(b, at.line, at.column, message);
}

static int fail_at_mark(const struct builder *b, const yaml_mark_t *mark, const char *message)
{
	return fail_at(b, mark->line + 1, mark->column + 1, message);
}

/* What would do, where libyaml tells only what will not. */
static const char *hint_for(const char *problem)
{
	static const struct {
		const char *problem, *hint;
	} hints[] = {
		{ "mapping values are not allowed in this context",
		  "; a text with ': ' in it has to be quoted, keys of one map are indented alike" },
		{ "did not find expected key",
		  "; keys of one map are indented alike, by spaces, and a map has no items" },
		{ "block sequence entries are not allowed in this context",
		  "; the items of a list begin below their key" },
		{ "did not find expected '-' indicator", "; items of one list are indented alike" },
		{ "did not find expected <document start>",
		  "; something follows where the file's value has ended" },
		{ "found character that cannot start any token",
		  "; a text that begins so has to be quoted" },
		{ "found unexpected end of stream", "; the closing quote is missing" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (!strcmp(problem, hints[i].problem))
			return hints[i].hint;
	return "";
}

/* What libyaml did not understand, in its words. */
static int fail_parser(const struct builder *b, const yaml_parser_t *parser)
{
	const yaml_mark_t *at = &parser->problem_mark, *from = &parser->context_mark;
	const char *problem = parser->problem ? parser->problem : "this is no YAML";
	char message[384], context[128] = "";

	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		return kmr_fail_nomem(b->err, "a YAML file");
	case YAML_READER_ERROR:
		return fail_at_offset(b, parser->problem_offset, problem);
	default:
		break;
	}
	/* what most often stands where libyaml found a character that it cannot take */
	if (kmr_yaml_char_at(b->text, b->len, at->line, at->column) == '\t')
		return fail_at_mark(b, at, "a tab; lines are indented with spaces");
	if (parser->context && (from->line != at->line || from->column != at->column))
		(void)snprintf(context, sizeof(context), ", %s that began at %zu:%zu",
			       parser->context, from->line + 1, from->column + 1);
	(void)snprintf(message, sizeof(message), "%s%s%s", problem, context, hint_for(problem));
	return fail_at_mark(b, at, message);
}

static struct kmr_yaml_node *new_node(struct builder *b, enum kmr_yaml_kind kind,
				      const yaml_mark_t *mark)
{
	struct kmr_yaml_node *node;
	char message[64];

	if (b->yaml->nr_nodes == KMR_YAML_MAX_NODES) {
		(void)snprintf(message, sizeof(message), "more than %u keys and values",
			       KMR_YAML_MAX_NODES);
		fail_at_mark(b, mark, message);
		return NULL;
	}
	node = arena_get(b->yaml, sizeof(*node));
	if (!node) {
		kmr_fail_nomem(b->err, "a YAML file");
		return NULL;
	}
	b->yaml->nr_nodes++;
	*node = (struct kmr_yaml_node){ .kind = kind,
					.line = (uint32_t)mark->line + 1,
					.column = (uint32_t)mark->column + 1 };
	return node;
}

static int check_key(const struct builder *b, const struct level *map,
		     const struct kmr_yaml_node *key)
{
	char text[KMR_YAML_MAX_KEY + 1];

	if (!key->len)
		return kmr_yaml_fail(b->yaml, key, b->err, "a key is missing before ':'");
	if (key->len > KMR_YAML_MAX_KEY)
		return kmr_yaml_fail(b->yaml, key, b->err,
				     "a key of %" PRIu32 " bytes; %u are the limit", key->len,
				     KMR_YAML_MAX_KEY);
	for (uint32_t i = 0; i < key->len; i++)
		if ((unsigned char)key->text[i] < ' ')
			return kmr_yaml_fail(b->yaml, key, b->err,
					     "a key with a control character in it");
	if (key->plain && !strcmp(key->text, "<<"))
		return kmr_yaml_fail(b->yaml, key, b->err,
				     "a merge key '<<'; write out what it would bring");
	if (map->node->nr == KMR_YAML_MAX_KEYS)
		return kmr_yaml_fail(b->yaml, key, b->err, "more than %u keys in one map",
				     KMR_YAML_MAX_KEYS);
	for (const struct kmr_yaml_node *v = map->node->items; v; v = v->next)
		if (v->key->len == key->len && !memcmp(v->key->text, key->text, key->len))
			return kmr_yaml_fail(b->yaml, key, b->err,
					     "key '%s' is there twice, the first at %" PRIu32
					     ":%" PRIu32,
					     kmr_excerpt(text, sizeof(text), key->text),
					     v->key->line, v->key->column);
	return 0;
}

static void append(struct level *to, struct kmr_yaml_node *node)
{
	node->parent = to->node;
	node->key = to->key;
	if (to->last)
		to->last->next = node;
	else
		to->node->items = node;
	to->last = node;
	to->node->nr++;
	to->key = NULL;
}

/* Puts @node where it belongs: the root, an item, a key, or a key's value. */
static int place(struct builder *b, struct kmr_yaml_node *node)
{
	struct level *to = b->depth ? &b->open[b->depth - 1] : NULL;

	if (!to) {
		b->yaml->root = node;
		return 0;
	}
	if (to->node->kind == KMR_YAML_LIST || to->key) {
		append(to, node);
		return 0;
	}
	if (node->kind != KMR_YAML_SCALAR)
		return kmr_yaml_fail(b->yaml, node, b->err, "a %s as a key; keys are words",
				     node->kind == KMR_YAML_LIST ? "list" : "map");
	if (check_key(b, to, node))
		return -1;
	node->parent = to->node;
	to->key = node;
	return 0;
}

static int check_properties(const struct builder *b, const yaml_mark_t *mark, const char *anchor,
			    const char *tag)
{
	char name[64], message[128];

	if (anchor) {
		(void)snprintf(message, sizeof(message),
			       "an anchor '&%s'; anchors and aliases are not taken",
			       kmr_excerpt(name, sizeof(name), anchor));
		return fail_at_mark(b, mark, message);
	}
	if (tag) {
		(void)snprintf(message, sizeof(message), "a tag '%s'; tags are not taken",
			       kmr_excerpt(name, sizeof(name), tag));
		return fail_at_mark(b, mark, message);
	}
	return 0;
}

static int enter(struct builder *b, enum kmr_yaml_kind kind, const yaml_mark_t *mark,
		 const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct kmr_yaml_node *node;
	char message[64];

	if (check_properties(b, mark, (const char *)anchor, (const char *)tag))
		return -1;
	if (b->depth == KMR_YAML_MAX_DEPTH) {
		(void)snprintf(message, sizeof(message), "more than %u lists and maps nested",
			       KMR_YAML_MAX_DEPTH);
		return fail_at_mark(b, mark, message);
	}
	node = new_node(b, kind, mark);
	if (!node || place(b, node))
		return -1;
	b->open[b->depth++] = (struct level){ .node = node };
	return 0;
}

static int take_scalar(struct builder *b, const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;
	const size_t len = event->data.scalar.length;
	struct kmr_yaml_node *node;
	char *text;

	if (check_properties(b, &event->start_mark, (const char *)event->data.scalar.anchor,
			     (const char *)event->data.scalar.tag))
		return -1;
	if (memchr(value, '\0', len))
		return fail_at_mark(b, &event->start_mark, "a text with a NUL in it");
	node = new_node(b, KMR_YAML_SCALAR, &event->start_mark);
	if (!node)
		return -1;
	text = arena_get(b->yaml, len + 1);
	if (!text)
		return kmr_fail_nomem(b->err, "a YAML file");
	memcpy(text, value, len);
	text[len] = '\0';
	node->text = text;
	node->len = (uint32_t)len;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return place(b, node);
}

static int take_alias(const struct builder *b, const yaml_event_t *event)
{
	char name[64], message[128];

	(void)snprintf(message, sizeof(message),
		       "an alias '*%s'; anchors and aliases are not taken",
		       kmr_excerpt(name, sizeof(name), (const char *)event->data.alias.anchor));
	return fail_at_mark(b, &event->start_mark, message);
}

static int take_event(struct builder *b, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (b->yaml->root)
			return fail_at_mark(b, &event->start_mark,
					    "a second document; a file has one");
		return 0;
	case YAML_ALIAS_EVENT:
		return take_alias(b, event);
	case YAML_SCALAR_EVENT:
		return take_scalar(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return enter(b, KMR_YAML_LIST, &event->start_mark,
			     event->data.sequence_start.anchor, event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return enter(b, KMR_YAML_MAP, &event->start_mark, event->data.mapping_start.anchor,
			     event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return 0;
	default:
		return 0;
	}
}

static int take_events(struct builder *b, yaml_parser_t *parser)
{
	yaml_event_type_t type;

	do {
		yaml_event_t event;
		int ret;

		if (!yaml_parser_parse(parser, &event))
			return fail_parser(b, parser);
		type = event.type;
		ret = take_event(b, &event);
		yaml_event_delete(&event);
		if (ret)
			return -1;
	} while (type != YAML_STREAM_END_EVENT);
	return 0;
}

/* A root that is nothing, "---" alone or comments, is as good as no file. */
static int check_root(const struct builder *b)
{
	const struct kmr_yaml_node *root = b->yaml->root;

	if (!root || (root->kind == KMR_YAML_SCALAR && root->plain && !root->len))
		return fail_at(b, root ? root->line : 1, root ? root->column : 1,
			       "nothing but comments and blanks; keys and values would do");
	return 0;
}

static int build(struct builder *b)
{
	static const char bom[] = "\xef\xbb\xbf";
	const size_t skip = b->len >= 3 && !memcmp(b->text, bom, 3) ? 3 : 0;
	yaml_parser_t parser;
	const char *problem;
	size_t offset;
	int ret;

	/* the mark of byte order is no column */
	b->text += skip;
	b->len -= skip;
	problem = kmr_yaml_check_bytes(b->text, b->len, &offset);
	if (problem)
		return fail_at_offset(b, offset, problem);
	if (!yaml_parser_initialize(&parser))
		return kmr_fail_nomem(b->err, "a YAML file");
	/* set, so that libyaml does not guess */
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)b->text, b->len);
	ret = take_events(b, &parser);
	yaml_parser_delete(&parser);
	return ret ? -1 : check_root(b);
}

int kmr_yaml_parse(struct kmr_yaml **out, const char *name, const char *text, size_t len,
		   struct kmr_error *err)
{
	struct builder b = { .text = text, .len = len, .err = err };

	*out = NULL;
	b.yaml = calloc(1, sizeof(*b.yaml));
	if (b.yaml)
		b.yaml->name = strdup(name);
	if (!b.yaml || !b.yaml->name) {
		kmr_yaml_free(b.yaml);
		return kmr_fail_nomem(err, "a YAML file");
	}
	if (build(&b)) {
		kmr_yaml_free(b.yaml);
		return -1;
	}
	*out = b.yaml;
	return 0;
}

/* Whole, or as much of it as is enough to see that it is too long. */
static int read_text(struct kmr_input *input, char *text, size_t size, size_t *len,
		     struct kmr_error *err)
{
	*len = 0;
	while (*len < size) {
		const ssize_t n = kmr_input_read(input, text + *len, size - *len, err);

		if (n < 0)
			return -1;
		if (!n)
			return 0;
		*len += (size_t)n;
	}
	return 0;
}

int kmr_yaml_read(struct kmr_yaml **yaml, const char *path, const char *what, struct kmr_error *err)
{
	/* one byte more than the limit, behind a mark of byte order */
	const size_t size = KMR_YAML_MAX_BYTES + 4;
	struct kmr_input *input;
	char *text;
	size_t len;
	int ret;

	*yaml = NULL;
	if (kmr_input_open(&input, path, what, err))
		return -1;
	text = malloc(size);
	if (!text) {
		kmr_input_close(input);
		return kmr_fail_nomem(err, "a YAML file");
	}
	ret = read_text(input, text, size, &len, err);
	kmr_input_close(input);
	if (!ret)
		ret = kmr_yaml_parse(yaml, path, text, len, err);
	free(text);
	return ret;
}

void kmr_yaml_free(struct kmr_yaml *yaml)
{
	struct chunk *next;

	if (!yaml)
		return;
	for (struct chunk *c = yaml->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(yaml->name);
	free(yaml);
}

const struct kmr_yaml_node *kmr_yaml_root(const struct kmr_yaml *yaml)
{
	return yaml->root;
}

const char *kmr_yaml_name(const struct kmr_yaml *yaml)
{
	return yaml->name;
}

const struct kmr_yaml_node *kmr_yaml_get(const struct kmr_yaml_node *map, const char *key)
{
	if (map->kind != KMR_YAML_MAP)
		return NULL;
	for (const struct kmr_yaml_node *v = map->items; v; v = v->next)
		if (!strcmp(v->key->text, key))
			return v;
	return NULL;
}

int kmr_yaml_fail(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		  struct kmr_error *err, const char *format, ...)
{
	char message[KMR_ERROR_MAX], printable[KMR_ERROR_MAX];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	/* callers may quote what the file has */
	kmr_printable(printable, sizeof(printable), message, strlen(message));
	return kmr_fail(err, "%s:%" PRIu32 ":%" PRIu32 ": %s", yaml->name, node->line, node->column,
			printable);
}
