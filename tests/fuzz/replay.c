/* SPDX-License-Identifier: BSD-2-Clause */
/* Replays each file of a corpus directory through a fuzz target, for builds without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (1 << 20)

/* Runs one file; its buffer has exactly its size, so that a sanitizer sees a read past the end. */
static int replay_file(const char *directory, const char *name)
{
	static uint8_t input[INPUT_MAX];
	char path[4096];
	uint8_t *exact;
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		return -1;
	}
	size = fread(input, 1, sizeof(input), file);
	fclose(file);
	exact = malloc(size > 0 ? size : 1);
	if (exact == NULL)
		return -1;
	for (size_t i = 0; i < size; i++)
		exact[i] = input[i];
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	return 0;
}

int main(int argc, char **argv)
{
	DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
	const struct dirent *entry;
	int files = 0;

	if (directory == NULL) {
		fprintf(stderr, "usage: %s CORPUS-DIRECTORY\n", argv[0]);
		return 2;
	}
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (replay_file(argv[1], entry->d_name) < 0)
			return 1;
		files++;
	}
	closedir(directory);
	printf("%d inputs replayed\n", files);
	return files > 0 ? 0 : 1;
}
