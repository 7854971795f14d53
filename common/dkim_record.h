/* SPDX-License-Identifier: BSD-2-Clause */
/* Is a DKIM key's record in DNS, and does it say what verifiers need? */
#ifndef EASYMAIL_DKIM_RECORD_H
#define EASYMAIL_DKIM_RECORD_H

#include "common/dkim_key_rows.h"
#include "common/dns.h"

enum dkim_sight {
	DKIM_SIGHT_PUBLISHED, /* one record is there, and signatures of the key verify with it */
	DKIM_SIGHT_MISSING,   /* DNS says that there is none */
	DKIM_SIGHT_DIFFERENT, /* something else is there */
	DKIM_SIGHT_UNKNOWN,   /* DNS could not tell */
};

struct dkim_seen {
	enum dkim_sight sight;
	char detail[512]; /* a sentence on what was seen; "" when it is published as it should be */
};

const char *dkim_sight_name(enum dkim_sight sight);

/* Asks for the record of the key. */
void dkim_record_look(struct dns *dns, const struct dkim_key_row *row, struct dkim_seen *seen_r)
    __attribute__((nonnull));

/* Would a verifier (RFC 6376 section 3.6.1) take the text for this key's record? False says why not. */
bool dkim_record_serves(const char *text, const struct dkim_key_row *row, struct error *why)
    __attribute__((nonnull));

#endif
