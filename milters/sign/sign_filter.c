/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mail leaves without traces of the tenant's network, and signed for the tenant's domain.
 *
 * The last filter: the body is hashed as it passes; at the end the headers are made what will leave, and that
 * is signed. Whatever keeps a signature from being made is a tempfail, never unsigned mail.
 */
#include "milters/sign/sign_filter.h"
#include "common/log.h"
#include "milters/chain/identify.h"
#include "milters/chain/memory.h"
#include "milters/sign/complete_headers.h"
#include "milters/sign/hide_headers.h"
#include "milters/sign/hide_message_id.h"
#include "milters/sign/own_signatures.h"
#include "milters/sign/sign_body.h"
#include "milters/sign/signatures.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sign_filter {
	struct signer signer;
	struct dns *dns;
	const char *key_file; /* borrowed from the configuration */
	int verify_timeout_ms;
	size_t verify_max_bytes;
	char hostname[DOMAIN_SIZE];
};

struct sign_message {
	struct sign_body *body; /* NULL before the end of the headers */
	bool verifies;          /* keeps the body for that */
	struct sign_facts facts;
};

static bool read_hostname(const struct config *config, char hostname_r[DOMAIN_SIZE],
			  struct error *err)
{
	const char *configured = config_text(config, "hostname");
	char name[HOST_NAME_MAX + 1] = "";

	if (configured[0] == '\0' && gethostname(name, sizeof(name)) != 0)
		return error_set(err, "this host has no name; set option hostname");
	snprintf(hostname_r, DOMAIN_SIZE, "%s", configured[0] != '\0' ? configured : name);
	return true;
}

static bool sign_start(const struct filter_context *context, void **process_r, struct error *err)
{
	const struct config *config = context->config;
	struct sign_filter *filter = memory_new(1, sizeof(*filter));

	filter->signer.policies = context->policies;
	filter->key_file = config_text(config, "dkim.key_file");
	filter->verify_timeout_ms = (int)config_number(config, "dkim.verify_timeout");
	filter->verify_max_bytes = (size_t)config_number(config, "dkim.verify_max_bytes");
	if (!read_hostname(config, filter->hostname, err) ||
	    !dns_new(config_text(config, "dns.servers"), (int)config_number(config, "dns.timeout"),
		     &filter->dns, err)) {
		free(filter);
		return false;
	}
	filter->signer.cache =
	    dkim_key_cache_new(filter->key_file, (size_t)config_number(config, "dkim.keys_cached"));
	*process_r = filter;
	return true;
}

static void sign_stop(void *process)
{
	struct sign_filter *filter = process;

	dkim_key_cache_free(filter->signer.cache);
	dns_free(filter->dns);
	free(filter);
}

static void *sign_message_new(void *process)
{
	(void)process;
	return memory_new(1, sizeof(struct sign_message));
}

static void sign_message_free(void *state)
{
	struct sign_message *own = state;

	sign_body_free(own->body);
	free(own);
}

static int64_t setting(const struct message *message, enum setting_id id)
{
	return message->policy->settings[id].number;
}

static enum verdict sign_eoh(struct session *session, struct message *message)
{
	struct sign_filter *filter = filter_process(session);
	struct sign_message *own = filter_message(session);
	enum verdict verdict = message_identify(session, message, filter->signer.policies);
	size_t at;

	if (verdict != VERDICT_CONTINUE)
		return verdict;
	own->verifies = setting(message, SETTING_DKIM_OWN_SIGNATURES) == DKIM_OWN_KEEP_VALID &&
			message_header_find(message, "DKIM-Signature", 0, &at);
	own->body = sign_body_new(own->verifies ? filter->verify_max_bytes : 0);
	return VERDICT_CONTINUE;
}

/* What an earlier filter put in place of the body is what will leave. */
static void take_new_body(const struct sign_filter *filter, const struct message *message,
			  struct sign_message *own)
{
	size_t length;
	const void *octets = message_new_body(message, &length);

	if (octets == NULL)
		return;
	sign_body_free(own->body);
	own->body = sign_body_new(own->verifies ? filter->verify_max_bytes : 0);
	sign_body_add(own->body, octets, length);
}

static enum verdict sign_chunk(struct session *session, struct message *message, const void *chunk,
			       size_t length)
{
	struct sign_message *own = filter_message(session);

	(void)message;
	sign_body_add(own->body, chunk, length);
	return VERDICT_CONTINUE;
}

static void gather_from(const struct message *message, struct sign_facts *facts)
{
	struct error doubt;
	size_t first = 0, at;

	for (at = 0; message_header_find(message, "From", at, &at); at++) {
		if (facts->from_count++ == 0)
			first = at;
	}
	facts->from_is_clear =
	    facts->from_count == 1 &&
	    from_header_parse(message_header_at(message, first)->value, &facts->from, &doubt);
	facts->policy = message->policy;
	facts->is_held = message->decision.verdict == DECISION_QUARANTINE;
	facts->is_suspect = message->decision.way == WAY_SUSPECT;
}

/* RFC 3463 X.7.5: cryptographic failure. What it is goes to our log. */
static enum verdict failed(struct message *message, const struct error *err)
{
	log_error("%s: signing failed: %s", message->decision.queue_id, err->text);
	return message_tempfail(message, "4.7.5", "The relay cannot sign this message now");
}

