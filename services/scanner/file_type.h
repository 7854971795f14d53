/* SPDX-License-Identifier: BSD-2-Clause */
/* The type of a file by its content, through libmagic: one database, loaded once, shared by forked workers. */
#ifndef EASYMAIL_SCANNER_FILE_TYPE_H
#define EASYMAIL_SCANNER_FILE_TYPE_H

#include "common/error.h"
#include <stddef.h>

#define FILE_TYPE_BYTES 65536 /* of the beginning are looked at */

struct file_types;

/* Reads the database, while there is a file system. */
bool file_types_load(struct file_types **types_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void file_types_free(struct file_types *types); /* takes NULL */

/* The media type; "" when it cannot be told. Valid until the next call. */
const char *file_type_of(struct file_types *types, const char *data, size_t length)
    __attribute__((nonnull(1)));

/* The same for a text that a reader is shown: "" means that nothing speaks against its being one, at a tenth of
 * the cost. */
const char *file_type_of_text(struct file_types *types, const char *data, size_t length)
    __attribute__((nonnull(1)));

/* Is it an Office document that asks for a password? */
bool file_is_encrypted_office(const char *data, size_t length) __attribute__((nonnull));

/* Does such a file run when it is opened? */
bool file_type_is_program(const char *type) __attribute__((nonnull));

#endif
