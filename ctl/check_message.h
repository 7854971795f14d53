/* SPDX-License-Identifier: BSD-2-Clause */
/* A message as a file has it, as Postfix would hold it. */
#ifndef EASYMAIL_CTL_CHECK_MESSAGE_H
#define EASYMAIL_CTL_CHECK_MESSAGE_H

#include "ctl/milter_client.h"
#include <stdio.h>

#define CHECK_MESSAGE_MAX (256u << 20) /* octets */

/* Lines end with LF or CRLF. What does not look like a header begins the body, as in Postfix. */
bool check_message_read(FILE *in, struct milter_message *message_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void check_message_free(struct milter_message *message) __attribute__((nonnull));

/* Makes the header changes of the result in the message, as Postfix would. */
void check_message_change(struct milter_message *message, const struct milter_result *result)
    __attribute__((nonnull));

#endif
