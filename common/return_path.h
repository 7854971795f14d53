/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The envelope senders of bulk mail: addresses in the provider's return-path domain that only we can make. A
 * local part is `b-` and 48 letters and digits (base32, RFC 4648, in lower case; any case is read), well within
 * the 64 octets of RFC 5321 section 4.5.3.1.1. It says whose message it was, of which day and which one, and,
 * where the message had one recipient, which; HMAC-SHA-256 under a key outside the database vouches for all of it.
 */
#ifndef EASYMAIL_RETURN_PATH_H
#define EASYMAIL_RETURN_PATH_H

#include "common/crypto.h"
#include <stdint.h>

#define RETURN_PATH_LOCAL_SIZE 51 /* with the NUL */

struct return_path {
	uint32_t tenant_id;
	uint16_t day;       /* on which the message was taken: days since 1970-01-01, UTC */
	uint64_t message;   /* a random number; no two messages have the same */
	uint32_t recipient; /* return_path_recipient of the only one; 0: it had several */
};

enum return_path_answer {
	RETURN_PATH_GENUINE,
	RETURN_PATH_EXPIRED, /* ours, and too old; *path_r is filled in */
	RETURN_PATH_FORGED,  /* not ours, or altered */
};

/* What `day` is at a time. Before 1970 and after 2149: the nearest that there is. */
uint16_t return_path_day(int64_t seconds);

/* A number for `message`. */
bool return_path_number(uint64_t *message_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* A recipient as its message's return path holds it: the address in any case gives the same number, never 0. */
uint32_t return_path_recipient(const unsigned char key[CRYPTO_MAC_KEY_BYTES], const char *address)
    __attribute__((nonnull));

void return_path_write(const struct return_path *path,
		       const unsigned char key[CRYPTO_MAC_KEY_BYTES],
		       char local_r[RETURN_PATH_LOCAL_SIZE]) __attribute__((nonnull));

/* `today` is as return_path_day gives it. A path of a later day has not expired: a clock jumped. */
enum return_path_answer
return_path_read(const char *local, const unsigned char key[CRYPTO_MAC_KEY_BYTES], uint16_t today,
		 unsigned max_days, struct return_path *path_r)
    __attribute__((nonnull, warn_unused_result));

/* Has it the form of one, genuine or not? Needs no key. */
bool return_path_looks_like_one(const char *local) __attribute__((nonnull));

/* May a bounce for this recipient answer the message? Of a message with several recipients: always. */
bool return_path_allows(const struct return_path *path,
			const unsigned char key[CRYPTO_MAC_KEY_BYTES], const char *address)
    __attribute__((nonnull));

#endif
