/* SPDX-License-Identifier: BSD-2-Clause */
/* Notices left as files that appear complete: written under another name, then linked to their own. */
#include "common/notices.h"
#include "common/crypto.h"
#include "common/utf8.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_LENGTH  10 /* 2030-01-31 */
#define HASH_OCTETS 16
#define TEXT_SIZE   8192
#define SENT        ".sent"
#define TEMPORARY   ".tmp"
#define PATH_SIZE   1024

static const char *const keys[NOTICE_FIELDS] = {
    [NOTICE_TENANT] = "tenant",     [NOTICE_TO] = "to",         [NOTICE_SIGNATURE] = "signature",
    [NOTICE_PART] = "part",         [NOTICE_SENDER] = "sender", [NOTICE_CLIENT] = "client",
    [NOTICE_QUEUE_ID] = "queue_id", [NOTICE_ACTION] = "action",
};

static void format_day(time_t when, char day_r[DAY_LENGTH + 1])
{
	struct tm utc;

	strftime(day_r, DAY_LENGTH + 1, "%Y-%m-%d", gmtime_r(&when, &utc));
}

/* A path in the directory; false: it is too long. */
static bool join(const char *directory, const char *name, const char *suffix,
		 char path_r[PATH_SIZE], struct error *err)
{
	int length = snprintf(path_r, PATH_SIZE, "%s/%s%s", directory, name, suffix);

	return (length > 0 && length < PATH_SIZE) ||
	       error_set(err, "%s: is too long a path", directory);
}

/* DAY.TENANT.HASH: a signature may have any characters, and a tenant's name has no dot. */
static void format_name(const struct notice *notice, char name_r[NOTICE_NAME_SIZE])
{
	const char *signature = notice->fields[NOTICE_SIGNATURE];
	unsigned char digest[CRYPTO_HASH_BYTES];
	struct crypto_hash *hash = crypto_hash_new();
	char day[DAY_LENGTH + 1];
	size_t used;

	crypto_hash_add(hash, signature, strlen(signature));
	crypto_hash_finish(hash, digest);
	crypto_hash_free(hash);
	format_day(notice->found, day);
	used = (size_t)snprintf(name_r, NOTICE_NAME_SIZE, "%s.%.63s.", day,
				notice->fields[NOTICE_TENANT]);
	for (size_t i = 0; i < HASH_OCTETS; i++)
		snprintf(name_r + used + 2 * i, 3, "%02x", digest[i]);
}

/* One line; a value has no line of its own in it, whatever it was made of. */
static bool write_field(FILE *file, enum notice_field field, const char *value)
{
	char *line = strdup(value);
	bool done;

	if (line == NULL)
		return false;
	utf8_make_printable(line);
	done = fprintf(file, "%s=%.512s\n", keys[field], line) > 0;
	free(line);
	return done;
}

/* Takes over the descriptor. */
static bool write_notice(int fd, const struct notice *notice)
{
	FILE *file = fdopen(fd, "w");
	bool done = true;

	if (file == NULL) {
		close(fd);
		return false;
	}
	for (int field = 0; done && field < NOTICE_FIELDS; field++)
		done = write_field(file, (enum notice_field)field, notice->fields[field]);
	done = done && fprintf(file, "found=%lld\n", (long long)notice->found) > 0 &&
	       fflush(file) == 0 && fsync(fd) == 0;
	return fclose(file) == 0 && done;
}

bool notice_leave(const char *directory, const struct notice *notice, struct error *err)
{
	char name[NOTICE_NAME_SIZE], path[PATH_SIZE], temporary[PATH_SIZE];
	char day[DAY_LENGTH + 1];
	bool done;
	int fd;

	if (strchr(notice->fields[NOTICE_TENANT], '/') != NULL)
		return error_set(err, "notice: '%s' is no tenant's name",
				 notice->fields[NOTICE_TENANT]);
	format_name(notice, name);
	format_day(notice->found, day);
	if (!join(directory, name, "", path, err) ||
	    !join(directory, day, ".XXXXXX" TEMPORARY, temporary, err))
		return false;
	if (access(path, F_OK) == 0)
		return true;
	fd = mkostemps(temporary, (int)strlen(TEMPORARY), O_CLOEXEC);
	if (fd < 0)
		return error_set(err, "%s: cannot be written to: %s", directory, strerror(errno));
	done = write_notice(fd, notice) && (link(temporary, path) == 0 || errno == EEXIST);
	if (!done)
		error_set(err, "%s: %s", path, strerror(errno));
	unlink(temporary);
	return done;
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);

	return length > tail && strcmp(name + length - tail, suffix) == 0;
}

