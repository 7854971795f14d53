/* SPDX-License-Identifier: BSD-2-Clause */
/* Active keys out of tenants.db, and the seal on their private parts. */
#include "common/dkim_keys.h"
#include "common/policy_read.h"
#include "common/text_rule.h"
#include <stdlib.h>
#include <string.h>

#define CONTEXT_PREFIX "easymail dkim key"

/* What a private part is bound to; the NULs between keep the parts apart. */
struct context {
	size_t length;
	char text[sizeof(CONTEXT_PREFIX) + DOMAIN_SIZE + DKIM_SELECTOR_SIZE];
};

static void context_make(const struct dkim_sealed_key *sealed, struct context *context_r)
{
	char *at = context_r->text;

	at = stpcpy(at, CONTEXT_PREFIX) + 1;
	at = stpcpy(at, sealed->domain) + 1;
	at = stpcpy(at, sealed->selector);
	context_r->length = (size_t)(at - context_r->text);
}

bool dkim_keys_seal(const struct crypto_key *key, const struct key_file *file,
		    struct dkim_sealed_key *sealed, struct error *err)
{
	size_t length;
	unsigned char *der = crypto_key_private_der(key, &length);
	struct context context = {0};
	struct crypto_seal seal = {file->key, context.text, 0};
	bool done;

	context_make(sealed, &context);
	seal.context_length = context.length;
	sealed->algorithm = crypto_key_algorithm(key);
	sealed->length = length + CRYPTO_SEAL_OVERHEAD;
	memcpy(sealed->sealed_under, file->id, sizeof(sealed->sealed_under));
	if (sealed->length > sizeof(sealed->sealed))
		done = error_set(err, "key: too large to be stored; use at most 4096 bits");
	else
		done = crypto_seal(&seal, der, length, sealed->sealed, err);
	crypto_wipe(der, length);
	free(der);
	return done;
}

/* What is inside, opened with the file's key; the caller wipes it. */
static bool unseal(const struct dkim_sealed_key *sealed, const struct key_file *file,
		   unsigned char der_r[DKIM_SEALED_MAX], struct error *err)
{
	struct context context = {0};
	struct crypto_seal seal = {file->key, context.text, 0};

	if (strcmp(sealed->sealed_under, file->id) != 0)
		return error_set(err,
				 "sealed under key file %s, this one is %s; restore the former",
				 sealed->sealed_under, file->id);
	context_make(sealed, &context);
	seal.context_length = context.length;
	return crypto_unseal(&seal, sealed->sealed, sealed->length, der_r, err);
}

bool dkim_keys_open(const struct dkim_sealed_key *sealed, const struct key_file *file,
		    struct crypto_key **key_r, struct error *err)
{
	unsigned char der[DKIM_SEALED_MAX];
	bool done = unseal(sealed, file, der, err) &&
		    crypto_key_parse(der, sealed->length - CRYPTO_SEAL_OVERHEAD, key_r, err);

	crypto_wipe(der, sizeof(der));
	return done || error_prefix(err, "DKIM key %s of %s: ", sealed->selector, sealed->domain);
}

/* One row: id, domain, selector, algorithm, sealed_under, sealed. */
static bool read_sealed(struct db_query *query, struct dkim_sealed_key *key_r, struct error *err)
{
	size_t length;
	const void *sealed = db_blob(query, 5, &length);

	key_r->id = db_int(query, 0);
	text_rule_copy(key_r->domain, sizeof(key_r->domain), db_text(query, 1));
	text_rule_copy(key_r->selector, sizeof(key_r->selector), db_text(query, 2));
	key_r->algorithm = strcmp(db_text(query, 3), "rsa") == 0 ? CRYPTO_RSA : CRYPTO_ED25519;
	text_rule_copy(key_r->sealed_under, sizeof(key_r->sealed_under), db_text(query, 4));
	if (length > sizeof(key_r->sealed))
		return error_set(err, "DKIM key %s of %s: its private part is too large",
				 key_r->selector, key_r->domain);
	key_r->length = length;
	memcpy(key_r->sealed, sealed, length);
	return true;
}

/* All rows of a query that was bound. */
static bool read_keys(struct db_query *query, struct dkim_signing_keys *keys, struct error *err)
{
	enum found found;

	keys->count = 0;
	while ((found = db_step(query, err)) == FOUND_ONE && keys->count < DKIM_KEYS_ACTIVE_MAX) {
		if (!read_sealed(query, &keys->key[keys->count++], err)) {
			found = FOUND_ERROR;
			break;
		}
	}
	db_reset(query);
	return found != FOUND_ERROR;
}

struct question {
	int64_t tenant_id; /* 0: whosever the domain is */
	const char *domain;
	struct dkim_signing_keys *keys;
};

/* Those of the domain by itself, or as one that covers its subdomains. */
static bool keys_at(struct db *db, const struct question *question, const char *name,
		    struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "SELECT k.id, k.domain, k.selector, k.algorithm, k.sealed_under, k.sealed"
		     " FROM dkim_key k JOIN domain d ON d.name = k.domain"
		     " WHERE k.domain = ?1 AND k.state = 'active' AND (?2 = 0 OR d.tenant_id = ?2)"
		     " AND (?3 = 1 OR d.subdomains = 1) ORDER BY k.algorithm DESC",
		     err);

	if (!query)
		return false;
	db_bind_text(query, 1, name);
	db_bind_int(query, 2, question->tenant_id);
	db_bind_int(query, 3, name == question->domain);
	return read_keys(query, question->keys, err);
}

static bool keys_nearest(struct db *db, void *context, struct error *err)
{
	const struct question *question = context;
	const char *name = question->domain;

	for (; name; name = domain_parent(name)) {
		if (!keys_at(db, question, name, err))
			return false;
		if (question->keys->count > 0)
			return true;
	}
	return true;
}

bool dkim_keys_for_domain(struct policy_store *store, const struct policy *policy,
			  const char *domain, struct dkim_signing_keys *keys_r, struct error *err)
{
	struct question question = {policy->tenant_id, domain, keys_r};

	keys_r->count = 0;
	return policy_read(store, keys_nearest, &question, err);
}

static bool keys_exactly(struct db *db, void *context, struct error *err)
{
	const struct question *question = context;

	return keys_at(db, question, question->domain, err);
}

bool dkim_keys_of_domain(struct policy_store *store, const char *domain,
			 struct dkim_signing_keys *keys_r, struct error *err)
{
	struct question question = {0, domain, keys_r};

	keys_r->count = 0;
	return policy_read(store, keys_exactly, &question, err);
}
