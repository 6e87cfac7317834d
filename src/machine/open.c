// SPDX-License-Identifier: GPL-2.0-only
/* A machine by whatever names it on the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/input.h"
#include "kmreplay/machine.h"
#include "kmreplay/snapshot.h"

/* The first key is within so many bytes, comments before it included. */
#define HEAD_BYTES 16384

/* Whether the first line that is neither empty nor a comment has the key "machine". */
static bool is_machine_file(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text != '#' && *text != '%' && strncmp(text, "---", 3))
			break;
		text += strcspn(text, "\n");
	}
	if (*text == '{')
		text += 1 + strspn(text + 1, " ");
	text += *text == '"' || *text == '\'';
	return !strncmp(text, "machine", 7);
}

static bool is_yaml(const char *path)
{
	const char *end = strrchr(path, '.');
	char *head = malloc(HEAD_BYTES + 1);
	struct kmr_input *input = NULL;
	size_t len = 0;
	ssize_t n = 0;
	bool yaml = end && (!strcmp(end, ".yaml") || !strcmp(end, ".yml"));

	if (!yaml && head && !kmr_input_open(&input, path, "a machine", NULL)) {
		while (len < HEAD_BYTES &&
		       (n = kmr_input_read(input, head + len, HEAD_BYTES - len, NULL)) > 0)
			len += (size_t)n;
		head[len] = '\0';
		yaml = is_machine_file(head);
		kmr_input_close(input);
	}
	free(head);
	return yaml;
}

enum kmr_machine_kind kmr_machine_kind(const char *what)
{
	struct stat st;

	if (stat(what, &st))
		return KMR_MACHINE_PRESET;
	if (S_ISDIR(st.st_mode))
		return KMR_MACHINE_PROC;
	return is_yaml(what) ? KMR_MACHINE_YAML : KMR_MACHINE_SNAPSHOT;
}

static int from_snapshot(struct kmr_machine *m, const char *what, struct kmr_snapshot *snap,
			 struct kmr_error *err)
{
	struct kmr_snapshot *own = snap ? NULL : calloc(1, sizeof(*own));
	int ret;

	if (!snap && !own)
		return kmr_fail_nomem(err, "a snapshot");
	ret = kmr_snapshot_read(snap ? snap : own, what, err);
	if (!ret)
		*m = snap ? snap->machine : own->machine;
	if (own)
		kmr_snapshot_free(own);
	free(own);
	return ret;
}

int kmr_machine_open(struct kmr_machine *m, const char *what, struct kmr_snapshot *snap, char *from,
		     size_t size, struct kmr_error *err)
{
	static const char *const kinds[] = {
		[KMR_MACHINE_PRESET] = "preset",
		[KMR_MACHINE_PROC] = "/proc dumps in",
		[KMR_MACHINE_SNAPSHOT] = "snapshot",
		[KMR_MACHINE_YAML] = "machine file",
	};
	const enum kmr_machine_kind kind = kmr_machine_kind(what);

	if (from)
		(void)snprintf(from, size, "%s %s", kinds[kind], what);
	switch (kind) {
	case KMR_MACHINE_PROC:
		return kmr_machine_from_proc(m, what, err);
	case KMR_MACHINE_SNAPSHOT:
		return from_snapshot(m, what, snap, err);
	case KMR_MACHINE_YAML:
		return kmr_machine_from_yaml(m, what, err);
	default:
		return kmr_machine_preset(m, what, err);
	}
}
