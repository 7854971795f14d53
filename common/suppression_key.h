/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses as the suppression database has them: hashed to be found by, sealed to be read by those who
 * have the key file.
 *
 * What counts as one address: the domain as domain_normalize spells it, the local part in ASCII lower
 * case (RFC 5321 section 2.4 lets a host tell cases apart; none that people use does). A plus address is one of its
 * own: whether `a+b@` and `a@` are one mailbox only its host knows, and a tag that is dead may have a living owner.
 */
#ifndef EASYMAIL_SUPPRESSION_KEY_H
#define EASYMAIL_SUPPRESSION_KEY_H

#include "common/key_file.h"
#include "common/mailbox.h"

#define SUPPRESSION_HASH_BYTES 16
#define SUPPRESSION_NOTE_MAX   480 /* octets kept of what was said of an address */

/* Both derived from the key file. Wiped with crypto_wipe. */
struct suppression_key {
	unsigned char hash[CRYPTO_HASH_BYTES];
	unsigned char seal[CRYPTO_SEAL_KEY_BYTES];
	char id[KEY_FILE_ID_SIZE];
};

/* A missing file is an error that names the mend. */
bool suppression_key_load(const char *path, struct suppression_key *key_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

void suppression_hash(const struct suppression_key *key, const struct mailbox *address,
		      unsigned char hash_r[SUPPRESSION_HASH_BYTES]) __attribute__((nonnull));

#define SUPPRESSION_SEALED_MAX (2 * MAILBOX_SIZE + 1 + SUPPRESSION_NOTE_MAX + CRYPTO_SEAL_OVERHEAD)

struct suppression_sealed {
	size_t length;
	unsigned char octets[SUPPRESSION_SEALED_MAX];
};

/* The note is cut at SUPPRESSION_NOTE_MAX; control characters in it become blanks. */
bool suppression_seal(const struct suppression_key *key,
		      const unsigned char hash[SUPPRESSION_HASH_BYTES], const char *address,
		      const char *note, struct suppression_sealed *sealed_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* What was sealed: both point into `text`. */
struct suppression_text {
	char text[SUPPRESSION_SEALED_MAX];
	const char *address, *note;
};
bool suppression_unseal(const struct suppression_key *key,
			const unsigned char hash[SUPPRESSION_HASH_BYTES], const void *sealed,
			size_t length, struct suppression_text *text_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
