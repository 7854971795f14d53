/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifies each arriving signature by itself, and removes what is not to stay. */
#include "milters/sign/own_signatures.h"
#include "common/dkim_verify.h"
#include "milters/chain/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SIGNATURE "DKIM-Signature"

/* A look-up's context: all of one message share the deadline. */
struct keys {
	struct dns *dns;
	int64_t deadline;
};

/* The value of a tag in RFC 6376's tag-list; NULL: it is not there. */
static const char *find_tag(const char *value, char tag, size_t *length_r)
{
	for (const char *at = value;;) {
		at += strspn(at, " \t\r\n;");
		if (*at == '\0')
			return NULL;
		if (at[0] == tag && at[1 + strspn(at + 1, " \t\r\n")] == '=') {
			at = strchr(at, '=') + 1;
			at += strspn(at, " \t\r\n");
			*length_r = strcspn(at, "; \t\r\n");
			return at;
		}
		at += strcspn(at, ";");
	}
}

bool own_signature_domain(const char *value, char domain_r[DOMAIN_SIZE])
{
	struct error unused;
	size_t length;
	const char *domain = find_tag(value, 'd', &length);

	return domain != NULL && domain_normalize(domain, length, domain_r, &unused);
}

/* RFC 6376 section 3.5: without these a header is no signature, and libopendkim refuses the message for it. */
static bool has_required_tags(const char *value)
{
	static const char required[] = "vabdhs";
	size_t length;

	for (const char *tag = required; *tag != '\0'; tag++) {
		if (find_tag(value, *tag, &length) == NULL)
			return false;
	}
	return true;
}

static enum found look_key_up(void *context, const char *name, char *record_r, size_t size)
{
	const struct keys *keys = context;
	struct dns_answer answer;
	struct error unused;
	enum found found = dns_ask(keys->dns, name, DNS_TXT, keys->deadline, &answer, &unused);

	if (found == FOUND_ONE)
		snprintf(record_r, size, "%s", answer.records[0].text);
	dns_answer_clear(&answer);
	return found;
}

/* The headers as they will leave, of the signatures only the one at `index`. */
static size_t gather(const struct message *message, size_t index, struct dkim_field *fields)
{
	size_t count = 0;

	for (size_t i = 0; i < message_header_count(message); i++) {
		const struct header *header = message_header_at(message, i);

		if (i == index || strcasecmp(header->name, SIGNATURE) != 0)
			fields[count++] = (struct dkim_field){header->name, header->value};
	}
	return count;
}

/* Is the signature known not to verify? What cannot be told is no reason to remove it. */
static bool is_wrong(struct dkim_verifier *verifier, const struct message *message, size_t index,
		     const struct own_check *check)
{
	struct dkim_message carried = {.body = check->body, .body_length = check->length};
	struct dkim_verdicts verdicts;
	struct dkim_field *fields;
	struct error unused;
	bool done;

	if (!has_required_tags(message_header_at(message, index)->value))
		return true;
	fields = memory_new(message_header_count(message), sizeof(*fields));
	carried.fields = fields;
	carried.field_count = gather(message, index, fields);
	done = dkim_verifier_run(verifier, &carried, &verdicts, &unused);
	free(fields);
	if (!done)
		return false;
	return verdicts.count == 0 || (verdicts.verdict[0].result != DKIM_RESULT_PASS &&
				       verdicts.verdict[0].result != DKIM_RESULT_TEMPERROR);
}

static bool remove_wrong(struct message *message, const struct own_check *check, struct error *err)
{
	struct keys keys = {check->dns, dns_deadline(check->timeout_ms)};
	struct dkim_verifier *verifier;
	size_t seen = 0;

	if (!dkim_verifier_new(look_key_up, &keys, &verifier, err))
		return false;
	for (size_t at = 0; message_header_find(message, SIGNATURE, at, &at);) {
		if (++seen > DKIM_VERIFY_MAX || is_wrong(verifier, message, at, check))
			message_header_delete(message, at);
		else
			at++;
	}
	dkim_verifier_free(verifier);
	return true;
}

static void remove_all(struct message *message)
{
	for (size_t at = 0; message_header_find(message, SIGNATURE, at, &at);)
		message_header_delete(message, at);
}

static void tell_domains(const struct message *message, struct sign_facts *facts)
{
	for (size_t at = 0; message_header_find(message, SIGNATURE, at, &at); at++) {
		if (facts->own_count < SIGN_OWN_MAX &&
		    own_signature_domain(message_header_at(message, at)->value,
					 facts->own[facts->own_count]))
			facts->own_count++;
	}
}

bool own_signatures(struct message *message, enum dkim_own setting, const struct own_check *check,
		    struct sign_facts *facts, struct error *err)
{
	size_t at;

	facts->own_count = 0;
	if (!message_header_find(message, SIGNATURE, 0, &at))
		return true;
	switch (setting) {
	case DKIM_OWN_KEEP:
		break;
	case DKIM_OWN_KEEP_VALID:
		if (check->body != NULL && !remove_wrong(message, check, err))
			return false;
		break;
	case DKIM_OWN_REMOVE:
		remove_all(message);
		break;
	}
	tell_domains(message, facts);
	return true;
}
