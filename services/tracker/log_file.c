/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows a log file. A file is known again by its inode and the hash of its head, wherever it was moved or copied. */
#include "services/tracker/log_file.h"
#include "common/log.h"
#include "common/text_rule.h"
#include "services/tracker/log_siblings.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE 65536

struct log_file {
	char path[JOURNAL_PATH_SIZE];
	int fd;               /* -1: the file is not there yet */
	uint64_t offset;      /* octets of whole lines given */
	struct log_head head; /* of what was given at least */
	bool left;            /* another file has taken its place: the next end is its last */
	bool skipping;        /* in a line that is longer than the buffer */
	char buffer[BUFFER_SIZE];
	size_t start, end; /* what was read and not given */
};

/* Takes the descriptor over. */
static void use(struct log_file *file, int fd, uint64_t offset)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = fd;
	file->offset = offset;
	file->head = (struct log_head){0};
	file->left = file->skipping = false;
	file->start = file->end = 0;
	if (fd >= 0)
		log_head_read(fd, LOG_HEAD_MAX, &file->head);
}

static bool cannot_open(const struct log_file *file, struct error *err)
{
	return error_set(err, "%s: %s; see option tracker.log_file", file->path, strerror(errno));
}

static int open_path(const struct log_file *file)
{
	return open(file->path, O_RDONLY | O_CLOEXEC);
}

/* The file that the position is in, under whatever name. */
static void resume(struct log_file *file, const struct journal_position *position)
{
	const struct log_head head = {position->head_size, position->head};
	int fd = log_siblings_find(file->path, position->inode, &head, position->offset);

	if (fd < 0) {
		log_warning("%s: what was written after octet %llu of its former file is gone; "
			    "lines may have been lost",
			    file->path, (unsigned long long)position->offset);
		fd = open_path(file);
		use(file, fd, 0);
	} else {
		use(file, fd, position->offset);
	}
}

struct log_file *log_file_new(const char *path, const struct journal_position *position)
{
	struct log_file *file = calloc(1, sizeof(*file));

	if (file == NULL)
		abort();
	text_rule_copy(file->path, sizeof(file->path), path);
	file->fd = -1;
	if (position != NULL && position->inode != 0 && strcmp(position->path, path) == 0)
		resume(file, position);
	else
		use(file, open_path(file), 0);
	return file;
}

