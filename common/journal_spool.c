/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows that the journal could not take: a file for each batch in JOURNAL.spool, complete when it has its name. */
#include "common/journal_private.h"
#include "common/json.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE 1024
#define NAME_SIZE 64
#define FILE_MAX  ((off_t)16 << 20)
#define TEMPORARY ".tmp"
#define REFUSED   ".refused" /* what is none of ours, kept for whoever wants to know */

/* A directory that root makes belongs to whom the one that it is in belongs to. */
static bool make_directory(char *name, struct error *err)
{
	char *slash = strrchr(name, '/');
	struct stat parent;
	bool known;

	if (mkdir(name, 0700) != 0)
		return errno == EEXIST || error_set(err, "%s: %s", name, strerror(errno));
	if (geteuid() != 0 || slash == NULL || slash == name)
		return true;
	*slash = '\0';
	known = stat(name, &parent) == 0;
	*slash = '/';
	return (known && chown(name, parent.st_uid, parent.st_gid) == 0) ||
	       error_set(err, "%s: cannot be given its owner: %s", name, strerror(errno));
}

/* The spool of the journal at `path`, open; made if it is not there and `create` says so. */
static bool open_directory(const char *path, bool create, int *fd_r, struct error *err)
{
	char name[PATH_SIZE];
	int length = snprintf(name, sizeof(name), "%s.spool", path);

	if (length < 0 || (size_t)length >= sizeof(name))
		return error_set(err, "%.200s: is too long a path", path);
	if (create && !make_directory(name, err))
		return false;
	*fd_r = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd_r >= 0 || error_set(err, "%s: %s", name, strerror(errno));
}

static struct json *to_json(const struct journal_audit *audits, size_t count)
{
	struct json *rows = json_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json *row = json_new_object();

		json_put_number(row, "at", audits[i].at);
		json_put_text(row, "actor", audits[i].actor);
		json_put_text(row, "kind", audits[i].kind);
		json_put_text(row, "subject", audits[i].subject);
		json_put_text(row, "old", audits[i].old_state);
		json_put_text(row, "new", audits[i].new_state);
		json_put_text(row, "reason", audits[i].reason);
		json_append(rows, row);
	}
	return rows;
}

static bool write_text(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t count = write(fd, text, left);

		if (count < 0 && errno != EINTR)
			return false;
		text += count > 0 ? count : 0;
		left -= count > 0 ? (size_t)count : 0;
	}
	return fsync(fd) == 0;
}

/* Takes the file over: ours alone, and the directory owner's when root writes it. */
static bool fill_file(int fd, int directory, const char *text)
{
	struct stat owner;
	bool done = fstat(directory, &owner) == 0 &&
		    (geteuid() != 0 || fchown(fd, owner.st_uid, owner.st_gid) == 0) &&
		    write_text(fd, text);

	return close(fd) == 0 && done;
}

/* A name that sorts by time and that no other process gives. */
static void make_name(char name_r[NAME_SIZE])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name_r, NAME_SIZE, "%012lld.%09ld.%d", (long long)now.tv_sec, now.tv_nsec,
		 (int)getpid());
}

static bool leave_text(int directory, const char *text, struct error *err)
{
	char name[NAME_SIZE], temporary[NAME_SIZE + sizeof(TEMPORARY)];
	int fd;

	make_name(name);
	snprintf(temporary, sizeof(temporary), "%s%s", name, TEMPORARY);
	fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && fill_file(fd, directory, text) &&
	    renameat(directory, temporary, directory, name) == 0 && fsync(directory) == 0)
		return true;
	error_set(err, "%s: cannot be written: %s", name, strerror(errno));
	unlinkat(directory, temporary, 0);
	return false;
}

bool journal_spool_leave(const char *path, const struct journal_audit *audits, size_t count,
			 struct error *err)
{
	struct json *rows;
	char *text;
	int directory;
	bool done;

	if (!open_directory(path, true, &directory, err))
		return false;
	rows = to_json(audits, count);
	text = json_write(rows);
	done = leave_text(directory, text, err);
	free(text);
	json_drop(rows);
	close(directory);
	return done;
}

/* The whole of a regular file; NULL: it is none, or is gone. */
static char *read_text(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	char *text = NULL;
	ssize_t length = -1;

	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_size <= FILE_MAX && (text = malloc((size_t)status.st_size + 1)) != NULL)
		length = read(fd, text, (size_t)status.st_size);
	if (fd >= 0)
		close(fd);
	if (length >= 0)
		text[length] = '\0';
	else
		free(text);
	return length >= 0 ? text : NULL;
}

/* Marks the file as taken, in the transaction; false in *new_r: it was already. */
static bool mark_taken(struct db *db, const char *name, bool *new_r, struct error *err)
{
	struct db_query *query =
	    db_query(db, "INSERT OR IGNORE INTO spool_taken (name, at) VALUES (?1, ?2)", err);

	if (query == NULL)
		return false;
	db_bind_text(query, 1, name);
	db_bind_int(query, 2, time(NULL));
	if (!db_run(query, err))
		return false;
	*new_r = db_changes(db) > 0;
	return true;
}

static bool add_rows(struct journal *journal, const struct json *rows, struct error *err)
{
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		const struct journal_audit audit = {
		    .at = json_get_number(row, "at"),
		    .actor = json_get_text(row, "actor"),
		    .kind = json_get_text(row, "kind"),
		    .subject = json_get_text(row, "subject"),
		    .old_state = json_get_text(row, "old"),
		    .new_state = json_get_text(row, "new"),
		    .reason = json_get_text(row, "reason"),
		};

		if (!journal_audit_add(journal, &audit, err))
			return false;
	}
	return true;
}

static bool enter_rows(struct journal *journal, const char *name, const struct json *rows,
		       size_t *taken, struct error *err)
{
	bool is_new = false;

	if (!journal_begin(journal, err))
		return false;
	if (mark_taken(journal->db, name, &is_new, err) &&
	    (!is_new || add_rows(journal, rows, err)) && journal_commit(journal, err)) {
		*taken += is_new ? json_count(rows) : 0;
		return true;
	}
	journal_rollback(journal);
	return false;
}

/* A file that is none of ours is put aside. */
static bool take_file(struct journal *journal, int directory, const char *name, size_t *taken,
		      struct error *err)
{
	char aside[NAME_SIZE + sizeof(REFUSED)];
	char *text = read_text(directory, name);
	struct json *rows = NULL;
	struct error why;
	bool done = true;

	if (text != NULL && json_parse(text, &rows, &why)) {
		done = enter_rows(journal, name, rows, taken, err);
		if (done)
			unlinkat(directory, name, 0);
	} else {
		snprintf(aside, sizeof(aside), "%.*s%s", NAME_SIZE - 1, name, REFUSED);
		(void)renameat(directory, name, directory, aside);
	}
	json_drop(rows);
	free(text);
	return done;
}

/* Complete ones: digits and dots, as make_name has them. */
static int is_complete(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length < NAME_SIZE &&
	       strspn(entry->d_name, "0123456789.") == length;
}

bool journal_take_spool(struct journal *journal, size_t *taken_r, struct error *err)
{
	struct dirent **entries;
	struct error none;
	int directory, count;
	bool done = true;

	*taken_r = 0;
	if (!open_directory(db_path(journal->db), false, &directory, &none))
		return true; /* nothing was ever left there */
	count = scandirat(directory, ".", &entries, is_complete, alphasort);
	for (int i = 0; i < count; i++) {
		done = done && take_file(journal, directory, entries[i]->d_name, taken_r, err);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	close(directory);
	return done;
}
