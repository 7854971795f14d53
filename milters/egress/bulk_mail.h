/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done with bulk mail: which mail it is, how one gets no more of it, where its bounces go. */
#ifndef EASYMAIL_BULK_MAIL_H
#define EASYMAIL_BULK_MAIL_H

#include "milters/chain/filter.h"

/* At MAIL, when the message has its policy: in the bulk stream, if sender or client say so. */
void bulk_mail_foresee(struct message *message) __attribute__((nonnull));

/* At the end of the headers, when the message has its policy: puts it in the bulk stream if it belongs there,
 * and takes the header away that asked for that. */
void bulk_mail_judge(struct message *message) __attribute__((nonnull));

/* At the end of a message that leaves as bulk mail: List-Unsubscribe, as the tenant's settings say. */
enum verdict bulk_mail_unsubscribe(struct message *message) __attribute__((nonnull));

/*
 * The same: gives it an envelope sender in the setting's return-path domain, in *sender_r too. Without that setting,
 * and for the null sender, it keeps its own. `key_file` is the option bulk.key_file.
 */
enum verdict bulk_mail_return_path(struct message *message, const char *key_file,
				   struct mailbox *sender_r) __attribute__((nonnull));

#endif
