/* SPDX-License-Identifier: BSD-2-Clause */
/* What a rule can look at: one table. */
#ifndef EASYMAIL_CONTENT_WHAT_H
#define EASYMAIL_CONTENT_WHAT_H

#include <stdbool.h>

enum content_what {
	WHAT_ANY, /* every message */
	WHAT_HEADER,
	WHAT_SUBJECT,
	WHAT_BODY, /* the decoded texts, HTML as a reader sees it */
	WHAT_SENDER,
	WHAT_RECIPIENT,
	WHAT_URL,
	WHAT_URL_HOST,
	WHAT_ATTACHMENT_NAME,
	WHAT_ATTACHMENT_EXTENSION,
	WHAT_ATTACHMENT_TYPE,
	WHAT_ATTACHMENT_SIZE,
	WHAT_MEMBER_NAME,
	WHAT_MEMBER_EXTENSION,
	WHAT_MEMBER_TYPE,
	WHAT_MEMBER_SIZE,
	WHAT_FILE_NAME, /* attachment or member of an archive */
	WHAT_FILE_EXTENSION,
	WHAT_FILE_TYPE,
	WHAT_FILE_SIZE,
	WHAT_SIZE,
	WHAT_PARTS,
	WHAT_RECIPIENTS,
	WHAT_CARD,
	WHAT_IBAN,
	WHAT_MALFORMED,
	WHAT_COUNT,
};

/* Which patterns of a rule set are sought in the same texts. */
enum content_class {
	CLASS_HEADER,
	CLASS_SUBJECT,
	CLASS_BODY,
	CLASS_SENDER,
	CLASS_RECIPIENT,
	CLASS_URL,
	CLASS_URL_HOST,
	CLASS_NAME,
	CLASS_EXTENSION,
	CLASS_TYPE,
	CLASS_MALFORMED,
	CLASS_COUNT,
	CLASS_NONE = CLASS_COUNT, /* has no patterns */
};

enum content_value {
	VALUE_NONE,   /* nothing may follow */
	VALUE_TEXT,   /* is, has, like, matches */
	VALUE_NUMBER, /* > or < */
	VALUE_COUNT,  /* the same, or nothing for "> 0" */
	VALUE_FLAW,   /* `is NAME`, or nothing for any */
};

struct content_what_row {
	const char *word;
	enum content_value value;
	enum content_class class;
	bool of_attachments, of_members; /* terms on files, which must all hold of one file */
	const char *help;
};

extern const struct content_what_row content_whats[WHAT_COUNT];

#endif
