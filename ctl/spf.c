/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl spf: what a receiver's SPF check of one sender from one address comes to. */
#include "common/spf_check.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/resolver.h"
#include <string.h>

#define TIMEOUT_MS 20000 /* RFC 7208 section 4.6.4 */

static struct json *records_json(const struct spf_answer *answer)
{
	struct json *records = json_new_array();

	for (size_t i = 0; i < answer->record_count; i++) {
		struct json *record = json_new_object();

		json_put_text(record, "domain", answer->records[i].domain);
		json_put_text(record, "record", answer->records[i].text);
		json_append(records, record);
	}
	return records;
}

static struct json *answer_json(const struct spf_answer *answer)
{
	struct json *object = json_new_object();

	json_put_text(object, "result", spf_result_name(answer->result));
	json_put_text(object, "reason", answer->reason);
	json_put_text(object, "explanation", answer->explanation);
	json_put_number(object, "lookups", answer->lookups);
	json_put_number(object, "void_lookups", answer->voids);
	json_put_number(object, "ttl", answer->ttl);
	return object;
}

static void print_answer(const struct ctl *ctl, const struct spf_answer *answer)
{
	struct json *object = answer_json(answer);

	if (ctl->json)
		json_put(object, "records", records_json(answer));
	output_object(ctl, "result reason explanation lookups void_lookups ttl", object);
	if (!ctl->json)
		output_list(ctl, "domain record", records_json(answer));
}

/* Angle brackets and the empty sender are written as in SMTP. */
static bool read_sender(const struct ctl *ctl, char *sender_r, size_t size, struct error *err)
{
	const char *given = ctl_option(ctl, "--from");
	size_t length = strlen(given);
	bool brackets = length >= 2 && given[0] == '<' && given[length - 1] == '>';

	if (length >= size)
		return error_set(err, "--from: is longer than an address can be");
	memcpy(sender_r, given + brackets, length + 1 - brackets);
	if (brackets)
		sender_r[length - 2] = '\0';
	return true;
}

bool ctl_spf(struct ctl *ctl, struct error *err)
{
	const char *hostname = config_text(ctl->config, "hostname");
	char sender[512];
	struct spf_question question = {.helo = ctl_option(ctl, "--helo"), .sender = sender};
	struct spf_answer answer;
	struct dns *dns;

	question.receiver = hostname[0] ? hostname : NULL;
	if (!ip_parse(ctl_option(ctl, "--ip"), &question.client, err) ||
	    !read_sender(ctl, sender, sizeof(sender), err) || !resolver_new(ctl, &dns, err))
		return false;
	spf_check(dns, &question, TIMEOUT_MS, &answer);
	print_answer(ctl, &answer);
	ctl->findings = answer.result != SPF_PASS;
	spf_answer_clear(&answer);
	dns_free(dns);
	return true;
}