void log_file_free(struct log_file *file)
{
	if (file == NULL)
		return;
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

/* Is it shorter than what was read of it, or does it begin otherwise? */
static bool was_truncated(const struct log_file *file)
{
	struct stat status;

	return fstat(file->fd, &status) == 0 && ((uint64_t)status.st_size < file->offset ||
						 !log_head_matches(file->fd, &file->head));
}

/* Goes on in the copy that was made before; without one at the new beginning. */
static void follow_copy(struct log_file *file)
{
	int fd = log_siblings_find(file->path, 0, &file->head, file->offset);

	if (fd >= 0) {
		use(file, fd, file->offset);
		return;
	}
	log_info("%s: truncated; reading goes on at its beginning", file->path);
	use(file, open_path(file), 0);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* A file to go on in, known by how it began when it was chosen. */
struct successor {
	int fd;
	struct log_head head;
};

/* Of two files: the one that a file was rotated to after ours, or else the one at the path, if it has something. */
static bool choose(const struct log_file *file, const struct stat *ours, int path_fd,
		   struct successor *successor_r)
{
	struct successor current = {.fd = path_fd}, between;

	log_head_read(current.fd, LOG_HEAD_MAX, &current.head);
	between.fd = log_siblings_after(file->path, ours, current.fd);
	if (between.fd >= 0) {
		log_head_read(between.fd, LOG_HEAD_MAX, &between.head);
		close(current.fd);
		*successor_r = between;
		return true;
	}
	*successor_r = current;
	if (current.head.size > 0)
		return true;
	close(current.fd);
	return false;
}

/* The file that took our file's place, or the first of several; none: ours is still the one that is written. */
static enum found open_successor(const struct log_file *file, struct successor *successor_r,
				 struct error *err)
{
	struct stat ours, theirs;
	int fd = open_path(file);

	if (fd < 0 && errno == ENOENT)
		return FOUND_NONE; /* renamed, and the new one is still to be made */
	if (fd < 0) {
		cannot_open(file, err);
		return FOUND_ERROR;
	}
	if (fstat(fd, &theirs) == 0 && fstat(file->fd, &ours) == 0 && !is_same(&ours, &theirs))
		return choose(file, &ours, fd, successor_r) ? FOUND_ONE : FOUND_NONE;
	close(fd);
	return FOUND_NONE;
}

/* Reads more into the buffer. */
static enum found fill(struct log_file *file, struct error *err)
{
	ssize_t count;

	memmove(file->buffer, file->buffer + file->start, file->end - file->start);
	file->end -= file->start;
	file->start = 0;
	count = pread(file->fd, file->buffer + file->end, BUFFER_SIZE - file->end,
		      (off_t)(file->offset + file->end));
	if (count < 0) {
		error_set(err, "%s: %s", file->path, strerror(errno));
		return FOUND_ERROR;
	}
	file->end += (size_t)count;
	return count > 0 ? FOUND_ONE : FOUND_NONE;
}

/* The head is known from what was read: the file may have been truncated since. */
static void know_head(struct log_file *file, size_t count)
{
	size_t known =
	    file->head.size > file->offset ? (size_t)(file->head.size - file->offset) : 0;

	if (known < count)
		log_head_extend(&file->head, file->buffer + file->start + known, count - known);
}

/* Gives `length` octets of the buffer as a line, and passes them and `more` beside. */
static void give(struct log_file *file, size_t length, size_t more, char *line_r, size_t size)
{
	size_t copied = length < size ? length : size - 1;

	memcpy(line_r, file->buffer + file->start, copied);
	line_r[copied] = '\0';
	for (size_t i = 0; i < copied; i++)
		line_r[i] = line_r[i] == '\0' ? '?' : line_r[i];
	know_head(file, length + more);
	file->start += length + more;
	file->offset += length + more;
}

/* A line that is complete in the buffer, or as much of it as fits there; the rest of that one is passed. */
static bool take_line(struct log_file *file, char *line_r, size_t size)
{
	for (;;) {
		const char *begin = file->buffer + file->start;
		size_t length = file->end - file->start;
		const char *newline = memchr(begin, '\n', length);
		bool is_rest = file->skipping;

		if (newline == NULL && length < BUFFER_SIZE)
			return false;
		file->skipping = newline == NULL;
		give(file, newline != NULL ? (size_t)(newline - begin) : length, newline != NULL,
		     line_r, size);
		if (!is_rest)
			return true;
	}
}

/* At the end of a file that has a successor: what it has without a newline is its last line. The writer may have gone
 * on in the old file until the new one was there, so its end is looked at once more before it is left. */
static enum found leave(struct log_file *file, const struct successor *successor, char *line_r,
			size_t size)
{
	bool is_first_end = !file->left, has_rest = file->end > file->start;

	file->left = true;
	if (!is_first_end && !has_rest) {
		use(file, successor->fd, 0);
		file->head = successor->head; /* it may have been truncated since */
		return FOUND_NONE;
	}
	close(successor->fd);
	if (is_first_end)
		return FOUND_NONE;
	give(file, file->end - file->start, 0, line_r, size);
	return FOUND_ONE;
}

/* Goes on where there is more to read. FOUND_ONE: a line was given, the last of a file that was left. */
static enum found read_on(struct log_file *file, char *line_r, size_t size, bool *more_r,
			  struct error *err)
{
	struct successor successor;
	enum found found;

	*more_r = true;
	if (was_truncated(file)) {
		follow_copy(file);
		return FOUND_NONE;
	}
	found = fill(file, err);
	if (found == FOUND_ONE)
		return FOUND_NONE; /* a line may be complete now */
	if (found == FOUND_NONE)
		found = open_successor(file, &successor, err);
	if (found == FOUND_ONE)
		return leave(file, &successor, line_r, size);
	*more_r = false;
	return found;
}

enum found log_file_next(struct log_file *file, char *line_r, size_t size, struct error *err)
{
	bool more = true;

	if (file->fd < 0)
		use(file, open_path(file), 0);
	while (more && file->fd >= 0) {
		enum found found;

		if (take_line(file, line_r, size))
			return FOUND_ONE;
		found = read_on(file, line_r, size, &more, err);
		if (found != FOUND_NONE)
			return found;
	}
	if (file->fd >= 0)
		return FOUND_NONE;
	cannot_open(file, err);
	return FOUND_ERROR;
}

void log_file_position(const struct log_file *file, struct journal_position *position_r)
{
	struct stat status = {0};

	*position_r = (struct journal_position){
	    .offset = file->offset, .head_size = file->head.size, .head = file->head.hash};
	text_rule_copy(position_r->path, sizeof(position_r->path), file->path);
	if (file->fd >= 0 && fstat(file->fd, &status) == 0) {
		position_r->device = status.st_dev;
		position_r->inode = status.st_ino;
	}
}

bool log_file_is_idle(const struct log_file *file)
{
	struct stat ours, theirs;

	return file->fd >= 0 && !file->left && fstat(file->fd, &ours) == 0 &&
	       stat(file->path, &theirs) == 0 && is_same(&ours, &theirs) &&
	       (uint64_t)ours.st_size == file->offset && log_head_matches(file->fd, &file->head);
}

uint64_t log_file_lag(const struct log_file *file)
{
	struct stat status;

	if (file->fd < 0 || fstat(file->fd, &status) != 0 ||
	    (uint64_t)status.st_size < file->offset)
		return 0;
	return (uint64_t)status.st_size - file->offset;
}
