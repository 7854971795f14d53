/* SPDX-License-Identifier: BSD-2-Clause */
/* The names and addresses of the tenant's network that one message has given away, and looking for them. */
#ifndef EASYMAIL_HIDE_WORDS_H
#define EASYMAIL_HIDE_WORDS_H

#include "common/domain.h"
#include "common/ip.h"

#define HIDE_WORDS_MAX 256 /* of each; Postfix refuses more than 50 hops */

struct hide_words {
	const char *is_public[2]; /* domains that everybody may see, lower case; NULL: none */
	size_t name_count, ip_count;
	char name[HIDE_WORDS_MAX][DOMAIN_SIZE]; /* lower case, no final dot */
	struct ip ip[HIDE_WORDS_MAX];
};

/* A host's name or address as SMTP has it: brackets, `IPv6:` and a final dot are understood. What names no
 * host in particular (localhost, unknown, a number) is not taken. */
void hide_words_add(struct hide_words *words, const char *text, size_t length)
    __attribute__((nonnull));

/* The names and addresses behind `from` and `by` of a Received line, comments included. */
void hide_words_add_received(struct hide_words *words, const char *value) __attribute__((nonnull));

/*
 * Does the text hold one of the names as a word of its own, one of the addresses in any spelling, any
 * address of a private network (RFC 1918, RFC 4193, loopback, link-local), or a name below a domain that only
 * exists inside (.local, .lan, .internal …)?
 */
bool hide_words_occur(const struct hide_words *words, const char *text) __attribute__((nonnull));

/* Is the name, `length` octets, one of them or below such a domain? */
bool hide_words_is_host(const struct hide_words *words, const char *name, size_t length)
    __attribute__((nonnull));

#endif
