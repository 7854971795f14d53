/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What rspamd is given to read of a message: all of it but the ends of long attachments. It judges by headers, texts
 * and what a file begins with, and its time goes with the octets; files as a whole are the virus scanner's and the
 * content rules' business.
 */
#ifndef EASYMAIL_ANTISPAM_EXCERPT_H
#define EASYMAIL_ANTISPAM_EXCERPT_H

#include "common/message_facts.h"
#include <stddef.h>

/*
 * Of each attachment the first lines that fit into `limit` octets, as they stand there. Left whole are archives and
 * all that holds members (rspamd reads an archive's list from its end), what is encrypted, and what two parsers may
 * read in two ways. The caller frees; NULL: nothing is to be left out.
 */
char *antispam_excerpt(const struct message_facts *facts, const char *data, size_t length,
		       size_t limit, size_t *length_r) __attribute__((nonnull, warn_unused_result));

#endif
