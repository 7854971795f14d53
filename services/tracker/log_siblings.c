/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks through the directory of a log file. */
#include "services/tracker/log_siblings.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 1024

/* FNV-1a: what it tells apart nobody chooses against us. */
void log_head_extend(struct log_head *head, const char *bytes, size_t count)
{
	if (head->size == 0)
		head->hash = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < count && head->size < LOG_HEAD_MAX; i++, head->size++)
		head->hash = (head->hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
}

void log_head_read(int fd, uint64_t size, struct log_head *head_r)
{
	char bytes[LOG_HEAD_MAX];
	size_t wanted = size < LOG_HEAD_MAX ? (size_t)size : LOG_HEAD_MAX;
	ssize_t count = pread(fd, bytes, wanted, 0);

	*head_r = (struct log_head){0};
	log_head_extend(head_r, bytes, count > 0 ? (size_t)count : 0);
}

bool log_head_matches(int fd, const struct log_head *head)
{
	struct log_head theirs;

	if (head->size == 0)
		return true;
	log_head_read(fd, head->size, &theirs);
	return theirs.size == head->size && theirs.hash == head->hash;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool is_compressed(const char *name)
{
	static const char *const suffixes[] = {".gz", ".xz", ".bz2", ".zst"};
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t tail = strlen(suffixes[i]);

		if (length > tail && strcmp(name + length - tail, suffixes[i]) == 0)
			return true;
	}
	return false;
}

/* NAME, a dot or hyphen, and a number or date. */
static bool is_rotated(const char *name, const char *base)
{
	size_t length = strlen(base);

	return strncmp(name, base, length) == 0 && (name[length] == '.' || name[length] == '-') &&
	       name[length + 1] >= '0' && name[length + 1] <= '9' && !is_compressed(name);
}

/* Which file is looked for, and the best so far. */
struct search {
	uint64_t inode; /* 0: any */
	const struct log_head *head;
	uint64_t size;
	const struct stat *after; /* NULL: any time */
	int unlike;               /* -1, or a file that copies of are no answer */
	int found;                /* -1: none yet */
	struct timespec modified;
};

static bool is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* Has it the same beginning, as far as both go? */
static bool is_copy(int fd, int of)
{
	struct log_head head;

	log_head_read(fd, LOG_HEAD_MAX, &head);
	return log_head_matches(of, &head);
}

static bool fits(const struct search *search, int fd, const struct stat *status)
{
	if (!S_ISREG(status->st_mode) || (uint64_t)status->st_size < search->size)
		return false;
	if (search->inode != 0 && status->st_ino != search->inode)
		return false;
	if (search->after != NULL &&
	    (status->st_ino == search->after->st_ino || status->st_size == 0 ||
	     !is_before(&search->after->st_mtim, &status->st_mtim)))
		return false;
	if (search->unlike >= 0 && is_copy(fd, search->unlike))
		return false;
	return search->head == NULL || log_head_matches(fd, search->head);
}

/* Keeps the file if it fits and is older than the best so far. */
static void consider(struct search *search, int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && fits(search, fd, &status) &&
	    (search->found < 0 || is_before(&status.st_mtim, &search->modified))) {
		if (search->found >= 0)
			close(search->found);
		search->found = fd;
		search->modified = status.st_mtim;
		return;
	}
	close(fd);
}

static void search_directory(struct search *search, const char *path, bool also_path)
{
	const char *base = base_name(path);
	char directory[PATH_SIZE];
	const struct dirent *entry;
	DIR *entries;

	snprintf(directory, sizeof(directory), "%.*s", (int)(base - path), path);
	entries = opendir(base == path ? "." : directory);
	if (entries == NULL)
		return;
	while ((entry = readdir(entries)) != NULL) {
		if ((also_path && strcmp(entry->d_name, base) == 0) ||
		    is_rotated(entry->d_name, base))
			consider(search, dirfd(entries), entry->d_name);
	}
	closedir(entries);
}

int log_siblings_find(const char *path, uint64_t inode, const struct log_head *head, uint64_t size)
{
	struct search search = {
	    .inode = inode, .head = head, .size = size, .unlike = -1, .found = -1};

	search_directory(&search, path, true);
	if (search.found < 0 && inode != 0 && head->size > 0) {
		search.inode = 0;
		search_directory(&search, path, true);
	}
	return search.found;
}

int log_siblings_after(const char *path, const struct stat *file, int current)
{
	struct search search = {.after = file, .unlike = current, .found = -1};

	search_directory(&search, path, false);
	return search.found;
}
