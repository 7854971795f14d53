/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole small files. */
#include "ctl/files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20)

char *file_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t used;

	if (!file)
		return NULL;
	text = malloc(FILE_MAX + 1);
	used = text ? fread(text, 1, FILE_MAX, file) : 0;
	if (text && (ferror(file) || !feof(file))) {
		free(text);
		text = NULL;
	}
	if (text)
		text[used] = '\0';
	fclose(file);
	return text;
}

static bool write_all(int fd, const char *text)
{
	size_t size = strlen(text);

	while (size > 0) {
		ssize_t count = write(fd, text, size);

		if (count < 0 && errno != EINTR)
			return false;
		text += count > 0 ? count : 0;
		size -= count > 0 ? (size_t)count : 0;
	}
	return fsync(fd) == 0;
}

/* Writes a new file beside `path` with that mode and owner, and puts it in its place. */
static bool replace(const char *path, const char *text, const struct stat *like, struct error *err)
{
	char temporary[4096];
	bool done;
	int fd;

	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return error_set(err, "%s: %s", temporary, strerror(errno));
	done = fchown(fd, like->st_uid, like->st_gid) == 0 &&
	       fchmod(fd, like->st_mode & 07777) == 0 && write_all(fd, text);
	done = close(fd) == 0 && done;
	done = done && rename(temporary, path) == 0;
	if (done)
		return true;
	error_set(err, "%s: cannot be written: %s", path, strerror(errno));
	unlink(temporary);
	return false;
}

bool file_write(const char *path, const char *text, mode_t mode, struct error *err)
{
	struct stat like = {.st_uid = geteuid(), .st_gid = getegid(), .st_mode = mode};

	return replace(path, text, &like, err);
}

bool file_copy(const char *from, const char *to, struct error *err)
{
	struct stat like;
	char *text;
	bool done;

	if (stat(from, &like) != 0 || !(text = file_read(from)))
		return error_set(err, "%s: cannot be read: %s", from, strerror(errno));
	done = replace(to, text, &like, err);
	free(text);
	return done;
}

bool file_give_to_directory_owner(const char *path, struct error *err)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char directory[4096], file[4096 + 8];
	char *slash;
	struct stat status;

	if (geteuid() != 0)
		return true;
	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (!slash)
		return true;
	slash[slash == directory] = '\0';
	if (stat(directory, &status) != 0)
		return error_set(err, "%s: %s", directory, strerror(errno));
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(file, sizeof(file), "%s%s", path, suffixes[i]);
		if (lchown(file, status.st_uid, status.st_gid) != 0 && errno != ENOENT)
			return error_set(err, "%s: cannot give it to user %u: %s", file,
					 (unsigned)status.st_uid, strerror(errno));
	}
	return true;
}
