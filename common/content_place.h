/* SPDX-License-Identifier: BSD-2-Clause */
/* Where in a message something was found, in words for people. */
#ifndef EASYMAIL_CONTENT_PLACE_H
#define EASYMAIL_CONTENT_PLACE_H

#include "common/content_rule.h"
#include "common/message_facts.h"

/* "attachment invoice.exe (part 2)", "tools/setup.exe in tools.zip (part 3)". Printable. */
void content_place_file(const struct message_facts *facts, size_t file, char *text_r, size_t size)
    __attribute__((nonnull));

/* "body (part 2)", "header X-Mailer", "size". */
void content_place_term(const struct content_term *term, unsigned part, char *text_r, size_t size)
    __attribute__((nonnull));

#endif
