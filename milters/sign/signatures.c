/* SPDX-License-Identifier: BSD-2-Clause */
/* From a domain's keys to DKIM-Signature headers. */
#include "milters/sign/signatures.h"
#include "common/dkim_sign.h"
#include "milters/chain/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct dkim_field *gather(const struct message *message)
{
	size_t count = message_header_count(message);
	struct dkim_field *fields = memory_new(count, sizeof(*fields));

	for (size_t i = 0; i < count; i++) {
		const struct header *header = message_header_at(message, i);

		fields[i] = (struct dkim_field){header->name, header->value};
	}
	return fields;
}

/* `domain/selector`, after those that are there. */
static void note(struct decision *decision, const struct dkim_sealed_key *key)
{
	size_t used = strlen(decision->signatures);

	snprintf(decision->signatures + used, sizeof(decision->signatures) - used, "%s%s/%s",
		 used > 0 ? "," : "", key->domain, key->selector);
}

static bool make_one(const struct signer *signer, const struct dkim_sealed_key *sealed,
		     struct dkim_request *request, char **value_r, struct error *err)
{
	struct crypto_key *key;
	bool done;

	if (!dkim_key_cache_get(signer->cache, sealed, &key, err))
		return false;
	request->key = key;
	request->domain = sealed->domain;
	request->selector = sealed->selector;
	done = dkim_signature_make(request, value_r, err);
	crypto_key_free(key);
	return done;
}

static bool add(struct message *message, const struct signer *signer, const struct signing *signing,
		const struct dkim_signing_keys *keys, struct error *err)
{
	struct dkim_field *fields = gather(message);
	struct dkim_request request = {
	    .headers = fields,
	    .header_count = message_header_count(message),
	    .body_digest = signing->digest,
	    .now = signing->now,
	};
	char *values[DKIM_KEYS_ACTIVE_MAX];
	size_t made = 0;

	while (made < keys->count &&
	       make_one(signer, &keys->key[made], &request, &values[made], err))
		made++;
	for (size_t i = made; i-- > 0;) {
		if (made == keys->count) {
			message_header_insert(message, 0, "DKIM-Signature", values[i]);
			note(&message->decision, &keys->key[i]);
		}
		free(values[i]);
	}
	free(fields);
	return made == keys->count;
}

bool signatures_add(struct message *message, const struct signer *signer,
		    const struct signing *signing, const char *domain, size_t *count_r,
		    struct error *err)
{
	struct dkim_signing_keys keys;

	if (!dkim_keys_for_domain(signer->policies, message->policy, domain, &keys, err))
		return false;
	*count_r = keys.count;
	return keys.count == 0 || add(message, signer, signing, &keys, err);
}

bool signatures_add_provider(struct message *message, const struct signer *signer,
			     const struct signing *signing, const char *domain, size_t *count_r,
			     struct error *err)
{
	struct dkim_signing_keys keys;

	if (!dkim_keys_of_domain(signer->policies, domain, &keys, err))
		return false;
	*count_r = keys.count;
	return keys.count == 0 || add(message, signer, signing, &keys, err);
}
