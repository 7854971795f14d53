/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading and making the key file. */
#include "common/key_file.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_SIZE 128 /* more than 32 octets in base64 and a newline take */
#define FILE_MODE 0640

/* A file that others can read or change protects nothing. */
static bool check_status(const char *path, int fd, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return error_set(err, "key file %s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_set(err, "key file %s: is not a regular file", path);
	if ((status.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) != 0)
		return error_set(err,
				 "key file %s: mode %04o lets others have it; run `chmod 0640 %s`",
				 path, (unsigned)(status.st_mode & 07777), path);
	return true;
}

/* Eight octets of the key's digest name it. */
static void fill_id(struct key_file *file)
{
	unsigned char digest[CRYPTO_HASH_BYTES];
	struct crypto_hash *hash = crypto_hash_new();

	crypto_hash_add(hash, file->key, sizeof(file->key));
	crypto_hash_finish(hash, digest);
	crypto_hash_free(hash);
	for (size_t i = 0; i < (KEY_FILE_ID_SIZE - 1) / 2; i++)
		snprintf(file->id + 2 * i, 3, "%02x", digest[i]);
}

static bool read_key(const char *path, int fd, struct key_file *file, struct error *err)
{
	char text[TEXT_SIZE];
	ssize_t length = read(fd, text, sizeof(text) - 1);
	bool right;

	if (length < 0)
		return error_set(err, "key file %s: %s", path, strerror(errno));
	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	right = crypto_unbase64(text, file->key, sizeof(file->key));
	crypto_wipe(text, sizeof(text));
	if (!right)
		return error_set(
		    err, "key file %s: is not 32 octets in base64; restore it from a backup", path);
	fill_id(file);
	return true;
}

enum found key_file_load(const char *path, struct key_file *file_r, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool done;

	if (fd < 0 && errno == ENOENT)
		return FOUND_NONE;
	if (fd < 0) {
		error_set(err, "key file %s: %s", path, strerror(errno));
		return FOUND_ERROR;
	}
	done = check_status(path, fd, err) && read_key(path, fd, file_r, err);
	close(fd);
	return done ? FOUND_ONE : FOUND_ERROR;
}

/* Writes a new key and gives the file its mode and, as root, its group. */
static bool write_key(int fd, const char *group, struct error *err)
{
	unsigned char key[CRYPTO_SEAL_KEY_BYTES];
	struct group *entry = geteuid() == 0 ? getgrnam(group) : NULL;
	char *text;
	int length;
	bool done;

	if (geteuid() == 0 && entry == NULL)
		return error_set(err, "there is no group %s; install easymail's system users first",
				 group);
	if (!crypto_random(key, sizeof(key), err))
		return false;
	text = crypto_base64(key, sizeof(key));
	crypto_wipe(key, sizeof(key));
	length = (int)strlen(text);
	done = dprintf(fd, "%s\n", text) == length + 1 &&
	       (entry == NULL || fchown(fd, 0, entry->gr_gid) == 0) && fchmod(fd, FILE_MODE) == 0 &&
	       fsync(fd) == 0;
	if (!done)
		error_set(err, "%s", strerror(errno));
	crypto_wipe(text, (size_t)length);
	free(text);
	return done;
}

bool key_file_create(const char *path, const char *group, struct error *err)
{
	char draft[4096];
	int fd;
	bool done;

	if (snprintf(draft, sizeof(draft), "%s.XXXXXX", path) >= (int)sizeof(draft))
		return error_set(err, "key file %s: the path is too long", path);
	fd = mkostemp(draft, O_CLOEXEC);
	if (fd < 0)
		return error_set(err, "key file %s: cannot be made: %s", path, strerror(errno));
	done = write_key(fd, group, err);
	/* A link, unlike a rename, leaves a file that came meanwhile alone. */
	if (done && link(draft, path) != 0)
		done = error_set(err, "%s", strerror(errno));
	unlink(draft);
	close(fd);
	return done || error_prefix(err, "key file %s: ", path);
}

void key_file_wipe(struct key_file *file)
{
	crypto_wipe(file, sizeof(*file));
}
