/* SPDX-License-Identifier: BSD-2-Clause */
/* The address of an envelope (RFC 5321 Reverse-path and Forward-path) in one spelling. */
#ifndef EASYMAIL_MAILBOX_H
#define EASYMAIL_MAILBOX_H

#include "common/domain.h"

#define MAILBOX_LOCAL_SIZE 256
#define MAILBOX_SIZE       (MAILBOX_LOCAL_SIZE + DOMAIN_SIZE)

struct mailbox {
	bool is_null;                   /* the null sender, `<>`: local and domain are "" */
	char local[MAILBOX_LOCAL_SIZE]; /* unquoted: `"a b"@x.example` gives `a b`; case is kept */
	char domain[DOMAIN_SIZE];       /* normalized */
	char address[MAILBOX_SIZE *
		     2]; /* local part quoted where RFC 5321 wants it, `@`, domain; "" if null */
};

/*
 * Takes what MAIL FROM and RCPT TO carry: with or without angle brackets, quoted local parts,
 * source routes (dropped, RFC 5321 appendix C), SMTPUTF8 local parts and U-labels. An address
 * literal, a missing domain, NUL, CR or LF is an error.
 */
bool mailbox_parse(const char *text, struct mailbox *mailbox_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
