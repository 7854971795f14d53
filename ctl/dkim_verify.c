/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl dkim verify: what the signatures of a message on standard input are worth. */
#include "common/dkim_verify.h"
#include "ctl/check_message.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/resolver.h"
#include <err.h>
#include <stdlib.h>
#include <string.h>

/* A record that does not fit holds no key that we would take. */
static enum found look_up(void *context, const char *name, char *record_r, size_t size)
{
	struct dns_answer answer;
	struct error err;
	enum found found = dns_ask(context, name, DNS_TXT, 0, &answer, &err);

	if (found == FOUND_ONE && answer.records[0].length < size)
		memcpy(record_r, answer.records[0].text, answer.records[0].length + 1);
	else if (found == FOUND_ONE)
		found = FOUND_NONE;
	dns_answer_clear(&answer);
	return found;
}

static struct json *verdict_json(const struct dkim_verdict *verdict)
{
	struct json *object = json_new_object();

	json_put_text(object, "result", dkim_result_name(verdict->result));
	json_put_text(object, "domain", verdict->domain);
	json_put_text(object, "selector", verdict->selector);
	json_put_text(object, "algorithm", verdict->algorithm);
	json_put_number(object, "key_bits", verdict->key_bits);
	json_put_text(object, "reason", verdict->reason);
	return object;
}

/* One array with the text's columns; the JSON says too how many were passed over. */
static void print_rows(const struct ctl *ctl, struct json *rows, size_t ignored)
{
	struct json *object;

	if (ctl->json) {
		object = json_new_object();
		json_put(object, "signatures", rows);
		json_put_number(object, "ignored", (int64_t)ignored);
		json_print(object, stdout);
		json_drop(object);
		return;
	}
	if (json_count(rows) == 0)
		puts("no signature");
	output_list(ctl, "result domain selector algorithm key_bits reason", rows);
	if (ignored > 0)
		printf("%zu more signatures were not looked at\n", ignored);
}

/* It is a finding when no signature is good. */
static void print_verdicts(struct ctl *ctl, const struct dkim_verdicts *verdicts)
{
	struct json *rows = json_new_array();

	ctl->findings = true;
	for (size_t i = 0; i < verdicts->count; i++) {
		if (verdicts->verdict[i].result == DKIM_RESULT_PASS)
			ctl->findings = false;
		json_append(rows, verdict_json(&verdicts->verdict[i]));
	}
	print_rows(ctl, rows, verdicts->ignored);
}

static bool verify(struct ctl *ctl, struct dns *dns, const struct milter_message *message,
		   struct error *err)
{
	const struct pairs *headers = &message->headers;
	struct dkim_field *fields = calloc(headers->count + 1, sizeof(*fields));
	struct dkim_verifier *verifier;
	struct dkim_verdicts verdicts;
	bool done;

	if (!fields)
		errx(1, "memory");
	for (size_t i = 0; i < headers->count; i++)
		fields[i] = (struct dkim_field){headers->items[i].name, headers->items[i].value};
	done = dkim_verifier_new(look_up, dns, &verifier, err);
	if (done) {
		struct dkim_message carried = {fields, headers->count, message->body,
					       message->body_length};

		done = dkim_verifier_run(verifier, &carried, &verdicts, err);
		dkim_verifier_free(verifier);
	}
	free(fields);
	if (done)
		print_verdicts(ctl, &verdicts);
	return done;
}

bool ctl_dkim_verify(struct ctl *ctl, struct error *err)
{
	struct milter_message message;
	struct dns *dns;
	bool done;

	if (!check_message_read(stdin, &message, err))
		return false;
	done = resolver_new(ctl, &dns, err);
	if (done) {
		done = verify(ctl, dns, &message, err);
		dns_free(dns);
	}
	check_message_free(&message);
	return done;
}
