/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The key file: the secret outside tenants.db under which private parts inside it are sealed. One line, 32
 * random octets in base64; mode 0640 or stricter.
 */
#ifndef EASYMAIL_KEY_FILE_H
#define EASYMAIL_KEY_FILE_H

#include "common/crypto.h"

#define KEY_FILE_ID_SIZE 17 /* 16 hexadecimal digits and the NUL */

/* Wiped with key_file_wipe as soon as it is no longer needed. */
struct key_file {
	unsigned char key[CRYPTO_SEAL_KEY_BYTES];
	char id[KEY_FILE_ID_SIZE]; /* names the key without telling it */
};

/* FOUND_NONE: there is no such file. One that others may read, or the group may write, or that is not a
 * regular file, or not a key, is an error. */
enum found key_file_load(const char *path, struct key_file *file_r, struct error *err)
    __attribute__((nonnull));

/*
 * Makes a new one with mode 0640 and, when root does, the group of `group`, complete or not at all. Refuses
 * to touch one that is there: what was sealed under it would be lost.
 */
bool key_file_create(const char *path, const char *group, struct error *err)
    __attribute__((nonnull, warn_unused_result));

void key_file_wipe(struct key_file *file) __attribute__((nonnull));

#endif
