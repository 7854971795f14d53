/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text with what is personal in it taken out: the recipient's name and address, short numbers, and the tokens in links
 * to the sender's own domain. All else goes into a hash octet by octet, so texts that differ elsewhere have
 * different hashes. ARCHITECTURE.md says why each rule is as narrow as it is.
 */
#ifndef EASYMAIL_ANTISPAM_WORDS_H
#define EASYMAIL_ANTISPAM_WORDS_H

#include "common/crypto.h"

#define WORDS_NAMES_MAX   3
#define WORDS_NAME_BYTES  20
#define WORDS_PLACES_MAX  64   /* where something personal may stand in one message */
#define WORDS_BYTES_MAX   1024 /* all of it together */
#define WORDS_FIXED_RATIO 4    /* and no more than the n-th part of the words that stay */

/* Whose message it is. */
struct words_person {
	const char *address; /* of the one recipient */
	size_t local_length; /* of its local part; 0 when that is no plain word */
	const char *domain;  /* the sender's */
	size_t name_count;
	char names[WORDS_NAMES_MAX][WORDS_NAME_BYTES + 1]; /* as the field To calls the recipient */
};

enum words_kind {
	WORDS_EXACT, /* nothing is personal */
	WORDS_PLAIN,
	WORDS_HTML,  /* outside of tags, style and script; in tags links only */
	WORDS_TRACE, /* a header field that readers do not see: identifiers are personal as well */
};

struct words {
	struct crypto_hash *hash;
	const struct words_person *person;
	size_t places, bytes; /* taken out so far */
	size_t fixed;         /* octets of words that were left in */
	const char *kept;     /* of words_add: what goes into the hash next, … */
	size_t kept_length;   /* … as it stands there */
};

/*
 * The names by which the field's value, decoded, calls the person whose address it gives: `Anna Miller <anna@…>`. False:
 * it is not that one person's address, or what stands before it is no name of up to three short words.
 */
bool words_names(const char *value, struct words_person *person)
    __attribute__((nonnull, warn_unused_result));

/* The next text of the message. */
void words_add(struct words *words, enum words_kind kind, const char *text, size_t length)
    __attribute__((nonnull));

/* Is as little personal as the limits want? */
bool words_within_limits(const struct words *words) __attribute__((nonnull));

#endif
