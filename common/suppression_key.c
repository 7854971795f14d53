/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashing and sealing of addresses. */
#include "common/suppression_key.h"
#include <stdio.h>
#include <string.h>

/* A key for each purpose, so that neither says anything of the other. */
static void derive(const struct key_file *file, const char *purpose,
		   unsigned char key_r[CRYPTO_HASH_BYTES])
{
	crypto_mac(file->key, purpose, "", 0, key_r);
}

bool suppression_key_load(const char *path, struct suppression_key *key_r, struct error *err)
{
	struct key_file file;

	switch (key_file_load(path, &file, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(err,
				 "key file %s: is not there; restore it from a backup, or make it "
				 "with `easymailctl suppression init`",
				 path);
	case FOUND_ONE:
		break;
	}
	derive(&file, "easymail suppression hash", key_r->hash);
	derive(&file, "easymail suppression seal", key_r->seal);
	memcpy(key_r->id, file.id, sizeof(key_r->id));
	key_file_wipe(&file);
	return true;
}

void suppression_hash(const struct suppression_key *key, const struct mailbox *address,
		      unsigned char hash_r[SUPPRESSION_HASH_BYTES])
{
	unsigned char digest[CRYPTO_HASH_BYTES];
	char text[MAILBOX_SIZE + 1];
	char *at;

	snprintf(text, sizeof(text), "%s@%s", address->local, address->domain);
	for (at = text; *at != '\0'; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	}
	crypto_mac(key->hash, "address", text, (size_t)(at - text), digest);
	memcpy(hash_r, digest, SUPPRESSION_HASH_BYTES);
}

bool suppression_seal(const struct suppression_key *key,
		      const unsigned char hash[SUPPRESSION_HASH_BYTES], const char *address,
		      const char *note, struct suppression_sealed *sealed_r, struct error *err)
{
	const struct crypto_seal seal = {key->seal, hash, SUPPRESSION_HASH_BYTES};
	char text[SUPPRESSION_SEALED_MAX - CRYPTO_SEAL_OVERHEAD];
	int length =
	    snprintf(text, sizeof(text), "%s\n%.*s", address, SUPPRESSION_NOTE_MAX - 1, note);
	char *end = text + strlen(text);

	for (char *at = strchr(text, '\n') + 1; at < end; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	}
	sealed_r->length = (size_t)length + CRYPTO_SEAL_OVERHEAD;
	return crypto_seal(&seal, text, (size_t)length, sealed_r->octets, err);
}

bool suppression_unseal(const struct suppression_key *key,
			const unsigned char hash[SUPPRESSION_HASH_BYTES], const void *sealed,
			size_t length, struct suppression_text *text_r, struct error *err)
{
	const struct crypto_seal seal = {key->seal, hash, SUPPRESSION_HASH_BYTES};
	char *end;

	if (length < CRYPTO_SEAL_OVERHEAD || length > SUPPRESSION_SEALED_MAX)
		return error_set(err, "a sealed address has %zu octets", length);
	if (!crypto_unseal(&seal, sealed, length, text_r->text, err))
		return false;
	text_r->text[length - CRYPTO_SEAL_OVERHEAD] = '\0';
	end = strchr(text_r->text, '\n');
	if (end == NULL)
		return error_set(err, "a sealed address has no end");
	*end = '\0';
	text_r->address = text_r->text;
	text_r->note = end + 1;
	return true;
}