/* Ours: the name begins with a day and a dot. */
static int is_ours(const struct dirent *entry)
{
	const char *name = entry->d_name;

	for (size_t i = 0; i < DAY_LENGTH; i++) {
		if (strchr(i == 4 || i == 7 ? "-" : "0123456789", name[i]) == NULL ||
		    name[i] == '\0')
			return 0;
	}
	return name[DAY_LENGTH] == '.' && strlen(name) < NOTICE_NAME_SIZE;
}

static int is_notice(const struct dirent *entry)
{
	return is_ours(entry) && !ends_in(entry->d_name, SENT) &&
	       !ends_in(entry->d_name, TEMPORARY);
}

/* Names that pass, sorted; their number, or -1. */
static int list_names(const char *directory, int (*passes)(const struct dirent *),
		      struct dirent ***entries_r, struct error *err)
{
	int count = scandir(directory, entries_r, passes, alphasort);

	if (count < 0)
		error_set(err, "%s: cannot be read: %s; see option notices.directory", directory,
			  strerror(errno));
	return count;
}

static void free_names(struct dirent **entries, int count)
{
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
}

bool notice_each(const char *directory, void (*each)(const char *name, bool sent, void *context),
		 void *context, struct error *err)
{
	struct dirent **entries;
	int count = list_names(directory, is_notice, &entries, err);
	char mark[PATH_SIZE];
	bool done = count >= 0;

	if (!done)
		return false;
	for (int i = 0; done && i < count; i++) {
		done = join(directory, entries[i]->d_name, SENT, mark, err);
		if (done)
			each(entries[i]->d_name, access(mark, F_OK) == 0, context);
	}
	free_names(entries, count);
	return done;
}

/* The whole of a regular file, which nobody has led elsewhere by a link; NULL: errno says why. */
static char *read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *text = fd < 0 ? NULL : malloc(TEXT_SIZE + 1);
	struct stat status;
	ssize_t length = -1;

	if (text != NULL && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		length = read(fd, text, TEXT_SIZE);
	if (length >= 0)
		text[length] = '\0';
	if (fd >= 0)
		close(fd);
	if (length >= 0)
		return text;
	free(text);
	return NULL;
}

static void take_line(struct notice *notice, char *line)
{
	char *value = strchr(line, '=');

	if (value == NULL)
		return;
	*value++ = '\0';
	utf8_make_printable(value);
	if (strcmp(line, "found") == 0)
		notice->found = (time_t)strtoll(value, NULL, 10);
	for (int field = 0; field < NOTICE_FIELDS; field++) {
		if (strcmp(line, keys[field]) == 0)
			notice->fields[field] = value;
	}
}

bool notice_read(const char *directory, const char *name, struct notice *notice_r,
		 struct error *err)
{
	char path[PATH_SIZE], *save = NULL;

	*notice_r = (struct notice){0};
	if (!join(directory, name, "", path, err))
		return false;
	notice_r->text = read_text(path);
	if (notice_r->text == NULL)
		return error_set(err, "%s: cannot be read: %s", path, strerror(errno));
	for (char *line = strtok_r(notice_r->text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		take_line(notice_r, line);
	for (int field = 0; field < NOTICE_FIELDS; field++) {
		if (notice_r->fields[field] != NULL)
			continue;
		notice_free(notice_r);
		return error_set(err, "%s: has no line %s=; delete it", path, keys[field]);
	}
	return true;
}

void notice_free(struct notice *notice)
{
	free(notice->text);
	*notice = (struct notice){0};
}

bool notice_mark_sent(const char *directory, const char *name, struct error *err)
{
	char path[PATH_SIZE], mark[PATH_SIZE];

	if (!join(directory, name, "", path, err) || !join(directory, name, SENT, mark, err))
		return false;
	return link(path, mark) == 0 || errno == EEXIST ||
	       error_set(err, "%s: %s", mark, strerror(errno));
}

bool notice_purge(const char *directory, time_t now, struct error *err)
{
	char oldest[DAY_LENGTH + 1], path[PATH_SIZE];
	struct dirent **entries;
	int count = list_names(directory, is_ours, &entries, err);
	bool done = count >= 0;

	format_day(now - (time_t)NOTICE_KEPT_DAYS * 86400, oldest);
	for (int i = 0; done && i < count; i++) {
		if (strncmp(entries[i]->d_name, oldest, DAY_LENGTH) >= 0)
			continue;
		done = join(directory, entries[i]->d_name, "", path, err) &&
		       (unlink(path) == 0 || errno == ENOENT ||
			error_set(err, "%s: %s", path, strerror(errno)));
	}
	if (count >= 0)
		free_names(entries, count);
	return done;
}
