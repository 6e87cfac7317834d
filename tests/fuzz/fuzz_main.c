// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fuzzer's target without a fuzzer: runs it on the files named, and on all that are in folders
 * named, so that any compiler's build holds the corpus against the readers.  Ends as Criterion's
 * programs do, so that ./check counts it.
 */
#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned int nr_files;

static void die(const char *path)
{
	perror(path);
	exit(1);
}

static void run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	uint8_t *data;
	size_t size;

	if (!file || fstat(fileno(file), &st))
		die(path);
	size = (size_t)st.st_size;
	/* no byte more, so that ASan sees one read behind the end */
	data = malloc(size ? size : 1);
	if (!data || fread(data, 1, size, file) != size)
		die(path);
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	nr_files++;
}

static void run_folder(const char *path)
{
	struct dirent **entries;
	const int nr = scandir(path, &entries, NULL, alphasort);

	if (nr < 0)
		die(path);
	for (int i = 0; i < nr; i++) {
		char file[4096];

		(void)snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			run_file(file);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st))
			die(argv[i]);
		if (S_ISDIR(st.st_mode))
			run_folder(argv[i]);
		else
			run_file(argv[i]);
	}
	(void)printf("[====] Synthesis: Tested: %u | Passing: %u | Failing: 0 | Crashing: 0\n",
		     nr_files, nr_files);
	return nr_files ? 0 : 1;
}