static bool rewrite_ids(const struct sign_filter *filter, struct message *message,
			const struct hide_words *words, struct error *err)
{
	struct hide_ids ids = {.domain = filter->hostname, .words = words};
	struct key_file file;

	switch (key_file_load(filter->key_file, &file, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(err, "key file %s: is not there, and hide.message_id needs it",
				 filter->key_file);
	case FOUND_ONE:
		break;
	}
	ids.key = file.key;
	hide_message_ids(message, &ids);
	key_file_wipe(&file);
	return true;
}

/* Logged at once, whatever becomes of the message: the trace is all that is left of these headers. */
static bool hide(const struct sign_filter *filter, const struct session *session,
		 struct message *message, const struct sign_facts *facts, struct error *err)
{
	struct hide_words *words = memory_new(1, sizeof(*words));
	struct hide_trace trace = {0};
	bool done = true;

	words->is_public[0] = facts->from_is_clear ? facts->from.domain[0] : NULL;
	words->is_public[1] = message->sender.is_null ? NULL : message->sender.domain;
	hide_headers(message, session, words, &trace);
	if (trace.count > 0)
		log_info("hidden id=%s tenant=%s count=%zu headers=\"%s\"",
			 message->decision.queue_id, message->policy->tenant, trace.count,
			 trace.text);
	if (setting(message, SETTING_HIDE_MESSAGE_ID) != 0)
		done = rewrite_ids(filter, message, words, err);
	free(words);
	return done;
}

/* The headers become what will leave, signatures aside. */
static bool prepare(const struct sign_filter *filter, const struct session *session,
		    struct message *message, struct sign_message *own, time_t now,
		    struct error *err)
{
	struct sign_facts *facts = &own->facts;
	struct own_check check = {.dns = filter->dns, .timeout_ms = filter->verify_timeout_ms};
	const char *domain = filter->hostname;

	if (setting(message, SETTING_HIDE_SERVER) != 0 &&
	    !hide(filter, session, message, facts, err))
		return false;
	if (facts->from_is_clear && policy_owns_domain(message->policy, facts->from.domain[0]))
		domain = facts->from.domain[0];
	else if (!message->sender.is_null)
		domain = message->sender.domain;
	check.body = sign_body_text(own->body, &check.length);
	return complete_headers(message, domain, now, err) &&
	       own_signatures(message, (enum dkim_own)setting(message, SETTING_DKIM_OWN_SIGNATURES),
			      &check, facts, err);
}

static enum verdict without_key(struct message *message, const char *domain)
{
	switch ((enum dkim_required)setting(message, SETTING_DKIM_REQUIRED)) {
	case DKIM_REQUIRED_NO:
		message_remark(message, "not signed: %s has no active DKIM key", domain);
		return VERDICT_CONTINUE;
	case DKIM_REQUIRED_TEMPFAIL:
		break;
	case DKIM_REQUIRED_REJECT:
		return message_reject(message, "5.7.5", "%s has no active DKIM key to sign with",
				      domain);
	}
	return message_tempfail(message, "4.7.5", "%s has no active DKIM key to sign with", domain);
}

static enum verdict sign_for_provider(const struct sign_filter *filter, struct message *message,
				      const struct signing *signing)
{
	const char *name = message->policy->settings[SETTING_DKIM_PROVIDER_DOMAIN].text;
	char domain[DOMAIN_SIZE];
	struct error err;
	size_t count;

	if (name == NULL || name[0] == '\0')
		return VERDICT_CONTINUE;
	if (!domain_normalize(name, strlen(name), domain, &err)) {
		error_prefix(&err, "setting dkim.provider_domain: ");
		return failed(message, &err);
	}
	if (!signatures_add_provider(message, &filter->signer, signing, domain, &count, &err))
		return failed(message, &err);
	if (count == 0)
		message_remark(message, "not signed by the provider: %s has no active DKIM key",
			       domain);
	return VERDICT_CONTINUE;
}

static enum verdict sign(const struct sign_filter *filter, struct message *message,
			 const struct sign_facts *facts, const struct signing *signing)
{
	const char *domain;
	enum sign_ruling ruling = sign_select(facts, &domain);
	enum verdict verdict = VERDICT_CONTINUE;
	struct error err;
	size_t count;

	if (domain == NULL)
		message_remark(message, "%s", sign_ruling_text(ruling));
	else if (!signatures_add(message, &filter->signer, signing, domain, &count, &err))
		return failed(message, &err);
	else if (count == 0)
		verdict = without_key(message, domain);
	if (verdict != VERDICT_CONTINUE || !sign_ruling_is_own_mail(ruling))
		return verdict;
	return sign_for_provider(filter, message, signing);
}

static enum verdict sign_eom(struct session *session, struct message *message)
{
	const struct sign_filter *filter = filter_process(session);
	struct sign_message *own = filter_message(session);
	unsigned char digest[CRYPTO_HASH_BYTES];
	struct signing signing = {.digest = digest, .now = time(NULL)};
	struct error err;

	take_new_body(filter, message, own);
	sign_body_finish(own->body, digest);
	gather_from(message, &own->facts);
	if (!prepare(filter, session, message, own, signing.now, &err))
		return failed(message, &err);
	return sign(filter, message, &own->facts, &signing);
}

const struct filter sign_filter = {
    .name = "sign",
    .purpose = "hides the tenant's network and signs for the tenant's domain",
    .needs_body = true,
    .changes = FILTER_CHANGES_HEADERS,
    .start = sign_start,
    .stop = sign_stop,
    .message_new = sign_message_new,
    .message_free = sign_message_free,
    .eoh = sign_eoh,
    .body = sign_chunk,
    .eom = sign_eom,
};
