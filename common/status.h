/* SPDX-License-Identifier: BSD-2-Clause */
/* What every part answers in its map `status`: an object that begins alike. */
#ifndef EASYMAIL_STATUS_H
#define EASYMAIL_STATUS_H

#include "common/json.h"
#include "common/socketmap.h"

/* With the program's name, its version and this process' id. */
struct json *status_new(const char *program) __attribute__((nonnull));

/* The reply is that object, or any other, which is dropped. */
void status_reply(struct socketmap_reply *reply, struct json *status) __attribute__((nonnull));

#endif
