/* SPDX-License-Identifier: BSD-2-Clause */
/* journal.db: how far the mail log has been read, and messages of which the next line is still to come. Within a
 * transaction, that of the rows that were made of the lines. */
#ifndef EASYMAIL_JOURNAL_POSITION_H
#define EASYMAIL_JOURNAL_POSITION_H

#include "common/journal.h"

#define JOURNAL_PATH_SIZE   512
#define JOURNAL_CURSOR_SIZE 512 /* sd_journal_get_cursor(3); some 140 octets */
#define JOURNAL_TENANT_SIZE 64
#define JOURNAL_SENDER_SIZE 512

/* In a file, or in journald's journal; see the columns of table tracker_position. */
struct journal_position {
	char path[JOURNAL_PATH_SIZE];
	uint64_t device, inode, offset;
	uint64_t head_size, head;
	char cursor[JOURNAL_CURSOR_SIZE];
	int64_t at;
};

/* `source` is "file" or "journald". */
enum found journal_position_get(struct journal *journal, const char *source,
				struct journal_position *position_r, struct error *err)
    __attribute__((nonnull));
bool journal_position_put(struct journal *journal, const char *source,
			  const struct journal_position *position, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* What lines before its deliveries said of a message. */
struct journal_message {
	char sender[JOURNAL_SENDER_SIZE];
	char tenant[JOURNAL_TENANT_SIZE];
};

enum found journal_message_get(struct journal *journal, const char *queue_id,
			       struct journal_message *message_r, struct error *err)
    __attribute__((nonnull));
/* NULL: that which is known stays. */
bool journal_message_put(struct journal *journal, const char *queue_id, int64_t at,
			 const char *sender, const char *tenant, struct error *err)
    __attribute__((nonnull(1, 2, 6), warn_unused_result));
/* Postfix has removed it. */
bool journal_message_drop(struct journal *journal, const char *queue_id, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
